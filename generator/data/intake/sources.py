"""Finding the source files that a mapping names, and reading each as rows of text cells.

A row's number is the one a spreadsheet shows: the first record of the file is row 1, the header
stands in the source's `header_row`, and a cell with line breaks is still one row.
"""

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from generator.data.intake.faults import SourceError, raise_source_faults
from generator.data.intake.mapping import MappingFile, Source
from generator.data.intake.workbook import guard_workbook, list_sheets, read_sheet

TABLE_SUFFIXES: Final = (".csv", ".tsv", ".txt", ".xlsx")
LARGEST_CELL: Final = 10_000_000
"""Characters a CSV cell may have; more is a lost quotation mark."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file's text cells. `label` is its name, with `#sheet` for a workbook.

    `uncached` holds (row number, column) of formulas whose result was never stored: their cells
    are empty here and are listed in the report.
    """

    source: Source
    label: str
    sha256: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]
    uncached: frozenset[tuple[int, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class FoundSources:
    """The files read, and those left alone with the reason."""

    files: tuple[SourceFile, ...]
    ignored: Mapping[str, str]
    unexplained: tuple[str, ...]


def read_sources(mapping: MappingFile, paths: Sequence[Path], allow_unmapped: bool) -> FoundSources:
    """Every source file that the mapping names, in the order of the mapping, then of names.

    Raises:
        SourceError: Files are missing, unreadable or unexplained; the text lists all of them.

    """
    faults: list[str] = []
    listed = _list_files(paths, faults)
    ignored: dict[str, str] = {}
    files: list[SourceFile] = []
    claimed: set[str] = set()
    for source in mapping.sources.values():
        matches = [name for name in listed if fnmatchcase(name, source.file)]
        if not matches and not source.optional:
            faults.append(f"缺少来源文件：映射里 sources.{source.name} 要找“{source.file}”。")
        for name in matches:
            try:
                file = read_file(listed[name], source)
            except SourceError as error:
                faults.append(str(error))
                claimed.add(name)
                continue
            claimed.update((name, file.label))
            files.append(file)
    unexplained = [
        label
        for label in _list_labels(listed, claimed, faults)
        if not _explain(label, mapping.ignored_files, ignored)
    ]
    if not allow_unmapped:
        faults.extend(
            f"未说明的来源文件：{label}。请在映射里写明怎样使用，或列入 ignored_files 并写原因。"
            for label in unexplained
        )
    raise_source_faults(faults)
    return FoundSources(tuple(files), ignored, tuple(unexplained))


def _list_files(paths: Sequence[Path], faults: list[str]) -> Mapping[str, Path]:
    found: dict[str, Path] = {}
    for path in paths:
        if path.is_dir():
            inside = sorted(item for item in path.iterdir() if item.is_file())
        elif path.is_file():
            inside = [path]
        else:
            faults.append(f"找不到来源：{path.name}。请检查命令里的路径。")
            continue
        for item in inside:
            if item.name in found and found[item.name].resolve() != item.resolve():
                faults.append(f"有两个来源文件都叫 {item.name}；请改名或分两次导入。")
            found[item.name] = item
    return found


def _list_labels(listed: Mapping[str, Path], claimed: set[str], faults: list[str]) -> list[str]:
    """Files, and sheets of workbooks, that no source of the mapping took."""
    labels: list[str] = []
    for name, path in listed.items():
        if name not in claimed:
            labels.append(name)
        elif path.suffix.lower() == ".xlsx" and not faults:
            labels.extend(
                f"{name}#{sheet}" for sheet in list_sheets(path) if f"{name}#{sheet}" not in claimed
            )
    return labels


def _explain(label: str, reasons: Mapping[str, str], ignored: dict[str, str]) -> bool:
    for pattern, reason in reasons.items():
        if fnmatchcase(label, pattern):
            ignored[label] = reason
            return True
    suffix = Path(label.partition("#")[0]).suffix.lower()
    if suffix not in TABLE_SUFFIXES:
        ignored[label] = "不是 CSV 或 XLSX 文件"
        return True
    return False


def read_file(path: Path, source: Source) -> SourceFile:
    """The file's rows as the source describes them.

    Raises:
        SourceError: The file cannot be read as described.

    """
    if path.suffix.lower() == ".xlsx":
        guard_workbook(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path.name}：文件读不出来（{error.strerror}）。") from error
    digest = hashlib.sha256(data).hexdigest()
    uncached: frozenset[tuple[int, int]] = frozenset()
    if path.suffix.lower() == ".xlsx":
        sheet = read_sheet(path, source.sheet)
        label, records, uncached = f"{path.name}#{sheet.name}", sheet.rows, sheet.uncached
    else:
        if source.sheet:
            raise SourceError(f"{path.name}：不是工作簿，没有工作表“{source.sheet}”。")
        label, records = path.name, _read_csv(path.name, data, source)
    header, rows, numbers = _shape(label, records, source)
    return SourceFile(
        source=source,
        label=label,
        sha256=digest,
        header=header,
        rows=rows,
        numbers=numbers,
        uncached=frozenset(
            (row, header[column])
            for row, column in uncached
            if row > source.header_row and column < len(header)
        ),
    )


def _read_csv(name: str, data: bytes, source: Source) -> list[tuple[str, ...]]:
    encoding = "utf-8-sig" if source.encoding == "utf-8" else source.encoding
    try:
        text = data.decode(encoding)
    except UnicodeError as error:
        start = error.start if isinstance(error, UnicodeDecodeError) else 0
        line = data.count(b"\n", 0, start) + 1
        raise SourceError(
            f"{name} 第 {line} 行附近：第 {start + 1} 个字节不是 {source.encoding} 编码。"
            f"请在映射 sources.{source.name}.encoding 写明文件真正的编码。"
        ) from error
    if "\0" in text:
        raise SourceError(f"{name}：含有 NUL 字符，不是文本文件，或编码不是 {source.encoding}。")
    limit = csv.field_size_limit(LARGEST_CELL)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=source.delimiter, strict=True)
        records = [tuple(record) for record in reader]
    except csv.Error as error:
        line = reader.line_num
        hint = (
            "文件在引号中间断了，可能没有下载完整"
            if "unexpected end" in str(error)
            else f"引号或分隔符写法有错（{error}）"
        )
        raise SourceError(f"{name} 第 {line} 行：{hint}。请重新取得文件。") from error
    finally:
        csv.field_size_limit(limit)
    return records


def _shape(
    label: str, records: Sequence[tuple[str, ...]], source: Source
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...], tuple[int, ...]]:
    """Header, rows as wide as the header, and row numbers."""
    if len(records) < source.header_row or not any(
        cell.strip() for cell in records[source.header_row - 1]
    ):
        raise SourceError(f"{label}：第 {source.header_row} 行没有表头。")
    header = tuple(cell.strip() for cell in records[source.header_row - 1])
    while header and not header[-1]:
        header = header[:-1]
    faults: list[str] = []
    for position, name in enumerate(header, 1):
        if not name:
            faults.append(f"{label}：表头第 {position} 列没有名称。")
        elif name in header[: position - 1]:
            faults.append(f"{label}：表头里有两列都叫“{name}”。")
    rows: list[tuple[str, ...]] = []
    numbers: list[int] = []
    short: list[int] = []
    for number, record in enumerate(records[source.header_row :], source.header_row + 1):
        if record and len(record) < len(header):
            short.append(number)
        elif any(cell.strip() for cell in record[len(header) :]):
            faults.append(f"{label} 第 {number} 行：比表头多出有内容的单元格，可能多了分隔符。")
        padded = (*record, *("",) * (len(header) - len(record)))
        rows.append(padded[: len(header)])
        numbers.append(number)
    if short:
        shown = "、".join(map(str, short[:10]))
        faults.append(
            f"{label} 第 {shown} 行（共 {len(short)} 行）：单元格比表头少，"
            "文件可能断了或少了分隔符。请重新取得文件。"
        )
    raise_source_faults(faults)
    return header, tuple(rows), tuple(numbers)
