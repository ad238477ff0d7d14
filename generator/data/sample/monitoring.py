"""Automatic readings of monitored outlets, as a Parquet file written in row groups.

Readings follow the same plan as the tables: a month's mean is that of the concentration tables,
and each exceedance episode is one reading above the limit on its day; all other valid readings
stay within it. Exhaust gas compares after conversion to the reference oxygen: raw values above
the limit whose converted value is below are common, and the other way round.

Below half scale the readings are daily means of up to 200 sites; from half scale on they are
hourly, of as many sites as the number of readings asks for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from generator.data.sample.disclosure import plan_depth, plan_sites
from generator.data.sample.disclosure_depth import Depth
from generator.data.sample.disclosure_months import Month
from generator.data.sample.disclosure_outlets import draw_mean, month_rng
from generator.data.sample.disclosure_site import Series, Site, rank_monitored
from generator.data.sample.register import Enterprise

FULL_READINGS: Final = 5_000_000
"""Readings at scale 1.0, at least."""

_FIRST_DAY, _LAST_DAY = date(2015, 7, 1), date(2016, 6, 30)
_SPRING_FESTIVAL = date(2016, 2, 4)
_HOURLY_FROM: Final = 0.5  # scale
_DAILY_SITES: Final = 200
_DAILY_SITES_PER_SCALE: Final = 4000  # 0.05 takes all 200
_DAILY_SERIES: Final = 3  # of one site
_GAP_ALLOWANCE: Final = 1.06  # planned readings for each that survives the gaps
_ROW_GROUP: Final = 262_144

_STATUSES: Final = ("正常", "停产", "校准", "故障")
_NORMAL, _STOPPED, _CALIBRATING, _FAULTY = range(4)

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

_SCHEMA: Final = pa.schema(
    [
        pa.field("site_code", pa.string(), nullable=False),
        pa.field("outlet_code", pa.string(), nullable=False),
        pa.field("pollutant_code", pa.string(), nullable=False),
        pa.field("reading_time", pa.timestamp("us"), nullable=False),
        pa.field("measured", pa.float64()),
        pa.field("converted", pa.float64()),
        pa.field("limit_value", pa.float64(), nullable=False),
        pa.field("status", pa.string(), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True)
class _Clock:
    """The reading times of a series: days since the first day, and readings a day."""

    first: date
    days: int
    per_day: int

    @property
    def readings(self) -> int:
        return self.days * self.per_day

    def slot(self, day: date) -> int:
        return (day - self.first).days * self.per_day

    def times(self) -> npt.NDArray[np.datetime64]:
        start = np.datetime64(self.first.isoformat(), "us")
        step = np.timedelta64(24 // self.per_day, "h")
        return start + np.arange(self.readings) * step


def write_monitoring(
    out: Path, enterprises: Sequence[Enterprise], *, scale: float, seed: int
) -> int:
    """Write `out/tables/monitoring.parquet` and tell how many readings it has.

    Sorted by site, outlet, pollutant and time; no more than one row group is in memory.

    Args:
        out: The dataset folder.
        enterprises: The register, sorted by site code.
        scale: 1.0 gives 5,000,000 readings or more.
        seed: The seed of the whole sample.

    """
    path = out / "tables" / "monitoring.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with pq.ParquetWriter(
        path, _SCHEMA, compression="zstd", compression_level=9, version="2.6"
    ) as writer:
        waiting: list[pa.Table] = []
        rows = 0
        for table in make_readings(enterprises, scale=scale, seed=seed):
            waiting.append(table)
            rows += table.num_rows
            if rows >= _ROW_GROUP:
                writer.write_table(pa.concat_tables(waiting), row_group_size=rows)
                count, rows, waiting = count + rows, 0, []
        if waiting:
            writer.write_table(pa.concat_tables(waiting), row_group_size=rows)
            count += rows
    return count


def make_readings(
    enterprises: Sequence[Enterprise], *, scale: float, seed: int
) -> Iterator[pa.Table]:
    """The readings, one table for each series, in the file's order."""
    per_day = _per_day(scale)
    for site, one in plan_series(enterprises, scale=scale, seed=seed):
        yield _make_series(site, one, _clock(site, per_day), seed)


