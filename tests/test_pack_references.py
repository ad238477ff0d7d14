"""A pack carries of reference tables what its rows name: no more, and nothing is missing."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import polars as pl
import pytest

from generator.data.catalog import Catalog, read_catalog

REFERENCES = ("division", "industry", "pollutant", "standard_limit")


def read_pack(path: Path, catalog: Catalog) -> dict[str, pl.DataFrame]:
    names = {table.relative_path: table.name for table in catalog.tables}
    with zipfile.ZipFile(path) as archive:
        return {
            names[name]: pl.read_csv(io.BytesIO(archive.read(name)), infer_schema=False).fill_null(
                ""
            )
            for name in archive.namelist()
            if name in names
        }


def list_keys(tables: dict[str, pl.DataFrame], catalog: Catalog) -> list[tuple[str, str, set[str]]]:
    """Of each single foreign key between the tables: from where, to where, and what is named."""
    return [
        (name, key.table, set(frame[key.fields[0]]) - {""})
        for name, frame in tables.items()
        for key in catalog.table(name).foreign_keys
        if key.table in tables
    ]


@pytest.mark.parametrize("code", ["990100", "990101", "990201"])
def test_every_reference_row_of_a_pack_is_named_and_every_named_one_is_there(
    small_site: Path, small_datasets: Path, code: str
) -> None:
    catalog = read_catalog(small_datasets)
    tables = read_pack(small_site / f"download/district/{code}.zip", catalog)
    keys = list_keys(tables, catalog)
    present = [name for name in REFERENCES if name in tables]
    assert "division" in present
    for reference in present:
        field = catalog.table(reference).primary_key[0]
        there = set(tables[reference][field])
        named: set[str] = set().union(*(found for _, to, found in keys if to == reference))
        assert there == named, reference


def test_a_county_pack_has_its_place_with_all_above_it_and_not_the_whole_list(
    small_site: Path, small_datasets: Path
) -> None:
    catalog = read_catalog(small_datasets)
    tables = read_pack(small_site / "download/district/990101.zip", catalog)
    found = set(tables["division"]["division_code"])
    assert {"990101", "990100", "990000"} <= found
    whole = pl.read_csv(small_datasets / "tables/division.csv", infer_schema=False)
    assert tables["division"].height < whole.height
    rows = whole.filter(pl.col("division_code").is_in(sorted(found)))
    assert tables["division"].rows() == rows.fill_null("").rows()
