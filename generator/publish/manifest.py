"""The list of every file of a site with its size and SHA-256, written last.

`manifest.json`, one file to a line so that two manifests can be compared by eye:

    {"manifest": 1,
     "data_date": "2016-07-03",
     "files": [
    {"path": "about.html", "size": 7301, "sha256": "…"},
    …
    ]}

The manifest does not list itself. It names no build time and no machine, so unchanged data
gives an unchanged manifest.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from generator.publish.output import MANIFEST, Entry

VERSION = 1


def format_manifest(entries: Iterable[Entry], data_date: dt.date) -> bytes:
    """The manifest's bytes; entries come out sorted by path."""
    lines = ",\n".join(
        json.dumps(
            {"path": entry.path, "size": entry.size_bytes, "sha256": entry.sha256},
            ensure_ascii=False,
        )
        for entry in sorted(entries, key=lambda entry: entry.path)
    )
    head = f'{{"manifest": {VERSION},\n "data_date": "{data_date.isoformat()}",\n "files": [\n'
    return f"{head}{lines}\n]}}\n".encode()


def read_manifest(content: bytes) -> tuple[Entry, ...]:
    """The entries of a manifest, as `format_manifest` wrote them."""
    document = json.loads(content)
    return tuple(
        Entry(entry["path"], entry["size"], entry["sha256"]) for entry in document["files"]
    )


def compare_folder(root: Path) -> dict[str, tuple[str, ...]]:
    """Which files of a site folder are `missing`, `altered` or `extra` against its manifest."""
    listed = {entry.path: entry for entry in read_manifest((root / MANIFEST).read_bytes())}
    present = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()} - {
        MANIFEST
    }
    altered = tuple(
        name
        for name in sorted(present & set(listed))
        if hashlib.sha256((root / name).read_bytes()).hexdigest() != listed[name].sha256
    )
    return {
        "missing": tuple(sorted(set(listed) - present)),
        "altered": altered,
        "extra": tuple(sorted(present - set(listed))),
    }
