"""What a clerk is given: headings, notes, drop-downs, locks, and the same bytes every time."""

import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet
from package_factory import SECOND_SITE_CODE, SITE_CODE, VALID_TABLES
from workbook_kit import DISTRICT, make_case

from generator.data.catalog import read_catalog
from generator.data.workbooks import WorkbookError, export_workbooks
from generator.data.workbooks import write as write_module
from generator.data.workbooks.layout import name_sheet

SITES = "企业基本信息"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root, path = make_case(tmp_path_factory.mktemp("made"))
    export_workbooks(root, ["all"], DISTRICT, path)
    return path


@pytest.fixture(scope="module")
def book(made: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(made)


def rules_of(sheet: Worksheet, cell: str) -> list[DataValidation]:
    return [rule for rule in sheet.data_validations.dataValidation if cell in rule.sqref]


def test_the_same_rows_give_the_same_bytes(tmp_path: Path, made: Path) -> None:
    root, path = make_case(tmp_path)
    export_workbooks(root, ["all"], DISTRICT, path)
    assert path.read_bytes() == made.read_bytes()
    with zipfile.ZipFile(path) as archive:
        assert {item.date_time[0] for item in archive.infolist()} == {1980}
        assert b"2016-01-01T00:00:00Z" in archive.read("docProps/core.xml")


def test_sheets_stand_in_order_with_the_marker_well_hidden(book: openpyxl.Workbook) -> None:
    names = book.sheetnames
    assert names[0] == "填写说明"
    assert names[1] == SITES
    assert names[-2:] == ["代码表", "_huanjing"]
    assert book["_huanjing"].sheet_state == "veryHidden"
    assert all(len(name) <= 31 for name in names)
    guide = [row[0] for row in book["填写说明"].iter_rows(values_only=True)]
    assert guide[0] == "江北区（990102） 环境信息填报工作簿"
    assert "· 企业基本信息：已有 2 行" in guide
    assert "· 台账阶段事件：已有 5 行；只能加新行，已有的行不能改" in guide


def test_headings_have_units_notes_and_hidden_field_names(book: openpyxl.Workbook) -> None:
    sheet = book[SITES]
    assert sheet["H1"].value == "中心经度（°）*"
    assert sheet["K1"].value == "单位规模"
    assert sheet["H2"].value == "longitude"
    assert sheet.row_dimensions[2].hidden
    assert sheet.freeze_panes == "B3"
    note = sheet["H1"].comment.text
    assert "厂区中心点的东经" in note
    assert "73 至 136 °" in note
    assert "必填" in note
    assert "没有的填：不适用、不公开" in sheet["K1"].comment.text
    assert "须是“国民经济行业”里已有的" in sheet["J1"].comment.text
    for page in book.worksheets[1:-2]:
        for cell in page[1]:
            assert cell.value, page.title
            assert cell.comment is not None, page.title


def test_drop_downs_offer_enums_codes_and_yes_or_no(book: openpyxl.Workbook) -> None:
    (scale,) = rules_of(book[SITES], "K9000")
    assert (scale.type, scale.formula1) == ("list", '"大型,中型,小型,微型,不适用,不公开"')
    (status,) = rules_of(book[SITES], "N3")
    assert "不适用" not in status.formula1
    (yes,) = rules_of(book["废水排放口"], "K3")
    assert yes.formula1 == '"是,否"'
    (industry,) = rules_of(book[SITES], "J3")
    assert (industry.type, industry.errorStyle) == ("list", None)
    (site,) = rules_of(book["废水排放口"], "A3")
    assert site.errorStyle == "warning"
    codes = book["代码表"]
    listed = [
        cell.value for row in codes[site.formula1.split("!")[1].replace("$", "")] for cell in row
    ]
    assert listed == [SITE_CODE, SECOND_SITE_CODE]
    names = [row[0].value for row in codes[industry.formula1.split("!")[1].replace("$", "")]]
    assert names == ["C2614"]
    column = industry.formula1.split("$")[1]
    assert codes[f"{column}1"].value == "国民经济行业 代码"
    assert codes.cell(2, codes[f"{column}2"].column + 1).value == "有机化学原料制造"


def test_numbers_and_dates_have_their_bounds(book: openpyxl.Workbook) -> None:
    (longitude,) = rules_of(book[SITES], "H3")
    assert (longitude.type, float(longitude.formula1), float(longitude.formula2)) == (
        "decimal",
        73,
        136,
    )
    (day,) = rules_of(book["超标排放情况"], "E3")
    assert (day.type, day.operator) == ("date", None)
    (optional,) = rules_of(book[SITES], "M3")
    assert optional.type == "custom"
    assert 'M3="不适用"' in optional.formula1
    assert "ISNUMBER(M3)" in optional.formula1
    (whole,) = rules_of(book["生产经营与管理服务内容"], "F3")
    assert (whole.type, float(whole.formula2)) == ("whole", 366)


def test_keys_of_given_rows_are_locked_and_all_else_is_open(book: openpyxl.Workbook) -> None:
    sheet = book[SITES]
    assert sheet.protection.sheet
    assert not sheet.protection.password
    assert sheet["A3"].protection.locked
    assert not sheet["B3"].protection.locked
    assert sheet["A1"].protection.locked
    events = book["台账阶段事件"]
    assert all(cell.protection.locked for cell in events[3])
    with_style = sheet.column_dimensions["A"]
    assert not with_style.protection.locked
    assert not sheet.column_dimensions["N"].protection.locked


def test_codes_are_text_numbers_are_numbers_and_dates_are_dates(book: openpyxl.Workbook) -> None:
    sheet = book[SITES]
    assert (sheet["F3"].value, sheet["F3"].number_format) == ("990102", "@")
    assert sheet["H3"].value == 113.61
    day = book["超标排放情况"]["E3"]
    assert day.is_date
    assert day.number_format == "yyyy-mm-dd"
    assert book["水污染物排放浓度"]["D3"].value == "2016-05"
    assert sheet.column_dimensions["F"].number_format == "@"


def test_texts_that_look_like_formulas_stay_texts(tmp_path: Path) -> None:
    shown = ["=1+1", "-5", "007", "+1", "@a", "http://a.cn/", "mailto:a@b.cn", "1E5", "2016-07-03"]
    rows = [
        {**VALID_TABLES["enterprise_profile"][0], "site_code": f"K{n}", "address": text}
        for n, text in enumerate(shown)
    ]
    root, path = make_case(tmp_path, {**VALID_TABLES, "enterprise_profile": rows})
    export_workbooks(root, ["enterprise_profile"], DISTRICT, path)
    sheet = openpyxl.load_workbook(path)[SITES]
    cells = [sheet.cell(row, 7) for row in range(3, 3 + len(shown))]
    assert [cell.value for cell in cells] == shown
    with zipfile.ZipFile(path) as archive:
        xml = archive.read("xl/worksheets/sheet2.xml").decode()
        assert "<f>" not in xml
        assert "<hyperlink" not in xml
    assert sheet["G3"].data_type != "n"


def test_a_refusal_of_the_writer_is_not_overheard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, path = make_case(tmp_path)
    monkeypatch.setattr(write_module.ExactWorksheet, "write_string", lambda *_: -2)
    with pytest.raises(WorkbookError, match=r"填写说明!A1：不能写入工作簿"):
        export_workbooks(root, ["bulletin"], DISTRICT, path)
    assert not path.exists()


def test_sheet_names_are_short_plain_and_unlike(tmp_path: Path) -> None:
    root, _ = make_case(tmp_path)
    table = read_catalog(root).tables[0]
    assert name_sheet(table, ()) == SITES
    assert name_sheet(table, (SITES,)) == f"{SITES}（2）"
    odd = type(table)(**{**as_dict(table), "title": "甲/乙[丙]:*?'" + "长" * 40})
    name = name_sheet(odd, ())
    assert len(name) == 31
    assert name.startswith("甲乙丙长")
    second = name_sheet(odd, (name,))
    assert len(second) == 31
    assert second.endswith("（2）")


def as_dict(table: object) -> dict[str, object]:
    return {name: getattr(table, name) for name in table.__slots__}


def test_a_folder_gets_a_workbook_for_each_table(tmp_path: Path) -> None:
    root, _ = make_case(tmp_path)
    out = tmp_path / "表"
    result = export_workbooks(root, ["bulletin", "一周一通报", "correction"], DISTRICT, out)
    assert [path.name for path, _, _ in result.files] == [
        f"bulletin-{DISTRICT}.xlsx",
        f"correction-{DISTRICT}.xlsx",
    ]
    assert sorted(item.name for item in out.iterdir()) == [
        f"bulletin-{DISTRICT}.xlsx",
        f"correction-{DISTRICT}.xlsx",
    ]
