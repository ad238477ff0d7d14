"""The folder that mirrors read: objects by their hash, TUF metadata, and the plain tools' files.

Everything but the two pointers is written once under a name that no other content can have. So a
mirror in the middle of a sync finds what it began with, and the two pointers, moved last, are all
that makes a release the newest one.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tuf.api.metadata import (
    Metadata,
    MetaFile,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from generator.release.history import Pack
from generator.release.keys import (
    RELEASE_NAMESPACE,
    SIGNERS,
    OnlineKeys,
    list_roots,
    sign_ssh,
)

SUMS = "SHA256SUMS"
KEPT_RELEASES = 2
"""Releases whose objects stay, so that a sync that began before the newest can end."""
_VERSION = re.compile(r"(\d+)\.(?:targets|snapshot)\.json")


@dataclass(frozen=True, slots=True)
class Repository:
    """The published folder."""

    root: Path

    def locate(self, name: str, sha256: str) -> Path:
        """Where the object `name` lies: its hash stands before the last part of its name."""
        folder, _, base = name.rpartition("/")
        return self.root / "targets" / folder / f"{sha256}.{base}"

    def add(self, name: str, content: bytes) -> Pack:
        """Publish a small object."""
        pack = Pack(hashlib.sha256(content).hexdigest(), len(content))
        path = self.locate(name, pack.sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return pack

    def add_file(self, name: str, source: Path) -> Pack:
        """Publish an object that lies in a file; the file is moved."""
        with source.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        pack = Pack(sha256, source.stat().st_size)
        path = self.locate(name, sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        source.replace(path)
        return pack

    def sign(
        self, serial: int, objects: Mapping[str, Pack], expires: dt.datetime, keys: OnlineKeys
    ) -> None:
        """Sign a release for both kinds of mirrors, and make it the newest one."""
        metadata = self.root / "metadata"
        metadata.mkdir(parents=True, exist_ok=True)
        targets = Metadata(Targets(version=serial, expires=expires))
        for name, pack in sorted(objects.items()):
            targets.signed.targets[name] = TargetFile(
                pack.size_bytes, {"sha256": pack.sha256}, name
            )
        targets.sign(keys.signers["targets"])
        targets.to_file(str(metadata / f"{serial}.targets.json"))
        snapshot = Metadata(Snapshot(version=serial, expires=expires))
        # With hashes, so that no two releases of one serial have the same timestamp.
        snapshot.signed.meta = {"targets.json": _describe(serial, targets)}
        snapshot.sign(keys.signers["snapshot"])
        snapshot.to_file(str(metadata / f"{serial}.snapshot.json"))
        self._sign_plain(serial, objects, keys)
        for root in list_roots(keys.public):
            shutil.copy(root, metadata)
        timestamp = Metadata(Timestamp(version=serial, expires=expires))
        timestamp.signed.snapshot_meta = _describe(serial, snapshot)
        timestamp.sign(keys.signers["timestamp"])
        _replace(metadata / "timestamp.json", timestamp.to_bytes())
        _replace(self.root / "plain" / "latest", f"{serial}\n".encode())

    def prune(self, keep: Iterable[int], objects: Iterable[tuple[str, str]]) -> None:
        """Remove what neither the releases `keep` nor the `objects` (name, SHA-256) name."""
        serials = set(keep)
        wanted = {self.locate(name, sha256) for name, sha256 in objects}
        for serial in serials:
            wanted |= {self.root / line for line in self._read_sums(serial)}
        for path in (self.root / "targets").rglob("*"):
            if path.is_file() and path not in wanted:
                path.unlink()
        for path in (self.root / "metadata").iterdir():
            found = _VERSION.fullmatch(path.name)
            if found and int(found[1]) not in serials:
                path.unlink()
        for path in (self.root / "plain").iterdir():
            if path.is_dir() and path.name.isdigit() and int(path.name) not in serials:
                shutil.rmtree(path)

    def find_serial(self) -> int:
        """Serial of the newest release; 0 before the first."""
        path = self.root / "plain" / "latest"
        return int(path.read_text(encoding="ascii")) if path.is_file() else 0

    def _read_sums(self, serial: int) -> tuple[str, ...]:
        path = self.root / "plain" / str(serial) / SUMS
        if not path.is_file():
            return ()
        return tuple(line[66:] for line in path.read_text(encoding="ascii").splitlines())

    def _sign_plain(self, serial: int, objects: Mapping[str, Pack], keys: OnlineKeys) -> None:
        folder = self.root / "plain" / str(serial)
        folder.mkdir(parents=True, exist_ok=True)
        sums = folder / SUMS
        located = (
            (pack.sha256, self.locate(name, pack.sha256).relative_to(self.root).as_posix())
            for name, pack in sorted(objects.items())
        )
        sums.write_text("".join(f"{sha256}  {path}\n" for sha256, path in located), "ascii")
        sign_ssh(keys.ssh_release, RELEASE_NAMESPACE, sums)
        for name in (SIGNERS, f"{SIGNERS}.sig"):
            shutil.copy(keys.public / name, self.root / "plain" / name)


def _describe(serial: int, metadata: Metadata[Targets] | Metadata[Snapshot]) -> MetaFile:
    return MetaFile.from_data(serial, metadata.to_bytes(), ["sha256"])


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_bytes(content)
    fresh.replace(path)
