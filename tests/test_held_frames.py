"""Columns of tables, held while there is room."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import polars as pl
import pytest

from generator.data.held_frames import HeldFrame, HeldFrames

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
    first = HeldFrame(frames, "a", ROWS, lambda _: fetch())
    first()
    first.release()
    first.release()
    for name in ("b", "c", "b"):
        frames.get(name, ROWS, fetch_noted(name, fetched))
    first()
    assert fetched == {"a": 2, "b": 1, "c": 1}


@pytest.mark.parametrize(("room_bytes", "fetches"), [(BYTES, [None]), (1, [["a"], ["a"]])])
def test_only_the_columns_in_question_are_fetched_of_a_frame_that_has_no_room(
    room_bytes: int, fetches: list[list[str] | None]
) -> None:
    asked: list[list[str] | None] = []

    def fetch(names: Sequence[str] | None) -> pl.DataFrame:
        asked.append(None if names is None else list(names))
        return pl.DataFrame({name: range(ROWS) for name in names or ("a", "b")})

    frame = HeldFrame(HeldFrames(room_bytes), "table", ROWS, fetch)
    assert frame.select(["a"]).columns == ["a"]
    assert frame.select(["a"]).height == ROWS
    assert asked == fetches
