"""What a chart is before it is markup: paths, labels and links, placed in one coordinate system.

A drawing is as wide as a phone's page, so that its units are nearly a phone's pixels and 12 units
of type can be read there. Kinds are class names of `assets/css/55-charts.css`, which says how
they look in light, in dark and on paper; nothing here knows a colour. Drawings have no ids of
their own, so that any number of them can stand on a page.

Source: docs/adr/0034-charts.md
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

WIDTH: Final = 320
"""Of every drawing, in its own units: a 360-pixel phone less the page's margins."""
TEXT: Final = 12
"""Height of the type in the same units."""

Anchor = Literal["start", "middle", "end"]

_NARROW: Final = 0.6
"""Width of a Latin letter or digit in heights of the type; Chinese characters are 1 wide."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A path of one kind."""

    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class Label:
    """Words with their base line at (x, y)."""

    kind: str
    x: int
    y: int
    text: str
    anchor: Anchor = "start"


@dataclass(frozen=True, slots=True)
class LinkedPart:
    """A part of a drawing that leads to a page; `words` say it whole to those who do not see it."""

    route: str
    words: str
    shapes: tuple[Shape, ...]
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture of `WIDTH` units; with `parts` it is a list of links, else one image."""

    height: int
    title: str
    description: str
    shapes: tuple[Shape, ...]
    labels: tuple[Label, ...]
    parts: tuple[LinkedPart, ...] = ()


def box(x: float, y: float, width: float, height: float) -> str:
    """The path of a rectangle, in whole units."""
    left, top = round(x), round(y)
    right, bottom = round(x + width), round(y + height)
    return f"M{left} {top}h{right - left}v{bottom - top}h{left - right}z"


def measure_text(text: str) -> float:
    """About how wide `text` is, in units."""
    return TEXT * sum(1 if ord(letter) > 0x2E80 else _NARROW for letter in text)


def shorten(text: str, width: float) -> str:
    """As much of `text` as fits into `width` units, with … where something is cut off."""
    if measure_text(text) <= width:
        return text
    kept = text
    while kept and measure_text(kept) + TEXT > width:
        kept = kept[:-1]
    return f"{kept}…"
