"""The remediation funnel: for each batch, how many projects have come as far as each stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from generator.site.charts.drawing import WIDTH, Drawing, Label, Shape, box

_ROW: Final = 20
_BAR: Final = 14
_HEAD: Final = 22
_NAME: Final = 34
_VALUE: Final = 106
_SPACE: Final = 8


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """A stage: how many came so far, and the words beside its bar."""

    name: str
    count: int
    value: str


@dataclass(frozen=True, slots=True)
class FunnelBlock:
    """The steps of one batch."""

    title: str
    steps: tuple[FunnelStep, ...]


def draw_funnel(title: str, description: str, blocks: Sequence[FunnelBlock]) -> Drawing:
    """The blocks one under another, each on its own scale, its first step being the whole width.

    Bars are centred, so that the narrowing is seen; a step that nobody reached has no bar.
    """
    span = WIDTH - _NAME - _VALUE
    middle = _NAME + span / 2
    bars: list[str] = []
    labels: list[Label] = []
    y = 0
    for block in blocks:
        labels.append(Label("head", 0, y + 14, block.title))
        y += _HEAD
        whole = max((step.count for step in block.steps), default=0)
        for step in block.steps:
            base = y + _BAR - 2
            labels.append(Label("name", 0, base, step.name))
            labels.append(Label("value", WIDTH, base, step.value, "end"))
            if step.count:
                width = max(1.0, span * step.count / whole)
                bars.append(box(middle - width / 2, y, width, _BAR))
            y += _ROW
        y += _SPACE
    shapes = (Shape("bar", "".join(bars)),) if bars else ()
    return Drawing(max(1, y - _SPACE), title, description, shapes, tuple(labels))
