"""What a rule is: a named judgement over loaded tables that a schema cannot express."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl

from generator.data.issue import Issue, Severity, make_cell_issue
from generator.data.load import Dataset, LoadedTable
from generator.data.messages import show_cell


@dataclass(frozen=True, slots=True)
class Finding:
    """A place where a rule is broken: a row's index in the table, and one of its fields.

    `found` replaces the cell's text in the message where that would be unclear
    or must not be repeated.
    """

    table: LoadedTable
    index: int
    field: str
    expected: str
    cure: str
    found: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with its permanent code, its source in law or standard, and what it reads.

    It is applied only if every table in `tables` could be read.
    """

    code: str
    title: str
    severity: Severity
    source: str
    tables: tuple[str, ...]
    find: Callable[[Dataset], Iterator[Finding]]

    def judge(self, dataset: Dataset) -> Iterator[Issue]:
        """An issue for each place of the dataset that breaks the rule."""
        if any(name not in dataset.tables for name in self.tables):
            return
        for finding in self.find(dataset):
            table = finding.table.table
            found = finding.found
            if found is None:
                found = show_cell(finding.table.text.item(finding.index, finding.field))
            yield make_cell_issue(
                self.code,
                self.title,
                table,
                finding.index + 2,
                table.field(finding.field),
                found=found,
                expected=finding.expected,
                cure=finding.cure,
                severity=self.severity,
            )


def find_where(loaded: LoadedTable, wrong: pl.Expr) -> list[int]:
    """Indices of the rows whose values make the expression true; null counts as false."""
    return (
        loaded.values.select(wrong.fill_null(value=False).alias("#wrong"))
        .get_column("#wrong")
        .arg_true()
        .to_list()
    )


def with_index(loaded: LoadedTable) -> pl.DataFrame:
    """The table's values with each row's index in a column `#index`."""
    return loaded.values.with_row_index("#index")
