"""Data Package descriptors of what is offered for download.

Source: Frictionless Data Package specification v1.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

from generator.data.catalog import Catalog, Table


def whole_package(catalog: Catalog) -> bytes:
    """The descriptor of all tables."""
    return format_package(catalog.descriptor, catalog.tables)


def format_package(descriptor: Mapping[str, Any], tables: Sequence[Table]) -> bytes:
    """A descriptor of `tables` with their schemas inside it: one file that needs no other.

    A foreign key to a table that is not among them would be a fault of the package; it is left
    out.

    Source: Data Package specification, `schema` as an object.
    """
    chosen = {table.name: table for table in tables}
    resources = [
        {**resource, "schema": _keep_keys(chosen[resource["name"]].schema, chosen)}
        for resource in cast("list[dict[str, Any]]", descriptor["resources"])
        if resource["name"] in chosen
    ]
    document = {**descriptor, "resources": resources}
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _keep_keys(schema: Mapping[str, object], tables: Collection[str]) -> Mapping[str, object]:
    keys = cast("list[dict[str, Any]]", schema.get("foreignKeys", []))
    kept = [key for key in keys if key["reference"]["resource"] in {*tables, ""}]
    return schema if kept == keys else {**schema, "foreignKeys": kept}
