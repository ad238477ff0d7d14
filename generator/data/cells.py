"""Frictionless's verdict on every cell and row of a table, at the speed of columns.

Two levels. A *sound* Polars predicate marks the texts that Frictionless surely
accepts; every distinct text that it does not prove goes once to Frictionless's
own cell reader. Only the rows that hold a refused cell, or that have too few
or too many cells, are then rebuilt with Frictionless's own row class, which
words the errors: so no semantics are written twice. Primary and foreign keys
are not looked at here.

Source: docs/adr/0003-checking.md
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl
from frictionless import Error, Schema
from frictionless.table.header import Header

from generator.data.catalog import Field, Table
from generator.data.column import Column, is_provable, make_reader, prove_cell, read_columns
from generator.data.load import Records, canonical_value, missing_mask
from generator.data.row_errors import create_handlers, read_row

_KNOWN_TEXTS: Final = 100_000
"""Accepted texts of a column kept from block to block."""
_FAIR_TRIAL: Final = 500
"""Texts of a column read before it may be given up as bad throughout."""
_FEW_ROWS: Final = 10_000
"""In a block of fewer rows every cell is looked at: to find the distinct texts costs more."""


@dataclass(frozen=True, slots=True)
class CellFault:
    """One error as Frictionless reports it.

    `type` is Frictionless's error type, `note` its English reason. `row` and
    `field_number` are counted from 1, the header being row 1; `field_number`
    is 0 where the error is the whole row's.
    """

    type: str
    note: str
    row: int
    field_number: int
    cell: str


@dataclass(frozen=True, slots=True)
class LooseCell:
    """A cell that Frictionless accepts, in a spelling other than the canonical one."""

    row: int
    field: Field
    cell: str


@dataclass(frozen=True, slots=True)
class CellVerdict:
    """What Frictionless refuses in a table, and what it accepts in a loose spelling."""

    faults: tuple[CellFault, ...]
    loose: tuple[LooseCell, ...]


@dataclass(frozen=True, slots=True)
class BlockVerdict:
    """Of a block: the rows that Frictionless has to word, and the loose cells.

    Rows are indexes into the block. `loose` has the index, the column's number
    from 0 and the text; it is empty unless loose cells were asked for.
    """

    suspects: frozenset[int]
    loose: tuple[tuple[int, int, str], ...]


class CellJudge:
    """Finds the rows of a table that Frictionless may refuse, block by block.

    It remembers of each column the texts that were judged, so that a text that
    repeats costs one lookup.

    Args:
        columns: The table's columns.
        find_loose: Whether to look for loose spellings too, which Frictionless accepts.

    """

    def __init__(self, columns: Sequence[Column], *, find_loose: bool = False) -> None:
        self._columns = [
            _ColumnJudge(number, column, find_loose=find_loose)
            for number, column in enumerate(columns)
        ]
        self._may_be_blank = not any(column.required for column in columns)

    def judge(self, text: pl.DataFrame, odd_rows: Mapping[int, object]) -> BlockVerdict:
        """The suspects and the loose cells of a block."""
        if text.is_empty():
            return BlockVerdict(frozenset(), ())
        by_text = {
            judge.number
            for judge in self._columns
            if text.height >= _FEW_ROWS and judge.texts_repeat
        }
        distinct = text.select(
            pl.col(judge.column.name).unique().implode()
            for judge in self._columns
            if judge.number in by_text
        )
        doubts = text.select(judge.doubt for judge in self._columns if judge.number not in by_text)
        suspects = set(odd_rows)
        loose: list[tuple[int, int, str]] = []
        for judge in self._columns:
            name = judge.column.name
            cells = text.get_column(name)
            if judge.number in by_text:
                texts = distinct.get_column(name)[0]
                judge.weigh_repetition(texts.len(), cells.len())
                refused, strange = judge.judge_texts(texts.drop_nulls())
            else:
                refused, strange = judge.judge_cells(cells, doubts.get_column(name))
            suspects.update(_find_rows(cells, refused))
            loose.extend(
                (index, judge.number, cells[index])
                for index in _find_rows(cells, strange)
                if index not in odd_rows
            )
        if self._may_be_blank:
            blank = pl.all_horizontal(missing_mask(judge.column) for judge in self._columns)
            suspects.update(text.select(blank.alias("#blank")).get_column("#blank").arg_true())
        return BlockVerdict(frozenset(suspects), tuple(loose))


class _ColumnJudge:
    """The judgement of a column's texts, and those that are known already."""

    def __init__(self, number: int, column: Column, *, find_loose: bool) -> None:
        self.number = number
        self.column = column
        self._find_loose = find_loose and column.has_spellings
        self.texts_repeat = True
        """Whether it is cheaper to look at distinct texts than at every cell."""
        self.doubt = (~prove_cell(column)).alias(column.name)
        """True where a cell is not proven."""
        self._read = make_reader(column)
        self._known = pl.Series(column.name, [], dtype=pl.String)
        self._refused: dict[str, bool] = {}

    def weigh_repetition(self, distinct: int, rows: int) -> None:
        """Goes over to judging every cell when hardly any text repeats."""
        if distinct * 2 >= rows:
            self.texts_repeat = not is_provable(self.column)

    def judge_cells(self, cells: pl.Series, doubt: pl.Series) -> tuple[list[str], list[str]]:
        """The refused and the loosely spelled texts among a column's cells."""
        if not doubt.any():
            return [], []
        return self._read_texts(cells.filter(doubt).unique().drop_nulls().to_list())

    def judge_texts(self, texts: pl.Series) -> tuple[list[str], list[str]]:
        """The refused and the loosely spelled ones of distinct texts."""
        fresh = texts.filter(~texts.is_in(self._known.implode())) if len(self._known) else texts
        if fresh.is_empty():
            return [], []
        doubt = fresh.alias(self.column.name).to_frame().select(self.doubt).to_series()
        refused, strange = self.judge_cells(fresh, doubt)
        if len(self._known) < _KNOWN_TEXTS:
            bad = [*refused, *strange]
            good = fresh.filter(~fresh.is_in(bad)) if bad else fresh
            self._known = self._known.append(good)
        return refused, strange

    def _read_texts(self, texts: list[str]) -> tuple[list[str], list[str]]:
        """Frictionless's word on each text, asked once.

        Where most texts are refused, the rest counts as refused unread: their
        rows are suspects, which Frictionless reads anyway. Loose spellings
        would be lost with them, so not where these are asked for.
        """
        refused: list[str] = []
        accepted: list[str] = []
        for number, cell in enumerate(texts):
            if number == _FAIR_TRIAL and 2 * len(refused) > number and not self._find_loose:
                return [*refused, *texts[number:]], []
            wrong = self._refused.get(cell)
            if wrong is None:
                wrong = bool(self._read(cell)[1])
                if len(self._refused) < _KNOWN_TEXTS:
                    self._refused[cell] = wrong
            (refused if wrong else accepted).append(cell)
        if not accepted or not self._find_loose:
            return refused, []
        frame = pl.Series(self.column.name, accepted, dtype=pl.String).to_frame()
        strange = ~missing_mask(self.column) & canonical_value(self.column).is_null()
        return refused, frame.filter(strange).to_series().to_list()


