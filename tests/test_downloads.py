"""What is downloaded equals the dataset, whole and by county."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from pathlib import Path

import frictionless
import polars as pl
import pytest
from download_reading import join_parts, read_workbook
from small_province import ROOT, read

from generator.cache import NO_CACHE
from generator.config import read_config
from generator.data.catalog import read_catalog
from generator.data.check import check_dataset
from generator.data.load import Dataset
from generator.domain.place import read_gazetteer
from generator.mirror.manifest import MANIFEST, Entry
from generator.site import packs
from generator.site.downloads import download_page, format_size
from generator.site.offers import describe_edition
from generator.site.packs import format_csv
from generator.site.render import Renderer


def test_the_packs_of_all_places_hold_every_row_once(
    small_site: Path, small_datasets: Path
) -> None:
    for table in ("enterprise_profile", "illegal_project", "ledger_event", "noise", "bulletin"):
        rows: list[tuple[object, ...]] = []
        for path in sorted((small_site / "download/district").glob("*.zip")):
            with zipfile.ZipFile(path) as archive:
                if f"tables/{table}.csv" not in archive.namelist():
                    continue
                content = archive.read(f"tables/{table}.csv")
            rows += pl.read_csv(io.BytesIO(content), infer_schema=False).fill_null("").rows()
        assert sorted(rows) == sorted(read(small_datasets / f"tables/{table}.csv").rows())  # type: ignore[type-var]


@pytest.mark.parametrize(("code", "tables"), [("990100", 37), ("990101", 7)])
def test_a_pack_is_a_data_package_that_frictionless_accepts(
    small_site: Path, tmp_path: Path, code: str, tables: int
) -> None:
    with zipfile.ZipFile(small_site / f"download/district/{code}.zip") as archive:
        archive.extractall(tmp_path)
    report = frictionless.Package(str(tmp_path / "datapackage.json")).validate()
    assert [error.message for task in report.tasks for error in task.errors][:5] == []
    assert report.stats["tasks"] == tables


def test_a_step_of_a_project_changes_the_small_pack_alone(
    small_site: Path, small_datasets: Path
) -> None:
    catalog = read_catalog(small_datasets)
    disclosed = {f"{table.relative_path}" for table in catalog.disclosure}
    with zipfile.ZipFile(small_site / "download/district/990101.zip") as archive:
        assert not disclosed & set(archive.namelist())


@pytest.mark.parametrize(("code", "sheets"), [("990100", 33), ("990101", 5)])
def test_the_workbook_of_a_pack_holds_the_cells_of_its_tables(
    small_site: Path, small_datasets: Path, code: str, sheets: int
) -> None:
    with zipfile.ZipFile(small_site / f"download/district/{code}.zip") as archive:
        book = read_workbook(archive.read(f"{code}.xlsx"))
        tables = {table.title: table for table in read_catalog(small_datasets).tables}
        assert len(book) == sheets + 1
        for title in set(book) - {"说明"}:
            content = archive.read(tables[title].relative_path)
            rows = pl.read_csv(io.BytesIO(content), infer_schema=False).fill_null("").rows()
            assert book[title][1] == list(tables[title].field_names)
            assert join_parts(book[title][1], book[title][2:]) == [list(row) for row in rows]


def test_a_place_with_more_rows_than_excel_is_good_for_has_no_workbook(
    small_datasets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = load(small_datasets)
    gazetteer = read_gazetteer(dataset)
    series = packs.plan_packs(dataset.catalog, gazetteer)[1]
    most = max(
        sum(sheet.lines.len() * len(sheet.head.fields) for sheet in content.sheets)
        for content in packs.list_contents(series, dataset, gazetteer, series.codes)
    )
    monkeypatch.setattr(packs, "MOST_CELLS", most - 1)
    contents = list(packs.list_contents(series, dataset, gazetteer, series.codes))
    without = [content for content in contents if not content.sheets]
    assert len(without) == 1
    with zipfile.ZipFile(io.BytesIO(packs.format_pack(without[0]))) as archive:
        assert not [name for name in archive.namelist() if name.endswith("xlsx")]


def test_the_download_page_says_which_packs_have_no_workbook_and_what_to_do(
    small_site: Path, small_datasets: Path
) -> None:
    dataset = load(small_datasets)
    gazetteer = read_gazetteer(dataset)
    catalog = json.loads((small_site / MANIFEST).read_bytes())
    offers = {
        file["path"]: Entry(file["path"], file["size"], file["sha256"]) for file in catalog["files"]
    }
    edition = describe_edition(
        dataset.catalog.descriptor, read_config(ROOT / "mkdocs.yml"), dt.date(2016, 7, 3), ""
    )
    found = [
        route
        for route in offers
        if route.startswith("download/district/") and packs.has_workbook(small_site / route)
    ]
    assert found
    page = download_page(dataset, gazetteer, 0, edition, offers, found)
    body = Renderer(ROOT / "templates").render_body(page)
    assert "只有 CSV" not in body
    page = download_page(dataset, gazetteer, 0, edition, offers, found[1:])
    body = Renderer(ROOT / "templates").render_body(page)
    assert body.count("<small>只有 CSV</small>") == 1
    assert "从文本/CSV" in body


def test_a_pack_is_the_same_whichever_others_are_made(small_datasets: Path) -> None:
    dataset = load(small_datasets)
    gazetteer = read_gazetteer(dataset)
    series = packs.plan_packs(dataset.catalog, gazetteer)[1]
    together = {
        content.code: packs.format_pack(content)
        for content in packs.list_contents(series, dataset, gazetteer, series.codes)
    }
    for code in ("990101", "990201"):
        (alone,) = packs.list_contents(series, dataset, gazetteer, {code})
        assert packs.format_pack(alone) == together[code]


def load(folder: Path) -> Dataset:
    report, dataset = check_dataset(read_catalog(folder), NO_CACHE)
    assert dataset is not None, report.issues[:3]
    return dataset


def test_a_pack_carries_no_moment_of_its_making(small_site: Path) -> None:
    with zipfile.ZipFile(small_site / "download/district/990101.zip") as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize(
    "cell", ["=1+1", "-5", "0371", 'a"b', "a,b", "两\n行", " 空格 ", "长" * 40_000]
)
def test_a_cell_survives_the_csv_of_a_pack(cell: str) -> None:
    frame = pl.DataFrame({"a": [cell, ""], "b": ["", "x"]})
    back = pl.read_csv(io.BytesIO(format_csv(frame)), infer_schema=False).fill_null("")
    assert back.rows() == frame.rows()


def test_sizes_are_told_as_file_managers_do() -> None:
    assert format_size(1) == "1 KB"
    assert format_size(999_400) == "999 KB"
    assert format_size(4_833_173) == "4.8 MB"
