"""A reader without a mouse, from a name to its records, its data and its news."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from served_site import ROOT, open_chromium, serve

FURTHEST = 900
"""More stops than any page has before what is looked for."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_chromium() as chromium:
        yield chromium


def tab_to(page: Page, selector: str) -> None:
    """Press the tab key until the focus stands on `selector`, and see that it shows there."""
    for _ in range(FURTHEST):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            break
    else:
        pytest.fail(f"no stop of the tab key is {selector}")
    seen = page.evaluate(
        """() => {
            const focused = document.activeElement, box = focused.getBoundingClientRect();
            const middle = document.elementFromPoint(box.left + 4, box.top + box.height / 2);
            return [getComputedStyle(focused).outlineStyle, box.top >= 0,
                box.bottom <= innerHeight + 1, !!middle && focused.contains(middle)];
        }"""
    )
    assert seen == ["solid", True, True, True], selector


def test_by_keyboard_alone_a_factory_is_found_read_downloaded_and_subscribed_to(
    browser: Browser, site: Path
) -> None:
    with (ROOT / "datasets/tables/exceedance.csv").open(encoding="utf-8-sig", newline="") as file:
        code = next(csv.DictReader(file))["site_code"]
    with (ROOT / "datasets/tables/enterprise_profile.csv").open(
        encoding="utf-8-sig", newline=""
    ) as file:
        name = next(row["ent_name"] for row in csv.DictReader(file) if row["site_code"] == code)
    with serve(site) as address:
        page = browser.new_page(accept_downloads=True)
        page.goto(address)
        tab_to(page, ".hj-skip")
        tab_to(page, "#hj-q")
        page.keyboard.type(name)
        page.locator(".hj-suggest [role=option]").first.wait_for()
        page.keyboard.press("ArrowDown")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.url == f"{address}enterprise/{code}.html"
        assert page.locator("h1").inner_text().startswith(name)

        tab_to(page, ".hj-answers a[href='#exceedance']")
        page.keyboard.press("Enter")
        assert page.url.endswith("#exceedance")
        heading = page.locator("#exceedance").bounding_box()
        assert heading
        assert 0 <= heading["y"] < 720
        assert page.locator("[aria-label=超标排放情况] tbody tr").count() >= 1

        tab_to(page, "#downloads ~ p a[href$='.zip']")
        with page.expect_download() as download:
            page.keyboard.press("Enter")
        assert download.value.path().stat().st_size > 0

        tab_to(page, "a[type='application/atom+xml']")
        feed = page.evaluate("document.activeElement.href")
        answer = page.request.get(feed)
        assert answer.ok
        assert "<feed" in answer.text()
        page.close()


def test_the_menu_of_a_phone_opens_by_key_and_stands_open_without_script(
    browser: Browser, site: Path
) -> None:
    phone = {"width": 360, "height": 700}
    page = browser.new_page(viewport=phone)
    page.goto((site / "index.html").as_uri())
    assert not page.locator("#hj-menu").is_visible()
    tab_to(page, ".hj-menu-button")
    page.keyboard.press("Enter")
    assert page.locator("#hj-menu").is_visible()
    assert page.locator(".hj-menu-button").get_attribute("aria-expanded") == "true"
    tab_to(page, "#hj-menu a[href='district/index.html']")
    page.close()
    context = browser.new_context(viewport=phone, java_script_enabled=False)
    plain = context.new_page()
    plain.goto((site / "index.html").as_uri())
    assert plain.locator("#hj-menu a[href='district/index.html']").is_visible()
    assert not plain.locator(".hj-menu-button").is_visible()
    context.close()


def test_words_are_explained_by_key_where_they_stand(browser: Browser, site: Path) -> None:
    page = browser.new_page()
    page.goto((site / "district/index.html").as_uri())
    tab_to(page, "a[href='#howto']")
    page.keyboard.press("Enter")
    assert page.url.endswith("#howto")
    tab_to(page, "#t-rate summary")
    page.keyboard.press("Enter")
    assert page.locator("#t-rate p").is_visible()
    assert "低于 90%" in page.locator("#t-rate p").inner_text()
    page.close()
