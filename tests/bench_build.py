"""The build against Hugo and MkDocs: seconds, memory, and what a small change costs.

`python tests/bench_build.py` makes the full-scale province in a temporary folder, builds it by us
and its entity pages by Hugo, in turn, and writes the medians into docs/benchmarks.md. `--scale`
and `--runs` make it smaller; with `--parts` only those are measured and printed. The part `tenfold`
wants ten minutes and 12 GB of disk.

Every run writes into a folder of its own and nothing is deleted in between: on a disk without a
journal Linux passes over each inode deleted in the last five minutes before it takes a new one, and
files then cost ten times as much. Times and memory are taken in runs of their own.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from hugo_project import ENTITIES, read_text, write_project
from measuring import ROOT, Run, measure, write_section
from sample_changes import CHANGES, multiply_readings
from small_province import cut_province, read

from generator.config import Config, read_config
from generator.data.catalog import read_catalog
from generator.data.check import check_dataset
from generator.data.sample.package import write_sample
from generator.domain.library import build_library
from generator.site.plan import FOLDERS, plan_pages
from generator.site.shell import build_shells

MKDOCS_PAGES = 120
SAMPLED_PAGES = 400
TENTH = 4
"""Of the province's forty counties, those that are a tenth of it."""
TIMES = 10
"""What the largest province is a multiple of."""
BUILD = "from generator.entry import run; run()"
READ_READINGS = """
import sys
from pathlib import Path
from generator.data.catalog import read_catalog
from generator.data.readings import check_readings
from generator.domain.monitoring import read_monitoring
table = read_catalog(Path(sys.argv[1])).table("monitoring")
issues, rows = check_readings(table, {})
assert not issues, issues[0]
assert read_monitoring(Path(sys.argv[2])).readings == rows
"""
SURROUNDINGS: dict[str, tuple[dict[str, str], list[str], str]] = {
    "一个进程，UTC": ({"TZ": "UTC"}, ["--processes", "1"], "022"),
    "三个进程，查塔姆群岛时区，C 区域": (
        {"TZ": "Pacific/Chatham", "LC_ALL": "C", "PYTHONHASHSEED": "77", "PYTHONUTF8": "0"},
        ["--processes", "3"],
        "077",
    ),
    "一个 Polars 线程": (
        {"TZ": "Asia/Shanghai", "PYTHONHASHSEED": "1", "POLARS_MAX_THREADS": "1"},
        [],
        "002",
    ),
}


@dataclass(frozen=True)
class Build:
    """One build of ours: the process, and what it said of itself."""

    run: Run
    stages: dict[str, float]
    files: int
    written: int


@dataclass(frozen=True)
class Change:
    """What a change of the dataset costs the next build, and a mirror."""

    title: str
    target: str
    build: Build
    files: int
    size_bytes: int
    compressed_bytes: int
    pack_bytes: int


def build_ours(
    project: Path,
    out: Path,
    surroundings: dict[str, str] | None = None,
    options: Sequence[str] = (),
    umask: str = "022",
    *,
    memory: bool = False,
) -> Build:
    """Build the site by the command that everybody uses; `out` lies in a folder of its own."""
    out.parent.mkdir(exist_ok=True)
    summary = project / "summary.json"
    run = measure(
        [sys.executable, "-c", f"import os; os.umask(0o{umask}); {BUILD}", "build",
         "--config", str(project / "mkdocs.yml"), "--out", str(out), "--summary", str(summary),
         *options],
        project if surroundings is None else out.parent,
        surroundings,
        memory=memory,
    )  # fmt: skip
    told = json.loads(summary.read_bytes())
    return Build(run, told["seconds"], told["files"], told["files"] - told["kept_files"])


