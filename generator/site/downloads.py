"""Data for reuse: every table whole, byte for byte as in the dataset but for withdrawn rows.

What belongs to a place is in `site.packs`.
"""

from __future__ import annotations

import io
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow.parquet as pq

from generator.data.load import Dataset
from generator.domain.place import Gazetteer
from generator.domain.standing import Standing, stand_readings
from generator.mirror.manifest import Entry
from generator.site import routes
from generator.site.exports import PARQUET_ARCHIVE, enterprises_route
from generator.site.machine_catalogues import DCAT_ROUTE, describe_dataset, table_routes
from generator.site.offers import Edition, cite_bibtex, cite_gb7714
from generator.site.openapi import OPENAPI_ROUTE
from generator.site.packs import MOST_CELLS
from generator.site.pages import Page
from generator.site.views.text import format_count

_ROW: Final = "_row"
_FORMS: Final = {"csv": "CSV", "parquet": "Parquet", "json": "JSON"}
_DESCRIPTIONS: Final = (
    ("数据包描述（Data Package）", "download/datapackage.json"),
    ("数据目录（DCAT 3）", DCAT_ROUTE),
    ("JSON 地址说明（OpenAPI 3.1）", OPENAPI_ROUTE),
    ("公布的数字", "data/figures.json"),
)


@dataclass(frozen=True, slots=True)
class FileOffer:
    """A file on offer."""

    form: str
    """What kind of file it is, as people say it."""
    route: str
    size: str
    sha256: str


@dataclass(frozen=True, slots=True)
class TableDownload:
    """A whole table on offer."""

    title: str
    name: str
    rows: str
    files: tuple[FileOffer, ...]
    dictionary_route: str


@dataclass(frozen=True, slots=True)
class PackDownload:
    """A place's files on offer."""

    name: str
    files: tuple[FileOffer, ...]
    workbook: bool
    """Whether its pack has one; not where there are more rows than Excel is good for."""


@dataclass(frozen=True, slots=True)
class DownloadView:
    """What `pages/download-list.html.jinja` sees."""

    edition: Edition
    gb7714: str
    bibtex: str
    tables: tuple[TableDownload, ...]
    archive: FileOffer
    """Parquet of the tables that have none of their own."""
    table_count: int
    """Tables of enterprises."""
    enterprise_packs: tuple[PackDownload, ...]
    """By prefecture."""
    project_packs: tuple[PackDownload, ...]
    """By county."""
    most_cells: str
    """Of a workbook, in 万."""
    large: bool
    """Whether some pack has no workbook."""
    descriptions: tuple[FileOffer, ...]
    """Files about the data, for programs."""
    withdrawn_route: str


def download_page(
    dataset: Dataset,
    gazetteer: Gazetteer,
    readings: int,
    edition: Edition,
    offers: Mapping[str, Entry],
    workbooks: Collection[str],
) -> Page:
    """The page that lists everything that can be downloaded, of files that are all written.

    `workbooks` are the routes of the packs that hold one.
    """

    def offer(form: str, route: str) -> FileOffer:
        return FileOffer(form, route, format_size(offers[route].size_bytes), offers[route].sha256)

    tables = tuple(
        TableDownload(
            table.title,
            table.name,
            format_count(readings if table.format == "parquet" else dataset.height(table.name)),
            tuple(
                offer(_FORMS[route.rpartition(".")[2]], route)
                for route in table_routes(table)
                if route in offers
            ),
            routes.dictionary_route(table.name),
        )
        for table in dataset.catalog.tables
    )
    enterprise_packs = tuple(
        PackDownload(
            prefecture.name,
            tuple(
                offer(form, route)
                for form, route in (
                    ("数据包", routes.district_pack_route(prefecture.code)),
                    ("企业 JSON", enterprises_route(prefecture.code)),
                )
                if route in offers  # a place without records has none
            ),
            routes.district_pack_route(prefecture.code) in workbooks,
        )
        for prefecture in gazetteer.prefectures
    )
    project_packs = tuple(
        PackDownload(
            gazetteer.full_name(county.code),
            tuple(
                offer("数据包", route)
                for route in (routes.district_pack_route(county.code),)
                if route in offers
            ),
            routes.district_pack_route(county.code) in workbooks,
        )
        for county in gazetteer.counties
    )
    view = DownloadView(
        edition,
        cite_gb7714(edition),
        cite_bibtex(edition),
        tables,
        offer("其余各表", PARQUET_ARCHIVE),
        dataset.catalog.profile.table_count,
        enterprise_packs,
        project_packs,
        str(MOST_CELLS // 10_000),
        not all(pack.workbook for pack in (*enterprise_packs, *project_packs) if pack.files),
        tuple(offer(form, route) for form, route in _DESCRIPTIONS),
        routes.WITHDRAWN,
    )
    return Page(
        routes.DOWNLOADS,
        "download-list",
        "数据下载",
        "全部表格和各地数据包：CSV、Excel、Parquet、JSON，许可、版本、校验和与引用格式",
        view,
        facts=describe_dataset(edition, offers) if edition.base else {},
    )


def cut_readings(path: Path, standing: Standing) -> bytes:
    """The automatic readings that stand, in the order and form of their file, as Parquet."""
    out = io.BytesIO()
    source = pq.ParquetFile(path)
    with pq.ParquetWriter(
        out, source.schema_arrow, compression="zstd", compression_level=9, version="2.6"
    ) as writer:
        for number in range(source.num_row_groups):
            group = source.read_row_group(number)
            rows = pl.DataFrame(group).lazy().with_row_index(_ROW)
            kept = stand_readings(rows, standing).select(_ROW).collect().to_series()
            if len(kept):
                writer.write_table(group.take(kept.to_arrow()), row_group_size=len(kept))
    return out.getvalue()


def list_withdrawn(standing: Standing) -> bytes:
    """The records that were taken back, for those who keep copies of the data."""
    records = [asdict(record) for record in standing.withdrawn]
    return (json.dumps({"withdrawn": records}, ensure_ascii=False, indent=1) + "\n").encode()


def format_size(size_bytes: int) -> str:
    """A file's size in KB or MB of 1,000, as file managers show it."""
    if size_bytes < 1_000_000:
        return f"{max(1, round(size_bytes / 1000)):,} KB"
    return f"{size_bytes / 1_000_000:.1f} MB"
