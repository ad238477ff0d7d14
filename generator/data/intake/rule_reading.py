"""Reading one rule of a mapping file: conditions, values, templates, lookups, row shapes."""

import re
from collections.abc import Mapping
from typing import Final, cast

from generator.data.catalog import Table
from generator.data.intake.mapping import (
    Columns,
    Condition,
    ConditionKind,
    Constant,
    ConstantRows,
    FirstOf,
    Lookup,
    Origin,
    Rule,
    Source,
    Split,
    Template,
    TemplatePart,
    Unpivot,
    Value,
)
from generator.data.intake.nodes import NodeReader
from generator.data.intake.steps import ValueMaps, read_steps
from generator.data.intake.yamltext import Node

_RULE: Final = ("source", "where", "any_filled", "each", "fields", "same_key", "rows")
_ORIGINS: Final = ("column", "columns", "constant", "template", "lookup", "first_of")
_VALUE: Final = (*_ORIGINS, "join", "number_per", "when", "convert")
_TEMPLATE: Final = re.compile(r"\{([^{}]*)\}")


def read_rule(
    reader: NodeReader,
    node: Node,
    where: str,
    table: Table,
    sources: Mapping[str, Source],
    maps: ValueMaps,
) -> Rule | ConstantRows | None:
    """The rule, or None where it is too broken to use; faults go to the reader."""
    keys = reader.read_keys(node, where, _RULE)
    if "rows" in keys:
        return _read_constant_rows(reader, keys["rows"], f"{where}.rows", table)
    if "source" not in keys or "fields" not in keys:
        if isinstance(node.content, Mapping):
            reader.complain(node, where, "应写 source 和 fields，或只写 rows")
        return None
    source = reader.read_text(keys["source"], f"{where}.source")
    if source not in sources:
        reader.complain(keys["source"], f"{where}.source", f"sources 里没有“{source}”")
    fields: dict[str, Value] = {}
    for name, item in reader.read_pairs(keys["fields"], f"{where}.fields").items():
        here = f"{where}.fields.{name}"
        if name not in table.field_names:
            reader.complain(item, here, f"表 {table.name}（{table.title}）没有字段“{name}”")
            continue
        value = read_value(reader, item, here, sources, maps)
        if value is not None:
            fields[name] = value
    return Rule(
        table=table.name,
        source=source,
        conditions=(
            read_conditions(reader, keys["where"], f"{where}.where") if "where" in keys else ()
        ),
        any_filled=(
            reader.read_texts(keys["any_filled"], f"{where}.any_filled")
            if "any_filled" in keys
            else ()
        ),
        each=_read_each(reader, keys["each"], f"{where}.each") if "each" in keys else None,
        fields=fields,
        merge="same_key" in keys
        and reader.read_choice(keys["same_key"], f"{where}.same_key", ("reject", "merge"))
        == "merge",
        where=where,
    )


def read_conditions(reader: NodeReader, node: Node, where: str) -> tuple[Condition, ...]:
    """Tests that must all hold: column → text, list of texts, or `{matches: …}` and the like."""
    found: list[Condition] = []
    for column, item in reader.read_pairs(node, where).items():
        here = f"{where}.{column}"
        if isinstance(item.content, str):
            found.append(Condition(column, "in", frozenset((item.content,))))
        elif isinstance(item.content, tuple):
            words = frozenset(reader.read_texts(item, here))
            found.append(Condition(column, "in", words))
        else:
            found.extend(_read_tests(reader, item, here, column))
    return tuple(found)


def _read_tests(reader: NodeReader, node: Node, where: str, column: str) -> list[Condition]:
    known = ("matches", "not_matches", "not_in", "filled", "differs_from")
    found: list[Condition] = []
    for key, item in reader.read_keys(node, where, known).items():
        if key == "filled":
            kind: ConditionKind = "filled" if reader.read_flag(item, f"{where}.filled") else "empty"
            found.append(Condition(column, kind))
        elif key == "not_in":
            words = frozenset(reader.read_texts(item, f"{where}.not_in"))
            found.append(Condition(column, "not_in", words))
        elif key == "differs_from":
            other = reader.read_filled(item, f"{where}.differs_from")
            found.append(Condition(column, "differs_from", other=other))
        else:
            pattern = reader.read_pattern(item, f"{where}.{key}")
            found.append(Condition(column, cast(ConditionKind, key), pattern=pattern))
    return found


