"""内蒙古 责任清单: who answers for what, from when, and which leagues wrote it down for themselves.

Source: responsibility and duty_adoption tables; 《党委、政府及有关部门环境保护工作职责》 (2016):
five parts, 3 party departments, 36 government departments, courts and procuratorates.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from generator.data.load import Dataset
from generator.domain.absence import read_absence

PARTS: Final = ("党委", "政府", "党委职能部门", "政府部门及直属单位", "审判检察机关")
"""The document's parts in its own order."""
LEADING_ROLES: Final = ("牵头", "监管")
"""Roles that answer for a violation type; 配合 only helps."""
ADOPTED: Final = "已印发"
OTHER: Final = "其他"

_BODY_LENGTH = 3  # Z05 of Z05-002


@dataclass(frozen=True, slots=True)
class Duty:
    """One clause. `valid_to` is its last day in force, None while it has none."""

    number: str
    body_name: str
    """What the body was called when the clause took effect."""
    text: str
    role: str
    legal_basis: str
    violation_types: tuple[str, ...]
    division_code: str
    valid_from: dt.date
    valid_to: dt.date | None

    def expired(self, as_of: dt.date) -> bool:
        """Whether the clause was no longer in force on `as_of`."""
        return self.valid_to is not None and self.valid_to < as_of

    def in_force(self, as_of: dt.date) -> bool:
        """Whether the clause was in force on `as_of`."""
        return self.valid_from <= as_of and not self.expired(as_of)


@dataclass(frozen=True, slots=True)
class BodyName:
    """A name that a body bore; `valid_to` is its last day, None for the newest."""

    name: str
    valid_from: dt.date
    valid_to: dt.date | None


@dataclass(frozen=True, slots=True)
class Body:
    """A responsible body with its clauses by number; `code` is the first part of those."""

    code: str
    name: str
    names: tuple[BodyName, ...]
    """Every name in order of time, read from the clauses; one for a body never renamed."""
    kind: str
    part: str
    duties: tuple[Duty, ...]


@dataclass(frozen=True, slots=True)
class Adoption:
    """How far a league (盟市) is with its own document; texts empty where there is none."""

    division_code: str
    status: str
    document_title: str
    document_no: str
    adopted_date: dt.date | None
    note: str


@dataclass(frozen=True, slots=True)
class DutyChange:
    """What changed on the list on a day: a body's name, or clauses that came, went or followed."""

    day: dt.date
    body: Body
    old_name: BodyName | None
    new_name: BodyName | None
    """Both set for a renamed body, else neither."""
    before: tuple[Duty, ...]
    after: tuple[Duty, ...]


def read_bodies(dataset: Dataset, as_of: dt.date | None = None) -> tuple[Body, ...]:
    """Every body by its code.

    Name, kind and part are those of its newest clause in force since `as_of` or before; of the
    newest of all without a date, or where none is that old.
    """
    rows: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for row in dataset["responsibility"].text.iter_rows(named=True):
        rows[row["duty_no"][:_BODY_LENGTH]].append(row)
    bodies: list[Body] = []
    for code in sorted(rows):
        own = sorted(rows[code], key=lambda row: row["duty_no"])
        day = as_of.isoformat() if as_of else "9999-12-31"
        begun = [row for row in own if row["valid_from"] <= day] or own
        newest = max(begun, key=lambda row: (row["valid_from"], row["duty_no"]))
        bodies.append(
            Body(
                code=code,
                name=newest["body_name"],
                names=_read_names(own),
                kind=newest["body_kind"],
                part=newest["part"],
                duties=tuple(_read_duty(row) for row in own),
            )
        )
    return tuple(bodies)


def _read_names(rows: Iterable[Mapping[str, str]]) -> tuple[BodyName, ...]:
    """The names in order: each lasts until the day before the next one's first clause.

    A clause may outlive the name that it was written under; of two names of the same day the one
    of the later number counts.
    """
    first: dict[str, dt.date] = {}
    for row in sorted(rows, key=lambda row: (row["valid_from"], row["duty_no"])):
        first.setdefault(row["body_name"], dt.date.fromisoformat(row["valid_from"]))
    names: list[BodyName] = []
    for name, day in first.items():
        if names and names[-1].valid_from == day:
            names.pop()
        elif names:
            names[-1] = replace(names[-1], valid_to=day - dt.timedelta(days=1))
        names.append(BodyName(name, day, None))
    return tuple(names)


