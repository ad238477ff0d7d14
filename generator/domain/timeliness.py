"""When a disclosure was due and what came late: first disclosures, changes, and what is missing.

Order 31 gives a unit on the list 90 days for the first disclosure, and 30 days after a change.
The dataset dates what was disclosed (`disclosure_record`); a change that nobody disclosed stands
nowhere, so it cannot be counted, and the pages say so.

Source: 《企业事业单位环境信息公开办法》 art. 11.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from generator.data.load import Dataset
from generator.domain.dispatch import CHANGE, FIRST_DISCLOSURE, LOG

FIRST_LIMIT_DAYS: Final = 90
CHANGE_LIMIT_DAYS: Final = 30
PENALTIES: Final = "penalty_rectification"
"""Its entries follow single decisions, under the rules for publishing penalties, not the list."""
_LIST_MONTH, _LIST_DAY = 3, 31
"""The list of key polluters is published by the end of March."""


@dataclass(frozen=True, slots=True)
class LateEntry:
    """A logged disclosure that came after its time."""

    record_id: str
    site_code: str
    table_name: str
    kind: str
    occurred: dt.date
    disclosed: dt.date
    limit_days: int

    @property
    def days_late(self) -> int:
        """Days after the last day that was in time; at least 1."""
        return (self.disclosed - self.occurred).days - self.limit_days


@dataclass(frozen=True, slots=True)
class Duty:
    """By when a listed site had to disclose everything for the first time."""

    listed: dt.date
    """The day it was put on the list."""
    dated: bool
    """Whether the log says so; else the last day on which the law lets a list appear."""

    @property
    def deadline(self) -> dt.date:
        """The last day in time."""
        return self.listed + dt.timedelta(days=FIRST_LIMIT_DAYS)

    def passed(self, as_of: dt.date) -> bool:
        """Whether the time is over; on the deadline itself it is not."""
        return self.deadline < as_of


@dataclass(frozen=True, slots=True)
class Timeliness:
    """All that the log says about time, up to the data date."""

    late_first: tuple[LateEntry, ...]
    late_changes: tuple[LateEntry, ...]
    timed: Mapping[str, int]
    """Log entries with a time limit by site: first disclosures and changes."""
    duties: Mapping[str, Duty]
    """By site, for the sites asked for."""

    @property
    def late(self) -> tuple[LateEntry, ...]:
        """Late entries of both kinds, in the order of the log."""
        return tuple(
            sorted((*self.late_first, *self.late_changes), key=lambda entry: entry.record_id)
        )


def read_timeliness(dataset: Dataset, sites: Iterable[str], as_of: dt.date) -> Timeliness:
    """What of `sites` was late on `as_of`, and their deadlines."""
    chosen = sorted(sites)
    log = (
        dataset[LOG]
        .values.filter((pl.col("disclosed_date") <= as_of) & pl.col("site_code").is_in(chosen))
        .with_columns(
            days=(pl.col("disclosed_date") - pl.col("occurred_date")).dt.total_days(),
        )
        .sort("record_id")
    )
    first = log.filter(
        (pl.col("change_type") == FIRST_DISCLOSURE) & (pl.col("table_name") != PENALTIES)
    )
    changes = log.filter(pl.col("change_type") == CHANGE)
    timed = pl.concat([first, changes]).group_by("site_code").len()
    listed = dict(first.group_by("site_code").agg(pl.col("occurred_date").min()).iter_rows())
    return Timeliness(
        late_first=_take_late(first, FIRST_LIMIT_DAYS),
        late_changes=_take_late(changes, CHANGE_LIMIT_DAYS),
        timed=dict(timed.iter_rows()),
        duties={site: _find_duty(listed.get(site), as_of) for site in chosen},
    )


def latest_list_date(as_of: dt.date) -> dt.date:
    """The last 31 March up to `as_of`: the list in force was published on it at the latest."""
    year = as_of.year if (as_of.month, as_of.day) >= (_LIST_MONTH, _LIST_DAY) else as_of.year - 1
    return dt.date(year, _LIST_MONTH, _LIST_DAY)


def _find_duty(listed: dt.date | None, as_of: dt.date) -> Duty:
    if listed is None:
        return Duty(latest_list_date(as_of), dated=False)
    return Duty(listed, dated=True)


def _take_late(entries: pl.DataFrame, limit_days: int) -> tuple[LateEntry, ...]:
    late = entries.filter(pl.col("days") > limit_days).select(
        "record_id", "site_code", "table_name", "change_type", "occurred_date", "disclosed_date"
    )
    return tuple(
        LateEntry(record, site, table, kind, occurred, disclosed, limit_days)
        for record, site, table, kind, occurred, disclosed in late.iter_rows()
    )
