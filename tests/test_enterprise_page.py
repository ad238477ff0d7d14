import dataclasses
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from enterprise_dataset import (
    AS_OF,
    OTHER,
    SISTER,
    SITE,
    TEMPLATES,
    make_dataset,
    make_duty,
    make_profile,
    make_project,
    make_reading,
    make_record,
    read_real_catalog,
)
from jinja2 import Environment, nodes
from package_factory import write_readings
from selectolax.lexbor import LexborHTMLParser

from generator.domain.disclosure import read_disclosure
from generator.domain.enterprise_links import read_registers
from generator.domain.monitoring import read_monitoring
from generator.site.charts.months import MonthPlot
from generator.site.pages import Page
from generator.site.render import Renderer
from generator.site.views import enterprise as views
from generator.site.views import enterprise_records as records
from generator.site.views.enterprise_monitoring import SeriesView, format_concentration
from generator.site.views.enterprise_tables import CategoryView, Column, TableHead, TableView
from generator.site.views.visible import reveal_controls

HOSTILE = (
    "</title><script>alert(1)</script>",
    "{{7*7}}{% raw %}",
    "甲\u202e乙",
    "C:\\示例\\n",
    "\"'&<b>",
)
Tables = Mapping[str, Sequence[Mapping[str, str]]]


def make_pages(tables: Tables, readings: Path = Path("none.parquet")) -> dict[str, Page]:
    dataset = make_dataset(tables)
    sources = views.EnterpriseSources(
        dataset,
        read_disclosure(dataset),
        read_monitoring(readings),
        read_registers(dataset),
        AS_OF,
    )
    pages = views.enterprise_pages(sources)
    return {page.route: page for page in pages}


def render(tables: Tables, readings: Path = Path("none.parquet"), site: str = SITE) -> str:
    page = make_pages(tables, readings)[f"enterprise/{site}.html"]
    return make_renderer().render_body(page)


@cache
def make_renderer() -> Renderer:
    """One for all tests: compiling the templates takes longer than rendering them."""
    return Renderer(TEMPLATES)


def section(body: str, anchor: str) -> str:
    """The text of a section, from its heading to the next one of any level."""
    found = re.search(rf'<h[23] id="{anchor}">.*?(?=<h[23]|\Z)', body, re.DOTALL)
    assert found, anchor
    return re.sub(r"\s+", " ", LexborHTMLParser(found.group()).text())


def make_full_tables(text: str = "示例内容") -> dict[str, list[dict[str, str]]]:
    """Every branch of the page: all kinds of rows, with `text` in every free text cell."""
    catalog = read_real_catalog()
    tables: dict[str, list[dict[str, str]]] = {}
    for table in catalog.disclosure:
        row = {
            field.name: text
            for field in table.fields
            if field.type == "string" and not field.enum and not field.pattern
        }
        tables[table.name] = [row | {"site_code": SITE}]
    tables["enterprise_profile"] = [
        make_profile(ent_name=text, address=text, former_name=text, legal_rep=text),
        make_profile(SISTER, ent_name=text),
    ]
    tables["noise"] = [
        {"site_code": SITE, "point_no": f"N{n}", "day_value": "1234.50"} for n in range(13)
    ]
    tables["emergency_plan"][0]["plan_url"] = "javascript:alert(1)"
    tables["discharge_permit"][0]["permit_url"] = "https://permit.example.org/a?b=1&c=2"
    tables["penalty_rectification"][0] |= {
        "violation_type": "超标排放", "fine": "12.5", "decision_date": "2016-03-01",
    }  # fmt: skip
    tables["disclosure_record"] = [make_record(1, "noise", "首次公开", "2016-04-01")]
    for name in ("solid_waste", "hazardous_waste", "credit_rating"):
        tables[name] = []
    tables["disclosure_record"] += [
        make_record(2, "solid_waste", "无此情形声明", "2016-04-02"),
        make_record(3, "hazardous_waste", "依法不公开", "2016-04-03"),
    ]
    tables["illegal_project"] = [
        make_project(1, site_code=SITE, project_name=text),
        make_project(2, uscc=SITE[:18], project_name=text, stage="销号"),
    ]
    tables["exposure_case"] = [
        {
            "case_no": "BG2016W26-001",
            "iso_week": "2016-W26",
            "site_code": SITE,
            "violation_type": "超标排放",
            "measure_kind": "罚款、责令改正",
            "facts": text,
            "reply": text,
        }
    ]
    tables["correction"] = [
        {
            "correction_no": f"GZ2016-0000{number}",
            "target_table": "enterprise_profile",
            "target_key": SITE,
            "kind": "更正",
            "received_date": "2016-03-01",
            "resolved_date": resolved,
            "public_reason": text,
        }
        for number, resolved in ((1, "2016-03-05"), (2, ""))
    ]
    tables["responsibility"] = [
        make_duty("Z01-001", body_name=text, violation_types="超标排放、未依法公开环境信息"),
        make_duty("Z02-001", body_name=text, legal_basis=text, violation_types="未批先建"),
    ]
    return tables


