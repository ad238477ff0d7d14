"""Weekly trends: a line or columns over weeks, a limit where there is one, gaps left open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from generator.site.charts.drawing import WIDTH, Drawing, Label, Shape, box

_HEIGHT: Final = 170
_LEFT: Final = 40
_TOP: Final = 14
_BOTTOM: Final = 24
_DENSE: Final = 30
"""With more points than this a line has no dots but at lonely ones."""
_STEPS: Final = (1, 2, 5)


def choose_ticks(low: float, high: float) -> tuple[int, ...]:
    """Three to six whole numbers at even distances, from at most `low` to at least `high`."""
    power = 1
    while True:
        for factor in _STEPS:
            size = factor * power
            first = int(low // size)
            last = -int(-high // size)
            if last - first <= 5:
                last = max(last, first + 1)
                return tuple(size * tick for tick in range(first, last + 1))
        power *= 10


def draw_columns(
    title: str, description: str, weeks: Sequence[str], values: Sequence[int | None]
) -> Drawing:
    """A column for each week, from 0; a week without a number is a hatched gap."""
    ticks = choose_ticks(0, max((value for value in values if value is not None), default=1))
    y_of = _scale(ticks)
    base = _HEIGHT - _BOTTOM
    step = (WIDTH - _LEFT) / max(1, len(weeks))
    width = step * 0.7
    columns, zeros = [], []
    labels: list[Label] = []
    for place, value in enumerate(values):
        x = _LEFT + step * place + (step - width) / 2
        if value is None:
            continue
        if value:
            columns.append(box(x, y_of(value), width, base - y_of(value)))
        else:
            zeros.append(f"M{round(x)} {base}h{round(width)}")
        if step >= 24:
            labels.append(
                Label("value", round(x + width / 2), round(y_of(value)) - 3, str(value), "middle")
            )
    shapes = [*_grid(ticks, y_of), *_gaps(values, step)]
    if columns:
        shapes.append(Shape("bar", "".join(columns)))
    if zeros:
        shapes.append(Shape("zero", "".join(zeros)))
    return _finish(title, description, shapes, [*_axes(ticks, y_of, "", weeks), *labels])


def draw_line(
    title: str,
    description: str,
    weeks: Sequence[str],
    values: Sequence[float | None],
    *,
    unit: str = "",
    limit: int | None = None,
) -> Drawing:
    """A line through neighbouring weeks, broken at every gap; values below `limit` are crosses.

    Without a limit the scale begins at 0. With one it begins below the lowest of values and
    limit, which the axis shows: the distance to the limit is what such a chart is about.
    """
    known = [value for value in values if value is not None]
    if limit is None:
        ticks = choose_ticks(0, max(known, default=1))
    else:
        ticks = choose_ticks(min([*known, limit]), max([*known, limit]))
    y_of = _scale(ticks)
    step = (WIDTH - _LEFT) / max(1, len(weeks))
    line, dots, crosses = [], [], []
    for place, value in enumerate(values):
        if value is None:
            continue
        x, y = round(_LEFT + step * (place + 0.5)), round(y_of(value))
        joined = place > 0 and values[place - 1] is not None
        lonely = not joined and (place + 1 == len(values) or values[place + 1] is None)
        if not lonely:
            line.append(f"{'L' if joined else 'M'}{x} {y}")
        if limit is not None and value < limit:
            crosses.append(f"M{x - 3} {y - 3}l6 6m0-6l-6 6")
        elif lonely or len(values) <= _DENSE:
            dots.append(f"M{x} {y}h0")
    shapes = [*_grid(ticks, y_of), *_gaps(values, step)]
    labels = _axes(ticks, y_of, unit, weeks)
    if limit is not None:
        y = round(y_of(limit))
        shapes.append(Shape("limit", f"M{_LEFT} {y}H{WIDTH}"))
        labels.append(Label("limit", WIDTH, y - 4, f"底线 {limit}{unit}", "end"))
    shapes += [
        Shape(kind, "".join(paths))
        for kind, paths in (("line", line), ("dot", dots), ("cross", crosses))
        if paths
    ]
    return _finish(title, description, shapes, labels)


def _scale(ticks: Sequence[int]) -> Callable[[float], float]:
    """How high a value stands between the first and the last tick."""
    low, high = ticks[0], ticks[-1]
    room = _HEIGHT - _TOP - _BOTTOM

    def y_of(value: float) -> float:
        return _HEIGHT - _BOTTOM - room * (value - low) / (high - low)

    return y_of


def _grid(ticks: Sequence[int], y_of: Callable[[float], float]) -> list[Shape]:
    lines = "".join(f"M{_LEFT} {round(y_of(tick))}H{WIDTH}" for tick in ticks[1:])
    return [Shape("grid", lines), Shape("axis", f"M{_LEFT} {_HEIGHT - _BOTTOM}H{WIDTH}")]


def _gaps(values: Sequence[float | None], step: float) -> list[Shape]:
    blocks = [
        box(_LEFT + step * place, _TOP, step, _HEIGHT - _TOP - _BOTTOM)
        for place, value in enumerate(values)
        if value is None
    ]
    return [Shape("gap", "".join(blocks))] if blocks else []


def _axes(
    ticks: Sequence[int], y_of: Callable[[float], float], unit: str, weeks: Sequence[str]
) -> list[Label]:
    labels = [
        Label("tick", _LEFT - 5, round(y_of(tick)) + 4, f"{tick:,}{unit}", "end") for tick in ticks
    ]
    if weeks:
        labels.append(Label("tick", _LEFT, _HEIGHT - 6, weeks[0]))
    if len(weeks) > 1:
        labels.append(Label("tick", WIDTH, _HEIGHT - 6, weeks[-1], "end"))
    return labels


def _finish(title: str, description: str, shapes: list[Shape], labels: list[Label]) -> Drawing:
    return Drawing(_HEIGHT, title, description, tuple(shapes), tuple(labels))
