"""The fast check against Frictionless: rows a second and peak memory.

`python tests/bench_check.py` makes its data in a temporary folder, measures
each side in a process of its own, the two in turn, and writes the medians into
docs/benchmarks.md. `--rows`, `--scale` and `--runs` make it smaller, `--parts`
measures some lines of the table and leaves the others as they stand.
"""

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from frictionless import Package
from measuring import PAGE, write_section

from generator.data.catalog import CSV_CONTROL
from generator.data.sample.package import write_sample
from generator.data.verdict import ALL_ERRORS, judge_package

ROOT = Path(__file__).parent.parent
TABLE = "wastewater_concentration"
SLICE = 1_000_000  # rows written at a time
PARTS = ("million", "tables", "spoilt", "bad", "large")
"""The lines of the page's table, in their order."""


@dataclass(frozen=True)
class Measure:
    """One run: seconds by the clock and of the processor, errors told, peak memory in MB."""

    seconds: float
    cpu_seconds: float
    errors: int
    peak_mb: float


@dataclass(frozen=True)
class Result:
    """A comparison; `slow` is empty where Frictionless was not run."""

    title: str
    rows: int
    target: str
    fast: Sequence[Measure]
    slow: Sequence[Measure]

    @property
    def factor(self) -> float:
        """How many times faster than Frictionless, by the medians."""
        return _median(self.slow) / _median(self.fast)

    @property
    def cpu_factor(self) -> float:
        """The same by processor time, which other programs disturb less."""
        return _cpu_median(self.slow) / _cpu_median(self.fast)


def _median(runs: Sequence[Measure]) -> float:
    return statistics.median(run.seconds for run in runs)


def _cpu_median(runs: Sequence[Measure]) -> float:
    return statistics.median(run.cpu_seconds for run in runs)


def work(side: str, folder: Path) -> None:
    """Measures one side on the package in `folder`; prints a JSON line."""
    package = Package.from_descriptor(
        json.loads((folder / "datapackage.json").read_text(encoding="utf-8")),
        basepath=str(folder),
    )
    start, cpu_start = time.perf_counter(), time.process_time()
    if side == "fast":
        errors = sum(len(faults) for faults in judge_package(package).values())
    else:
        report = package.validate(limit_errors=ALL_ERRORS)
        errors = sum(len(task.errors) for task in report.tasks)
    seconds = time.perf_counter() - start
    cpu_seconds = time.process_time() - cpu_start
    print(
        json.dumps(
            {
                "seconds": seconds,
                "cpu_seconds": cpu_seconds,
                "errors": errors,
                "peak_mb": _read_peak_mb(),
            }
        )
    )


