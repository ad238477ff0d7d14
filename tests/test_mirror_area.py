"""The mirror of an area, made from a built site, as a citizen uses it in a browser."""

from __future__ import annotations

import io
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner
from mirror_kit import BASE, NOW, found_centre, sync
from playwright.sync_api import Page, sync_playwright
from small_province import ROOT, cut_province, read
from web_servers import run_nginx

from generator.cli import main

CHROMIUM = "/usr/bin/chromium"
TAKEN_BACK = "990101-B-00006"


@dataclass(frozen=True, slots=True)
class Area:
    url: str
    site: Path
    """What the mirror serves."""
    whole: Path
    datasets: Path
    page: Page


@pytest.fixture(scope="module")
def area(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Area]:
    """The mirror of 990100 of a province of two counties, one of its projects withdrawn."""
    work = tmp_path_factory.mktemp("area")

    def withdraw(frame: pl.DataFrame) -> pl.DataFrame:
        row = {
            "correction_no": "GZ2016-09999", "target_table": "illegal_project",
            "target_key": TAKEN_BACK, "kind": "撤回", "received_date": "2016-06-20",
            "resolved_date": "2016-06-22", "public_reason": "登记有误，依法撤回。",
        }  # fmt: skip
        return pl.concat([frame, pl.DataFrame([row]).select(frame.columns)])

    datasets = cut_province(work / "datasets", edits={"correction": withdraw})
    built = CliRunner().invoke(
        main,
        [
            "build", "--config", str(ROOT / "mkdocs.yml"), "--datasets", str(datasets),
            "--out", str(work / "site"),
        ],
    )  # fmt: skip
    assert built.exit_code == 0, built.output
    centre = found_centre(work / "centre")
    released = CliRunner().invoke(
        main,
        [
            "release", str(work / "site"), "--out", str(centre.release), "--keys",
            str(centre.keys), "--base-url", BASE, "--date", f"{NOW:%Y-%m-%dT%H:%M:%SZ}",
        ],
    )  # fmt: skip
    assert released.exit_code == 0, released.output
    with run_nginx(centre.release, work / "n1") as url:
        sync(url, work / "m", centre.fingerprint, area="990100")
    with run_nginx(work / "m/current", work / "n2") as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield Area(url, work / "m/current", work / "site", datasets, browser.new_page())
        browser.close()


def first_project(area: Area, county: str) -> tuple[str, str]:
    """Number and name of a project whose name nobody else has."""
    frame = read(area.datasets / "tables/illegal_project.csv")
    chosen = frame.filter(
        (pl.col("division_code") == county) & (pl.col("ledger_no") != TAKEN_BACK)
    ).row(0, named=True)
    return str(chosen["ledger_no"]), str(chosen["project_name"])


def find(area: Area, query: str) -> dict[str, str]:
    """Where each shown result leads."""
    area.page.goto(f"{area.url}search.html?q={query}")
    area.page.wait_for_selector(".hj-finder-body a[href]")
    links = area.page.eval_on_selector_all(
        "main a[href]", "list => list.map(a => [a.textContent, a.href])"
    )
    return {str(text): str(href) for text, href in links}


def test_search_finds_the_province_and_leads_to_where_the_page_is(area: Area) -> None:
    own, _ = first_project(area, "990101")
    links = find(area, own)
    assert f"{area.url}project/{own}.html" in links.values()
    other, _ = first_project(area, "990201")
    links = find(area, other)
    assert f"{BASE}project/{other}.html" in links.values()
    assert f"{area.url}project/{other}.html" not in links.values()
    with urllib.request.urlopen(f"{area.url}project/{own}.html") as answer:  # noqa: S310
        assert answer.status == 200


def test_lists_downloads_and_feeds_of_the_area_are_there(area: Area) -> None:
    present = {p.relative_to(area.site).as_posix() for p in area.site.rglob("*") if p.is_file()}
    for path in (
        "index.html", "enterprise/index.html", "project/index.html", "district/990100.html",
        "district/990101.html", "district/990101-projects.html", "download/district/990100.zip",
        "download/district/990101.zip", "district/990100.xml", "district/990101.xml", "feed.xml",
        "host.js", "snapshot.js",
    ):  # fmt: skip
        assert path in present, path
    others = {path for path in present if "990201" in path or "990200" in path}
    # The search index is whole; owners with records in several places belong to no single one.
    assert {path for path in others if not path.startswith(("search/", "owner/"))} == set()
    area.page.goto(f"{area.url}enterprise/index.html")
    area.page.wait_for_selector(".hj-finder-body a[href]")


def test_pages_tell_which_area_is_mirrored(area: Area) -> None:
    area.page.goto(f"{area.url}index.html")
    footer = area.page.inner_text("footer")
    assert "本站收录云岚市" in footer
    assert area.page.locator("[data-host] a").first.get_attribute("href") == BASE
    assert area.page.locator(".hj-stale").count() == 0


def test_a_page_past_its_time_says_that_it_is_behind_without_asking_anybody(area: Area) -> None:
    asked: list[str] = []
    area.page.on("request", lambda request: asked.append(request.url))
    late = 'window.huanjingRelease = {"serial": 7, "validUntil": "2016-07-10T00:00:00Z"};'
    who = 'window.huanjingHost = {"sponsor": "<b>云岚市环境保护局</b>", "icp_no": "示ICP备1号"};'
    area.page.route("**/host.js", lambda route: route.fulfill(
        body=f"{who}\n{late}", content_type="application/javascript"
    ))  # fmt: skip
    area.page.goto(f"{area.url}district/990101.html")
    notice = area.page.inner_text(".hj-stale")
    footer = area.page.inner_text("footer")
    area.page.unroute("**/host.js")
    assert "第 7 期的有效期到 2016-07-10" in notice
    assert "数据截至 2016-07-03" in notice
    assert "主办单位：<b>云岚市环境保护局</b>" in footer
    assert [url for url in asked if not url.startswith(area.url)] == []


def test_a_withdrawn_record_stands_nowhere_but_at_its_address(area: Area) -> None:
    """Its name and its firm are in no page, list, feed, table or archive; its address stays."""
    frame = read(area.datasets / "tables/illegal_project.csv")
    row = frame.row(by_predicate=pl.col("ledger_no") == TAKEN_BACK, named=True)
    name, owner = str(row["project_name"]), str(row["owner_name"])
    assert sum(name in other for other in frame["project_name"]) == 1
    assert sum(owner in other for other in frame["owner_name"]) == 1
    found = []
    for path in sorted(p for p in area.whole.rglob("*") if p.is_file()):
        if path.suffix == ".zip":
            with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
                content = b"".join(archive.read(member) for member in archive.namelist())
        else:
            content = path.read_bytes()
        if name.encode() in content or owner.encode() in content:
            found.append(path.relative_to(area.whole).as_posix())
        if path.suffix in {".zip", ".csv"} and path.name != "correction.csv":
            assert TAKEN_BACK.encode() not in content, path
    assert found == []
    page = (area.whole / f"project/{TAKEN_BACK}.html").read_text(encoding="utf-8")
    assert "已撤回" in page
    assert "登记有误，依法撤回。" in page
    links = find(area, "990101-B-00005")
    assert not [href for href in links.values() if TAKEN_BACK in href]
