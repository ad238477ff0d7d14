"""A county's two full lists: plain tables of every record, for whoever has no script."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from generator.domain.disclosure import LONG_SUSPENDED, SiteDisclosure, TableState
from generator.domain.place import County, Gazetteer, Prefecture
from generator.domain.project import STAGES, Project
from generator.site import routes
from generator.site.pages import Page
from generator.site.views.project import project_status
from generator.site.views.text import format_count

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A project in a county's full list."""

    name: str
    route: str
    owner: str
    township: str
    violation_type: str
    batch: str
    deadline: str
    status: str
    tone: str


@dataclass(frozen=True, slots=True)
class StageGroup:
    """The projects of one stage."""

    stage: str
    number: int
    count: str
    rows: tuple[ProjectRow, ...]


@dataclass(frozen=True, slots=True)
class ProjectListView:
    """What `pages/district-projects.html.jinja` sees."""

    crumbs: tuple[tuple[str, str], ...]
    name: str
    total: str
    groups: tuple[StageGroup, ...]
    district_route: str
    pack_route: str


@dataclass(frozen=True, slots=True)
class EnterpriseRow:
    """An enterprise in a county's full list."""

    name: str
    route: str
    industry: str
    status: str
    state: str
    tone: str
    given: str


@dataclass(frozen=True, slots=True)
class EnterpriseListView:
    """What `pages/district-enterprises.html.jinja` sees."""

    crumbs: tuple[tuple[str, str], ...]
    name: str
    total: str
    table_count: int
    rows: tuple[EnterpriseRow, ...]
    district_route: str
    pack_route: str


@dataclass(frozen=True, slots=True)
class EnterpriseEntry:
    """What the lists need to know of an enterprise."""

    site_code: str
    name: str
    division_code: str
    industry: str
    status: str
    disclosure: SiteDisclosure


def project_list_page(
    gazetteer: Gazetteer,
    prefecture: Prefecture,
    county: County,
    projects: Sequence[Project],
    as_of: dt.date,
) -> Page:
    """Every project of a county by stage, the earliest deadline first."""
    name = gazetteer.full_name(county.code)
    by_stage = group_by(projects, lambda project: project.stage)
    townships = {township.code: township.name for township in county.townships}
    view = ProjectListView(
        crumbs=_list_crumbs(prefecture, county, "项目名单"),
        name=name,
        total=format_count(len(projects)),
        groups=tuple(
            StageGroup(
                stage,
                number,
                format_count(len(by_stage[stage])),
                tuple(
                    _project_row(project, townships, as_of)
                    for project in sorted(by_stage[stage], key=lambda p: (p.deadline, p.ledger_no))
                ),
            )
            for number, stage in enumerate(STAGES, start=1)
            if by_stage.get(stage)
        ),
        district_route=routes.district_route(county.code),
        pack_route=routes.district_pack_route(county.code),
    )
    return Page(
        routes.district_projects_route(county.code),
        "district-projects",
        f"{name}违法违规建设项目名单",
        f"{name}清理整治的全部违法违规建设项目，按阶段和完成时限排列。",
        view,
    )


def _project_row(project: Project, townships: Mapping[str, str], as_of: dt.date) -> ProjectRow:
    status, tone = project_status(project, as_of)
    return ProjectRow(
        project.name,
        routes.project_route(project.ledger_no),
        project.owner_name,
        townships.get(project.township_code, ""),
        project.violation_type,
        project.batch,
        project.deadline.isoformat(),
        status,
        tone,
    )


def enterprise_list_page(
    prefecture: Prefecture,
    county: County,
    enterprises: Sequence[EnterpriseEntry],
    table_count: int,
) -> Page:
    """Every enterprise of a county by name, each with how many of its tables are given."""
    name = county.name if county.name == prefecture.name else prefecture.name + county.name
    view = EnterpriseListView(
        crumbs=_list_crumbs(prefecture, county, "企业名单"),
        name=name,
        total=format_count(len(enterprises)),
        table_count=table_count,
        rows=tuple(
            _enterprise_row(entry)
            for entry in sorted(enterprises, key=lambda entry: (entry.name, entry.site_code))
        ),
        district_route=routes.district_route(county.code),
        pack_route=routes.district_pack_route(prefecture.code),
    )
    return Page(
        routes.district_enterprises_route(county.code),
        "district-enterprises",
        f"{name}企业名单",
        f"{name}纳入环境信息公开的全部企业事业单位。",
        view,
    )


def _enterprise_row(entry: EnterpriseEntry) -> EnterpriseRow:
    disclosure = entry.disclosure
    if entry.status == LONG_SUSPENDED:
        state, tone = "长期停产，单列", "plain"
    elif disclosure.disclosed:
        state, tone = "已公开", "good"
    else:
        state, tone = f"缺 {disclosure.count_state(TableState.MISSING)} 张表", "bad"
    return EnterpriseRow(
        entry.name,
        routes.enterprise_route(entry.site_code),
        entry.industry,
        entry.status,
        state,
        tone,
        str(disclosure.count_state(TableState.GIVEN)),
    )


def _list_crumbs(prefecture: Prefecture, county: County, title: str) -> tuple[tuple[str, str], ...]:
    return (
        ("各地", routes.DISTRICTS),
        (prefecture.name, routes.district_route(prefecture.code)),
        (county.name, routes.district_route(county.code)),
        (title, ""),
    )


def group_by(records: Iterable[Record], key: Callable[[Record], str]) -> dict[str, list[Record]]:
    """The records of each key, in their order."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(key(record), []).append(record)
    return groups
