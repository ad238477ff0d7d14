"""Equal values kept once: a ledger names few agencies, stages and days, in very many rows."""

from __future__ import annotations

from typing import Any, TypeVar

Value = TypeVar("Value")


class Pool:
    """Gives for equal values of one type the same object, which takes its memory once."""

    def __init__(self) -> None:
        self._known: dict[Any, Any] = {}

    def __call__(self, value: Value) -> Value:
        """The value, or the equal one that was there before."""
        kept: Value = self._known.setdefault(value, value)
        return kept
