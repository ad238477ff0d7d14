"""Workbooks as bytes, by XlsxWriter: one sheet a table, with a guide, code lists and the marker.

Strings stay strings (`=1+1`, `-5`, `007`), every return code is looked at, and the same content
gives the same bytes: the file bears a fixed date.
"""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import zip_longest
from typing import Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from generator.data.append_only import APPEND_ONLY, is_open_cell
from generator.data.catalog import Field, Table
from generator.data.workbooks.cell_text import find_date, find_number
from generator.data.workbooks.code_lists import CodeList, list_codes
from generator.data.workbooks.districts import District
from generator.data.workbooks.faults import WorkbookError
from generator.data.workbooks.layout import (
    CODES_SHEET,
    FAULTS_SHEET,
    FIRST_DATA_ROW,
    GUIDE_SHEET,
    HEADER_ROW,
    NAMES_ROW,
    column_width,
    guide_lines,
    write_header,
    write_note,
)
from generator.data.workbooks.marker import MARKER_SHEET, Marker, list_records
from generator.data.workbooks.parse import CellKind
from generator.data.workbooks.validation import (
    Validation,
    list_choices,
    make_choice,
    make_reference,
    make_validation,
)

_ESCAPE_LOOKALIKE = re.compile(r"_(?=x[0-9a-fA-F]{4}_)")
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")

CREATED: Final = datetime(2016, 1, 1)
"""Every workbook bears this date, so that equal content is equal bytes."""
LAST_ROW: Final = 1_048_576

_PROTECTION: Final = {
    "select_locked_cells": True,
    "format_columns": True,
    "format_rows": True,
    "insert_rows": True,
    "delete_rows": True,
    "sort": True,
    "autofilter": True,
}
_CODES_FIRST_ROW: Final = 2
_FAULT_HEADS: Final = ("位置", "栏目", "问题", "现为", "应为", "怎样改", "代码")
_FAULT_WIDTHS: Final = (24, 20, 18, 36, 44, 44, 12)


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A row of a sheet: its number from 1, its cells as text, and whether it was given out.

    `marks` has notes for faulty cells by column; `kinds` what those cells were in the sheet they
    came from, where their text alone would not tell.
    """

    number: int
    cells: tuple[str, ...]
    existing: bool
    marks: Mapping[int, str] = field(default_factory=dict)
    kinds: Mapping[int, CellKind] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SheetContent:
    """A table's sheet."""

    table: Table
    title: str
    lines: Sequence[SheetLine]


class ExactWorksheet(Worksheet):  # type: ignore[misc] # XlsxWriter is untyped
    """A sheet whose strings come back to the letter.

    XlsxWriter misses the second of two escapes that share an underscore (`_x005F_x000D_`), and
    the two characters of the basic plane that XML cannot hold.
    """

    @staticmethod
    def _escape_control_characters(data: object) -> object:
        if not isinstance(data, str):
            return data
        plain = _ESCAPE_LOOKALIKE.sub("_x005F_", data)
        return _UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", plain)


