"""One page of every kind under axe-core and the Nu checker, in every look and at every size.

The whole set of rules runs in the light look at both widths; in the dark look and in 长者模式,
which change colours and sizes only, the rules that depend on those.
"""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from page_kinds import HAND_WRITTEN, PATTERNS, one_of_each
from playwright.sync_api import Browser, Page
from served_site import ROOT, find_excess, open_chromium

AXE = ROOT / "node_modules/axe-core/axe.min.js"
NU_CHECKER = ROOT / "node_modules/vnu-jar/build/dist/vnu.jar"
WIDTHS = (360, 1280)
ALL_RULES = {
    "type": "tag",
    "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
LOOK_RULES = {"type": "rule", "values": ["color-contrast", "link-in-text-block", "target-size"]}
LOOKS = {
    "light": ({"scheme": "light"}, ALL_RULES),
    "dark": ({"scheme": "dark"}, LOOK_RULES),
    "elder": ({"scheme": "light", "view": "elder"}, LOOK_RULES),
    "elder-dark": ({"scheme": "dark", "view": "elder"}, LOOK_RULES),
}
DRAWN_PAGES = 500


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_chromium() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def routes(site: Path) -> dict[str, str]:
    return one_of_each(site)


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    # Past the policy only to bring axe-core in; without motion colours change at once.
    context = browser.new_context(bypass_csp=True, reduced_motion="reduce")
    context.add_init_script(path=str(AXE))
    yield context.new_page()
    context.close()


def open_page(page: Page, path: Path) -> None:
    page.goto(path.as_uri())
    if page.locator("[data-huanjing-list]").count():
        page.locator(".hj-summary").first.wait_for()


def run_axe(page: Page, look: dict[str, str], rules: dict[str, Any]) -> list[str]:
    """What axe-core finds wrong, one line a rule, in a look that the header's switches make."""
    found = page.evaluate(
        """async ([look, rules]) => {
            const root = document.documentElement;
            delete root.dataset.view;
            Object.assign(root.dataset, look);
            const frame = () => new Promise(requestAnimationFrame);
            for (let n = 0; n < 3; n += 1) await frame();  // the page answers a new width
            const answer = await axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
            return answer.violations.map((v) => [v.id, v.nodes.map((n) => n.target.join(" "))]);
        }""",
        [look, rules],
    )
    return [f"{rule}: {len(nodes)} × {nodes[0]}" for rule, nodes in found]


def test_every_kind_of_page_is_looked_at(site_summary: dict[str, Any]) -> None:
    assert set(site_summary["pages"]) <= set(PATTERNS)


@pytest.mark.parametrize("kind", [*PATTERNS, "hand-written"])
def test_axe_finds_no_violation_at_any_width_and_in_any_look(
    page: Page, site: Path, routes: dict[str, str], kind: str
) -> None:
    if kind not in routes:
        pytest.skip(f"the sample has no page of kind {kind}")
    open_page(page, site / routes[kind])
    faults = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for name, (look, rules) in LOOKS.items():
            faults += [f"{width} {name} {fault}" for fault in run_axe(page, look, rules)]
    assert faults == []


def test_no_page_scrolls_sideways_with_large_text_or_on_the_smallest_screen(
    browser: Browser, site: Path, routes: dict[str, str]
) -> None:
    """320 pixels are 400 % zoom of 1280; text alone at twice its size, and 长者模式 on a phone."""
    page = browser.new_page()
    wide = []
    for kind, route in routes.items():
        open_page(page, site / route)
        for width, size, view in ((320, "", ""), (360, "", "elder"), (1280, "250%", "")):
            page.set_viewport_size({"width": width, "height": 800})
            page.evaluate(
                "([size, view]) => { const root = document.documentElement;"
                " root.style.fontSize = size; root.dataset.view = view; }",
                [size, view],
            )
            if find_excess(page):
                wide.append(f"{kind} {width} {size}{view}: {find_excess(page)}")
    page.close()
    assert wide == []


@pytest.mark.parametrize("script", [True, False])
def test_elder_mode_enlarges_every_page_with_or_without_script(
    browser: Browser, site: Path, script: bool
) -> None:
    context = browser.new_context(java_script_enabled=script)
    page = context.new_page()
    page.goto((site / "index.html").as_uri())
    before = page.locator("h1").bounding_box()
    page.get_by_label("长者模式").check()
    after = page.locator("h1").bounding_box()
    assert before
    assert after
    assert after["height"] > before["height"] * 1.2
    if script:  # kept for the next page, in another folder; without script it cannot be
        page.goto((site / "district/index.html").as_uri())
        assert page.get_by_label("长者模式").is_checked()
        assert page.evaluate("document.documentElement.dataset.view") == "elder"
        page.get_by_label("长者模式").uncheck()
        page.reload()
        assert page.evaluate("document.documentElement.dataset.view") is None
    context.close()


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("system", ["light", "dark"])
def test_the_dark_look_follows_the_system_and_the_switch(
    browser: Browser, site: Path, system: Any, script: bool
) -> None:
    context = browser.new_context(color_scheme=system, java_script_enabled=script)
    page = context.new_page()
    page.goto((site / "index.html").as_uri())
    paper = page.locator("#main")
    light, dark = "rgb(255, 254, 251)", "rgb(20, 26, 24)"
    assert paper.evaluate(BACKGROUND) == (light if system == "light" else dark)
    if script:
        page.get_by_label("深色").set_checked(system == "light")
        assert paper.evaluate(BACKGROUND) == (dark if system == "light" else light)
        page.reload()
        assert paper.evaluate(BACKGROUND) == (dark if system == "light" else light)
    elif system == "light":
        page.get_by_label("深色").check()
        assert paper.evaluate(BACKGROUND) == dark
    context.close()


BACKGROUND = "element => getComputedStyle(element).backgroundColor"


def test_a_wide_table_says_that_it_scrolls_and_a_narrow_one_is_no_stop(
    browser: Browser, site: Path, routes: dict[str, str]
) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 800})
    page.goto((site / routes["district-list"]).as_uri())
    box = page.locator(".hj-scroll[data-scrolls]:visible").first
    box.wait_for()
    hint = box.evaluate("e => getComputedStyle(e, '::before').content")
    assert "左右滑动" in hint
    page.set_viewport_size({"width": 1280, "height": 800})
    page.locator(".hj-scroll:visible:not([tabindex])").first.wait_for()
    page.close()


