"""The check: every fault of a dataset at once, and the dataset if there is none.

Order: each table's file (present, UTF-8, header), its cells and rows by
Frictionless's verdict, keys inside and across tables, the monitoring file,
then the rules that a schema cannot say. Each file's bytes are read once: the
rows that were checked are the rows that are loaded.

Source: docs/adr/0003-checking.md
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

import polars as pl

from generator.cache import NO_CACHE, Cache
from generator.data.catalog import Catalog, Table
from generator.data.cell_issues import describe_header, describe_verdict
from generator.data.cells import judge_cells, judge_header
from generator.data.issue import Issue, Severity, make_file_issue, sort_issues
from generator.data.kept_checks import KeptChecks
from generator.data.keys import find_foreign_key_issues, find_primary_key_issues
from generator.data.load import (
    Dataset,
    LoadedTable,
    NotedTables,
    TablesView,
    UndecodableError,
    find_line_of,
    read_records,
    release_memory,
    type_table,
)
from generator.data.messages import format_issue, format_report
from generator.data.readings import check_readings
from generator.data.reads import Reads
from generator.data.rules import apply_rules

__all__ = [
    "CheckReport",
    "Dataset",
    "Issue",
    "Severity",
    "check_dataset",
    "check_readings_ahead",
    "check_table_ahead",
    "format_issue",
    "format_report",
]


@dataclass(frozen=True, slots=True)
class CheckReport:
    """All issues of a dataset in file and row order, and each table's number of rows."""

    issues: tuple[Issue, ...]
    rows: Mapping[str, int]

    @property
    def valid(self) -> bool:
        """Whether the site may be built: no issue is an error."""
        return not any(issue.severity == "error" for issue in self.issues)


@dataclass(slots=True)
class _TableCheck:
    """A table's issues so far, and its rows if they could be read."""

    table: Table
    issues: list[Issue] = field(default_factory=list)
    loaded: LoadedTable | None = None
    rows: int = 0


def check_dataset(catalog: Catalog, cache: Cache = NO_CACHE) -> tuple[CheckReport, Dataset | None]:
    """Every issue of a dataset, and its loaded tables when none of them is an error.

    `cache` spares tables and rules whose files and schemas are as they were.
    """
    kept = KeptChecks(cache, catalog)
    checks = [_recall_table(table, kept) for table in catalog.tables if table.format == "csv"]
    release_memory()
    readable = {check.table.name: check.loaded for check in checks if check.loaded is not None}
    texts = _Texts(readable)
    issues: list[Issue] = []
    for check in checks:
        find = partial(_check_keys, check, texts)
        check.issues.extend(kept.recall_keys(check.table, texts, find))
        issues.extend(check.issues)
    rows = {check.table.name: check.rows for check in checks if check.loaded is not None}
    reads = Reads()
    dataset = Dataset(catalog, NotedTables(readable, rows, reads), reads)
    rules = kept.open_rules(dataset)
    judged = list(apply_rules(dataset, rules.recall))
    rules.close()
    for loaded in readable.values():
        loaded.release_values()
    release_memory()
    for table in catalog.tables:
        if table.format == "parquet":
            found, rows[table.name] = kept.recall_readings(table, texts, check_readings)
            issues.extend(found)
    issues.extend(_drop_echoes(iter(judged), issues))
    files = [table.relative_path for table in catalog.tables]
    report = CheckReport(issues=sort_issues(issues, files), rows=rows)
    return report, dataset if report.valid else None


def check_table_ahead(catalog: Catalog, name: str, cache: Cache) -> LoadedTable | None:
    """A table that could be read; what the check finds of it alone is left in `cache`."""
    return _recall_table(catalog.table(name), KeptChecks(cache, catalog)).loaded


def check_readings_ahead(catalog: Catalog, table: Table, cache: Cache) -> bool:
    """Whether a Parquet table is without fault; what the check finds of it is left in `cache`."""
    kept = KeptChecks(cache, catalog)
    pointed_at = [catalog.table(name) for name in sorted({key.table for key in table.foreign_keys})]
    checks = [_recall_table(target, kept) for target in pointed_at if target.format == "csv"]
    texts = _Texts({check.table.name: check.loaded for check in checks if check.loaded is not None})
    return not kept.recall_readings(table, texts, check_readings)[0]


class _Texts(TablesView[tuple[Table, pl.DataFrame]]):
    """Tables with their text, which is fetched when somebody asks for it."""

    def __getitem__(self, name: str) -> tuple[Table, pl.DataFrame]:
        loaded = self._tables[name]
        return loaded.table, loaded.text


