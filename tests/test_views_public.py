"""Pages of the exposure, the bulletin, the duties and the correction log, as markup."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from itertools import pairwise
from pathlib import Path, PurePosixPath
from types import UnionType
from typing import Union, get_args, get_origin, get_type_hints

import pytest
from jinja2 import Environment, nodes
from public_package import (
    ADOPTIONS,
    BULLETINS,
    CAMPAIGN,
    CASES,
    CORRECTIONS,
    DIVISIONS,
    DUTIES,
    TEMPLATES,
    load_tables,
    make_bulletin,
    make_case,
    make_pages,
    render_pages,
)
from selectolax.lexbor import LexborHTMLParser, LexborNode

from generator.config import Campaign
from generator.site.pages import Page
from generator.site.views.bulletin import BulletinView
from generator.site.views.bulletin_archive import BulletinListView
from generator.site.views.case import CaseListView, CaseView
from generator.site.views.correction import CorrectionListView
from generator.site.views.duty import DutyListView, DutyView
from generator.site.views.exposure import QuietWeekView, WeekListView, WeekView
from generator.site.views.follow_up import FollowUpView
from generator.site.views.gallery import GalleryView
from generator.site.views.transfers import TransfersView

VIEWS: dict[str, type] = {
    "week": WeekView,
    "week-list": WeekListView,
    "week-quiet": QuietWeekView,
    "gallery": GalleryView,
    "follow-up": FollowUpView,
    "transfers": TransfersView,
    "case": CaseView,
    "case-list": CaseListView,
    "bulletin": BulletinView,
    "bulletin-list": BulletinListView,
    "duty": DutyView,
    "duty-list": DutyListView,
    "correction-list": CorrectionListView,
}
HOSTILE = "</title><script>alert(1)</script>javascript:alert(1) {{7*7}} {%x%} \\n\\ \"'&amp;"
WITHDRAWN_WORDS = ("旧名", "旧事", "旧图", "旧话", "旧错")
WITHDRAWN = make_case(
    "BG2016W26-004",
    ent_name="旧名化工厂",
    facts="旧事：某日执法检查发现该厂偷排废水若干吨。",
    photo_alt="旧图",
    reply="旧话",
    measure_kind="移送涉嫌犯罪",
    withdraw_reason="处罚决定经复议撤销。",
)
WITHDRAWN_LOG = (
    *CORRECTIONS,
    {
        "correction_no": "GZ2016-00003",
        "target_table": "exposure_case",
        "target_key": "BG2016W26-004",
        "kind": "更正",
        "received_date": "2016-06-28",
        "resolved_date": "2016-06-28",
        "public_reason": "旧错：原刊登的罚款数额有误。",
    },
    {
        "correction_no": "GZ2016-00004",
        "target_table": "exposure_case",
        "target_key": "BG2016W26-004",
        "kind": "撤回",
        "received_date": "2016-06-30",
        "resolved_date": "2016-07-01",
        "public_reason": "处罚决定经复议撤销。",
    },
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Page]:
    dataset = load_tables(
        tmp_path_factory.mktemp("views") / "set",
        exposure_case=(*CASES, WITHDRAWN),
        correction=WITHDRAWN_LOG,
    )
    return {page.route: page for page in make_pages(dataset)}


@pytest.fixture(scope="module")
def bodies(pages: dict[str, Page]) -> dict[str, str]:
    return render_pages(iter(pages.values()))


def read_text(markup: str) -> str:
    return re.sub(r"\s+", " ", LexborHTMLParser(f"<body>{markup}").body.text())


def test_every_kind_is_made_and_no_address_twice(tmp_path: Path):
    cases = (*CASES, make_case("BG2016W23-001"))  # and nothing in the week between
    made = list(make_pages(load_tables(tmp_path / "set", exposure_case=cases)))
    assert {page.kind for page in made} == set(VIEWS)
    assert all(type(page.view) is VIEWS[page.kind] for page in made)
    assert len({page.route for page in made}) == len(made)


def test_an_issue_page_says_its_rank_week_and_days(bodies: dict[str, str]):
    heading = LexborHTMLParser(bodies["week/2016-W26.html"]).css_first("h1").text()
    assert heading == "一周一曝光 第2期（2016年第26周，6月27日—7月3日）"


def test_every_number_of_the_tally_opens_to_as_many_cases(bodies: dict[str, str]):
    page = LexborHTMLParser(bodies["week/2016-W26.html"])
    numbers = page.css("table a[href^='#c-']")
    assert len(numbers) == 10  # those above 0: 3 in 江北区, 2 in 河东县, 1 in 滨海区, 4 in the sum
    for number in numbers:
        target = page.css_first(f"li[id='{number.attributes['href'][1:]}']")
        assert len(target.css("a")) == int(number.text()), target.text()


def test_pictures_have_words_sizes_and_all_but_the_first_wait(bodies: dict[str, str]):
    pictures = LexborHTMLParser(bodies["week/2016-W26.html"]).css("figure")
    assert len(pictures) == 3
    for number, figure in enumerate(pictures):
        image = figure.css_first("img").attributes
        assert image["alt"] == "厂区排污口的示意图"
        assert (image["width"], image["height"]) == ("64", "40")  # as the file has it
        assert image["src"].startswith("../photos/bg2016w26-")
        assert image.get("loading") == (None if number == 0 else "lazy")
        assert figure.css_first("figcaption").text() == "示意图"


def test_a_fine_says_amount_zero_or_undecided(bodies: dict[str, str]):
    shown = {number: read_text(bodies[f"case/BG2016W26-00{number}.html"]) for number in (1, 2, 3)}
    assert "罚款5 万元" in shown[1]
    assert "罚款尚未决定" in shown[2]
    assert "罚款0 万元" in shown[3]


def test_a_case_leads_to_firm_place_issue_and_those_who_answer(bodies: dict[str, str]):
    page = LexborHTMLParser(bodies["case/BG2016W26-001.html"])
    hrefs = {link.attributes["href"] for link in page.css("a")}
    assert "../district/990102.html" in hrefs
    assert "../week/2016-W26.html" in hrefs
    assert "../duty/Z05.html#Z05-001" in hrefs
    assert "../correction/index.html#GZ2016-00001" in hrefs
    assert any(href.startswith("../enterprise/") for href in hrefs)
    assert read_text(bodies["case/BG2016W26-001.html"]).count("进行中") == 3


def test_a_withdrawn_case_leaves_a_tombstone_with_reason_and_date(
    pages: dict[str, Page], bodies: dict[str, str]
):
    route = "case/BG2016W26-004.html"
    assert pages[route].title == "案件已撤回"
    words = read_text(bodies[route])
    assert "处罚决定经复议撤销。" in words
    assert "2016-07-01" in words
    assert "<img" not in bodies[route]
    assert "BG2016W26-004：已撤回（2016-07-01）" in read_text(bodies["week/2016-W26.html"])


def test_withdrawn_text_stands_on_no_page_title_or_description(
    pages: dict[str, Page], bodies: dict[str, str]
):
    everything = "".join(bodies.values())
    everything += "".join(
        page.title + page.description + repr(page.view) for page in pages.values()
    )
    for word in (*WITHDRAWN_WORDS, "photos/bg2016w26-004"):
        assert word not in everything
    assert "该记录已撤回，原说明一并撤下" in everything


def test_the_withdrawn_case_is_in_no_tally(bodies: dict[str, str]):
    total = LexborHTMLParser(bodies["week/2016-W26.html"]).css("tfoot td")
    assert [cell.text() for cell in total] == ["3", "0", "0", "1", "1", "1", "5"]


def test_the_bulletin_sum_equals_subtotals_and_counties(bodies: dict[str, str]):
    page = LexborHTMLParser(bodies["bulletin/2016-W26.html"])
    table = page.css_first("table.hj-bulletin")

    def add(rows: list[LexborNode]) -> list[float]:
        numbers = [[float(cell.text().replace(",", "")) for cell in row.css("td")] for row in rows]
        return [round(sum(column), 4) for column in zip(*numbers, strict=True)]

    subtotals = table.css("tr.hj-subtotal")
    counties = [row for row in table.css("tbody tr") if "hj-subtotal" not in str(row.attributes)]
    assert (len(subtotals), len(counties)) == (2, 3)
    assert add(subtotals) == add(counties) == add(table.css("tfoot tr"))
    assert add(counties) == [6, 8.6, 0, 0, 1, 1, 1, 1, 4500, 3]


def test_a_bulletin_week_without_cases_says_so(bodies: dict[str, str]):
    words = read_text(bodies["bulletin/2015-W53.html"])
    assert "本周无曝光案件" in words
    assert "上年同期没有通报" in words


def test_a_base_of_zero_is_said_and_not_divided_by(bodies: dict[str, str]):
    page = LexborHTMLParser(bodies["bulletin/2016-W26.html"])
    changes = [row.css("td")[-1].text() for row in page.css("table.hj-compare tbody tr")]
    assert changes[:2] == ["+200.0%", "上年同期为0"]


def test_a_consistent_and_an_inconsistent_week_are_told_apart(
    bodies: dict[str, str], tmp_path: Path
):
    assert "通报与曝光一致" in read_text(bodies["bulletin/2016-W26.html"])
    lowered = tuple(row | {"crime_transfer": "0"} for row in BULLETINS)
    other = render_pages(make_pages(load_tables(tmp_path / "set", bulletin=lowered)))
    words = read_text(other["bulletin/2016-W26.html"])
    assert "通报与曝光有 1 处对不上" in words
    assert "临川市河东县 · 移送涉嫌犯罪：曝光 1 件，通报 0 件" in words


def test_the_campaign_prints_the_sum_behind_its_change(bodies: dict[str, str]):
    words = read_text(bodies["bulletin/index.html"])
    assert "立案，同比 +150%" in words
    assert "（15 − 6）÷ 6 × 100% = 150.00%" in words
    assert "移送公安机关，同比 +300%" in words


def test_a_campaign_without_a_year_before_has_no_change(tmp_path: Path):
    alone = (make_bulletin("2016-W26", cases_opened="3"), make_bulletin("2016-W20"))
    dataset = load_tables(tmp_path / "set", bulletin=alone)
    words = read_text(render_pages(make_pages(dataset))["bulletin/index.html"])
    assert "上年没有全部同样各周的通报" in words
    assert "÷" not in words


def test_an_expired_clause_stands_apart_with_its_successor(bodies: dict[str, str]):
    page = LexborHTMLParser(bodies["duty/Z05.html"])
    order = [node.attributes.get("id") for node in page.css("h2, section.hj-duty")]
    assert order == [
        "in-force", "Z05-001", "Z05-002", "Z05-004", "Z05-005",
        "coming", "Z05-006", "expired", "Z05-003", "changes", "letters",
    ]  # fmt: skip
    assert "已失效" in page.css_first("section[id='Z05-003']").text()
    hrefs = [link.attributes["href"] for link in page.css("section[id='Z05-003'] a")]
    assert "../duty/Z05.html#Z05-004" in hrefs


def test_leagues_are_shown_with_their_documents(bodies: dict[str, str]):
    words = read_text(bodies["duty/index.html"])
    assert "2 个盟市中，1 个已印发配套文件" in words
    assert "临党发〔2016〕6号" in words
    assert "尚未印发" in words


def test_log_entries_lead_to_their_records(bodies: dict[str, str]):
    page = LexborHTMLParser(bodies["correction/index.html"])
    links = {
        node.attributes["id"]: node.css_first("a").attributes["href"]
        for node in page.css("ol.hj-log > li")
    }
    assert links["GZ2016-00001"] == "../case/BG2016W26-001.html"
    assert links["GZ2016-00002"] == "../bulletin/2016-W26.html"
    assert list(links) == ["GZ2016-00002", "GZ2016-00004", "GZ2016-00001", "GZ2016-00003"]


def test_a_corrected_disclosure_row_leads_to_its_enterprise(tmp_path: Path):
    entry = {
        "correction_no": "GZ2016-00001",
        "target_table": "annual_emission",
        "target_key": "91990102MA3XABCD19001P|2015|水|w01018",
        "kind": "更正",
        "received_date": "2016-06-10",
        "public_reason": "年排放量录入有误。",
    }
    dataset = load_tables(tmp_path / "set", correction=(entry,))
    body = render_pages(make_pages(dataset))["correction/index.html"]
    link = LexborHTMLParser(body).css_first("ol.hj-log a")
    assert link.attributes["href"] == "../enterprise/91990102MA3XABCD19001P.html"
    assert link.text().startswith("临川恒诚化工有限公司（91990102MA3XABCD19001P|2015")


def test_links_and_fragments_among_these_pages_hold(bodies: dict[str, str]):
    ids = {
        route: {node.attributes["id"] for node in LexborHTMLParser(body).css("[id]")}
        for route, body in bodies.items()
    }
    folders = {route.partition("/")[0] for route in bodies}
    seen = 0
    for route, body in bodies.items():
        for link in LexborHTMLParser(body).css("a"):
            path, _, fragment = link.attributes["href"].partition("#")
            parts = PurePosixPath(path).parts
            target = "/".join(parts[1:]) if parts else route
            if target.partition("/")[0] not in folders:
                assert path.startswith(
                    ("../district/", "../enterprise/", "../index.html", "../card/")
                ), path
                continue
            seen += 1
            assert target in ids, f"{route} → {path}"
            assert not fragment or fragment in ids[target], f"{route} → {path}#{fragment}"
    assert seen > 100


def test_headings_never_skip_a_level_and_ids_are_single(bodies: dict[str, str]):
    for route, body in bodies.items():
        page = LexborHTMLParser(body)
        levels = [int(node.tag[1]) for node in page.css("h1, h2, h3, h4")]
        assert levels.count(1) == 1, route
        assert levels[0] == 1, route
        assert all(b - a <= 1 for a, b in pairwise(levels)), route
        names = [node.attributes["id"] for node in page.css("[id]")]
        assert len(set(names)) == len(names), route


def test_tables_are_named_scroll_in_their_box_and_say_what_heads_are(bodies: dict[str, str]):
    for route, body in bodies.items():
        for table in LexborHTMLParser(body).css("table"):
            assert table.css_first("caption").text().strip(), route
            assert "hj-scroll" in table.parent.attributes["class"], route
            assert table.parent.attributes["aria-label"], route
            assert all(head.attributes.get("scope") for head in table.css("th")), route


def hostile_pages(root: Path) -> Iterator[Page]:
    case = CASES[1] | {
        "ent_name": HOSTILE, "facts": HOSTILE, "photo_alt": HOSTILE, "reply": HOSTILE,
    }  # fmt: skip
    gone = CASES[2] | {"withdraw_reason": HOSTILE}
    duty = {"body_name": HOSTILE, "duty_text": HOSTILE, "legal_basis": HOSTILE}
    dataset = load_tables(
        root,
        division=tuple(
            row | {"division_name": HOSTILE} if row["division_code"] == "990102" else row
            for row in DIVISIONS
        ),
        exposure_case=(CASES[0], case, gone, CASES[3]),
        responsibility=tuple(row | duty for row in DUTIES),
        duty_adoption=(ADOPTIONS[0] | {"document_title": HOSTILE, "note": HOSTILE}, ADOPTIONS[1]),
        correction=tuple(row | {"public_reason": HOSTILE} for row in CORRECTIONS),
    )
    return make_pages(dataset, Campaign(HOSTILE, CAMPAIGN.start, CAMPAIGN.end))


def test_hostile_text_is_shown_as_text_on_every_kind(tmp_path: Path):
    made = list(hostile_pages(tmp_path / "set"))
    bodies = render_pages(iter(made))
    shown: set[str] = set()
    for page in made:
        parsed = LexborHTMLParser(f"<body>{bodies[page.route]}")
        assert not parsed.css("script"), page.route
        for node in parsed.css("*"):
            for name, value in node.attributes.items():
                assert not name.startswith("on"), page.route
                if name in ("href", "src"):
                    assert (value or "").startswith(("../", "#")), value
        if HOSTILE in parsed.body.text():
            shown.add(page.kind)
        assert "49" not in parsed.body.text().replace("{{7*7}}", ""), page.route
    assert shown == set(VIEWS) - {"week-quiet"}  # it names nothing but a week


def collect_dataclasses(kind: type) -> Iterator[type]:
    """The view and every dataclass that its fields lead to."""
    pending, seen = [kind], set()
    while pending:
        current = pending.pop()
        if get_origin(current) in (tuple, Union, UnionType):
            pending.extend(get_args(current))
        elif isinstance(current, type) and is_dataclass(current) and current not in seen:
            seen.add(current)
            yield current
            pending.extend(get_type_hints(current).values())


def read_attributes(template: str) -> tuple[set[str], set[str]]:
    """Names a template takes from `view`, and from anything at all."""
    tree = Environment(autoescape=True).parse((TEMPLATES / template).read_text(encoding="utf-8"))
    found = list(tree.find_all(nodes.Getattr))
    own = {
        node.attr
        for node in found
        if isinstance(node.node, nodes.Name) and node.node.name == "view"
    }
    return own, {node.attr for node in found}


@pytest.mark.parametrize("kind", sorted(VIEWS))
def test_each_template_uses_every_field_of_its_view_and_no_other(kind: str):
    own, used = read_attributes(f"pages/{kind}.html.jinja")
    for shared in ("exposure_macros", "change_macros", "charts", "tables"):
        used |= read_attributes(f"{shared}.html.jinja")[1]
    view = VIEWS[kind]
    assert own == {field.name for field in fields(view)}
    for part in collect_dataclasses(view):
        unused = {field.name for field in fields(part)} - used
        assert not unused, f"{part.__name__}: {unused}"
