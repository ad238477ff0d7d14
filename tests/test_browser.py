"""The finished site in a real browser: at the root, below a path, from a disk, and under attack."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner
from page_kinds import one_of_each
from playwright.sync_api import Browser, Page
from served_site import open_chromium, serve
from small_province import ROOT, cut_province, set_first

from generator.cli import main

HOSTILE = "</title><script>alert(1)</script>{{7*7}}{% raw %}\\n\\\"'&lt;"
HOSTILE_URL = "javascript:alert(document.domain)"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_chromium() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def address(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A web server with the documented headers whose /a/b/ is the site, and whose / is it too."""
    root = tmp_path_factory.mktemp("www")
    (root / "a").mkdir()
    (root / "a/b").symlink_to(site)
    for entry in site.iterdir():
        (root / entry.name).symlink_to(entry)
    with serve(root) as address:
        yield address


def sample_routes(site: Path) -> list[str]:
    """One page of each kind, and all pages at the root: the hand-written ones are among them."""
    return sorted({*one_of_each(site).values(), *(path.name for path in site.glob("*.html"))})


def open_and_watch(page: Page, url: str) -> list[str]:
    """Open a page and tell what went wrong: failed requests, console errors, foreign requests."""
    faults: list[str] = []
    page.on("requestfailed", lambda request: faults.append(f"failed {request.url}"))
    page.on("response", lambda r: faults.append(f"{r.status} {r.url}") if r.status >= 400 else None)
    page.on("console", lambda m: faults.append(m.text) if m.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("dialog", lambda dialog: (faults.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.goto(url, wait_until="load")
    page.wait_for_timeout(100)
    return faults


@pytest.mark.parametrize("base", ["", "a/b/"])
def test_one_page_of_each_kind_opens_cleanly_below_any_path(
    browser: Browser, address: str, site: Path, base: str
) -> None:
    for route in sample_routes(site):
        page = browser.new_page()
        requested: list[str] = []
        page.on("request", lambda request, seen=requested: seen.append(request.url))
        assert open_and_watch(page, address + base + route) == [], route
        assert [url for url in requested if not url.startswith(address + base)] == [], route
        assert page.locator("footer [data-snapshot=date]").inner_text() == "2016-07-03", route
        page.close()


def test_one_page_of_each_kind_opens_cleanly_from_a_disk(browser: Browser, site: Path) -> None:
    for route in sample_routes(site):
        page = browser.new_page()
        assert open_and_watch(page, (site / route).as_uri()) == [], route
        assert page.locator("footer [data-snapshot=date]").inner_text() == "2016-07-03", route
        styled = page.evaluate(
            "getComputedStyle(document.querySelector('.hj-header')).backgroundColor"
        )
        assert styled == "rgb(11, 93, 78)", route
        page.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_is_wider_than_the_screen(browser: Browser, site: Path, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    for route in sample_routes(site):
        page.goto((site / route).as_uri())
        excess = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert excess <= 0, route
    page.close()


def test_a_citizen_gets_from_the_home_page_to_a_factory_by_links(
    browser: Browser, site: Path
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "index.html").as_uri())
    page.get_by_role("link", name="按地区查").click()
    page.locator("main tbody tr:not(.hj-total) th a:visible").first.click()
    page.get_by_role("link", name="全部企业名单").click()
    name = page.locator("main tbody th a").first.inner_text()
    page.locator("main tbody th a").first.click()
    assert page.locator("h1").inner_text().startswith(name)
    context.close()


def test_days_overdue_are_counted_from_the_data_date(browser: Browser, site: Path) -> None:
    page = browser.new_page()
    for path in sorted((site / "project").glob("9*.html")):
        markup = path.read_text(encoding="utf-8")
        if "data-due=" in markup and "已逾期</span>" in markup.partition("hj-ladder")[0]:
            page.goto(path.as_uri())
            due = page.locator("[data-due]").get_attribute("data-due")
            assert due is not None
            days = page.evaluate(f"(Date.parse('2016-07-03') - Date.parse('{due}')) / 86400000")
            assert f"已逾期 {round(days)} 天" in page.locator("[data-due]").inner_text()
            break
    else:
        pytest.fail("the sample has no overdue project")
    page.close()


@pytest.fixture(scope="module")
def hostile_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small site with a hostile text in the first row of every kind of record."""
    base = tmp_path_factory.mktemp("hostile")
    county = "990101"

    def spoil_places(frame: pl.DataFrame) -> pl.DataFrame:
        here = pl.col("division_code") == county
        return frame.with_columns(
            pl.when(here)
            .then(pl.lit(HOSTILE))
            .otherwise(pl.col("division_name"))
            .alias("division_name")
        )

    datasets = cut_province(
        base / "datasets",
        counties=(county,),
        edits={
            "division": spoil_places,
            "enterprise_profile": set_first("ent_name", HOSTILE),
            "enterprise_contact": set_first("disclosure_url", HOSTILE_URL),
            "product_capacity": set_first("product_name", HOSTILE),
            "illegal_project": lambda f: set_first("owner_name", HOSTILE)(
                set_first("project_name", HOSTILE)(f)
            ),
            "ledger_event": set_first("note", HOSTILE),
            "exposure_case": lambda f: set_first("ent_name", HOSTILE)(
                set_first("facts", HOSTILE)(set_first("photo_alt", HOSTILE)(f))
            ),
            "responsibility": lambda f: set_first("body_name", HOSTILE)(
                set_first("duty_text", HOSTILE)(f)
            ),
            "duty_adoption": set_first("document_title", HOSTILE),
            "correction": set_first("public_reason", HOSTILE),
        },
    )
    result = CliRunner().invoke(
        main,
        [
            "build", "--config", str(ROOT / "mkdocs.yml"), "--datasets", str(datasets),
            "--out", str(base / "site"),
        ],
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    return base / "site"


def test_hostile_cells_are_shown_as_text_on_every_kind_of_page(
    browser: Browser, hostile_site: Path
) -> None:
    shown: set[str] = set()
    for path in sorted(hostile_site.rglob("*.html")):
        markup = path.read_text(encoding="utf-8")
        assert "<script>alert" not in markup, path
        assert 'href="javascript:' not in markup, path
        route = path.relative_to(hostile_site).as_posix()
        kind = route.partition("/")[0] + ("-list" if route.endswith("index.html") else "")
        if "alert(1)" not in markup or kind in shown:
            continue
        page = browser.new_page()
        assert open_and_watch(page, path.as_uri()) == [], route
        assert "<script>alert(1)</script>{{7*7}}{% raw %}\\n\\" in page.locator("body").inner_text()
        assert "alert" not in "".join(
            page.evaluate("[...document.scripts].filter(s => !s.type).map(s => s.textContent)")
        )
        shown.add(kind)
        page.close()
    assert shown >= {
        "enterprise", "project", "district", "district-list", "case", "case-list", "week",
        "week-list", "bulletin", "duty", "duty-list", "correction-list",
    }  # fmt: skip


def test_a_javascript_address_is_text_and_not_a_link(browser: Browser, hostile_site: Path) -> None:
    pages = [
        path
        for path in sorted((hostile_site / "enterprise").glob("*.html"))
        if HOSTILE_URL in path.read_text(encoding="utf-8")
    ]
    assert len(pages) == 1
    page = browser.new_page()
    page.goto(pages[0].as_uri())
    assert HOSTILE_URL in page.locator("main").inner_text()
    links = page.evaluate("[...document.links].map(a => a.protocol)")
    assert set(links) <= {"file:", "http:", "https:"}
    page.close()
