"""The home page: what this site is, its headline figures, this week's exposure, what is new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from generator.domain.correction import Correction
from generator.domain.exposure import Issue
from generator.domain.figures import Figure
from generator.domain.place import Gazetteer
from generator.domain.project import Project
from generator.domain.weeks import parse_week
from generator.site import routes
from generator.site.pages import Page
from generator.site.pictures import PictureFiles
from generator.site.views.chart import Chart
from generator.site.views.district import DistrictListView
from generator.site.views.district_rows import DistrictRow
from generator.site.views.exposure_parts import Picture, make_picture, title_issue
from generator.site.views.figure import FigureLine, figure_line

HEADLINES = (
    "ha.enterprises",
    "ha.entry_rate",
    "ha.below_floor",
    "cq.projects.total",
    "cq.projects.done_rate",
    "cq.projects.overdue",
    "zj.cases",
    "zj.enforcement.cases",
    "zj.enforcement.fines",
)
"""What a citizen wants first, of the registry in `domain.figures`."""
COVER_CASES = 4
LATEST_CHANGES = 12


@dataclass(frozen=True, slots=True)
class CaseCard:
    """An exposed case with its picture."""

    title: str
    place: str
    violation_type: str
    route: str
    picture: Picture


@dataclass(frozen=True, slots=True)
class IssueCard:
    """The newest exposure issue."""

    title: str
    route: str
    count: int
    cases: tuple[CaseCard, ...]


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """Something that was entered lately."""

    date: str
    what: str
    title: str
    route: str


@dataclass(frozen=True, slots=True)
class HomeView:
    """What `pages/home.html.jinja` sees."""

    province: str
    headlines: tuple[FigureLine, ...]
    issue: IssueCard | None
    districts: tuple[DistrictRow, ...]
    charts: tuple[Chart, ...]
    changes: tuple[ChangeLine, ...]


def home_page(
    province: str,
    figures: Sequence[Figure],
    issues: Sequence[Issue],
    projects: Sequence[Project],
    corrections: Sequence[Correction],
    districts: DistrictListView,
    gazetteer: Gazetteer,
    pictures: Mapping[str, PictureFiles],
    charts: tuple[Chart, ...] = (),
) -> Page:
    """The one page at the root."""
    by_id: Mapping[str, Figure] = {figure.figure_id: figure for figure in figures}
    view = HomeView(
        province=province,
        headlines=tuple(figure_line(by_id[name]) for name in HEADLINES if name in by_id),
        issue=_issue_card(issues[-1], gazetteer, pictures) if issues else None,
        districts=tuple(group.total for group in districts.groups),
        charts=charts,
        changes=_latest_changes(projects, corrections, issues),
    )
    return Page(
        routes.HOME,
        "home",
        "首页",
        f"{province}企业事业单位环境信息公开、违法违规建设项目清理、一周一曝光、一周一通报和环境保护责任清单",
        view,
    )


def _issue_card(
    issue: Issue, gazetteer: Gazetteer, pictures: Mapping[str, PictureFiles]
) -> IssueCard:
    standing = [case for case in issue.cases if case.withdrawal is None and case.photo]
    shown = [(case, make_picture(case, pictures)) for case in standing]
    return IssueCard(
        title_issue(issue),
        routes.week_route(issue.iso_week),
        len(issue.cases),
        tuple(
            CaseCard(
                case.ent_name,
                gazetteer.full_name(case.division_code),
                case.violation_type,
                routes.case_route(case.case_no),
                picture,
            )
            for case, picture in shown[:COVER_CASES]
            if picture
        ),
    )


def _latest_changes(
    projects: Sequence[Project], corrections: Sequence[Correction], issues: Sequence[Issue]
) -> tuple[ChangeLine, ...]:
    """The newest entries of the ledger, the correction log and the exposures, newest first.

    One line for each kind of ledger step and day, so that a busy day does not push out all else.
    """
    steps: dict[tuple[str, str], list[Project]] = {}
    for project in projects:
        event = project.events[-1] if project.events else None
        if event is not None:
            steps.setdefault((event.event_date.isoformat(), event.stage), []).append(project)
    lines = [
        ChangeLine(
            day,
            stage,
            f"{len(entered)} 个项目进入“{stage}”，如 {entered[0].name}"
            if len(entered) > 1
            else entered[0].name,
            routes.project_route(entered[0].ledger_no),
        )
        for (day, stage), entered in steps.items()
    ]
    lines += [
        ChangeLine(
            (entry.resolved or entry.received).isoformat(),
            entry.kind,
            f"{entry.number} {entry.reason}",
            routes.CORRECTIONS,
        )
        for entry in corrections
    ]
    lines += [
        ChangeLine(
            parse_week(issue.iso_week).end.isoformat(),
            "曝光",
            f"一周一曝光第 {issue.number} 期，{len(issue.cases)} 起案件",
            routes.week_route(issue.iso_week),
        )
        for issue in issues
    ]
    lines.sort(key=lambda line: (line.date, line.what, line.title), reverse=True)
    return tuple(lines[:LATEST_CHANGES])
