"""The page of one ledger project: its stages, deadline, penalty and its owner's other records."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from generator.domain.absence import Absence, read_absence
from generator.domain.changes import NO_CHANGES, ChangeLog
from generator.domain.duty import LEADING_ROLES, Body
from generator.domain.exposure import Case
from generator.domain.owner import Owner
from generator.domain.place import Gazetteer
from generator.domain.project import REBOUND, STAGES, Project
from generator.site import routes
from generator.site.charts.timeline import Timeline, draw_timeline
from generator.site.pages import Page
from generator.site.views.absence_words import AbsenceWords, explain_cells
from generator.site.views.answer import AnswerCard, AnswerPart, answer_for_project
from generator.site.views.change import ChangeLine, show_changes
from generator.site.views.duty import type_anchor
from generator.site.views.duty_chain import RoleLine, list_roles, walk_up
from generator.site.views.text import format_amount

_STAGE_MEANING = {
    "排查": "发现可能违法违规的建设项目",
    "登记": "核实后登记在册，确定责任单位和时限",
    "整改": "停止违法行为，补齐手续和设施",
    "消除": "整改到位，违法状态不再存在",
    "销号": "另一家单位核查后，从台账上销去",
}


@dataclass(frozen=True, slots=True)
class StageStep:
    """One of the five stages as the ladder shows it."""

    name: str
    meaning: str
    state: str
    """done, current, ahead or skipped."""
    state_word: str
    date: str


@dataclass(frozen=True, slots=True)
class EventRow:
    """One line of the project's history."""

    date: str
    stage: str
    evidence: str
    verifier: str
    note: str


@dataclass(frozen=True, slots=True)
class RecordLink:
    """Another record of the same owner."""

    kind: str
    title: str
    route: str
    detail: str


@dataclass(frozen=True, slots=True)
class ProjectView:
    """What `pages/project.html.jinja` sees."""

    crumbs: tuple[tuple[str, str], ...]
    name: str
    ledger_no: str
    status: str
    answer: AnswerCard
    deadline: str
    due: str
    """The deadline for the script that counts days, empty when the project is closed."""
    steps: tuple[StageStep, ...]
    rebounds: int
    timeline: Timeline | None
    """None for a project without a dated step."""
    events: tuple[EventRow, ...]
    facts: tuple[tuple[str, str | Absence], ...]
    words: AbsenceWords | None
    """What the words for missing values among the facts mean."""
    owner_name: str
    owner_route: str
    penalty: tuple[tuple[str, str | Absence], ...]
    responsible: tuple[tuple[str, str | Absence], ...]
    roles: tuple[RoleLine, ...]
    """By the list of responsibilities, for the project's violation type."""
    duties_route: str
    owner_page: str
    """Credit record of an owner with several records; empty where it has none."""
    related: tuple[RecordLink, ...]
    cases: tuple[RecordLink, ...]
    changes: tuple[ChangeLine, ...]
    district_name: str
    district_route: str
    pack_route: str
    feed_route: str
    """What happens in its district, to subscribe to."""


@dataclass(frozen=True, slots=True)
class ProjectSources:
    """All that the pages of projects are made of."""

    projects: tuple[Project, ...]
    cases: tuple[Case, ...]
    site_names: Mapping[str, str]
    """Unit names of the register by site code."""
    owners: Mapping[str, Owner]
    """By ledger number, the project's owner where it has any other record."""
    industries: Mapping[str, str]
    gazetteer: Gazetteer
    as_of: dt.date
    changes: ChangeLog = NO_CHANGES
    """What commits changed of the projects."""
    bodies: tuple[Body, ...] = ()


def cut_projects(sources: ProjectSources, projects: Sequence[Project]) -> ProjectSources:
    """What the pages of these projects are made of, and nothing that only others need."""
    numbers = {project.ledger_no for project in projects}
    sites = {project.site_code for project in projects}
    return replace(
        sources,
        projects=tuple(projects),
        cases=tuple(case for case in sources.cases if case.ledger_no in numbers),
        site_names={site: name for site, name in sources.site_names.items() if site in sites},
        owners={number: owner for number, owner in sources.owners.items() if number in numbers},
        changes=sources.changes.cut("ledger_no", numbers),
    )


