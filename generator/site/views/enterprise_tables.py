"""The disclosure tables of a site: heads once for the dataset, columns once for many sites.

Half a million rows pass here. What a column needs is decided once, and a column becomes markup
for hundreds of sites at a time (`site.row_markup`); a site's part of it is its table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from generator.data.catalog import Field, Table
from generator.data.load import Dataset
from generator.domain.disclosure import TableState
from generator.domain.enterprise import Enterprise, TableRows
from generator.site import routes
from generator.site.row_markup import (
    ColumnMarkup,
    Rows,
    join_rows,
    mark_up_facts,
    mark_up_rows,
    plan_column,
)
from generator.site.views.absence_words import AbsenceWords, explain_rows
from generator.site.views.text import format_count
from generator.site.views.visible import reveal_controls

FOLD_ABOVE: Final = 12
"""Longer tables are folded: on a phone a dozen rows fill the screen."""
_SITE_KEY: Final = ("site_code",)
_WIDE_FROM: Final = 200
"""Columns whose schema allows this many characters get room to wrap in."""
_STATE_KEYS: Final = {
    TableState.GIVEN: "given",
    TableState.NOT_APPLICABLE: "not-applicable",
    TableState.WITHHELD: "withheld",
    TableState.MISSING: "missing",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column's header cell."""

    title: str
    unit: str
    """Empty where the values have none."""


@dataclass(frozen=True, slots=True)
class TableHead:
    """What a table is, the same on every site's page."""

    anchor: str
    """The table's name: id of its section."""
    title: str
    cadence: str
    basis: str
    """Legal basis where it differs from that of the category, else empty."""
    dictionary_route: str
    columns: tuple[Column, ...]
    classes: str
    """`n3` right-aligns the third column, `w8` lets the eighth wrap in a wide cell."""
    single: bool
    """One row at most for a site: shown as a list of facts."""


@dataclass(frozen=True, slots=True)
class TableView:
    """A table on one site's page."""

    head: TableHead
    state: str
    """`given`, `not-applicable`, `withheld` or `missing`."""
    word: str
    count: str
    """Rows, grouped; empty unless given."""
    note: str
    """Why there are no rows, in a full sentence; empty where there are some."""
    rows: Rows
    """All rows; those of a `single` table are the entries of its list of facts."""
    words: AbsenceWords | None
    """What the words for missing values in the rows mean."""
    folded: bool


