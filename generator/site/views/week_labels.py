"""How weeks, days and money of the weekly pages are worded, in one place."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from generator.domain.absence import Absence
from generator.domain.bulletin import change_per_cent
from generator.domain.weeks import parse_week
from generator.site.views.text import format_amount, group_digits

MONEY_PLACES = 4
"""Decimals of an amount in 万元 that keep it exact to the yuan."""
OPEN = "进行中"
UNDECIDED = "尚未决定"
PENDING = "办理中"
NO_DAY = "日期未登记"


def label_week(code: str) -> str:
    """`2016-W26` as 2016年第26周."""
    week = parse_week(code)
    return f"{week.year}年第{week.number}周"


def label_days(code: str) -> str:
    """The days of a week, 6月27日—7月3日; with years where it crosses New Year."""
    week = parse_week(code)
    start, end = week.start, week.end
    if start.year == end.year:
        return f"{start.month}月{start.day}日—{end.month}月{end.day}日"
    return f"{label_day(start)}—{label_day(end)}"


def label_day(day: dt.date) -> str:
    """2016年7月3日."""
    return f"{day.year}年{day.month}月{day.day}日"


def label_issue(number: int) -> str:
    """第10期."""
    return f"第{number}期"


def label_resolved(day: dt.date | None) -> str:
    """2016-06-24 办结, or that the matter is still pending."""
    return f"{day.isoformat()} 办结" if day else PENDING


def format_fine(fine: Decimal | Absence) -> tuple[str | Absence, str]:
    """A fine and its unit, 万元.

    An empty cell says 尚未决定, which is what the schema asks it to mean; a fine of 0 is a number.
    """
    if isinstance(fine, Decimal):
        return format_amount(fine, MONEY_PLACES), "万元"
    return (UNDECIDED if fine is Absence.NOT_REPORTED else fine), ""


def format_change(now: int | Decimal, before: int | Decimal | None, places: int = 1) -> str:
    """The change against a year before, `+159%`, or in words why there is none."""
    if before is None:
        return "无上年同期通报"
    change = change_per_cent(now, before, places)
    if change is None:
        return "上年同期为0"
    if now == before:
        return "持平"
    return f"{'+' if now > before else '−'}{group_digits(str(abs(change)))}%"
