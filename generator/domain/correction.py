"""The public log of corrections, firms' statements, withdrawals and objections turned down.

Source: correction table; publication rules ask for withdrawal with its reason
(《生态环境行政处罚办法》 art. 66).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from generator.data.load import Dataset
from generator.domain.absence import read_absence

KINDS: Final = ("更正", "企业说明", "撤回", "异议未采纳")
WITHDRAWAL: Final = "撤回"
REMOVED: Final = "该记录已撤回，原说明一并撤下。"
KEY_SEPARATOR: Final = "|"

PAGE_FIELDS: Final[Mapping[str, str]] = {
    "exposure_case": "case_no",
    "illegal_project": "ledger_no",
    "bulletin": "iso_week",
    "responsibility": "duty_no",
    "division": "division_code",
    "district_target": "division_code",
}
"""Tables whose rows have a page, or stand on one, with the column that names it."""

_OWNERS: Final = ("ledger_no", "site_code")
"""Columns by which a row of any other table belongs to a record with a page."""
_OWNER_TABLES: Final = {
    "case_no": "exposure_case",
    "ledger_no": "illegal_project",
    "site_code": "enterprise_profile",
}
"""The register of the record that such a column names."""
_NAMES: Final = ("ent_name", "project_name", "body_name", "division_name")


@dataclass(frozen=True, slots=True)
class Correction:
    """One entry of the log. `target_table` is the table's name, `target_key` its key text."""

    number: str
    target_table: str
    target_key: str
    kind: str
    received: dt.date
    resolved: dt.date | None
    """None while the matter is pending."""
    reason: str

    @property
    def is_withdrawal(self) -> bool:
        """Whether the record is taken back: a 撤回 that is decided, not merely asked for."""
        return self.kind == WITHDRAWAL and self.resolved is not None


@dataclass(frozen=True, slots=True)
class Target:
    """The record a correction speaks of, as far as the dataset still has it."""

    table_title: str
    owner_field: str
    """Column that names the page's record, e.g. `site_code`; empty where there is no page."""
    owner_key: str
    name: str
    """What people call the record; empty for a case and for any record that was taken back."""


def read_corrections(dataset: Dataset) -> tuple[Correction, ...]:
    """Every entry by number, which is the order in which they were received.

    Entries about a record that was taken back, or about a part of it, may quote it: of those, only
    the 撤回 keeps its reason, the others say `REMOVED`, so that no later stage can print the old
    text.
    """
    entries = sorted(_read_entries(dataset), key=lambda entry: entry.number)
    withdrawn = find_withdrawn(entries) | find_stated_withdrawals(dataset)
    return tuple(
        replace(entry, reason=REMOVED)
        if entry.kind != WITHDRAWAL and _speaks_of(entry, withdrawn, dataset)
        else entry
        for entry in entries
    )


def _speaks_of(entry: Correction, withdrawn: frozenset[tuple[str, str]], dataset: Dataset) -> bool:
    """Whether an entry's record, or the one that it is a part of, is among the withdrawn."""
    if (entry.target_table, entry.target_key) in withdrawn:
        return True
    return bool(withdrawn) and _is_part(_find_target(dataset, entry), withdrawn)


def _is_part(target: Target, withdrawn: frozenset[tuple[str, str]]) -> bool:
    return (_OWNER_TABLES.get(target.owner_field, ""), target.owner_key) in withdrawn


def _read_entries(dataset: Dataset) -> Iterator[Correction]:
    rows = dataset["correction"].text.iter_rows(named=True)
    return (
        Correction(
            number=row["correction_no"],
            target_table=row["target_table"],
            target_key=row["target_key"],
            kind=row["kind"],
            received=dt.date.fromisoformat(row["received_date"]),
            resolved=(
                None
                if read_absence(row["resolved_date"]) is not None
                else dt.date.fromisoformat(row["resolved_date"])
            ),
            reason=row["public_reason"],
        )
        for row in rows
    )


def find_stated_withdrawals(dataset: Dataset) -> frozenset[tuple[str, str]]:
    """Cases whose own row gives a reason for the withdrawal, with or without an entry."""
    rows = dataset["exposure_case"].text.select("case_no", "withdraw_reason").iter_rows()
    return frozenset(
        ("exposure_case", case_no) for case_no, reason in rows if read_absence(reason) is None
    )


def find_corrections(
    corrections: Iterable[Correction], table: str, key: str
) -> tuple[Correction, ...]:
    """The entries that point at one record, in their own order."""
    return tuple(c for c in corrections if c.target_table == table and c.target_key == key)


def find_withdrawn(corrections: Iterable[Correction]) -> frozenset[tuple[str, str]]:
    """Table and key of every record that a decided 撤回 took back."""
    return frozenset((c.target_table, c.target_key) for c in corrections if c.is_withdrawal)


def find_targets(dataset: Dataset, corrections: Iterable[Correction]) -> Mapping[str, Target]:
    """What each entry points at, by the entry's number.

    A row of a disclosure table leads to its enterprise, a ledger event to its project.
    """
    entries = tuple(corrections)
    withdrawn = find_withdrawn(entries) | find_stated_withdrawals(dataset)
    return {
        entry.number: replace(target, name="")
        if (entry.target_table, entry.target_key) in withdrawn or _is_part(target, withdrawn)
        else target
        for entry in entries
        for target in (_find_target(dataset, entry),)
    }


def _find_target(dataset: Dataset, entry: Correction) -> Target:
    catalog = dataset.catalog
    if not catalog.has_table(entry.target_table) or entry.target_table not in dataset.tables:
        return Target(entry.target_table, "", "", "")
    table = catalog.table(entry.target_table)
    key = entry.target_key.split(KEY_SEPARATOR)
    if len(key) != len(table.primary_key):
        return Target(table.title, "", "", "")
    found = dataset[table.name].text
    for field, part in zip(table.primary_key, key, strict=True):
        found = found.filter(found[field] == part)
    if found.is_empty():
        return Target(table.title, "", "", "")
    row = found.row(0, named=True)
    own = PAGE_FIELDS.get(table.name)
    for field in (own,) if own else _OWNERS:
        if field in row and read_absence(row[field]) is None:
            return Target(table.title, field, row[field], _find_name(dataset, field, row))
    return Target(table.title, "", "", "")


def _find_name(dataset: Dataset, owner_field: str, row: Mapping[str, str]) -> str:
    if owner_field == "case_no":
        return ""
    for field in _NAMES:
        if field in row:
            return row[field]
    if owner_field != "site_code":
        return ""
    register = dataset["enterprise_profile"].text
    names = register.filter(register["site_code"] == row["site_code"])["ent_name"]
    return str(names[0]) if len(names) else ""
