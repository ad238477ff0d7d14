"""A page's card in a frame of another site, and its code, in a real browser."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

ENTERPRISE = "enterprise/9199010100127014UP001Y.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        yield chromium
        chromium.close()


@pytest.mark.parametrize("route", [ENTERPRISE, "district/990101.html", "district/990100.html"])
@pytest.mark.parametrize("script", [True, False])
def test_a_frame_shows_the_card_alone_without_any_script(
    small_site: Path, tmp_path: Path, browser: Browser, route: str, *, script: bool
) -> None:
    host = tmp_path / "host.html"
    source = (small_site / route).as_uri() + "#embed"
    host.write_text(f'<iframe src="{source}" width="640" height="420"></iframe>', encoding="utf-8")
    context = browser.new_context(java_script_enabled=script)
    page = context.new_page()
    page.goto(host.as_uri())
    page.wait_for_load_state("load")
    (frame,) = page.frames[1:]
    assert frame.locator("h1").is_visible()
    assert frame.locator(".hj-demo").is_visible()
    assert frame.locator(".hj-embed__foot").is_visible()
    for hidden in ("header", "footer", ".hj-crumbs", ".hj-reuse", "#basic, #ledger"):
        assert not frame.locator(hidden).first.is_visible(), hidden
    context.close()


def test_the_page_itself_shows_everything_but_the_cards_foot_and_breaks_no_policy(
    small_site: Path, browser: Browser
) -> None:
    page = browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("request", lambda request: note_foreign(request.url, complaints))
    page.goto((small_site / ENTERPRISE).as_uri())
    assert page.locator(".hj-reuse").is_visible()
    assert not page.locator(".hj-embed__foot").is_visible()
    assert page.locator('script[type="application/ld+json"]').count() == 1
    assert complaints == []
    with Image.open(io.BytesIO(page.locator(".hj-qr").screenshot())) as shot:
        (code,) = zxingcpp.read_barcodes(shot.convert("L"))
    assert code.text == f"https://huanjing.example/{ENTERPRISE}"
    page.close()


def note_foreign(url: str, complaints: list[str]) -> None:
    if not url.startswith(("file:", "data:")):
        complaints.append(url)
