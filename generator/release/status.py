"""Which registered mirrors follow, which lag, which serve something else.

Asks each mirror of the table `mirror` for its trace (`mirror.json`) and for a sample of files,
whose hashes must be those of the release it says it serves. The answer is `status.json` and
`status.html` in a folder of the centre's choice; both are published beside the site.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from generator.errors import ReleaseError
from generator.mirror.faults import NetworkError
from generator.mirror.manifest import TRACE, Entry, read_manifest
from generator.mirror.note import format_time
from generator.mirror.transfer import Limits, Transfer
from generator.release.history import History

_MAX_TRACE_BYTES = 10_000
PATIENCE_S = 15.0
PAGE = "status.html.jinja"


@dataclass(frozen=True, slots=True)
class Registered:
    """A row of the table `mirror`."""

    mirror_id: str
    sponsor: str
    base_url: str
    max_lag_days: int


@dataclass(frozen=True, slots=True)
class State:
    """What a mirror serves; empty or zero where it did not say."""

    mirror_id: str
    sponsor: str
    base_url: str
    state: str
    """正常, 落后, 打不开, 内容不符 or 不认识."""
    detail: str
    serial: int
    area: str
    behind: int
    """Releases it is behind."""
    lag_days: float
    """Days since the first release that it lacks; 0 where it lacks none."""
    checked_at: str
    """Its own last successful sync."""
    sampled: int
    wrong: tuple[str, ...]
    """Sampled files with other content than was released."""


def read_mirrors(path: Path) -> tuple[Registered, ...]:
    """The registered mirrors.

    Raises:
        ReleaseError: The table is missing or lacks a column.

    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return tuple(
                Registered(
                    row["mirror_id"], row["sponsor"], row["base_url"], int(row["max_lag_days"])
                )
                for row in csv.DictReader(file)
            )
    except (OSError, KeyError, ValueError) as fault:
        raise ReleaseError(f"读不了镜像登记表 {path}：{fault}。") from fault


def ask_mirrors(
    mirrors: Iterable[Registered], history: History, now: dt.datetime, sample: int
) -> tuple[State, ...]:
    """The state of each mirror.

    Raises:
        ReleaseError: There is no release to compare with.

    """
    serials = history.list_serials()
    if not serials:
        raise ReleaseError(f"{history.root} 里没有发布过的记录；请用 --history 指明。")
    return tuple(_ask(mirror, history, serials, now, sample) for mirror in mirrors)


def _ask(
    mirror: Registered,
    history: History,
    serials: tuple[int, ...],
    now: dt.datetime,
    sample: int,
) -> State:
    transfer = Transfer(Limits(deadline_s=2 * PATIENCE_S, silence_s=PATIENCE_S))
    root = mirror.base_url.rstrip("/") + "/"
    try:
        trace = json.loads(transfer.read(f"{root}{TRACE}", _MAX_TRACE_BYTES))
        serial, area = int(trace["serial"]), str(trace["area"])
        checked_at, claimed = str(trace["checked_at"]), str(trace["manifest_sha256"])
    except NetworkError as fault:
        return _tell(mirror, "打不开", str(fault))
    except (ValueError, KeyError, TypeError) as fault:
        return _tell(mirror, "不认识", f"{root}{TRACE} 不是镜像的记录：{fault}")
    newer = [other for other in serials if other > serial]
    lag = (now - history.read_note(newer[0]).date).total_seconds() / 86400 if newer else 0.0
    manifest = history.read_manifest(serial, area) if serial in serials else None
    chosen = _choose(manifest, sample, f"{mirror.mirror_id} {format_time(now)}")
    wrong = tuple(entry.path for entry in chosen if not _is_served(transfer, root, entry))
    state, detail = "正常", ""
    if manifest is not None and hashlib.sha256(manifest).hexdigest() != claimed:
        state, detail = "内容不符", "它的清单不是这一期签名的"
    elif wrong:
        state, detail = "内容不符", f"抽查 {len(chosen)} 个文件，{len(wrong)} 个不符"
    elif serial > serials[-1]:
        state, detail = "不认识", f"它说是第 {serial} 期，还没有发布过"
    elif lag > mirror.max_lag_days:
        state, detail = "落后", f"落后 {lag:.1f} 天，允许 {mirror.max_lag_days} 天"
    return State(
        mirror.mirror_id, mirror.sponsor, mirror.base_url, state, detail, serial, area,
        len(newer), round(lag, 1), checked_at, len(chosen), wrong,
    )  # fmt: skip


def _tell(mirror: Registered, state: str, detail: str) -> State:
    return State(
        mirror.mirror_id, mirror.sponsor, mirror.base_url, state, detail, 0, "", 0, 0.0, "", 0, ()
    )


def _choose(manifest: bytes | None, sample: int, seed: str) -> list[Entry]:
    """Files that the mirror cannot foresee."""
    entries = read_manifest(manifest) if manifest is not None else ()
    return random.Random(seed).sample(entries, min(sample, len(entries)))


def _is_served(transfer: Transfer, root: str, entry: Entry) -> bool:
    try:
        content = transfer.read(root + entry.path, entry.size_bytes)
    except NetworkError:
        return False
    return hashlib.sha256(content).hexdigest() == entry.sha256


def write_status(
    states: Iterable[State], latest: int, now: dt.datetime, templates: tuple[Path, ...], out: Path
) -> None:
    """Put `status.json` and `status.html` into `out`."""
    rows = tuple(states)
    document: Mapping[str, object] = {
        "status": 1,
        "made_at": format_time(now),
        "latest": latest,
        "mirrors": [asdict(state) for state in rows],
    }
    environment = Environment(
        loader=FileSystemLoader(templates), autoescape=True, undefined=StrictUndefined
    )
    page = environment.get_template(PAGE).render(
        states=rows, latest=latest, made_at=format_time(now)
    )
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    (out / "status.json").write_text(text, encoding="utf-8", newline="\n")
    (out / "status.html").write_text(page, encoding="utf-8", newline="\n")
