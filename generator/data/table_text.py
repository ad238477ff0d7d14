"""A table's cells as text, for comparing datasets that need not be valid."""

import polars as pl

from generator.data.catalog import Table
from generator.data.load import UndecodableError, read_records

OCCURRENCE = "#occurrence"
"""Counts rows of one key from 0, so that a doubled key pairs row by row."""
ROW = "#row"
"""The row as a spreadsheet counts it, the header being row 1."""


def read_text(table: Table) -> pl.DataFrame | None:
    """Every cell of a CSV table as String, with `ROW`; None where the file cannot be cut.

    That is where the file is missing or not UTF-8, or its header is not the schema's, or a
    quotation mark is left open: the check tells such a fault, and no row can be compared.
    """
    try:
        content = table.path.read_bytes()
        records = read_records(content, table.field_names)
    except (OSError, UndecodableError):
        return None
    labels = tuple(label.strip() for label in records.labels)
    if labels != table.field_names or records.open_quote_row is not None:
        return None
    return records.text.with_row_index(ROW, offset=2)


def count_occurrences(text: pl.DataFrame, key: tuple[str, ...]) -> pl.DataFrame:
    """The rows with `OCCURRENCE` beside them."""
    return text.with_columns(pl.int_range(pl.len()).over(list(key)).alias(OCCURRENCE))


def join_key(key: tuple[str, ...]) -> pl.Expr:
    """A row's key as one text, its parts joined by `|` as in the table of corrections."""
    return pl.concat_str([pl.col(name) for name in key], separator="|")
