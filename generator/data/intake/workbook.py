"""An XLSX sheet as text cells, exactly as a reader of the sheet sees them.

Dates become ISO, whole numbers lose the `.0`, percent cells keep their sign, truth values are
TRUE and FALSE. A formula without a stored result cannot be computed here: its place is reported.
"""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.cell.read_only import EmptyCell, ReadOnlyCell
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook.workbook import Workbook

from generator.data.intake.faults import SourceError
from generator.data.workbooks.faults import WorkbookError
from generator.data.workbooks.guard import check_container

LARGEST_AREA = 10_000_000
"""Rows times columns of a sheet, blanks included; one stray cell far away makes it enormous."""

SheetCell = Cell | MergedCell | ReadOnlyCell | EmptyCell


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's rows; `uncached` holds (row number from 1, column from 0) of lost formulas."""

    name: str
    rows: list[tuple[str, ...]]
    uncached: frozenset[tuple[int, int]]


def guard_workbook(path: Path) -> None:
    """Returns if the file's container is harmless to open.

    Raises:
        SourceError: It is damaged, encrypted, has macros, or is larger than any table of data.

    """
    try:
        check_container(path)
    except WorkbookError as error:
        raise SourceError(str(error)) from error


def list_sheets(path: Path) -> list[str]:
    """The names of the workbook's sheets, in their order.

    Raises:
        SourceError: The file is no readable workbook.

    """
    with _open(path, data_only=True) as book:
        return list(book.sheetnames)


def read_sheet(path: Path, name: str) -> Sheet:
    """The sheet's cells; the only sheet where `name` is empty.

    Raises:
        SourceError: The file is no readable workbook, or has no such sheet.

    """
    with _open(path, data_only=True) as book:
        sheets = list(book.sheetnames)
        if not name and len(sheets) > 1:
            raise SourceError(
                f"{path.name}：有 {len(sheets)} 个工作表（{'、'.join(sheets)}）；"
                f"请在映射里写明，例如 file: {path.name}#{sheets[0]}。"
            )
        chosen = name or sheets[0]
        if chosen not in sheets:
            raise SourceError(f"{path.name}：没有工作表“{chosen}”；有：{'、'.join(sheets)}。")
        rows = [_show_row(row) for row in _iterate(book, chosen)]
    while rows and not any(rows[-1]):
        rows.pop()
    with _open(path, data_only=False) as book:
        uncached = frozenset(
            (number, column)
            for number, row in enumerate(_iterate(book, chosen), 1)
            for column, cell in enumerate(row)
            if cell.data_type == "f" and not _cell_at(rows, number, column)
        )
    width = max((len(row) for row in rows), default=0)
    if width * len(rows) > LARGEST_AREA:
        raise SourceError(
            f"{path.name}#{chosen}：有 {len(rows):,} 行、{width:,} 列，大多空白，没有读入。"
            "请删去数据右边和下方的各列各行，另存后再试。"
        )
    return Sheet(chosen, [(*row, *("",) * (width - len(row))) for row in rows], uncached)


def _show_row(row: tuple[SheetCell, ...]) -> tuple[str, ...]:
    """The row's cells as text, without blank cells at its end."""
    shown = [_show(cell) for cell in row]
    while shown and not shown[-1]:
        shown.pop()
    return tuple(shown)


def _cell_at(rows: list[tuple[str, ...]], number: int, column: int) -> str:
    if number > len(rows) or column >= len(rows[number - 1]):
        return ""
    return rows[number - 1][column]


@contextmanager
def _open(path: Path, *, data_only: bool) -> Iterator[Workbook]:
    guard_workbook(path)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=data_only)
    except (
        zipfile.BadZipFile,
        InvalidFileException,
        KeyError,
        ValueError,
        OSError,
        EOFError,
        ParseError,
        TypeError,
        IndexError,
    ) as error:
        raise SourceError(
            f"{path.name}：不是能读的 XLSX 工作簿，可能已损坏或加了密码。请用表格软件打开后另存。"
        ) from error
    try:
        yield book
    except (zipfile.BadZipFile, ParseError, EOFError, zipfile.LargeZipFile) as error:
        raise SourceError(f"{path.name}：工作表读到一半出错，文件可能已损坏。") from error
    finally:
        book.close()


def _iterate(book: Workbook, name: str) -> Iterator[tuple[SheetCell, ...]]:
    sheet = book[name]
    if hasattr(sheet, "reset_dimensions"):
        # The stored size is often wrong; without it openpyxl reads what is really there.
        sheet.reset_dimensions()
    yield from sheet.iter_rows()


def _show(cell: SheetCell) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        has_time = value.time() != time(0) or "h" in str(cell.number_format or "").lower()
        return (
            value.isoformat(sep=" ", timespec="seconds") if has_time else value.date().isoformat()
        )
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, int | float):
        return _show_number(value, str(cell.number_format or ""))
    return str(value)


def _show_number(value: float, number_format: str) -> str:
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        return str(value)
    percent = "%" in number_format
    plain = format(number * 100 if percent else number, "f")
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return f"{plain}%" if percent else plain
