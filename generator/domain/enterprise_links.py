"""What the other registers say about a site: projects, cases, corrections, sister sites, duties.

Built once for a dataset from its small registers; a site then looks up its own.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from generator.data.load import Dataset
from generator.domain.absence import read_absence
from generator.domain.changes import NO_CHANGES, Change, ChangeLog
from generator.domain.correction import (
    KEY_SEPARATOR,
    Correction,
    Target,
    find_targets,
    read_corrections,
)
from generator.domain.duty import LEADING_ROLES, Body, Duty, read_bodies
from generator.domain.exposure import Case, read_cases
from generator.domain.place import Gazetteer, read_gazetteer
from generator.domain.project import Project, read_projects

ALWAYS_SUPERVISED: Final = ("超标排放", "未依法公开环境信息")
"""What every key polluter answers for, whether or not it ever broke the law: keep within its
limits and publish. Source: 《中华人民共和国环境保护法》 arts. 42, 55 and 62."""


@dataclass(frozen=True, slots=True)
class Registers:
    """The registers that a site's page draws on, each read once for the whole dataset."""

    projects: tuple[Project, ...]
    cases: tuple[Case, ...]
    corrections: tuple[Correction, ...]
    bodies: tuple[Body, ...]
    gazetteer: Gazetteer
    changes: ChangeLog = NO_CHANGES
    owner_keys: Mapping[str, str] = field(default_factory=dict)
    """By site code, the key of the owner's credit record where there is one."""


def read_registers(dataset: Dataset) -> Registers:
    """Projects, cases, corrections, duties and divisions of the dataset."""
    return Registers(
        read_projects(dataset),
        read_cases(dataset),
        read_corrections(dataset),
        read_bodies(dataset),
        read_gazetteer(dataset),
    )


@dataclass(frozen=True, slots=True)
class OwnedProject:
    """A ledger project of the firm that runs the site."""

    project: Project
    overdue: bool
    by_site: bool
    """True where the ledger names this site; False where only the credit code agrees."""


@dataclass(frozen=True, slots=True)
class SisterSite:
    """Another site under the same credit code."""

    site_code: str
    ent_name: str
    division_code: str


@dataclass(frozen=True, slots=True)
class ResponsibleBody:
    """A body that leads or supervises, with the duty that says so."""

    code: str
    """First part of its duty numbers, `Z05`: the address of its page."""
    name: str
    role: str
    duty_nos: tuple[str, ...]
    """The clauses that say so."""
    legal_basis: str
    violation_types: tuple[str, ...]
    """Of the types asked for, those that this body's duties name; empty for leadership."""
    general: bool
    """True for leadership and for those who supervise every key polluter; False for bodies that
    matter because of what this one has on record."""


