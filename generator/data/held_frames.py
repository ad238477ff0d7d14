"""Columns of tables, held while there is room for them and fetched again where there is not.

A province of half a million rows is held whole. Of a larger one those columns are in memory that
were asked for last: memory so grows with the largest table, not with all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import polars as pl

_ROOM_BYTES: Final = 160_000_000
"""As much as all tables of a province of half a million rows take."""
_CELL_BYTES: Final = 20
"""What a cell takes, about: a text is told in sixteen bytes, and few are longer than twelve."""


class HeldFrames:
    """Frames by name; the one that was asked for longest ago goes first."""

    def __init__(self, room_bytes: int = _ROOM_BYTES) -> None:
        self._room = room_bytes
        self._held: dict[str, tuple[pl.DataFrame, int]] = {}
        self._weight = 0

    def get(self, name: str, cells: int, fetch: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        """The frame called `name` of so many cells, fetched unless it is held.

        Others go before it comes, so that both are never in memory at once.
        """
        held = self._held.pop(name, None)
        if held is None:
            weight = cells * _CELL_BYTES
            while self._held and self._weight + weight > self._room:
                self.release(next(iter(self._held)))
            held = fetch(), weight
            self._weight += weight
        self._held[name] = held
        return held[0]

    def has_room(self, cells: int) -> bool:
        """Whether a frame of so many cells can be held, others aside."""
        return cells * _CELL_BYTES <= self._room

    def release(self, name: str) -> None:
        """Hold a frame no longer."""
        _, weight = self._held.pop(name, (None, 0))
        self._weight -= weight


@dataclass(frozen=True, slots=True)
class HeldFrame:
    """A frame that is fetched whenever it is asked for and not held."""

    frames: HeldFrames
    name: str
    cells: int
    fetch: Callable[[], pl.DataFrame]
    scan: Callable[[], pl.LazyFrame]
    """Gives the frame to be read in part."""

    def __call__(self) -> pl.DataFrame:
        """The frame."""
        return self.frames.get(self.name, self.cells, self.fetch)

    @property
    def large(self) -> bool:
        """Whether there is no room for it as a whole, so that parts are better read by themselves.

        Whoever asks for the whole is given it all the same.
        """
        return not self.frames.has_room(self.cells)

    def release(self) -> None:
        """Hold it no longer."""
        self.frames.release(self.name)
