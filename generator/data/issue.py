"""One fault of a dataset, told so that a clerk can find and mend it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from generator.data.catalog import Field, Table

Severity = Literal["error", "warning", "notice"]


@dataclass(frozen=True, slots=True)
class Issue:
    """Where a fault is, what was found, what is expected, and the cure.

    `row` counts records as a spreadsheet shows them, the header being row 1;
    None where the fault is the whole file's. `column` is the spreadsheet's
    letter. `title` names the kind of fault, `code` is its permanent key:
    `E-…` for the form of the data, `Rnn` for rules, `L-…` for the ledger.
    """

    code: str
    severity: Severity
    file: str
    row: int | None
    column: str
    field: str
    field_title: str
    found: str
    expected: str
    cure: str
    title: str


def column_letter(number: int) -> str:
    """The spreadsheet's letter of the column counted from 1: 1 → A, 27 → AA."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def make_file_issue(
    code: str,
    title: str,
    table: Table,
    *,
    found: str,
    expected: str,
    cure: str,
    row: int | None = None,
    severity: Severity = "error",
) -> Issue:
    """An issue of a table's file, or of one of its rows as a whole."""
    return Issue(
        code=code,
        severity=severity,
        file=table.relative_path,
        row=row,
        column="",
        field="",
        field_title="",
        found=found,
        expected=expected,
        cure=cure,
        title=title,
    )


def make_cell_issue(
    code: str,
    title: str,
    table: Table,
    row: int | None,
    field: Field,
    *,
    found: str,
    expected: str,
    cure: str,
    severity: Severity = "error",
) -> Issue:
    """An issue of one cell of a table."""
    return Issue(
        code=code,
        severity=severity,
        file=table.relative_path,
        row=row,
        column=column_letter(table.field_names.index(field.name) + 1),
        field=field.name,
        field_title=field.title,
        found=found,
        expected=expected,
        cure=cure,
        title=title,
    )


def sort_issues(issues: Iterable[Issue], files: Iterable[str]) -> tuple[Issue, ...]:
    """The issues by file (in the dataset's order), row, column and code."""
    order = {file: position for position, file in enumerate(files)}
    return tuple(
        sorted(
            issues,
            key=lambda issue: (
                order.get(issue.file, len(order)),
                issue.file,
                issue.row or 0,
                len(issue.column),
                issue.column,
                issue.code,
                issue.found,
            ),
        )
    )
