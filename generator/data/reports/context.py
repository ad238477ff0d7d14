"""What every form of a report is made from."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from generator.data.catalog import Catalog, Table
from generator.data.issue import Issue
from generator.data.reports.places import Record, Region, read_records_at
from generator.data.reports.wording import Words


@dataclass(frozen=True, slots=True)
class ReportContext:
    """The issues with their dataset, in a language; `prefix` leads paths for machines."""

    issues: tuple[Issue, ...]
    rows: Mapping[str, int]
    catalog: Catalog
    words: Words
    prefix: str

    def path(self, issue: Issue) -> str:
        """The issue's file as a machine finds it."""
        return f"{self.prefix}{issue.file}"

    def find_table(self, issue: Issue) -> Table | None:
        """The issue's table; None if its file is not a table's."""
        for table in self.catalog.tables:
            if table.relative_path == issue.file:
                return table
        return None


Records = Mapping[tuple[str, int], Record]
"""Records by file and row."""


def read_issue_records(context: ReportContext, issues: Iterable[Issue]) -> Records:
    """The records in which the issues are, each file read once."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for issue in issues:
        if issue.row is not None and not issue.file.endswith(".parquet"):
            wanted[issue.file].add(issue.row)
    return {
        (file, row): record
        for file, rows in sorted(wanted.items())
        for row, record in read_records_at(context.catalog.root / file, rows).items()
    }


def locate_issue(issue: Issue, records: Records) -> Region | None:
    """The issue's place in its file; None where only the file is known."""
    if issue.row is None:
        return None
    record = records.get((issue.file, issue.row))
    if record is None:
        # A file that could not be cut: its row is the line of the fault. Parquet has no lines.
        plain = issue.file.endswith(".csv")
        return Region(issue.row, 1, issue.row, 1) if plain else None
    position = letter_position(issue.column) if issue.column else 0
    region = record.locate(position) if issue.column else None
    return region or Region(record.line, 1, record.line, 1)


def letter_position(letters: str) -> int:
    """The position, from 0, of a spreadsheet's column: A → 0, AA → 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def find_record_key(context: ReportContext, issue: Issue, records: Records) -> str:
    """The primary key of the issue's record as one text; its row number where it has none.

    A key stays when rows are added above, so what is made of it stays too.
    """
    table = context.find_table(issue)
    record = records.get((issue.file, issue.row or 0))
    if table is None or record is None or not table.primary_key or issue.row == 1:
        return str(issue.row or "")
    positions = [table.field_names.index(name) for name in table.primary_key]
    if max(positions) >= len(record.cells):
        return str(issue.row)
    return "\x1f".join(record.cells[position] for position in positions)
