from pathlib import Path

import pytest

from generator.config import read_config
from generator.errors import ShellError
from generator.site.pages import Page
from generator.site.shell import BODY, DESCRIPTION, TITLE, build_shells, cut_shell

ROOT = Path(__file__).resolve().parents[1]
HOSTILE = "</title><script>alert(1)</script>\"'"


def test_a_shell_is_cut_at_its_sentinels() -> None:
    html = f'<title>{TITLE}</title><meta content="{DESCRIPTION}"><p>{BODY}</p>end'
    page = Page("x.html", "x", "名", "说明", None)
    assert (
        cut_shell(html, "").splice(page, "<h1>体</h1>").decode()
        == '<title>名</title><meta content="说明"><h1>体</h1>end'
    )


def test_title_and_description_cannot_leave_their_places() -> None:
    html = f'<title>{TITLE}</title><meta content="{DESCRIPTION}">{BODY}'
    spliced = cut_shell(html, "").splice(Page("x.html", "x", HOSTILE, HOSTILE, None), "").decode()
    assert "<script" not in spliced
    assert spliced.count("</title>") == 1
    assert "\"'" not in spliced


def test_a_page_with_a_card_has_preview_tags_and_an_address_only_where_one_is_known() -> None:
    html = f'<title>{TITLE}</title><meta content="{DESCRIPTION}">\n<link><p>{BODY}</p>end'
    page = Page("case/x.html", "case", HOSTILE, "说明", None, "card/x.png")
    plain = cut_shell(html, "case").splice(page, "").decode()
    assert plain.count("og:title") == plain.count("og:description") == 1
    assert "og:image" not in plain
    assert "og:url" not in plain
    assert "<script" not in plain
    told = cut_shell(html, "case", "https://a.example/hj/").splice(page, "").decode()
    assert '<meta property="og:image" content="https://a.example/hj/card/x.png">' in told
    assert '<meta property="og:url" content="https://a.example/hj/case/x.html">' in told
    assert told.endswith("<link>end")
    bare = cut_shell(html, "case", "https://a.example/").splice(
        Page("case/x.html", "case", "名", "说明", None), ""
    )
    assert b"og:" not in bare


@pytest.mark.parametrize(
    "html",
    [
        f"{TITLE} {BODY}",
        f"{TITLE} {TITLE} {DESCRIPTION} {BODY}",
        f"{BODY} {DESCRIPTION} {TITLE}",
        "",
    ],
)
def test_a_shell_without_its_sentinels_in_order_is_refused(html: str) -> None:
    with pytest.raises(ShellError):
        cut_shell(html, "project")


def test_mkdocs_writes_the_hand_written_pages_and_one_style_sheet(tmp_path: Path) -> None:
    config = read_config(ROOT / "mkdocs.yml")
    shells = build_shells(config, ("", "project"), tmp_path / "site")
    written = {
        p.relative_to(tmp_path / "site").as_posix() for p in (tmp_path / "site").rglob("*.*")
    }
    sources = {p.with_suffix(".html").name for p in (ROOT / "site_src").glob("*.md")}
    assert written == sources | {"assets/material.css"}
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
    assert html.count("<script ") == html.count("<script") == html.count(" defer></script>")
