"""Ranking bars: one horizontal bar for each place, from 0 to 100 per cent, over a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from generator.site.charts.drawing import WIDTH, Drawing, Label, Shape, box, shorten

_ROW: Final = 22
_BAR: Final = 14
_NAME: Final = 62
_VALUE: Final = 58
_TOP: Final = 20
"""Room above the bars for the words of the line."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A place with its share; None draws no bar, only the words."""

    name: str
    share: Fraction | None
    value: str
    marked: bool = False
    """Below the line: an empty bar with a triangle before its value."""


def draw_bars(title: str, description: str, bars: Sequence[Bar], line: int | None) -> Drawing:
    """The bars in the order given, over the line at `line` per cent where there is one."""
    span = WIDTH - _NAME - _VALUE
    top = _TOP if line is not None else 2
    plain: list[str] = []
    marked: list[str] = []
    triangles: list[str] = []
    labels: list[Label] = []
    for place, bar in enumerate(bars):
        y = top + place * _ROW
        base = y + _BAR - 2
        labels.append(Label("name", _NAME - 6, base, shorten(bar.name, _NAME - 6), "end"))
        if bar.share is None:
            labels.append(Label("absent", _NAME + 2, base, bar.value))
            continue
        labels.append(Label("value", WIDTH, base, bar.value, "end"))
        shape = box(_NAME, y, max(1, float(bar.share) * span), _BAR)
        (marked if bar.marked else plain).append(shape)
        if bar.marked:
            triangles.append(f"M{WIDTH - _VALUE + 2} {y + 3}h8l-4 8z")
    bottom = top + max(1, len(bars)) * _ROW
    shapes = [Shape("axis", f"M{_NAME} {top - 2}V{bottom - 4}")]
    shapes += [
        Shape(kind, "".join(paths))
        for kind, paths in (("bar", plain), ("bar-marked", marked), ("mark", triangles))
        if paths
    ]
    if line is not None:
        x = round(_NAME + span * line / 100)
        shapes.append(Shape("limit", f"M{x} {top - 4}V{bottom - 4}"))
        labels.append(Label("limit", x, top - 7, f"底线 {line}%", "middle"))
    return Drawing(bottom, title, description, tuple(shapes), tuple(labels))
