"""Builds on the workers of a Dask scheduler: the same bytes, and an end whatever happens."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner
from distributed import Client, LocalCluster
from scheduler_kit import (
    BUILD_S,
    Machines,
    die,
    linger,
    run_build,
    run_machines,
    tell_process,
    wait_until,
)
from small_province import ROOT

from generator.build import build_site
from generator.cache import describe_program
from generator.cli import main
from generator.config import read_config
from generator.errors import HuanjingError, OutputError, RouteError, SchedulerError, StoreError
from generator.processes import Cluster
from generator.publish.former import FormerSite
from generator.publish.output import SiteWriter
from generator.remote_crew import RemoteCrew
from generator.site.shell import Shell
from generator.worker import Order, carry_out, gather_materials, pack_work, unpack_made
from generator.workshop import Made, Workshop

PROGRAM = describe_program()
IMPATIENT_S = 1.5


class Silence:
    def start(self, title: str) -> None: ...

    def finish(self, title: str, seconds: float) -> None: ...


def refuse() -> None:
    raise RouteError("两个页面争用同一个地址")


def write_page(workshop: Workshop, former: FormerSite, text: str) -> Made:
    writer = workshop.open_writer(former)
    template = (workshop.templates[0] / "pages/greeting.txt").read_text(encoding="utf-8")
    writer.write("greeting/index.html", f"{template} {text}".encode(), "key")
    writer.write("greeting/again.html", text.encode())
    return Made(Counter(greeting=2), writer.written)


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    templates = tmp_path / "templates"
    (templates / "pages").mkdir(parents=True)
    (templates / "pages/greeting.txt").write_text("您好", encoding="utf-8")
    (tmp_path / "staging").mkdir()
    shells = {"": Shell("", "", "", "", "", "")}
    return Workshop(tmp_path / "staging", (templates,), shells, PROGRAM, (), "state")


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    with run_machines(tmp_path_factory.mktemp("dask") / "machines") as started:
        started.start_worker("127.0.0.2")
        yield started


def test_two_processes_of_a_local_cluster_build_the_same_byte_for_byte(
    small_site: Path, small_datasets: Path, tmp_path: Path
) -> None:
    out, summary = tmp_path / "site", tmp_path / "summary.json"
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address=None,
        local_directory=str(tmp_path),
    ) as cluster:
        done = CliRunner().invoke(
            main,
            [
                "build", "--config", str(ROOT / "mkdocs.yml"), "--datasets", str(small_datasets),
                "--out", str(out), "--summary", str(summary),
                "--scheduler", cluster.scheduler_address,
            ],
        )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert (out / "manifest.json").read_bytes() == (small_site / "manifest.json").read_bytes()
    assert (out / "host.js").read_bytes() == (small_site / "host.js").read_bytes()
    told = json.loads(summary.read_text(encoding="utf-8"))
    assert told["processes"] == 3
    expected = json.loads(small_site.with_suffix(".json").read_text(encoding="utf-8"))
    assert {name: told[name] for name in ("pages", "rows", "files", "size_bytes")} == {
        name: expected[name] for name in ("pages", "rows", "files", "size_bytes")
    }


def test_a_province_built_on_other_addresses_is_the_same_though_a_worker_is_killed(
    site: Path, tmp_path: Path
) -> None:
    out, exchange = tmp_path / "site", tmp_path / "exchange"
    with run_machines(tmp_path / "machines") as machines:
        machines.start_worker("127.0.0.2")
        victim = machines.start_worker("127.0.0.3")
        with (
            Client(machines.address, set_as_default=False) as onlooker,
            run_build(
                "--config", str(ROOT / "mkdocs.yml"), "--out", str(out),
                "--scheduler", machines.address, "--exchange", exchange.as_uri(),
            ) as build,
        ):  # fmt: skip

            def hold_at_work() -> bool:
                """Stop the worker; whether it was stopped with a share in its hands."""
                assert build.poll() is None, "the build was over before"
                if not _list_shares(onlooker, "127.0.0.3"):
                    return False
                victim.send_signal(signal.SIGSTOP)
                if _list_shares(onlooker, "127.0.0.3"):
                    return True
                victim.send_signal(signal.SIGCONT)
                return False

            wait_until(hold_at_work, BUILD_S)
            victim.kill()
            assert build.wait(BUILD_S) == 0
            left = list(onlooker.nthreads())
    assert victim.wait() == -signal.SIGKILL
    assert [address.partition("//")[2].partition(":")[0] for address in left] == ["127.0.0.2"]
    assert (out / "manifest.json").read_bytes() == (site / "manifest.json").read_bytes()
    assert list(exchange.iterdir()) == []


def _list_shares(onlooker: Client, host: str) -> list[str]:
    """The enterprises' shares that a worker has in hand."""
    return [
        key
        for worker, keys in onlooker.processing().items()
        if f"//{host}:" in worker
        for key in keys
        if key.startswith("huanjing-write_enterprises")
    ]


