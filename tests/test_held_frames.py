"""Columns of tables, held while there is room."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from generator.data.catalog import read_catalog
from generator.data.held_frames import HeldFrame, HeldFrames
from generator.data.load import LoadedTable

DATASETS = Path(__file__).parent.parent / "datasets"
ROWS = 1_000
BYTES = 20 * ROWS
"""What a frame of this test weighs."""


def fetch_noted(name: str, fetched: Counter[str]) -> Callable[[], pl.DataFrame]:
    """What makes a frame of whole numbers, and counts how often it does."""

    def fetch() -> pl.DataFrame:
        fetched[name] += 1
        return pl.DataFrame({name: range(ROWS)})

    return fetch


def test_a_frame_that_there_is_room_for_is_fetched_once() -> None:
    fetched: Counter[str] = Counter()
    frames = HeldFrames(room_bytes=2 * BYTES)
    for name in ("a", "b", "a", "b"):
        assert frames.get(name, ROWS, fetch_noted(name, fetched)).columns == [name]
    assert fetched == {"a": 1, "b": 1}


def test_the_frame_that_was_asked_for_longest_ago_makes_room() -> None:
    fetched: Counter[str] = Counter()
    frames = HeldFrames(room_bytes=2 * BYTES)
    for name in ("a", "b", "a", "c", "a", "b"):
        frames.get(name, ROWS, fetch_noted(name, fetched))
    assert fetched == {"a": 1, "b": 2, "c": 1}


def test_a_frame_larger_than_the_room_is_given_and_held_alone() -> None:
    fetched: Counter[str] = Counter()
    frames = HeldFrames(room_bytes=1)
    for name in ("a", "b", "b", "a"):
        assert frames.get(name, ROWS, fetch_noted(name, fetched)).height == ROWS
    assert fetched == {"a": 2, "b": 1}


def test_a_released_frame_is_fetched_again_and_leaves_its_room() -> None:
    fetched: Counter[str] = Counter()
    frames = HeldFrames(room_bytes=2 * BYTES)
    fetch = fetch_noted("a", fetched)
    first = HeldFrame(frames, "a", ROWS, fetch, lambda: fetch().lazy())
    first()
    first.release()
    first.release()
    for name in ("b", "c", "b"):
        frames.get(name, ROWS, fetch_noted(name, fetched))
    first()
    assert fetched == {"a": 2, "b": 1, "c": 1}


@pytest.mark.parametrize("room_bytes", [2 * BYTES, 1])
def test_parts_of_a_table_are_the_same_however_much_room_there_is(room_bytes: int) -> None:
    text = pl.DataFrame(
        {"code": [f"{n // 10:03}" for n in range(ROWS)], "row": [str(n) for n in range(ROWS)]}
    )
    fetched: list[str] = []

    def fetch() -> pl.DataFrame:
        fetched.append("whole")
        return text

    frame = HeldFrame(HeldFrames(room_bytes), "table", ROWS, fetch, text.lazy)
    loaded = LoadedTable(read_catalog(DATASETS).table("division"), frame, text)
    assert loaded.select_text("row").equals(text.select("row"))
    assert loaded.slice_text(5, 20).equals(text[5:25])
    assert loaded.filter_text("code", ["004", "002"]).equals(text[20:30].vstack(text[40:50]))
    assert loaded.filter_text("code", ["none"]).equals(text.clear())
    assert fetched == ([] if frame.large else ["whole"])
