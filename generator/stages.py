"""The stages of a build, which `generator.build` puts in order.

`generator.workshop.Workshop` is what all that write a site need. Projects, enterprises, packs and
the search index can be made elsewhere: they are given plain values, and what was written is taken
into the one list of files.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from generator.ahead import check_ahead
from generator.cache import Cache, digest
from generator.config import Config
from generator.data import privacy
from generator.data.catalog import read_catalog
from generator.data.check import CheckReport, check_dataset
from generator.data.commits import read_history
from generator.data.issue import Issue
from generator.data.kept_checks import describe_read, describe_rest
from generator.data.kept_work import KeptWork
from generator.data.load import Dataset, release_memory
from generator.domain.enterprise_digests import LinkedSite, digest_enterprises, digest_links
from generator.domain.exposure import list_photos
from generator.domain.library import Library, build_library
from generator.domain.news import list_news
from generator.domain.project import Project
from generator.domain.standing import MONITORING
from generator.mirror.host import format_host
from generator.mirror.manifest import HOST, MANIFEST, format_manifest
from generator.processes import Crew, Share
from generator.publish import output
from generator.publish.former import FormerSite
from generator.publish.output import SiteWriter, put_in_place
from generator.sections import Sections
from generator.site import assets, crawlers, downloads, exports, packages, packs
from generator.site.cards import draw_card
from generator.site.documents import notice_documents, print_notices
from generator.site.feeds import build_feeds
from generator.site.fonts import CHINESE_FONT_SHA256
from generator.site.machine_catalogues import DCAT_ROUTE, format_dcat
from generator.site.offers import describe_edition, select_offers
from generator.site.openapi import OPENAPI_ROUTE, format_openapi
from generator.site.pages import Page
from generator.site.pictures import PictureFiles, plan_pictures, read_picture
from generator.site.plan import (
    FOLDERS,
    gather_enterprises,
    gather_few_enterprises,
    gather_projects,
    plan_sections,
)
from generator.site.routes import WITHDRAWN as WITHDRAWN_ROUTE
from generator.site.routes import district_pack_route, enterprise_route
from generator.site.search.index import build_index
from generator.site.search.records import SearchRecord
from generator.site.search_records import district_names, search_records
from generator.site.shell import build_shells
from generator.site.views.dictionary import download_route
from generator.site.views.enterprise import EnterprisePart
from generator.site.views.figure import format_figures
from generator.site.views.project import ProjectSources, cut_projects, project_pages
from generator.site.views.share import share_cards, site_card
from generator.workshop import Made, Workshop

Thing = TypeVar("Thing")
_PARTS: Final = 10
"""Of the enterprises, and of the projects, for several processes: few enough that what all have in
common is made few times, many enough that nobody waits long for the last."""
_MOST_SITES: Final = 1_000
"""Enterprises in a part, about: its rows are copied, and those of a large province are many."""
_FEW_SITES: Final = 512
"""Changed enterprises for which only what they are linked to is read."""

__all__ = [
    "build_library",
    "check",
    "find_changed_enterprises",
    "give_enterprises",
    "give_index",
    "give_packs",
    "give_projects",
    "list_exempt_numbers",
    "open_staging",
    "open_workshop",
    "put_in_place",
    "read_history",
    "write_catalogues",
    "write_exports",
    "write_files",
    "write_manifest",
    "write_pages",
    "write_sitemaps",
]


def list_exempt_numbers(dataset: Dataset, cache: Cache) -> Sequence[str]:
    """As `generator.data.privacy` lists them, in order."""
    kept = KeptWork(
        cache,
        cache.key("exempt numbers", describe_rest(dataset.catalog, cache)),
        dataset.reads,
        partial(describe_read, dataset, cache),
    )
    numbers = kept.recall("numbers", None, lambda: sorted(privacy.list_exempt_numbers(dataset)))
    kept.close()
    return numbers


def check(
    config: Config, cache: Cache, crew: Crew | None = None
) -> tuple[CheckReport, Dataset | None]:
    """What the check finds, and the dataset if that is no error; `crew` may lend a hand."""
    catalog = read_catalog(config.datasets, config.profile, cache)
    if crew is not None and crew.count > 1 and not crew.by_area:  # others have other disks
        check_ahead(crew, catalog, cache)
    return check_dataset(catalog, cache)


@contextmanager
def open_staging(out: Path) -> Iterator[Path]:
    """A folder to write the site into; whatever is left there in the end is thrown away."""
    staging = output.open_staging(out)
    try:
        with output.telling_of_disk(staging):
            yield staging
    finally:
        output.discard(staging)


def open_workshop(config: Config, staging: Path, program: str, exempt: Collection[str]) -> Workshop:
    """The workshop, and MkDocs' own pages in `staging`, which must be empty."""
    shells = build_shells(config, FOLDERS, staging)
    texts = [
        (path.relative_to(folder).as_posix(), path.read_bytes())
        for folder in config.templates
        for path in sorted(folder.rglob("*.jinja"))
    ]
    state = digest(texts, shells)
    return Workshop(staging, config.templates, shells, program, exempt, state)


