"""When a disclosure was due and what came late: first disclosures, changes, and what is missing.

Order 31 gives a unit on the list 90 days for the first disclosure, and 30 days after a change;
Order 24 the 15 March of the next year, and five working days for permits and violations
(`generator/profiles`).
The dataset dates what was disclosed (`disclosure_record`); a change that nobody disclosed stands
nowhere, so it cannot be counted, and the pages say so.

Source: 《企业事业单位环境信息公开办法》 art. 11; 《企业环境信息依法披露管理办法》 chapter 3.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import polars as pl

from generator.data.disclosure_terms import find_change_due
from generator.data.load import Dataset
from generator.domain.dispatch import CHANGE, FIRST_DISCLOSURE, LOG
from generator.profiles.profile import Terms

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
    due: dt.date
    """The last day in time."""

    @property
    def days_late(self) -> int:
        """Days after the last day that was in time; at least 1."""
        return (self.disclosed - self.due).days


@dataclass(frozen=True, slots=True)
class Duty:
    """By when a listed site had to disclose everything for the first time."""

    listed: dt.date
    """The day it was put on the list."""
    dated: bool
    """Whether the log says so; else the last day on which the law lets a list appear."""
    deadline: dt.date
    """The last day in time."""

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
    """What of `sites` was late on `as_of`, and their deadlines, under the dataset's law."""
    terms = dataset.catalog.profile.terms
    chosen = sorted(sites)
    log = (
        dataset[LOG]
        .values.filter((pl.col("disclosed_date") <= as_of) & pl.col("site_code").is_in(chosen))
        .sort("record_id")
    )
    first = log.filter(
        (pl.col("change_type") == FIRST_DISCLOSURE) & (pl.col("table_name") != PENALTIES)
    )
    changes = log.filter(pl.col("change_type") == CHANGE)
    if terms.change_tables:
        changes = changes.filter(pl.col("table_name").is_in(terms.change_tables))
    timed = pl.concat([first, changes]).group_by("site_code").len()
    listed = dict(first.group_by("site_code").agg(pl.col("occurred_date").min()).iter_rows())
    return Timeliness(
        late_first=_take_late(first, terms.find_first_due),
        late_changes=_take_late(changes, partial(find_change_due, terms)),
        timed=dict(timed.iter_rows()),
        duties={site: _find_duty(listed.get(site), as_of, terms) for site in chosen},
    )


def latest_list_date(as_of: dt.date) -> dt.date:
    """The last 31 March up to `as_of`: the list in force was published on it at the latest."""
    year = as_of.year if (as_of.month, as_of.day) >= (_LIST_MONTH, _LIST_DAY) else as_of.year - 1
    return dt.date(year, _LIST_MONTH, _LIST_DAY)


def _find_duty(listed: dt.date | None, as_of: dt.date, terms: Terms) -> Duty:
    day = latest_list_date(as_of) if listed is None else listed
    return Duty(day, dated=listed is not None, deadline=terms.find_first_due(day))


def _take_late(
    entries: pl.DataFrame, find_due: Callable[[dt.date], dt.date | None]
) -> tuple[LateEntry, ...]:
    """The entries after their last day; those without one, since holidays are unknown, are not."""
    days = entries.get_column("occurred_date").unique().to_list()
    dues = pl.DataFrame(
        {"occurred_date": days, "due": [find_due(day) for day in days]},
        schema={"occurred_date": pl.Date, "due": pl.Date},
    )
    late = (
        entries.join(dues, on="occurred_date", how="left", maintain_order="left")
        .filter(pl.col("disclosed_date") > pl.col("due"))
        .select(
            "record_id", "site_code", "table_name", "change_type",
            "occurred_date", "disclosed_date", "due",
        )
    )  # fmt: skip
    return tuple(LateEntry(*row) for row in late.iter_rows())
