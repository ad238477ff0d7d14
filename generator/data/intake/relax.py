"""Looser constraints for sources that lack columns, written openly into the package's schemas."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from generator.data.catalog import Catalog, Field, Table
from generator.data.intake.mapping import Relaxation


def find_relaxed_field(
    catalog: Catalog, table: str, name: str, constraints: Mapping[str, object], drops_key: bool
) -> str:
    """Why the field cannot be relaxed so; empty where it can."""
    if not catalog.has_table(table):
        return f"数据集里没有名为“{table}”的表；应写 表名.字段名"
    found = catalog.table(table)
    if name not in found.field_names:
        return f"表 {table}（{found.title}）没有字段“{name}”"
    if constraints.get("required") is False and name in found.primary_key:
        return f"{name} 是表 {table} 的主键，不能放宽为选填"
    if drops_key and not any(name in key.fields for key in found.foreign_keys):
        return f"{name} 不是表 {table} 的外键，没有可去掉的引用"
    return ""


def relax_tables(catalog: Catalog, relaxations: Sequence[Relaxation]) -> Mapping[str, Table]:
    """Every table of the catalog by name, with the relaxed ones loosened.

    A relaxed table's `schema` carries the looser constraint and, on the field, the property
    `relaxed` with the reason.
    """
    tables = {table.name: table for table in catalog.tables}
    for relaxation in relaxations:
        tables[relaxation.table] = _relax_field(tables[relaxation.table], relaxation)
    return tables


def _relax_field(table: Table, relaxation: Relaxation) -> Table:
    schema = copy.deepcopy(dict(table.schema))
    for raw in cast(list[dict[str, object]], schema["fields"]):
        if raw["name"] != relaxation.field:
            continue
        constraints = cast(dict[str, object], raw.setdefault("constraints", {}))
        constraints.update(relaxation.constraints)
        if constraints.get("required") is False:
            del constraints["required"]
        raw["relaxed"] = relaxation.reason
    keys = table.foreign_keys
    if relaxation.drop_foreign_key:
        keys = tuple(key for key in keys if relaxation.field not in key.fields)
        schema["foreignKeys"] = [
            raw
            for raw in cast(list[dict[str, object]], schema.get("foreignKeys", []))
            if relaxation.field not in cast(Sequence[str], raw["fields"])
        ]
    fields = tuple(
        _loosen(field, relaxation.constraints) if field.name == relaxation.field else field
        for field in table.fields
    )
    return replace(table, fields=fields, foreign_keys=keys, schema=schema)


def _loosen(field: Field, constraints: Mapping[str, object]) -> Field:
    return replace(
        field,
        required=field.required and constraints.get("required") is not False,
        pattern=cast(str, constraints.get("pattern", field.pattern)),
        enum=tuple(cast(Sequence[str], constraints.get("enum", field.enum))),
        min_length=cast("int | None", constraints.get("minLength", field.min_length)),
        max_length=cast("int | None", constraints.get("maxLength", field.max_length)),
        minimum=cast("float | None", constraints.get("minimum", field.minimum)),
        maximum=cast("float | None", constraints.get("maximum", field.maximum)),
    )
