"""The public log of corrections, statements, withdrawals and objections turned down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator.domain.correction import KINDS, Correction, Target
from generator.domain.exposure import Case
from generator.site import routes
from generator.site.pages import Page
from generator.site.views.exposure_parts import Link
from generator.site.views.record_links import route_record
from generator.site.views.text import format_count
from generator.site.views.week_labels import label_resolved, label_week

_MEANINGS: Mapping[str, str] = {
    "更正": "数据有误，已经改正",
    "企业说明": "企业对记录的自述，不代表行政机关的认定",
    "撤回": "记录不再公开，原页面只留理由和日期",
    "异议未采纳": "经核实，记录维持原样",
}


@dataclass(frozen=True, slots=True)
class KindLine:
    """A kind of entry, what it means and how many there are."""

    kind: str
    meaning: str
    count: str


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One entry; `record` leads to the record's page where it has one."""

    number: str
    kind: str
    table: str
    record: Link
    received: str
    resolved: str
    reason: str


@dataclass(frozen=True, slots=True)
class CorrectionListView:
    """The whole log, newest first."""

    kinds: tuple[KindLine, ...]
    entries: tuple[LogEntry, ...]


def correction_pages(
    corrections: Sequence[Correction], targets: Mapping[str, Target], cases: Sequence[Case]
) -> Iterator[Page]:
    """The log page.

    Args:
        corrections: All entries.
        targets: What each entry points at, by its number.
        cases: All exposed cases, which name their firms; a withdrawn one has no name.

    """
    firms = {case.case_no: case.ent_name for case in cases}
    counts = Counter(entry.kind for entry in corrections)
    newest_first = sorted(
        corrections, key=lambda entry: (entry.received, entry.number), reverse=True
    )
    view = CorrectionListView(
        kinds=tuple(KindLine(k, _MEANINGS[k], format_count(counts[k])) for k in KINDS),
        entries=tuple(
            LogEntry(
                number=entry.number,
                kind=entry.kind,
                table=targets[entry.number].table_title,
                record=_link_record(entry, targets[entry.number], firms),
                received=entry.received.isoformat(),
                resolved=label_resolved(entry.resolved),
                reason=entry.reason,
            )
            for entry in newest_first
        ),
    )
    yield Page(
        routes.CORRECTIONS,
        "correction-list",
        "更正、说明与撤回",
        "本站记录的更正、企业说明、撤回和未采纳的异议，附收到和办结日期、理由。",
        view,
    )


def _link_record(entry: Correction, target: Target, firms: Mapping[str, str]) -> Link:
    """The record by its name where it has one, with its key, leading to its page."""
    name = target.name
    if target.owner_field == "case_no":
        name = firms.get(target.owner_key, "")
    elif target.owner_field == "iso_week":
        name = label_week(target.owner_key)
    text = f"{name}（{entry.target_key}）" if name else entry.target_key
    return Link(text, route_record(target.owner_field, target.owner_key))
