"""Pages of the responsibility list: the five parts with their bodies, each body, the leagues."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from generator.domain.duty import (
    ADOPTED,
    Adoption,
    Body,
    BodyName,
    Duty,
    DutyChange,
    find_first_day,
    find_successors,
    group_by_part,
    index_violation_types,
    list_changes,
)
from generator.domain.duty_results import TypeState
from generator.domain.place import Gazetteer
from generator.site import routes
from generator.site.pages import Page
from generator.site.views.duty_chain import link_projects
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
    former: str
    """Earlier names with their dates; empty for a body never renamed."""


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
class DatedItem:
    """A name or a clause with the days on which it was valid."""

    item: Link
    validity: str


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """What changed on the list on a day."""

    day: str
    kind: str
    before: tuple[DatedItem, ...]
    after: tuple[DatedItem, ...]


@dataclass(frozen=True, slots=True)
class ListChange:
    """A change with the body that it concerns."""

    body: Link
    change: ChangeRow


@dataclass(frozen=True, slots=True)
class ResultRow:
    """How the violations that a body answers for stand in a league."""

    place: Link
    total: str
    open: Link
    overdue: Link
    exposed: str


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
    changes: tuple[ListChange, ...]


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
    former_name: str
    """What the body was called when the clause took effect, where that differs."""
    successors: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class DutyView:
    """One responsible body."""

    name: str
    names: tuple[DatedItem, ...]
    """All names with their dates; empty for a body never renamed."""
    code: str
    kind: str
    part: str
    in_force: tuple[DutyEntry, ...]
    coming: tuple[DutyEntry, ...]
    expired: tuple[DutyEntry, ...]
    types: tuple[Link, ...]
    changes: tuple[ChangeRow, ...]
    results: tuple[ResultRow, ...]
    """Empty for a body that leads on no violation type and supervises none."""
    result_total: ResultRow
    cases_route: str
    earlier: Link | None
    later: Link | None
    list_route: str


def duty_pages(
    bodies: Sequence[Body],
    adoptions: Sequence[Adoption],
    gazetteer: Gazetteer,
    as_of: dt.date,
    states: Mapping[tuple[str, str], TypeState] = MappingProxyType({}),
) -> Iterator[Page]:
    """The list of bodies, then each body by its code.

    Args:
        bodies: All bodies.
        adoptions: State of each league's own document.
        gazetteer: Names of the places.
        as_of: The data date, which decides what is in force.
        states: How each violation type stands in each prefecture.

    """
    issued = find_first_day(bodies)
    answered = frozenset(index_violation_types(bodies, as_of))
    yield _list_page(bodies, adoptions, gazetteer, as_of)
    for place, body in enumerate(bodies):
        earlier = _body_link(bodies[place - 1]) if place else None
        later = _body_link(bodies[place + 1]) if place + 1 < len(bodies) else None
        yield _body_page(body, (earlier, later), gazetteer, as_of, answered, states, issued)


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
        changes=tuple(
            ListChange(_body_link(change.body), _change_row(change))
            for change in list_changes(bodies, find_first_day(bodies))
        ),
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
    former = "；".join(
        f"{known.name}，{_label_validity(known.valid_from, known.valid_to)}"
        for known in body.names
        if known.name != body.name and known.valid_to
    )
    return BodyLine(_body_link(body), body.kind, format_count(count), former)


def _change_row(change: DutyChange) -> ChangeRow:
    before: tuple[DatedItem, ...]
    after: tuple[DatedItem, ...]
    if change.old_name and change.new_name:
        kind = "更名"
        before, after = (_date_name(change.old_name),), (_date_name(change.new_name),)
    else:
        kind = "条文更替" if change.before and change.after else "条文失效"
        kind = kind if change.before else "条文新增"
        before, after = (
            tuple(
                DatedItem(
                    Link(f"{duty.number} {_shorten(duty.text)}", _duty_route(change.body, duty)),
                    _label_validity(duty.valid_from, duty.valid_to),
                )
                for duty in duties
            )
            for duties in (change.before, change.after)
        )
    return ChangeRow(label_day(change.day), kind, before, after)


def _date_name(known: BodyName) -> DatedItem:
    return DatedItem(Link(known.name, ""), _label_validity(known.valid_from, known.valid_to))


def _label_validity(start: dt.date, end: dt.date | None) -> str:
    return label_day(start) + (f"至{label_day(end)}" if end else "起")


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
    states: Mapping[tuple[str, str], TypeState],
    issued: dt.date | None,
) -> Page:
    in_force = [duty for duty in body.duties if duty.in_force(as_of)]
    expired = [duty for duty in body.duties if duty.expired(as_of)]
    coming = [duty for duty in body.duties if duty.valid_from > as_of and duty not in expired]
    own_index = index_violation_types([body], as_of)
    rows, total = _result_rows(tuple(own_index), gazetteer, states)
    view = DutyView(
        name=body.name,
        names=tuple(_date_name(known) for known in body.names if len(body.names) > 1),
        code=body.code,
        kind=body.kind,
        part=body.part,
        in_force=tuple(_entry(body, duty, gazetteer, answered) for duty in in_force),
        coming=tuple(_entry(body, duty, gazetteer, answered) for duty in coming),
        expired=tuple(_entry(body, duty, gazetteer, answered) for duty in expired),
        types=tuple(_type_link(violation_type, answered) for violation_type in own_index),
        changes=tuple(map(_change_row, list_changes([body], issued))),
        results=rows,
        result_total=total,
        cases_route=routes.CASES_BY_VIOLATION,
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


def _result_rows(
    kinds: Sequence[str], gazetteer: Gazetteer, states: Mapping[tuple[str, str], TypeState]
) -> tuple[tuple[ResultRow, ...], ResultRow]:
    """A row for each prefecture where one of the types is on record, and their sum."""
    rows: list[ResultRow] = []
    whole = TypeState()
    for prefecture in gazetteer.prefectures:
        own = sum((states.get((prefecture.code, kind), TypeState()) for kind in kinds), TypeState())
        whole = whole + own
        if own != TypeState():
            place = link_place(prefecture.code, gazetteer)
            inside = tuple(county.code for county in prefecture.counties)
            rows.append(_result_row(place, own, kinds, inside, gazetteer))
    return tuple(rows), _result_row(Link("合计", ""), whole, kinds, (), gazetteer)


def _result_row(
    place: Link,
    state: TypeState,
    kinds: Sequence[str],
    counties: Sequence[str],
    gazetteer: Gazetteer,
) -> ResultRow:
    return ResultRow(
        place,
        format_count(state.total),
        link_projects(state.open, kinds, counties, gazetteer),
        link_projects(state.overdue, kinds, counties, gazetteer, late=True),
        format_count(state.exposed),
    )


def _entry(body: Body, duty: Duty, gazetteer: Gazetteer, answered: frozenset[str]) -> DutyEntry:
    return DutyEntry(
        number=duty.number,
        role=duty.role,
        text=duty.text,
        legal_basis=duty.legal_basis,
        types=tuple(_type_link(name, answered) for name in duty.violation_types),
        place=gazetteer.full_name(duty.division_code),
        validity=_label_validity(duty.valid_from, duty.valid_to),
        former_name=duty.body_name if duty.body_name != body.name else "",
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
