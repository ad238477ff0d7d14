"""What no single line of a mapping file shows: rules against tables, sources and each other."""

from collections.abc import Iterator, Mapping, Sequence

from generator.data.catalog import Catalog, Table
from generator.data.intake.cells import find_cell_fault
from generator.data.intake.mapping import (
    ConstantRows,
    Lookup,
    Relaxation,
    Rule,
    Source,
    list_columns,
    list_lookups,
    list_templates,
)
from generator.data.intake.relax import relax_tables


def find_rule_faults(
    catalog: Catalog,
    sources: Mapping[str, Source],
    relaxations: Sequence[Relaxation],
    rows: Sequence[Rule | ConstantRows],
) -> Iterator[tuple[str, str]]:
    """(place in the mapping file, fault) for every contradiction."""
    loose = {
        (item.table, item.field)
        for item in relaxations
        if item.constraints.get("required") is False
    }
    earlier: set[str] = set()
    used: set[str] = set()
    tables = relax_tables(catalog, relaxations)
    for rule in rows:
        if isinstance(rule, ConstantRows):
            yield from _find_constant_faults(tables[rule.table], rule)
        if isinstance(rule, Rule):
            used.add(rule.source)
            yield from _find_missing_fields(catalog, rule, loose)
            yield from _find_template_faults(rule)
            for value in rule.fields.values():
                for lookup in list_lookups(value):
                    used.add(lookup.source)
                    yield from _find_lookup_faults(catalog, lookup, value.where, earlier)
        earlier.add(rule.table)
    for source in sources.values():
        if source.name not in used and not source.otherwise:
            yield (
                f"sources.{source.name}",
                "没有规则使用这个来源；不放入的来源请写 otherwise（原因）",
            )


def _find_constant_faults(table: Table, rule: ConstantRows) -> Iterator[tuple[str, str]]:
    """Values written in the mapping that their fields cannot take."""
    for position, row in enumerate(rule.rows, 1):
        where = f"{rule.where}[{position}]"
        for item in table.fields:
            text = row.get(item.name, "")
            fault = find_cell_fault(item, text)
            if fault:
                yield f"{where}.{item.name}", f"{fault}，这里是“{text}”"
            elif not text and (item.required or item.name in table.primary_key):
                yield where, f"必填字段 {item.name}（{item.title}）没有值"


def _find_missing_fields(
    catalog: Catalog, rule: Rule, loose: set[tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    """A required field that a rule leaves out makes every row of the rule fail: say so now."""
    for item in catalog.table(rule.table).fields:
        if not item.required or item.name in rule.fields or (rule.table, item.name) in loose:
            continue
        yield (
            rule.where,
            f"必填字段 {item.name}（{item.title}）没有来源；请写出来源，"
            f"或在 relax 里写 {rule.table}.{item.name}: {{required: false, reason: …}}",
        )


def _find_template_faults(rule: Rule) -> Iterator[tuple[str, str]]:
    """Templates may use fields of their row; two that wait for each other never get ready."""
    waits: dict[str, set[str]] = {}
    for name, value in rule.fields.items():
        named = {
            part.text
            for template in list_templates(value)
            for part in template.parts
            if part.kind == "field"
        }
        for missing in sorted(named - set(rule.fields)):
            yield value.where, f"模板里的 {{={missing}}} 不是这条规则写了的字段"
        waits[name] = named & set(rule.fields)
    while True:
        ready = [name for name, named in waits.items() if not named & set(waits)]
        if not ready:
            break
        for name in ready:
            del waits[name]
    if waits:
        yield rule.where, f"模板互相引用，分不出先后：{'、'.join(sorted(waits))}"


def _find_lookup_faults(
    catalog: Catalog, lookup: Lookup, where: str, earlier: set[str]
) -> Iterator[tuple[str, str]]:
    if not lookup.table:
        return
    if not catalog.has_table(lookup.table):
        yield where, f"数据集里没有名为“{lookup.table}”的表"
        return
    if lookup.table not in earlier:
        yield where, f"只能查写在前面的表；{lookup.table} 的规则写在后面，或没有写"
    known = catalog.table(lookup.table).field_names
    for name in (*(name for name, _ in lookup.match), *list_columns(lookup.value)):
        if name not in known:
            yield where, f"表 {lookup.table} 没有字段“{name}”"