@pytest.fixture
def readings(tmp_path: Path) -> Path:
    """Two series of 2016-03…06: one above its limit in April and silent in May."""
    path = tmp_path / "monitoring.parquet"
    days = [dt.datetime(2016, month, 1) for month in (3, 4, 6)]
    rows = [make_reading(day, 140.0 if day.month == 4 else 40.0) for day in days]
    rows += [make_reading(day, 1.0, pollutant="w99999", limit=0.0) for day in days]
    write_readings(path, rows=rows)
    return path


def test_the_page_is_titled_by_its_unit_and_addressed_by_its_site_code() -> None:
    (page,) = make_pages({"enterprise_profile": [make_profile()]}).values()
    assert (page.route, page.kind) == (f"enterprise/{SITE}.html", "enterprise")
    assert page.title == "临川恒诚化工有限公司"


def test_the_answer_says_trade_place_class_and_state_before_anything_else() -> None:
    body = render({"enterprise_profile": [make_profile()]})
    answer = body[body.index("</h1>") : body.index("<h2")]
    assert "从事有机化学原料制造的中型企业" in answer
    assert "列入水、大气重点排污单位名录" in answer
    assert ">临川市江北区</a>" in answer
    assert "张表未报送</a>" in answer


@pytest.mark.parametrize(
    ("table", "state", "sentence"),
    [
        ("solid_waste", "not-applicable", "该企业声明无此情形（不适用），声明日期 2016-04-02。"),
        ("hazardous_waste", "withheld", "本表内容依法不公开（不公开），登记日期 2016-04-03。"),
        ("credit_rating", "missing", "该企业尚未报送本表（未报送）。"),
    ],
)
def test_an_empty_table_says_why_in_a_sentence(table: str, state: str, sentence: str) -> None:
    body = render(make_full_tables())
    assert sentence in section(body, table)
    item = LexborHTMLParser(body).css_first(f'ul.hj-matrix a[href="#{table}"]')
    assert item is not None
    assert item.parent is not None
    assert item.parent.attributes["data-state"] == state


def test_the_matrix_names_all_33_tables_and_each_link_has_its_section() -> None:
    tree = LexborHTMLParser(render(make_full_tables()))
    anchors = [node.attributes["href"] for node in tree.css("ul.hj-matrix a")]
    assert len(anchors) == 33
    ids = [node.attributes["id"] for node in tree.css("[id]")]
    assert len(ids) == len(set(ids))
    fragments = [node.attributes["href"] for node in tree.css('a[href^="#"]')]
    assert {str(href)[1:] for href in fragments} <= set(ids)


def test_the_state_of_a_given_table_is_a_word_with_its_rows() -> None:
    tree = LexborHTMLParser(render(make_full_tables()))
    item = tree.css_first('ul.hj-matrix a[href="#noise"]')
    assert item is not None
    assert item.parent is not None
    assert item.parent.text().split() == ["厂界噪声", "已公开", "13", "行"]


