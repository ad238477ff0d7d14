"""What the other registers say about a site: projects, cases, corrections, sister sites, duties.

Built once for a dataset from small tables; a site's page then looks up its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from generator.data.load import Dataset
from generator.domain.absence import read_absence

CLOSED_STAGE: Final = "销号"
ALWAYS_SUPERVISED: Final = ("超标排放", "未依法公开环境信息")
"""What every key polluter answers for, whether or not it ever broke the law: keep within its
limits and publish. Source: 《环境保护法》 arts. 42, 55 and 62."""
_SUPERVISING_ROLES: Final = ("牵头", "监管")


@dataclass(frozen=True, slots=True)
class LedgerLink:
    """A ledger project of the site's owner."""

    ledger_no: str
    project_name: str
    violation_type: str
    batch: str
    stage: str
    deadline: str
    closed_date: str
    penalty_no: str
    penalty_date: str
    fine: str
    overdue: bool
    """Deadline passed before the data date and not 销号."""
    by_site: bool
    """True where the ledger names this site; False where only the credit code agrees."""


@dataclass(frozen=True, slots=True)
class CaseLink:
    """A weekly exposure of the site; of a withdrawn one only number, week and reason remain."""

    case_no: str
    iso_week: str
    violation_type: str
    measure_kind: str
    facts: str
    reply: str
    withdraw_reason: str


@dataclass(frozen=True, slots=True)
class CorrectionLink:
    """A correction, reply or withdrawal about one of the site's records."""

    correction_no: str
    kind: str
    target_table: str
    target_key: str
    received_date: str
    resolved_date: str
    public_reason: str


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
    body_name: str
    role: str
    legal_basis: str
    violation_types: tuple[str, ...]
    """Of the types asked for, those this body's duties name; empty for general leadership."""


class Links:
    """Everything outside the disclosure tables that belongs to a site."""

    def __init__(self, dataset: Dataset, data_date: dt.date) -> None:
        """Reads the small registers of `dataset`; overdue is meant as of `data_date`."""
        self._sites_of_uscc = _read_sites(dataset)
        self._uscc_of_site = {
            sister.site_code: uscc
            for uscc, sisters in self._sites_of_uscc.items()
            for sister in sisters
        }
        day = data_date.isoformat()
        self._projects = self._link_projects(dataset, day)
        self._cases = _link_cases(dataset)
        self._corrections = self._link_corrections(dataset)
        self._parents = dict(
            dataset["division"].text.select("division_code", "parent_code").iter_rows()
        )
        self._duties = _read_duties(dataset, day)

    def projects_of(self, site_code: str) -> tuple[LedgerLink, ...]:
        """The site's ledger projects by number."""
        return tuple(self._projects.get(site_code, ()))

    def cases_of(self, site_code: str) -> tuple[CaseLink, ...]:
        """The site's exposures, the latest first."""
        return tuple(self._cases.get(site_code, ()))

    def corrections_of(self, site_code: str) -> tuple[CorrectionLink, ...]:
        """What has been corrected, replied or withdrawn about the site, by number."""
        return tuple(self._corrections.get(site_code, ()))

    def sisters_of(self, site_code: str) -> tuple[SisterSite, ...]:
        """Other sites under the site's credit code, by code."""
        uscc = self._uscc_of_site.get(site_code, "")
        return tuple(
            sister for sister in self._sites_of_uscc.get(uscc, ()) if sister.site_code != site_code
        )

    def bodies_for(
        self, division_code: str, violation_types: Collection[str]
    ) -> tuple[ResponsibleBody, ...]:
        """Who leads in the division and who supervises these kinds of violation.

        Governments with a general duty of leadership first, then every body with a 牵头 or 监管
        duty naming one of `violation_types`; only duties of the division or of one above it,
        in force on the data date.
        """
        areas = set(self._walk_up(division_code))
        leading: dict[str, ResponsibleBody] = {}
        supervising: dict[str, ResponsibleBody] = {}
        for duty in self._duties:
            if duty.division_code not in areas:
                continue
            if duty.body_kind == "政府" and duty.role == "领导":
                leading.setdefault(duty.code, duty.to_body(()))
                continue
            touched = tuple(kind for kind in duty.violation_types if kind in violation_types)
            if duty.role not in _SUPERVISING_ROLES or not touched:
                continue
            body = supervising.get(duty.code) or duty.to_body(())
            supervising[duty.code] = _extend_types(body, touched)
        return (*leading.values(), *supervising.values())

    def _walk_up(self, division_code: str) -> Iterator[str]:
        """The division and all above it."""
        seen: set[str] = set()
        while division_code and division_code not in seen:
            seen.add(division_code)
            yield division_code
            division_code = self._parents.get(division_code, "")

    def _link_projects(self, dataset: Dataset, day: str) -> dict[str, list[LedgerLink]]:
        """Ledger projects by site: by the site code, else by a credit code that a site bears."""
        found: dict[str, list[LedgerLink]] = {}
        rows = dataset["illegal_project"].text.sort("ledger_no").iter_rows(named=True)
        for row in rows:
            site, uscc = row["site_code"], row["uscc"]
            if read_absence(site) is None:
                targets: Sequence[str] = (site,)
            elif uscc in self._sites_of_uscc:
                targets = tuple(sister.site_code for sister in self._sites_of_uscc[uscc])
            else:
                continue
            link = LedgerLink(
                **{name: row[name] for name in _LEDGER_FIELDS},
                overdue=row["stage"] != CLOSED_STAGE and row["deadline"] < day,
                by_site=read_absence(site) is None,
            )
            for target in targets:
                found.setdefault(target, []).append(link)
        return found

    def _link_corrections(self, dataset: Dataset) -> dict[str, list[CorrectionLink]]:
        """Corrections by the sites whose records they speak of."""
        sites_of_project: dict[str, list[str]] = {}
        for site, projects in self._projects.items():
            for project in projects:
                sites_of_project.setdefault(project.ledger_no, []).append(site)
        found: dict[str, list[CorrectionLink]] = {}
        rows = dataset["correction"].text.sort("correction_no").iter_rows(named=True)
        for row in rows:
            link = CorrectionLink(**{name: row[name] for name in _CORRECTION_FIELDS})
            if link.target_table == "illegal_project":
                sites = sites_of_project.get(link.target_key, [])
            else:
                sites = _find_target_site(dataset, link.target_table, link.target_key)
            for site in sites:
                found.setdefault(site, []).append(link)
        return found


