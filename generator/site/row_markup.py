"""Rows of tables become markup, a column at a time.

Beside `site.render` the only place where data meets HTML: half a million rows pass here, and a
template would look at each of their cells. What a cell looks like is said by one function,
`ColumnMarkup.mark_up`, which ends in `escape`. A column asks it once for each different cell that
can look other than it is written; the pattern of these cells holds every character that escaping
changes, so that what it lets pass needs no escaping (tests/test_row_markup.py).

An absence is one control character, which no cell can hold since `reveal_controls` writes them
out; the renderer, which alone takes `Rows` for markup, puts the words of `absence.html.jinja` in
its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import polars as pl
from markupsafe import Markup, escape

from generator.data.catalog import Field
from generator.domain.absence import Absence, read_absence
from generator.site.views.text import group_digits
from generator.site.views.visible import reveal_controls

Cell = str | Absence

ABSENCE_MARKS: Final = {
    Absence.NOT_REPORTED: "\x1a",
    Absence.NOT_APPLICABLE: "\x1c",
    Absence.WITHHELD: "\x1d",
}
"""What stands for an absence until the page is finished."""

# HTML lets the end tags of cells and rows be left out, which saves a mirror a tenth of the page.
_ROW: Final = "<tr><td>"
_NEXT_CELL: Final = "<td>"
_WEB_SCHEMES: Final = frozenset({"http", "https"})

_CHANGED_BY_ESCAPING: Final = "[&<>\"']"
_HIDDEN: Final = r"[\p{C}\p{Z}--[ ]]"
"""A superset of what `reveal_controls` changes: any control, format or separator but the space."""
_GROUPED: Final = r"^-?[0-9]{4}"
"""Numbers that get digit groups."""
_EVERY: Final = ""


class Rows(str):
    """Rows of a table: markup, but for the marks of absences. Escaped where it goes astray."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class ColumnMarkup:
    """How the cells of one field look."""

    position: int
    """Of the field in the row."""
    mark_up: Callable[[str], str]
    """A cell as markup."""
    changed: str
    """Pattern of the cells that `mark_up` changes; others pass as they are."""


def plan_column(field: Field, position: int, words: dict[str, str]) -> ColumnMarkup:
    """The look of a field; `words` stand in place of codes, and may be empty."""
    absences = {
        text: ABSENCE_MARKS[absence]
        for text in field.missing_values
        if (absence := read_absence(text)) is not None
    }
    find_absence = absences.get

    def mark_up_word(text: str) -> str:
        return find_absence(text) or _escape(words.get(text) or reveal_controls(text))

    def mark_up_number(text: str) -> str:
        return find_absence(text) or _escape(reveal_controls(group_digits(text)))

    def mark_up_time(text: str) -> str:
        return find_absence(text) or _escape(reveal_controls(text.replace("T", " ")))

    def mark_up_address(text: str) -> str:
        return find_absence(text) or link_address(reveal_controls(text))

    if field.format == "uri":
        return ColumnMarkup(position, mark_up_address, _EVERY)
    if words:
        return ColumnMarkup(position, mark_up_word, _EVERY)
    changed = [*(f"^{text}$" for text in absences), _HIDDEN, _CHANGED_BY_ESCAPING]
    if field.type in {"number", "integer"}:
        return ColumnMarkup(position, mark_up_number, "|".join([*changed, _GROUPED]))
    if field.type == "datetime":
        return ColumnMarkup(position, mark_up_time, "|".join([*changed, "T"]))
    return ColumnMarkup(position, mark_up_word, "|".join(changed))


def mark_up_rows(rows: pl.DataFrame, columns: Sequence[ColumnMarkup]) -> list[str]:
    """Each row of `rows` as a table row."""
    cells = mark_up_cells(rows, columns)
    row = pl.concat_str(pl.lit(_ROW), pl.concat_str(pl.all(), separator=_NEXT_CELL))
    return cells.select(row).to_series().to_list()


def mark_up_facts(
    rows: pl.DataFrame, columns: Sequence[ColumnMarkup], titles: Sequence[tuple[str, str]]
) -> list[str]:
    """Each row of `rows` as the entries of a list of facts under `titles` with their units."""
    cells = mark_up_cells(rows, columns)
    parts: list[pl.Expr] = []
    for name, (title, unit) in zip(cells.columns, titles, strict=True):
        parts += [pl.lit(f"<dt>{mark_up_title(title, unit)}</dt><dd>"), pl.col(name)]
        parts += [pl.lit("</dd>\n")]
    return cells.select(pl.concat_str(parts)).to_series().to_list()


def mark_up_cells(rows: pl.DataFrame, columns: Sequence[ColumnMarkup]) -> pl.DataFrame:
    """The cells of `columns` as markup; the frame's own names are of no account."""
    return pl.DataFrame(
        [
            _mark_up_column(rows.to_series(column.position), column).alias(str(place))
            for place, column in enumerate(columns)
        ]
    )


def _mark_up_column(cells: pl.Series, column: ColumnMarkup) -> pl.Series:
    changed = cells.filter(cells.str.contains(column.changed)).unique().to_list()
    return cells.replace(changed, [column.mark_up(text) for text in changed]) if changed else cells


def mark_up_row(cells: Iterable[Cell]) -> str:
    """One table row of shown cells."""
    return _ROW + _NEXT_CELL.join([_mark_up_cell(cell) for cell in cells])


def join_rows(rows: Iterable[str]) -> Rows:
    """Rows of a table, one to a line, as the template takes them."""
    return Rows("\n".join(rows))


def mark_up_title(title: str, unit: str) -> Markup:
    """A column's title with its unit, which may be empty."""
    shown = escape(reveal_controls(title))
    if not unit:
        return shown
    return Markup('{} <span class="hj-unit">{}</span>').format(shown, reveal_controls(unit))


def link_address(text: str) -> Markup:
    """A link when the text is a plain web address, else the text itself."""
    url = checked_url(text)
    if not url:
        return escape(text)
    return Markup('<a href="{}" rel="nofollow noopener noreferrer">{}</a>').format(url, text)


def checked_url(text: str) -> str:
    """The address when it is a plain web address, else the empty string.

    Only absolute http and https addresses with a host pass, so that no cell can smuggle in
    `javascript:`, `data:` or a path into the site.
    """
    candidate = text.strip()
    if any(ord(char) < 33 or char in "\\\"'<>`" for char in candidate):
        return ""
    try:
        parts = urlsplit(candidate)
    except ValueError:
        return ""
    if parts.scheme.lower() not in _WEB_SCHEMES or not parts.hostname or "@" in parts.netloc:
        return ""
    return candidate


def _mark_up_cell(cell: Cell) -> str:
    return ABSENCE_MARKS[cell] if isinstance(cell, Absence) else _escape(cell)


def _escape(text: str) -> str:
    return str(escape(text))
