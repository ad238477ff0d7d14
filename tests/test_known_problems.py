"""The page of known problems: what it tells, what it links, what it keeps to itself."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest
from package_factory import SITE_CODE, VALID_TABLES, alter_row, write_package
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from generator.data.catalog import read_catalog
from generator.data.check import check_dataset
from generator.data.issue import Issue
from generator.data.load import Dataset
from generator.site import routes
from generator.site.pages import Page
from generator.site.render import Renderer
from generator.site.views.known_problems import KnownProblemsView, known_problems_page

ROOT = Path(__file__).resolve().parents[1]
ISSUE = Issue(
    code="R17",
    severity="warning",
    file="tables/emergency_plan.csv",
    row=2,
    column="H",
    field="filing_date",
    field_title="备案日期",
    found="“2012-01-01”",
    expected="三年之内",
    cure="请督促修订。",
    title="应急预案逾期未修订",
)


def load(root: Path) -> Dataset:
    _, dataset = check_dataset(read_catalog(write_package(root, VALID_TABLES)))
    assert dataset is not None
    return dataset


def view(page: Page) -> KnownProblemsView:
    assert isinstance(page.view, KnownProblemsView)
    return page.view


def render(page: Page) -> HTMLParser:
    return HTMLParser(Renderer(ROOT / "templates").render_body(page))


def test_warnings_are_grouped_counted_and_linked_to_the_records_page(tmp_path: Path) -> None:
    rows = (replace(ISSUE, row=row) for row in (2, 2, 3))
    page = known_problems_page(tuple(rows), load(tmp_path))
    (problem,) = view(page).problems
    assert page.route == "known-problems.html"
    assert (problem.count, problem.code, problem.more) == ("3", "R17", "")
    assert "三年" in problem.meaning
    assert problem.table.route == routes.dictionary_route("emergency_plan")


def test_a_record_of_an_enterprise_leads_to_its_page_by_name(tmp_path: Path) -> None:
    dataset = load(tmp_path)
    issue = replace(ISSUE, file="tables/discharge_permit.csv", code="R12", title="许可证有效期颠倒")
    (problem,) = view(known_problems_page((issue,), dataset)).problems
    (record,) = problem.records
    assert record.record.route == routes.enterprise_route(SITE_CODE)
    assert record.record.text == dataset["enterprise_profile"].text.item(0, "ent_name")
    assert record.row == "2"


@pytest.mark.parametrize(
    ("file", "route"),
    [
        ("tables/exposure_case.csv", "case/"),
        ("tables/illegal_project.csv", "project/"),
        ("tables/bulletin.csv", "bulletin/"),
    ],
)
def test_other_records_lead_to_their_own_pages_by_code(
    tmp_path: Path, file: str, route: str
) -> None:
    dataset = load(tmp_path)
    (problem,) = view(known_problems_page((replace(ISSUE, file=file),), dataset)).problems
    link = problem.records[0].record
    assert link.route.startswith(route)
    assert link.text in link.route


def test_where_personal_data_may_stand_is_not_said(tmp_path: Path) -> None:
    issue = replace(
        ISSUE, code="R19", title="疑似含有个人信息", file="tables/exposure_case.csv", row=2
    )
    page = known_problems_page((issue,), load(tmp_path))
    (problem,) = view(page).problems
    assert problem.quiet
    assert problem.records == ()
    tree = render(page)
    assert "为保护个人信息" in tree.body.text()
    assert not any("case/" in (a.attributes["href"] or "") for a in tree.css("a"))


def test_errors_have_no_place_here(tmp_path: Path) -> None:
    page = known_problems_page((replace(ISSUE, severity="error"),), load(tmp_path))
    assert view(page).problems == ()
    assert "没有发现问题" in render(page).body.text()


def test_more_than_ten_records_are_counted_and_not_listed(tmp_path: Path) -> None:
    issues = tuple(replace(ISSUE, row=row) for row in range(2, 15))
    (problem,) = view(known_problems_page(issues, load(tmp_path))).problems
    assert (len(problem.records), problem.more, problem.count) == (10, "3", "13")


def test_the_order_is_warnings_then_notices(tmp_path: Path) -> None:
    notice = replace(
        ISSUE, severity="notice", code="E-UNUSED", title="豁免没有用到", file="privacy-allow.csv"
    )
    problems = view(known_problems_page((notice, ISSUE), load(tmp_path))).problems
    assert [problem.word for problem in problems] == ["待核实", "说明"]
    assert problems[1].table.route == ""


def test_the_template_shows_every_part_of_the_view(tmp_path: Path) -> None:
    page = known_problems_page((ISSUE,), load(tmp_path))
    text = render(page).body.text()
    (problem,) = view(page).problems
    for field in fields(problem):
        value = getattr(problem, field.name)
        if isinstance(value, str) and field.name not in ("anchor", "tone"):
            assert value in text, field.name
    assert [node.tag for node in render(page).css("h1,h2,h3")] == ["h1", "h2"]


def test_the_checks_warnings_reach_the_built_site(small_site: Path) -> None:
    tree = HTMLParser((small_site / "known-problems.html").read_text(encoding="utf-8"))
    assert "应急预案逾期未修订" in tree.body.text()
    links = [a.attributes["href"] or "" for a in tree.css("article a")]
    enterprises = [link for link in links if link.startswith("enterprise/")]
    assert enterprises
    assert all((small_site / link.partition("#")[0]).is_file() for link in links if link[0] != "#")
    home = HTMLParser((small_site / "index.html").read_text(encoding="utf-8"))
    assert any(a.attributes["href"] == "known-problems.html" for a in home.css("footer a"))


def test_a_warning_of_a_dataset_is_on_its_page(tmp_path: Path) -> None:
    root = write_package(tmp_path, alter_row("exposure_case", reply="请拨打 139 1234 5678 联系。"))
    report, dataset = check_dataset(read_catalog(root))
    assert dataset is not None
    (problem,) = view(known_problems_page(report.issues, dataset)).problems
    assert problem.code == "R19"
