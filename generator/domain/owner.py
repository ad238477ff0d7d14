"""Owners: everything on one party across its sites, projects, penalties, exposures and ratings.

Source: 重庆 “一次违法，处处受限”; docs/adr/0019-owner-pages.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from generator.data.load import Dataset
from generator.domain.absence import read_absence
from generator.domain.exposure import Case
from generator.domain.place import Gazetteer
from generator.domain.project import Project

SITES_FOR_A_PAGE: Final = 2
PROJECTS_FOR_A_PAGE: Final = 3


@dataclass(frozen=True, slots=True)
class OwnedSite:
    """A registered site."""

    site_code: str
    name: str
    county: str
    status: str


@dataclass(frozen=True, slots=True)
class Penalty:
    """A row of `penalty_rectification`; texts as reported."""

    decision_no: str
    site_code: str
    violation_type: str
    measures: str
    fine: str
    decision_date: str
    rectify_status: str


@dataclass(frozen=True, slots=True)
class Rating:
    """A year's credit rating of a site."""

    site_code: str
    year: str
    grade: str
    authority: str


@dataclass(frozen=True, slots=True)
class Owner:
    """One party with all its records, each in the order of its number."""

    key: str
    """The credit code, else the smallest ledger number or site code: its address."""
    uscc: str
    """Empty where no record gives one."""
    name: str
    county: str
    """Of an owner told by name alone; empty with a credit code, which holds everywhere."""
    sites: tuple[OwnedSite, ...]
    projects: tuple[Project, ...]
    penalties: tuple[Penalty, ...]
    cases: tuple[Case, ...]
    ratings: tuple[Rating, ...]

    @property
    def has_page(self) -> bool:
        """Several sites, or several records in the ledger."""
        return len(self.sites) >= SITES_FOR_A_PAGE or len(self.projects) >= PROJECTS_FOR_A_PAGE


@dataclass(frozen=True, slots=True)
class OwnerRegister:
    """Owners that have more than one record."""

    owners: tuple[Owner, ...]
    """Those with a page of their own, by key."""
    by_project: Mapping[str, Owner]
    """By ledger number, the project's owner where it has any other record."""
    keys_of_sites: Mapping[str, str]
    """By site code, the key of the site's owner where that has a page of its own."""


_Identity = tuple[str, str, str]
"""Credit code; or an empty text, the name and the county."""


def read_owners(
    dataset: Dataset,
    projects: Iterable[Project],
    cases: Iterable[Case],
    gazetteer: Gazetteer,
) -> OwnerRegister:
    """The owners with more than one record.

    A record belongs to the owner with its credit code; a project without one to the owner of the
    site it names; else to the party of exactly the same name in the same county. Withdrawn cases
    carry no name any more and belong to nobody.
    """
    sites = _read_sites(dataset, gazetteer)
    owner_of_site = {site.site_code: owner for owner, owned in sites.items() for site in owned}
    by_owner: dict[_Identity, list[Project]] = defaultdict(list)
    owner_of_project: dict[str, _Identity] = {}
    for project in projects:
        owner = _identify(project, owner_of_site, gazetteer)
        by_owner[owner].append(project)
        owner_of_project[project.ledger_no] = owner
    cases_of: dict[_Identity, list[Case]] = defaultdict(list)
    for case in cases:
        if case.withdrawal is None:
            named = ("", case.ent_name, gazetteer.place_code(case.division_code))
            found = owner_of_site.get(case.site_code) or owner_of_project.get(case.ledger_no)
            cases_of[found or named].append(case)
    gathered = sorted(
        owner
        for owner in {*sites, *by_owner}
        if len(sites.get(owner, ())) + len(by_owner.get(owner, ())) + len(cases_of.get(owner, ()))
        > 1
    )
    wanted = frozenset(site.site_code for owner in gathered for site in sites.get(owner, ()))
    penalties, ratings = _read_penalties(dataset, wanted), _read_ratings(dataset, wanted)
    owners = [
        _make_owner(
            identity,
            tuple(sites.get(identity, ())),
            by_owner.get(identity, ()),
            cases_of.get(identity, ()),
            penalties,
            ratings,
        )
        for identity in gathered
    ]
    shown = [owner for owner in owners if owner.has_page]
    return OwnerRegister(
        owners=tuple(sorted(shown, key=lambda owner: owner.key)),
        by_project={project.ledger_no: owner for owner in owners for project in owner.projects},
        keys_of_sites={site.site_code: owner.key for owner in shown for site in owner.sites},
    )


def _make_owner(
    identity: _Identity,
    sites: tuple[OwnedSite, ...],
    projects: Iterable[Project],
    cases: Iterable[Case],
    penalties: Mapping[str, list[Penalty]],
    ratings: Mapping[str, list[Rating]],
) -> Owner:
    uscc, name, county = identity
    owned = tuple(sorted(projects, key=lambda project: project.ledger_no))
    codes = [project.ledger_no for project in owned] or [site.site_code for site in sites]
    return Owner(
        key=uscc or min(codes),
        uscc=uscc,
        name=name or (sites[0].name if sites else owned[0].owner_name),
        county=county,
        sites=sites,
        projects=owned,
        penalties=tuple(one for site in sites for one in penalties.get(site.site_code, ())),
        cases=tuple(sorted(cases, key=lambda case: case.case_no)),
        ratings=tuple(one for site in sites for one in ratings.get(site.site_code, ())),
    )


def _identify(
    project: Project, owner_of_site: Mapping[str, _Identity], gazetteer: Gazetteer
) -> _Identity:
    if read_absence(project.uscc) is None:
        return (project.uscc, "", "")
    by_site = owner_of_site.get(project.site_code)
    if by_site is not None:
        return by_site
    return ("", project.owner_name, gazetteer.place_code(project.division_code))


def _read_sites(dataset: Dataset, gazetteer: Gazetteer) -> dict[_Identity, list[OwnedSite]]:
    columns = ("site_code", "uscc", "ent_name", "division_code", "operating_status")
    sites: dict[_Identity, list[OwnedSite]] = defaultdict(list)
    rows = dataset["enterprise_profile"].text.select(columns).sort("site_code").iter_rows()
    for site_code, uscc, name, division, status in rows:
        county = gazetteer.place_code(division)
        owner = (uscc, "", "") if read_absence(uscc) is None else ("", name, county)
        sites[owner].append(OwnedSite(site_code, name, county, status))
    return sites


def _read_penalties(dataset: Dataset, sites: frozenset[str]) -> Mapping[str, list[Penalty]]:
    columns = (
        "decision_no", "site_code", "violation_type", "measure_kind", "fine", "decision_date",
        "rectify_status",
    )  # fmt: skip
    found: dict[str, list[Penalty]] = defaultdict(list)
    rows = (
        dataset["penalty_rectification"].text.select(columns).sort("decision_date", "decision_no")
    )
    for row in rows.iter_rows():
        if row[1] in sites:
            found[row[1]].append(Penalty(*row))
    return found


def _read_ratings(dataset: Dataset, sites: frozenset[str]) -> Mapping[str, list[Rating]]:
    columns = ("site_code", "rating_year", "rating_grade", "authority")
    found: dict[str, list[Rating]] = defaultdict(list)
    for row in (
        dataset["credit_rating"].text.select(columns).sort("site_code", "rating_year").iter_rows()
    ):
        if row[0] in sites:
            found[row[0]].append(Rating(*row))
    return found
