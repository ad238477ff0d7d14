"""What was said otherwise before: every changed row of the dataset's commits, by its record.

Of a record that has been taken back no value is told, old or new: only that a row changed. Numbers
of persons in old cells are masked, since a cell may have been corrected because of them.

Source: data.commits; 《生态环境行政处罚办法》 art. 66 (withdrawal).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from typing import Final

from generator.data.commits import History
from generator.data.diff import ChangedRow, FieldChange, Row, TableDiff
from generator.data.load import Dataset
from generator.data.personal import mask_personal
from generator.domain.correction import (
    KEY_SEPARATOR,
    Correction,
    find_stated_withdrawals,
    find_withdrawn,
)

ADDED: Final = "新增"
CHANGED: Final = "修改"
REMOVED: Final = "删除"

_OWNER_FIELDS: Final = ("case_no", "ledger_no", "site_code", "iso_week", "division_code")
"""Columns that name the record whose page tells a change, the nearest first."""
_REGISTERS: Final[Mapping[str, tuple[str, str]]] = {
    "case_no": ("exposure_case", "ent_name"),
    "ledger_no": ("illegal_project", "project_name"),
    "site_code": ("enterprise_profile", "ent_name"),
}
"""The table in which a record with a page of its own stands, and the column that says what people
call it, by the column that names it."""
_SHORT_ID: Final = 10  # digits of a commit's id, enough to name it for good


@dataclass(frozen=True, slots=True)
class Change:
    """One row that a commit changed."""

    commit: str
    day: dt.date
    table: str
    table_title: str
    key: str
    """The row's key as one text, its parts joined by `|`."""
    kind: str
    """新增, 修改 or 删除."""
    fields: tuple[FieldChange, ...]
    """Of a 修改: what changed. Empty for the others, and for a record that was taken back."""
    owner_field: str
    """Column that names the record it belongs to, e.g. `ledger_no`; empty for none."""
    owner_key: str
    owner_name: str
    """What people call that record; empty where it has no name, or was taken back."""
    division_code: str
    """Where that record stands now; empty where it stands nowhere."""


@dataclass(frozen=True, slots=True)
class UntoldChange:
    """Rows of a table whose changes cannot be told one by one, and why."""

    commit: str
    day: dt.date
    table_title: str
    note: str


@dataclass(frozen=True, slots=True)
class ChangeLog:
    """All changes, the oldest first."""

    changes: tuple[Change, ...] = ()
    untold: tuple[UntoldChange, ...] = ()
    begins: dt.date | None = None
    """From which day on changes are known; None where the dataset has no history."""
    complete: bool = True
    _by_owner: Mapping[tuple[str, str], tuple[Change, ...]] = field(default_factory=dict)

    def of(self, owner_field: str, owner_key: str) -> tuple[Change, ...]:
        """The changes of one record, the newest first."""
        return self._by_owner.get((owner_field, owner_key), ())

    def cut(self, owner_field: str, owner_keys: Collection[str]) -> ChangeLog:
        """The log with the changes of these records alone."""
        own = {
            owner: changes
            for owner, changes in self._by_owner.items()
            if owner[0] == owner_field and owner[1] in owner_keys
        }
        changes = tuple(one for one in self.changes if (one.owner_field, one.owner_key) in own)
        return replace(self, changes=changes, untold=(), _by_owner=own)


NO_CHANGES: Final = ChangeLog()


def read_changes(
    history: History, dataset: Dataset, corrections: Iterable[Correction]
) -> ChangeLog:
    """Every change that the history tells, each with the record it belongs to."""
    owners = _Owners(dataset)
    withdrawn = find_withdrawn(corrections) | find_stated_withdrawals(dataset)
    changes: list[Change] = []
    untold: list[UntoldChange] = []
    for commit in history.commits:
        short = commit.commit[:_SHORT_ID]
        for diff in commit.tables:
            if diff.note:
                untold.append(UntoldChange(short, commit.day, diff.title, diff.note))
            changes.extend(_read_table(diff, short, commit.day, owners, withdrawn))
    by_owner: dict[tuple[str, str], list[Change]] = defaultdict(list)
    for change in reversed(changes):
        if change.owner_field:
            by_owner[change.owner_field, change.owner_key].append(change)
    return ChangeLog(
        tuple(changes),
        tuple(untold),
        history.begins,
        history.complete,
        {owner: tuple(own) for owner, own in by_owner.items()},
    )


class _Owners:
    """What the records with a page are called and where they stand now."""

    def __init__(self, dataset: Dataset) -> None:
        self._known: dict[tuple[str, str], tuple[str, str]] = {
            (field_name, key): (name, division)
            for field_name, (table, name_field) in _REGISTERS.items()
            for key, name, division in dataset[table]
            .text.select(field_name, name_field, "division_code")
            .iter_rows()
        }

    def find(self, owner_field: str, owner_key: str) -> tuple[str, str]:
        """Name and division code of a record, empty where there is none."""
        if owner_field == "division_code":
            return "", owner_key
        return self._known.get((owner_field, owner_key), ("", ""))


def _read_table(
    diff: TableDiff,
    commit: str,
    day: dt.date,
    owners: _Owners,
    withdrawn: frozenset[tuple[str, str]],
) -> Iterator[Change]:
    tell = partial(_tell, diff, commit, day, owners, withdrawn)
    yield from chain(
        (tell(ADDED, row) for row in diff.added),
        (tell(CHANGED, row) for row in diff.changed),
        (tell(REMOVED, row) for row in diff.removed),
    )


def _tell(
    diff: TableDiff,
    commit: str,
    day: dt.date,
    owners: _Owners,
    withdrawn: frozenset[tuple[str, str]],
    kind: str,
    row: Row | ChangedRow,
) -> Change:
    cells = dict(row.cells if isinstance(row, Row) else row.owners)
    owner_field = next((name for name in _OWNER_FIELDS if cells.get(name)), "")
    owner_key = cells.get(owner_field, "")
    key = KEY_SEPARATOR.join(row.key)
    hidden = (diff.name, key) in withdrawn or (
        _REGISTERS.get(owner_field, ("", ""))[0],
        owner_key,
    ) in withdrawn
    name, division = owners.find(owner_field, owner_key)
    fields = row.changes if isinstance(row, ChangedRow) and not hidden else ()
    return Change(
        commit=commit,
        day=day,
        table=diff.name,
        table_title=diff.title,
        key=key,
        kind=kind,
        fields=tuple(
            FieldChange(f.field, f.title, mask_personal(f.old), mask_personal(f.new))
            for f in fields
        ),
        owner_field=owner_field,
        owner_key=owner_key,
        owner_name="" if hidden else name,
        division_code=division,
    )
