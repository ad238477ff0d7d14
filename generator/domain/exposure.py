"""浙江 一周一曝光: cases of the week, the issues they make, and the tallies that equal them.

A withdrawn case keeps its number, its week, the reason and the date; every other text of it is
dropped while reading, so that no later stage can print it.

Source: exposure_case and correction tables; tallies count the cases themselves, never a column.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from generator.data.load import Dataset
from generator.domain.absence import Absence, read_absence
from generator.domain.correction import Correction, find_corrections, read_corrections
from generator.domain.weeks import parse_week

CASE_TABLE: Final = "exposure_case"
MEASURE_SEPARATOR: Final = "、"

FOLLOW_UPS: Final = (
    ("原因查清", "cause_found_date"),
    ("责任落实", "duty_fixed_date"),
    ("案件严查", "case_filed_date"),
    ("整改到位", "rectified_date"),
)
"""The four 不放过 in the order in which a case is followed up, with their columns."""

MEASURE_GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "daily_penalty": ("按日连续处罚",),
    "seizure": ("查封扣押",),
    "limit_stop": ("限制生产", "停产整治"),
    "detention": ("移送行政拘留",),
    "crime_transfer": ("移送涉嫌犯罪",),
}
"""Which words of a case's measures count under which column of the bulletin."""

_PHOTO = re.compile(r"photos/[a-z0-9-]{1,60}\.(?:png|jpg|webp)")


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One of the four 不放过; `done` is None while it is open."""

    title: str
    done: dt.date | None


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Why and when a case was taken back; the day is None where no correction states it."""

    reason: str
    date: dt.date | None


@dataclass(frozen=True, slots=True)
class Case:
    """An exposed case. Of a withdrawn one only number, week and withdrawal are filled."""

    case_no: str
    iso_week: str
    division_code: str
    site_code: str
    """Empty where the firm is not in the register."""
    ledger_no: str
    ent_name: str
    violation_type: str
    facts: str
    measures: tuple[str, ...]
    decision_no: str | Absence
    decision_site_code: str
    """The enterprise whose penalty rows hold the decision; empty where there is none."""
    fine: Decimal | Absence
    """万元, exact; 0 is a decision without a fine, NOT_REPORTED is a fine not yet decided."""
    follow_ups: tuple[FollowUp, ...]
    photo: str
    """Path under the dataset and under the site alike; empty where there is no picture."""
    photo_alt: str
    reply: str
    withdrawal: Withdrawal | None

    def has_measure(self, group: str) -> bool:
        """Whether the case counts under a column of the bulletin, e.g. `limit_stop`."""
        return any(word in self.measures for word in MEASURE_GROUPS[group])


@dataclass(frozen=True, slots=True)
class Issue:
    """One week's exposure; `number` is its rank among the weeks that have any case."""

    number: int
    iso_week: str
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class CaseTally:
    """What a set of cases adds up to. A case counts once in each column, however worded."""

    listed: int
    """All cases, withdrawn ones too."""
    withdrawn: int
    fine: Decimal
    """万元, of the cases that stand."""
    daily_penalty: int
    seizure: int
    limit_stop: int
    detention: int
    crime_transfer: int

    @property
    def standing(self) -> int:
        """Cases that are not withdrawn; only these count in the other columns."""
        return self.listed - self.withdrawn

    @property
    def police_transfers(self) -> int:
        """移送公安机关: detention and suspected crime together, as the bulletin adds them."""
        return self.detention + self.crime_transfer


def read_cases(dataset: Dataset) -> tuple[Case, ...]:
    """Every case by number, withdrawn ones stripped to their withdrawal.

    A case is withdrawn when its row gives a reason or a resolved 撤回 points at it.

    Raises:
        DatasetError: A case names a week that no calendar has.

    """
    corrections = read_corrections(dataset)
    decisions = dict(
        dataset["penalty_rectification"].text.select("decision_no", "site_code").iter_rows()
    )
    rows = dataset[CASE_TABLE].text.iter_rows(named=True)
    cases = (_read_case(row, corrections, decisions) for row in rows)
    return tuple(sorted(cases, key=lambda case: case.case_no))


