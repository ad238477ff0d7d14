"""A release, readable top to bottom: from a built site to a signed folder of plain files."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from generator.errors import ReleaseError
from generator.mirror.archive import Member, open_bytes, write_pack
from generator.mirror.delta import (
    INSTRUCTIONS,
    LITERAL,
    MAX_MANIFEST_STEPS,
    MAX_STEPS,
    Delta,
    Step,
    format_delta,
    plan_steps,
)
from generator.mirror.links import LINKING, find_targets
from generator.mirror.manifest import (
    MANIFEST,
    OWN_FILES,
    Entry,
    compare_folder,
    format_manifest,
    read_data_date,
    read_manifest,
)
from generator.mirror.note import (
    NOTE,
    WHOLE,
    Area,
    Note,
    delta_target,
    format_note,
    pack_target,
)
from generator.release.areas import (
    Geography,
    adapt_files,
    read_geography,
    select_entries,
)
from generator.release.history import History, Pack
from generator.release.keys import OnlineKeys
from generator.release.repository import KEPT_RELEASES, Repository
from generator.release.withdrawals import (
    WITHDRAWN,
    Withdrawal,
    find_withdrawals,
    format_withdrawals,
    parse_withdrawals,
)

SCRIPT = "mirror.sh"
_PACKERS = 4
_WORTH_A_DELTA = 0.6
"""A delta larger than this share of the pack is left out."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a release is told by people."""

    date: dt.datetime
    valid_until: dt.datetime
    base_url: str
    """Address of the province's site, with a slash at its end."""
    commit: str
    """Git commit of the datasets; empty where it is not known."""
    serial: int = 0
    """0 takes the one after the newest."""
    deltas: int = 5
    """From how many earlier releases deltas lead to this one."""


@dataclass(frozen=True, slots=True)
class Made:
    """What came of it."""

    serial: int
    files: int
    areas: Mapping[str, int]
    """Size of the pack by area, in bytes."""
    deltas: Mapping[str, int]
    """Size of each delta by its name, in bytes."""
    withdrawn: int
    """Records withdrawn since the release before."""


def make_release(site: Path, out: Path, history_root: Path, keys: OnlineKeys, plan: Plan) -> Made:
    """Publish the built `site` as the next release in `out`.

    Raises:
        ReleaseError: The site is not whole, or the serial is not newer than the newest.

    """
    repository, history = Repository(out), History(history_root)
    former = max(repository.find_serial(), *history.list_serials(), 0)
    serial = plan.serial or former + 1
    if serial <= former:
        raise ReleaseError(f"已经发布到第 {former} 期；新的期号要大于它，不能是 {serial}。")
    entries = _read_site(site)
    data_date = dt.date.fromisoformat(read_data_date((site / MANIFEST).read_bytes()))
    geography = read_geography(site)
    for entry in entries:
        history.keep_file(entry, site / entry.path)
    manifests = {WHOLE: (site / MANIFEST).read_bytes()}
    for area in geography.list_areas():
        chosen = _adapt_area(site, entries, geography, area, plan.base_url, history)
        _require_closed(area, chosen, history)
        manifests[area] = format_manifest(chosen, data_date)
    former_withdrawals = _read_withdrawals(history, former)
    withdrawals = find_withdrawals(site, former_withdrawals, serial)
    fresh = [item for item in withdrawals if item.serial == serial and former]
    note = Note(
        serial=serial,
        date=plan.date,
        valid_until=plan.valid_until,
        data_date=data_date.isoformat(),
        commit=plan.commit,
        base_url=plan.base_url,
        purge_before=serial if fresh else _read_purge(history, former),
        areas={area: _describe_area(area, manifest) for area, manifest in manifests.items()},
    )
    note_bytes = format_note(note)
    packs = _make_packs(manifests, former, repository, history)
    deltas = _make_deltas(manifests, packs, repository, history, plan.deltas)
    withdrawn_bytes = format_withdrawals(withdrawals)
    objects = {
        **{pack_target(area): pack for area, pack in packs.items()},
        **deltas,
        NOTE: repository.add(NOTE, note_bytes),
        WITHDRAWN: repository.add(WITHDRAWN, withdrawn_bytes),
        SCRIPT: repository.add(SCRIPT, (Path(__file__).parent / SCRIPT).read_bytes()),
    }
    history.save(serial, note_bytes, manifests, packs)
    history.save_file(serial, WITHDRAWN, withdrawn_bytes)
    repository.sign(serial, objects, plan.valid_until, keys)
    # Packs of the release before still hold what was withdrawn since.
    kept = [serial] if fresh else [serial, *history.list_serials()[-KEPT_RELEASES:-1]]
    repository.prune(kept, ((name, pack.sha256) for name, pack in objects.items()))
    history.prune(max(plan.deltas, 1))
    return Made(
        serial=serial,
        files=len(entries),
        areas={area: pack.size_bytes for area, pack in packs.items()},
        deltas={name: pack.size_bytes for name, pack in deltas.items()},
        withdrawn=len(fresh),
    )


def _read_site(site: Path) -> tuple[Entry, ...]:
    if not (site / MANIFEST).is_file():
        raise ReleaseError(f"{site} 里没有生成好的网站；请先运行 huanjing build。")
    comparison = compare_folder(site)
    if not comparison.is_same:
        raise ReleaseError(
            f"{site} 与它的 {MANIFEST} 不符：{comparison.describe()}。请重新生成网站再发布。"
        )
    return read_manifest((site / MANIFEST).read_bytes())


