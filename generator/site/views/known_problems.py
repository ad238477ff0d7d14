"""Known problems of the data: what the check found and was no reason to hold the data back.

An overdue plan or a project without acceptance may be true of the world, and to leave the record
out would hide the case. So the record is published, and here stands what is odd about it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from generator.data.issue import Issue
from generator.data.issue_groups import IssueGroup, group_issues
from generator.data.load import Dataset, LoadedTable
from generator.data.reports import find_kind
from generator.errors import RouteError
from generator.site import routes
from generator.site.pages import Page
from generator.site.views.exposure_parts import Link
from generator.site.views.text import format_count

_EXAMPLES = 10  # records listed of a group: enough to see what is meant; the table has all
_WORDS = {"warning": "待核实", "notice": "说明"}
_TONES = {"warning": "warn", "notice": "plain"}
_QUIET_CODES = frozenset({"R19"})
"""Where personal data may stand is not said aloud."""
_OWNERS = (
    ("case_no", routes.case_route),
    ("ledger_no", routes.project_route),
    ("site_code", routes.enterprise_route),
    ("iso_week", routes.bulletin_route),
)
"""Fields whose record has a page, the nearest first."""


@dataclass(frozen=True, slots=True)
class ProblemRecord:
    """A record with the problem: its page, and its row in the table's file."""

    record: Link
    row: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One kind of problem at one field of one table."""

    anchor: str
    code: str
    title: str
    word: str
    tone: str
    meaning: str
    source: str
    table: Link
    field: str
    count: str
    records: tuple[ProblemRecord, ...]
    more: str
    """How many records are not listed; empty where all are."""
    quiet: bool
    """Whether the records are not named, to protect the persons in them."""


@dataclass(frozen=True, slots=True)
class KnownProblemsView:
    """All problems, warnings first."""

    total: str
    problems: tuple[Problem, ...]
    corrections: str
    downloads: str


def known_problems_page(issues: Sequence[Issue], dataset: Dataset) -> Page:
    """The page of the check's warnings and notices; errors never come this far."""
    told = [issue for issue in issues if issue.severity != "error"]
    tables = {dataset.catalog.table(name).relative_path: name for name in dataset.tables}
    names = _read_names(dataset)
    problems = tuple(
        _view_problem(
            number,
            group,
            dataset[tables[group.first.file]] if group.first.file in tables else None,
            names,
        )
        for number, group in enumerate(group_issues(told), start=1)
    )
    return Page(
        route=routes.KNOWN_PROBLEMS,
        kind="known-problems",
        title="已知数据问题",
        description="数据检查发现而没有妨碍公开的问题：是什么意思，涉及哪些记录，各有多少。",
        view=KnownProblemsView(
            total=format_count(len(told)),
            problems=problems,
            corrections=routes.CORRECTIONS,
            downloads=routes.DOWNLOADS,
        ),
    )


def _read_names(dataset: Dataset) -> Mapping[str, str]:
    if "enterprise_profile" not in dataset.tables:
        return {}
    profile = dataset["enterprise_profile"].text
    return dict(profile.select("site_code", "ent_name").iter_rows())


def _view_problem(
    number: int, group: IssueGroup, loaded: LoadedTable | None, names: Mapping[str, str]
) -> Problem:
    first, kind = group.first, find_kind(group.first)
    quiet = first.code in _QUIET_CODES
    shown = () if quiet else tuple(_list_records(group, loaded, names))
    rows = len({issue.row for issue in group.issues})
    left = 0 if quiet else rows - len(shown)
    return Problem(
        anchor=f"p{number}",
        code=first.code,
        title=first.title,
        word=_WORDS[first.severity],
        tone=_TONES[first.severity],
        meaning=kind.plain,
        source=kind.source,
        table=_link_table(first, loaded),
        field=first.field_title,
        count=format_count(group.count),
        records=shown,
        more=format_count(left) if left else "",
        quiet=quiet,
    )


def _link_table(issue: Issue, loaded: LoadedTable | None) -> Link:
    if loaded is None:
        return Link(issue.file, "")
    return Link(loaded.table.title, routes.dictionary_route(loaded.table.name))


def _list_records(
    group: IssueGroup, loaded: LoadedTable | None, names: Mapping[str, str]
) -> list[ProblemRecord]:
    rows = list(dict.fromkeys(issue.row for issue in group.issues if issue.row is not None))
    return [
        ProblemRecord(_link_record(row, loaded, names), format_count(row))
        for row in rows[:_EXAMPLES]
    ]


def _link_record(row: int, loaded: LoadedTable | None, names: Mapping[str, str]) -> Link:
    """The page of the row's record.

    Only enterprises are named: other records may be withdrawn, and then their words stand nowhere.
    """
    if loaded is None or not 0 <= row - 2 < loaded.text.height:
        return Link("", "")
    for field, make_route in _OWNERS:
        if field in loaded.text.columns:
            code = str(loaded.text.item(row - 2, field))
            try:
                return Link(names.get(code, code), make_route(code))
            except RouteError:
                return Link(code, "")
    return Link(" / ".join(loaded.text.item(row - 2, key) for key in loaded.table.primary_key), "")
