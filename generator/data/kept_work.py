"""Results of an earlier build by what they were made of, for work that notes what it reads.

One entry of the cache holds the results of many pieces of work, each with the state of everything
that it read. A result stands while all of these states are the same. An entry that was put back
from an older build is therefore of no harm: its states are compared too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from generator.cache import Cache, digest
from generator.data.reads import Reads

Result = TypeVar("Result")
"""What JSON can hold."""


class KeptWork:
    """Results of pieces of work by name; `close` keeps those of this build."""

    def __init__(
        self, cache: Cache, key: str, reads: Reads, state_of: Callable[[str], str]
    ) -> None:
        """`key` stands for what all work depends on, `state_of` for each thing that may be read."""
        self._cache = cache
        self._key = key
        self._reads = reads
        self._state_of = state_of
        known = cache.load(key)
        self._known: dict[str, Any] = {} if known is None else json.loads(known)
        self._found: dict[str, Any] = {}

    def recall(self, name: str, needs: object, work: Callable[[], Result]) -> Result:
        """What the work called `name` gives, which follows from what it reads and from `needs`."""
        found: Result | None = self.find(name, needs)
        if found is not None:
            return found
        with self._reads.begin() as read:
            result = work()
        self.note(name, needs, read, result)
        return result

    def find(self, name: str, needs: object) -> Any:
        """The result of an earlier build if it stands, else None."""
        known = self._known.get(name)
        if known is None or known["needs"] != digest(needs):
            return None
        if any(self._state_of(thing) != state for thing, state in known["read"].items()):
            return None
        self._found[name] = known
        return known["result"]

    def note(self, name: str, needs: object, read: Collection[str], result: object) -> None:
        """Keep a result, made from what is named in `read`."""
        states = {thing: self._state_of(thing) for thing in sorted(read)}
        self._found[name] = {"needs": digest(needs), "read": states, "result": result}

    def close(self) -> None:
        """Keep what was found or noted for the next build."""
        self._cache.save(self._key, json.dumps(self._found, ensure_ascii=False).encode())
