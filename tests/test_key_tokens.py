"""Tokens are equal where Frictionless's typed values are, and nowhere else."""

import datetime
from decimal import Decimal
from itertools import product
from typing import Any

import polars as pl
import pytest
from frictionless import Schema

from generator.data.blocks import OutsideEnvelopeError
from generator.data.column import Column, read_columns
from generator.data.key_tokens import TokenReader, hash_tokens, kind_of, make_token

NUMBERS: tuple[Any, ...] = (
    *(0, 1, -1, 10, 100, 10**14, 10**15, 10**30, True, False, Decimal("0.0"), Decimal("-0")),
    *(Decimal("1.0"), Decimal("1E+1"), Decimal("1E+30"), Decimal("0.1"), Decimal("0.10")),
    *(Decimal("Infinity"), Decimal("-Infinity"), Decimal(10**30 + 1), Decimal("1E-30")),
)


def read_column(**field: Any) -> Column:
    """The column of a schema with one field."""
    return read_columns(Schema.from_descriptor({"fields": [{"name": "key", **field}]}))[0]


def test_numbers_have_one_token_exactly_if_they_are_equal() -> None:
    for one, other in product(NUMBERS, NUMBERS):
        assert (make_token(one) == make_token(other)) == (one == other), (one, other)


@pytest.mark.parametrize("value", [Decimal("NaN"), datetime.datetime(2016, 1, 1), [1], 1.5])
def test_values_that_are_not_compared_leave_the_envelope(value: Any) -> None:
    with pytest.raises(OutsideEnvelopeError):
        make_token(value)


def test_spellings_of_one_value_have_one_token_and_wrong_cells_have_none() -> None:
    cells = pl.DataFrame({"key": ["1", "01", "+1", " 1", "1_0", "x", "", None, "-0", "10"]})
    tokens = TokenReader([read_column(type="integer")]).read(cells).to_series()
    assert tokens.to_list() == ["1", "1", "1", "1", "10", None, None, None, "0", "10"]
    texts = TokenReader([read_column(type="string", missingValues=["x"])]).read(cells).to_series()
    assert texts.to_list() == ["1", "01", "+1", " 1", "1_0", None, "", None, "-0", "10"]


def test_a_type_without_an_order_of_its_own_is_no_key() -> None:
    with pytest.raises(OutsideEnvelopeError):
        kind_of(read_column(type="datetime"))
    with pytest.raises(OutsideEnvelopeError):
        kind_of(read_column(type="number", decimalChar=","))


def test_a_hash_depends_on_each_part_and_its_place() -> None:
    one = pl.Series(["a", "b", "a", None, None, ""])
    other = pl.Series(["b", "a", "b", None, "a", "a"])
    hashes = hash_tokens([one, other]).to_list()
    assert hashes[0] == hashes[2]
    assert hashes[3] is None
    assert len(set(hashes)) == 5