def _find_rows(cells: pl.Series, texts: Sequence[str]) -> list[int]:
    if not texts:
        return []
    return cells.is_in(list(texts)).arg_true().to_list()


def judge_header(table: Table, labels: Sequence[str]) -> tuple[CellFault, ...]:
    """Frictionless's errors for a table's header."""
    if tuple(labels) == table.field_names:
        return ()  # what Frictionless says of equal names, without the cost of asking
    header = Header(
        [label.strip() for label in labels],
        fields=_read_schema(table).fields,
        row_numbers=[1],
        fields_match="exact",
    )
    return tuple(describe_error(error) for error in header.errors)


def judge_cells(table: Table, records: Records) -> CellVerdict:
    """Frictionless's errors for every cell and row of a table whose header is right."""
    schema = _read_schema(table)
    judge = CellJudge(read_columns(schema), find_loose=True)
    verdict = judge.judge(records.text, records.odd_rows)
    faults = _rebuild_rows(schema, records, sorted(verdict.suspects))
    loose = (
        LooseCell(index + 2, table.fields[number], cell) for index, number, cell in verdict.loose
    )
    return CellVerdict(tuple(faults), tuple(loose))


def describe_error(error: Error) -> CellFault:
    """One of Frictionless's errors, its place in the table and its note."""
    return CellFault(
        type=error.type,
        note=error.note,
        row=getattr(error, "row_number", None) or 1,
        field_number=getattr(error, "field_number", None) or 0,
        cell=getattr(error, "cell", None) or getattr(error, "label", None) or "",
    )


def _rebuild_rows(schema: Schema, records: Records, rows: Sequence[int]) -> Iterator[CellFault]:
    if not rows:
        return
    handlers = create_handlers(schema)
    chosen = records.text[list(rows)].iter_rows()
    for index, cells in zip(rows, chosen, strict=True):
        row = read_row(list(records.odd_rows.get(index, cells)), handlers, index + 2)
        for error in row.errors:
            yield describe_error(error)


def _read_schema(table: Table) -> Schema:
    return Schema.from_descriptor(dict(table.schema))
