"""内蒙古 责任清单: who answers for what, from when, and which leagues wrote it down for themselves.

Source: responsibility and duty_adoption tables; 《党委、政府及有关部门环境保护工作职责》 (2016):
five parts, 3 party departments, 36 government departments, courts and procuratorates.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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
class Body:
    """A responsible body with its clauses by number; `code` is the first part of those."""

    code: str
    name: str
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


def read_bodies(dataset: Dataset) -> tuple[Body, ...]:
    """Every body by its code. Name, kind and part are those of its newest clause."""
    rows: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for row in dataset["responsibility"].text.iter_rows(named=True):
        rows[row["duty_no"][:_BODY_LENGTH]].append(row)
    bodies: list[Body] = []
    for code in sorted(rows):
        own = sorted(rows[code], key=lambda row: row["duty_no"])
        newest = max(own, key=lambda row: (row["valid_from"], row["duty_no"]))
        bodies.append(
            Body(
                code=code,
                name=newest["body_name"],
                kind=newest["body_kind"],
                part=newest["part"],
                duties=tuple(_read_duty(row) for row in own),
            )
        )
    return tuple(bodies)


def _read_duty(row: Mapping[str, str]) -> Duty:
    return Duty(
        number=row["duty_no"],
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
