"""Writes the 33 disclosure tables of the sample, in catalogue order.

Each table is a stream over the planned sites; only tables numbered across sites are held in
memory to be numbered. Which tables hold rows of a site is noted on the way, and the last table,
the disclosure log, states the rest.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from generator.data.sample.disclosure_basic import (
    contact_rows,
    material_rows,
    product_rows,
    production_rows,
    profile_rows,
    water_energy_rows,
)
from generator.data.sample.disclosure_depth import SHOWCASE_SITES, Depth, Row
from generator.data.sample.disclosure_emergency import (
    drill_event_rows,
    emergency_plan_rows,
    risk_source_rows,
)
from generator.data.sample.disclosure_facility import (
    exhaust_facility_rows,
    facility_abnormal_rows,
    facility_cost_rows,
    online_monitor_rows,
    waste_storage_rows,
    wastewater_facility_rows,
)
from generator.data.sample.disclosure_other import credit_rows, self_monitor_rows
from generator.data.sample.disclosure_outlets import (
    annual_emission_rows,
    exceedance_rows,
    exhaust_concentration_rows,
    exhaust_outlet_rows,
    wastewater_concentration_rows,
    wastewater_outlet_rows,
)
from generator.data.sample.disclosure_penalty import penalty_rows
from generator.data.sample.disclosure_permits import (
    hazardous_license_no,
    license_rows,
    permit_rows,
)
from generator.data.sample.disclosure_projects import (
    acceptance_rows,
    approval_rows,
    plan_projects,
)
from generator.data.sample.disclosure_site import Site, plan_site, rank_monitored
from generator.data.sample.disclosure_waste import (
    fugitive_rows,
    hazardous_waste_rows,
    noise_rows,
    solid_waste_rows,
)
from generator.data.sample.exposure import CasePlan
from generator.data.sample.province import Province
from generator.data.sample.register import Enterprise
from generator.data.sample.statements import LOG_TABLE, record_rows, withheld_tables
from generator.data.sample.write import write_table

Maker = Callable[[Site, Depth], Iterator[Row]]

# The tables a long suspended site gives, and nothing else.
SUSPENDED_TABLES = frozenset(
    ("enterprise_profile", "enterprise_contact", "production_service", LOG_TABLE)
)

DISCLOSURE_TABLES: tuple[str, ...] = (
    "enterprise_profile",
    "enterprise_contact",
    "production_service",
    "product_capacity",
    "material_fuel",
    "water_energy",
    "wastewater_outlet",
    "exhaust_outlet",
    "wastewater_concentration",
    "exhaust_concentration",
    "annual_emission",
    "exceedance",
    "noise",
    "solid_waste",
    "hazardous_waste",
    "fugitive_emission",
    "wastewater_facility",
    "exhaust_facility",
    "waste_storage",
    "facility_abnormal",
    "online_monitor",
    "facility_cost",
    "eia_approval",
    "eia_acceptance",
    "discharge_permit",
    "other_license",
    "emergency_plan",
    "risk_source",
    "drill_event",
    "self_monitor_plan",
    "penalty_rectification",
    "credit_rating",
    LOG_TABLE,
)
"""The 33 tables in catalogue order; the log, which depends on all others, is the last."""

# Rows come out sorted by key when sites are taken in order of their codes.
_SITE_MAKERS: Mapping[str, Maker] = {
    "enterprise_profile": profile_rows,
    "enterprise_contact": contact_rows,
    "production_service": production_rows,
    "product_capacity": product_rows,
    "material_fuel": material_rows,
    "water_energy": water_energy_rows,
    "wastewater_outlet": wastewater_outlet_rows,
    "exhaust_outlet": exhaust_outlet_rows,
    "wastewater_concentration": wastewater_concentration_rows,
    "exhaust_concentration": exhaust_concentration_rows,
    "annual_emission": annual_emission_rows,
    "noise": noise_rows,
    "solid_waste": solid_waste_rows,
    "hazardous_waste": hazardous_waste_rows,
    "fugitive_emission": fugitive_rows,
    "wastewater_facility": wastewater_facility_rows,
    "exhaust_facility": exhaust_facility_rows,
    "waste_storage": waste_storage_rows,
    "online_monitor": online_monitor_rows,
    "facility_cost": facility_cost_rows,
    "discharge_permit": permit_rows,
    "risk_source": risk_source_rows,
    "self_monitor_plan": self_monitor_rows,
    "credit_rating": credit_rows,
}


@dataclass(frozen=True, slots=True)
class _Numbering:
    """How a table numbered across sites gets its numbers: prefix and column of the date."""

    maker: Maker
    prefix: str
    date_column: int


_NUMBERED: Mapping[str, _Numbering] = {
    "exceedance": _Numbering(exceedance_rows, "CB", 4),
    "facility_abnormal": _Numbering(facility_abnormal_rows, "YC", 3),
    "drill_event": _Numbering(drill_event_rows, "YJ", 3),
}


def plan_sites(enterprises: Sequence[Enterprise], seed: int) -> list[Site]:
    """The plan of every site, in the order of the register."""
    return [plan_site(enterprise, seed) for enterprise in enterprises]


def plan_depth(sites: Sequence[Site], *, scale: float, seed: int) -> Depth:
    """What a scale keeps of the sites."""
    receivers = tuple(
        (site.enterprise.name, hazardous_license_no(site.enterprise))
        for site in sites
        if site.enterprise.trade.key == "危废处置" and site.producing
    )
    showcase = frozenset(site.code for site in rank_monitored(sites, seed)[:SHOWCASE_SITES])
    return Depth(scale, seed, showcase, receivers)


def write_disclosure(
    out: Path,
    province: Province,
    enterprises: Sequence[Enterprise],
    cases: Sequence[CasePlan],
    *,
    scale: float,
    seed: int,
    schemas: Path,
) -> dict[str, int]:
    """Write the 33 tables under `out/tables` and tell how many rows each has.

    Args:
        out: The dataset folder.
        province: The province the register stands in.
        enterprises: The register, sorted by site code.
        cases: The exposed cases, whose penalties are rows of `penalty_rectification`.
        scale: 1.0 is the full depth; see `disclosure_depth`.
        seed: The seed of the whole sample.
        schemas: The folder of the table schemas; headers follow them.

    Raises:
        ValueError: An enterprise stands in no county of the province.

    """
    known = {county.code for county in province.counties}
    for enterprise in enterprises:
        if enterprise.county.code not in known:
            raise ValueError(f"{enterprise.site_code}: county {enterprise.county.code} is unknown")
    sites = plan_sites(enterprises, seed)
    counts: dict[str, int] = {}
    for table, rows in make_tables(sites, cases, scale=scale, seed=seed):
        counts[table] = write_table(out, _read_fields(schemas, table), table, rows)
    return counts


def make_tables(
    sites: Sequence[Site], cases: Sequence[CasePlan], *, scale: float, seed: int
) -> Iterator[tuple[str, Iterator[Row]]]:
    """The 33 tables with their rows; each table's rows must be taken before the next table's.

    The log knows what the tables before it held, so it comes last.
    """
    depth = plan_depth(sites, scale=scale, seed=seed)
    projects = plan_projects(sites, seed)
    covered: dict[str, set[str]] = {site.code: set() for site in sites}
    penalties = penalty_rows(sites, projects, cases, seed)

    def approvals(site: Site, depth: Depth) -> Iterator[Row]:
        return approval_rows(depth.take(site, projects[site.code]))

    def acceptances(site: Site, depth: Depth) -> Iterator[Row]:
        return acceptance_rows(depth.take(site, projects[site.code]))

    for table in DISCLOSURE_TABLES:
        if table in _SITE_MAKERS:
            rows = _stream_rows(table, _SITE_MAKERS[table], sites, depth, covered)
        elif table in _NUMBERED:
            plan = _NUMBERED[table]
            stream = _stream_rows(table, plan.maker, sites, depth, covered)
            rows = _number_rows(stream, plan.prefix, plan.date_column)
        elif table == "eia_approval":
            rows = iter(sorted(_stream_rows(table, approvals, sites, depth, covered), key=_first))
        elif table == "eia_acceptance":
            stream = _stream_rows(table, acceptances, sites, depth, covered)
            rows = _number_rows(stream, "YS", 6)
        elif table == "other_license":
            stream = _stream_rows(table, license_rows, sites, depth, covered)
            rows = iter(sorted(stream, key=_first))
        elif table == "emergency_plan":
            stream = _stream_rows(table, emergency_plan_rows, sites, depth, covered)
            rows = _number_plans(stream, {site.code: site for site in sites})
        elif table == "penalty_rectification":
            for row in penalties:
                covered[str(row[1])].add(table)
            rows = iter(penalties)
        else:
            rows = record_rows(sites, DISCLOSURE_TABLES, covered, penalties, depth)
        yield table, rows


def _stream_rows(
    table: str,
    maker: Maker,
    sites: Sequence[Site],
    depth: Depth,
    covered: Mapping[str, set[str]],
) -> Iterator[Row]:
    for site in sites:
        if site.enterprise.suspended and table not in SUSPENDED_TABLES:
            continue
        if table in site.enterprise.missing_tables or table in withheld_tables(site, depth.seed):
            continue
        found = False
        for row in maker(site, depth):
            found = True
            yield row
        if found:
            covered[site.code].add(table)


def _number_rows(rows: Iterator[Row], prefix: str, date_column: int) -> Iterator[Row]:
    """The rows in order of their date, numbered within the year as `CB2016-000123`."""
    serials: Counter[int] = Counter()
    ordered = sorted(rows, key=lambda row: (str(row[date_column]), tuple(map(str, row[1:]))))
    for row in ordered:
        year = _as_date(row[date_column]).year
        serials[year] += 1
        yield (f"{prefix}{year}-{serials[year]:06d}", *row[1:])


def _number_plans(rows: Iterator[Row], sites: Mapping[str, Site]) -> Iterator[Row]:
    """Emergency plans numbered within county and year; the filing number ends in the level."""
    serials: Counter[str] = Counter()
    numbered: list[Row] = []
    for row in sorted(rows, key=lambda row: (str(row[7]), str(row[1]))):
        county = sites[str(row[1])].enterprise.county.code
        scope = f"{county}-{_as_date(row[7]).year}"
        serials[scope] += 1
        filing = f"{scope}-{serials[scope]:03d}-{row[5]}"
        numbered.append((f"YA{scope}-{serials[scope]:04d}", *row[1:5], filing, *row[6:]))
    yield from sorted(numbered, key=_first)


def _first(row: Row) -> str:
    return str(row[0])


def _as_date(cell: object) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    raise TypeError(f"{cell!r} is not a date")


def _read_fields(schemas: Path, table: str) -> list[str]:
    document = json.loads((schemas / f"{table}.json").read_text(encoding="utf-8"))
    return [str(field["name"]) for field in document["fields"]]
