"""The report in its six forms and two languages."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from package_factory import VALID_TABLES, alter_row, write_package
from selectolax.lexbor import LexborHTMLParser

from generator.cli import main
from generator.data.catalog import Catalog, read_catalog
from generator.data.check import CheckReport, check_dataset
from generator.data.issue import Issue
from generator.data.issue_groups import group_issues, name_rows
from generator.data.report_choices import FORMATS
from generator.data.reports import find_kind, format_rulebook, read_kinds, render_report
from generator.data.reports.annotations import escape_message, escape_property
from generator.data.reports.forms import Form, Language
from generator.data.reports.places import read_records_at
from generator.data.reports.wording import choose_words
from generator.data.rules import RULES

ROOT = Path(__file__).resolve().parents[1]
IDENTITY = "990102199003071233"
CHINESE = re.compile(r"[\u3400-\u9fff]")
QUOTED = re.compile(r"“[^”]*”")
FILE = "tables/exposure_case.csv"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset with faults of many kinds, one of them behind a cell with line breaks."""
    folder = tmp_path_factory.mktemp("faulty")
    tables = dict(VALID_TABLES)
    first = alter_row("exposure_case", facts='第一行\n第二行，"引号"')["exposure_case"][0]
    second = {**first, "case_no": "BG2016W26-002", "facts": f"<b>{IDENTITY}</b>逃避检查"}
    tables["exposure_case"] = [
        {**first, "case_no": "BG2016W26-001"}, second, {**second, "case_no": "bad:1,2%"},
    ]  # fmt: skip
    tables["enterprise_profile"] = alter_row(
        "enterprise_profile", longitude="200", operating_status="停", ent_name="", industry_code="9"
    )["enterprise_profile"]
    write_package(folder, tables)
    (folder / "tables/noise.csv").write_bytes("噪声".encode("gbk"))
    (folder / "tables/pollutant.csv").write_text("a,b\n", encoding="utf-8")
    (folder / "tables/drill_event.csv").unlink()
    (folder / "privacy-allow.csv").write_text("x\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def catalog(root: Path) -> Catalog:
    return read_catalog(root)


@pytest.fixture(scope="module")
def report(catalog: Catalog) -> CheckReport:
    return check_dataset(catalog)[0]


def render(report: CheckReport, catalog: Catalog, form: Form, language: Language = "zh") -> str:
    return render_report(report, catalog, form, language, catalog.root.parent)


def list_emitted_kinds() -> Iterator[tuple[str, str, str]]:
    """Code and title wherever a module of the check writes one behind the other."""
    code = re.compile(r"[ERL]-[A-Z]+|R[0-9]{2}")
    for path in sorted((ROOT / "generator/data").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            parts: list[ast.expr] = []
            if isinstance(node, ast.Call):
                parts = node.args
            elif isinstance(node, ast.Tuple):
                parts = node.elts
            for first, second in pairwise(parts):
                if isinstance(first, ast.Constant) and code.fullmatch(str(first.value)):
                    for title in ast.walk(second):
                        if isinstance(title, ast.Constant) and CHINESE.search(str(title.value)):
                            yield path.name, str(first.value), str(title.value)


def list_workbook_kinds() -> Iterator[tuple[str, str, str]]:
    """The same of the workbooks' modules, where the title may stand in a variable before."""
    code = re.compile(r"E-[A-Z]+")
    for path in sorted((ROOT / "generator/data/workbooks").glob("*.py")):
        title = ""
        nodes = [
            node
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Assign | ast.Call)
        ]
        for node in sorted(nodes, key=lambda node: node.lineno):
            if isinstance(node, ast.Assign):
                target = next(ast.walk(node.targets[0]), None)
                target = target.elts[0] if isinstance(target, ast.Tuple) else target
                if isinstance(target, ast.Name) and target.id == "title":
                    title = next(iter(_list_texts(node.value)), title)
                continue
            for first, second in pairwise(node.args):
                if isinstance(first, ast.Constant) and code.fullmatch(str(first.value)):
                    yield path.name, str(first.value), next(iter(_list_texts(second)), title)


def _list_texts(node: ast.AST) -> list[str]:
    found = [item for item in ast.walk(node) if isinstance(item, ast.Constant)]
    return [item.value for item in found if isinstance(item.value, str)]


def test_every_kind_that_an_import_of_a_workbook_writes_is_in_the_register() -> None:
    emitted = list(list_workbook_kinds())
    assert len(emitted) >= 18
    assert [kind for kind in emitted if kind[1:] not in read_kinds()] == []


def test_every_kind_that_the_check_writes_is_in_the_register() -> None:
    emitted = list(list_emitted_kinds())
    assert len(emitted) > 60
    missing = [kind for kind in emitted if kind[1:] not in read_kinds()]
    assert missing == []


def test_every_rule_is_in_the_register_with_its_severity_and_source() -> None:
    for rule in RULES:
        kind = read_kinds()[(rule.code, rule.title)]
        assert (kind.severity, kind.source) == (rule.severity, rule.source)
        assert rule.source


def test_every_kind_has_whole_words_in_both_languages() -> None:
    for (code, title), kind in read_kinds().items():
        assert CHINESE.search(title), code
        assert CHINESE.search(kind.plain), code
        assert kind.plain.endswith("。"), code
        for words in (kind.title_en, kind.expected_en, kind.cure_en):
            assert words, code
            assert not CHINESE.search(QUOTED.sub("", words)), (code, words)
        assert kind.cure_en.endswith("."), code


@pytest.mark.parametrize("form", FORMATS)
def test_english_reports_hold_chinese_only_as_quoted_data(
    report: CheckReport, catalog: Catalog, form: Form
) -> None:
    text = render(report, catalog, form, "en")
    if form == "html":
        tree = LexborHTMLParser(text)
        for table in tree.css("table td, h1, title"):  # cells and the dataset's own title are data
            table.decompose()
        text = tree.body.text()
    left = [line for line in text.splitlines() if CHINESE.search(QUOTED.sub("", line))]
    assert left == []


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("form", FORMATS)
def test_no_form_repeats_personal_data(
    report: CheckReport, catalog: Catalog, form: Form, language: Language
) -> None:
    text = render(report, catalog, form, language)
    assert IDENTITY not in text
    assert "990*************33" in text


@pytest.mark.parametrize("form", FORMATS)
def test_a_form_has_the_same_bytes_each_time_and_no_place_on_the_machine(
    report: CheckReport, catalog: Catalog, form: Form
) -> None:
    text = render(report, catalog, form)
    assert text == render(report, catalog, form)
    assert str(catalog.root.parent) not in text


def test_json_has_every_issue_and_groups_point_at_them(
    report: CheckReport, catalog: Catalog
) -> None:
    data = json.loads(render(report, catalog, "json"))
    assert data["valid"] is False
    assert len(data["issues"]) == len(report.issues)
    assert [issue["code"] for issue in data["issues"]] == [issue.code for issue in report.issues]
    pointed = sorted(number for group in data["groups"] for number in group["issues"])
    assert pointed == list(range(len(report.issues)))
    for group in data["groups"]:
        assert {data["issues"][number]["code"] for number in group["issues"]} == {group["code"]}
    assert data["counts"]["error"] == sum(i.severity == "error" for i in report.issues)


def test_sarif_has_what_its_schema_requires(report: CheckReport, catalog: Catalog) -> None:
    log = json.loads(render(report, catalog, "sarif"))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-2.1.0.json")
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert run["tool"]["driver"]["name"] == "huanjing"
    assert run["columnKind"] in {"utf16CodeUnits", "unicodeCodePoints"}
    assert len(run["results"]) == len(report.issues)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"none", "note", "warning", "error"}
        assert result["message"]["text"]
        (location,) = result["locations"]
        place = location["physicalLocation"]
        assert re.fullmatch(r"[!-~]+", place["artifactLocation"]["uri"])
        region = place.get("region")
        if region:
            assert all(isinstance(region[name], int) and region[name] >= 1 for name in region)
            assert (region["endLine"], region["endColumn"]) >= (
                region["startLine"], region["startColumn"],
            )  # fmt: skip
    for rule in rules:
        assert rule["shortDescription"]["text"]
        assert rule["defaultConfiguration"]["level"] in {"note", "warning", "error"}