def build_entity_pages(project: Path, folder: Path, *, memory: bool = False) -> Run:
    """Render and write the entity pages from a loaded dataset; the memory is of the whole run."""
    folder.mkdir()
    told = folder / "told.json"
    run = measure(
        [sys.executable, str(ROOT / "tests/entity_pages.py"), str(project / "mkdocs.yml"),
         str(folder / "site"), str(told)],
        folder,
        memory=memory,
    )  # fmt: skip
    times = json.loads(told.read_bytes())
    return Run(times["seconds"], times["cpu_seconds"], run.peak_mb)


def build_hugo(project: Path, out: Path, *, memory: bool = False) -> Run:
    """Build the entity pages by Hugo, from nothing."""
    return measure(
        [str(Path(sys.executable).parent / "hugo"), "--quiet", "--source", str(project),
         "--destination", str(out), "--cacheDir", str(out.with_suffix(".cache"))],
        project,
        memory=memory,
    )  # fmt: skip


def build_mkdocs(site: Path, folder: Path, count: int) -> Run:
    """Build `count` entity pages, half of each kind, by MkDocs with Material."""
    for kind in ENTITIES:
        (folder / "docs" / kind).mkdir(parents=True)
        for page in sorted((site / kind).glob("*.html"))[: count // 2]:
            html = page.read_text(encoding="utf-8")
            start = html.index("<article")
            body = html[html.index(">", start) + 1 : html.index("</article>")]
            (folder / "docs" / kind / f"{page.stem}.md").write_text(body, encoding="utf-8")
    (folder / "docs/index.md").write_text("# 首页\n", encoding="utf-8")
    (folder / "mkdocs.yml").write_text(
        "site_name: 环镜\nnav: [index.md]\nuse_directory_urls: false\nplugins: []\n"
        "theme: {name: material, language: zh, font: false}\n",
        encoding="utf-8",
    )
    return measure([sys.executable, "-m", "mkdocs", "build", "-q"], folder, memory=False)


def make_project(folder: Path, scale: float, entities: int = 1) -> Config:
    """A project folder with the province at `scale`, of so many times the enterprises."""
    shutil.copytree(ROOT / "site_src", folder / "site_src")
    shutil.copytree(ROOT / "templates", folder / "templates")
    shutil.copy(ROOT / "mkdocs.yml", folder)
    write_sample(
        folder / "datasets",
        scale=scale,
        seed=2016,
        schemas=ROOT / "datasets",
        entities=entities,
    )
    return read_config(folder / "mkdocs.yml")


def export_views(config: Config, out: Path) -> int:
    """Write Hugo's project from our views; this is not timed."""
    _, dataset = check_dataset(read_catalog(config.datasets))
    if dataset is None:
        raise SystemExit("the sample province fails its check")
    with tempfile.TemporaryDirectory() as scratch:
        shells = build_shells(config, FOLDERS, Path(scratch))
    return write_project(out, plan_pages(build_library(dataset, config), config), shells)


def compare_texts(ours: Path, theirs: Path) -> int:
    """How many sampled pages have the same words in both sites; stops at the first that has not."""
    compared = 0
    for kind in ENTITIES:
        pages = sorted(p for p in (ours / kind).glob("*.html") if p.name != "index.html")
        for page in pages[:: max(1, len(pages) // (SAMPLED_PAGES // 2))]:
            other = theirs / kind / page.name.lower()  # as Hugo spells it
            words, their_words = (read_text(p.read_text(encoding="utf-8")) for p in (page, other))
            if words != their_words:
                pairs = enumerate(zip(words, their_words, strict=False))
                at = next((n for n, (a, b) in pairs if a != b), 0)
                raise SystemExit(
                    f"{kind}/{page.name} differs at {at}:\n{words[at - 40 : at + 40]}\n"
                    f"{their_words[at - 40 : at + 40]}"
                )
            compared += 1
    return compared


def read_hashes(site: Path) -> dict[str, str]:
    """SHA-256 of every file of a site."""
    manifest = json.loads((site / "manifest.json").read_bytes())
    return {entry["path"]: entry["sha256"] for entry in manifest["files"]}


def apply_change(
    title: str, target: str, change: Callable[[Path], None], config: Config, site: Path
) -> Change:
    """Change the dataset, rebuild, and count what differs.

    The manifest and whole tables are left out: a mirror takes tables from the dataset's history.
    """
    before = read_hashes(site)
    change(config.datasets / "tables")
    build = build_ours(config.project, site)
    changed = {
        path: (site / path).read_bytes()
        for path, sha256 in sorted(read_hashes(site).items())
        if before.get(path) != sha256 and not path.startswith("download/tables/")
    }
    compressed = {path: len(zlib.compress(content, 6)) for path, content in changed.items()}
    return Change(
        title,
        target,
        build,
        len(changed),
        sum(map(len, changed.values())),
        sum(compressed.values()),
        sum(size for path, size in compressed.items() if path.endswith(".zip")),
    )


class Bench:
    """One run of the benchmark: a province, and what was measured of it so far."""

    def __init__(self, folder: Path, scale: float, runs: int) -> None:
        self.folder = folder
        self.runs = runs
        self.scale = scale
        self.config = make_project(folder / "project", scale)
        self.site = folder / "out-0" / "site"
        self.cold: list[Build] = []
        self._whole: Run | None = None

    def find_whole(self) -> Run:
        """Our whole build from nothing: times of what was built so far, memory of one more."""
        if self._whole is None:
            if not self.cold:
                self.cold.append(build_ours(self.config.project, self.site))
            watched = self.folder / "out-memory" / "site"
            run = build_ours(self.config.project, watched, memory=True).run
            self._whole = combine([build.run for build in self.cold], run)
        return self._whole

    def measure_pages(self) -> Iterator[str]:
        """Ours and Hugo's, in turn."""
        hugo_project = self.folder / "hugo"
        entities = export_views(self.config, hugo_project)
        pages: list[Run] = []
        hugo: list[Run] = []
        for number in range(self.runs):
            self.site = self.folder / f"out-{number}" / "site"
            self.cold.append(build_ours(self.config.project, self.site))
            hugo.append(build_hugo(hugo_project, self.folder / f"hugo-{number}"))
            folder = self.folder / f"entity-pages-{number}"
            pages.append(build_entity_pages(self.config.project, folder))
        compared = compare_texts(self.site, self.folder / f"hugo-{self.runs - 1}")
        whole = self.find_whole()
        theirs = combine(hugo, build_hugo(hugo_project, self.folder / "hugo-memory", memory=True))
        folder = self.folder / "entity-pages-memory"
        ours = combine(pages, build_entity_pages(self.config.project, folder, memory=True))
        yield (
            f"规模 {self.scale:g}，{entities:,} 个实体页面；{os.cpu_count()} 核，"
            f"{platform.machine()}，Python {platform.python_version()}，Hugo {version('hugo')}，"
            f"Polars {version('polars')}，Jinja {version('jinja2')}；测完时的平均负载 "
            f"{os.getloadavg()[1]:.1f}。两边轮流各 {self.runs} 次，取中位数；"
            f"抽查 {compared} 页，文字逐字相同。内存是所有进程同一时刻实际占用之和（PSS）的峰值，"
            "另跑一次来量，因为看内存会拖慢被看的程序。环镜的“只有实体页面”从数据已经载入、第二个进程已经就绪时"
            "开始计时，到最后一页写完为止；Hugo 的包括启动和读入 JSON，"
            "不画企业页面的二维码。"
        )
        yield from table("工作", "秒", "处理器秒", "内存峰值 MB")
        yield row("环镜：整个网站，从零开始", *show(whole))
        yield row("环镜：只有实体页面", *show(ours))
        yield row("Hugo：只有实体页面", *show(theirs))
        yield from table("比值", "目标", "时钟", "处理器时间")
        yield row("生成并写出实体页面 ÷ Hugo", "≤ 0.5", *divide(ours, theirs))
        yield row("整个网站 ÷ Hugo 的页面", "≤ 1", *divide(whole, theirs))
        yield from ["", "各阶段（从零开始，中位数，秒）：", ""]
        for stage in self.cold[0].stages:
            seconds = statistics.median(build.stages[stage] for build in self.cold)
            yield f"- {stage}：{seconds:.2f}"

    def measure_changes(self) -> Iterator[str]:
        """Rebuilding after nothing and after small changes."""
        whole = self.find_whole()
        again = [build_ours(self.config.project, self.site).run for _ in range(self.runs)]
        changes = [apply_change(*change, self.config, self.site) for change in CHANGES]
        yield from table("再生成", "秒", "处理器秒", "÷ 从零开始（时钟）", "（处理器时间）", "目标")
        yield row("没有变动", *show(combine(again))[:2], *divide(combine(again), whole), "≤ 0.05")
        for change in changes:
            ratios = divide(change.build.run, whole)
            yield row(change.title, *show(change.build.run)[:2], *ratios, "≤ 0.1")
        yield from ["", "一处变动要镜像站重取多少（不计清单与整张表）："]
        yield from table("变动", "文件", "字节", "压缩后", "其中数据包", "目标")
        for change in changes:
            sizes = (change.size_bytes, change.compressed_bytes, change.pack_bytes)
            counts = (f"{number:,}" for number in (change.files, *sizes))
            yield row(change.title, *counts, change.target)

    def measure_identity(self) -> Iterator[str]:
        """Whether the surroundings reach the bytes."""
        manifests: set[bytes] = set()
        for number, (variables, options, umask) in enumerate(SURROUNDINGS.values()):
            out = self.folder / f"identity-{number}" / "site"
            build_ours(self.config.project, out, variables, options, umask)
            manifests.add((out / "manifest.json").read_bytes())
        same = "相同" if len(manifests) == 1 else "不同"
        yield from ["", f"{'；'.join(SURROUNDINGS)}：清单逐字节{same}。"]

    def measure_entities(self) -> Iterator[str]:
        """A tenth of the counties, and all."""
        whole = self.find_whole()
        project = self.folder / "tenth"
        shutil.copytree(self.config.project, project, ignore=shutil.ignore_patterns("datasets"))
        profile = read(self.config.datasets / "tables/enterprise_profile.csv")
        counties = sorted(profile.get_column("division_code").unique().to_list())
        chosen = tuple(counties[:: len(counties) // TENTH][:TENTH])
        cut_province(project / "datasets", chosen, source=self.config.datasets)
        tenth = build_ours(project, self.folder / "tenth-out" / "site")
        watched = build_ours(project, self.folder / "tenth-memory" / "site", memory=True)
        tenth = replace(tenth, run=combine([tenth.run], watched.run))
        yield from table("规模", "文件", "秒", "处理器秒", "内存峰值 MB")
        yield row(f"{TENTH} 个区县", f"{tenth.files:,}", *show(tenth.run))
        yield row("全省", f"{self.cold[0].files:,}", *show(whole))
        yield from compare_sizes(tenth, tenth.run, self.cold[0], whole)

    def measure_tenfold(self) -> Iterator[str]:
        """The province, and one of ten times the entities: once, since it takes minutes."""
        whole = self.find_whole()
        config = make_project(self.folder / "tenfold", self.scale, TIMES)
        out = self.folder / "tenfold-out" / "site"
        tenfold = build_ours(config.project, out, memory=True)
        yield from table("规模", "文件", "秒", "处理器秒", "内存峰值 MB")
        yield row("全省", f"{self.cold[0].files:,}", *show(whole))
        yield row(f"{TIMES} 倍的企业和项目", f"{tenfold.files:,}", *show(tenfold.run))
        yield from compare_sizes(self.cold[0], whole, tenfold, tenfold.run)

    def measure_readings(self) -> Iterator[str]:
        """The readings alone, checked and summed, and ten times as many."""
        yield from table("监测读数", "秒", "处理器秒", "内存峰值 MB")
        for copies in (1, 10):
            folder = self.folder / f"readings-{copies}"
            shutil.copytree(self.config.datasets, folder)
            rows = multiply_readings(folder / "tables/monitoring.parquet", copies)
            path = str(folder / "tables/monitoring.parquet")
            run = measure([sys.executable, "-c", READ_READINGS, str(folder), path], self.folder)
            yield row(f"{rows:,} 个，检查并汇总", *show(run))

    def measure_mkdocs(self) -> Iterator[str]:
        """A slice by MkDocs with Material, and what it says of the whole."""
        self.find_whole()
        few, many = (
            build_mkdocs(self.site, self.folder / f"mkdocs-{n}", n) for n in (0, MKDOCS_PAGES)
        )
        entities = sum(len(list((self.site / kind).glob("*.html"))) - 1 for kind in ENTITIES)
        whole = (many.seconds - few.seconds) * entities / MKDOCS_PAGES
        yield from [
            "",
            f"MkDocs {version('mkdocs')} 加 Material {version('mkdocs-material')} 的实体页面，"
            f"由 {MKDOCS_PAGES} 页推算（不是实测）：{whole:,.0f} 秒。",
        ]


PARTS: dict[str, Callable[[Bench], Iterator[str]]] = {
    "pages": Bench.measure_pages,
    "changes": Bench.measure_changes,
    "entities": Bench.measure_entities,
    "tenfold": Bench.measure_tenfold,
    "readings": Bench.measure_readings,
    "identity": Bench.measure_identity,
    "mkdocs": Bench.measure_mkdocs,
}


def compare_sizes(small: Build, small_run: Run, large: Build, large_run: Run) -> Iterator[str]:
    """How a build grows with what it is made of."""
    times = large.files / small.files
    memory = large_run.peak_mb / small_run.peak_mb
    slower = large_run.cpu_seconds / small_run.cpu_seconds
    yield from [
        "",
        f"文件 {times:.1f} 倍，处理器时间 {slower:.1f} 倍（目标 ≤ 11），"
        f"内存 {memory:.1f} 倍（目标 ≤ 2）。",
    ]


def combine(timed: Sequence[Run], watched: Run | None = None) -> Run:
    """The medians of the times, and the memory of the run in which somebody looked at it."""
    return Run(
        statistics.median(run.seconds for run in timed),
        statistics.median(run.cpu_seconds for run in timed),
        watched.peak_mb if watched else 0.0,
    )


def divide(one: Run, other: Run) -> tuple[str, str]:
    """The ratio by the clock and by the processors."""
    return f"{one.seconds / other.seconds:.2f}", f"{one.cpu_seconds / other.cpu_seconds:.2f}"


def show(run: Run) -> tuple[str, str, str]:
    """The three measures of a run as they are printed."""
    return f"{run.seconds:.1f}", f"{run.cpu_seconds:.1f}", f"{run.peak_mb:,.0f}"


def table(*titles: str) -> Iterator[str]:
    """The head of a table."""
    yield from ["", row(*titles), "| --- |" + " ---: |" * (len(titles) - 1)]


def row(*cells: str) -> str:
    """A row of a table."""
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Measure, print, and write what was measured as a whole."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    arguments = parser.parse_args()
    lines = ["## 生成网站", ""]
    with tempfile.TemporaryDirectory(prefix="huanjing-bench-") as folder:
        bench = Bench(Path(folder), arguments.scale, arguments.runs)
        for name in arguments.parts:
            for line in PARTS[name](bench):
                print(line, flush=True)
                lines.append(line)
    if arguments.parts == list(PARTS):
        write_section("build", lines)


if __name__ == "__main__":
    main()
