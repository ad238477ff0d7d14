"""Which published numbers move between two states of the province.

Nothing is counted here: both sides are counted by the same functions that the pages use, and
what differs is listed with its value before and after.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from generator.domain.bulletin import BulletinRow, Tally, group_by_week, sum_rows
from generator.domain.disclosure import NO_SITES, Rate
from generator.domain.exposure import Case, tally_cases
from generator.domain.figures import Figure
from generator.domain.library import Library

if TYPE_CHECKING:
    import pandas as pd

WHOLE: Final = ""
"""Stands in place of a division code for the sum over all divisions."""

BECAME_BELOW: Final = "跌破底线"
BECAME_REACHED: Final = "回到底线"
STAYS_BELOW: Final = "仍低于底线"
STAYS_REACHED: Final = "仍不低于底线"

BECAME_OVERDUE: Final = "变为逾期"
NOT_OVERDUE: Final = "不再逾期"
CLOSED: Final = "销号"
REOPENED: Final = "退回"

EXPOSURE_COLUMNS: Final[Mapping[str, str]] = {
    "listed": "曝光案件（起）",
    "withdrawn": "已撤回（起）",
    "fine": "罚款（万元）",
    "daily_penalty": "按日连续处罚（起）",
    "seizure": "查封扣押（起）",
    "limit_stop": "限产停产（起）",
    "detention": "移送行政拘留（起）",
    "crime_transfer": "移送涉嫌犯罪（起）",
}
"""Columns of `exposure.CaseTally`, with their words."""
BULLETIN_COLUMNS: Final[Mapping[str, str]] = {
    "cases_opened": "立案数（件）",
    "fine": "罚款合计（万元）",
    "daily_penalty": "按日连续处罚（件）",
    "seizure": "查封扣押（件）",
    "limit_stop": "限产停产（件）",
    "detention": "移送行政拘留（件）",
    "crime_transfer": "移送涉嫌犯罪（件）",
    "eia_refused": "暂缓或不予审批环评项目（个）",
    "eia_refused_invest": "暂缓或不予审批涉及投资（万元）",
}
"""Columns of `bulletin.Tally`, with their words."""


@dataclass(frozen=True, slots=True)
class Move:
    """A number before and after; None where that side does not have it."""

    key: str
    """What it is of: a division code, a column, or a plain word."""
    title: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class FigureMove:
    """A published figure that moves, or whose parts do."""

    figure_id: str
    title: str
    unit: str
    old: str | None
    new: str | None
    part_title: str
    parts: tuple[Move, ...]
    """Only those that moved."""


@dataclass(frozen=True, slots=True)
class RateMove:
    """A county whose disclosure changed, and what that means for the floor."""

    division_code: str
    name: str
    old: Rate
    new: Rate
    crossing: str


@dataclass(frozen=True, slots=True)
class TallyMove:
    """A week's sum that changed. `division_code` is `WHOLE` for all divisions together."""

    iso_week: str
    division_code: str
    name: str
    columns: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class ProjectMove:
    """A ledger project that became overdue, stopped being so, was struck off or came back."""

    ledger_no: str
    name: str
    kind: str


def compare_figures(old: Library, new: Library) -> tuple[FigureMove, ...]:
    """Figures whose value or parts differ, in the order of the registry."""
    before = {figure.figure_id: figure for figure in old.figures}
    after = {figure.figure_id: figure for figure in new.figures}
    moves: list[FigureMove] = []
    for figure_id in dict.fromkeys((*after, *before)):
        one, other = before.get(figure_id), after.get(figure_id)
        parts = tuple(_compare_parts(one, other, {**old.gazetteer.names, **new.gazetteer.names}))
        was, now = (_spell(figure.value) if figure else None for figure in (one, other))
        shown = other or one
        if shown is not None and (parts or was != now):
            moves.append(
                FigureMove(figure_id, shown.title, shown.unit, was, now, shown.part_title, parts)
            )
    return tuple(moves)


def _compare_parts(
    old: Figure | None, new: Figure | None, names: Mapping[str, str]
) -> Iterator[Move]:
    before, after = (
        {part.key: _spell(part.value) for part in figure.parts} if figure else {}
        for figure in (old, new)
    )
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            yield Move(key, names.get(key, key), before.get(key), after.get(key))


