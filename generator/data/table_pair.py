"""A table as it was and as it is, side by side."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from generator.data.catalog import Catalog, Field, Table
from generator.data.table_text import ROW, read_text


@dataclass(frozen=True, slots=True)
class TablePair:
    """A CSV table of a base and of the present dataset, cells as text with `ROW`.

    `key` is the base's primary key, so that renaming it now does not hide what was removed.
    """

    base: Table
    current: Table
    base_text: pl.DataFrame
    current_text: pl.DataFrame
    key: tuple[str, ...]

    @property
    def shared_fields(self) -> tuple[Field, ...]:
        """The present fields that the base had too, in file order."""
        known = set(self.base.field_names)
        return tuple(field for field in self.current.fields if field.name in known)

    @property
    def kept(self) -> pl.DataFrame:
        """Rows that both have, by key: shared fields as they are, the base's with `#base`."""
        fields = [field.name for field in self.shared_fields]
        before = self.base_text.select(ROW, *fields).unique(
            list(self.key), keep="first", maintain_order=True
        )
        return self.current_text.select(ROW, *fields).join(
            before, on=list(self.key), how="inner", suffix="#base", maintain_order="left"
        )

    @property
    def removed(self) -> pl.DataFrame:
        """The base's rows whose key is there no more."""
        return self.base_text.join(
            self.current_text, on=list(self.key), how="anti", maintain_order="left"
        )

    @property
    def added(self) -> pl.DataFrame:
        """The present rows whose key the base did not have."""
        return self.current_text.join(
            self.base_text, on=list(self.key), how="anti", maintain_order="left"
        )


@dataclass(frozen=True, slots=True)
class UnpairedTable:
    """A base's table that cannot be compared with the present one.

    `current` is None where the dataset does not describe the table any more. `lost_key` has the
    fields of the base's key that the present table lacks.
    """

    base: Table
    current: Table | None
    base_rows: int | None
    """Rows of the base; None where its file could not be read."""
    lost_key: tuple[str, ...] = ()


def pair_tables(base: Catalog, current: Catalog) -> Iterator[TablePair | UnpairedTable]:
    """Every keyed CSV table of the base with its present state, in the base's order.

    A present file that cannot be read is left out: the check tells it, as an error. A table
    whose file the base did not have yet is left out too: nothing was published.
    """
    for before in base.tables:
        if before.format != "csv" or not before.primary_key or not before.path.is_file():
            continue
        before_text = read_text(before)
        rows = None if before_text is None else before_text.height
        if not current.has_table(before.name):
            yield UnpairedTable(before, None, rows)
            continue
        now = current.table(before.name)
        lost = tuple(name for name in before.primary_key if name not in now.field_names)
        if before_text is None or lost:
            yield UnpairedTable(before, now, rows, lost)
            continue
        now_text = read_text(now) if now.format == "csv" else None
        if now_text is not None:
            yield TablePair(before, now, before_text, now_text, before.primary_key)
