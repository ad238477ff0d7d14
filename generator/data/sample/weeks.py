"""ISO weeks of the sample: bulletins 2015-W01 to 2016-W26, exposures 2016-W17 to W26.

Source: ISO 8601 weeks; 2015 has a week 53.
"""

from datetime import date, timedelta
from typing import Final

DATA_DAY: Final = date(2016, 7, 3)  # Sunday of 2016-W26; nothing in the sample is later


def week_name(day: date) -> str:
    """The ISO week of a day, such as 2016-W26."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def week_monday(week: str) -> date:
    """The Monday of an ISO week written as 2016-W26."""
    return date.fromisocalendar(int(week[:4]), int(week[6:]), 1)


def list_weeks(first: str, last: str) -> list[str]:
    """All ISO weeks from the first to the last, both included."""
    weeks = []
    day = week_monday(first)
    while day <= week_monday(last):
        weeks.append(week_name(day))
        day += timedelta(days=7)
    return weeks


BULLETIN_WEEKS: Final = tuple(list_weeks("2015-W01", "2016-W26"))
EXPOSURE_WEEKS: Final = tuple(list_weeks("2016-W17", "2016-W26"))
