"""What changed between two states of a dataset, row by row.

Rows are paired by primary key and compared by the exact text of their cells. A key that stands
in several rows (which the check refuses) pairs in file order. A field that only one side has
counts as empty on the other, so that a new column shows as what was filled into it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from generator.data.catalog import Catalog, Field, Table
from generator.data.table_text import OCCURRENCE, ROW, count_occurrences, read_text

OWNERS = ("site_code", "ledger_no", "case_no", "division_code", "iso_week")
"""Columns that say whose a row is: a page is made for what they name."""
READINGS_LISTED = 10_000
"""Rows of a Parquet table that are listed on each side; their number is always exact."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A cell that says something else, with its field."""

    field: str
    title: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Row:
    """An added or a removed row: its key's parts, and its cells that are not empty."""

    key: tuple[str, ...]
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A row that both sides have, and what of it changed, in the order of the fields."""

    key: tuple[str, ...]
    changes: tuple[FieldChange, ...]
    owners: tuple[tuple[str, str], ...] = ()
    """The row's own cells, as they are now, of the columns in `OWNERS` that it has."""


@dataclass(frozen=True, slots=True)
class TableDiff:
    """A table's differences. Rows are in the order of their keys."""

    name: str
    title: str
    key: tuple[str, ...]
    key_titles: tuple[str, ...]
    titles: Mapping[str, str]
    """Title of each field by name, those of both sides."""
    added: tuple[Row, ...]
    removed: tuple[Row, ...]
    changed: tuple[ChangedRow, ...]
    added_count: int
    removed_count: int
    changed_count: int
    """Exact; for the readings of a Parquet table the rows listed may be fewer."""
    note: str = ""
    """Why rows could not be compared; empty where they were."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs and nothing stood in the way."""
        return not (self.added_count or self.removed_count or self.changed_count or self.note)


def compare_catalogs(old: Catalog, new: Catalog) -> tuple[TableDiff, ...]:
    """The differences of every table that has any, in the order of the new dataset.

    Tables that only the old dataset has come last.
    """
    names = [table.name for table in new.tables]
    names += [table.name for table in old.tables if not new.has_table(table.name)]
    compared = (
        compare_tables(
            old.table(name) if old.has_table(name) else None,
            new.table(name) if new.has_table(name) else None,
        )
        for name in names
    )
    return tuple(diff for diff in compared if not diff.is_empty)


def compare_tables(old: Table | None, new: Table | None) -> TableDiff:
    """The differences of one table; a side that does not have it is None.

    Raises:
        ValueError: Both are None.

    """
    table = new or old
    if table is None:
        raise ValueError("one of the two tables must be given")
    if old is not None and new is not None and _same_bytes(old, new):
        return _make_diff(old, new, (), (), ())
    if table.format == "parquet":
        return _compare_readings(old, new)
    old_text, old_note = _read_side(old, "旧版本")
    new_text, new_note = _read_side(new, "新版本")
    if old_text is None or new_text is None:
        return _make_diff(old, new, (), (), (), note=old_note or new_note)
    return _compare_texts(old, new, old_text, new_text)


def _same_bytes(old: Table, new: Table) -> bool:
    same_shape = (old.primary_key, old.field_names) == (new.primary_key, new.field_names)
    if not (same_shape and old.path.is_file() and new.path.is_file()):
        return False
    if old.path.stat().st_size != new.path.stat().st_size:
        return False
    with old.path.open("rb") as left, new.path.open("rb") as right:
        while True:
            one, other = left.read(1 << 20), right.read(1 << 20)
            if one != other:
                return False
            if not one:
                return True


def _read_side(table: Table | None, side: str) -> tuple[pl.DataFrame | None, str]:
    """The rows of one side, none where it does not have the table or its file."""
    if table is None or not table.path.is_file():
        return pl.DataFrame(), ""
    text = read_text(table)
    if text is None:
        return None, f"{side}的文件读不出来（编码、首行或引号有错），各行未能比较。"
    return text.drop(ROW), ""


def _compare_texts(
    old: Table | None, new: Table | None, old_text: pl.DataFrame, new_text: pl.DataFrame
) -> TableDiff:
    fields = _join_fields(old, new)
    key = _find_key(old, new)
    left, right = (_complete(text, fields, key) for text in (old_text, new_text))
    on = [*key, OCCURRENCE]
    removed = left.join(right, on=on, how="anti").sort(on)
    added = right.join(left, on=on, how="anti").sort(on)
    others = [field.name for field in fields if field.name not in key]
    differs = pl.any_horizontal(pl.col(name) != pl.col(f"{name}#old") for name in others)
    both = right.join(left, on=on, how="inner", suffix="#old")
    changed = both.filter(differs).sort(on) if others else both.clear()
    return _make_diff(
        old,
        new,
        tuple(_read_rows(added, fields, key)),
        tuple(_read_rows(removed, fields, key)),
        tuple(_read_changes(changed, fields, key)),
    )


def _join_fields(old: Table | None, new: Table | None) -> tuple[Field, ...]:
    """The new side's fields, then those that only the old side has."""
    fields = new.fields if new is not None else ()
    known = {field.name for field in fields}
    before = old.fields if old is not None else ()
    return (*fields, *(field for field in before if field.name not in known))