def _take(writer: SiteWriter, shares: Iterable[Share[Made]]) -> Counter[str]:
    """Take in what comes back; returns the pages."""
    pages: Counter[str] = Counter()
    for share in shares:
        pages += share.result().take_into(writer)
    return pages


def give_projects(
    crew: Crew,
    workshop: Workshop,
    writer: SiteWriter,
    former: FormerSite,
    library: Library,
    sections: Sections,
    given: list[Share[Made]],
) -> Callable[[], Counter[str]]:
    """The pages of all ledger projects; what of them is given away goes to `given` as well."""

    def begin(sources: ProjectSources) -> Callable[[], Counter[str]]:
        if crew.by_area:
            parts = _cut_ledger_by_area(sources)
        elif crew.count > 1:
            parts = [cut_projects(sources, part) for part in _divide(sources.projects, _PARTS)]
        else:
            parts = [sources]
        shares = [crew.give(_write_projects, workshop, former, part) for part in parts]
        given.extend(shares)
        return partial(_take, writer, shares)

    return sections.give("projects", None, lambda: gather_projects(library), begin)


def _cut_ledger_by_area(sources: ProjectSources) -> list[ProjectSources]:
    """What the pages of each county's projects are made of."""
    areas: dict[str, list[Project]] = defaultdict(list)
    for project in sources.projects:
        areas[sources.gazetteer.place_code(project.division_code)].append(project)
    return [cut_projects(sources, areas[county]) for county in sorted(areas)]


