"""A look at an XLSX container before any of it is parsed.

XLSX is a ZIP of XML parts, so a small file may hold gigabytes, entities that multiply, or a sheet
of a thousand million cells. Sizes that the container states are judged first, then each XML part
is streamed once in small pieces: nothing here holds more than one piece, and Python's `zipfile`
never gives more bytes than were stated.

Source: ECMA-376 part 2 (Open Packaging Conventions), chapter 7; PKWARE APPNOTE 4.3.16, 4.3.15.
"""

import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import numpy as np

from generator.data.workbooks.faults import WorkbookError

EXCEL_CELL_CHARS: Final = 32_767
"""Characters that one cell holds. Source: Excel specifications and limits."""

_PIECE_BYTES: Final = 1 << 18
_OLE_HEADER: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_END_RECORD: Final = b"PK\x05\x06"
_ZIP64_LOCATOR: Final = b"PK\x06\x07"
_END_RECORD_BYTES: Final = 22
_END_SEARCH_BYTES: Final = _END_RECORD_BYTES + 0xFFFF
_BOM: Final = b"\xef\xbb\xbf"
_ENCODING = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']""")
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_XML_SUFFIXES: Final = (".xml", ".rels", ".vml")
_CURE_SAVE: Final = "请用表格软件打开，另存为“Excel 工作簿（*.xlsx）”后再试"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a workbook may be, generously above any workbook of a clerk.

    `run_bytes` is the longest stretch without a tag: an escaped cell text, in which one character
    takes up to seven bytes. `ratio` is judged for parts above `ratio_from_bytes` only, since a
    small part cannot hurt.
    """

    file_bytes: int = 64_000_000
    unpacked_bytes: int = 256_000_000
    directory_bytes: int = 400_000
    members: int = 2_000
    ratio: int = 150
    ratio_from_bytes: int = 4_000_000
    run_bytes: int = EXCEL_CELL_CHARS * 7 + 1_000
    rows: int = 200_000
    cells: int = 2_500_000


DEFAULT_LIMITS: Final = Limits()


def check_container(path: Path, limits: Limits = DEFAULT_LIMITS) -> None:
    """Returns if the file is an XLSX container that may be parsed.

    Raises:
        WorkbookError: It is missing, no XLSX, damaged, encrypted, with macros, or out of bounds.

    """
    name = path.name
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            _check_outside(file, name, size, limits)
    except FileNotFoundError as error:
        raise WorkbookError(f"找不到工作簿：{name}。请检查路径。") from error
    except OSError as error:
        raise WorkbookError(f"{name}：文件读不出来（{error.strerror}）。请检查权限。") from error
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(archive, name, limits)
            _check_parts(archive, name, limits)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        NotImplementedError,
        RuntimeError,
        ValueError,
    ) as error:
        raise WorkbookError(f"{name}：工作簿已损坏，或没有下载完整。请重新取得文件。") from error


def _check_outside(file: IO[bytes], name: str, size: int, limits: Limits) -> None:
    """The file's size, its first bytes, and the size of its directory."""
    if size == 0:
        raise WorkbookError(f"{name}：是空文件（0 字节）。请重新取得文件。")
    if size > limits.file_bytes:
        raise WorkbookError(
            f"{name}：文件有 {size / 1e6:.0f} MB，超过 {limits.file_bytes / 1e6:.0f} MB。"
            "请按区县、按表分开填报。"
        )
    head = file.read(len(_OLE_HEADER))
    if head == _OLE_HEADER:
        _raise_ole(file, name)
    if not head.startswith(b"PK"):
        raise WorkbookError(f"{name}：不是 XLSX 工作簿（内容是别的格式）。{_CURE_SAVE}。")
    file.seek(max(0, size - _END_SEARCH_BYTES - 20))
    tail = file.read()
    position = tail.rfind(_END_RECORD)
    end = tail[position : position + _END_RECORD_BYTES]
    if position < 0 or len(end) < _END_RECORD_BYTES:
        raise WorkbookError(f"{name}：工作簿不完整，结尾缺失。请重新取得文件。")
    directory_bytes = int.from_bytes(end[12:16], "little")
    members = int.from_bytes(end[10:12], "little")
    wide = tail[max(0, position - 20) : position].startswith(_ZIP64_LOCATOR)
    if wide or members > limits.members or directory_bytes > limits.directory_bytes:
        raise WorkbookError(f"{name}：里面的文件太多，不像正常的工作簿，没有打开。{_CURE_SAVE}。")


def _raise_ole(file: IO[bytes], name: str) -> None:
    if "EncryptedPackage".encode("utf-16-le") in file.read(8_000_000):
        raise WorkbookError(f"{name}：工作簿设了打开密码，读不出来。请去掉密码后再试。")
    raise WorkbookError(f"{name}：是旧的 .xls 格式（或别的 Office 文件）。{_CURE_SAVE}。")


