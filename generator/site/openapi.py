"""The static JSON of the site as an OpenAPI 3.1 description: what is at which address.

There is no server behind it: every path is a file, and every parameter has the values that there
are files for.

Source: OpenAPI Specification 3.1.0; JSON Schema 2020-12.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from generator.data.catalog import Catalog, Table
from generator.domain.place import Gazetteer
from generator.site.exports import JSON_REGISTERS, JSON_VERSION
from generator.site.machine_catalogues import DCAT_ROUTE
from generator.site.offers import Edition

OPENAPI_ROUTE: Final = "download/openapi.json"
_TEXT: Final = {"type": "string"}
_DAY: Final = {"type": "string", "format": "date"}
_SHA256: Final = {"type": "string", "pattern": "^[0-9a-f]{64}$"}


def format_openapi(catalog: Catalog, gazetteer: Gazetteer, edition: Edition) -> bytes:
    """The description as JSON; addresses are relative to the site that it is read from."""
    prefectures = [prefecture.code for prefecture in gazetteer.prefectures]
    paths: dict[str, object] = {
        "/data/figures.json": _get("公布的数字：定义、数值和构成", _ref("Figures")),
        "/data/enterprise/{division}.json": _get(
            "一个设区的市的企业",
            _ref("enterprise_profile"),
            _parameter("division", "设区的市的区划代码；unplaced 是区划未明的", prefectures),
        ),
        "/download/withdrawn.json": _get("已撤回的记录；副本里也应删去", _ref("Withdrawn")),
        "/download/datapackage.json": _get("全部表格的描述（Data Package）", _ref("Package")),
        f"/{DCAT_ROUTE}": _get("数据目录（DCAT 3，JSON-LD）", _ref("Catalogue")),
        f"/{OPENAPI_ROUTE}": _get("本描述", {"type": "object", "required": ["openapi", "paths"]}),
        "/manifest.json": _get("全部文件的大小和 SHA-256", _ref("Manifest")),
    }
    for name in JSON_REGISTERS:
        title = catalog.table(name).title
        paths[f"/download/tables/{name}.json"] = _get(f"整张表：{title}", _ref(name))
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": edition.title,
            "summary": "静态 JSON：每个地址都是一个文件，任何镜像上都一样",
            "version": f"{JSON_VERSION}.0.0",
            "license": {"name": edition.licence, "url": edition.licence_url},
        },
        "servers": [{"url": "..", "description": "本描述所在的网站，省站或镜像"}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {
                **_FIXED,
                **{name: _rows_schema(catalog.table(name)) for name in JSON_REGISTERS},
            }
        },
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _get(summary: str, schema: object, *parameters: object) -> dict[str, object]:
    answer = {"description": "文件", "content": {"application/json": {"schema": schema}}}
    operation: dict[str, object] = {"summary": summary, "responses": {"200": answer}}
    return {"get": {**operation, **({"parameters": list(parameters)} if parameters else {})}}


def _parameter(name: str, description: str, values: Sequence[str]) -> dict[str, object]:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": {"type": "string", "enum": list(values)},
    }


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _rows_schema(table: Table) -> dict[str, object]:
    """Rows of a table: every cell as the text that stands in the CSV file."""
    fields = {
        field.name: {"type": "string", "title": field.title, "description": field.description}
        for field in table.fields
    }
    row = _object(fields)
    return {
        "title": table.title,
        **_object(
            {
                "version": {"const": JSON_VERSION},
                "table": {"const": table.name},
                "division": _TEXT,
                "rows": {"type": "array", "items": row},
            },
            optional=("division",),
        ),
    }


def _object(properties: dict[str, Any], optional: Sequence[str] = ()) -> dict[str, object]:
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def _list_of(**properties: Any) -> dict[str, object]:
    return {"type": "array", "items": _object(properties)}


_FIXED: Final[dict[str, object]] = {
    "Figures": _object(
        {
            "data_date": _DAY,
            "figures": _list_of(
                id=_TEXT,
                model=_TEXT,
                title=_TEXT,
                value={"type": "string", "description": "十进制数，逐位精确"},
                unit=_TEXT,
                formula=_TEXT,
                page={"type": "string", "description": "说明页的地址，相对网站根"},
                parts={"type": "object", "additionalProperties": _TEXT},
            ),
        }
    ),
    "Withdrawn": _object(
        {
            "withdrawn": _list_of(
                table=_TEXT, key=_TEXT, day={"type": "string", "description": "日期，或空"}
            )
        }
    ),
    "Manifest": _object(
        {
            "manifest": {"type": "integer"},
            "data_date": _DAY,
            "files": _list_of(path=_TEXT, size={"type": "integer", "minimum": 0}, sha256=_SHA256),
        }
    ),
    "Package": {"type": "object", "required": ["name", "resources"]},
    "Catalogue": {"type": "object", "required": ["@context", "@type", "dcat:dataset"]},
}
