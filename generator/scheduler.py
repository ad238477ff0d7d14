"""The connection to a Dask scheduler: tasks go out, results come in, and nobody waits for ever.

The scheduler must answer and a worker must be there within `Cluster.patience_s`, and some task must
be finished every `Cluster.stall_s`; else the build ends with one `SchedulerError`. A task whose
worker is lost is given to another by the scheduler, a few times at most.

Only this module and the last function of `generator.remote_crew` know Dask.

Source: docs/adr/0025-past-one-machine.md
"""

from __future__ import annotations

import contextlib
import logging
import time
import uuid
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from generator.errors import SchedulerError
from generator.processes import Cluster

if TYPE_CHECKING:
    from distributed import Client

T = TypeVar("T")
_LOOK_S: Final = 1.0
"""How often the scheduler is asked who is there, while a result is waited for."""
_TRANSFER_S: Final = 120.0
"""For a finished result to come here from its worker."""
_CONNECT_S: Final = 10.0
_CLOSE_S: Final = 5.0
_RETRIES: Final = 2
"""Of a task that failed for a reason of its worker's, such as a full disk."""
_CURE: Final = (
    "旧网站保持原样；请确认调度器和各台机器上的 dask worker 正在运行、网络相通，"
    "或去掉 --scheduler 在本机生成。"
)


@dataclass(frozen=True, slots=True, eq=False)
class Task(Generic[T]):
    """What a worker was given to do, and gives a `T`."""

    future: Any
    """As Dask knows it."""


class Connection:
    """Tasks on the workers of one scheduler, for one build."""

    def __init__(self, cluster: Cluster) -> None:
        """Connect, and wait for the first worker.

        Raises:
            SchedulerError: Dask is not installed, nobody answers, or no worker comes.

        """
        self.build = uuid.uuid4().hex[:12]
        """Keeps apart what several builds do at the same time."""
        self._cluster = cluster
        self._numbers = count()
        self._given: list[Task[Any]] = []
        self._client = _connect(cluster)
        try:
            self._client.wait_for_workers(1, cluster.patience_s)
            self.workers = self._list_workers()
            """Addresses of those who were there at the beginning."""
        except (OSError, TimeoutError) as fault:
            self.close()
            raise self._describe_absence() from fault
        self._seen = time.monotonic()

    def submit(self, name: str, work: Callable[..., T], *args: object, on: str = "") -> Task[T]:
        """Have `work`, a function of a module, done by any worker, or `on` one.

        A task among `args` stands for its result.

        Raises:
            SchedulerError: The connection is lost.

        """
        with warnings.catch_warnings():
            # Dask advises to scatter large values; scattered ones are lost with their worker.
            warnings.simplefilter("ignore", UserWarning)
            try:
                future = self._client.submit(
                    work,
                    *(arg.future if isinstance(arg, Task) else arg for arg in args),
                    key=f"huanjing-{name}-{self.build}-{next(self._numbers)}",
                    pure=False,
                    retries=_RETRIES,
                    workers=[on] if on else None,
                )
            except Exception as fault:  # a closed client has no exception of its own
                raise self._describe_loss() from fault
        task: Task[T] = Task(future)
        self._given.append(task)
        return task

    def receive(self, task: Task[T]) -> T:
        """The result, waited for as long as there is hope; it can be had once.

        Raises:
            SchedulerError: There is none.
            Exception: Whatever the work raised.

        """
        from distributed import CancelledError, KilledWorker, wait

        future = task.future
        begun = time.monotonic()
        done = -1
        try:
            while True:
                try:
                    with self._client.as_current():
                        wait([future], timeout=_LOOK_S)
                    if future.status == "error" or future.status == "finished":
                        break
                except TimeoutError:
                    now_done = sum(one.future.done() for one in self._given)
                    if now_done != done:
                        begun, done = time.monotonic(), now_done
                    self._look(begun)
            result: T = future.result(_TRANSFER_S)
            self._given.remove(task)
            future.release()  # workers need not hold it any longer
            return result
        except CancelledError as fault:
            raise self._describe_loss() from fault
        except KilledWorker as fault:
            raise SchedulerError(
                f"同一份工作接连使 {fault.allowed_failures + 1} 个工作进程中止"
                f"（最后一个是 {fault.last_worker.address}），多半是内存不足。旧网站保持原样；"
                "请给工作进程更多内存，或去掉 --scheduler 在本机生成。"
            ) from fault
        except (OSError, MemoryError) as fault:  # TimeoutError is an OSError
            if future.status != "error":
                raise self._describe_loss() from fault
            raise SchedulerError(
                f"工作进程出错：{type(fault).__name__}：{fault}。旧网站保持原样；"
                "请检查各台机器的内存和磁盘空间。"
            ) from fault

    def close(self) -> None:
        """Give up what is not finished."""
        with contextlib.suppress(Exception):  # a scheduler that is gone cannot be told
            self._client.close(timeout=_CLOSE_S)

    def _look(self, begun: float) -> None:
        """Go on waiting, or not.

        Raises:
            SchedulerError: Nobody was there for too long, or nothing was finished since `begun`.

        """
        try:
            if self._list_workers():
                self._seen = time.monotonic()
        except (OSError, TimeoutError):
            pass  # perhaps next time
        now = time.monotonic()
        if now - self._seen > self._cluster.patience_s:
            raise self._describe_absence()
        if now - begun > self._cluster.stall_s:
            raise SchedulerError(
                f"{self._cluster.stall_s / 60:.0f} 分钟里没有一份工作完成，不再等待。{_CURE}"
            )

    def _list_workers(self) -> tuple[str, ...]:
        ask = self._client.scheduler.ncores
        return tuple(sorted(self._client.sync(ask, callback_timeout=max(_LOOK_S, 5.0))))

    def _describe_absence(self) -> SchedulerError:
        return SchedulerError(
            f"调度器 {self._cluster.address} 已有 {self._cluster.patience_s:.0f} 秒"
            f"没有一个工作进程可用。{_CURE}"
        )

    def _describe_loss(self) -> SchedulerError:
        return SchedulerError(f"与调度器 {self._cluster.address} 的连接断了。{_CURE}")


def _connect(cluster: Cluster) -> Client:
    try:
        from distributed import Client
    except ImportError as fault:
        raise SchedulerError(
            "--scheduler 要先安装 Dask：pip install 'huanjing[scheduler]'。"
        ) from fault
    for name in ("distributed", "distributed.client", "distributed.comm", "tornado.application"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what happens is told in our words
    try:
        return Client(
            cluster.address,
            timeout=min(_CONNECT_S, cluster.patience_s),
            set_as_default=False,
            name="huanjing",
        )
    except (OSError, ValueError) as fault:
        raise SchedulerError(
            f"连不上调度器 {cluster.address}：{fault}。地址写作 tcp://主机:8786。{_CURE}"
        ) from fault
