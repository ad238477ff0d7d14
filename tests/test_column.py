"""What the fast check proves of a column, and which patterns it takes over."""

import re

import polars as pl
import pytest
from frictionless import Schema
from hypothesis import given, settings
from hypothesis import strategies as st
from package_factory import DATASETS

from generator.data.blocks import OutsideEnvelopeError
from generator.data.catalog import read_catalog
from generator.data.column import (
    is_provable,
    make_reader,
    prove_cell,
    read_columns,
    translate_pattern,
)

PIECES = (
    *("a", "b", "1", "水", "-", "_", r"\.", r"\-", "[0-9]", "[a-z0-9-]", "[A-HJ-N]", "(?:", ")"),
    *("(", "|", "*", "+", "?", "{2}", "{1,3}", ".", "^", "$", r"\d", r"\w", "[^a]", "[a&&b]", " "),
)


@settings(deadline=None, derandomize=True, database=None)
@given(
    pattern=st.lists(st.sampled_from(PIECES), max_size=7).map("".join),
    cells=st.lists(st.text(alphabet="ab1水-_.\n &", max_size=5), max_size=12),
)
def test_a_text_that_a_translated_pattern_takes_is_taken_by_frictionless(
    pattern: str, cells: list[str]
) -> None:
    translated = translate_pattern(pattern)
    if not translated:
        return
    proven = pl.Series(cells, dtype=pl.String).str.contains(translated).to_list()
    theirs = re.compile(f"^{pattern}$")
    for cell, is_proven in zip(cells, proven, strict=True):
        assert not is_proven or theirs.match(cell)


def test_every_pattern_of_the_dataset_is_translated() -> None:
    patterns = {field.pattern for table in read_catalog(DATASETS).tables for field in table.fields}
    assert [pattern for pattern in sorted(patterns - {""}) if not translate_pattern(pattern)] == []
    assert len(patterns) > 30


@pytest.mark.parametrize(
    "pattern", [r"\w+", r"\d", "a.c", "^a", "(?i)a", "(?=a)b", "a*+", "[[:alpha:]]", r"(a)\1", "(a"]
)
def test_a_pattern_that_might_mean_something_else_is_left_to_frictionless(pattern: str) -> None:
    assert translate_pattern(pattern) == ""


@pytest.mark.parametrize(
    ("field", "provable"),
    [
        ({"type": "integer"}, True),
        ({"type": "integer", "bareNumber": False}, False),
        ({"type": "number", "constraints": {"minimum": "x"}}, False),
        ({"type": "number", "constraints": {"enum": [1, 2]}}, False),
        ({"type": "date", "format": "%Y"}, False),
        ({"type": "string", "format": "uri"}, False),
        ({"type": "string", "constraints": {"enum": ["a"]}}, True),
        ({"type": "any"}, False),
    ],
)
def test_only_what_is_read_in_the_usual_way_is_proven(
    field: dict[str, object], *, provable: bool
) -> None:
    schema = Schema.from_descriptor({"fields": [{"name": "cell", **field}]})
    assert is_provable(read_columns(schema)[0]) == provable


def test_a_decimal_that_a_float_cannot_tell_from_the_bound_is_not_proven() -> None:
    field = {"name": "cell", "type": "number", "constraints": {"maximum": 100}}
    (column,) = read_columns(Schema.from_descriptor({"fields": [field]}))
    cells = pl.DataFrame({"cell": ["99.9", "100", "100.000000000000001"]})
    assert cells.select(prove_cell(column)).to_series().to_list() == [True, False, False]


def test_a_cell_that_frictionless_cannot_compare_leaves_the_envelope() -> None:
    field = {
        "name": "cell",
        "type": "datetime",
        "constraints": {"minimum": "2016-01-01T00:00:00Z"},
    }
    (column,) = read_columns(Schema.from_descriptor({"fields": [field]}))
    with pytest.raises(OutsideEnvelopeError):
        make_reader(column)("2016-01-02T00:00:00")
