"""Working days: weekends, holidays, and the weekend days that make up for them."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from generator.data import workdays
from generator.data.workdays import add_workdays, is_workday

NOTICES = Path(workdays.__file__).with_suffix(".toml")


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2016-06-08", True),
        ("2016-06-09", False),  # Dragon Boat Festival, a Thursday
        ("2016-06-11", False),  # a Saturday
        ("2016-06-12", True),  # a Sunday that makes up for Friday
        ("2015-09-03", False),  # the holiday of a notice of its own
    ],
)
def test_a_day_is_worked_by_the_notice_and_else_by_the_week(day: str, worked: bool) -> None:
    assert is_workday(date.fromisoformat(day)) is worked


@pytest.mark.parametrize(
    ("day", "last"),
    [("2016-06-07", "2016-06-17"), ("2016-03-04", "2016-03-15"), ("2015-12-30", "2016-01-11")],
)
def test_a_term_begins_on_the_day_after(day: str, last: str) -> None:
    assert add_workdays(date.fromisoformat(day), 7) == date.fromisoformat(last)


def test_a_term_that_runs_into_an_unknown_year_has_no_end() -> None:
    assert add_workdays(date(2026, 12, 28), 7) is None
    assert add_workdays(date(2009, 1, 1), 7) is None


def test_a_notice_moves_only_days_that_the_week_says_otherwise_of() -> None:
    for year, notice in tomllib.loads(NOTICES.read_text(encoding="utf-8")).items():
        off = [date.fromisoformat(f"{year}-{day}") for day in notice["off"]]
        work = [date.fromisoformat(f"{year}-{day}") for day in notice["work"]]
        assert all(day.weekday() < 5 for day in off), year
        assert all(day.weekday() >= 5 for day in work), year
        assert notice["source"], year
