"""The site of the committed datasets, built once and shared by all test processes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from filelock import FileLock
from small_province import cut_province

from generator.cli import main

if TYPE_CHECKING:
    from mirror_kit import Centre
    from sample_kit import Sample

ROOT = Path(__file__).resolve().parents[1]


def _build_once(base: Path, name: str, datasets: Path) -> Path:
    """Build into `base/name` unless another process has; the summary lies beside it."""
    site = base / name
    with FileLock(base / f"{name}.lock"):
        if not (base / f"{name}.json").is_file():
            shutil.rmtree(site, ignore_errors=True)
            summary = base / f"{name}.json"
            result = CliRunner().invoke(
                main,
                [
                    "build", "--config", str(ROOT / "mkdocs.yml"), "--datasets", str(datasets),
                    "--out", str(site), "--summary", str(summary),
                ],
            )  # fmt: skip
            if result.exit_code != 0:
                raise RuntimeError(f"{result.output}\n{result.exception!r}")
    return site


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all processes of one test run share."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def site(shared: Path) -> Path:
    """The whole site of the committed datasets."""
    return _build_once(shared, "whole-site", ROOT / "datasets")


@pytest.fixture(scope="session")
def site_summary(site: Path) -> dict[str, object]:
    """What the build of `site` said of itself."""
    summary: dict[str, object] = json.loads(site.with_suffix(".json").read_text(encoding="utf-8"))
    return summary


@pytest.fixture(scope="session")
def small_datasets(shared: Path) -> Path:
    """Two counties of the committed datasets."""
    out = shared / "small-datasets"
    with FileLock(shared / "small-datasets.lock"):
        if not out.is_dir():
            cut_province(out)
    return out


@pytest.fixture(scope="session")
def small_site(shared: Path, small_datasets: Path) -> Path:
    """The site of two counties."""
    return _build_once(shared, "small-site", small_datasets)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """The disclosure sample at the scale that is committed, once for each process."""
    from sample_kit import write_sample  # half a second that only its tests need to spend

    return write_sample(tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Centre:
    """A centre with a release and a mirror by each client, for all tests of a file."""
    from mirror_kit import found_mirrors

    return found_mirrors(tmp_path_factory.mktemp("founded") / "centre")


@pytest.fixture
def centre(founded: Centre, tmp_path: Path) -> Centre:
    """A copy of `founded` to do harm to."""
    from mirror_kit import Centre

    shutil.copytree(founded.root, tmp_path / "centre", symlinks=True)
    return Centre(tmp_path / "centre")
