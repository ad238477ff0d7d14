"""Rows → candidates for our tables, by the mapping's rules, in source order.

A candidate has texts that fit their fields; whether its keys hold is `settle`'s work. A row that
a rule wanted but that cannot stand in its table leaves failures that name column and value.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from generator.data.catalog import Field, Table
from generator.data.intake.cells import find_cell_fault
from generator.data.intake.evaluate import COUNTER_MARK, Evaluator, Numbering, Trace
from generator.data.intake.mapping import (
    ConstantRows,
    MappingFile,
    Rule,
    Split,
    Unpivot,
    Value,
    list_columns,
    list_templates,
)
from generator.data.intake.reasons import NO_VALUE, REQUIRED
from generator.data.intake.rows import CleanFile, Row, hold_all
from generator.data.intake.tally import CellKey, CellLog, RowRef


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a row could not stand in a table: the column and value at fault, and the reason."""

    table: str
    column: str
    value: str
    reason: str


@dataclass(slots=True)
class Candidate:
    """A row for a table, made from a source row.

    `into` is the earlier candidate whose row this one is the same as, `failure` why it was
    refused after all.
    """

    table: str
    values: dict[str, str]
    ref: RowRef
    used: tuple[RowRef, ...] = ()
    merge: bool = False
    into: "Candidate | None" = None
    failure: Failure | None = None


@dataclass(slots=True)
class Placement:
    """Everything the rules gave."""

    candidates: list[Candidate] = field(default_factory=list)
    constants: list[Candidate] = field(default_factory=list)
    failures: dict[RowRef, list[Failure]] = field(default_factory=dict)
    touched: set[RowRef] = field(default_factory=set)
    wanted: set[RowRef] = field(default_factory=set)


def place_rows(
    mapping: MappingFile,
    tables: Mapping[str, Table],
    files: Sequence[CleanFile],
    cells: CellLog,
    nothing: CellLog,
) -> Placement:
    """Candidates for every rule of the mapping, in its order; logs grow."""
    placed: dict[str, list[tuple[RowRef, Mapping[str, str]]]] = {}
    worker = _Placer(tables, Evaluator(files, placed), cells, nothing, placed)
    for rule in mapping.rows:
        if isinstance(rule, ConstantRows):
            worker.place_constants(rule, mapping.file_name)
            continue
        for file in files:
            if file.file.source.name == rule.source:
                for row in file.rows:
                    worker.place_row(rule, row)
    worker.result.touched = worker.evaluator.touched
    return worker.result


@dataclass(slots=True)
class _Placer:
    tables: Mapping[str, Table]
    evaluator: Evaluator
    cells: CellLog
    nothing: CellLog
    placed: dict[str, list[tuple[RowRef, Mapping[str, str]]]]
    result: Placement = field(default_factory=Placement)
    counters: dict[tuple[str, str, str, tuple[str, ...]], int] = field(default_factory=dict)

    def place_constants(self, rule: ConstantRows, file_name: str) -> None:
        for position, values in enumerate(rule.rows, 1):
            ref = RowRef(f"{file_name} 的 {rule.table}", position)
            candidate = Candidate(rule.table, dict(values), ref)
            self.result.constants.append(candidate)
            self._add(candidate)

    def place_row(self, rule: Rule, row: Row) -> None:
        if rule.any_filled and not any(row.cells[name] for name in rule.any_filled):
            return
        for shaped in _shape_row(rule, row):
            if hold_all(rule.conditions, shaped.cells):
                self.result.wanted.add(row.ref)
                self._place_shaped(rule, shaped)

    def _place_shaped(self, rule: Rule, row: Row) -> None:
        table = self.tables[rule.table]
        trace = Trace()
        values: dict[str, str] = {}
        for item in _order_fields(table, rule):
            target = f"{table.name}.{item.name}"
            text = self.evaluator.evaluate(rule.fields[item.name], row, values, target, trace)
            if COUNTER_MARK not in text:
                text = _accept(item, text, rule.fields[item.name], row, target, trace)
            values[item.name] = text
        failures = list(_find_failures(table, rule, values, trace))
        if not failures:
            self._number(table, rule, row, values, trace)
            failures = list(_find_failures(table, rule, values, trace))
        for key, number in trace.faults:
            self.cells.note(key, number)
        for key, number in trace.nothing:
            self.nothing.note(key, number)
        if failures:
            self.result.failures.setdefault(row.ref, []).extend(failures)
            return
        used = tuple(dict.fromkeys(trace.used))
        self._add(Candidate(table.name, values, row.ref, used, rule.merge))

    def _number(
        self, table: Table, rule: Rule, row: Row, values: dict[str, str], trace: Trace
    ) -> None:
        """Counters last, so that a refused row leaves no gap."""
        for name, text in values.items():
            if COUNTER_MARK not in text:
                continue
            target = f"{table.name}.{name}"
            numbering = trace.numberings.get(target, Numbering(1, ()))
            place = (table.name, name, text, numbering.per)
            self.counters[place] = self.counters.get(place, 0) + 1
            number = f"{self.counters[place]:0{numbering.width}d}"
            filled = text.replace(COUNTER_MARK, number)
            values[name] = _accept(table.field(name), filled, rule.fields[name], row, target, trace)

    def _add(self, candidate: Candidate) -> None:
        self.result.candidates.append(candidate)
        for name in self.tables[candidate.table].field_names:
            candidate.values.setdefault(name, "")
        rows = self.placed.setdefault(candidate.table, [])
        rows.append((candidate.ref, candidate.values))


