"""What is written into a workbook is read back cell for cell, and as text."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import polars as pl
import pytest
from download_reading import join_parts, read_workbook

from generator.data.catalog import Field, Table
from generator.site import spreadsheets
from generator.site.spreadsheets import Sheet, format_workbook, lay_out

CELLS = (
    "", "0371", "00000000000000000001", "911302006992296171", "123456789012345678901234567890",
    "=1+1", "-5", "+1", "@x", "=HYPERLINK(\"http://a.example\")", "http://a.example/?q=1",
    "两\n行", "回车\r\n换行", "\t制表", " 空格 ", "　全角空格　", "a,b\"c'", "<b>&amp;</b>",
    "_x0041_", "_x005F_", "\x01\x1f", "\ufffe", "true", "1e5", "2016-01-01", "1.50", "😀" * 9_000,
    "长" * 40_000, "😀" * 20_000,
)  # fmt: skip


def table_of(*names: str) -> Table:
    fields = tuple(
        Field(name, f"{name}：题", "string", "", "", False, (), "", None, None, None, None, "", ())
        for name in names
    )
    return Table(
        "t", "表[一]", "", Path("t.csv"), "tables/t.csv", "csv", "disclosure", 1, 1, "", (), fields,
        (), (),
    )  # fmt: skip


def test_every_cell_comes_back_as_the_text_that_it_was() -> None:
    frame = pl.DataFrame({"a": CELLS, "b": CELLS[::-1], "c": ["x"] * len(CELLS)})
    book = format_workbook(("说明",), tuple(lay_out(table_of("a", "b", "c"), frame)))
    (titles, names, *rows) = read_workbook(book)["表一"]
    assert titles[:3] == ["a：题", "b：题", "c：题"]
    assert names == ["a", "b", "c", "a~2", "a~3", "b~2", "b~3"]
    assert titles[3] == "a：题（续 2）"
    assert join_parts(names, rows) == [list(row) for row in frame.rows()]


def test_no_cell_is_a_formula_a_number_or_a_link() -> None:
    frame = pl.DataFrame({"a": CELLS})
    book = format_workbook(("说明",), tuple(lay_out(table_of("a"), frame)))
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        sheet = archive.read("xl/worksheets/sheet2.xml")
        assert not [name for name in archive.namelist() if "rels/sheet" in name]
    assert b"<f>" not in sheet
    assert sheet.count(b"<v>") == 2 * 3  # the heads: shared strings
    assert b"hyperlink" not in sheet


def test_equal_rows_make_equal_bytes_without_a_moment_in_them() -> None:
    frame = pl.DataFrame({"a": CELLS})
    one, other = (
        format_workbook(("说明",), tuple(lay_out(table_of("a"), frame))) for _ in range(2)
    )
    assert one == other
    with zipfile.ZipFile(io.BytesIO(one)) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2016-01-01T00:00:00Z" in archive.read("docProps/core.xml")


def test_a_table_longer_than_a_sheet_goes_on_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "LAST_ROW", 5)
    frame = pl.DataFrame({"a": [str(n) for n in range(7)]})
    sheets = tuple(lay_out(table_of("a"), frame))
    assert [sheet.head.title for sheet in sheets] == ["表一", "表一 (2)", "表一 (3)"]
    read = read_workbook(format_workbook(("说明",), sheets))
    assert [row for title in read if title != "说明" for row in read[title][2:]] == [
        [str(n)] for n in range(7)
    ]


def test_a_table_without_rows_has_its_heads() -> None:
    sheets: tuple[Sheet, ...] = tuple(lay_out(table_of("a"), pl.DataFrame({"a": []}, {"a": str})))
    assert read_workbook(format_workbook(("说明",), sheets))["表一"] == [["a：题"], ["a"]]