def _read_peak_mb() -> float:
    """Peak memory of this process; getrusage would count what its parent held before exec."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def measure(side: str, folder: Path) -> Measure:
    """One run in a fresh process."""
    command = [sys.executable, __file__, "--work", side, "--package", str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, check=True, capture_output=True, env=environment)
    return Measure(**json.loads(done.stdout))


def compare(title: str, rows: int, target: str, folder: Path, runs: int) -> Result:
    """Both sides in turn. The number of errors must be the same."""
    fast, slow = [], []
    for _ in range(runs):
        fast.append(measure("fast", folder))
        slow.append(measure("frictionless", folder))
    if len({run.errors for run in (*fast, *slow)}) != 1:
        raise SystemExit(f"{title}: the two sides do not tell the same number of errors")
    result = Result(title, rows, target, fast, slow)
    print(_format_row(result), flush=True)
    return result


def write_million(folder: Path, rows: int, *, bad: bool = False) -> Path:
    """A package of one table with a primary key over four fields."""
    folder.mkdir()
    schema = json.loads((ROOT / "datasets/schemas" / f"{TABLE}.json").read_text(encoding="utf-8"))
    schema.pop("foreignKeys", None)
    _write_descriptor(folder, {TABLE: (f"{TABLE}.csv", schema)})
    with (folder / f"{TABLE}.csv").open("wb") as out:
        for start in range(0, rows, SLICE):
            frame = _make_rows(start, min(SLICE, rows - start), bad=bad)
            frame.write_csv(out, include_header=start == 0)
    return folder


def _make_rows(start: int, count: int, *, bad: bool) -> pl.DataFrame:
    number = pl.int_range(start, start + count)
    site = (number // 40 * 7919 % 1_000_000_000).cast(pl.String).str.zfill(9)
    conc = (number * 37 % 900) / 10
    return pl.select(
        site_code=pl.concat_str(pl.lit("91990101"), site, pl.lit("X001R")),
        outlet_code=pl.format("DW{}", (number % 2 + 1).cast(pl.String).str.zfill(3)),
        pollutant_code=pl.format("w0101{}", number // 2 % 5),
        period=pl.format("2016-0{}", number // 10 % 4 + 1),
        pollutant_name=pl.lit("化学需氧量"),
        avg_conc=pl.format("坏{}", number) if bad else conc,
        max_conc=pl.lit("-1") if bad else conc + 3,
        limit_conc=pl.lit("150"),
        sample_count=number * 31 % 700,
        exceed_count=pl.lit("x") if bad else pl.lit("0"),
    )


def write_tables(folder: Path, scale: float) -> tuple[Path, int]:
    """The sample's tables with all their keys; gives the rows of the 33 disclosure tables."""
    write_sample(folder, scale=scale, seed=2016, schemas=ROOT / "datasets")
    descriptor = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    schemas = {
        item["name"]: json.loads((folder / item["schema"]).read_text(encoding="utf-8"))
        for item in descriptor["resources"]
        if item["format"] == "csv"
    }
    paths = {item["name"]: item["path"] for item in descriptor["resources"]}
    wanted = [item["name"] for item in descriptor["resources"] if item["group"] == "disclosure"]
    targets = {
        key["reference"]["resource"] or name
        for name in wanted
        for key in schemas[name].get("foreignKeys", ())
    }
    helpful = [name for name in schemas if name in targets and name not in wanted]
    for name in helpful:  # tables that are only pointed at are read for their keys
        schemas[name].pop("foreignKeys", None)
    _write_descriptor(folder, {name: (paths[name], schemas[name]) for name in (*wanted, *helpful)})
    rows = sum((folder / paths[name]).read_bytes().count(b"\n") - 1 for name in (*wanted, *helpful))
    return folder, rows