def _read_duty(row: Mapping[str, str]) -> Duty:
    return Duty(
        number=row["duty_no"],
        body_name=row["body_name"],
        text=row["duty_text"],
        role=row["duty_role"],
        legal_basis=row["legal_basis"],
        violation_types=tuple(t for t in _value(row["violation_types"]).split("、") if t),
        division_code=row["division_code"],
        valid_from=dt.date.fromisoformat(row["valid_from"]),
        valid_to=_date(row["valid_to"]),
    )


def read_adoptions(dataset: Dataset) -> tuple[Adoption, ...]:
    """Every league's state, by division code."""
    adoptions = (
        Adoption(
            division_code=row["division_code"],
            status=row["status"],
            document_title=_value(row["document_title"]),
            document_no=_value(row["document_no"]),
            adopted_date=_date(row["adopted_date"]),
            note=_value(row["note"]),
        )
        for row in dataset["duty_adoption"].text.iter_rows(named=True)
    )
    return tuple(sorted(adoptions, key=lambda adoption: adoption.division_code))


def group_by_part(bodies: Iterable[Body]) -> Mapping[str, tuple[Body, ...]]:
    """The bodies of each part, in the document's order; a part without bodies is empty."""
    groups: dict[str, list[Body]] = {part: [] for part in PARTS}
    for body in sorted(bodies, key=lambda body: body.code):
        groups.setdefault(body.part, []).append(body)
    return {part: tuple(members) for part, members in groups.items()}


def find_successors(body: Body, expired: Duty) -> tuple[Duty, ...]:
    """The clauses that took an expired one's place: same body, in force from the next day.

    Where some of them share a violation type with it, only those; the table has no column for
    succession, so the dates and types are all there is to go by.
    """
    if expired.valid_to is None:
        return ()
    next_day = expired.valid_to + dt.timedelta(days=1)
    after = tuple(duty for duty in body.duties if duty.valid_from == next_day)
    sharing = tuple(
        duty for duty in after if set(duty.violation_types) & set(expired.violation_types)
    )
    return sharing or after


def find_first_day(bodies: Iterable[Body]) -> dt.date | None:
    """The day on which the list was first issued: the earliest of any clause."""
    return min((duty.valid_from for body in bodies for duty in body.duties), default=None)


def list_changes(bodies: Iterable[Body], issued: dt.date | None) -> tuple[DutyChange, ...]:
    """What changed since the list was first issued, newest first, then by body and number."""
    changes: list[DutyChange] = []
    for body in bodies:
        for old, new in pairwise(body.names):
            changes.append(DutyChange(new.valid_from, body, old, new, (), ()))
        followed: set[str] = set()
        for duty in body.duties:
            if duty.valid_to is not None:
                after = find_successors(body, duty)
                followed.update(successor.number for successor in after)
                day = duty.valid_to + dt.timedelta(days=1)
                changes.append(DutyChange(day, body, None, None, (duty,), after))
        changes += [
            DutyChange(duty.valid_from, body, None, None, (), (duty,))
            for duty in body.duties
            if duty.valid_from != issued and duty.number not in followed
        ]
    return tuple(sorted(changes, key=lambda change: -change.day.toordinal()))


def index_violation_types(
    bodies: Sequence[Body], as_of: dt.date, roles: Iterable[str] = LEADING_ROLES
) -> Mapping[str, tuple[tuple[Body, Duty], ...]]:
    """Who answers for each violation type: clauses in force, in the order of their numbers.

    Types stand in the order of their text, 其他 last, whatever the order of the rows.
    """
    wanted = frozenset(roles)
    index: dict[str, list[tuple[Body, Duty]]] = defaultdict(list)
    for body in sorted(bodies, key=lambda body: body.code):
        for duty in body.duties:
            if duty.role in wanted and duty.in_force(as_of):
                for violation_type in duty.violation_types:
                    index[violation_type].append((body, duty))
    return {
        violation_type: tuple(index[violation_type])
        for violation_type in sorted(index, key=_type_order)
    }


def _type_order(violation_type: str) -> tuple[bool, str]:
    return violation_type == OTHER, violation_type


def _value(text: str) -> str:
    return "" if read_absence(text) is not None else text


def _date(text: str) -> dt.date | None:
    return None if read_absence(text) is not None else dt.date.fromisoformat(text)
