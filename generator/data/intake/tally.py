"""What was seen on the way: cells that could not be converted, values that say nothing."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple


class RowRef(NamedTuple):
    """A row of a source file."""

    label: str
    row: int


class CellKey(NamedTuple):
    """Cells alike in file, column, target, value and reason: one line of the report."""

    label: str
    column: str
    target: str
    value: str
    reason: str


@dataclass(slots=True)
class CellLog:
    """Cells grouped by everything but their row."""

    rows: dict[CellKey, list[int]] = field(default_factory=dict)

    def note(self, key: CellKey, row: int) -> None:
        """One more cell of the group."""
        found = self.rows.setdefault(key, [])
        if not found or found[-1] != row:
            found.append(row)

    def items(self) -> Iterator[tuple[CellKey, tuple[int, ...]]]:
        """Groups in a fixed order, with their rows."""
        for key in sorted(self.rows):
            yield key, tuple(dict.fromkeys(sorted(self.rows[key])))

    def count(self) -> int:
        """How many cells there are."""
        return sum(len(set(rows)) for rows in self.rows.values())


@dataclass(slots=True)
class CleaningLog:
    """What cleaning a file's cells changed."""

    trimmed: int = 0
    inner: int = 0
    placeholders: Counter[tuple[str, str]] = field(default_factory=Counter)
