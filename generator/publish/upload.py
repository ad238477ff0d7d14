"""A finished site copied to a store, so that whoever reads it there never misses a file.

    1. unfinished.json   every address that is about to change
    2. every file that is not there yet as it is to be
    3. manifest.json     in one move; from now on the new site stands
    4. files that only the former site had are removed, unfinished.json last

A copy that was interrupted leaves the former manifest and every file of the former site, some of
them new already. The next copy finds unfinished.json and trusts no file that it names. Only what
one of these lists names is ever removed: other objects in the store are left alone.

Source: docs/adr/0035-output-to-a-store.md
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from generator.errors import OutputError
from generator.mirror.faults import RefusedError
from generator.mirror.manifest import (
    HOST,
    MANIFEST,
    OWN_FILES,
    Entry,
    is_safe_path,
    read_manifest,
)
from generator.publish.stores import Store

UNFINISHED: Final = "unfinished.json"
_BATCH_BYTES: Final = 32_000_000
"""What is held in memory to be sent at once."""
_BATCH_FILES: Final = 500


@dataclass(frozen=True, slots=True)
class Upload:
    """What a copy did."""

    written: int
    """Files."""
    written_bytes: int
    removed: int
    """Files of the former site."""


def upload_site(site: Path, store: Store) -> Upload:
    """Make the store hold `site`, which must not change meanwhile.

    Raises:
        StoreError: The store refuses; the copy can be repeated.
        OutputError: A file of the site cannot be read.
        RefusedError: A manifest in the store is none.

    """
    manifest = _read(site / MANIFEST)
    entries = read_manifest(manifest)
    former = _read_former(store)
    unfinished = _read_unfinished(store)
    changed = [
        entry for entry in entries if former.get(entry.path) != entry or entry.path in unfinished
    ]
    stale = (former.keys() | unfinished) - {entry.path for entry in entries}
    own = _read(site / HOST)
    if store.read(HOST) != own:
        store.write({HOST: own})
    if not changed and not stale:
        return Upload(0, 0, 0)
    store.replace(UNFINISHED, _format_unfinished(stale | {entry.path for entry in changed}))
    # New files first: pages that stand already begin to point at them when they are replaced.
    new = [entry for entry in changed if entry.path not in former]
    replaced = [entry for entry in changed if entry.path in former]
    for batch in (*_cut(new), *_cut(replaced)):
        store.write({entry.path: _read(site / entry.path) for entry in batch})
    store.replace(MANIFEST, manifest)
    store.remove(stale)
    store.remove({UNFINISHED})
    return Upload(len(changed), sum(entry.size_bytes for entry in changed), len(stale))


def _read_former(store: Store) -> Mapping[str, Entry]:
    content = store.read(MANIFEST)
    if content is None:
        return {}
    return {entry.path: entry for entry in read_manifest(content)}


def _read_unfinished(store: Store) -> frozenset[str]:
    """The addresses of which an interrupted copy may have changed the file."""
    content = store.read(UNFINISHED)
    if content is None:
        return frozenset()
    try:
        paths = [str(path) for path in json.loads(content)]
    except (ValueError, TypeError) as fault:
        raise RefusedError(
            f"{store.name} 里的 {UNFINISHED} 读不懂：{fault}。请删去再上传。"
        ) from fault
    return frozenset(path for path in paths if is_safe_path(path) and path not in OWN_FILES)


def _format_unfinished(paths: Iterable[str]) -> bytes:
    return json.dumps(sorted(paths), indent=0).encode()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise OutputError(f"读不了 {path}：{fault.strerror}。请重新生成网站。") from fault


def _cut(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """The entries in order, in batches that fit into memory."""
    batch: list[Entry] = []
    size = 0
    for entry in entries:
        if batch and (size + entry.size_bytes > _BATCH_BYTES or len(batch) == _BATCH_FILES):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += entry.size_bytes
    if batch:
        yield batch
