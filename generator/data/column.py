"""What Frictionless surely accepts in a column, as a Polars predicate.

Sound, not complete: where the predicate is false, Frictionless's own cell
reader has to be asked. Everything here is taken from Frictionless's field
object, so that no default of the specification is written twice.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import polars as pl
from frictionless import Field as FrictionlessField
from frictionless import Schema

from generator.data.blocks import OutsideEnvelopeError
from generator.data.load import canonical_value, missing_mask

_OPTIONS: Final = frozenset({"bare_number", "float_number", "decimal_char", "group_char"})
_BOUNDS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_ALWAYS_CANONICAL: Final = frozenset({"string", "boolean"})

CellReader = Callable[[str], tuple[Any, Mapping[str, str] | None]]

_PLAIN_PATTERN: Final = re.compile(
    r"""(?:
        [^\\\[\](){}.^$|*+?&~\#\s-]           # a character that stands for itself
      | -
      | \\[.()\[\]*+?|/-]                      # an escaped punctuation mark
      | \[(?:[^\\\[\]^&~\s-]-[^\\\[\]^&~\s-]   # a class: ranges and characters,
            | [^\\\[\]^&~\s-])+-?\]            #   a hyphen only at its end
      | \(\?: | \( (?!\?) | \) | \|
      | (?:[*?] | \+ | \{[0-9]+(?:,[0-9]*)?\}) (?![*+?{])
    )*""",
    re.VERBOSE,
)
"""Patterns that mean the same to Python's `re` and to Rust's `regex`."""
_PLAIN_TEXT: Final = {
    "default": "",
    "uri": r"\Ahttps?://[a-z0-9.-]{1,100}(?:/[A-Za-z0-9._~/-]*)?\z",
    "email": (
        r"\A[a-z0-9]{1,20}(?:[._-][a-z0-9]{1,20}){0,2}@(?:[a-z0-9]{1,20}\.){1,4}[a-z]{2,20}\z"
    ),
}
"""Texts that surely have the format: to ask Frictionless's reader of each takes 40 µs.

It wants a scheme of a URI (rfc3986), and takes dot-atoms at a domain of labels for an
e-mail address (validators).
"""


@dataclass(frozen=True, slots=True)
class Column:
    """A field as the fast check sees it.

    `reader` is Frictionless's own: it gives the typed value and notes on what
    is wrong. `options` says whether the field reads numbers in a special way.
    """

    name: str
    type: str
    format: str
    missing_values: tuple[str, ...]
    true_values: tuple[str, ...]
    false_values: tuple[str, ...]
    constraints: Mapping[str, Any]
    options: bool
    source: FrictionlessField = field(repr=False, compare=False)

    @property
    def required(self) -> bool:
        """Whether a missing cell is refused."""
        return bool(self.constraints.get("required"))

    @property
    def any_text(self) -> bool:
        """Whether every text is its own value: a string without a format."""
        return self.type == "string" and self.format == "default"

    @property
    def has_spellings(self) -> bool:
        """Whether a value may be spelled in more than one way."""
        return self.type not in _ALWAYS_CANONICAL


def read_columns(schema: Schema) -> tuple[Column, ...]:
    """The columns of a schema, in its order."""
    return tuple(_read_column(schema, item) for item in schema.fields)


def _read_column(schema: Schema, item: FrictionlessField) -> Column:
    own = item.has_defined("missing_values") or not item.schema
    missing = item.missing_values if own else schema.missing_values
    constraints = {
        name: item.constraints[name]
        for name in item.supported_constraints
        if item.constraints.get(name) is not None
    }
    return Column(
        name=item.name,
        type=item.type,
        format=item.format,
        missing_values=tuple(missing),
        true_values=tuple(getattr(item, "true_values", ())),
        false_values=tuple(getattr(item, "false_values", ())),
        constraints=constraints,
        options=bool(_OPTIONS.intersection(item.list_defined())),
        source=item,
    )


def make_reader(column: Column) -> CellReader:
    """Frictionless's cell reader: typed value and notes of a text.

    Raises:
        OutsideEnvelopeError: Frictionless itself cannot read such a field, or
            (while reading) such a cell, and ends its check with an exception.

    """
    try:
        read = column.source.create_cell_reader()
    except Exception as error:
        raise OutsideEnvelopeError(f"{column.name}: {error}") from error

    def read_text(cell: str) -> tuple[Any, Mapping[str, str] | None]:
        try:
            value, notes = read(cell)
        except Exception as error:
            raise OutsideEnvelopeError(f"{column.name}: {error}") from error
        return value, notes

    return read_text


def prove_cell(column: Column) -> pl.Expr:
    """True only where Frictionless surely accepts the cell, in its canonical spelling."""
    filled = _prove_filled(column)
    return (
        pl.when(missing_mask(column))
        .then(pl.lit(value=not column.required))
        .otherwise(pl.lit(value=False) if filled is None else filled.fill_null(value=False))
    )


def is_provable(column: Column) -> bool:
    """Whether the predicate can be true of a filled cell."""
    return _prove_filled(column) is not None


def _prove_filled(column: Column) -> pl.Expr | None:
    if column.type == "string" and column.format in _PLAIN_TEXT:
        return _prove_string(column)
    if column.format != "default" or column.options:
        return None
    named = set(column.constraints) - {"required"}
    if column.type in ("number", "integer", "year") and named <= set(_BOUNDS):
        return _prove_number(column)
    if column.type in ("date", "datetime", "yearmonth", "boolean") and not named:
        return canonical_value(column).is_not_null()
    return None


def _prove_string(column: Column) -> pl.Expr | None:
    cell = pl.col(column.name)
    shape = _PLAIN_TEXT[column.format]
    proof = cell.str.contains(shape) if shape else pl.lit(value=True)
    for name, bound in column.constraints.items():
        match name:
            case "required":
                pass
            case "minLength":
                proof &= cell.str.len_chars() >= int(bound)
            case "maxLength":
                proof &= cell.str.len_chars() <= int(bound)
            case "enum":
                proof &= cell.is_in([word for word in bound if isinstance(word, str)])
            case "pattern" if isinstance(bound, str) and translate_pattern(bound):
                proof &= cell.str.contains(translate_pattern(bound))
            case _:
                return None
    return proof


@cache
def translate_pattern(pattern: str) -> str:
    """A Rust pattern for texts that `^pattern$` surely matches in Python, or an empty text.

    The whole text has to match: Python's `$` also lets a last line end pass,
    and an alternation that is not wrapped takes only a part. Fewer is sound.
    """
    if not _PLAIN_PATTERN.fullmatch(pattern):
        return ""
    translated = rf"\A(?:{pattern})\z"
    try:
        re.compile(pattern)
        pl.select(pl.lit("").str.contains(translated))
    except (re.error, pl.exceptions.ComputeError):
        return ""
    return translated


def _prove_number(column: Column) -> pl.Expr | None:
    """Strictly inside the bounds: at a bound a float cannot tell a decimal from its neighbour."""
    value = canonical_value(column)
    proof = value.is_not_null()
    read = column.source.create_value_reader()
    for name in _BOUNDS:
        if name not in column.constraints:
            continue
        try:
            bound = float(read(column.constraints[name]))
        except (TypeError, ValueError, OverflowError):
            return None
        if not math.isfinite(bound):
            return None
        proof &= value > bound if "inimum" in name else value < bound
    return proof
