"""Working days by the State Council's holiday notices, make-up days included.

Source: workdays.toml beside this module, a section a year.
"""

import tomllib
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Final

_FILE: Final = Path(__file__).parent / "workdays.toml"
_SATURDAY: Final = 5
_ONE_DAY: Final = timedelta(days=1)


@cache
def _read_moved_days() -> dict[date, bool]:
    """The days that a notice moves, and whether they are worked."""
    years = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {
        date.fromisoformat(f"{year}-{day}"): worked
        for year, notice in years.items()
        for worked, days in ((False, notice["off"]), (True, notice["work"]))
        for day in days
    }


@cache
def _read_years() -> frozenset[int]:
    return frozenset(day.year for day in _read_moved_days())


def is_workday(day: date) -> bool:
    """Whether the day is worked: Monday to Friday, save for what a notice moves."""
    return _read_moved_days().get(day, day.weekday() < _SATURDAY)


def add_workdays(day: date, count: int) -> date | None:
    """The last day of a term of `count` working days, the first of which follows `day`.

    None where the term runs into a year whose holidays are not known.
    """
    while count:
        day += _ONE_DAY
        if day.year not in _read_years():
            return None
        count -= is_workday(day)
    return day
