"""Whether a mirror serves exactly what the centre signed; works without any network.

The proof lies beside the snapshots in `state/`: the trusted root, the signed list of objects and
the release note; for mirrors made by mirror.sh the SSH signatures of the same. A folder without
them, such as a copy on a USB stick, is compared with its own manifest, and the answer says so.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from generator.mirror.faults import RefusedError
from generator.mirror.manifest import MANIFEST, Comparison, compare_folder
from generator.mirror.note import NOTE, WHOLE, Note, parse_note
from generator.mirror.store import Store, read_trace
from generator.mirror.trust import ROOT, prove_note


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of a folder."""

    site: Path
    comparison: Comparison
    files: int
    note: Note | None
    """The proven note; None where there is no signature to prove."""
    is_stale: bool
    """Whether the release is past its time."""


def verify_folder(folder: Path, now: dt.datetime) -> Verdict:
    """Compare a mirror, or any copy of a site, with what was signed.

    Raises:
        RefusedError: There is no site, the manifest is not the signed one, or a signature is wrong.

    """
    store = Store(folder)
    site = store.find_current() or folder
    if not (site / MANIFEST).is_file():
        raise RefusedError(f"{folder} 里没有网站（找不到 {MANIFEST}）。")
    manifest = (site / MANIFEST).read_bytes()
    note = _prove(store) if site != folder else None
    if note is not None:
        area = note.area(str(read_trace(site).get("area", WHOLE)))
        if hashlib.sha256(manifest).hexdigest() != area.manifest_sha256:
            raise RefusedError(
                f"{site / MANIFEST} 不是第 {note.serial} 期签名的那一份：清单被改过。"
            )
    return Verdict(
        site=site,
        comparison=compare_folder(site),
        files=manifest.count(b'{"path"'),
        note=note,
        is_stale=note is not None and note.valid_until < now,
    )


def _prove(store: Store) -> Note:
    evidence = store.read_evidence()
    anchor = store.state / ROOT
    if evidence and anchor.is_file():
        history = store.state / "metadata" / "root_history"
        roots = sorted(history.glob("*.root.json"), key=lambda p: int(p.name.partition(".")[0]))
        return prove_note(
            anchor.read_bytes(),
            [path.read_bytes() for path in roots],
            evidence["targets.json"],
            evidence[NOTE],
        )
    if (store.state / "SHA256SUMS.sig").is_file():
        return _prove_plain(store.state)
    raise RefusedError(f"{store.state} 里没有签名的证据；请再同步一次，会自动补上。")


def _prove_plain(state: Path) -> Note:
    """The note of a mirror that mirror.sh made."""
    with tempfile.NamedTemporaryFile("w", suffix=".signers") as root:
        root.write(f'root namespaces="huanjing-keys" {(state / "ssh-root.pub").read_text()}')
        root.flush()
        _check_ssh(state / "allowed_signers", Path(root.name), "root", "huanjing-keys")
    _check_ssh(state / "SHA256SUMS", state / "allowed_signers", "release", "huanjing-release")
    note = (state / NOTE).read_bytes()
    sha256 = hashlib.sha256(note).hexdigest()
    if f"{sha256}  targets/{sha256}.{NOTE}" not in (state / "SHA256SUMS").read_text().splitlines():
        raise RefusedError(f"保存的 {NOTE} 不在签名的清单里。")
    return parse_note(note)


def _check_ssh(path: Path, signers: Path, identity: str, namespace: str) -> None:
    tool = shutil.which("ssh-keygen")
    if tool is None:
        raise RefusedError("找不到 ssh-keygen，不能核对签名：请安装 openssh-client。")
    with path.open("rb") as content:
        done = subprocess.run(  # noqa: S603 fixed tool, own arguments
            [tool, "-Y", "verify", "-f", str(signers), "-I", identity, "-n", namespace,
             "-s", f"{path}.sig"],
            stdin=content, capture_output=True, check=False,
        )  # fmt: skip
    if done.returncode:
        raise RefusedError(f"{path.name} 的签名不对：不是受信任的密钥签的，或内容被改过。")
