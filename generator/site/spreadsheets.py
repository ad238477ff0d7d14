"""Tables as Excel workbooks that lose nothing: every cell is text, and stays the text that it was.

XlsxWriter makes the workbook: its parts, the sheets' heads, widths and styles; every return code
is looked at. The rows below the heads are written here as whole columns, fifteen times faster, as
the same in-line strings that XlsxWriter's own constant-memory mode writes (docs/adr/0032).

What a reader must know: row 1 of a sheet has the fields' titles, row 2 their names, data begins in
row 3. A text longer than Excel's cells goes on in columns named `field~2`, `field~3` … at the
end of the sheet; a table longer than Excel's sheets goes on in a sheet of its own. Characters that
XML cannot hold are written as Excel writes them, `_x0001_`.

Source: ECMA-376-1 §18.3.1.4 (cells), §22.4.2.4 (escaped characters); Excel specifications and
limits (1,048,576 rows, 32,767 characters a cell).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import polars as pl
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from generator.data.catalog import Table
from generator.errors import OutputError
from generator.site.archive import CLOSE_LEVEL

HEAD_ROWS: Final = 2
LAST_ROW: Final = 1_048_576
PART_CHARACTERS: Final = 16_000
"""Characters of a cell; were each a pair of surrogates, it would still fit."""
_CREATED: Final = datetime(2016, 1, 1)
"""Every workbook bears this date, so that equal content is equal bytes."""
_ZIP_TIME: Final = (1980, 1, 1, 0, 0, 0)
_GUIDE: Final = "说明"
_MARKUP: Final = ["&", "<", ">"]
_ESCAPED_MARKUP: Final = ["&amp;", "&lt;", "&gt;"]
_UNWRITABLE: Final = r"[\x00-\x08\x0b-\x1f\x{fffe}\x{ffff}]|_x[0-9A-Fa-f]{4}_"
_CELL: Final = '<c t="inlineStr"><is><t'
_PADDED: Final = r"\A\s|\s\z"
_ESCAPE_LOOKALIKE: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_SHEET_LIMIT: Final = 31
_NO_SHEET_NAME: Final = re.compile(r"[\[\]:*?/\\]|^'|'$")


@dataclass(frozen=True, slots=True)
class SheetHead:
    """All of a sheet but its rows."""

    title: str
    fields: tuple[tuple[str, str], ...]
    """Title and name of each column."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet with its rows as the lines of its part."""

    head: SheetHead
    lines: pl.Series


def guide_lines(descriptor: Mapping[str, Any], place: str) -> tuple[str, ...]:
    """The first sheet of a place's workbook: what it is, and how it is to be read."""
    licences = "、".join(licence.get("title", "") for licence in descriptor.get("licenses", ()))
    return (
        f"{descriptor.get('title', '')}：{place}",
        str(descriptor.get("description", "")),
        f"许可：{licences}",
        "每张表一页：第 1 行是字段名称，第 2 行是字段代码，第 3 行起是数据。",
        "所有单元格都是文本，与数据集逐字相同：代码开头的 0、“=1+1”、“-5” 都不会被改写。",
        "要计算时请先把所在列转换为数字（数据—分列）。",
        "超过 16,000 个字符的长文字分在几列里，后面几列叫“字段代码~2”“字段代码~3”。",
    )


def format_workbook(guide: Sequence[str], sheets: Sequence[Sheet]) -> bytes:
    """A workbook with a sheet of `guide` lines, then `sheets`.

    Raises:
        OutputError: XlsxWriter refuses a head.

    """
    parts = _make_frame(tuple(guide), tuple(sheet.head for sheet in sheets))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts:
            found = re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", name)
            number = int(found[1]) - 2 if found else -1
            filled = _fill(content, sheets[number]) if number >= 0 else content
            member = zipfile.ZipInfo(name, _ZIP_TIME)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o600 << 16
            archive.writestr(member, filled, compresslevel=CLOSE_LEVEL)
    return buffer.getvalue()


def lay_out(table: Table, text: pl.DataFrame) -> Iterator[Sheet]:
    """The sheets of a table's rows: one, unless there are more than a sheet may have."""
    split, parts = _split_long_cells(text)
    yield from arrange(table, draw_rows(split), parts)


def arrange(
    table: Table, lines: pl.Series, parts: Sequence[tuple[str, int]] = ()
) -> Iterator[Sheet]:
    """The sheets of a table whose rows are drawn; `parts` are columns with ends of long texts."""
    fields = tuple((field.title or field.name, field.name) for field in table.fields)
    titles = {name: title for title, name in fields}
    fields += tuple((f"{titles[name]}（续 {n}）", f"{name}~{n}") for name, n in parts)
    most = LAST_ROW - HEAD_ROWS
    for number, start in enumerate(range(0, max(1, lines.len()), most), 1):
        suffix = f" ({number})" if number > 1 else ""
        title = _NO_SHEET_NAME.sub("", table.title)[: _SHEET_LIMIT - len(suffix)] or table.name
        yield Sheet(SheetHead(title + suffix, fields), lines.slice(start, most))


