"""What an operator may ask of a sync: a proxy, a pace, an end, a time of day."""

from __future__ import annotations

import configparser
import contextlib
import http.server
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from mirror_kit import Centre, found_centre, make_files, run_shell, sync
from web_servers import run_faulty, run_nginx

from generator.cli import main
from generator.mirror.faults import NetworkError
from generator.mirror.transfer import Clock, Limits, Transfer

ROOT = Path(__file__).resolve().parents[1]
NOWHERE = "http://hj.example.org/"
"""A name that does not resolve: only a proxy can lead there."""


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Centre:
    centre = found_centre(tmp_path_factory.mktemp("options"))
    centre.publish(make_files())
    return centre


@contextlib.contextmanager
def run_proxy(upstream: str) -> Iterator[tuple[str, list[str]]]:
    """A forward proxy that knows one host, and what it was asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            if not self.path.startswith(NOWHERE):
                self.send_error(502)
                return
            address = upstream + self.path.removeprefix(NOWHERE)
            request = urllib.request.Request(address)  # noqa: S310 upstream is http
            if "Range" in self.headers:
                request.add_header("Range", self.headers["Range"])
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            try:
                with opener.open(request, timeout=10) as answer:
                    content, status = answer.read(), answer.status
            except urllib.error.HTTPError as fault:
                content, status = b"", fault.code
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()


def mirror(url: str, folder: Path, *options: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["mirror", url, str(folder), *options])
    return result.exit_code, result.output


def test_a_sync_goes_through_the_proxy_it_is_given(centre: Centre, tmp_path: Path) -> None:
    with (
        run_nginx(centre.release, tmp_path / "nginx") as upstream,
        run_proxy(upstream) as (proxy, asked),
    ):
        code, said = mirror(
            NOWHERE, tmp_path / "m", "--trust", centre.fingerprint, "--proxy", proxy
        )
    assert code == 0, said
    assert f"{NOWHERE}metadata/timestamp.json" in asked
    assert len(asked) == 7


def test_without_an_option_the_environment_names_the_proxy(
    centre: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with (
        run_nginx(centre.release, tmp_path / "nginx") as upstream,
        run_proxy(upstream) as (proxy, asked),
    ):
        monkeypatch.setenv("http_proxy", proxy)
        assert mirror(NOWHERE, tmp_path / "m", "--trust", centre.fingerprint)[0] == 0
        assert len(asked) == 7
        # An empty option means none at all, whatever the environment says.
        code, said = mirror(NOWHERE, tmp_path / "m", "--proxy", "")
        assert (code, "连不上" in said) == (12, True)
        assert len(asked) == 7


@pytest.mark.parametrize("tool", ["wget", "curl"])
def test_the_shell_script_goes_through_the_proxy(centre: Centre, tmp_path: Path, tool: str) -> None:
    with (
        run_nginx(centre.release, tmp_path / "nginx") as upstream,
        run_proxy(upstream) as (proxy, asked),
    ):
        done = run_shell(
            NOWHERE, tmp_path / "s", centre, HUANJING_FETCH=tool, http_proxy=proxy, no_proxy=""
        )
    assert done.returncode == 0, done.stderr
    assert f"{NOWHERE}plain/latest" in asked


def test_a_proxy_that_is_not_there_is_named(centre: Centre, tmp_path: Path) -> None:
    code, said = mirror(
        NOWHERE, tmp_path / "m", "--trust", centre.fingerprint, "--proxy", "http://127.0.0.1:9"
    )
    assert (code, "连不上" in said) == (12, True)


@dataclass
class Told:
    """A clock that only moves when somebody sleeps, or asks, if asking takes time."""

    per_question_s: float = 0.0
    time_s: float = 0.0
    naps: list[float] = field(default_factory=list)

    def now(self) -> float:
        self.time_s += self.per_question_s
        return self.time_s

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.time_s += seconds


def test_the_pace_is_kept_in_every_stretch_of_a_download(tmp_path: Path) -> None:
    """At 100 KB/s, no stretch of the clock brings more than its share and one block."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site/pack").write_bytes(bytes(1_000_000))
    told, rate, block = Told(), 100_000, 64 * 1024
    with run_nginx(tmp_path / "site", tmp_path / "nginx") as url:
        transfer = Transfer(Limits(600.0, rate), "", clock=Clock(told.now, told.sleep))
        marks = [(0.0, 0)]
        for part in transfer.stream(f"{url}pack", 1_000_000):
            marks.append((told.time_s, marks[-1][1] + len(part)))
    assert marks[-1][1] == 1_000_000
    assert told.time_s == pytest.approx(10.0)
    for start, (began, before) in enumerate(marks):
        for ended, after in marks[start:]:
            assert after - before <= rate * (ended - began) + block


