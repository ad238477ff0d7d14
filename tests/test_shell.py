import json
import re
from pathlib import Path
from typing import Any

import pytest

from generator.config import read_config
from generator.errors import ShellError
from generator.site.head import Heads, plan_heads
from generator.site.pages import Page
from generator.site.reuse import Reuse
from generator.site.shell import (
    BODY,
    DESCRIPTION,
    END,
    HEAD,
    TITLE,
    build_shells,
    cut_shell,
)

ROOT = Path(__file__).resolve().parents[1]
HOSTILE = "</title><script>alert(1)</script>\"'"


HTML = (
    f'<title>{TITLE}</title><meta content="{DESCRIPTION}">\n{HEAD}\n<link><p>{BODY}</p>{END}\nend'
)
CANONICAL = "https://a.example/hj/"


def test_a_shell_is_cut_at_its_sentinels() -> None:
    page = Page("x.html", "x", "名", "说明", None)
    assert (
        cut_shell(HTML, "").splice(page, "<h1>体</h1>").decode()
        == '<title>名</title><meta content="说明">\n<link><h1>体</h1>end'
    )


def test_title_and_description_cannot_leave_their_places() -> None:
    page = Page("enterprise/x.html", "x", HOSTILE, HOSTILE, None, "card/x.png")
    heads = plan_heads(CANONICAL, "enterprise", {"enterprise/index.html": "查企业"})
    spliced = cut_shell(HTML, "", heads).splice(page, "").decode()
    assert spliced.count("<script") == spliced.count("</script>") == 1
    assert spliced.count("</title>") == 1
    assert "\"'" not in spliced.replace("\\\"'", "")


def test_pages_have_preview_tags_and_an_address_only_where_one_is_known() -> None:
    page = Page("case/x.html", "case", HOSTILE, "说明", None, "card/x.png")
    plain = cut_shell(HTML, "case").splice(page, "").decode()
    assert plain.count("og:title") == plain.count("og:description") == 1
    assert "og:image" not in plain
    assert "og:url" not in plain
    assert "<script" not in plain
    told = cut_shell(HTML, "case", Heads(CANONICAL)).splice(page, "").decode()
    assert '<meta property="og:image" content="https://a.example/hj/card/x.png">' in told
    assert '<meta property="og:url" content="https://a.example/hj/case/x.html">' in told
    assert told.endswith("<link>end")
    bare = Page("case/x.html", "case", "名", "说明", None)
    preview = cut_shell(HTML, "case", Heads(CANONICAL)).splice(bare, "").decode()
    assert '<meta property="og:title" content="名">' in preview
    assert '<meta property="og:image" content="https://a.example/hj/card/site.png">' in preview
    assert "og:description" not in preview  # its head has the same words already
    assert b"og:" not in cut_shell(HTML, "case").splice(bare, "")


def test_a_page_leads_to_the_provinces_address_where_one_is_known() -> None:
    page = Page("project/x.html", "project", "名", "说明", None)
    told = cut_shell(HTML, "project", Heads(CANONICAL)).splice(page, "").decode()
    assert told.count('<link rel="canonical" href="https://a.example/hj/project/x.html">') == 1
    assert b"canonical" not in cut_shell(HTML, "project").splice(page, "")


def test_structured_data_tells_the_way_to_a_page_and_the_firm_it_is_about() -> None:
    heads = plan_heads(CANONICAL, "enterprise", {"enterprise/index.html": "查企业"})
    page = Page("enterprise/91X.html", "enterprise", HOSTILE, "说明", None)
    head = cut_shell(HTML, "enterprise", heads).splice(page, "").decode()
    trail, firm = read_block(head)["@graph"]
    assert [step["name"] for step in trail["itemListElement"]] == ["首页", "查企业", HOSTILE]
    assert [step["position"] for step in trail["itemListElement"]] == [1, 2, 3]
    assert trail["itemListElement"][1]["item"] == CANONICAL + "enterprise/index.html"
    assert firm == {"@type": "Organization", "name": HOSTILE, "identifier": "91X"}
    index = Page("enterprise/index.html", "list", "查企业", "说明", None)
    assert b"ld+json" not in cut_shell(HTML, "enterprise", heads).splice(index, "")
    facts = Page("enterprise/index.html", "list", "企", "说", None, facts={"@type": "Dataset"})
    told = cut_shell(HTML, "enterprise", heads).splice(facts, "").decode()
    assert read_block(told) == {"@context": "https://schema.org", "@type": "Dataset"}


