"""A scheduler and workers in processes of their own, each on a loopback address of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from distributed import Client
from small_province import ROOT

PATIENCE_S = 60
BUILD_S = 600
"""For the build of a province on a machine that has other things to do."""


@dataclass
class Machines:
    """Processes that stand for machines; all end with the `with`."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    address: str = ""
    scheduler: subprocess.Popen[bytes] = field(init=False)
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start_scheduler(self) -> None:
        told = self.folder / "scheduler.json"
        self.scheduler = self._start(
            "scheduler", "127.0.0.1", "--port", "0", "--scheduler-file", str(told)
        )
        wait_until(lambda: told.is_file() and told.read_text().rstrip().endswith("}"))
        self.address = json.loads(told.read_text())["address"]

    def start_worker(self, host: str, *path: Path) -> subprocess.Popen[bytes]:
        """A worker that has come; killed, it stays away. `path` goes before its own."""
        worker = self._start(
            "worker", host, self.address, "--nthreads", "1", "--no-nanny", "--memory-limit", "0",
            "--local-directory", str(self.folder), path=path,
        )  # fmt: skip
        self.workers.append(worker)
        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(len(self.workers), timeout=PATIENCE_S)
        return worker

    def _start(
        self, name: str, host: str, *options: str, path: tuple[Path, ...] = ()
    ) -> subprocess.Popen[bytes]:
        code = "import sys; from dask.__main__ import main; main()"
        environment = {
            **os.environ,
            **self.settings,
            "PYTHONPATH": os.pathsep.join(map(str, (*path, ROOT, ROOT / "tests"))),
        }
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-c", code, name, *options, "--host", host, "--no-dashboard"],
                cwd=self.folder,
                env=environment,
                stdout=log,
                stderr=log,
            )


@contextmanager
def run_machines(folder: Path, **settings: str) -> Iterator[Machines]:
    """A scheduler on 127.0.0.1 without workers."""
    folder.mkdir()
    machines = Machines(folder, settings)
    try:
        machines.start_scheduler()
        yield machines
    finally:
        for process in (*machines.workers, machines.scheduler):
            process.kill()
            process.wait()


@contextmanager
def run_build(*options: str) -> Iterator[subprocess.Popen[bytes]]:
    """`huanjing build` in a process of its own, which ends with the `with`."""
    build = subprocess.Popen(
        [sys.executable, "-c", "from generator.cli import main; main()", "build", *options],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        yield build
    finally:
        build.kill()
        build.wait()


def wait_until(true: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    give_up = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < give_up, "it did not happen"
        time.sleep(0.02)


# What workers are given to do in the tests.


def tell_process() -> int:
    return os.getpid()


def linger(path: Path) -> None:
    path.write_text(str(os.getpid()))
    time.sleep(600)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
