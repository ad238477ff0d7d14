"""What a cold build finds out on all cores at once, before anything else can begin.

Tables are read and judged in shares that whoever has time takes. What is found goes into the
cache, from where the check takes it as if an earlier build had left it: columns when somebody asks
for them, so that no process holds all tables as text and as values. A share that fails to leave
anything costs time alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from generator.cache import Cache
from generator.data.catalog import Catalog, Table
from generator.data.check import check_readings_ahead, check_table_ahead
from generator.data.load import release_memory
from generator.domain.enterprise_digests import digest_table
from generator.domain.monitoring import read_monitoring
from generator.processes import Crew

_SHARE_BYTES: Final = 2_000_000
"""Small tables are judged together: to send a share costs some milliseconds."""


def check_ahead(crew: Crew, catalog: Catalog, cache: Cache) -> None:
    """Leave in `cache` what the check will find of each table by itself."""
    shares = [crew.give(_check_readings, catalog, cache)]
    shares += [
        crew.give(_check_tables, catalog, names, cache)
        for names in _divide([table for table in catalog.tables if table.format == "csv"])
    ]
    for share in reversed(shares):
        share.help()
    for share in shares:
        share.result()


def _divide(tables: Sequence[Table]) -> Iterator[list[str]]:
    """The names of the tables in shares, the largest tables first."""
    sizes = {
        table.name: table.path.stat().st_size if table.path.is_file() else 0 for table in tables
    }
    share: list[str] = []
    for name in sorted(sizes, key=lambda name: (-sizes[name], name)):
        share.append(name)
        if sum(sizes[one] for one in share) >= _SHARE_BYTES:
            yield share
            share = []
    if share:
        yield share


def _check_tables(catalog: Catalog, names: Sequence[str], cache: Cache) -> None:
    for name in names:
        loaded = check_table_ahead(catalog, name, cache)
        if loaded is not None and loaded.table.group == "disclosure":
            digest_table(loaded, cache)
    release_memory()


def _check_readings(catalog: Catalog, cache: Cache) -> None:
    """Readings, and their months if none is at fault."""
    for table in catalog.tables:
        if table.format == "parquet" and check_readings_ahead(catalog, table, cache):
            read_monitoring(table.path, cache)
