"""The main job, readable top to bottom: datasets in, a finished site in its place.

    check and load → domain → pages → render and splice → search, downloads → manifest → switch

A dataset with errors stops here with every error listed; whatever happens, the old site stays
until the new one is complete.
"""

from __future__ import annotations

import json
import resource
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Protocol

from generator.cache import Cache, digest
from generator.config import Config
from generator.data.catalog import read_catalog
from generator.data.check import CheckReport, check_dataset
from generator.data.commits import read_history
from generator.data.issue import Issue
from generator.data.privacy import list_exempt_numbers
from generator.domain.enterprise_digests import digest_enterprises
from generator.domain.exposure import list_photos
from generator.domain.library import Library, build_library
from generator.domain.news import list_news
from generator.errors import HuanjingError
from generator.publish import output
from generator.publish.former import FormerSite, read_former, save_former
from generator.publish.inputs import describe_inputs
from generator.publish.manifest import format_manifest
from generator.publish.privacy_gate import PrivacyGate
from generator.site import assets, downloads
from generator.site.feeds import build_feeds
from generator.site.page_keys import PageKeys
from generator.site.plan import FOLDERS, plan_pages
from generator.site.render import Renderer
from generator.site.routes import district_pack_route, enterprise_route
from generator.site.search.index import build_index
from generator.site.search_records import district_names, search_records
from generator.site.shell import Shell, build_shells
from generator.site.views.figure import format_figures


class CheckFailedError(HuanjingError):
    """The datasets have errors; the report lists them all."""

    def __init__(self, report: CheckReport) -> None:
        super().__init__("数据集没有通过检查，网站没有重建，旧网站保持原样。")
        self.report = report


class Progress(Protocol):
    """Who is told that a stage begins and ends."""

    def start(self, title: str) -> None:
        """A stage begins."""

    def finish(self, title: str, seconds: float) -> None:
        """A stage is done."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a build did, for people and for `--summary`."""

    pages: dict[str, int]
    """Pages by kind."""
    rows: dict[str, int]
    """Rows by table."""
    files: int
    kept_files: int
    """Of `files`, those taken over from the former site."""
    size_bytes: int
    seconds: dict[str, float]
    """By stage, in order."""
    peak_memory_mb: float
    warnings: int


@dataclass(slots=True)
class _Clock:
    """Times stages and tells the progress reporter."""

    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, title: str) -> Iterator[None]:
        self.progress.start(title)
        begin = time.perf_counter()
        yield
        self.seconds[title] = round(time.perf_counter() - begin, 3)
        self.progress.finish(title, self.seconds[title])


def build_site(config: Config, out: Path, progress: Progress) -> Summary:
    """Build the site of `config.datasets` into `out`.

    Raises:
        CheckFailedError: The datasets have errors.
        HuanjingError: Anything else a person can mend; `out` is untouched in every case.

    """
    clock = _Clock(progress)
    with clock.stage("核对输入"):
        cache = Cache(output.cache_folder(out))
        inputs = describe_inputs(config, cache)
        former = read_former(out, cache)
        if former.inputs == inputs and former.is_whole():
            return _repeat_summary(former, clock)
    with clock.stage("检查数据"):
        catalog = read_catalog(config.datasets)
        report, dataset = check_dataset(catalog, cache)
        if dataset is None:
            raise CheckFailedError(report)
    with clock.stage("汇总统计"):
        library = build_library(dataset, config, cache, read_history(catalog, cache))
    staging = output.open_staging(out)
    try:
        exempt = list_exempt_numbers(dataset)
        gate = PrivacyGate(exempt)
        conditions = digest(sorted(exempt))
        writer = output.SiteWriter(staging, gate, former.under(conditions))
        with clock.stage("页面外壳与手写页面"):
            shells = build_shells(config, FOLDERS, staging)
            writer.adopt()
        with clock.stage("生成页面"):
            pages = _write_pages(library, config, writer, shells, report.issues, cache)
        with clock.stage("搜索索引"):
            _write_index(library, config, writer, cache)
        with clock.stage("下载与附件"):
            _write_files(library, config, writer, cache)
        with clock.stage("文件清单"):
            manifest = format_manifest(writer.entries, library.data_date)
            writer.write(output.MANIFEST, manifest)
        gate.close()
        with clock.stage("切换"):
            output.put_in_place(staging, out)
    finally:
        output.discard(staging)
    summary = Summary(
        pages=dict(sorted(pages.items())),
        rows={name: report.rows[name] for name in sorted(report.rows)},
        files=len(writer.files),
        kept_files=writer.kept_files,
        size_bytes=sum(file.size_bytes for file in writer.files),
        seconds=clock.seconds,
        peak_memory_mb=round(peak_memory_mb(), 1),
        warnings=sum(issue.severity == "warning" for issue in report.issues),
    )
    noted = json.dumps(asdict(summary))
    save_former(FormerSite(out, writer.files, conditions, inputs, noted), cache)
    cache.prune()
    return summary


