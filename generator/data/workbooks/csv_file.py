"""A table's CSV file as records that can be put back byte for byte.

Each record keeps the bytes it was written with beside its cells, so that a merge rewrites the
records it changes and no other.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from generator.data.catalog import Table
from generator.data.workbooks.faults import WorkbookError

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file's header and records as text with their line ends, and each record's cells."""

    table: Table
    header: str
    records: tuple[str, ...]
    rows: tuple[Row, ...]

    def keys(self) -> Iterator[Row]:
        """The primary key of each row, in file order."""
        places = key_places(self.table)
        return (tuple(row[place] for place in places) for row in self.rows)

    def content(self) -> bytes:
        """The file's bytes, as read."""
        return "".join((self.header, *self.records)).encode("utf-8")


def key_places(table: Table) -> tuple[int, ...]:
    """Positions of the primary key's fields among the table's."""
    return tuple(table.field_names.index(name) for name in table.primary_key)


def read_csv_file(table: Table) -> CsvFile:
    """The table's file cut into records.

    Raises:
        WorkbookError: The file is missing, not UTF-8, or not cut as its schema says.

    """
    name = table.relative_path
    cure = "请先用 huanjing check 找出并改正。"
    try:
        content = table.path.read_bytes().decode("utf-8")
    except OSError as error:
        raise WorkbookError(f"{name}：文件读不出来（{error.strerror}）。{cure}") from error
    except UnicodeDecodeError as error:
        raise WorkbookError(f"{name}：不是 UTF-8 编码。{cure}") from error
    records = list(_cut_records(content))
    rows = [tuple(_read_cells(record)) for record in records]
    labels = tuple(label.removeprefix("\ufeff") for label in rows[0]) if rows else ()
    if labels != table.field_names:
        raise WorkbookError(f"{name}：首行不是规定的字段名。{cure}")
    width = len(table.fields)
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != width:
            raise WorkbookError(f"{name} 第 {number} 行：有 {len(row)} 列，应为 {width} 列。{cure}")
    return CsvFile(table, records[0], tuple(records[1:]), tuple(rows[1:]))


def _cut_records(content: str) -> Iterator[str]:
    """Records with their line ends; one ends where no quotation mark is open."""
    held: list[str] = []
    open_quote = False
    for line in io.StringIO(content, newline="\n"):
        held.append(line)
        open_quote ^= line.count('"') % 2 == 1
        if not open_quote:
            yield "".join(held)
            held.clear()
    if held:
        yield "".join(held)


def _read_cells(record: str) -> Sequence[str]:
    if '"' not in record and "\r" not in record:
        return record.removesuffix("\n").split(",")
    rows = list(csv.reader(io.StringIO(record, newline="")))
    return rows[0] if len(rows) == 1 else ()


def write_record(cells: Sequence[str]) -> str:
    """The cells as one CSV record with LF at its end, quoted where needed."""
    target = io.StringIO()
    csv.writer(target, lineterminator="\n").writerow(cells)
    return target.getvalue()
