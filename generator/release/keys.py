"""The centre's keys: made, kept apart, exchanged.

    KEYS/
      offline/    three root keys and the SSH root key: to an encrypted medium in a safe; wanted
                  only to exchange keys
      online/     targets, snapshot, timestamp and the SSH release key: on the publishing machine
      public/     1.root.json … and allowed_signers with its signature: copied into every release;
                  root.json and ssh-root.pub are what mirrors are given to trust

Two of the three root keys sign a new root. What the root is to TUF, the SSH root key is to plain
tools: it signs the list of keys (`allowed_signers`) that may sign a release.

With a passphrase the offline keys are encrypted. Those online are not: a machine that publishes
unattended would have to keep their passphrase beside them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner, Signer
from tuf.api.metadata import Metadata, Root

from generator.errors import ReleaseError

ROOT_KEYS = 3
ROOT_THRESHOLD = 2
ROOT_DAYS = 1095
ONLINE_ROLES = ("targets", "snapshot", "timestamp")
SSH_ROOT, SSH_RELEASE = "ssh-root", "ssh-release"
SIGNERS = "allowed_signers"
KEYS_NAMESPACE, RELEASE_NAMESPACE = "huanjing-keys", "huanjing-release"
SHORTEST_PASSPHRASE = 12
_ASKED = "HUANJING_PASSPHRASE"


@dataclass(frozen=True, slots=True)
class OnlineKeys:
    """What signs a release."""

    signers: Mapping[str, Signer]
    ssh_release: Path
    public: Path


def make_keys(folder: Path, now: dt.datetime, passphrase: str = "") -> str:
    """Make all keys; returns the SHA-256 of the root, which mirrors are told.

    Raises:
        ReleaseError: There are keys already, the passphrase is short, or ssh-keygen is missing.

    """
    if passphrase and len(passphrase) < SHORTEST_PASSPHRASE:
        raise ReleaseError(
            f"口令只有 {len(passphrase)} 个字符；应为至少 {SHORTEST_PASSPHRASE} 个。"
        )
    if folder.exists() and any(folder.iterdir()):
        raise ReleaseError(
            f"{folder} 里已经有东西，没有动它。更换密钥用 --rotate online 或 --rotate root。"
        )
    for part in ("offline", "online", "public"):
        (folder / part).mkdir(parents=True, mode=0o700)
    root = Root(version=1, expires=now + dt.timedelta(days=ROOT_DAYS), consistent_snapshot=True)
    _add_root_keys(root, folder / "offline", range(1, ROOT_KEYS + 1), passphrase)
    _add_online_keys(root, folder / "online")
    _sign_root(root, folder, _read_signers(folder / "offline", passphrase))
    _make_ssh_key(folder / "offline" / SSH_ROOT, passphrase)
    shutil.copy(folder / "offline" / f"{SSH_ROOT}.pub", folder / "public")
    _renew_signers(folder, folder / "online", folder / "offline", passphrase)
    return read_fingerprint(folder)


def rotate_online(folder: Path, offline: Path, now: dt.datetime, passphrase: str = "") -> int:
    """Exchange the keys of the publishing machine; returns the new root's version.

    Raises:
        ReleaseError: The offline keys are not there, or do not open.

    """
    root, signers = _open_root(folder, offline, passphrase)
    for role in ONLINE_ROLES:
        root.revoke_key(root.roles[role].keyids[0], role)
    fresh = folder / "online.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    _add_online_keys(root, fresh)
    _advance(root, now)
    _renew_signers(folder, fresh, offline, passphrase)
    _sign_root(root, folder, signers)
    shutil.rmtree(folder / "online", ignore_errors=True)
    fresh.rename(folder / "online")
    return root.version


def rotate_root(folder: Path, offline: Path, now: dt.datetime, passphrase: str = "") -> int:
    """Exchange the three root keys; the new root is signed by the old and by the new ones.

    The SSH root key stays: mirrors without Python hold it, and only people can exchange it there.

    Raises:
        ReleaseError: The offline keys are not there, or do not open.

    """
    root, signers = _open_root(folder, offline, passphrase)
    old = {signer.public_key.keyid for signer in signers}
    for keyid in list(root.roles[Root.type].keyids):
        root.revoke_key(keyid, Root.type)
    replaced = sorted(offline.glob("root-*.pem"))
    first = root.version * ROOT_KEYS + 1
    _add_root_keys(root, offline, range(first, first + ROOT_KEYS), passphrase)
    _advance(root, now)
    fresh = [key for key in _read_signers(offline, passphrase) if key.public_key.keyid not in old]
    _sign_root(root, folder, [*signers, *fresh])
    for path in replaced:  # only now can they be spared
        path.unlink()
    return root.version


def read_online(folder: Path) -> OnlineKeys:
    """The keys that sign a release.

    Raises:
        ReleaseError: There are none; the message names the command that makes them.

    """
    online = folder / "online"
    paths = {role: online / f"{role}.pem" for role in ONLINE_ROLES}
    wanted = (*paths.values(), online / SSH_RELEASE, folder / "public" / f"{SIGNERS}.sig")
    missing = [path for path in wanted if not path.is_file()]
    if missing:
        raise ReleaseError(
            f"没有密钥，不能发布（找不到 {missing[0]}）。请先运行：huanjing keys {folder}"
        )
    return OnlineKeys(
        {role: _read_signer(path) for role, path in paths.items()},
        online / SSH_RELEASE,
        folder / "public",
    )


def read_fingerprint(folder: Path) -> str:
    """SHA-256 of the first root, in hexadecimal digits: what mirrors compare."""
    return hashlib.sha256((folder / "public/1.root.json").read_bytes()).hexdigest()


def sign_ssh(key: Path, namespace: str, path: Path, passphrase: str = "") -> None:
    """Write `path`.sig, as `ssh-keygen -Y sign` makes it.

    Raises:
        ReleaseError: ssh-keygen is missing or refuses.

    """
    path.with_name(f"{path.name}.sig").unlink(missing_ok=True)
    _run_keygen("-q", "-Y", "sign", "-f", str(key), "-n", namespace, str(path), answer=passphrase)


def list_roots(public: Path) -> tuple[Path, ...]:
    """Every version of the root, the first one first."""
    return tuple(sorted(public.glob("*.root.json"), key=lambda path: int(path.name.split(".")[0])))


def _open_root(folder: Path, offline: Path, passphrase: str) -> tuple[Root, list[Signer]]:
    signers = _read_signers(offline, passphrase)
    roots = list_roots(folder / "public")
    if not roots or not (offline / SSH_ROOT).is_file():
        raise ReleaseError(
            f"更换密钥要用离线密钥：请接上介质，用 --offline 指明文件夹（{offline}）。"
        )
    root = Metadata[Root].from_bytes(roots[-1].read_bytes()).signed
    known = [s for s in signers if s.public_key.keyid in root.roles[Root.type].keyids]
    if len(known) < ROOT_THRESHOLD:
        raise ReleaseError(
            f"{offline} 里只有 {len(known)} 把根密钥可用，至少要 {ROOT_THRESHOLD} 把。"
        )
    return root, known


def _advance(root: Root, now: dt.datetime) -> None:
    root.version += 1
    root.expires = (now + dt.timedelta(days=ROOT_DAYS)).replace(microsecond=0)


def _add_root_keys(root: Root, folder: Path, numbers: Iterable[int], passphrase: str) -> None:
    for number in numbers:
        signer = _make_signer(folder / f"root-{number}.pem", passphrase)
        root.add_key(signer.public_key, Root.type)
    root.roles[Root.type].threshold = ROOT_THRESHOLD


def _add_online_keys(root: Root, folder: Path) -> None:
    for role in ONLINE_ROLES:
        root.add_key(_make_signer(folder / f"{role}.pem").public_key, role)
    _make_ssh_key(folder / SSH_RELEASE)


def _sign_root(root: Root, folder: Path, signers: Iterable[Signer]) -> None:
    root.expires = root.expires.replace(microsecond=0)
    metadata = Metadata(root)
    for signer in signers:
        metadata.sign(signer, append=True)
    content = metadata.to_bytes()
    (folder / f"public/{root.version}.root.json").write_bytes(content)
    if root.version == 1:
        (folder / "public/root.json").write_bytes(content)


def _renew_signers(folder: Path, online: Path, offline: Path, passphrase: str) -> None:
    """The signed list of keys that may sign releases; its version only ever rises."""
    path = folder / "public" / SIGNERS
    version = 1
    if path.is_file():
        version = int(path.read_text(encoding="ascii").split()[2]) + 1
    key = (online / f"{SSH_RELEASE}.pub").read_text(encoding="ascii").split()
    fresh = path.with_name(f"{SIGNERS}.new")
    fresh.write_text(
        f'# version {version}\nrelease namespaces="{RELEASE_NAMESPACE}" {key[0]} {key[1]}\n',
        encoding="ascii",
    )
    sign_ssh(offline / SSH_ROOT, KEYS_NAMESPACE, fresh, passphrase)
    fresh.with_name(f"{fresh.name}.sig").replace(path.with_name(f"{SIGNERS}.sig"))
    fresh.replace(path)


def _make_signer(path: Path, passphrase: str = "") -> CryptoSigner:
    key = Ed25519PrivateKey.generate()
    secret: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        secret = serialization.BestAvailableEncryption(passphrase.encode())
    path.touch(mode=0o600)
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, secret)
    )
    return CryptoSigner(key)


def _read_signer(path: Path, passphrase: str = "") -> CryptoSigner:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), passphrase.encode() or None)
    except TypeError as fault:  # a passphrase for a plain key, or none for an encrypted one
        cure = "没有加密，不要给口令" if passphrase else "是加密的，请用 --passphrase-file 给出口令"
        raise ReleaseError(f"密钥 {path} {cure}。") from fault
    except ValueError as fault:
        raise ReleaseError(f"密钥 {path} 打不开：口令不对，或者文件已损坏。") from fault
    return CryptoSigner(key)


def _read_signers(folder: Path, passphrase: str) -> list[Signer]:
    return [_read_signer(path, passphrase) for path in sorted(folder.glob("root-*.pem"))]


def _make_ssh_key(path: Path, passphrase: str = "") -> None:
    # A passphrase among the arguments could be read by everybody on the machine.
    secret = () if passphrase else ("-N", "")
    _run_keygen("-q", "-t", "ed25519", *secret, "-C", path.name, "-f", str(path), answer=passphrase)


def _run_keygen(*arguments: str, answer: str = "") -> None:
    """Run ssh-keygen; to a question for a passphrase it is told `answer`."""
    tool = shutil.which("ssh-keygen")
    if tool is None:
        raise ReleaseError("找不到 ssh-keygen：请安装 openssh-client。")
    with tempfile.TemporaryDirectory() as folder:
        teller = Path(folder, "tell")
        teller.write_text(f'#!/bin/sh\nprintf "%s\\n" "${_ASKED}"\n', encoding="ascii")
        teller.chmod(0o700)
        asked = {"SSH_ASKPASS": str(teller), "SSH_ASKPASS_REQUIRE": "force", _ASKED: answer}
        done = subprocess.run(  # noqa: S603 fixed tool, own arguments
            [tool, *arguments], capture_output=True, text=True, check=False,
            stdin=subprocess.DEVNULL, env=os.environ | asked,
        )  # fmt: skip
    if done.returncode:
        raise ReleaseError(f"ssh-keygen 没有成功：{done.stderr.strip()}")
