"""Source files as text cells, and one clear error for each way a file can be bad."""

import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from intake_cases import HEAD, RELAX, SITES, map_sites, write_case

from generator.data.intake import SourceError

GOOD = "编码,名称\nA1,清源化工有限公司\n"


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, ("缺少来源文件", "sites.csv")),
        ({"sites.csv": GOOD.encode("gb18030")}, ("第 1 行附近", "不是 utf-8 编码", "encoding")),
        ({"sites.csv": '编码,名称\nA1,"清源化工'}, ("第 2 行", "引号中间断了")),
        ({"sites.csv": "编码,名称\nA1,清源化工有限公司\nA2\n"}, ("第 3 行", "单元格比表头少")),
        ({"sites.csv": "编码,名称\nA1,清源,多\n"}, ("第 2 行", "比表头多")),
        ({"sites.csv": ""}, ("没有表头",)),
        ({"sites.csv": ",,\nA1,清源化工,\n"}, ("没有表头",)),
        ({"sites.csv": "编码,名称,名称\nA1,甲,乙\n"}, ("两列都叫“名称”",)),
        ({"sites.csv": "编码,,名称\nA1,甲,乙\n"}, ("第 2 列没有名称",)),
        ({"sites.csv": "编码\nA1\n"}, ("没有列“名称”", "enterprise_profile.ent_name")),
        ({"sites.csv": b"\xe7\xbc"}, ("不是 utf-8 编码",)),
        ({"sites.csv": "编码,名称\nA\0,甲\n"}, ("NUL",)),
        ({"sites.csv": '编码,名称\n"A"1,甲\n'}, ("第 2 行", "引号或分隔符")),
        ({"sites.csv": GOOD, "more.csv": GOOD}, ("未说明的来源文件：more.csv",)),
        ({"sites.csv": "编码,名称,电话\nA1,甲,乙\n"}, ("未说明的列", "“电话”")),
    ],
)
def test_a_bad_source_is_one_clear_error_and_nothing_is_written(
    tmp_path: Path, files: dict[str, str | bytes], words: tuple[str, ...]
) -> None:
    case = write_case(tmp_path, map_sites(), files)
    with pytest.raises(SourceError) as caught:
        case.run()
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    for word in words:
        assert word in message
    assert sorted(item.name for item in tmp_path.iterdir()) == ["mapping.yml", "sources"]


def test_every_bad_source_is_told_at_once(tmp_path: Path) -> None:
    extra = "  other:\n    file: other.csv\n    encoding: utf-8\n    otherwise: 不用\n"
    case = write_case(
        tmp_path,
        map_sites(source=extra),
        {"other.csv": "甲,甲\n1,2\n", "x.csv": GOOD},
    )
    with pytest.raises(SourceError) as caught:
        case.run()
    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    for word, line in zip(("sites.csv", "两列", "x.csv"), lines, strict=True):
        assert word in line


def test_a_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    case = write_case(tmp_path, map_sites(), {"sites.csv": GOOD})
    (case.folder / "sites.csv").unlink()
    case.folder.rmdir()
    with pytest.raises(SourceError, match="找不到来源：sources"):
        case.run()


def test_unmapped_columns_and_files_are_reported_when_they_are_allowed(tmp_path: Path) -> None:
    case = write_case(
        tmp_path,
        map_sites(),
        {"sites.csv": "编码,名称,电话\nA1,清源化工有限公司,5550100\n", "more.csv": GOOD},
    )
    report = case.run(allow_unmapped=True)
    assert report.unexplained_files == ("more.csv",)
    assert [(c.name, c.status) for c in report.files[0].columns] == [
        ("编码", "mapped"),
        ("名称", "mapped"),
        ("电话", "unexplained"),
    ]


def test_other_encodings_delimiters_header_rows_and_a_bom_are_read_as_declared(
    tmp_path: Path,
) -> None:
    text = "示例省单位名单\n编码;名称\nA1;清源化工有限公司\n"
    mapping = map_sites(source="    delimiter: ;\n    header_row: '2'\n")
    case = write_case(
        tmp_path,
        mapping.replace("encoding: utf-8", "encoding: gb18030"),
        {"sites.csv": text.encode("gb18030"), "说明.md": "不是数据"},
    )
    report = case.run()
    assert case.read_table("enterprise_profile")[0]["ent_name"] == "清源化工有限公司"
    assert report.files[0].rows[0].row == 3
    assert dict(report.ignored_files) == {"说明.md": "不是 CSV 或 XLSX 文件"}
    (case.folder / "sites.csv").write_bytes(text.encode("utf-8-sig"))
    case.mapping.write_text(mapping, encoding="utf-8")
    assert case.run().count("placed") == 1


def test_files_and_sheets_left_alone_are_listed_with_their_reason(tmp_path: Path) -> None:
    mapping = map_sites().replace("sources:", "ignored_files: {'old*.csv': 旧名单}\nsources:", 1)
    case = write_case(tmp_path, mapping, {"sites.csv": GOOD, "old-2015.csv": "x"})
    assert dict(case.run().ignored_files) == {"old-2015.csv": "旧名单"}


