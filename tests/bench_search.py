"""Measures the search beside Pagefind and a scan of one file, on the same records in one run.

Needs Chromium, Node and, for Pagefind, npm; without npm its line is left out and says why. The
figures become the search section of docs/benchmarks.md. Run by `make bench`; with `--try` it
prints them and leaves the page alone.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench_page import write_section
from search_corpus import district_names, make_corpus
from search_dataset import read_committed
from search_queries import Scan, make_queries, prepare
from search_site import AFRESH, FIND, NUMBERS, Served, make_files, open_browser

from generator.site.search.fold import fold_text
from generator.site.search.index import build_index
from generator.site.search.records import SearchRecord

QUERIES = 120
GROWTH_QUERIES = 60
FIRST_VIEW = ["district", "township", "kind", "year"]

PAGEFIND_VERSION = "1.6.0"
PAGEFIND_WRITER = """
import * as pagefind from "pagefind";
import fs from "node:fs";
const begun = Date.now();
const { index } = await pagefind.createIndex({ forceLanguage: "zh" });
for (const line of fs.readFileSync("records.jsonl", "utf8").split("\\n").filter(Boolean)) {
  const { errors } = await index.addCustomRecord(JSON.parse(line));
  if (errors.length) throw new Error(errors.join());
}
await index.writeFiles({ outputPath: "out/pagefind" });
console.log((Date.now() - begun) / 1000);
await pagefind.close();
"""
PAGEFIND_FIND = """async ([module, query]) => {
  const begun = performance.now();
  const pagefind = await import(module);
  await pagefind.options({ excerptLength: 10 });
  await pagefind.filters();
  const found = await pagefind.search(query);
  const rows = await Promise.all(found.results.slice(0, 10).map((r) => r.data()));
  const took = performance.now() - begun;
  const again = performance.now();
  await pagefind.search(query);
  return { total: found.results.length, ids: rows.map((r) => r.meta.key), took,
    warm: performance.now() - again };
}"""
SCAN_FIND = """async ([url, part]) => {
  const begun = performance.now();
  if (!window.lines) window.lines = (await (await fetch(url)).text()).split("\\n");
  const ids = [];
  for (const line of window.lines) {
    const [key, ...texts] = line.split("\\t");
    if (part.every((p) => texts.some((t) => t.includes(p)))) ids.push(key);
  }
  return { total: ids.length, ids: ids.slice(0, 10), took: performance.now() - begun };
}"""


def measure_ours(
    browser: Any,
    files: Mapping[str, bytes],
    queries: Sequence[tuple[str, str]],
    counts: list[str] | None,
) -> list[dict[str, Any]]:
    """For each query, cold: bytes, requests, milliseconds; then warm milliseconds."""
    served = Served(files)
    page = browser.new_page()
    page.goto(served.url + "blank.html")
    answers = []
    for _, query in queries:
        page.evaluate(AFRESH, served.url + "assets/search/search.js")
        served.requests.clear()
        request = [{"q": query, "size": 10}]
        answer = page.evaluate(FIND, [request, counts])[0]
        sizes = [size for route, size in served.requests if "/search/" in route]
        warm = page.evaluate(FIND, [request, counts])[0]["took"]
        answers.append({**answer, "bytes": sum(sizes), "requests": len(sizes), "warm": warm})
    page.close()
    served.close()
    return answers


def write_pagefind(folder: Path, records: Sequence[SearchRecord]) -> float | str:
    """Seconds that Pagefind took for its index in `folder/out`, or why there is none."""
    lines = []
    for record in records:
        texts = [record.title, *(text for _, text in record.fields), record.township]
        lines.append(json.dumps({
            "url": "/" + record.url, "content": " ".join(texts), "language": "zh",
            "meta": {"title": record.title, "key": f"{record.kind}/{record.id}"},
            "filters": {
                "kind": [record.kind], "district": [record.district],
                **{name: [label] for name, label in record.facets.items()},
            },
        }, ensure_ascii=False))  # fmt: skip
    (folder / "records.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    (folder / "write.mjs").write_text(PAGEFIND_WRITER, encoding="utf-8")
    commands = (
        ["npm", "install", "--no-audit", "--no-fund", f"pagefind@{PAGEFIND_VERSION}"],
        ["node", "write.mjs"],
    )
    for command in commands:
        try:
            done = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, timeout=900, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as fault:
            return f"{command[0]}: {fault}"
        if done.returncode:
            return f"{' '.join(command)}: {done.stderr.strip()[-300:]}"
    return float(done.stdout.split()[-1])


def measure_pagefind(
    browser: Any, folder: Path, queries: Sequence[tuple[str, str]]
) -> tuple[list[dict[str, Any]], int]:
    paths = [path for path in (folder / "out").rglob("*") if path.is_file()]
    files = {str(path.relative_to(folder / "out")): path.read_bytes() for path in paths}
    served = Served({**files, "blank.html": b"<!doctype html>"})
    answers = []
    for _, query in queries:
        page = browser.new_page()
        page.goto(served.url + "blank.html")
        served.requests.clear()
        answer = page.evaluate(PAGEFIND_FIND, [served.url + "pagefind/pagefind.js", query])
        sizes = [size for _, size in served.requests]
        answers.append({**answer, "bytes": sum(sizes), "requests": len(sizes)})
        page.close()
    served.close()
    return answers, len(paths)


def measure_scan(
    browser: Any,
    records: Sequence[SearchRecord],
    districts: Mapping[str, str],
    queries: Sequence[tuple[str, str]],
) -> list[dict[str, Any]]:
    """The one-file scan: all folded texts in a file, `includes` over every line."""
    rows = [prepare(record, districts) for record in records]
    text = "\n".join(
        "\t".join((f"{r.record.kind}/{r.record.id}", r.title, *r.owners, *r.others)) for r in rows
    )
    size = len(gzip.compress(text.encode(), 6))
    served = Served({"all.html": text.encode(), "blank.html": b"<!doctype html>"})
    answers = []
    page = browser.new_page()
    for _, query in queries:
        page.goto(served.url + "blank.html")
        call = [served.url + "all.html", [fold_text(part) for part in query.split()]]
        answer = page.evaluate(SCAN_FIND, call)
        warm = page.evaluate(SCAN_FIND, call)["took"]
        answers.append({**answer, "bytes": size, "requests": 1, "warm": warm})
    page.close()
    served.close()
    return answers


def show_row(
    name: str,
    answers: Sequence[Mapping[str, Any]],
    wanted: Sequence[Mapping[str, int]],
    seconds: float,
    files: int,
) -> str:
    """One line of the table. Recall@10: of the ten rows there could be, how many are hits."""
    recalls = [
        len(set(a["ids"]) & set(w)) / min(10, len(w))
        for a, w in zip(answers, wanted, strict=True) if w
    ]  # fmt: skip
    exact = [a["total"] == len(w) for a, w in zip(answers, wanted, strict=True)]
    cells = (
        name, f"{seconds:.1f}", files,
        f"{median(a['bytes'] for a in answers) / 1024:.1f}",
        f"{median(a['requests'] for a in answers):g}",
        f"{median(a['took'] for a in answers):.0f}", f"{median(a['warm'] for a in answers):.1f}",
        f"{sum(recalls) / len(recalls):.3f}", f"{sum(exact) / len(exact):.3f}",
    )  # fmt: skip
    return "| " + " | ".join(map(str, cells)) + " |"


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--try", dest="trial", action="store_true", help="leave the page alone")
    parser.add_argument("--skip-growth", action="store_true")
    options = parser.parse_args()
    with open_browser() as browser, tempfile.TemporaryDirectory() as temporary:
        lines = [*compare(browser, Path(temporary))]
        if not options.skip_growth:
            lines += measure_growth(browser)
    print("\n".join(lines))
    if not options.trial:
        write_section("search", lines)


def compare(browser: Any, folder: Path) -> Iterator[str]:
    """Three searches over the committed records."""
    committed, districts = read_committed(folder / "cache")
    records = list(committed)
    queries = make_queries(records, districts, QUERIES)
    scan = Scan(records, districts)
    wanted = [scan.find(query) for _, query in queries]
    begun = time.process_time()
    index = dict(build_index(records, districts))
    seconds = time.process_time() - begun
    files = make_files(records, districts)
    yield "## The search beside Pagefind and a scan"
    yield ""
    yield (
        f"`make bench`: {len(records):,} committed records, {len(queries)} queries of 12 kinds, "
        f"median hits {median(map(len, wanted)):g}, Chromium, gzip 6, ten rows each; medians. "
        "Index seconds of ours are processor time."
    )
    yield ""
    yield (
        "| search | index s | files | cold KB | requests | cold ms | warm ms | recall@10 "
        "| exact totals |"
    )
    yield "| --- " + "| ---: " * 8 + "|"
    keys = read_keys(browser, files)
    for name, counts in (("ours, first view", FIRST_VIEW), ("ours, every facet", None)):
        answers = measure_ours(browser, files, queries, counts)
        for answer in answers:
            answer["ids"] = [keys[number] for number in answer["numbers"][:10]]
        yield show_row(name, answers, wanted, seconds, len(index))
    scanned = measure_scan(browser, records, districts, queries)
    yield show_row("one file, scanned (texts only)", scanned, wanted, 0.0, 1)
    took = write_pagefind(folder, records)
    if isinstance(took, str):
        yield f"\nPagefind not measured: {took}"
        return
    answers, count = measure_pagefind(browser, folder, queries)
    yield show_row(f"Pagefind {PAGEFIND_VERSION}", answers, wanted, took, count)


def read_keys(browser: Any, files: Mapping[str, bytes]) -> dict[int, str]:
    served = Served(files)
    page = browser.new_page()
    page.goto(served.url + "blank.html")
    keys = dict(page.evaluate(NUMBERS))
    page.close()
    served.close()
    return keys


def measure_growth(browser: Any) -> Iterator[str]:
    """The invented corpus and ten times as much: bytes of a query."""
    yield ""
    yield "| invented records | index s | files | cold KB | with every facet |"
    yield "| ---: | ---: | ---: | ---: | ---: |"
    for scale in (1, 10):
        records, districts = make_corpus(scale=scale), dict(district_names(scale=scale))
        queries = make_queries(records, districts, GROWTH_QUERIES)
        begun = time.process_time()
        files = make_files(records, districts)
        seconds = time.process_time() - begun
        count = sum(route.startswith("search/") for route in files)
        sizes = [
            median(a["bytes"] for a in measure_ours(browser, files, queries, counts)) / 1024
            for counts in (FIRST_VIEW, None)
        ]
        yield (f"| {len(records):,} | {seconds:.1f} | {count} | {sizes[0]:.1f} | {sizes[1]:.1f} |")


if __name__ == "__main__":
    main()