def read_value(
    reader: NodeReader,
    node: Node,
    where: str,
    sources: Mapping[str, Source],
    maps: ValueMaps,
) -> Value | None:
    """Where a text comes from; a bare text is the name of a column."""
    if isinstance(node.content, str):
        name = reader.read_filled(node, where)
        return Value(Columns((name,), ""), (), (), where)
    keys = reader.read_keys(node, where, _VALUE)
    named = [key for key in _ORIGINS if key in keys]
    if len(named) != 1:
        if isinstance(node.content, Mapping):
            reader.complain(node, where, f"应写且只写一个来源：{'、'.join(_ORIGINS)}")
        return None
    for key, needs in (("join", "columns"), ("number_per", "template")):
        if key in keys and needs not in keys:
            reader.complain(keys[key], where, f"{key} 只能和 {needs} 一起用")
    origin = _read_origin(reader, named[0], keys, where, sources, maps)
    if origin is None:
        return None
    if isinstance(origin, Template) and origin.counts and "convert" in keys:
        reader.complain(keys["convert"], where, "带编号 {#} 的模板不能再写 convert")
    return Value(
        origin=origin,
        when=read_conditions(reader, keys["when"], f"{where}.when") if "when" in keys else (),
        steps=(
            read_steps(reader, keys["convert"], f"{where}.convert", maps)
            if "convert" in keys
            else ()
        ),
        where=where,
    )


def _read_origin(
    reader: NodeReader,
    kind: str,
    keys: Mapping[str, Node],
    where: str,
    sources: Mapping[str, Source],
    maps: ValueMaps,
) -> Origin | None:
    node, here = keys[kind], f"{where}.{kind}"
    if kind == "column":
        return Columns((reader.read_filled(node, here),), "")
    if kind == "columns":
        joiner = reader.read_text(keys["join"], f"{where}.join") if "join" in keys else ""
        if "join" not in keys:
            reader.complain(node, here, "columns 要和 join（连接符）一起写")
        return Columns(reader.read_texts(node, here), joiner)
    if kind == "constant":
        return Constant(reader.read_filled(node, here))
    if kind == "template":
        return _read_template(reader, keys, here)
    if kind == "first_of":
        options = tuple(
            value
            for position, item in enumerate(reader.read_list(node, here), 1)
            if (value := read_value(reader, item, f"{here}[{position}]", sources, maps))
        )
        return FirstOf(options)
    return _read_lookup(reader, node, here, sources, maps)


def _read_template(reader: NodeReader, keys: Mapping[str, Node], where: str) -> Template:
    node = keys["template"]
    text = reader.read_filled(node, where)
    parts: list[TemplatePart] = []
    for position, piece in enumerate(_TEMPLATE.split(text)):
        if position % 2 == 0:
            if "{" in piece or "}" in piece:
                reader.complain(node, where, "花括号不成对")
            if piece:
                parts.append(TemplatePart("text", piece))
            continue
        counter = re.fullmatch(r"#(?::0?([1-9]))?", piece)
        name, _, option = piece.partition("|")
        if counter:
            parts.append(TemplatePart("counter", "", width=int(counter[1] or "1")))
        elif option not in ("", "year") or not name.strip("="):
            reader.complain(
                node,
                where,
                f"不认得的 {{{piece}}}；可写 {{列名}}、{{列名|year}}、{{=字段}}、{{#:05}}",
            )
        else:
            kind: str = "field" if name.startswith("=") else "column"
            parts.append(
                TemplatePart(
                    "field" if kind == "field" else "column", name.lstrip("="), option == "year"
                )
            )
    number_per = (
        reader.read_texts(keys["number_per"], f"{where}.number_per") if "number_per" in keys else ()
    )
    template = Template(text, tuple(parts), number_per)
    if number_per and not template.counts:
        reader.complain(node, where, "写了 number_per，模板里却没有 {#}")
    return template