def _shape_row(rule: Rule, row: Row) -> Iterator[Row]:
    each = rule.each
    if each is None:
        yield row
    elif isinstance(each, Split):
        parts = [part.strip() for part in row.cells[each.column].split(each.separator)]
        for part in (part for part in parts if part):
            yield Row(row.ref, {**row.cells, each.name: part})
    elif isinstance(each, Unpivot):
        for label, columns in each.groups:
            extra = {new: row.cells[old] for new, old in columns}
            if extra.get(each.skip_empty, ""):
                yield Row(row.ref, {**row.cells, each.name: label, **extra})


def _order_fields(table: Table, rule: Rule) -> list[Field]:
    """Fields whose templates read other fields come after those."""
    waiting = {
        name: {
            part.text
            for template in list_templates(value)
            for part in template.parts
            if part.kind == "field"
        }
        for name, value in rule.fields.items()
    }
    ordered: list[str] = []
    while waiting:
        ready = [
            name
            for name in table.field_names
            if name in waiting and not (waiting[name] & set(waiting) - {name})
        ]
        # A ring of templates cannot be ordered; what is not ready then reads as empty.
        for name in ready or list(waiting):
            ordered.append(name)
            del waiting[name]
    return [table.field(name) for name in ordered]


def _accept(item: Field, text: str, value: Value, row: Row, target: str, trace: Trace) -> str:
    """The text where it fits the field; else empty, with a fault."""
    fault = find_cell_fault(item, text)
    if not fault:
        return text
    columns = "、".join(dict.fromkeys(list_columns(value)))
    trace.faults.append((CellKey(row.ref.label, columns, target, text, fault), row.ref.row))
    return ""


def _find_failures(
    table: Table, rule: Rule, values: Mapping[str, str], trace: Trace
) -> Iterator[Failure]:
    for item in table.fields:
        needed = item.required or item.name in table.primary_key
        text = values.get(item.name, "")
        if not needed or (text and text not in item.missing_values):
            continue
        target = f"{table.name}.{item.name}"
        fault = next((key for key, _ in reversed(trace.faults) if key.target == target), None)
        shown = f"{table.title}{REQUIRED}“{item.title}”"
        if fault is not None:
            yield Failure(table.name, fault.column, fault.value, f"{shown}：{fault.reason}")
            continue
        columns = (
            "、".join(dict.fromkeys(list_columns(rule.fields[item.name])))
            if item.name in rule.fields
            else ""
        )
        yield Failure(table.name, columns, text, f"{shown}{NO_VALUE}")
