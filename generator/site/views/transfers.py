"""The page of transfers: exposed cases handed to the police, by week and by place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator.domain.exposure import Case, group_by_division, tally_cases
from generator.domain.place import Gazetteer
from generator.site import routes
from generator.site.pages import Page
from generator.site.views.exposure_parts import (
    MEASURE_TITLES,
    Link,
    link_case,
    link_firm,
    link_place,
)
from generator.site.views.text import format_count
from generator.site.views.week_labels import label_week

TRANSFERS = ("detention", "crime_transfer")
"""The measures that hand a case on, by their names in a tally."""


@dataclass(frozen=True, slots=True)
class TransferRow:
    """A week's or a place's transfers; each number leads to its cases."""

    name: Link
    counts: tuple[Link, ...]
    total: str


@dataclass(frozen=True, slots=True)
class TransferGroup:
    """The cases behind a number."""

    anchor: str
    title: str
    cases: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class TransferTable:
    """The transfers by week or by place, with the cases behind the numbers."""

    title: str
    head: str
    rows: tuple[TransferRow, ...]
    groups: tuple[TransferGroup, ...]


@dataclass(frozen=True, slots=True)
class TransferLine:
    """A case that was handed on."""

    case: Link
    week: Link
    place: Link
    firm: str
    violation_type: str
    measures: str


@dataclass(frozen=True, slots=True)
class TransfersView:
    """All transfers."""

    lead: str
    titles: tuple[str, ...]
    total: TransferRow
    tables: tuple[TransferTable, ...]
    lines: tuple[TransferLine, ...]
    bulletins_route: str
    weeks_route: str


def transfers_page(cases: Sequence[Case], gazetteer: Gazetteer) -> Page:
    """The one page, from all cases; withdrawn ones count nowhere."""
    chosen = [case for case in cases if case.withdrawal is None and _is_transferred(case)]
    by_week: dict[str, list[Case]] = {}
    for case in sorted(chosen, key=lambda case: case.case_no):
        by_week.setdefault(case.iso_week, []).append(case)
    weeks = {week: tuple(by_week[week]) for week in sorted(by_week, reverse=True)}
    names = {week: Link(label_week(week), routes.week_route(week)) for week in weeks}
    by_place = group_by_division(chosen)
    places = {code: link_place(code, gazetteer) for code in by_place}
    tally = tally_cases(chosen)
    view = TransfersView(
        lead=f"曝光案件中移送公安机关 {format_count(tally.police_transfers)} 件，"
        f"其中移送行政拘留 {format_count(tally.detention)} 件、"
        f"移送涉嫌犯罪 {format_count(tally.crime_transfer)} 件，"
        f"涉及案件 {format_count(len(chosen))} 起。",
        titles=tuple(MEASURE_TITLES[name] for name in TRANSFERS),
        total=_row(Link("合计", ""), chosen, ""),
        tables=(
            _table("按期", "期次", weeks, names),
            _table("按地区", "地区", by_place, places),
        ),
        lines=tuple(
            TransferLine(
                case=link_case(case),
                week=names[case.iso_week],
                place=places[case.division_code],
                firm=case.ent_name,
                violation_type=case.violation_type,
                measures="、".join(
                    MEASURE_TITLES[name] for name in TRANSFERS if case.has_measure(name)
                ),
            )
            for case in sorted(chosen, key=lambda case: case.case_no, reverse=True)
        ),
        bulletins_route=routes.BULLETINS,
        weeks_route=routes.WEEKS,
    )
    return Page(
        routes.TRANSFERS,
        "transfers",
        "移送公安机关的曝光案件",
        f"按期、按地区列出移送行政拘留和移送涉嫌犯罪的曝光案件。{view.lead}",
        view,
    )


def _is_transferred(case: Case) -> bool:
    return any(case.has_measure(name) for name in TRANSFERS)


def _table(
    title: str, head: str, sets: Mapping[str, Sequence[Case]], names: Mapping[str, Link]
) -> TransferTable:
    return TransferTable(
        title,
        head,
        tuple(_row(names[key], own, key) for key, own in sets.items()),
        tuple(_groups(sets, names)),
    )


def _row(name: Link, cases: Sequence[Case], key: str) -> TransferRow:
    """A row of numbers; without a key they lead to the list of all cases."""
    counts = [(measure, sum(case.has_measure(measure) for case in cases)) for measure in TRANSFERS]
    return TransferRow(
        name,
        tuple(
            Link(
                format_count(count),
                f"{routes.TRANSFERS}#{_anchor(key, measure) if key else 'cases'}" if count else "",
            )
            for measure, count in counts
        ),
        format_count(sum(count for _, count in counts)),
    )


def _groups(
    sets: Mapping[str, Sequence[Case]], names: Mapping[str, Link]
) -> Iterator[TransferGroup]:
    for key, own in sets.items():
        for measure in TRANSFERS:
            chosen = [case for case in own if case.has_measure(measure)]
            if chosen:
                yield TransferGroup(
                    _anchor(key, measure),
                    f"{names[key].text} · {MEASURE_TITLES[measure]}（{format_count(len(chosen))}）",
                    tuple(link_firm(case) for case in chosen),
                )


def _anchor(key: str, measure: str) -> str:
    return f"t-{key}-{'crime' if measure == 'crime_transfer' else measure}"
