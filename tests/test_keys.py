"""The centre's keys: a passphrase on those offline, and an exchange that fails loses none."""

from __future__ import annotations

import os
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from mirror_kit import NOW
from tuf.api.metadata import Metadata, Root

from generator.cli import main
from generator.errors import ReleaseError
from generator.release.keys import list_roots, make_keys, rotate_online, rotate_root

PASSPHRASE = "马到成功 correct horse"  # noqa: S105 invented
ONLINE = ["snapshot.pem", "ssh-release", "ssh-release.pub", "targets.pem", "timestamp.pem"]


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    make_keys(tmp_path / "keys", NOW, PASSPHRASE)
    return tmp_path / "keys"


def read_all(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def check_chain(keys: Path) -> None:
    """Every root is signed by the one before and by itself; the list of keys is signed."""
    roots = [Metadata[Root].from_file(str(path)) for path in list_roots(keys / "public")]
    for old, new in pairwise(roots):
        old.signed.verify_delegate(Root.type, new.signed_bytes, new.signatures)
    roots[-1].signed.verify_delegate(Root.type, roots[-1].signed_bytes, roots[-1].signatures)
    public = keys / "public"
    trusted = public.with_name("trusted")
    trusted.write_text("keys " + (public / "ssh-root.pub").read_text(encoding="ascii"))
    subprocess.run(
        ["ssh-keygen", "-Y", "verify", "-f", trusted, "-I", "keys", "-n", "huanjing-keys",
         "-s", public / "allowed_signers.sig"],
        input=(public / "allowed_signers").read_bytes(), check=True, capture_output=True,
    )  # fmt: skip


def test_keys_offline_are_encrypted_and_those_online_are_not(keys: Path) -> None:
    for path in keys.glob("offline/root-*.pem"):
        assert path.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
        assert path.stat().st_mode & 0o077 == 0
    for path in keys.glob("online/*.pem"):
        assert path.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")
    opened = {
        name: subprocess.run(
            ["ssh-keygen", "-y", "-P", "", "-f", keys / name], capture_output=True, check=False
        ).returncode
        == 0
        for name in ("offline/ssh-root", "online/ssh-release")
    }
    assert opened == {"offline/ssh-root": False, "online/ssh-release": True}


def test_encrypted_keys_exchange_those_online_and_themselves(keys: Path) -> None:
    assert rotate_online(keys, keys / "offline", NOW, PASSPHRASE) == 2
    assert rotate_root(keys, keys / "offline", NOW, PASSPHRASE) == 3
    assert rotate_online(keys, keys / "offline", NOW, PASSPHRASE) == 4
    check_chain(keys)
    assert sorted(path.name for path in (keys / "online").iterdir()) == ONLINE
    assert len(list(keys.glob("offline/root-*.pem"))) == 3


@pytest.mark.parametrize(
    ("secret", "message"),
    [("", "--passphrase-file"), ("some other words", "口令不对，或者文件已损坏")],
)
def test_an_exchange_with_a_wrong_passphrase_changes_nothing(
    keys: Path, secret: str, message: str
) -> None:
    before = read_all(keys)
    for exchange in (rotate_online, rotate_root):
        with pytest.raises(ReleaseError, match=message):
            exchange(keys, keys / "offline", NOW, secret)
    assert read_all(keys) == before


def test_a_passphrase_for_plain_keys_says_so(tmp_path: Path) -> None:
    make_keys(tmp_path, NOW)
    with pytest.raises(ReleaseError, match="没有加密，不要给口令"):
        rotate_root(tmp_path, tmp_path / "offline", NOW, PASSPHRASE)


def test_an_exchange_that_is_cut_short_leaves_the_keys_that_are_in_force(
    keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read_all(keys)
    monkeypatch.setenv("PATH", "")  # ssh-keygen is gone
    with pytest.raises(ReleaseError, match="ssh-keygen"):
        rotate_online(keys, keys / "offline", NOW, PASSPHRASE)
    after = read_all(keys)
    assert {path: after.get(path) for path in before} == before
    monkeypatch.undo()
    assert rotate_online(keys, keys / "offline", NOW, PASSPHRASE) == 2
    check_chain(keys)
    assert not (keys / "online.new").exists()


def test_the_command_takes_the_passphrase_from_a_file_or_asks_for_it(tmp_path: Path) -> None:
    secret, folder = tmp_path / "secret", tmp_path / "keys"
    runner = CliRunner()

    def run(*arguments: str | os.PathLike[str], answer: str = "") -> tuple[int, str]:
        done = runner.invoke(main, ["keys", *map(str, arguments)], input=answer)
        return done.exit_code, done.output

    secret.write_text("\n", encoding="utf-8")
    code, told = run(folder, "--passphrase-file", secret)
    assert (code, folder.exists()) == (1, False)
    assert "第一行是空的" in told
    secret.write_text("短口令\n", encoding="utf-8")
    code, told = run(folder, "--passphrase-file", secret)
    assert (code, folder.exists()) == (1, False)
    assert "至少 12 个" in told
    code, told = run(folder, "--passphrase-file", "-", answer=f"{PASSPHRASE}\n{PASSPHRASE}\n")
    assert code == 0, told
    assert PASSPHRASE not in told
    secret.write_text(f"{PASSPHRASE}\n", encoding="utf-8")
    code, told = run(folder, "--rotate", "root", "--passphrase-file", secret)
    assert code == 0, told
    check_chain(folder)
