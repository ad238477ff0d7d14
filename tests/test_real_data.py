"""The real Shanghai files from import to pages; the rows themselves are not in this repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_site import read_page, resolve

from generator.cli import main

ROOT = Path(__file__).resolve().parents[1]
REAL = Path(
    os.environ.get(
        "HUANJING_REAL_DATA", str(ROOT.parent / "shared" / "real" / "shanghai-disclosure")
    )
)
pytestmark = pytest.mark.skipif(
    not REAL.is_dir(),
    reason="the real Shanghai files are not in the repository; put them at "
    "../shared/real/shanghai-disclosure or name their folder in HUANJING_REAL_DATA",
)


@pytest.fixture(scope="module")
def shanghai_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("shanghai")
    mapping = ROOT / "datasets/mappings/shanghai-disclosure.yml"
    for command in (
        ["import", "--mapping", str(mapping), "--out", str(base / "datasets"), str(REAL)],
        ["check", "--config", str(ROOT / "mkdocs.yml"), "--datasets", str(base / "datasets")],
        [
            "build", "--config", str(ROOT / "mkdocs.yml"), "--datasets", str(base / "datasets"),
            "--out", str(base / "site"),
        ],
    ):  # fmt: skip
        result = CliRunner().invoke(main, command)
        assert result.exit_code == 0, result.output
    return base / "site"


def test_every_real_enterprise_has_its_page(shanghai_site: Path) -> None:
    pages = list((shanghai_site / "enterprise").glob("L310000-*.html"))
    assert len(pages) == 548


def test_no_link_of_the_real_site_is_broken(shanghai_site: Path) -> None:
    pages = {
        path.relative_to(shanghai_site).as_posix(): read_page(path)
        for path in shanghai_site.rglob("*.html")
    }
    files = {p.relative_to(shanghai_site).as_posix() for p in shanghai_site.rglob("*.*")}
    broken = []
    for route, facts in pages.items():
        for link in facts.links:
            target, fragment = resolve(route, link)
            if target is None:
                continue
            if target not in files or (
                fragment and target in pages and fragment not in pages[target].ids
            ):
                broken.append((route, link))
    assert broken[:10] == []


def test_what_the_source_lacks_is_called_not_reported_and_not_zero(shanghai_site: Path) -> None:
    page = next((shanghai_site / "enterprise").glob("L310000-*.html"))
    text = page.read_text(encoding="utf-8")
    assert "未报送" in text
    figures = (shanghai_site / "figure/index.html").read_text(encoding="utf-8")
    assert "清理环保违法违规建设项目" not in figures
    assert "没有这一方面的记录（未报送）" in figures
