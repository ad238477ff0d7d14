"""What becomes of every source column: mapped, unused with a reason, empty, or unexplained."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from generator.data.intake.mapping import (
    MappingFile,
    Rule,
    Split,
    Unpivot,
    Value,
    list_columns,
    list_lookups,
)
from generator.data.intake.sources import SourceFile

ColumnStatus = Literal["mapped", "unused", "empty", "unexplained"]


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """A column of a file: its fate, the fields it feeds or the reason, and its filled cells."""

    name: str
    status: ColumnStatus
    uses: tuple[str, ...]
    reason: str
    filled: int


def list_column_uses(mapping: MappingFile) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """For each source, its columns that the mapping reads, with what each is read for."""
    found: dict[str, dict[str, list[str]]] = {name: {} for name in mapping.sources}

    def note(source: str, column: str, use: str) -> None:
        uses = found.setdefault(source, {}).setdefault(column, [])
        if use not in uses:
            uses.append(use)

    for source in mapping.sources.values():
        for refusal in source.refusals:
            for condition in refusal.conditions:
                for column in condition.columns:
                    note(source.name, column, "判断是否放入")
    for rule in mapping.rows:
        if isinstance(rule, Rule):
            for column, use in _list_rule_uses(rule):
                note(rule.source, column, use)
            for value in rule.fields.values():
                for lookup in list_lookups(value):
                    if lookup.source:
                        target = f"{rule.table}.{_name_of(rule, value)}"
                        for column, _ in lookup.match:
                            note(lookup.source, column, f"{target} 的查找键")
                        for column in list_columns(lookup.value):
                            note(lookup.source, column, target)
    return {
        source: {column: tuple(uses) for column, uses in columns.items()}
        for source, columns in found.items()
    }


def _name_of(rule: Rule, value: Value) -> str:
    return next(name for name, other in rule.fields.items() if other is value)


def _list_rule_uses(rule: Rule) -> Iterator[tuple[str, str]]:
    virtual: dict[str, tuple[str, ...]] = {}
    if isinstance(rule.each, Split):
        virtual[rule.each.name] = (rule.each.column,)
    elif isinstance(rule.each, Unpivot):
        virtual[rule.each.name] = ()
        for _, columns in rule.each.groups:
            for new, old in columns:
                virtual[new] = (*virtual.get(new, ()), old)
    for condition in rule.conditions:
        for tested in condition.columns:
            for column in virtual.get(tested, (tested,)):
                yield column, f"{rule.table} 的条件"
    for column in rule.any_filled:
        yield column, f"{rule.table} 的条件"
    for name, value in rule.fields.items():
        for used in list_columns(value):
            for column in virtual.get(used, (used,)):
                yield column, f"{rule.table}.{name}"
    if isinstance(rule.each, Split):
        yield rule.each.column, f"{rule.table} 的拆分"


def explain_columns(
    file: SourceFile, uses: Mapping[str, tuple[str, ...]], filled: Mapping[str, int]
) -> tuple[ColumnUse, ...]:
    """The fate of each column of the file, in the order of its header."""
    found: list[ColumnUse] = []
    for name in file.header:
        status: ColumnStatus = "unexplained"
        reason = ""
        if name in uses:
            status = "mapped"
        elif name in file.source.unused:
            status, reason = "unused", file.source.unused[name]
        elif name in file.source.empty_columns:
            status, reason = "empty", "来源此列没有内容"
        count = filled.get(name, 0)
        found.append(ColumnUse(name, status, uses.get(name, ()), reason, count))
    return tuple(found)


def find_missing_columns(
    mapping: MappingFile,
    files: Sequence[SourceFile],
    uses: Mapping[str, Mapping[str, tuple[str, ...]]],
) -> Iterator[str]:
    """Columns that rules read and a file lacks, or that are both used and declared unused."""
    for file in files:
        for column, places in uses.get(file.source.name, {}).items():
            if column not in file.header:
                yield (
                    f"{file.label}：没有列“{column}”（{mapping.file_name} 用它做：{places[0]}）。"
                    f"表头有：{'、'.join(file.header)}。"
                )
    for source in mapping.sources.values():
        used = uses.get(source.name, {})
        for column in (*source.unused, *source.empty_columns):
            if column in used:
                yield (
                    f"{mapping.file_name}：sources.{source.name} 把列“{column}”列为不用，"
                    f"但 {used[column][0]} 用了它。"
                )


def list_unexplained(
    files: Sequence[SourceFile], uses: Mapping[str, Mapping[str, tuple[str, ...]]]
) -> Iterator[str]:
    """A line for each column that the mapping says nothing about."""
    for file in files:
        for column in explain_columns(file, uses.get(file.source.name, {}), {}):
            if column.status == "unexplained":
                yield (
                    f"未说明的列：{file.label} 的“{column.name}”。请在 tables 里使用它，"
                    f"或列入 sources.{file.source.name}.unused 并写原因。"
                )
