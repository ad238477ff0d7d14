"""Data for reuse: every table whole, and every county's rows as a Data Package in a zip.

Whole tables are copied byte for byte, so that a download equals the dataset. The county packs
are written anew from the checked text: same cells, same order, no clock in the zip.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import polars as pl

from generator.cache import Cache, digest
from generator.data.catalog import Catalog, Table
from generator.data.kept_checks import describe_table_state
from generator.data.load import Dataset
from generator.domain.place import UNPLACED_COUNTY, Gazetteer
from generator.domain.row_digests import digest_rows_by
from generator.site import routes
from generator.site.pages import Page
from generator.site.views.dictionary import download_route
from generator.site.views.text import format_count

_COUNTY = "_county"
"""Column with the county of a row, unlike the name of any field."""
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
"""The earliest moment a zip can hold: members must not carry the time of the build."""
_WHOLE = frozenset({"division", "industry", "pollutant", "standard_limit"})
"""Reference tables that every pack carries whole, so that its keys resolve."""
_PLACED_BY = {"enterprise_profile": "site_code", "illegal_project": "ledger_no"}
"""Registers that know the county of a row, and the field by which rows name their entry."""
_LEFT_OUT = frozenset({"correction", "mirror", "responsibility", "duty_adoption", "monitoring"})
"""Tables that do not belong to a county; they are offered whole."""


@dataclass(frozen=True, slots=True)
class TableDownload:
    """A whole table on offer."""

    title: str
    name: str
    rows: str
    size: str
    route: str
    dictionary_route: str


@dataclass(frozen=True, slots=True)
class PackDownload:
    """A county's pack on offer."""

    name: str
    route: str


@dataclass(frozen=True, slots=True)
class DownloadView:
    """What `pages/download-list.html.jinja` sees."""

    tables: tuple[TableDownload, ...]
    packs: tuple[PackDownload, ...]


def download_page(dataset: Dataset, gazetteer: Gazetteer, readings: int) -> Page:
    """The page that lists everything that can be downloaded."""
    tables = tuple(
        TableDownload(
            table.title,
            table.name,
            format_count(
                readings if table.format == "parquet" else dataset[table.name].text.height
            ),
            format_size(table.path.stat().st_size),
            download_route(table),
            routes.dictionary_route(table.name),
        )
        for table in dataset.catalog.tables
    )
    packs = tuple(
        PackDownload(gazetteer.full_name(county.code), routes.district_pack_route(county.code))
        for county in gazetteer.counties
    )
    return Page(
        routes.DOWNLOADS,
        "download-list",
        "数据下载",
        "全部表格和各区县数据包，CSV 与数据集逐字节一致",
        DownloadView(tables, packs),
    )


def format_size(size_bytes: int) -> str:
    """A file's size in KB or MB of 1,000, as file managers show it."""
    if size_bytes < 1_000_000:
        return f"{max(1, round(size_bytes / 1000)):,} KB"
    return f"{size_bytes / 1_000_000:.1f} MB"


def whole_tables(catalog: Catalog) -> Iterator[tuple[str, Path]]:
    """Route and source of every table's file, to be copied as they are.

    Laid out as in the dataset, so that `download/datapackage.json` describes them.
    """
    for table in catalog.tables:
        yield download_route(table), table.path


def whole_package(catalog: Catalog) -> bytes:
    """The descriptor of all tables with the schemas inside it: one file that needs no other.

    Source: Data Package specification, `schema` as an object. Beside 20,000 files, 47 schemas
    of their own would be 47 that no reader opens.
    """
    schemas = {table.name: table.schema for table in catalog.tables}
    resources = cast("list[dict[str, Any]]", catalog.descriptor["resources"])
    inlined = [{**resource, "schema": schemas[resource["name"]]} for resource in resources]
    return _json({**catalog.descriptor, "resources": inlined})


def digest_packs(dataset: Dataset, gazetteer: Gazetteer, cache: Cache) -> Mapping[str, str]:
    """By county code, a digest of everything that its pack is made of."""
    descriptor = json.dumps(dataset.catalog.descriptor, sort_keys=True)
    counties = sorted(county.code for county in gazetteer.counties)
    parts: dict[str, list[str]] = {code: [descriptor] for code in counties}
    for table in _list_tables(dataset.catalog):
        state = describe_table_state(table, cache)
        key_table = _find_key(table)
        if key_table is None:
            for code in counties:
                parts[code].append(state)
            continue
        places = [
            describe_table_state(dataset[name].table, cache) for name in ("division", key_table)
        ]
        read = partial(_place_rows, dataset, table, gazetteer)
        rows = digest_rows_by(read, _COUNTY, cache, digest(state, places))
        schema = json.dumps(table.schema)
        for code in counties:
            parts[code].append(schema + rows.get(code, ""))
    return {code: cache.key("pack", code, parts[code]) for code in counties}