def test_more_than_twelve_rows_are_folded_with_their_number() -> None:
    tables = make_full_tables()
    folded = LexborHTMLParser(render(tables)).css_first("#noise ~ details > summary")
    assert folded is not None
    assert folded.text() == "共 13 行，点开查看"
    tables["noise"].pop()
    body = render(tables)
    assert "共 12 行" not in body
    assert len(LexborHTMLParser(body).css("#noise ~ div table")) > 0


def test_rows_show_every_field_but_the_site_code_with_units_in_the_head() -> None:
    tree = LexborHTMLParser(render(make_full_tables()))
    table = tree.css_first('[aria-label="厂界噪声"] table')
    assert table is not None
    heads = [node.text() for node in table.css("th")]
    assert heads[:4] == ["监测点位", "监测日期", "声环境功能区类别", "昼间等效声级 dB(A)"]
    assert len(heads) == 7
    assert all(node.attributes["scope"] == "col" for node in table.css("th"))
    rows = table.css("tbody tr")
    assert len(rows) == 13
    cells = [node.text().strip() for node in rows[0].css("td")]
    assert cells[0] == "N0"
    assert cells[3] == "1,234.50"
    assert cells[4] == "未报送"
    assert len(cells) == len(heads)


def test_the_three_absences_in_a_cell_and_zero_are_four_different_things() -> None:
    row = {"site_code": SITE, "report_year": "2015"}
    costs = row | {"invest_water": "", "invest_air": "不适用", "run_cost": "0", "subsidy": "不公开"}
    body = render({"enterprise_profile": [make_profile()], "facility_cost": [costs]})
    table = LexborHTMLParser(body).css_first('[aria-label="治理投资与运行费用"] tbody')
    assert table is not None
    cells = [node.text().strip() for node in table.css("td")]
    assert cells == ["2015", "未报送", "不适用", "未报送", "0", "不公开"]
    marks = [node.attributes["data-absence"] for node in table.css(".hj-absent")]
    assert marks == ["not-reported", "not-applicable", "not-reported", "withheld"]


def test_words_for_absence_say_what_they_mean_to_a_mouse_and_to_a_key() -> None:
    row = {"site_code": SITE, "report_year": "2015", "invest_water": "1", "invest_air": "不适用"}
    costs = row | {"invest_waste": "2", "run_cost": "0", "subsidy": "3"}
    tree = LexborHTMLParser(
        render({"enterprise_profile": [make_profile()], "facility_cost": [costs]})
    )
    (word,) = tree.css('[aria-label="治理投资与运行费用"] abbr')
    assert word.attributes["title"] == "企业声明没有这种情形"
    box = tree.css_first('[aria-label="治理投资与运行费用"]')
    assert box is not None
    fold = box.next
    while fold is not None and fold.tag != "details":
        fold = fold.next
    assert fold is not None
    assert fold.css_first("summary").text() == "“不适用”是什么意思"
    assert "企业声明没有这种情形" in fold.css_first("p").text()
    assert "未报送" not in fold.text()
    assert fold.css_first("a").attributes["href"] == "../absence.html"


def test_codes_stand_with_their_words() -> None:
    plan = {"site_code": SITE, "plan_year": "2016", "pollutant_code": "w01018"}
    body = render({"enterprise_profile": [make_profile()], "self_monitor_plan": [plan]})
    assert "w01018 化学需氧量" in section(body, "self_monitor_plan")
    assert "C2614 有机化学原料制造" in section(body, "enterprise_profile")
    assert "990102 江北区" in section(body, "enterprise_profile")
    log = make_full_tables()
    assert "厂界噪声" in section(render(log), "disclosure_record")


