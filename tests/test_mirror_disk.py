"""What happens on the mirror's own disk: the old site stands, or the next sync mends it."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from fault_kit import CLIENTS, EDIT, mirror_of, standing, try_sync
from mirror_kit import (
    SHELL,
    Centre,
    found_centre,
    list_files,
    make_files,
    read_site,
    run_shell,
    sync,
)
from web_servers import run_nginx

from generator.mirror.manifest import MANIFEST
from generator.mirror.store import Store, hold_lock


@pytest.mark.parametrize("content", [b"", b"{", b"not json", b"\xff\xfe"])
def test_corrupt_state_mends_itself(centre: Centre, content: bytes) -> None:
    state = centre.root / "m/state"
    for path in sorted(p for p in state.rglob("*") if p.is_file() and p.name != "root.json"):
        path.write_bytes(content)
    (centre.root / "m/snapshots/staging").mkdir()
    centre.publish(make_files(edited=EDIT))
    with run_nginx(centre.release, centre.root / "nginx") as url:
        assert try_sync(url, centre, "python") == (0, "2 delta")


def test_a_corrupt_anchor_is_named_and_replaced_by_hand(centre: Centre) -> None:
    (centre.root / "m/state/root.json").write_bytes(b"{}")
    with run_nginx(centre.release, centre.root / "nginx") as url:
        with standing(centre, "python"):
            code, message = try_sync(url, centre, "python")
        assert code == 10
        assert "根密钥" in message
        assert sync(url, centre.root / "m", centre.fingerprint).way == "unchanged"


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("harm", ["tampered", "added", "removed", "linked", "manifest"])
@pytest.mark.parametrize("newer", [False, True])
def test_a_harmed_file_is_healed(centre: Centre, client: str, harm: str, newer: bool) -> None:
    site = mirror_of(centre, client) / "current"
    if harm == "tampered":
        (site / "index.html").write_bytes(b"<h1>defaced</h1>")
    elif harm == "added":
        (site / "district/login.html").write_bytes(b"<form>")
    elif harm == "removed":
        (site / "search.html").unlink()
    elif harm == "linked":
        (site / "search.html").unlink()
        (site / "search.html").symlink_to("/etc/hostname")
    else:
        (site / MANIFEST).write_bytes(b"{}")
    files = make_files(edited=EDIT) if newer else make_files()
    if newer:
        centre.publish(files)
    with run_nginx(centre.release, centre.root / "nginx") as url:
        code, message = try_sync(url, centre, client)
        assert code == 0, message
        assert read_site(mirror_of(centre, client)) == {**files, MANIFEST: list_files(files)}
        assert try_sync(url, centre, client)[0] == 0


@pytest.mark.parametrize("client", CLIENTS)
def test_two_syncs_at_once_do_not_meet(centre: Centre, client: str) -> None:
    with (
        run_nginx(centre.release, centre.root / "nginx") as url,
        standing(centre, client),
        hold_lock(Store(mirror_of(centre, client))),
    ):
        code, message = try_sync(url, centre, client)
    assert (code, "另一次同步" in message) == (14, True)


@pytest.mark.parametrize("client", CLIENTS)
def test_a_release_that_drops_most_pages_needs_a_flag(centre: Centre, client: str) -> None:
    few = make_files(1)
    centre.publish(few)
    with run_nginx(centre.release, centre.root / "nginx") as url:
        with standing(centre, client):
            code, message = try_sync(url, centre, client)
        assert code == 15
        assert "一半" in message
        if client == "python":
            assert sync(url, centre.root / "m", allow_shrink=True).serial == 2
        else:
            done = run_shell(url, centre.root / "s", HUANJING_ALLOW_SHRINK="1")
            assert done.returncode == 0, done.stderr
    assert read_site(mirror_of(centre, client))[MANIFEST] == list_files(few)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("deltas", [0, 5], ids=["pack", "delta"])
@pytest.mark.parametrize("limit", ["size=1m", "size=40m,nr_inodes=200"], ids=["bytes", "inodes"])
def test_a_full_disk_leaves_the_old_site(
    centre: Centre, client: str, limit: str, deltas: int
) -> None:
    """On a file system of its own, with room for one site and no second one.

    A pack is refused before it is fetched; a delta, whose need nobody knows before, meets the end
    of the disk in the middle of a write.
    """
    more = {"photos/big.png": os.urandom(900_000)}
    if "inodes" in limit:
        more = {f"photos/{n}.png": b"x" for n in range(200)}
    centre.publish({**make_files(), **more}, deltas=deltas)
    small = centre.root / "small"
    small.mkdir()
    folder = mirror_of(centre, client)
    with run_nginx(centre.release, centre.root / "nginx") as url:
        run = (
            f'{sys.executable} -c "from generator.entry import main; main()" mirror {url} {small}/d'
            if client == "python"
            else f"sh {Path(__file__).resolve().parents[1]}/generator/release/mirror.sh "
            f"{url} {small}/d"
        )
        script = (
            f"mount -t tmpfs -o {limit} none {small} && cp -a {folder} {small}/d && "
            f"before=$(cd {small}/d/current/ && find . -type f | sort | xargs cat | sha256sum); "
            f"{run}; echo code $?; "
            f'[ "$before" = "$(cd {small}/d/current/ && find . -type f | sort | xargs cat | '
            f'sha256sum)" ] && echo stands'
        )
        done = subprocess.run(
            ["unshare", "-rm", "sh", "-c", script],
            capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])},
        )  # fmt: skip
    if "mount" in done.stderr and "code" not in done.stdout:
        pytest.skip(f"this machine lets nobody mount a file system: {done.stderr}")
    assert "stands" in done.stdout, done.stderr
    assert "code 13" in done.stdout, done.stdout + done.stderr
    assert "磁盘" in done.stderr or "inode" in done.stderr


_KILLER = """
import os, signal, sys
from pathlib import Path
sys.path[:0] = [{tests!r}, {code!r}]
from mirror_kit import sync
from generator.mirror.store import Store
url, folder, limit = sys.argv[1], sys.argv[2], int(sys.argv[3])
writes = {{"os.rename", "os.link", "os.symlink", "os.remove", "os.mkdir", "os.rmdir",
           "os.truncate", "os.chmod"}}
