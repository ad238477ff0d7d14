"""Check results kept between builds: a table is judged again only when its bytes changed.

Keys name the file's SHA-256, the table's schema, and the program. Issues are kept as JSON and
columns as Arrow, both read back without running anything, and columns only when they are asked
for. What a rule read is noted; it is judged again where a table that it read has changed.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial

import polars as pl

from generator.cache import Cache, digest
from generator.data.catalog import Catalog, Table
from generator.data.held_frames import HeldFrame, HeldFrames
from generator.data.issue import Issue
from generator.data.kept_work import KeptWork
from generator.data.load import Dataset, LoadedTable, read_records, type_table


def describe_table_state(table: Table, cache: Cache) -> str:
    """What a table holds and means, as a digest: its file's bytes and its schema."""
    return cache.key(
        "table state",
        cache.file_digest(table.path),
        json.dumps(table.schema, sort_keys=True),
        table.title,
        table.relative_path,
    )


def describe_rest(catalog: Catalog, cache: Cache) -> str:
    """All of a dataset but its tables, as a digest: law, schemas, pictures, exceptions."""
    tables = {table.path for table in catalog.tables}
    return digest(
        catalog.profile,
        [
            (path.relative_to(catalog.root).as_posix(), cache.file_digest(path))
            for path in sorted(catalog.root.rglob("*"))
            if path.is_file() and path not in tables
        ],
    )


def describe_read(dataset: Dataset, cache: Cache, thing: str) -> str:
    """The state of what `NotedTables` noted."""
    kind, _, name = thing.partition(" ")
    if kind == "height":
        return str(dataset.height(name))
    return describe_table_state(dataset.catalog.table(name), cache)


class KeptChecks:
    """What the check found of unchanged tables, and of rules over an unchanged dataset."""

    def __init__(self, cache: Cache, catalog: Catalog) -> None:
        self._cache = cache
        self._tables = {table.name: table for table in catalog.tables}
        self._frames = {part: HeldFrames() for part in ("text", "values")}

    def load_table(self, table: Table) -> KeptTable | None:
        """The issues inside a table, its number of rows and its columns, as last time."""
        state = self._state(table)
        found = self._cache.load(self._cache.key("issues", state))
        kept = [self._cache.keep(self._cache.key(part, state)) for part in ("text", "values")]
        if found is None or not all(kept):
            return None
        told = json.loads(found)
        issues = [Issue(**issue) for issue in told["issues"]]
        rows: int = told["rows"]
        return KeptTable(issues, rows, self._hold(table, rows * len(table.fields)))

    def save_table(self, table: Table, issues: Sequence[Issue], loaded: LoadedTable) -> LoadedTable:
        """Keep what was found of a table whose file could be read.

        What comes back has the same columns, and fetches them from the cache if it keeps them.
        """
        state = self._state(table)
        told = {"issues": [asdict(issue) for issue in issues], "rows": loaded.text.height}
        contents: dict[str, Callable[[], bytes]] = {
            "issues": lambda: json.dumps(told, ensure_ascii=False).encode(),
            "text": lambda: _format_frame(loaded.text),
            "values": lambda: _format_frame(loaded.values),
        }
        kept = [self._cache.save(self._cache.key(p, state), contents[p]()) for p in contents]
        if not all(kept):
            return loaded
        cells = loaded.text.height * len(table.fields)
        self._frames["text"].get(table.name, cells, lambda: loaded.text)
        self._frames["values"].get(table.name, cells, lambda: loaded.values)
        return self._hold(table, cells)

    def _hold(self, table: Table, cells: int) -> LoadedTable:
        text, values = (
            HeldFrame(
                frames,
                table.name,
                cells,
                partial(self._load_frame, table, part),
                partial(self._scan_frame, table, part),
            )
            for part, frames in self._frames.items()
        )
        return LoadedTable(table, text, values)

    def _load_frame(self, table: Table, part: str) -> pl.DataFrame:
        """The kept columns; from the table's file again where they have been damaged."""
        content = self._cache.load(self._cache.key(part, self._state(table)))
        return _cut_again(table, part) if content is None else pl.read_ipc(io.BytesIO(content))

    def _scan_frame(self, table: Table, part: str) -> pl.LazyFrame:
        """The same, to be read in part."""
        content = self._cache.load(self._cache.key(part, self._state(table)))
        if content is None:
            return _cut_again(table, part).lazy()
        return pl.scan_ipc(io.BytesIO(content))

    def recall_readings(
        self,
        table: Table,
        targets: Mapping[str, tuple[Table, pl.DataFrame]],
        check: Callable[
            [Table, Mapping[str, tuple[Table, pl.DataFrame]]], tuple[tuple[Issue, ...], int]
        ],
    ) -> tuple[tuple[Issue, ...], int]:
        """Issues and rows of a Parquet table, whose keys point into `targets`."""
        pointed_at = sorted({key.table for key in table.foreign_keys} & set(targets))
        states = tuple(self._state(self._tables[name]) for name in pointed_at)
        key = self._cache.key("readings", self._state(table), states)
        known = self._cache.load(key)
        if known is not None:
            found = json.loads(known)
            return tuple(Issue(**issue) for issue in found["issues"]), found["rows"]
        issues, rows = check(table, targets)
        document = {"issues": [asdict(issue) for issue in issues], "rows": rows}
        self._cache.save(key, json.dumps(document, ensure_ascii=False).encode())
        return issues, rows

    def recall_keys(
        self, table: Table, readable: Collection[str], find: Callable[[], Iterator[Issue]]
    ) -> list[Issue]:
        """The issues of a table's primary and foreign keys; `readable` names all tables that are.

        What `find` finds must follow from the table, its own issues, and the tables it points to.
        """
        pointed_at = {key.table for key in table.foreign_keys} & set(readable)
        states = tuple(self._state(self._tables[name]) for name in sorted(pointed_at))
        return self._recall_issues(self._cache.key("keys", self._state(table), states), find)

    def open_rules(self, dataset: Dataset) -> KeptWork:
        """Results of rules over the dataset, which may also read what lies beside the tables."""
        return KeptWork(
            self._cache,
            self._cache.key(
                "rules", describe_rest(dataset.catalog, self._cache), [*dataset.tables]
            ),
            dataset.reads,
            partial(describe_read, dataset, self._cache),
        )

    def _state(self, table: Table) -> str:
        return describe_table_state(table, self._cache)

    def _recall_issues(self, key: str, find: Callable[[], Iterator[Issue]]) -> list[Issue]:
        known = self._cache.load(key)
        if known is not None:
            return _read_issues(known)
        issues = list(find())
        self._cache.save(key, _format_issues(issues))
        return issues


@dataclass(frozen=True, slots=True)
class KeptTable:
    """What is known of a table whose file is as it was."""

    issues: list[Issue]
    rows: int
    loaded: LoadedTable


def _format_issues(issues: Sequence[Issue]) -> bytes:
    return json.dumps([asdict(issue) for issue in issues], ensure_ascii=False).encode()


def _read_issues(content: bytes) -> list[Issue]:
    return [Issue(**issue) for issue in json.loads(content)]


def _format_frame(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_ipc(buffer, compression="lz4")
    return buffer.getvalue()


def _cut_again(table: Table, part: str) -> pl.DataFrame:
    loaded = type_table(table, read_records(table.path.read_bytes(), table.field_names).text)
    return loaded.text if part == "text" else loaded.values