def test_an_event_level_that_does_not_apply_is_a_word_of_the_field_not_an_absence() -> None:
    event = {"site_code": SITE, "event_id": "YJ2016-000001", "event_level": "不适用"}
    body = render({"enterprise_profile": [make_profile()], "drill_event": [event]})
    table = LexborHTMLParser(body).css_first('[aria-label="应急演练与突发环境事件"] tbody')
    assert table is not None
    level = table.css("td")[3]
    assert level.text().strip() == "不适用"
    assert level.css_first(".hj-absent") is None


def test_gaps_and_exceedances_are_drawn_and_told(readings: Path) -> None:
    body = render(make_full_tables(), readings)
    tree = LexborHTMLParser(body)
    plots = tree.css("svg.hj-plot")
    assert len(plots) == 2
    assert plots[0].css_first("title") is not None
    description = plots[0].css_first("desc")
    assert description is not None
    assert "4 个月中 3 个月有有效数据，1 个月没有，1 个月的月均值高于限值" in description.text()
    assert plots[0].css_first(".hj-plot__over") is not None
    assert plots[0].css_first(".hj-plot__gap") is not None
    assert "未报送" in tree.css(".hj-series table")[0].css("tbody tr")[2].text()
    assert "2016-05" in tree.css(".hj-series table")[0].css("tbody tr")[2].text()


def test_a_long_suspended_firm_says_so_where_readings_would_be() -> None:
    body = render({"enterprise_profile": [make_profile(operating_status="长期停产")]})
    assert "长期停产" in section(body, "monitoring")
    assert "不计入信息公开率" in body


def test_projects_penalties_cases_and_corrections_are_listed_with_their_pages() -> None:
    body = render(make_full_tables())
    projects = section(body, "projects")
    assert "本厂区" in projects
    assert "同一信用代码" in projects
    assert 'data-due="2016-07-02"' in body
    assert body.count("data-due") == 1  # a closed project has no running clock
    assert 'href="../project/990102-Z-00001.html"' in body
    assert "罚款合计 12.5 万元" in section(body, "penalties")
    assert 'href="../case/BG2016W26-001.html"' in body
    corrections = section(body, "corrections")
    assert "2016-03-05 办结" in corrections
    assert "正在办理" in corrections
    assert f'href="../enterprise/{SISTER}.html"' in body
    assert 'href="../duty/Z01.html"' in body
    assert 'href="../download/district/990100.zip"' in body
    assert 'href="../download/tables/noise.csv"' in body


def test_a_table_not_reported_is_a_word_among_the_headlines_and_not_a_zero() -> None:
    tables = {"enterprise_profile": [make_profile()]}
    tree = LexborHTMLParser(render(tables))
    answer = tree.css_first('.hj-answers a[href="#exceedance"]')
    assert answer is not None
    assert answer.text().split() == ["未报送", "报送的超标排放"]
    stated = render(
        tables | {"disclosure_record": [make_record(1, "exceedance", "无此情形声明", "2016-04-01")]}
    )
    answer = LexborHTMLParser(stated).css_first('.hj-answers a[href="#exceedance"]')
    assert answer is not None
    assert answer.text().split() == ["不适用", "报送的超标排放"]


def test_a_firm_without_records_says_so_in_each_section() -> None:
    body = render({"enterprise_profile": [make_profile()]})
    for anchor in ("monitoring", "projects", "penalties", "cases", "corrections", "duties"):
        assert "没有" in section(body, anchor)
    assert "sisters" not in body


def test_only_plain_web_addresses_become_links() -> None:
    body = render(make_full_tables())
    tree = LexborHTMLParser(body)
    links = [str(node.attributes["href"]) for node in tree.css("a")]
    assert "https://permit.example.org/a?b=1&c=2" in links
    assert not any("javascript" in link for link in links)
    assert "javascript:alert(1)" in tree.text()


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_text_in_every_branch(text: str, readings: Path) -> None:
    plain = LexborHTMLParser(render(make_full_tables("善良的内容"), readings))
    body = render(make_full_tables(text), readings)
    tree = LexborHTMLParser(body)
    assert "<script" not in body
    assert "\u202e" not in body
    assert "49" not in section(body, "basic").replace(SITE, "")
    # The same elements in the same order: no text became markup, and none closed an element.
    assert [node.tag for node in tree.css("*")] == [node.tag for node in plain.css("*")]
    shown = reveal_controls(text)
    heading = tree.css_first("h1")
    assert heading is not None
    assert shown in heading.text()
    assert tree.text().count(shown) > 60


