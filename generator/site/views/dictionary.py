"""The data dictionary: every table and field as the schemas say, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from generator.data.catalog import Catalog, Field, Table
from generator.site import routes
from generator.site.pages import Page
from generator.site.views.text import format_count

_TYPES = {
    "string": "文字",
    "integer": "整数",
    "number": "数字",
    "date": "日期（2016-07-03）",
    "datetime": "日期时间",
    "year": "年（2016）",
    "yearmonth": "年月（2016-07）",
    "boolean": "是 / 否",
}
_FORMATS = {"uri": "网址", "email": "电子邮箱地址"}


@dataclass(frozen=True, slots=True)
class TableLine:
    """A table in the index."""

    number: str
    name: str
    title: str
    fields: int
    key: str
    cadence: str
    route: str


@dataclass(frozen=True, slots=True)
class TableGroup:
    """The tables of one category."""

    title: str
    fields: int
    lines: tuple[TableLine, ...]


@dataclass(frozen=True, slots=True)
class DictionaryView:
    """What `pages/dictionary-list.html.jinja` sees."""

    tables: int
    fields: int
    categories: int
    groups: tuple[TableGroup, ...]


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field with its rules in words."""

    name: str
    title: str
    type: str
    unit: str
    required: str
    rules: tuple[str, ...]
    description: str


@dataclass(frozen=True, slots=True)
class TableView:
    """What `pages/dictionary.html.jinja` sees."""

    title: str
    name: str
    group: str
    description: str
    cadence: str
    basis: tuple[tuple[str, str], ...]
    key: str
    references: tuple[tuple[str, str, str], ...]
    """(own fields, table title, its dictionary route)."""
    fields: tuple[FieldRow, ...]
    missing: str
    download_route: str


def dictionary_pages(catalog: Catalog) -> Iterator[Page]:
    """The index, then a page for each table in the catalog's order."""
    groups = [
        _group(
            f"第{category.number}类 {category.title}",
            [table for table in catalog.disclosure if table.category == category.number],
        )
        for category in catalog.profile.categories
    ]
    others = [table for table in catalog.tables if table.group != "disclosure"]
    view = DictionaryView(
        tables=len(catalog.disclosure),
        fields=sum(len(table.fields) for table in catalog.disclosure),
        categories=len({table.category for table in catalog.disclosure}),
        groups=(*groups, _group("其他数据表", others)),
    )
    yield Page(
        routes.DICTIONARY,
        "dictionary-list",
        "数据字典",
        "每张表、每个字段的含义、单位、填写规则和法律依据",
        view,
    )
    for table in catalog.tables:
        yield Page(
            routes.dictionary_route(table.name),
            "dictionary",
            f"{table.title}（数据字典）",
            f"{table.title}各字段的含义、单位和填写规则。{table.description}",
            _table_view(table, catalog),
        )


def download_route(table: Table) -> str:
    """Where the table's whole file is offered."""
    if table.format == "parquet":
        return f"download/tables/{table.name}.parquet"
    return routes.table_route(table.name)


def _group(title: str, tables: list[Table]) -> TableGroup:
    return TableGroup(
        title,
        sum(len(table.fields) for table in tables),
        tuple(
            TableLine(
                str(table.number) if table.number else "",
                table.name,
                table.title,
                len(table.fields),
                "、".join(table.field(name).title for name in table.primary_key),
                table.cadence,
                routes.dictionary_route(table.name),
            )
            for table in tables
        ),
    )


def _table_view(table: Table, catalog: Catalog) -> TableView:
    missing = sorted({word for field in table.fields for word in field.missing_values if word})
    return TableView(
        title=table.title,
        name=table.name,
        group=catalog.profile.title_of(table.category) or "其他数据表",
        description=table.description,
        cadence=table.cadence,
        basis=tuple((catalog.profile.bases.get(key, key), text) for key, text in table.legal_basis),
        key="、".join(table.field(name).title for name in table.primary_key),
        references=tuple(
            (
                "、".join(table.field(name).title for name in key.fields),
                catalog.table(key.table).title,
                routes.dictionary_route(key.table),
            )
            for key in table.foreign_keys
        ),
        fields=tuple(_field_row(field) for field in table.fields),
        missing="、".join(missing),
        download_route=download_route(table),
    )


def _field_row(field: Field) -> FieldRow:
    return FieldRow(
        field.name,
        field.title,
        _FORMATS.get(field.format, _TYPES.get(field.type, field.type)),
        field.unit,
        "必填" if field.required else "选填",
        tuple(_rules(field)),
        field.description,
    )


def _rules(field: Field) -> Iterator[str]:
    if field.enum:
        yield "只能填：" + "、".join(field.enum)
    if field.minimum is not None or field.maximum is not None:
        low = "" if field.minimum is None else f"不小于 {_plain(field.minimum)}"
        high = "" if field.maximum is None else f"不大于 {_plain(field.maximum)}"
        yield "，".join(part for part in (low, high) if part)
    if field.min_length is not None or field.max_length is not None:
        low = "" if field.min_length is None else f"至少 {field.min_length} 字"
        high = "" if field.max_length is None else f"至多 {field.max_length} 字"
        yield "，".join(part for part in (low, high) if part)
    if field.pattern:
        yield f"格式：{field.pattern}"


def _plain(number: float) -> str:
    return format_count(int(number)) if number == int(number) else str(number)
