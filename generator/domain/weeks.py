"""ISO 8601 weeks, by which exposures and bulletins are numbered.

A week runs from Monday to Sunday and belongs to the year of its Thursday: 2016-01-01 is a day of
2015-W53, and 2016 has no week 53.

Source: ISO 8601 / GB/T 7408, week dates; rule R18 of the dataset.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from generator.errors import DatasetError

_CODE = re.compile(r"([0-9]{4})-W([0-9]{2})")
_DAYS = 7


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """An ISO week that exists in the calendar; make it with `parse_week` or `find_week`."""

    year: int
    """The ISO year, which differs from the calendar year around New Year."""
    number: int

    @property
    def code(self) -> str:
        """How the week is written in tables and addresses: `2016-W26`."""
        return f"{self.year:04d}-W{self.number:02d}"

    @property
    def start(self) -> dt.date:
        """The Monday."""
        return dt.date.fromisocalendar(self.year, self.number, 1)

    @property
    def end(self) -> dt.date:
        """The Sunday."""
        return dt.date.fromisocalendar(self.year, self.number, _DAYS)


def parse_week(code: str) -> Week:
    """The week that `code` names, e.g. `2016-W26`.

    Raises:
        DatasetError: The code has another form, or the year has no such week.

    """
    match = _CODE.fullmatch(code)
    if match:
        week = Week(int(match[1]), int(match[2]))
        if week.year >= 1 and 1 <= week.number <= count_weeks(week.year):
            return week
    raise DatasetError(
        f"期次 {code!r} 不是存在的 ISO 周；应写成 2016-W26 的形式，且该年确有这一周"
        "（多数年份只有 52 周）。请更正数据中的期次。"
    )


def count_weeks(year: int) -> int:
    """How many weeks an ISO year has, 52 or 53: 28 December always lies in the last one."""
    return dt.date(year, 12, 28).isocalendar().week


def find_week(day: dt.date) -> Week:
    """The week that a day belongs to."""
    year, number, _ = day.isocalendar()
    return Week(year, number)


def list_weeks(first: Week, last: Week) -> Iterator[Week]:
    """Every week from `first` to `last`, both included, in order; none if `last` is earlier."""
    day = first.start
    while day <= last.start:
        yield find_week(day)
        day += dt.timedelta(days=_DAYS)


def weeks_between(first: Week, last: Week) -> int:
    """How many weeks lie from `first` to `last`: 0 for the same one, negative if backwards."""
    return (last.start - first.start).days // _DAYS


def week_a_year_before(week: Week) -> Week | None:
    """The week of the same number in the year before; None for a week 53 that it did not have."""
    if week.number > count_weeks(week.year - 1):
        return None
    return Week(week.year - 1, week.number)