def test_control_characters_cannot_forge_cells_or_absences() -> None:
    forged = "甲\x1f乙\x1e丙\x1a丁\x17\x0e"
    tables = {
        "enterprise_profile": [make_profile()],
        "production_service": [
            {"site_code": SITE, "report_year": "2015", "biz_content": forged, "main_process": "x"}
        ],
    }
    table = LexborHTMLParser(render(tables)).css_first(
        '[aria-label="生产经营与管理服务内容"] tbody'
    )
    assert table is not None
    assert len(table.css("tr")) == 1
    cells = table.css("td")
    assert len(cells) == 6
    assert cells[1].text().strip() == "甲⟨U+001F⟩乙⟨U+001E⟩丙⟨U+001A⟩丁⟨U+0017⟩⟨U+000E⟩"


def test_headings_go_down_one_level_at_a_time() -> None:
    tree = LexborHTMLParser(render(make_full_tables()))
    levels = [int(node.tag[1]) for node in tree.css("h1, h2, h3, h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_a_page_depends_on_its_own_records_alone() -> None:
    own = make_full_tables()
    alone = render(own)
    more = {name: list(rows) for name, rows in own.items()}
    more["enterprise_profile"].append(make_profile(OTHER, ent_name="别家化工有限公司"))
    more["noise"] = [{"site_code": OTHER, "point_no": "N1"}, *more["noise"]]
    more["illegal_project"].append(make_project(9, site_code=OTHER))
    assert render(more) == alone


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12345.6, "12,346"),
        (128.04, "128"),
        (35.2, "35.2"),
        (4.068, "4.07"),
        (0.0123, "0.0123"),
        (0.0, "0"),
        (1000.0, "1,000"),
    ],
)
def test_concentrations_keep_the_digits_that_mean_something(value: float, text: str) -> None:
    assert format_concentration(value) == text


def test_reveal_controls_leaves_ordinary_text_alone() -> None:
    assert reveal_controls("示例 ABC　全角\u00a0空格") == "示例 ABC　全角\u00a0空格"
    assert reveal_controls("一行\n二行") == "一行 二行"
    assert reveal_controls("a\u200bb\u2066c") == "a⟨U+200B⟩b⟨U+2066⟩c"


NAMES_IN_TEMPLATES = {
    "view": views.EnterpriseView,
    "answer": views.Answer,
    "state": views.StateCount,
    "file": records.TextLink,
    "project": records.ProjectRow,
    "penalty": records.PenaltyRow,
    "case": records.CaseRow,
    "correction": records.CorrectionRow,
    "body": records.BodyRow,
    "sister": records.SisterRow,
    "category": CategoryView,
    "table": TableView,
    "head": TableHead,
    "column": Column,
    "series": SeriesView,
    "plot": MonthPlot,
}


@pytest.mark.parametrize("name", NAMES_IN_TEMPLATES)
def test_templates_use_every_field_of_a_view_and_no_other(name: str) -> None:
    sources = [TEMPLATES / "pages" / "enterprise.html.jinja"]
    sources += sorted((TEMPLATES / "enterprise").glob("*.jinja"))
    used = {
        found.attr
        for source in sources
        for found in Environment(autoescape=True)
        .parse(source.read_text(encoding="utf-8"))
        .find_all(nodes.Getattr)
        if isinstance(found.node, nodes.Name) and found.node.name == name
    }
    assert used == {field.name for field in dataclasses.fields(NAMES_IN_TEMPLATES[name])}