def test_machines_are_led_to_the_line_behind_a_cell_with_line_breaks(
    report: CheckReport, catalog: Catalog
) -> None:
    """Row 3 begins on line 4 of the file, since row 2 takes two lines."""
    (personal,) = [i for i in report.issues if i.code == "R19" and i.row == 3]
    log = json.loads(render(report, catalog, "sarif"))
    result = log["runs"][0]["results"][report.issues.index(personal)]
    place = result["locations"][0]["physicalLocation"]
    line = (catalog.root / FILE).read_text(encoding="utf-8").splitlines()[3]
    region = place["region"]
    assert region["startLine"] == 4
    cell = line[region["startColumn"] - 1 : region["endColumn"] - 1]
    assert cell == f"<b>{IDENTITY}</b>逃避检查"
    assert place["artifactLocation"]["uri"] == f"{catalog.root.name}/{FILE}"


def test_a_cell_with_commas_quotes_and_line_breaks_is_found_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b,c\n1,"x\n,""y""",3\n4,5,6\n', encoding="utf-8")
    records = read_records_at(path, {2, 3, 9})
    assert sorted(records) == [2, 3]
    assert records[2].cells == ("1", 'x\n,"y"', "3")
    middle, last = records[2].locate(1), records[2].locate(2)
    assert middle is not None
    assert last is not None
    assert (middle.line, middle.column, middle.end_line, middle.end_column) == (2, 3, 3, 8)
    assert (last.line, last.column) == (3, 9)
    assert records[2].locate(3) is None
    assert records[3].line == 4


