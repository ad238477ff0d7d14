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
        ({"type": "string", "format": "uri"}, True),
        ({"type": "string", "format": "uuid"}, False),
        ({"type": "datetime"}, True),
        ({"type": "datetime", "constraints": {"minimum": "2016-01-01T00:00:00"}}, False),
        ({"type": "string", "constraints": {"enum": ["a"]}}, True),
        ({"type": "any"}, False),
    ],
)
def test_only_what_is_read_in_the_usual_way_is_proven(
    field: dict[str, object], *, provable: bool
) -> None:
    schema = Schema.from_descriptor({"fields": [{"name": "cell", **field}]})
    assert is_provable(read_columns(schema)[0]) == provable


@pytest.mark.parametrize(
    ("format_", "plain", "odd"),
    [
        ("email", "huanbao-01@qy01.com.example", "a@qy01"),
        ("email", "a@qy01.example", "甲@qy01.example"),
        ("uri", "http://www.qy01.example/huanbao/", "www.qy01.example"),
        ("uri", "https://a.example", "http://a.example/?q=1"),
    ],
)
def test_a_plain_address_is_proven_without_asking(format_: str, plain: str, odd: str) -> None:
    field = {"name": "cell", "type": "string", "format": format_}
    (column,) = read_columns(Schema.from_descriptor({"fields": [field]}))
    cells = pl.DataFrame({"cell": [plain, odd]})
    proven = cells.select(prove_cell(column)).to_series().to_list()
    assert proven == [True, False]
    assert make_reader(column)(plain) == (plain, None)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(cell=st.text("aZ9._-@:/hotp水", max_size=40), format_=st.sampled_from(["email", "uri"]))
def test_no_address_is_proven_that_frictionless_refuses(cell: str, format_: str) -> None:
    field = {"name": "cell", "type": "string", "format": format_}
    (column,) = read_columns(Schema.from_descriptor({"fields": [field]}))
    for text in (cell, f"http://{cell}", f"a@{cell}", f"{cell}@a.example"):
        (proven,) = pl.DataFrame({"cell": [text]}).select(prove_cell(column)).to_series()
        assert not proven or text == "" or make_reader(column)(text)[1] is None


def test_a_second_that_no_clock_has_is_not_proven() -> None:
    (column,) = read_columns(
        Schema.from_descriptor({"fields": [{"name": "cell", "type": "datetime"}]})
    )
    cells = ["2016-06-30 23:59:59", "2016-06-30T23:59:60", "2016-06-30T24:00:00"]
    cells += ["0000-01-01T00:00:00", "2016-06-31T00:00:00", "2016-06-30T07:05:00+08:00"]
    proven = pl.DataFrame({"cell": cells}).select(prove_cell(column)).to_series()
    assert proven.to_list() == [True, False, False, False, False, False]


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
