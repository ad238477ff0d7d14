"""Who answers in a place: who leads, who supervises what goes wrong there, and by which clause."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from generator.domain.duty import (
    LEADING_ROLES,
    Adoption,
    Body,
    Duty,
    index_violation_types,
)
from generator.domain.duty_results import TypeState
from generator.domain.place import Gazetteer
from generator.domain.project import STAGES
from generator.site import routes
from generator.site.views.exposure_parts import Link
from generator.site.views.text import format_count

LEADING: Final = "领导"
_CLOSED = "销号"
_MOST_NAMED: Final = 3
"""Bodies named for a role on each of many pages; the list of responsibilities names all."""


@dataclass(frozen=True, slots=True)
class ChainRow:
    """A violation type on record in the place, and the bodies that answer for it."""

    violation_type: str
    open: Link
    overdue: Link
    exposed: Link
    bodies: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class LeaderLine:
    """A body that leads, with the clauses that say so."""

    body: Link
    clauses: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class ChainView:
    """The responsibility chain of a place."""

    place: str
    leaders: tuple[LeaderLine, ...]
    rows: tuple[ChainRow, ...]
    adoption: str
    """What the league's own document is; empty where none is on record."""
    list_route: str


@dataclass(frozen=True, slots=True)
class ChainSources:
    """What chains are made of."""

    bodies: Sequence[Body]
    adoptions: Sequence[Adoption]
    gazetteer: Gazetteer
    as_of: dt.date


def make_chain(
    sources: ChainSources, code: str, counties: Sequence[str], states: Mapping[str, TypeState]
) -> ChainView:
    """The chain of the division `code`.

    Args:
        sources: Bodies, adoptions and names.
        code: The division.
        counties: Codes of the counties that it consists of.
        states: How each violation type stands in it.

    """
    gazetteer = sources.gazetteer
    areas = frozenset(walk_up(code, gazetteer))
    index = {
        kind: [(body, duty) for body, duty in entries if duty.division_code in areas]
        for kind, entries in index_violation_types(sources.bodies, sources.as_of).items()
    }
    known = [kind for kind in index if kind in states]
    unanswered = sorted(kind for kind in states if kind not in index)
    return ChainView(
        place=gazetteer.full_name(code),
        leaders=tuple(_list_leaders(sources, areas)),
        rows=tuple(
            ChainRow(
                violation_type=kind,
                open=link_projects(states[kind].open, [kind], counties, gazetteer),
                overdue=link_projects(states[kind].overdue, [kind], counties, gazetteer, late=True),
                exposed=Link(
                    format_count(states[kind].exposed),
                    f"{routes.district_route(code)}#cases" if states[kind].exposed else "",
                ),
                bodies=tuple(_link_clause(body, duty) for body, duty in index.get(kind, ())),
            )
            for kind in (*known, *unanswered)
        ),
        adoption=_word_adoption(sources.adoptions, areas),
        list_route=routes.DUTIES,
    )


def _list_leaders(sources: ChainSources, areas: frozenset[str]) -> Iterator[LeaderLine]:
    for body in sources.bodies:
        clauses = tuple(
            Link(duty.number, f"{routes.duty_route(body.code)}#{duty.number}")
            for duty in body.duties
            if duty.role == LEADING and duty.in_force(sources.as_of) and duty.division_code in areas
        )
        if clauses:
            yield LeaderLine(Link(body.name, routes.duty_route(body.code)), clauses)


@dataclass(frozen=True, slots=True)
class RoleLine:
    """The bodies with one role for a violation type: the first few, and how many there are."""

    role: str
    bodies: tuple[Link, ...]
    rest: str
    """等 9 个; empty where all are named."""


def list_roles(
    bodies: Sequence[Body], as_of: dt.date, violation_type: str, areas: Collection[str]
) -> tuple[RoleLine, ...]:
    """Who leads, who is first to act and who supervises a violation type, each with the clause.

    Args:
        bodies: All bodies.
        as_of: Clauses in force on this day count.
        violation_type: What went wrong.
        areas: The place's division and those above it, whose clauses count.

    """
    lines: list[RoleLine] = []
    for role in (LEADING, *LEADING_ROLES):
        found = index_violation_types(bodies, as_of, (role,)).get(violation_type, ())
        own = [
            Link(f"{body.name}（{duty.number}）", f"{routes.duty_route(body.code)}#{duty.number}")
            for body, duty in found
            if duty.division_code in areas
        ]
        if own:
            rest = f"等 {format_count(len(own))} 个" if len(own) > _MOST_NAMED else ""
            lines.append(RoleLine(role, tuple(own[:_MOST_NAMED]), rest))
    return tuple(lines)


def link_projects(
    count: int,
    kinds: Iterable[str],
    counties: Iterable[str],
    gazetteer: Gazetteer,
    late: bool = False,
) -> Link:
    """A number of ledger projects, leading to the list of exactly these; 0 leads nowhere.

    Without script the list still shows all projects by place.
    """
    if not count:
        return Link("0", "")
    query = [("district", gazetteer.full_name(county)) for county in counties]
    query += [("violation_type", kind) for kind in kinds]
    if late:
        query.append(("overdue", "已逾期"))
    else:
        query += [("stage", stage) for stage in STAGES if stage != _CLOSED]
    return Link(format_count(count), f"{routes.PROJECTS}?{urlencode(query)}")


def walk_up(code: str, gazetteer: Gazetteer) -> Iterator[str]:
    """The division and all above it."""
    seen: set[str] = set()
    while code and code not in seen:
        seen.add(code)
        yield code
        code = gazetteer.parents.get(code, "")


def _link_clause(body: Body, duty: Duty) -> Link:
    return Link(
        f"{body.name}（{duty.role}，{duty.number}）",
        f"{routes.duty_route(body.code)}#{duty.number}",
    )


def _word_adoption(adoptions: Sequence[Adoption], areas: frozenset[str]) -> str:
    for adoption in adoptions:
        if adoption.division_code in areas:
            if adoption.document_title:
                number = f"（{adoption.document_no}）" if adoption.document_no else ""
                return f"{adoption.status}：《{adoption.document_title}》{number}"
            return f"{adoption.status}。{adoption.note}".rstrip("。") + "。"
    return ""
