"""One build at a time for each output folder: two would write into one staging folder.

The lock is on the folder of kept results, which both would use, and ends with its process, however
that ends. Source: flock(2).
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from generator.errors import OutputError
from generator.publish.former import cache_folder

try:
    import fcntl
except ImportError:  # not on every system: there nobody is kept away
    fcntl = None  # type: ignore[assignment]


@contextlib.contextmanager
def lock_output(out: Path) -> Iterator[None]:
    """Keep other builds away from the output folder `out`.

    A disk that knows no locks, or refuses the folder, keeps nobody away.

    Raises:
        OutputError: Another build is at work there.

    """
    folder = cache_folder(out)
    lock: int | None = None
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder, os.O_RDONLY)
    try:
        if lock is not None and fcntl is not None:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as fault:
                raise OutputError(
                    f"另一个 huanjing build 正在生成 {out}，没有打扰它。"
                    "请等它结束再运行，或换一个 --out。"
                ) from fault
            except OSError:  # a network disk without locks
                pass
        yield
    finally:
        if lock is not None:
            os.close(lock)