def plan_series(
    enterprises: Sequence[Enterprise], *, scale: float, seed: int
) -> list[tuple[Site, Series]]:
    """The monitored series that a scale takes up, in the file's order."""
    sites = plan_sites(enterprises, seed)
    depth = plan_depth(sites, scale=scale, seed=seed)
    per_day = _per_day(scale)
    return [
        (site, one)
        for site in _choose_sites(sites, depth, per_day)
        for one in _choose_series(site, depth, per_day)
    ]


def _per_day(scale: float) -> int:
    return 24 if scale >= _HOURLY_FROM else 1


def _choose_sites(sites: Sequence[Site], depth: Depth, per_day: int) -> list[Site]:
    ranked = rank_monitored(sites, depth.seed)
    ranked = [site for site in ranked if _choose_series(site, depth, per_day)]
    if per_day == 1:
        most = min(_DAILY_SITES, max(1, round(_DAILY_SITES_PER_SCALE * depth.scale)))
        return sorted(ranked[:most], key=lambda site: site.code)
    wanted = FULL_READINGS * depth.scale * _GAP_ALLOWANCE
    chosen: list[Site] = []
    planned = 0
    for site in ranked:
        if planned >= wanted:
            break
        chosen.append(site)
        planned += _clock(site, per_day).readings * len(_choose_series(site, depth, per_day))
    return sorted(chosen, key=lambda site: site.code)


def _choose_series(site: Site, depth: Depth, per_day: int) -> list[Series]:
    """The monitored pollutants of the outlets written at this scale, stacks first."""
    series = [
        one
        for outlet in (*depth.air(site), *depth.water(site))
        if outlet.online
        for one in outlet.series
        if one.online
    ]
    return series if per_day > 1 else series[:_DAILY_SERIES]


def _clock(site: Site, per_day: int) -> _Clock:
    first = max(_FIRST_DAY, date(site.months[0].year, site.months[0].number, 1))
    return _Clock(first, (_LAST_DAY - first).days + 1, per_day)


def _make_series(site: Site, one: Series, clock: _Clock, seed: int) -> pa.Table:
    topic = f"{seed}:monitoring:{site.code}{one.outlet_code}{one.pollutant_code}"
    rng = np.random.default_rng(Random(topic).getrandbits(64))
    compared = _draw_compared(rng, site, one, clock, seed)
    status, present = _draw_status(rng, clock)
    for episode in site.episodes:
        if episode.series == one and episode.day >= clock.first and episode.day <= _LAST_DAY:
            slot = clock.slot(episode.day) + int(rng.integers(clock.per_day))
            compared[slot], status[slot], present[slot] = episode.value, _NORMAL, True
    measured, converted = _split_measured(rng, one, compared, status)
    rows = np.flatnonzero(present)
    return _to_table(site, one, clock.times()[rows], measured[rows], converted[rows], status[rows])


def _draw_compared(
    rng: np.random.Generator, site: Site, one: Series, clock: _Clock, seed: int
) -> Floats:
    """Values that compare with the limit, none above it: the month's mean with drifting noise."""
    days = np.arange(clock.readings) // clock.per_day
    calendar = np.datetime64(clock.first.isoformat(), "D") + days
    months = calendar.astype("datetime64[M]")
    means = np.empty(clock.readings)
    for value in np.unique(months):
        text = str(value)
        month = Month(int(text[:4]), int(text[5:7]))
        means[months == value] = draw_mean(month_rng(seed, site.code, one, month), one, month)
    noise = rng.standard_normal(clock.readings)
    drift = np.convolve(rng.standard_normal(clock.readings + 23), np.full(24, 24**-0.5), "valid")
    values = means * np.exp(0.09 * noise + 0.07 * drift)
    return np.minimum(_round_digits(values), one.limit)