def test_a_share_comes_back_with_its_files_by_way_of_the_scheduler_or_an_exchange(
    machines: Machines, workshop: Workshop, tmp_path: Path
) -> None:
    exchange = tmp_path / "exchange"
    for url in ("", exchange.as_uri()):
        staging = tmp_path / f"taken{bool(url)}"
        staging.mkdir()
        with RemoteCrew(Cluster(machines.address, url), PROGRAM) as crew:
            share = crew.give(write_page, workshop, FormerSite(tmp_path), "小明")
            writer = SiteWriter(staging)
            assert share.result().take_into(writer) == Counter(greeting=2)
            assert crew.peak_memory_mb > 1
        assert (staging / "greeting/index.html").read_text(encoding="utf-8") == "您好 小明"
        assert [(file.path, file.key) for file in writer.files] == [
            ("greeting/again.html", ""),
            ("greeting/index.html", "key"),
        ]
    assert list(workshop.staging.iterdir()) == []
    assert list(exchange.iterdir()) == []


def test_a_fault_that_people_can_mend_travels_back_from_a_worker(machines: Machines) -> None:
    with RemoteCrew(Cluster(machines.address), PROGRAM) as crew:
        with pytest.raises(RouteError, match="争用"):
            crew.give(refuse).result()
        assert crew.give(tell_process).result() == machines.workers[0].pid


@pytest.mark.parametrize(
    ("exchange", "words"),
    [
        ("memory://here", "各台机器都能读写的同一个存储"),
        ("file:///dev/null/exchange", "写不了存储 file:///dev/null/exchange"),
        ("gopher://127.0.0.1/exchange", "打不开存储 gopher://127"),
    ],
)
def test_an_exchange_that_cannot_be_used_ends_the_build_before_it_begins(
    machines: Machines, small_datasets: Path, tmp_path: Path, exchange: str, words: str
) -> None:
    out = make_old_site(tmp_path)
    config = replace(read_config(ROOT / "mkdocs.yml"), datasets=small_datasets)
    with pytest.raises(StoreError, match=words):
        build_site(config, out, Silence(), Cluster(machines.address, exchange))
    assert [path.name for path in out.iterdir()] == ["manifest.json"]
    assert not (tmp_path / ".site-staging").exists()


def make_old_site(folder: Path) -> Path:
    out = folder / "site"
    out.mkdir()
    (out / "manifest.json").write_bytes(b"{}")
    return out


def test_without_any_scheduler_the_old_site_stays(small_datasets: Path, tmp_path: Path) -> None:
    out = make_old_site(tmp_path)
    config = replace(read_config(ROOT / "mkdocs.yml"), datasets=small_datasets)
    with pytest.raises(SchedulerError, match=r"连不上调度器 tcp://127\.0\.0\.1:9.*旧网站保持原样"):
        build_site(config, out, Silence(), Cluster("tcp://127.0.0.1:9", patience_s=IMPATIENT_S))
    assert [path.name for path in out.iterdir()] == ["manifest.json"]
    assert not (tmp_path / ".site-staging").exists()


