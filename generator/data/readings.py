"""The check of a Parquet table, which Frictionless does not read.

The file may hold millions of rows and is never loaded whole: one streaming
pass counts what is wrong, and only if something is, a second pass finds the
first rows that are. Rows in the order of their keys show by one comparison with the row before
that none is repeated; others are looked through a stretch of time at a time.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from generator.data.catalog import Field, ForeignKey, Table
from generator.data.issue import Issue, make_cell_issue, make_file_issue
from generator.data.keys import read_key
from generator.data.messages import (
    describe_enum,
    describe_pattern,
    describe_range,
    describe_type,
    show_cell,
)

ROWS_TOLD: Final = 1_000
"""Rows told one by one for each kind of fault; a last issue says how many more there are."""

ROWS_HELD: Final = 6_000_000
"""Rows whose hashes are held at a time while repeated keys are looked for: 50 MB."""

ROWS_COMPARED: Final = 262_144
"""Rows in memory at a time while each is compared with the one before; about a row group."""

_ACCEPTED_TYPES: Final[Mapping[str, Callable[[pl.DataType], bool]]] = {
    "string": lambda kind: isinstance(kind, pl.String | pl.Categorical | pl.Enum),
    "number": lambda kind: kind.is_numeric(),
    "integer": lambda kind: kind.is_integer(),
    "year": lambda kind: kind.is_integer(),
    "boolean": lambda kind: isinstance(kind, pl.Boolean),
    "date": lambda kind: isinstance(kind, pl.Date),
    "datetime": lambda kind: isinstance(kind, pl.Datetime),
    "yearmonth": lambda kind: isinstance(kind, pl.String),
}


@dataclass(frozen=True, slots=True)
class _Fault:
    """A kind of fault of a field and the expression that is true where it occurs."""

    code: str
    title: str
    field: Field
    expected: str
    cure: str
    where: pl.Expr


def check_readings(
    table: Table, targets: Mapping[str, tuple[Table, pl.DataFrame]]
) -> tuple[tuple[Issue, ...], int]:
    """The issues of a Parquet table and its number of rows.

    Rows are counted as in the CSV tables: the first record is row 2.

    Args:
        table: The table, whose file is Parquet.
        targets: The readable CSV tables and their text, by name.

    """
    if not table.path.is_file():
        issue = make_file_issue(
            "E-FILE",
            "缺少文件",
            table,
            found="找不到这个文件",
            expected=f"“{table.title}”的数据文件（Parquet）",
            cure="请补上文件。",
        )
        return (issue,), 0
    frame = pl.scan_parquet(table.path)
    try:
        schema = frame.collect_schema()
        issues = tuple(_find_column_issues(table, schema))
        if issues:
            return issues, 0
        rows = int(frame.select(pl.len()).collect().item())
        faults = (*_plan_faults(table), *_plan_reference_faults(table, frame, targets))
        found = [*_find_rows(table, frame, faults), *_find_repeats(table, frame, rows)]
    except (pl.exceptions.ComputeError, OSError) as error:
        issue = make_file_issue(
            "E-FILE",
            "文件读不出来",
            table,
            found=f"不是完好的 Parquet 文件（{str(error).splitlines()[0][:80]}）",
            expected="完好的 Parquet 文件",
            cure="请重新生成这个文件。",
        )
        return (issue,), 0
    return tuple(found), rows


def _find_column_issues(table: Table, schema: pl.Schema) -> Iterator[Issue]:
    names = schema.names()
    if tuple(names) != table.field_names:
        missing = [name for name in table.field_names if name not in names]
        surplus = [name for name in names if name not in table.field_names]
        parts = [f"缺少 {'、'.join(missing)}"] if missing else []
        parts += [f"多出 {'、'.join(surplus)}"] if surplus else []
        yield make_file_issue(
            "E-HEADER",
            "字段不对",
            table,
            found="，".join(parts) or "：字段次序为 " + "、".join(names),
            expected="字段依次为：" + "、".join(table.field_names),
            cure="请按表结构重新生成这个文件。",
        )
        return
    for field in table.fields:
        accepts = _ACCEPTED_TYPES.get(field.type)
        if accepts is None or not accepts(schema[field.name]):
            yield make_cell_issue(
                "E-TYPE",
                "类型不对",
                table,
                None,
                field,
                found=f"列类型 {schema[field.name]}",
                expected=describe_type(field),
                cure="请按表结构重新生成这个文件。",
            )


def _plan_faults(table: Table) -> Iterator[_Fault]:
    """Everything that a field's constraints forbid."""
    for field in table.fields:
        cell = pl.col(field.name)
        text = cell.cast(pl.String)
        blank = cell.is_null()
        if field.type == "string":
            blank |= text.is_in(list(field.missing_values))
        if field.required:
            expected = describe_enum(field) if field.enum else describe_type(field)
            yield _Fault("E-REQUIRED", "必填项没有填", field, expected, "请补填。", blank)
        if field.enum:
            wrong = ~blank & ~text.is_in(list(field.enum))
            cure = "请改成其中一个词。"
            yield _Fault("E-ENUM", "不在可选范围内", field, describe_enum(field), cure, wrong)
        if field.pattern:
            wrong = ~blank & ~text.str.contains(rf"\A(?:{field.pattern})\z")
            cure = "请核对后改正。"
            yield _Fault("E-PATTERN", "写法不对", field, describe_pattern(field), cure, wrong)
        if field.minimum is not None or field.maximum is not None:
            yield _Fault(
                "E-RANGE",
                "超出范围",
                field,
                describe_range(field),
                "请核对数值和单位。",
                ~blank & _outside(field),
            )
        elif field.type == "number":
            wrong = ~blank & ~cell.cast(pl.Float64).is_finite()
            cure = "没有读数的请留空。"
            yield _Fault("E-TYPE", "类型不对", field, describe_type(field), cure, wrong)