def read_block(html: str) -> Any:
    block = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html)
    assert len(block) == 1
    return json.loads(block[0])


def test_only_pages_that_can_be_embedded_offer_it_and_only_where_their_address_is_known() -> None:
    shell = cut_shell(HTML, "enterprise", reuse=Reuse(CANONICAL))
    page = Page("enterprise/91X.html", "enterprise", HOSTILE, "说明", None)
    html = shell.splice(page, "体").decode()
    assert html.index("体") < html.index('class="hj-qr"') < html.index("end")
    assert "https://a.example/hj/enterprise/91X.html#embed" in html
    assert "<iframe" not in html
    assert "<script" not in html
    silent = cut_shell(HTML, "enterprise").splice(page, "").decode()
    assert "reuse" not in silent
    listed = Page("enterprise/index.html", "list", "名", "说明", None)
    assert "reuse" not in shell.splice(listed, "").decode()


@pytest.mark.parametrize(
    "html",
    [
        f"{TITLE} {BODY}",
        f"{TITLE} {HTML}",
        f"{BODY} {DESCRIPTION} {HEAD} {TITLE} {END}",
        "",
    ],
)
def test_a_shell_without_its_sentinels_in_order_is_refused(html: str) -> None:
    with pytest.raises(ShellError):
        cut_shell(html, "project")


def test_mkdocs_writes_the_hand_written_pages_and_nothing_else(tmp_path: Path) -> None:
    config = read_config(ROOT / "mkdocs.yml")
    shells = build_shells(config, ("", "project"), tmp_path / "site")
    written = {
        p.relative_to(tmp_path / "site").as_posix() for p in (tmp_path / "site").rglob("*.*")
    }
    sources = {p.with_suffix(".html").name for p in (ROOT / "site_src").glob("*.md")}
    assert written == sources
    assert set(shells) == {"", "project"}


def test_every_link_of_a_shell_is_relative_to_its_folder(tmp_path: Path) -> None:
    shells = build_shells(read_config(ROOT / "mkdocs.yml"), ("", "project"), tmp_path / "site")
    deep = shells["project"].splice(Page("project/x.html", "project", "t", "d", None), "").decode()
    flat = shells[""].splice(Page("index.html", "home", "t", "d", None), "").decode()
    assert 'href="../assets/site.css"' in deep
    assert 'href="assets/site.css"' in flat
    assert 'href="/' not in deep + flat
    assert 'aria-current="true">查项目' in deep


def test_no_shell_needs_an_inline_script_or_style(tmp_path: Path) -> None:
    shells = build_shells(read_config(ROOT / "mkdocs.yml"), ("",), tmp_path / "site")
    html = shells[""].splice(Page("index.html", "home", "t", "d", None), "").decode()
    assert "<style" not in html
    assert " style=" not in html
    sources = re.findall(r'<script src="([^"]+)"( defer)?></script>', html)
    data = html.count('<script type="application/ld+json">')
    assert len(sources) + data == html.count("<script")
    # Only what decides on colours and size may hold back the first paint.
    assert [source for source, deferred in sources if not deferred] == ["assets/view.js"]


def test_every_shell_explains_its_pages_and_has_the_two_switches(tmp_path: Path) -> None:
    folders = (
        "", "enterprise", "project", "district", "week", "case", "bulletin", "supervision",
        "owner", "duty", "figure", "dictionary", "download", "correction", "change",
    )  # fmt: skip
    shells = build_shells(read_config(ROOT / "mkdocs.yml"), folders, tmp_path / "site")
    for folder, shell in shells.items():
        page = shell.splice(Page(f"{folder}/x.html", "x", "t", "d", None), "<h1>x</h1>").decode()
        assert page.count('id="howto"') == page.count('href="#howto"') == 1, folder
        explained = page[page.index('id="howto"') : page.index("</main>")]
        assert "12369" in explained, folder
        assert page.count('role="switch"') == 2, folder
