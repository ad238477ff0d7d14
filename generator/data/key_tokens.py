"""Key values as texts that are equal exactly where Frictionless's values are.

Frictionless compares typed cells: the integers `1` and `01` are one key, the
number `1.0` is too, but the string `1` is not. A token is the value's one
text; a missing cell or one of the wrong type has none.
"""

import datetime
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import polars as pl

from generator.data.blocks import OutsideEnvelopeError
from generator.data.column import Column, make_reader
from generator.data.load import canonical_value, missing_mask

_WHOLE: Final = r"\A(?:0|-?[1-9][0-9]{0,14})\z"
_YEAR: Final = r"\A[1-9][0-9]{3}\z"
_KINDS: Final = {
    "string": "text",
    "integer": "number",
    "number": "number",
    "year": "number",
    "boolean": "number",  # Python's True equals 1
    "date": "date",
    "yearmonth": "month",
}
_KNOWN_TEXTS: Final = 200_000
_HASH_SEED: Final = 2016


def kind_of(column: Column) -> str:
    """The kind of a key column's values; values of two kinds are never equal.

    Raises:
        OutsideEnvelopeError: Values of this type are not compared here.

    """
    if column.type not in _KINDS or column.options:
        raise OutsideEnvelopeError(f"a key of type {column.type}")
    return _KINDS[column.type]


class TokenReader:
    """Reads the tokens of key columns, asking Frictionless once for each odd text."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._spelt = [_SpeltColumn(column) for column in columns if not column.any_text]
        filled = [
            pl.when(~missing_mask(column)).then(pl.col(column.name)).alias(column.name)
            for column in columns
        ]
        distinct = [
            pl.col(spelt.name).unique().implode().alias(f"#{spelt.name}") for spelt in self._spelt
        ]
        self._filled, self._distinct = filled, distinct

    def read(self, text: pl.DataFrame) -> pl.DataFrame:
        """The tokens of the columns' cells in a block."""
        tokens = text.select(self._filled)
        if not self._spelt:
            return tokens
        distinct = text.select(self._distinct)
        changed = [
            tokens.get_column(spelt.name).replace(*replacements)
            for spelt in self._spelt
            if (replacements := spelt.read(distinct.get_column(f"#{spelt.name}")[0]))
        ]
        return tokens.with_columns(changed)


class _SpeltColumn:
    """A key column whose values may be spelt in several ways."""

    def __init__(self, column: Column) -> None:
        kind_of(column)
        self.name = column.name
        self._read = make_reader(column)
        self._odd = ~missing_mask(column) & ~_is_own_token(column)
        self._known: dict[str, str | None] = {}

    def read(self, distinct: pl.Series) -> tuple[pl.Series, pl.Series] | None:
        """The texts that are not their own token, and their tokens; None if all are."""
        frame = distinct.alias(self.name).to_frame()
        odd = frame.filter(self._odd).to_series().drop_nulls()
        if odd.is_empty():
            return None
        return odd, pl.Series([self._find_token(cell) for cell in odd.to_list()], dtype=pl.String)

    def _find_token(self, cell: str) -> str | None:
        if cell in self._known:
            return self._known[cell]
        token = make_token(self._read(cell)[0])
        if len(self._known) < _KNOWN_TEXTS:
            self._known[cell] = token
        return token


def _is_own_token(column: Column) -> pl.Expr:
    """True where a text that is not missing is its own token."""
    cell = pl.col(column.name)
    if column.format != "default":
        return pl.lit(value=False)
    match column.type:
        case "integer" | "number":
            return cell.str.contains(_WHOLE)
        case "year":
            return cell.str.contains(_YEAR)
        case "date" | "yearmonth":
            return canonical_value(column).is_not_null()
        case _:
            return pl.lit(value=False)


def make_token(value: Any) -> str | None:
    """The one text of a typed value, None for none.

    Raises:
        OutsideEnvelopeError: The value does not equal itself, or is of a type
            that is not compared here.

    """
    match value:
        case None:
            return None
        case str():
            return value
        case bool() | int():
            return _number_token(Decimal(value))
        case Decimal():
            return _number_token(value)
        case datetime.datetime():
            raise OutsideEnvelopeError("a key of type datetime")
        case datetime.date():
            return value.isoformat()
        case (int(year), int(month)):
            return f"{year:04}-{month:02}"
        case _:
            raise OutsideEnvelopeError(f"a key of {type(value).__name__}")


def _number_token(value: Decimal) -> str:
    if value.is_nan():
        raise OutsideEnvelopeError("a key that is not a number")
    if value.is_infinite():
        return str(value)
    sign, digits, exponent = value.as_tuple()
    whole = "".join(map(str, digits)).lstrip("0")
    shown = whole.rstrip("0")
    zeros = int(exponent) + len(whole) - len(shown)
    if not shown:
        return "0"
    minus = "-" if sign else ""
    if zeros >= 0 and len(shown) + zeros <= 15:
        return minus + shown + "0" * zeros
    return f"{minus}{shown}e{zeros}"


def hash_tokens(tokens: Sequence[pl.Series]) -> pl.Series:
    """A 64-bit hash of each key; null where every part of the key is missing."""
    names = [str(number) for number in range(len(tokens))]
    frame = pl.DataFrame([part.alias(name) for name, part in zip(names, tokens, strict=True)])
    # Each part under its own seed and multiplier, so that (a, b) is not (b, a).
    mixed = pl.lit(0, dtype=pl.UInt64)
    for number, name in enumerate(names):
        mixed = mixed * pl.lit(0x9E3779B97F4A7C15, dtype=pl.UInt64)
        mixed = mixed + pl.col(name).hash(_HASH_SEED + number)
    if any(not part.null_count() for part in tokens):
        return frame.select(mixed.alias("#hash")).to_series()
    filled = pl.any_horizontal(pl.col(name).is_not_null() for name in names)
    return frame.select(pl.when(filled).then(mixed).alias("#hash")).to_series()
