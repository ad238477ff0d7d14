"""重庆 ledger supervision: tallies of a place, the pace it needs, and warnings against its target.

All comparisons are made on integers or exact decimals; a value exactly on a threshold counts as
the rule printed beside it says.

Source: 重庆 “四清四治” practice (published-figures.csv, cq.*); `district_target` table.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from enum import Enum
from fractions import Fraction
from typing import Final

from generator.config import LedgerThresholds
from generator.data.load import Dataset
from generator.domain.project import Project, read_decimal
from generator.domain.statistics import to_fen

WEEK_DAYS: Final = 7
MONTH_DAYS: Final = 30
RECENT_DAYS: Final = 28


@dataclass(frozen=True, slots=True)
class Pace:
    """How many projects must be closed from now on for every deadline to be met."""

    weekly: int
    monthly: int
    """In 30 days."""


@dataclass(frozen=True, slots=True)
class LedgerTally:
    """What the projects of a place add up to, as of a day."""

    total: int
    closed: int
    overdue: int
    rebounded: int
    """Projects that were sent back at least once."""
    rebounds: int
    """Times that projects were sent back."""
    recent: int
    """Closed in the last 28 days."""
    open_deadlines: Mapping[dt.date, int]
    """Open projects by the day on which they are due."""
    pace: Pace
    by_type: Mapping[str, int]
    by_sector: Mapping[str, int]
    by_batch: Mapping[str, int]
    penalised: int
    """Projects with a fine."""
    fined_owners: frozenset[str]
    """Different owners with a fine."""
    fine_fen: int

    @property
    def open(self) -> int:
        """Projects not struck off."""
        return self.total - self.closed

    @property
    def share(self) -> Fraction | None:
        """The closure rate as an exact fraction; None without a project."""
        return Fraction(self.closed, self.total) if self.total else None


@dataclass(frozen=True, slots=True)
class Target:
    """The closure rate that a county should have reached."""

    period: str
    """Month, `2016-06`."""
    per_cent: Decimal


class Verdict(Enum):
    """What supervision says of a place; the value is printed."""

    FINE = "正常"
    WARNING = "预警"
    SUPERVISION = "督办"
    NO_PROJECTS = "无台账项目"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A county against its target and the thresholds."""

    verdict: Verdict
    reasons: tuple[str, ...]
    target: Target | None
    """None where no month with a target has ended."""
    required: int
    """Projects that must be closed for the target; 0 without one."""

    def short_of(self, tally: LedgerTally) -> int:
        """How many closures the place lacks for its target."""
        return max(0, self.required - tally.closed)


def tally_projects(projects: Iterable[Project], as_of: dt.date) -> LedgerTally:
    """What `projects` add up to on `as_of`."""
    chosen = list(projects)
    rebounds = [project.rebounds for project in chosen]
    fined = [project for project in chosen if project.fine]
    deadlines = Counter(project.deadline for project in chosen if not project.closed)
    return LedgerTally(
        total=len(chosen),
        closed=sum(project.closed for project in chosen),
        overdue=sum(project.overdue(as_of) for project in chosen),
        rebounded=sum(number > 0 for number in rebounds),
        rebounds=sum(rebounds),
        recent=sum(_closed_lately(project, as_of) for project in chosen),
        open_deadlines=deadlines,
        pace=find_pace(deadlines, as_of),
        by_type=Counter(project.violation_type for project in chosen),
        by_sector=Counter(project.sector for project in chosen),
        by_batch=Counter(project.batch for project in chosen),
        penalised=len(fined),
        fined_owners=frozenset(project.owner_key for project in fined),
        fine_fen=sum(to_fen(project.fine) for project in fined),
    )