def county_packs(
    dataset: Dataset, gazetteer: Gazetteer, counties: Collection[str]
) -> Iterator[tuple[str, bytes]]:
    """The packs of `counties`: code and the zip's bytes, by code."""
    if not counties:
        return
    cut = _cut_tables(dataset, gazetteer, counties)
    for code in sorted(counties):
        frames = {
            name: frames if isinstance(frames, pl.DataFrame) else frames.get(code, empty)
            for name, (frames, empty) in cut.items()
        }
        yield code, _zip_package(dataset.catalog, frames, code)


_Cut = Mapping[str, tuple[pl.DataFrame | Mapping[str, pl.DataFrame], pl.DataFrame]]


def _cut_tables(dataset: Dataset, gazetteer: Gazetteer, counties: Collection[str]) -> _Cut:
    """Every table either whole, or cut by the county that its rows belong to."""
    cut: dict[str, tuple[pl.DataFrame | Mapping[str, pl.DataFrame], pl.DataFrame]] = {}
    for table in _list_tables(dataset.catalog):
        text = dataset[table.name].text
        if _find_key(table) is None:
            cut[table.name] = (text, text)
            continue
        placed = _place_rows(dataset, table, gazetteer)
        wanted = placed.filter(pl.col(_COUNTY).is_in(sorted(counties)))
        parts = {
            str(key[0]): part.drop(_COUNTY)
            for key, part in wanted.partition_by(
                _COUNTY, as_dict=True, maintain_order=True, include_key=True
            ).items()
        }
        cut[table.name] = (parts, text.clear())
    return cut


def _list_tables(catalog: Catalog) -> Iterator[Table]:
    return (table for table in catalog.tables if table.name not in _LEFT_OUT)


def _find_key(table: Table) -> str | None:
    """The table that knows the county of each row: itself, or the one its rows point to.

    None for a table that every pack carries whole.
    """
    if table.name in _WHOLE:
        return None
    if "division_code" in table.field_names:
        return table.name
    for name, key in _PLACED_BY.items():
        if key in table.field_names:
            return name
    return None


def _place_rows(dataset: Dataset, table: Table, gazetteer: Gazetteer) -> pl.DataFrame:
    """The rows of a table, each with its county in one more column."""
    text, key_table = dataset[table.name].text, _find_key(table)
    if key_table is None or key_table == table.name:
        return text.with_columns(_place(gazetteer))
    key = _PLACED_BY[key_table]
    counties = _county_of(dataset[key_table].text, key, gazetteer)
    return text.join(counties, on=key, how="left", maintain_order="left")


def _county_of(text: pl.DataFrame, key: str, gazetteer: Gazetteer) -> pl.DataFrame:
    return text.select(key, _place(gazetteer))


def _place(gazetteer: Gazetteer) -> pl.Expr:
    code = pl.col("division_code")
    known = code.is_in(sorted(gazetteer.county_codes))
    return pl.when(known).then(code).otherwise(pl.lit(UNPLACED_COUNTY)).alias(_COUNTY)


def _zip_package(catalog: Catalog, frames: Mapping[str, pl.DataFrame], code: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:

        def add(name: str, content: bytes) -> None:
            member = zipfile.ZipInfo(name, _ZIP_TIME)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            archive.writestr(member, content)

        chosen = [table for table in catalog.tables if table.name in frames]
        add("datapackage.json", _descriptor(catalog, chosen, code))
        for table in chosen:
            add(f"schemas/{table.name}.json", _json(table.schema))
        for table in chosen:
            add(f"tables/{table.name}.csv", format_csv(frames[table.name]))
    return buffer.getvalue()


def format_csv(frame: pl.DataFrame) -> bytes:
    """A frame of cell texts as UTF-8 CSV; an empty text is an empty cell."""
    return (
        frame.select(pl.when(pl.all() == "").then(None).otherwise(pl.all()).name.keep())
        .write_csv(quote_style="necessary", line_terminator="\n")
        .encode()
    )


def _descriptor(catalog: Catalog, tables: list[Table], code: str) -> bytes:
    chosen = {table.name for table in tables}
    resources = cast("list[dict[str, Any]]", catalog.descriptor["resources"])
    document = {
        **catalog.descriptor,
        "name": f"{catalog.descriptor.get('name', 'huanjing')}-{code}",
        "resources": [resource for resource in resources if resource["name"] in chosen],
    }
    return _json(document)


def _json(document: object) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
