"""The dataset as it may be published: without what a decided 撤回 took back.

A withdrawn record keeps its row in the dataset, so that its code is not given to another; its page
is a tombstone. Everything else is made of what stands:

- A row goes when it is withdrawn, or when it is a part of a record that is: when a field that it
  must fill names the record, as an outlet names its enterprise and a step its project.
- Projects and cases are records of their own. They stay, and only cease to name a withdrawn
  enterprise; who wants them gone as well withdraws them too.
- Words about a withdrawn record, or about a part of it, leave the log of corrections.

Divisions, code lists and the log itself are no records; they cannot be withdrawn.

Source: 《生态环境行政处罚办法》 art. 66 (withdrawal within three days, with the reason).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from generator.cache import digest
from generator.data.catalog import ForeignKey, Table
from generator.data.issue import Issue
from generator.data.load import Dataset, LoadedTable, ReplacedTables
from generator.domain.correction import (
    KEY_SEPARATOR,
    REMOVED,
    Correction,
    find_stated_withdrawals,
    find_withdrawn,
)

MONITORING: Final = "monitoring"
_LOG: Final = "correction"
_NO_RECORDS: Final = frozenset(
    {_LOG, "division", "industry", "mirror", "pollutant", "standard_limit"}
)
_OWN_TOMBSTONES: Final = frozenset({"exposure_case", "illegal_project"})
"""Registers whose reader makes tombstones of withdrawn rows, and so is given them."""


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A record that was taken back; `day` is empty where only its own row says so."""

    table: str
    key: str
    day: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands of a dataset."""

    pages: Dataset
    """What pages are made of: with the rows that become tombstones."""
    downloads: Dataset
    """What may be handed on."""
    withdrawn: tuple[Withdrawn, ...]
    """By table and key."""
    changed: frozenset[str]
    """Tables whose rows in `downloads` are not those of their files."""
    gone: Mapping[str, frozenset[int]]
    """Rows that went, by the table's path in the dataset; the first row after the header is 2."""
    token: str
    """Stands for everything that went; empty where nothing did."""
    sites: frozenset[str]
    """Sites whose automatic readings went with them."""
    readings: frozenset[str]
    """Keys of automatic readings that were withdrawn one by one."""

    def state_of(self, table: str, state: str) -> str:
        """The digest of a table's rows, from the `state` of its file."""
        return digest(state, self.token) if table in self.changed else state

    @property
    def readings_token(self) -> str:
        """Stands for the automatic readings that went; empty where none did."""
        if not self.sites and not self.readings:
            return ""
        return digest(sorted(self.sites), sorted(self.readings))

    def describe(self) -> tuple[object, ...]:
        """What tells it from that of other datasets, for a digest."""
        gone = [(path, sorted(self.gone[path])) for path in sorted(self.gone)]
        return self.token, sorted(self.changed), gone

    def keep_issues(self, issues: Iterable[Issue]) -> tuple[Issue, ...]:
        """Those of the check's issues that speak of no row that went."""
        return tuple(
            issue for issue in issues if issue.row not in self.gone.get(issue.file, frozenset())
        )


def find_standing(dataset: Dataset, corrections: Iterable[Correction]) -> Standing:
    """What may be published of a dataset; `corrections` are those of `read_corrections`."""
    entries = tuple(corrections)
    withdrawn = _list_withdrawn(dataset, entries)
    keys: dict[str, set[str]] = defaultdict(set)
    for record in withdrawn:
        keys[record.table].add(record.key)
    masks = _find_gone(dataset, keys)
    pages: dict[str, LoadedTable] = {}
    downloads: dict[str, LoadedTable] = {}
    for name in dataset.tables:
        loose = any(keys.get(key.table) for key in _list_loose(dataset.catalog.table(name)))
        if name != _LOG and name not in masks and not loose:
            continue
        loaded = dataset[name]
        kept = _loosen(loaded, keys)
        if name == _LOG:
            kept = LoadedTable(kept.table, _silence(kept.text, entries), kept.values)
        standing = kept
        if name in masks:
            stands = ~masks[name]
            standing = LoadedTable(kept.table, kept.text.filter(stands), kept.values.filter(stands))
        if not standing.text.equals(loaded.text):
            downloads[name] = standing
            pages[name] = kept if name in _OWN_TOMBSTONES else standing
    changed = set(downloads)
    sites, readings = frozenset(keys["enterprise_profile"]), frozenset(keys[MONITORING])
    if sites or readings:
        changed.add(MONITORING)
    return Standing(
        pages=replace(dataset, tables=ReplacedTables(dataset.tables, pages)),
        downloads=replace(dataset, tables=ReplacedTables(dataset.tables, downloads)),
        withdrawn=withdrawn,
        changed=frozenset(changed),
        gone={
            dataset.catalog.table(name).relative_path: frozenset((mask.arg_true() + 2).to_list())
            for name, mask in masks.items()
        },
        token=digest(withdrawn, [(name, sorted(keys[name])) for name in sorted(keys)])
        if withdrawn
        else "",
        sites=sites,
        readings=readings,
    )


