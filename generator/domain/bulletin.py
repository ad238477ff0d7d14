"""浙江 一周一通报: what each county did in a week, and sums over weeks and counties.

Source: bulletin table; the columns are those of the province's own statistics (cases, fines, the
five measures), with the refused EIA projects of the same weeks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from generator.data.load import Dataset
from generator.domain.exposure import Case, tally_cases
from generator.domain.place import Gazetteer
from generator.domain.weeks import Week, list_weeks, parse_week, week_a_year_before


@dataclass(frozen=True, slots=True)
class Tally:
    """Enforcement of some weeks in some counties. Every column adds up by itself."""

    cases_opened: int = 0
    fine: Decimal = Decimal(0)
    """万元, exact."""
    daily_penalty: int = 0
    seizure: int = 0
    limit_stop: int = 0
    detention: int = 0
    crime_transfer: int = 0
    eia_refused: int = 0
    eia_refused_invest: Decimal = Decimal(0)
    """万元, exact."""

    @property
    def police_transfers(self) -> int:
        """移送公安机关: administrative detention and suspected crime together."""
        return self.detention + self.crime_transfer

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            cases_opened=self.cases_opened + other.cases_opened,
            fine=self.fine + other.fine,
            daily_penalty=self.daily_penalty + other.daily_penalty,
            seizure=self.seizure + other.seizure,
            limit_stop=self.limit_stop + other.limit_stop,
            detention=self.detention + other.detention,
            crime_transfer=self.crime_transfer + other.crime_transfer,
            eia_refused=self.eia_refused + other.eia_refused,
            eia_refused_invest=self.eia_refused_invest + other.eia_refused_invest,
        )


MEASURES = ("daily_penalty", "seizure", "limit_stop", "detention", "crime_transfer")
"""The five measures, by the name they have in `Tally` and in `exposure.CaseTally`."""


@dataclass(frozen=True, slots=True)
class BulletinRow:
    """One county's week."""

    iso_week: str
    division_code: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class PrefectureRows:
    """A prefecture's counties in a week, with their sum."""

    code: str
    counties: tuple[BulletinRow, ...]
    subtotal: Tally


@dataclass(frozen=True, slots=True)
class Excess:
    """A county where more was exposed in a week than its bulletin row reports."""

    division_code: str
    column: str
    """Field of `Tally`."""
    exposed: int | Decimal
    reported: int | Decimal


@dataclass(frozen=True, slots=True)
class Comparison:
    """Some weeks against the same weeks of the year before."""

    now: Tally
    before: Tally | None
    """None unless every one of the weeks had its bulletin a year before."""
    weeks_before: tuple[Week, ...]


def read_bulletin_rows(dataset: Dataset) -> tuple[BulletinRow, ...]:
    """Every row, by week and county.

    Raises:
        DatasetError: A row names a week that no calendar has.

    """
    rows = dataset["bulletin"].text.iter_rows(named=True)
    read = (
        BulletinRow(
            iso_week=parse_week(row["iso_week"]).code,
            division_code=row["division_code"],
            tally=_read_tally(row),
        )
        for row in rows
    )
    return tuple(sorted(read, key=lambda row: (row.iso_week, row.division_code)))


def _read_tally(row: Mapping[str, str]) -> Tally:
    return Tally(
        cases_opened=int(row["cases_opened"]),
        fine=Decimal(row["fine_total"]),
        daily_penalty=int(row["daily_penalty"]),
        seizure=int(row["seizure"]),
        limit_stop=int(row["limit_stop"]),
        detention=int(row["detention"]),
        crime_transfer=int(row["crime_transfer"]),
        eia_refused=int(row["eia_refused"]),
        eia_refused_invest=Decimal(row["eia_refused_invest"]),
    )


def sum_rows(rows: Iterable[BulletinRow]) -> Tally:
    """What the rows add up to; an empty tally for none."""
    total = Tally()
    for row in rows:
        total = total + row.tally
    return total