@pytest.mark.parametrize("address", ["没有这种地址", "http://127.0.0.1:8786"])
def test_an_address_that_is_none_is_named(address: str) -> None:
    with pytest.raises(SchedulerError, match="tcp://主机:8786"):
        RemoteCrew(Cluster(address, patience_s=IMPATIENT_S), PROGRAM)


def test_a_scheduler_without_workers_is_not_waited_for_without_end(tmp_path: Path) -> None:
    none = pytest.raises(SchedulerError, match="没有一个工作进程可用")
    with run_machines(tmp_path / "machines") as alone, none:
        RemoteCrew(Cluster(alone.address, patience_s=IMPATIENT_S), PROGRAM)


def test_a_worker_with_another_program_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "libraries"
    (other / "another_library-1.0.dist-info").mkdir(parents=True)
    with run_machines(tmp_path / "machines") as machines:
        machines.start_worker("127.0.0.2", other)
        with pytest.raises(SchedulerError, match=r"tcp://127\.0\.0\.2:\d+ 上的环镜与本机不同"):
            RemoteCrew(Cluster(machines.address), PROGRAM)


def test_a_worker_that_came_later_with_another_program_is_refused(tmp_path: Path) -> None:
    order = Order("another program", pack_work(tell_process)[0], "")
    parcel = carry_out(order, None, "tcp://127.0.0.2:1", tmp_path)
    assert parcel.value is None
    assert "与本机不同" in str(parcel.fault)


def test_shares_that_were_finished_on_a_lost_worker_are_done_again(
    workshop: Workshop, tmp_path: Path
) -> None:
    with run_machines(tmp_path / "machines") as machines:
        machines.start_worker("127.0.0.2")
        lost = machines.start_worker("127.0.0.3")
        with (
            Client(machines.address, set_as_default=False) as onlooker,
            RemoteCrew(Cluster(machines.address), PROGRAM) as crew,
        ):
            former = FormerSite(tmp_path)
            shares = [crew.give(write_page, workshop, former, f"第{n}份") for n in range(8)]
            wait_until(lambda: len(_list_finished(onlooker, "")) == len(shares))
            assert _list_finished(onlooker, "127.0.0.3")
            lost.kill()
            lost.wait()
            contents = [share.result().contents for share in shares]
    assert contents == [(f"第{n}份".encode(), f"您好 第{n}份".encode()) for n in range(8)]


def _list_finished(onlooker: Client, host: str) -> list[str]:
    """The shares whose results a worker holds, or any worker."""
    return [
        key
        for worker, keys in onlooker.has_what().items()
        if f"//{host}" in worker
        for key in keys
        if key.startswith("huanjing-write_page")
    ]


def test_when_the_last_worker_is_lost_the_build_ends(tmp_path: Path) -> None:
    with run_machines(tmp_path / "machines") as machines:
        worker = machines.start_worker("127.0.0.2")
        with RemoteCrew(Cluster(machines.address, patience_s=IMPATIENT_S), PROGRAM) as crew:
            share = crew.give(linger, tmp_path / "begun")
            wait_until((tmp_path / "begun").exists)
            worker.kill()
            with pytest.raises(SchedulerError, match="没有一个工作进程可用"):
                share.result()


def test_when_the_scheduler_is_lost_the_build_ends(tmp_path: Path) -> None:
    with run_machines(tmp_path / "machines") as machines:
        machines.start_worker("127.0.0.2")
        with RemoteCrew(Cluster(machines.address, patience_s=IMPATIENT_S), PROGRAM) as crew:
            share = crew.give(linger, tmp_path / "begun")
            wait_until((tmp_path / "begun").exists)
            machines.scheduler.kill()
            with pytest.raises(SchedulerError, match="连接断了"):
                share.result()
            with pytest.raises(SchedulerError):
                crew.give(tell_process).result()


