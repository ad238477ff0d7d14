"""The dataset as it may be handed on: without the rows that a decided 撤回 took back.

A withdrawn record keeps its row in the dataset, so that its code is not given to another; its page
is a tombstone. Downloads leave the row out, and with it every row that points to it and words about
it in the log of corrections.

Source: 《生态环境行政处罚办法》 art. 66 (withdrawal within three days, with the reason).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

import polars as pl

from generator.data.catalog import Table
from generator.data.load import Dataset
from generator.domain.correction import (
    KEY_SEPARATOR,
    REMOVED,
    Correction,
    find_stated_withdrawals,
    find_withdrawn,
)

_LOG: Final = "correction"


def leave_out_withdrawn(
    dataset: Dataset, corrections: Iterable[Correction]
) -> tuple[Dataset, frozenset[str]]:
    """The dataset without withdrawn rows, and the tables that differ from their files."""
    entries = tuple(corrections)
    withdrawn: dict[str, set[str]] = defaultdict(set)
    for name, key in find_withdrawn(entries) | find_stated_withdrawals(dataset):
        withdrawn[name].add(key)
    tables = dict(dataset.tables)
    changed = set()
    for name, loaded in dataset.tables.items():
        text = loaded.text
        standing = text.filter(~_is_withdrawn(loaded.table, text, withdrawn))
        if name == _LOG:
            standing = _silence(standing, entries)
        if not standing.equals(text):
            tables[name] = replace(loaded, text=standing)
            changed.add(name)
    return replace(dataset, tables=tables), frozenset(changed)


def _is_withdrawn(table: Table, text: pl.DataFrame, withdrawn: Mapping[str, set[str]]) -> pl.Expr:
    """Whether a row is withdrawn, or points to a row that is."""
    pointed = [(table.primary_key, table.name)]
    pointed += [(key.fields, key.table or table.name) for key in table.foreign_keys]
    found = pl.lit(False)
    for fields, target in pointed:
        keys = withdrawn.get(target, set())
        if fields and keys and set(fields) <= set(text.columns):
            joined = pl.concat_str(fields, separator=KEY_SEPARATOR)
            found = found | joined.is_in(sorted(keys))
    return found


def _silence(text: pl.DataFrame, entries: Iterable[Correction]) -> pl.DataFrame:
    """The log with the reasons as the domain tells them: those about withdrawn records are gone."""
    removed = [entry.number for entry in entries if entry.reason == REMOVED]
    gone = pl.col("correction_no").is_in(removed)
    reason = pl.when(gone).then(pl.lit(REMOVED)).otherwise(pl.col("public_reason"))
    return text.with_columns(reason.alias("public_reason"))
