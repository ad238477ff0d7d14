"""A digest of each group's rows of a table: which sites or counties a change of a file touches."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import TypedDict

import polars as pl

from generator.cache import Cache

_CELL_BREAK, _ROW_BREAK = "\x1f", "\x1e"


def digest_rows_by(
    read_text: Callable[[], pl.DataFrame], group: str, cache: Cache, key: str
) -> Mapping[str, str]:
    """By the values of the column `group`, a digest of all cells of its rows, in file order.

    `key` stands for all that `read_text` gives; the result is kept under it.
    """
    groups = _recall(read_text, group, cache, key)["groups"]
    return {name: told for name, (told, _) in groups.items()}


def digest_stretches(
    read_text: Callable[[], pl.DataFrame], group: str, cache: Cache, key: str
) -> Mapping[str, str] | None:
    """The same in the order of the rows; None where those of a group do not lie together.

    Groups that lie one after the other tell the order of all rows.
    """
    found = _recall(read_text, group, cache, key)
    return {name: told for name, (told, _) in found["groups"].items()} if found["whole"] else None


def recall_counts(group: str, cache: Cache, key: str) -> Mapping[str, int] | None:
    """By the values of the column `group`, its number of rows, where digests of them are kept."""
    known = cache.load(cache.key("rows by", group, key))
    return (
        None
        if known is None
        else {n: count for n, (_, count) in json.loads(known)["groups"].items()}
    )


class _Found(TypedDict):
    groups: Mapping[str, tuple[str, int]]
    """Digest and number of rows, in the order of the first rows."""
    whole: bool
    """Whether the rows of each group lie together."""


def _recall(read_text: Callable[[], pl.DataFrame], group: str, cache: Cache, key: str) -> _Found:
    key = cache.key("rows by", group, key)
    known = cache.load(key)
    if known is not None:
        kept: _Found = json.loads(known)
        return kept
    text = read_text()
    groups = _digest_rows(text, group, key)
    found: _Found = {"groups": groups, "whole": len(text[group].rle()) == len(groups)}
    cache.save(key, json.dumps(found).encode())
    return found


def _digest_rows(text: pl.DataFrame, group: str, key: str) -> Mapping[str, tuple[str, int]]:
    breaks = pl.any_horizontal(
        pl.all().str.contains(mark, literal=True).any() for mark in (_CELL_BREAK, _ROW_BREAK)
    )
    if text.height and text.select(breaks).item():
        # Where cells hold the breaks themselves, joined rows could be mistaken for each other.
        counts = text.group_by(group, maintain_order=True).len()
        return {name: (key, count) for name, count in counts.iter_rows()}
    rows = text.select(
        pl.col(group).alias("group"), pl.concat_str(pl.all(), separator=_CELL_BREAK).alias("row")
    )
    joined = rows.group_by("group", maintain_order=True).agg(
        pl.col("row").str.join(_ROW_BREAK).cast(pl.Binary), pl.len().alias("count")
    )
    return {
        name: (hashlib.blake2b(content, digest_size=16).hexdigest(), count)
        for name, content, count in joined.iter_rows()
    }
