"""Repeated keys among readings are found a little at a time, and all of them are."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import polars as pl
import pytest
from small_province import ROOT

from generator.data import readings
from generator.data.catalog import Table, read_catalog
from generator.data.issue import Issue

DAY = dt.datetime(2016, 5, 1)
HELD = 7
COMPARED = 4

Key = tuple[str, str, str, int | None]


@pytest.fixture
def table() -> Table:
    return read_catalog(ROOT / "datasets").table("monitoring")


@pytest.fixture(autouse=True)
def held(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Little room; the heights of the frames of hashes that were asked for."""
    monkeypatch.setattr(readings, "ROWS_HELD", HELD)
    monkeypatch.setattr(readings, "ROWS_COMPARED", COMPARED)
    heights: list[int] = []
    find = readings._find_repeated

    def note(hashes: pl.LazyFrame, count: int) -> pl.Series:
        heights.append(hashes.select(pl.len()).collect().item())
        return find(hashes, count)

    monkeypatch.setattr(readings, "_find_repeated", note)
    return heights


def find_repeats(table: Table, path: Path, hours: list[int | None]) -> list[Issue]:
    keys = [("S", "DA001", "a21026", hour) for hour in hours]
    return find_repeated_keys(table, path, keys)


def find_repeated_keys(table: Table, path: Path, keys: list[Key]) -> list[Issue]:
    sites, outlets, pollutants, hours = zip(*keys, strict=True)
    times = [None if hour is None else DAY + dt.timedelta(hours=hour) for hour in hours]
    pl.DataFrame(
        {
            "site_code": sites,
            "outlet_code": outlets,
            "pollutant_code": pollutants,
            "reading_time": pl.Series(times, dtype=pl.Datetime("us")),
        }
    ).write_parquet(path, row_group_size=3)
    return list(readings._find_repeats(table, pl.scan_parquet(path), len(keys)))


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


def test_rows_in_the_order_of_their_keys_are_compared_and_never_hashed(
    table: Table, tmp_path: Path, held: list[int]
) -> None:
    keys: list[Key] = [
        (site, outlet, pollutant, hour)
        for site in ("A", "B")
        for outlet in ("DA001", "DW001")
        for pollutant in ("a21002", "a21026")
        for hour in range(5)
    ]
    assert find_repeated_keys(table, tmp_path / "m.parquet", keys) == []
    assert held == []


@pytest.mark.parametrize("second", range(1, 14))
def test_a_key_repeated_by_the_next_row_is_found_wherever_a_slice_ends(
    table: Table, tmp_path: Path, second: int
) -> None:
    hours: list[int | None] = [*range(second), *range(second - 1, 13)]
    (issue,) = find_repeats(table, tmp_path / "m.parquet", hours)
    assert issue.row == second + 2
    assert f"与第 {second + 1} 行相同" in issue.found


def test_any_rows_in_any_order_bring_the_repeats_that_a_plain_search_finds(
    table: Table, tmp_path: Path
) -> None:
    draw = random.Random(5)
    sorted_files = repeated_files = 0
    for _ in range(60):
        keys: list[Key] = [
            (draw.choice("AB"), draw.choice(["DA001", "DW001"]), "a21026", draw.randrange(20))
            for _ in range(draw.randrange(2, 24))
        ]
        if draw.random() < 0.6:
            keys.sort(key=lambda key: (key[0], key[1], key[3] or 0))
        if draw.random() < 0.3:
            keys = list(dict.fromkeys(keys))
        if draw.random() < 0.2:
            keys[-1] = (*keys[-1][:3], None)
        first: dict[Key, int] = {}
        expected = [
            (row, f"与第 {first[key]} 行相同")
            for row, key in enumerate(keys, start=2)
            if first.setdefault(key, row) != row
        ]
        found = find_repeated_keys(table, tmp_path / "m.parquet", keys)
        assert [(issue.row, issue.found.rpartition("，")[2]) for issue in found] == expected
        repeated_files += bool(expected)
        sorted_files += not expected
    assert min(sorted_files, repeated_files) > 5
