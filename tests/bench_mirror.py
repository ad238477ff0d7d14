"""Releases and mirrors of the committed province: bytes, requests, seconds, memory.

`python tests/bench_mirror.py` builds the site of `datasets/`, releases it, lets both clients mirror
it from nginx on loopback, changes the data as people do, and releases and mirrors again. The table
goes into docs/benchmarks.md. Bytes are those that nginx sent, headers among them.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from measuring import ROOT, Run, measure, write_section
from mirror_kit import BASE, SHELL, Centre
from sample_changes import set_cell
from web_servers import run_nginx

COMMAND = "from generator.entry import main; main()"
AREA = "990100"
MOST_CHANGE_BYTES = 300_000
MOST_IDLE_BYTES = 20_000
CHANGES: tuple[tuple[str, Callable[[Path], None]], ...] = (
    ("公开表一格", set_cell("enterprise_contact", "public_phone", "010-12345678")),
    ("最大的公开表一格", set_cell("disclosure_record", "disclosed_date", "2015-01-14")),
    ("项目改名", set_cell("illegal_project", "project_name", "改了名字的项目")),
    ("企业改名", set_cell("enterprise_profile", "ent_name", "改了名字的企业")),
)


@dataclass(frozen=True)
class Sync:
    """One run of a client: what it asked nginx for, and what it took of this machine."""

    client: str
    what: str
    requests: int
    bytes: int
    run: Run


@dataclass(frozen=True)
class Release:
    """One release: what it took, and what was released."""

    what: str
    run: Run
    note: str


@dataclass(frozen=True)
class Bench:
    """The folders and commands of one measurement."""

    work: Path
    url: str

    @property
    def centre(self) -> Centre:
        """Keys, release and history."""
        return Centre(self.work)

    def huanjing(self, *arguments: object) -> Run:
        """One command of ours in a process of its own."""
        return measure([sys.executable, "-c", COMMAND, *map(str, arguments)], self.work)

    def build(self) -> None:
        """The site of the datasets as they are now."""
        self.huanjing("build", "--config", self.work / "mkdocs.yml", "--datasets",
                      self.work / "datasets", "--out", self.work / "site")  # fmt: skip

    def release(self, what: str) -> Release:
        """The next release of the site."""
        run = self.huanjing("release", self.work / "site", "--out", self.centre.release, "--keys",
                            self.centre.keys, "--base-url", BASE, "--commit", "",
                            "--history", self.work / "history")  # fmt: skip
        return Release(what, run, (self.work / "bench.log").read_text(encoding="utf-8"))

    def sync(self, what: str, area: str = "whole") -> Iterator[Sync]:
        """One sync by either client."""
        trust = ["--trust", self.centre.fingerprint] if what.startswith("第一次") else []
        yield self._count("huanjing mirror", what, lambda: self.huanjing(
            "mirror", self.url, self.work / f"p-{area}", "--area", area, "--proxy", "", *trust
        ))  # fmt: skip
        state = self.work / f"s-{area}/state"
        state.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.centre.keys / "public/ssh-root.pub", state)
        yield self._count("mirror.sh", what, lambda: measure(
            ["sh", str(SHELL), self.url, str(state.parent), area], self.work,
            {"no_proxy": "127.0.0.1"},
        ))  # fmt: skip

    def _count(self, client: str, what: str, work: Callable[[], Run]) -> Sync:
        log = self.work / "nginx/transferred.log"
        os.truncate(log, 0)
        run = work()
        sent = [int(line.split()[0]) for line in log.read_text().splitlines()]
        return Sync(client, what, len(sent), sum(sent), run)


def measure_all(work: Path) -> tuple[list[Release], list[Sync]]:
    """Everything, once."""
    shutil.copytree(ROOT / "datasets", work / "datasets")
    for name in ("mkdocs.yml", "site_src", "templates"):
        (work / name).symlink_to(ROOT / name)
    (work / "release").mkdir()
    releases: list[Release] = []
    syncs: list[Sync] = []
    with run_nginx(work / "release", work / "nginx") as url:
        bench = Bench(work, url)
        bench.huanjing("keys", bench.centre.keys)
        bench.build()
        releases.append(bench.release("第一期"))
        syncs += bench.sync("第一次，全站")
        syncs += bench.sync(f"第一次，区域 {AREA}", AREA)
        syncs += bench.sync("没有变化")
        for what, change in CHANGES:
            change(work / "datasets/tables")
            bench.build()
            releases.append(bench.release(what))
            syncs += bench.sync(what)
        syncs += bench.sync(f"以上各处变动，区域 {AREA}", AREA)
        releases.append(bench.release("内容不变"))
        syncs += bench.sync("内容不变的新一期")
    return releases, syncs


def describe(releases: list[Release], syncs: list[Sync], files: int, size: int) -> Iterator[str]:
    """The section's lines."""
    yield "## 发布与镜像"
    yield ""
    yield (
        f"提交的数据集的整个网站：{files:,} 个文件，{size / 1e6:.0f} MB。{platform.machine()}，"
        f"{os.cpu_count()} 核，Python {platform.python_version()}，本机上的 nginx，各一次；"
        f"平均负载 {os.getloadavg()[0]:.1f}。字节是 nginx 送出的，包括标头。"
    )
    yield ""
    yield "| 同步 | 客户端 | 请求 | 字节 | 秒 | 处理器秒 | 内存峰值 MB |"
    yield "| --- | --- | ---: | ---: | ---: | ---: | ---: |"
    for sync in syncs:
        yield (
            f"| {sync.what} | {sync.client} | {sync.requests} | {sync.bytes:,} | "
            f"{sync.run.seconds:.1f} | {sync.run.cpu_seconds:.1f} | {sync.run.peak_mb:.0f} |"
        )
    yield ""
    yield "| 发布 | 秒 | 处理器秒 | 内存峰值 MB |"
    yield "| --- | ---: | ---: | ---: |"
    for one in releases:
        run = one.run
        yield f"| {one.what} | {run.seconds:.1f} | {run.cpu_seconds:.1f} | {run.peak_mb:.0f} |"
    yield ""
    yield (
        f"限度：一行变动不超过 {MOST_CHANGE_BYTES:,} 字节，"
        f"没有变化不超过 {MOST_IDLE_BYTES:,} 字节。"
    )


def main() -> None:
    """Measure, print, and write the section; a sync over its limit is a failure."""
    with tempfile.TemporaryDirectory(prefix="bench-mirror-") as folder:
        work = Path(folder)
        releases, syncs = measure_all(work)
        manifest = json.loads((work / "site/manifest.json").read_bytes())["files"]
    lines = list(describe(releases, syncs, len(manifest), sum(entry["size"] for entry in manifest)))
    print("\n".join(lines))
    write_section("mirror", lines)
    limits = {what: MOST_CHANGE_BYTES for what, _ in CHANGES}
    limits |= {"没有变化": MOST_IDLE_BYTES, "内容不变的新一期": MOST_IDLE_BYTES}
    over = [sync for sync in syncs if sync.bytes > limits.get(sync.what, sync.bytes)]
    if over:
        raise SystemExit(f"over the limit: {[(s.what, s.client, s.bytes) for s in over]}")


if __name__ == "__main__":
    main()
