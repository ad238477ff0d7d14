"""Pages of 一周一曝光: weekly issues with their gallery and tally, and the archive."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from generator.domain.absence import Absence
from generator.domain.bulletin import MEASURES
from generator.domain.changes import NO_CHANGES, ChangeLog
from generator.domain.correction import Correction, find_corrections
from generator.domain.duty import Body, index_violation_types
from generator.domain.exposure import (
    CASE_TABLE,
    Case,
    CaseTally,
    Issue,
    group_by_division,
    read_issues,
    tally_cases,
)
from generator.domain.follow_up import list_quiet_weeks, sort_by_step
from generator.domain.place import Gazetteer
from generator.site import routes
from generator.site.pages import Page
from generator.site.pictures import PictureFiles
from generator.site.views.case import case_list_page, case_page
from generator.site.views.change import show_changes
from generator.site.views.chart import Chart
from generator.site.views.exposure_parts import (
    MEASURE_TITLES,
    Link,
    Picture,
    Step,
    WithdrawnLine,
    link_firm,
    link_issue,
    link_neighbour,
    link_place,
    make_picture,
    make_step,
    make_withdrawn_line,
    shorten_facts,
    tally_anchor,
    title_issue,
)
from generator.site.views.follow_up import StepLine, follow_up_page, step_lines
from generator.site.views.gallery import gallery_pages
from generator.site.views.text import format_amount, format_count
from generator.site.views.transfers import transfers_page
from generator.site.views.week_labels import (
    MONEY_PLACES,
    format_fine,
    label_days,
    label_issue,
    label_week,
)


@dataclass(frozen=True, slots=True)
class CaseCard:
    """A case in the gallery of its week."""

    case_no: str
    route: str
    picture: Picture | None
    firm: str
    place: Link
    violation_type: str
    measures: tuple[str, ...]
    fine: str | Absence
    fine_unit: str
    facts_line: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class TallyCell:
    """A number of a tally with the anchor of the cases that make it; no anchor for 0."""

    count: str
    anchor: str


@dataclass(frozen=True, slots=True)
class TallyRow:
    """A county's tally, or the week's."""

    place: Link
    anchor: str
    cells: tuple[TallyCell, ...]
    fine: str


@dataclass(frozen=True, slots=True)
class CaseGroup:
    """The cases behind one number of the tally."""

    anchor: str
    title: str
    cases: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class WeekView:
    """One issue of the exposure."""

    issue: str
    week: str
    days: str
    lead: str
    cards: tuple[CaseCard, ...]
    withdrawn: tuple[WithdrawnLine, ...]
    step_titles: tuple[str, ...]
    column_titles: tuple[str, ...]
    tally_rows: tuple[TallyRow, ...]
    tally_total: TallyRow
    groups: tuple[CaseGroup, ...]
    detention: tuple[Link, ...]
    crime: tuple[Link, ...]
    earlier: Link | None
    later: Link | None
    archive_route: str
    bulletin_route: str
    share_route: str
    """The issue's card; empty where no case is left."""
    follow_ups_route: str
    transfers_route: str


@dataclass(frozen=True, slots=True)
class QuietWeekView:
    """A week between two issues in which nothing was exposed."""

    week: str
    days: str
    earlier: Link | None
    later: Link | None
    archive_route: str
    bulletin_route: str


@dataclass(frozen=True, slots=True)
class IssueLine:
    """An issue in the archive, or a week without one (`quiet`), of which only the title is set."""

    title: Link
    quiet: bool
    days: str
    cover: Picture | None
    standing: str
    withdrawn: str
    gallery_route: str
    counties: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class WeekListView:
    """The archive of issues, newest first."""

    issue_count: str
    case_count: str
    cases_route: str
    bulletins_route: str
    gallery_routes: tuple[Link, ...]
    steps: tuple[StepLine, ...]
    follow_ups_route: str
    transfers: str
    transfers_route: str
    issues: tuple[IssueLine, ...]
    charts: tuple[Chart, ...]


