"""Parts of a whole that are made when somebody asks for them, once, noting what they read.

A part is an attribute; asking for it notes `part <name>` for whoever is asking, and what is read
while it is made is kept with it. So one build can tell from what another one noted whether a part
would come out the same, without making it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar, overload

from generator.data.reads import Reads

Owner = TypeVar("Owner", bound="Whole")
Value = TypeVar("Value")


class Whole:
    """What has parts. `reads` is where its parts' sources note what is read, too."""

    def __init__(self, reads: Reads) -> None:
        self.reads = reads
        self._made: dict[str, object] = {}
        self._read_by: dict[str, frozenset[str]] = {}
        self._defined: dict[str, Callable[[], object]] = {}

    def define(self, name: str, work: Callable[[], object]) -> None:
        """Add a part that is no attribute; what `work` reads must be of this whole."""
        self._defined[name] = work

    def find(self, name: str) -> Any:
        """The part `name`, whether it is an attribute or was defined."""
        work = self._defined.get(name)
        return getattr(self, name) if work is None else self.make(name, work)

    @property
    def read_by(self) -> Mapping[str, frozenset[str]]:
        """By the name of each part that was made, what it read."""
        return self._read_by

    def make(self, name: str, work: Callable[[], Value]) -> Any:
        """The part `name`, which `work` makes."""
        self.reads.note(f"part {name}")
        if name not in self._made:
            with self.reads.begin() as read:
                self._made[name] = work()
            self._read_by[name] = frozenset(read)
        return self._made[name]


class Part(Generic[Owner, Value]):
    """An attribute of a whole."""

    def __init__(self, work: Callable[[Owner], Value]) -> None:
        self._work = work
        self.__doc__ = work.__doc__

    def __set_name__(self, owner: type[Owner], name: str) -> None:
        self._name = name

    @overload
    def __get__(self, whole: None, kind: type[Owner]) -> Part[Owner, Value]: ...

    @overload
    def __get__(self, whole: Owner, kind: type[Owner]) -> Value: ...

    def __get__(self, whole: Owner | None, kind: type[Owner]) -> Part[Owner, Value] | Value:
        if whole is None:
            return self
        value: Value = whole.make(self._name, lambda: self._work(whole))
        return value
