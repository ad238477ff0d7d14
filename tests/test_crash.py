"""Builds that are killed, and builds on disks that refuse: the old site stands whole."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from killed_builds import SWITCH, change_project
from small_province import COUNTIES, ROOT, cut_province

from generator.publish import output

TESTS = Path(__file__).parent
WHOLE = {"missing": [], "altered": [], "extra": []}


def make_project(root: Path) -> Path:
    """A project of one county with everything a build reads."""
    shutil.copy(ROOT / "mkdocs.yml", root / "mkdocs.yml")
    shutil.copytree(ROOT / "site_src", root / "site_src")
    shutil.copytree(ROOT / "templates", root / "templates")
    cut_province(root / "datasets", COUNTIES[:1])
    (root / "out").mkdir()
    return root


def run(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(ROOT), str(TESTS)])
    return subprocess.run(
        arguments, cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip


def test_kill_9_in_every_stage_leaves_a_whole_site_and_the_next_build_is_clean(
    tmp_path: Path,
) -> None:
    """The process dies before a write that a seed chose, or in the middle of one."""
    project = make_project(tmp_path)
    done = run([sys.executable, str(TESTS / "killed_builds.py"), str(project)], tmp_path)
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    counts = told[0]["counts"]
    killed = [line for line in told if line["kind"] == "killed"]
    assert {line["stage"] for line in killed} == {stage for stage in counts if stage}
    assert len(killed) >= 12
    for line in killed:
        assert line["code"] == -9, line
        assert line["whole"] == WHOLE, line
        switched = line["stage"] == SWITCH and line["nth"] > 0
        assert (line["old"], line["new"]) == (not switched, switched), line
    mended = [line for line in told if line["kind"] == "mended"]
    assert len(mended) == 3
    for line in mended:
        assert (line["code"], line["cold"], line["same"]) == (0, 0, True), line
        assert line["beside"] == [".site-cache", "site"], line
    (helper,) = (line for line in told if line["kind"] == "helper killed")
    assert "辅助进程被系统中止" in helper["fault"]
    (after,) = (line for line in told if line["kind"] == "after helper")
    assert (after["whole"], after["old"]) == (WHOLE, True)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a finished site, whose dataset has changed since."""
    root = make_project(tmp_path_factory.mktemp("crash"))
    done = run(build_command(root, root / "out/site"), root)
    assert done.returncode == 0, done.stderr
    change_project(root, "改了名字的项目")
    return root


def build_command(project: Path, out: Path) -> list[str]:
    program = "from generator.cli import main; main()"
    config = str(project / "mkdocs.yml")
    return [sys.executable, "-c", program, "build", "--config", config, "--out", str(out)]


def build_on(mount: str, project: Path, folder: Path, *, after: str = "true") -> tuple[str, str]:
    """What a build says on a file system of its own that holds the finished site.

    `mount` mounts it at `folder`; the outcome ends with the hash of the site that stands.
    """
    folder.mkdir()
    build = " ".join(f"'{word}'" for word in build_command(project, folder / "out/site"))
    hashed = f"cd {folder}/out/site && find . -type f | sort | xargs cat | sha256sum"
    script = (
        f"{mount} && cp -a {project}/out {folder}/out && before=$({hashed}) && {after} && "
        f"{{ {build}; echo code $?; }}; "
        f'[ "$before" = "$({hashed})" ] && echo stands; ls -A {folder}/out'
    )
    done = run(["unshare", "-rm", "sh", "-c", script], project)
    if "mount" in done.stderr and "code" not in done.stdout:
        pytest.skip(f"this machine lets nobody mount a file system: {done.stderr}")
    return done.stdout, done.stderr


def measure_site(project: Path) -> tuple[int, int]:
    """Megabytes on a disk and number of files of the finished site with what is beside it."""
    files = [path for path in (project / "out").rglob("*") if path.is_file()]
    return sum(-(-path.stat().st_size // 4096) * 4096 for path in files) >> 20, len(files)


@pytest.mark.parametrize("room", ["little", "half", "inodes"])
def test_a_full_disk_is_told_in_plain_words_and_the_old_site_stands(
    project: Path, tmp_path: Path, room: str
) -> None:
    size, files = measure_site(project)
    limit = {
        "little": f"size={size + 2}m",
        "half": f"size={size + size // 2}m",
        "inodes": f"size={4 * size}m,nr_inodes={files + files // 4}",
    }[room]
    mount = f"mount -t tmpfs -o {limit} none {tmp_path}/small"
    said, errors = build_on(mount, project, tmp_path / "small")
    assert "code 1\n" in said, said + errors
    assert "stands" in said, said + errors
    assert "磁盘已满" in errors
    assert "Traceback" not in errors
    assert ".site-staging" not in said


def test_a_read_only_folder_is_told_in_plain_words_and_the_old_site_stands(
    project: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "fixed"
    said, errors = build_on(
        f"mount -t tmpfs none {folder}", project, folder, after=f"mount -o remount,ro {folder}"
    )
    assert "code 1\n" in said, said + errors
    assert "stands" in said, said + errors
    assert "只读" in errors
    assert "Traceback" not in errors


def test_without_a_step_that_exchanges_folders_two_renames_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "exchange", lambda _one, _other: False)
    out = tmp_path / "site"
    for text in (b"one", b"two"):
        staging = output.open_staging(out)
        (staging / "index.html").write_bytes(text)
        (staging / "manifest.json").write_bytes(b'{"files": []}')
        output.put_in_place(staging, out)
        assert (out / "index.html").read_bytes() == text
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_folders_that_change_places_are_both_there(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    (one / "a").write_bytes(b"")
    if not output.exchange(one, other):
        pytest.skip("this system has no step that exchanges folders")
    assert [path.name for path in other.iterdir()] == ["a"]
    assert list(one.iterdir()) == []
    with pytest.raises(FileNotFoundError):
        output.exchange(one, tmp_path / "nowhere")
