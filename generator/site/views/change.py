"""Pages of what the dataset's commits changed: one for each week with changes, and their list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from generator.domain.changes import CHANGED, Change, ChangeLog, UntoldChange
from generator.domain.place import Gazetteer
from generator.domain.weeks import find_week
from generator.site import routes
from generator.site.pages import Page
from generator.site.views.exposure_parts import Link, link_place
from generator.site.views.record_links import route_record
from generator.site.views.text import format_count
from generator.site.views.visible import reveal_controls
from generator.site.views.week_labels import label_days, label_week

LISTED: Final = 1_000
"""Rows that a week's page lists; every one stands on its record's own page besides."""
EMPTY: Final = "（空）"


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field of a changed row: what it said and what it says."""

    title: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One changed row as pages show it."""

    day: str
    kind: str
    table: str
    record: Link
    place: Link
    fields: tuple[FieldLine, ...]
    hidden: bool
    """Whether it changed but says nothing more, since the record was taken back."""
    commit: str


@dataclass(frozen=True, slots=True)
class ChangeWeekView:
    """What `pages/change.html.jinja` sees."""

    week: str
    days: str
    count: str
    lines: tuple[ChangeLine, ...]
    left_off: str
    """How many rows more there are than are listed; empty for none."""
    notes: tuple[str, ...]
    earlier: Link | None
    later: Link | None
    archive_route: str


@dataclass(frozen=True, slots=True)
class WeekLine:
    """A week in the list, with how many rows changed in it."""

    title: Link
    days: str
    count: str


@dataclass(frozen=True, slots=True)
class ChangeListView:
    """What `pages/change-list.html.jinja` sees."""

    begins: str
    """The day from which on changes are known; empty where the dataset has no history."""
    complete: bool
    weeks: tuple[WeekLine, ...]
    feed_route: str


def change_pages(log: ChangeLog, gazetteer: Gazetteer) -> Iterator[Page]:
    """The list of weeks, the newest first, and each week with changes."""
    weeks: dict[str, list[Change]] = defaultdict(list)
    notes: dict[str, list[UntoldChange]] = defaultdict(list)
    for change in log.changes:
        weeks[find_week(change.day).code].append(change)
    for untold in log.untold:
        notes[find_week(untold.day).code].append(untold)
    codes = sorted({*weeks, *notes})
    yield _list_page(log, [(code, len(weeks[code])) for code in reversed(codes)])
    for place, code in enumerate(codes):
        earlier = _link_week(codes[place - 1]) if place else None
        later = _link_week(codes[place + 1]) if place + 1 < len(codes) else None
        yield _week_page(code, weeks[code], notes[code], (earlier, later), gazetteer)


def show_changes(changes: Sequence[Change]) -> tuple[ChangeLine, ...]:
    """The changes of one record, for its own page, which needs no link to itself."""
    return tuple(_show(change, Link(change.key, ""), Link("", "")) for change in changes)


def _list_page(log: ChangeLog, weeks: Sequence[tuple[str, int]]) -> Page:
    return Page(
        routes.CHANGES,
        "change-list",
        "数据变更记录",
        "数据集每周改动了哪些记录：原来写的是什么，现在写的是什么。",
        ChangeListView(
            begins=log.begins.isoformat() if log.begins else "",
            complete=log.complete,
            weeks=tuple(
                WeekLine(_link_week(code), label_days(code), format_count(count))
                for code, count in weeks
            ),
            feed_route=routes.FEED,
        ),
    )


def _week_page(
    code: str,
    changes: Sequence[Change],
    untold: Sequence[UntoldChange],
    neighbours: tuple[Link | None, Link | None],
    gazetteer: Gazetteer,
) -> Page:
    listed = changes[:LISTED]
    view = ChangeWeekView(
        week=label_week(code),
        days=label_days(code),
        count=format_count(len(changes)),
        lines=tuple(
            _show(change, _link_record(change), _link_county(change, gazetteer))
            for change in listed
        ),
        left_off=format_count(len(changes) - len(listed)) if len(changes) > len(listed) else "",
        notes=tuple(f"{note.table_title}（{note.commit}）：{note.note}" for note in untold),
        earlier=neighbours[0],
        later=neighbours[1],
        archive_route=routes.CHANGES,
    )
    return Page(
        routes.changes_route(code),
        "change",
        f"数据变更 {view.week}",
        f"{view.week}（{view.days}）数据集改动的记录，共 {view.count} 行。",
        view,
    )


def _show(change: Change, record: Link, place: Link) -> ChangeLine:
    return ChangeLine(
        day=change.day.isoformat(),
        kind=change.kind,
        table=change.table_title,
        record=record,
        place=place,
        fields=tuple(
            FieldLine(
                field.title,
                reveal_controls(field.old) or EMPTY,
                reveal_controls(field.new) or EMPTY,
            )
            for field in change.fields
        ),
        hidden=change.kind == CHANGED and not change.fields,
        commit=change.commit,
    )


def _link_record(change: Change) -> Link:
    name = f"{change.owner_name}（{change.key}）" if change.owner_name else change.key
    return Link(reveal_controls(name), route_record(change.owner_field, change.owner_key))


def _link_county(change: Change, gazetteer: Gazetteer) -> Link:
    return link_place(change.division_code, gazetteer) if change.division_code else Link("", "")


def _link_week(code: str) -> Link:
    return Link(label_week(code), routes.changes_route(code))
