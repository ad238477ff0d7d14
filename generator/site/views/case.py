"""Pages of exposed cases: one for each case, a tombstone for a withdrawn one, and their list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from generator.domain.absence import Absence
from generator.domain.correction import Correction
from generator.domain.duty import Body, Duty
from generator.domain.exposure import Case, Issue, tally_cases
from generator.domain.place import Gazetteer
from generator.site import routes
from generator.site.pages import Page
from generator.site.pictures import PictureFiles
from generator.site.views.answer import explain_violation
from generator.site.views.change import ChangeLine
from generator.site.views.exposure_parts import (
    Link,
    Picture,
    Step,
    WithdrawnLine,
    link_case,
    link_place,
    make_picture,
    make_step,
    make_withdrawn_line,
    shorten_facts,
    title_issue,
)
from generator.site.views.text import format_amount, format_count
from generator.site.views.week_labels import MONEY_PLACES, format_fine, label_resolved, label_week

NO_DECISION = "尚未作出决定"


@dataclass(frozen=True, slots=True)
class CorrectionLine:
    """An entry of the correction log that points at the page's record."""

    number: str
    route: str
    kind: str
    received: str
    resolved: str
    reason: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case that stands, or the tombstone of a withdrawn one (`withdrawn` is then set)."""

    case_no: str
    issue: Link
    withdrawn: WithdrawnLine | None
    picture: Picture | None
    firm: Link
    project: Link | None
    place: Link
    violation_type: str
    violation: str
    """The type with its meaning."""
    facts: str
    measures: tuple[str, ...]
    fine: str | Absence
    fine_unit: str
    decision: Link | None
    no_decision: str | Absence
    """Why there is no decision; empty where there is one."""
    steps: tuple[Step, ...]
    reply: str
    answerable: tuple[Link, ...]
    corrections: tuple[CorrectionLine, ...]
    changes: tuple[ChangeLine, ...]
    earlier: Link | None
    later: Link | None
    list_route: str
    share_route: str
    """The case's card; empty for a withdrawn one."""


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A row of the list of cases; `withdrawn` replaces everything but number and week."""

    case: Link
    week: Link
    place: Link
    firm: str
    violation_type: str
    measures: str
    fine: str | Absence
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class CaseListView:
    """All cases, newest first."""

    lead: str
    fine_total: str
    lines: tuple[CaseLine, ...]
    weeks_route: str
    others: tuple[Link, ...]
    """The same cases sorted and chosen in other ways."""


def case_page(
    case: Case,
    issue: Issue,
    earlier: Link | None,
    later: Link | None,
    gazetteer: Gazetteer,
    corrections: Sequence[Correction],
    answerable: Sequence[tuple[Body, Duty]],
    penalty_anchor: str,
    pictures: Mapping[str, PictureFiles],
    changes: tuple[ChangeLine, ...] = (),
) -> Page:
    """The page of one case, or its tombstone.

    Args:
        case: The case.
        issue: The issue it belongs to.
        earlier: The case before it in the issue.
        later: The case after it in the issue.
        gazetteer: Names of the places.
        corrections: Entries of the log that point at this case.
        answerable: Bodies that answer for its violation type, each with the clause that says so.
        penalty_anchor: Fragment of the penalty table on enterprise pages, empty for none.
        pictures: Files of the cases' pictures.
        changes: What commits changed of it.

    """
    withdrawn = make_withdrawn_line(case) if case.withdrawal else None
    fine, unit = format_fine(case.fine)
    view = CaseView(
        case_no=case.case_no,
        issue=Link(title_issue(issue), routes.week_route(issue.iso_week)),
        withdrawn=withdrawn,
        picture=make_picture(case, pictures),
        firm=Link(case.ent_name, routes.enterprise_route(case.site_code) if case.site_code else ""),
        project=(
            Link(case.ledger_no, routes.project_route(case.ledger_no)) if case.ledger_no else None
        ),
        place=link_place(case.division_code, gazetteer),
        violation_type=case.violation_type,
        violation=explain_violation(case.violation_type),
        facts=case.facts,
        measures=case.measures,
        fine=fine,
        fine_unit=unit,
        decision=_decision_link(case, penalty_anchor),
        no_decision=_word_no_decision(case),
        steps=tuple(make_step(follow_up) for follow_up in case.follow_ups),
        reply=case.reply,
        answerable=tuple(
            Link(
                f"{body.name}（{duty.role}，{duty.number}）",
                f"{routes.duty_route(body.code)}#{duty.number}",
            )
            for body, duty in answerable
        ),
        # An older entry may quote what was taken back, so a tombstone shows none.
        corrections=() if withdrawn else tuple(_correction_line(entry) for entry in corrections),
        changes=changes,
        earlier=earlier,
        later=later,
        list_route=routes.CASES,
        share_route="" if withdrawn else routes.card_route(case.case_no),
    )
    if withdrawn:
        title, description = "案件已撤回", f"案件 {case.case_no} 已撤回，本页只保留理由和日期。"
    else:
        title = f"{case.ent_name}：{case.violation_type}"
        description = f"曝光案件 {case.case_no}：{shorten_facts(case.facts)}"
    route = routes.case_route(case.case_no)
    return Page(route, "case", title, description, view, view.share_route)


def case_list_page(cases: Sequence[Case], gazetteer: Gazetteer) -> Page:
    """The list of all cases, newest first."""
    tally = tally_cases(cases)
    lead = f"历次一周一曝光共公布 {format_count(tally.listed)} 起案件"
    if tally.withdrawn:
        lead += f"，其中 {format_count(tally.withdrawn)} 起已撤回"
    view = CaseListView(
        lead=lead + "。",
        fine_total=format_amount(tally.fine, MONEY_PLACES),
        lines=tuple(
            _case_line(case, gazetteer)
            for case in sorted(cases, key=lambda case: case.case_no, reverse=True)
        ),
        weeks_route=routes.WEEKS,
        others=(
            Link("按地区看图文", routes.CASES_BY_PLACE),
            Link("按违法类型看图文", routes.CASES_BY_VIOLATION),
            Link("按处理措施看图文", routes.CASES_BY_MEASURE),
            Link("四个不放过的未办结事项", routes.FOLLOW_UPS),
            Link("移送公安机关的案件", routes.TRANSFERS),
        ),
    )
    return Page(
        routes.CASES,
        "case-list",
        "曝光案件一览",
        "全部曝光案件：编号、期次、地点、单位、违法类型、处理措施和罚款。",
        view,
    )


def _case_line(case: Case, gazetteer: Gazetteer) -> CaseLine:
    fine, _ = format_fine(case.fine)
    return CaseLine(
        case=link_case(case),
        week=Link(label_week(case.iso_week), routes.week_route(case.iso_week)),
        place=link_place(case.division_code, gazetteer),
        firm=case.ent_name,
        violation_type=case.violation_type,
        measures="、".join(case.measures),
        fine=fine,
        withdrawn=case.withdrawal is not None,
    )


def _word_no_decision(case: Case) -> str | Absence:
    if isinstance(case.decision_no, str):
        return ""
    return NO_DECISION if case.decision_no is Absence.NOT_REPORTED else case.decision_no


def _decision_link(case: Case, penalty_anchor: str) -> Link | None:
    if not isinstance(case.decision_no, str):
        return None
    if not case.decision_site_code:
        return Link(case.decision_no, "")
    route = routes.enterprise_route(case.decision_site_code)
    return Link(case.decision_no, f"{route}#{penalty_anchor}" if penalty_anchor else route)


def _correction_line(entry: Correction) -> CorrectionLine:
    return CorrectionLine(
        number=entry.number,
        route=f"{routes.CORRECTIONS}#{entry.number}",
        kind=entry.kind,
        received=entry.received.isoformat(),
        resolved=label_resolved(entry.resolved),
        reason=entry.reason,
    )
