"""The day that a dataset speaks of: that of its newest entry, and never a clock's."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

import polars as pl

from generator.data.load import Dataset

_EVENT_DATES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ledger_event": "event_date",
        "disclosure_record": "disclosed_date",
        "penalty_rectification": "decision_date",
        "correction": "received_date",
        "exceedance": "occur_date",
    }
)
"""Columns that say when something was entered; deadlines and validity dates lie in the future."""


def find_latest_date(dataset: Dataset) -> date:
    """The day of the newest entry in the tables that could be read; 1970-01-01 of none."""
    newest = date(1970, 1, 1)
    for name, column in _EVENT_DATES.items():
        if name in dataset.tables:
            latest = dataset[name].values.select(pl.col(column).max()).item()
            if isinstance(latest, date):
                newest = max(newest, latest)
    return newest
