"""Pages of 一周一通报: the week's table by county, compared with a year before, and the archive."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from generator.config import Campaign
from generator.domain.bulletin import (
    MEASURES,
    BulletinRow,
    Excess,
    Tally,
    find_excess,
    find_year_before,
    group_by_prefecture,
    group_by_week,
    sum_rows,
)
from generator.domain.exposure import Case, tally_cases
from generator.domain.place import Gazetteer
from generator.site import routes
from generator.site.pages import Page
from generator.site.views.bulletin_archive import archive_page
from generator.site.views.bulletin_columns import (
    COLUMNS,
    Column,
    describe_columns,
    format_value,
    format_values,
    link_bulletin,
)
from generator.site.views.exposure_parts import MEASURE_TITLES, Link, link_place, tally_anchor
from generator.site.views.text import format_amount, format_count
from generator.site.views.week_labels import (
    MONEY_PLACES,
    format_change,
    label_days,
    label_week,
)


@dataclass(frozen=True, slots=True)
class Change:
    """A figure of the week, of the same week a year before, and the change between them."""

    title: str
    unit: str
    now: str
    before: str
    change: str


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A county's, prefecture's or the province's numbers, and how many cases were exposed."""

    place: Link
    values: tuple[str, ...]
    exposed: str
    exposed_route: str


@dataclass(frozen=True, slots=True)
class PrefectureBlock:
    """A prefecture's subtotal with its counties."""

    subtotal: PlaceRow
    counties: tuple[PlaceRow, ...]


@dataclass(frozen=True, slots=True)
class BulletinView:
    """One week's bulletin."""

    week: str
    days: str
    lead: str
    columns: tuple[Column, ...]
    changes: tuple[Change, ...]
    year_before: Link | None
    exposure: str
    exposure_route: str
    consistent: str
    excesses: tuple[str, ...]
    blocks: tuple[PrefectureBlock, ...]
    total: PlaceRow
    earlier: Link | None
    later: Link | None
    archive_route: str


def bulletin_pages(
    rows: Sequence[BulletinRow], cases: Sequence[Case], gazetteer: Gazetteer, campaign: Campaign
) -> Iterator[Page]:
    """The archive, then each week's bulletin, oldest first.

    Args:
        rows: All rows of the bulletin.
        cases: All exposed cases; each week's are counted beside its bulletin.
        gazetteer: Names of the places and their prefectures.
        campaign: The run of weeks that the archive adds up apart.

    """
    by_week = group_by_week(rows)
    sums = {week: sum_rows(own) for week, own in by_week.items()}
    exposed: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        exposed[case.iso_week].append(case)
    weeks = list(by_week)
    yield archive_page(rows, sums, exposed, campaign)
    answering = {week for week in weeks if exposed and min(exposed) <= week <= max(exposed)}
    for place, week in enumerate(weeks):
        earlier = link_bulletin(weeks[place - 1]) if place else None
        later = link_bulletin(weeks[place + 1]) if place + 1 < len(weeks) else None
        yield _week_page(
            week,
            by_week[week],
            sums,
            exposed.get(week, ()),
            gazetteer,
            (earlier, later),
            routes.week_route(week) if week in answering else "",
        )


