"""Every page of the site, in one list: what there is, nothing about how it looks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from generator.config import Config
from generator.data.issue import Issue
from generator.domain.duty_results import count_types
from generator.domain.library import Library
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
from generator.site.views.overview_charts import make_overview_charts
from generator.site.views.project import ProjectSources, project_pages
from generator.site.views.supervision import supervision_pages
from generator.site.views.withdrawn import withdrawn_pages

FOLDERS = (
    "", "bulletin", "case", "change", "correction", "dictionary", "district", "download", "duty",
    "enterprise", "figure", "owner", "project", "supervision", "week",
)  # fmt: skip
"""Folders that hold pages; each gets a shell of its own, the empty one being the root."""


def plan_pages(library: Library, config: Config, problems: Sequence[Issue] = ()) -> Iterator[Page]:
    """All generated pages, one at a time so that their views do not pile up in memory.

    `problems` are the check's issues, of which the known ones get a page.
    """
    yield from project_pages(gather_projects(library))
    yield from plan_other_pages(library, config, problems)
    sources = EnterpriseSources(
        library.dataset,
        library.disclosures,
        library.monitoring,
        library.registers,
        library.data_date,
    )
    yield from enterprise_pages(sources)


def plan_other_pages(
    library: Library,
    config: Config,
    problems: Sequence[Issue] = (),
    pictures: Mapping[str, PictureFiles] = MappingProxyType({}),
) -> Iterator[Page]:
    """The pages that are of neither projects nor enterprises.

    `pictures` are the files of the cases' pictures.
    """
    problems = library.standing.keep_issues(problems)
    charts = make_overview_charts(library, config)
    districts = DistrictSources(
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
    home = home_page(
        config.province,
        library.figures,
        library.issues,
        library.projects,
        library.corrections,
        district_list_view(districts),
        library.gazetteer,
        pictures,
        charts.home,
    )
    yield replace(home, facts=describe_site(config))
    yield from list_pages(library.gazetteer, charts.projects)
    yield from figure_pages(library.figures, library.gazetteer, library.data_date)
    yield from district_pages(districts)
    yield from exposure_pages(
        library.cases,
        library.gazetteer,
        library.corrections,
        library.bodies,
        frozenset(row.iso_week for row in library.bulletin),
        library.data_date,
        penalty_anchor="penalties",
        pictures=pictures,
        changes=library.changes,
        charts=charts.weeks,
    )
    yield from bulletin_pages(library.bulletin, library.cases, library.gazetteer, config.campaign)
    yield from duty_pages(
        library.bodies,
        library.adoptions,
        library.gazetteer,
        library.data_date,
        count_types(library.frames.projects, library.frames.cases, "prefecture"),
    )
    yield from supervision_pages(library, config, problems, charts.supervision)
    yield from correction_pages(library.corrections, library.targets, library.cases)
    yield from withdrawn_pages(library)
    yield from change_pages(library.changes, library.gazetteer)
    yield known_problems_page(problems, library.loaded)
    yield from dictionary_pages(library.dataset.catalog)


def gather_projects(library: Library) -> ProjectSources:
    """What pages of projects are made of: little enough to be given to another process."""
    profile = library.dataset["enterprise_profile"].text
    return ProjectSources(
        library.projects,
        library.cases,
        dict(profile.select("site_code", "ent_name").iter_rows()),
        library.supervision.owners.by_project,
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
