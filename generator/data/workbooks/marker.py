"""The hidden marker sheet: what a workbook was made from, so that reading it back never guesses.

Each of its rows is a record of text cells: the format, the district, each table with its sheet
and its key, each field with its rules, and each row that was given out with two digests: of its
key, and of its cells. The digests tell, without the old dataset, which rows the clerk changed and
which ones others have changed since.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from generator.data.catalog import Catalog, Field, Table
from generator.data.workbooks.cell_text import canonical_cell, canonical_key
from generator.data.workbooks.csv_file import Row
from generator.data.workbooks.faults import WorkbookError

MARKER_SHEET: Final = "_huanjing"
FORMAT: Final = ("huanjing-workbook", "1")
DIGEST_CHARS: Final = 24
"""96 bits: no two of a million rows meet by chance."""


@dataclass(frozen=True, slots=True)
class MarkedTable:
    """A table as it was given out: its sheet, its fields' rules, and its rows' digests by key."""

    name: str
    sheet: str
    key: str
    fields: dict[str, str]
    rows: dict[str, str]


@dataclass(frozen=True, slots=True)
class Marker:
    """What a workbook was made from."""

    district: str
    district_name: str
    tables: tuple[MarkedTable, ...]


def mark_table(table: Table, sheet: str, rows: Iterable[Row]) -> MarkedTable:
    """The marker of a table whose given rows go into the sheet."""
    return MarkedTable(
        name=table.name,
        sheet=sheet,
        key=",".join(table.primary_key),
        fields={item.name: describe_rules(item) for item in table.fields},
        rows={digest_key(table, row): digest_row(table, row) for row in rows},
    )


def describe_rules(item: Field) -> str:
    """What a field's cells must hold, as text that differs when a rule does."""
    bounds = (item.minimum, item.maximum, item.min_length, item.max_length)
    rules = {
        "title": item.title,
        "type": item.type,
        "unit": item.unit,
        "required": item.required,
        "enum": item.enum,
        "pattern": item.pattern,
        "bounds": bounds,
        "format": item.format,
        "missing": item.missing_values,
        "words": (item.true_values, item.false_values),
    }
    text = json.dumps(rules, ensure_ascii=False, separators=(",", ":"))
    return f"{item.title} {_digest([text])}"


def digest_key(table: Table, row: Sequence[str]) -> str:
    """The digest of a row's primary key."""
    return _digest(canonical_key(table, row))


def digest_row(table: Table, row: Sequence[str]) -> str:
    """The digest of a row's cells, equal for equal values."""
    return _digest(
        [canonical_cell(item, cell) for item, cell in zip(table.fields, row, strict=True)]
    )


def _digest(texts: Sequence[str]) -> str:
    joined = json.dumps(list(texts), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:DIGEST_CHARS]


def list_records(marker: Marker) -> Iterator[tuple[str, ...]]:
    """The rows of the marker sheet."""
    yield FORMAT
    yield ("district", marker.district, marker.district_name)
    for table in marker.tables:
        yield ("table", table.name, table.sheet, table.key)
        for name, rules in table.fields.items():
            yield ("field", name, rules)
        for key, row in table.rows.items():
            yield ("row", key, row)


def read_marker(name: str, records: Iterable[Sequence[str]]) -> Marker:
    """The marker that the records of a sheet give; `name` is the file's.

    Raises:
        WorkbookError: The records are not those of a marker.

    """
    damage = WorkbookError(f"{name}：隐藏的标记表被改动过，不能导入。请重新制作工作簿，再填一次。")
    lines = iter(records)
    first = tuple(next(lines, ()))
    if first[:1] != FORMAT[:1]:
        raise damage
    if first != FORMAT:
        raise WorkbookError(f"{name}：是别的版本的环镜制作的（格式 {first[-1]}）。请重新制作。")
    district = tuple(next(lines, ()))
    if len(district) != 3 or district[0] != "district":
        raise damage
    tables: list[MarkedTable] = []
    for line in lines:
        match tuple(line):
            case ("table", table, sheet, key):
                tables.append(MarkedTable(table, sheet, key, {}, {}))
            case ("field", item, rules) if tables:
                _put(tables[-1].fields, item, rules, damage)
            case ("row", key, row) if tables:
                _put(tables[-1].rows, key, row, damage)
            case _:
                raise damage
    names = [table.name for table in tables]
    if not tables or len(set(names)) != len(names):
        raise damage
    return Marker(district[1], district[2], tuple(tables))


def _put(target: dict[str, str], key: str, value: str, damage: WorkbookError) -> None:
    if key in target:
        raise damage
    target[key] = value


def check_schema(name: str, marker: Marker, catalog: Catalog) -> None:
    """Returns if the dataset's tables still are what the workbook was made from.

    Raises:
        WorkbookError: They are not; the text says which tables and fields differ.

    """
    differences: list[str] = []
    for marked in marker.tables:
        if not catalog.has_table(marked.name) or catalog.table(marked.name).format != "csv":
            differences.append(f"数据集没有表“{marked.sheet}”（{marked.name}）")
            continue
        differences.extend(_compare(marked, catalog.table(marked.name)))
    if differences:
        more = f"等 {len(differences)} 处" if len(differences) > 8 else ""
        raise WorkbookError(
            f"{name}：制作工作簿以后，表结构改了：{'；'.join(differences[:8])}{more}。"
            "请用现在的数据集重新制作工作簿，把填好的内容复制过去。"
        )


def _compare(marked: MarkedTable, table: Table) -> Iterator[str]:
    now = {item.name: describe_rules(item) for item in table.fields}
    for name, rules in marked.fields.items():
        title = rules.rpartition(" ")[0]
        if name not in now:
            yield f"“{table.title}”取消了字段「{title}」"
        elif now[name] != rules:
            yield f"“{table.title}”的字段「{title}」要求变了"
    for name in now:
        if name not in marked.fields:
            yield f"“{table.title}”新增了字段「{table.field(name).title}」"
    if list(now) != list(marked.fields) and set(now) == set(marked.fields):
        yield f"“{table.title}”的字段次序变了"
    if marked.key != ",".join(table.primary_key):
        yield f"“{table.title}”的主键变了"
