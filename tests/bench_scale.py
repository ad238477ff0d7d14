"""What a unit costs: a reading, a page, a file on the manifest or in a store, a worker's share.

`python tests/bench_scale.py` takes the committed province and the readings of a full-scale one, and
writes its section of docs/benchmarks.md, with which docs/scale.md calculates. A unit's cost is
processor time, less what loading the libraries takes. `--parts` measures some and prints them,
`--copies` makes the readings fewer, `--try` leaves the page alone.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
from distributed import LocalCluster
from measuring import ROOT, Run, measure, write_section
from sample_changes import multiply_readings

from generator import remote_crew
from generator.build import build_site
from generator.config import read_config
from generator.data.catalog import read_catalog
from generator.data.readings import check_readings
from generator.data.sample.package import write_sample
from generator.domain.monitoring import read_monitoring
from generator.mirror.manifest import SECURITY, Entry, format_manifest, read_manifest
from generator.processes import Cluster
from generator.publish.stores import Store
from generator.publish.upload import upload_site

COPIES = 10
"""Years of readings of a full-scale province, 5.2 million each."""
PROVINCES = 30
MONTHS = """
    SELECT site_code, outlet_code, pollutant_code, date_trunc('month', reading_time) AS month,
        count(*) AS readings, count(*) FILTER (status = '正常') AS valid, max(measured) AS maximum
    FROM read_parquet('{}/**/*.parquet') GROUP BY ALL
"""
Told = Mapping[str, int]


class Silence:
    """A build that tells nobody how far it is."""

    def start(self, title: str) -> None: ...

    def finish(self, title: str, seconds: float) -> None: ...


def load_libraries() -> Told:
    """Nothing: what every process costs before it begins."""
    return {"units": 1}


def check_and_sum(datasets: str) -> Told:
    """The readings checked, and made into months."""
    table = read_catalog(Path(datasets)).table("monitoring")
    issues, rows = check_readings(table, {})
    if issues or read_monitoring(table.path).readings != rows:
        raise SystemExit("the readings are not as they were made")
    return {"units": rows, "bytes": table.path.stat().st_size}


def split_readings(datasets: str, target: str) -> Told:
    """The readings by year and month, as they would lie in a store."""
    moment = pl.col("reading_time")
    readings = pl.scan_parquet(Path(datasets, "tables/monitoring.parquet")).with_columns(
        year=moment.dt.year(), month=moment.dt.month()
    )
    rows = int(readings.select(pl.len()).collect().item())
    readings.sink_parquet(pl.PartitionBy(target, key=["year", "month"]), mkdir=True)
    files = list(Path(target).rglob("*.parquet"))
    return {"units": rows, "files": len(files), "bytes": sum(f.stat().st_size for f in files)}


def query_months(folder: str) -> Told:
    """The months of all readings below a folder, by DuckDB."""
    groups = duckdb.connect().execute(MONTHS.format(folder)).fetchall()
    return {"units": sum(group[4] for group in groups), "groups": len(groups)}


def sum_months(folder: str) -> Told:
    """The same month by month, as a build makes them; nothing is checked."""
    files = sorted(Path(folder).rglob("*.parquet"))
    return {"units": sum(read_monitoring(file).readings for file in files), "files": len(files)}


def build_here(out: str) -> Told:
    """The committed province from nothing, by the processes of this machine."""
    done = build_site(read_config(ROOT / "mkdocs.yml"), Path(out), Silence())
    return {"units": sum(done.pages.values()), "files": done.files, "bytes": done.size_bytes}


def build_by_workers(out: str) -> Told:
    """The same by two workers of a scheduler; what they are sent, and send back."""
    sent, returned = [], []
    pack, unpack = remote_crew.pack_work, remote_crew.unpack_made

    def pack_and_count(work):  # type: ignore[no-untyped-def]
        packed, workshop = pack(work)
        sent.append(len(packed))
        return packed, workshop

    def unpack_and_count(made, files):  # type: ignore[no-untyped-def]
        returned.append(len(files))
        return unpack(made, files)

    remote_crew.pack_work, remote_crew.unpack_made = pack_and_count, unpack_and_count
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, local_directory=Path(out).parent
    ) as cluster:
        crew = Cluster(cluster.scheduler_address)
        done = build_site(read_config(ROOT / "mkdocs.yml"), Path(out), Silence(), crew)
    return {
        "units": sum(done.pages.values()),
        "shares": len(sent),
        "largest": max(sent),
        "sent": sum(sent),
        "bytes": sum(returned),
    }


def write_manifest(site: str) -> Told:
    """A manifest of the files of thirty such provinces, written and read."""
    entries = read_manifest(Path(site, "manifest.json").read_bytes())
    many = [
        Entry(f"p{number}/{entry.path}", entry.size_bytes, entry.sha256)
        for number in range(PROVINCES)
        for entry in entries
        if entry.path != SECURITY
    ]
    content = format_manifest(many, date(2016, 7, 3))
    return {"units": len(read_manifest(content)), "bytes": len(content)}


def upload(site: str, folder: str) -> Told:
    """A site copied to a store, or compared with the one that stands there."""
    done = upload_site(Path(site), Store(Path(folder).as_uri()))
    return {"units": done.written, "bytes": done.written_bytes}


WORKS: Mapping[str, Callable[..., Told]] = {
    work.__name__: work
    for work in (
        load_libraries, check_and_sum, split_readings, query_months, sum_months, build_here,
        build_by_workers, write_manifest, upload,
    )
}  # fmt: skip


@dataclass(frozen=True)
class Cost:
    """A work that was done, and what it told."""

    run: Run
    told: Told


class Bench:
    """The parts, each of which gives lines of the page."""

    def __init__(self, folder: Path, copies: int) -> None:
        self._folder = folder
        self._copies = copies
        self._site = folder / "here/site"
        self._libraries = min(self._do("load_libraries").run.cpu_seconds for _ in range(3))

    def readings(self) -> Iterator[str]:
        """Checked and summed up; split by month, by DuckDB."""
        datasets, split = self._folder / "datasets", self._folder / "split"
        write_sample(datasets, scale=1.0, seed=2016, schemas=ROOT / "datasets")
        yield self._show("读数，检查并汇总", "个", 1e6, "微秒", "check_and_sum", datasets)
        multiply_readings(datasets / "tables/monitoring.parquet", self._copies)
        yield self._show("读数，检查并汇总", "个", 1e6, "微秒", "check_and_sum", datasets)
        yield self._show(
            "读数，切成每月一个文件", "个", 1e6, "微秒", "split_readings", datasets, split
        )
        yield self._show("读数，每月一个文件，环镜汇总", "个", 1e6, "微秒", "sum_months", split)
        yield self._show(
            "读数，每月一个文件，DuckDB 汇总", "个", 1e6, "微秒", "query_months", split
        )

    def site(self) -> Iterator[str]:
        """The province by this machine's processes, and by workers of a scheduler."""
        yield self._build()
        there = self._folder / "there/site"
        there.parent.mkdir()
        yield self._show("同上，两个工作进程", "页", 1e3, "毫秒", "build_by_workers", there)
        if _read_manifest(there) != _read_manifest(self._site):
            raise SystemExit("the workers' site is another one")

    def files(self) -> Iterator[str]:
        """The manifest, and a store."""
        if not self._site.is_dir():
            self._build()
        store = self._folder / "store"
        yield self._show(
            "清单，三十个省，写出并读入", "个文件", 1e6, "微秒", "write_manifest", self._site
        )
        yield self._show(
            "上传到一个文件夹，全站", "个文件", 1e6, "微秒", "upload", self._site, store
        )
        yield self._show("上传，没有变动", "个文件", 1e6, "微秒", "upload", self._site, store)

    def _build(self) -> str:
        self._site.parent.mkdir()
        return self._show("网站，从零开始", "页", 1e3, "毫秒", "build_here", self._site)

    def _do(self, work: str, *paths: Path) -> Cost:
        told = self._folder / "told.json"
        command = [sys.executable, __file__, "--work", work, "--told", str(told)]
        run = measure([*command, *map(str, paths)], self._folder)
        return Cost(run, json.loads(told.read_bytes()))

    def _show(self, title: str, unit: str, scale: float, name: str, work: str, *paths: Path) -> str:
        """A line of the page; `scale` is how many `name` are a second."""
        cost = self._do(work, *paths)
        units, cpu = cost.told["units"], cost.run.cpu_seconds
        each = f"{(cpu - self._libraries) / units * scale:.2f} {name}" if units else "–"
        size = cost.told.get("bytes", 0)
        notes = [f"{size / 1e6:,.1f} MB"] if size else []
        if "files" in cost.told:
            notes.append(f"{cost.told['files']:,} 个文件")
        if "sent" in cost.told:
            notes.append(
                f"{cost.told['shares']} 份，送出 {cost.told['sent'] / 1e6:,.1f} MB，"
                f"最大一份 {cost.told['largest'] / 1e6:,.1f} MB"
            )
        cells = (
            title, f"{units:,} {unit}", f"{cost.run.seconds:.1f}", f"{cpu:.1f}", each,
            f"{cost.run.peak_mb:,.0f}", "，".join(notes),
        )  # fmt: skip
        line = f"| {' | '.join(cells)} |"
        print(line, flush=True)
        return line