step = int(sys.argv[4])
import shutil
def attempt(nth, copy):
    seen = [0]
    def watch(event, arguments):
        writing = event in writes or (event == "open" and arguments[1] is not None
            and any(sign in str(arguments[1]) for sign in "wxa+"))
        if writing or (event == "open" and arguments[1] is None and (arguments[2] or 0) & 3):
            if any(str(copy) in str(argument) for argument in arguments[:2]):
                seen[0] += 1
                if seen[0] == nth:
                    os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(watch)
    sync(url, copy)
nth = 1
while nth < limit:
    copy = Path(folder + "-k")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy, symlinks=True)
    child = os.fork()
    if child == 0:
        attempt(nth, copy)
        os._exit(0)
    code = os.waitpid(child, 0)[1]
    from mirror_kit import read_site
    import hashlib
    served = hashlib.sha256(repr(sorted(read_site(copy).items())).encode()).hexdigest()
    leftovers = [p.name for p in (copy / "current").iterdir() if p.name.startswith(".")]
    outcome = sync(url, copy)
    healed = hashlib.sha256(repr(sorted(read_site(copy).items())).encode()).hexdigest()
    print(nth, code, served, healed, *leftovers, flush=True)
    if code == 0:
        break
    nth += step
"""


@pytest.mark.parametrize(("deltas", "step"), [(5, "1"), (0, "3")], ids=["delta", "pack"])
def test_kill_9_at_every_write_leaves_a_whole_site(centre: Centre, deltas: int, step: str) -> None:
    """The process is killed before its first, second, … write; then another sync mends all."""
    few, more = make_files(2), make_files(2, edited={"990101-B-00001": "改名项目"})
    base = found_centre(centre.root.with_name("killed"))
    base.publish(few)
    folder = base.root / "m"
    tests = Path(__file__).resolve().parent
    code = _KILLER.format(tests=str(tests), code=str(tests.parent))
    with run_nginx(base.release, base.root / "nginx") as url:
        sync(url, folder, base.fingerprint)
        base.publish(more, deltas=deltas)
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code, url, str(folder), "1000", step],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr

    def digest(files: Mapping[str, bytes]) -> str:
        content = {**files, MANIFEST: list_files(files)}
        return hashlib.sha256(repr(sorted(content.items())).encode()).hexdigest()

    old, new = digest(few), digest(more)
    lines = [line.split() for line in done.stdout.splitlines()]
    print(f"{len(lines) - 1} writes, killed before each")
    assert len(lines) > 20
    assert lines[-1][1] == "0"
    assert {line[1] for line in lines[:-1]} == {"9"}
    assert {line[2] for line in lines} == {old, new}
    assert {line[3] for line in lines} == {new}
    assert [line for line in lines if len(line) > 4] == []
    switched = [line[2] == new for line in lines]
    assert switched == sorted(switched)


_SHIM = """#!/bin/sh
n=$(($(cat {count}) + 1)); echo $n >{count}
[ $n -ne "$KILL_AT" ] || kill -9 -"$(cut -d' ' -f6 /proc/$$/stat)" 0
exec {real} "$@"
"""


@pytest.mark.parametrize(("deltas", "step"), [(5, 3), (0, 2)], ids=["delta", "pack"])
def test_kill_9_of_the_shell_script_leaves_a_whole_site(
    centre: Centre, deltas: int, step: int
) -> None:
    """Every tool that writes may be the last: all processes die before it begins."""
    few, more = make_files(2), make_files(2, edited={"990101-B-00001": "改名项目"})
    base = found_centre(centre.root.with_name("killed"))
    base.publish(few)
    folder, shims, count = base.root / "s", base.root / "bin", base.root / "count"
    shims.mkdir()
    for tool in ("cp", "curl", "ln", "mkdir", "mv", "rm", "sync", "tar"):
        real = shutil.which(tool)
        (shims / tool).write_text(_SHIM.format(count=count, real=real))
        (shims / tool).chmod(0o755)
    old = {**few, MANIFEST: list_files(few)}
    new = {**more, MANIFEST: list_files(more)}
    switched: list[bool] = []
    with run_nginx(base.release, base.root / "nginx") as url:
        assert run_shell(url, folder, base, HUANJING_FETCH="curl").returncode == 0
        base.publish(more, deltas=deltas)
        for nth in range(1, 500, step):
            copy = base.root / "k"
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(folder, copy, symlinks=True)
            count.write_text("0")
            killed = subprocess.run(
                ["sh", str(SHELL), url, str(copy)],
                capture_output=True, check=False, start_new_session=True,
                env={**os.environ, "PATH": f"{shims}:{os.environ['PATH']}", "KILL_AT": str(nth),
                     "HUANJING_FETCH": "curl", "no_proxy": "127.0.0.1"},
            )  # fmt: skip
            served = read_site(copy)
            assert served in (old, new)
            switched.append(served == new)
            healed = run_shell(url, copy, HUANJING_FETCH="curl")
            assert (healed.returncode, read_site(copy)) == (0, new), healed.stderr
            if killed.returncode == 0:
                break
            assert killed.returncode == -9, killed.stderr
    assert len(switched) > 8
    assert switched[-1]
    assert switched == sorted(switched)
