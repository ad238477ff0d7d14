"""A site as the public meets it: its entry, its rows of all tables, and what else is known.

Sites come one at a time in code order. Each disclosure table is sorted by site once and cut into
the rows of a few hundred sites; a site's rows become Python texts when somebody asks for them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from generator.data.catalog import Table
from generator.data.load import Dataset, LoadedTable
from generator.domain.absence import read_absence
from generator.domain.changes import Change
from generator.domain.correction import PAGE_FIELDS, Correction
from generator.domain.disclosure import LONG_SUSPENDED, SiteDisclosure
from generator.domain.enterprise_links import (
    Links,
    OwnedProject,
    Registers,
    ResponsibleBody,
    SisterSite,
)
from generator.domain.exposure import Case
from generator.domain.monitoring import MonitoredSeries, MonitoringSummary
from generator.domain.place import UNPLACED

Row = tuple[str, ...]
_CODES: Final = "division"
"""The one table of records with pages whose names pages of enterprises write behind codes."""
_SITES_AT_A_TIME: Final = 512
"""Sites that share a chunk: about 58,000 rows at full size. What is computed for a chunk (the
views format whole columns) costs little a row, and one chunk is what memory holds."""


@dataclass(frozen=True, slots=True, eq=False)
class TableRows:
    """A site's rows of one table, as a stretch of the rows of several sites.

    Neighbouring sites share `chunk`, so that a column can be worked on for all of them at once.
    """

    chunk: pl.DataFrame
    """Cell texts as reported, columns in the order of the table's fields."""
    start: int
    count: int

    def __len__(self) -> int:
        return self.count

    def texts(self) -> list[Row]:
        """The site's rows, in file order."""
        return self.chunk.slice(self.start, self.count).rows()

    def records(self) -> list[dict[str, str]]:
        """The site's rows by field name, in file order."""
        return self.chunk.slice(self.start, self.count).rows(named=True)

    def column(self, name: str) -> list[str]:
        """One field of the site's rows."""
        if not self.count:
            return []
        return self.chunk.get_column(name).slice(self.start, self.count).to_list()


@dataclass(frozen=True, slots=True)
class Enterprise:
    """One site (厂区) of the register. Texts are the cells as reported, absent ones included."""

    site_code: str
    uscc: str
    ent_name: str
    former_name: str
    legal_rep: str
    division_code: str
    """The county that lists it, `unplaced-county` where its own code is none in force."""
    county: str
    prefecture_code: str
    """Empty where the site's division is itself a prefecture or has none above it."""
    prefecture: str
    address: str
    industry_code: str
    industry: str
    """Name of the industry; empty where the code is not in the table of industries."""
    ent_scale: str
    key_class: str
    start_date: str
    operating_status: str
    tables: Mapping[str, TableRows]
    """Rows of each disclosure table by its name."""
    disclosure: SiteDisclosure
    monitoring: tuple[MonitoredSeries, ...]
    projects: tuple[OwnedProject, ...]
    cases: tuple[Case, ...]
    corrections: tuple[Correction, ...]
    changes: tuple[Change, ...]
    sisters: tuple[SisterSite, ...]
    owner_key: str
    """Of the owner's credit record; empty where it has none of its own."""
    bodies: tuple[ResponsibleBody, ...]

    @property
    def long_suspended(self) -> bool:
        """Whether the site is out of production for long and so outside the disclosure rate."""
        return self.operating_status == LONG_SUSPENDED


def iter_enterprises(
    dataset: Dataset,
    disclosures: Mapping[str, SiteDisclosure],
    monitoring: MonitoringSummary,
    registers: Registers,
    as_of: dt.date,
    wanted: Collection[str] | None = None,
) -> Iterator[Enterprise]:
    """Every site of `enterprise_profile`, or those in `wanted`, in code order.

    `disclosures` is `read_disclosure(dataset)`, `registers` `read_registers(dataset)`;
    overdue projects and duties in force are meant
    as of `as_of`.
    """
    if wanted is not None and not wanted:
        return
    assembler = _Assembler(dataset, disclosures, monitoring, registers, as_of)
    tables = [_SiteRows(table, dataset[table.name].text) for table in dataset.catalog.disclosure]
    sites = sorted(disclosures if wanted is None else wanted)
    for start in range(0, len(sites), _SITES_AT_A_TIME):
        chosen = sites[start : start + _SITES_AT_A_TIME]
        rows_of_tables = {rows.table.name: rows.take(chosen) for rows in tables}
        for site in chosen:
            yield assembler.assemble(site, {n: rows[site] for n, rows in rows_of_tables.items()})


def cut_registers(dataset: Dataset, registers: Registers, sites: Collection[str]) -> Registers:
    """What `iter_enterprises` reads of the registers for `sites`: records of their own alone."""
    codes = frozenset(sites)
    usccs = _find_usccs(dataset, codes)
    return replace(
        registers,
        projects=tuple(
            project
            for project in registers.projects
            if project.site_code in codes or project.uscc in usccs
        ),
        cases=tuple(case for case in registers.cases if case.site_code in codes),
        changes=registers.changes.cut("site_code", codes),
        owner_keys={site: key for site, key in registers.owner_keys.items() if site in codes},
    )


