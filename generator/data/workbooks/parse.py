"""Cells of an XLSX file that the guard let pass, exactly as stored.

A parser of its own, because text must come back to the letter: `_x000D_` escapes, line breaks,
rich text and strings such as `=1+1` are what they were. Formulas are not computed; a number with
a date format is given as its date, since only the format tells the two apart.

Source: ECMA-376 part 1, 18.2 (workbook), 18.3.1.4 (cell), 18.4.8 (string), 18.8.30 (formats),
22.9.2.19 (escaped characters).
"""

import posixpath
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Final, Literal
from xml.etree import ElementTree
from xml.parsers import expat

from generator.data.workbooks.faults import WorkbookError
from generator.data.workbooks.sheet_xml import SheetReader, StoredCell, read_strings

CellKind = Literal["text", "number", "percent", "date", "boolean", "error", "formula"]

SMALL_PART_BYTES: Final = 8_000_000
"""The workbook's own parts (sheet list, styles) are far below this."""

_PIECE_BYTES: Final = 1 << 16
_DATE_FORMATS: Final = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_PERCENT_FORMATS: Final = frozenset((9, 10))
_FORMAT_LITERALS = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_DAY_ZERO_1900: Final = datetime(1899, 12, 30)
_DAY_ZERO_1904: Final = datetime(1904, 1, 1)
_FIRST_SAFE_SERIAL: Final = 61
"""1 March 1900: before it, the 1900 date system has a day that never was."""
_LAST_SERIAL: Final = 2_958_466


@dataclass(frozen=True, slots=True)
class RawCell:
    """A filled cell: what it is, and its text.

    A number is a plain decimal of at most 15 digits, which is what a sheet holds; a date is
    `2016-07-03` or, with a time, `2016-07-03T08:00:00`; a formula is `=` and its text.
    """

    kind: CellKind
    text: str


SheetRow = tuple[int, Mapping[int, RawCell]]
"""A row's number from 1, and its filled cells by column from 0."""


@dataclass(frozen=True, slots=True)
class Book:
    """An open workbook."""

    name: str
    archive: zipfile.ZipFile
    sheets: Mapping[str, str]
    strings: Sequence[str]
    formats: Sequence[CellKind]
    day_zero: datetime

    def read_rows(self, sheet: str) -> Iterator[SheetRow]:
        """The sheet's rows that have a filled cell, in their order.

        Raises:
            WorkbookError: The sheet's XML is damaged, or cells are merged, which hides others.

        """
        reader = SheetReader()
        with _name_damage(self.name), self.archive.open(self.sheets[sheet]) as part:
            while piece := part.read(_PIECE_BYTES):
                for number, stored in reader.feed(piece):
                    filled = {column: self._type(cell) for column, cell in stored.items()}
                    shown = {column: cell for column, cell in filled.items() if cell.text}
                    if shown:
                        yield number, shown
            reader.finish()
        if reader.merged:
            raise WorkbookError(
                f"{self.name}：工作表“{sheet}”有合并的单元格（{reader.merged[:20]}），"
                "合并时别的格的内容已经丢了。请取消合并，核对后再试。"
            )

    def _type(self, cell: StoredCell) -> RawCell:
        if cell.formula is not None:
            return RawCell("formula", f"={cell.formula}")
        match cell.type:
            case "s":
                return RawCell("text", self.strings[int(cell.value)] if cell.value else "")
            case "inlineStr" | "str":
                return RawCell("text", unescape(cell.value))
            case "b":
                return RawCell("boolean", "TRUE" if cell.value == "1" else "FALSE")
            case "e":
                return RawCell("error", cell.value)
            case "d":
                return RawCell("date", cell.value)
        if not cell.value:
            return RawCell("number", "")
        kind = self.formats[cell.style] if cell.style < len(self.formats) else "number"
        if kind == "date":
            moment = _read_serial(float(cell.value), self.day_zero)
            return RawCell("date", moment) if moment else RawCell("number", cell.value)
        return RawCell(kind, plain_number(float(cell.value)))


