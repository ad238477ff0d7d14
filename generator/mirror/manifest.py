"""The list of every file of a site with its size and SHA-256, written last.

`manifest.json`, one file to a line so that two manifests can be compared by eye and read by
`sed` (`release/mirror.sh` does):

    {"manifest": 1,
     "data_date": "2016-07-03",
     "files": [
    {"path": "about.html", "size": 7301, "sha256": "…"},
    …
    ]}

The manifest lists neither itself nor the two files that each host has its own of. It names no
build time and no machine, so unchanged data gives an unchanged manifest.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from generator.mirror.faults import RefusedError

VERSION = 1
MANIFEST = "manifest.json"
HOST = "host.js"
"""The footer identity of the host that serves the site."""
TRACE = "mirror.json"
"""What a mirror tells about its own syncs."""
OWN_FILES = frozenset({MANIFEST, HOST, TRACE})
SECURITY = ".well-known/security.txt"
"""The one file in a folder whose name begins with a dot. Source: RFC 9116 §3"""

# What a page of ours may be made of. Server configuration and anything executable stays out, on
# the publisher's side and again on the mirror's.
ALLOWED_EXTENSIONS = frozenset(
    {
        "html", "css", "js", "json", "csv", "xlsx", "parquet", "zip", "xml", "txt",
        "svg", "png", "jpg", "webp", "avif", "ico", "pdf", "md",
    }
)  # fmt: skip
_SAFE_ROUTE = re.compile(
    r"(?:[0-9A-Za-z][0-9A-Za-z._-]{0,79}/){0,5}[0-9A-Za-z][0-9A-Za-z._-]{0,79}"
)
_SHA256 = re.compile(r"[0-9a-f]{64}")
# Windows refuses these names with any extension.
_RESERVED = re.compile(r"(?:^|/)(?:con|prn|aux|nul|com\d|lpt\d)(?:\.[^/]*)?(?:/|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the site, as the manifest lists it."""

    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a folder differs from its manifest; paths sorted."""

    missing: tuple[str, ...]
    altered: tuple[str, ...]
    extra: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Whether exactly the listed files stand there, byte for byte."""
        return not (self.missing or self.altered or self.extra)

    def describe(self) -> str:
        """The differences in a line, up to three names of each kind."""
        parts = [
            f"{word} {len(names)} 个（{'、'.join(names[:3])}{'…' if len(names) > 3 else ''}）"
            for word, names in (
                ("缺少", self.missing),
                ("改动", self.altered),
                ("多出", self.extra),
            )
            if names
        ]
        return "，".join(parts) or "没有差别"


def is_safe_path(path: str) -> bool:
    """Whether a site may hold a file of this name: ASCII, no dotfile but one, a kind served."""
    return path == SECURITY or (
        _SAFE_ROUTE.fullmatch(path) is not None
        and path.rpartition(".")[2] in ALLOWED_EXTENSIONS
        and _RESERVED.search(path) is None
    )


def format_manifest(entries: Iterable[Entry], data_date: dt.date) -> bytes:
    """The manifest's bytes; entries come out sorted by path."""
    lines = ",\n".join(
        json.dumps(
            {"path": entry.path, "size": entry.size_bytes, "sha256": entry.sha256},
            ensure_ascii=False,
        )
        for entry in sorted(entries, key=lambda entry: entry.path)
        if entry.path not in OWN_FILES
    )
    head = f'{{"manifest": {VERSION},\n "data_date": "{data_date.isoformat()}",\n "files": [\n'
    return f"{head}{lines}\n]}}\n".encode()


def read_manifest(content: bytes) -> tuple[Entry, ...]:
    """The entries of a manifest, as `format_manifest` wrote them.

    Raises:
        RefusedError: It is no manifest, or lists a name that is unsafe, doubled, different from
            another in letter case only, or a file and its folder at once; all are named.

    """
    try:
        document = json.loads(content)
        entries = tuple(
            Entry(str(entry["path"]), int(entry["size"]), str(entry["sha256"]))
            for entry in document["files"]
        )
    except (ValueError, KeyError, TypeError) as fault:
        raise RefusedError(f"{MANIFEST} 不是文件清单：{fault}。") from fault
    problems = list(_find_problems(entries))
    if problems:
        shown = "\n".join(f"  - {problem}" for problem in problems[:10])
        raise RefusedError(f"{MANIFEST} 里有 {len(problems)} 个不能接受的文件名：\n{shown}")
    return entries


def read_data_date(content: bytes) -> str:
    """The day that the site's figures speak of, as the manifest states it."""
    return str(json.loads(content)["data_date"])


def _find_problems(entries: Iterable[Entry]) -> Iterator[str]:
    taken: dict[str, str] = {}
    folders: set[str] = set()
    for entry in entries:
        path = entry.path
        if not is_safe_path(path) or path in OWN_FILES:
            yield f"{path!r}：不安全，或类型不在允许之列"
        if entry.size_bytes < 0 or not _SHA256.fullmatch(entry.sha256):
            yield f"{path!r}：大小或 SHA-256 写法不对"
        other = taken.setdefault(path.lower(), path)
        if other is not path:
            yield f"{path!r} 与 {other!r} 重名（不分大小写）"
        parts = path.lower().split("/")
        folders.update("/".join(parts[:end]) for end in range(1, len(parts)))
    for folder in sorted(folders & set(taken)):
        yield f"{taken[folder]!r} 既是文件又是文件夹"


def compare_folder(root: Path, manifest: bytes | None = None) -> Comparison:
    """How the files of a site folder differ from its manifest, or from the one given.

    Anything that is neither a file nor a folder, such as a link or a device, counts as extra.
    """
    content = (root / MANIFEST).read_bytes() if manifest is None else manifest
    listed = {entry.path: entry for entry in read_manifest(content)}
    present = dict(_walk(str(root)))
    for own in OWN_FILES:
        if present.get(own) is not None:
            del present[own]
    return Comparison(
        missing=tuple(sorted(set(listed) - set(present))),
        altered=tuple(
            path
            for path in sorted(set(listed) & set(present))
            if present[path] is None or not _is_as_listed(root, listed[path])
        ),
        extra=tuple(sorted(set(present) - set(listed))),
    )


def hash_file(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_as_listed(root: Path, entry: Entry) -> bool:
    path = root / entry.path
    return path.stat().st_size == entry.size_bytes and hash_file(path) == entry.sha256


def _walk(root: str, below: str = "") -> Iterator[tuple[str, int | None]]:
    """Every path that is not a folder, with its size; None for what is no regular file."""
    with os.scandir(f"{root}/{below}") as found:
        for item in found:
            path = f"{below}{item.name}"
            if item.is_dir(follow_symlinks=False):
                yield from _walk(root, f"{path}/")
            elif item.is_file(follow_symlinks=False):
                yield path, item.stat(follow_symlinks=False).st_size
            else:
                yield path, None
