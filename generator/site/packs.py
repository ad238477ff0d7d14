"""The rows of a place as a Data Package in a zip: what its enterprises disclose, and its ledger.

Beside the CSV tables lies one workbook with the same rows, for those who use Excel, unless there
are more rows than Excel is good for.

A prefecture has one pack with the disclosure tables of its enterprises, a county one with all its
other records. A step in the life of a project so changes the small pack alone, which a mirror
fetches in a moment. Rows are written anew from the checked text: same cells, same order, no clock
in the zip.
"""

from __future__ import annotations

import json
import zipfile
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import polars as pl

from generator.cache import Cache, digest
from generator.data.catalog import Catalog, Table
from generator.data.kept_checks import describe_table_state
from generator.data.load import Dataset, LoadedTable
from generator.domain.place import UNPLACED, UNPLACED_COUNTY, Gazetteer
from generator.domain.row_digests import digest_rows_by, digest_stretches
from generator.domain.standing import Standing
from generator.site.archive import CLOSE_LEVEL, LEVEL, zip_files
from generator.site.pack_references import keep_named
from generator.site.packages import format_package
from generator.site.spreadsheets import (
    Sheet,
    arrange,
    draw_rows,
    format_workbook,
    guide_lines,
    has_long_cells,
    lay_out,
)

_PLACE: Final = "_place"
"""Column with the division whose pack a row is in, unlike the name of any field."""
_NUMBER: Final = "_number"
"""Column with the number of a row in its table."""
_LINE: Final = "_line"
"""Column with a row as a workbook has it."""
_REFERENCES: Final = frozenset({"division", "industry", "pollutant", "standard_limit"})
"""Reference tables, of which a pack carries the rows that its others name."""
_SITES: Final = "enterprise_profile"
_PLACED_BY: Final = {_SITES: "site_code", "illegal_project": "ledger_no"}
"""Registers that know the county of a row, and the field by which rows name their entry."""
MOST_CELLS: Final = 200_000
"""Cells of a workbook that an office computer opens at once; larger packs have CSV alone."""
_LEFT_OUT: Final = frozenset(
    {"correction", "mirror", "responsibility", "duty_adoption", "monitoring"}
)
"""Tables that do not belong to a place; they are offered whole."""


@dataclass(frozen=True, slots=True)
class PackSeries:
    """Packs of the same tables, one for each place of a level."""

    tables: tuple[Table, ...]
    """In the dataset's order."""
    places: Mapping[str, str]
    """By county in force, the division whose pack its rows are in."""
    otherwise: str
    """The same for rows without such a county."""

    @property
    def codes(self) -> tuple[str, ...]:
        """The divisions that have a pack."""
        return tuple(sorted(set(self.places.values())))


def plan_packs(catalog: Catalog, gazetteer: Gazetteer) -> tuple[PackSeries, ...]:
    """The packs of prefectures and of counties."""
    disclosed = {table.name for table in catalog.disclosure}
    own = [table.name for table in catalog.tables if table.name not in _REFERENCES | _LEFT_OUT]
    counties = {county.code: county for county in gazetteer.counties}
    return (
        PackSeries(
            _add_pointed_at(catalog, {name for name in own if name in disclosed}),
            {code: county.prefecture_code for code, county in counties.items()},
            UNPLACED,
        ),
        PackSeries(
            _add_pointed_at(catalog, {name for name in own if name not in disclosed}),
            {code: code for code in counties},
            UNPLACED_COUNTY,
        ),
    )


def _add_pointed_at(catalog: Catalog, names: set[str]) -> tuple[Table, ...]:
    """The tables of these names, and the reference tables that they point to."""
    wanted = set(names)
    waiting = list(names)
    while waiting:
        targets = {key.table for key in catalog.table(waiting.pop()).foreign_keys}
        waiting += (targets & _REFERENCES) - wanted
        wanted |= targets & _REFERENCES
    return tuple(table for table in catalog.tables if table.name in wanted)


