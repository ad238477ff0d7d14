"""Where a table's row is in its file: line, character columns, and the cells to show.

A row of the check is a record; a record with line breaks in quotes takes several lines of the
file, so from the first such record on rows and lines differ.
"""

import csv
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Region:
    """A cell's place in its file; lines and columns count from 1, in Unicode characters."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it stands in the file."""

    row: int
    line: int
    raw: str
    cells: tuple[str, ...]

    def locate(self, position: int) -> Region | None:
        """Where the cell counted from 0 is; None if the record has no such cell."""
        spans = _cut_spans(self.raw)
        if position >= len(spans):
            return None
        begin, end = spans[position]
        return Region(*self._place(begin), *self._place(end))

    def _place(self, offset: int) -> tuple[int, int]:
        before = self.raw[:offset]
        breaks = before.count("\n")
        return self.line + breaks, offset - (before.rfind("\n") + 1) + 1


def _cut_spans(raw: str) -> list[tuple[int, int]]:
    """The character ranges of a record's cells, their quotes included."""
    spans, begin, quoted = [], 0, False
    body = raw.rstrip("\r\n")
    for offset, char in enumerate(body):
        if char == '"':
            quoted = not quoted
        elif char == "," and not quoted:
            spans.append((begin, offset))
            begin = offset + 1
    return [*spans, (begin, len(body))]


def read_records_at(path: Path, rows: Collection[int]) -> Mapping[int, Record]:
    """The wanted records of a CSV file by row, the header being row 1.

    Rows that the file does not have are left out; so is every row of a file that is no UTF-8
    or not there.
    """
    if not rows or not path.is_file():
        return {}
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (UnicodeDecodeError, OSError):
        return {}
    lines = list(io.StringIO(text, newline=""))
    reader = csv.reader(iter(lines))
    last, found, begin = max(rows), {}, 0
    try:
        for row, cells in enumerate(reader, start=1):
            if row in rows:
                raw = "".join(lines[begin : reader.line_num])
                found[row] = Record(row, begin + 1, raw, tuple(cells))
            begin = reader.line_num
            if row >= last:
                break
    except csv.Error:
        return found
    return found