class Links:
    """Everything outside the disclosure tables that belongs to a site."""

    def __init__(self, dataset: Dataset, registers: Registers, as_of: dt.date) -> None:
        """Overdue projects and duties in force are meant as of `as_of`."""
        self._gazetteer = registers.gazetteer
        self._owner_keys = registers.owner_keys
        self._sites_of_uscc = _read_sites(dataset)
        self._uscc_of_site = {
            sister.site_code: uscc
            for uscc, sisters in self._sites_of_uscc.items()
            for sister in sisters
        }
        self._projects = self._group_projects(registers.projects, as_of)
        self._cases: dict[str, list[Case]] = defaultdict(list)
        for case in sorted(registers.cases, key=lambda case: case.case_no, reverse=True):
            self._cases[case.site_code].append(case)
        self._corrections = self._group_corrections(dataset, registers)
        self._changes = registers.changes
        self._bodies: dict[tuple[str, frozenset[str]], tuple[ResponsibleBody, ...]] = {}
        self.duties: tuple[tuple[Body, Duty], ...] = tuple(
            (body, duty)
            for body in registers.bodies
            for duty in body.duties
            if duty.in_force(as_of)
        )

    def projects_of(self, site_code: str) -> tuple[OwnedProject, ...]:
        """The site's ledger projects by number."""
        return tuple(self._projects.get(site_code, ()))

    def cases_of(self, site_code: str) -> tuple[Case, ...]:
        """The site's exposures, the latest first."""
        return tuple(self._cases.get(site_code, ()))

    def corrections_of(self, site_code: str) -> tuple[Correction, ...]:
        """What has been corrected, replied or withdrawn about the site, by number."""
        return tuple(self._corrections.get(site_code, ()))

    def changes_of(self, site_code: str) -> tuple[Change, ...]:
        """What commits changed in the site's own rows, the newest first."""
        return self._changes.of("site_code", site_code)

    def sisters_of(self, site_code: str) -> tuple[SisterSite, ...]:
        """Other sites under the site's credit code, by code."""
        uscc = self._uscc_of_site.get(site_code, "")
        return tuple(
            sister for sister in self._sites_of_uscc.get(uscc, ()) if sister.site_code != site_code
        )

    def owner_key_of(self, site_code: str) -> str:
        """The key of the owner's credit record; empty where it has none of its own."""
        return self._owner_keys.get(site_code, "")

    def bodies_for(
        self, division_code: str, recorded_types: frozenset[str]
    ) -> tuple[ResponsibleBody, ...]:
        """Who leads in the division, who supervises every key polluter, who this one besides.

        Governments with a duty of leadership first; then the bodies whose 牵头 and 监管 duties
        name all of ALWAYS_SUPERVISED; then those that name a type on the site's record. Only
        duties of the division or of one above it.
        """
        key = (division_code, recorded_types)
        if key not in self._bodies:
            self._bodies[key] = self._find_bodies(division_code, recorded_types)
        return self._bodies[key]

    def _find_bodies(
        self, division_code: str, recorded_types: frozenset[str]
    ) -> tuple[ResponsibleBody, ...]:
        areas = set(self._walk_up(division_code))
        wanted = recorded_types | set(ALWAYS_SUPERVISED)
        leading: dict[str, ResponsibleBody] = {}
        supervising: dict[str, ResponsibleBody] = {}
        for body, duty in self.duties:
            if duty.division_code not in areas:
                continue
            if body.kind == "政府" and duty.role == "领导":
                leading.setdefault(body.code, _name_body(body, duty))
                continue
            touched = tuple(kind for kind in duty.violation_types if kind in wanted)
            if duty.role in LEADING_ROLES and touched:
                known = supervising.get(body.code) or _name_body(body, duty)
                merged = tuple(dict.fromkeys((*known.violation_types, *touched)))
                clauses = tuple(dict.fromkeys((*known.duty_nos, duty.number)))
                supervising[body.code] = replace(known, violation_types=merged, duty_nos=clauses)
        general, special = [], []
        for responsible in supervising.values():
            if set(ALWAYS_SUPERVISED) <= set(responsible.violation_types):
                general.append(responsible)
            elif recorded_types & set(responsible.violation_types):
                special.append(replace(responsible, general=False))
        return (*leading.values(), *general, *special)

    def _walk_up(self, division_code: str) -> Iterator[str]:
        """The division and all above it."""
        seen: set[str] = set()
        while division_code and division_code not in seen:
            seen.add(division_code)
            yield division_code
            division_code = self._gazetteer.parents.get(division_code, "")

    def _group_projects(
        self, projects: Iterable[Project], as_of: dt.date
    ) -> dict[str, list[OwnedProject]]:
        """Projects by site: by the site code, else by a credit code that a site bears."""
        found: dict[str, list[OwnedProject]] = {}
        for project in projects:
            by_site = read_absence(project.site_code) is None
            sites = (
                [project.site_code]
                if by_site
                else [sister.site_code for sister in self._sites_of_uscc.get(project.uscc, ())]
            )
            for site in sites:
                owned = OwnedProject(project, project.overdue(as_of), by_site)
                found.setdefault(site, []).append(owned)
        return found

    def _group_corrections(
        self, dataset: Dataset, registers: Registers
    ) -> dict[str, list[Correction]]:
        """Corrections by the sites whose records they speak of."""
        sites_of_project: dict[str, list[str]] = defaultdict(list)
        for site, projects in self._projects.items():
            for owned in projects:
                sites_of_project[owned.project.ledger_no].append(site)
        site_of_case = {case.case_no: case.site_code for case in registers.cases}
        targets = find_targets(dataset, registers.corrections)
        found: dict[str, list[Correction]] = {}
        for correction in registers.corrections:
            target = targets[correction.number]
            if target.owner_field == "ledger_no":
                sites = sites_of_project.get(target.owner_key, [])
            elif target.owner_field == "case_no":
                sites = [site_of_case.get(target.owner_key, "")]
            else:
                sites = [_read_site_code(dataset, correction, target)]
            for site in sites:
                found.setdefault(site, []).append(correction)
        return found


def _name_body(body: Body, duty: Duty) -> ResponsibleBody:
    return ResponsibleBody(
        body.code, body.name, duty.role, (duty.number,), duty.legal_basis, (), True
    )


def _read_site_code(dataset: Dataset, correction: Correction, target: Target) -> str:
    """The site a correction speaks of, or an empty text.

    A key that holds the site code gives it away even after the row itself is withdrawn.
    """
    if target.owner_field == "site_code":
        return target.owner_key
    if not dataset.catalog.has_table(correction.target_table):
        return ""
    names = dataset.catalog.table(correction.target_table).primary_key
    parts = correction.target_key.split(KEY_SEPARATOR)
    if "site_code" not in names or len(parts) != len(names):
        return ""
    return parts[names.index("site_code")]


def _read_sites(dataset: Dataset) -> Mapping[str, list[SisterSite]]:
    """Sites by credit code, each list in code order."""
    sites: dict[str, list[SisterSite]] = {}
    rows = (
        dataset["enterprise_profile"]
        .text.select("uscc", "site_code", "ent_name", "division_code")
        .sort("site_code")
        .iter_rows()
    )
    for uscc, site, name, division in rows:
        if read_absence(uscc) is None:
            sites.setdefault(uscc, []).append(SisterSite(site, name, division))
    return sites