def _divide(things: Sequence[Thing], count: int) -> list[Sequence[Thing]]:
    """The things in at most `count` parts, in order."""
    size = -(-len(things) // count) or 1
    return [things[start : start + size] for start in range(0, len(things), size)]


def _write_projects(workshop: Workshop, former: FormerSite, sources: ProjectSources) -> Made:
    writer = workshop.open_writer(former)
    return Made(_write_pages(workshop, writer, project_pages(sources)), writer.written)


def give_index(
    crew: Crew,
    workshop: Workshop,
    writer: SiteWriter,
    former: FormerSite,
    library: Library,
    config: Config,
    sections: Sections,
    given: list[Share[Made]],
) -> Callable[[], Counter[str]]:
    """The search index over everything that can be found; `given` as for projects."""

    def begin(
        found: tuple[Sequence[SearchRecord], Mapping[str, str]],
    ) -> Callable[[], Counter[str]]:
        share = crew.give(_write_index, workshop, former, *found)
        given.append(share)
        return partial(_take, writer, [share])

    return sections.give(
        "search", None, lambda: (search_records(library, config), district_names(library)), begin
    )


def _write_index(
    workshop: Workshop,
    former: FormerSite,
    records: Sequence[SearchRecord],
    names: Mapping[str, str],
) -> Made:
    writer = workshop.open_writer(former)
    for route, content in build_index(records, names):
        writer.write(route, content)
    release_memory()
    return Made(Counter(), writer.written)


def find_changed_enterprises(
    workshop: Workshop, writer: SiteWriter, library: Library, sections: Sections, cache: Cache
) -> tuple[Mapping[str, str], Mapping[str, LinkedSite]]:
    """By site code, the keys of the enterprise pages to be made; and what each site is linked to.

    The other pages are taken over.
    """
    keys = workshop.open_keys()
    found = sections.recall("links of enterprises", lambda: _digest_links(library))
    linked = {site: LinkedSite(*told) for site, told in found.items()}
    changed: dict[str, str] = {}
    for site, content in digest_enterprises(library.standing, linked, cache).items():
        route = enterprise_route(site)
        key = keys.key_for("enterprise", route, content)
        if not writer.keep(route, key):
            changed[site] = key
    return changed, linked


def _digest_links(library: Library) -> Mapping[str, LinkedSite]:
    return digest_links(
        library.dataset,
        library.disclosures,
        library.monitoring,
        library.registers,
        library.data_date,
    )


def give_enterprises(
    crew: Crew,
    workshop: Workshop,
    library: Library,
    changed: Mapping[str, str],
    linked: Mapping[str, LinkedSite],
) -> list[Share[Made]]:
    """The enterprise pages, in parts that whoever has time takes; `changed` has their keys."""
    if not changed:
        return []
    sources = (
        gather_enterprises(library)
        if len(changed) > _FEW_SITES
        else gather_few_enterprises(library, {site: linked[site] for site in changed})
    )
    parts = (
        _list_sites_by_area(library, changed)
        if crew.by_area
        else _divide(sorted(changed), _count_parts(crew, len(changed)))
    )
    return [
        crew.give(
            _write_enterprises,
            workshop,
            EnterprisePart(sources, part),
            {enterprise_route(site): changed[site] for site in part},
        )
        for part in parts
    ]


def _count_parts(crew: Crew, sites: int) -> int:
    return max(_PARTS if crew.count > 1 else 1, sites // _MOST_SITES)


def _list_sites_by_area(library: Library, wanted: Collection[str]) -> list[list[str]]:
    """The wanted sites of each county, by code."""
    profile = library.dataset["enterprise_profile"].text
    areas: dict[str, list[str]] = defaultdict(list)
    for site, division in profile.select("site_code", "division_code").iter_rows():
        if site in wanted:
            areas[library.gazetteer.place_code(division)].append(site)
    return [sorted(areas[county]) for county in sorted(areas)]


def _write_enterprises(workshop: Workshop, part: EnterprisePart, keys: Mapping[str, str]) -> Made:
    writer = workshop.open_writer()
    pages = _write_pages(workshop, writer, part.pages(), keys)
    release_memory()
    return Made(pages, writer.written)


def write_pages(
    workshop: Workshop,
    writer: SiteWriter,
    library: Library,
    config: Config,
    problems: Sequence[Issue],
    sections: Sections,
    cache: Cache,
) -> Counter[str]:
    """Every page but those of projects and enterprises."""

    def pictures() -> Mapping[str, PictureFiles]:
        return plan_pictures(list_photos(library.cases), library.loaded.catalog.root, cache)

    needs = {"supervision": problems, "problems": problems}
    pages: Counter[str] = Counter()
    for name, plan in plan_sections(library, config, problems, pictures).items():
        write = partial(_write_planned, workshop, writer, plan)
        pages += sections.write(name, needs.get(name), write)
    return pages


def _write_planned(
    workshop: Workshop, writer: SiteWriter, plan: Callable[[], Iterable[Page]]
) -> Counter[str]:
    return _write_pages(workshop, writer, plan())


def _write_pages(
    workshop: Workshop,
    writer: SiteWriter,
    pages: Iterable[Page],
    known: Mapping[str, str] | None = None,
) -> Counter[str]:
    """Write the pages that are not as they were; those with a key in `known` are not."""
    renderer, keys, known = workshop.open_renderer(), workshop.open_keys(), known or {}
    counts: Counter[str] = Counter()
    for page in pages:
        counts[page.kind] += 1
        key = known.get(page.route) or keys.key_of(page)
        if page.route in known or not writer.keep(page.route, key):
            shell = workshop.shells[page.route.rpartition("/")[0]]
            writer.write(page.route, shell.splice(page, renderer.render_body(page)), key)
    return counts


def write_files(
    library: Library, config: Config, writer: SiteWriter, sections: Sections, cache: Cache
) -> None:
    """Everything else: style and scripts, the snapshot, figures, pictures, tables."""

    def write_all(files: Iterable[tuple[str, bytes]]) -> Counter[str]:
        for route, content in files:
            writer.write(route, content)
        return Counter()

    write_all(assets.build_assets(*config.templates))
    writer.write(assets.SNAPSHOT_ROUTE, assets.format_snapshot(library.data_date, config.demo))
    writer.write(HOST, format_host(config.host))
    sections.write("feeds", None, lambda: write_all(_build_feeds(library, config)))
    sections.write("figures.json", None, lambda: write_all(_build_figures(library)))
    sections.write("pictures", None, lambda: _write_pictures(library, config, writer, cache))
    sections.write("notices", None, lambda: _write_notices(library, config, writer, cache))
    _write_tables(library, writer, cache)
    writer.write(crawlers.ROBOTS, crawlers.format_robots(config.canonical))
    write_all(crawlers.format_security(config.security, library.data_date, config.canonical))


def _build_feeds(library: Library, config: Config) -> Iterator[tuple[str, bytes]]:
    news = list_news(
        library.dataset,
        library.projects,
        library.cases,
        library.corrections,
        library.targets,
        library.changes,
    )
    yield from build_feeds(news, library.issues, library.gazetteer, config.site_name)


def _build_figures(library: Library) -> Iterator[tuple[str, bytes]]:
    yield "data/figures.json", format_figures(library.figures, library.data_date)


def _write_tables(library: Library, writer: SiteWriter, cache: Cache) -> None:
    """Every table whole, as it may be handed on."""
    catalog, standing = library.loaded.catalog, library.standing
    for table in catalog.tables:
        route = download_route(table)
        if table.name not in standing.changed:
            key = cache.key("copy", cache.file_digest(table.path))
            if not writer.keep(route, key):
                writer.copy(route, table.path, key)
        elif table.name == MONITORING:
            writer.write(route, downloads.cut_readings(table.path, standing))
        else:
            writer.write(route, packs.format_csv(standing.downloads[table.name].text))
    writer.write(WITHDRAWN_ROUTE, downloads.list_withdrawn(standing))
    writer.write("download/datapackage.json", packages.whole_package(catalog))


def write_exports(writer: SiteWriter, library: Library, cache: Cache) -> None:
    """Whole tables as Parquet and JSON."""
    for export in exports.plan_exports(library, cache):
        if writer.keep(export.route, export.key):
            exports.spare_members(export, cache)
        else:
            content = exports.make_export(export, library.gazetteer, cache)
            writer.write(export.route, content, export.key)


def write_catalogues(
    workshop: Workshop, writer: SiteWriter, library: Library, config: Config, commit: str
) -> Counter[str]:
    """What is offered for download, for people and for machines; all of it must be written."""
    dataset, gazetteer = library.standing.downloads, library.gazetteer
    edition = describe_edition(dataset.catalog.descriptor, config, library.data_date, commit)
    offers = select_offers(writer.entries)
    writer.write(DCAT_ROUTE, format_dcat(dataset.catalog, gazetteer, edition, offers))
    writer.write(OPENAPI_ROUTE, format_openapi(dataset.catalog, gazetteer, edition))
    offers = select_offers(writer.entries)
    readings = library.monitoring.readings
    workbooks = frozenset(
        route
        for code in (
            *(prefecture.code for prefecture in gazetteer.prefectures),
            *(county.code for county in gazetteer.counties),
        )
        for route in (district_pack_route(code),)
        if route in offers and packs.has_workbook(writer.staging / route)
    )
    page = downloads.download_page(dataset, gazetteer, readings, edition, offers, workbooks)
    return _write_pages(workshop, writer, [page])


def give_packs(
    crew: Crew, workshop: Workshop, writer: SiteWriter, library: Library, cache: Cache
) -> list[Share[Made]]:
    """The packs of all places, without those that are taken over."""
    dataset, gazetteer = library.standing.downloads, library.gazetteer
    given: list[Share[Made]] = []
    for series in packs.plan_packs(dataset.catalog, gazetteer):
        keys = packs.digest_packs(series, library.standing, gazetteer, cache)
        changed = [
            code for code, key in keys.items() if not writer.keep(district_pack_route(code), key)
        ]
        for content in packs.list_contents(series, dataset, gazetteer, changed):
            given.append(crew.give(_write_pack, workshop, content, keys[content.code]))
    return given


def _write_pack(workshop: Workshop, content: packs.PackContent, key: str) -> Made:
    writer = workshop.open_writer()
    writer.write(district_pack_route(content.code), packs.format_pack(content), key)
    return Made(Counter(), writer.written)


def _write_pictures(
    library: Library, config: Config, writer: SiteWriter, cache: Cache
) -> Counter[str]:
    """Pictures of cases and the share cards; none of a withdrawn case."""
    root = library.dataset.catalog.root
    for photo, files in plan_pictures(list_photos(library.cases), root, cache).items():
        for route in files.routes:
            if not writer.keep(route, files.key):
                writer.write(route, read_picture(photo, route, root, cache), files.key)
    cards = share_cards(library.issues, library.gazetteer, config.site_name, config.demo)
    for card in (site_card(config.province, config.site_name, config.demo), *cards):
        key = cache.key("card", *card.key_parts)
        if not writer.keep(card.route, key):
            writer.write(card.route, draw_card(card), key)
    return Counter()


def _write_notices(
    library: Library, config: Config, writer: SiteWriter, cache: Cache
) -> Counter[str]:
    """The supervision notices that are not as they were, as PDF."""
    notices = {
        route: (view, cache.key("notice", CHINESE_FONT_SHA256, view))
        for route, view in notice_documents(library, config)
    }
    changed = [
        (route, view) for route, (view, key) in notices.items() if not writer.keep(route, key)
    ]
    for route, content in print_notices(changed):
        writer.write(route, content, notices[route][1])
    return Counter()


def write_sitemaps(
    writer: SiteWriter, library: Library, config: Config, sections: Sections
) -> None:
    """The lists of all pages for crawlers."""
    pages = [file.path for file in writer.files if file.path.endswith(".html")]

    def write() -> Counter[str]:
        for route, content in crawlers.build_sitemaps(pages, library, config.canonical):
            writer.write(route, content)
        return Counter()

    sections.write("sitemaps", pages, write)


def write_manifest(writer: SiteWriter, data_date: dt.date) -> None:
    """The list of all files; nothing may be written after it."""
    writer.write(MANIFEST, format_manifest(writer.entries, data_date))
