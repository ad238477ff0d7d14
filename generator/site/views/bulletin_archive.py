"""The archive of bulletins: every week by year, what they add up to, and the campaign."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from generator.config import Campaign
from generator.domain.bulletin import MEASURES, BulletinRow, Tally, sum_rows
from generator.domain.exposure import Case, tally_cases
from generator.domain.weeks import parse_week
from generator.site import routes
from generator.site.pages import Page
from generator.site.views.bulletin_columns import Column, describe_columns, format_values
from generator.site.views.campaign import CampaignView, make_campaign
from generator.site.views.exposure_parts import MEASURE_TITLES, Link
from generator.site.views.text import format_amount, format_count
from generator.site.views.week_labels import label_day, label_days

_TEN_THOUSANDS = 10_000  # 万元 in an 亿元


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


def archive_page(
    rows: Sequence[BulletinRow],
    sums: Mapping[str, Tally],
    exposed: Mapping[str, Collection[Case]],
    campaign: Campaign,
) -> Page:
    """The archive page.

    Args:
        rows: All rows of the bulletin.
        sums: Their sum by week, weeks in order.
        exposed: The exposed cases of each week that has any.
        campaign: The run of weeks added up apart.

    """
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
        columns=describe_columns(),
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
                format_values(sums[week]),
                format_count(standing),
                routes.week_route(week) if own else "",
            )
        )
    return YearBlock(
        year,
        format_count(len(weeks)),
        tuple(reversed(lines)),
        format_values(total),
        format_count(shown),
    )
