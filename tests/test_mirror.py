"""A mirror against Debian's nginx: what moves, what is served, what the signatures prove."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest
from mirror_kit import (
    BASE,
    NOW,
    SHELL,
    Centre,
    found_centre,
    list_files,
    make_files,
    read_site,
    read_trace,
    run_shell,
    sync,
)
from tuf.ngclient import Updater
from web_servers import run_nginx

from generator.mirror.links import find_targets
from generator.mirror.manifest import read_manifest
from generator.mirror.store import Store, begin_staging, switch
from generator.release.keys import rotate_online, rotate_root

EDIT = {"990101-B-00003": "年产三千吨有机肥项目"}


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Centre:
    """A centre with two releases, one project renamed between them."""
    centre = found_centre(tmp_path_factory.mktemp("centre"))
    centre.publish(make_files())
    centre.publish(make_files(edited=EDIT))
    return centre


@pytest.fixture
def url(centre: Centre, tmp_path: Path) -> object:
    with run_nginx(centre.release, tmp_path / "nginx") as address:
        yield address


def test_a_first_sync_serves_the_released_site(url: str, centre: Centre, tmp_path: Path) -> None:
    outcome = sync(url, tmp_path / "m", centre.fingerprint)
    assert (outcome.serial, outcome.former, outcome.way) == (2, 0, "pack")
    files = make_files(edited=EDIT)
    assert read_site(tmp_path / "m") == {**files, "manifest.json": list_files(files)}
    assert read_trace(tmp_path / "m")["serial"] == 2


def test_a_second_sync_moves_next_to_nothing(url: str, centre: Centre, tmp_path: Path) -> None:
    sync(url, tmp_path / "m", centre.fingerprint)
    outcome = sync(url, tmp_path / "m")
    print(f"no change: {outcome.requests} requests, {outcome.bytes} bytes")
    assert outcome.way == "unchanged"
    assert outcome.bytes < 20_000


def test_a_changed_row_comes_as_a_delta(tmp_path: Path) -> None:
    centre = found_centre(tmp_path / "centre")
    centre.publish(make_files(200))
    with run_nginx(centre.release, tmp_path / "nginx") as url:
        sync(url, tmp_path / "m", centre.fingerprint)
        centre.publish(make_files(200, edited=EDIT))
        outcome = sync(url, tmp_path / "m")
    print(f"one row: {outcome.requests} requests, {outcome.bytes} bytes")
    assert (outcome.way, outcome.former) == ("delta", 1)
    files = make_files(200, edited=EDIT)
    assert read_site(tmp_path / "m") == {**files, "manifest.json": list_files(files)}
    assert (tmp_path / "m/snapshots/1/manifest.json").read_bytes() == list_files(make_files(200))


def test_a_release_of_the_same_site_costs_no_pack(tmp_path: Path) -> None:
    centre = found_centre(tmp_path / "centre")
    centre.publish(make_files())
    with run_nginx(centre.release, tmp_path / "nginx") as url:
        sync(url, tmp_path / "m", centre.fingerprint)
        centre.publish(make_files())
        outcome = sync(url, tmp_path / "m")
    assert (outcome.serial, outcome.way) == (2, "relinked")
    assert outcome.bytes < 20_000


def test_files_that_vanish_are_gone_after_a_delta(tmp_path: Path) -> None:
    centre = found_centre(tmp_path / "centre")
    files = make_files()
    centre.publish(files)
    with run_nginx(centre.release, tmp_path / "nginx") as url:
        sync(url, tmp_path / "m", centre.fingerprint)
        del files["enterprise/E99010101.html"]
        files["week/2016-W26.html"] = b"<h1>new</h1>"
        centre.publish(files)
        assert sync(url, tmp_path / "m").way == "delta"
    assert read_site(tmp_path / "m") == {**files, "manifest.json": list_files(files)}


def test_an_area_is_a_working_site_that_leads_to_the_province(
    url: str, centre: Centre, tmp_path: Path
) -> None:
    sync(url, tmp_path / "m", centre.fingerprint, area="990100")
    site = read_site(tmp_path / "m")
    assert "project/990101-B-00003.html" in site
    assert not [path for path in site if "9902" in path or path.startswith("download/tables/")]
    for path, content in site.items():
        if path.endswith(".html"):
            assert set(find_targets(path, content)) <= set(site)
    assert f'href="{BASE}district/990201.html"'.encode() in site["index.html"]
    assert b'href="district/990101.html"' in site["index.html"]
    assert b'"prefix": "9901"' in site["snapshot.js"]


def test_the_unmodified_tuf_client_verifies_every_object(
    url: str, centre: Centre, tmp_path: Path
) -> None:
    (tmp_path / "targets").mkdir()
    updater = Updater(
        str(tmp_path / "metadata"),
        f"{url}metadata/",
        str(tmp_path / "targets"),
        f"{url}targets/",
        bootstrap=(centre.keys / "public/root.json").read_bytes(),
    )
    for name in ("release.txt", "pack/whole.tar.gz", "pack/990100.tar.gz", "mirror.sh"):
        target = updater.get_targetinfo(name)
        assert target is not None
        found = Path(updater.download_target(target)).read_bytes()
        assert hashlib.sha256(found).hexdigest() == target.hashes["sha256"]


def test_plain_tools_verify_the_same_release(centre: Centre, tmp_path: Path) -> None:
    plain = centre.release / "plain"
    serial = (plain / "latest").read_text().strip()
    root = (centre.keys / "public/ssh-root.pub").read_text()
    (tmp_path / "root").write_text(f'root namespaces="huanjing-keys" {root}')

    def verify(file: Path, signers: Path, identity: str, namespace: str) -> int:
        with file.open("rb") as content:
            return subprocess.run(
                [
                    "ssh-keygen", "-Y", "verify", "-f", str(signers), "-I", identity,
                    "-n", namespace, "-s", f"{file}.sig",
                ],
                stdin=content, capture_output=True, check=False,
            ).returncode  # fmt: skip

    signers, sums = plain / "allowed_signers", plain / serial / "SHA256SUMS"
    assert verify(signers, tmp_path / "root", "root", "huanjing-keys") == 0
    assert verify(sums, signers, "release", "huanjing-release") == 0
    checked = subprocess.run(
        ["sha256sum", "--strict", "-c", str(sums)],
        cwd=centre.release, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert checked.stdout.count(": OK") == len(sums.read_text().splitlines())
    shutil.copy(sums, tmp_path / "SHA256SUMS")
    shutil.copy(f"{sums}.sig", tmp_path / "SHA256SUMS.sig")
    with (tmp_path / "SHA256SUMS").open("a") as file:
        file.write("0" * 64 + "  targets/other\n")
    assert verify(tmp_path / "SHA256SUMS", signers, "release", "huanjing-release") != 0


@pytest.mark.parametrize("tool", ["wget", "curl"])
def test_the_shell_script_does_the_same(centre: Centre, tmp_path: Path, tool: str) -> None:
    now = centre.copy_to(tmp_path / "centre")
    with run_nginx(now.release, tmp_path / "nginx") as url:
        log = tmp_path / "nginx/access.log"
        first = run_shell(url, tmp_path / "m", now, HUANJING_FETCH=tool)
        assert first.returncode == 0, first.stderr
        assert "整包更新" in first.stdout
        same = run_shell(url, tmp_path / "m", HUANJING_FETCH=tool)
        assert "没有变化" in same.stdout, same.stderr
        now.publish(make_files())
        log.write_text("")
        third = run_shell(url, tmp_path / "m", HUANJING_FETCH=tool)
        assert "增量更新" in third.stdout, third.stderr
        now.publish(make_files())
        log.write_text("")
        fourth = run_shell(url, tmp_path / "m", HUANJING_FETCH=tool)
        assert "换了期号" in fourth.stdout, fourth.stderr
        assert ".tar.gz" not in log.read_text()
        area = run_shell(url, tmp_path / "a", now, "990100", HUANJING_FETCH=tool)
        assert area.returncode == 0, area.stderr
        sync(url, tmp_path / "p", now.fingerprint, area="990100")
    files = make_files()
    assert read_site(tmp_path / "m") == {**files, "manifest.json": list_files(files)}
    assert read_site(tmp_path / "a") == read_site(tmp_path / "p")


def test_the_shell_script_follows_rsync(centre: Centre, tmp_path: Path) -> None:
    done = run_shell(str(centre.release), tmp_path / "m", centre, HUANJING_FETCH="rsync")
    assert done.returncode == 0, done.stderr
    files = make_files(edited=EDIT)
    assert read_site(tmp_path / "m") == {**files, "manifest.json": list_files(files)}


def test_the_shell_script_is_clean_and_short() -> None:
    tool = Path(sys.executable).with_name("shellcheck")
    found = subprocess.run([tool, str(SHELL)], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (0, "")
    assert len(SHELL.read_text().splitlines()) < 120


def test_mirrors_follow_exchanged_keys(tmp_path: Path) -> None:
    centre = found_centre(tmp_path / "centre")
    centre.publish(make_files())
    offline = tmp_path / "safe"
    with run_nginx(centre.release, tmp_path / "nginx") as url:
        sync(url, tmp_path / "m", centre.fingerprint)
        assert run_shell(url, tmp_path / "s", centre).returncode == 0
        (centre.keys / "offline").rename(offline)
        assert rotate_online(centre.keys, offline, NOW) == 2
        centre.publish(make_files(edited=EDIT))
        assert sync(url, tmp_path / "m").serial == 2
        assert run_shell(url, tmp_path / "s").returncode == 0
        assert rotate_root(centre.keys, offline, NOW) == 3
        centre.publish(make_files())
        assert sync(url, tmp_path / "m").serial == 3
        assert sync(url, tmp_path / "new", centre.fingerprint).serial == 3
        assert run_shell(url, tmp_path / "s").returncode == 0


def test_two_hundred_switches_under_requests_give_only_whole_sites(tmp_path: Path) -> None:
    """Each response is the whole file of one of the two sites, and none fails."""
    store = Store(tmp_path / "m")
    store.snapshots.mkdir(parents=True)
    sites = [make_files(), make_files(edited=EDIT)]
    allowed = {
        path: {sites[0][path], sites[1][path]}
        for path in ("index.html", "project/990101-B-00003.html", "district/990101.html")
    }

    def put(serial: int) -> None:
        staging = begin_staging(store)
        for path, content in sites[serial % 2].items():
            if path in allowed:
                (staging / path).parent.mkdir(parents=True, exist_ok=True)
                (staging / path).write_bytes(content)
        switch(store, serial)
        for old in store.list_snapshots()[:-2]:
            shutil.rmtree(old)

    put(1)
    done, answers, wrong = threading.Event(), [0], []
    with run_nginx(store.current, tmp_path / "nginx") as url:

        def ask() -> None:
            while not done.is_set():
                for path, contents in allowed.items():
                    try:
                        with urllib.request.urlopen(url + path, timeout=10) as response:  # noqa: S310
                            if response.read() not in contents:
                                wrong.append(path)
                    except OSError as fault:
                        wrong.append(f"{path}: {fault}")
                    answers[0] += 1

        readers = [threading.Thread(target=ask) for _ in range(3)]
        for reader in readers:
            reader.start()
        for serial in range(2, 202):
            put(serial)
        done.set()
        for reader in readers:
            reader.join()
    print(f"200 switches, {answers[0]} responses")
    assert wrong == []
    assert answers[0] > 200


def test_a_mirror_runs_without_the_generators_libraries(
    url: str, centre: Centre, tmp_path: Path
) -> None:
    """A folder of empty packages that raise on import stands before the real ones."""
    for name in (
        "cryptography", "frictionless", "jinja2", "mkdocs", "numpy", "openpyxl", "pandas", "PIL",
        "polars", "pyarrow", "rich", "yaml", "pypinyin", "opencc", "stdnum", "xlsxwriter",
    ):  # fmt: skip
        (tmp_path / "blocked" / name).mkdir(parents=True)
        (tmp_path / "blocked" / name / "__init__.py").write_text(
            f"raise ImportError('{name} is not installed')"
        )
    code = "from generator.entry import main; main()"
    paths = [str(tmp_path / "blocked"), str(Path(__file__).resolve().parents[1])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", code, *arguments],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip

    done = run("mirror", url, str(tmp_path / "m"), "--trust", centre.fingerprint)
    assert done.returncode == 0, done.stderr
    assert len(read_manifest((tmp_path / "m/current/manifest.json").read_bytes())) > 40
    refused = run("build")
    assert refused.returncode == 1
    assert "huanjing[build]" in refused.stderr


def test_a_withdrawn_record_is_purged_from_mirrors_and_packs(tmp_path: Path) -> None:
    centre = found_centre(tmp_path / "centre")
    taken_back = "年产九千吨机密项目"
    before = make_files(edited={"990101-B-00001": taken_back})
    centre.publish(before)
    with run_nginx(centre.release, tmp_path / "nginx") as url:
        sync(url, tmp_path / "m", centre.fingerprint)
        assert run_shell(url, tmp_path / "s", centre).returncode == 0
        made = centre.publish(make_files(edited={"990101-B-00001": "已撤回"}, withdrawn=True))
        assert made.withdrawn == 1
        outcome = sync(url, tmp_path / "m")
        shell = run_shell(url, tmp_path / "s")
    assert (outcome.serial, outcome.purged) == (2, (1,))
    assert shell.returncode == 0, shell.stderr
    for root in (tmp_path / "m", tmp_path / "s"):
        assert [path.name for path in (root / "snapshots").iterdir()] == ["2"]
    for path in [p for p in tmp_path.rglob("*") if p.is_file() and not p.is_symlink()]:
        if path.is_relative_to(centre.root / "history"):
            continue
        content = path.read_bytes()
        content = gzip.decompress(content) if path.suffix == ".gz" else content
        assert taken_back.encode() not in content, path
    listed = [p for p in (centre.release / "targets").iterdir() if p.name.endswith("withdrawn.txt")]
    assert "2 illegal_project 990101-B-00001 2016-07-01" in listed[0].read_text()
