"""Renders and writes the entity pages alone, and notes how long that took.

`python entity_pages.py CONFIG OUT TIMES`: the dataset is checked and loaded before the clock runs,
and the second process stands ready. What is timed is what Hugo does from its JSON, up to the last
file written and hashed: views, markup, shells, the privacy gate; and copying rows to the other
process.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import time
from pathlib import Path

from generator import stages
from generator.build import load_libraries
from generator.cache import NO_CACHE
from generator.config import read_config
from generator.processes import Processes, count_cores, without_collector
from generator.publish.former import FormerSite
from generator.sections import Sections
from generator.site.plan import gather_enterprises, gather_projects


def main() -> None:
    """Write the pages into an empty folder."""
    config, out = read_config(Path(sys.argv[1])), Path(sys.argv[2])
    with without_collector(), Processes(min(count_cores(), 2)) as crew:
        ready = crew.give(load_libraries)
        _, dataset = stages.check(config, NO_CACHE)
        if dataset is None:
            raise SystemExit("the dataset has errors")
        history = stages.read_history(dataset.catalog, NO_CACHE)
        library = stages.build_library(dataset, config, NO_CACHE, history)
        exempt = stages.list_exempt_numbers(dataset, NO_CACHE)
        gather_projects(library)
        gather_enterprises(library)
        ready.result()
        out.mkdir()
        shop = stages.open_workshop(config, out, "bench", exempt)
        writer = shop.open_writer()
        sections = Sections(writer, library, config, history, shop.shells, NO_CACHE)
        changed, linked = stages.find_changed_enterprises(shop, writer, library, sections, NO_CACHE)
        begin, cpu_before = time.perf_counter(), _read_cpu_seconds()
        former = FormerSite(out)
        enterprises = stages.give_enterprises(crew, shop, library, changed, linked)
        given = list(enterprises)
        projects = stages.give_projects(crew, shop, writer, former, library, sections, given)
        for share in reversed(given):
            share.help()
        pages = sum(projects().values())
        pages += sum(sum(share.result().pages.values()) for share in enterprises)
        seconds = time.perf_counter() - begin
        cpu = _read_cpu_seconds() - cpu_before
    times = {"pages": pages, "seconds": seconds, "cpu_seconds": cpu}
    Path(sys.argv[3]).write_text(json.dumps(times), encoding="utf-8")


def _read_cpu_seconds() -> float:
    """Processor time of this process and those it started, so far."""
    ticks = 0
    for process in ("self", *(child.pid for child in multiprocessing.active_children())):
        status = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
        ticks += sum(map(int, status.rpartition(")")[2].split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
