"""Shares of work in other processes: their results, their faults, and their end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import CancelledError, ProcessPoolExecutor
from pathlib import Path

import pytest

from generator.errors import HuanjingError, RouteError
from generator.processes import Processes

WAIT = """
import sys, time
from pathlib import Path
from generator.processes import Processes

def linger(path):
    import os
    Path(path).write_text(str(os.getpid()))
    time.sleep(600)

if __name__ == "__main__":
    with Processes(2) as crew:
        crew.give(linger, sys.argv[1]).result()
"""


def get_pid_slowly() -> int:
    time.sleep(0.3)
    return os.getpid()


def refuse() -> None:
    raise RouteError("两个页面争用同一个地址")


def tell_pid(begun: Path) -> int:
    begun.touch()
    return os.getpid()


def die(begun: Path) -> None:
    begun.touch()
    os.kill(os.getpid(), signal.SIGKILL)


def wait_until(begun: Path, end: Path) -> int:
    begun.touch()
    wait_for(end)
    return os.getpid()


def wait_for(begun: Path) -> None:
    """Wait until a share has begun elsewhere: whoever asks earlier does the work himself."""
    give_up = time.monotonic() + 60
    while not begun.exists():
        assert time.monotonic() < give_up, "nobody began"
        time.sleep(0.01)


@pytest.mark.parametrize("count", [1, 2])
def test_a_share_gives_back_its_result_wherever_it_was_done(count: int, tmp_path: Path) -> None:
    with Processes(count) as crew:
        share = crew.give(tell_pid, tmp_path / "begun")
        wait_for(tmp_path / "begun")
        assert (share.result() == os.getpid()) is (count == 1)
        assert crew.peak_memory_mb > 1


@pytest.mark.parametrize("count", [1, 2])
def test_a_fault_that_people_can_mend_travels_back(count: int) -> None:
    with Processes(count) as crew, pytest.raises(RouteError, match="争用"):
        crew.give(refuse).result()


def test_a_share_that_nobody_has_begun_is_done_by_the_one_who_asks() -> None:
    with Processes(2) as crew:
        shares = [crew.give(get_pid_slowly) for _ in range(6)]
        assert shares[-1].result() == os.getpid()
        assert shares[0].result() != os.getpid()


def test_but_one_share_is_laid_ready_for_a_process_that_is_busy(tmp_path: Path) -> None:
    """The others stay here, so that whoever is done first can take the next."""
    with Processes(2) as crew:
        first = crew.give(wait_until, tmp_path / "begun", tmp_path / "end")
        wait_for(tmp_path / "begun")
        ready = crew.give(os.getpid)
        later = [crew.give(os.getpid) for _ in range(3)]
        assert {share.result() for share in later} == {os.getpid()}
        (tmp_path / "end").touch()
        assert first.result() == ready.result() != os.getpid()


def test_a_fault_here_and_one_there_leave_the_others_to_be_done() -> None:
    with Processes(2) as crew:
        shares = [crew.give(refuse if number % 2 else os.getpid) for number in range(8)]
        for number, share in enumerate(shares):
            if number % 2:
                with pytest.raises(RouteError, match="争用"):
                    share.result()
            else:
                assert share.result()


def test_nobody_waits_for_work_that_failed_here_or_was_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shut_down = ProcessPoolExecutor.shutdown

    def let_end(pool: ProcessPoolExecutor, **options: bool) -> None:
        (tmp_path / "end").touch()
        shut_down(pool, **options)

    monkeypatch.setattr(ProcessPoolExecutor, "shutdown", let_end)
    with Processes(2) as crew:
        crew.give(wait_until, tmp_path / "begun", tmp_path / "end")
        wait_for(tmp_path / "begun")
        crew.give(os.getpid)
        failed, given_up = crew.give(refuse), crew.give(os.getpid)
        for _ in range(2):
            with pytest.raises(RouteError, match="争用"):
                failed.result()
    with pytest.raises(CancelledError):
        given_up.result()


def test_a_process_that_the_system_ends_is_a_clear_fault(tmp_path: Path) -> None:
    with Processes(2) as crew:
        share = crew.give(die, tmp_path / "begun")
        wait_for(tmp_path / "begun")
        with pytest.raises(HuanjingError, match="--processes 1"):
            share.result()


def test_work_for_processes_that_have_ended_is_refused_with_the_same_words(tmp_path: Path) -> None:
    with Processes(2) as crew:
        share = crew.give(die, tmp_path / "begun")
        wait_for(tmp_path / "begun")
        with pytest.raises(HuanjingError, match="被系统中止"):
            share.result()
        with pytest.raises(HuanjingError, match="被系统中止"):
            crew.give(os.getpid)


def test_a_process_ends_with_the_one_that_started_it(tmp_path: Path) -> None:
    script, started = tmp_path / "wait.py", tmp_path / "pid"
    script.write_text(WAIT, encoding="utf-8")
    parent = subprocess.Popen([sys.executable, str(script), str(started)])
    while not (started.is_file() and started.read_text()):
        assert parent.poll() is None
        time.sleep(0.05)
    child = int(started.read_text())
    parent.kill()
    parent.wait()
    give_up = time.monotonic() + 60
    while _is_running(child) and time.monotonic() < give_up:
        time.sleep(0.05)
    assert not _is_running(child)


def _is_running(process: int) -> bool:
    """Whether it still works; a zombie, which only waits to be counted, does not."""
    try:
        status = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in {"Z", "X"}
