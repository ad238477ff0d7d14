"""The tutorial's own commands, and the CI template's own steps, with the built wheel alone."""

from __future__ import annotations

import base64
import io
import os
import re
import shutil
import socket
import subprocess
import tarfile
import time
import zipfile
from pathlib import Path

import pytest
import yaml
from installed_wheel import install_wheel
from shanghai_like import FILES, list_sources, write_shanghai_like

from generator.mirror.manifest import MANIFEST

ROOT = Path(__file__).resolve().parents[1]
TUTORIAL = (ROOT / "docs/tutorial.md").read_text(encoding="utf-8")
REAL = Path(
    os.environ.get(
        "HUANJING_REAL_DATA", str(ROOT.parent / "shared" / "real" / "shanghai-disclosure")
    )
)
INSTALLING = ("python3 -m venv env", ". env/bin/activate", "pip install 'huanjing[build]'")
"""What `install_wheel` does in their stead, with the wheel of this checkout."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("wheel")


@pytest.fixture(scope="module")
def installed(built: Path) -> dict[str, str]:
    return install_wheel(built)


@pytest.mark.usefixtures("installed")
def test_the_wheel_carries_what_a_build_reads_and_the_bill_of_materials(built: Path) -> None:
    (path,) = built.glob("wheel/*.whl")
    with zipfile.ZipFile(path) as wheel:
        names = set(wheel.namelist())
        assert {name.partition("/")[0].partition("-")[0] for name in names} == {
            "generator", "huanjing",
        }  # fmt: skip
        for folder in ("templates", "datasets/schemas", "datasets/mappings", "site_src"):
            files = list_committed(folder)
            assert files
            for file in files:
                carried = wheel.read(f"generator/_resources/{file}")
                assert carried == (ROOT / file).read_bytes(), file
        for file in list_committed("generator"):
            assert wheel.read(file) == (ROOT / file).read_bytes(), file
        (bill,) = (name for name in names if name.endswith(".dist-info/sboms/sbom.cdx.json"))
        assert wheel.read(bill) == (ROOT / "sbom.cdx.json").read_bytes()
        (about,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        extras = re.findall(r"^Provides-Extra: (.*)$", wheel.read(about).decode(), re.M)
        assert set(extras) == {"build", "scheduler", "dev"}
        assert {name for name in names if name.startswith("generator/_resources/datasets/")} == {
            f"generator/_resources/datasets/{name}"
            for name in (
                "datapackage.json", "tables/industry.csv", "tables/pollutant.csv",
                "tables/standard_limit.csv",
                *(file.removeprefix("datasets/") for file in list_committed("datasets/schemas")),
                *(file.removeprefix("datasets/") for file in list_committed("datasets/mappings")),
            )
        }  # fmt: skip


def list_committed(folder: str) -> list[str]:
    """The files below a folder that git knows."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", folder], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return [name for name in listed.stdout.split("\0") if name]


def test_the_stand_in_has_the_files_that_the_mapping_reads() -> None:
    assert list_sources(ROOT / "datasets/mappings/shanghai-disclosure.yml") == sorted(FILES)


@pytest.mark.parametrize("source", ["invented", "real"])
def test_the_tutorial_leads_from_an_empty_folder_to_a_mirror(
    source: str, installed: dict[str, str], tmp_path: Path
) -> None:
    if source == "real":
        if not REAL.is_dir():
            pytest.skip("the real Shanghai files are not in the repository; see test_real_data.py")
        shutil.copytree(REAL, tmp_path / "intake")
    else:
        write_shanghai_like(tmp_path / "intake")
    printed = follow(TUTORIAL, installed, tmp_path)
    site, mirror = tmp_path / "shanghai/site", tmp_path / "mirror/current"
    assert (mirror / MANIFEST).read_bytes() == (site / MANIFEST).read_bytes()
    enterprises = list((mirror / "enterprise").glob("L310000-*.html"))
    assert len(enterprises) == (548 if source == "real" else 3)
    assert "合计" in printed
    assert "Traceback" not in printed