def _draw_status(rng: np.random.Generator, clock: _Clock) -> tuple[Indices, npt.NDArray[np.bool_]]:
    """The mark of each reading, and whether the reading arrived at all."""
    status = np.zeros(clock.readings, dtype=np.int64)
    present = rng.random(clock.readings) > 0.006
    status[rng.random(clock.readings) < (0.03 if clock.per_day == 1 else 0.004)] = _CALIBRATING
    for mark, chance, longest in ((_FAULTY, 0.35, 5), (_STOPPED, 0.3, 20), (_FAULTY, 0.2, 2)):
        if rng.random() < chance:
            _mark_block(
                status,
                mark,
                int(rng.integers(clock.days)),
                int(rng.integers(1, longest + 1)),
                clock,
            )
    if rng.random() < 0.25:
        start = (_SPRING_FESTIVAL - clock.first).days
        _mark_block(status, _STOPPED, start, int(rng.integers(6, 15)), clock)
    for _ in range(int(rng.poisson(0.7))):
        start = int(rng.integers(clock.days)) * clock.per_day
        present[start : start + int(rng.integers(1, 7)) * clock.per_day] = False
    return status, present


def _mark_block(status: Indices, mark: int, start: int, days: int, clock: _Clock) -> None:
    status[start * clock.per_day : (start + days) * clock.per_day] = mark


def _split_measured(
    rng: np.random.Generator, one: Series, compared: Floats, status: Indices
) -> tuple[Floats, Floats]:
    """Measured and converted values.

    Waste water has no conversion, and marked readings no value to compare: a stopped plant
    reads next to nothing, a calibration its span gas, a broken sensor 0 or nothing.
    """
    nothing = np.full(len(compared), np.nan)
    if one.outlet_code.startswith("DW"):
        measured, converted = compared.copy(), nothing.copy()
    else:
        # Below 1 the flue gas holds more air than the reference, above 1 less.
        factor = rng.uniform(0.8, 1.4) * np.exp(0.06 * rng.standard_normal(len(compared)))
        measured, converted = _round_digits(compared / factor), compared.copy()
    marked = status != _NORMAL
    converted[marked] = np.nan
    stopped, faulty = status == _STOPPED, status == _FAULTY
    measured[stopped] = _round_digits(measured[stopped] * 0.02)
    measured[status == _CALIBRATING] = _round_digits(np.array([one.limit * 1.6]))[0]
    measured[faulty] = np.where(rng.random(int(faulty.sum())) < 0.5, 0.0, np.nan)
    return measured, converted


def _round_digits(values: Floats) -> Floats:
    """Values to three significant digits, as monitors report them."""
    magnitude = np.floor(np.log10(np.maximum(values, 1e-9)))
    digits = np.clip(2 - magnitude, 0, 9).astype(np.int64)
    result = np.empty_like(values)
    # np.round takes one number of digits at a time; a division afterwards would bring back
    # tails such as 0.30000000000000004.
    for number in np.unique(digits):
        chosen = digits == number
        result[chosen] = np.round(values[chosen], int(number))
    return result


def _to_table(
    site: Site,
    one: Series,
    times: npt.NDArray[np.datetime64],
    measured: Floats,
    converted: Floats,
    status: Indices,
) -> pa.Table:
    count = len(times)
    words = pa.array(_STATUSES)
    return pa.table(
        [
            pa.repeat(pa.scalar(site.code), count),
            pa.repeat(pa.scalar(one.outlet_code), count),
            pa.repeat(pa.scalar(one.pollutant_code), count),
            pa.array(times),
            pa.array(measured, from_pandas=True),
            pa.array(converted, from_pandas=True),
            pa.repeat(pa.scalar(one.limit), count),
            words.take(pa.array(status)),
        ],
        schema=_SCHEMA,
    )
