"""Pages of 一周一通报: the week's table by county, compared with a year before, and the archive."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

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
from generator.domain.weeks import parse_week
from generator.site import routes
from generator.site.pages import Page
from generator.site.views.campaign import CampaignView, make_campaign
from generator.site.views.exposure_parts import MEASURE_TITLES, Link, link_place, tally_anchor
from generator.site.views.text import format_amount, format_count
from generator.site.views.week_labels import (
    MONEY_PLACES,
    format_change,
    label_day,
    label_days,
    label_week,
)

COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("cases_opened", "立案", "件"),
    ("fine", "罚款", "万元"),
    *((name, MEASURE_TITLES[name], "件") for name in MEASURES),
    ("eia_refused", "暂缓或不予审批环评", "个"),
    ("eia_refused_invest", "涉及投资", "万元"),
)
"""Columns of every bulletin table: field of `Tally`, title, unit."""
_AMOUNTS = frozenset({"fine", "eia_refused_invest"})
_TEN_THOUSANDS = 10_000  # 万元 in an 亿元


@dataclass(frozen=True, slots=True)
class Column:
    """A column's title and unit."""

    title: str
    unit: str


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


@dataclass(frozen=True, slots=True)
class WeekRow:
    """A week in the archive."""

    week: Link
    days: str
    values: tuple[str, ...]
    exposed: str
    exposed_route: str


@dataclass(frozen=True, slots=True)
class YearBlock:
    """A year of the archive, newest week first, with its sum."""

    year: int
    week_count: str
    weeks: tuple[WeekRow, ...]
    total: tuple[str, ...]
    exposed: str


@dataclass(frozen=True, slots=True)
class Total:
    """A figure of the whole archive."""

    title: str
    value: str
    unit: str


@dataclass(frozen=True, slots=True)
class BulletinListView:
    """The archive of bulletins."""

    span: str
    week_count: str
    totals: tuple[Total, ...]
    campaign: CampaignView
    columns: tuple[Column, ...]
    years: tuple[YearBlock, ...]
    weeks_route: str


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
    yield _archive_page(rows, sums, exposed, campaign)
    for place, week in enumerate(weeks):
        earlier = _week_link(weeks[place - 1]) if place else None
        later = _week_link(weeks[place + 1]) if place + 1 < len(weeks) else None
        yield _week_page(
            week, by_week[week], sums, exposed.get(week, ()), gazetteer, (earlier, later)
        )


def _week_page(
    week: str,
    rows: Sequence[BulletinRow],
    sums: Mapping[str, Tally],
    cases: Collection[Case],
    gazetteer: Gazetteer,
    neighbours: tuple[Link | None, Link | None],
) -> Page:
    total, found = sums[week], find_year_before(sums, week)
    before = found[1] if found else None
    standing = tally_cases(cases).standing
    exposed = _count_by_division(cases)
    excesses = find_excess(rows, cases)
    view = BulletinView(
        week=label_week(week),
        days=label_days(week),
        lead=_lead(total, len(rows)),
        columns=tuple(Column(title, unit) for _, title, unit in COLUMNS),
        changes=tuple(_change(column, total, before) for column in COLUMNS),
        year_before=_week_link(found[0]) if found else None,
        exposure=_exposure_words(cases),
        exposure_route=routes.week_route(week) if cases else "",
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
        f"{format_count(total.cases_opened)} 件，罚款 {format_amount(total.fine, MONEY_PLACES)} 万元，"
        f"移送公安机关 {format_count(total.police_transfers)} 件。"
    )


def _change(column: tuple[str, str, str], now: Tally, before: Tally | None) -> Change:
    name, title, unit = column
    return Change(
        title,
        unit,
        _format_value(name, now),
        _format_value(name, before) if before else "—",
        format_change(getattr(now, name), getattr(before, name) if before else None),
    )


def _format_value(name: str, tally: Tally) -> str:
    value = getattr(tally, name)
    return format_amount(value, MONEY_PLACES) if name in _AMOUNTS else format_count(value)


