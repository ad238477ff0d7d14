"""Check results kept between builds: a table is judged again only when its bytes changed.

Keys name the file's SHA-256, the table's schema, and the program. Issues are kept as JSON and
columns as Arrow, both read back without running anything.
"""

import io
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import polars as pl

from generator.cache import Cache
from generator.data.catalog import Catalog, Table
from generator.data.issue import Issue
from generator.data.load import LoadedTable


def describe_table_state(table: Table, cache: Cache) -> str:
    """What a table holds and means, as a digest: its file's bytes and its schema."""
    return cache.key(
        "table state",
        cache.file_digest(table.path),
        json.dumps(table.schema, sort_keys=True),
        table.title,
        table.relative_path,
    )


class KeptChecks:
    """What the check found of unchanged tables, and of rules over an unchanged dataset."""

    def __init__(self, cache: Cache, catalog: Catalog) -> None:
        self._cache = cache
        self._tables = {table.name: table for table in catalog.tables}

    def load_table(self, table: Table) -> tuple[list[Issue], LoadedTable] | None:
        """The issues inside a table and its columns, as last time."""
        state = self._state(table)
        issues, text, values = (
            self._cache.load(self._cache.key(part, state)) for part in ("issues", "text", "values")
        )
        if issues is None or text is None or values is None:
            return None
        loaded = LoadedTable(table, _read_frame(text), _read_frame(values))
        return _read_issues(issues), loaded

    def save_table(self, table: Table, issues: Sequence[Issue], loaded: LoadedTable) -> None:
        """Keep what was found of a table whose file could be read."""
        state = self._state(table)
        contents = (
            ("issues", _format_issues(issues)),
            ("text", _format_frame(loaded.text)),
            ("values", _format_frame(loaded.values)),
        )
        for part, content in contents:
            self._cache.save(self._cache.key(part, state), content)

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
        states = tuple(self._state(targets[name][0]) for name in pointed_at)
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

    def recall_rules(self, root: Path, judge: Callable[[], Iterator[Issue]]) -> list[Issue]:
        """The issues of all rules over the dataset in the folder `root`.

        Rules look across tables, and at pictures and lists beside them: they are spared only
        where no file of the dataset changed.
        """
        files = [
            (path.relative_to(root).as_posix(), self._cache.file_digest(path))
            for path in sorted(root.rglob("*"))
            if path.is_file()
        ]
        return self._recall_issues(self._cache.key("rules", files), judge)

    def _state(self, table: Table) -> str:
        return describe_table_state(table, self._cache)

    def _recall_issues(self, key: str, find: Callable[[], Iterator[Issue]]) -> list[Issue]:
        known = self._cache.load(key)
        if known is not None:
            return _read_issues(known)
        issues = list(find())
        self._cache.save(key, _format_issues(issues))
        return issues


def _format_issues(issues: Sequence[Issue]) -> bytes:
    return json.dumps([asdict(issue) for issue in issues], ensure_ascii=False).encode()


def _read_issues(content: bytes) -> list[Issue]:
    return [Issue(**issue) for issue in json.loads(content)]


def _format_frame(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_ipc(buffer, compression="lz4")
    return buffer.getvalue()


def _read_frame(content: bytes) -> pl.DataFrame:
    return pl.read_ipc(io.BytesIO(content))
