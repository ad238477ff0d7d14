"""Search records of the committed datasets, as the build makes them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from generator.cache import Cache
from generator.config import read_config
from generator.data.catalog import read_catalog
from generator.data.check import check_dataset
from generator.domain.library import build_library
from generator.site.search.records import SearchRecord
from generator.site.search_records import district_names, search_records

ROOT = Path(__file__).resolve().parents[1]


@cache
def read_committed(cache_folder: Path) -> tuple[tuple[SearchRecord, ...], dict[str, str]]:
    """The records, sorted by kind and id, and the names of the divisions they use."""
    config = read_config(ROOT / "mkdocs.yml")
    cache = Cache(cache_folder)
    _, dataset = check_dataset(read_catalog(config.datasets), cache)
    if dataset is None:
        raise AssertionError("the committed datasets have errors")
    library = build_library(dataset, config, cache)
    records = sorted(search_records(library, config), key=lambda record: (record.kind, record.id))
    return tuple(records), dict(district_names(library))
