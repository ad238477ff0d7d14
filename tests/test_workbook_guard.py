"""Bad containers: one clear Chinese error each, within seconds and bounded memory."""

import io
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from package_factory import VALID_TABLES
from workbook_kit import DISTRICT, make_case, read_bytes

from generator.data.workbooks import WorkbookError, export_workbooks, import_workbook
from generator.data.workbooks.guard import DEFAULT_LIMITS, check_container

SHEET = "xl/worksheets/sheet2.xml"
WORST = (
    "zip bomb of zeros",
    "one part packed a thousand times",
    "entity bomb in a sheet",
    "cell of gigantic length",
    "millions of rows",
    "rows without end in one row",
    "a cell far to the right",
)
BOUNDED = """
import resource, sys
from pathlib import Path
from generator.data.workbooks import WorkbookError, import_workbook
held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
limit = held + 250_000_000
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
for path in sys.argv[2:]:
    try:
        import_workbook(Path(path), Path(sys.argv[1]))
    except WorkbookError as error:
        print(error)
"""
"""Imports with 250 MB of address space beyond the loaded libraries, and a minute of work in all."""

Parts = dict[str, bytes]
Damage = Callable[[Parts], None]


def read_parts(path: Path) -> Parts:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_parts(path: Path, parts: Parts, packing: int = zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def put_rows(rows: bytes) -> Damage:
    def damage(parts: Parts) -> None:
        parts[SHEET] = parts[SHEET].replace(b"</sheetData>", rows + b"</sheetData>")

    return damage


def put_part(name: str, content: bytes) -> Damage:
    def damage(parts: Parts) -> None:
        parts[name] = content

    return damage


def edit_part(name: str, old: bytes, new: bytes) -> Damage:
    def damage(parts: Parts) -> None:
        assert old in parts[name]
        parts[name] = parts[name].replace(old, new, 1)

    return damage


def drop_part(name: str) -> Damage:
    def damage(parts: Parts) -> None:
        del parts[name]

    return damage


def many_parts(parts: Parts) -> None:
    parts.update({f"xl/media/{number}.png": b"" for number in range(3_000)})


BOMB = (
    b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = b"</sheetData></worksheet>"
NAMES_ONLY = b'<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row>'


def long_cell(chars: int) -> bytes:
    text = b"x" * chars
    return b'<row r="9"><c r="C9" t="inlineStr"><is><t>' + text + b"</t></is></c></row>"


HARMFUL: dict[str, tuple[Damage, tuple[str, ...]]] = {
    "zip bomb of zeros": (put_part("xl/media/a.bin", b"\0" * 300_000_000), ("展开后有",)),
    "one part packed a thousand times": (
        put_part("xl/media/a.bin", b"\0" * 60_000_000),
        ("压缩比异常", "xl/media/a.bin"),
    ),
    "thousands of members": (many_parts, ("里面的文件太多",)),
    "entity bomb in a sheet": (
        edit_part(SHEET, b"<worksheet", BOMB + b"<worksheet"),
        ("实体声明",),
    ),
    "entity bomb in the styles": (
        edit_part("xl/styles.xml", b"<styleSheet", BOMB + b"<styleSheet"),
        ("实体声明", "xl/styles.xml"),
    ),
    "declaration in small letters": (
        edit_part(SHEET, b"<worksheet", b"<!doctype a><worksheet"),
        ("实体声明",),
    ),
    "sheet in UTF-16": (
        lambda parts: parts.update({SHEET: parts[SHEET].decode().encode("utf-16")}),
        ("不是 UTF-8",),
    ),
    "sheet in an odd encoding": (edit_part(SHEET, b"UTF-8", b"cp037"), ("不是 UTF-8",)),
    "macros": (put_part("xl/vbaProject.bin", b"macro"), ("含有宏",)),
    "macros under another name": (
        edit_part("[Content_Types].xml", b"sheet.main+xml", b"sheet.macroEnabled.main+xml"),
        ("含有宏",),
    ),
    "cell of gigantic length": (put_rows(long_cell(5_000_000)), ("特别长", "32,767")),
    "cell a little too long": (put_rows(long_cell(40_000)), ("企业基本信息!C9", "40,000 个字")),
    "millions of rows": (put_rows(b'<row r="5"><c/></row>' * 1_100_000), ("超过 200,000 行",)),
    "rows without end in one row": (
        put_rows(b'<row r="9">' + b"<c><v>1</v></c>" * 2_600_000 + b"</row>"),
        ("超过 2,500,000 个",),
    ),
    "more columns than a sheet has": (
        put_rows(b'<row r="9">' + b"<c><v>1</v></c>" * 20_000 + b"</row>"),
        ("内部有损坏",),
    ),
    "a cell far to the right": (
        put_rows(b'<row r="9"><c r="XFD9"><v>1</v></c></row>'),
        ("第 9 行", "很远处"),
    ),
    "rows out of order": (put_rows(b'<row r="1"><c r="A1"><v>1</v></c></row>'), ("行号错乱",)),
    "sheet not well-formed": (edit_part(SHEET, b"</sheetData>", b"</sheetDate>"), ("损坏",)),
    "string number that is not there": (
        put_rows(b'<row r="9"><c r="A9" t="s"><v>99</v></c></row>'),
        ("内部有损坏",),
    ),
    "a number that is none": (
        put_rows(b'<row r="9"><c r="H9"><v>1e999</v></c></row>'),
        ("内部有损坏",),
    ),
    "a style number that is none": (
        put_rows(b'<row r="9"><c r="H9" s="x"><v>1</v></c></row>'),
        ("内部有损坏",),
    ),
    "no sheet list": (drop_part("xl/workbook.xml"), ("不是 XLSX 工作簿",)),
    "no relations": (drop_part("xl/_rels/workbook.xml.rels"), ("内部有损坏",)),
    "no content types": (drop_part("[Content_Types].xml"), ("不是 XLSX 工作簿",)),
    "styles of enormous size": (
        edit_part("xl/styles.xml", b"</styleSheet>", b"<a/>" * 2_500_000 + b"</styleSheet>"),
        ("xl/styles.xml", "太大"),
    ),
    "no marker": (edit_part("xl/workbook.xml", b'name="_huanjing"', b'name="x"'), ("标记表",)),
    "no data sheet": (
        edit_part("xl/workbook.xml", "企业基本信息".encode(), "甲".encode()),
        ("缺少工作表“企业基本信息”",),
    ),
    "columns moved": (edit_part(SHEET, b"<t>uscc</t>", b"<t>x</t>"), ("第 2 行", "被改动过")),
    "hidden row gone": (
        lambda parts: parts.update({SHEET: HEAD + NAMES_ONLY + TAIL}),
        ("第 2 行", "被改动过"),
    ),
}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    root, path = make_case(tmp_path_factory.mktemp("good"), VALID_TABLES)
    export_workbooks(root, ["enterprise_profile"], DISTRICT, path)
    return root, path


@pytest.mark.parametrize("name", list(HARMFUL))
def test_a_harmful_workbook_is_one_error(
    tmp_path: Path, good: tuple[Path, Path], name: str
) -> None:
    root, source = good
    damage, words = HARMFUL[name]
    parts = read_parts(source)
    damage(parts)
    path = tmp_path / "坏.xlsx"
    write_parts(path, parts, zipfile.ZIP_DEFLATED if "pack" in name or "bomb" in name else 0)
    before = read_bytes(root)
    with pytest.raises(WorkbookError) as caught:
        import_workbook(path, root)
    error = str(caught.value)
    assert len(error.splitlines()) == 1
    assert error.startswith("坏.xlsx：")
    for word in words:
        assert word in error
    assert read_bytes(root) == before
    assert [item.name for item in tmp_path.iterdir()] == ["坏.xlsx"]


def test_the_worst_workbooks_are_refused_in_bounded_memory_and_time(
    tmp_path: Path, good: tuple[Path, Path]
) -> None:
    """One process for all of them, since loading the libraries is most of its time."""
    root, source = good
    paths = []
    for number, name in enumerate(WORST):
        parts = read_parts(source)
        HARMFUL[name][0](parts)
        paths.append(str(tmp_path / f"{number}.xlsx"))
        write_parts(Path(paths[-1]), parts, zipfile.ZIP_DEFLATED if number < 2 else 0)
    done = subprocess.run(
        [sys.executable, "-c", BOUNDED, str(root), *paths],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        env={"POLARS_MAX_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONUTF8": "1"},
        cwd=Path(__file__).parent.parent,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == len(WORST)
    for name, line in zip(WORST, lines, strict=True):
        assert all(word in line for word in HARMFUL[name][1]), (name, line)


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flip(content: bytes) -> bytes:
    """One byte of packed data changed: the sums do not agree."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        at = archive.getinfo(SHEET).header_offset + 200
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]


def lie(content: bytes) -> bytes:
    """The directory states less than the part holds."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = archive.getinfo(SHEET).file_size
    at = content.rindex(struct.pack("<L", size))
    return content[:at] + struct.pack("<L", size // 2) + content[at + 4 :]


def encrypt(content: bytes) -> bytes:
    """The flag of the old ZIP encryption set on every member."""
    changed = bytearray(content)
    at = 0
    while (at := content.find(b"PK\x01\x02", at)) >= 0:
        changed[at + 8] |= 1
        at += 4
    return bytes(changed)


def widen(content: bytes) -> bytes:
    """An end record that states sixty thousand members."""
    at = content.rindex(b"PK\x05\x06")
    return content[: at + 10] + b"\xff\xff" + content[at + 12 :]


OLE = bytes.fromhex("d0cf11e0a1b11ae1")
BYTES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda _: b"", "空文件"),
    "truncated": (cut, "不完整"),
    "without its last bytes": (lambda content: content[:-3], "不完整"),
    "a byte flipped": (flip, "已损坏"),
    "a size that lies": (lie, "已损坏"),
    "member encrypted": (encrypt, "加了密码"),
    "too many members stated": (widen, "里面的文件太多"),
    "encrypted by a password": (
        lambda _: OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
        "打开密码",
    ),
    "an old workbook": (lambda _: OLE + b"\0" * 600, "旧的 .xls"),
    "a CSV file": (lambda _: "编码,名称\n".encode(), "不是 XLSX 工作簿"),
    "a picture": (lambda _: b"\x89PNG\r\n\x1a\n", "不是 XLSX 工作簿"),
}


@pytest.mark.parametrize("name", list(BYTES))
def test_a_file_that_is_no_whole_workbook_is_one_error(
    tmp_path: Path, good: tuple[Path, Path], name: str
) -> None:
    change, words = BYTES[name]
    path = tmp_path / "坏.xlsx"
    path.write_bytes(change(good[1].read_bytes()))
    with pytest.raises(WorkbookError) as caught:
        import_workbook(path, good[0])
    message = str(caught.value)
    assert words in message
    assert message.startswith("坏.xlsx：")
    assert len(message.splitlines()) == 1


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path, good: tuple[Path, Path]) -> None:
    with pytest.raises(WorkbookError, match=r"找不到工作簿：无\.xlsx"):
        import_workbook(tmp_path / "无.xlsx", good[0])
    with pytest.raises(WorkbookError, match="文件读不出来"):
        import_workbook(tmp_path, good[0])


def test_every_limit_is_kept(good: tuple[Path, Path]) -> None:
    path = good[1]
    check_container(path)
    size = path.stat().st_size
    for name, low, word in (
        ("file_bytes", size - 1, "超过"),
        ("unpacked_bytes", 1_000, "展开后有"),
        ("directory_bytes", 100, "里面的文件太多"),
        ("members", 3, "里面的文件太多"),
        ("run_bytes", 10, "特别长"),
        ("rows", 3, "超过 3 行"),
        ("cells", 20, "超过 20 个"),
    ):
        with pytest.raises(WorkbookError, match=word):
            check_container(path, replace(DEFAULT_LIMITS, **{name: low}))
    check_container(path, replace(DEFAULT_LIMITS, file_bytes=size))


def test_a_tag_across_two_pieces_is_seen_and_counted_once(
    tmp_path: Path, good: tuple[Path, Path]
) -> None:
    parts = read_parts(good[1])
    put_rows(b'<row r="99"/>' * 100)(parts)
    count = parts[SHEET].count(b"<row")
    start = parts[SHEET].index(b"<sheetData>") + len(b"<sheetData>")
    path = tmp_path / "a.xlsx"
    for shift in range(12):
        filler = b"<!--" + b"x" * 150_000 + b"-->"
        rest = (1 << 18) - start - len(filler) - len(b"<!---->") - shift
        padding = filler + b"<!--" + b"y" * rest + b"-->"
        whole = parts[SHEET].replace(b"<sheetData>", b"<sheetData>" + padding)
        assert whole[(1 << 18) - shift :].startswith(b"<row")
        write_parts(path, {**parts, SHEET: whole})
        check_container(path, replace(DEFAULT_LIMITS, rows=count))
        with pytest.raises(WorkbookError, match="行"):
            check_container(path, replace(DEFAULT_LIMITS, rows=count - 1))
        bomb = whole.replace(b"<row", b"<!DOCTYPE a><row", 1)
        write_parts(path, {**parts, SHEET: bomb})
        with pytest.raises(WorkbookError, match="实体声明"):
            check_container(path)
