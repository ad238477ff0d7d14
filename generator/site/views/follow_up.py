"""The page of open follow-ups: which of the four 不放过 are not done yet, issue by issue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from generator.domain.exposure import Case, Issue
from generator.domain.follow_up import STEP_MEANINGS, StepState, is_closed, sort_by_step
from generator.site import routes
from generator.site.pages import Page
from generator.site.views.exposure_parts import Link, link_firm
from generator.site.views.text import format_count
from generator.site.views.week_labels import label_issue, label_week


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step over all issues; the number of open cases leads to them."""

    title: str
    meaning: str
    done: str
    open: Link


@dataclass(frozen=True, slots=True)
class IssueRow:
    """How many cases of an issue are open at each step."""

    issue: Link
    standing: str
    open: tuple[Link, ...]
    closed: str


@dataclass(frozen=True, slots=True)
class OpenGroup:
    """The cases of an issue that are open at a step."""

    anchor: str
    issue: str
    cases: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class OpenSection:
    """A step with the cases that wait for it."""

    anchor: str
    title: str
    meaning: str
    count: str
    groups: tuple[OpenGroup, ...]


@dataclass(frozen=True, slots=True)
class FollowUpView:
    """The states of all standing cases."""

    lead: str
    steps: tuple[StepLine, ...]
    rows: tuple[IssueRow, ...]
    total: IssueRow
    sections: tuple[OpenSection, ...]
    weeks_route: str


def follow_up_page(issues: Sequence[Issue]) -> Page:
    """The one page, from all issues, the newest first."""
    states = sort_by_step(case for issue in issues for case in issue.cases)
    standing = [case for issue in issues for case in issue.cases if case.withdrawal is None]
    closed = sum(map(is_closed, standing))
    waiting = format_count(len(standing) - closed)
    view = FollowUpView(
        lead=f"仍在公开的 {format_count(len(standing))} 起案件中，四项全部办结的 "
        f"{format_count(closed)} 起，还有事项没有办结的 {waiting} 起。",
        steps=step_lines(states),
        rows=tuple(_issue_row(issue) for issue in reversed(issues)),
        total=IssueRow(
            Link("合计", ""),
            format_count(len(standing)),
            tuple(
                _count_link(len(state.open), step_anchor(place))
                for place, state in enumerate(states)
            ),
            format_count(closed),
        ),
        sections=tuple(_section(place, state, issues) for place, state in enumerate(states)),
        weeks_route=routes.WEEKS,
    )
    return Page(
        routes.FOLLOW_UPS,
        "follow-up",
        "四个不放过：未办结事项",
        "曝光案件的后续跟踪：原因、责任、查处、整改四项各有多少起没有办结，逐期可查。",
        view,
    )


def step_lines(states: Sequence[StepState]) -> tuple[StepLine, ...]:
    """Each step with its numbers; an open number leads to the page's list of cases."""
    return tuple(
        StepLine(
            state.title,
            STEP_MEANINGS[state.title],
            format_count(len(state.done)),
            Link(
                format_count(len(state.open)),
                f"{routes.FOLLOW_UPS}#{step_anchor(place)}" if state.open else "",
            ),
        )
        for place, state in enumerate(states)
    )


def step_anchor(place: int, week: str = "") -> str:
    """The id of a step's list, and of an issue's line in it."""
    return f"step-{place + 1}-{week}" if week else f"step-{place + 1}"


def _issue_row(issue: Issue) -> IssueRow:
    standing = [case for case in issue.cases if case.withdrawal is None]
    return IssueRow(
        Link(_name(issue), f"{routes.week_route(issue.iso_week)}"),
        format_count(len(standing)),
        tuple(
            _count_link(len(state.open), step_anchor(place, issue.iso_week))
            for place, state in enumerate(sort_by_step(issue.cases))
        ),
        format_count(sum(map(is_closed, standing))),
    )


def _count_link(count: int, anchor: str) -> Link:
    return Link(format_count(count), f"{routes.FOLLOW_UPS}#{anchor}" if count else "")


def _section(place: int, state: StepState, issues: Sequence[Issue]) -> OpenSection:
    waiting = {case.case_no for case in state.open}
    groups = []
    for issue in reversed(issues):
        own: list[Case] = [case for case in issue.cases if case.case_no in waiting]
        if own:
            groups.append(
                OpenGroup(
                    step_anchor(place, issue.iso_week),
                    f"{_name(issue)}（{format_count(len(own))}）",
                    tuple(link_firm(case) for case in own),
                )
            )
    return OpenSection(
        step_anchor(place),
        state.title,
        STEP_MEANINGS[state.title],
        format_count(len(state.open)),
        tuple(groups),
    )


def _name(issue: Issue) -> str:
    return f"{label_issue(issue.number)} · {label_week(issue.iso_week)}"
