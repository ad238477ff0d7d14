"""Geometry of the plots of automatic readings; the markup is in templates/enterprise.

A plot is a few path texts in whole pixels, since a province has ten thousand of them and every
byte is mirrored. What a colour says, a shape says too: gaps are blocks, means above the limit
are crosses, months with a reading above the limit have a triangle.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 320
HEIGHT: Final = 112
_LEFT: Final = 4
_RIGHT: Final = 4
_TOP: Final = 12
_BOTTOM: Final = 16
"""Room under the base line for the first and last month."""
_CROSS: Final = 3
_HEADROOM: Final = 1.1
"""The highest value stays this much below the upper edge."""


@dataclass(frozen=True, slots=True)
class MonthPlot:
    """A line of monthly values over a stepped limit, as SVG path data; empty texts draw nothing."""

    line: str
    """Through neighbouring months with values; broken at every gap."""
    dots: str
    """Zero-length strokes, one for each month with a value at or below the limit."""
    crosses: str
    """One for each month whose value lies above its limit."""
    limit: str
    gaps: str
    """Blocks over the months without a value."""
    peaks: str
    """Thin strokes from each month's value up to its largest reading."""
    alarms: str
    """Triangles at the largest readings of the months in which one lay above its limit."""
    limit_y: int
    """Base line of the limit's label."""


def plot_months(
    values: Sequence[float | None],
    limits: Sequence[float | None],
    maxima: Sequence[float | None] = (),
    exceeded: Sequence[bool] = (),
) -> MonthPlot:
    """The plot of one series, a value and a limit for each month in order.

    `maxima` are the largest readings of the months, `exceeded` whether any reading lay above its
    limit; without them no peak is drawn. The vertical scale starts at 0 and holds all of them, so
    that a distance to the limit is seen in proportion.

    Raises:
        ValueError: The sequences differ in length, or there is no month.

    """
    if not values or len(values) != len(limits):
        raise ValueError("a plot wants as many limits as values, and at least one")
    if len(maxima) != len(exceeded) or (maxima and len(maxima) != len(values)):
        raise ValueError("a plot wants a maximum for each value, or none at all")
    present = [number for number in (*values, *limits, *maxima) if number is not None]
    top = max(present, default=0.0) * _HEADROOM or 1.0
    base = HEIGHT - _BOTTOM
    step = (WIDTH - _LEFT - _RIGHT) / len(values)

    def x_of(month: int) -> int:
        return round(_LEFT + step * (month + 0.5))

    def y_of(number: float) -> int:
        return round(base - (base - _TOP) * number / top)

    line: list[str] = []
    dots: list[str] = []
    crosses: list[str] = []
    gaps: list[str] = []
    drawing = False
    for month, (value, limit) in enumerate(zip(values, limits, strict=True)):
        if value is None:
            left, right = round(_LEFT + step * month), round(_LEFT + step * (month + 1))
            gaps.append(f"M{left} {_TOP}h{right - left}v{base - _TOP}h{left - right}z")
            drawing = False
            continue
        x, y = x_of(month), y_of(value)
        line.append(f"{'L' if drawing else 'M'}{x} {y}")
        drawing = True
        if limit is not None and value > limit:
            size = 2 * _CROSS
            crosses.append(f"M{x - _CROSS} {y - _CROSS}l{size} {size}m0-{size}l-{size} {size}")
        else:
            dots.append(f"M{x} {y}h0")
    peaks: list[str] = []
    alarms: list[str] = []
    for month, (value, peak, alarm) in enumerate(zip(values, maxima, exceeded, strict=False)):
        if value is None or peak is None:
            continue
        x, y, tip = x_of(month), y_of(value), y_of(peak)
        if tip < y:
            peaks.append(f"M{x} {y}V{tip}")
        if alarm:
            alarms.append(f"M{x - 4} {tip}l4-7l4 7z")
    limit_path = _trace_limit(limits, y_of, step)
    known = [number for number in limits if number is not None]
    return MonthPlot(
        line="".join(line) if "L" in "".join(line) else "",
        dots="".join(dots),
        crosses="".join(crosses),
        limit=limit_path,
        gaps="".join(gaps),
        peaks="".join(peaks),
        alarms="".join(alarms),
        limit_y=max(y_of(known[-1]) - 3, _TOP - 2) if known else base,
    )


def _trace_limit(limits: Sequence[float | None], y_of: Callable[[float], int], step: float) -> str:
    """The limit as a line over whole months; a step where it changes, nothing where unknown.

    A month without readings keeps the limit of the month before, since limits do not lapse.
    """
    path: list[str] = []
    current: float | None = None
    for month, limit in enumerate(limits):
        known = current if limit is None else limit
        if known is None:
            continue
        right = round(_LEFT + step * (month + 1))
        if current is None:
            path.append(f"M{round(_LEFT + step * month)} {y_of(known)}")
        elif known != current:
            path.append(f"V{y_of(known)}")
        if path and path[-1].startswith("H"):
            path.pop()
        path.append(f"H{right}")
        current = known
    return "".join(path)
