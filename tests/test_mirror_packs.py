"""Hostile packs, signed all the same, since the centre's own machine may be at fault."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import io
import tarfile
from pathlib import Path

import pytest
from fault_kit import CLIENTS, standing, try_sync
from mirror_kit import (
    BASE,
    NOW,
    Centre,
    list_files,
    make_files,
    run_shell,
)
from web_servers import run_nginx

from generator.mirror.manifest import MANIFEST
from generator.mirror.note import NOTE, WHOLE, Area, Note, format_note, pack_target
from generator.release.history import Pack
from generator.release.keys import read_online
from generator.release.repository import Repository


def forge(
    centre: Centre,
    pack: bytes,
    manifest: bytes,
    files: int = 100,
    size: int = 1_000_000,
    area: str = WHOLE,
) -> None:
    """Sign a release of one pack, whatever is in it."""
    repository = Repository(centre.release)
    described = Area(area, files, size, hashlib.sha256(manifest).hexdigest())
    areas = {WHOLE: Area(WHOLE, files, size, described.manifest_sha256), area: described}
    note = Note(2, NOW, NOW + dt.timedelta(days=9), "2016-07-03", "", BASE, 0, areas)
    objects: dict[str, Pack] = {
        NOTE: repository.add(NOTE, format_note(note)),
        pack_target(area): repository.add(pack_target(area), pack),
    }
    repository.sign(2, objects, note.valid_until, read_online(centre.keys))


def make_tar(*members: tarfile.TarInfo | tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", format=tarfile.USTAR_FORMAT) as tar:
        for member in members:
            if isinstance(member, tuple):
                info = tarfile.TarInfo(member[0])
                info.size = len(member[1])
                tar.addfile(info, io.BytesIO(member[1]))
            else:
                tar.addfile(member)
    return out.getvalue()


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def pax() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", format=tarfile.PAX_FORMAT) as tar:
        info = tarfile.TarInfo("a.html")
        info.pax_headers = {"path": "../../escaped.html"}
        tar.addfile(info)
    return out.getvalue()


GOOD = make_files(3)
REST = tuple((MANIFEST, list_files(GOOD)) if n == "" else (n, GOOD[n]) for n in ("", *sorted(GOOD)))
PACKS: tuple[tuple[str, bytes, str], ...] = (
    ("traversal", make_tar(*REST, ("../../../escaped.html", b"x")), "不安全"),
    ("absolute", make_tar(*REST, ("/tmp/escaped.html", b"x")), "不安全"),  # noqa: S108
    ("symlink", make_tar(*REST, special("a.html", tarfile.SYMTYPE, "/etc/passwd")), "普通文件"),
    ("hard link", make_tar(*REST, special("a.html", tarfile.LNKTYPE, "index.html")), "普通文件"),
    ("device", make_tar(*REST, special("a.html", tarfile.CHRTYPE)), "普通文件"),
    ("fifo", make_tar(*REST, special("a.html", tarfile.FIFOTYPE)), "普通文件"),
    ("folder", make_tar(*REST, special("a.html", tarfile.DIRTYPE)), "普通文件"),
    ("case-colliding", make_tar(*REST, ("INDEX.html", b"x")), "重名|不符"),
    ("doubled", make_tar(*REST, ("index.html", b"x")), "重名|不符"),
    ("htaccess", make_tar(*REST, (".htaccess", b"x")), "不安全"),
    ("web.config", make_tar(*REST, ("web.config", b"x")), "不安全"),
    ("user.ini", make_tar(*REST, ("a/.user.ini", b"x")), "不安全"),
    ("script", make_tar(*REST, ("a/shell.php", b"x")), "不安全"),
    ("reserved", make_tar(*REST, ("a/con.html", b"x")), "不安全|不符"),
    ("pax path", pax(), "普通文件|不安全|没有"),
    ("unlisted", make_tar(*REST, ("more.html", b"x")), "不符"),
    ("missing", make_tar(*REST[:-1]), "不符"),
    ("other content", make_tar(*REST[:-1], (REST[-1][0], b"x")), "不符"),
    ("no manifest", make_tar(*REST[1:]), "没有|不符"),
    ("gzip bomb", gzip.compress(b"\0" * 80_000_000), "超过|没有"),
    ("tar bomb", make_tar(*REST, ("big.html", b"\0" * 80_000_000)), "超过"),
    ("many files", make_tar(*REST, *((f"f{n}.html", b"") for n in range(200))), "超过|不符"),
    ("cut", make_tar(*REST)[:-2000], "损坏|中途|展开"),
    ("no archive", b"\x1f\x8b not gzip", "损坏|展开"),
)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("case", PACKS, ids=lambda case: case[0])
def test_a_hostile_pack_is_refused(
    centre: Centre, client: str, case: tuple[str, bytes, str]
) -> None:
    forge(centre, case[1], list_files(GOOD), size=200_000)
    listing = sorted(p.name for p in centre.root.parent.iterdir())
    with run_nginx(centre.release, centre.root / "nginx") as url, standing(centre, client):
        if client == "python":
            code, message = try_sync(url, centre, client, allow_shrink=True)
            assert any(word in message for word in case[2].split("|")), message
        else:
            done = run_shell(url, centre.root / "s", HUANJING_ALLOW_SHRINK="1")
            code, message = done.returncode, done.stderr
    assert code in ({10} if client == "python" else {10, 13}), message
    assert sorted(p.name for p in centre.root.parent.iterdir()) == listing
    assert not list(centre.root.rglob("escaped.html"))
    assert not Path("/tmp/escaped.html").exists()  # noqa: S108


@pytest.mark.parametrize(
    "path", ["../escaped.html", "/etc/x.html", ".htaccess", "a/web.config", "INDEX.html", "nul.txt"]
)
def test_a_manifest_with_a_bad_name_is_refused(centre: Centre, path: str) -> None:
    files = {**GOOD, path: b"x"}
    pack = make_tar((MANIFEST, list_files(files)), *REST[1:])
    forge(centre, pack, list_files(files), size=200_000)
    with run_nginx(centre.release, centre.root / "nginx") as url, standing(centre, "python"):
        code, message = try_sync(url, centre, "python", allow_shrink=True)
    assert code == 10
    assert path in message


def test_an_area_that_links_outside_its_closure_is_refused(centre: Centre) -> None:
    files = {**GOOD, "index.html": b'<a href="district/990201.html">x</a>'}
    del files["district/990201.html"]
    pack = make_tar((MANIFEST, list_files(files)), *sorted(files.items()))
    forge(centre, pack, list_files(files), size=200_000, area="990100")
    with run_nginx(centre.release, centre.root / "nginx") as url, standing(centre, "python"):
        code, message = try_sync(url, centre, "python", area="990100", allow_shrink=True)
    assert code == 10
    assert "district/990201.html" in message
