"""A chart as a page shows it: drawing, one sentence, legend, and the rows behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from generator.site.charts.drawing import Drawing
from generator.site.views.tables import Table

Explore = Literal["", "line", "columns", "ranking"]
"""How a script may show the table's numbers for exploring; empty for not at all."""

_SQUARE: Final = "M2 2h12v12h-12z"
KEYS: Final = {
    "step0": _SQUARE,
    "step1": _SQUARE,
    "step2": _SQUARE,
    "step3": _SQUARE,
    "none": _SQUARE,
    "frame": _SQUARE,
    "bar": "M1 4h14v8h-14z",
    "bar-marked": "M1 4h14v8h-14z",
    "gap": _SQUARE,
    "mark": "M3 4h10l-5 9z",
    "limit": "M0 8h16",
    "cross": "M4 4l8 8m0-8l-8 8",
    "dot": "M8 8h0",
    "none-such": "M2 8h12",
    "border": "M8 0v16",
}
"""How each kind looks in a legend of 16 × 16 units."""


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """A kind of shape and what it means."""

    kind: str
    words: str

    @property
    def path(self) -> str:
        """The kind's picture in the legend."""
        return KEYS[self.kind]


@dataclass(frozen=True, slots=True)
class Chart:
    """What `charts.html.jinja` shows as one figure."""

    anchor: str
    """Id of the figure, and the name of the files it is saved as."""
    title: str
    reading: str
    """What the picture says, in a sentence."""
    drawing: Drawing
    legend: tuple[LegendEntry, ...]
    notes: tuple[str, ...]
    table: Table
    explore: Explore = ""
