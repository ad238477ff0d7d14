"""The centre's keys: made, kept apart, exchanged.

    KEYS/
      offline/    three root keys and the SSH root key: to an encrypted medium in a safe; wanted
                  only to exchange keys
      online/     targets, snapshot, timestamp and the SSH release key: on the publishing machine
      public/     1.root.json … and allowed_signers with its signature: copied into every release;
                  root.json and ssh-root.pub are what mirrors are given to trust

Two of the three root keys sign a new root. What the root is to TUF, the SSH root key is to plain
tools: it signs the list of keys (`allowed_signers`) that may sign a release.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
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


@dataclass(frozen=True, slots=True)
class OnlineKeys:
    """What signs a release."""

    signers: Mapping[str, Signer]
    ssh_release: Path
    public: Path


def make_keys(folder: Path, now: dt.datetime) -> str:
    """Make all keys; returns the SHA-256 of the root, which mirrors are told.

    Raises:
        ReleaseError: There are keys already, or ssh-keygen is missing.

    """
    if folder.exists() and any(folder.iterdir()):
        raise ReleaseError(
            f"{folder} 里已经有东西，没有动它。更换密钥用 --rotate online 或 --rotate root。"
        )
    for part in ("offline", "online", "public"):
        (folder / part).mkdir(parents=True, mode=0o700)
    root = Root(version=1, expires=now + dt.timedelta(days=ROOT_DAYS), consistent_snapshot=True)
    _add_root_keys(root, folder / "offline", range(1, ROOT_KEYS + 1))
    _add_online_keys(root, folder / "online")
    _sign_root(root, folder, _read_signers(folder / "offline"))
    _make_ssh_key(folder / "offline" / SSH_ROOT)
    shutil.copy(folder / "offline" / f"{SSH_ROOT}.pub", folder / "public")
    _renew_signers(folder, folder / "offline")
    return read_fingerprint(folder)


def rotate_online(folder: Path, offline: Path, now: dt.datetime) -> int:
    """Exchange the keys of the publishing machine; returns the new root's version.

    Raises:
        ReleaseError: The offline keys are not there.

    """
    root, signers = _open_root(folder, offline)
    for role in ONLINE_ROLES:
        root.revoke_key(root.roles[role].keyids[0], role)
    shutil.rmtree(folder / "online")
    (folder / "online").mkdir(mode=0o700)
    _add_online_keys(root, folder / "online")
    _advance(root, now)
    _sign_root(root, folder, signers)
    _renew_signers(folder, offline)
    return root.version


def rotate_root(folder: Path, offline: Path, now: dt.datetime) -> int:
    """Exchange the three root keys; the new root is signed by the old and by the new ones.

    The SSH root key stays: mirrors without Python hold it, and only people can exchange it there.

    Raises:
        ReleaseError: The offline keys are not there.

    """
    root, signers = _open_root(folder, offline)
    old = {signer.public_key.keyid for signer in signers}
    for keyid in list(root.roles[Root.type].keyids):
        root.revoke_key(keyid, Root.type)
    for path in offline.glob("root-*.pem"):
        path.unlink()
    first = root.version * ROOT_KEYS + 1
    _add_root_keys(root, offline, range(first, first + ROOT_KEYS))
    _advance(root, now)
    fresh = [key for key in _read_signers(offline) if key.public_key.keyid not in old]
    _sign_root(root, folder, [*signers, *fresh])
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


def sign_ssh(key: Path, namespace: str, path: Path) -> None:
    """Write `path`.sig, as `ssh-keygen -Y sign` makes it.

    Raises:
        ReleaseError: ssh-keygen is missing or refuses.

    """
    path.with_name(f"{path.name}.sig").unlink(missing_ok=True)
    _run_keygen("-q", "-Y", "sign", "-f", str(key), "-n", namespace, str(path))


def list_roots(public: Path) -> tuple[Path, ...]:
    """Every version of the root, the first one first."""
    return tuple(sorted(public.glob("*.root.json"), key=lambda path: int(path.name.split(".")[0])))


def _open_root(folder: Path, offline: Path) -> tuple[Root, list[Signer]]:
    signers = _read_signers(offline)
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


def _add_root_keys(root: Root, folder: Path, numbers: Iterable[int]) -> None:
    for number in numbers:
        signer = _make_signer(folder / f"root-{number}.pem")
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


def _renew_signers(folder: Path, offline: Path) -> None:
    """The signed list of keys that may sign releases; its version only ever rises."""
    path = folder / "public" / SIGNERS
    version = 1
    if path.is_file():
        version = int(path.read_text(encoding="ascii").split()[2]) + 1
    key = (folder / "online" / f"{SSH_RELEASE}.pub").read_text(encoding="ascii").split()
    path.write_text(
        f'# version {version}\nrelease namespaces="{RELEASE_NAMESPACE}" {key[0]} {key[1]}\n',
        encoding="ascii",
    )
    sign_ssh(offline / SSH_ROOT, KEYS_NAMESPACE, path)


def _make_signer(path: Path) -> CryptoSigner:
    signer = CryptoSigner.generate_ed25519()
    path.touch(mode=0o600)
    path.write_bytes(signer.private_bytes)
    return signer


def _read_signer(path: Path) -> CryptoSigner:
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    return CryptoSigner(key)


def _read_signers(folder: Path) -> list[Signer]:
    return [_read_signer(path) for path in sorted(folder.glob("root-*.pem"))]


def _make_ssh_key(path: Path) -> None:
    _run_keygen("-q", "-t", "ed25519", "-N", "", "-C", path.name, "-f", str(path))


def _run_keygen(*arguments: str) -> None:
    tool = shutil.which("ssh-keygen")
    if tool is None:
        raise ReleaseError("找不到 ssh-keygen：请安装 openssh-client。")
    done = subprocess.run(  # noqa: S603 fixed tool, own arguments
        [tool, *arguments], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        raise ReleaseError(f"ssh-keygen 没有成功：{done.stderr.strip()}")