def spoil_tables(source: Path, folder: Path) -> Path:
    """A copy of a package in which every hundredth row has a fault."""
    shutil.copytree(source, folder)
    descriptor = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    for item in descriptor["resources"]:
        path = folder / item["path"]
        lines = path.read_bytes().splitlines(keepends=True)
        for number in range(50, len(lines), 100):
            lines[number] = _spoil_line(lines[number], number // 100 % 3)
        path.write_bytes(b"".join(lines))
    return folder


def _spoil_line(line: bytes, way: int) -> bytes:
    cells = line.rstrip(b"\n").split(b",")
    match way:
        case 0:
            cells.append("多余".encode())
        case 1:
            cells[0] = b"?"
        case _:
            cells[-1] = "坏\t坏".encode()
    return b",".join(cells) + b"\n"


def _write_descriptor(folder: Path, tables: dict[str, tuple[str, object]]) -> None:
    resources = [
        {
            "name": name,
            "path": path,
            "format": "csv",
            "encoding": "utf-8",
            "dialect": {"header": True, "csv": dict(CSV_CONTROL)},
            "schema": schema,
        }
        for name, (path, schema) in tables.items()
    ]
    descriptor = {"name": "bench", "resources": resources}
    (folder / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")


def run_parts(
    parts: Sequence[str], base: Path, rows: int, scale: float, runs: int
) -> Iterator[Result]:
    """The comparisons asked for, one after the other."""
    if "million" in parts:
        million = write_million(base / "million", rows)
        yield compare("one table, primary key", rows, "≥ 50", million, runs)
        shutil.rmtree(million)
    if "tables" in parts or "spoilt" in parts:
        tables, count = write_tables(base / "tables", scale)
        if "tables" in parts:
            yield compare("the 33 tables, all keys", count, "≥ 25", tables, runs)
        if "spoilt" in parts:
            spoilt = spoil_tables(tables, base / "spoilt")
            yield compare("the 33 tables, 1 % bad rows", count, "≥ 10", spoilt, runs)
            shutil.rmtree(spoilt)
        shutil.rmtree(tables)
    if "bad" in parts:
        bad = write_million(base / "bad", rows // 20, bad=True)
        yield compare("one table, every row bad", rows // 20, "≥ 0.9", bad, runs)
    if "large" in parts:
        large = write_million(base / "large", rows * 10)
        fast = [measure("fast", large) for _ in range(runs)]
        result = Result("one table, primary key", rows * 10, "< 700 MB", fast, [])
        print(_format_row(result), flush=True)
        yield result


def _format_row(result: Result) -> str:
    fast_speed = result.rows / _median(result.fast)
    peak = max(run.peak_mb for run in result.fast)
    if not result.slow:
        return (
            f"| {result.title} | {result.rows:,} | {fast_speed:,.0f} | {peak:,.0f} | – | – | – | – "
            f"| {result.target} |"
        )
    slow_speed = result.rows / _median(result.slow)
    slow_peak = max(run.peak_mb for run in result.slow)
    return (
        f"| {result.title} | {result.rows:,} | {fast_speed:,.0f} | {peak:,.0f} "
        f"| {slow_speed:,.0f} | {slow_peak:,.0f} | {result.factor:.1f} "
        f"| {result.cpu_factor:.1f} | {result.target} |"
    )


def read_rows() -> dict[str, str]:
    """The lines of the page's table as they stand, by part."""
    section = PAGE.read_text(encoding="utf-8").partition("<!-- check: begin -->")[2]
    rows = re.findall(r"^\| (?:one|the) .*$", section.partition("<!-- check: end -->")[0], re.M)
    return dict(zip(PARTS, rows, strict=False))


def write_page(rows: Sequence[str], runs: int, load: tuple[float, float]) -> None:
    """Puts the figures into their section of docs/benchmarks.md, the rest untouched.

    `load` is the machine's before the first run and after the last: that of an
    idle machine is below 1 before, and some 1.5 after.
    """
    lines = [
        "## The check against Frictionless",
        "",
        f"`make bench`, {platform.machine()}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}; medians of {runs} runs of each side in turn, each in its "
        f"own process, load {load[0]:.1f} before and {load[1]:.1f} after (idle: below 1, 1.5); "
        "peak memory is the whole process, libraries included. Both sides tell the same number of "
        "errors, and Frictionless runs over all rows. “By CPU” compares processor time, which "
        "other programs on the machine disturb less; the check uses two cores, Frictionless one.",
        "",
        "| Data | Rows | Rows/s | Peak MB | Frictionless rows/s | Its peak MB | Times | By CPU "
        "| Target |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---|",
        *rows,
    ]
    write_section("check", lines)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--try", dest="trial", action="store_true", help="leave the page alone")
    parser.add_argument("--work", choices=["fast", "frictionless"])
    parser.add_argument("--package", type=Path)
    options = parser.parse_args()
    if options.work:
        work(options.work, options.package)
        return
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="huanjing-bench-") as base:
        parts = [part for part in PARTS if part in options.parts]
        results = run_parts(parts, Path(base), options.rows, options.scale, options.runs)
        measured = {part: _format_row(result) for part, result in zip(parts, results, strict=True)}
    if not options.trial:
        rows = {**read_rows(), **measured}
        lines = [rows[part] for part in PARTS if part in rows]
        write_page(lines, options.runs, (before, os.getloadavg()[0]))


if __name__ == "__main__":
    main()