def digest_packs(
    series: PackSeries, standing: Standing, gazetteer: Gazetteer, cache: Cache
) -> Mapping[str, str]:
    """By code, a digest of everything that a pack is made of.

    Args:
        series: The packs.
        standing: What may be handed on.
        gazetteer: The places.
        cache: Keeps digests of rows.

    """
    dataset = standing.downloads
    descriptor = json.dumps(dataset.catalog.descriptor, sort_keys=True)
    parts: dict[str, list[str]] = {code: [descriptor] for code in series.codes}
    register = dataset.catalog.table(_SITES)
    placed = _place_rows(dataset, register, series, gazetteer)
    sites = {_SITES: dict(placed.select(_PLACED_BY[_SITES], _PLACE).iter_rows())}
    for table in series.tables:
        state = standing.state_of(table.name, describe_table_state(table, cache))
        key_table = _find_key(table)
        if key_table is None:
            for code in parts:
                parts[code].append(state)
            continue
        places = [
            standing.state_of(name, describe_table_state(dataset[name].table, cache))
            for name in ("division", key_table)
        ]
        rows = None
        if key_table in sites:
            read_text = partial(_read_text, dataset, table.name)
            own = digest_stretches(read_text, _PLACED_BY[key_table], cache, state)
            rows = own and _gather(own, sites[key_table])
        if rows is None:
            read = partial(_place_rows, dataset, table, series, gazetteer)
            rows = digest_rows_by(read, _PLACE, cache, digest(state, places, series.otherwise))
        schema = json.dumps(table.schema)
        for code in parts:
            parts[code].append(schema + rows.get(code, ""))
    return {code: cache.key("pack", code, parts[code]) for code in series.codes}


def _gather(digests: Mapping[str, str], places: Mapping[str, str]) -> Mapping[str, str]:
    """By place, a digest of the rows of its entries, which lie in the order of `digests`."""
    found: dict[str, list[str]] = defaultdict(list)
    for entry, told in digests.items():
        found[places.get(entry, "")].append(told)
    return {place: digest(told) for place, told in found.items()}


def _read_text(dataset: Dataset, table: str) -> pl.DataFrame:
    return dataset[table].text


@dataclass(frozen=True, slots=True, eq=False)
class PackRows:
    """Rows of a table by their numbers: of many packs, none is copied before its turn comes."""

    loaded: LoadedTable
    numbers: pl.Series | None = None
    """From 0 and in order; None where all rows are meant."""

    def take(self) -> pl.DataFrame:
        """The rows."""
        if self.numbers is None:
            return self.loaded.text
        if not len(self.numbers):
            return self.loaded.slice_text(0, 0)
        first, last = int(self.numbers[0]), int(self.numbers[-1])
        places: pl.Series = self.numbers - first
        return self.loaded.slice_text(first, last + 1 - first)[places]

    def __reduce__(self) -> tuple[object, ...]:
        text = self.take()
        return PackRows, (LoadedTable(self.loaded.table, text, text.clear()),)


@dataclass(frozen=True, slots=True)
class PackContent:
    """What goes into a place's pack."""

    code: str
    place: str
    """The division's name."""
    descriptor: Mapping[str, Any]
    rows: tuple[tuple[Table, PackRows], ...]
    """The rows of each table, as written; of reference tables all."""
    sheets: tuple[Sheet, ...]
    """The same for a workbook, without reference tables; none for many rows."""


def list_contents(
    series: PackSeries, dataset: Dataset, gazetteer: Gazetteer, wanted: Collection[str]
) -> Iterator[PackContent]:
    """What goes into the packs of the divisions in `wanted`."""
    if not wanted:
        return
    places = {
        table.name: _find_places(dataset, table, series, gazetteer)
        for table in series.tables
        if _find_key(table) is not None
    }
    widths = {name: len(dataset[name].table.fields) for name in places}
    for_office = _find_small([(places[name], widths[name]) for name in places], wanted)
    cut = {
        name: _cut_rows(dataset[name], codes, wanted, for_office) for name, codes in places.items()
    }
    descriptor = dataset.catalog.descriptor
    nothing = pl.Series(_NUMBER, [], dtype=pl.UInt32)
    for code in sorted(wanted):
        rows: list[tuple[Table, PackRows]] = []
        sheets: list[Sheet] = []
        for table in series.tables:
            if table.name not in cut:
                rows.append((table, PackRows(dataset[table.name])))
                continue
            part = cut[table.name].get(code, _Part(PackRows(dataset[table.name], nothing), None))
            rows.append((table, part.rows))
            if code in for_office and part.lines is not None:
                sheets += arrange(table, part.lines)
            elif code in for_office:
                sheets += lay_out(table, part.rows.take())
        named = {**descriptor, "name": f"{descriptor.get('name', '')}-{code}"}
        name = gazetteer.full_name(code)
        yield PackContent(code, name, named, tuple(rows), tuple(sheets))


