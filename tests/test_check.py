"""The check as a whole: one clear issue for each fault, at its file, row and field."""

import json
import random
import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from package_factory import (
    ODD_CELLS,
    SITE_CODE,
    VALID_TABLES,
    alter_row,
    read_field_names,
    write_package,
    write_readings,
)

from generator.data.catalog import read_catalog
from generator.data.check import CheckReport, check_dataset, format_report
from generator.data.issue import column_letter
from generator.data.messages import format_issue
from generator.data.readings import ROWS_TOLD

INVALID = Path(__file__).parent / "packages_invalid"
FAULTS = sorted(path.name for path in INVALID.iterdir())
READING_TIME = datetime(2016, 5, 1, 8)
READING: Mapping[str, object] = {
    "site_code": SITE_CODE,
    "outlet_code": "DW001",
    "pollutant_code": "w01018",
    "reading_time": READING_TIME,
    "measured": 61.5,
    "limit_value": 100.0,
    "status": "正常",
}


def check(root: Path) -> CheckReport:
    return check_dataset(read_catalog(root))[0]


def places(report: CheckReport) -> list[tuple[str, str, int | None, str]]:
    return [(issue.code, issue.file, issue.row, issue.field) for issue in report.issues]


@pytest.mark.parametrize("fault", FAULTS)
def test_an_invalid_package_gets_exactly_the_issues_expected_of_it(
    tmp_path: Path, fault: str
) -> None:
    expected: dict[str, Any] = json.loads(
        (INVALID / fault / "expected.json").read_text(encoding="utf-8")
    )
    root = write_package(tmp_path, VALID_TABLES)
    if (INVALID / fault / "tables").is_dir():
        shutil.copytree(INVALID / fault / "tables", root / "tables", dirs_exist_ok=True)
    for path in expected.get("without", ()):
        (root / path).unlink()
    report, dataset = check_dataset(read_catalog(root))
    found = [
        {
            "code": issue.code,
            "file": issue.file,
            "row": issue.row,
            "column": issue.column,
            "field": issue.field,
        }
        for issue in report.issues
    ]
    assert found == expected["issues"]
    assert dataset is None
    shown = format_report(report)
    for word in expected["words"]:
        assert word in shown


def test_a_valid_package_is_loaded_and_a_warning_does_not_stop_it(tmp_path: Path) -> None:
    report, dataset = check_dataset(read_catalog(write_package(tmp_path, VALID_TABLES)))
    assert report.issues == ()
    assert dataset is not None
    assert format_report(report) == "检查通过，没有发现问题。"
    warned = write_package(tmp_path, alter_row("water_energy", reuse_rate="50"))
    report, dataset = check_dataset(read_catalog(warned))
    assert [issue.severity for issue in report.issues] == ["warning"]
    assert report.valid
    assert dataset is not None


def test_a_bom_and_windows_line_ends_pass(tmp_path: Path) -> None:
    root = write_package(tmp_path, VALID_TABLES)
    path = root / "tables" / "industry.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    report, dataset = check_dataset(read_catalog(root))
    assert report.issues == ()
    assert dataset is not None
    assert dataset["industry"].text.row(0) == ("C2614", "有机化学原料制造", "2011")


def test_more_than_a_thousand_errors_are_all_reported(tmp_path: Path) -> None:
    """Frictionless stops at 1,000 unless told otherwise."""
    rows = [
        {"industry_code": f"C{number:04d}", "industry_name": "名称", "edition": "2016"}
        for number in range(1500)
    ]
    tables = {**VALID_TABLES, "industry": [*VALID_TABLES["industry"], *rows]}
    report = check(write_package(tmp_path, tables))
    assert len(report.issues) == 1500
    assert {issue.code for issue in report.issues} == {"E-ENUM"}
    shown = format_report(report)
    assert "共 1500 处" in shown
    assert "第 3 行：现为“2016”" in shown
    assert "另有 1497 处" in shown
    assert len(shown.splitlines()) == 6


def test_faults_of_many_files_are_told_together_in_the_order_of_the_dataset(tmp_path: Path) -> None:
    root = write_package(tmp_path, alter_row("enterprise_profile", latitude="99"))
    (root / "tables" / "noise.csv").unlink()
    (root / "tables" / "industry.csv").write_text("x\n", encoding="utf-8")
    assert places(check(root)) == [
        ("E-RANGE", "tables/enterprise_profile.csv", 2, "latitude"),
        ("E-FILE", "tables/noise.csv", None, ""),
        ("E-HEADER", "tables/industry.csv", 1, ""),
    ]


