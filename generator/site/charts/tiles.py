"""Tile maps: a square for each division where people expect it, without any boundary.

The places come from the settings (`tile_map`), which each province draws for itself as rows of
codes; divisions that the settings do not name stand in rows of their own below, by code, and a
province that draws nothing gets a plain grid by code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from generator.site.charts.drawing import WIDTH, Drawing, Label, LinkedPart, Shape, box, shorten

_GAP: Final = 4
_LARGEST: Final = 77
"""Side of a square where a province has few of them."""
_MARK: Final = 9


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a division's square stands, counted from 0."""

    code: str
    column: int
    row: int


@dataclass(frozen=True, slots=True)
class Tile:
    """A division as its square shows it."""

    code: str
    group: str
    """Code of the division above; squares of different groups are parted by a line."""
    name: str
    value: str
    """Shown under the name."""
    words: str
    """Name, value and remarks as a sentence."""
    route: str
    step: int
    """Shade from 0 (light) to 3; -1 where there is no value."""
    marked: bool
    """Below the line that the legend explains: a triangle in the corner."""


def lay_out(codes: Sequence[str], grid: Sequence[Sequence[str]], columns: int) -> tuple[Spot, ...]:
    """Where each of `codes` stands: as drawn in `grid`, the others below in rows of `columns`.

    Rows and columns of the grid that hold none of the codes are left out.
    """
    wanted = set(codes)
    drawn = {
        code: (column, row)
        for row, cells in enumerate(grid)
        for column, code in enumerate(cells)
        if code in wanted
    }
    across = {column: place for place, column in enumerate(sorted({c for c, _ in drawn.values()}))}
    down = {row: place for place, row in enumerate(sorted({r for _, r in drawn.values()}))}
    spots = [Spot(code, across[column], down[row]) for code, (column, row) in drawn.items()]
    for place, code in enumerate(sorted(wanted - set(drawn))):
        spots.append(Spot(code, place % columns, len(down) + place // columns))
    return tuple(sorted(spots, key=lambda spot: (spot.row, spot.column)))


def draw_tiles(
    title: str, description: str, tiles: Mapping[str, Tile], spots: Sequence[Spot]
) -> Drawing:
    """The map of `tiles`, each at its spot."""
    columns = max((spot.column for spot in spots), default=0) + 1
    rows = max((spot.row for spot in spots), default=-1) + 1
    side = min(_LARGEST, (WIDTH - _GAP * (columns - 1)) // columns)
    step = side + _GAP
    parts = [_draw_tile(tiles[spot.code], spot.column * step, spot.row * step, side)
             for spot in spots]  # fmt: skip
    return Drawing(
        height=max(1, rows * step - _GAP),
        title=title,
        description=description,
        shapes=_draw_borders(tiles, spots, step),
        labels=(),
        parts=tuple(parts),
    )


def _draw_tile(tile: Tile, x: int, y: int, side: int) -> LinkedPart:
    middle = x + side // 2
    shapes = [Shape("none" if tile.step < 0 else f"step{tile.step}", box(x, y, side, side))]
    if tile.marked:
        right = x + side - 2
        shapes.append(Shape("mark", f"M{right} {y + 2}h-{_MARK}l{_MARK} {_MARK}z"))
    return LinkedPart(
        tile.route,
        tile.words,
        tuple(shapes),
        (
            Label("name", middle, y + side // 2 - 1, shorten(tile.name, side), "middle"),
            Label("value", middle, y + side // 2 + 14, shorten(tile.value, side), "middle"),
        ),
    )


def _draw_borders(tiles: Mapping[str, Tile], spots: Sequence[Spot], step: int) -> tuple[Shape, ...]:
    """A line in the gap between neighbours of different groups."""
    groups = {(spot.column, spot.row): tiles[spot.code].group for spot in spots}
    lines = []
    half = _GAP // 2
    for (column, row), group in groups.items():
        x, y = column * step, row * step
        right, below = groups.get((column + 1, row)), groups.get((column, row + 1))
        if right is not None and right != group:
            lines.append(f"M{x + step - half} {y - half}v{step}")
        if below is not None and below != group:
            lines.append(f"M{x - half} {y + step - half}h{step}")
    return (Shape("border", "".join(lines)),) if lines else ()