def format_pack(content: PackContent) -> bytes:
    """The pack: a Data Package with its tables as CSV, and the place's rows as one workbook."""
    tables = [table for table, _ in content.rows]
    guide = guide_lines(content.descriptor, content.place)

    def list_files() -> Iterator[tuple[str, bytes]]:
        yield "datapackage.json", format_package(content.descriptor, tables)
        taken = tuple((table, rows.take()) for table, rows in content.rows)
        for table, frame in keep_named(taken, _REFERENCES):
            yield table.relative_path, format_csv(frame)
        if content.sheets:
            yield f"{content.code}.xlsx", format_workbook(guide, content.sheets)

    return zip_files(list_files(), CLOSE_LEVEL if content.sheets else LEVEL)


@dataclass(frozen=True, slots=True)
class _Part:
    """A place's rows of a table."""

    rows: PackRows
    lines: pl.Series | None
    """The same drawn for a workbook; None where that is to be done for the place by itself."""


def _find_small(placed: Iterable[tuple[pl.Series, int]], wanted: Collection[str]) -> frozenset[str]:
    """The places whose rows are few enough for a workbook; of each table, places and width."""
    cells = dict.fromkeys(wanted, 0)
    for places, width in placed:
        for code, count in places.value_counts().iter_rows():
            if code in cells:
                cells[code] += count * width
    return frozenset(code for code, count in cells.items() if count <= MOST_CELLS)


def _cut_rows(
    loaded: LoadedTable, places: pl.Series, wanted: Collection[str], for_office: Collection[str]
) -> Mapping[str, _Part]:
    """The rows of a table by the pack that they are in.

    Rows are drawn for workbooks before they are cut: a table of thirty places then costs as much
    as one. Columns for the ends of long texts are a place's own, so with such texts each is drawn
    by itself.
    """
    numbers = pl.int_range(len(places), dtype=pl.UInt32, eager=True).alias(_NUMBER)
    placed = pl.DataFrame([places, numbers]).filter(pl.col(_PLACE).is_in(sorted(wanted)))
    drawable = placed.filter(pl.col(_PLACE).is_in(sorted(for_office)))
    drawn_text = PackRows(loaded, drawable.get_column(_NUMBER)).take()
    lines: Mapping[str, pl.DataFrame] = {}
    if not has_long_cells(drawn_text):
        lines = _part_by_place(drawable.select(_PLACE, draw_rows(drawn_text).alias(_LINE)))
    return {
        code: _Part(
            PackRows(loaded, part.get_column(_NUMBER)),
            lines[code].get_column(_LINE) if code in lines else None,
        )
        for code, part in _part_by_place(placed).items()
    }


def _part_by_place(frame: pl.DataFrame) -> Mapping[str, pl.DataFrame]:
    parts = frame.partition_by(_PLACE, as_dict=True, maintain_order=True, include_key=False)
    return {str(key[0]): part for key, part in parts.items()}


def _find_key(table: Table) -> str | None:
    """The table that knows the county of each row: itself, or the one its rows point to.

    None for a reference table.
    """
    if table.name in _REFERENCES:
        return None
    if "division_code" in table.field_names:
        return table.name
    for name, key in _PLACED_BY.items():
        if key in table.field_names:
            return name
    return None


def _find_places(
    dataset: Dataset, table: Table, series: PackSeries, gazetteer: Gazetteer
) -> pl.Series:
    """The code of its pack for each row of a table; null where nobody knows its county."""
    loaded, key_table = dataset[table.name], _find_key(table)
    code = pl.col("division_code")
    known = code.is_in(sorted(gazetteer.county_codes))
    county = pl.when(known).then(code).otherwise(pl.lit(UNPLACED_COUNTY))
    place = county.replace_strict(series.places, default=series.otherwise).alias(_PLACE)
    if key_table is None or key_table == table.name:
        return loaded.select_text("division_code").select(place).to_series()
    key = _PLACED_BY[key_table]
    places = dataset[key_table].text.select(key, place)
    joined = loaded.select_text(key).join(places, on=key, how="left", maintain_order="left")
    return joined.get_column(_PLACE)


def _place_rows(
    dataset: Dataset, table: Table, series: PackSeries, gazetteer: Gazetteer
) -> pl.DataFrame:
    """The rows of a table, each with the code of its pack in one more column."""
    places = _find_places(dataset, table, series, gazetteer)
    return dataset[table.name].text.with_columns(places)


def has_workbook(pack: Path) -> bool:
    """Whether a finished pack holds a workbook."""
    with zipfile.ZipFile(pack) as archive:
        return any(name.endswith(".xlsx") for name in archive.namelist())


def format_csv(frame: pl.DataFrame) -> bytes:
    """A frame of cell texts as UTF-8 CSV; an empty text is an empty cell."""
    return (
        frame.select(pl.when(pl.all() == "").then(None).otherwise(pl.all()).name.keep())
        .write_csv(quote_style="necessary", line_terminator="\n")
        .encode()
    )