def _read_lookup(
    reader: NodeReader,
    node: Node,
    where: str,
    sources: Mapping[str, Source],
    maps: ValueMaps,
) -> Lookup | None:
    keys = reader.read_keys(
        node, where, ("source", "table", "match", "value", "missing"), ("match", "value")
    )
    if ("source" in keys) == ("table" in keys):
        reader.complain(node, where, "写 source（查来源）或 table（查已放入的表），两者只写一个")
        return None
    source = reader.read_text(keys["source"], f"{where}.source") if "source" in keys else ""
    table = reader.read_text(keys["table"], f"{where}.table") if "table" in keys else ""
    if source and source not in sources:
        reader.complain(keys["source"], f"{where}.source", f"sources 里没有“{source}”")
    match: list[tuple[str, Value]] = []
    if "match" in keys:
        for name, item in reader.read_pairs(keys["match"], f"{where}.match").items():
            wanted = read_value(reader, item, f"{where}.match.{name}", sources, maps)
            if wanted is not None:
                match.append((name, wanted))
    value = (
        read_value(reader, keys["value"], f"{where}.value", sources, maps)
        if "value" in keys
        else None
    )
    if value is None or not match:
        return None
    missing = (
        reader.read_choice(keys["missing"], f"{where}.missing", ("list", "ignore"))
        if "missing" in keys
        else "list"
    )
    return Lookup(source, table, tuple(match), value, missing == "list")


def _read_each(reader: NodeReader, node: Node, where: str) -> Split | Unpivot | None:
    keys = reader.read_keys(node, where, ("split", "unpivot"))
    if len(keys) != 1:
        if isinstance(node.content, Mapping):
            reader.complain(node, where, "写 split 或 unpivot，两者只写一个")
        return None
    if "split" in keys:
        here = f"{where}.split"
        needed = ("column", "separator", "as")
        parts = reader.read_keys(keys["split"], here, needed, needed)
        texts = {
            key: reader.read_filled(parts[key], f"{here}.{key}") if key in parts else ""
            for key in ("column", "as")
        }
        separator = (
            reader.read_text(parts["separator"], f"{here}.separator")
            if ("separator" in parts)
            else ""
        )
        if "separator" in parts and not separator:
            reader.complain(parts["separator"], f"{here}.separator", "不能为空")
        return Split(texts["column"], separator or ",", texts["as"])
    here = f"{where}.unpivot"
    parts = reader.read_keys(
        keys["unpivot"], here, ("label", "groups", "skip_empty"), ("label", "groups", "skip_empty")
    )
    groups = []
    if "groups" in parts:
        for label, item in reader.read_pairs(parts["groups"], f"{here}.groups").items():
            pairs = reader.read_pairs(item, f"{here}.groups.{label}")
            groups.append(
                (
                    label,
                    tuple(
                        (new, reader.read_filled(old, f"{here}.groups.{label}.{new}"))
                        for new, old in pairs.items()
                    ),
                )
            )
    label_name = reader.read_filled(parts["label"], f"{here}.label") if "label" in parts else ""
    skip = (
        reader.read_filled(parts["skip_empty"], f"{here}.skip_empty")
        if ("skip_empty" in parts)
        else ""
    )
    return Unpivot(label_name, tuple(groups), skip)


def _read_constant_rows(reader: NodeReader, node: Node, where: str, table: Table) -> ConstantRows:
    rows: list[Mapping[str, str]] = []
    for position, item in enumerate(reader.read_list(node, where), 1):
        here = f"{where}[{position}]"
        pairs = reader.read_pairs(item, here)
        for name, value in pairs.items():
            if name not in table.field_names:
                reader.complain(value, here, f"表 {table.name}（{table.title}）没有字段“{name}”")
        rows.append({name: reader.read_text(value, here) for name, value in pairs.items()})
    return ConstantRows(table.name, tuple(rows), where)
