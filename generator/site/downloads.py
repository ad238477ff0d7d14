"""Data for reuse: every table whole, byte for byte as in the dataset but for withdrawn rows.

What belongs to a place is in `site.packs`.
"""

from __future__ import annotations

import io
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow.parquet as pq

from generator.data.load import Dataset
from generator.domain.place import Gazetteer
from generator.domain.standing import Standing, stand_readings
from generator.site import routes
from generator.site.pages import Page
from generator.site.views.dictionary import download_route
from generator.site.views.text import format_count

_ROW: Final = "_row"


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
    """A place's pack on offer."""

    name: str
    route: str


@dataclass(frozen=True, slots=True)
class DownloadView:
    """What `pages/download-list.html.jinja` sees."""

    tables: tuple[TableDownload, ...]
    enterprise_packs: tuple[PackDownload, ...]
    """By prefecture."""
    project_packs: tuple[PackDownload, ...]
    """By county."""
    withdrawn_route: str


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
    counties = (county.code for county in gazetteer.counties)
    prefectures = (prefecture.code for prefecture in gazetteer.prefectures)
    enterprise_packs, project_packs = (
        tuple(
            PackDownload(gazetteer.full_name(code), routes.district_pack_route(code))
            for code in codes
        )
        for codes in (prefectures, counties)
    )
    return Page(
        routes.DOWNLOADS,
        "download-list",
        "数据下载",
        "全部表格和各地数据包，CSV 与数据集逐字节一致，只略去已撤回的记录",
        DownloadView(tables, enterprise_packs, project_packs, routes.WITHDRAWN),
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