@dataclass(frozen=True, slots=True)
class _Duty:
    code: str
    body_name: str
    body_kind: str
    division_code: str
    role: str
    legal_basis: str
    violation_types: tuple[str, ...]

    def to_body(self, touched: tuple[str, ...]) -> ResponsibleBody:
        return ResponsibleBody(self.code, self.body_name, self.role, self.legal_basis, touched)


_LEDGER_FIELDS: Final = (
    "ledger_no",
    "project_name",
    "violation_type",
    "batch",
    "stage",
    "deadline",
    "closed_date",
    "penalty_no",
    "penalty_date",
    "fine",
)
_CASE_FIELDS: Final = (
    "case_no",
    "iso_week",
    "violation_type",
    "measure_kind",
    "facts",
    "reply",
    "withdraw_reason",
)
_CORRECTION_FIELDS: Final = (
    "correction_no",
    "kind",
    "target_table",
    "target_key",
    "received_date",
    "resolved_date",
    "public_reason",
)


def _extend_types(body: ResponsibleBody, touched: Collection[str]) -> ResponsibleBody:
    """The body with further violation types; role and clause stay those of its first duty."""
    more = tuple(kind for kind in touched if kind not in body.violation_types)
    return ResponsibleBody(
        body.code, body.body_name, body.role, body.legal_basis, body.violation_types + more
    )


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


def _link_cases(dataset: Dataset) -> dict[str, list[CaseLink]]:
    found: dict[str, list[CaseLink]] = {}
    cases = dataset["exposure_case"].text.sort("case_no", descending=True)
    for row in cases.iter_rows(named=True):
        if read_absence(row["site_code"]) is not None:
            continue
        link = CaseLink(**{name: row[name] for name in _CASE_FIELDS})
        if read_absence(link.withdraw_reason) is None:
            # A withdrawn case keeps its number, its week and the reason, and nothing else.
            link = CaseLink(link.case_no, link.iso_week, "", "", "", "", link.withdraw_reason)
        found.setdefault(row["site_code"], []).append(link)
    return found


def _find_target_site(dataset: Dataset, table_name: str, key: str) -> list[str]:
    """The site whose record a correction names, when the table's rows belong to sites.

    A key that holds the site code gives it away even after the row itself is withdrawn.
    """
    if table_name not in dataset.tables:
        return []
    loaded = dataset[table_name]
    if "site_code" not in loaded.table.field_names:
        return []
    names = loaded.table.primary_key
    parts = key.split("|")
    if len(parts) != len(names):
        return []
    if "site_code" in names:
        return [parts[names.index("site_code")]]
    matches = [pl.col(name) == part for name, part in zip(names, parts, strict=True)]
    sites: list[str] = loaded.text.filter(*matches).get_column("site_code").to_list()
    return [site for site in sites if read_absence(site) is None]


def _read_duties(dataset: Dataset, day: str) -> tuple[_Duty, ...]:
    """Duties in force on `day`, by number."""
    duties: list[_Duty] = []
    rows = dataset["responsibility"].text.sort("duty_no").iter_rows(named=True)
    for row in rows:
        ended = read_absence(row["valid_to"]) is None and row["valid_to"] < day
        if row["valid_from"] > day or ended:
            continue
        named = row["violation_types"]
        duties.append(
            _Duty(
                code=row["duty_no"].partition("-")[0],
                body_name=row["body_name"],
                body_kind=row["body_kind"],
                division_code=row["division_code"],
                role=row["duty_role"],
                legal_basis=row["legal_basis"],
                violation_types=tuple(named.split("、")) if read_absence(named) is None else (),
            )
        )
    return tuple(duties)
