"""What may be believed: python-tuf's client over our transport, and the gaps around it closed.

- The trust anchor is the root that the operator was given, kept in `state/root.json`; python-tuf's
  cache beside it may be lost or damaged and is then made anew.
- A server that answers `200` with a page for a file it has not would stop the walk along the
  roots; what does not begin as JSON counts as not found there.
- python-tuf keeps silent when a release of equal number has other content; here that is refused.
- Its errors come out as one of ours, in Chinese, with the fault's name.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tuf.api import exceptions as tuf_faults
from tuf.api.metadata import Metadata, Root, TargetFile, Targets, Timestamp
from tuf.ngclient import Updater, UpdaterConfig
from tuf.ngclient.fetcher import FetcherInterface

from generator.mirror.faults import ExpiredError, MirrorError, NetworkError, RefusedError
from generator.mirror.note import MAX_BYTES, NOTE, Note, parse_note
from generator.mirror.transfer import StatusError, Transfer

ROOT = "root.json"
_ROOT_URL = re.compile(r"/\d+\.root\.json$")
_MAX_METADATA_BYTES = 1_000_000
_CLOCK_LEEWAY = dt.timedelta(days=1)
_MAX_LEAP = 5000
"""Serials that a release may be ahead of the one that stands; a stolen key could else name the
largest number there is, and no honest release would ever be newer."""


@dataclass(frozen=True, slots=True)
class Release:
    """A release whose signatures hold, and where its objects are."""

    note: Note
    note_bytes: bytes
    root_bytes: bytes
    targets_bytes: bytes
    objects: dict[str, TargetFile]
    objects_url: str

    def locate(self, name: str) -> tuple[str, int, str] | None:
        """Address, size in bytes and SHA-256 of an object; None where the release has it not."""
        target = self.objects.get(name)
        if target is None:
            return None
        sha256 = target.hashes["sha256"]
        folder, slash, base = name.rpartition("/")
        return f"{self.objects_url}{folder}{slash}{sha256}.{base}", target.length, sha256


class _Fetcher(FetcherInterface):
    """python-tuf's requests by way of our transport."""

    def __init__(self, transfer: Transfer) -> None:
        self._transfer = transfer
        self.timestamp = b""

    def _fetch(self, url: str) -> Iterator[bytes]:
        try:
            content = self._transfer.read(url, _MAX_METADATA_BYTES)
        except StatusError as fault:
            raise tuf_faults.DownloadHTTPError(str(fault), fault.status) from fault
        except MirrorError as fault:
            raise tuf_faults.DownloadError(str(fault)) from fault
        if not content.lstrip().startswith(b"{"):
            if _ROOT_URL.search(url):
                raise tuf_faults.DownloadHTTPError(f"{url} is no metadata", 404)
            raise tuf_faults.DownloadError(
                f"{url} 返回了 200，内容却不是元数据（可能是出错页或登录页）。请核对网址。"
            )
        if url.endswith("/timestamp.json"):
            self.timestamp = content
        yield content


def pin_root(anchor: str, url: str, transfer: Transfer) -> bytes:
    """The root to trust: from a file, or from the centre when its SHA-256 is the one given.

    Raises:
        RefusedError: The file is no root, or the centre's root has another fingerprint.
        NetworkError: The centre does not give it.

    """
    if re.fullmatch(r"[0-9a-f]{64}", anchor):
        content = transfer.read(f"{url}metadata/1.{ROOT}", _MAX_METADATA_BYTES)
        found = hashlib.sha256(content).hexdigest()
        if found != anchor:
            raise RefusedError(
                f"{url} 的根密钥指纹是 {found}，与给定的 {anchor} 不同。"
                "请与中心当面或电话核对，不要继续。"
            )
        return content
    path = Path(anchor)
    if not path.is_file():
        raise RefusedError(
            f"--trust 应是根密钥文件 {ROOT} 的位置，或它的 64 位 SHA-256；{anchor!r} 都不是。"
        )
    content = path.read_bytes()
    _parse_root(content)
    return content