def test_github_annotations_are_one_command_to_a_line(
    report: CheckReport, catalog: Catalog
) -> None:
    lines = render(report, catalog, "github").splitlines()
    assert len(lines) == len(group_issues(report.issues))
    command = re.compile(
        r"::(?:error|warning|notice) file=[^,:]+(?:,(?:line|endLine|col|endColumn)=[0-9]+)*"
        r",title=[^,:]+::[^\r\n]+"
    )
    assert all(command.fullmatch(line) for line in lines)


def test_workflow_commands_escape_their_marks() -> None:
    assert escape_message("50%\r\n:,") == "50%25%0D%0A:,"
    assert escape_property("50%\r\n:,") == "50%25%0D%0A%3A%2C"


def test_gitlab_findings_have_what_is_required_and_unlike_fingerprints(
    report: CheckReport, catalog: Catalog
) -> None:
    findings = json.loads(render(report, catalog, "gitlab"))
    assert len(findings) == len(report.issues)
    for finding in findings:
        assert set(finding) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert finding["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert finding["location"]["lines"]["begin"] >= 1
    assert len({finding["fingerprint"] for finding in findings}) == len(findings)


def test_a_fingerprint_stays_when_a_row_is_added_above(tmp_path: Path) -> None:
    def fingerprint(name: str, *, more: bool) -> str:
        tables = alter_row("exposure_case", reply="13812345678")
        if more:
            extra = {**VALID_TABLES["exposure_case"][0], "case_no": "BG2016W26-000"}
            tables["exposure_case"] = [extra, *tables["exposure_case"]]
        root = write_package(tmp_path / name, tables)
        found, _ = check_dataset(read_catalog(root))
        issues = tuple(issue for issue in found.issues if issue.code == "R19")
        chosen = replace(found, issues=issues)
        (finding,) = json.loads(render_report(chosen, read_catalog(root), "gitlab"))
        assert finding["location"]["lines"]["begin"] == (3 if more else 2)
        return str(finding["fingerprint"])

    assert fingerprint("a", more=False) == fingerprint("b", more=True)


def test_the_page_marks_the_wrong_cell_in_an_extract(report: CheckReport, catalog: Catalog) -> None:
    tree = LexborHTMLParser(render(report, catalog, "html"))
    section = next(s for s in tree.css("section") if "超出范围" in s.css_first("h2").text())
    table = section.css_first("table")
    (bad,) = table.css("td.bad")
    assert bad.text() == "200"
    header = [cell.text(separator=" ") for cell in table.css("thead th")]
    place = [cell.text() for cell in table.css("tbody tr td")].index("200") + 1
    column = next(issue for issue in report.issues if issue.code == "E-RANGE").column
    assert header[place].startswith(column)
    assert table.css_first("tbody th").text() == "2"


def test_the_page_stands_alone_and_cells_are_text(report: CheckReport, catalog: Catalog) -> None:
    html = render(report, catalog, "html")
    tree = LexborHTMLParser(html)
    assert tree.css("script, link, img, b, [onclick], [style]") == []
    assert len(tree.css("style")) == 1
    assert "<b>990*************33</b>" in tree.body.text()
    assert "http" not in html.replace("http-equiv", "")


def test_a_thousand_equal_faults_read_as_one(catalog: Catalog, report: CheckReport) -> None:
    issue = next(issue for issue in report.issues if issue.code == "E-RANGE")
    many = CheckReport(tuple(replace(issue, row=row) for row in range(2, 1002)), report.rows)
    for language in ("zh", "en"):
        assert len(render(many, catalog, "text", language).splitlines()) <= 6  # type: ignore[arg-type]
    assert len(render(many, catalog, "github").splitlines()) == 1
    tree = LexborHTMLParser(render(many, catalog, "html"))
    assert len(tree.css("section")) == 1
    assert "1000" in tree.css_first("section").text()
    assert len(json.loads(render(many, catalog, "json"))["groups"]) == 1


def test_english_tells_details_of_the_field(catalog: Catalog, report: CheckReport) -> None:
    words = choose_words("en", catalog)
    told = {issue.code: words.sentence(issue) for issue in report.issues}
    assert "Found: “200”" in told["E-RANGE"]
    assert re.search(r"a number from [0-9.-]+ to [0-9.]+", told["E-RANGE"])
    assert "one of “在产”" in told["E-ENUM"]
    assert "byte 1 is not UTF-8" in told["E-ENCODING"]
    same = Issue(
        "E-PK", "error", FILE, 3, "A", "case_no", "", "“x”，与第 2 行相同", "", "", "主键重复"
    )
    assert "“x”, the same as row 2" in words.sentence(same)


def test_english_tells_what_was_found_of_every_issue(catalog: Catalog, report: CheckReport) -> None:
    words = choose_words("en", catalog)
    assert [issue.found for issue in report.issues if not words.found(issue)] == []


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("空", "an empty cell"),
        ("“长”（共 300 字）", "“长” (300 characters)"),
        ("“a，b”，与第 7 行相同", "“a，b”, the same as row 7"),
        (
            "“x”（主键 GK1|空，原为空）",
            "“x” (key “GK1|空”; it was an empty cell)",
        ),
        ("“整改”之后“退回”", "“退回” behind “整改”"),
        (
            "：B 列现为“b，缺少 c”（应为“a”），C 列现为“a”（应为“b”）",
            "column B is “b，缺少 c” (should be “a”); column C is “a” (should be “b”)",
        ),
        ("缺少 a「甲」（应在 A 列）、b「乙」（应在 B 列）", "missing: a (column A), b (column B)"),
        (
            "不认识 A 列“甲”、B 列空，缺少 a「甲」（应在 A 列）",
            "unknown: column A “甲”, column B without a name; missing: a (column A)",
        ),
        ("：字段次序为 b、a", "the order b, a"),
        ("datapackage.json 不再列出表 noise（原有 12 行）",
         "datapackage.json lists noise no more (it had 12 rows)"),
        ("身份证号“990*************33”", "the number “990*************33”"),
        ("某句没有译文的话", ""),
    ],
)  # fmt: skip
def test_what_was_found_is_said_in_english(catalog: Catalog, chinese: str, english: str) -> None:
    issue = Issue("E-X", "error", FILE, 3, "", "", "", chinese, "", "", "某题")
    assert choose_words("en", catalog).found(issue) == english