def test_a_reference_to_an_unreadable_table_is_not_blamed_on_the_row(tmp_path: Path) -> None:
    root = write_package(tmp_path, VALID_TABLES)
    (root / "tables" / "division.csv").write_bytes(b"\xff\xfe")
    report = check(root)
    assert {issue.file for issue in report.issues} == {"tables/division.csv"}


def test_a_cell_at_fault_is_told_once(tmp_path: Path) -> None:
    """A credit code of the wrong form is not told again for its check character or its site."""
    report = check(write_package(tmp_path, alter_row("enterprise_profile", division_code="江北区")))
    assert places(report) == [("E-PATTERN", "tables/enterprise_profile.csv", 2, "division_code")]


def test_the_same_dataset_gives_the_same_report(tmp_path: Path) -> None:
    tables = alter_row("enterprise_profile", latitude="99", uscc="x", legal_rep="")
    root = write_package(tmp_path, tables)
    assert check(root) == check(root)


READING_FAULTS: Sequence[tuple[str, str, object, str]] = (
    ("a required reading time left out", "reading_time", None, "E-REQUIRED"),
    ("a blank code", "site_code", "", "E-REQUIRED"),
    ("a word outside the list", "status", "良好", "E-ENUM"),
    ("an outlet code of another form", "outlet_code", "DW1", "E-PATTERN"),
    ("an outlet code with a line end", "outlet_code", "DW001\n", "E-PATTERN"),
    ("a negative concentration", "measured", -0.1, "E-RANGE"),
    ("a concentration that is not a number", "converted", float("nan"), "E-RANGE"),
    ("a site that is not registered", "site_code", "91990102MA3XABCD19009P", "E-FK"),
    ("an unknown pollutant", "pollutant_code", "w99999", "E-FK"),
)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [pytest.param(*rest, id=name) for name, *rest in READING_FAULTS],
)
def test_a_fault_in_the_readings_is_told_at_its_row(
    tmp_path: Path, field: str, value: object, code: str
) -> None:
    root = write_package(tmp_path, VALID_TABLES)
    rows = [{**READING, "reading_time": datetime(2016, 5, 1, hour)} for hour in range(4)]
    rows[2][field] = value
    write_readings(root / "tables" / "monitoring.parquet", rows=rows)
    assert places(check(root)) == [(code, "tables/monitoring.parquet", 4, field)]


def test_good_readings_pass_and_are_counted(tmp_path: Path) -> None:
    root = write_package(tmp_path, VALID_TABLES)
    stopped = {**READING, "measured": None, "status": "停产", "outlet_code": "DA001"}
    write_readings(root / "tables" / "monitoring.parquet", rows=[READING, stopped])
    report = check(root)
    assert report.issues == ()
    assert report.rows["monitoring"] == 2


def test_a_repeated_reading_names_both_rows(tmp_path: Path) -> None:
    root = write_package(tmp_path, VALID_TABLES)
    later = {**READING, "reading_time": datetime(2016, 5, 1, 9)}
    write_readings(root / "tables" / "monitoring.parquet", rows=[READING, later, READING])
    report = check(root)
    assert places(report) == [("E-PK", "tables/monitoring.parquet", 4, "reading_time")]
    assert "与第 2 行相同" in report.issues[0].found


def test_a_flood_of_bad_readings_is_counted_and_not_all_listed(tmp_path: Path) -> None:
    root = write_package(tmp_path, VALID_TABLES)
    rows = [
        {**READING, "reading_time": READING_TIME + timedelta(minutes=n), "measured": -1.0}
        for n in range(ROWS_TOLD + 5)
    ]
    write_readings(root / "tables" / "monitoring.parquet", rows=rows)
    report = check(root)
    assert len(report.issues) == ROWS_TOLD + 1
    assert f"共 {ROWS_TOLD + 5} 行" in report.issues[0].found


def test_a_flood_of_repeated_readings_is_counted_too(tmp_path: Path) -> None:
    root = write_package(tmp_path, VALID_TABLES)
    rows = [READING] * (ROWS_TOLD + 6)
    write_readings(root / "tables" / "monitoring.parquet", rows=rows)
    report = check(root)
    assert len(report.issues) == ROWS_TOLD + 1
    assert {issue.code for issue in report.issues} == {"E-PK"}
    assert f"共 {ROWS_TOLD + 5} 行" in report.issues[0].found


