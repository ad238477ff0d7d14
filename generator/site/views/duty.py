"""Pages of the responsibility list: the five parts with their bodies, each body, the leagues."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator.domain.duty import (
    ADOPTED,
    Adoption,
    Body,
    Duty,
    find_successors,
    group_by_part,
    index_violation_types,
)
from generator.domain.place import Gazetteer
from generator.site import routes
from generator.site.pages import Page
from generator.site.views.exposure_parts import Link, link_place
from generator.site.views.text import format_count
from generator.site.views.week_labels import label_day

ROLE_MEANINGS: Mapping[str, str] = {
    "领导": "总体负责",
    "牵头": "带头办理，出了问题先问它",
    "监管": "直接监督管理",
    "配合": "协助办理",
    "司法": "审判或检察",
}
_STATUS_TONES: Mapping[str, str] = {"已印发": "good", "起草中": "warn", "未启动": "bad"}
_SHORT_LENGTH = 40  # characters of a successor clause quoted beside an expired one


@dataclass(frozen=True, slots=True)
class BodyLine:
    """A body in its part."""

    body: Link
    kind: str
    duty_count: str


@dataclass(frozen=True, slots=True)
class PartBlock:
    """One of the document's parts."""

    number: int
    title: str
    body_count: str
    bodies: tuple[BodyLine, ...]


@dataclass(frozen=True, slots=True)
class RoleMeaning:
    """A role word and what it asks of a body."""

    role: str
    meaning: str


@dataclass(frozen=True, slots=True)
class TypeLine:
    """A violation type with the bodies that answer for it."""

    anchor: str
    violation_type: str
    bodies: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class AdoptionLine:
    """A league and its own document."""

    league: Link
    status: str
    tone: str
    document_title: str
    document_no: str
    adopted: str
    note: str


@dataclass(frozen=True, slots=True)
class DutyListView:
    """The responsibility list as a whole."""

    body_count: str
    duty_count: str
    parts: tuple[PartBlock, ...]
    roles: tuple[RoleMeaning, ...]
    types: tuple[TypeLine, ...]
    league_count: str
    adopted_count: str
    adoptions: tuple[AdoptionLine, ...]


@dataclass(frozen=True, slots=True)
class DutyEntry:
    """One clause of a body."""

    number: str
    role: str
    text: str
    legal_basis: str
    types: tuple[Link, ...]
    place: str
    validity: str
    successors: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class DutyView:
    """One responsible body."""

    name: str
    code: str
    kind: str
    part: str
    in_force: tuple[DutyEntry, ...]
    coming: tuple[DutyEntry, ...]
    expired: tuple[DutyEntry, ...]
    types: tuple[Link, ...]
    earlier: Link | None
    later: Link | None
    list_route: str


def duty_pages(
    bodies: Sequence[Body], adoptions: Sequence[Adoption], gazetteer: Gazetteer, as_of: dt.date
) -> Iterator[Page]:
    """The list of bodies, then each body by its code.

    Args:
        bodies: All bodies.
        adoptions: State of each league's own document.
        gazetteer: Names of the places.
        as_of: The data date, which decides what is in force.

    """
    answered = frozenset(index_violation_types(bodies, as_of))
    yield _list_page(bodies, adoptions, gazetteer, as_of)
    for place, body in enumerate(bodies):
        earlier = _body_link(bodies[place - 1]) if place else None
        later = _body_link(bodies[place + 1]) if place + 1 < len(bodies) else None
        yield _body_page(body, (earlier, later), gazetteer, as_of, answered)


def type_anchor(violation_type: str) -> str:
    """The id of a violation type on the list page: the same for ever, whatever other types."""
    return f"v-{zlib.crc32(violation_type.encode()):08x}"


