"""What others wrote and we serve is what they published, and only overview pages ask for it."""

import hashlib
import tomllib
from pathlib import Path

import pytest

from generator.site.assets import build_assets

ROOT = Path(__file__).resolve().parents[1]
CHARTS = ROOT / "templates/assets/charts"


def test_vendored_files_are_byte_for_byte_those_on_record_and_served_as_they_are() -> None:
    served = dict(build_assets(ROOT / "templates"))
    record = tomllib.loads((CHARTS / "vendored.toml").read_text(encoding="utf-8"))
    files = {name: entry for library in record.values() for name, entry in library["files"].items()}
    assert "uplot-license.txt" in files
    for name, entry in files.items():
        assert hashlib.sha256((CHARTS / name).read_bytes()).hexdigest() == entry["sha256"], name
        assert hashlib.sha256(served[f"assets/charts/{name}"]).hexdigest() == entry["sha256"]
    own = {"explore.js", "save.js"}
    assert {route.rpartition("/")[2] for route in served if "/charts/" in route} == own | set(files)


def test_the_licence_is_the_one_that_the_record_names() -> None:
    assert "The MIT License" in (CHARTS / "uplot-license.txt").read_text(encoding="utf-8")
    record = tomllib.loads((CHARTS / "vendored.toml").read_text(encoding="utf-8"))
    assert record["uplot"]["licence"] == "MIT"
    assert f"(v{record['uplot']['version']})" in (CHARTS / "uplot.js").read_text("utf-8")[:80]


def test_no_page_names_the_library_and_only_overview_pages_have_what_it_explores(
    small_site: Path,
) -> None:
    openers = set()
    for page in small_site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert "uplot.js" not in text, page
        if "data-explore=" in text:
            openers.add(page.relative_to(small_site).as_posix())
    assert {"index.html", "week/index.html", "supervision/index.html"} <= openers
    assert not [route for route in openers if route.startswith(("enterprise/9", "project/9"))]


@pytest.mark.parametrize("name", ["explore.js", "save.js"])
def test_our_scripts_hold_to_the_content_policy(name: str) -> None:
    source = (CHARTS / name).read_text(encoding="utf-8")
    for forbidden in ("innerHTML", "eval(", "new Function", "fetch(", "XMLHttpRequest", '"style"'):
        assert forbidden not in source, forbidden
