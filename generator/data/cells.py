"""Frictionless's verdict on every cell and row of a table, at the speed of columns.

Two levels. A *sound* Polars predicate marks the cells that Frictionless surely
accepts; every distinct text that it does not prove goes once to Frictionless's
own cell reader. Only the rows that hold a refused cell, or that have too few
or too many cells, are then rebuilt with Frictionless's own row class, which
words the errors: so no semantics are written twice. Primary and foreign keys
are not looked at here.

Source: docs/adr/0003-checking.md
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from frictionless import Schema
from frictionless.table.header import Header
from frictionless.table.row import Row, create_cell_handlers

from generator.data.catalog import Field, Table
from generator.data.load import PLAIN_NUMBER, Records, canonical_value, missing_mask

_PROVABLE_CONSTRAINTS = frozenset(
    {"required", "enum", "minimum", "maximum", "minLength", "maxLength"}
)
_ALWAYS_CANONICAL = frozenset({"string", "boolean"})


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
    return tuple(
        CellFault(error.type, error.note, 1, getattr(error, "field_number", 0), error.label)
        if hasattr(error, "label")
        else CellFault(error.type, error.note, 1, 0, "")
        for error in header.errors
    )


def judge_cells(table: Table, records: Records) -> CellVerdict:
    """Frictionless's errors for every cell and row of a table whose header is right."""
    text = records.text
    if text.is_empty():
        return CellVerdict((), ())
    doubtful = text.select((~prove_cell(table, field)).alias(field.name) for field in table.fields)
    doubts = doubtful.sum().row(0, named=True)
    schema = _read_schema(table)
    rows = set(records.odd_rows)
    loose: list[LooseCell] = []
    for field in table.fields:
        if not doubts[field.name]:
            continue
        cells = (
            text.select(field.name).with_row_index("#index").filter(doubtful.get_column(field.name))
        )
        distinct = cells.get_column(field.name).unique(maintain_order=True)
        read = schema.get_field(field.name).create_cell_reader()
        refused = pl.col(field.name).is_in([cell for cell in distinct.to_list() if read(cell)[1]])
        rows.update(cells.filter(refused).get_column("#index").to_list())
        if field.type not in _ALWAYS_CANONICAL:
            strange = ~refused & ~missing_mask(field) & canonical_value(field).is_null()
            loose.extend(
                LooseCell(index + 2, field, cell)
                for index, cell in cells.filter(strange).iter_rows()
                if index not in records.odd_rows
            )
    if not any(field.required for field in table.fields):
        rows.update(_find_blank_rows(table, text))
    return CellVerdict(tuple(_rebuild_rows(schema, records, sorted(rows))), tuple(loose))


def prove_cell(table: Table, field: Field) -> pl.Expr:
    """True only where Frictionless surely accepts the cell, in its canonical spelling.

    Sound, not complete: False means that Frictionless's reader has to be asked.
    """
    constraints = set(_constraints(table, field))
    filled = pl.lit(value=False)
    if constraints <= _PROVABLE_CONSTRAINTS:
        if field.type == "string" and not field.format:
            filled = _prove_string(field)
        elif field.type in ("number", "integer", "year") and not field.enum:
            filled = _prove_number(field)
        elif field.type in ("date", "yearmonth", "boolean") and constraints <= {"required"}:
            filled = canonical_value(field).is_not_null() if not field.format else filled
    missing = missing_mask(field)
    return (
        pl.when(missing)
        .then(pl.lit(value=not field.required))
        .otherwise(filled.fill_null(value=False))
    )


def _prove_string(field: Field) -> pl.Expr:
    proof = pl.lit(value=True)
    length = pl.col(field.name).str.len_chars()
    if field.min_length is not None:
        proof &= length >= field.min_length
    if field.max_length is not None:
        proof &= length <= field.max_length
    if field.enum:
        proof &= pl.col(field.name).is_in(list(field.enum))
    return proof


def _prove_number(field: Field) -> pl.Expr:
    """Strictly inside the bounds: at a bound a float cannot tell a decimal from its neighbour."""
    value = canonical_value(field)
    proof = value.is_not_null()
    if field.type == "number":
        proof &= pl.col(field.name).str.contains(PLAIN_NUMBER)
    if field.minimum is not None:
        proof &= value > field.minimum
    if field.maximum is not None:
        proof &= value < field.maximum
    return proof


def _constraints(table: Table, field: Field) -> Mapping[str, object]:
    fields = table.schema.get("fields", [])
    if not isinstance(fields, list):
        return {}
    for raw in fields:
        if isinstance(raw, dict) and raw.get("name") == field.name:
            constraints = raw.get("constraints", {})
            return constraints if isinstance(constraints, dict) else {}
    return {}


def _find_blank_rows(table: Table, text: pl.DataFrame) -> list[int]:
    blank = pl.all_horizontal(missing_mask(field) for field in table.fields)
    return text.select(blank.alias("#blank")).get_column("#blank").arg_true().to_list()


def _rebuild_rows(schema: Schema, records: Records, rows: Sequence[int]) -> Iterator[CellFault]:
    if not rows:
        return
    handlers = create_cell_handlers(schema.fields)
    chosen = records.text[list(rows)].iter_rows()
    for index, cells in zip(rows, chosen, strict=True):
        row = Row(list(records.odd_rows.get(index, cells)), handlers=handlers, row_number=index + 2)
        for error in row.errors:
            yield CellFault(
                type=error.type,
                note=error.note,
                row=index + 2,
                field_number=getattr(error, "field_number", 0),
                cell=getattr(error, "cell", ""),
            )


def _read_schema(table: Table) -> Schema:
    return Schema.from_descriptor(dict(table.schema))