def stand_readings(readings: pl.LazyFrame, standing: Standing) -> pl.LazyFrame:
    """Automatic readings without those that went."""
    if standing.sites:
        site = pl.col("site_code").cast(pl.String)
        readings = readings.filter(~site.is_in(sorted(standing.sites)))
    if standing.readings:
        names = ("site_code", "outlet_code", "pollutant_code")
        time = pl.col("reading_time").dt.strftime("%Y-%m-%dT%H:%M:%S")
        parts = (*(pl.col(name).cast(pl.String) for name in names), time)
        key = pl.concat_str(parts, separator=KEY_SEPARATOR)
        readings = readings.filter(~key.is_in(sorted(standing.readings)))
    return readings


def _list_withdrawn(dataset: Dataset, entries: Sequence[Correction]) -> tuple[Withdrawn, ...]:
    days = {
        (entry.target_table, entry.target_key): str(entry.resolved)
        for entry in entries
        if entry.is_withdrawal
    }
    found = find_withdrawn(entries) | find_stated_withdrawals(dataset)
    return tuple(
        Withdrawn(table, key, days.get((table, key), ""))
        for table, key in sorted(found)
        if table not in _NO_RECORDS and dataset.catalog.has_table(table)
    )


def _find_gone(dataset: Dataset, keys: dict[str, set[str]]) -> Mapping[str, pl.Series]:
    """By table, which rows go; `keys` gains those of the rows that others are parts of."""
    masks: dict[str, pl.Series] = {}
    waiting = list(dataset.tables) if any(keys.values()) else []
    while waiting:
        name = waiting.pop(0)
        table = dataset.catalog.table(name)
        pointed = [(table.primary_key, name)]
        pointed += [(key.fields, key.table or name) for key in _list_binding(table)]
        conditions = [_match(fields, keys[target]) for fields, target in pointed if keys[target]]
        if not conditions or name in _NO_RECORDS:
            continue
        loaded = dataset[name]
        mask = loaded.text.select(pl.any_horizontal(conditions)).to_series()
        if not mask.any() or (name in masks and mask.equals(masks[name])):
            continue
        masks[name] = mask
        rows = loaded.text.filter(mask)
        keys[name] |= set(rows.select(_join(loaded.table.primary_key)).to_series().to_list())
        waiting += [
            other
            for other in dataset.tables
            if any(key.table == name for key in _list_binding(dataset.catalog.table(other)))
        ]
    return masks


def _loosen(loaded: LoadedTable, keys: Mapping[str, set[str]]) -> LoadedTable:
    """The table without mention of withdrawn records in fields that may be empty."""
    for key in _list_loose(loaded.table):
        named = keys.get(key.table)
        if not named:
            continue
        gone = loaded.text.select(_match(key.fields, named)).to_series()
        if gone.any():
            stands = pl.lit(~gone)
            loaded = LoadedTable(
                loaded.table,
                loaded.text.with_columns(
                    pl.when(stands).then(pl.col(name)).otherwise(pl.lit("")).alias(name)
                    for name in key.fields
                ),
                loaded.values.with_columns(
                    pl.when(stands).then(pl.col(name)).alias(name) for name in key.fields
                ),
            )
    return loaded


def _list_binding(table: Table) -> Iterator[ForeignKey]:
    """The keys that make a row a part of what they name."""
    return (key for key in table.foreign_keys if _must_name(table, key))


def _list_loose(table: Table) -> Iterator[ForeignKey]:
    """The keys that may be empty."""
    return (key for key in table.foreign_keys if not _must_name(table, key))


def _must_name(table: Table, key: ForeignKey) -> bool:
    return all(name in table.primary_key or table.field(name).required for name in key.fields)


def _match(fields: Sequence[str], keys: set[str]) -> pl.Expr:
    return _join(fields).is_in(sorted(keys))


def _join(fields: Sequence[str]) -> pl.Expr:
    return pl.concat_str(list(fields), separator=KEY_SEPARATOR)


def _silence(text: pl.DataFrame, entries: Iterable[Correction]) -> pl.DataFrame:
    """The log with the reasons as the domain tells them: those about withdrawn records are gone."""
    removed = [entry.number for entry in entries if entry.reason == REMOVED]
    gone = pl.col("correction_no").is_in(removed)
    reason = pl.when(gone).then(pl.lit(REMOVED)).otherwise(pl.col("public_reason"))
    return text.with_columns(reason.alias("public_reason"))
