"""Automatic readings become months: mean, limit, exceedances, and the gaps between them.

The readings are never in memory as a whole: Polars streams the Parquet file into groups of
site, outlet, pollutant and month, and only those groups stay. What Python holds at a time is one
site's series.

Rules of the readings:
- Only readings marked 正常 count; 停产, 校准 and 故障 are recorded and left out.
- Exhaust gas compares after conversion to the reference oxygen (折算): a raw value above the
  limit is no exceedance, and a reading without a converted value is not valid. Waste water has
  no conversion; its measured value compares.
- A month without a valid reading has no mean. Nothing is interpolated.

Sums are kept in whole millionths, so that the order in which threads add them cannot change a
digit.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Mapping
from copy import copy
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Final

import polars as pl

from generator.cache import NO_CACHE, Cache

MILLIONTHS: Final = 1_000_000
_KEYS: Final = ("site_code", "outlet_code", "pollutant_code")
_COLUMNS: Final = (
    "outlet_code",
    "pollutant_code",
    "month",
    "readings",
    "valid",
    "exceedances",
    "total",
    "maximum",
    "limit",
)


@dataclass(frozen=True, slots=True)
class MonitoredMonth:
    """One month of a series; concentrations in the pollutant's own unit."""

    month: str
    """`2016-05`."""
    readings: int
    """Rows of any mark; 0 where the month brought none at all."""
    valid: int
    """Readings marked 正常 with a value that compares."""
    exceedances: int
    """Valid readings above their limit."""
    mean: float | None
    """Of the valid readings; None without one."""
    maximum: float | None
    limit: float | None
    """The strictest limit of the month; None without readings."""

    @property
    def gaps(self) -> int:
        """Readings that do not count: shutdown, calibration, fault, or no value."""
        return self.readings - self.valid


@dataclass(frozen=True, slots=True)
class MonitoredSeries:
    """One pollutant at one outlet, over every month of the dataset."""

    outlet_code: str
    pollutant_code: str
    months: tuple[MonitoredMonth, ...]

    @property
    def readings(self) -> int:
        """Rows of any mark."""
        return sum(month.readings for month in self.months)

    @property
    def valid(self) -> int:
        """Readings that count."""
        return sum(month.valid for month in self.months)

    @property
    def exceedances(self) -> int:
        """Valid readings above their limit."""
        return sum(month.exceedances for month in self.months)


class MonitoringSummary:
    """The months of every series of a dataset, handed out a site at a time."""

    def __init__(self, groups: pl.DataFrame) -> None:
        """`groups`: rows of site, outlet, pollutant and month, as `_group_readings` gives them."""
        ordered = groups.sort(*_KEYS, "month")
        self._spans = _find_spans(ordered)
        self._groups = ordered.select(_COLUMNS)
        present = groups.get_column("month")
        first, last = present.min(), present.max()
        self._months = (
            tuple(range(first, last + 1))
            if isinstance(first, int) and isinstance(last, int)
            else ()
        )

    def cut(self, sites: Collection[str]) -> MonitoringSummary:
        """The same for these sites alone; their series still have all months of the dataset."""
        own = {site: span for site, span in self._spans.items() if site in sites}
        chosen = copy(self)
        chosen._groups = pl.concat(
            [self._groups.clear(), *(self._groups.slice(*span) for span in own.values())]
        )
        starts = accumulate((count for _, count in own.values()), initial=0)
        chosen._spans = {
            site: (start, count)
            for start, (site, (_, count)) in zip(starts, own.items(), strict=False)
        }
        return chosen

    @property
    def readings(self) -> int:
        """Rows of monitoring, of any mark."""
        return int(self._groups.get_column("readings").sum())

    @property
    def months(self) -> tuple[str, ...]:
        """Every month from the first reading of the dataset to the last, as `2016-05`."""
        return tuple(_month_text(month) for month in self._months)

    @property
    def sites(self) -> tuple[str, ...]:
        """Codes of the sites with readings, in order."""
        return tuple(self._spans)

    def rows_of(self, site_code: str) -> list[tuple[object, ...]]:
        """The months of the site's series as plain rows."""
        start, length = self._spans.get(site_code, (0, 0))
        return self._groups.slice(start, length).rows() if length else []

    def series_of(self, site_code: str) -> tuple[MonitoredSeries, ...]:
        """The site's series in order of outlet and pollutant; empty where it has none.

        Each has all months of the dataset, so that a device that fell silent shows its gap.
        """
        start, length = self._spans.get(site_code, (0, 0))
        found: dict[tuple[str, str], dict[int, MonitoredMonth]] = {}
        rows = self._groups.slice(start, length).rows()
        for outlet, pollutant, month, readings, valid, exceedances, total, maximum, limit in rows:
            found.setdefault((outlet, pollutant), {})[month] = MonitoredMonth(
                month=_month_text(month),
                readings=readings,
                valid=valid,
                exceedances=exceedances,
                mean=total / (valid * MILLIONTHS) if valid else None,
                maximum=maximum,
                limit=limit,
            )
        return tuple(
            MonitoredSeries(
                outlet,
                pollutant,
                tuple(
                    months.get(month)
                    or MonitoredMonth(_month_text(month), 0, 0, 0, None, None, None)
                    for month in self._months
                ),
            )
            for (outlet, pollutant), months in found.items()
        )


