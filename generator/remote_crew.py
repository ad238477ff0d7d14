"""A crew whose other members are the workers of a scheduler, which may be other machines.

What goes there and comes back is in `generator.worker`; who waits how long, in
`generator.scheduler`. Files come with the result, by way of the scheduler, or through an exchange:
a store that all machines reach.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Generic, ParamSpec, TypeVar

from generator.cache import describe_program
from generator.errors import SchedulerError, StoreError
from generator.processes import Cluster, Share, read_own_peak_mb
from generator.publish.stores import Store
from generator.scheduler import Connection, Task
from generator.worker import (
    Materials,
    Order,
    Parcel,
    carry_out,
    describe_mismatch,
    gather_materials,
    pack_work,
    unpack_made,
)
from generator.workshop import Made, Workshop

T = TypeVar("T")
P = ParamSpec("P")


_GREETING: Final = "greeting"
"""Object in the exchange that workers look for."""


@dataclass(frozen=True, slots=True)
class _Greeting:
    """What a worker answers."""

    program: str
    found: bytes | None
    """The greeting in the exchange."""
    fault: str = ""
    """Why the exchange cannot be read."""


class _RemoteShare(Generic[T]):
    """Work that a worker does."""

    def __init__(self, crew: RemoteCrew, task: Task[Parcel]) -> None:
        self._crew = crew
        self._task = task

    def help(self) -> None:
        """Nothing: whether a worker has begun cannot be known without asking."""

    def result(self) -> T:
        """As in `Share`."""
        value: T = self._crew.fetch(self._task)
        return value


class RemoteCrew:
    """The workers of a scheduler, and this process."""

    by_area: Final = True

    def __init__(self, cluster: Cluster, program: str) -> None:
        """Connect, and look whether the workers run `program`.

        Raises:
            SchedulerError: Dask is not installed, nobody answers, no worker comes, or one runs
                another program.
            StoreError: The exchange cannot be used, here or by one of the workers.

        """
        self._program = program
        self._materials: tuple[Workshop, Task[Materials]] | None = None
        self._peaks: dict[str, float] = {}
        self._exchange: Store | None = None
        self._connection = Connection(cluster)
        try:
            if cluster.exchange:
                folder = f"{cluster.exchange.rstrip('/')}/huanjing-{self._connection.build}"
                self._exchange = Store(folder)
                self._exchange.write({_GREETING: folder.encode()})
            self._greet_workers()
        except BaseException:
            self._leave()
            raise

    def __enter__(self) -> RemoteCrew:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leave()

    def _leave(self) -> None:
        self._connection.close()
        if self._exchange is not None:
            # What stays there bears this build's own name and is of no use to any other.
            with contextlib.suppress(StoreError):
                self._exchange.remove_all()

    @property
    def count(self) -> int:
        """The workers that were there at the beginning, and this process."""
        return len(self._connection.workers) + 1

    @property
    def peak_memory_mb(self) -> float:
        """The peaks of all that did a share, and of this process, added up, 10^6 bytes."""
        return read_own_peak_mb() + sum(self._peaks.values())

    def give(self, work: Callable[P, T], *args: P.args, **options: P.kwargs) -> Share[T]:
        """Have `work`, a function of a module, done by a worker; its arguments are copied.

        Raises:
            SchedulerError: The connection is lost.

        """
        packed, workshop = pack_work(partial(work, *args, **options))
        materials = None if workshop is None else self._share_materials(workshop)
        order = Order(self._program, packed, "" if self._exchange is None else self._exchange.url)
        name = getattr(work, "__name__", "share").strip("_")
        return _RemoteShare(self, self._connection.submit(name, _do_here, order, materials))

    def fetch(self, task: Task[Parcel]) -> Any:
        """What a share's work returned; the contents of its files are at hand.

        Raises:
            SchedulerError: Its workers are gone, or nothing was finished for too long.
            StoreError: The files are not in the exchange.
            Exception: What the work raised.

        """
        try:
            parcel = self._connection.receive(task)
        except (ImportError, AttributeError) as fault:
            raise SchedulerError(describe_mismatch("之一")) from fault
        if parcel.fault is not None:
            raise parcel.fault
        self._peaks[parcel.worker] = max(parcel.peak_mb, self._peaks.get(parcel.worker, 0.0))
        if not isinstance(parcel.value, Made):
            return parcel.value
        return unpack_made(parcel.value, self._open_files(parcel))

    def _greet_workers(self) -> None:
        """Ask every worker what it runs and whether it knows the exchange.

        Those who come later are asked with their first order.
        """
        exchange = self._exchange
        url = "" if exchange is None else exchange.url
        workers = self._connection.workers
        asked = [self._connection.submit("greeting", _greet, url, on=worker) for worker in workers]
        for worker, answer in zip(workers, asked, strict=True):
            try:
                greeting = self._connection.receive(answer)
            except (ImportError, AttributeError):
                raise SchedulerError(describe_mismatch(worker)) from None
            if greeting.program != self._program:
                raise SchedulerError(describe_mismatch(worker))
            if greeting.fault:
                raise StoreError(f"工作进程 {worker}：{greeting.fault}")
            if exchange is not None and greeting.found != url.encode():
                raise StoreError(_describe_other_store(worker, exchange))

    def _share_materials(self, workshop: Workshop) -> Task[Materials]:
        """The workshop's materials as a task, which any worker can do again."""
        if self._materials is None or self._materials[0] is not workshop:
            made = self._connection.submit("materials", _hand_over, gather_materials(workshop))
            self._materials = workshop, made
        return self._materials[1]

    def _open_files(self, parcel: Parcel) -> bytes:
        if not parcel.files_name:
            return parcel.files
        if self._exchange is None:
            raise ValueError("files in an exchange that was not asked for")
        files = self._exchange.read(parcel.files_name)
        if files is None:
            raise StoreError(_describe_other_store(parcel.worker, self._exchange))
        self._exchange.remove({parcel.files_name})
        if hashlib.sha256(files).hexdigest() != parcel.files_sha256:
            raise StoreError(
                f"经 {self._exchange.name} 交来的文件在途中损坏（SHA-256 不同）。"
                "旧网站保持原样，请重试。"
            )
        return files


def _describe_other_store(worker: str, exchange: Store) -> str:
    return (
        f"工作进程 {worker} 和本机在 {exchange.name} 里看到的不是同一批文件。"
        "旧网站保持原样；--exchange 要写各台机器都能读写的同一个存储。"
    )


def _greet(exchange: str) -> _Greeting:
    """Ran on a worker: what it is, and what it finds in the exchange."""
    try:
        found = Store(exchange).read(_GREETING) if exchange else None
    except StoreError as fault:
        return _Greeting(describe_program(), None, str(fault))
    return _Greeting(describe_program(), found)


def _hand_over(materials: Materials) -> Materials:
    return materials


def _do_here(order: Order, materials: Materials | None) -> Parcel:
    """Carry an order out on the worker that runs this."""
    from distributed import get_worker

    worker = get_worker()
    return carry_out(order, materials, worker.address, Path(worker.local_directory))
