"""The main job, readable top to bottom: datasets in, a finished site in its place.

    check and load → domain → pages → render and splice → search, downloads → manifest → switch

A dataset with errors stops here with every error listed; whatever happens, the old site stays
until the new one is complete.
"""

from __future__ import annotations

import importlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from generator.cache import Cache, digest
from generator.config import Config
from generator.errors import HuanjingError
from generator.processes import Cluster, Crew, Processes, count_cores, without_collector
from generator.publish.former import FormerSite, cache_folder, read_former, save_former
from generator.publish.inputs import confirm_inputs, describe_inputs
from generator.publish.lock import lock_output

if TYPE_CHECKING:
    from generator.data.check import CheckReport

_LARGE_BYTES: Final = 8_000_000
"""Tables from which a build is worth the start of other processes."""
_MOST_PROCESSES: Final = 3
"""Projects and the search index are given away; there is no fourth share."""


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
    processes: int
    peak_memory_mb: float
    """Of all processes, added up."""
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


def build_site(
    config: Config, out: Path, progress: Progress, crew: int | Cluster | None = None
) -> Summary:
    """Build the site of `config.datasets` into `out`.

    `crew` is how many processes work at it, by default as many as pay, or the workers of a
    scheduler. The bytes are the same.

    Raises:
        CheckFailedError: The datasets have errors.
        HuanjingError: Anything else a person can mend; `out` is untouched in every case.

    """
    with without_collector(), lock_output(out):
        return _build_site(config, out, _Clock(progress), crew)


def _build_site(config: Config, out: Path, clock: _Clock, asked: int | Cluster | None) -> Summary:
    with clock.stage("核对输入"):
        cache = Cache(cache_folder(out))
        inputs = describe_inputs(config, cache)
        former = read_former(out, cache)
        if former.inputs == inputs and former.is_whole():
            return _repeat_summary(former, clock)
    with _gather_crew(asked, config, former, cache) as crew:
        crew.give(load_libraries)
        # They take a second to load, which a build that changes nothing does not have.
        from generator import stages
        from generator.sections import Sections

        with clock.stage("检查数据"):
            report, dataset = stages.check(config, cache, crew)
            if dataset is None:
                confirm_inputs(config, cache, cache_folder(out))
                raise CheckFailedError(report)
        with clock.stage("汇总统计"):
            history = stages.read_history(dataset.catalog, cache)
            library = stages.build_library(dataset, config, cache, history)
            exempt = stages.list_exempt_numbers(dataset, cache)
            conditions = digest(exempt)
            former = former.under(conditions)
        with stages.open_staging(out) as staging:
            with clock.stage("页面外壳与手写页面"):
                shop = stages.open_workshop(config, staging, cache.program, exempt)
                writer = shop.open_writer(former)
                writer.adopt()
            with clock.stage("核对变动"):
                sections = Sections(writer, library, config, history, shop.shells, cache)
                # What is given first needs least of the library: nobody has to wait for it.
                given = stages.give_packs(crew, shop, writer, library, cache)
                changed, linked = stages.find_changed_enterprises(
                    shop, writer, library, sections, cache
                )
                given += stages.give_enterprises(crew, shop, library, changed, linked)
                loose = tuple(given)
                projects = stages.give_projects(
                    crew, shop, writer, former, library, sections, given
                )
                index = stages.give_index(
                    crew, shop, writer, former, library, config, sections, given
                )
            with clock.stage("生成页面"):
                pages = stages.write_pages(
                    shop, writer, library, config, report.issues, sections, cache
                )
            with clock.stage("下载与附件"):
                stages.write_files(library, config, writer, sections, cache)
                stages.write_exports(writer, library, cache)
            with clock.stage("余下的部分"):
                for share in reversed(given):
                    share.help()
                pages += projects()
                for share in loose:
                    pages += share.result().take_into(writer)
                index()
                pages["enterprise"] += len(linked) - len(changed)
            with clock.stage("文件清单"):
                pages += stages.write_catalogues(shop, writer, library, config, history.newest)
                stages.write_sitemaps(writer, library, config, sections)
                stages.write_manifest(writer, library.data_date)
            writer.close()
            with clock.stage("切换"):
                confirm_inputs(config, cache, cache_folder(out))
                stages.put_in_place(staging, out)
    summary = Summary(
        pages=dict(sorted(pages.items())),
        rows={name: report.rows[name] for name in sorted(report.rows)},
        files=len(writer.files),
        kept_files=writer.kept_files,
        size_bytes=sum(file.size_bytes for file in writer.files),
        seconds=clock.seconds,
        processes=crew.count,
        peak_memory_mb=round(crew.peak_memory_mb, 1),
        warnings=sum(issue.severity == "warning" for issue in report.issues),
    )
    noted = json.dumps(asdict(summary))
    sections.close()
    save_former(FormerSite(out, writer.files, conditions, inputs, noted), cache)
    cache.prune()
    return summary


def _gather_crew(
    asked: int | Cluster | None, config: Config, former: FormerSite, cache: Cache
) -> Crew:
    if isinstance(asked, Cluster):
        from generator.remote_crew import RemoteCrew

        return RemoteCrew(asked, cache.program)
    return Processes(asked or _choose_processes(config, former))


def load_libraries() -> None:
    """What a process that is started may as well begin with, beside the one that starts it."""
    importlib.import_module("generator.stages")


def _choose_processes(config: Config, former: FormerSite) -> int:
    """One where little is to be done, else one for each core that finds work."""
    size = sum(file.stat().st_size for file in config.datasets.glob("tables/*.csv"))
    if former.files or size < _LARGE_BYTES:
        return 1
    return min(count_cores(), _MOST_PROCESSES)


def _repeat_summary(former: FormerSite, clock: _Clock) -> Summary:
    """What there is to say when the site that stands is already the one that was asked for."""
    told = Summary(**json.loads(former.summary))
    return replace(
        told,
        kept_files=told.files,
        seconds=clock.seconds,
        processes=1,
        peak_memory_mb=round(Processes(1).peak_memory_mb, 1),
    )