def test_paper_shows_the_record_its_address_and_its_date_and_no_navigation(
    browser: Browser, site: Path, routes: dict[str, str]
) -> None:
    page = browser.new_page()
    page.emulate_media(media="print")
    for kind in ("enterprise", "project", "week", "notice"):
        page.goto((site / routes[kind]).as_uri())
        assert page.locator("h1").is_visible(), kind
        assert page.locator(".hj-print").inner_text().endswith(routes[kind]), kind
        assert page.locator("footer [data-snapshot=date]").is_visible(), kind
        for hidden in (".hj-menu", ".hj-search", ".hj-tools-row", ".hj-howto", ".hj-crumbs"):
            assert not page.locator(hidden).first.is_visible(), (kind, hidden)
    page.close()


def test_the_nu_checker_finds_no_error_on_each_kind_and_on_drawn_pages(
    site: Path, routes: dict[str, str], tmp_path: Path
) -> None:
    pages = sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    drawn = random.Random(2016).sample(pages, min(DRAWN_PAGES, len(pages)))
    chosen = sorted({*routes.values(), *drawn})
    assert HAND_WRITTEN in chosen
    answer = subprocess.run(
        ["java", "-Xmx512m", "-jar", NU_CHECKER, "--errors-only", "--format", "json", *chosen],
        cwd=site,
        capture_output=True,
        text=True,
        check=False,
    )
    messages = json.loads(answer.stderr)["messages"]
    assert [(m["url"].rpartition("/")[2], m["message"]) for m in messages] == []
    assert answer.returncode == 0
