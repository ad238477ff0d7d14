"""The campaign block of the bulletin archive: sums of its weeks against the same a year before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from generator.config import Campaign
from generator.domain.bulletin import BulletinRow, change_per_cent, compare_weeks
from generator.domain.weeks import Week, find_week, weeks_between
from generator.site.views.text import format_count, group_digits
from generator.site.views.week_labels import format_change, label_day, label_week


@dataclass(frozen=True, slots=True)
class CampaignFigure:
    """A campaign figure with its change, and the sum that gives the change."""

    title: str
    value: str
    unit: str
    change: str
    formula: str


@dataclass(frozen=True, slots=True)
class CampaignView:
    """A named run of whole weeks."""

    title: str
    days: str
    weeks: str
    before_weeks: str
    figures: tuple[CampaignFigure, ...]


def make_campaign(campaign: Campaign, rows: Sequence[BulletinRow]) -> CampaignView:
    """What the campaign's weeks add up to, each figure with its year-on-year formula."""
    first, last = find_week(campaign.start), find_week(campaign.end)
    compared = compare_weeks(rows, first, last)
    now, before = compared.now, compared.before
    pairs = (
        ("立案", now.cases_opened, before.cases_opened if before else None),
        ("移送公安机关", now.police_transfers, before.police_transfers if before else None),
    )
    count = weeks_between(first, last) + 1
    return CampaignView(
        title=campaign.title,
        days=f"{label_day(campaign.start)}—{label_day(campaign.end)}",
        weeks=f"{_span(first, last)}，共 {format_count(count)} 周",
        before_weeks=_span(compared.weeks_before[0], compared.weeks_before[-1]) if before else "",
        figures=tuple(
            CampaignFigure(title, format_count(n), "件", format_change(n, b, 0), _formula(n, b))
            for title, n, b in pairs
        ),
    )


def _span(first: Week, last: Week) -> str:
    end = f"第{last.number}周" if first.year == last.year else label_week(last.code)
    return f"{label_week(first.code)}至{end}"


def _formula(now: int, before: int | None) -> str:
    """（6,333 − 2,445）÷ 2,445 × 100% = 159.02%; empty where there is no change to compute."""
    change = None if before is None else change_per_cent(now, before, 2)
    if before is None or change is None:
        return ""
    return (
        f"（{format_count(now)} − {format_count(before)}）÷ {format_count(before)} × 100% = "
        f"{group_digits(str(change)).replace('-', '−')}%"
    )