def test_a_share_that_is_the_end_of_every_worker_is_given_up(tmp_path: Path) -> None:
    settings = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    with run_machines(tmp_path / "machines", **settings) as machines:
        machines.start_worker("127.0.0.2")
        fatal = pytest.raises(SchedulerError, match="内存不足")
        with RemoteCrew(Cluster(machines.address), PROGRAM) as crew, fatal:
            crew.give(die).result()


def test_nothing_finished_for_too_long_ends_the_build(machines: Machines, tmp_path: Path) -> None:
    late = pytest.raises(SchedulerError, match="没有一份工作完成")
    with RemoteCrew(Cluster(machines.address, stall_s=0.5), PROGRAM) as crew, late:
        crew.give(linger_a_little).result()


def linger_a_little() -> None:
    time.sleep(4)


def test_without_dask_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(HuanjingError, match=r"pip install 'huanjing\[scheduler\]'"):
        RemoteCrew(Cluster("tcp://127.0.0.1:9"), PROGRAM)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--exchange", "memory://x"], "--scheduler"),
        (["--scheduler", "tcp://127.0.0.1:9", "--processes", "2"], "--processes"),
    ],
)
def test_options_that_contradict_each_other_are_refused(options: list[str], words: str) -> None:
    done = CliRunner().invoke(main, ["build", *options])
    assert done.exit_code == 2
    assert words in done.output


def test_an_order_carried_out_twice_gives_the_same_and_leaves_only_templates(
    workshop: Workshop, tmp_path: Path
) -> None:
    packed, found = pack_work(partial(write_page, workshop, FormerSite(tmp_path), "小明"))
    assert found is workshop
    folder = tmp_path / "worker"
    folder.mkdir()
    order, materials = Order(PROGRAM, packed, ""), gather_materials(workshop)
    first, second = (carry_out(order, materials, "w", folder) for _ in range(2))
    assert first.fault is None
    assert first.files == second.files == "小明您好 小明".encode()
    (templates,) = folder.iterdir()
    assert [path.name for path in templates.rglob("*.*")] == ["greeting.txt"]


def test_a_worker_that_serves_two_provinces_keeps_their_templates_apart(
    workshop: Workshop, tmp_path: Path
) -> None:
    folder = tmp_path / "worker"
    folder.mkdir()
    order = Order(
        PROGRAM, pack_work(partial(write_page, workshop, FormerSite(tmp_path), "小明"))[0], ""
    )
    ours = gather_materials(workshop)
    (workshop.templates[0] / "pages/greeting.txt").write_text("再见", encoding="utf-8")
    theirs = gather_materials(workshop)
    made = [carry_out(order, materials, "w", folder).files for materials in (ours, theirs, ours)]
    assert [files.decode() for files in made] == ["小明您好 小明", "小明再见 小明", "小明您好 小明"]
    assert len(list(folder.iterdir())) == 1


def test_a_worker_that_cannot_reach_the_exchange_any_more_says_so(
    workshop: Workshop, tmp_path: Path
) -> None:
    packed, _ = pack_work(partial(write_page, workshop, FormerSite(tmp_path), "小明"))
    order = Order(PROGRAM, packed, "file:///dev/null/exchange")
    parcel = carry_out(order, gather_materials(workshop), "tcp://127.0.0.2:1", tmp_path)
    assert isinstance(parcel.fault, StoreError)
    assert "工作进程 tcp://127.0.0.2:1：写不了存储" in str(parcel.fault)


def test_files_that_were_altered_on_the_way_are_refused(workshop: Workshop) -> None:
    made = write_page(workshop, FormerSite(workshop.staging), "小明")
    whole = b"".join((workshop.staging / file.path).read_bytes() for file in made.written.files)
    with pytest.raises(SchedulerError, match="不完整"):
        unpack_made(made, whole[:-1])
    staging = workshop.staging.with_name("taken")
    staging.mkdir()
    altered = unpack_made(made, whole.replace("小明".encode(), "小红".encode()))
    with pytest.raises(OutputError, match="SHA-256"):
        altered.take_into(SiteWriter(staging))
