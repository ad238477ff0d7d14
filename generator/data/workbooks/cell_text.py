"""One spelling for equal values: which cells of a table a sheet stores as numbers or dates.

A cell becomes a number only where the number gives the text back (a sheet keeps 15 digits);
everything else stays text, so that nothing is lost on the way out and back.
"""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from generator.data.catalog import Field, Table
from generator.data.workbooks.parse import plain_number

NUMERIC_TYPES: Final = ("number", "integer", "year")
_PLAIN = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_FIRST_DATE: Final = date(1900, 3, 1)
"""Earlier dates are text in a sheet: its calendar of 1900 has a day too many."""


def find_number(field: Field, text: str) -> str:
    """The number that a sheet can store for the cell, in its one spelling; empty if it cannot."""
    if field.type not in NUMERIC_TYPES or not _PLAIN.fullmatch(text):
        return ""
    plain = plain_number(float(text))
    return plain if Decimal(plain) == Decimal(text) else ""


def find_date(field: Field, text: str) -> date | None:
    """The date that a sheet can store for the cell."""
    if field.type != "date":
        return None
    found = _DATE.fullmatch(text)
    if not found:
        return None
    try:
        day = date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None
    return day if day >= _FIRST_DATE else None


def canonical_cell(field: Field, text: str) -> str:
    """A text that is equal for cells of equal value: `12.50` and `12.5` are both `12.5`."""
    return find_number(field, text) or text


def canonical_key(table: Table, row: Sequence[str]) -> tuple[str, ...]:
    """The row's primary key, each part in its one spelling."""
    names = table.field_names
    return tuple(
        canonical_cell(table.field(name), row[names.index(name)]) for name in table.primary_key
    )