BOOK = (
    HEAD
    + """\
sources:
  sites: {file: "book.xlsx#单位", encoding: utf-8}
"""
    + RELAX
    + "tables:\n"
    + SITES
    + """\
        former_name:
          columns: [整数, 小数, 比例, 日期, 时间, 真假, 公式, 文本数字]
          join: "|"
"""
)


def write_book(path: Path, *, formula_value: object = 7) -> None:
    """A workbook as office software stores it, with a second sheet 说明."""
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("单位")
    header = ["编码", "名称", "整数", "小数", "比例", "日期", "时间", "真假", "公式", "文本数字"]
    sheet.write_row(0, 0, header)
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    sheet.write_row(1, 0, ["A1", "清源化工有限公司", 12.0, 0.1])
    sheet.write_number(1, 4, 0.285, book.add_format({"num_format": "0.0%"}))
    sheet.write_datetime(1, 5, datetime(2016, 5, 1), day)
    sheet.write_datetime(1, 6, datetime(2016, 5, 1, 9, 30), moment)
    sheet.write_boolean(1, 7, True)
    sheet.write_formula(1, 8, "=3+4", None, formula_value)
    sheet.write_string(1, 9, "0371")
    book.add_worksheet("说明").write(0, 0, "填表说明")
    book.close()


def test_workbook_cells_are_text_as_a_reader_sees_them(tmp_path: Path) -> None:
    case = write_case(tmp_path, BOOK, {})
    write_book(case.folder / "book.xlsx")
    report = case.run(allow_unmapped=True)
    assert case.read_table("enterprise_profile")[0]["former_name"] == (
        "12|0.1|28.5%|2016-05-01|2016-05-01 09:30:00|TRUE|7|0371"
    )
    assert report.files[0].label == "book.xlsx#单位"
    assert report.unexplained_files == ("book.xlsx#说明",)
    assert report.cells == ()


def test_a_formula_without_stored_result_is_listed_and_left_empty(tmp_path: Path) -> None:
    case = write_case(tmp_path, BOOK, {})
    path = case.folder / "book.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "单位"
    header = ["编码", "名称", "整数", "小数", "比例", "日期", "时间", "真假", "公式", "文本数字"]
    sheet.append(header)
    sheet.append(["A1", "清源化工有限公司", 1, 2, 3, date(2016, 5, 1), 4, 5, "=3+4", "x"])
    book.save(path)
    report = case.run()
    assert [(c.column, c.reason, c.rows) for c in report.cells] == [
        ("公式", "公式没有存下结果，按空白处理", (2,))
    ]
    assert case.read_table("enterprise_profile")[0]["former_name"] == "1|2|3|2016-05-01|4|5|x"


def test_bad_workbooks_are_clear_errors(tmp_path: Path) -> None:
    case = write_case(tmp_path, BOOK, {"book.xlsx": b"PK\x03\x04 not a workbook"})
    with pytest.raises(SourceError, match=r"book\.xlsx：工作簿不完整，结尾缺失"):
        case.run()
    write_book(case.folder / "book.xlsx")
    data = (case.folder / "book.xlsx").read_bytes()
    (case.folder / "book.xlsx").write_bytes(data[: len(data) // 2])
    with pytest.raises(SourceError, match="工作簿不完整，结尾缺失"):
        case.run()
    write_book(case.folder / "book.xlsx")
    with pytest.raises(SourceError, match=r"未说明的来源文件：book\.xlsx#说明"):
        case.run()
    case.mapping.write_text(BOOK.replace("#单位", "#名单"), encoding="utf-8")
    with pytest.raises(SourceError, match="没有工作表“名单”；有：单位、说明"):
        case.run()
    case.mapping.write_text(BOOK.replace("#单位", ""), encoding="utf-8")
    with pytest.raises(SourceError, match="有 2 个工作表（单位、说明）"):
        case.run()


def test_hostile_workbooks_are_refused_before_they_are_opened(tmp_path: Path) -> None:
    case = write_case(tmp_path, BOOK, {})
    path = case.folder / "book.xlsx"
    write_book(path)
    good = path.read_bytes()
    for name, content, words in (
        ("xl/vbaProject.bin", b"macro", "含有宏"),
        ("xl/media/a.bin", b"\0" * 60_000_000, "压缩比异常"),
        ("xl/a.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "实体声明"),
        ("xl/worksheets/x.xml", b"<a>" + b"x" * 300_000 + b"</a>", "特别长"),
    ):
        path.write_bytes(good)
        with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, content)
        with pytest.raises(SourceError, match=words) as caught:
            case.run()
        assert len(str(caught.value).splitlines()) == 1


def test_a_stray_cell_far_away_does_not_fill_the_memory(tmp_path: Path) -> None:
    case = write_case(tmp_path, BOOK, {})
    with xlsxwriter.Workbook(case.folder / "book.xlsx") as book:
        sheet = book.add_worksheet("单位")
        sheet.write_row(0, 0, ["编码", "名称"])
        sheet.write_string(2, 16_383, "x")
        sheet.write_string(1_000, 0, "A1")
    with pytest.raises(SourceError, match=r"1,001 行、16,384 列，大多空白"):
        case.run()
