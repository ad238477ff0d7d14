"""A district's rows as entry workbooks on disk, one file or one for each table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.data.catalog import Catalog, Table, read_catalog
from generator.data.workbooks.cell_text import canonical_key
from generator.data.workbooks.csv_file import CsvFile, Row, read_csv_file
from generator.data.workbooks.districts import District, find_district
from generator.data.workbooks.faults import WorkbookError
from generator.data.workbooks.guard import DEFAULT_LIMITS, EXCEL_CELL_CHARS
from generator.data.workbooks.layout import FIRST_DATA_ROW, name_sheet
from generator.data.workbooks.marker import Marker, mark_table
from generator.data.workbooks.storing import write_file
from generator.data.workbooks.write import SheetContent, SheetLine, write_workbook

ALL_TABLES = "all"
_FAULTS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class ExportResult:
    """The workbooks written, each with its numbers of tables and rows."""

    files: tuple[tuple[Path, int, int], ...]


class TableStore:
    """The tables' files, each read once and when first asked for."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self._files: dict[str, CsvFile] = {}

    def read(self, name: str) -> CsvFile:
        """The table's file."""
        if name not in self._files:
            self._files[name] = read_csv_file(self.catalog.table(name))
        return self._files[name]

    def read_rows(self, name: str) -> Sequence[Row]:
        """The table's rows."""
        return self.read(name).rows


def export_workbooks(datasets: Path, names: Sequence[str], code: str, out: Path) -> ExportResult:
    """Workbooks of a district's rows.

    Args:
        datasets: The dataset folder.
        names: Names of tables, or `all`: every table in which the district can have rows.
        code: The district's code; the rows of districts below it belong to it.
        out: A file ending in `.xlsx` gets all tables; a folder gets a workbook for each.

    Raises:
        WorkbookError: A table or the district is unknown, or a cell does not fit into a sheet.
        DatasetError: The dataset's descriptor or schemas cannot be read.

    """
    catalog = read_catalog(datasets)
    store = TableStore(catalog)
    district = find_district(catalog, code, store.read_rows)
    tables = _choose_tables(district, names)
    contents = [_list_lines(district, store.read(table.name)) for table in tables]
    _check_size(contents)
    if out.suffix.lower() == ".xlsx":
        groups = [(out, list(zip(tables, contents, strict=True)))]
    else:
        groups = [
            (out / f"{table.name}-{code}.xlsx", [(table, lines)])
            for table, lines in zip(tables, contents, strict=True)
        ]
    written = []
    for path, group in groups:
        write_file(path, make_workbook(district, group))
        written.append((path, len(group), sum(len(lines) for _, lines in group)))
    return ExportResult(tuple(written))


def make_workbook(district: District, group: Sequence[tuple[Table, Sequence[SheetLine]]]) -> bytes:
    """The bytes of a workbook with these tables' lines."""
    titles: list[str] = []
    for table, _ in group:
        titles.append(name_sheet(table, titles))
    sheets = [
        SheetContent(table, title, lines)
        for (table, lines), title in zip(group, titles, strict=True)
    ]
    marked = tuple(
        mark_table(sheet.table, sheet.title, (line.cells for line in sheet.lines))
        for sheet in sheets
    )
    return write_workbook(district, sheets, Marker(district.code, district.name, marked))


def _choose_tables(district: District, names: Sequence[str]) -> list[Table]:
    catalog = district.catalog
    entered = [table for table in catalog.tables if table.format == "csv"]
    if list(names) == [ALL_TABLES]:
        return [table for table in entered if district.covers(table)]
    known = {table.name: table for table in entered} | {table.title: table for table in entered}
    chosen = []
    for name in dict.fromkeys(names):
        if name not in known:
            listed = "、".join(table.name for table in entered)
            raise WorkbookError(f"没有表“{name}”。可用的表：{listed}；全部的表写 all。")
        if not district.covers(known[name]):
            raise WorkbookError(
                f"“{known[name].title}”由全省统一维护，不分区县。请用省级代码制作这张表的工作簿。"
            )
        chosen.append(known[name])
    return list(dict.fromkeys(chosen))


def _list_lines(district: District, file: CsvFile) -> list[SheetLine]:
    owned = district.owns(file.table)
    rows = [(number, row) for number, row in enumerate(file.rows, start=2) if owned(row)]
    faults = [*_find_unwritable(file.table, rows), *_find_twins(file.table, rows)]
    if faults:
        more = f"\n……另有 {len(faults) - _FAULTS_SHOWN} 处。" if len(faults) > _FAULTS_SHOWN else ""
        raise WorkbookError("\n".join(faults[:_FAULTS_SHOWN]) + more)
    return [
        SheetLine(number, row, existing=True)
        for number, (_, row) in enumerate(rows, start=FIRST_DATA_ROW)
    ]


def _find_unwritable(table: Table, rows: Sequence[tuple[int, Row]]) -> Iterator[str]:
    for number, row in rows:
        for item, text in zip(table.fields, row, strict=True):
            place = f"{table.relative_path} 第 {number} 行「{item.title}」"
            units = len(text.encode("utf-16-le")) // 2 if len(text) > EXCEL_CELL_CHARS // 2 else 0
            if units > EXCEL_CELL_CHARS:
                yield (
                    f"{place}：有 {units:,} 个字，XLSX 的一格至多 {EXCEL_CELL_CHARS:,} 个字，"
                    "不能制作工作簿。请先在数据集里缩短。"
                )


def _find_twins(table: Table, rows: Sequence[tuple[int, Row]]) -> Iterator[str]:
    seen: dict[tuple[str, ...], int] = {}
    for number, row in rows:
        key = canonical_key(table, row)
        if key in seen:
            yield (
                f"{table.relative_path} 第 {number} 行：主键与第 {seen[key]} 行相同，"
                "改动会认不出是哪一行。请先用 huanjing check 找出并改正。"
            )
        seen.setdefault(key, number)


def _check_size(contents: Sequence[Sequence[SheetLine]]) -> None:
    """A workbook that could not come back through the guard is not made."""
    rows = max((len(lines) for lines in contents), default=0)
    cells = sum(len(line.cells) + 3 for lines in contents for line in lines)
    if rows > DEFAULT_LIMITS.rows - FIRST_DATA_ROW or cells > DEFAULT_LIMITS.cells:
        raise WorkbookError(
            f"内容太多：最大的表 {rows:,} 行，共约 {cells:,} 格，一个工作簿至多"
            f" {DEFAULT_LIMITS.rows:,} 行、{DEFAULT_LIMITS.cells:,} 格。请按区县制作。"
        )
