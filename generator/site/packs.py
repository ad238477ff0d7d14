"""The rows of a place as a Data Package in a zip: what its enterprises disclose, and its ledger.

A prefecture has one pack with the disclosure tables of its enterprises, a county one with all its
other records. A step in the life of a project so changes the small pack alone, which a mirror
fetches in a moment. Rows are written anew from the checked text: same cells, same order, no clock
in the zip.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import polars as pl

from generator.cache import Cache, digest
from generator.data.catalog import Catalog, Table
from generator.data.kept_checks import describe_table_state
from generator.data.load import Dataset
from generator.domain.place import UNPLACED, UNPLACED_COUNTY, Gazetteer
from generator.domain.row_digests import digest_rows_by
from generator.domain.standing import Standing
from generator.site.downloads import format_package

_PLACE: Final = "_place"
"""Column with the division whose pack a row is in, unlike the name of any field."""
_ZIP_TIME: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest moment a zip can hold: members must not carry the time of the build."""
_WHOLE: Final = frozenset({"division", "industry", "pollutant", "standard_limit"})
"""Reference tables that a pack carries whole where its tables point to them."""
_PLACED_BY: Final = {"enterprise_profile": "site_code", "illegal_project": "ledger_no"}
"""Registers that know the county of a row, and the field by which rows name their entry."""
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
    own = [table.name for table in catalog.tables if table.name not in _WHOLE | _LEFT_OUT]
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
        waiting += (targets & _WHOLE) - wanted
        wanted |= targets & _WHOLE
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
        read = partial(_place_rows, dataset, table, series, gazetteer)
        rows = digest_rows_by(read, _PLACE, cache, digest(state, places, series.otherwise))
        schema = json.dumps(table.schema)
        for code in parts:
            parts[code].append(schema + rows.get(code, ""))
    return {code: cache.key("pack", code, parts[code]) for code in series.codes}


def list_files(
    series: PackSeries, dataset: Dataset, gazetteer: Gazetteer, wanted: Collection[str]
) -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """The packs of the divisions in `wanted`, by code: names and contents of their files."""
    if not wanted:
        return
    cut = {table.name: _cut_table(dataset, table, series, gazetteer) for table in series.tables}
    descriptor = dataset.catalog.descriptor
    for code in sorted(wanted):
        named = {**descriptor, "name": f"{descriptor.get('name', '')}-{code}"}
        files = [("datapackage.json", format_package(named, series.tables))]
        for table in series.tables:
            text = dataset[table.name].text
            own = text if _find_key(table) is None else cut[table.name].get(code, text.clear())
            files.append((table.relative_path, format_csv(own)))
        yield code, files


def _cut_table(
    dataset: Dataset, table: Table, series: PackSeries, gazetteer: Gazetteer
) -> Mapping[str, pl.DataFrame]:
    """The rows of a table by the pack that they are in; nothing for one that is in all."""
    if _find_key(table) is None:
        return {}
    parts = _place_rows(dataset, table, series, gazetteer).partition_by(
        _PLACE, as_dict=True, maintain_order=True, include_key=False
    )
    return {str(key[0]): part for key, part in parts.items()}


def _find_key(table: Table) -> str | None:
    """The table that knows the county of each row: itself, or the one its rows point to.

    None for a table that packs carry whole.
    """
    if table.name in _WHOLE:
        return None
    if "division_code" in table.field_names:
        return table.name
    for name, key in _PLACED_BY.items():
        if key in table.field_names:
            return name
    return None


def _place_rows(
    dataset: Dataset, table: Table, series: PackSeries, gazetteer: Gazetteer
) -> pl.DataFrame:
    """The rows of a table, each with the code of its pack in one more column."""
    text, key_table = dataset[table.name].text, _find_key(table)
    code = pl.col("division_code")
    known = code.is_in(sorted(gazetteer.county_codes))
    county = pl.when(known).then(code).otherwise(pl.lit(UNPLACED_COUNTY))
    place = county.replace_strict(series.places, default=series.otherwise).alias(_PLACE)
    if key_table is None or key_table == table.name:
        return text.with_columns(place)
    key = _PLACED_BY[key_table]
    places = dataset[key_table].text.select(key, place)
    return text.join(places, on=key, how="left", maintain_order="left")


def zip_files(files: Iterable[tuple[str, bytes]]) -> bytes:
    """The files as a zip that depends on nothing but them."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files:
            member = zipfile.ZipInfo(name, _ZIP_TIME)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            archive.writestr(member, content)
    return buffer.getvalue()


def format_csv(frame: pl.DataFrame) -> bytes:
    """A frame of cell texts as UTF-8 CSV; an empty text is an empty cell."""
    return (
        frame.select(pl.when(pl.all() == "").then(None).otherwise(pl.all()).name.keep())
        .write_csv(quote_style="necessary", line_terminator="\n")
        .encode()
    )