def sum_weeks(rows: Iterable[BulletinRow], first: Week, last: Week) -> Tally:
    """What all counties did from week `first` to week `last`, both included."""
    return sum_rows(row for row in rows if first.code <= row.iso_week <= last.code)


def group_by_week(rows: Iterable[BulletinRow]) -> Mapping[str, tuple[BulletinRow, ...]]:
    """The rows of each week, weeks in order, rows by county."""
    groups: dict[str, list[BulletinRow]] = defaultdict(list)
    for row in rows:
        groups[row.iso_week].append(row)
    return {
        week: tuple(sorted(groups[week], key=lambda row: row.division_code))
        for week in sorted(groups)
    }


def group_by_prefecture(
    rows: Iterable[BulletinRow], gazetteer: Gazetteer
) -> tuple[PrefectureRows, ...]:
    """One week's rows under their prefectures, by code.

    A row of a prefecture itself, or of a division the gazetteer does not know, makes a group
    under its own code, so that no row is lost from the sums.
    """
    groups: dict[str, list[BulletinRow]] = defaultdict(list)
    for row in rows:
        parent = gazetteer.parents.get(row.division_code, "")
        own = not parent or parent == gazetteer.province_code
        groups[row.division_code if own else parent].append(row)
    return tuple(
        PrefectureRows(
            code,
            tuple(sorted(groups[code], key=lambda row: row.division_code)),
            sum_rows(groups[code]),
        )
        for code in sorted(groups)
    )


def find_year_before(sums: Mapping[str, Tally], week: str) -> tuple[str, Tally] | None:
    """The same week of the year before with its sum; None where there is no such bulletin."""
    before = week_a_year_before(parse_week(week))
    if before is None or before.code not in sums:
        return None
    return before.code, sums[before.code]


def compare_weeks(rows: Iterable[BulletinRow], first: Week, last: Week) -> Comparison:
    """The sum of the weeks from `first` to `last` beside the same weeks of the year before."""
    sums = {week: sum_rows(own) for week, own in group_by_week(rows).items()}
    weeks = tuple(list_weeks(first, last))
    now, then = Tally(), Tally()
    before: list[Week] = []
    for week in weeks:
        now = now + sums.get(week.code, Tally())
        earlier = week_a_year_before(week)
        if earlier is not None and earlier.code in sums:
            before.append(earlier)
            then = then + sums[earlier.code]
    return Comparison(now, then if weeks and len(before) == len(weeks) else None, tuple(before))


def find_excess(rows: Iterable[BulletinRow], cases: Iterable[Case]) -> tuple[Excess, ...]:
    """Where a week's exposed cases outnumber what the bulletin reports for the same county.

    The exposed cases are a choice from those opened, so in a consistent week this is empty. A
    case opened in an earlier week than it was exposed in shows up here and must be said.
    """
    reported = {row.division_code: row.tally for row in rows}
    exposed: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        if case.withdrawal is None:
            exposed[case.division_code].append(case)
    found: list[Excess] = []
    for code in sorted(exposed):
        own, whole = tally_cases(exposed[code]), reported.get(code, Tally())
        pairs: list[tuple[str, int | Decimal, int | Decimal]] = [
            ("cases_opened", own.standing, whole.cases_opened),
            ("fine", own.fine, whole.fine),
        ]
        pairs += [(name, getattr(own, name), getattr(whole, name)) for name in MEASURES]
        found += [Excess(code, name, e, r) for name, e, r in pairs if e > r]
    return tuple(found)


def change_per_cent(now: int | Decimal, before: int | Decimal, places: int = 0) -> Decimal | None:
    """Growth against `before` in per cent, rounded half up; None where `before` is 0.

    Computed exactly: 6333 against 2445 is 159.01… and gives 159.
    """
    if before == 0:
        return None
    step = Decimal(1).scaleb(-places)
    growth = (Decimal(now) - Decimal(before)) * 100 / Decimal(before)
    return growth.quantize(step, rounding=ROUND_HALF_UP)
