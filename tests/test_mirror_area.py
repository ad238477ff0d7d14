"""The mirror of an area, made from a built site, as a citizen uses it in a browser."""

from __future__ import annotations

import json
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner
from mirror_kit import BASE, NOW, Centre, found_centre, run_shell, sync
from playwright.sync_api import Page, sync_playwright
from small_province import ROOT, cut_province, read
from web_servers import run_nginx
from withdrawals_kit import (
    BODY,
    CASE,
    EDITS,
    ENTERPRISE,
    PROJECT,
    REASON,
    WEEK,
    find_in,
    find_words,
    list_withdrawals,
)

from generator.cli import main

CHROMIUM = "/usr/bin/chromium"


@dataclass(frozen=True, slots=True)
class Area:
    url: str
    site: Path
    """What the mirror serves."""
    whole: Path
    """The province's site, from which records of every kind were taken back."""
    before: Path
    """The same before that."""
    work: Path
    """Where the release is (`centre/release`), and mirrors of the whole that followed both
    releases: `p` by the Python client, `s` by mirror.sh."""
    datasets: Path
    page: Page


@pytest.fixture(scope="module")
def area(tmp_path_factory: pytest.TempPathFactory, small_site: Path) -> Iterator[Area]:
    """The mirror of 990100 of a province of two counties, which has withdrawn records."""
    work = tmp_path_factory.mktemp("area")
    datasets = cut_province(work / "datasets", edits=EDITS)
    built = CliRunner().invoke(
        main,
        [
            "build", "--config", str(ROOT / "mkdocs.yml"), "--datasets", str(datasets),
            "--out", str(work / "site"),
        ],
    )  # fmt: skip
    assert built.exit_code == 0, built.output
    centre = found_centre(work / "centre")
    release(centre, small_site)
    with run_nginx(centre.release, work / "n1") as url:
        sync(url, work / "p", centre.fingerprint)
        assert run_shell(url, work / "s", centre).returncode == 0
        assert "新撤回" in release(centre, work / "site")
        assert sync(url, work / "p").purged == (1,)
        shell = run_shell(url, work / "s")
        assert shell.returncode == 0, shell.stderr
        sync(url, work / "m", centre.fingerprint, area="990100")
    with run_nginx(work / "m/current", work / "n2") as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield Area(
            url, work / "m/current", work / "site", small_site, work, datasets, browser.new_page()
        )
        browser.close()


def release(centre: Centre, site: Path) -> str:
    """Publish a site by the command; what it says."""
    done = CliRunner().invoke(
        main,
        [
            "release", str(site), "--out", str(centre.release), "--keys", str(centre.keys),
            "--base-url", BASE, "--date", f"{NOW:%Y-%m-%dT%H:%M:%SZ}",
            "--history", str(centre.root / "history"),
        ],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    return done.output


def first_project(area: Area, county: str) -> tuple[str, str]:
    """Number and name of a project whose name nobody else has."""
    frame = read(area.datasets / "tables/illegal_project.csv")
    chosen = frame.filter(
        (pl.col("division_code") == county) & (pl.col("ledger_no") != PROJECT)
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


def list_files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


@pytest.mark.parametrize("kind", ["project", "case", "enterprise", "duties", "log"])
def test_the_words_of_a_withdrawn_record_stand_nowhere(area: Area, kind: str) -> None:
    """Its own words and those of its parts are in no page, feed, table, archive, pack or snapshot.

    They did stand on the site before, except what the log only said together with the withdrawal.
    """
    words = find_words(area.datasets)[kind]
    assert words
    before = {found.word for found in find_in(list_files(area.before), words)}
    assert before == (set() if kind == "log" else words)
    copies = (area.whole, area.work / "centre/release", area.work / "p", area.work / "s")
    assert [f for root in copies for f in find_in(list_files(root), words)] == []
    for mirror in ("p", "s"):
        kept = [path.name for path in (area.work / mirror / "snapshots").iterdir()]
        assert kept == ["2"]


def test_withdrawn_records_leave_their_address_and_their_reason(area: Area) -> None:
    for path, words in (
        (f"project/{PROJECT}.html", ("已撤回", "登记有误，依法撤回。")),
        (f"enterprise/{ENTERPRISE}.html", ("记录已撤回", "登记有误，依法撤回。", "2016-06-22")),
        (f"case/{CASE}.html", ("案件已撤回", REASON)),
        (f"duty/{BODY}.html", ("记录已撤回",)),
        (f"bulletin/{WEEK}.html", ("记录已撤回",)),
    ):
        page = (area.whole / path).read_text(encoding="utf-8")
        assert [word for word in words if word not in page] == [], path
    listed = json.loads((area.whole / "download/withdrawn.json").read_text(encoding="utf-8"))
    told = {(record["table"], record["key"]): record["day"] for record in listed["withdrawn"]}
    assert {("exposure_case", CASE), *list_withdrawals()} <= set(told)
    assert told["exposure_case", CASE] == ""
    assert not list(area.whole.rglob(f"{CASE.lower()}*"))
    assert not list(area.whole.rglob(f"card/{CASE}*"))


def test_codes_of_withdrawn_records_stand_only_where_the_withdrawal_is_told(area: Area) -> None:
    """Not in tables, packs, readings, feeds or lists; the log, the tombstone and the file lists."""
    told = {"manifest.json", "correction/index.html", "download/withdrawn.json",
            "download/tables/correction.csv", "download/tables/parquet.zip",
            f"enterprise/{ENTERPRISE}.html",
            f"project/{PROJECT}.html", "home.html", "feed.xml"}  # fmt: skip
    found = {
        Path(place.path).relative_to(area.whole).as_posix()
        for place in find_in(list_files(area.whole), [ENTERPRISE])
    }
    assert found <= told
    tables = area.whole / "download"
    archives = [p for p in list_files(tables) if p.suffix in {".zip", ".csv", ".parquet"}]
    marks = [ENTERPRISE, PROJECT, CASE]
    places = {Path(place.path).name for place in find_in(archives, marks)}
    assert places <= {"correction.csv", "parquet.zip"}
    with zipfile.ZipFile(tables / "tables/parquet.zip") as packed:
        packed.extractall(area.work / "parquet")
    holding = {Path(p.path).name for p in find_in(list_files(area.work / "parquet"), marks)}
    assert holding <= {"correction.parquet"}
    readings = "download/tables/monitoring.parquet"
    sites = [pl.read_parquet(site / readings)["site_code"] for site in (area.before, area.whole)]
    assert ENTERPRISE in sites[0]
    assert set(sites[1]) == set(sites[0]) - {ENTERPRISE}


def test_what_stands_is_still_a_valid_package(area: Area) -> None:
    """No table that is handed on points to a row that went."""
    tables = area.whole / "download/tables"
    sites = set(read(tables / "enterprise_profile.csv")["site_code"])
    projects = set(read(tables / "illegal_project.csv")["ledger_no"])
    for path in sorted(tables.glob("*.csv")):
        frame = read(path)
        for column, known in (("site_code", sites), ("ledger_no", projects)):
            if column in frame.columns:
                assert set(frame[column]) - {""} <= known, path


def test_search_does_not_find_withdrawn_records(area: Area) -> None:
    links = find(area, "990101-B-00005")
    assert [href for href in links.values() if "990101-B-00005" in href]
    area.page.goto(f"{area.url}search.html?q={PROJECT}")
    area.page.wait_for_selector(".hj-finder-body:not(:empty), .hj-finder-none, main [role=status]")
    assert area.page.locator(f'a[href*="{PROJECT}"]').count() == 0
