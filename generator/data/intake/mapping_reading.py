"""Reading and checking a mapping file: every fault at once, each with line and key, in Chinese."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from generator.data.catalog import Catalog
from generator.data.intake.faults import raise_mapping_faults
from generator.data.intake.mapping import (
    ConstantRows,
    MappingFile,
    PackageText,
    Refusal,
    Relaxation,
    Rule,
    Source,
)
from generator.data.intake.mapping_checks import find_rule_faults
from generator.data.intake.nodes import NodeReader, find_node
from generator.data.intake.relax import find_relaxed_field
from generator.data.intake.rule_reading import read_conditions, read_rule
from generator.data.intake.steps import ValueMaps
from generator.data.intake.yamltext import Node, read_yaml

ENCODINGS: Final = ("utf-8", "gb18030", "gbk", "big5", "utf-16")
_TOP: Final = (
    "mapping",
    "package",
    "placeholders",
    "sources",
    "ignored_files",
    "maps",
    "relax",
    "tables",
)
_SOURCE: Final = (
    "file",
    "encoding",
    "delimiter",
    "header_row",
    "placeholders",
    "keep_text",
    "duplicates",
    "reject",
    "otherwise",
    "unused",
    "empty_columns",
    "optional",
)
_RELAX: Final = (
    "required",
    "pattern",
    "enum",
    "min_length",
    "max_length",
    "minimum",
    "maximum",
    "foreign_key",
    "reason",
)


def read_mapping(path: Path, catalog: Catalog) -> MappingFile:
    """What the mapping file says, checked against the tables of the catalog.

    Raises:
        MappingError: The file is unreadable or has faults; the text lists all of them.

    """
    root = read_yaml(path)
    reader = NodeReader(path.name)
    top = reader.read_keys(root, "最外层", _TOP, ("mapping", "package", "sources", "tables"))
    if "mapping" in top:
        reader.read_choice(top["mapping"], "mapping", ("1",))
    package = _read_package(reader, top["package"]) if "package" in top else PackageText("", "", "")
    shared: frozenset[str] = frozenset()
    if "placeholders" in top:
        shared = frozenset(reader.read_texts(top["placeholders"], "placeholders"))
    maps = _read_maps(reader, top["maps"]) if "maps" in top else {}
    sources = _read_sources(reader, top["sources"], shared) if "sources" in top else {}
    relaxations = tuple(_read_relaxations(reader, top["relax"], catalog)) if "relax" in top else ()
    rows = _read_tables(reader, top["tables"], catalog, sources, maps) if "tables" in top else ()
    if not reader.faults:
        for where, fault in find_rule_faults(catalog, sources, relaxations, rows):
            reader.complain(find_node(root, where), where, fault)
    raise_mapping_faults(reader.faults)
    return MappingFile(
        file_name=path.name,
        package=package,
        sources=sources,
        ignored_files=_read_reasons(reader, top.get("ignored_files"), "ignored_files"),
        relaxations=relaxations,
        rows=rows,
    )


def _read_package(reader: NodeReader, node: Node) -> PackageText:
    keys = reader.read_keys(node, "package", ("name", "title", "description"), ("name", "title"))
    name = reader.read_filled(keys["name"], "package.name") if "name" in keys else ""
    if name and not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,59}", name):
        reader.complain(keys["name"], "package.name", "只能用小写字母、数字和 . _ -")
    title = reader.read_filled(keys["title"], "package.title") if "title" in keys else ""
    description = (
        reader.read_text(keys["description"], "package.description")
        if "description" in keys
        else ""
    )
    return PackageText(name, title, description)


def _read_maps(reader: NodeReader, node: Node) -> ValueMaps:
    return {
        name: {
            key: reader.read_text(value, f"maps.{name}.{key}")
            for key, value in reader.read_pairs(pairs, f"maps.{name}").items()
        }
        for name, pairs in reader.read_pairs(node, "maps").items()
    }


def _read_sources(reader: NodeReader, node: Node, shared: frozenset[str]) -> Mapping[str, Source]:
    found: dict[str, Source] = {}
    for name, item in reader.read_pairs(node, "sources").items():
        where = f"sources.{name}"
        keys = reader.read_keys(item, where, _SOURCE, ("file", "encoding"))
        file, _, sheet = (
            reader.read_filled(keys["file"], f"{where}.file").partition("#")
            if "file" in keys
            else ("", "", "")
        )
        if "/" in file or "\\" in file:
            reader.complain(item, f"{where}.file", "只写文件名（可用 *），不写文件夹")
        encoding = (
            reader.read_choice(keys["encoding"], f"{where}.encoding", ENCODINGS)
            if "encoding" in keys
            else "utf-8"
        )
        delimiter = (
            reader.read_choice(keys["delimiter"], f"{where}.delimiter", (",", ";", "\t", "|"))
            if "delimiter" in keys
            else ","
        )
        own = shared
        if "placeholders" in keys:
            own = shared | set(reader.read_texts(keys["placeholders"], f"{where}.placeholders"))
        found[name] = Source(
            name=name,
            file=file,
            sheet=sheet,
            encoding=encoding,
            delimiter=delimiter,
            header_row=(
                reader.read_whole_number(keys["header_row"], f"{where}.header_row")
                if "header_row" in keys
                else 1
            ),
            placeholders=own,
            keep_text=frozenset(_texts(reader, keys, "keep_text", where)),
            drop_duplicates="duplicates" in keys
            and reader.read_choice(keys["duplicates"], f"{where}.duplicates", ("keep", "drop"))
            == "drop",
            refusals=_read_refusals(reader, keys.get("reject"), f"{where}.reject"),
            otherwise=(
                reader.read_filled(keys["otherwise"], f"{where}.otherwise")
                if "otherwise" in keys
                else ""
            ),
            unused=_read_reasons(reader, keys.get("unused"), f"{where}.unused"),
            empty_columns=_texts(reader, keys, "empty_columns", where),
            optional="optional" in keys and reader.read_flag(keys["optional"], f"{where}.optional"),
        )
    return found


def _texts(reader: NodeReader, keys: Mapping[str, Node], key: str, where: str) -> tuple[str, ...]:
    return reader.read_texts(keys[key], f"{where}.{key}") if key in keys else ()


def _read_refusals(reader: NodeReader, node: Node | None, where: str) -> tuple[Refusal, ...]:
    if node is None:
        return ()
    found: list[Refusal] = []
    for position, item in enumerate(reader.read_list(node, where), 1):
        here = f"{where}[{position}]"
        keys = reader.read_keys(item, here, ("where", "reason"), ("where", "reason"))
        if "where" in keys and "reason" in keys:
            conditions = read_conditions(reader, keys["where"], f"{here}.where")
            found.append(Refusal(conditions, reader.read_filled(keys["reason"], f"{here}.reason")))
    return tuple(found)


def _read_reasons(reader: NodeReader, node: Node | None, where: str) -> Mapping[str, str]:
    if node is None:
        return {}
    pairs = reader.read_pairs(node, where)
    return {key: reader.read_filled(value, f"{where}.{key}") for key, value in pairs.items()}


def _read_relaxations(reader: NodeReader, node: Node, catalog: Catalog) -> list[Relaxation]:
    found: list[Relaxation] = []
    for place, item in reader.read_pairs(node, "relax").items():
        where = f"relax.{place}"
        table, _, names = place.partition(".")
        keys = reader.read_keys(item, where, _RELAX, ("reason",))
        reason = reader.read_filled(keys["reason"], f"{where}.reason") if "reason" in keys else ""
        constraints = _read_constraints(reader, keys, where)
        drop = "foreign_key" in keys
        if drop:
            reader.read_choice(keys["foreign_key"], f"{where}.foreign_key", ("drop",))
        if not constraints and not drop:
            reader.complain(item, where, "没有写明放宽什么")
        for name in (part.strip() for part in names.split(",")):
            fault = find_relaxed_field(catalog, table, name, constraints, drop)
            if fault:
                reader.complain(item, where, fault)
            else:
                found.append(Relaxation(table, name, constraints, drop, reason, where))
    seen: set[tuple[str, str]] = set()
    for relaxation in found:
        if (relaxation.table, relaxation.field) in seen:
            reader.complain(
                node, relaxation.where, f"{relaxation.table}.{relaxation.field} 已经放宽过"
            )
        seen.add((relaxation.table, relaxation.field))
    return found


def _read_constraints(
    reader: NodeReader, keys: Mapping[str, Node], where: str
) -> Mapping[str, object]:
    found: dict[str, object] = {}
    if "required" in keys:
        reader.read_choice(keys["required"], f"{where}.required", ("false",))
        found["required"] = False
    if "pattern" in keys:
        pattern = reader.read_pattern(keys["pattern"], f"{where}.pattern").pattern
        # Table Schema anchors a pattern as ^p$, which splits a bare alternation.
        found["pattern"] = f"(?:{pattern})"
    if "enum" in keys:
        found["enum"] = list(reader.read_texts(keys["enum"], f"{where}.enum"))
    for key, name in (("min_length", "minLength"), ("max_length", "maxLength")):
        if key in keys:
            found[name] = reader.read_whole_number(keys[key], f"{where}.{key}")
    for key in ("minimum", "maximum"):
        if key in keys:
            text = reader.read_text(keys[key], f"{where}.{key}")
            if re.fullmatch(r"-?[0-9]{1,15}", text):
                found[key] = int(text)
            else:
                reader.complain(keys[key], f"{where}.{key}", f"应为整数，这里是“{text}”")
    return found


def _read_tables(
    reader: NodeReader,
    node: Node,
    catalog: Catalog,
    sources: Mapping[str, Source],
    maps: ValueMaps,
) -> tuple[Rule | ConstantRows, ...]:
    found: list[Rule | ConstantRows] = []
    for table, items in reader.read_pairs(node, "tables").items():
        where = f"tables.{table}"
        if not catalog.has_table(table) or catalog.table(table).format != "csv":
            reader.complain(items, where, f"数据集里没有名为“{table}”的 CSV 表")
            continue
        for position, item in enumerate(reader.read_list(items, where), 1):
            rule = read_rule(
                reader, item, f"{where}[{position}]", catalog.table(table), sources, maps
            )
            if rule is not None:
                found.append(rule)
    return tuple(found)
