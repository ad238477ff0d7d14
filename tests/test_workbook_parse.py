"""Cells as stored: text to the letter, numbers of 15 digits, dates by their format alone."""

import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from generator.data.workbooks.guard import check_container
from generator.data.workbooks.parse import RawCell, open_book, plain_number, unescape


def read_cells(path: Path, sheet: str) -> Mapping[tuple[int, int], RawCell]:
    check_container(path)
    with open_book(path) as book:
        return {
            (number, column): cell
            for number, cells in book.read_rows(sheet)
            for column, cell in cells.items()
        }


def write_raw(path: Path, sheet: str, **parts: str) -> Path:
    """A workbook of which every part is written by hand."""
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    listed = parts.get("properties", "") + (
        f'<sheets><sheet name="甲" sheetId="1" xmlns:r="{relations}" r:id="rId1"/></sheets>'
    )
    strings = parts.get("strings", "")
    files = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": f"<workbook {space}>{listed}</workbook>",
        "xl/_rels/workbook.xml.rels": "<Relationships>"
        f'<Relationship Id="rId1" Type="{relations}/worksheet" Target="/xl/worksheets/a.xml"/>'
        f'<Relationship Id="rId2" Type="{relations}/sharedStrings" Target="sharedStrings.xml"/>'
        "</Relationships>",
        "xl/sharedStrings.xml": f"<sst {space}>{strings}</sst>",
        "xl/styles.xml": f"<styleSheet {space}>{parts.get('styles', '')}</styleSheet>",
        "xl/worksheets/a.xml": f"<x:worksheet xmlns:x='{space[7:-1]}'><x:sheetData>{sheet}"
        "</x:sheetData></x:worksheet>",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_cells_of_every_kind_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("甲")
        day = book.add_format({"num_format": 'yyyy"年"m"月"d"日"'})
        moment = book.add_format({"num_format": 22})
        percent = book.add_format({"num_format": "0.0%"})
        money = book.add_format({"num_format": '[Red]#,##0.00_);"天"0'})
        page.write_string(0, 0, "=1+1")
        page.write_number(0, 1, 33.698755)
        page.write_number(0, 2, 0.1 + 0.2)
        page.write_datetime(0, 3, date(2016, 7, 3), day)
        page.write_datetime(0, 4, datetime(2016, 7, 3, 8, 30), moment)
        page.write_number(0, 5, 0.5, percent)
        page.write_number(0, 6, 1234.5, money)
        page.write_boolean(0, 7, True)
        page.write_formula(0, 8, "=B1*2", None, 7)
        page.write_formula(0, 9, "=1/0", None, "#DIV/0!")
        page.write_number(0, 10, 12, day)
        page.write_blank(0, 11, None, day)
    cells = read_cells(path, "甲")
    assert [cells[0 + 1, column] for column in range(11)] == [
        RawCell("text", "=1+1"),
        RawCell("number", "33.698755"),
        RawCell("number", "0.3"),
        RawCell("date", "2016-07-03"),
        RawCell("date", "2016-07-03T08:30:00"),
        RawCell("percent", "0.5"),
        RawCell("number", "1234.5"),
        RawCell("boolean", "TRUE"),
        RawCell("formula", "=B1*2"),
        RawCell("formula", "=1/0"),
        RawCell("number", "12"),
    ]
    assert (1, 11) not in cells


def test_text_is_read_from_wherever_it_is_kept(tmp_path: Path) -> None:
    strings = (
        "<si><t>共用</t></si>"
        "<si><r><t>分</t></r><r><rPr><b/></rPr><t xml:space='preserve'> 段</t></r>"
        "<rPh sb='0' eb='1'><t>注音</t></rPh></si>"
        "<si><t>_x005F_x000D_|_x000D_|x005F_</t></si>"
    )
    sheet = (
        "<x:row><x:c t='s'><x:v>0</x:v></x:c><x:c t='s'><x:v>1</x:v></x:c>"
        "<x:c t='s'><x:v>2</x:v></x:c></x:row>"
        "<x:row r='5'><x:c r='C5' t='inlineStr'><x:is><x:t>内</x:t></x:is></x:c>"
        "<x:c t='str'><x:v>算</x:v></x:c><x:c t='e'><x:v>#N/A</x:v></x:c></x:row>"
        "<x:row/><x:row><x:c r='AB7'><x:v>1E3</x:v></x:c></x:row>"
    )
    assert read_cells(write_raw(tmp_path / "a.xlsx", sheet, strings=strings), "甲") == {
        (1, 0): RawCell("text", "共用"),
        (1, 1): RawCell("text", "分 段"),
        (1, 2): RawCell("text", "_x000D_|\r|x005F_"),
        (5, 2): RawCell("text", "内"),
        (5, 3): RawCell("text", "算"),
        (5, 4): RawCell("error", "#N/A"),
        (7, 27): RawCell("number", "1000"),
    }


def test_dates_count_from_the_workbooks_own_day(tmp_path: Path) -> None:
    styles = "<cellXfs><xf numFmtId='0'/><xf numFmtId='14'/></cellXfs>"
    sheet = (
        "<x:row>" + "".join(f"<x:c s='1'><x:v>{v}</x:v></x:c>" for v in (0, 60, 61)) + "</x:row>"
    )
    early = write_raw(tmp_path / "a.xlsx", sheet, styles=styles)
    late = write_raw(
        tmp_path / "b.xlsx", sheet, styles=styles, properties="<workbookPr date1904='1'/>"
    )
    assert list(read_cells(early, "甲").values()) == [
        RawCell("number", "0"),
        RawCell("number", "60"),
        RawCell("date", "1900-03-01"),
    ]
    assert [cell.text for cell in read_cells(late, "甲").values()] == [
        "1904-01-01",
        "1904-03-01",
        "1904-03-02",
    ]


def test_rich_text_of_another_program_is_its_plain_text(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"] = CellRichText("平", TextBlock(InlineFont(b=True), "粗"))
    book.save(path)
    assert read_cells(path, "Sheet") == {(1, 0): RawCell("text", "平粗")}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1 + 0.2, "0.3"),
        (33.698754999999998, "33.698755"),
        (1e15, "1000000000000000"),
        (1.5e20, "150000000000000000000"),
        (1e-7, "0.0000001"),
        (-0.0, "0"),
        (-12.50, "-12.5"),
        (2015.0, "2015"),
        (123456789012345.0, "123456789012345"),
    ],
)
def test_a_number_is_a_plain_decimal(value: float, text: str) -> None:
    assert plain_number(value) == text


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        ("_x000D_", "\r"),
        ("_x005F_x000D_", "_x000D_"),
        ("_xD842__xDFB7_", "𠮷"),
        ("_xD842_", "\ufffd"),
        ("_x00G1_", "_x00G1_"),
        ("x000D_", "x000D_"),
    ],
)
def test_escapes_stand_for_their_characters(stored: str, text: str) -> None:
    assert unescape(stored) == text
