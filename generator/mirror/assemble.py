"""The next site in the staging folder: from the old one and a delta, or from a pack.

Whatever comes out is compared with the signed manifest, every byte of every file, before it may
be served. Files of the old snapshot that stay are hard links, so that a snapshot costs the disk
only what changed; nobody opens a linked file for writing.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from generator.mirror.archive import read_pack
from generator.mirror.delta import INSTRUCTIONS, LITERAL, apply_steps, parse_delta
from generator.mirror.faults import RefusedError
from generator.mirror.links import LINKING, find_targets
from generator.mirror.manifest import MANIFEST, compare_folder, is_safe_path, read_manifest
from generator.mirror.note import Area

_SPARE_BYTES = 16_000_000


def unpack(pack: Path, area: Area, staging: Path) -> None:
    """Write every file of a pack.

    Raises:
        RefusedError: The pack holds what a site may not hold, or more than the note says.

    """
    folders: set[str] = set()
    limit = area.size_bytes + _SPARE_BYTES
    with pack.open("rb") as packed:
        for name, _, content in read_pack(packed, area.files + 1, limit, is_safe_path):
            _make_folder(staging, name, folders)
            with open(f"{staging}/{name}", "xb") as file:  # noqa: PTH123 fast
                for chunk in content:
                    file.write(chunk)


def link_all(old: Path, staging: Path) -> None:
    """The same site again, under a new serial."""
    folders: set[str] = set()
    for entry in read_manifest((old / MANIFEST).read_bytes()):
        _link(old, staging, entry.path, folders)
    _link(old, staging, MANIFEST, folders)


def apply_delta(pack: Path, area: Area, old: Path, staging: Path, scratch: Path) -> None:
    """Make the next site out of the old one.

    Raises:
        RefusedError: The delta is not of its form, does not fit the old site, or leads to another
            manifest than the signed one.

    """
    scratch.mkdir(parents=True, exist_ok=True)
    limit = 2 * area.size_bytes + _SPARE_BYTES
    with pack.open("rb") as packed:
        members = {INSTRUCTIONS, LITERAL}
        for name, _, content in read_pack(packed, 2, limit, members.__contains__):
            with (scratch / name).open("wb") as file:
                for chunk in content:
                    file.write(chunk)
            members.discard(name)
    if members:
        raise RefusedError(f"增量包里缺少 {'、'.join(sorted(members))}。")
    delta = parse_delta((scratch / INSTRUCTIONS).read_bytes())
    folders: set[str] = set()
    with (scratch / LITERAL).open("rb") as literals:
        for path, steps in delta.files.items():
            base = old / path
            content_bytes = apply_steps(
                steps, base.read_bytes() if base.is_file() else b"", literals
            )
            _make_folder(staging, path, folders)
            with open(f"{staging}/{path}", "xb") as file:  # noqa: PTH123 fast
                file.write(content_bytes)
    manifest = staging / MANIFEST
    if not manifest.is_file():
        raise RefusedError(f"增量包里没有 {MANIFEST}。")
    entries = read_manifest(_require_signed(manifest, area))
    for entry in entries:
        if entry.path not in delta.files:
            _link(old, staging, entry.path, folders)


def check_staging(staging: Path, area: Area) -> None:
    """Let pass only the signed manifest, and exactly its files, byte for byte.

    Raises:
        RefusedError: Anything else; the first differences are named.

    """
    manifest = staging / MANIFEST
    if not manifest.is_file():
        raise RefusedError(f"数据包里没有 {MANIFEST}。")
    comparison = compare_folder(staging, _require_signed(manifest, area))
    if not comparison.is_same:
        raise RefusedError(f"取得的文件与签名的清单不符：{comparison.describe()}。")


def check_closure(staging: Path) -> None:
    """Let pass only an area whose pages link to files it has.

    Raises:
        RefusedError: A link leads to a file that is not in the area.

    """
    entries = read_manifest((staging / MANIFEST).read_bytes())
    inside = {entry.path for entry in entries} | {MANIFEST, "host.js", "mirror.json"}
    for path in sorted(inside):
        if not path.endswith(LINKING):
            continue
        for target in find_targets(path, (staging / path).read_bytes()):
            if target not in inside:
                raise RefusedError(
                    f"区域 {path} 里的链接通向区域之外的 {target}，会是死链。请中心重新发布。"
                )


def _require_signed(manifest: Path, area: Area) -> bytes:
    content = manifest.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != area.manifest_sha256:
        raise RefusedError(
            f"{MANIFEST} 的 SHA-256 是 {found[:16]}…，签名的是 {area.manifest_sha256[:16]}…。"
        )
    return content


def _link(old: Path, staging: Path, path: str, folders: set[str]) -> None:
    _make_folder(staging, path, folders)
    try:
        os.link(f"{old}/{path}", f"{staging}/{path}", follow_symlinks=False)
    except FileNotFoundError as fault:
        raise RefusedError(f"旧网站里没有 {path}，增量包对不上。") from fault


def _make_folder(staging: Path, path: str, folders: set[str]) -> None:
    folder = path.rpartition("/")[0]
    if folder not in folders:
        (staging / folder).mkdir(parents=True, exist_ok=True)
        folders.add(folder)
