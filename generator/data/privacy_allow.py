"""The reviewed list of cells that may hold what looks like personal data.

`privacy-allow.csv` in the dataset's folder has one row for each such cell:

    table,column,sha256,reason,reviewer,expires

`sha256` is of the cell's exact text in UTF-8, so that an edited cell needs a new review. An entry
counts up to and on the day `expires`, which is compared with the newest date in the data and
never with a clock: the same dataset always gets the same verdict.
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from generator.data.catalog import Catalog
from generator.data.data_date import find_latest_date
from generator.data.issue import Issue, Severity
from generator.data.load import Dataset
from generator.data.personal import mask_personal

ALLOW_FILE: Final = "privacy-allow.csv"
COLUMNS: Final = ("table", "column", "sha256", "reason", "reviewer", "expires")
PICTURE_COLUMN: Final = "photo_ref"
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Permission:
    """One row of the list; `row` counts as a spreadsheet does, the header being row 1."""

    row: int
    table: str
    column: str
    sha256: str
    expires: date | None


Permissions = Mapping[tuple[str, str], frozenset[str]]
"""The hashes in force, by table and column."""


def hash_cell(text: str) -> str:
    """The hash that the list wants of a cell's text."""
    return hashlib.sha256(text.encode()).hexdigest()


def is_list_empty(root: Path) -> bool:
    """Whether there is no list, or none with more than its proper header."""
    rows = _read_rows(root, with_header=True)
    return not rows or [tuple(row) for row in rows] == [COLUMNS]


def read_permissions(root: Path) -> tuple[Permission, ...]:
    """The well-formed rows of the list; none where there is no list."""
    return tuple(
        Permission(row, cells[0], cells[1], cells[2], _read_date(cells[5]))
        for row, cells in enumerate(_read_rows(root), start=2)
        if len(cells) == len(COLUMNS)
    )


def list_permissions(dataset: Dataset) -> Permissions:
    """The hashes that are in force at the data's newest date."""
    entries = list(read_permissions(dataset.catalog.root))
    if not entries:
        return {}
    today = find_latest_date(dataset)
    hashes: dict[tuple[str, str], set[str]] = {}
    for entry in entries:
        if entry.expires is not None and entry.expires >= today:
            hashes.setdefault((entry.table, entry.column), set()).add(entry.sha256)
    return {place: frozenset(found) for place, found in hashes.items()}


def check_permissions(dataset: Dataset, used: frozenset[tuple[str, str, str]]) -> Iterator[Issue]:
    """The list's own faults: bad rows, entries past their date, entries that nothing needs.

    Args:
        dataset: The tables that could be read.
        used: Table, column and hash of every cell that has personal data.

    """
    rows = list(_read_rows(dataset.catalog.root, with_header=True))
    if not rows:
        return
    if tuple(rows[0]) != COLUMNS:
        found, expected = f"首行 {','.join(rows[0])[:80]}", "首行为 " + ",".join(COLUMNS)
        yield _tell(_MISWRITTEN, 1, "", found, expected, "请改正首行。")
        return
    today = find_latest_date(dataset)
    for row, cells in enumerate(rows[1:], start=2):
        if len(cells) != len(COLUMNS):
            found, expected = f" {len(cells)} 列", f"{len(COLUMNS)} 列"
            yield _tell(_MISWRITTEN, row, "", found, expected, "请补全这一行。")
            continue
        fault = _find_fault(dataset.catalog, cells)
        expires = _read_date(cells[5])
        if fault is not None:
            field, expected = fault
            found = f"“{mask_personal(cells[COLUMNS.index(field)])[:60]}”"
            yield _tell(_MISWRITTEN, row, field, found, expected, "请改正这一格。")
        elif expires is not None and expires < today:
            expected = f"不早于数据日期 {today}"
            yield _tell(_EXPIRED, row, "expires", f"“{cells[5]}”", expected, "请重新审核，或删去。")
        elif (cells[0], cells[1], cells[2]) not in used:
            found, expected = f"“{cells[2][:12]}…”", "该表该列里有一格的内容与它相符"
            yield _tell(_UNUSED, row, "sha256", found, expected, "内容已改或已删，请删去这一行。")


_MISWRITTEN: Final[tuple[str, str, Severity]] = ("E-ALLOW", "豁免名单写法不对", "error")
_EXPIRED: Final[tuple[str, str, Severity]] = ("E-EXPIRED", "豁免已到期", "notice")
_UNUSED: Final[tuple[str, str, Severity]] = ("E-UNUSED", "豁免没有用到", "notice")


def _find_fault(catalog: Catalog, cells: list[str]) -> tuple[str, str] | None:
    """The first column of a row that is wrong, and what is expected there."""
    table, column, sha256, reason, reviewer, expires = cells
    if not catalog.has_table(table):
        return "table", "数据集里的表名"
    if column not in catalog.table(table).field_names:
        return "column", "这张表的字段名"
    if not _SHA256.fullmatch(sha256):
        return "sha256", "64 位小写十六进制数"
    if not reason.strip():
        return "reason", "写明理由"
    if not reviewer.strip():
        return "reviewer", "写明审核人"
    if _read_date(expires) is None:
        return "expires", "到期日，例如 2016-12-31"
    return None


def _tell(
    kind: tuple[str, str, Severity], row: int, field: str, found: str, expected: str, cure: str
) -> Issue:
    code, title, severity = kind
    column = chr(ord("A") + COLUMNS.index(field)) if field else ""
    return Issue(
        code, severity, ALLOW_FILE, row, column, field, field, found, expected, cure, title
    )


def _read_rows(root: Path, *, with_header: bool = False) -> list[list[str]]:
    path = root / ALLOW_FILE
    if not path.is_file():
        return []
    text = path.read_bytes().decode("utf-8-sig", "replace")
    rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    return rows if with_header else rows[1:]


def _read_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
