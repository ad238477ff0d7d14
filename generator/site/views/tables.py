"""Plain tables as views: pages that are lists and comparisons share one template."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from generator.domain.absence import Absence
from generator.site.views.text import format_count

Style = Literal["", "num", "nowrap", "wide"]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one cell shows: words, as a link or a badge where asked for."""

    text: str | Absence
    route: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading, and whether its cells are numbers, unbroken, or long texts."""

    title: str
    style: Style = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row; its first cell heads it."""

    cells: tuple[Cell, ...]
    total: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its caption."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[TableRow, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with notes and a table; `empty` is said where the table has no row."""

    heading: str
    anchor: str
    notes: tuple[str, ...]
    table: Table | None
    empty: str = ""


@dataclass(frozen=True, slots=True)
class PageLink:
    """A way on: the words, where to, and what is there."""

    title: str
    route: str
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class TablesView:
    """What `pages/tables.html.jinja` sees."""

    crumbs: tuple[tuple[str, str], ...]
    title: str
    lead: str
    notes: tuple[str, ...]
    links: tuple[PageLink, ...]
    sections: tuple[Section, ...]


def make_row(cells: Iterable[str | int | Absence | Cell], *, total: bool = False) -> TableRow:
    """A row of texts, counts (grouped) and ready cells."""
    return TableRow(tuple(_make_cell(cell) for cell in cells), total)


def _make_cell(cell: str | int | Absence | Cell) -> Cell:
    if isinstance(cell, Cell):
        return cell
    if isinstance(cell, int):
        return Cell(format_count(cell))
    return Cell(cell)
