"""Frictionless's rows and errors, without the work that nobody looks at.

An error of Frictionless renders its English message when it is made: it
exports all its properties and fills a template, which takes several times as
long as to judge the row. A row's handlers hold copies of the fields, each made
by way of a validated descriptor. Nothing here reads a message or changes a
field; type, place, cell and note are what is reported. So the error classes
are derived once more with an empty message, and a row is read by the code of
Frictionless's own `Row`, which finds these classes under their names.

Source: docs/adr/0003-checking.md
"""

import types
from collections.abc import Callable
from typing import Any, NamedTuple

from frictionless import Error, Field, Schema, errors
from frictionless.table import row as row_module
from frictionless.table.row import Row


def _leave_unrendered(error: Error) -> None:
    error.message = ""


def _silence(error_class: type[Error]) -> type[Error]:
    namespace = {"__slots__": (), "__attrs_post_init__": _leave_unrendered}
    return type(error_class.__name__, (error_class,), namespace)


SILENT_ERRORS = types.SimpleNamespace(
    **{
        name: _silence(value)
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.RowError)
    }
)
"""Frictionless's errors of rows and cells by name, each with an empty message."""


def _rebind(function: Any) -> Callable[..., Any]:
    """The same code, in whose eyes `errors` are the silent ones."""
    names = {**vars(row_module), "errors": SILENT_ERRORS}
    return types.FunctionType(
        function.__code__, names, function.__name__, function.__defaults__, function.__closure__
    )


class SilentRow(Row):
    """Frictionless's row, cell by cell as Frictionless reads it, with silent errors."""

    _Row__process = _rebind(vars(Row)["_Row__process"])


class _CellHandler(NamedTuple):
    """What a row asks of a field: as Frictionless's own, but for the copy of the field."""

    field: Field
    field_number: int
    reader: Callable[[Any], Any]


def create_handlers(schema: Schema) -> dict[str, _CellHandler]:
    """The handlers that `SilentRow` reads the cells of a schema's rows with."""
    return {
        field.name: _CellHandler(field, number, field.create_cell_reader())
        for number, field in enumerate(schema.fields, start=1)
    }


def read_row(cells: list[str], handlers: dict[str, _CellHandler], row_number: int) -> SilentRow:
    """A row of these cells; the header is row 1."""
    return SilentRow(cells, handlers=handlers, row_number=row_number)  # type: ignore[arg-type]