def _outside(field: Field) -> pl.Expr:
    cell = pl.col(field.name).cast(pl.Float64)
    outside = ~cell.is_finite()
    if field.minimum is not None:
        outside |= cell < field.minimum
    if field.maximum is not None:
        outside |= cell > field.maximum
    return outside


def _plan_reference_faults(
    table: Table, frame: pl.LazyFrame, targets: Mapping[str, tuple[Table, pl.DataFrame]]
) -> Iterator[_Fault]:
    """The foreign keys whose values are not all in the other table."""
    for key in table.foreign_keys:
        if key.table not in targets:
            continue
        target, text = targets[key.table]
        broken = _find_unknown(table, frame, key, read_key(target, text, key.reference_fields))
        if broken:
            titles = " + ".join(target.field(name).title for name in key.reference_fields)
            yield _Fault(
                "E-FK",
                "引用的记录不存在",
                table.field(key.fields[-1]),
                f"“{target.title}”（{target.relative_path}）里已有的 {titles}",
                "请改正代码，或先在该表里登记。",
                _join_key(key.fields).is_in(broken),
            )


def _join_key(names: Sequence[str]) -> pl.Expr:
    """The key's parts as one text; null if a part is null."""
    return pl.concat_str([pl.col(name).cast(pl.String) for name in names], separator="\x1f")


def _find_unknown(
    table: Table, frame: pl.LazyFrame, key: ForeignKey, known: pl.DataFrame
) -> list[str]:
    """The joined keys of the readings that the other table does not have."""
    blank = pl.any_horizontal(
        pl.col(name).cast(pl.String).is_in(list(table.field(name).missing_values))
        for name in key.fields
    )
    own = (
        frame.filter(~blank)
        .select(_join_key(key.fields).unique().alias("#key"))
        .collect(engine="streaming")
        .get_column("#key")
        .drop_nulls()
    )
    wanted = known.select(_join_key(known.columns).alias("#key")).get_column("#key")
    return sorted(own.filter(~own.is_in(wanted.drop_nulls().to_list())).to_list())


def _find_rows(table: Table, frame: pl.LazyFrame, faults: Sequence[_Fault]) -> Iterator[Issue]:
    for fault in faults:
        # One by one: a pass over one column holds less than one over all, and takes no longer.
        where = fault.where.fill_null(value=False).sum()
        count = int(frame.select(where).collect(engine="streaming").item())
        if not count:
            continue
        name = fault.field.name
        rows = (
            frame.with_row_index("#row", offset=2)
            .filter(fault.where)
            .select("#row", name)
            .head(ROWS_TOLD)
            .collect()
        )
        for row, cell in rows.iter_rows():
            yield make_cell_issue(
                fault.code,
                fault.title,
                table,
                int(row),
                fault.field,
                found=show_cell("" if cell is None else str(cell)),
                expected=fault.expected,
                cure=fault.cure,
            )
        if count > ROWS_TOLD:
            yield _tell_rest(
                fault.code, fault.title, table, fault.field, count, fault.expected, fault.cure
            )


