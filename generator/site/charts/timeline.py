"""The timeline of a ledger project: its steps, its deadline and what came after it.

Fourteen thousand pages carry one, so it is a few paths and short labels. It ends with the last
dated thing, never with today: time passing must not change a page. A project that is overdue has
an open end instead, and the words beside it count the days at view time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from generator.domain.project import REBOUND
from generator.site.charts.drawing import WIDTH

_EDGE: Final = 14
"""Half of a label's width, so that the first and the last one stay inside."""
_OPEN_END: Final = 56
_LABEL: Final = 27
_LINE: Final = 15
_LINES: Final = 4
_DEADLINE_TEXT: Final = 190
"""More than the words of the deadline take."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Path texts and labels; an empty path draws nothing."""

    height: int
    axis: int
    """Height of the axis."""
    stems: str
    """From each step up to its label."""
    dots: str
    crosses: str
    """One for each time the project was sent back."""
    late: str
    """The axis from the deadline to the closing after it, or into the open end."""
    flag: str
    """A triangle under the deadline."""
    labels: tuple[tuple[int, int, str], ...]
    """x, base line and stage of each step."""
    first: str
    last: str
    """Dates under the ends of the axis; `last` is empty where it has one end or an open one."""
    deadline_x: int
    deadline_anchor: str
    deadline_text: str
    open_end: bool


def draw_timeline(
    steps: Sequence[tuple[dt.date, str]],
    deadline: dt.date,
    closed: dt.date | None,
    *,
    overdue: bool,
) -> Timeline | None:
    """The timeline of the dated `steps` (day, stage); None where there is none.

    `overdue` says that the deadline has passed and the project is not closed.
    """
    if not steps:
        return None
    ordered = sorted(steps, key=lambda step: step[0])
    first, last = min(ordered[0][0], deadline), max(ordered[-1][0], deadline)
    room = WIDTH - 2 * _EDGE - (_OPEN_END if overdue else 0)
    days = (last - first).days or 1

    def x_of(day: dt.date) -> int:
        return _EDGE + room * (day - first).days // days

    places = [(x_of(day), stage) for day, stage in ordered]
    lines = _choose_lines([x for x, _ in places])
    axis = (max(lines) + 1) * _LINE + 12
    stems, dots, crosses = [], [], []
    labels = []
    for (x, stage), line in zip(places, lines, strict=True):
        base = axis - 10 - line * _LINE
        labels.append((x, base, stage))
        stems.append(f"M{x} {axis}V{base + 2}")
        if stage == REBOUND:
            crosses.append(f"M{x - 4} {axis - 4}l8 8m0-8l-8 8")
        else:
            dots.append(f"M{x} {axis}h0")
    due = x_of(deadline)
    late, words = "", f"时限 {deadline.isoformat()}"
    if overdue:
        end = WIDTH - 2
        late = f"M{due} {axis}H{end}m-6-5l6 5l-6 5"
        words += "，已逾期"
    elif closed is not None and closed > deadline:
        late = f"M{due} {axis}H{x_of(closed)}"
        words += f"，晚 {(closed - deadline).days} 天销号"
    to_right = due + _DEADLINE_TEXT <= WIDTH
    return Timeline(
        height=axis + 48,
        axis=axis,
        stems="".join(stems),
        dots="".join(dots),
        crosses="".join(crosses),
        late=late,
        flag=f"M{due} {axis + 4}l5 9h-10z",
        labels=tuple(labels),
        first=first.isoformat(),
        last="" if overdue or first == last else last.isoformat(),
        deadline_x=due if to_right else WIDTH,
        deadline_anchor="start" if to_right else "end",
        deadline_text=words,
        open_end=overdue,
    )


def _choose_lines(places: Sequence[int]) -> list[int]:
    """For each label the lowest line on which it does not touch the one before; the last is full.

    On the last line labels may touch: eight steps in one week are told by the table.
    """
    ends = [-_LABEL] * _LINES
    lines: list[int] = []
    for x in places:
        line = next((n for n, end in enumerate(ends) if x - end >= _LABEL), _LINES - 1)
        ends[line] = x
        lines.append(line)
    return lines