def project_pages(sources: ProjectSources) -> Iterator[Page]:
    """One page for each project, in ledger order."""
    cases_by_project: dict[str, list[Case]] = defaultdict(list)
    for case in sources.cases:
        if case.ledger_no:
            cases_by_project[case.ledger_no].append(case)
    roles: dict[tuple[str, str], tuple[RoleLine, ...]] = {}
    for project in sources.projects:
        matter = project.violation_type, project.division_code
        if matter not in roles:
            areas = frozenset(walk_up(project.division_code, sources.gazetteer))
            roles[matter] = list_roles(sources.bodies, sources.as_of, matter[0], areas)
        view = _view(
            project,
            sources.owners.get(project.ledger_no),
            cases_by_project.get(project.ledger_no, ()),
            sources.site_names,
            sources.industries,
            sources.gazetteer,
            sources.as_of,
            show_changes(sources.changes.of("ledger_no", project.ledger_no)),
            roles[matter],
        )
        yield Page(
            routes.project_route(project.ledger_no),
            "project",
            f"{project.name}（{project.ledger_no}）",
            f"{view.district_name}违法违规建设项目：{project.name}，建设单位{project.owner_name}，"
            f"{project.violation_type}，{view.status}。",
            view,
        )


def project_status(project: Project, as_of: dt.date) -> tuple[str, str]:
    """The words and the tone that stand for a project's state in lists and on its page."""
    if project.closed:
        return "已销号", "good"
    if project.overdue(as_of):
        return (
            f"{project.stage}中，已逾期" if project.stage == "整改" else f"{project.stage}，已逾期",
            "bad",
        )
    return (f"{project.stage}中" if project.stage == "整改" else project.stage), "warn"


def _list_route(violation_type: str, roles: Sequence[RoleLine]) -> str:
    """The list of responsibilities, at the type's own line where somebody supervises it."""
    listed = any(line.role in LEADING_ROLES for line in roles)
    return f"{routes.DUTIES}#{type_anchor(violation_type)}" if listed else routes.DUTIES


def _relate(project: Project, owner: Owner | None, as_of: dt.date) -> tuple[RecordLink, ...]:
    """What else is known of the project's owner, across its sites and projects."""
    if owner is None:
        return ()
    names = {site.site_code: site.name for site in owner.sites}
    return (
        *(
            RecordLink("企业", name, routes.enterprise_route(code), f"固定污染源代码 {code}")
            for code, name in names.items()
        ),
        *(
            RecordLink(
                "项目",
                other.name,
                routes.project_route(other.ledger_no),
                f"{other.ledger_no}，{other.violation_type}，{project_status(other, as_of)[0]}",
            )
            for other in owner.projects
            if other.ledger_no != project.ledger_no
        ),
        *(
            RecordLink(
                "处罚",
                penalty.decision_no,
                routes.enterprise_route(penalty.site_code) + "#penalties",
                f"{penalty.violation_type}，{penalty.decision_date}",
            )
            for penalty in owner.penalties
        ),
        *(
            RecordLink(
                "信用评价",
                f"{rating.year} 年{rating.grade}",
                routes.enterprise_route(rating.site_code),
                f"{names[rating.site_code]}，{rating.authority}",
            )
            for rating in owner.ratings
        ),
    )


