"""Columns of tables, held while there is room for them and fetched again where there is not.

A province of half a million rows is held whole. Of a larger one those columns are in memory that
were asked for last: memory so grows with the largest table, not with all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import polars as pl

_ROOM_BYTES: Final = 320_000_000
"""What a province of full size needs while it is checked; and as much for what is asked for."""
_VIEW_BYTES: Final = 16
"""What each text takes beside its own bytes."""


class HeldFrames:
    """Frames by name; the one that was asked for longest ago goes first."""

    def __init__(self, room_bytes: int = _ROOM_BYTES) -> None:
        self._room = room_bytes
        self._held: dict[str, tuple[pl.DataFrame, int]] = {}
        self._weight = 0

    def get(self, name: str, fetch: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        """The frame called `name`, fetched unless it is held."""
        held = self._held.pop(name, None)
        if held is None:
            frame = fetch()
            held = frame, _weigh(frame)
            self._weight += held[1]
        self._held[name] = held
        while self._weight > self._room and len(self._held) > 1:
            self.release(next(iter(self._held)))
        return held[0]

    def release(self, name: str) -> None:
        """Hold a frame no longer."""
        _, weight = self._held.pop(name, (None, 0))
        self._weight -= weight


@dataclass(frozen=True, slots=True)
class HeldFrame:
    """A frame that is fetched whenever it is asked for and not held."""

    frames: HeldFrames
    name: str
    fetch: Callable[[], pl.DataFrame]

    def __call__(self) -> pl.DataFrame:
        """The frame."""
        return self.frames.get(self.name, self.fetch)

    def release(self) -> None:
        """Hold it no longer."""
        self.frames.release(self.name)


def _weigh(frame: pl.DataFrame) -> int:
    texts = sum(kind == pl.String for kind in frame.dtypes)
    return int(frame.estimated_size()) + _VIEW_BYTES * texts * frame.height
