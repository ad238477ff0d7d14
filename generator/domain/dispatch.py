"""河南 日调度: how many sites had disclosed on each of the last days, read back from the log.

The tables say what stands today; only `disclosure_record` knows days. So each day is today with
the log wound back:

- A table whose log has an entry up to the day stood as the last of them left it: answered, or
  taken back (撤回).
- A table whose first entry comes after the day was missing on the day when that entry is a first
  disclosure or a statement; a change, a correction or a withdrawal proves that it was there.
- A table without an entry after the day stood as it stands today.

What was put in without a dated entry therefore counts as there on all days: a past day's number
is an upper bound, and `undated` says on how many tables that rests. The register of listed sites
has no history either: every day is counted over today's list.

Source: 《企业事业单位环境信息公开办法》 art. 11; domain catalogue, table 33.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from generator.data.load import Dataset
from generator.domain.disclosure import (
    STATEMENT,
    WITHHOLDING,
    SiteDisclosure,
    TableState,
)

LOG: Final = "disclosure_record"
FIRST_DISCLOSURE: Final = "首次公开"
CHANGE: Final = "变更公开"
WITHDRAWAL: Final = "撤回"
FIRST_KINDS: Final = frozenset({FIRST_DISCLOSURE, STATEMENT, WITHHOLDING})
"""Entries before which there was nothing."""
DAYS_SHOWN: Final = 14
WEEKS_SHOWN: Final = 13
"""A quarter."""

_Entry = tuple[dt.date, str]


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Disclosed sites by day and county, and what the log cannot say."""

    days: tuple[dt.date, ...]
    """In order; the last is the data date."""
    disclosed: Mapping[dt.date, Mapping[str, int]]
    """By county code; only sites that are listed today."""
    entries: Mapping[dt.date, int]
    """Rows of the log disclosed on the day, whatever the site and kind."""
    undated: int
    """Answered tables of listed sites for which the log has no first entry."""
    answered: int
    """Answered tables of listed sites."""
    weeks: Mapping[dt.date, int]
    """Disclosed sites of the province on each of the last `WEEKS_SHOWN` Sundays, in order."""

    def change(self, codes: Sequence[str], back: int) -> int:
        """How many more sites of these counties are disclosed than `back` days before."""
        return self.count(codes, 0) - self.count(codes, back)

    def count(self, codes: Sequence[str], back: int) -> int:
        """Sites of these counties that were disclosed `back` days before the data date."""
        by_county = self.disclosed[self.days[-1 - back]]
        return sum(by_county.get(code, 0) for code in codes)


def read_dispatch(
    dataset: Dataset,
    disclosures: Mapping[str, SiteDisclosure],
    counties: Mapping[str, str],
    as_of: dt.date,
) -> Dispatch:
    """The last fortnight up to `as_of`; `counties` gives the county of every listed site."""
    days = tuple(as_of - dt.timedelta(days=back) for back in range(DAYS_SHOWN, -1, -1))
    positions = {table.name: place for place, table in enumerate(dataset.catalog.disclosure)}
    columns = ("site_code", "table_name", "disclosed_date", "change_type", "record_id")
    # No entry of the last days may be of the future: a later one says nothing about today.
    log = (
        dataset[LOG]
        .values.select(columns)
        .filter(pl.col("disclosed_date") <= as_of)
        .sort("disclosed_date", "record_id")
    )
    sites = _Sites(disclosures, counties, positions)
    sundays = _list_sundays(as_of)
    disclosed = sites.wind_back(log, (*sundays, *days))
    per_day = Counter(log.get_column("disclosed_date").to_list())
    dated = _count_dated(log, disclosures, counties, positions)
    answered = sum(
        len(disclosures[site].states) - missing for site, missing in sites.missing_today.items()
    )
    return Dispatch(
        days=days,
        disclosed={day: disclosed[day] for day in days},
        entries={day: per_day[day] for day in days},
        undated=answered - dated,
        answered=answered,
        weeks={day: sum(disclosed[day].values()) for day in sundays},
    )