def _read_manifest(site: Path) -> bytes:
    return (site / "manifest.json").read_bytes()


PARTS: Mapping[str, Callable[[Bench], Iterator[str]]] = {
    "readings": Bench.readings,
    "site": Bench.site,
    "files": Bench.files,
}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--copies", type=int, default=COPIES)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--try", dest="trial", action="store_true", help="leave the page alone")
    parser.add_argument("--work", choices=WORKS)
    parser.add_argument("--told", type=Path)
    parser.add_argument("paths", nargs="*")
    options = parser.parse_args()
    if options.work:
        options.told.write_text(json.dumps(WORKS[options.work](*options.paths)))
        return
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="huanjing-bench-") as folder:
        bench = Bench(Path(folder), options.copies)
        lines = [line for part in options.parts for line in PARTS[part](bench)]
    if options.trial or set(options.parts) != set(PARTS):
        return
    write_section(
        "scale",
        [
            "## 单位成本",
            "",
            f"`python tests/bench_scale.py`，{platform.machine()}，{os.cpu_count()} 核，Python "
            f"{platform.python_version()}，各一次，每项一个新进程；平均负载从 {before:.1f} 到 "
            f"{os.getloadavg()[0]:.1f}。单位成本是处理器时间，减去载入程序库的；内存是各进程峰值"
            "之和。网站是提交的数据集，读数是规模 1.0 的示例省的一年和"
            f" {options.copies} 年。[三十个省](scale.md)由它们算出。",
            "",
            "| 工作 | 多少 | 秒 | 处理器秒 | 一个单位 | 内存 MB | 数据 |",
            "| --- | ---: | ---: | ---: | ---: | ---: | --- |",
            *lines,
        ],
    )


if __name__ == "__main__":
    main()