def has_long_cells(text: pl.DataFrame) -> bool:
    """Whether a text is so long that it may have to go on in another column."""
    return bool(_split_long_cells(text)[1])


def _split_long_cells(text: pl.DataFrame) -> tuple[pl.DataFrame, list[tuple[str, int]]]:
    """The frame with texts cut to what a cell holds, and the columns that hold the rest."""
    lengths = text.select(pl.all().str.len_chars().max()).row(0) if text.height else ()
    added: list[pl.Expr] = []
    parts: list[tuple[str, int]] = []
    for name, length in zip(text.columns, lengths, strict=False):
        if length is None or length <= PART_CHARACTERS:
            continue
        for part in range(-(-length // PART_CHARACTERS)):
            cut = pl.col(name).str.slice(part * PART_CHARACTERS, PART_CHARACTERS)
            added.append(cut.alias(f"{name}~{part + 1}" if part else name))
            if part:
                parts.append((name, part + 1))
    return text.with_columns(added), parts


@lru_cache(maxsize=8)
def _make_frame(
    guide: tuple[str, ...], heads: tuple[SheetHead, ...]
) -> tuple[tuple[str, bytes], ...]:
    """The parts of a workbook whose sheets have no rows but their heads."""
    buffer = io.BytesIO()
    # The default format is text, so that no cell needs to name one.
    options = {"in_memory": True, "default_format_properties": {"num_format": "@"}}
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"created": _CREATED})
    bold, grey = book.add_format({"bold": True}), book.add_format({"font_color": "#595959"})
    sheet = book.add_worksheet(_GUIDE)
    sheet.set_column(0, 0, 100)
    codes = [sheet.write_string(row, 0, line) for row, line in enumerate(guide)]
    for head in heads:
        sheet = book.add_worksheet(head.title)
        sheet.set_column(0, len(head.fields) - 1, 18)
        sheet.freeze_panes(HEAD_ROWS, 1)
        codes.append(sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"}) or 0)
        for column, (title, name) in enumerate(head.fields):
            codes.append(sheet.write_string(0, column, title, bold))
            codes.append(sheet.write_string(1, column, name, grey))
    book.close()
    if any(codes):
        raise OutputError(
            "无法制作 Excel 文件：表头有写不进单元格的内容。请检查 schemas/ 的字段名。"
        )
    with zipfile.ZipFile(buffer) as archive:
        return tuple((name, archive.read(name)) for name in archive.namelist())


def _fill(content: bytes, sheet: Sheet) -> bytes:
    """A sheet's part with its rows below the head."""
    last = f"{xl_col_to_name(len(sheet.head.fields) - 1)}{HEAD_ROWS + sheet.lines.len()}"
    dimension = f'<dimension ref="A1:{last}"/>'.encode()
    content = re.sub(rb'<dimension ref="[^"]*"/>', dimension, content)
    before, end, after = content.partition(b"</sheetData>")
    rows = str(sheet.lines.str.join("").item()).encode() if sheet.lines.len() else b""
    return b"".join((before, rows, end, after))


def draw_rows(text: pl.DataFrame) -> pl.Series:
    """Each row as XML; rows and cells name no place, since each stands in the next one.

    A row is drawn from its own cells alone, so that a table can be drawn whole and then cut.
    """
    padded = text.select(pl.all().str.contains(_PADDED).any()).row(0)
    cells = []
    for name, spaced in zip(text.columns, padded, strict=True):
        cell, opening = pl.col(name), pl.lit(f"{_CELL}>")
        if spaced:
            keeping = pl.lit(f'{_CELL} xml:space="preserve">')
            opening = pl.when(cell.str.contains(_PADDED)).then(keeping).otherwise(opening)
        told = pl.concat_str(opening, cell, pl.lit("</t></is></c>"))
        cells.append(pl.when(cell == "").then(pl.lit("<c/>")).otherwise(told))
    row = pl.concat_str(pl.lit("<row>"), *cells, pl.lit("</row>"))
    return _escape(text).select(row.alias("row"))["row"]


def _escape(text: pl.DataFrame) -> pl.DataFrame:
    """The cells as character data of XML; what XML cannot hold as Excel's own escapes."""
    odd = text.select(pl.all().str.contains(_UNWRITABLE).any()).row(0)
    changed: list[pl.Expr | pl.Series] = []
    for name, strange in zip(text.columns, odd, strict=True):
        column = pl.col(name)
        if strange:
            column = column.map_elements(escape_controls, return_dtype=pl.String)
        changed.append(column.str.replace_many(_MARKUP, _ESCAPED_MARKUP))
    return text.with_columns(changed)


def escape_controls(text: str) -> str:
    """A text with what XML cannot hold written as Excel writes it: `_x0001_`."""
    text = _ESCAPE_LOOKALIKE.sub("_x005F_", text)
    return _CONTROL.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
