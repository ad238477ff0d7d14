"""The four 不放过 as states, quiet weeks, transfers and the gallery, counted and as pages."""

from pathlib import Path

import pytest
from public_package import BULLETINS, load_tables, make_bulletin, make_case, make_pages
from selectolax.lexbor import LexborHTMLParser

from generator.domain.exposure import Case, read_cases, read_issues
from generator.domain.follow_up import is_closed, list_quiet_weeks, sort_by_step
from generator.site.render import Renderer

CLOSED = {
    "duty_fixed_date": "2016-06-21",
    "case_filed_date": "2016-06-22",
    "rectified_date": "2016-06-30",
}
ROWS = (
    make_case("BG2015W52-001", **CLOSED, measure_kind="移送行政拘留、移送涉嫌犯罪"),
    make_case("BG2016W01-001", cause_found_date=""),
    make_case("BG2016W01-002", duty_fixed_date="2016-06-21", division_code="990103"),
    make_case("BG2016W01-003", withdraw_reason="处罚决定经复议撤销。", measure_kind="移送行政拘留"),
)
"""A closed case before 2015-W53, in which nothing was exposed, and open ones after it."""


@pytest.fixture(scope="module")
def bodies(tmp_path_factory: pytest.TempPathFactory) -> dict[str, LexborHTMLParser]:
    dataset = load_tables(
        tmp_path_factory.mktemp("follow") / "set",
        exposure_case=ROWS,
        correction=(),
        bulletin=(*BULLETINS, make_bulletin("2015-W52"), make_bulletin("2016-W01")),
    )
    templates = Path(__file__).parent.parent / "templates"
    renderer = Renderer(templates)
    return {
        page.route: LexborHTMLParser(renderer.render_body(page)) for page in make_pages(dataset)
    }


def words(tree: LexborHTMLParser) -> str:
    return "".join(tree.text().split())


def read(root: Path, *rows: dict[str, str]) -> tuple[Case, ...]:
    return read_cases(load_tables(root, exposure_case=rows, correction=()))


def test_each_step_parts_the_standing_cases_in_done_and_open(tmp_path: Path):
    states = sort_by_step(read(tmp_path / "set", *ROWS))
    assert [(s.title, len(s.done), len(s.open)) for s in states] == [
        ("原因查清", 2, 1),
        ("责任落实", 2, 1),
        ("案件严查", 1, 2),
        ("整改到位", 1, 2),
    ]


def test_a_case_is_closed_by_its_fourth_step_and_not_before(tmp_path: Path):
    cases = read(tmp_path / "set", *ROWS)
    assert [is_closed(case) for case in cases] == [True, False, False, False]
    reopened = read(tmp_path / "b", ROWS[0] | {"rectified_date": ""})
    assert not is_closed(reopened[0])


def test_week_53_is_a_quiet_week_between_two_years(tmp_path: Path):
    issues = read_issues(read(tmp_path / "set", *ROWS))
    assert list(list_quiet_weeks(issues)) == ["2015-W53"]
    assert list(list_quiet_weeks(issues[:1])) == []
    assert list(list_quiet_weeks(())) == []


def test_a_quiet_week_says_so_under_its_own_address_in_the_archive_and_the_bulletin(
    bodies: dict[str, LexborHTMLParser],
):
    quiet = bodies["week/2015-W53.html"]
    assert "2015年第53周（2015年12月28日—2016年1月3日）" in words(quiet)
    assert "本周无曝光案件。" in words(quiet)
    hrefs = {link.attributes["href"] for link in quiet.css("a")}
    assert {"../bulletin/2015-W53.html", "../week/2015-W52.html", "../week/2016-W01.html"} <= hrefs
    archive = [item.text() for item in bodies["week/index.html"].css("ol.hj-issues > li")]
    assert ["本周无曝光案件" in line for line in archive] == [False, True, False]
    assert "本周无曝光案件" in words(bodies["bulletin/2015-W53.html"])
    links = bodies["bulletin/2015-W53.html"].css("a[href='../week/2015-W53.html']")
    assert links


