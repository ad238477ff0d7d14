"""A filled workbook's sheets as rows of the tables they were made for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NoReturn

from generator.data.catalog import Catalog, Table
from generator.data.issue import column_letter
from generator.data.workbooks.cell_text import canonical_key
from generator.data.workbooks.csv_file import CsvFile, Row, key_places
from generator.data.workbooks.entries import CellFault, Entry, read_entry
from generator.data.workbooks.faults import WorkbookError
from generator.data.workbooks.guard import EXCEL_CELL_CHARS
from generator.data.workbooks.layout import FIRST_DATA_ROW, NAMES_ROW, OWN_SHEETS
from generator.data.workbooks.marker import MARKER_SHEET, MarkedTable, Marker, read_marker
from generator.data.workbooks.parse import Book, CellKind, RawCell

_SHOWN_SHEETS: Final = 5
_SURPLUS_COLUMNS: Final = 30
"""Columns to the right of a table in which stray cells are told one by one."""
FAULTS_LIMIT: Final = 20_000
"""More faulty cells than this are one mistake made many times, and are told as one."""


@dataclass(frozen=True, slots=True)
class FilledRow:
    """A row of a sheet: its number, its cells as text, what is wrong with them, what was told.

    `cells` may be longer than the table is wide: cells to the right are faults, and are kept so
    that the marked copy shows them. `place` is the row's index in the table, None if it is new.
    """

    number: int
    cells: Row
    place: int | None
    faults: Mapping[int, CellFault]
    kinds: Mapping[int, CellKind]
    notes: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class FilledSheet:
    """A table's sheet as it came back."""

    table: Table
    marked: MarkedTable
    rows: tuple[FilledRow, ...]


def find_marker(book: Book) -> Marker:
    """The marker of a workbook of ours.

    Raises:
        WorkbookError: It has none, or a damaged one.

    """
    if MARKER_SHEET not in book.sheets:
        raise WorkbookError(
            f"{book.name}：不是环镜制作的填报工作簿（没有隐藏的标记表）。"
            "请用 huanjing workbook 制作；别处的表格请用 huanjing import --mapping 导入。"
        )
    return read_marker(book.name, _list_records(book))


def _list_records(book: Book) -> Iterator[tuple[str, ...]]:
    for _, cells in book.read_rows(MARKER_SHEET):
        width = max(cells) + 1
        yield tuple(cells[column].text if column in cells else "" for column in range(width))


def read_filled(
    book: Book, catalog: Catalog, marker: Marker, files: Mapping[str, CsvFile]
) -> tuple[tuple[FilledSheet, ...], tuple[str, ...]]:
    """The tables' sheets, and the names of sheets that are none of ours.

    Raises:
        WorkbookError: A sheet is missing, its columns were moved, or a cell is too long.

    """
    missing = [item.sheet for item in marker.tables if item.sheet not in book.sheets]
    if missing:
        raise WorkbookError(
            f"{book.name}：缺少工作表“{'”“'.join(missing[:_SHOWN_SHEETS])}”。"
            "请不要删去工作表，也不要改它的名称；改过的请改回原名。"
        )
    sheets = tuple(
        _read_sheet(book, catalog.table(item.name), item, files[item.name])
        for item in marker.tables
    )
    known = {item.sheet for item in marker.tables} | {MARKER_SHEET, *OWN_SHEETS}
    return sheets, tuple(name for name in book.sheets if name not in known)


def _read_sheet(book: Book, table: Table, marked: MarkedTable, file: CsvFile) -> FilledSheet:
    rows: list[FilledRow] = []
    named = False
    index = _Index(file)
    last = faults = 0
    for number, cells in book.read_rows(marked.sheet):
        if number <= last:
            raise WorkbookError(f"{book.name}：工作表“{marked.sheet}”的行号错乱，文件已损坏。")
        last = number
        if number == NAMES_ROW:
            named = _names_of(cells) == table.field_names
        elif number >= FIRST_DATA_ROW:
            if not named:
                break
            _refuse_long(book.name, marked.sheet, number, cells)
            _refuse_far(book.name, marked.sheet, number, max(cells) - len(table.fields))
            rows.append(_read_row(index, number, cells))
            faults += len(rows[-1].faults)
            if faults > FAULTS_LIMIT:
                _refuse_masses(book.name, marked.sheet, rows)
    if not named:
        raise WorkbookError(
            f"{book.name}：工作表“{marked.sheet}”第 {NAMES_ROW} 行（隐藏的字段名）被改动过，"
            "认不出各列。请不要增加、删除或移动列；请重新制作工作簿，把内容复制过去。"
        )
    return FilledSheet(table, marked, tuple(rows))