def cut_dataset(dataset: Dataset, registers: Registers, sites: Collection[str]) -> Dataset:
    """What `iter_enterprises` and the pages read of a dataset for `sites`: their own rows alone.

    `registers` are those of `cut_registers`. Of the register of sites those of the same firms stay,
    which are sister sites. Tables whose records have other pages are empty: corrections that point
    into them lead to no site. Lists of codes are whole.
    """
    own = {
        "case_no": [case.case_no for case in registers.cases],
        "ledger_no": [project.ledger_no for project in registers.projects],
        "site_code": list(sites),
    }
    code, uscc = pl.col("site_code"), pl.col("uscc")
    firms = sorted(_find_usccs(dataset, frozenset(sites)))
    tables: dict[str, LoadedTable] = {}
    for name, loaded in dataset.tables.items():
        if name == "enterprise_profile":
            text = loaded.text.filter(code.is_in(own["site_code"]) | uscc.is_in(firms))
        elif loaded.table.group == "disclosure":
            text = loaded.filter_text("site_code", own["site_code"])
        elif owner := next((field for field in own if field in loaded.table.field_names), None):
            text = loaded.filter_text(owner, own[owner])
        elif name in PAGE_FIELDS and name != _CODES:
            text = loaded.text.clear()
        else:
            text = loaded.text
        tables[name] = LoadedTable(loaded.table, text, text.clear())  # nobody reads values
    return Dataset(dataset.catalog, tables)


def _find_usccs(dataset: Dataset, sites: frozenset[str]) -> set[str]:
    """The credit codes that these sites bear."""
    register = dataset["enterprise_profile"].text.select("site_code", "uscc")
    return {
        uscc for site, uscc in register.iter_rows() if site in sites and read_absence(uscc) is None
    }


class _Assembler:
    """Puts a site together from what is known of it."""

    def __init__(
        self,
        dataset: Dataset,
        disclosures: Mapping[str, SiteDisclosure],
        monitoring: MonitoringSummary,
        registers: Registers,
        as_of: dt.date,
    ) -> None:
        self._disclosures = disclosures
        self._monitoring = monitoring
        self._links = Links(dataset, registers, as_of)
        self._gazetteer = registers.gazetteer
        self._industries: dict[str, str] = dict(
            dataset["industry"].text.select("industry_code", "industry_name").iter_rows()
        )

    def assemble(self, site: str, rows: Mapping[str, TableRows]) -> Enterprise:
        """The enterprise of `site`, whose rows of all tables are `rows`."""
        profile = rows["enterprise_profile"]
        entry = profile.chunk.row(profile.start, named=True)
        division = entry["division_code"]
        county_code = self._gazetteer.place_code(division)
        prefecture_code = self._find_prefecture(county_code)
        projects, cases = self._links.projects_of(site), self._links.cases_of(site)
        recorded = frozenset(
            (
                *rows["penalty_rectification"].column("violation_type"),
                *(owned.project.violation_type for owned in projects),
                *(case.violation_type for case in cases),
            )
        )
        return Enterprise(
            site_code=site,
            uscc=entry["uscc"],
            ent_name=entry["ent_name"],
            former_name=entry["former_name"],
            legal_rep=entry["legal_rep"],
            division_code=county_code,
            county=self._gazetteer.name(county_code),
            prefecture_code=prefecture_code,
            prefecture=self._gazetteer.name(prefecture_code) if prefecture_code else "",
            address=entry["address"],
            industry_code=entry["industry_code"],
            industry=self._industries.get(entry["industry_code"], ""),
            ent_scale=entry["ent_scale"],
            key_class=entry["key_class"],
            start_date=entry["start_date"],
            operating_status=entry["operating_status"],
            tables=rows,
            disclosure=self._disclosures[site],
            monitoring=self._monitoring.series_of(site),
            projects=projects,
            cases=cases,
            corrections=self._links.corrections_of(site),
            changes=self._links.changes_of(site),
            sisters=self._links.sisters_of(site),
            owner_key=self._links.owner_key_of(site),
            bodies=self._links.bodies_for(division, recorded),
        )

    def _find_prefecture(self, division: str) -> str:
        """The prefecture above the division; empty where it is one, or has only a province."""
        parent = self._gazetteer.parents.get(division, "")
        return "" if parent in {self._gazetteer.province_code, UNPLACED} else parent


class _SiteRows:
    """A table's rows by site, cut from one sorted frame."""

    def __init__(self, table: Table, text: pl.DataFrame) -> None:
        self.table = table
        # Stable: inside a site the file's own order, which is that of the primary key, stays.
        self._rows = text.select(table.field_names).sort("site_code", maintain_order=True)
        self._spans: dict[str, tuple[int, int]] = {}
        start = 0
        lengths = self._rows.get_column("site_code").rle().struct.unnest()
        for length, site in lengths.iter_rows():
            self._spans[site] = (start, length)
            start += length

    def take(self, sites: list[str]) -> dict[str, TableRows]:
        """The rows of each of `sites`, which are in code order; those without any have none."""
        spans = [self._spans[site] for site in sites if site in self._spans]
        first = spans[0][0] if spans else 0
        end = sum(spans[-1]) if spans else 0
        chunk = self._rows.slice(first, end - first)
        taken: dict[str, TableRows] = {}
        for site in sites:
            start, count = self._spans.get(site, (first, 0))
            taken[site] = TableRows(chunk, start - first, count)
        return taken
