"""What a piece of work reads, noted while it does: made of the same again, it gives the same.

Work that reads nothing but noted things reads the same things as long as none of them changes,
since what it reads next follows from what it has read. So a result of an earlier build holds
while all that was noted then is as it was.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager


class Reads:
    """Notes names for the innermost work that is going on in the same thread."""

    def __init__(self) -> None:
        self._open: defaultdict[int, list[set[str]]] = defaultdict(list)

    def note(self, name: str) -> None:
        """Something called `name` is read; nobody may be asking."""
        going_on = self._open[threading.get_ident()]
        if going_on:
            going_on[-1].add(name)

    @contextmanager
    def begin(self) -> Iterator[set[str]]:
        """The names that are noted until the end of the block, without those of work inside it."""
        noted: set[str] = set()
        going_on = self._open[threading.get_ident()]
        going_on.append(noted)
        try:
            yield noted
        finally:
            going_on.pop()