def _recall_table(table: Table, kept: KeptChecks) -> _TableCheck:
    """What is known of the table, or is found out now."""
    known = kept.load_table(table)
    if known is not None:
        return _TableCheck(table, known.issues, known.loaded, known.rows)
    check = _check_table(table)
    if check.loaded is not None:
        check.rows = check.loaded.text.height
        check.loaded = kept.save_table(table, check.issues, check.loaded)
    return check


def _check_table(table: Table) -> _TableCheck:
    """Reads a table's file and judges its header, cells and rows."""
    check = _TableCheck(table)
    if not table.path.is_file():
        check.issues.append(
            make_file_issue(
                "E-FILE",
                "缺少文件",
                table,
                found="找不到这个文件",
                expected=f"“{table.title}”的数据文件",
                cure="请补上文件；没有数据也要有只含首行的文件。",
            )
        )
        return check
    try:
        content = table.path.read_bytes()
    except OSError as error:
        check.issues.append(_describe_unreadable(table, error))
        return check
    if not content.strip(b"\xef\xbb\xbf \r\n\t"):
        check.issues.append(
            make_file_issue(
                "E-FILE",
                "空文件",
                table,
                found="没有任何内容",
                expected="首行为字段名：" + ",".join(table.field_names),
                cure="请写上首行；没有数据也要有首行。",
            )
        )
        return check
    try:
        records = read_records(content, table.field_names)
    except UndecodableError as error:
        check.issues.append(_describe_undecodable(table, error))
        return check
    if b"\0" in content:
        check.issues.append(
            make_file_issue(
                "E-ENCODING",
                "含有空字节",
                table,
                row=find_line_of(content, b"\0"),
                found="一个空字节（NUL）",
                expected="纯文本",
                cure="文件可能已损坏或不是 CSV，请重新导出。",
            )
        )
    if records.open_quote_row is not None:
        check.issues.append(
            make_file_issue(
                "E-QUOTE",
                "双引号没有配对",
                table,
                row=records.open_quote_row,
                found="只有开头的英文双引号，以后各行都被并入这一格",
                expected="英文双引号成对出现",
                cure="请补上结尾的双引号；格内的双引号写成两个。",
            )
        )
        return check
    if judge_header(table, records.labels):
        check.issues.extend(describe_header(table, [label.strip() for label in records.labels]))
        return check
    check.issues.extend(describe_verdict(table, judge_cells(table, records)))
    check.loaded = type_table(table, records.text)
    return check


def _describe_unreadable(table: Table, error: OSError) -> Issue:
    return make_file_issue(
        "E-FILE",
        "文件读不出来",
        table,
        found=error.strerror or "读取出错",
        expected="可以读取的文件",
        cure="请检查文件权限和磁盘。",
    )


def _describe_undecodable(table: Table, error: UndecodableError) -> Issue:
    looks = f"，看起来是 {error.guess} 编码" if error.guess else ""
    return make_file_issue(
        "E-ENCODING",
        "文件不是 UTF-8 编码",
        table,
        row=error.row,
        found=f"第 {error.byte} 个字节不合 UTF-8{looks}",
        expected="UTF-8 编码的 CSV",
        cure="请用表格软件“另存为 CSV UTF-8（逗号分隔）”，再检查一次；整个文件都未能检查。",
    )


def _check_keys(
    check: _TableCheck, texts: Mapping[str, tuple[Table, pl.DataFrame]]
) -> Iterator[Issue]:
    if check.loaded is None:
        return
    faulty = _find_faulty_cells(check)
    text = check.loaded.text
    yield from find_primary_key_issues(check.table, text, faulty)
    yield from find_foreign_key_issues(check.table, text, texts, faulty)


def _find_faulty_cells(check: _TableCheck) -> set[tuple[int, str]]:
    """Cells at fault already; every cell of a row that is at fault as a whole."""
    names = check.table.field_names
    return {
        (issue.row, name)
        for issue in check.issues
        if issue.row is not None
        for name in ((issue.field,) if issue.field else names)
    }


def _drop_echoes(found: Iterator[Issue], known: list[Issue]) -> Iterator[Issue]:
    """The rules' issues, without those at a cell that is at fault already."""
    cells = {(issue.file, issue.row, issue.field) for issue in known}
    rows = {(issue.file, issue.row) for issue in known if not issue.field}
    for issue in found:
        at_cell = (issue.file, issue.row, issue.field) in cells
        at_row = issue.row is not None and (issue.file, issue.row) in rows
        if not at_cell and not at_row:
            yield issue
