"""A digest of each group's rows of a table: which sites or counties a change of a file touches."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping

import polars as pl

from generator.cache import Cache

_CELL_BREAK, _ROW_BREAK = "\x1f", "\x1e"


def digest_rows_by(
    read_text: Callable[[], pl.DataFrame], group: str, cache: Cache, key: str
) -> Mapping[str, str]:
    """By the values of the column `group`, a digest of all cells of its rows, in file order.

    `key` stands for all that `read_text` gives; the result is kept under it.
    """
    key = cache.key("rows by", group, key)
    known = cache.load(key)
    found: Mapping[str, tuple[str, int]] = (
        _digest_rows(read_text(), group, key) if known is None else json.loads(known)
    )
    if known is None:
        cache.save(key, json.dumps(found).encode())
    return {name: digest for name, (digest, _) in found.items()}


def recall_counts(group: str, cache: Cache, key: str) -> Mapping[str, int] | None:
    """By the values of the column `group`, its number of rows, where digests of them are kept."""
    known = cache.load(cache.key("rows by", group, key))
    return None if known is None else {name: n for name, (_, n) in json.loads(known).items()}


def _digest_rows(text: pl.DataFrame, group: str, key: str) -> Mapping[str, tuple[str, int]]:
    breaks = pl.any_horizontal(
        pl.all().str.contains(mark, literal=True).any() for mark in (_CELL_BREAK, _ROW_BREAK)
    )
    if text.height and text.select(breaks).item():
        # Where cells hold the breaks themselves, joined rows could be mistaken for each other.
        return {name: (key, count) for name, count in text.group_by(group).len().iter_rows()}
    rows = text.select(
        pl.col(group).alias("group"), pl.concat_str(pl.all(), separator=_CELL_BREAK).alias("row")
    )
    joined = rows.group_by("group", maintain_order=True).agg(
        pl.col("row").str.join(_ROW_BREAK), pl.len().alias("count")
    )
    return {
        name: (hashlib.blake2b(content.encode(), digest_size=16).hexdigest(), count)
        for name, content, count in joined.iter_rows()
    }