def _check_members(archive: zipfile.ZipFile, name: str, limits: Limits) -> None:
    members = archive.infolist()
    names = [member.filename for member in members]
    folded = [item.casefold() for item in names]
    if len(members) > limits.members or len(set(folded)) != len(folded):
        raise WorkbookError(f"{name}：里面的文件过多或重名，没有打开。{_CURE_SAVE}。")
    if any(member.flag_bits & 1 for member in members):
        raise WorkbookError(f"{name}：工作簿加了密码，读不出来。请去掉密码后再试。")
    if any(item.endswith("vbaproject.bin") for item in folded) or _is_macro_type(archive, names):
        raise WorkbookError(f"{name}：含有宏，为安全起见没有打开。{_CURE_SAVE}（不带宏）。")
    total = sum(member.file_size for member in members)
    if total > limits.unpacked_bytes:
        raise WorkbookError(
            f"{name}：展开后有 {total / 1e6:,.0f} MB，超过 {limits.unpacked_bytes / 1e6:.0f} MB，"
            "没有打开。请删去无关的内容，或按区县、按表分开填报。"
        )
    for member in members:
        stated_ratio = member.file_size / max(member.compress_size, 1)
        if member.file_size > limits.ratio_from_bytes and stated_ratio > limits.ratio:
            raise WorkbookError(
                f"{name}：内部文件 {show_part(member.filename)} 的压缩比异常"
                f"（{stated_ratio:.0f} 倍），没有打开。请删去成片的空白行列，另存后再试。"
            )
    if "xl/workbook.xml" not in names or "[Content_Types].xml" not in names:
        raise WorkbookError(f"{name}：不是 XLSX 工作簿（是别的压缩文件）。{_CURE_SAVE}。")


def _is_macro_type(archive: zipfile.ZipFile, names: list[str]) -> bool:
    if "[Content_Types].xml" not in names:
        return False
    with archive.open("[Content_Types].xml") as part:
        return b"macroEnabled" in part.read(_PIECE_BYTES)


def _check_parts(archive: zipfile.ZipFile, name: str, limits: Limits) -> None:
    cells = 0
    for member in archive.infolist():
        if not member.filename.casefold().endswith(_XML_SUFFIXES):
            continue
        with archive.open(member) as part:
            rows, found = _scan_part(part, name, member.filename, limits, cells)
        cells += found
        if rows > limits.rows:
            raise WorkbookError(
                f"{name}：有的工作表超过 {limits.rows:,} 行，没有读入。"
                "请删去数据下方的空白行（选中整行后删除），另存后再试。"
            )


def _scan_part(
    part: IO[bytes], name: str, member: str, limits: Limits, cells_before: int
) -> tuple[int, int]:
    """The numbers of row and cell tags of an XML part that is found harmless."""
    sheet = member.casefold().startswith("xl/worksheets/")
    rows = cells = 0
    run = 0
    seam = b""
    first = True
    while piece := part.read(_PIECE_BYTES):
        if first:
            _check_encoding(piece, name)
            first = False
        if b"\0" in piece:
            raise WorkbookError(f"{name}：内部文件不是 UTF-8 编码。{_CURE_SAVE}。")
        joined = seam + piece
        if _DECLARATION.search(joined):
            raise WorkbookError(
                f"{name}：内部文件 {show_part(member)} 含有 XML 实体声明，没有打开。{_CURE_SAVE}。"
            )
        longest, run = _measure_run(piece, run)
        if longest > limits.run_bytes:
            raise WorkbookError(
                f"{name}：有一个单元格（或内部文件 {show_part(member)} 的一段文字）特别长，"
                f"超过 {EXCEL_CELL_CHARS:,} 个字，没有读入。请删去或缩短后再试。"
            )
        if sheet:
            # Tags that the seam holds whole were counted with the piece before.
            rows += len(_ROW.findall(joined)) - len(_ROW.findall(seam))
            cells += len(_CELL.findall(joined)) - len(_CELL.findall(seam))
            if rows > limits.rows:
                break
            if cells_before + cells > limits.cells:
                raise WorkbookError(
                    f"{name}：单元格超过 {limits.cells:,} 个，没有读入。"
                    "请删去空白的行列，或按区县、按表分开填报。"
                )
        seam = joined[-32:]
    return rows, cells


def _check_encoding(piece: bytes, name: str) -> None:
    """Other encodings would hide declarations from a search of bytes."""
    body = piece.removeprefix(_BOM).lstrip()
    declared = _ENCODING.match(body[:300])
    known = not declared or declared[1].lower() in (b"utf-8", b"us-ascii")
    if not body.startswith(b"<") or not known:
        raise WorkbookError(f"{name}：内部文件不是 UTF-8 编码的 XML。{_CURE_SAVE}。")


def _measure_run(piece: bytes, before: int) -> tuple[int, int]:
    """The longest stretch without `<` that ends in the piece, and the open one at its end."""
    tags = np.flatnonzero(np.frombuffer(piece, dtype=np.uint8) == ord("<"))
    if tags.size == 0:
        return before + len(piece), before + len(piece)
    inner = int(np.diff(tags).max()) if tags.size > 1 else 0
    after = len(piece) - int(tags[-1])
    return max(before + int(tags[0]), inner, after), after


def show_part(name: str) -> str:
    """A member's name as it may stand in a message."""
    shown = "".join(char if char.isprintable() else "?" for char in name)
    return shown if len(shown) <= 60 else f"{shown[:57]}…"
