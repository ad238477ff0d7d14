"""Divisions: nesting, municipalities without prefectures, and records without a county."""

from pathlib import Path

from package_factory import VALID_TABLES, write_package

from generator.data.catalog import read_catalog
from generator.data.check import check_dataset
from generator.data.load import Dataset, LoadedTable
from generator.domain.place import UNPLACED, UNPLACED_COUNTY, Gazetteer, read_gazetteer


def load(root: Path, **tables: object) -> Dataset:
    report, dataset = check_dataset(read_catalog(write_package(root, {**VALID_TABLES, **tables})))  # type: ignore[dict-item]
    assert dataset is not None, report.issues
    return dataset


def nest(gazetteer: Gazetteer) -> dict[str, list[str]]:
    return {p.name: [c.name for c in p.counties] for p in gazetteer.prefectures}


def test_counties_stand_below_their_prefecture(tmp_path: Path) -> None:
    gazetteer = read_gazetteer(load(tmp_path))
    assert UNPLACED not in {p.code for p in gazetteer.prefectures}
    for prefecture in gazetteer.prefectures:
        assert all(county.prefecture_code == prefecture.code for county in prefecture.counties)
    assert gazetteer.full_name("990102") == gazetteer.name("990100") + gazetteer.name("990102")


def test_an_abolished_division_keeps_its_name_and_loses_its_page(tmp_path: Path) -> None:
    old = {
        "division_code": "990199", "division_name": "旧县", "parent_code": "990100", "level": "县",
        "valid_from": "2000-01-01", "valid_to": "2010-01-01", "successor_code": "990102",
    }  # fmt: skip
    gazetteer = read_gazetteer(load(tmp_path, division=(*VALID_TABLES["division"], old)))
    assert gazetteer.name("990199") == "旧县"
    assert "990199" not in gazetteer.county_codes


def test_districts_of_a_municipality_stand_below_the_province_itself(tmp_path: Path) -> None:
    divisions = [
        {**row, "parent_code": "990000" if row["level"] == "县" else row.get("parent_code", "")}
        for row in VALID_TABLES["division"]
        if row["level"] != "市"
    ]
    gazetteer = read_gazetteer(load(tmp_path, division=divisions))
    assert list(nest(gazetteer)) == [gazetteer.province_name]
    assert "江北区" in nest(gazetteer)[gazetteer.province_name]


def test_a_record_without_a_county_in_force_is_listed_apart(tmp_path: Path) -> None:
    dataset = load(tmp_path)
    frame = dataset["enterprise_profile"]
    import polars as pl

    blank = frame.text.with_columns(pl.lit("").alias("division_code"))
    unplaced = LoadedTable(frame.table, blank, frame.values)
    tables = {**dataset.tables, "enterprise_profile": unplaced}
    gazetteer = read_gazetteer(Dataset(dataset.catalog, tables))
    assert gazetteer.prefectures[-1].code == UNPLACED
    assert gazetteer.place_code("") == UNPLACED_COUNTY
    assert gazetteer.place_code("990102") == "990102"