def read_monitoring(
    path: Path,
    cache: Cache = NO_CACHE,
    choose: Callable[[pl.LazyFrame], pl.LazyFrame] = lambda readings: readings,
    choice: str = "",
) -> MonitoringSummary:
    """The months of the readings in the Parquet file `path`; empty where there is no file.

    `choose` leaves readings out; the text `choice` stands for which. A dataset may come without
    automatic readings; the check, not this reader, says when one that should have them does not.
    """
    if not path.is_file():
        return MonitoringSummary(_group_readings(pl.LazyFrame(schema=_READING_SCHEMA)))
    key = cache.key("months of readings", cache.file_digest(path), choice)
    known = cache.load(key)
    if known is not None:
        return MonitoringSummary(pl.read_ipc(io.BytesIO(known)))
    groups = _group_readings(choose(pl.scan_parquet(path)))
    buffer = io.BytesIO()
    groups.write_ipc(buffer, compression="lz4")
    cache.save(key, buffer.getvalue())
    return MonitoringSummary(groups)


_READING_SCHEMA: Final[Mapping[str, pl.DataType]] = {
    "site_code": pl.String(),
    "outlet_code": pl.String(),
    "pollutant_code": pl.String(),
    "reading_time": pl.Datetime("us"),
    "measured": pl.Float64(),
    "converted": pl.Float64(),
    "limit_value": pl.Float64(),
    "status": pl.String(),
}


def _group_readings(readings: pl.LazyFrame) -> pl.DataFrame:
    """One row for each site, outlet, pollutant and month that has a reading."""
    is_water = pl.col("outlet_code").cast(pl.String).str.starts_with("DW")
    compared = pl.when(is_water).then(pl.col("measured")).otherwise(pl.col("converted"))
    time = pl.col("reading_time")
    return (
        readings.select(
            *(pl.col(key).cast(pl.String) for key in _KEYS),
            (time.dt.year().cast(pl.Int32) * 12 + time.dt.month().cast(pl.Int32) - 1).alias(
                "month"
            ),
            pl.when(pl.col("status").cast(pl.String) == "正常")
            .then(compared)
            .cast(pl.Float64)
            .alias("value"),
            pl.col("limit_value").cast(pl.Float64),
        )
        .group_by(*_KEYS, "month")
        .agg(
            pl.len().cast(pl.Int64).alias("readings"),
            pl.col("value").count().cast(pl.Int64).alias("valid"),
            (pl.col("value") > pl.col("limit_value")).sum().cast(pl.Int64).alias("exceedances"),
            (pl.col("value") * MILLIONTHS).round().cast(pl.Int64).sum().alias("total"),
            pl.col("value").max().alias("maximum"),
            pl.col("limit_value").min().alias("limit"),
        )
        .collect(engine="streaming")
    )


def _find_spans(groups: pl.DataFrame) -> dict[str, tuple[int, int]]:
    """First row and number of rows of each site in frames sorted by site."""
    spans: dict[str, tuple[int, int]] = {}
    start = 0
    for length, site in groups.get_column("site_code").rle().struct.unnest().iter_rows():
        spans[site] = (start, length)
        start += length
    return spans


def _month_text(month: int) -> str:
    """`2016-05` from months counted since year 0."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"
