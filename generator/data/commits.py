"""What each commit changed in the dataset, row by row, from its first publication to the newest.

A record's page, the list of the week's changes and the feeds say from here what was once said
otherwise. Only tables whose bytes differ between a commit and its first parent are read, and what
two states of a file differ by is kept in the cache, so that a long history costs a build nothing.

A table's first commit is its publication, not a change. Working files that nobody has committed
yet are no part of the history.
"""

import datetime as dt
import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from generator.cache import Cache
from generator.data.catalog import Catalog, Table
from generator.data.diff import ChangedRow, FieldChange, Row, TableDiff, compare_tables
from generator.data.revision import (
    RevisionError,
    TreeFile,
    is_shallow,
    list_changed_files,
    list_commits,
    write_files,
)

ROWS_TOLD: Final = 20_000
"""Rows of one table in one commit that are told one by one; of more, only the numbers are."""


@dataclass(frozen=True, slots=True)
class CommitDiff:
    """One commit that changed rows of the dataset."""

    commit: str
    """Full id."""
    day: dt.date
    """The committer's day, in the committer's own time zone."""
    tables: tuple[TableDiff, ...]


@dataclass(frozen=True, slots=True)
class History:
    """Every commit that changed published rows, the oldest first."""

    commits: tuple[CommitDiff, ...] = ()
    newest: str = ""
    """Full id of the newest commit that touched the dataset's folder; empty without git."""
    begins: dt.date | None = None
    """Day of the oldest commit that is known; None where the dataset is not kept in git."""
    complete: bool = True
    """False for a clone that was cut short (`git clone --depth`)."""


NO_HISTORY: Final = History()


def read_history(catalog: Catalog, cache: Cache) -> History:
    """The history of the dataset's folder; an empty one where it is not kept in git.

    Raises:
        RevisionError: The repository is damaged.

    """
    try:
        commits = list_commits(catalog.root)
    except RevisionError:
        return NO_HISTORY
    if not commits:
        return NO_HISTORY
    tables = {table.relative_path: table for table in catalog.tables if table.format == "csv"}
    found: list[CommitDiff] = []
    for commit, day in commits[1:]:
        diffs = tuple(
            diff
            for old, new in list_changed_files(catalog.root, commit)
            if old is not None
            and old.path in tables
            and (diff := _compare(catalog, tables[old.path], old, new, cache)) is not None
        )
        if diffs:
            found.append(CommitDiff(commit, day, _sort_tables(diffs, catalog)))
    return History(tuple(found), commits[-1][0], commits[0][1], not is_shallow(catalog.root))


def _sort_tables(diffs: tuple[TableDiff, ...], catalog: Catalog) -> tuple[TableDiff, ...]:
    order = {table.name: place for place, table in enumerate(catalog.tables)}
    return tuple(sorted(diffs, key=lambda diff: order[diff.name]))


def _compare(
    catalog: Catalog, table: Table, old: TreeFile, new: TreeFile | None, cache: Cache
) -> TableDiff | None:
    """What a commit changed in a table; None where it changed no row."""
    key = cache.key("commit", old.blob, new.blob if new else "", table)
    kept = cache.load(key)
    diff = _decode(kept) if kept is not None else None
    if diff is None:
        diff = _cap(_compare_blobs(catalog.root, table, old, new))
        cache.save(key, json.dumps(asdict(diff), ensure_ascii=False).encode())
    return None if diff.is_empty else diff


def _compare_blobs(root: Path, table: Table, old: TreeFile, new: TreeFile | None) -> TableDiff:
    with tempfile.TemporaryDirectory(prefix="huanjing-commit-") as folder:
        sides: list[Table | None] = []
        for name, file in (("old", old), ("new", new)):
            if file is None:
                sides.append(None)
                continue
            write_files(root, [replace(file, path=name)], Path(folder))
            sides.append(replace(table, path=Path(folder) / name))
        return compare_tables(*sides)


def _cap(diff: TableDiff) -> TableDiff:
    """The diff without its rows where there are too many to tell."""
    count = diff.added_count + diff.removed_count + diff.changed_count
    if count <= ROWS_TOLD:
        return diff
    note = f"这次提交改动了 {count} 行，超过 {ROWS_TOLD} 行，没有逐行列出。"
    return replace(diff, added=(), removed=(), changed=(), note=note)


def _decode(content: bytes) -> TableDiff | None:
    """The diff that was encoded; None where the entry is of another form."""
    try:
        read: dict[str, Any] = json.loads(content)
        read["key"], read["key_titles"] = tuple(read["key"]), tuple(read["key_titles"])
        read["added"], read["removed"] = (tuple(_rows(read[side])) for side in ("added", "removed"))
        read["changed"] = tuple(
            ChangedRow(
                tuple(row["key"]),
                tuple(FieldChange(**change) for change in row["changes"]),
                _pairs(row["owners"]),
            )
            for row in read["changed"]
        )
        return TableDiff(**read)
    except (KeyError, TypeError, ValueError):
        return None


def _rows(rows: list[dict[str, Any]]) -> Iterator[Row]:
    return (Row(tuple(row["key"]), _pairs(row["cells"])) for row in rows)


def _pairs(pairs: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in pairs)
