"""What stands on a site's record, line by line: projects, penalties, cases, corrections, bodies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from generator.domain.absence import read_absence
from generator.domain.correction import Correction
from generator.domain.enterprise import Enterprise
from generator.domain.enterprise_links import OwnedProject, ResponsibleBody
from generator.domain.exposure import Case
from generator.domain.project import read_decimal
from generator.site import routes
from generator.site.row_markup import Cell
from generator.site.views.project import project_status
from generator.site.views.text import format_amount
from generator.site.views.visible import reveal_controls


@dataclass(frozen=True, slots=True)
class TextLink:
    """Words that lead somewhere."""

    title: str
    route: str


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A ledger project of the firm."""

    title: str
    route: str
    ledger_no: str
    violation_type: str
    status: str
    tone: str
    deadline: str
    due: str
    """The deadline for the script that counts days; empty once the project is closed."""
    relation: str


@dataclass(frozen=True, slots=True)
class PenaltyRow:
    """A penalty in short; the whole of it stands in its disclosure table."""

    decision_no: str
    violation_type: str
    measures: str
    fine: Cell
    date: str
    status: str


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A weekly exposure."""

    title: str
    route: str
    violation_type: str
    measures: str
    facts: str
    reply: str


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """An entry of the public log about one of the site's records."""

    number: str
    kind: str
    target: str
    received: str
    resolved: str
    reason: str


@dataclass(frozen=True, slots=True)
class BodyRow:
    """A responsible body with the clause that makes it so."""

    name: str
    route: str
    role: str
    clauses: tuple[TextLink, ...]
    legal_basis: str
    violation_types: str


@dataclass(frozen=True, slots=True)
class SisterRow:
    """Another site under the same credit code."""

    name: str
    route: str
    place: str


def show_project(owned: OwnedProject, as_of: dt.date) -> ProjectRow:
    """A project of the firm with its status as of `as_of`."""
    project = owned.project
    status, tone = project_status(project, as_of)
    deadline = project.deadline.isoformat()
    return ProjectRow(
        title=reveal_controls(project.name),
        route=routes.project_route(project.ledger_no),
        ledger_no=project.ledger_no,
        violation_type=project.violation_type,
        status=status,
        tone=tone,
        deadline=deadline,
        due="" if project.closed else deadline,
        relation="本厂区" if owned.by_site else "同一信用代码",
    )


def read_penalties(enterprise: Enterprise) -> list[dict[str, str]]:
    """The site's penalties, the latest first."""
    records = enterprise.tables["penalty_rectification"].records()
    return sorted(records, key=lambda row: (row["decision_date"], row["decision_no"]), reverse=True)


def show_penalty(row: Mapping[str, str]) -> PenaltyRow:
    """A row of the penalty table in short."""
    fine = read_absence(row["fine"])
    return PenaltyRow(
        decision_no=reveal_controls(row["decision_no"]),
        violation_type=row["violation_type"],
        measures=row["measure_kind"],
        fine=fine or format_amount(Decimal(row["fine"]), 4),
        date=row["decision_date"],
        status=row["rectify_status"],
    )


def sum_fines(penalties: list[dict[str, str]]) -> str:
    """The fines together, in 万元; a decision without a fine adds nothing."""
    fines = [fine for row in penalties if (fine := read_decimal(row["fine"])) is not None]
    return format_amount(sum(fines, Decimal(0)), 4)


def show_case(case: Case) -> CaseRow:
    """An exposed case of the firm."""
    return CaseRow(
        title=f"{case.iso_week} 期曝光案件 {case.case_no}",
        route=routes.case_route(case.case_no),
        violation_type=case.violation_type,
        measures="、".join(case.measures),
        facts=reveal_controls(case.facts),
        reply=reveal_controls(case.reply),
    )


def show_correction(correction: Correction, titles: Mapping[str, str]) -> CorrectionRow:
    """An entry of the correction log, its table by the title in `titles`."""
    table = titles.get(correction.target_table, correction.target_table)
    return CorrectionRow(
        number=correction.number,
        kind=correction.kind,
        target=reveal_controls(f"{table}：{correction.target_key.replace('|', ' ')}"),
        received=correction.received.isoformat(),
        resolved=correction.resolved.isoformat() if correction.resolved else "",
        reason=reveal_controls(correction.reason),
    )


def show_body(body: ResponsibleBody) -> BodyRow:
    """A responsible body with links to its clauses."""
    return BodyRow(
        name=reveal_controls(body.name),
        route=routes.duty_route(body.code),
        role=body.role,
        clauses=tuple(
            TextLink(number, f"{routes.duty_route(body.code)}#{number}") for number in body.duty_nos
        ),
        legal_basis=reveal_controls(body.legal_basis),
        violation_types="、".join(body.violation_types),
    )
