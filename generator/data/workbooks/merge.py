"""A sheet's rows put into the table's file: three-way, by primary key, touching no other record.

The marker tells what was given out. A row that the clerk left alone keeps what the dataset has
now; one that the clerk changed is taken if nobody else has changed it since; rows gone from the
sheet are only told, unless removal is asked for. Published records of append-only tables stand.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from generator.data.append_only import APPEND_ONLY, is_completion
from generator.data.catalog import Table
from generator.data.messages import describe_pattern, describe_type, show_cell
from generator.data.workbooks.cell_text import canonical_cell
from generator.data.workbooks.csv_file import CsvFile, Row, key_places, write_record
from generator.data.workbooks.entries import CellFault
from generator.data.workbooks.filled import FilledRow, FilledSheet
from generator.data.workbooks.marker import digest_key, digest_row


@dataclass(frozen=True, slots=True)
class PlacedFault:
    """A fault of a sheet's cell, or of the whole sheet where there is no row."""

    number: int | None
    column: int | None
    fault: CellFault


@dataclass(slots=True)
class Merge:
    """What a sheet changes in its table."""

    sheet: FilledSheet
    file: CsvFile
    updated: dict[int, FilledRow] = field(default_factory=dict)
    added: list[FilledRow] = field(default_factory=list)
    removed: set[int] = field(default_factory=set)
    kept: list[Row] = field(default_factory=list)
    """Keys of rows that are gone from the sheet and stay in the dataset."""
    gone: list[Row] = field(default_factory=list)
    """Keys of rows that the sheet still has and the dataset has no more."""
    faults: list[PlacedFault] = field(default_factory=list)

    @property
    def changes(self) -> bool:
        """Whether the table's file changes at all."""
        return bool(self.updated or self.added or self.removed)


@dataclass(frozen=True, slots=True)
class MergedTable:
    """The new file's text, its rows, and for each the sheet's row it came from."""

    text: str
    rows: Sequence[Row]
    sources: Sequence[int | None]


def merge_sheet(sheet: FilledSheet, file: CsvFile, *, remove: bool) -> Merge:
    """What the sheet's rows change in the table, and what forbids it."""
    merge = Merge(sheet, file)
    seen: dict[str, int] = {}
    for row in sheet.rows:
        merge.faults.extend(PlacedFault(row.number, at, fault) for at, fault in row.faults.items())
        if _find_missing_key(merge, row):
            merge.added.append(row)
            continue
        key = digest_key(sheet.table, row.cells)
        if key in seen:
            _refuse_twin(merge, row, seen[key])
            merge.added.append(row)
            continue
        seen[key] = row.number
        _merge_row(merge, row, key)
    _merge_absent(merge, seen, remove=remove)
    return merge


def _own_cells(table: Table, row: FilledRow) -> Row:
    return row.cells[: len(table.fields)]


def _find_missing_key(merge: Merge, row: FilledRow) -> bool:
    table = merge.sheet.table
    if row.place is not None:
        return False
    empty = [
        place
        for place in key_places(table)
        if row.cells[place] in ("", *table.fields[place].missing_values)
    ]
    for place in empty:
        item = table.fields[place]
        fault = CellFault(
            "E-REQUIRED",
            "必填项没有填",
            show_cell(row.cells[place]),
            describe_pattern(item) if item.pattern else describe_type(item),
            "请补填；这一行多余的话，请把整行清空。",
        )
        merge.faults.append(PlacedFault(row.number, place, fault))
    return bool(empty)


def _refuse_twin(merge: Merge, row: FilledRow, first: int) -> None:
    table = merge.sheet.table
    places = key_places(table)
    shown = " / ".join(row.cells[place] for place in places)
    titles = " + ".join(table.fields[place].title for place in places)
    fault = CellFault(
        "E-PK",
        "编号重复",
        f"{show_cell(shown)}，与第 {first} 行相同",
        f"{titles} 在全表中不重复",
        f"请核对第 {first} 行和本行，删去重复的一行或改正编号。",
    )
    merge.faults.append(PlacedFault(row.number, places[-1], fault))


