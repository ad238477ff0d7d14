"""The main job, readable top to bottom: datasets in, a finished site in its place.

    check and load → domain → pages → render and splice → search, downloads → manifest → switch

A dataset with errors stops here with every error listed; whatever happens, the old site stays
until the new one is complete.
"""

from __future__ import annotations

import resource
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from generator.config import Config
from generator.data.catalog import read_catalog
from generator.data.check import CheckReport, check_dataset
from generator.data.issue import Issue
from generator.data.privacy import list_exempt_numbers
from generator.domain.exposure import list_photos
from generator.domain.library import Library, build_library
from generator.errors import HuanjingError
from generator.publish import output
from generator.publish.manifest import format_manifest
from generator.publish.privacy_gate import PrivacyGate
from generator.site import assets, downloads
from generator.site.plan import FOLDERS, plan_pages
from generator.site.render import Renderer
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
    with clock.stage("检查数据"):
        catalog = read_catalog(config.datasets)
        report, dataset = check_dataset(catalog)
        if dataset is None:
            raise CheckFailedError(report)
    with clock.stage("汇总统计"):
        library = build_library(dataset, config)
    staging = output.open_staging(out)
    try:
        gate = PrivacyGate(list_exempt_numbers(dataset))
        writer = output.SiteWriter(staging, gate)
        with clock.stage("页面外壳与手写页面"):
            shells = build_shells(config, FOLDERS, staging)
            writer.adopt()
        with clock.stage("生成页面"):
            pages = _write_pages(library, config, writer, shells, report.issues)
        with clock.stage("搜索索引"):
            for route, content in build_index(
                search_records(library, config), district_names(library)
            ):
                writer.write(route, content)
        with clock.stage("下载与附件"):
            _write_files(library, config, writer)
        with clock.stage("文件清单"):
            manifest = format_manifest(writer.entries, library.data_date)
            writer.write(output.MANIFEST, manifest)
        gate.close()
        entries = writer.entries
        output.put_in_place(staging, out)
    finally:
        output.discard(staging)
    return Summary(
        pages=dict(sorted(pages.items())),
        rows={name: report.rows[name] for name in sorted(report.rows)},
        files=len(entries),
        size_bytes=sum(entry.size_bytes for entry in entries),
        seconds=clock.seconds,
        peak_memory_mb=round(peak_memory_mb(), 1),
        warnings=sum(issue.severity == "warning" for issue in report.issues),
    )


def _write_pages(
    library: Library,
    config: Config,
    writer: output.SiteWriter,
    shells: Mapping[str, Shell],
    problems: Sequence[Issue],
) -> Counter[str]:
    renderer = Renderer(config.templates)
    counts: Counter[str] = Counter()
    for page in plan_pages(library, config, problems):
        shell = shells[page.route.rpartition("/")[0]]
        writer.write(page.route, shell.splice(page, renderer.render_body(page)))
        counts[page.kind] += 1
    return counts


def _write_files(library: Library, config: Config, writer: output.SiteWriter) -> None:
    for route, content in assets.build_assets(config.templates):
        writer.write(route, content)
    writer.write(assets.SNAPSHOT_ROUTE, assets.format_snapshot(library.data_date, config.demo))
    writer.write("data/figures.json", format_figures(library.figures, library.data_date))
    for photo in list_photos(library.cases):
        writer.copy(photo, library.dataset.catalog.root / photo)
    for route, source in downloads.whole_tables(library.dataset.catalog):
        writer.copy(route, source)
    writer.copy("download/datapackage.json", library.dataset.catalog.root / "datapackage.json")
    for route, content in downloads.county_packs(library.dataset, library.gazetteer):
        writer.write(route, content)


def peak_memory_mb() -> float:
    """The most memory that this process, or any process it waited for, has held; 10^6 bytes."""
    usage = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(who).ru_maxrss for who in usage) * 1024 / 1_000_000
