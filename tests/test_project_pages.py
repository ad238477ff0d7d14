"""Ledger projects from events to the ladder on the page."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from generator.domain.changes import NO_CHANGES
from generator.domain.duty import Body, Duty
from generator.domain.owner import OwnedSite, Owner, Penalty, Rating
from generator.domain.place import Gazetteer
from generator.domain.project import LedgerEvent, Project
from generator.site.pages import Page
from generator.site.views.project import (
    ProjectSources,
    ProjectView,
    project_pages,
    project_status,
)

DATA_DATE = dt.date(2016, 7, 3)
PLACES = Gazetteer(
    "990000",
    "示例省",
    (),
    {"990000": "示例省", "990100": "云岭市", "990101": "清溪区"},
    {"990100": "990000", "990101": "990100"},
    frozenset({"990101"}),
)


def make_project(*stages: str, number: int = 1, **changes: object) -> Project:
    ledger_no = f"990101-B-{number:05d}"
    events = tuple(
        LedgerEvent(f"{ledger_no}/{n:02d}", stage, dt.date(2015, n, 10), "", "", "")
        for n, stage in enumerate(stages, start=1)
    )
    last = stages[-1] if stages else "排查"
    values: dict[str, object] = {
        "ledger_no": ledger_no,
        "name": "养殖场项目",
        "owner_name": "清溪养殖场",
        "uscc": "",
        "site_code": "",
        "division_code": "990101",
        "township_code": "",
        "address": "清溪区",
        "industry_code": "0313",
        "sector": "畜禽养殖",
        "violation_type": "未批先建",
        "batch": "完善备案",
        "stage": "整改" if last == "退回" else last,
        "deadline": dt.date(2016, 6, 30),
        "closed_date": events[-1].event_date if last == "销号" else None,
        "lead_agency": "清溪区人民政府",
        "responsible_post": "区长",
        "penalty_no": "",
        "penalty_date": None,
        "fine": None,
        "events": events,
    }
    return Project(**{**values, **changes})  # type: ignore[arg-type]


def view_of(project: Project, owner: Owner | None = None) -> ProjectView:
    owners = {project.ledger_no: owner} if owner else {}
    pages: list[Page] = list(
        project_pages(ProjectSources((project,), (), {}, owners, {}, PLACES, DATA_DATE))
    )
    view = pages[0].view
    assert isinstance(view, ProjectView)
    return view


def ladder(view: ProjectView) -> list[tuple[str, str]]:
    return [(step.name, step.state) for step in view.steps]


def test_a_closed_project_has_every_stage_behind_it() -> None:
    view = view_of(make_project("排查", "登记", "整改", "消除", "销号"))
    assert {state for _, state in ladder(view)} == {"done"}
    assert view.status == "已销号"
    assert view.due == ""


def test_a_skipped_stage_is_shown_as_not_passed() -> None:
    view = view_of(make_project("排查", "登记", "消除", "销号", batch="淘汰关闭"))
    assert ladder(view)[2] == ("整改", "skipped")


def test_a_rebound_takes_back_what_came_after() -> None:
    view = view_of(make_project("排查", "登记", "整改", "消除", "退回"))
    assert ladder(view) == [
        ("排查", "done"), ("登记", "done"), ("整改", "current"), ("消除", "ahead"),
        ("销号", "ahead"),
    ]  # fmt: skip
    assert view.rebounds == 1
    assert view.steps[2].date == "2015-05-10"
    assert view.steps[3].date == ""


@pytest.mark.parametrize(
    ("deadline", "overdue"), [("2016-07-02", True), ("2016-07-03", False), ("2016-07-04", False)]
)
def test_the_deadline_itself_is_not_overdue(deadline: str, overdue: bool) -> None:
    project = make_project("排查", "登记", deadline=dt.date.fromisoformat(deadline))
    assert project.overdue(DATA_DATE) is overdue
    assert ("已逾期" in project_status(project, DATA_DATE)[0]) is overdue


def test_a_closed_project_is_never_overdue() -> None:
    project = make_project("排查", "登记", "整改", "消除", "销号", deadline=dt.date(2015, 1, 1))
    assert not project.overdue(DATA_DATE)


def make_owner(*projects: Project) -> Owner:
    site = "91990101MA0000001X001P"
    return Owner(
        key=site[:18],
        uscc=site[:18],
        name="清溪养殖场",
        county="",
        sites=(OwnedSite(site, "清溪养殖场", "990101", "在产"),),
        projects=projects,
        penalties=(
            Penalty("清环罚〔2016〕1号", site, "超标排放", "罚款", "3", "2016-05-01", "整改中"),
        ),
        cases=(),
        ratings=(Rating(site, "2015", "警示(黄)", "清溪区环境保护局"),),
    )


def test_a_project_gathers_everything_on_its_owner() -> None:
    one, other = make_project("排查", number=1), make_project("排查", number=2)
    view = view_of(one, make_owner(one, other))
    site = "enterprise/91990101MA0000001X001P.html"
    assert [(link.kind, link.route) for link in view.related] == [
        ("企业", site),
        ("项目", "project/990101-B-00002.html"),
        ("处罚", f"{site}#penalties"),
        ("信用评价", site),
    ]
    assert view.owner_page == ""
    assert view_of(one).related == ()


def test_a_project_leads_to_its_owners_page_where_there_is_one() -> None:
    projects = [make_project("排查", number=number) for number in (1, 2, 3)]
    view = view_of(projects[0], make_owner(*projects))
    assert view.owner_page == "owner/91990101MA0000001X.html"


def test_no_penalty_and_a_fine_of_zero_are_two_things() -> None:
    assert view_of(make_project("排查")).penalty == ()
    fined = view_of(make_project("排查", penalty_no="示环罚〔2016〕1号", fine=Decimal(0)))
    assert ("罚款金额", "0 万元") in fined.penalty


def test_a_project_names_who_leads_and_supervises_its_violation_with_the_clauses():
    def clause(number: str, role: str, division: str = "990000", kind: str = "未批先建") -> Duty:
        start = dt.date(2016, 1, 1)
        return Duty(
            number, f"主体{number[:3]}", "职责", role, "依据", (kind,), division, start, None
        )

    duties = [
        clause("Z01-001", "领导"),
        clause("Z02-001", "监管", kind="无证排污"),
        *(clause(f"Z{n:02d}-001", "监管") for n in range(3, 8)),
        clause("Z08-001", "监管", division="990200"),
    ]
    bodies = tuple(
        Body(duty.number[:3], duty.body_name, (), "政府部门", "政府", (duty,)) for duty in duties
    )
    project = make_project("排查")
    sources = ProjectSources((project,), (), {}, {}, {}, PLACES, DATA_DATE, NO_CHANGES, bodies)
    (page,) = project_pages(sources)
    assert isinstance(page.view, ProjectView)
    leading, supervising = page.view.roles
    assert (leading.role, leading.rest) == ("领导", "")
    assert leading.bodies[0].text == "主体Z01（Z01-001）"
    assert leading.bodies[0].route == "duty/Z01.html#Z01-001"
    assert (supervising.role, supervising.rest) == ("监管", "等 5 个")
    assert [link.text[2:5] for link in supervising.bodies] == ["Z03", "Z04", "Z05"]
    assert page.view.duties_route.startswith("duty/index.html#v-")


def test_a_project_whose_violation_nobody_answers_for_names_nobody():
    assert view_of(make_project("排查")).roles == ()
