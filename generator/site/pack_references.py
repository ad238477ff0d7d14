"""The rows of reference tables that a place's rows name.

A pack that carried the whole list of divisions would send it again to every mirror with each step
of a project, though the place's own rows name a handful of it (docs/adr/0038).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import polars as pl

from generator.data.catalog import ForeignKey, Table

_NUMBER: Final = "_number"
"""Column with the number of a row in its table, unlike the name of any field."""

Rows = tuple[tuple[Table, pl.DataFrame], ...]


def keep_named(rows: Rows, references: Collection[str]) -> Rows:
    """The rows of all tables, of those in `references` only what other rows name.

    What is named may name more in turn, as a district names its prefecture: every foreign key that
    held before holds after.
    """
    numbered = {
        table.name: frame.with_row_index(_NUMBER)
        for table, frame in rows
        if table.name in references
    }
    tables = {table.name: table for table, _ in rows}
    kept: dict[str, set[int]] = {name: set() for name in numbered}
    waiting = [(table, frame) for table, frame in rows if table.name not in references]
    while waiting:
        table, frame = waiting.pop()
        for key in table.foreign_keys:
            if key.table not in numbered:
                continue
            named = _find_named(frame, key, numbered[key.table])
            fresh = set(named.get_column(_NUMBER)) - kept[key.table]
            if fresh:
                kept[key.table] |= fresh
                waiting.append((tables[key.table], named.filter(_is_among(fresh))))
    return tuple(
        (
            table,
            numbered[table.name].filter(_is_among(kept[table.name])).drop(_NUMBER)
            if table.name in kept
            else frame,
        )
        for table, frame in rows
    )


def _find_named(frame: pl.DataFrame, key: ForeignKey, reference: pl.DataFrame) -> pl.DataFrame:
    """The rows of `reference` whose key stands in `frame`, in their order."""
    pairs = zip(key.fields, key.reference_fields, strict=True)
    wanted = frame.select(pl.col(field).alias(name) for field, name in pairs).unique()
    return reference.join(wanted, on=list(key.reference_fields), how="semi", maintain_order="left")


def _is_among(numbers: Collection[int]) -> pl.Expr:
    return pl.col(_NUMBER).is_in(pl.Series(sorted(numbers), dtype=pl.UInt32).implode())
