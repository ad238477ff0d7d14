"""The four 不放过 as states of a case: each is open until it has its day, and all four close it.

Source: exposure_case, cause_found_date to rectified_date. A withdrawn case is followed no longer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from generator.domain.exposure import FOLLOW_UPS, Case, Issue
from generator.domain.weeks import list_weeks, parse_week

STEP_MEANINGS: Final[Mapping[str, str]] = {
    "原因查清": "违法原因没有查清不放过",
    "责任落实": "责任没有落实不放过",
    "案件严查": "案件没有严查不放过",
    "整改到位": "整改没有到位不放过",
}
"""What each step demands, by its title in `FOLLOW_UPS`."""


@dataclass(frozen=True, slots=True)
class StepState:
    """One of the four steps over a set of cases."""

    title: str
    done: tuple[Case, ...]
    open: tuple[Case, ...]


def sort_by_step(cases: Iterable[Case]) -> tuple[StepState, ...]:
    """For each step, the standing cases where it is done and where it is open, by number."""
    standing = sorted(
        (case for case in cases if case.withdrawal is None), key=lambda case: case.case_no
    )
    return tuple(
        StepState(
            title,
            tuple(case for case in standing if case.follow_ups[place].done is not None),
            tuple(case for case in standing if case.follow_ups[place].done is None),
        )
        for place, (title, _) in enumerate(FOLLOW_UPS)
    )


def is_closed(case: Case) -> bool:
    """Whether a standing case has all four steps done."""
    return case.withdrawal is None and all(step.done is not None for step in case.follow_ups)


def list_quiet_weeks(issues: Sequence[Issue]) -> Iterator[str]:
    """The weeks between the first and the last issue in which no case was exposed."""
    if not issues:
        return
    taken = {issue.iso_week for issue in issues}
    first, last = parse_week(min(taken)), parse_week(max(taken))
    yield from (week.code for week in list_weeks(first, last) if week.code not in taken)
