"""What a mapping file says, as plain values. `mapping_reading.read_mapping` makes it from YAML.

Vocabulary: a *source* is one kind of file; a *rule* makes rows of one table out of a source's
rows; a *value* says where a field's text comes from (its origin), when, and by which conversions.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from generator.data.intake.convert import Step

ConditionKind = Literal["in", "not_in", "matches", "not_matches", "filled", "empty", "differs_from"]


@dataclass(frozen=True, slots=True)
class Condition:
    """A test on one column's cleaned text; `other` is the column that it is compared with."""

    column: str
    kind: ConditionKind
    words: frozenset[str] = frozenset()
    pattern: re.Pattern[str] | None = None
    other: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the test reads."""
        return (self.column, self.other) if self.other else (self.column,)

    def holds(self, cells: Mapping[str, str]) -> bool:
        """Whether the row's cells pass."""
        text = cells[self.column]
        if self.kind == "differs_from":
            return text != cells[self.other]
        if self.kind == "in":
            return text in self.words
        if self.kind == "not_in":
            return text not in self.words
        if self.kind == "filled":
            return bool(text)
        if self.kind == "empty":
            return not text
        found = self.pattern is not None and self.pattern.search(text) is not None
        return found if self.kind == "matches" else not found


@dataclass(frozen=True, slots=True)
class Columns:
    """One column, or several joined (empty ones left out)."""

    names: tuple[str, ...]
    joiner: str


@dataclass(frozen=True, slots=True)
class Constant:
    """The same text for every row."""

    text: str


@dataclass(frozen=True, slots=True)
class TemplatePart:
    """A piece of a template: fixed text, a column, a field made before, or the counter."""

    kind: Literal["text", "column", "field", "counter"]
    text: str
    year_only: bool = False
    width: int = 0


@dataclass(frozen=True, slots=True)
class Template:
    """Pieces put together; empty as soon as one column or field in it is empty.

    The counter counts from 1, in source order, the rows that share the rest of the text and the
    columns of `number_per`.
    """

    text: str
    parts: tuple[TemplatePart, ...]
    number_per: tuple[str, ...]

    @property
    def counts(self) -> bool:
        """Whether the counter stands in it, so that the text is made up by us."""
        return any(part.kind == "counter" for part in self.parts)


@dataclass(frozen=True, slots=True)
class Lookup:
    """A value from another source's row, or from a row already placed, found by key."""

    source: str
    table: str
    match: tuple[tuple[str, "Value"], ...]
    value: "Value"
    list_missing: bool


@dataclass(frozen=True, slots=True)
class FirstOf:
    """The first of several values that gives a text."""

    options: tuple["Value", ...]


Origin = Columns | Constant | Template | Lookup | FirstOf


@dataclass(frozen=True, slots=True)
class Value:
    """Where a text comes from, under which conditions, and how it is converted."""

    origin: Origin
    when: tuple[Condition, ...]
    steps: tuple[Step, ...]
    where: str


@dataclass(frozen=True, slots=True)
class Split:
    """One column, many rows: the parts of a cell, each as the extra column `name`."""

    column: str
    separator: str
    name: str


@dataclass(frozen=True, slots=True)
class Unpivot:
    """Many columns, many rows: each group gives a row with its label and its columns renamed."""

    name: str
    groups: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    skip_empty: str


@dataclass(frozen=True, slots=True)
class Rule:
    """How rows of a source become rows of a table."""

    table: str
    source: str
    conditions: tuple[Condition, ...]
    any_filled: tuple[str, ...]
    each: Split | Unpivot | None
    fields: Mapping[str, Value]
    merge: bool
    where: str


@dataclass(frozen=True, slots=True)
class ConstantRows:
    """Rows written in the mapping file itself."""

    table: str
    rows: tuple[Mapping[str, str], ...]
    where: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Rows of a source that are not placed, and why."""

    conditions: tuple[Condition, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of file and how to read it."""

    name: str
    file: str
    sheet: str
    encoding: str
    delimiter: str
    header_row: int
    placeholders: frozenset[str]
    keep_text: frozenset[str]
    drop_duplicates: bool
    refusals: tuple[Refusal, ...]
    otherwise: str
    unused: Mapping[str, str]
    empty_columns: tuple[str, ...]
    optional: bool


@dataclass(frozen=True, slots=True)
class Relaxation:
    """A looser constraint on a field of the written package, with its reason."""

    table: str
    field: str
    constraints: Mapping[str, object]
    drop_foreign_key: bool
    reason: str
    where: str


@dataclass(frozen=True, slots=True)
class PackageText:
    """What the written package says about itself."""

    name: str
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class MappingFile:
    """Everything a mapping file says."""

    file_name: str
    package: PackageText
    sources: Mapping[str, Source]
    ignored_files: Mapping[str, str]
    relaxations: tuple[Relaxation, ...]
    rows: tuple[Rule | ConstantRows, ...]


def list_columns(value: Value) -> Iterator[str]:
    """The columns of the rule's own source that the value reads."""
    for condition in value.when:
        yield from condition.columns
    origin = value.origin
    if isinstance(origin, Columns):
        yield from origin.names
    elif isinstance(origin, Template):
        yield from (part.text for part in origin.parts if part.kind == "column")
        yield from origin.number_per
    elif isinstance(origin, Lookup):
        for _, wanted in origin.match:
            yield from list_columns(wanted)
    elif isinstance(origin, FirstOf):
        for option in origin.options:
            yield from list_columns(option)


def list_lookups(value: Value) -> Iterator[Lookup]:
    """The lookups in a value, those inside others too."""
    origin = value.origin
    if isinstance(origin, Lookup):
        yield origin
        yield from list_lookups(origin.value)
        for _, wanted in origin.match:
            yield from list_lookups(wanted)
    elif isinstance(origin, FirstOf):
        for option in origin.options:
            yield from list_lookups(option)


def list_templates(value: Value) -> Iterator[Template]:
    """The templates in a value that are evaluated on the rule's own row."""
    origin = value.origin
    if isinstance(origin, Template):
        yield origin
    elif isinstance(origin, FirstOf):
        for option in origin.options:
            yield from list_templates(option)


def list_constants(value: Value) -> Iterator[str]:
    """The constants in a value."""
    origin = value.origin
    if isinstance(origin, Constant):
        yield origin.text
    elif isinstance(origin, FirstOf):
        for option in origin.options:
            yield from list_constants(option)
