"""The build against Hugo and MkDocs: seconds, memory, and what a small change costs.

`python tests/bench_build.py` makes the full-scale province in a temporary folder, builds it by us
and its entity pages by Hugo, in turn, and writes the medians into docs/benchmarks.md. `--scale`
and `--runs` make it smaller.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import polars as pl
from hugo_project import ENTITIES, read_text, write_project
from small_province import read, write

from generator.config import Config, read_config
from generator.data.catalog import read_catalog
from generator.data.check import check_dataset
from generator.data.sample.package import write_sample
from generator.domain.library import build_library
from generator.site.plan import FOLDERS, plan_pages
from generator.site.shell import build_shells

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- build: begin -->", "<!-- build: end -->"
MKDOCS_PAGES = 120
SAMPLED_PAGES = 400


@dataclass(frozen=True)
class Run:
    """One process: seconds by the clock and of the processors, and its peak memory in MB."""

    seconds: float
    cpu_seconds: float
    peak_mb: float


@dataclass(frozen=True)
class Build:
    """One build of ours: the process, and what it said of itself."""

    run: Run
    stages: dict[str, float]
    files: int
    written: int


@dataclass(frozen=True)
class Change:
    """What a change of the dataset costs a mirror."""

    title: str
    build: Build
    files: int
    size_bytes: int
    packed_bytes: int


def measure(command: list[str], folder: Path) -> Run:
    """Run a command and wait for it; its output is shown only when it fails."""
    begin = time.perf_counter()
    log = folder / "bench.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, stdout=output, stderr=output,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])},
        )  # fmt: skip
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - begin
    if process.returncode:
        raise SystemExit(f"{command[0]} failed:\n{log.read_text(errors='replace')}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1_000_000)


def build_ours(project: Path, out: Path) -> Build:
    """Build the site by the command that everybody uses."""
    summary = project / "summary.json"
    code = "from generator.cli import main; main()"
    run = measure(
        [sys.executable, "-c", code, "build", "--config", str(project / "mkdocs.yml"),
         "--out", str(out), "--summary", str(summary)],
        project,
    )  # fmt: skip
    told = json.loads(summary.read_bytes())
    return Build(run, told["seconds"], told["files"], told["files"] - told["kept_files"])


def build_hugo(project: Path, out: Path) -> Run:
    """Build the entity pages by Hugo, from nothing."""
    shutil.rmtree(out, ignore_errors=True)
    return measure(
        [str(Path(sys.executable).parent / "hugo"), "--quiet", "--source", str(project),
         "--destination", str(out), "--cacheDir", str(project / "cache")],
        project,
    )  # fmt: skip


def build_mkdocs(site: Path, folder: Path, count: int) -> Run:
    """Build `count` entity pages, half of each kind, by MkDocs with Material."""
    shutil.rmtree(folder, ignore_errors=True)
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
    return measure([sys.executable, "-m", "mkdocs", "build", "-q"], folder)


def make_project(folder: Path, scale: float) -> Config:
    """A project folder with the province at `scale`."""
    shutil.copytree(ROOT / "site_src", folder / "site_src")
    shutil.copytree(ROOT / "templates", folder / "templates")
    shutil.copy(ROOT / "mkdocs.yml", folder)
    write_sample(folder / "datasets", scale=scale, seed=2016, schemas=ROOT / "datasets")
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


def read_hashes(site: Path) -> dict[str, tuple[str, int]]:
    """SHA-256 and size of every file of a site."""
    manifest = json.loads((site / "manifest.json").read_bytes())
    return {entry["path"]: (entry["sha256"], entry["size"]) for entry in manifest["files"]}


def apply_change(
    title: str, table: str, column: str, value: str, config: Config, site: Path
) -> Change:
    """Change one cell, rebuild, and count what differs; the manifest itself is left out."""
    before = read_hashes(site)
    path = config.datasets / f"tables/{table}.csv"
    frame = read(path)
    cells = frame.get_column(column).to_list()
    place = next(n for n, cell in enumerate(cells) if cell and cell != value)
    cells[place] = value
    write(frame.with_columns(pl.Series(column, cells)), path)
    build = build_ours(config.project, site)
    after = read_hashes(site)
    # A mirror fetches whole tables from the dataset's own history, not from the site.
    changed = [
        path
        for path in sorted(after)
        if before.get(path) != after[path] and not path.startswith("download/tables/")
    ]
    contents = [(site / path).read_bytes() for path in changed]
    return Change(
        title,
        build,
        len(changed),
        sum(map(len, contents)),
        sum(len(zlib.compress(content, 6)) for content in contents),
    )


def run_benchmark(folder: Path, scale: float, runs: int) -> Iterator[str]:
    """Measure everything and give the lines of the report."""
    config = make_project(folder / "project", scale)
    hugo_project, hugo_site = folder / "hugo", folder / "hugo-site"
    entities = export_views(config, hugo_project)
    cold: list[Build] = []
    hugo: list[Run] = []
    manifests: set[bytes] = set()
    site = folder / "out" / "site"
    for _ in range(runs):
        shutil.rmtree(site.parent, ignore_errors=True)
        site.parent.mkdir()
        cold.append(build_ours(config.project, site))
        manifests.add((site / "manifest.json").read_bytes())
        hugo.append(build_hugo(hugo_project, hugo_site))
    compared = compare_texts(site, hugo_site)
    shutil.rmtree(hugo_site)
    shutil.rmtree(hugo_project)
    nothing = [build_ours(config.project, site) for _ in range(runs)]
    changes = [
        apply_change(
            "一行变动（公开表一格）",
            "enterprise_contact",
            "public_phone",
            "010-12345678",
            config,
            site,
        ),
        apply_change("项目改名", "illegal_project", "project_name", "改了名字的项目", config, site),
        apply_change("企业改名", "enterprise_profile", "ent_name", "改了名字的企业", config, site),
    ]
    slices = [build_mkdocs(site, folder / "mkdocs", count) for count in (0, MKDOCS_PAGES)]
    mkdocs = (slices[1].seconds - slices[0].seconds) * entities / MKDOCS_PAGES
    yield from report(scale, entities, compared, cold, hugo, nothing, changes, mkdocs, manifests)


def report(
    scale: float,
    entities: int,
    compared: int,
    cold: list[Build],
    hugo: list[Run],
    nothing: list[Build],
    changes: list[Change],
    mkdocs: float,
    manifests: set[bytes],
) -> Iterator[str]:
    """The section of docs/benchmarks.md."""
    whole = statistics.median(build.run.seconds for build in cold)
    whole_cpu = statistics.median(build.run.cpu_seconds for build in cold)
    pages = statistics.median(build.stages["生成页面"] for build in cold)
    hugo_seconds = statistics.median(run.seconds for run in hugo)
    hugo_cpu = statistics.median(run.cpu_seconds for run in hugo)
    idle = statistics.median(build.run.seconds for build in nothing)
    idle_cpu = statistics.median(build.run.cpu_seconds for build in nothing)
    yield "## 生成网站"
    yield ""
    yield (
        f"规模 {scale:g}，{entities:,} 个实体页面；{os.cpu_count()} 核，{platform.machine()}，"
        f"Python {platform.python_version()}，Hugo {version('hugo')}，"
        f"MkDocs {version('mkdocs')}，Material {version('mkdocs-material')}，"
        f"Polars {version('polars')}，Jinja {version('jinja2')}。"
        f"两边轮流各 {len(cold)} 次，取中位数；抽查 {compared} 页，文字逐字相同。"
    )
    yield ""
    yield "| 工作 | 秒 | 处理器秒 | 内存峰值 MB |"
    yield "| --- | ---: | ---: | ---: |"
    peak = max(build.run.peak_mb for build in cold)
    hugo_peak = max(run.peak_mb for run in hugo)
    yield f"| 环镜：整个网站，从零开始 | {whole:.1f} | {whole_cpu:.1f} | {peak:,.0f} |"
    yield f"| 环镜：其中生成并写出全部页面 | {pages:.1f} | | |"
    yield f"| Hugo：只有实体页面 | {hugo_seconds:.1f} | {hugo_cpu:.1f} | {hugo_peak:,.0f} |"
    yield f"| MkDocs + Material：实体页面（由 {MKDOCS_PAGES} 页推算） | {mkdocs:,.0f} | | |"
    yield f"| 环镜：没有变动，再生成 | {idle:.1f} | {idle_cpu:.1f} | |"
    for change in changes:
        run = change.build.run
        yield f"| 环镜：{change.title}，再生成 | {run.seconds:.1f} | {run.cpu_seconds:.1f} | |"
    yield ""
    yield "| 比值 | 目标 | 实测（时钟） | 实测（处理器时间） |"
    yield "| --- | --- | ---: | ---: |"
    yield f"| 生成并写出页面 ÷ Hugo | ≤ 0.5 | {pages / hugo_seconds:.2f} | |"
    ratios = f"{whole / hugo_seconds:.2f} | {whole_cpu / hugo_cpu:.2f}"
    yield f"| 整个网站 ÷ Hugo 的页面 | ≤ 1 | {ratios} |"
    yield f"| 没有变动 ÷ 从零开始 | ≤ 1/20 | 1/{whole / idle:.0f} | 1/{whole_cpu / idle_cpu:.0f} |"
    for change in changes:
        run = change.build.run
        yield (
            f"| {change.title} ÷ 从零开始 | ≤ 1/10 | 1/{whole / run.seconds:.1f} "
            f"| 1/{whole_cpu / run.cpu_seconds:.1f} |"
        )
    yield ""
    yield "各阶段（从零开始，中位数，秒）："
    yield ""
    for stage in cold[0].stages:
        seconds = statistics.median(build.stages[stage] for build in cold)
        yield f"- {stage}：{seconds:.2f}"
    yield ""
    yield "一处变动要镜像站重取多少（不计清单与整张表）："
    yield ""
    yield "| 变动 | 文件 | 字节 | 压缩后 |"
    yield "| --- | ---: | ---: | ---: |"
    for change in changes:
        costs = f"{change.files} | {change.size_bytes:,} | {change.packed_bytes:,}"
        yield f"| {change.title} | {costs} |"
    yield ""
    same = "相同" if len(manifests) == 1 else "不同"
    if len(cold) > 1:
        yield f"{len(cold)} 次从零开始的清单逐字节{same}。"


def write_section(lines: list[str]) -> None:
    """Put the lines into their section of docs/benchmarks.md, the rest untouched."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else "# 性能测量\n"
    section = "\n".join([BEGIN, *lines, END])
    if BEGIN in text:
        head, rest = text.split(BEGIN)
        text = head + section + rest.split(END)[1]
    else:
        text = f"{text.rstrip()}\n\n{section}\n"
    PAGE.write_text(text, encoding="utf-8")


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="huanjing-bench-") as folder:
        lines = list(run_benchmark(Path(folder), arguments.scale, arguments.runs))
    write_section(lines)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