def _list_page(
    bodies: Sequence[Body], adoptions: Sequence[Adoption], gazetteer: Gazetteer, as_of: dt.date
) -> Page:
    adopted = sum(adoption.status == ADOPTED for adoption in adoptions)
    in_force = sum(duty.in_force(as_of) for body in bodies for duty in body.duties)
    view = DutyListView(
        body_count=format_count(len(bodies)),
        duty_count=format_count(in_force),
        parts=tuple(
            PartBlock(
                number,
                part,
                format_count(len(members)),
                tuple(_body_line(body, as_of) for body in members),
            )
            for number, (part, members) in enumerate(group_by_part(bodies).items(), start=1)
        ),
        roles=tuple(RoleMeaning(role, meaning) for role, meaning in ROLE_MEANINGS.items()),
        types=tuple(
            TypeLine(
                type_anchor(violation_type),
                violation_type,
                tuple(
                    Link(f"{body.name}（{duty.role}，{duty.number}）", _duty_route(body, duty))
                    for body, duty in entries
                ),
            )
            for violation_type, entries in index_violation_types(bodies, as_of).items()
        ),
        league_count=format_count(len(adoptions)),
        adopted_count=format_count(adopted),
        adoptions=tuple(_adoption_line(adoption, gazetteer) for adoption in adoptions),
    )
    return Page(
        routes.DUTIES,
        "duty-list",
        "环境保护责任清单",
        "党委、政府、各部门和审判检察机关各自的环境保护职责，以及各盟市制定配套文件的情况。",
        view,
    )


def _body_line(body: Body, as_of: dt.date) -> BodyLine:
    count = sum(duty.in_force(as_of) for duty in body.duties)
    return BodyLine(_body_link(body), body.kind, format_count(count))


def _adoption_line(adoption: Adoption, gazetteer: Gazetteer) -> AdoptionLine:
    return AdoptionLine(
        league=link_place(adoption.division_code, gazetteer),
        status=adoption.status,
        tone=_STATUS_TONES.get(adoption.status, "plain"),
        document_title=adoption.document_title,
        document_no=adoption.document_no,
        adopted=adoption.adopted_date.isoformat() if adoption.adopted_date else "",
        note=adoption.note,
    )


def _body_page(
    body: Body,
    neighbours: tuple[Link | None, Link | None],
    gazetteer: Gazetteer,
    as_of: dt.date,
    answered: frozenset[str],
) -> Page:
    in_force = [duty for duty in body.duties if duty.in_force(as_of)]
    expired = [duty for duty in body.duties if duty.expired(as_of)]
    coming = [duty for duty in body.duties if duty.valid_from > as_of and duty not in expired]
    own_index = index_violation_types([body], as_of)
    view = DutyView(
        name=body.name,
        code=body.code,
        kind=body.kind,
        part=body.part,
        in_force=tuple(_entry(body, duty, gazetteer, answered) for duty in in_force),
        coming=tuple(_entry(body, duty, gazetteer, answered) for duty in coming),
        expired=tuple(_entry(body, duty, gazetteer, answered) for duty in expired),
        types=tuple(_type_link(violation_type, answered) for violation_type in own_index),
        earlier=neighbours[0],
        later=neighbours[1],
        list_route=routes.DUTIES,
    )
    return Page(
        routes.duty_route(body.code),
        "duty",
        f"{body.name}的环境保护职责",
        f"{body.name}（{body.part}）现行环境保护职责 {format_count(len(in_force))} 条。",
        view,
    )


def _entry(body: Body, duty: Duty, gazetteer: Gazetteer, answered: frozenset[str]) -> DutyEntry:
    start = label_day(duty.valid_from)
    end = f"至{label_day(duty.valid_to)}" if duty.valid_to else "起"
    return DutyEntry(
        number=duty.number,
        role=duty.role,
        text=duty.text,
        legal_basis=duty.legal_basis,
        types=tuple(_type_link(name, answered) for name in duty.violation_types),
        place=gazetteer.full_name(duty.division_code),
        validity=start + end,
        successors=tuple(
            Link(f"{after.number} {_shorten(after.text)}", _duty_route(body, after))
            for after in find_successors(body, duty)
        ),
    )


def _shorten(text: str) -> str:
    return text if len(text) <= _SHORT_LENGTH else text[: _SHORT_LENGTH - 1] + "……"


def _type_link(violation_type: str, answered: frozenset[str]) -> Link:
    """A type that nobody leads on has no line in the list, so it stays plain words."""
    route = f"{routes.DUTIES}#{type_anchor(violation_type)}" if violation_type in answered else ""
    return Link(violation_type, route)


def _body_link(body: Body) -> Link:
    return Link(body.name, routes.duty_route(body.code))


def _duty_route(body: Body, duty: Duty) -> str:
    return f"{routes.duty_route(body.code)}#{duty.number}"