def exposure_pages(
    cases: Sequence[Case],
    gazetteer: Gazetteer,
    corrections: Sequence[Correction],
    bodies: Sequence[Body],
    bulletin_weeks: Collection[str],
    as_of: dt.date,
    penalty_anchor: str = "",
    pictures: Mapping[str, PictureFiles] = MappingProxyType({}),
    changes: ChangeLog = NO_CHANGES,
    charts: tuple[Chart, ...] = (),
) -> Iterator[Page]:
    """Every page of the exposure: archive, issues, lists of cases, cases.

    Args:
        cases: All cases; issues are made of them.
        gazetteer: Names of the places.
        corrections: The whole log; entries that point at a case stand on its page.
        bodies: Responsible bodies; those that answer for a case's violation type are named.
        bulletin_weeks: Weeks that have a bulletin page to link to.
        as_of: The data date; duties in force on it count.
        penalty_anchor: Fragment of the penalty table on enterprise pages, empty for none.
        pictures: Files of the cases' pictures.
        changes: What commits changed of the cases.
        charts: What the archive shows of the weeks.

    """
    issues = read_issues(cases)
    duties = index_violation_types(bodies, as_of)
    yield _week_list_page(issues, gazetteer, pictures, charts)
    yield case_list_page(cases, gazetteer)
    yield from gallery_pages(cases, gazetteer, pictures)
    yield follow_up_page(issues)
    yield transfers_page(cases, gazetteer)
    yield from _quiet_pages(issues, bulletin_weeks)
    for place, issue in enumerate(issues):
        earlier = issues[place - 1] if place else None
        later = issues[place + 1] if place + 1 < len(issues) else None
        has_bulletin = issue.iso_week in bulletin_weeks
        yield _week_page(issue, earlier, later, gazetteer, has_bulletin, pictures)
        for position, case in enumerate(issue.cases):
            yield case_page(
                case,
                issue,
                link_neighbour(issue.cases[position - 1]) if position else None,
                link_neighbour(issue.cases[position + 1])
                if position + 1 < len(issue.cases)
                else None,
                gazetteer,
                find_corrections(corrections, CASE_TABLE, case.case_no),
                duties.get(case.violation_type, ()),
                penalty_anchor,
                pictures,
                show_changes(changes.of("case_no", case.case_no)),
            )


def _week_page(
    issue: Issue,
    earlier: Issue | None,
    later: Issue | None,
    gazetteer: Gazetteer,
    bulletin: bool,
    pictures: Mapping[str, PictureFiles],
) -> Page:
    standing = [case for case in issue.cases if case.withdrawal is None]
    tally = tally_cases(issue.cases)
    by_county = group_by_division(issue.cases)
    view = WeekView(
        issue=label_issue(issue.number),
        week=label_week(issue.iso_week),
        days=label_days(issue.iso_week),
        lead=_week_lead(tally, len(by_county)),
        cards=tuple(_card(case, gazetteer, pictures) for case in standing),
        withdrawn=tuple(make_withdrawn_line(case) for case in issue.cases if case.withdrawal),
        step_titles=tuple(step.title for step in standing[0].follow_ups) if standing else (),
        column_titles=("曝光案件", *(MEASURE_TITLES[name] for name in MEASURES)),
        tally_rows=tuple(
            _tally_row(code, own, link_place(code, gazetteer)) for code, own in by_county.items()
        ),
        tally_total=_tally_row("all", standing, Link("合计", "")),
        groups=tuple(_case_groups(by_county, standing, gazetteer)),
        detention=tuple(link_firm(case) for case in standing if case.has_measure("detention")),
        crime=tuple(link_firm(case) for case in standing if case.has_measure("crime_transfer")),
        earlier=link_issue(earlier),
        later=link_issue(later),
        archive_route=routes.WEEKS,
        bulletin_route=routes.bulletin_route(issue.iso_week) if bulletin else "",
        share_route=routes.card_route(issue.iso_week) if standing else "",
        follow_ups_route=routes.FOLLOW_UPS,
        transfers_route=routes.TRANSFERS,
    )
    return Page(
        routes.week_route(issue.iso_week),
        "week",
        f"一周一曝光 {title_issue(issue)}",
        f"{view.issue}一周一曝光：{view.lead}",
        view,
        view.share_route,
    )


def _week_lead(tally: CaseTally, counties: int) -> str:
    if not tally.standing:
        return f"本期曝光的 {format_count(tally.listed)} 起案件均已撤回。"
    parts = [
        f"本期曝光 {format_count(tally.standing)} 起环境违法典型案件，"
        f"涉及 {format_count(counties)} 个县（市、区），"
        f"已决定罚款 {format_amount(tally.fine, MONEY_PLACES)} 万元"
    ]
    if tally.police_transfers:
        parts.append(
            f"；移送行政拘留 {format_count(tally.detention)} 件、"
            f"移送涉嫌犯罪 {format_count(tally.crime_transfer)} 件"
        )
    parts.append("。")
    if tally.withdrawn:
        parts.append(f"另有 {format_count(tally.withdrawn)} 起已撤回。")
    return "".join(parts)


def _card(case: Case, gazetteer: Gazetteer, pictures: Mapping[str, PictureFiles]) -> CaseCard:
    fine, unit = format_fine(case.fine)
    return CaseCard(
        case_no=case.case_no,
        route=routes.case_route(case.case_no),
        picture=make_picture(case, pictures),
        firm=case.ent_name,
        place=link_place(case.division_code, gazetteer),
        violation_type=case.violation_type,
        measures=case.measures,
        fine=fine,
        fine_unit=unit,
        facts_line=shorten_facts(case.facts),
        steps=tuple(make_step(follow_up) for follow_up in case.follow_ups),
    )


