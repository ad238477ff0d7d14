"""Builds that end by SIGKILL, each in a process of its own; run by tests/test_crash.py.

`python killed_builds.py PROJECT` kills builds of the project in every stage and at writes that a
seed chooses, each over a dataset with another change, and prints a line of JSON for each. It makes
its processes by `fork`, so it must not use Polars itself.
"""

from __future__ import annotations

import csv
import json
import multiprocessing
import os
import random
import shutil
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from generator.mirror.manifest import compare_folder

SWITCH = "切换"
_WRITES = frozenset({"os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir"})
_SEED = 2016


@dataclass
class Attempt:
    """A build that dies at the `nth` write of a stage, counted from 1; at 0 as the stage begins."""

    stage: str
    nth: int
    counts: Counter[str] = field(default_factory=Counter)
    title: str = ""

    def start(self, title: str) -> None:
        """A stage of the build begins."""
        self.title = title
        if (title, 0) == (self.stage, self.nth):
            _die()

    def finish(self, title: str, seconds: float) -> None:
        """A stage is done; what follows the last one counts as that one's."""

    def watch(self, folder: str) -> None:
        """Count what is about to be written below `folder`, and die where it is time."""
        write = os.write

        def count() -> bool:
            self.counts[self.title] += 1
            return (self.title, self.counts[self.title]) == (self.stage, self.nth)

        def hear(event: str, arguments: tuple[object, ...]) -> None:
            if _is_write(event, arguments) and _is_below(arguments, folder) and count():
                _die()

        def write_half(file: int, content: bytes) -> int:
            if threading.current_thread() is threading.main_thread() and count():
                write(file, content[: len(content) // 2])
                _die()
            return write(file, content)

        sys.addaudithook(hear)
        os.write = write_half


@dataclass(frozen=True)
class HelperKiller:
    """Tells nobody of the stages of a build, and kills one of its helpers in one of them."""

    stage: str

    def start(self, title: str) -> None:
        """A stage of the build begins."""
        if title == self.stage:
            helpers = [child for child in multiprocessing.active_children() if child.pid]
            os.kill(int(helpers[0].pid or 0), signal.SIGKILL)

    def finish(self, title: str, seconds: float) -> None:
        """A stage is done."""


def _is_write(event: str, arguments: tuple[object, ...]) -> bool:
    if event != "open":
        return event in _WRITES
    _, mode, flags = arguments
    if mode is None:
        return bool(int(str(flags)) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
    return any(sign in str(mode) for sign in "wxa+")


def _is_below(arguments: tuple[object, ...], folder: str) -> bool:
    if any(str(one).startswith(folder) for one in arguments[:2]):
        return True
    return isinstance(arguments[-1], int) and arguments[-1] > 0  # a name in an open folder


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def change_project(root: Path, text: str) -> str:
    """Give the first project of the ledger another name; returns the address of its page."""
    path = root / "datasets/tables/illegal_project.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    rows[1][rows[0].index("project_name")] = text
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    return f"project/{rows[1][0]}.html"


def in_child(work: Callable[[], None]) -> int:
    """How a forked process ended that did the work: 0, or minus the signal."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


class Killing:
    """One project, its site, and what became of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.site = root / "out" / "site"
        self.changes = 0

    def build(
        self, attempt: Attempt, out: Path, processes: int = 1, told: Path | None = None
    ) -> int:
        """Build, or die; into `told` go the numbers of writes by stage."""
        from generator.build import build_site
        from generator.config import read_config

        def work() -> None:
            config = read_config(self.root / "mkdocs.yml")
            attempt.watch(str(out.parent))
            build_site(config, out, attempt, processes)
            if told is not None:
                told.write_text(json.dumps(attempt.counts), encoding="utf-8")

        return in_child(work)

    def kill(self, stage: str, nth: int, processes: int = 1) -> None:
        """Change the dataset, kill a build, and tell what stands."""
        self.changes += 1
        before = self._manifest()
        route = change_project(self.root, f"第{self.changes}次改名的项目")
        code = self.build(Attempt(stage, nth), self.site, processes)
        page = (self.site / route).read_text(encoding="utf-8")
        self.tell(
            kind="killed",
            stage=stage,
            nth=nth,
            code=code,
            whole=asdict(compare_folder(self.site)),
            old=self._manifest() == before,
            new=f"第{self.changes}次改名" in page,
        )

    def kill_helper(self, stage: str) -> None:
        """Kill a process that helps with a build, and tell how the build ends."""
        from generator.build import build_site
        from generator.config import read_config
        from generator.errors import HuanjingError

        def work() -> None:
            config = read_config(self.root / "mkdocs.yml")
            try:
                build_site(config, self.site, HelperKiller(stage), 3)
            except HuanjingError as fault:
                self.tell(kind="helper killed", fault=str(fault))

        before = self._manifest()
        in_child(work)
        whole = asdict(compare_folder(self.site))
        self.tell(kind="after helper", whole=whole, old=self._manifest() == before)

    def mend(self) -> None:
        """Build over whatever is left, and from nothing, and tell whether both are the same."""
        cold = self.root / "cold"
        shutil.rmtree(cold, ignore_errors=True)
        cold.mkdir()
        code = self.build(Attempt("", 0), self.site)
        cold_code = self.build(Attempt("", 0), cold / "site")
        same = self._manifest() == (cold / "site/manifest.json").read_bytes()
        beside = sorted(path.name for path in self.site.parent.iterdir())
        self.tell(kind="mended", code=code, cold=cold_code, same=same, beside=beside)

    def count_writes(self) -> dict[str, int]:
        """How many writes each stage makes of a build after a change."""
        self.changes += 1
        change_project(self.root, f"第{self.changes}次改名的项目")
        told = self.root / "counts.json"
        if self.build(Attempt("", 0), self.site, told=told):
            raise SystemExit("the build without a kill fails")
        counts: dict[str, int] = json.loads(told.read_bytes())
        return counts

    def tell(self, **what: object) -> None:
        """Print one line of the outcome."""
        print(json.dumps(what, ensure_ascii=False), flush=True)

    def _manifest(self) -> bytes:
        path = self.site / "manifest.json"
        return path.read_bytes() if path.is_file() else b""


def main() -> None:
    """Kill, and mend now and then."""
    import generator.sections
    import generator.stages  # noqa: F401 loaded once, for all processes that are forked

    killing = Killing(Path(sys.argv[1]))
    chance = random.Random(_SEED)
    killing.build(Attempt("", 0), killing.site)
    counts = killing.count_writes()
    killing.tell(kind="counted", counts=counts)
    stages = [stage for stage in counts if stage not in {"", SWITCH}]
    for stage in stages:
        killing.kill(stage, chance.randint(0, counts[stage]))
    killing.mend()
    # As the switch begins; after it, while the old site is removed; while notes are kept.
    for nth in (0, 1, chance.randint(2, counts[SWITCH] // 2), counts[SWITCH] - 5):
        killing.kill(SWITCH, nth)
    killing.mend()
    shutil.rmtree(killing.root / "out/.site-cache")  # so that helpers have all pages to make
    killing.kill("下载与附件", chance.randint(1, 20), processes=3)
    killing.kill_helper("下载与附件")
    killing.mend()


if __name__ == "__main__":
    main()
