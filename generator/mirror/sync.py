"""One sync, readable top to bottom: what is checked, in which order, and what is left behind.

    lock → root → signatures and versions → serial and expiry → size → bytes → hashes and file set
         → switch → evidence → purge

Every step may fail; until the switch nothing that is served has changed.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from generator.mirror.assemble import (
    apply_delta,
    check_closure,
    check_staging,
    link_all,
    unpack,
)
from generator.mirror.faults import RefusedError, ShrunkError
from generator.mirror.host import format_host
from generator.mirror.manifest import MANIFEST, Comparison, compare_folder, read_manifest
from generator.mirror.note import WHOLE, Area, Note, delta_target, format_time, pack_target
from generator.mirror.store import (
    Store,
    begin_staging,
    hold_lock,
    name_disk_faults,
    prune,
    read_identity,
    read_serial,
    read_trace,
    require_room,
    switch,
    write_own_files,
    write_whole,
)
from generator.mirror.transfer import Limits, Transfer
from generator.mirror.trust import ROOT, Release, check_order, fetch_release, pin_root

MIN_KEPT_SHARE = 0.5
"""A release with fewer of the files than this is refused without an explicit flag."""
_UNTOUCHED = Comparison((), (), ())


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the operator asks for."""

    url: str
    """Address of the release folder."""
    area: str = WHOLE
    trust: str = ""
    """A root file or its fingerprint; needed once."""
    keep: int = 3
    """Snapshots kept, the served one among them."""
    allow_shrink: bool = False
    proxy: str | None = None
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a sync did."""

    serial: int
    former: int
    """Serial that was served before; 0 at the first sync."""
    way: str
    """`unchanged`, `relinked`, `delta` or `pack`."""
    repaired: str
    """How the served files differed from their manifest; empty where they did not."""
    purged: tuple[int, ...]
    """Serials of snapshots that are kept no longer."""
    files: int
    requests: int
    bytes: int
    valid_until: dt.datetime


def run_sync(wishes: Wishes, root: Path, now: dt.datetime) -> Outcome:
    """Bring the mirror in `root` to the centre's newest release.

    Args:
        wishes: What the operator asked for.
        root: The mirror's folder.
        now: This host's clock, in UTC.

    Raises:
        MirrorError: See `generator.mirror.faults`; what was served is served on.

    """
    store = Store(root)
    with hold_lock(store), name_disk_faults(root):
        transfer = Transfer(wishes.limits, wishes.proxy)
        url = wishes.url.rstrip("/") + "/"
        anchor = _read_anchor(store, wishes, url, transfer)
        release = fetch_release(url, anchor, store.state / "metadata", transfer)
        note = release.note
        former = store.find_serial()
        check_order(note, former, now, transfer)
        area = note.area(wishes.area)
        served = store.find_current()
        _refuse_other_content(release, served)
        identity = read_identity(store)
        damage = _find_damage(served)
        _refuse_shrunk(served, area, wishes)
        if served is not None and _is_standing(served, note, area) and damage.is_same:
            snapshot, way = served, "unchanged"
            _write_own(store, snapshot, release, area, identity, now)
        else:
            way = _assemble(store, release, area, served, damage, transfer)
            if area.code != WHOLE:
                check_closure(store.staging)
            _write_own(store, store.staging, release, area, identity, now)
            snapshot = switch(store, note.serial)
        store.write_evidence(release.root_bytes, release.targets_bytes, release.note_bytes)
        gone = prune(store, wishes.keep, note.purge_before)
        _empty(store.downloads)
        return Outcome(
            serial=note.serial,
            former=former,
            way=way,
            repaired="" if damage.is_same else damage.describe(),
            purged=tuple(read_serial(path) for path in gone),
            files=area.files,
            requests=transfer.tally.requests,
            bytes=transfer.tally.bytes,
            valid_until=note.valid_until,
        )


def _read_anchor(store: Store, wishes: Wishes, url: str, transfer: Transfer) -> bytes:
    """The trusted root: given now, or kept since the first sync."""
    kept = store.state / ROOT
    if wishes.trust:
        content = pin_root(wishes.trust, url, transfer)
        if not kept.is_file() or kept.read_bytes() != content:
            write_whole(kept, content)
        return content
    if not kept.is_file():
        raise RefusedError(
            "还不知道该信任谁：请用 --trust 给出中心的根密钥文件 root.json，"
            "或它的 SHA-256 指纹（中心在发文里公布）。"
        )
    return kept.read_bytes()


def _refuse_other_content(release: Release, served: Path | None) -> None:
    """A serial stands for one release only.

    The snapshot itself tells which one it was made from: what is noted beside it could be that of
    another one, when the process died between the two.
    """
    note = release.note
    if served is None or read_serial(served) != note.serial:
        return
    known = read_trace(served).get("release_sha256")
    if known is not None and known != hashlib.sha256(release.note_bytes).hexdigest():
        raise RefusedError(
            f"上游的第 {note.serial} 期与已经装上的第 {note.serial} 期内容不同。"
            "同一期号只能有一种内容，请与中心核对。"
        )


def _find_damage(served: Path | None) -> Comparison:
    if served is None:
        return _UNTOUCHED
    try:
        return compare_folder(served)
    except (OSError, RefusedError):
        return Comparison((), (MANIFEST,), ())


def _refuse_shrunk(served: Path | None, area: Area, wishes: Wishes) -> None:
    """A release that loses most files is more likely a mishap than a wish."""
    if served is None or wishes.allow_shrink:
        return
    if str(read_trace(served).get("area", area.code)) != area.code:
        return
    try:
        standing = len(read_manifest((served / MANIFEST).read_bytes()))
    except (OSError, RefusedError):
        return
    if area.files < standing * MIN_KEPT_SHARE:
        raise ShrunkError(
            f"新的一期只有 {area.files:,} 个文件，现有 {standing:,} 个，少了一半以上，没有更新。"
            "与中心核对无误后，加 --allow-shrink 再运行一次。"
        )


def _is_standing(served: Path, note: Note, area: Area) -> bool:
    return read_serial(served) == note.serial and _has_manifest(served, area)


def _has_manifest(folder: Path, area: Area) -> bool:
    try:
        content = (folder / MANIFEST).read_bytes()
    except OSError:
        return False
    return hashlib.sha256(content).hexdigest() == area.manifest_sha256


def _assemble(
    store: Store,
    release: Release,
    area: Area,
    served: Path | None,
    damage: Comparison,
    transfer: Transfer,
) -> str:
    """Make the checked staging folder in the cheapest way that works; says in which."""
    usable = served if not (damage.missing or damage.altered) else None
    require_room(store, area.files, 0)
    if usable is not None and _has_manifest(usable, area):
        link_all(usable, begin_staging(store))
        check_staging(store.staging, area)
        return "relinked"
    delta = release.locate(delta_target(area.code, read_serial(usable))) if usable else None
    if usable is not None and delta is not None:
        # What a delta cannot mend, such as an unnoticed fault of the disk, a whole pack can.
        with contextlib.suppress(RefusedError):
            pack = _download(store, delta, transfer)
            apply_delta(pack, area, usable, begin_staging(store), store.downloads / "delta")
            check_staging(store.staging, area)
            return "delta"
    located = release.locate(pack_target(area.code))
    if located is None:
        raise RefusedError(f"这一期没有区域 {area.code} 的数据包。")
    require_room(store, area.files, area.size_bytes + located[1])
    unpack(_download(store, located, transfer), area, begin_staging(store))
    check_staging(store.staging, area)
    return "pack"


def _download(store: Store, located: tuple[str, int, str], transfer: Transfer) -> Path:
    url, size, sha256 = located
    path = store.downloads / sha256
    for other in store.downloads.iterdir():
        if not other.name.startswith(sha256):
            _remove(other)
    transfer.download(url, size, sha256, path)
    return path


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def _write_own(
    store: Store,
    folder: Path,
    release: Release,
    area: Area,
    identity: Mapping[str, str],
    now: dt.datetime,
) -> None:
    note = release.note
    facts: dict[str, object] = {
        "serial": note.serial,
        "validUntil": format_time(note.valid_until),
        "area": area.code,
        "upstream": note.base_url,
    }
    trace: dict[str, object] = {
        "mirror": 1,
        "serial": note.serial,
        "area": area.code,
        "release_sha256": hashlib.sha256(release.note_bytes).hexdigest(),
        "manifest_sha256": area.manifest_sha256,
        "valid_until": format_time(note.valid_until),
        "checked_at": format_time(now),
    }
    write_own_files(store, folder, format_host(identity, facts), trace)
