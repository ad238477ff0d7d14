"""Work for the machine's other cores: whole shares of a build, in processes of their own.

A process is started afresh (`spawn`), never forked: Polars' threads do not survive a fork. What
it is given and gives back are plain values. It ends when the process that started it does, however
that ends, so that nobody writes into a folder that the next build has taken over.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import resource
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, Generic, ParamSpec, TypeVar

from generator.errors import HuanjingError

T = TypeVar("T")
P = ParamSpec("P")
_ENDED: Final = (
    "一个辅助进程被系统中止，可能是内存不足。旧网站保持原样；"
    "请关闭其他程序后重试，或用 --processes 1 只用一个进程。"
)


class Share(Generic[T]):
    """Work that was given away; whoever asks for its result before it has begun does it himself."""

    def __init__(
        self, processes: Processes, work: Callable[[], T], done: Future[tuple[T, int, float]]
    ) -> None:
        self._processes = processes
        self._work = work
        self._done = done

    def help(self) -> None:
        """Do the work here if nobody has begun it; never waits."""
        if self._done.cancel():
            self._done = _finish(self._work)

    def result(self) -> T:
        """What the work returned.

        Raises:
            HuanjingError: Its process was ended from outside.
            Exception: Whatever the work raised.

        """
        self.help()
        try:
            value, process, peak = self._done.result()
        except BrokenProcessPool as fault:
            raise HuanjingError(_ENDED) from fault
        self._processes.note_peak(process, peak)
        return value


class Processes:
    """`count` processes, this one among them; with one, work is done where it is given away."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._peaks: dict[int, float] = {}
        self._pool: ProcessPoolExecutor | None = None
        if count > 1:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(count - 1, context, initializer=_set_up)

    def __enter__(self) -> Processes:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Wait for work that has begun, and give up what has not."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def give(self, work: Callable[P, T], *args: P.args, **options: P.kwargs) -> Share[T]:
        """Have `work`, a function of a module, done elsewhere; its arguments are copied.

        Raises:
            HuanjingError: A process was ended from outside.

        """
        bound = partial(work, *args, **options)
        if self._pool is not None:
            try:
                return Share(self, bound, self._pool.submit(_measure, bound))
            except BrokenProcessPool as fault:
                raise HuanjingError(_ENDED) from fault
        return Share(self, bound, _finish(bound))

    def note_peak(self, process: int, peak_mb: float) -> None:
        """Remember the most memory that a process has held so far."""
        self._peaks[process] = max(peak_mb, self._peaks.get(process, 0.0))

    @property
    def peak_memory_mb(self) -> float:
        """The peaks of all processes added up, 10^6 bytes; pages that they share count twice."""
        return _own_peak_mb() + sum(
            peak for process, peak in self._peaks.items() if process != os.getpid()
        )


def count_cores() -> int:
    """Cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


@contextmanager
def without_collector() -> Iterator[None]:
    """Spare the search for circular garbage.

    A build makes next to none, and half a million records are looked through every time: a tenth
    of the processor time.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _finish(work: Callable[[], T]) -> Future[tuple[T, int, float]]:
    """What the pool gives back, of work done here."""
    done: Future[tuple[T, int, float]] = Future()
    done.set_result((work(), os.getpid(), 0.0))
    return done


def _measure(work: Callable[[], T]) -> tuple[T, int, float]:
    value = work()
    return value, os.getpid(), _own_peak_mb()


def _own_peak_mb() -> float:
    try:
        # What getrusage tells of a started process includes what its parent held at that time.
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        kilobytes = int(status.partition("VmHWM:")[2].split()[0])
    except (OSError, IndexError, ValueError):  # not Linux
        kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kilobytes * 1024 / 1_000_000


def _set_up() -> None:
    """End with the parent; and like it, do without the collector."""
    gc.disable()

    def wait() -> None:
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
