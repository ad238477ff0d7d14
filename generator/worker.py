"""What a worker of a scheduler does with a share of a build, and how both sides pack it.

A worker needs the same `huanjing` as the one who builds, and no common file system: an order holds
the work and its plain values, `Materials` what pages are made with. The share is made in a fresh
folder that is gone afterwards; templates stay for the next one. Its files come back as one block of
bytes, with the result or by way of an exchange. So an order that is carried out twice, because the
first worker was lost, gives the same bytes and leaves nothing of the site behind.
"""

from __future__ import annotations

import hashlib
import io
import pickle
import tempfile
import threading
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, Final

from generator.cache import describe_program, digest
from generator.errors import HuanjingError, SchedulerError, StoreError
from generator.processes import read_own_peak_mb, without_collector
from generator.publish.former import FormerSite
from generator.publish.stores import Store
from generator.site.shell import Shell
from generator.workshop import Made, Workshop

_WORKSHOP: Final = "workshop"
_FORMER: Final = "former"
_ONE_AT_A_TIME: Final = threading.Lock()
"""A worker may have several threads; shares are made for a process of their own."""


@dataclass(frozen=True, slots=True)
class Materials:
    """What pages are made with, by value."""

    templates: tuple[Mapping[str, bytes], ...] = field(compare=False)
    """The files of each folder of templates, by path."""
    templates_state: str
    """Stands for them."""
    shells: Mapping[str, Shell] = field(compare=False)
    program: str
    exempt: Collection[str] = field(compare=False)
    state: str
    """As in `Workshop`."""

    def set_up(self, staging: Path, folder: Path) -> Workshop:
        """A workshop that writes into `staging`; templates stay below `folder` for the next one."""
        roots = _lay_out(self, folder)
        return Workshop(staging, roots.paths, self.shells, self.program, self.exempt, self.state)


@dataclass(frozen=True, slots=True)
class Order:
    """A share of a build."""

    program: str
    """What the worker must be running, as `describe_program` tells."""
    work: bytes
    """The function and its values, pickled."""
    exchange: str
    """URL by way of which the files come back; empty for with the result."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What became of an order."""

    worker: str
    """Where it was carried out."""
    peak_mb: float
    """The most memory that this worker has held so far, 10^6 bytes."""
    value: object = None
    fault: HuanjingError | None = None
    """Why there is no value; trying again would not help."""
    files: bytes = b""
    """The contents of the files, one behind the other."""
    files_name: str = ""
    """The object with the contents, where they lie in the exchange."""
    files_sha256: str = ""


def gather_materials(workshop: Workshop) -> Materials:
    """What a worker needs of the workshop."""
    templates = tuple(
        {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        for folder in workshop.templates
    )
    return Materials(
        templates,
        digest(templates),
        workshop.shells,
        workshop.program,
        workshop.exempt,
        workshop.state,
    )


def pack_work(work: Callable[[], object]) -> tuple[bytes, Workshop | None]:
    """The work as bytes, and the workshop among its values, which stays behind."""
    buffer = io.BytesIO()
    packer = _Packer(buffer, protocol=5)
    packer.dump(work)
    return buffer.getvalue(), packer.workshop


def carry_out(order: Order, materials: Materials | None, worker: str, folder: Path) -> Parcel:
    """Do the work of an order, below `folder`; what people can mend comes back as a fault.

    Raises:
        Exception: Whatever else went wrong.

    """
    with _ONE_AT_A_TIME, without_collector(), tempfile.TemporaryDirectory(dir=folder) as staging:
        empty = Parcel(worker, 0.0)
        if describe_program() != order.program:
            return replace(empty, fault=SchedulerError(describe_mismatch(worker)))
        try:
            workshop = None if materials is None else materials.set_up(Path(staging), folder)
            value = _Unpacker(io.BytesIO(order.work), workshop).load()()
            parcel = replace(empty, value=value, peak_mb=read_own_peak_mb())
            if workshop is None or not isinstance(value, Made):
                return parcel
            files = b"".join(
                (workshop.staging / file.path).read_bytes() for file in value.written.files
            )
            if not order.exchange:
                return replace(parcel, files=files)
            # Of its own for each attempt: a worker that was given up may still be writing.
            name = uuid.uuid4().hex
            Store(order.exchange).write({name: files})
            sha256 = hashlib.sha256(files).hexdigest()
            return replace(parcel, files_name=name, files_sha256=sha256)
        except StoreError as fault:
            return replace(empty, fault=StoreError(f"工作进程 {worker}：{fault}"))
        except HuanjingError as fault:
            return replace(empty, fault=fault)


def unpack_made(made: Made, files: bytes) -> Made:
    """The share with the contents of its files, which are cut out of one block.

    Raises:
        SchedulerError: The block is too short or too long.

    """
    ends = list(accumulate((file.size_bytes for file in made.written.files), initial=0))
    if ends[-1] != len(files):
        raise SchedulerError(
            f"工作进程交来的文件不完整：应有 {ends[-1]:,} 字节，收到 {len(files):,}。"
            "旧网站保持原样，请重试。"
        )
    return replace(made, contents=tuple(files[begin:end] for begin, end in pairwise(ends)))


def describe_mismatch(worker: str) -> str:
    """What to tell of a worker that runs another program."""
    return (
        f"工作进程 {worker} 上的环镜与本机不同（程序、Python 或某个库的版本），"
        "做出的网页可能不一样，没有用它。旧网站保持原样；"
        "请在每台机器上装同一个版本，用同一个 requirements.txt，再重启工作进程。"
    )


class _Templates:
    """The folders of templates on a worker's disk; they go when nobody needs them."""

    def __init__(self, materials: Materials, folder: Path) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="templates-", dir=folder)
        self.paths = tuple(
            Path(self._folder.name, str(number)) for number in range(len(materials.templates))
        )
        for root, files in zip(self.paths, materials.templates, strict=True):
            for path, content in files.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_bytes(content)


@lru_cache(maxsize=1)
def _lay_out(materials: Materials, folder: Path) -> _Templates:
    """The templates of a build, which all its shares on this worker have in common."""
    return _Templates(materials, folder)


class _Packer(pickle.Pickler):
    """Leaves out what each machine has its own of."""

    workshop: Workshop | None = None

    def persistent_id(self, value: Any) -> str | None:
        kind = type(value)
        if kind is Workshop:
            self.workshop = value
            return _WORKSHOP
        return _FORMER if kind is FormerSite else None


class _Unpacker(pickle.Unpickler):
    """Puts the worker's own in those places; on a worker no former site stands."""

    def __init__(self, packed: io.BytesIO, workshop: Workshop | None) -> None:
        super().__init__(packed)
        self._workshop = workshop

    def persistent_load(self, name: Any) -> object:
        if self._workshop is None:
            raise pickle.UnpicklingError("an order without materials refers to its workshop")
        return self._workshop if name == _WORKSHOP else FormerSite(self._workshop.staging)
