"""河南 disclosure supervision: standings of divisions, notices for those below the floor, marks.

Everything is counted over sites, never averaged over percentages, and compared on integers.

Source: 河南 2015 practice (published-figures.csv, ha.*); domain rules “Disclosure rate and the
90 % line”.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from generator.config import AssessmentWeights
from generator.data.load import Dataset
from generator.domain.disclosure import LONG_SUSPENDED, Rate, SiteDisclosure, TableState
from generator.domain.place import Gazetteer
from generator.domain.timeliness import Duty, Timeliness


@dataclass(frozen=True, slots=True)
class SupervisedSite:
    """A site of the register as supervision sees it."""

    site_code: str
    name: str
    county: str
    prefecture: str
    suspended: bool
    """Long out of production: counted apart, owes nothing."""
    disclosure: SiteDisclosure

    @property
    def missing(self) -> tuple[int, ...]:
        """Positions of its missing tables in the catalog's order."""
        states = self.disclosure.states
        return tuple(place for place, s in enumerate(states) if s is TableState.MISSING)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a division stands: its rate, and how many of the tables owed are entered."""

    code: str
    rate: Rate
    entered: int
    """Tables of listed sites that are answered: rows, a statement, or withheld by law."""
    owed: int
    """Tables of listed sites, 33 each."""

    @property
    def share(self) -> Fraction | None:
        """The disclosure rate as an exact fraction; None where nobody is listed."""
        return Fraction(self.rate.disclosed, self.rate.listed) if self.rate.listed else None


@dataclass(frozen=True, slots=True)
class NoticeItem:
    """A site with missing tables, and by when they were due."""

    site: SupervisedSite
    duty: Duty
    filed: bool
    """Past the deadline, so on the filing list (立案清单)."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A supervision notice (督办通知书) to a county or prefecture below the floor."""

    number: str
    key: str
    """Year and code, for the address: `2016-990101`."""
    code: str
    is_county: bool
    issued: dt.date
    reply_by: dt.date
    standing: Standing
    floor: int
    short: int
    """How many more sites must disclose for the rate to reach the floor."""
    items: tuple[NoticeItem, ...]

    @property
    def filings(self) -> tuple[NoticeItem, ...]:
        """The items past their deadline."""
        return tuple(item for item in self.items if item.filed)


@dataclass(frozen=True, slots=True)
class Assessment:
    """A division's marks (考核表); each part is an exact share of its weight."""

    standing: Standing
    timed: int
    """Log entries with a time limit."""
    late: int
    irregular: int
    """Listed sites of which the check's rules have something to say."""
    disclosure_mark: Fraction
    timely_mark: Fraction
    regular_mark: Fraction

    @property
    def total(self) -> Fraction:
        """Marks together, at most 100."""
        return self.disclosure_mark + self.timely_mark + self.regular_mark


def read_supervised_sites(
    dataset: Dataset, disclosures: Mapping[str, SiteDisclosure], gazetteer: Gazetteer
) -> tuple[SupervisedSite, ...]:
    """Every site by code."""
    profile = dataset["enterprise_profile"].text
    rows = profile.select("site_code", "ent_name", "division_code", "operating_status").sort(
        "site_code"
    )
    sites = []
    for code, name, division, status in rows.iter_rows():
        county = gazetteer.place_code(division)
        sites.append(
            SupervisedSite(
                code,
                name,
                county,
                gazetteer.parents.get(county, ""),
                status == LONG_SUSPENDED,
                disclosures[code],
            )
        )
    return tuple(sites)


def take_standing(code: str, sites: Iterable[SupervisedSite]) -> Standing:
    """Where the division `code`, whose sites are `sites`, stands."""
    listed = suspended = disclosed = entered = owed = 0
    for site in sites:
        if site.suspended:
            suspended += 1
            continue
        missing = site.disclosure.count_state(TableState.MISSING)
        tables = len(site.disclosure.states)
        listed += 1
        disclosed += missing == 0
        owed += tables
        entered += tables - missing
    return Standing(code, Rate(listed, suspended, disclosed), entered, owed)


def issue_notice(
    standing: Standing,
    sites: Sequence[SupervisedSite],
    timeliness: Timeliness,
    *,
    is_county: bool,
    floor: int,
    as_of: dt.date,
    reply_days: int,
) -> Notice | None:
    """The notice that the division gets; None where its rate is not below the floor.

    The number is the year of the data date and the division's code: the same division has one
    notice a year, whatever other divisions do.
    """
    if not standing.rate.below(floor):
        return None
    items = []
    for site in sites:
        if not site.suspended and site.missing:
            duty = timeliness.duties[site.site_code]
            items.append(NoticeItem(site, duty, duty.passed(as_of)))
    # The fewest sites that reach the floor: ⌈floor × listed ÷ 100⌉, on integers.
    needed = -(-floor * standing.rate.listed // 100)
    return Notice(
        number=f"环督〔{as_of.year}〕{standing.code}号",
        key=f"{as_of.year}-{standing.code}",
        code=standing.code,
        is_county=is_county,
        issued=as_of,
        reply_by=as_of + dt.timedelta(days=reply_days),
        standing=standing,
        floor=floor,
        short=needed - standing.rate.disclosed,
        items=tuple(items),
    )


def assess(
    standing: Standing,
    sites: Iterable[SupervisedSite],
    timeliness: Timeliness,
    irregular_sites: frozenset[str],
    weights: AssessmentWeights,
) -> Assessment | None:
    """The marks of a division; None where nobody is listed.

    A division without a single log entry under a time limit was late in nothing and gets the
    whole weight of timeliness.
    """
    share = standing.share
    if share is None:
        return None
    listed = frozenset(site.site_code for site in sites if not site.suspended)
    timed = sum(timeliness.timed.get(site, 0) for site in listed)
    late = sum(entry.site_code in listed for entry in timeliness.late)
    irregular = len(listed & irregular_sites)
    return Assessment(
        standing=standing,
        timed=timed,
        late=late,
        irregular=irregular,
        disclosure_mark=share * weights.disclosure,
        timely_mark=(Fraction(timed - late, timed) if timed else Fraction(1)) * weights.timely,
        regular_mark=Fraction(len(listed) - irregular, len(listed)) * weights.regular,
    )
