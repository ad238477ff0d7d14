"""Where a Chinese text may be broken into lines.

Between any two characters, but never inside a number, code or Latin word, never before closing
punctuation and never after opening punctuation.

Source: GB/T 15834-2011 (5.1), UAX 14.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

_OPENING: Final = "（《〈“‘〔【"
_CLOSING: Final = "，。；：、？！）》〉”’〕】％%"
_UNITS: Final = re.compile(
    rf"[{_OPENING}]*(?:[0-9A-Za-z][0-9A-Za-z.,/:-]*[0-9A-Za-z%]|[^\s])[{_CLOSING}]*|\s"
)


def break_lines(text: str, measure: Callable[[str], float], width: float) -> tuple[str, ...]:
    """The lines of `text`, each at most `width` wide as `measure` has it.

    A unit that is itself wider than a line is cut by characters, so that nothing is lost.
    """
    lines: list[str] = []
    line, filled = "", 0.0
    for unit in _split_units(text, measure, width):
        wide = measure(unit)
        if line and filled + wide > width:
            lines.append(line.rstrip())
            line, filled = "", 0.0
        if line or unit.strip() or not lines:
            line += unit
            filled += wide
    return (*lines, line.rstrip())


def _split_units(text: str, measure: Callable[[str], float], width: float) -> Iterator[str]:
    for unit in _UNITS.findall(text):
        if measure(unit) <= width:
            yield unit
        else:
            yield from unit
