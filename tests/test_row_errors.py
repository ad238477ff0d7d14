"""Silent rows and errors are Frictionless's own, but for the message."""

import pytest
from frictionless import Schema, errors
from frictionless.table.row import Row, create_cell_handlers

from generator.data.row_errors import SILENT_ERRORS, create_handlers, read_row

SCHEMA = Schema.from_descriptor(
    {
        "fields": [
            {"name": "code", "type": "string", "constraints": {"required": True, "minLength": 2}},
            {"name": "value", "type": "number", "constraints": {"minimum": 0}},
        ]
    }
)


@pytest.mark.parametrize(
    "cells", [["ab", "1"], ["a", "x"], ["", "-1"], ["ab"], ["ab", "1", "more"], ["", ""], []]
)
def test_a_silent_row_finds_what_frictionless_finds(cells: list[str]) -> None:
    loud = Row(list(cells), handlers=create_cell_handlers(SCHEMA.fields), row_number=7)
    silent = read_row(list(cells), create_handlers(SCHEMA), 7)
    assert [_describe(error) for error in silent.errors] == [
        _describe(error) for error in loud.errors
    ]
    assert silent.to_dict() == loud.to_dict()
    assert all(isinstance(error, errors.RowError) for error in silent.errors)
    assert not any(error.message for error in silent.errors)
    assert all(error.message for error in loud.errors)


def _describe(error: errors.RowError) -> tuple[object, ...]:
    names = ("cell", "field_name", "field_number")
    details = [getattr(error, name, None) for name in names]
    return (error.type, error.note, error.row_number, error.cells, *details)


def test_every_error_of_a_row_has_its_silent_twin() -> None:
    named = {item.__name__ for item in errors.RowError.list_children(root=True)}
    assert named <= set(vars(SILENT_ERRORS))
    assert {"TypeError", "ForeignKeyError", "PrimaryKeyError", "UniqueError"} <= named
