"""A mirror's folder: its lock, its snapshots, the switch, and what is kept of each sync.

The switch is one rename of a symbolic link: a reader gets the old site or the new one, never
nothing. Between any two system calls the process may die; what it leaves behind is a staging
folder that the next sync removes.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from generator.mirror.faults import BusyError, DiskError, RefusedError
from generator.mirror.host import find_identity_fault
from generator.mirror.manifest import HOST, TRACE

IDENTITY_FILE = "host.json"
_SNAPSHOT = re.compile(r"(\d{1,8})(?:\.(\d{1,4}))?")
_EVIDENCE = ("root.json", "targets.json", "release.txt")


@dataclass(frozen=True, slots=True)
class Store:
    """The folder of one mirror."""

    root: Path

    @property
    def state(self) -> Path:
        """Trust, evidence and unfinished downloads."""
        return self.root / "state"

    @property
    def downloads(self) -> Path:
        """Objects on their way."""
        return self.state / "downloads"

    @property
    def snapshots(self) -> Path:
        """One folder for each site kept."""
        return self.root / "snapshots"

    @property
    def staging(self) -> Path:
        """The next site while it is made; on the same file system as the snapshots."""
        return self.snapshots / "staging"

    @property
    def current(self) -> Path:
        """The link that the web server follows."""
        return self.root / "current"

    def find_current(self) -> Path | None:
        """The snapshot that is served; None before the first sync."""
        try:
            target = self.current.readlink()
        except OSError:
            return None
        path = self.root / target
        return path if path.is_dir() and _SNAPSHOT.fullmatch(path.name) else None

    def find_serial(self) -> int:
        """Serial of the newest snapshot that ever stood here; 0 before the first sync.

        The names of the snapshots say it even when all state is lost.
        """
        return max(map(read_serial, self.list_snapshots()), default=0)

    def list_snapshots(self) -> tuple[Path, ...]:
        """Snapshots kept, the oldest first."""
        if not self.snapshots.is_dir():
            return ()
        found = [path for path in self.snapshots.iterdir() if _SNAPSHOT.fullmatch(path.name)]
        return tuple(sorted(found, key=_order))

    def read_evidence(self) -> Mapping[str, bytes]:
        """Root, targets and note of what is served; empty where they are lost."""
        folder = self.state / "evidence"
        try:
            return {name: (folder / name).read_bytes() for name in _EVIDENCE}
        except OSError:
            return {}

    def write_evidence(self, root: bytes, targets: bytes, note: bytes) -> None:
        """Keep what proves the served snapshot, for checks without the network."""
        folder = self.state / "evidence"
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in zip(_EVIDENCE, (root, targets, note), strict=True):
            write_whole(folder / name, content)


@contextlib.contextmanager
def hold_lock(store: Store) -> Iterator[None]:
    """Keep other syncs of the same folder out; the kernel lets go when the process dies.

    Raises:
        BusyError: Another one is at work.
        DiskError: The folder cannot be made or written.

    """
    try:
        store.downloads.mkdir(parents=True, exist_ok=True)
        store.snapshots.mkdir(exist_ok=True)
        lock = os.open(store.state / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as fault:
        raise DiskError(f"无法使用文件夹 {store.root}：{fault.strerror}。") from fault
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as fault:
            raise BusyError(f"{store.root} 正在被另一次同步使用，这一次没有做任何事。") from fault
        yield
    finally:
        os.close(lock)


@contextlib.contextmanager
def name_disk_faults(root: Path) -> Iterator[None]:
    """Turn what the disk refuses into a message with its cure.

    Raises:
        DiskError: Something in the block met an OSError.

    """
    try:
        yield
    except OSError as fault:
        cure = "请检查权限。"
        if fault.errno in {errno.ENOSPC, errno.EDQUOT}:
            cure = "磁盘满了，或者 inode 用完了；请腾出空间（df -h、df -i）后再试。"
        raise DiskError(f"无法写入 {root}：{fault.strerror}。{cure}旧网站保持原样。") from fault


def require_room(store: Store, files: int, size_bytes: int) -> None:
    """Refuse to begin what cannot fit.

    Raises:
        DiskError: Fewer free bytes or inodes than the new snapshot needs.

    """
    found = os.statvfs(store.root)
    free = found.f_bavail * found.f_frsize
    if free < size_bytes:
        raise DiskError(
            f"磁盘空间不够：{store.root} 还剩 {free / 1e6:,.1f} MB，"
            f"需要 {size_bytes / 1e6:,.1f} MB。旧网站保持原样。"
        )
    if found.f_files and found.f_favail < files:
        raise DiskError(
            f"inode 不够：{store.root} 还能建 {found.f_favail:,} 个文件，"
            f"需要 {files:,} 个。旧网站保持原样。"
        )


def begin_staging(store: Store) -> Path:
    """An empty staging folder; what an interrupted sync left is removed."""
    if store.staging.exists():
        shutil.rmtree(store.staging)
    store.staging.mkdir()
    return store.staging


def switch(store: Store, serial: int) -> Path:
    """Make the staging folder the snapshot `serial` and serve it from now on.

    Returns the snapshot. Everything is on the disk before the link is moved.
    """
    target = store.snapshots / str(serial)
    number = 0
    while target.exists():
        number += 1
        target = store.snapshots / f"{serial}.{number}"
    os.sync()
    store.staging.rename(target)
    point_current(store, target)
    return target


def point_current(store: Store, snapshot: Path) -> None:
    """Move the link in one step."""
    fresh = store.root / ".current"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(snapshot.relative_to(store.root))
    fresh.replace(store.current)


def prune(store: Store, keep: int, purge_before: int) -> tuple[Path, ...]:
    """Remove all but the newest `keep` snapshots, and every one that holds withdrawn records.

    Returns the removed ones. The snapshot that is served stays in any case.
    """
    served = store.find_current()
    others = [path for path in store.list_snapshots() if path != served]
    kept = others[-(keep - 1) :] if keep > 1 else []
    gone = [path for path in others if path not in kept or read_serial(path) < purge_before]
    for path in gone:
        shutil.rmtree(path)
    return tuple(gone)


def read_identity(store: Store) -> Mapping[str, str]:
    """What the operator wrote into `host.json`; empty where there is no such file.

    Raises:
        RefusedError: It is not a JSON object of the known names and texts.

    """
    path = store.root / IDENTITY_FILE
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as fault:
        raise RefusedError(f"{path} 不是正确的 JSON：{fault}。") from fault
    wrong = find_identity_fault(found)
    if wrong:
        raise RefusedError(f"{path} {wrong}。")
    return {str(name): str(text) for name, text in found.items()}


def write_own_files(store: Store, folder: Path, host: bytes, facts: Mapping[str, object]) -> None:
    """Put into a site the host's identity, and what `huanjing status` asks its mirrors for."""
    trace = (json.dumps(facts, sort_keys=True, indent=1) + "\n").encode()
    for name, content in ((HOST, host), (TRACE, trace)):
        path = folder / name
        if not path.is_file() or path.read_bytes() != content:
            # By way of a folder that is not served: a dying process leaves no stray file there.
            fresh = store.state / f"{name}.new"
            fresh.write_bytes(content)
            fresh.replace(path)


def read_trace(folder: Path) -> Mapping[str, object]:
    """What the last sync noted; empty where there is nothing readable."""
    try:
        found = json.loads((folder / TRACE).read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file in one step."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_bytes(content)
    fresh.replace(path)


def read_serial(snapshot: Path) -> int:
    """Serial in a snapshot's name."""
    return _order(snapshot)[0]


def _order(snapshot: Path) -> tuple[int, int]:
    found = _SNAPSHOT.fullmatch(snapshot.name)
    return (int(found[1]), int(found[2] or 0)) if found else (0, 0)