def _format_values(tally: Tally) -> tuple[str, ...]:
    return tuple(_format_value(name, tally) for name, _, _ in COLUMNS)


def _place_row(place: Link, tally: Tally, exposed: int, exposed_route: str) -> PlaceRow:
    return PlaceRow(
        place, _format_values(tally), format_count(exposed), exposed_route if exposed else ""
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
        f"{format_count(standing)} 起，各县（市、区）曝光案件数和各项措施数均不超过通报数。"
    )


def _excess_words(excess: Excess, gazetteer: Gazetteer) -> str:
    title = {name: title for name, title, _ in COLUMNS}[excess.column]
    return (
        f"{gazetteer.full_name(excess.division_code)} · {title}：曝光 "
        f"{format_count(excess.exposed)} 件，通报 {format_count(excess.reported)} 件"
    )


def _archive_page(
    rows: Sequence[BulletinRow],
    sums: Mapping[str, Tally],
    exposed: Mapping[str, Collection[Case]],
    campaign: Campaign,
) -> Page:
    weeks = list(sums)
    years = sorted({parse_week(week).year for week in weeks}, reverse=True)
    span = ""
    if weeks:
        first, last = parse_week(weeks[0]), parse_week(weeks[-1])
        span = f"{label_day(first.start)}—{label_day(last.end)}"
    view = BulletinListView(
        span=span,
        week_count=format_count(len(weeks)),
        totals=_totals(sum_rows(rows)),
        campaign=make_campaign(campaign, rows),
        columns=tuple(Column(title, unit) for _, title, unit in COLUMNS),
        years=tuple(_year_block(year, sums, exposed) for year in years),
        weeks_route=routes.WEEKS,
    )
    return Page(
        routes.BULLETINS,
        "bulletin-list",
        "一周一通报",
        "每周通报各县（市、区）立案查处、罚款、五项强制和移送措施，按年查阅，附累计数和同比。",
        view,
    )


def _totals(total: Tally) -> tuple[Total, ...]:
    """The whole archive; 亿元 where 万元 would be too long to read, with 万元 in the tables."""
    figures = [
        Total("查处环境违法案件", format_count(total.cases_opened), "件"),
        Total("罚款", format_amount(total.fine / _TEN_THOUSANDS, 2), "亿元"),
    ]
    figures += [
        Total(MEASURE_TITLES[name], format_count(getattr(total, name)), "件") for name in MEASURES
    ]
    invest = format_amount(total.eia_refused_invest / _TEN_THOUSANDS, 2)
    figures.append(Total("暂缓或不予审批环评项目", format_count(total.eia_refused), "个"))
    figures.append(Total("暂缓或不予审批项目涉及投资", invest, "亿元"))
    return tuple(figures)


def _year_block(
    year: int, sums: Mapping[str, Tally], exposed: Mapping[str, Collection[Case]]
) -> YearBlock:
    weeks = [week for week in sums if parse_week(week).year == year]
    total, shown = Tally(), 0
    lines: list[WeekRow] = []
    for week in weeks:
        own = exposed.get(week, ())
        standing = tally_cases(own).standing
        total, shown = total + sums[week], shown + standing
        lines.append(
            WeekRow(
                Link(f"第{parse_week(week).number}周", routes.bulletin_route(week)),
                label_days(week),
                _format_values(sums[week]),
                format_count(standing),
                routes.week_route(week) if own else "",
            )
        )
    return YearBlock(
        year,
        format_count(len(weeks)),
        tuple(reversed(lines)),
        _format_values(total),
        format_count(shown),
    )


def _name_link(code: str, gazetteer: Gazetteer) -> Link:
    """A short name, since the table already stands under its prefecture."""
    return Link(gazetteer.name(code), link_place(code, gazetteer).route)


def _week_link(code: str) -> Link:
    return Link(label_week(code), routes.bulletin_route(code))