def fetch_release(url: str, anchor: bytes, cache: Path, transfer: Transfer) -> Release:
    """The newest release of the centre, its signatures, versions and expiry checked.

    Args:
        url: Address of the release folder, with a slash at its end.
        anchor: The root that is trusted.
        cache: python-tuf's folder; renewed where it is damaged.
        transfer: This sync's transport.

    Raises:
        RefusedError: A signature, a hash or a version is wrong.
        ExpiredError: The metadata is past its time.
        NetworkError: Something could not be fetched.

    """
    logging.getLogger("tuf").setLevel(logging.CRITICAL)
    _parse_root(anchor)
    fetcher = _Fetcher(transfer)
    try:
        updater = _refresh(url, anchor, cache, fetcher)
        _refuse_other_content(fetcher.timestamp, (cache / "timestamp.json").read_bytes())
        target = updater.get_targetinfo(NOTE)
        if target is None or target.length > MAX_BYTES:
            raise RefusedError(f"签名的清单里没有 {NOTE}，或它过大。")
        note_url = f"{url}targets/{target.hashes['sha256']}.{NOTE}"
        note_bytes = transfer.read(note_url, target.length)
        target.verify_length_and_hashes(note_bytes)
    except tuf_faults.ExpiredMetadataError as fault:
        raise ExpiredError(_describe_expiry(fault, transfer)) from fault
    except tuf_faults.DownloadLengthMismatchError as fault:
        raise NetworkError(f"元数据超过了大小上限：{fault}。") from fault
    except tuf_faults.DownloadError as fault:
        raise NetworkError(f"{fault.__cause__ or fault}") from fault
    except tuf_faults.LengthOrHashMismatchError as fault:
        raise RefusedError(
            f"上游给出的文件与签名的哈希不符（混用了不同的发布？）：{fault}"
        ) from fault
    except tuf_faults.RepositoryError as fault:
        raise RefusedError(_describe_refusal(fault)) from fault
    targets_bytes = (cache / "targets.json").read_bytes()
    return Release(
        note=parse_note(note_bytes),
        note_bytes=note_bytes,
        root_bytes=(cache / ROOT).read_bytes(),
        targets_bytes=targets_bytes,
        objects=Metadata[Targets].from_bytes(targets_bytes).signed.targets,
        objects_url=f"{url}targets/",
    )


def check_order(note: Note, standing: int, now: dt.datetime, transfer: Transfer) -> None:
    """Refuse a release that is older than what stands, out of its time, or far ahead.

    Args:
        note: What the release says of itself.
        standing: Serial of the snapshot that is served; 0 where there is none.
        now: This host's clock.
        transfer: Knows what the server says the time is.

    Raises:
        RefusedError: The serial is smaller, or leaps.
        ExpiredError: The release is past its time, or dated in this clock's future.

    """
    if note.serial < standing:
        raise RefusedError(
            f"上游给出第 {note.serial} 期，比现有的第 {standing} 期旧：可能有人在回放旧的发布。"
        )
    if standing and note.serial > standing + _MAX_LEAP:
        raise RefusedError(
            f"上游给出第 {note.serial} 期，比现有的第 {standing} 期超前太多，"
            "不像真的。请与中心核对。"
        )
    if note.date > now + _CLOCK_LEEWAY:
        raise ExpiredError(
            f"这一期的日期 {note.date:%Y-%m-%d} 在本机时钟 {now:%Y-%m-%d %H:%M} 之后。"
            f"本机时钟可能慢了。{_compare_clocks(now, transfer)}"
        )
    if note.valid_until < now:
        raise ExpiredError(
            f"这一期的有效期到 {note.valid_until:%Y-%m-%d %H:%M}，已经过了。"
            f"{_compare_clocks(now, transfer)}"
        )


