"""The text of a field for one source row, with a trace of everything noteworthy on the way."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from generator.data.intake.convert import NotConvertible, SaysNothing, apply_steps
from generator.data.intake.mapping import (
    Columns,
    Constant,
    FirstOf,
    Lookup,
    Template,
    Value,
    list_columns,
)
from generator.data.intake.rows import CleanFile, Row, hold_all
from generator.data.intake.tally import CellKey, RowRef

COUNTER_MARK = "\0"
"""Stands for the counter in a text until the row is accepted; no cleaned cell can hold it."""


@dataclass(frozen=True, slots=True)
class Numbering:
    """How the counter of a text is to be filled in."""

    width: int
    per: tuple[str, ...]


@dataclass(slots=True)
class Trace:
    """What happened while a row's fields were made.

    `faults` are cells that could not be converted, `nothing` those declared to say nothing,
    `used` the rows of other sources whose content went in, `numberings` the counters by field.
    """

    faults: list[tuple[CellKey, int]] = field(default_factory=list)
    nothing: list[tuple[CellKey, int]] = field(default_factory=list)
    used: list[RowRef] = field(default_factory=list)
    numberings: dict[str, Numbering] = field(default_factory=dict)


@dataclass(slots=True)
class Evaluator:
    """Makes texts; remembers indexes for lookups and which rows were ever found by one."""

    files: Iterable[CleanFile]
    placed: Mapping[str, list[tuple[RowRef, Mapping[str, str]]]]
    touched: set[RowRef] = field(default_factory=set)
    _source_rows: dict[tuple[str, tuple[str, ...]], dict[tuple[str, ...], list[Row]]] = field(
        default_factory=dict
    )
    _table_rows: dict[tuple[str, tuple[str, ...], int], dict[tuple[str, ...], list[Row]]] = field(
        default_factory=dict
    )

    def evaluate(
        self, value: Value, row: Row, made: Mapping[str, str], target: str, trace: Trace
    ) -> str:
        """The text for `target` (`table.field`); empty where the row has none.

        Args:
            value: What the mapping says about the field.
            row: The source row, or the row found by a lookup.
            made: Fields of the target row that are ready.
            target: The field's full name, for the report.
            trace: Gets what happened.

        """
        if value.when and not hold_all(value.when, row.cells):
            return ""
        origin = value.origin
        shown = ""
        try:
            if isinstance(origin, Constant):
                shown = text = origin.text
            elif isinstance(origin, Columns):
                cells = [row.cells[name] for name in origin.names]
                shown = text = origin.joiner.join(cell for cell in cells if cell)
            elif isinstance(origin, Template):
                shown = "、".join(row.cells[name] for name in dict.fromkeys(list_columns(value)))
                text = _fill_template(origin, row, made, target, trace)
            elif isinstance(origin, FirstOf):
                shown = text = self._take_first(origin, row, made, target, trace)
            else:
                shown = text = self._look_up(origin, row, made, target, trace)
            return apply_steps(value.steps, text)
        except SaysNothing:
            trace.nothing.append((_key(value, row, target, shown, ""), row.ref.row))
        except NotConvertible as reason:
            key = _key(value, row, target, reason.shown or shown, str(reason))
            trace.faults.append((key, row.ref.row))
        return ""

    def _take_first(
        self, origin: FirstOf, row: Row, made: Mapping[str, str], target: str, trace: Trace
    ) -> str:
        for option in origin.options:
            text = self.evaluate(option, row, made, target, trace)
            if text:
                return text
        return ""

    def _look_up(
        self, origin: Lookup, row: Row, made: Mapping[str, str], target: str, trace: Trace
    ) -> str:
        wanted = tuple(self.evaluate(value, row, made, target, trace) for _, value in origin.match)
        if not all(wanted):
            return ""
        columns = tuple(name for name, _ in origin.match)
        found = (
            self._index_source(origin.source, columns)
            if origin.source
            else self._index_table(origin.table, columns)
        ).get(wanted, [])
        if not found:
            if origin.list_missing:
                place = origin.source or origin.table
                raise NotConvertible(f"在 {place} 里查不到对应的行", "、".join(wanted))
            return ""
        if origin.source:
            self.touched.update(other.ref for other in found)
        texts = [self.evaluate(origin.value, other, made, target, trace) for other in found]
        different = {text for text in texts if text}
        if len(different) > 1:
            place = origin.source or origin.table
            raise NotConvertible(f"在 {place} 里查到多行，取值不一，未采用", "、".join(wanted))
        if origin.source:
            trace.used.extend(other.ref for other, text in zip(found, texts, strict=True) if text)
        return next(iter(different), "")

    def _index_source(
        self, source: str, columns: tuple[str, ...]
    ) -> Mapping[tuple[str, ...], list[Row]]:
        if (source, columns) not in self._source_rows:
            index: dict[tuple[str, ...], list[Row]] = {}
            for file in self.files:
                if file.file.source.name == source:
                    for row in file.rows:
                        key = tuple(row.cells[name] for name in columns)
                        index.setdefault(key, []).append(row)
            self._source_rows[source, columns] = index
        return self._source_rows[source, columns]

    def _index_table(
        self, table: str, fields: tuple[str, ...]
    ) -> Mapping[tuple[str, ...], list[Row]]:
        rows = self.placed.get(table, [])
        # The length tells a grown table from the one that was indexed.
        name = (table, fields, len(rows))
        if name not in self._table_rows:
            index: dict[tuple[str, ...], list[Row]] = {}
            for ref, values in rows:
                key = tuple(values.get(item, "") for item in fields)
                index.setdefault(key, []).append(Row(ref, values))
            self._table_rows[name] = index
        return self._table_rows[name]


def _key(value: Value, row: Row, target: str, shown: str, reason: str) -> CellKey:
    columns = "、".join(dict.fromkeys(list_columns(value)))
    return CellKey(row.ref.label, columns, target, shown, reason)


def _fill_template(
    origin: Template, row: Row, made: Mapping[str, str], target: str, trace: Trace
) -> str:
    pieces: list[str] = []
    for part in origin.parts:
        if part.kind == "text":
            pieces.append(part.text)
            continue
        if part.kind == "counter":
            per = tuple(row.cells[name] for name in origin.number_per)
            trace.numberings[target] = Numbering(part.width, per)
            pieces.append(COUNTER_MARK)
            continue
        text = made.get(part.text, "") if part.kind == "field" else row.cells[part.text]
        if not text:
            return ""
        if part.year_only:
            year = re.match(r"[0-9]{4}(?![0-9])", text)
            if year is None:
                raise NotConvertible("不是日期，取不出年份")
            text = year[0]
        pieces.append(text)
    return "".join(pieces)