def _find_key(old: Table | None, new: Table | None) -> tuple[str, ...]:
    """The fields that tell rows apart: the new key if the old side has it, else all fields."""
    table = new or old
    key = table.primary_key if table is not None else ()
    sides = [side for side in (old, new) if side is not None]
    if key and all(set(key).issubset(side.field_names) for side in sides):
        return key
    return tuple(field.name for field in _join_fields(old, new))


def _complete(text: pl.DataFrame, fields: tuple[Field, ...], key: tuple[str, ...]) -> pl.DataFrame:
    names = [field.name for field in fields]
    if text.is_empty():
        empty = pl.DataFrame(schema=dict.fromkeys(names, pl.String))
        return count_occurrences(empty, key)
    missing = [pl.lit("").alias(name) for name in names if name not in text.columns]
    return count_occurrences(text.with_columns(missing).select(names), key)


def _read_rows(
    frame: pl.DataFrame, fields: tuple[Field, ...], key: tuple[str, ...]
) -> Iterator[Row]:
    for values in frame.iter_rows(named=True):
        yield Row(
            key=tuple(values[name] for name in key),
            cells=tuple((field.name, values[field.name]) for field in fields if values[field.name]),
        )


def _read_changes(
    frame: pl.DataFrame, fields: tuple[Field, ...], key: tuple[str, ...]
) -> Iterator[ChangedRow]:
    others = [field for field in fields if field.name not in key]
    for values in frame.iter_rows(named=True):
        yield ChangedRow(
            key=tuple(values[name] for name in key),
            changes=tuple(
                FieldChange(field.name, field.title, old, values[field.name])
                for field in others
                if (old := values[f"{field.name}#old"]) != values[field.name]
            ),
            owners=tuple((name, values[name]) for name in OWNERS if values.get(name)),
        )


def _compare_readings(old: Table | None, new: Table | None) -> TableDiff:
    """Millions of rows: only those without an equal on the other side are held in memory."""
    fields = _join_fields(old, new)
    key = _find_key(old, new)
    names = [field.name for field in fields]
    try:
        left, right = (_scan_readings(side, names) for side in (old, new))
        if left.collect_schema() != right.collect_schema():
            left, right = (frame.select(_spell_cells(frame)) for frame in (left, right))
        gone, come = (
            one.join(other, on=names, how="anti", nulls_equal=True).collect(engine="streaming")
            for one, other in ((left, right), (right, left))
        )
    except (pl.exceptions.PolarsError, OSError):
        note = "一边的文件读不出来（不是完好的 Parquet 文件），各行未能比较。"
        return _make_diff(old, new, (), (), (), note=note)
    gone, come = (frame.select(_spell_cells(frame.lazy())) for frame in (gone, come))
    gone, come = (count_occurrences(frame, key) for frame in (gone, come))
    on = [*key, OCCURRENCE]
    removed = gone.join(come, on=on, how="anti").sort(on)
    added = come.join(gone, on=on, how="anti").sort(on)
    changed = come.join(gone, on=on, how="inner", suffix="#old").sort(on)
    return _make_diff(
        old,
        new,
        tuple(_read_rows(added.head(READINGS_LISTED), fields, key)),
        tuple(_read_rows(removed.head(READINGS_LISTED), fields, key)),
        tuple(_read_changes(changed.head(READINGS_LISTED), fields, key)),
        counts=(added.height, removed.height, changed.height),
    )


def _scan_readings(table: Table | None, names: list[str]) -> pl.LazyFrame:
    if table is None or not table.path.is_file():
        return pl.LazyFrame(schema=dict.fromkeys(names, pl.String))
    frame = pl.scan_parquet(table.path)
    known = frame.collect_schema().names()
    return frame.select(
        (pl.col(name) if name in known else pl.lit(None, dtype=pl.String)).alias(name)
        for name in names
    )


def _spell_cells(frame: pl.LazyFrame) -> Iterator[pl.Expr]:
    """Every column as text, times as they stand in CSV tables, null as an empty text."""
    for name, kind in frame.collect_schema().items():
        if isinstance(kind, pl.Datetime):
            yield pl.col(name).dt.strftime("%Y-%m-%dT%H:%M:%S").fill_null("")
        else:
            yield pl.col(name).cast(pl.String).fill_null("")


def _make_diff(
    old: Table | None,
    new: Table | None,
    added: tuple[Row, ...],
    removed: tuple[Row, ...],
    changed: tuple[ChangedRow, ...],
    *,
    note: str = "",
    counts: tuple[int, int, int] | None = None,
) -> TableDiff:
    table = new or old
    if table is None:
        raise ValueError("one of the two tables must be given")
    titles = {field.name: field.title for field in _join_fields(old, new)}
    key = _find_key(old, new)
    added_count, removed_count, changed_count = counts or (len(added), len(removed), len(changed))
    return TableDiff(
        name=table.name,
        title=table.title,
        key=key,
        key_titles=tuple(titles[name] for name in key),
        titles=titles,
        added=added,
        removed=removed,
        changed=changed,
        added_count=added_count,
        removed_count=removed_count,
        changed_count=changed_count,
        note=note,
    )