def follow(text: str, environment: dict[str, str], folder: Path) -> str:
    """Run every command of the text in one shell, servers in the background; what it printed."""
    commands = [
        line
        for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
        for line in block.splitlines()
    ]
    assert commands[:3] == list(INSTALLING)
    port = find_free_port()
    script = ["set -eu", "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT"]
    for command in commands[3:]:
        here = command.replace("8765", str(port))
        script.append(f"{here} & sleep 2" if " serve " in command else here)
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_pushed_commit_runs_the_steps_of_the_ci_template_to_a_release_that_a_mirror_takes(
    installed: dict[str, str], tmp_path: Path
) -> None:
    run(["huanjing", "new", "p", "--province", "河洛省", "--code", "410000"], tmp_path, installed)
    project, bare = tmp_path / "p", tmp_path / "bare.git"
    run(["huanjing", "keys", "keys"], project, installed)
    keys = pack_keys(project / "keys")
    git(tmp_path, "init", "-q", "--bare", "-b", "main", str(bare))
    git(project, "init", "-q", "-b", "main")
    git(project, "remote", "add", "origin", str(bare))
    git(project, "add", "-A")
    commit(project, "河洛省的第一份数据")
    git(project, "push", "-q", "origin", "main")
    job = {
        **installed, "HUANJING_KEYS": keys, "BASE_URL": "https://hj.example.org/",
        "DEPLOY_TO": str(tmp_path / "www"), "HOME": str(tmp_path),
    }  # fmt: skip
    run_job(bare, "site", job | {"GITHUB_RUN_NUMBER": "7"}, tmp_path / "first")
    assert not (tmp_path / "first/keys").exists()

    git(project, "checkout", "-q", "-b", "mistake")
    register_city(project, parent="419999")
    git(project, "push", "-q", "origin", "mistake")
    reviewed = job | {"GITHUB_BASE_REF": "main"}
    told = fail_job(bare, "check", reviewed, tmp_path / "refused", "mistake")
    assert re.search(r"^::error file=datasets/tables/division\.csv,line=\d+.*419999", told, re.M)
    assert "洛水市" in (tmp_path / "refused/diff.md").read_text(encoding="utf-8")
    former = read_all(tmp_path / "www")
    late = job | {"GITHUB_RUN_NUMBER": "8"}
    assert "419999" in fail_job(bare, "site", late, tmp_path / "unpublished", "mistake")
    assert read_all(tmp_path / "www") == former

    git(project, "checkout", "-q", "-b", "county", "main")
    register_city(project, parent="410000")
    git(project, "push", "-q", "origin", "county")
    review = tmp_path / "review"
    run_job(bare, "check", reviewed, review, "county")
    assert "洛水市" in (review / "diff.md").read_text(encoding="utf-8")
    git(project, "push", "-q", "origin", "county:main")
    second = tmp_path / "second"
    run_job(bare, "site", job | {"GITHUB_RUN_NUMBER": "9"}, second, kept=tmp_path / "first")

    port = find_free_port()
    with subprocess.Popen(
        ["huanjing", "serve", "--site", str(tmp_path / "www"), "--port", str(port)],
        cwd=tmp_path, env=installed, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as server:  # fmt: skip
        try:
            wait_for(port)
            trust = str(project / "keys/public/root.json")
            mirror = ["huanjing", "mirror", f"http://127.0.0.1:{port}/", "m", "--trust", trust]
            run(mirror, tmp_path, installed)
        finally:
            server.terminate()
    assert (tmp_path / "m/current").readlink().name == "9"
    assert (tmp_path / "m/current/district/410100.html").is_file()


def register_city(project: Path, parent: str) -> None:
    """Commit a city whose province has the code `parent`."""
    divisions = project / "datasets/tables/division.csv"
    header = divisions.read_text(encoding="utf-8").splitlines()[0].split(",")
    cells = {
        "division_code": "410100", "division_name": "洛水市", "level": "市",
        "parent_code": parent, "valid_from": "2015-01-01",
    }  # fmt: skip
    with divisions.open("a", encoding="utf-8") as stream:
        stream.write(",".join(cells.get(name, "") for name in header) + "\n")
    git(project, "add", "-A")
    commit(project, "登记洛水市")


def read_all(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def run_job(
    bare: Path, name: str, job: dict[str, str], folder: Path, branch: str = "main",
    kept: Path | None = None,
) -> None:  # fmt: skip
    """The `run` steps of a job of the GitHub template, in a fresh clone as its checkout makes it.

    `kept` is the clone of an earlier run, whose cached folders are put back.
    """
    failed, told = _do_job(bare, name, job, folder, branch, kept)
    assert not failed, told


def fail_job(bare: Path, name: str, job: dict[str, str], folder: Path, branch: str) -> str:
    """The same for a job that must fail; what its steps printed."""
    failed, told = _do_job(bare, name, job, folder, branch, None)
    assert failed, told
    assert "Traceback" not in told
    return told


def _do_job(
    bare: Path, name: str, job: dict[str, str], folder: Path, branch: str, kept: Path | None
) -> tuple[bool, str]:
    git(folder.parent, "clone", "-q", "-b", branch, str(bare), str(folder))
    template = yaml.safe_load((folder / ".github/workflows/site.yml").read_text("utf-8"))
    failed, told = False, ""
    for step in template["jobs"][name]["steps"]:
        if step.get("uses", "").startswith("actions/cache") and kept is not None:
            for cached in step["with"]["path"].split():
                if (kept / cached).exists():
                    shutil.copytree(kept / cached, folder / cached)
        command = step.get("run", "")
        if not command or command.startswith(("pip install", "gh pr", "install -d")):
            continue  # the wheel is installed; no service to comment on, no host to log in to
        if failed and "always()" not in step.get("if", ""):
            continue
        done = subprocess.run(
            ["bash", "-e", "-c", command],
            cwd=folder, env=job, capture_output=True, text=True, check=False,
        )  # fmt: skip
        failed = failed or done.returncode != 0
        told += done.stdout + done.stderr
    return failed, told


def pack_keys(keys: Path) -> str:
    """What the secret HUANJING_KEYS holds, as publish.sh says to make it."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name in ("online", "public"):
            archive.add(keys / name, f"keys/{name}")
    return base64.b64encode(packed.getvalue()).decode("ascii")


def run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path, message: str) -> None:
    who = ("-c", "user.name=数据员", "-c", "user.email=clerk@example.org")
    git(folder, *who, "commit", "-qm", message)


def wait_for(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the server did not begin to listen")
