"""What happened, as one dated list: stages of projects, exposures, penalties, corrections, changes.

Feeds are cut from it by place. Every item has an id made of the record's own key, so that a reader
sees it once, however often the site is built.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from generator.data.load import Dataset
from generator.domain.absence import read_absence
from generator.domain.changes import ADDED, CHANGED, Change, ChangeLog
from generator.domain.correction import Correction, Target
from generator.domain.exposure import CASE_TABLE, Case
from generator.domain.project import Project
from generator.domain.weeks import parse_week

CORRECTION: Final = "correction_no"
"""Stands as `owner_field` for an entry of the correction log."""
_NEWS_BY_THEMSELVES: Final = frozenset(
    {"ledger_event", CASE_TABLE, "penalty_rectification", "correction"}
)
"""Tables whose new rows are told with their own dates: the commit is not told besides."""


@dataclass(frozen=True, slots=True)
class NewsItem:
    """One thing that happened on a day."""

    item_id: str
    """Made of the table and the record's key; the same in every build."""
    day: dt.date
    title: str
    text: str
    owner_field: str
    """Column that names the record with the page, e.g. `ledger_no`; empty where there is none."""
    owner_key: str
    division_code: str
    """Where it happened; empty for the whole province."""


def list_news(
    dataset: Dataset,
    projects: Sequence[Project],
    cases: Sequence[Case],
    corrections: Sequence[Correction],
    targets: Mapping[str, Target],
    changes: ChangeLog,
) -> tuple[NewsItem, ...]:
    """Everything that happened, the newest first; on one day in the order of the ids."""
    profile = dataset["enterprise_profile"].text
    sites: dict[str, tuple[str, str]] = {
        site: (name, division)
        for site, name, division in profile.select(
            "site_code", "ent_name", "division_code"
        ).iter_rows()
    }
    places = {
        **{("ledger_no", project.ledger_no): project.division_code for project in projects},
        **{("case_no", case.case_no): case.division_code for case in cases},
        **{("site_code", site): division for site, (_, division) in sites.items()},
    }
    items = chain(
        _tell_stages(projects),
        _tell_cases(cases),
        _tell_penalties(dataset, sites),
        _tell_corrections(corrections, targets, places),
        _tell_changes(changes.changes),
    )
    return tuple(sorted(items, key=lambda item: (-item.day.toordinal(), item.item_id)))


def _tell_stages(projects: Iterable[Project]) -> Iterator[NewsItem]:
    for project in projects:
        for event in project.events:
            yield NewsItem(
                f"ledger_event/{event.event_no}",
                event.event_date,
                f"{project.name}：{event.stage}",
                f"台账项目 {project.ledger_no}（{project.violation_type}，"
                f"建设单位 {project.owner_name}）进入“{event.stage}”。",
                "ledger_no",
                project.ledger_no,
                project.division_code,
            )


def _tell_cases(cases: Iterable[Case]) -> Iterator[NewsItem]:
    """A case is news on the last day of its week, a withdrawn one without what it said."""
    for case in cases:
        taken_back = case.withdrawal is not None
        yield NewsItem(
            f"{CASE_TABLE}/{case.case_no}",
            parse_week(case.iso_week).end,
            f"曝光案件 {case.case_no} 已撤回"
            if taken_back
            else f"曝光：{case.ent_name}，{case.violation_type}",
            f"编号 {case.case_no} 的案件已撤回，原有内容不再公开。" if taken_back else case.facts,
            "case_no",
            case.case_no,
            case.division_code,
        )


def _tell_penalties(dataset: Dataset, sites: Mapping[str, tuple[str, str]]) -> Iterator[NewsItem]:
    table = dataset["penalty_rectification"]
    columns = ("decision_no", "site_code", "violation_type", "measure_kind", "fine", "authority")
    for (number, site, violation, measures, fine, authority), day in zip(
        table.text.select(columns).iter_rows(), table.values["decision_date"], strict=True
    ):
        if day is None or site not in sites:
            continue
        name, division = sites[site]
        amount = "" if read_absence(fine) is not None else f"，罚款 {fine} 万元"
        yield NewsItem(
            f"penalty_rectification/{number}",
            day,
            f"处罚决定：{name}，{violation}",
            f"{authority}作出 {number}：{measures}{amount}。",
            "site_code",
            site,
            division,
        )


def _tell_corrections(
    corrections: Iterable[Correction],
    targets: Mapping[str, Target],
    places: Mapping[tuple[str, str], str],
) -> Iterator[NewsItem]:
    for entry in corrections:
        target = targets[entry.number]
        state = "已办结" if entry.resolved else "办理中"
        yield NewsItem(
            f"correction/{entry.number}/{'resolved' if entry.resolved else 'received'}",
            entry.resolved or entry.received,
            f"{entry.kind}（{state}）：{target.name or target.table_title}",
            entry.reason,
            CORRECTION,
            entry.number,
            places.get((target.owner_field, target.owner_key), ""),
        )


def _tell_changes(changes: Iterable[Change]) -> Iterator[NewsItem]:
    for change in changes:
        if change.kind == ADDED and change.table in _NEWS_BY_THEMSELVES:
            continue
        yield NewsItem(
            f"commit/{change.commit}/{change.table}/{change.key}",
            change.day,
            f"{change.owner_name or change.key}：{change.table_title}{change.kind}",
            describe_change(change),
            change.owner_field,
            change.owner_key,
            change.division_code,
        )


def describe_change(change: Change) -> str:
    """A change in one sentence: each field with what it said and what it says."""
    if change.kind != CHANGED:
        return f"“{change.table_title}”{change.kind}一行（{change.key}）。"
    if not change.fields:
        return f"“{change.table_title}”的一行有改动；记录已撤回，内容不再公开。"
    moves = "；".join(
        f"{field.title}：{field.old or '（空）'} → {field.new or '（空）'}"
        for field in change.fields
    )
    return f"{moves}。"