def prove_note(anchor: bytes, roots: Iterable[bytes], targets: bytes, note: bytes) -> Note:
    """The note whose chain of signatures holds, without any network.

    Args:
        anchor: The root that the operator was given.
        roots: Later roots, in order; each must be signed by the one before and by itself.
        targets: The signed list of objects.
        note: The release note.

    Raises:
        RefusedError: A link of the chain is broken.

    """
    try:
        trusted = _parse_root(anchor)
        for content in roots:
            later = Metadata[Root].from_bytes(content)
            if later.signed.version > trusted.version:
                trusted.verify_delegate(Root.type, later.signed_bytes, later.signatures)
                trusted = _parse_root(content)
        signed = Metadata[Targets].from_bytes(targets)
        trusted.verify_delegate(Targets.type, signed.signed_bytes, signed.signatures)
        signed.signed.targets[NOTE].verify_length_and_hashes(note)
    except (tuf_faults.RepositoryError, ValueError, KeyError) as fault:
        raise RefusedError(f"保存的签名证据不成立：{fault}。") from fault
    return parse_note(note)


def _refresh(url: str, anchor: bytes, cache: Path, fetcher: _Fetcher) -> Updater:
    """python-tuf's own order: root, timestamp, snapshot, targets."""

    def refresh() -> Updater:
        cache.mkdir(parents=True, exist_ok=True)
        updater = Updater(
            metadata_dir=str(cache),
            metadata_base_url=f"{url}metadata/",
            fetcher=fetcher,
            config=UpdaterConfig(),
            bootstrap=anchor,
        )
        updater.refresh()
        return updater

    if _is_damaged(cache):
        shutil.rmtree(cache)
    return refresh()


def _is_damaged(cache: Path) -> bool:
    """Whether a kept file is not metadata at all; python-tuf would trip over some of them."""
    for path in cache.glob("*.json"):
        try:
            Metadata[Root].from_bytes(path.read_bytes())
        except (tuf_faults.RepositoryError, ValueError, OSError):
            return True
    return False


def _parse_root(content: bytes) -> Root:
    try:
        metadata = Metadata[Root].from_bytes(content)
        if not isinstance(metadata.signed, Root):
            raise RefusedError(f"给定的 {ROOT} 是别的元数据，不是根密钥。")
        metadata.signed.verify_delegate(Root.type, metadata.signed_bytes, metadata.signatures)
    except (tuf_faults.RepositoryError, ValueError) as fault:
        raise RefusedError(f"给定的 {ROOT} 不是有效的根密钥文件：{fault}。") from fault
    return metadata.signed


def _refuse_other_content(fetched: bytes, kept: bytes) -> None:
    """python-tuf ignores a timestamp of equal version; one with other content is an attack."""
    fresh, trusted = (Metadata[Timestamp].from_bytes(content).signed for content in (fetched, kept))
    if fresh.version == trusted.version and fresh != trusted:
        raise RefusedError(
            f"上游的第 {fresh.version} 期与以前取得的同一期内容不同。同一期号只能有一种内容，"
            "请与中心核对。"
        )


def _describe_expiry(fault: Exception, transfer: Transfer) -> str:
    now = dt.datetime.now(dt.UTC)
    return f"上游的签名已过有效期（{fault}），没有更新。{_compare_clocks(now, transfer)}"


def _compare_clocks(now: dt.datetime, transfer: Transfer) -> str:
    if transfer.server_time is None:
        return ""
    apart = now - transfer.server_time
    if abs(apart) < _CLOCK_LEEWAY:
        return "本机与服务器的时钟一致，请催中心发布新的一期。"
    return (
        f"本机时钟 {now:%Y-%m-%d %H:%M}，服务器 {transfer.server_time:%Y-%m-%d %H:%M}，"
        f"相差 {abs(apart.days)} 天：请先校准本机时钟。"
    )


def _describe_refusal(fault: tuf_faults.RepositoryError) -> str:
    if isinstance(fault, tuf_faults.UnsignedMetadataError):
        return f"签名不对：不是受信任的密钥签的，或内容被改过（{fault}）。"
    if isinstance(fault, tuf_faults.BadVersionNumberError):
        return f"版本号倒退或不一致：可能有人在回放旧的发布（{fault}）。"
    return f"上游的元数据不成立：{fault}。"
