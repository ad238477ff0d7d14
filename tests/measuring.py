"""What the benchmarks share: a process measured, and a section of docs/benchmarks.md written."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
_LOOK_EVERY = 0.05  # seconds


@dataclass(frozen=True)
class Run:
    """A command and all processes it started.

    Seconds by the clock and of the processors; `peak_mb` is the most memory that all of them held
    at one time, where a page that two of them share counts once (the sum of their PSS), and 0
    where nobody looked.
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float


def measure(
    command: list[str],
    folder: Path,
    surroundings: Mapping[str, str] | None = None,
    *,
    memory: bool = True,
) -> Run:
    """Run a command and wait for it; its output is shown only when it fails.

    To look at its memory holds a process up, one of many threads by a third: times that are to be
    compared are taken without.
    """
    log = folder / "bench.log"
    held: list[int] = [0]
    begin = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, stdout=output, stderr=output,
            env={**os.environ, "PYTHONPATH": str(ROOT), **(surroundings or {})},
        )  # fmt: skip
        ended = threading.Event()
        watcher = threading.Thread(target=_watch, args=(process.pid, held, ended))
        if memory:
            watcher.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        ended.set()
        if memory:
            watcher.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[0]} failed:\n{log.read_text(errors='replace')}")
    peak = max(held) * 1024 / 1_000_000
    return Run(seconds, usage.ru_utime + usage.ru_stime, peak)


def _watch(process: int, held: list[int], ended: threading.Event) -> None:
    """Note what all processes below `process` hold together, in KiB, until the end."""
    while not ended.wait(_LOOK_EVERY):
        total = 0
        for one in _list_tree(process):
            with contextlib.suppress(OSError, IndexError, ValueError):
                told = Path(f"/proc/{one}/smaps_rollup").read_text(errors="replace")
                total += int(told.partition("\nPss:")[2].split()[0])
        held.append(total)


def _list_tree(process: int) -> Iterator[int]:
    yield process
    with contextlib.suppress(OSError):  # any of them may end meanwhile
        for task in Path(f"/proc/{process}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _list_tree(int(child))


def write_section(name: str, lines: Iterable[str]) -> None:
    """Put the lines into the section `name` of docs/benchmarks.md, the rest untouched."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    text = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else "# Benchmarks\n"
    section = "\n".join([begin, *lines, end])
    if begin in text:
        head, rest = text.split(begin)
        text = head + section + rest.split(end)[1]
    else:
        text = f"{text.rstrip()}\n\n{section}\n"
    PAGE.write_text(text, encoding="utf-8")