def _find_repeats(table: Table, frame: pl.LazyFrame, rows: int) -> Iterator[Issue]:
    """Rows whose primary key stands in an earlier row: by 64-bit hashes, confirmed exactly."""
    if not table.primary_key:
        return
    names = list(table.primary_key)
    if _rises(frame, names, rows):
        return
    hashed = pl.struct(names).hash(seed=0).alias("#hash")
    suspects = [
        found
        for part, count in _cut_by_time(table, frame, rows)
        if len(found := _find_repeated(part.select(hashed), count))
    ]
    if not suspects:
        return
    keys = (
        frame.select(names)
        .with_row_index("#row", offset=2)
        .with_columns(hashed)
        .join(pl.concat(suspects).unique().to_frame().lazy(), on="#hash", how="semi")
        .collect(engine="streaming")
        .sort("#row")
    )
    repeated = keys.with_columns(pl.col("#row").first().over(names).alias("#first")).filter(
        pl.col("#row") != pl.col("#first")
    )
    field = table.field(names[-1])
    expected = " + ".join(table.field(name).title for name in names) + " 在全表中不重复"
    cure = "请删去重复的一行。"
    for values in repeated.head(ROWS_TOLD).iter_rows(named=True):
        shown = show_cell(" / ".join(str(values[name]) for name in names))
        yield make_cell_issue(
            "E-PK",
            "主键重复",
            table,
            int(values["#row"]),
            field,
            found=f"{shown}，与第 {values['#first']} 行相同",
            expected=expected,
            cure=cure,
        )
    if repeated.height > ROWS_TOLD:
        yield _tell_rest("E-PK", "主键重复", table, field, repeated.height, expected, cure)


def _rises(frame: pl.LazyFrame, names: Sequence[str], rows: int) -> bool:
    """Whether each row's key is greater than the one before, so that none can be repeated.

    The file is read in slices: a shift over the whole of it would hold every key.
    """
    greater = pl.lit(value=False)
    for name in reversed(names):
        cell = pl.col(name)
        greater = (cell > cell.shift(1)) | ((cell == cell.shift(1)) & greater)
    for start in range(0, rows - 1, ROWS_COMPARED):
        # The last row of a slice is the first of the next, which has nothing before it.
        part = frame.slice(start, ROWS_COMPARED + 1).select(names).collect(engine="streaming")
        if int(part.select(greater.sum()).item()) < part.height - 1:
            return False
    return True


def _find_repeated(hashes: pl.LazyFrame, count: int) -> pl.Series:
    found = hashes.collect(engine="streaming").to_series()
    return found.filter(found.is_duplicated()) if found.n_unique() < count else found.clear()


def _cut_by_time(
    table: Table, frame: pl.LazyFrame, rows: int
) -> Iterator[tuple[pl.LazyFrame, int]]:
    """Parts of the rows with the number of each, `ROWS_HELD` at most unless all are of one time.

    Rows of the same key are in the same part. Only the time is read to find the parts.
    """
    time = next((name for name in table.primary_key if table.field(name).type == "datetime"), None)
    if time is None or rows <= ROWS_HELD:
        yield frame, rows
        return
    moment = pl.col(time).dt.epoch("us")
    ends = frame.select(moment.min().alias("low"), moment.max().alias("high"))
    timeless = frame.filter(moment.is_null())
    yield timeless, int(timeless.select(pl.len()).collect(engine="streaming").item())
    waiting = [ends.collect(engine="streaming").row(0)]
    while waiting:
        low, high = waiting.pop()
        part = frame.filter(moment.is_between(low, high))
        count = int(part.select(pl.len()).collect(engine="streaming").item())
        if count <= ROWS_HELD or low is None or low == high:
            yield part, count
        else:
            middle = (low + high) // 2
            waiting += [(middle + 1, high), (low, middle)]


def _tell_rest(
    code: str, title: str, table: Table, field: Field, count: int, expected: str, cure: str
) -> Issue:
    """The one issue that stands for all rows behind the first ROWS_TOLD."""
    found = f"共 {count} 行，以上只列前 {ROWS_TOLD} 行"
    return make_cell_issue(
        code, title, table, None, field, found=found, expected=expected, cure=cure
    )