def _adapt_area(
    site: Path,
    entries: tuple[Entry, ...],
    geography: Geography,
    area: str,
    base_url: str,
    history: History,
) -> tuple[Entry, ...]:
    """The entries of an area's site; content that differs from the whole site's is kept."""
    chosen = {entry.path: entry for entry in select_entries(entries, geography, area)}
    for entry, content in adapt_files(site, tuple(chosen.values()), geography, area, base_url):
        chosen[entry.path] = history.keep(entry.path, content)
    return tuple(chosen.values())


def _require_closed(area: str, entries: Iterable[Entry], history: History) -> None:
    """No page of an area may link to a file that the area has not."""
    chosen = tuple(entries)
    inside = {entry.path for entry in chosen} | OWN_FILES
    for entry in chosen:
        if entry.path.endswith(LINKING):
            outside = set(find_targets(entry.path, history.read(entry))) - inside
            if outside:
                raise ReleaseError(
                    f"区域 {area} 的 {entry.path} 仍链接到区域之外的 {sorted(outside)[0]}。"
                )


def _describe_area(area: str, manifest: bytes) -> Area:
    entries = read_manifest(manifest)
    return Area(
        area,
        len(entries),
        sum(entry.size_bytes for entry in entries) + len(manifest),
        hashlib.sha256(manifest).hexdigest(),
    )


def _make_packs(
    manifests: Mapping[str, bytes], former: int, repository: Repository, history: History
) -> dict[str, Pack]:
    """A pack for each area; one whose manifest did not change is the former one.

    The whole takes as long as the areas together; threads pack both, since zlib lets go of the
    interpreter while it compresses.
    """
    known = history.read_packs(former) if former in history.list_serials() else {}

    def make(area: str) -> Pack:
        name, manifest, same = pack_target(area), manifests[area], known.get(area)
        if (
            same is not None
            and history.read_manifest(former, area) == manifest
            and repository.locate(name, same.sha256).is_file()
        ):
            return same
        return _publish_pack(_list_members(manifest, history), name, repository)

    with ThreadPoolExecutor(max_workers=_PACKERS) as packers:
        return dict(zip(manifests, packers.map(make, manifests), strict=True))


def _make_deltas(
    manifests: Mapping[str, bytes],
    packs: Mapping[str, Pack],
    repository: Repository,
    history: History,
    count: int,
) -> dict[str, Pack]:
    """Deltas from recent releases, where they are worth it."""
    deltas: dict[str, Pack] = {}
    steps: dict[tuple[str, str, int], tuple[list[Step], bytes]] = {}
    for serial in history.list_serials()[-count:] if count else ():
        for area, manifest in manifests.items():
            old = history.read_manifest(serial, area)
            if old is None or old == manifest:
                continue
            name = delta_target(area, serial)
            delta, literals = _plan_delta(old, manifest, history, steps)
            instructions = format_delta(delta)
            pack = _publish_pack(
                [
                    (INSTRUCTIONS, len(instructions), open_bytes(instructions)),
                    (LITERAL, len(literals), open_bytes(literals)),
                ],
                name,
                repository,
            )
            if pack.size_bytes < packs[area].size_bytes * _WORTH_A_DELTA:
                deltas[name] = pack
            else:
                repository.locate(name, pack.sha256).unlink()
    return deltas


def _plan_delta(
    old_manifest: bytes,
    manifest: bytes,
    history: History,
    known: dict[tuple[str, str, int], tuple[list[Step], bytes]],
) -> tuple[Delta, bytes]:
    """The delta between two manifests and its literals; steps already planned are taken over."""
    old = {entry.path: entry for entry in read_manifest(old_manifest)}
    new = {entry.path: entry for entry in read_manifest(manifest)}
    files: dict[str, tuple[Step, ...]] = {}
    literals: list[bytes] = []
    for path, entry in sorted(new.items()):
        former = old.get(path)
        if former == entry:
            continue
        key = (former.sha256 if former else "", entry.sha256, MAX_STEPS)
        if key not in known:
            known[key] = plan_steps(history.read(former) if former else b"", history.read(entry))
        files[path], literal = tuple(known[key][0]), known[key][1]
        literals.append(literal)
    steps, literal = plan_steps(old_manifest, manifest, MAX_MANIFEST_STEPS)
    files[MANIFEST] = tuple(steps)
    literals.append(literal)
    return Delta(tuple(sorted(set(old) - set(new))), files), b"".join(literals)


def _list_members(manifest: bytes, history: History) -> Iterator[Member]:
    """The members of a pack: the manifest first, then its files in its order."""
    yield MANIFEST, len(manifest), open_bytes(manifest)
    for entry in read_manifest(manifest):
        opener = partial(_open, history.object_path(entry.sha256))
        yield entry.path, entry.size_bytes, opener


def _publish_pack(members: Iterable[Member], name: str, repository: Repository) -> Pack:
    repository.root.mkdir(parents=True, exist_ok=True)
    path = repository.root / f".{name.replace('/', '-')}.new"
    with path.open("wb") as file:
        write_pack(members, file)
    return repository.add_file(name, path)


def _open(path: Path) -> BinaryIO:
    return path.open("rb")


def _read_withdrawals(history: History, former: int) -> tuple[Withdrawal, ...]:
    content = history.read_file(former, WITHDRAWN) if former else None
    return parse_withdrawals(content) if content else ()


def _read_purge(history: History, former: int) -> int:
    return history.read_note(former).purge_before if former in history.list_serials() else 0