def merge_tallies(tallies: Iterable[LedgerTally], as_of: dt.date) -> LedgerTally:
    """The tally of all the projects behind `tallies`, none of which may stand in two of them."""
    parts = list(tallies)

    def add(counts: Iterable[Mapping[str, int]]) -> Mapping[str, int]:
        total: Counter[str] = Counter()
        for count in counts:
            total.update(count)
        return total

    deadlines: Counter[dt.date] = Counter()
    for part in parts:
        deadlines.update(part.open_deadlines)
    return LedgerTally(
        total=sum(part.total for part in parts),
        closed=sum(part.closed for part in parts),
        overdue=sum(part.overdue for part in parts),
        rebounded=sum(part.rebounded for part in parts),
        rebounds=sum(part.rebounds for part in parts),
        recent=sum(part.recent for part in parts),
        open_deadlines=deadlines,
        pace=find_pace(deadlines, as_of),
        by_type=add(part.by_type for part in parts),
        by_sector=add(part.by_sector for part in parts),
        by_batch=add(part.by_batch for part in parts),
        penalised=sum(part.penalised for part in parts),
        fined_owners=frozenset[str]().union(*(part.fined_owners for part in parts)),
        fine_fen=sum(part.fine_fen for part in parts),
    )


def find_pace(open_deadlines: Mapping[dt.date, int], as_of: dt.date) -> Pace:
    """The steady pace at which no open project misses its deadline.

    For each deadline to come, all that is due by then (what is overdue too) divided by the days
    left, rounded up to a week's or a month's whole projects; the largest counts. Where nothing
    but overdue projects is left, they are due at once: all of them.
    """
    due = sum(number for day, number in open_deadlines.items() if day < as_of)
    coming = sorted(day for day in open_deadlines if day >= as_of)
    if not coming:
        return Pace(due, due)
    weekly = monthly = 0
    for day in coming:
        due += open_deadlines[day]
        left = max(1, (day - as_of).days)
        weekly = max(weekly, min(due, -(-due * WEEK_DAYS // left)))
        monthly = max(monthly, min(due, -(-due * MONTH_DAYS // left)))
    return Pace(weekly, monthly)


def _closed_lately(project: Project, as_of: dt.date) -> bool:
    day = project.closed_date
    if not project.closed or day is None:
        return False
    return as_of - dt.timedelta(days=RECENT_DAYS) < day <= as_of


def read_targets(dataset: Dataset, as_of: dt.date) -> Mapping[str, Target]:
    """By county, the target of the last month that has ended on `as_of`."""
    rows = dataset["district_target"].text.select("division_code", "period", "closure_target")
    targets: dict[str, Target] = {}
    for code, period, text in rows.sort("period").iter_rows():
        per_cent = read_decimal(text)
        if per_cent is not None and _month_end(period) <= as_of:
            targets[code] = Target(period, per_cent)
    return targets


def judge(tally: LedgerTally, target: Target | None, thresholds: LedgerThresholds) -> Judgement:
    """Whether the place is fine, warned or supervised, and why.

    Exactly on its target a place is not warned; exactly on a threshold the threshold is reached.
    """
    if not tally.total:
        return Judgement(Verdict.NO_PROJECTS, (), target, 0)
    required, gap = 0, Decimal(0)
    if target is not None:
        wanted = target.per_cent * tally.total
        # Up to whole projects; Decimal's own // rounds towards zero.
        required = int((wanted / 100).to_integral_value(ROUND_CEILING))
        # In hundredths of a project, exact: (target − rate) × total.
        gap = wanted - tally.closed * 100
    overdue = tally.overdue * 100
    serious = [
        words
        for reached, words in (
            (
                target is not None and gap > 0 and gap >= thresholds.supervision_gap * tally.total,
                f"整改率低于目标达到 {thresholds.supervision_gap} 个百分点",
            ),
            (
                tally.overdue > 0 and overdue >= thresholds.supervision_overdue * tally.total,
                f"逾期项目达到台账的 {thresholds.supervision_overdue}%",
            ),
        )
        if reached
    ]
    if serious:
        return Judgement(Verdict.SUPERVISION, tuple(serious), target, required)
    light = [
        words
        for reached, words in (
            (gap > 0, "整改率低于目标"),
            (
                tally.overdue > 0 and overdue >= thresholds.warning_overdue * tally.total,
                f"逾期项目达到台账的 {thresholds.warning_overdue}%",
            ),
        )
        if reached
    ]
    verdict = Verdict.WARNING if light else Verdict.FINE
    return Judgement(verdict, tuple(light), target, required)


def _month_end(period: str) -> dt.date:
    year, month = int(period[:4]), int(period[5:7])
    return dt.date(year, month, calendar.monthrange(year, month)[1])
