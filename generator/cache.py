"""Results kept from one build to the next, each under a digest of everything it was made from.

The cache decides nothing: a key names its inputs, so an entry is either right or not there. An
entry that was cut short, swapped or altered fails its checksum and counts as absent. Whoever
deletes the folder gets the same site, later.

    .huanjing-cache/ab/ab34….bin    SHA-256 of the content (32 bytes), then the content

What a build neither read nor wrote is dropped at its end: the folder holds one build.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import pickle
import sys
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import cache, lru_cache
from operator import attrgetter
from pathlib import Path
from typing import Any

FOLDER = ".huanjing-cache"
_CHECKSUM_BYTES = 32


def digest(*parts: object) -> str:
    """A key that differs where any of the values differs: 32 hexadecimal digits.

    Takes texts, numbers, dates and (nested) tuples, mappings and frozen dataclasses of them.
    Pickling serves as the encoding only; nothing is ever unpickled.
    """
    buffer = io.BytesIO()
    pickler = _Encoder(buffer, protocol=5)
    pickler.fast = True  # no memo: the bytes follow from the values, not from shared objects
    pickler.dump(parts)
    return hashlib.blake2b(buffer.getbuffer(), digest_size=16).hexdigest()


class _Encoder(pickle.Pickler):
    """Encodes a dataclass as its name and its values, five times faster than pickle alone."""

    def reducer_override(self, value: Any) -> Any:
        """The dataclass as a call with its type's name and its values; others as pickle does."""
        read_values = _find_getter(type(value))  # type: ignore[arg-type]  # a class is hashable
        if read_values is None:
            return NotImplemented
        return _name_type, (type(value).__qualname__, read_values(value))


def _name_type(name: str, values: object) -> tuple[str, object]:
    """What an encoded dataclass would be decoded to, were it ever."""
    return name, values


@cache
def _find_getter(kind: object) -> Callable[[object], object] | None:
    if not is_dataclass(kind) or not isinstance(kind, type):
        return None
    names = [field.name for field in fields(kind)]
    return attrgetter(*names) if names else None


@lru_cache(maxsize=1)
def describe_program() -> str:
    """A digest of this generator's code and data, of Python, and of every library's version."""
    package = Path(__file__).parent
    sources = tuple(
        (path.relative_to(package).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest())
        for path in sorted(package.rglob("*"))
        if "__pycache__" not in path.parts and path.is_file()
    )
    libraries = sorted(
        {
            found.name
            for entry in sys.path
            if Path(entry).is_dir()
            for found in Path(entry).glob("*.dist-info")
        }
    )
    return digest(sys.version, sources, tuple(libraries))


class Cache:
    """Content by key in one folder; without a folder nothing is kept."""

    def __init__(self, folder: Path | None, program: str | None = None) -> None:
        """`program` stands for the code that made the entries; it is part of every key."""
        self._folder = folder
        self.program = describe_program() if program is None else program
        self._used: set[str] = set()
        self._files: dict[Path, str] = {}

    def key(self, topic: str, *parts: object) -> str:
        """The key of a result: what it is about, its inputs, and the program that made it."""
        return digest(topic, self.program, parts)

    def file_digest(self, path: Path) -> str:
        """SHA-256 of a file, read once a build; empty where there is none, or nothing is kept."""
        if self._folder is None:
            return ""
        if path not in self._files:
            try:
                with path.open("rb") as file:
                    self._files[path] = hashlib.file_digest(file, "sha256").hexdigest()
            except OSError:
                self._files[path] = ""
        return self._files[path]

    def load(self, key: str) -> bytes | None:
        """The content kept under `key`; None where there is none or it fails its checksum."""
        if self._folder is None:
            return None
        try:
            stored = self._path(key).read_bytes()
        except OSError:
            return None
        content = memoryview(stored)[_CHECKSUM_BYTES:]
        if hashlib.sha256(key.encode() + content).digest() != stored[:_CHECKSUM_BYTES]:
            return None
        self._used.add(key)
        return bytes(content)

    def keep(self, key: str) -> bool:
        """Whether there is an entry, which is spared by `prune` even if nobody loads it."""
        if self._folder is None or not self._path(key).is_file():
            return False
        self._used.add(key)
        return True

    def save(self, key: str, content: bytes) -> bool:
        """Whether `content` is kept; a disk that refuses costs the next build time, no more."""
        if self._folder is None:
            return False
        path = self._path(key)
        partial = path.with_suffix(f".{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as file:
                file.write(hashlib.sha256(key.encode() + content).digest())
                file.write(content)
            partial.replace(path)
        except OSError:
            with contextlib.suppress(OSError):  # it may be read-only
                partial.unlink(missing_ok=True)
            return False
        self._used.add(key)
        return True

    def prune(self) -> None:
        """Drop what was neither read nor written since this cache was opened."""
        if self._folder is None:
            return
        kept = {self._path(key) for key in self._used}
        for path in self._folder.glob("*/*"):
            if path not in kept:
                with contextlib.suppress(OSError):
                    path.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        if self._folder is None:
            raise ValueError("a cache without a folder has no paths")
        return self._folder / key[:2] / f"{key}.bin"


NO_CACHE = Cache(None, program="")
"""Keeps nothing."""