@dataclass(frozen=True, slots=True)
class CategoryView:
    """One of the six categories with its tables."""

    number: int
    title: str
    basis: str
    settled: int
    """Tables that are not missing."""
    total: int
    tables: tuple[TableView, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """How the rows of one table become texts."""

    head: TableHead
    name: str
    position: int
    """Place among the disclosure tables, as in `SiteDisclosure`."""
    columns: tuple[ColumnMarkup, ...]


class TableWording:
    """Heads and cell formats of all disclosure tables of a dataset."""

    def __init__(self, dataset: Dataset) -> None:
        """Reads the words behind codes from the small tables of `dataset`."""
        catalog = dataset.catalog
        words = _read_code_words(dataset)
        titles = {table.name: table.title for table in catalog.disclosure}
        self._chunks: dict[str, tuple[pl.DataFrame, list[str]]] = {}
        self._categories: list[tuple[int, str, str, list[_Plan]]] = []
        for category in catalog.profile.categories:
            tables = [table for table in catalog.disclosure if table.category == category.number]
            basis = _shared_basis(tables)
            plans = [
                _plan_table(table, catalog.disclosure.index(table), basis, words, titles)
                for table in tables
            ]
            self._categories.append((category.number, category.title, basis, plans))

    def show_categories(self, enterprise: Enterprise) -> tuple[CategoryView, ...]:
        """The categories of one site, with every table in its state."""
        return tuple(self._show_category(enterprise, *category) for category in self._categories)

    def _show_category(
        self, enterprise: Enterprise, number: int, title: str, basis: str, plans: list[_Plan]
    ) -> CategoryView:
        tables = tuple(self._show_table(enterprise, plan) for plan in plans)
        missing = _STATE_KEYS[TableState.MISSING]
        settled = sum(table.state != missing for table in tables)
        return CategoryView(number, title, basis, settled, len(tables), tables)

    def _show_table(self, enterprise: Enterprise, plan: _Plan) -> TableView:
        disclosure = enterprise.disclosure
        state = disclosure.states[plan.position]
        own = enterprise.tables[plan.name]
        count = len(own)
        made = self._mark_up_chunk(plan, own)[own.start : own.start + count] if count else ()
        rows = join_rows(made)
        return TableView(
            head=plan.head,
            state=_STATE_KEYS[state],
            word=state.value,
            count=format_count(count) if count else "",
            note="" if count else _explain_state(state, disclosure.declared[plan.position]),
            rows=rows,
            words=explain_rows(rows),
            folded=count > FOLD_ABOVE,
        )

    def _mark_up_chunk(self, plan: _Plan, own: TableRows) -> list[str]:
        """The rows of all sites of a chunk, made when the first of them asks."""
        chunk, rows = self._chunks.get(plan.name, (None, []))
        if chunk is not own.chunk:
            if plan.head.single:
                titles = [(column.title, column.unit) for column in plan.head.columns]
                rows = mark_up_facts(own.chunk, plan.columns, titles)
            else:
                rows = mark_up_rows(own.chunk, plan.columns)
            self._chunks[plan.name] = (own.chunk, rows)
        return rows


def _explain_state(state: TableState, declared: str) -> str:
    """Why a table has no rows."""
    if state is TableState.NOT_APPLICABLE:
        return f"该企业声明无此情形（不适用），声明日期 {declared}。"
    if state is TableState.WITHHELD:
        return f"本表内容依法不公开（不公开），登记日期 {declared}。"
    return "该企业尚未报送本表（未报送）。"


def _plan_table(
    table: Table,
    position: int,
    category_basis: str,
    words: Mapping[str, dict[str, str]],
    table_titles: dict[str, str],
) -> _Plan:
    names = table.field_names
    # The page says whose rows these are; a column that repeats one value would be noise.
    shown = [
        (place, field) for place, field in enumerate(table.fields) if field.name != "site_code"
    ]
    referenced = {key.fields[0]: key.table for key in table.foreign_keys if len(key.fields) == 1}
    columns: list[ColumnMarkup] = []
    for place, field in shown:
        code_words = words.get(referenced.get(field.name, ""), {})
        if field.name == "pollutant_code" and "pollutant_name" in names:
            code_words = {}
        if table.name == "disclosure_record" and field.name == "table_name":
            code_words = table_titles
        columns.append(plan_column(field, place, code_words))
    basis = _basis(table)
    head = TableHead(
        anchor=table.name,
        title=table.title,
        cadence=table.cadence,
        basis="" if basis == category_basis else basis,
        dictionary_route=routes.dictionary_route(table.name),
        columns=tuple(Column(field.title, field.unit) for _, field in shown),
        classes=" ".join(_column_classes([field for _, field in shown])),
        single=table.primary_key == _SITE_KEY,
    )
    return _Plan(head, table.name, position, tuple(columns))


def _column_classes(fields: Sequence[Field]) -> list[str]:
    """Alignment and width of columns as classes of the table: none is repeated in the cells."""
    classes: list[str] = []
    for column, field in enumerate(fields, start=1):
        if field.type in {"number", "integer"}:
            classes.append(f"n{column}")
        elif (field.max_length or 0) >= _WIDE_FROM:
            classes.append(f"w{column}")
    return classes


def _read_code_words(dataset: Dataset) -> dict[str, dict[str, str]]:
    """By table, the words that stand behind its codes."""
    sources = (
        ("pollutant", "pollutant_code", "pollutant_name"),
        ("industry", "industry_code", "industry_name"),
        ("division", "division_code", "division_name"),
    )
    return {
        table: {
            key: f"{key} {reveal_controls(name)}"
            for key, name in dataset[table].text.select(code, words).iter_rows()
        }
        for table, code, words in sources
    }


def _basis(table: Table) -> str:
    """The legal basis in the law the dataset's profile is named after, its first."""
    return table.legal_basis[0][1] if table.legal_basis else ""


def _shared_basis(tables: Sequence[Table]) -> str:
    """The basis that most tables of a category name, the earliest of equals."""
    bases = [_basis(table) for table in tables]
    return max(bases, key=bases.count, default="")
