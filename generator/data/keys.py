"""Primary and foreign keys, compared as text by hash joins over whole columns.

Text is enough: the check demands canonical spellings, in which equal values
are equal texts. A missing-value word is no value. A row whose key cell is
already at fault is left out, so that one slip is told once.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

import polars as pl

from generator.data.catalog import ForeignKey, Table
from generator.data.issue import Issue, make_cell_issue
from generator.data.load import missing_mask
from generator.data.messages import show_cell

FaultyCells = Collection[tuple[int, str]]
"""Row (the header being 1) and field of cells that already have an issue."""


def read_key(table: Table, text: pl.DataFrame, fields: Sequence[str]) -> pl.DataFrame:
    """The named columns as key values, a missing-value word being null."""
    return text.select(
        pl.when(~missing_mask(table.field(name))).then(pl.col(name)).alias(name) for name in fields
    )


def find_primary_key_issues(
    table: Table, text: pl.DataFrame, faulty: FaultyCells
) -> Iterator[Issue]:
    """Rows whose primary key is empty or stands in an earlier row.

    Args:
        table: The table, with its primary key.
        text: Its rows as text.
        faulty: Cells that already have an issue.

    """
    if not table.primary_key:
        return
    key = read_key(table, text, table.primary_key)
    names = list(table.primary_key)
    if not _has_repeat(key):
        return
    rows = key.with_row_index("#row", offset=2)
    whole = rows.filter(pl.all_horizontal(pl.col(name).is_not_null() for name in names))
    repeated = whole.with_columns(pl.col("#row").first().over(names).alias("#first")).filter(
        pl.col("#row") != pl.col("#first")
    )
    shown = names[-1]
    titles = " + ".join(table.field(name).title for name in names)
    for values in repeated.iter_rows(named=True):
        if any((values["#row"], name) in faulty for name in names):
            continue
        text_key = " / ".join(str(values[name]) for name in names)
        yield make_cell_issue(
            "E-PK",
            "主键重复",
            table,
            int(values["#row"]),
            table.field(shown),
            found=f"{show_cell(text_key)}，与第 {values['#first']} 行相同",
            expected=f"{titles} 在全表中不重复",
            cure=f"请核对第 {values['#first']} 行和本行，删去重复的一行或改正编号。",
        )


def _has_repeat(key: pl.DataFrame) -> bool:
    distinct = key.n_unique() if key.width > 1 else key.to_series().n_unique()
    return distinct != key.height


def find_foreign_key_issues(
    table: Table,
    text: pl.DataFrame,
    targets: Mapping[str, tuple[Table, pl.DataFrame]],
    faulty: FaultyCells,
) -> Iterator[Issue]:
    """References to a key that the other table does not have.

    Args:
        table: The table, with its foreign keys.
        text: Its rows as text.
        targets: The readable tables and their text, by name. A reference to a
            table that could not be read is not judged.
        faulty: Cells that already have an issue.

    """
    told = set(faulty)
    for key in table.foreign_keys:
        if key.table not in targets:
            continue
        target, target_text = targets[key.table]
        for row, values in _find_broken(table, text, key, target, target_text):
            if any((row, name) in told for name in key.fields):
                continue
            told.add((row, key.fields[-1]))
            if len(key.fields) == 1:
                told.add((row, key.fields[0]))
            yield _describe_broken(table, key, target, row, values)


def _find_broken(
    table: Table, text: pl.DataFrame, key: ForeignKey, target: Table, target_text: pl.DataFrame
) -> Iterator[tuple[int, tuple[str | None, ...]]]:
    names = list(key.fields)
    known = read_key(target, target_text, key.reference_fields).unique()
    known.columns = names
    own = read_key(table, text, names).with_row_index("#row", offset=2)
    filled = own.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in names))
    broken = filled.join(known, on=names, how="anti", nulls_equal=True).sort("#row")
    for row, *values in broken.iter_rows():
        yield int(row), tuple(values)


def _describe_broken(
    table: Table, key: ForeignKey, target: Table, row: int, values: Sequence[str | None]
) -> Issue:
    field = table.field(key.fields[-1])
    shown = show_cell(" / ".join(value or "" for value in values))
    titles = " + ".join(target.field(name).title for name in key.reference_fields)
    district = key.table == "division"
    return make_cell_issue(
        "E-FK",
        "没有这个行政区划" if district else "引用的记录不存在",
        table,
        row,
        field,
        found=shown,
        expected=f"“{target.title}”（{target.relative_path}）里已有的 {titles}",
        cure="请改正代码，或先在该表里登记。",
    )