def _view(
    project: Project,
    owner: Owner | None,
    cases: Sequence[Case],
    names: Mapping[str, str],
    industries: Mapping[str, str],
    gazetteer: Gazetteer,
    as_of: dt.date,
    changes: tuple[ChangeLine, ...],
    roles: tuple[RoleLine, ...],
) -> ProjectView:
    status, tone = project_status(project, as_of)
    county = gazetteer.place_code(project.division_code)
    prefecture = gazetteer.parents.get(county, "")
    district_name = gazetteer.full_name(county)
    site_route = routes.enterprise_route(project.site_code) if project.site_code in names else ""
    facts = (
        ("台账编号", project.ledger_no),
        ("项目名称", project.name),
        ("统一社会信用代码", _text(project.uscc)),
        ("地址", _text(project.address)),
        ("所在区县", district_name),
        (
            "乡镇（街道）",
            gazetteer.name(project.township_code)
            if project.township_code
            else Absence.NOT_REPORTED,
        ),
        ("行业领域", project.sector),
        ("行业", _industry(project.industry_code, industries)),
        ("违法类型", project.violation_type),
        ("处置类别", project.batch),
    )
    return ProjectView(
        crumbs=(
            ("各地", routes.DISTRICTS),
            *(
                ((gazetteer.name(prefecture), routes.district_route(prefecture)),)
                if prefecture
                else ()
            ),
            (gazetteer.name(county), routes.district_route(county)),
            ("项目名单", routes.district_projects_route(county)),
            (project.name, ""),
        ),
        name=project.name,
        ledger_no=project.ledger_no,
        status=status,
        answer=answer_for_project(
            project,
            status,
            tone,
            AnswerPart(_locate(project, gazetteer, district_name), routes.district_route(county)),
            as_of,
        ),
        deadline=project.deadline.isoformat(),
        due="" if project.closed else project.deadline.isoformat(),
        steps=_steps(project),
        rebounds=project.rebounds,
        timeline=draw_timeline(
            [(event.event_date, event.stage) for event in project.events],
            project.deadline,
            project.closed_date if project.closed else None,
            overdue=project.overdue(as_of),
        ),
        events=tuple(
            EventRow(
                event.event_date.isoformat(),
                event.stage,
                event.evidence_ref,
                event.verifier_agency,
                event.note,
            )
            for event in project.events
        ),
        facts=facts,
        words=explain_cells(value for _, value in facts),
        owner_name=project.owner_name,
        owner_route=site_route,
        penalty=(
            ("处罚决定书文号", _text(project.penalty_no)),
            (
                "处罚日期",
                project.penalty_date.isoformat() if project.penalty_date else Absence.NOT_REPORTED,
            ),
            (
                "罚款金额",
                f"{format_amount(project.fine, 4)} 万元"
                if project.fine is not None
                else Absence.NOT_REPORTED,
            ),
        )
        if project.penalty_no or project.fine is not None
        else (),
        responsible=(
            ("牵头责任单位", _text(project.lead_agency)),
            ("责任人（职务）", _text(project.responsible_post)),
            ("完成时限", project.deadline.isoformat()),
        ),
        roles=roles,
        duties_route=_list_route(project.violation_type, roles),
        owner_page=routes.owner_route(owner.key) if owner and owner.has_page else "",
        related=_relate(project, owner, as_of),
        cases=tuple(
            RecordLink(
                "曝光", f"{case.iso_week} 期：{case.ent_name}", routes.case_route(case.case_no), ""
            )
            for case in _gather_cases(cases, owner)
        ),
        changes=changes,
        district_name=district_name,
        district_route=routes.district_route(county),
        pack_route=routes.district_pack_route(county),
        feed_route=routes.district_feed_route(county),
    )


def _gather_cases(cases: Sequence[Case], owner: Owner | None) -> list[Case]:
    """The project's exposures and its owner's others, each once, by number."""
    found = {case.case_no: case for case in (*cases, *(owner.cases if owner else ()))}
    return [found[number] for number in sorted(found)]


def _locate(project: Project, gazetteer: Gazetteer, district_name: str) -> str:
    """District and township, as far as they were given."""
    township = gazetteer.name(project.township_code) if project.township_code else ""
    return f"{district_name}{township}"


def _steps(project: Project) -> tuple[StageStep, ...]:
    """The ladder of five stages, read from the last run of events after any rebound."""
    reached: dict[str, str] = {}
    for event in project.events:
        if event.stage == REBOUND:
            # Back to 整改: what was reached after it no longer stands.
            reached = {k: v for k, v in reached.items() if STAGES.index(k) < STAGES.index("整改")}
            reached["整改"] = event.event_date.isoformat()
        else:
            reached[event.stage] = event.event_date.isoformat()
    current = STAGES.index(project.stage) if project.stage in STAGES else -1
    steps = []
    for position, name in enumerate(STAGES):
        if position == current:
            state, word = ("done", "已完成") if project.closed else ("current", "当前")
        elif position > current:
            state, word = "ahead", "未到"
        elif name in reached:
            state, word = "done", "已完成"
        else:
            state, word = "skipped", "未经过"
        steps.append(StageStep(name, _STAGE_MEANING[name], state, word, reached.get(name, "")))
    return tuple(steps)


def _text(text: str) -> str | Absence:
    return read_absence(text) or text


def _industry(code: str, industries: Mapping[str, str]) -> str:
    name = industries.get(code)
    return f"{name}（{code}）" if name else code
