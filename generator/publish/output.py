"""The one door to the disk: a site is written into a fresh folder and put in place whole.

Layout while building, beside the target `site/`:

    .site-staging/    the new site; removed when the build fails
    .site-previous/   the old one, for the moment between two renames where the system cannot make
                      two folders change places; put back if that moment was interrupted
    .site-cache/      results kept for the next build (generator.cache); may be deleted any time

A failed build leaves `site/` as it was. A file is hashed while it is written, so the manifest
cannot disagree with the bytes. Nothing is overwritten: two writers of one address are a fault.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final

from generator.errors import OutputError, RouteError
from generator.mirror.manifest import MANIFEST, Entry, is_safe_path
from generator.publish.exchange import exchange
from generator.publish.former import FileRecord, FormerSite
from generator.publish.privacy_gate import Leak, PrivacyGate

_REASONS: Final[Mapping[int, str]] = {
    errno.ENOSPC: "磁盘已满，或不能再有更多的文件",
    errno.EDQUOT: "超出磁盘配额",
    errno.EROFS: "磁盘是只读的",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EIO: "磁盘读写出错",
}
"""Why a disk refuses."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a writer has done, for another writer of the same site to take in."""

    files: tuple[FileRecord, ...]
    kept_files: int
    leaks: tuple[Leak, ...]