def _read_case(
    row: Mapping[str, str], corrections: Sequence[Correction], decisions: Mapping[str, str]
) -> Case:
    week = parse_week(row["iso_week"]).code
    withdrawal = _find_withdrawal(row, corrections)
    if withdrawal is not None:
        return _strip_case(row["case_no"], week, withdrawal)
    decision = read_absence(row["decision_no"]) or row["decision_no"]
    photo = row["photo_ref"]
    return Case(
        case_no=row["case_no"],
        iso_week=week,
        division_code=row["division_code"],
        site_code=_value(row["site_code"]),
        ledger_no=_value(row["ledger_no"]),
        ent_name=row["ent_name"],
        violation_type=row["violation_type"],
        facts=row["facts"],
        measures=tuple(word for word in row["measure_kind"].split(MEASURE_SEPARATOR) if word),
        decision_no=decision,
        decision_site_code=decisions.get(row["decision_no"], ""),
        fine=read_absence(row["fine"]) or Decimal(row["fine"]),
        follow_ups=tuple(FollowUp(title, _date(row[column])) for title, column in FOLLOW_UPS),
        photo=photo if _PHOTO.fullmatch(photo) else "",
        photo_alt=_value(row["photo_alt"]),
        reply=_value(row["reply"]),
        withdrawal=None,
    )


def _find_withdrawal(
    row: Mapping[str, str], corrections: Sequence[Correction]
) -> Withdrawal | None:
    own = find_corrections(corrections, CASE_TABLE, row["case_no"])
    taken_back = [entry for entry in own if entry.is_withdrawal]
    stated = _value(row["withdraw_reason"])
    if taken_back:
        last = taken_back[-1]
        return Withdrawal(stated or last.reason, last.resolved)
    return Withdrawal(stated, None) if stated else None


def _strip_case(case_no: str, week: str, withdrawal: Withdrawal) -> Case:
    """A withdrawn case without any of its old text, so that none can reach a page."""
    return Case(
        case_no=case_no,
        iso_week=week,
        division_code="",
        site_code="",
        ledger_no="",
        ent_name="",
        violation_type="",
        facts="",
        measures=(),
        decision_no=Absence.NOT_APPLICABLE,
        decision_site_code="",
        fine=Absence.NOT_APPLICABLE,
        follow_ups=(),
        photo="",
        photo_alt="",
        reply="",
        withdrawal=withdrawal,
    )


def read_issues(cases: Iterable[Case]) -> tuple[Issue, ...]:
    """The issues in order of their weeks, each with its cases by number."""
    by_week: dict[str, list[Case]] = defaultdict(list)
    for case in sorted(cases, key=lambda case: case.case_no):
        by_week[case.iso_week].append(case)
    return tuple(
        Issue(number, week, tuple(by_week[week]))
        for number, week in enumerate(sorted(by_week), start=1)
    )


def tally_cases(cases: Iterable[Case]) -> CaseTally:
    """What the cases add up to, counted one by one; a withdrawn case is only `withdrawn`."""
    counts: Counter[str] = Counter()
    fine = Decimal(0)
    for case in cases:
        counts["listed"] += 1
        if case.withdrawal is not None:
            counts["withdrawn"] += 1
            continue
        if isinstance(case.fine, Decimal):
            fine += case.fine
        counts.update(group for group in MEASURE_GROUPS if case.has_measure(group))
    return CaseTally(
        listed=counts["listed"],
        withdrawn=counts["withdrawn"],
        fine=fine,
        daily_penalty=counts["daily_penalty"],
        seizure=counts["seizure"],
        limit_stop=counts["limit_stop"],
        detention=counts["detention"],
        crime_transfer=counts["crime_transfer"],
    )


def group_by_division(cases: Iterable[Case]) -> Mapping[str, tuple[Case, ...]]:
    """The standing cases of each division, divisions by code, cases by number."""
    groups: dict[str, list[Case]] = defaultdict(list)
    for case in sorted(cases, key=lambda case: case.case_no):
        if case.withdrawal is None:
            groups[case.division_code].append(case)
    return {code: tuple(groups[code]) for code in sorted(groups)}


def list_photos(cases: Iterable[Case]) -> tuple[str, ...]:
    """Pictures that the site shows; those of withdrawn cases are not among them."""
    return tuple(sorted({case.photo for case in cases if case.photo}))


def _value(text: str) -> str:
    return "" if read_absence(text) is not None else text


def _date(text: str) -> dt.date | None:
    return None if read_absence(text) is not None else dt.date.fromisoformat(text)
