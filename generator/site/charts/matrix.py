"""Completeness matrices: a square for each disclosure table, a row for each category."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from generator.domain.disclosure import TableState
from generator.site.charts.drawing import WIDTH, Drawing, Label, Shape, box, shorten

_NAME: Final = 52
_CELL: Final = 23
_STEP: Final = 26

_STATE_KINDS: Final = {
    TableState.GIVEN: "given",
    TableState.NOT_APPLICABLE: "none-such",
    TableState.WITHHELD: "withheld",
    TableState.MISSING: "missing",
}


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the sites that owe a table have answered it."""

    answered: int
    owed: int


@dataclass(frozen=True, slots=True)
class StateMarks:
    """One path for each of the four states; empty texts draw nothing."""

    given: str
    """Full squares."""
    none_such: str
    """Dashes."""
    withheld: str
    """Squares with a smaller one inside."""
    missing: str
    """Crosses."""
    height: int


def place_cells(sizes: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Left upper corners of the squares of categories with `sizes` tables, in their order."""
    across = (WIDTH - _NAME) // _STEP
    spots: list[tuple[int, int]] = []
    row = 0
    for size in sizes:
        spots += [
            (_NAME + place % across * _STEP, (row + place // across) * _STEP)
            for place in range(size)
        ]
        row += max(1, -(-size // across))
    return tuple(spots)


def place_names(sizes: Sequence[int]) -> tuple[int, ...]:
    """Base lines of the categories' names."""
    starts: list[int] = []
    seen = 0
    spots = place_cells(sizes)
    for size in sizes:
        starts.append(spots[seen][1] + 16 if size else 0)
        seen += size
    return tuple(starts)


@lru_cache(maxsize=4096)
def mark_states(states: tuple[TableState, ...], sizes: tuple[int, ...]) -> StateMarks:
    """The marks of a site's tables. Sites that answer alike share them."""
    marks: dict[TableState, list[str]] = defaultdict(list)
    spots = place_cells(sizes)
    for state, (x, y) in zip(states, spots, strict=True):
        marks[state].append(_mark(state, x, y))
    drawn = {kind: "".join(marks[state]) for state, kind in _STATE_KINDS.items()}
    return StateMarks(
        drawn["given"],
        drawn["none-such"],
        drawn["withheld"],
        drawn["missing"],
        max((y for _, y in spots), default=0) + _CELL + 1,
    )


def _mark(state: TableState, x: int, y: int) -> str:
    if state is TableState.GIVEN:
        return f"M{x} {y}h23v23h-23z"
    if state is TableState.NOT_APPLICABLE:
        return f"M{x + 5} {y + 11}h13"
    if state is TableState.WITHHELD:
        return f"M{x + 1} {y + 1}h21v21h-21zm6 6h9v9h-9z"
    return f"M{x + 5} {y + 5}l13 13m0-13l-13 13"


def draw_shares(
    title: str,
    description: str,
    names: Mapping[str, int],
    shares: Sequence[Share],
) -> Drawing:
    """A district's matrix: each square filled from below as far as its sites have answered.

    `names` are the categories with the number of their tables. The number in a square is the
    whole per cent, rounded down, so that 100 stands for all and nothing less; a table that is
    not complete has an open frame, one that nobody owes a dash.
    """
    sizes = tuple(names.values())
    full, level, frame, nobody = [], [], [], []
    labels = [
        Label("name", 0, base, shorten(name, _NAME - 2))
        for name, base in zip(names, place_names(sizes), strict=True)
    ]
    spots = place_cells(sizes)
    for share, (x, y) in zip(shares, spots, strict=True):
        if not share.owed:
            nobody.append(f"M{x + 5} {y + 11}h13")
            continue
        if share.answered == share.owed:
            full.append(box(x, y, _CELL, _CELL))
        else:
            height = _CELL * share.answered / share.owed
            level.append(box(x, y + _CELL - height, _CELL, height))
            frame.append(box(x, y, _CELL, _CELL))
        labels.append(
            Label("cell", x + 12, y + 16, str(share.answered * 100 // share.owed), "middle")
        )
    shapes = tuple(
        Shape(kind, "".join(paths))
        for kind, paths in (
            ("step2", full),
            ("step1", level),
            ("frame", frame),
            ("none-such", nobody),
        )
        if paths
    )
    height = max((y for _, y in spots), default=0) + _CELL + 1
    return Drawing(height, title, description, shapes, tuple(labels))