def test_rows_that_follow_each_other_are_named_as_one_run() -> None:
    rows = [4, None, 5, 6, 6, 9, 12, 13]
    assert name_rows(rows, 2, "、") == ("4–6、9", 2)
    assert name_rows(rows, 9, ", ") == ("4–6, 9, 12–13", 0)
    assert name_rows([], 3, "、") == ("", 0)


def test_a_kind_outside_the_register_is_still_told_in_english(catalog: Catalog) -> None:
    issue = Issue("X-1", "error", FILE, None, "", "", "", "某物", "某事", "某法", "某题")
    assert find_kind(issue).title == "某题"
    assert not CHINESE.search(choose_words("en", catalog).sentence(issue))


@pytest.mark.parametrize("form", FORMATS)
def test_every_form_ends_with_the_verdict_as_exit_code(
    root: Path, tmp_path: Path, form: str
) -> None:
    command = ["check", "--config", str(ROOT / "mkdocs.yml"), "--format", form]
    faulty = CliRunner().invoke(main, [*command, "--datasets", str(root)])
    assert faulty.exit_code == 1, faulty.output
    good = write_package(tmp_path / "good", VALID_TABLES)
    target = tmp_path / "report"
    passed = CliRunner().invoke(main, [*command, "--datasets", str(good), "--output", str(target)])
    assert passed.exit_code == 0, passed.output
    assert target.is_file()
    assert passed.stdout == ""


def test_a_report_that_cannot_be_written_is_told(root: Path, tmp_path: Path) -> None:
    command = ["check", "--config", str(ROOT / "mkdocs.yml"), "--datasets", str(root)]
    result = CliRunner().invoke(main, [*command, "--output", str(tmp_path / "no/report")])
    assert result.exit_code == 1
    assert "写不了" in result.output


def test_the_rule_book_is_the_registers() -> None:
    assert (ROOT / "docs/rules.md").read_text(encoding="utf-8") == format_rulebook(), (
        "run: huanjing rules > docs/rules.md"
    )
    assert CliRunner().invoke(main, ["rules"]).output == format_rulebook()
