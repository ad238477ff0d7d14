"""Whole tables for programs: Parquet with types, and registers as JSON.

    download/tables/illegal_project.parquet   a large table, read by itself over the web
    download/tables/parquet.zip               all other tables, a Parquet file each
    download/tables/illegal_project.json      a register, a record a line
    data/enterprise/990100.json               the enterprises of a prefecture, a record a line

Nothing is lost: in Parquet a field of any type but text makes two columns, `field` with typed
values, null where the cell holds none, and `field_raw` with the cell as it is written. JSON holds
texts alone, an empty one where the cell is empty. Why these and no more: docs/adr/0032.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from generator.cache import Cache, digest
from generator.data.kept_checks import describe_table_state
from generator.data.load import LoadedTable, list_typed
from generator.domain.library import Library
from generator.domain.place import UNPLACED, Gazetteer
from generator.site.archive import zip_files

JSON_VERSION: Final = 1
"""Counts changes that a reader of our JSON must know of: fields that go or change their meaning."""
RAW: Final = "_raw"
PARQUET_ARCHIVE: Final = "download/tables/parquet.zip"
LONE_PARQUET: Final = (
    "enterprise_profile",
    "illegal_project",
    "ledger_event",
    "disclosure_record",
)
"""Tables that are offered by themselves: the most asked for, and the largest."""
JSON_REGISTERS: Final = (
    "enterprise_profile",
    "illegal_project",
    "exposure_case",
    "bulletin",
    "division",
)
_GROUP_ROWS: Final = 65_536
_MOST_GROUPS: Final = 64


@dataclass(frozen=True, slots=True)
class Export:
    """A file to be made of tables, and what stands for their rows."""

    route: str
    key: str
    tables: tuple[LoadedTable, ...]
    states: tuple[str, ...]
    """Of each table, what stands for its rows and its schema."""
    division: str = ""
    """Prefecture whose rows it holds; empty for those of the province."""


def plan_exports(library: Library, cache: Cache) -> Iterator[Export]:
    """Every file, with keys by which the former site's can be taken over."""
    dataset, standing = library.standing.downloads, library.standing
    tables = [table for table in dataset.catalog.tables if table.format == "csv"]
    states = {
        table.name: digest(
            standing.state_of(table.name, describe_table_state(table, cache)),
            json.dumps(dataset[table.name].table.schema),
        )
        for table in tables
    }

    def plan(route: str, names: list[str], division: str = "") -> Export:
        made_from = tuple(states[name] for name in names)
        key = cache.key("export", route, made_from, states["division"])
        return Export(route, key, tuple(dataset[name] for name in names), made_from, division)

    for name in LONE_PARQUET:
        yield plan(parquet_route(name), [name])
    yield plan(PARQUET_ARCHIVE, [t.name for t in tables if t.name not in LONE_PARQUET])
    for name in JSON_REGISTERS:
        yield plan(json_route(name), [name])
    for prefecture in library.gazetteer.prefectures:
        route = enterprises_route(prefecture.code)
        yield plan(route, ["enterprise_profile"], prefecture.code)


def make_export(export: Export, gazetteer: Gazetteer, cache: Cache) -> bytes:
    """The file's bytes; members of the archive are kept, since few of them change."""
    if export.route == PARQUET_ARCHIVE:
        return zip_files(
            (f"{loaded.table.name}.parquet", _recall_parquet(loaded, state, cache))
            for loaded, state in zip(export.tables, export.states, strict=True)
        )
    (table,) = export.tables
    if export.route.endswith(".parquet"):
        return format_parquet(table)
    text = table.text
    if export.division:
        county = pl.col("division_code").map_elements(gazetteer.place_code, return_dtype=pl.String)
        own = [code for code in gazetteer.parents if gazetteer.parents[code] == export.division]
        text = text.filter(county.is_in(own))
    return format_json(table.table.name, text, export.division)


def spare_members(export: Export, cache: Cache) -> None:
    """Let what is kept for a file that is taken over stay for the build that makes it anew."""
    if export.route == PARQUET_ARCHIVE:
        for loaded, state in zip(export.tables, export.states, strict=True):
            cache.keep(_parquet_key(loaded, state, cache))


def _parquet_key(loaded: LoadedTable, state: str, cache: Cache) -> str:
    return cache.key("parquet", loaded.table.name, state)


def _recall_parquet(loaded: LoadedTable, state: str, cache: Cache) -> bytes:
    key = _parquet_key(loaded, state, cache)
    known = cache.load(key)
    if known is None:
        known = format_parquet(loaded)
        cache.save(key, known)
    return known


def parquet_route(table: str) -> str:
    """A whole table with types."""
    return f"download/tables/{table}.parquet"


def json_route(table: str) -> str:
    """A whole register, a record a line."""
    return f"download/tables/{table}.json"


def enterprises_route(division_code: str) -> str:
    """The enterprises of a prefecture, `unplaced` for those without a county in force."""
    return f"data/enterprise/{division_code or UNPLACED}.json"


def format_parquet(loaded: LoadedTable) -> bytes:
    """A table with typed columns, and beside each the cells as written.

    Row groups end where the prefecture of the key changes, if keys begin with one: a row that
    comes or goes then moves no other group, and a mirror fetches little of a large file.
    """
    text = loaded.text
    values = loaded.read_values(list_typed(loaded.table))
    columns: list[pl.Series] = []
    for name in text.columns:
        if name in values.columns:
            columns += [values[name], text[name].alias(name + RAW)]
        else:
            columns.append(text[name])
    frame = pl.DataFrame(columns)
    out = io.BytesIO()
    options = {"compression": "zstd", "compression_level": 3, "write_statistics": False}
    with pq.ParquetWriter(out, _to_arrow(frame.clear()).schema, version="2.6", **options) as writer:
        starts = _find_groups(text)
        for start, end in zip(starts, [*starts[1:], text.height], strict=True):
            for first in range(start, end, _GROUP_ROWS) if end > start else [start]:
                group = frame.slice(first, min(_GROUP_ROWS, end - first))
                writer.write_table(_to_arrow(group), row_group_size=_GROUP_ROWS)
    return out.getvalue()


def _to_arrow(frame: pl.DataFrame) -> pa.Table:
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest())


def _find_groups(text: pl.DataFrame) -> list[int]:
    """Where row groups begin."""
    if not text.height:
        return [0]
    place = text.to_series(0).str.slice(0, 4)
    starts = (place != place.shift(1)).fill_null(value=True).arg_true().to_list()
    return starts if len(starts) <= _MOST_GROUPS else [0]


def format_json(name: str, text: pl.DataFrame, division: str = "") -> bytes:
    """Rows as objects of texts, a record a line so that two states can be compared by line."""
    head = {"version": JSON_VERSION, "table": name}
    if division:
        head["division"] = division
    opening = json.dumps(head, ensure_ascii=False)[:-1]
    lines = text.write_ndjson().rstrip("\n").replace("\n", ",\n")
    return f'{opening}, "rows": [\n{lines}\n]}}\n'.encode()