def test_a_file_that_is_not_parquet_is_one_issue(tmp_path: Path) -> None:
    root = write_package(tmp_path, VALID_TABLES)
    (root / "tables" / "monitoring.parquet").write_bytes(b"PAR1 not really")
    assert places(check(root)) == [("E-FILE", "tables/monitoring.parquet", None, "")]


def test_a_parquet_file_with_other_columns_names_them(tmp_path: Path) -> None:
    root = write_package(tmp_path, VALID_TABLES)
    path = root / "tables" / "monitoring.parquet"
    frame = pl.read_parquet(path)
    frame.rename({"measured": "value"}).write_parquet(path)
    report = check(root)
    assert places(report) == [("E-HEADER", "tables/monitoring.parquet", None, "")]
    assert "缺少 measured，多出 value" in report.issues[0].found
    frame.with_columns(pl.lit("a").alias("measured")).write_parquet(path)
    assert places(check(root)) == [("E-TYPE", "tables/monitoring.parquet", None, "measured")]


def test_columns_are_lettered_as_a_spreadsheet_letters_them() -> None:
    assert [column_letter(number) for number in (1, 26, 27, 52, 53, 702, 703)] == [
        *("A", "Z", "AA", "AZ", "BA", "ZZ", "AAA")
    ]


def test_a_message_says_where_what_and_how_to_mend_it(tmp_path: Path) -> None:
    report = check(write_package(tmp_path, alter_row("water_energy", fresh_water="一千\u202e吨")))
    assert format_issue(report.issues[0]) == (
        "错误 tables/water_energy.csv 第 2 行 C 列「新鲜用水量」：类型不对。"
        "现为“一千\\u202e吨”；应为：数字，例如 12.5；不带单位、千分号和汉字。"
        "请改成这种写法。［E-TYPE］"
    )


def test_a_long_report_is_cut_to_the_limit_and_says_so(tmp_path: Path) -> None:
    wrong = {"latitude": "99", "longitude": "1", "legal_rep": "", "operating_status": "？"}
    report = check(write_package(tmp_path, alter_row("enterprise_profile", **wrong)))
    lines = format_report(report, limit=2).splitlines()
    assert len(lines) == 4
    assert "另有 2 类问题未列出" in lines[2]
    assert lines[3] == "合计：错误 4 处。"


def test_equal_faults_with_different_expectations_keep_each_its_own(tmp_path: Path) -> None:
    wrong = {"q_ratio": "9"}
    rows = [
        {**VALID_TABLES["risk_source"][0], **wrong, "substance": f"物质{n}", "max_stock": str(n)}
        for n in range(1, 5)
    ]
    report = check(write_package(tmp_path, {**VALID_TABLES, "risk_source": rows}))
    lines = format_report(report).splitlines()
    assert "应为" not in lines[0]
    assert lines[1].endswith("现为“9”；应为：最大存在总量 ÷ 临界量，这里为 0.1333")
    assert lines[2].endswith("这里为 0.2667")


def test_a_composite_reference_from_the_readings_is_checked(tmp_path: Path) -> None:
    root = write_package(tmp_path, VALID_TABLES)
    schema = root / "schemas" / "monitoring.json"
    content = json.loads(schema.read_text(encoding="utf-8"))
    fields = ["site_code", "outlet_code"]
    content["foreignKeys"].append(
        {"fields": fields, "reference": {"resource": "wastewater_outlet", "fields": fields}}
    )
    schema.write_text(json.dumps(content), encoding="utf-8")
    rows = [READING, {**READING, "outlet_code": "DW002"}]
    write_readings(root / "tables" / "monitoring.parquet", rows=rows)
    report = check(root)
    assert places(report) == [("E-FK", "tables/monitoring.parquet", 3, "outlet_code")]
    assert "固定污染源代码 + 排放口编号" in report.issues[0].expected


@pytest.mark.parametrize("seed", range(6))
def test_dirt_anywhere_is_reported_and_never_stops_the_check(tmp_path: Path, seed: int) -> None:
    """Every rule must bear every cell: a third of all cells are odd ones."""
    chance = random.Random(seed)
    tables: dict[str, list[dict[str, str]]] = {}
    for name, rows in VALID_TABLES.items():
        names = read_field_names(name)
        tables[name] = [
            {
                field: chance.choice(ODD_CELLS) if chance.random() < 0.3 else row.get(field, "")
                for field in names
            }
            for row in (*rows, *rows, *rows)
        ]
    report, dataset = check_dataset(read_catalog(write_package(tmp_path, tables)))
    assert dataset is None
    assert len({issue.code for issue in report.issues}) > 8
    assert len(format_report(report, limit=1000).splitlines()) > 50
