"""What a piece of work reads, noted while it does: made of the same again, it gives the same.

Work that reads nothing but noted things reads the same things as long as none of them changes,
since what it reads next follows from what it has read. So a result of an earlier build holds
while all that was noted then is as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Reads:
    """Notes names for the innermost work that is going on."""

    def __init__(self) -> None:
        self._open: list[set[str]] = []

    def note(self, name: str) -> None:
        """Something called `name` is read; nobody may be asking."""
        if self._open:
            self._open[-1].add(name)

    @contextmanager
    def begin(self) -> Iterator[set[str]]:
        """The names that are noted until the end of the block, without those of work inside it."""
        noted: set[str] = set()
        self._open.append(noted)
        try:
            yield noted
        finally:
            self._open.pop()