def _names_of(cells: Mapping[int, RawCell]) -> tuple[str, ...]:
    return tuple(cells[column].text if column in cells else "" for column in range(max(cells) + 1))


def _refuse_long(name: str, sheet: str, number: int, cells: Mapping[int, RawCell]) -> None:
    for column, cell in cells.items():
        if len(cell.text) > EXCEL_CELL_CHARS:
            raise WorkbookError(
                f"{name}：{sheet}!{column_letter(column + 1)}{number} 有 {len(cell.text):,} 个字，"
                f"超过一格至多的 {EXCEL_CELL_CHARS:,} 个字，没有读入。请缩短后再试。"
            )


def _refuse_far(name: str, sheet: str, number: int, beyond: int) -> None:
    if beyond > _SURPLUS_COLUMNS:
        raise WorkbookError(
            f"{name}：工作表“{sheet}”第 {number} 行，在表格右边很远处有内容，没有读入。"
            "请删去表格右边的各列，另存后再试。"
        )


def _refuse_masses(name: str, sheet: str, rows: list[FilledRow]) -> NoReturn:
    row = next(row for row in rows if row.faults)
    column, fault = next(iter(row.faults.items()))
    raise WorkbookError(
        f"{name}：工作表“{sheet}”有超过 {FAULTS_LIMIT:,} 格不能读入，多半是成片粘贴错了；"
        f"例如 {column_letter(column + 1)}{row.number}：{fault.title}。{fault.cure}"
    )


class _Index:
    """Finds the dataset's row that a sheet's row stands for, by its key."""

    def __init__(self, file: CsvFile) -> None:
        self.file = file
        self._exact = {key: place for place, key in enumerate(file.keys())}
        self._canonical = {
            canonical_key(file.table, row): place for place, row in enumerate(file.rows)
        }

    def find(self, cells: Mapping[int, RawCell]) -> int | None:
        """The row's index in the table; None where the key is new."""
        table = self.file.table
        places = key_places(table)
        stored = tuple(cells[place].text if place in cells else "" for place in places)
        if stored in self._exact:
            return self._exact[stored]
        entries = [read_entry(table.fields[place], cells.get(place), None) for place in places]
        row = [""] * len(table.fields)
        for place, entry in zip(places, entries, strict=True):
            row[place] = entry.text
        return self._canonical.get(canonical_key(table, row))


def _read_row(index: _Index, number: int, cells: Mapping[int, RawCell]) -> FilledRow:
    table = index.file.table
    place = index.find(cells)
    old = None if place is None else index.file.rows[place]
    entries = [
        read_entry(item, cells.get(column), None if old is None else old[column])
        for column, item in enumerate(table.fields)
    ]
    entries.extend(
        _refuse_surplus(cells.get(column)) for column in range(len(table.fields), max(cells) + 1)
    )
    faulty = {column: entry.fault for column, entry in enumerate(entries) if entry.fault}
    return FilledRow(
        number=number,
        cells=tuple(entry.text for entry in entries),
        place=place,
        faults=faulty,
        kinds={column: cells[column].kind for column in faulty},
        notes={column: entry.note for column, entry in enumerate(entries) if entry.note},
    )


def _refuse_surplus(cell: RawCell | None) -> Entry:
    if cell is None:
        return Entry("")
    fault = CellFault(
        "E-EXTRA",
        "表格右边多出内容",
        f"“{cell.text[:60]}”",
        "空白",
        "请删去，或移到应填的栏目里。",
    )
    return Entry(cell.text, fault)
