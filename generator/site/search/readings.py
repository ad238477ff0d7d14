"""The readings of the characters in titles, in the few bytes that every query has to fetch.

The commonest 3,755 characters stand in the GBK table in the order of their readings. Sorted by
reading, most characters of a corpus therefore lie a few places behind the one before.

Source: docs/search.md §5
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from generator.site.search.fold import list_readings

_FIRST_ROW, _FIRST_CELL, _CELLS = 0xB0, 0xA1, 94

_GAP_FIRST: Final = 0x28
"""The sign for the very next place; those before it would need an escape or mark an end."""

_GAPS: Final = 52
"""Gaps with a sign of their own, all before the backslash."""

GROUP_END: Final = "!"

Readings = Sequence[tuple[str, str]]
"""(reading, characters) in the order of readings."""


def group_readings(titles: Iterable[str]) -> list[tuple[str, str]]:
    """(reading, characters) for every character in titles that has one, in order."""
    groups: dict[str, list[str]] = defaultdict(list)
    for char in sorted({char for title in titles for char in title}, key=_order):
        readings = list_readings(char)
        if readings and len(char.encode("utf-16-le")) == 2:
            groups[readings[0]].append(char)
    return [(reading, "".join(chars)) for reading, chars in sorted(groups.items())]


def list_second(readings: Readings) -> dict[str, tuple[str, ...]]:
    """The characters among `readings` that people also type by another reading."""
    present = "".join(chars for _, chars in readings)
    return {char: list_readings(char) for char in present if len(list_readings(char)) > 1}


def write_readings(readings: Readings) -> list[str]:
    """Two texts: the readings, and their characters by the gaps between places in the table.

    Each reading begins with a capital letter for how much it shares with the one before. A
    character is a sign for its gap, or itself where it is not just behind the one before.
    """
    names: list[str] = []
    signs: list[str] = []
    previous, last = "", -1
    for reading, chars in readings:
        shared = 0
        while reading[: shared + 1] == previous[: shared + 1] and shared < len(previous):
            shared += 1
        names.append(chr(0x41 + shared) + reading[shared:])
        previous = reading
        for char in chars:
            place = _find_place(char)
            if last < place <= last + _GAPS:
                signs.append(chr(_GAP_FIRST + place - last - 1))
                last = place
            else:
                signs.append(char)
        signs.append(GROUP_END)
    return ["".join(names), "".join(signs)]


def _order(char: str) -> tuple[int, str]:
    """By place in the table, those that it lacks before all others."""
    return _find_place(char), char


def _find_place(char: str) -> int:
    """The place of a Chinese character in the table, or -1."""
    try:
        code = char.encode("gb2312")
    except UnicodeEncodeError:
        return -1
    if len(code) != 2 or code[0] < _FIRST_ROW:
        return -1
    return (code[0] - _FIRST_ROW) * _CELLS + code[1] - _FIRST_CELL