class SiteWriter:
    """Writes files below one staging folder, shows each to the gate and keeps its record.

    A file that the former site has already is linked from there instead of being written.
    """

    def __init__(
        self,
        staging: Path,
        gate: PrivacyGate | None = None,
        former: FormerSite | None = None,
    ) -> None:
        self.staging = staging
        self._gate = PrivacyGate() if gate is None else gate
        self._former = FormerSite(staging) if former is None else former
        self._files: dict[str, FileRecord] = {}
        self.kept_files = 0
        self._taken: dict[str, str] = {}
        self._folders: set[str] = set()

    def keep(self, route: str, key: str) -> bool:
        """Whether the former site's file `route` was made from `key` and is taken over.

        Raises:
            RouteError, OutputError: As for `write`.

        """
        self._claim(route)
        self._make_folder(route)
        file = self._former.take(route, key, self.staging)
        if file is None:
            return False
        self._files[route] = file
        self.kept_files += 1
        return True

    def keep_same(self, files: Iterable[tuple[str, str]]) -> bool:
        """Whether all of these files, by address and SHA-256, are taken over; else none is.

        Raises:
            RouteError, OutputError: As for `write`.

        """
        taken: dict[str, FileRecord] = {}
        for route, sha256 in files:
            self._claim(route)
            self._make_folder(route)
            file = self._former.take_equal(route, sha256, self.staging)
            if file is None:
                for other in taken:
                    (self.staging / other).unlink()
                return False
            taken[route] = file
        self._files.update(taken)
        self.kept_files += len(taken)
        return True

    def write(self, route: str, content: bytes, key: str = "") -> Entry:
        """The record of the new file `route`, made from what `key` stands for.

        Raises:
            RouteError: The address is unsafe, of a kind that is not served, or taken, also by
                one that differs in letter case only.
            OutputError: The disk refuses.

        """
        self._claim(route)
        self._gate.inspect(route, content)
        self._make_folder(route)
        sha256 = hashlib.sha256(content).hexdigest()
        same = self._former.take_equal(route, sha256, self.staging)
        if same is not None:
            self.kept_files += 1
            return self._record(replace(same, key=key))
        try:
            # Not open(): it asks the system three times more of each of twenty thousand files.
            file = os.open(f"{self.staging}/{route}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
            try:
                left = memoryview(content)
                while left:
                    left = left[os.write(file, left) :]
                found = os.fstat(file)
            finally:
                os.close(file)
        except OSError as fault:
            raise _describe_refusal(route, fault) from fault
        return self._record(
            FileRecord(route, len(content), sha256, key, found.st_mtime_ns, found.st_ino)
        )

    def copy(self, route: str, source: Path, key: str = "") -> Entry:
        """The record of a file copied byte for byte, hashed while it is copied.

        Raises:
            RouteError, OutputError: As for `write`.

        """
        self._claim(route)
        self._make_folder(route)
        digest, size = hashlib.sha256(), 0
        try:
            self._gate.inspect_file(route, source)
            with source.open("rb") as reader, (self.staging / route).open("xb") as writer:
                while block := reader.read(1 << 20):
                    digest.update(block)
                    size += writer.write(block)
                writer.flush()
                found = os.fstat(writer.fileno())
        except OSError as fault:
            raise _describe_refusal(route, fault) from fault
        return self._record(
            FileRecord(route, size, digest.hexdigest(), key, found.st_mtime_ns, found.st_ino)
        )

    def adopt(self) -> int:
        """How many files that others wrote into the staging folder were taken on record.

        Raises:
            RouteError: One of them has an unsafe address.

        """
        adopted = 0
        for path in sorted(p for p in self.staging.rglob("*") if p.is_file()):
            route = path.relative_to(self.staging).as_posix()
            if route in self._files:
                continue
            self._claim(route)
            content = path.read_bytes()
            self._gate.inspect_page(route, content)
            sha256 = hashlib.sha256(content).hexdigest()
            path.unlink()
            file = self._former.take_equal(route, sha256, self.staging)
            if file is None:
                path.write_bytes(content)
                found = path.stat()
                file = FileRecord(route, len(content), sha256, "", found.st_mtime_ns, found.st_ino)
            else:
                self.kept_files += 1
            self._record(file)
            adopted += 1
        return adopted

    def list_since(self, count: int) -> tuple[FileRecord, ...]:
        """The files behind the first `count`, in the order in which they came."""
        return tuple(islice(self._files.values(), count, None))

    @property
    def count(self) -> int:
        """Number of files so far."""
        return len(self._files)

    @property
    def written(self) -> Written:
        """All that was done so far."""
        return Written(self.files, self.kept_files, self._gate.leaks)

    def take_in(self, written: Written) -> None:
        """Count as one's own what another writer wrote into the same folder.

        Raises:
            RouteError: Both wrote to one address.

        """
        for file in written.files:
            self._claim(file.path)
            self._record(file)
        self.kept_files += written.kept_files
        self._gate.take_in(written.leaks)

    def close(self) -> None:
        """Let the site pass.

        Raises:
            PrivacyError: The gate found something personal.

        """
        self._gate.close()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every file written so far, by address."""
        return tuple(Entry(file.path, file.size_bytes, file.sha256) for file in self.files)

    @property
    def files(self) -> tuple[FileRecord, ...]:
        """The same with what the next build wants to know of them."""
        return tuple(self._files[route] for route in sorted(self._files))

    def _make_folder(self, route: str) -> None:
        folder = route.rpartition("/")[0]
        if folder in self._folders:
            return
        try:
            (self.staging / folder).mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            raise _describe_refusal(route, fault) from fault
        self._folders.add(folder)

    def _claim(self, route: str) -> None:
        if not is_safe_path(route):
            raise RouteError(f"网页地址 {route!r} 不安全或类型不在允许之列，没有写出。")
        taken = self._taken.setdefault(route.lower(), route)
        if taken != route or route in self._files:
            raise RouteError(
                f"两个页面争用同一个地址：{route} 与 {taken}（不分大小写）。请更正重复的编码。"
            )

    def _record(self, file: FileRecord) -> Entry:
        self._files[file.path] = file
        return Entry(file.path, file.size_bytes, file.sha256)


def _describe_refusal(route: str, fault: OSError) -> OutputError:
    return OutputError(f"无法写入 {route}：{_tell_reason(fault)}。请检查磁盘空间和权限。")


def _tell_reason(fault: OSError) -> str:
    return _REASONS.get(fault.errno or 0) or fault.strerror or "读写出错"


@contextmanager
def telling_of_disk(staging: Path) -> Iterator[None]:
    """Let a disk that refuses whoever writes into `staging`, MkDocs too, be told in plain words.

    Raises:
        OutputError: It refused.

    """
    try:
        yield
    except OSError as fault:
        if fault.errno not in _REASONS:
            raise
        raise _describe_refusal(fault.filename or str(staging), fault) from fault


def open_staging(out: Path) -> Path:
    """A fresh, empty staging folder beside `out`; an interrupted switch is mended first.

    Raises:
        OutputError: `out` is a file, or a folder that holds something other than a site of ours
            (it would be lost), or the disk refuses.

    """
    staging, previous = _beside(out, "staging"), _beside(out, "previous")
    try:
        if previous.exists():
            if out.exists():
                shutil.rmtree(previous)
            else:
                previous.rename(out)
        if out.exists() and not out.is_dir():
            raise OutputError(f"输出位置 {out} 是一个文件，不是文件夹。请换一个 --out。")
        if out.is_dir() and any(out.iterdir()) and not (out / MANIFEST).is_file():
            raise OutputError(
                f"输出文件夹 {out} 里有别的东西（没有 {MANIFEST}），为免丢失，没有动它。"
                "请换一个空文件夹作 --out。"
            )
        if staging.exists():
            shutil.rmtree(staging)
        staging.mkdir(parents=True)
    except OSError as fault:
        raise OutputError(
            f"无法准备输出文件夹 {out}：{_tell_reason(fault)}。"
            "请检查磁盘空间和权限；旧网站保持原样。"
        ) from fault
    return staging


def put_in_place(staging: Path, out: Path) -> None:
    """Switch to the new site in one step where the system has it, then the old one goes.

    Raises:
        OutputError: The disk refuses; the old site is back in its place.

    """
    previous = _beside(out, "previous")
    try:
        if not out.exists():
            staging.rename(out)
        elif not exchange(staging, out):
            out.rename(previous)
            try:
                staging.rename(out)
            except OSError:
                previous.rename(out)
                raise
    except OSError as fault:
        raise OutputError(
            f"无法把新网站放到 {out}：{_tell_reason(fault)}。旧网站保持原样。"
        ) from fault
    # What cannot be removed now is removed by the next build.
    discard(staging)
    discard(previous)


def discard(staging: Path) -> None:
    """Remove a staging folder whose build failed."""
    shutil.rmtree(staging, ignore_errors=True)


def _beside(out: Path, word: str) -> Path:
    return out.parent / f".{out.name}-{word}"
