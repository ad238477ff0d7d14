"""What crawlers are told: every page once, at the province's address."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest
from selectolax.lexbor import LexborHTMLParser
from small_province import read

from generator.config import SecurityContact
from generator.mirror.manifest import SECURITY, compare_folder, is_safe_path
from generator.site.crawlers import format_robots, format_security

CANONICAL = "https://huanjing.example/"
_SITEMAPS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def read_locations(path: Path, root: str) -> list[str]:
    tree = ElementTree.parse(path).getroot()  # noqa: S314 our own file
    assert tree.tag == _SITEMAPS + root
    found = [node.text or "" for node in tree.iter(f"{_SITEMAPS}loc")]
    assert all(location.startswith(CANONICAL) for location in found)
    return [location.removeprefix(CANONICAL) for location in found]


@pytest.fixture(scope="module")
def sitemaps(small_site: Path) -> dict[str, list[str]]:
    listed = read_locations(small_site / "sitemap.xml", "sitemapindex")
    assert listed == sorted(listed)
    assert {f"sitemap/{path.name}" for path in (small_site / "sitemap").iterdir()} == set(listed)
    return {name: read_locations(small_site / name, "urlset") for name in listed}


def test_sitemaps_list_every_page_once_but_withdrawn_records(
    small_site: Path, small_datasets: Path, sitemaps: dict[str, list[str]]
) -> None:
    pages = {path.relative_to(small_site).as_posix() for path in small_site.rglob("*.html")}
    listed = [route for routes in sitemaps.values() for route in routes]
    assert len(listed) == len(set(listed))
    assert set(listed) <= pages
    left_out = sorted(pages - set(listed))
    log = read(small_datasets / "tables/correction.csv")
    withdrawn = set(log.filter(log["kind"] == "撤回")["target_key"])
    assert {Path(route).stem for route in left_out} <= withdrawn


def test_a_prefectures_pages_are_in_its_own_sitemap(sitemaps: dict[str, list[str]]) -> None:
    own = sitemaps["sitemap/990100.xml"]
    assert {"district/990100.html", "district/990101-projects.html"} <= set(own)
    assert {route[:14] for route in own if route.startswith("project/")} == {"project/990101"}
    assert "index.html" in sitemaps["sitemap/pages.xml"]
    assert not [route for route in sitemaps["sitemap/pages.xml"] if route.startswith("project/9")]


def test_a_pages_day_is_that_of_its_newest_entry(small_site: Path, small_datasets: Path) -> None:
    text = (small_site / "sitemap/990100.xml").read_text(encoding="utf-8")
    days = dict(re.findall(r"<loc>[^<]*/project/([^<]*)\.html</loc><lastmod>([^<]*)<", text))
    events = read(small_datasets / "tables/ledger_event.csv")
    newest = events.group_by("ledger_no").agg(pl.col("event_date").max())
    expected = dict(newest.iter_rows())
    assert days
    assert {number: expected[number] for number in days} == days


def test_every_page_names_its_own_canonical_address(small_site: Path) -> None:
    for path in small_site.rglob("*.html"):
        route = path.relative_to(small_site).as_posix()
        links = LexborHTMLParser(path.read_bytes()).css("link[rel=canonical]")
        assert [link.attributes["href"] for link in links] == [CANONICAL + route]


def test_every_page_has_a_title_and_a_picture_for_those_who_share_its_link(
    small_site: Path,
) -> None:
    for path in small_site.rglob("*.html"):
        tree = LexborHTMLParser(path.read_bytes())
        told = {
            tag.attributes["property"]: tag.attributes["content"] or ""
            for tag in tree.css("meta[property]")
        }
        assert told["og:title"], path
        assert told["og:url"].startswith(CANONICAL), path
        assert (small_site / told["og:image"].removeprefix(CANONICAL)).is_file(), path


def test_titles_and_descriptions_tell_pages_apart(small_site: Path) -> None:
    titles: dict[str, str] = {}
    for path in small_site.rglob("*.html"):
        tree = LexborHTMLParser(path.read_bytes())
        title, description = (
            tree.css_first("title").text(),
            tree.css_first("meta[name=description]"),
        )
        assert description is not None
        assert len(description.attributes["content"] or "") >= 10
        assert title not in titles, (titles[title], path)
        titles[title] = str(path)


def test_robots_may_read_everything_and_are_told_of_the_sitemap(small_site: Path) -> None:
    text = (small_site / "robots.txt").read_text(encoding="ascii")
    assert text == "User-agent: *\nDisallow:\nSitemap: https://huanjing.example/sitemap.xml\n"
    assert format_robots("") == b"User-agent: *\nDisallow:\n"


def test_the_security_contact_holds_for_the_days_set_from_the_data_date(small_site: Path) -> None:
    text = (small_site / ".well-known/security.txt").read_text(encoding="ascii")
    assert text.splitlines() == [
        "Contact: mailto:security@huanjing.example",
        "Expires: 2017-07-03T00:00:00+08:00",
        "Preferred-Languages: zh, en",
        "Canonical: https://huanjing.example/.well-known/security.txt",
    ]
    assert list(format_security(SecurityContact("", 0), dt.date(2016, 7, 3), CANONICAL)) == []
    assert compare_folder(small_site).is_same


def test_no_other_name_that_begins_with_a_dot_is_safe() -> None:
    assert is_safe_path(SECURITY)
    for path in (".well-known/x.txt", ".well-known/security.txt/x.txt", ".htaccess", "a/.b.txt"):
        assert not is_safe_path(path)
