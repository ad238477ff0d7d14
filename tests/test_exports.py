"""Parquet and JSON hold every cell of the tables that they were made of."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import jsonschema
import polars as pl
import pytest
import rdflib
from openapi_spec_validator import validate
from selectolax.lexbor import LexborHTMLParser
from small_province import read
from test_spreadsheets import CELLS, table_of

from generator.cache import Cache
from generator.data.catalog import read_catalog
from generator.data.check import check_dataset
from generator.data.load import LoadedTable
from generator.domain.place import read_gazetteer
from generator.mirror.manifest import read_manifest
from generator.site.exports import (
    JSON_REGISTERS,
    LONE_PARQUET,
    PARQUET_ARCHIVE,
    RAW,
    Export,
    format_json,
    format_parquet,
    make_export,
    spare_members,
)
from generator.site.offers import select_offers

CANONICAL = "https://huanjing.example/"
DCAT = rdflib.Namespace("http://www.w3.org/ns/dcat#")
DCT = rdflib.Namespace("http://purl.org/dc/terms/")
SPDX = rdflib.Namespace("http://spdx.org/rdf/terms#")


def read_raw(content: bytes) -> pl.DataFrame:
    """The cells as written of a Parquet file."""
    frame = pl.read_parquet(io.BytesIO(content))
    typed = {name.removesuffix(RAW) for name in frame.columns if name.endswith(RAW)}
    return frame.drop(typed).rename({name + RAW: name for name in typed})


@pytest.fixture(scope="module")
def parquet(small_site: Path) -> dict[str, bytes]:
    folder = small_site / "download/tables"
    found = {name: (folder / f"{name}.parquet").read_bytes() for name in LONE_PARQUET}
    with zipfile.ZipFile(small_site / PARQUET_ARCHIVE) as archive:
        found |= {name.removesuffix(".parquet"): archive.read(name) for name in archive.namelist()}
    return found


def test_parquet_holds_every_table_cell_for_cell(
    small_site: Path, small_datasets: Path, parquet: dict[str, bytes]
) -> None:
    tables = [table for table in read_catalog(small_datasets).tables if table.format == "csv"]
    assert sorted(parquet) == sorted(table.name for table in tables)
    for table in tables:
        offered = read(small_site / f"download/tables/{table.name}.csv")
        back = read_raw(parquet[table.name])
        assert back.columns == offered.columns == list(table.field_names)
        assert back.rows() == offered.rows(), table.name


def test_values_have_types_and_words_for_absence_are_null(parquet: dict[str, bytes]) -> None:
    projects = pl.read_parquet(io.BytesIO(parquet["illegal_project"]))
    assert projects.schema["deadline"] == pl.Date
    assert projects.schema["fine"] == pl.Float64
    assert projects.schema["ledger_no"] == pl.String
    paid = projects.filter(pl.col("fine").is_not_null())
    assert paid["fine"].to_list() == [float(text) for text in paid["fine" + RAW]]
    assert set(projects.filter(pl.col("fine").is_null())["fine" + RAW]) <= {"", "不适用"}


def test_hostile_cells_survive_parquet_and_json() -> None:
    frame = pl.DataFrame({"a": CELLS, "b": CELLS[::-1]})
    loaded = LoadedTable(table_of("a", "b"), frame, frame)
    assert read_raw(format_parquet(loaded)).rows() == frame.rows()
    document = json.loads(format_json("t", frame))
    assert [tuple(row.values()) for row in document["rows"]] == frame.rows()
    assert json.loads(format_json("t", frame.clear()))["rows"] == []


def test_json_registers_hold_every_cell_and_places_every_enterprise_once(small_site: Path) -> None:
    for name in JSON_REGISTERS:
        offered = read(small_site / f"download/tables/{name}.csv")
        document = json.loads((small_site / f"download/tables/{name}.json").read_bytes())
        assert (document["version"], document["table"]) == (1, name)
        assert [tuple(row.values()) for row in document["rows"]] == offered.rows()
        assert {tuple(row) for row in document["rows"]} <= {tuple(offered.columns)}
    rows = []
    for path in sorted((small_site / "data/enterprise").iterdir()):
        document = json.loads(path.read_bytes())
        assert document["division"] == path.stem
        rows += [tuple(row.values()) for row in document["rows"]]
    assert sorted(rows) == sorted(
        read(small_site / "download/tables/enterprise_profile.csv").rows()
    )


def test_the_api_description_is_valid_and_true_of_every_file(small_site: Path) -> None:
    description = json.loads((small_site / "download/openapi.json").read_bytes())
    validate(description)
    described = set()
    for path, item in description["paths"].items():
        (answer,) = item["get"]["responses"]["200"]["content"].values()
        schema = {"components": description["components"], **answer["schema"]}
        for route in list_addresses(path.removeprefix("/"), item["get"].get("parameters", [])):
            content = json.loads((small_site / route).read_bytes())
            jsonschema.validate(content, schema, jsonschema.Draft202012Validator)
            described.add(route)
    assert described == {p.relative_to(small_site).as_posix() for p in small_site.rglob("*.json")}


def list_addresses(path: str, parameters: list[dict[str, Any]]) -> list[str]:
    if not parameters:
        return [path]
    (parameter,) = parameters
    return [
        path.replace(f"{{{parameter['name']}}}", value) for value in parameter["schema"]["enum"]
    ]


def test_a_false_answer_would_be_found_out(small_site: Path) -> None:
    description = json.loads((small_site / "download/openapi.json").read_bytes())
    schema = {
        "components": description["components"], "$ref": "#/components/schemas/exposure_case"
    }  # fmt: skip
    content = json.loads((small_site / "download/tables/exposure_case.json").read_bytes())
    content["rows"][0]["fine"] = 5
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(content, schema, jsonschema.Draft202012Validator)


@pytest.fixture(scope="module")
def graph(small_site: Path) -> rdflib.Graph:
    text = (small_site / "download/dcat.json").read_text(encoding="utf-8")
    return rdflib.Graph().parse(data=text, format="json-ld")


def test_the_catalogue_describes_every_file_with_its_true_size_and_checksum(
    small_site: Path, graph: rdflib.Graph
) -> None:
    catalogue = rdflib.URIRef(f"{CANONICAL}download/dcat.json")
    assert (catalogue, rdflib.RDF.type, DCAT.Catalog) in graph
    for needed in (DCT.title, DCT.description, DCT.publisher, DCT.license, DCT.modified):
        assert list(graph.objects(catalogue, needed))
    distributed = set()
    for node in graph.subjects(rdflib.RDF.type, DCAT.Distribution):
        url = str(graph.value(node, DCAT.downloadURL))
        route = url.removeprefix(CANONICAL)
        content = (small_site / route).read_bytes()
        distributed.add(route)
        assert int(str(graph.value(node, DCAT.byteSize))) == len(content)
        (checksum,) = graph.objects(node, SPDX.checksum)
        value = graph.value(checksum, SPDX.checksumValue)
        assert isinstance(value, rdflib.Literal)
        assert value.datatype == rdflib.XSD.hexBinary
        assert str(value) == hashlib.sha256(content).hexdigest()
        assert str(graph.value(node, DCAT.mediaType)).startswith("https://www.iana.org/")
    entries = read_manifest((small_site / "manifest.json").read_bytes())
    data = {r for r in select_offers(entries) if r.startswith("download/") and "/" in r[9:]}
    assert distributed == data


def test_only_the_members_of_the_archive_that_changed_are_made_again(
    small_datasets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, dataset = check_dataset(read_catalog(small_datasets))
    assert dataset is not None
    tables = (dataset["bulletin"], dataset["division"])
    gazetteer = read_gazetteer(dataset)
    made: list[str] = []

    def note(loaded: LoadedTable) -> bytes:
        made.append(loaded.table.name)
        return format_parquet(loaded)

    def make(*states: str) -> bytes:
        """The archive as the next build makes it; what it used stays."""
        made.clear()
        cache = Cache(tmp_path, "program")
        content = make_export(Export(PARQUET_ARCHIVE, "", tables, states), gazetteer, cache)
        cache.prune()
        return content

    monkeypatch.setattr("generator.site.exports.format_parquet", note)
    first = make("one", "two")
    assert made == ["bulletin", "division"]
    assert make("one", "three") == first
    assert made == ["division"]
    # A build that takes the archive over as it is.
    cache = Cache(tmp_path, "program")
    spare_members(Export(PARQUET_ARCHIVE, "", tables, ("one", "three")), cache)
    cache.prune()
    assert make("one", "three") == first
    assert made == []


def test_every_dataset_of_the_catalogue_has_a_title_and_files(graph: rdflib.Graph) -> None:
    (catalogue,) = graph.subjects(rdflib.RDF.type, DCAT.Catalog)
    listed = set(graph.objects(catalogue, DCAT.dataset))
    datasets = set(graph.subjects(rdflib.RDF.type, DCAT.Dataset))
    series = set(graph.subjects(rdflib.RDF.type, DCAT.DatasetSeries))
    assert listed == datasets | series
    for dataset in datasets:
        assert graph.value(dataset, DCT.title)
        assert list(graph.objects(dataset, DCAT.distribution))
    assert set(graph.objects(None, DCAT.inSeries)) == series


def test_the_download_page_tells_licence_version_citation_and_true_checksums(
    small_site: Path,
) -> None:
    tree = LexborHTMLParser((small_site / "download/index.html").read_bytes())
    words = tree.css_first("main").text()
    assert "知识共享署名4.0" in words
    assert "[DS/OL]. 版本 2016-07-03" in words
    assert "@misc{huanjing-2016-07-03," in words
    rows = tree.css("#checksums ~ details tbody tr")
    assert len(rows) > 100
    for row in rows:
        route, told = row.css_first("th").text(), row.css_first("code").text()
        assert hashlib.sha256((small_site / route).read_bytes()).hexdigest() == told
    block = tree.css_first('script[type="application/ld+json"]')
    described = json.loads(block.text())
    assert described["@type"] == "Dataset"
    assert described["url"] == f"{CANONICAL}download/index.html"
    assert 50 <= len(described["description"]) <= 5000
    assert all(item["contentUrl"].startswith(CANONICAL) for item in described["distribution"])


def test_the_home_page_describes_the_site_and_the_hotline(small_site: Path) -> None:
    tree = LexborHTMLParser((small_site / "index.html").read_bytes())
    graph = json.loads(tree.css_first('script[type="application/ld+json"]').text())["@graph"]
    assert [item["@type"] for item in graph] == ["WebSite", "GovernmentService"]
    assert graph[0]["url"] == CANONICAL