def compare_rates(old: Library, new: Library, floor: int) -> tuple[RateMove, ...]:
    """Counties whose listed, suspended or disclosed sites changed in number, by code."""
    before, after = (_rate_counties(library.frames.enterprises) for library in (old, new))
    return tuple(
        RateMove(code, new.gazetteer.name(code), was, now, _describe_crossing(was, now, floor))
        for code in sorted(before.keys() | after.keys())
        if (was := before.get(code, NO_SITES)) != (now := after.get(code, NO_SITES))
    )


def _rate_counties(enterprises: pd.DataFrame) -> Mapping[str, Rate]:
    return {
        str(county): Rate(
            listed=int(group["listed"].sum()),
            suspended=int(group["suspended"].sum()),
            disclosed=int(group["disclosed"].sum()),
        )
        for county, group in enterprises.groupby("county", sort=True)
    }


def _describe_crossing(old: Rate, new: Rate, floor: int) -> str:
    if old.below(floor):
        return STAYS_BELOW if new.below(floor) else BECAME_REACHED
    return BECAME_BELOW if new.below(floor) else STAYS_REACHED


def compare_exposures(old: Library, new: Library) -> tuple[TallyMove, ...]:
    """Weekly exposure tallies that differ: of the week as a whole, then of each division."""
    before, after = (_tally_exposures(library.cases) for library in (old, new))
    return _compare_tallies(before, after, EXPOSURE_COLUMNS, new)


def _tally_exposures(cases: Iterable[Case]) -> Mapping[tuple[str, str], Mapping[str, str]]:
    """By week and division, the columns that are not zero; withdrawn cases have no division."""
    groups: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in cases:
        groups[case.iso_week, WHOLE].append(case)
        if case.division_code:
            groups[case.iso_week, case.division_code].append(case)
    return {
        place: {name: _spell(getattr(tally, name)) for name in EXPOSURE_COLUMNS}
        for place, own in groups.items()
        for tally in (tally_cases(own),)
    }


def compare_bulletins(old: Library, new: Library) -> tuple[TallyMove, ...]:
    """Weekly bulletin sums that differ, over all divisions."""
    before, after = (_tally_bulletins(library.bulletin) for library in (old, new))
    return _compare_tallies(before, after, BULLETIN_COLUMNS, new)


def _tally_bulletins(
    rows: Iterable[BulletinRow],
) -> Mapping[tuple[str, str], Mapping[str, str]]:
    sums: Mapping[str, Tally] = {week: sum_rows(own) for week, own in group_by_week(rows).items()}
    return {
        (week, WHOLE): {name: _spell(getattr(tally, name)) for name in BULLETIN_COLUMNS}
        for week, tally in sums.items()
    }


def _compare_tallies(
    before: Mapping[tuple[str, str], Mapping[str, str]],
    after: Mapping[tuple[str, str], Mapping[str, str]],
    columns: Mapping[str, str],
    new: Library,
) -> tuple[TallyMove, ...]:
    moves: list[TallyMove] = []
    for week, division in sorted(before.keys() | after.keys()):
        was, now = before.get((week, division), {}), after.get((week, division), {})
        moved = tuple(
            Move(name, title, was.get(name), now.get(name))
            for name, title in columns.items()
            # A week that one side does not have counts as zeros: a tally of nothing is 0.
            if was.get(name, "0") != now.get(name, "0")
        )
        if moved:
            name = "合计" if division == WHOLE else new.gazetteer.name(division)
            moves.append(TallyMove(week, division, name, moved))
    return tuple(moves)


def compare_projects(old: Library, new: Library) -> tuple[ProjectMove, ...]:
    """Projects whose overdue or closed state differs, by ledger number; each side as of its date.

    A new project counts as one that was neither overdue nor closed.
    """
    before = {
        project.ledger_no: (project.overdue(old.data_date), project.closed)
        for project in old.projects
    }
    moves: list[ProjectMove] = []
    for project in new.projects:
        was_overdue, was_closed = before.get(project.ledger_no, (False, False))
        overdue = project.overdue(new.data_date)
        if overdue and not was_overdue:
            moves.append(ProjectMove(project.ledger_no, project.name, BECAME_OVERDUE))
        if was_overdue and not overdue:
            moves.append(ProjectMove(project.ledger_no, project.name, NOT_OVERDUE))
        if project.closed != was_closed:
            kind = CLOSED if project.closed else REOPENED
            moves.append(ProjectMove(project.ledger_no, project.name, kind))
    return tuple(moves)


def _spell(value: int | Decimal) -> str:
    """A number as plain digits, equal values in equal spelling."""
    if isinstance(value, int):
        return str(value)
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