def test_without_a_pace_nobody_sleeps(centre: Centre, tmp_path: Path) -> None:
    told = Told()
    with run_nginx(centre.release, tmp_path / "nginx") as url:
        transfer = Transfer(Limits(), "", clock=Clock(told.now, told.sleep))
        transfer.read(f"{url}metadata/timestamp.json", 100_000)
    assert told.naps == []


def test_the_deadline_counts_all_requests_together_and_keeps_what_came(tmp_path: Path) -> None:
    """Each look at the clock takes a second; after sixty the sync is over, in mid-file."""
    (tmp_path / "site").mkdir()
    content = bytes(range(256)) * 40_000
    (tmp_path / "site/pack").write_bytes(content)
    told = Told(per_question_s=1.0)
    with run_nginx(tmp_path / "site", tmp_path / "nginx") as url:
        transfer = Transfer(Limits(60.0), "", clock=Clock(told.now, told.sleep))
        with pytest.raises(NetworkError, match=r"总时限 60 秒已到.*下次从断处继续"):
            transfer.download(f"{url}pack", len(content), "0" * 64, tmp_path / "pack")
        asked = transfer.tally.requests
        with pytest.raises(NetworkError, match="总时限"):
            transfer.read(f"{url}pack", len(content))
    assert asked == 1
    came = (tmp_path / "pack.part").read_bytes()
    assert 0 < len(came) < len(content)
    assert content.startswith(came)


def test_the_deadline_of_the_shell_script_counts_all_requests_together(
    centre: Centre, tmp_path: Path
) -> None:
    """Every answer takes a second and a half; the third request is not waited for."""
    asked: list[str] = []

    def delay(handler: http.server.BaseHTTPRequestHandler, path: Path) -> bool:
        asked.append(handler.path)
        time.sleep(1.5)
        return False

    with run_faulty(centre.release, delay) as url:
        done = run_shell(url, tmp_path / "s", centre, HUANJING_FETCH="curl", HUANJING_DEADLINE="3")
    assert done.returncode == 12
    assert "总时限已到" in done.stderr
    assert len(asked) <= 3
    assert not (tmp_path / "s/current").exists()


@pytest.mark.parametrize("tool", ["wget", "curl", "rsync"])
def test_the_shell_script_passes_its_pace_on(centre: Centre, tmp_path: Path, tool: str) -> None:
    """A tool of the same name stands before the real one and notes how it was called."""
    folder, notes = tmp_path / "bin", tmp_path / "calls"
    folder.mkdir()
    real = shutil.which(tool)
    (folder / tool).write_text(f'#!/bin/sh\necho "$@" >>{notes}\nexec {real} "$@"\n')
    (folder / tool).chmod(0o755)
    path = f"{folder}:{os.environ['PATH']}"
    with run_nginx(centre.release, tmp_path / "nginx") as url:
        source = str(centre.release) if tool == "rsync" else url
        done = run_shell(
            source, tmp_path / "s", centre, HUANJING_FETCH=tool, HUANJING_RATE="5000", PATH=path
        )
    assert done.returncode == 0, done.stderr
    option = {"wget": "--limit-rate=5000k", "curl": "--limit-rate 5000k", "rsync": "--bwlimit=5000"}
    calls = notes.read_text().splitlines()
    assert len(calls) >= 7
    assert [call for call in calls if option[tool] not in call] == []