class _Formats:
    """The workbook's cell formats, made when first used."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[tuple[str, bool, bool], Format] = {}

    def cell(self, kind: str, *, locked: bool, bad: bool = False) -> Format:
        """The format of a data cell; `kind` is text, number, whole or date."""
        key = (kind, locked, bad)
        if key not in self._made:
            code = {"text": "@", "whole": "0", "date": "yyyy-mm-dd"}.get(kind, "General")
            options: dict[str, object] = {"num_format": code, "locked": locked, "valign": "top"}
            if kind == "text":
                options["text_wrap"] = True
            if bad:
                options |= {"bg_color": "#FFC7CE", "font_color": "#9C0006", "border": 1}
            elif locked:
                options["bg_color"] = "#E7E6E6"
            self._made[key] = self._book.add_format(options)
        return self._made[key]

    def head(self, item: Field) -> Format:
        """The format of a heading, darker where the column must be filled."""
        key = ("head", item.required, False)
        if key not in self._made:
            colour = "#BDD7EE" if item.required else "#DDEBF7"
            self._made[key] = self._book.add_format(
                {"bold": True, "bg_color": colour, "border": 1, "text_wrap": True, "valign": "top"}
            )
        return self._made[key]


def write_workbook(
    district: District,
    sheets: Sequence[SheetContent],
    marker: Marker,
    faults: Sequence[Sequence[str]] = (),
) -> bytes:
    """The workbook's bytes.

    Args:
        district: Whose workbook it is; the code lists are of its rows.
        sheets: The tables' sheets in their order.
        marker: What was given out, for the hidden marker sheet.
        faults: Lines for a first sheet of faults: place, field, title, found, expected, cure, code.

    Raises:
        WorkbookError: A cell cannot be written; the text names it.

    """
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"constant_memory": True})
    book.set_properties({"title": "环境信息填报工作簿", "created": CREATED})
    formats = _Formats(book)
    if faults:
        _write_faults(book, faults)
    _write_guide(book, district, sheets)
    pages = [book.add_worksheet(sheet.title, ExactWorksheet) for sheet in sheets]
    codes = _CodesSheet()
    for page, sheet in zip(pages, sheets, strict=True):
        _write_sheet(page, sheet, district, formats, codes)
    codes.write(book)
    _write_marker(book, marker)
    first = next(iter(book.worksheets()))
    first.activate()
    book.close()
    return target.getvalue()


def _must(code: int | None, place: str) -> None:
    """XlsxWriter tells by a negative number what it left out."""
    if code:
        raise WorkbookError(f"{place}：不能写入工作簿（XlsxWriter 返回 {code}）。请缩短这一格。")


def _write_text(page: Worksheet, row: int, column: int, text: str, form: Format | None) -> None:
    place = f"{page.get_name()}!{xl_rowcol_to_cell(row, column)}"
    if text:
        _must(page.write_string(row, column, text, form), place)
    elif form is not None:
        _must(page.write_blank(row, column, None, form), place)


def _write_guide(
    book: xlsxwriter.Workbook, district: District, sheets: Sequence[SheetContent]
) -> None:
    page = book.add_worksheet(GUIDE_SHEET, ExactWorksheet)
    _must(page.set_column(0, 0, 110), GUIDE_SHEET)
    head = book.add_format({"bold": True, "font_size": 16})
    plain = book.add_format({"text_wrap": True, "valign": "top"})
    listed = [
        (sheet.title, sum(line.existing for line in sheet.lines), sheet.table.name in APPEND_ONLY)
        for sheet in sheets
    ]
    shown = f"{district.name}（{district.code}）"
    for row, line in enumerate(guide_lines(shown, listed)):
        _write_text(page, row, 0, line, head if row == 0 else plain)
    page.protect("", {"select_locked_cells": True})


def _write_faults(book: xlsxwriter.Workbook, faults: Sequence[Sequence[str]]) -> None:
    page = book.add_worksheet(FAULTS_SHEET, ExactWorksheet)
    head = book.add_format({"bold": True, "bg_color": "#FFC7CE", "border": 1})
    plain = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    for column, (title, width) in enumerate(zip(_FAULT_HEADS, _FAULT_WIDTHS, strict=True)):
        _must(page.set_column(column, column, width), FAULTS_SHEET)
        _write_text(page, 0, column, title, head)
    for row, fault in enumerate(faults, start=1):
        for column, text in enumerate(fault):
            _write_text(page, row, column, text, plain)
    page.freeze_panes(1, 0)


def _write_sheet(
    page: Worksheet,
    sheet: SheetContent,
    district: District,
    formats: _Formats,
    codes: "_CodesSheet",
) -> None:
    table = sheet.table
    examples = _find_examples(sheet)
    page.set_row(NAMES_ROW - 1, None, None, {"hidden": True})
    for column, item in enumerate(table.fields):
        form = formats.cell(_kind(item), locked=False)
        _must(page.set_column(column, column, column_width(item), form), sheet.title)
        _write_text(page, HEADER_ROW - 1, column, write_header(item), formats.head(item))
        note = write_note(district.catalog, table, item, examples[column])
        size = {"author": "环镜", "x_scale": 2.2, "y_scale": 1.6}
        _must(page.write_comment(HEADER_ROW - 1, column, note, size), sheet.title)
    for column, item in enumerate(table.fields):
        _write_text(page, NAMES_ROW - 1, column, item.name, None)
    _add_validations(page, table, district, codes)
    for line in sheet.lines:
        _write_line(page, table, line, formats)
    page.freeze_panes(NAMES_ROW, 1)
    page.protect("", _PROTECTION)


def _find_examples(sheet: SheetContent) -> list[str]:
    """For each column a cell that is filled, for its note."""
    fields = sheet.table.fields
    return [
        next(
            (
                line.cells[column]
                for line in sheet.lines[:50]
                if line.cells[column] not in ("", *item.missing_values)
            ),
            "",
        )
        for column, item in enumerate(fields)
    ]


def _kind(item: Field) -> str:
    return {"number": "number", "integer": "whole", "year": "whole", "date": "date"}.get(
        item.type, "text"
    )


def _write_line(page: Worksheet, table: Table, line: SheetLine, formats: _Formats) -> None:
    published = line.existing and table.name in APPEND_ONLY
    for column, text in enumerate(line.cells):
        item = table.fields[column] if column < len(table.fields) else None
        key = item is not None and item.name in table.primary_key
        only = published and not (item and is_open_cell(table.name, item, text))
        bad = column in line.marks
        # A faulty cell must be open to be mended, even where it is a key.
        locked = (only or (line.existing and key)) and not bad
        row = line.number - 1
        if bad:
            place = f"{page.get_name()}!{xl_rowcol_to_cell(row, column)}"
            size = {"author": "环镜", "visible": False, "x_scale": 2.2, "y_scale": 1.6}
            _must(page.write_comment(row, column, line.marks[column], size), place)
        if text or bad or published:
            _write_cell(page, row, column, text, item, line.kinds.get(column), formats, locked, bad)


def _write_cell(
    page: Worksheet,
    row: int,
    column: int,
    text: str,
    item: Field | None,
    stored: CellKind | None,
    formats: _Formats,
    locked: bool,
    bad: bool,
) -> None:
    place = f"{page.get_name()}!{xl_rowcol_to_cell(row, column)}"
    day = None if item is None else find_date(item, text)
    number = "" if item is None else find_number(item, text)
    key_spelling = number == text or not locked
    if stored in ("number", "percent"):
        form = formats.cell("number", locked=locked, bad=bad)
        _must(page.write_number(row, column, float(text), form), place)
    elif stored == "date" and day is None:
        moment = datetime.fromisoformat(text)
        form = formats.cell("date", locked=locked, bad=bad)
        _must(page.write_datetime(row, column, moment, form), place)
    elif day is not None and stored != "text":
        form = formats.cell("date", locked=locked, bad=bad)
        _must(page.write_datetime(row, column, _at_midnight(day), form), place)
    elif number and key_spelling and stored != "text" and item is not None:
        form = formats.cell(_kind(item), locked=locked, bad=bad)
        _must(page.write_number(row, column, float(number), form), place)
    else:
        kind = "text" if item is None else _kind(item)
        _write_text(page, row, column, text, formats.cell(kind, locked=locked, bad=bad))


def _at_midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).replace(tzinfo=None)


def _add_validations(
    page: Worksheet, table: Table, district: District, codes: "_CodesSheet"
) -> None:
    references = {item.name: listed for item, listed in list_codes(district, table)}
    for column, item in enumerate(table.fields):
        options: Validation | None = None
        choices = list_choices(item)
        if item.name in references:
            listed = references[item.name]
            if listed.entries:
                source = codes.place(listed)
                options = make_reference(source, listed.title, strict=listed.strict)
        elif choices:
            entries = tuple((word, "") for word in choices)
            options = make_choice(choices) or make_reference(
                codes.place(CodeList(item.title, entries, (), strict=True)),
                item.title,
                strict=True,
            )
        else:
            options = make_validation(item, xl_rowcol_to_cell(FIRST_DATA_ROW - 1, column))
        if options is not None:
            last = LAST_ROW - 1
            code = page.data_validation(FIRST_DATA_ROW - 1, column, last, column, options)
            _must(code, f"{page.get_name()} 的「{item.title}」栏")


class _CodesSheet:
    """The sheet of code lists, two columns a list, written when every list has its place."""

    def __init__(self) -> None:
        self._lists: dict[CodeList, int] = {}

    def place(self, listed: CodeList) -> str:
        """The range of the list's codes, as a formula."""
        column = self._lists.setdefault(listed, 2 * len(self._lists))
        rows = len(listed.entries) + len(listed.absences)
        first = xl_rowcol_to_cell(_CODES_FIRST_ROW - 1, column, row_abs=True, col_abs=True)
        last = xl_rowcol_to_cell(_CODES_FIRST_ROW + rows - 2, column, row_abs=True, col_abs=True)
        return f"='{CODES_SHEET}'!{first}:{last}"

    def write(self, book: xlsxwriter.Workbook) -> None:
        """The sheet itself; none if there is no list."""
        if not self._lists:
            return
        page = book.add_worksheet(CODES_SHEET, ExactWorksheet)
        head = book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1})
        text = book.add_format({"num_format": "@"})
        for listed, column in self._lists.items():
            _must(page.set_column(column, column, 26, text), CODES_SHEET)
            _must(page.set_column(column + 1, column + 1, 30, text), CODES_SHEET)
            _write_text(page, 0, column, f"{listed.title} 代码", head)
            _write_text(page, 0, column + 1, f"{listed.title} 名称", head)
        columns = [
            (*listed.entries, *((word, "") for word in listed.absences)) for listed in self._lists
        ]
        for row, cells in enumerate(zip_longest(*columns), start=_CODES_FIRST_ROW - 1):
            for place, entry in enumerate(cells):
                if entry is not None:
                    _write_text(page, row, 2 * place, entry[0], text)
                    _write_text(page, row, 2 * place + 1, entry[1], text)
        page.freeze_panes(1, 0)
        page.protect("", {"select_locked_cells": True})


def _write_marker(book: xlsxwriter.Workbook, marker: Marker) -> None:
    page = book.add_worksheet(MARKER_SHEET, ExactWorksheet)
    for row, record in enumerate(list_records(marker)):
        for column, text in enumerate(record):
            _write_text(page, row, column, text, None)
    page.very_hidden()
    page.protect("")
