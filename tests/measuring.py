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
_LOOK_EVERY = 0.02  # seconds; a peak is kept by the system, so a look near the end suffices


@dataclass(frozen=True)
class Run:
    """A command and all processes it started.

    Seconds by the clock and of the processors; `peak_mb` is the sum of the most memory that each
    process held (VmHWM), so that pages which two of them share count twice.
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float


def measure(command: list[str], folder: Path, surroundings: Mapping[str, str] | None = None) -> Run:
    """Run a command and wait for it; its output is shown only when it fails."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    log = folder / "bench.log"
    peaks: dict[int, int] = {}
    begin = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, stdout=output, stderr=output,
            env={**os.environ, "PYTHONPATH": path, **(surroundings or {})},
        )  # fmt: skip
        ended = threading.Event()
        watcher = threading.Thread(target=_watch, args=(process.pid, peaks, ended))
        watcher.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        ended.set()
        watcher.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[0]} failed:\n{log.read_text(errors='replace')}")
    peak = sum(peaks.values()) * 1024 / 1_000_000
    return Run(seconds, usage.ru_utime + usage.ru_stime, peak)


def _watch(process: int, peaks: dict[int, int], ended: threading.Event) -> None:
    """Keep the peak of every process below `process`, in KiB, until the end."""
    while not ended.wait(_LOOK_EVERY):
        for one in _list_tree(process):
            with contextlib.suppress(OSError, IndexError, ValueError):
                status = Path(f"/proc/{one}/status").read_text(errors="replace")
                peaks[one] = int(status.partition("VmHWM:")[2].split()[0])


def _list_tree(process: int) -> Iterator[int]:
    yield process
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in task.read_text().split():
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