def _repeat_summary(former: FormerSite, clock: _Clock) -> Summary:
    """What there is to say when the site that stands is already the one that was asked for."""
    told = Summary(**json.loads(former.summary))
    return replace(
        told,
        kept_files=told.files,
        seconds=clock.seconds,
        peak_memory_mb=round(peak_memory_mb(), 1),
    )


def _write_pages(
    library: Library,
    config: Config,
    writer: output.SiteWriter,
    shells: Mapping[str, Shell],
    problems: Sequence[Issue],
    cache: Cache,
) -> Counter[str]:
    """Every page that is not as it was, from its view; the others are taken over."""
    renderer = Renderer(config.templates)
    keys = PageKeys(config.templates, shells, cache)
    counts: Counter[str] = Counter()
    digests = digest_enterprises(
        library.dataset,
        library.disclosures,
        library.monitoring,
        library.registers,
        library.data_date,
        cache,
    )
    routes_of_sites = {site: enterprise_route(site) for site in digests}
    site_keys = {
        route: keys.key_for("enterprise", route, digests[site])
        for site, route in routes_of_sites.items()
    }
    changed = [
        site for site, route in routes_of_sites.items() if not writer.keep(route, site_keys[route])
    ]
    counts["enterprise"] += len(digests) - len(changed)
    for page in plan_pages(library, config, problems, changed):
        counts[page.kind] += 1
        key = site_keys.get(page.route) or keys.key_of(page)
        if page.route in site_keys or not writer.keep(page.route, key):
            shell = shells[page.route.rpartition("/")[0]]
            writer.write(page.route, shell.splice(page, renderer.render_body(page)), key)
    return counts


def _write_index(library: Library, config: Config, writer: output.SiteWriter, cache: Cache) -> None:
    records, names = search_records(library, config), district_names(library)
    key = cache.key("search", records, names)
    if not writer.keep_all(key):
        for route, content in build_index(records, names):
            writer.write(route, content, key)


def _write_files(library: Library, config: Config, writer: output.SiteWriter, cache: Cache) -> None:
    def copy(route: str, source: Path) -> None:
        key = cache.key("copy", cache.file_digest(source))
        if not writer.keep(route, key):
            writer.copy(route, source, key)

    dataset, root = library.dataset, library.dataset.catalog.root
    for route, content in assets.build_assets(config.templates):
        writer.write(route, content)
    writer.write(assets.SNAPSHOT_ROUTE, assets.format_snapshot(library.data_date, config.demo))
    news = list_news(
        dataset,
        library.projects,
        library.cases,
        library.corrections,
        library.targets,
        library.changes,
    )
    for route, content in build_feeds(news, library.issues, library.gazetteer, config.site_name):
        writer.write(route, content)
    writer.write("data/figures.json", format_figures(library.figures, library.data_date))
    for photo in list_photos(library.cases):
        copy(photo, root / photo)
    for route, source in downloads.whole_tables(dataset.catalog):
        copy(route, source)
    writer.write("download/datapackage.json", downloads.whole_package(dataset.catalog))
    packs = downloads.digest_packs(dataset, library.gazetteer, cache)
    changed = [
        code for code, key in packs.items() if not writer.keep(district_pack_route(code), key)
    ]
    for code, content in downloads.county_packs(dataset, library.gazetteer, changed):
        writer.write(district_pack_route(code), content, packs[code])


def peak_memory_mb() -> float:
    """The most memory that this process, or any process it waited for, has held; 10^6 bytes."""
    usage = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(who).ru_maxrss for who in usage) * 1024 / 1_000_000