def _list_sundays(as_of: dt.date) -> tuple[dt.date, ...]:
    """The last Sundays up to `as_of`, on which ISO weeks end, in order."""
    last = as_of - dt.timedelta(days=as_of.isoweekday() % 7)
    return tuple(last - dt.timedelta(weeks=back) for back in range(WEEKS_SHOWN - 1, -1, -1))


class _Sites:
    """The listed sites as they stand today, and how they stood."""

    def __init__(
        self,
        disclosures: Mapping[str, SiteDisclosure],
        counties: Mapping[str, str],
        positions: Mapping[str, int],
    ) -> None:
        self._disclosures, self._counties, self._positions = disclosures, counties, positions
        self.missing_today = {
            site: disclosures[site].count_state(TableState.MISSING) for site in counties
        }

    def wind_back(
        self, log: pl.DataFrame, days: Sequence[dt.date]
    ) -> Mapping[dt.date, Mapping[str, int]]:
        """Disclosed sites at the end of each of `days`, by county code."""
        today = Counter(
            self._counties[site] for site, missing in self.missing_today.items() if not missing
        )
        ordered = sorted(set(days))
        counts = {day: Counter(today) for day in ordered}
        moved = _read_moved(log, ordered[0], self._disclosures, self._counties, self._positions)
        for site, tables in moved.items():
            missing_today, county = self.missing_today[site], self._counties[site]
            missing = missing_today
            for day, more in zip(ordered, _count_missing(tables, ordered), strict=True):
                missing += more
                counts[day][county] += int(missing == 0) - int(missing_today == 0)
        return {day: dict(sorted(count.items())) for day, count in counts.items()}


def _count_missing(
    tables: Sequence[tuple[bool, Sequence[_Entry]]], days: Sequence[dt.date]
) -> Sequence[int]:
    """How many more tables were missing at the end of each of `days` than on the day before it.

    On the first day, than today. `days` are in order; so are the entries of each table.
    """
    steps = [0] * (len(days) + 1)  # the last is for entries after all days
    for today, entries in tables:
        answered = was_answered(entries, dt.date.min, today)
        steps[0] += int(today) - int(answered)
        for date, kind in entries[:-1]:
            steps[bisect_left(days, date)] += int(answered) - int(kind != WITHDRAWAL)
            answered = kind != WITHDRAWAL
        steps[bisect_left(days, entries[-1][0])] += int(answered) - int(today)
    return steps[:-1]


def was_answered(entries: Sequence[_Entry], day: dt.date, today: bool) -> bool:
    """Whether a table with these dated entries, in order, stood answered at the end of `day`."""
    earlier = [kind for date, kind in entries if date <= day]
    if len(earlier) == len(entries):
        return today
    if earlier:
        return earlier[-1] != WITHDRAWAL
    return entries[0][1] not in FIRST_KINDS


def _read_moved(
    log: pl.DataFrame,
    first_day: dt.date,
    disclosures: Mapping[str, SiteDisclosure],
    counties: Mapping[str, str],
    positions: Mapping[str, int],
) -> Mapping[str, list[tuple[bool, list[_Entry]]]]:
    """By site, the tables with an entry after `first_day`: answered today, and all entries."""
    keys = ("site_code", "table_name")
    recent = log.filter(pl.col("disclosed_date") > first_day).select(keys).unique()
    entries: dict[tuple[str, str], list[_Entry]] = defaultdict(list)
    for site, table, day, kind, _ in log.join(recent, on=keys, how="semi").iter_rows():
        if site in counties and table in positions:
            entries[site, table].append((day, kind))
    moved: dict[str, list[tuple[bool, list[_Entry]]]] = defaultdict(list)
    for (site, table), dated in sorted(entries.items()):
        state = disclosures[site].states[positions[table]]
        moved[site].append((state is not TableState.MISSING, dated))
    return moved


def _count_dated(
    log: pl.DataFrame,
    disclosures: Mapping[str, SiteDisclosure],
    counties: Mapping[str, str],
    positions: Mapping[str, int],
) -> int:
    """Answered tables of listed sites for which the log has a first entry."""
    first = log.filter(pl.col("change_type").is_in(list(FIRST_KINDS)))
    return sum(
        site in counties
        and table in positions
        and disclosures[site].states[positions[table]] is not TableState.MISSING
        for site, table in first.select("site_code", "table_name").unique().iter_rows()
    )