# The examples in the documentation.


def read_blocks(page: str, language: str) -> list[str]:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def parse_command(line: str) -> dict[str, object]:
    """The options of a `huanjing` command line, as the command itself understands them."""
    name, *arguments = shlex.split(line)[1:]
    command = main.get_command(click.Context(main), name)
    assert command is not None
    return dict(command.make_context(name, arguments).params)


def test_the_cron_example_is_a_cron_line(tmp_path: Path) -> None:
    text = (ROOT / "docs/mirror.md").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if re.match(r"\d+ \* \* \* \*", line))
    *times, command = line.split(None, 5)
    assert re.fullmatch(r"[0-5]?\d", times[0])
    assert times[1:] == ["*"] * 4
    assert "%" not in command  # cron would end the command there
    assert parse_command(command)["quiet"] is True


def test_the_systemd_examples_are_units(tmp_path: Path) -> None:
    service, timer = read_blocks("mirror.md", "ini")
    units = {"huanjing-mirror.service": service, "huanjing-mirror.timer": timer}
    for name, content in units.items():
        parser = configparser.ConfigParser(strict=True, interpolation=None)
        parser.optionxform = str  # type: ignore[assignment,method-assign]
        parser.read_string(content)
        if name.endswith(".service"):
            command = parser["Service"]["ExecStart"]
            assert parse_command(command)["quiet"] is True
            assert set(parser["Service"]["SuccessExitStatus"].split()) == {"12", "14"}
        else:
            assert parser["Timer"]["Persistent"] == "true"
        runnable = content.replace("/usr/local/bin/huanjing", sys.executable)
        (tmp_path / name).write_text(runnable.replace("User=huanjing", "User=root"))
    tool = shutil.which("systemd-analyze")
    if tool:
        checked = subprocess.run(
            [tool, "verify", *(str(tmp_path / name) for name in units)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        own = [line for line in checked.stderr.splitlines() if "huanjing-mirror" in line]
        assert own == []
        moment = subprocess.run(
            [tool, "calendar", "hourly"], capture_output=True, text=True, check=False
        )
        assert moment.returncode == 0


def test_what_the_page_says_of_options_is_what_the_command_has() -> None:
    text = (ROOT / "docs/mirror.md").read_text(encoding="utf-8")
    table = text.partition("## 选项")[2].partition("##")[0]
    told = set(re.findall(r"`(--[a-z-]+)", table))
    command = main.get_command(click.Context(main), "mirror")
    assert command is not None
    known = {option for p in command.params for option in p.opts if option.startswith("--")}
    assert told == known - {"--help"}


def test_a_quiet_sync_speaks_only_of_news(centre: Centre, tmp_path: Path) -> None:
    with run_nginx(centre.release, tmp_path / "nginx") as url:
        sync(url, tmp_path / "m", centre.fingerprint)
        assert mirror(url, tmp_path / "m", "--proxy", "", "--quiet") == (0, "")
        assert "没有变化" in mirror(url, tmp_path / "m", "--proxy", "")[1]


def test_every_fault_in_the_page_names_tests_that_there_are() -> None:
    text = (ROOT / "docs/mirror.md").read_text(encoding="utf-8")
    table = text.partition("## 出了差错时")[2].partition("##")[0]
    told = set(re.findall(r"`(test_\w+)`", table))
    modules = sorted((ROOT / "tests").glob("test_mirror*.py"))
    known = {
        name for path in modules for name in re.findall(r"def (test_\w+)", path.read_text("utf-8"))
    }
    assert len(told) > 20
    assert told <= known
