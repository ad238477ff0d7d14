"""Repeated keys among readings are found a stretch of time at a time, and all of them are."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from small_province import ROOT

from generator.data import readings
from generator.data.catalog import Table, read_catalog
from generator.data.issue import Issue

DAY = dt.datetime(2016, 5, 1)
HELD = 7


@pytest.fixture
def table() -> Table:
    return read_catalog(ROOT / "datasets").table("monitoring")


@pytest.fixture(autouse=True)
def held(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Little room; the heights of the frames of hashes that were asked for."""
    monkeypatch.setattr(readings, "ROWS_HELD", HELD)
    heights: list[int] = []
    find = readings._find_repeated

    def note(hashes: pl.LazyFrame, count: int) -> pl.Series:
        heights.append(hashes.select(pl.len()).collect().item())
        return find(hashes, count)

    monkeypatch.setattr(readings, "_find_repeated", note)
    return heights


def find_repeats(table: Table, path: Path, hours: list[int | None]) -> list[Issue]:
    count = len(hours)
    times = [None if hour is None else DAY + dt.timedelta(hours=hour) for hour in hours]
    pl.DataFrame(
        {
            "site_code": ["S"] * count,
            "outlet_code": ["DA001"] * count,
            "pollutant_code": ["a21026"] * count,
            "reading_time": pl.Series(times, dtype=pl.Datetime("us")),
        }
    ).write_parquet(path)
    return list(readings._find_repeats(table, pl.scan_parquet(path), count))


def test_no_more_rows_are_held_than_there_is_room_for(
    table: Table, tmp_path: Path, held: list[int]
) -> None:
    hours: list[int | None] = [(n * 11) % 31 for n in range(31)]
    assert find_repeats(table, tmp_path / "m.parquet", hours) == []
    assert sum(held) == 31
    assert max(held) <= HELD


def test_a_repeated_key_is_found_wherever_the_other_one_stands(
    table: Table, tmp_path: Path
) -> None:
    issues = find_repeats(table, tmp_path / "m.parquet", [*range(40), 3, *range(40, 60), 59])
    assert [(issue.row, issue.code) for issue in issues] == [(42, "E-PK"), (63, "E-PK")]
    assert "与第 5 行相同" in issues[0].found


def test_rows_of_one_moment_and_rows_without_a_time_are_compared_too(
    table: Table, tmp_path: Path
) -> None:
    issues = find_repeats(table, tmp_path / "m.parquet", [*[5] * 10, None, None])
    assert [issue.row for issue in issues] == [*range(3, 12), 13]