def _week_page(
    week: str,
    rows: Sequence[BulletinRow],
    sums: Mapping[str, Tally],
    cases: Collection[Case],
    gazetteer: Gazetteer,
    neighbours: tuple[Link | None, Link | None],
    exposure_route: str,
) -> Page:
    """A week's page; `exposure_route` is empty before the first exposure and after the last."""
    total, found = sums[week], find_year_before(sums, week)
    before = found[1] if found else None
    standing = tally_cases(cases).standing
    exposed = _count_by_division(cases)
    excesses = find_excess(rows, cases)
    view = BulletinView(
        week=label_week(week),
        days=label_days(week),
        lead=_lead(total, len(rows)),
        columns=describe_columns(),
        changes=tuple(_change(column, total, before) for column in COLUMNS),
        year_before=link_bulletin(found[0]) if found else None,
        exposure=_exposure_words(cases),
        exposure_route=exposure_route,
        consistent=_consistency_words(standing, total, excesses),
        excesses=tuple(_excess_words(excess, gazetteer) for excess in excesses),
        blocks=tuple(
            PrefectureBlock(
                _place_row(
                    _name_link(group.code, gazetteer),
                    group.subtotal,
                    sum(exposed.get(row.division_code, 0) for row in group.counties),
                    "",
                ),
                tuple(
                    _place_row(
                        _name_link(row.division_code, gazetteer),
                        row.tally,
                        exposed.get(row.division_code, 0),
                        f"{routes.week_route(week)}#{tally_anchor(row.division_code)}",
                    )
                    for row in group.counties
                ),
            )
            for group in group_by_prefecture(rows, gazetteer)
        ),
        total=_place_row(
            Link("合计", ""), total, standing, f"{routes.week_route(week)}#{tally_anchor('all')}"
        ),
        earlier=neighbours[0],
        later=neighbours[1],
        archive_route=routes.BULLETINS,
    )
    return Page(
        routes.bulletin_route(week),
        "bulletin",
        f"一周一通报 {view.week}（{view.days}）",
        f"{view.week}环境执法通报：{view.lead}",
        view,
    )


def _lead(total: Tally, counties: int) -> str:
    return (
        f"本周 {format_count(counties)} 个县（市、区）立案查处环境违法案件 "
        f"{format_count(total.cases_opened)} 件，"
        f"罚款 {format_amount(total.fine, MONEY_PLACES)} 万元，"
        f"移送公安机关 {format_count(total.police_transfers)} 件。"
    )


def _change(column: tuple[str, str, str], now: Tally, before: Tally | None) -> Change:
    name, title, unit = column
    return Change(
        title,
        unit,
        format_value(name, now),
        format_value(name, before) if before else "—",
        format_change(getattr(now, name), getattr(before, name) if before else None),
    )


def _place_row(place: Link, tally: Tally, exposed: int, exposed_route: str) -> PlaceRow:
    return PlaceRow(
        place, format_values(tally), format_count(exposed), exposed_route if exposed else ""
    )


def _count_by_division(cases: Collection[Case]) -> Mapping[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for case in cases:
        if case.withdrawal is None:
            counts[case.division_code] += 1
    return counts


def _exposure_words(cases: Collection[Case]) -> str:
    tally = tally_cases(cases)
    if not tally.listed:
        return "本周无曝光案件。"
    if not tally.standing:
        return f"本周曝光的 {format_count(tally.listed)} 起案件均已撤回。"
    words = "、".join(
        f"{MEASURE_TITLES[name]} {format_count(getattr(tally, name))} 件"
        for name in MEASURES
        if getattr(tally, name)
    )
    line = (
        f"本周公开曝光其中 {format_count(tally.standing)} 起典型案件"
        f"（罚款 {format_amount(tally.fine, MONEY_PLACES)} 万元"
    )
    return line + (f"；{words}）。" if words else "）。")


def _consistency_words(standing: int, total: Tally, excesses: Sequence[Excess]) -> str:
    if not standing:
        return ""
    if excesses:
        return (
            f"通报与曝光有 {format_count(len(excesses))} 处对不上：曝光数大于当地通报数。"
            "曝光按公布的那一周计，通报按立案、决定的那一周计，跨周办理的案件会出现这种情况。"
        )
    return (
        f"通报与曝光一致：立案 {format_count(total.cases_opened)} 件包含曝光的 "
        f"{format_count(standing)} 起，各县（市、区）曝光的案件数、罚款和各项措施数均不超过通报数。"
    )


def _excess_words(excess: Excess, gazetteer: Gazetteer) -> str:
    _, title, unit = next(column for column in COLUMNS if column[0] == excess.column)
    exposed, reported = (
        format_amount(Decimal(number), MONEY_PLACES) for number in (excess.exposed, excess.reported)
    )
    place = gazetteer.full_name(excess.division_code)
    return f"{place} · {title}：曝光 {exposed} {unit}，通报 {reported} {unit}"


def _name_link(code: str, gazetteer: Gazetteer) -> Link:
    """A short name, since the table already stands under its prefecture."""
    return Link(gazetteer.name(code), link_place(code, gazetteer).route)
