"""Months and days of the sample's period, July 2013 to the data date."""

import random
from datetime import date, timedelta
from typing import NamedTuple

DATA_DATE = date(2016, 7, 3)


class Month(NamedTuple):
    """A calendar month; compares by time, prints as a `yearmonth` cell."""

    year: int
    number: int

    def __str__(self) -> str:
        """The cell text, `2016-05`."""
        return f"{self.year:04d}-{self.number:02d}"


def list_months(first: Month, last: Month) -> list[Month]:
    """Every month from the first to the last, both included."""
    start, end = first.year * 12 + first.number - 1, last.year * 12 + last.number - 1
    return [Month(index // 12, index % 12 + 1) for index in range(start, end + 1)]


def random_day(rng: random.Random, first: date, last: date) -> date:
    """A day between two days, both included; the first when they are the wrong way round."""
    return first + timedelta(days=rng.randint(0, max(0, (last - first).days)))