def plain_number(value: float) -> str:
    """The number as a sheet shows it: at most 15 digits, no exponent, no trailing zeros.

    Raises:
        ValueError: It is infinite or no number.

    """
    if not isfinite(value):
        raise ValueError("not a number")
    text = format(Decimal(f"{value:.15g}"), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _read_serial(serial: float, day_zero: datetime) -> str:
    first = _FIRST_SAFE_SERIAL if day_zero == _DAY_ZERO_1900 else 0
    if not first <= serial < _LAST_SERIAL:
        return ""
    moment = day_zero + timedelta(seconds=round(serial * 86_400))
    whole = serial == int(serial)
    return moment.date().isoformat() if whole else moment.isoformat(timespec="seconds")


_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescape(text: str) -> str:
    """The text with `_xHHHH_` turned into the characters it stands for."""
    if "_x" not in text:
        return text
    plain = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    # Two escapes may be the halves of one character; a half alone is no character.
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


@contextmanager
def open_book(path: Path) -> Iterator[Book]:
    """The workbook, open for reading. `guard.check_container` must have passed it.

    Raises:
        WorkbookError: Its parts do not fit together.

    """
    with _name_damage(path.name), zipfile.ZipFile(path) as archive:
        workbook = _read_small(archive, "xl/workbook.xml", path.name)
        targets = {
            relation.get("Id", ""): relation
            for relation in _read_small(archive, "xl/_rels/workbook.xml.rels", path.name)
        }
        sheets = {}
        for sheet in _find_all(workbook, "sheet"):
            key = next((v for k, v in sheet.attrib.items() if k.endswith("}id")), "")
            part = _find_part(targets.get(key))
            if part in archive.namelist() and "worksheets" in part:
                sheets[sheet.get("name", "")] = part
        properties = next(_find_all(workbook, "workbookPr"), None)
        early = properties is None or properties.get("date1904", "0") not in ("1", "true")
        book = Book(
            name=path.name,
            archive=archive,
            sheets=sheets,
            strings=[unescape(text) for text in _read_strings(archive, targets.values())],
            formats=_read_formats(archive, path.name),
            day_zero=_DAY_ZERO_1900 if early else _DAY_ZERO_1904,
        )
        yield book


@contextmanager
def _name_damage(name: str) -> Iterator[None]:
    try:
        yield
    except (
        zipfile.BadZipFile,
        ElementTree.ParseError,
        expat.ExpatError,
        KeyError,
        ValueError,
        IndexError,
        OverflowError,
        OSError,
        EOFError,
    ) as error:
        raise WorkbookError(f"{name}：工作簿内部有损坏，读不下去。请重新取得文件。") from error


def _read_small(archive: zipfile.ZipFile, part: str, name: str) -> ElementTree.Element:
    if archive.getinfo(part).file_size > SMALL_PART_BYTES:
        raise WorkbookError(f"{name}：内部文件 {part} 太大，不像正常的工作簿，没有打开。")
    # The guard has refused every document type and entity declaration.
    return ElementTree.fromstring(archive.read(part))  # noqa: S314


def _find_all(root: ElementTree.Element, local: str) -> Iterator[ElementTree.Element]:
    return (item for item in root.iter() if item.tag.rpartition("}")[2] == local)


def _find_part(relation: ElementTree.Element | None) -> str:
    if relation is None:
        return ""
    target = relation.get("Target", "")
    return target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)


def _read_strings(
    archive: zipfile.ZipFile, relations: Iterable[ElementTree.Element]
) -> Iterator[str]:
    for relation in relations:
        if relation.get("Type", "").endswith("/sharedStrings"):
            with archive.open(_find_part(relation)) as part:
                yield from read_strings(part, _PIECE_BYTES)


def _read_formats(archive: zipfile.ZipFile, name: str) -> list[CellKind]:
    """What a number is in each of the workbook's cell styles."""
    if "xl/styles.xml" not in archive.namelist():
        return []
    styles = _read_small(archive, "xl/styles.xml", name)
    codes = {
        int(item.get("numFmtId", "0")): item.get("formatCode", "")
        for item in _find_all(styles, "numFmt")
    }
    formats = next(_find_all(styles, "cellXfs"), None)
    if formats is None:
        return []
    return [_judge_format(int(item.get("numFmtId", "0")), codes) for item in formats]


def _judge_format(number: int, codes: Mapping[int, str]) -> CellKind:
    if number in codes:
        code = _FORMAT_LITERALS.sub("", codes[number]).lower()
        if "%" in code:
            return "percent"
        is_date = code != "general" and any(letter in code for letter in "ymdhs")
        return "date" if is_date else "number"
    if number in _PERCENT_FORMATS:
        return "percent"
    return "date" if number in _DATE_FORMATS else "number"
