"""What a rule is: a named judgement over loaded tables that a schema cannot express."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

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

    It is applied only if every table in `tables` could be read. Besides tables it may read the
    catalog and the files that lie beside the tables, and nothing else.
    """

    code: str
    title: str
    severity: Severity
    source: str
    tables: tuple[str, ...]
    find: Callable[[Dataset], Iterator[Finding]]

    def judge(self, dataset: Dataset) -> Iterator[Issue]:
        """An issue for each place of the dataset that breaks the rule."""
        if all(name in dataset.tables for name in self.tables):
            for finding in self.find(dataset):
                yield _tell(self, finding)


Needs = TypeVar("Needs")


@dataclass(frozen=True, slots=True)
class TableRule(Generic[Needs]):
    """A rule on every table for itself, with something that `prepare` reads of the dataset.

    What it needs must be a value that `generator.cache.digest` takes.
    """

    code: str
    title: str
    severity: Severity
    source: str
    prepare: Callable[[Dataset], Needs]
    find: Callable[[LoadedTable, Needs], Iterator[Finding]]

    def judge(self, dataset: Dataset) -> Iterator[Issue]:
        """An issue for each place of the dataset that breaks the rule."""
        needs = self.prepare(dataset)
        for loaded in dataset.tables.values():
            yield from self.judge_table(loaded, needs)

    def judge_table(self, loaded: LoadedTable, needs: Needs) -> Iterator[Issue]:
        """An issue for each place of the table that breaks the rule."""
        for finding in self.find(loaded, needs):
            yield _tell(self, finding)


AnyRule = Rule | TableRule[Any]


def _tell(rule: AnyRule, finding: Finding) -> Issue:
    found = finding.found
    if found is None:
        found = show_cell(finding.table.text.item(finding.index, finding.field))
    return make_cell_issue(
        rule.code,
        rule.title,
        finding.table.table,
        finding.index + 2,
        finding.table.table.field(finding.field),
        found=found,
        expected=finding.expected,
        cure=finding.cure,
        severity=rule.severity,
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
