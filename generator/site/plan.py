"""Every page of the site, in one list: what there is, nothing about how it looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from generator.config import Config
from generator.data.issue import Issue
from generator.domain.duty_results import count_types
from generator.domain.enterprise_digests import LinkedSite
from generator.domain.enterprise_links import Registers
from generator.domain.library import Library
from generator.domain.project import cut_ledger, read_projects
from generator.site.machine_catalogues import describe_site
from generator.site.pages import Page
from generator.site.pictures import PictureFiles
from generator.site.views.bulletin import bulletin_pages
from generator.site.views.change import change_pages
from generator.site.views.correction import correction_pages
from generator.site.views.dictionary import dictionary_pages
from generator.site.views.district import DistrictSources, district_list_view, district_pages
from generator.site.views.district_lists import EnterpriseEntry
from generator.site.views.duty import duty_pages
from generator.site.views.enterprise import EnterpriseSources, enterprise_pages
from generator.site.views.exposure import exposure_pages
from generator.site.views.figure import figure_pages
from generator.site.views.home import home_page
from generator.site.views.known_problems import known_problems_page
from generator.site.views.lists import list_pages
from generator.site.views.overview_charts import OverviewCharts, make_overview_charts
from generator.site.views.project import ProjectSources, project_pages
from generator.site.views.supervision import supervision_pages
from generator.site.views.withdrawn import withdrawn_pages

FOLDERS = (
    "", "bulletin", "case", "change", "correction", "dictionary", "district", "download", "duty",
    "enterprise", "figure", "owner", "project", "supervision", "week",
)  # fmt: skip
"""Folders that hold pages; each gets a shell of its own, the empty one being the root."""
_CHARTS = "overview charts"
"""A part of the library that pages of several sections share."""


def plan_pages(library: Library, config: Config, problems: Sequence[Issue] = ()) -> Iterator[Page]:
    """All generated pages, one at a time so that their views do not pile up in memory.

    `problems` are the check's issues, of which the known ones get a page.
    """
    yield from project_pages(gather_projects(library))
    for plan in plan_sections(library, config, problems, lambda: {}).values():
        yield from plan()
    yield from enterprise_pages(gather_enterprises(library))


def plan_sections(
    library: Library,
    config: Config,
    problems: Sequence[Issue],
    plan_pictures: Callable[[], Mapping[str, PictureFiles]],
) -> Mapping[str, Callable[[], Iterable[Page]]]:
    """The pages that are neither of projects nor of enterprises, by what they are about.

    A section reads the library when it is called. `plan_pictures` gives the files of the cases'
    pictures.
    """
    library.define(_CHARTS, lambda: make_overview_charts(library, config))

    def charts() -> OverviewCharts:
        made: OverviewCharts = library.find(_CHARTS)
        return made

    return {
        "home": lambda: _home(library, config, plan_pictures(), charts()),
        "lists": lambda: list_pages(library.gazetteer, charts().projects),
        "figures": lambda: figure_pages(library.figures, library.gazetteer, library.data_date),
        "districts": lambda: district_pages(_gather_districts(library, config, charts())),
        "exposure": lambda: exposure_pages(
            library.cases,
            library.gazetteer,
            library.corrections,
            library.bodies,
            frozenset(row.iso_week for row in library.bulletin),
            library.data_date,
            penalty_anchor="penalties",
            pictures=plan_pictures(),
            changes=library.changes,
            charts=charts().weeks,
        ),
        "bulletin": lambda: bulletin_pages(
            library.bulletin, library.cases, library.gazetteer, config.campaign
        ),
        "duties": lambda: duty_pages(
            library.bodies,
            library.adoptions,
            library.gazetteer,
            library.data_date,
            count_types(library.frames.projects, library.frames.cases, "prefecture"),
        ),
        "supervision": lambda: supervision_pages(
            library, config, library.standing.keep_issues(problems), charts().supervision
        ),
        "corrections": lambda: correction_pages(
            library.corrections, library.targets, library.cases
        ),
        "withdrawn": lambda: withdrawn_pages(library),
        "changes": lambda: change_pages(library.changes, library.gazetteer),
        "problems": lambda: [
            known_problems_page(library.standing.keep_issues(problems), library.loaded)
        ],
        "dictionary": lambda: dictionary_pages(library.dataset.catalog),
    }


def _home(
    library: Library,
    config: Config,
    pictures: Mapping[str, PictureFiles],
    charts: OverviewCharts,
) -> Iterator[Page]:
    home = home_page(
        config.province,
        library.figures,
        library.issues,
        library.projects,
        library.corrections,
        district_list_view(_gather_districts(library, config, charts)),
        library.gazetteer,
        pictures,
        charts.home,
    )
    yield replace(home, facts=describe_site(config))


def _gather_districts(library: Library, config: Config, charts: OverviewCharts) -> DistrictSources:
    return DistrictSources(
        gazetteer=library.gazetteer,
        frames=library.frames,
        projects=library.projects,
        enterprises=tuple(_list_enterprises(library)),
        cases=library.cases,
        supervision=library.supervision,
        floor=config.disclosure_floor,
        as_of=library.data_date,
        bodies=library.bodies,
        adoptions=library.adoptions,
        catalog=library.dataset.catalog,
        charts=charts.districts,
    )


def gather_enterprises(library: Library) -> EnterpriseSources:
    """What pages of enterprises are made of."""
    return EnterpriseSources(
        library.dataset,
        library.disclosures,
        library.monitoring,
        library.registers,
        library.data_date,
    )


def gather_few_enterprises(library: Library, linked: Mapping[str, LinkedSite]) -> EnterpriseSources:
    """The same for the sites in `linked` alone: of the ledger, only the projects of theirs."""
    ledger_nos = {number for site in linked.values() for number in site.ledger_nos}
    registers = Registers(
        read_projects(cut_ledger(library.dataset, ledger_nos)),
        library.cases,
        library.corrections,
        library.bodies,
        library.gazetteer,
        library.changes,
        {site: told.owner_key for site, told in linked.items() if told.owner_key},
    )
    return EnterpriseSources(
        library.dataset, library.disclosures, library.monitoring, registers, library.data_date
    )


def gather_projects(library: Library) -> ProjectSources:
    """What pages of projects are made of: little enough to be given to another process."""
    profile = library.dataset["enterprise_profile"].text
    return ProjectSources(
        library.projects,
        library.cases,
        dict(profile.select("site_code", "ent_name").iter_rows()),
        library.owners.by_project,
        library.industries,
        library.gazetteer,
        library.data_date,
        library.changes,
        library.bodies,
    )


def _list_enterprises(library: Library) -> Iterator[EnterpriseEntry]:
    columns = ("site_code", "ent_name", "division_code", "industry_code", "operating_status")
    profile = library.dataset["enterprise_profile"].text.select(columns)
    for site_code, name, division, industry, status in profile.iter_rows():
        yield EnterpriseEntry(
            site_code,
            name,
            division,
            library.industries.get(industry, industry),
            status,
            library.disclosures[site_code],
        )