def _tally_row(code: str, cases: Sequence[Case], place: Link) -> TallyRow:
    tally = tally_cases(cases)
    columns = [("", tally.standing), *((name, getattr(tally, name)) for name in MEASURES)]
    return TallyRow(
        place=place,
        anchor=tally_anchor(code),
        cells=tuple(
            TallyCell(format_count(count), tally_anchor(code, name) if count else "")
            for name, count in columns
        ),
        fine=format_amount(tally.fine, MONEY_PLACES),
    )


def _case_groups(
    by_county: Mapping[str, Sequence[Case]], standing: Sequence[Case], gazetteer: Gazetteer
) -> Iterator[CaseGroup]:
    """For each number of the tally above 0, the cases that make it."""
    sets = [(code, gazetteer.name(code), own) for code, own in by_county.items()]
    for code, name, own in [*sets, ("all", "合计", standing)]:
        for column in ("", *MEASURES):
            chosen = [case for case in own if not column or case.has_measure(column)]
            if chosen:
                measure = MEASURE_TITLES[column] if column else "曝光案件"
                yield CaseGroup(
                    tally_anchor(code, column),
                    f"{name} · {measure}（{format_count(len(chosen))}）",
                    tuple(link_firm(case) for case in chosen),
                )


def _week_list_page(
    issues: Sequence[Issue],
    gazetteer: Gazetteer,
    pictures: Mapping[str, PictureFiles],
    charts: tuple[Chart, ...],
) -> Page:
    tally = tally_cases(case for issue in issues for case in issue.cases)
    view = WeekListView(
        issue_count=format_count(len(issues)),
        case_count=format_count(tally.listed),
        cases_route=routes.CASES,
        bulletins_route=routes.BULLETINS,
        gallery_routes=(
            Link("按地区", routes.CASES_BY_PLACE),
            Link("按违法类型", routes.CASES_BY_VIOLATION),
            Link("按处理措施", routes.CASES_BY_MEASURE),
        ),
        steps=step_lines(sort_by_step(case for issue in issues for case in issue.cases)),
        follow_ups_route=routes.FOLLOW_UPS,
        transfers=format_count(tally.police_transfers),
        transfers_route=routes.TRANSFERS,
        charts=charts,
        issues=tuple(
            line
            for _, line in sorted(
                (
                    *(
                        (issue.iso_week, _issue_line(issue, gazetteer, pictures))
                        for issue in issues
                    ),
                    *((week, _quiet_line(week)) for week in list_quiet_weeks(issues)),
                ),
                key=lambda entry: entry[0],
                reverse=True,
            )
        ),
    )
    return Page(
        routes.WEEKS,
        "week-list",
        "一周一曝光",
        "每周公开曝光的环境违法典型案件：案情、图片、处理措施和整改进展，按期查阅。",
        view,
    )


def _quiet_pages(issues: Sequence[Issue], bulletin_weeks: Collection[str]) -> Iterator[Page]:
    """A page for each week between two issues, so that its address answers."""
    for week in list_quiet_weeks(issues):
        before = [issue for issue in issues if issue.iso_week < week]
        after = [issue for issue in issues if issue.iso_week > week]
        view = QuietWeekView(
            week=label_week(week),
            days=label_days(week),
            earlier=link_issue(before[-1]),
            later=link_issue(after[0]),
            archive_route=routes.WEEKS,
            bulletin_route=routes.bulletin_route(week) if week in bulletin_weeks else "",
        )
        yield Page(
            routes.week_route(week),
            "week-quiet",
            f"一周一曝光 {view.week}：本周无曝光案件",
            f"{view.week}（{view.days}）没有公布曝光案件。",
            view,
        )


def _quiet_line(week: str) -> IssueLine:
    return IssueLine(
        title=Link(label_week(week), routes.week_route(week)),
        quiet=True,
        days=label_days(week),
        cover=None,
        standing="",
        withdrawn="",
        gallery_route="",
        counties=(),
    )


def _issue_line(
    issue: Issue, gazetteer: Gazetteer, pictures: Mapping[str, PictureFiles]
) -> IssueLine:
    tally = tally_cases(issue.cases)
    route = routes.week_route(issue.iso_week)
    covers = [case for case in issue.cases if case.photo]
    return IssueLine(
        title=Link(f"{label_issue(issue.number)} · {label_week(issue.iso_week)}", route),
        quiet=False,
        days=label_days(issue.iso_week),
        cover=make_picture(covers[0], pictures) if covers else None,
        standing=format_count(tally.standing),
        withdrawn=format_count(tally.withdrawn) if tally.withdrawn else "",
        gallery_route=f"{route}#cases",
        counties=tuple(
            Link(
                f"{gazetteer.name(code)} {format_count(len(own))}", f"{route}#{tally_anchor(code)}"
            )
            for code, own in group_by_division(issue.cases).items()
        ),
    )
