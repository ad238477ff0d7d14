"""Work for the machine's other cores: whole shares of a build, in processes of their own.

`Crew` is what the build knows of those who work at it; `Processes` is the one that needs nothing
but this machine, `generator.remote_crew` has another.

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
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Generic, ParamSpec, Protocol, TypeVar

from generator.errors import HuanjingError

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
P = ParamSpec("P")
_ENDED: Final = (
    "一个辅助进程被系统中止，可能是内存不足。旧网站保持原样；"
    "请关闭其他程序后重试，或用 --processes 1 只用一个进程。"
)


@dataclass(frozen=True, slots=True)
class Cluster:
    """Workers elsewhere, as `generator.scheduler` needs to know them."""

    address: str
    """Of the scheduler, as tcp://10.0.0.5:8786 or tls://…"""
    exchange: str = ""
    """URL of a store by way of which files come from the workers; empty for with the results."""
    patience_s: float = 60
    """How long a build waits for the scheduler to answer and for the first worker to come."""
    stall_s: float = 1800
    """How long it waits for any share at all to be finished."""


class Share(Protocol[T_co]):
    """Work that was given away."""

    def help(self) -> None:
        """Do the work here if nobody has begun it; never waits."""

    def result(self) -> T_co:
        """What the work returned.

        Raises:
            HuanjingError: Whoever did it is gone.
            Exception: Whatever the work raised.

        """


class Crew(Protocol):
    """Those who work at a build."""

    @property
    def count(self) -> int:
        """How many they are, this process among them."""

    @property
    def by_area(self) -> bool:
        """Whether shares are to be cut by county, small and many, rather than few."""

    @property
    def peak_memory_mb(self) -> float:
        """The peaks of all of them added up, 10^6 bytes."""

    def give(self, work: Callable[P, T], *args: P.args, **options: P.kwargs) -> Share[T]:
        """Have `work`, a function of a module, done by somebody; its arguments are copied.

        Raises:
            HuanjingError: There is nobody left who could.

        """

    def __enter__(self) -> Crew:
        """The crew itself."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give up what has not begun."""


class _LocalShare(Generic[T]):
    """Waits for its turn here, where whoever asks for its result first may take it back."""

    def __init__(self, processes: Processes, work: Callable[[], T]) -> None:
        self._processes = processes
        self._work: Callable[[], T] | None = work
        self._done: Future[tuple[T, int, float]] = Future()

    def let_go(self) -> Callable[[], T]:
        """The work, which whoever asks is to do."""
        work, self._work = self._work, None
        if work is None:
            raise RuntimeError("a share is done once")
        return work

    def settle(self, done: Future[tuple[T, int, float]]) -> None:
        """Take what a process gave back."""
        fault = done.exception()
        if fault is None:
            self._done.set_result(done.result())
        else:
            self.fail(fault)

    def fail(self, fault: BaseException) -> None:
        """Nobody need wait: the work has failed, or will not be done."""
        self._done.set_exception(fault)

    def raise_if_ended(self) -> None:
        """Say so where it is known already that the processes are gone.

        Raises:
            HuanjingError: They are.

        """
        if self._done.done() and isinstance(self._done.exception(), BrokenProcessPool):
            raise HuanjingError(_ENDED)

    def help(self) -> None:
        """Do the work here if nobody has begun it; never waits."""
        if self._processes.take_back(self):
            try:
                value = self.let_go()()
            except BaseException as fault:
                self.fail(fault)
                raise
            self._done.set_result((value, os.getpid(), 0.0))

    def result(self) -> T:
        """As in `Share`; a process may have been ended from outside."""
        self.help()
        try:
            value, process, peak = self._done.result()
        except BrokenProcessPool as fault:
            raise HuanjingError(_ENDED) from fault
        self._processes.note_peak(process, peak)
        return value


class Processes:
    """`count` processes, this one among them; with one, work is done where it is given away.

    A process has one share under way and one laid ready. The pool itself would lay two ready, and
    for these this process could but wait in the end.
    """

    by_area: Final = False

    def __init__(self, count: int) -> None:
        self.count = count
        self._peaks: dict[int, float] = {}
        self._pool: ProcessPoolExecutor | None = None
        self._lock = threading.Lock()
        self._waiting: deque[_LocalShare[Any]] = deque()
        self._handed_over = 0
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
        with self._lock:
            given_up = tuple(self._waiting)
            self._waiting.clear()
        for share in given_up:
            share.fail(CancelledError())
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def give(self, work: Callable[P, T], *args: P.args, **options: P.kwargs) -> Share[T]:
        """Have `work`, a function of a module, done elsewhere; its arguments are copied.

        Raises:
            HuanjingError: A process was ended from outside.

        """
        share = _LocalShare(self, partial(work, *args, **options))
        with self._lock:
            self._waiting.append(share)
        if self._pool is None:
            share.help()
        else:
            self._hand_over(self._pool)
            share.raise_if_ended()
        return share

    def take_back(self, share: _LocalShare[Any]) -> bool:
        """Whether the share still waited here; then nobody else will do it."""
        with self._lock:
            waited = share in self._waiting
            if waited:
                self._waiting.remove(share)
        return waited

    def _hand_over(self, pool: ProcessPoolExecutor) -> None:
        """Lay ready for the pool what it has room for."""
        while True:
            with self._lock:
                if not self._waiting or self._handed_over >= 2 * (self.count - 1):
                    return
                share = self._waiting.popleft()
                self._handed_over += 1
            try:
                done = pool.submit(_measure, share.let_go())
            except RuntimeError as fault:  # ended, by us or from outside
                with self._lock:
                    self._handed_over -= 1
                share.fail(fault)
            else:
                done.add_done_callback(partial(self._take, pool, share))

    def _take(self, pool: ProcessPoolExecutor, share: _LocalShare[Any], done: Future[Any]) -> None:
        """A process is done with a share, or is gone."""
        with self._lock:
            self._handed_over -= 1
        if done.cancelled():
            share.fail(CancelledError())
        else:
            self._hand_over(pool)
            share.settle(done)

    def note_peak(self, process: int, peak_mb: float) -> None:
        """Remember the most memory that a process has held so far."""
        self._peaks[process] = max(peak_mb, self._peaks.get(process, 0.0))

    @property
    def peak_memory_mb(self) -> float:
        """The peaks of all processes added up, 10^6 bytes; pages that they share count twice."""
        return read_own_peak_mb() + sum(
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


def _measure(work: Callable[[], T]) -> tuple[T, int, float]:
    value = work()
    return value, os.getpid(), read_own_peak_mb()


def read_own_peak_mb() -> float:
    """The most memory that this process has held so far, 10^6 bytes."""
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