def _merge_row(merge: Merge, row: FilledRow, key: str) -> None:
    table = merge.sheet.table
    given = merge.sheet.marked.rows.get(key)
    cells = _own_cells(table, row)
    now = digest_row(table, cells)
    if row.place is None:
        if given is None:
            merge.added.append(row)
        elif now == given:
            merge.gone.append(tuple(cells[place] for place in key_places(table)))
        else:
            title, cure = "这一行已从数据集删去", "请先核实，再重新制作工作簿。"
            _refuse_row(merge, row, (key_places(table)[-1],), "E-CONFLICT", title, cure)
        return
    current = merge.file.rows[row.place]
    held = digest_row(table, current)
    if now in (given, held):
        return
    changed = tuple(
        at
        for at, item in enumerate(table.fields)
        if canonical_cell(item, cells[at]) != canonical_cell(item, current[at])
    )
    if given is None:
        title = "这个编号已经登记过，内容不同"
        cure = "请核对编号；要改已有的一行，请重新制作工作簿后再改。"
        _refuse_row(merge, row, (key_places(table)[-1],), "E-PK", title, cure)
    elif held != given:
        title = "制作工作簿以后，别人改过这一行"
        cure = "请重新制作工作簿，看过现在的内容再改。"
        _refuse_row(merge, row, changed, "E-CONFLICT", title, cure)
    elif edited := _find_edited(table, changed, current, cells):
        title = "已公开的记录不能修改"
        cure = "请改回原来的内容；有变化的，请另加一行说明。"
        _refuse_row(merge, row, edited, "E-APPEND", title, cure)
    else:
        merge.updated[row.place] = row


def _find_edited(table: Table, changed: Sequence[int], current: Row, cells: Row) -> list[int]:
    """Cells of a published record that may not change; empty for tables that may be edited."""
    if table.name not in APPEND_ONLY:
        return []
    return [
        at
        for at in changed
        if not is_completion(table.name, table.fields[at], current[at], cells[at])
    ]


def _refuse_row(
    merge: Merge, row: FilledRow, columns: Sequence[int], code: str, title: str, cure: str
) -> None:
    for at in columns:
        held = merge.file.rows[row.place][at] if row.place is not None else ""
        expected = (
            f"数据集现有的内容 {show_cell(held)}" if row.place is not None else "数据集已有的行"
        )
        fault = CellFault(code, title, show_cell(row.cells[at]), expected, cure)
        merge.faults.append(PlacedFault(row.number, at, fault))


def _merge_absent(merge: Merge, seen: Mapping[str, int], *, remove: bool) -> None:
    """Rows that were given out and have not come back."""
    table = merge.sheet.table
    places = key_places(table)
    for place, row in enumerate(merge.file.rows):
        key = digest_key(table, row)
        given = merge.sheet.marked.rows.get(key)
        if given is None or key in seen:
            continue
        shown = tuple(row[at] for at in places)
        if not remove:
            merge.kept.append(shown)
        elif table.name in APPEND_ONLY:
            _refuse_removal(merge, shown, "E-APPEND", "已公开的记录不能删除", "请把这一行补回来。")
        elif digest_row(table, row) != given:
            title = "制作工作簿以后，别人改过要删的这一行"
            _refuse_removal(merge, shown, "E-CONFLICT", title, "请重新制作工作簿，核实后再删。")
        else:
            merge.removed.add(place)


def _refuse_removal(merge: Merge, key: Row, code: str, title: str, cure: str) -> None:
    found = f"工作表里没有 {show_cell(' / '.join(key))}"
    merge.faults.append(PlacedFault(None, None, CellFault(code, title, found, "保留这一行", cure)))


def apply_merge(merge: Merge) -> MergedTable:
    """The table's file with the sheet's changes, sorted as before, other records byte for byte."""
    file = merge.file
    line_end = "\r\n" if file.header.endswith("\r\n") else "\n"
    came = {row.place: row.number for row in merge.sheet.rows if row.place is not None}
    fresh = _find_slots(merge)
    records: list[str] = [file.header]
    rows: list[Row] = []
    sources: list[int | None] = []

    def add(cells: Row, source: int | None, record: str = "") -> None:
        rows.append(cells)
        sources.append(source)
        records.append(record or write_record(cells).removesuffix("\n") + line_end)

    for at in range(len(file.rows) + 1):
        for filled in fresh.get(at, ()):
            add(_own_cells(file.table, filled), filled.number)
        if at == len(file.rows) or at in merge.removed:
            continue
        if at in merge.updated:
            add(_own_cells(file.table, merge.updated[at]), merge.updated[at].number)
        else:
            add(file.rows[at], came.get(at), file.records[at])
    text = "".join(_close_records(records, line_end))
    return MergedTable(text, rows, sources)


def _find_slots(merge: Merge) -> Mapping[int, Sequence[FilledRow]]:
    """The new rows by the index of the row that they stand before, sorted by their keys."""
    table = merge.sheet.table
    places = key_places(table)
    keys = list(merge.file.keys())

    def key(filled: FilledRow) -> Row:
        return tuple(filled.cells[place] for place in places)

    slots: dict[int, list[FilledRow]] = {}
    for filled in sorted(merge.added, key=key):
        slots.setdefault(bisect_left(keys, key(filled)), []).append(filled)
    return slots


def _close_records(records: Sequence[str], line_end: str) -> Iterator[str]:
    """The records, each but the last surely with a line end."""
    last = len(records) - 1
    for at, record in enumerate(records):
        yield record if at == last or record.endswith("\n") else record + line_end
