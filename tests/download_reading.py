"""Reads what the site offers for download, with other libraries than those that wrote it."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

import openpyxl

_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def read_workbook(content: bytes) -> dict[str, list[list[str]]]:
    """The cells of each sheet by its title, as texts; Excel's escapes are read as Excel does."""
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    return {
        sheet.title: [
            [read_cell(value) for value in row] for row in sheet.iter_rows(values_only=True)
        ]
        for sheet in book.worksheets
    }


def read_cell(value: object) -> str:
    """The text of a cell.

    Raises:
        TypeError: The cell holds a number, a date or a formula.

    """
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)


def join_parts(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """The rows with the texts that go on in columns `field~2`, `field~3` … put together."""
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        places.setdefault(name.partition("~")[0], []).append(place)
    return [["".join(row[place] for place in group) for group in places.values()] for row in rows]
