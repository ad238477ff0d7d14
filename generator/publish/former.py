"""The site that stands, as the last build left it: files of it may be taken over by the next.

A file is taken as a hard link, and only while its size, its time and its inode are what the last
build noted: a file that anybody touched since is written anew. Bytes are not read. Nobody writes
into a linked file, since every file of a site is created, never opened for change.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from generator.cache import Cache, digest

_RECORD = digest("former site", 1)


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file of a site, what it was made from, and how to tell that nobody touched it."""

    path: str
    size_bytes: int
    sha256: str
    key: str
    """Digest of everything the file was made from; empty where that is not known."""
    modified_ns: int
    inode: int


class FormerSite:
    """Files of the standing site by address, and what the whole was made from."""

    def __init__(
        self,
        root: Path,
        files: Iterable[FileRecord] = (),
        conditions: str = "",
        inputs: str = "",
        summary: str = "",
    ) -> None:
        self.root = root
        self.conditions = conditions
        """Digest of what the files were let pass under; other conditions, no take-over."""
        self.inputs = inputs
        """Digest of all inputs of the build that made the site; empty without a record."""
        self.summary = summary
        """What that build said of itself, as JSON."""
        self._files = {file.path: file for file in files}

    def under(self, conditions: str) -> FormerSite:
        """The same where it passed under the same conditions, else one without files."""
        return self if self.conditions == conditions else FormerSite(self.root)

    @property
    def files(self) -> tuple[FileRecord, ...]:
        """All recorded files."""
        return tuple(self._files.values())

    def take(self, path: str, key: str, staging: Path) -> FileRecord | None:
        """The file under the same address, made from the same, linked into `staging`."""
        file = self._files.get(path)
        if file is None or not key or file.key != key:
            return None
        return file if self._link(file, staging) else None

    def take_equal(self, path: str, sha256: str, staging: Path) -> FileRecord | None:
        """The file under the same address with the same bytes, linked into `staging`."""
        file = self._files.get(path)
        if file is None or file.sha256 != sha256:
            return None
        return file if self._link(file, staging) else None

    def is_whole(self) -> bool:
        """Whether exactly the recorded files stand there, none of them touched."""
        standing = sum(len(names) for _, _, names in os.walk(self.root))
        return standing == len(self._files) and all(map(self._is_untouched, self._files.values()))

    def _is_untouched(self, file: FileRecord) -> bool:
        try:
            return _matches(file, Path(f"{self.root}/{file.path}").lstat())
        except OSError:
            return False

    def _link(self, file: FileRecord, staging: Path) -> bool:
        target = f"{staging}/{file.path}"
        try:
            os.link(f"{self.root}/{file.path}", target, follow_symlinks=False)
        except OSError:
            return False
        if _matches(file, Path(target).lstat()):
            return True
        with contextlib.suppress(OSError):
            os.unlink(target)  # noqa: PTH108 a text path, for speed
        return False


def _matches(file: FileRecord, found: os.stat_result) -> bool:
    return (found.st_ino, found.st_mtime_ns, found.st_size) == (
        file.inode,
        file.modified_ns,
        file.size_bytes,
    )


def cache_folder(out: Path) -> Path:
    """Where results of this site's builds are kept for the next one."""
    return out.parent / f".{out.name}-cache"


def read_former(root: Path, cache: Cache) -> FormerSite:
    """The record of the site in `root`; one without files where there is no sound record."""
    content = cache.load(_RECORD)
    if content is None:
        return FormerSite(root)
    record: Mapping[str, object] = json.loads(content)
    files = record["files"]
    if record["root"] != root.name or not isinstance(files, list):
        return FormerSite(root)
    return FormerSite(
        root,
        (FileRecord(*file) for file in files),
        str(record["conditions"]),
        str(record["inputs"]),
        str(record["summary"]),
    )


def save_former(site: FormerSite, cache: Cache) -> None:
    """Note the site that was just put in place."""
    record = {
        "root": site.root.name,
        "conditions": site.conditions,
        "inputs": site.inputs,
        "summary": site.summary,
        "files": [
            (file.path, file.size_bytes, file.sha256, file.key, file.modified_ns, file.inode)
            for file in site.files
        ],
    }
    cache.save(_RECORD, json.dumps(record).encode())
