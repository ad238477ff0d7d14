"""What earlier releases consisted of, kept beside the release and never published.

    HISTORY/
      objects/ab/ab34…          each file content once, by its SHA-256
      12/release.txt            the note
      12/whole.json             the manifest of each area
      12/packs.txt              the pack that each manifest became: area, SHA-256, size in bytes

Deltas are made from it. It may be lost: the next release then has no deltas, and mirrors fetch
whole packs once.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from generator.mirror.manifest import Entry, read_manifest
from generator.mirror.note import NOTE, Note, parse_note


@dataclass(frozen=True, slots=True)
class Pack:
    """A published pack or delta."""

    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class History:
    """The folder of earlier releases."""

    root: Path

    def list_serials(self) -> tuple[int, ...]:
        """Serials of releases on record, the oldest first."""
        if not self.root.is_dir():
            return ()
        found = (path for path in self.root.iterdir() if re.fullmatch(r"[1-9]\d*", path.name))
        return tuple(sorted(int(path.name) for path in found if (path / NOTE).is_file()))

    def read_note(self, serial: int) -> Note:
        """The note of a release on record."""
        return parse_note((self.root / str(serial) / NOTE).read_bytes())

    def read_manifest(self, serial: int, area: str) -> bytes | None:
        """An area's manifest; None where that release had no such area."""
        path = self.root / str(serial) / f"{area}.json"
        return path.read_bytes() if path.is_file() else None

    def read_packs(self, serial: int) -> Mapping[str, Pack]:
        """The packs of a release by area."""
        text = (self.root / str(serial) / "packs.txt").read_text(encoding="ascii")
        rows = (line.split() for line in text.splitlines())
        return {area: Pack(sha256, int(size)) for area, sha256, size in rows}

    def object_path(self, sha256: str) -> Path:
        """Where the content of that hash lies."""
        return self.root / "objects" / sha256[:2] / sha256

    def read(self, entry: Entry) -> bytes:
        """The content of a file of an earlier or of this release."""
        return self.object_path(entry.sha256).read_bytes()

    def keep_file(self, entry: Entry, source: Path) -> None:
        """Keep a site's file, whose hash is known."""
        path = self.object_path(entry.sha256)
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_suffix(".new")
            shutil.copyfile(source, fresh)
            fresh.replace(path)

    def keep(self, path: str, content: bytes) -> Entry:
        """Keep content that was made for an area."""
        entry = Entry(path, len(content), hashlib.sha256(content).hexdigest())
        target = self.object_path(entry.sha256)
        if not target.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            fresh = target.with_suffix(".new")
            fresh.write_bytes(content)
            fresh.replace(target)
        return entry

    def save(
        self, serial: int, note: bytes, manifests: Mapping[str, bytes], packs: Mapping[str, Pack]
    ) -> None:
        """Put a release on record; the note goes last and makes it count."""
        folder = self.root / str(serial)
        folder.mkdir(parents=True, exist_ok=True)
        for area, manifest in manifests.items():
            (folder / f"{area}.json").write_bytes(manifest)
            self.keep("manifest.json", manifest)
        lines = (f"{area} {pack.sha256} {pack.size_bytes}\n" for area, pack in packs.items())
        (folder / "packs.txt").write_text("".join(lines), encoding="ascii")
        (folder / NOTE).write_bytes(note)

    def save_file(self, serial: int, name: str, content: bytes) -> None:
        """Put something else of a release on record."""
        (self.root / str(serial) / name).write_bytes(content)

    def read_file(self, serial: int, name: str) -> bytes | None:
        """What `save_file` kept; None where there is nothing."""
        path = self.root / str(serial) / name
        return path.read_bytes() if path.is_file() else None

    def prune(self, keep: int) -> None:
        """Forget all but the newest `keep` releases, and what only they held."""
        serials = self.list_serials()
        for serial in serials[:-keep]:
            shutil.rmtree(self.root / str(serial))
        wanted = set(self._list_objects(serials[-keep:]))
        for folder in (self.root / "objects").iterdir():
            for path in folder.iterdir():
                if path.name not in wanted:
                    path.unlink()

    def _list_objects(self, serials: Iterable[int]) -> Iterable[str]:
        for serial in serials:
            for path in (self.root / str(serial)).glob("*.json"):
                content = path.read_bytes()
                yield hashlib.sha256(content).hexdigest()
                yield from (entry.sha256 for entry in read_manifest(content))
