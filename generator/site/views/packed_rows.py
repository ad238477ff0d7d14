"""Whole columns become texts at once, and rows become one text each.

The words of a cell are made by the same function whether it is formatted alone or with its
column; a column calls it once for each different cell that needs it at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from generator.data.catalog import Field
from generator.domain.absence import Absence, read_absence
from generator.site.views.text import group_digits
from generator.site.views.visible import reveal_controls

Cell = str | Absence

CELL_BREAK: Final = "\x1f"
ROW_BREAK: Final = "\x1e"
ABSENCE_MARKS: Final = {
    Absence.NOT_REPORTED: "\x1a",
    Absence.NOT_APPLICABLE: "\x1c",
    Absence.WITHHELD: "\x1d",
}
"""What stands for an absence in a packed row. All of these are control characters: no shown cell
holds one, since `reveal_controls` writes them out."""
HEADER_BREAK: Final = "\x17"
UNIT_START: Final = "\x0e"
UNIT_END: Final = "\x0f"
"""Between packed header cells, and around the unit in one."""

_HIDDEN: Final = r"[\p{C}\p{Z}--[ ]]"
"""A superset of what `reveal_controls` changes: any control, format or separator but the space."""
_GROUPED: Final = r"^-?[0-9]{4}"
"""Numbers that get digit groups."""
_EVERY: Final = ""


@dataclass(frozen=True, slots=True)
class ColumnFormat:
    """How the cells of one field are shown."""

    position: int
    """Of the field in the row."""
    show: Callable[[str], Cell]
    changed: str
    """Pattern of the cells that `show` changes; others pass as they are."""


def plan_column(field: Field, position: int, words: dict[str, str]) -> ColumnFormat:
    """The format of a field; `words` stand in place of codes, and may be empty."""
    absences = {
        text: absence
        for text in field.missing_values
        if (absence := read_absence(text)) is not None
    }
    find_absence = absences.get

    def show_word(text: str) -> Cell:
        return find_absence(text) or words.get(text) or reveal_controls(text)

    def show_number(text: str) -> Cell:
        return find_absence(text) or reveal_controls(group_digits(text))

    def show_time(text: str) -> Cell:
        return find_absence(text) or reveal_controls(text.replace("T", " "))

    if words:
        return ColumnFormat(position, show_word, _EVERY)
    absent = [f"^{text}$" for text in absences]
    if field.type in {"number", "integer"}:
        return ColumnFormat(position, show_number, "|".join([*absent, _GROUPED, _HIDDEN]))
    if field.type == "datetime":
        return ColumnFormat(position, show_time, "|".join([*absent, "T", _HIDDEN]))
    return ColumnFormat(position, show_word, "|".join([*absent, _HIDDEN]))


def pack_rows(rows: pl.DataFrame, formats: Sequence[ColumnFormat]) -> list[str]:
    """Each row of `rows` as one text, its shown cells parted by CELL_BREAK."""
    columns = [
        _format_column(rows.to_series(column.position), column).alias(str(place))
        for place, column in enumerate(formats)
    ]
    return (
        pl.DataFrame(columns)
        .select(pl.concat_str(pl.all(), separator=CELL_BREAK))
        .to_series()
        .to_list()
    )


def _format_column(cells: pl.Series, column: ColumnFormat) -> pl.Series:
    """The column with every cell as it is shown, absences as their marks."""
    changed = cells.filter(cells.str.contains(column.changed)).unique().to_list()
    shown = [_pack_cell(column.show(text)) for text in changed]
    return cells.replace(changed, shown) if changed else cells


def pack_cells(cells: Iterable[Cell]) -> str:
    """One row of shown cells as one text."""
    return CELL_BREAK.join([_pack_cell(cell) for cell in cells])


def pack_header(title: str, unit: str) -> str:
    """A header cell with its unit, which may be empty."""
    shown = reveal_controls(title)
    return f"{shown} {UNIT_START}{reveal_controls(unit)}{UNIT_END}" if unit else shown


def _pack_cell(cell: Cell) -> str:
    return ABSENCE_MARKS[cell] if isinstance(cell, Absence) else cell