def test_a_week_outside_the_issues_has_no_page_and_no_link(bodies: dict[str, LexborHTMLParser]):
    assert "week/2016-W25.html" not in bodies
    assert not bodies["bulletin/2016-W25.html"].css("a[href^='../week/2016-W25']")
    assert "本周无曝光案件" in words(bodies["bulletin/2016-W25.html"])


def test_every_open_number_leads_to_as_many_cases(bodies: dict[str, LexborHTMLParser]):
    page = bodies["case/follow-up.html"]
    numbers = page.css("table a[href*='#step-']")
    assert numbers
    for number in numbers:
        anchor = number.attributes["href"].partition("#")[2]
        target = page.css_first(f"[id='{anchor}']")
        listed = target.css("a") if target.tag == "li" else target.next.next.next.next.css("a")
        assert len(listed) == int(number.text()), anchor
    assert "仍在公开的3起案件中，四项全部办结的1起，还有事项没有办结的2起" in words(page)


def test_the_archive_shows_what_the_overview_counts(bodies: dict[str, LexborHTMLParser]):
    shown = [
        item.css_first(".hj-follow__open a").text()
        for item in bodies["week/index.html"].css("ul.hj-follow li")
    ]
    total = bodies["case/follow-up.html"].css("tfoot td")
    assert shown == [cell.text() for cell in total[1:5]] == ["1", "1", "2", "2"]


def test_transfers_add_up_by_week_and_by_place_to_the_cases(bodies: dict[str, LexborHTMLParser]):
    page = bodies["case/transfers.html"]
    assert "移送公安机关2件，其中移送行政拘留1件、移送涉嫌犯罪1件，涉及案件1起" in words(page)
    for table in page.css("table.hj-sticky"):
        rows = [[int(cell.text()) for cell in row.css("td")] for row in table.css("tbody tr")]
        total = [int(cell.text()) for cell in table.css("tfoot td")]
        assert [sum(column) for column in zip(*rows, strict=True)] == total == [1, 1, 2]
    for number in page.css("tbody a[href*='#t-']"):
        anchor = number.attributes["href"].partition("#")[2]
        assert len(page.css_first(f"li[id='{anchor}']").css("a")) == int(number.text())


def test_the_gallery_holds_each_case_under_its_place_kind_and_measures(
    bodies: dict[str, LexborHTMLParser],
):
    def count(route: str) -> list[int]:
        return [len(group.css("li")) for group in bodies[route].css("ul.hj-tiles")]

    assert count("case/by-place.html") == [2, 1]
    assert count("case/by-violation.html") == [3]
    assert sorted(count("case/by-measure.html")) == [1, 1, 2, 2]
    for route in ("by-place", "by-violation", "by-measure"):
        text = bodies[f"case/{route}.html"].html or ""
        assert "BG2016W01-003" not in text
        assert "bg2016w01-003" not in text
        index = bodies[f"case/{route}.html"].css("nav.hj-index li")
        heads = bodies[f"case/{route}.html"].css("h2")
        assert len(index) == len(heads)


def test_a_case_moved_to_another_district_moves_transfers_and_gallery(tmp_path: Path):
    moved = (ROWS[0] | {"division_code": "990201"}, *ROWS[1:])
    renderer = Renderer(Path(__file__).parent.parent / "templates")
    found = {}
    for name, rows in (("a", ROWS), ("b", moved)):
        dataset = load_tables(tmp_path / name, exposure_case=rows, correction=())
        pages = {page.route: page for page in make_pages(dataset)}
        for route in ("case/by-place.html", "case/transfers.html"):
            tree = LexborHTMLParser(renderer.render_body(pages[route]))
            found[name, route] = tree.css("[id^='g-'], [id^='t-99']")
    titles = {key: ["".join(n.text().split()) for n in nodes] for key, nodes in found.items()}
    assert titles["a", "case/by-place.html"] == ["临川市江北区（2起）", "临川市河东县（1起）"]
    assert titles["b", "case/by-place.html"] == [
        "临川市江北区（1起）", "临川市河东县（1起）", "望海市滨海区（1起）",
    ]  # fmt: skip
    assert all("江北区" in title for title in titles["a", "case/transfers.html"])
    assert all("滨海区" in title for title in titles["b", "case/transfers.html"])
