"""The account adds up, is complete, and shows hostile text as text."""

import json
from pathlib import Path

import pytest
from intake_cases import DATASETS, FIXTURES, map_sites, write_case

from generator.data.intake import ImportReport, MappingError, SourceError, reasons, run_import
from generator.data.intake.report_page import group_cells

PROVINCE = FIXTURES / "province"


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ImportReport]:
    """The invented example, imported once."""
    out = tmp_path_factory.mktemp("province") / "out"
    report = run_import(PROVINCE / "mapping.yml", [PROVINCE / "sources"], out, DATASETS)
    return out, report


def test_placed_duplicate_and_rejected_add_up_to_the_rows_read_for_every_file(
    province: tuple[Path, ImportReport],
) -> None:
    report = province[1]
    read = {
        "单位名单.csv": 9,
        "补充单位.csv": 1,
        "排放口.csv": 4,
        "排放方式.csv": 3,
        "水质.csv": 5,
        "固废.csv": 2,
        "许可.csv": 8,
    }
    assert {file.label: len(file.rows) for file in report.files} == read
    for file in report.files:
        kinds = [file.count(kind) for kind in ("placed", "duplicate", "rejected")]
        assert sum(kinds) == read[file.label]
        assert len({row.row for row in file.rows}) == len(file.rows)
        for row in file.rows:
            assert bool(row.targets) == (row.kind == "placed")
            assert bool(row.same_as) == (row.kind == "duplicate")
            assert row.kind != "rejected" or row.failures


def test_every_written_row_has_exactly_one_source_row_that_made_it(
    province: tuple[Path, ImportReport],
) -> None:
    out, report = province
    made = [
        target[:2]
        for file in report.files
        for row in file.rows
        for target in row.targets
        if target[2] == "成行"
    ]
    assert len(made) == len(set(made))
    for table in report.tables:
        lines = (out / "tables" / f"{table.name}.csv").read_text(encoding="utf-8").splitlines()
        assert len(lines) - 1 == table.rows
        if table.name not in ("division", "pollutant"):
            assert sum(name == table.name for name, _ in made) == table.rows


def test_every_column_has_a_fate(province: tuple[Path, ImportReport]) -> None:
    sites = {column.name: column for column in province[1].files[0].columns}
    assert sites["联系人"].status == "unused"
    assert sites["联系人"].reason == "个人信息，不公开"
    assert sites["预留"].status == "empty"
    assert sites["信用代码"].uses == ("enterprise_profile.uscc",)
    assert sites["名称"].filled == 8
    assert {column.status for file in province[1].files for column in file.columns} == {
        "mapped",
        "unused",
        "empty",
    }


def test_the_json_report_tells_the_same_sums_and_every_row(
    province: tuple[Path, ImportReport],
) -> None:
    out, report = province
    told = json.loads((out / "import-report.json").read_text(encoding="utf-8"))
    assert told["totals"] == {"rows": 32, "placed": 17, "duplicate": 1, "rejected": 14}
    assert told["totals"]["rows"] == report.rows_read
    for file in told["files"]:
        assert file["placed"] + file["duplicate"] + file["rejected"] == file["rows"]
        assert len(file["row_list"]) == file["rows"]
    assert told["ignored_files"] == {"说明书.csv": "填表说明，不是数据"}
    relaxed = {item["field"]: item for item in told["relaxed"]}
    assert relaxed["enterprise_profile.uscc"]["change"] == "改为选填"
    assert relaxed["wastewater_outlet.standard_code"]["change"] == "改为选填；不再要求引用的行存在"


def test_the_page_tells_a_clerk_the_sums_reasons_and_columns(
    province: tuple[Path, ImportReport],
) -> None:
    page = (province[0] / "import-report.html").read_text(encoding="utf-8")
    for words in (
        "共 32 行：放入 17 行，重复 1 行，未放入 14 行",
        "单位已注销",
        "统一社会信用代码应为 18 位，这里是 9 位",
        "不用：个人信息，不公开",
        "有的单位没有合格的代码",
    ):
        assert words in page


def test_values_left_out_stand_by_column_with_what_to_do(tmp_path: Path) -> None:
    step = "{pattern: {find: '^([0-9]+)度$', like: 112度}}"
    fields = f"        longitude: {{column: 经度, convert: [{step}]}}\n"
    rows = "编码,名称,经度\n" + "".join(f"A{n},清源化工有限公司,东{n % 12}\n" for n in range(30))
    case = write_case(tmp_path, map_sites(fields=fields), {"sites.csv": rows})
    report = case.run()
    (group,) = group_cells(report.cells)
    assert (group.column, group.count, len(group.cells)) == ("经度", 30, 12)
    assert group.reason == "映射认不出这种写法（应如“112度”）"
    page = (case.out / "import-report.html").read_text(encoding="utf-8")
    assert page.count("<dt>怎么办</dt>") == 1
    assert group.cure in page
    assert "另有 4 种写法" in page


@pytest.mark.parametrize(
    ("reason", "cure"),
    [
        (f"值对照表“区县”{reasons.NOT_IN_MAP}", "补一行"),
        (f"企业基本信息{reasons.REQUIRED}“区县”：不是数", "补上这种写法"),
        (f"企业基本信息{reasons.REQUIRED}“区县”{reasons.NO_VALUE}", "请报送单位补填"),
        (f"废气排放口{reasons.SAME_KEY}，内容不同（排放口名称）", "确认哪一行对"),
        ("单位已注销", "映射文件写明不放入"),
    ],
)
def test_each_reason_says_what_to_do(reason: str, cure: str) -> None:
    assert cure in reasons.advise_on_row(reason)


def test_an_example_that_its_own_expression_refuses_is_a_fault_of_the_mapping(
    tmp_path: Path,
) -> None:
    fields = (
        "        longitude: {column: 经度, convert: [{pattern: {find: '^[0-9]+$', like: 东}}]}\n"
    )
    rows = {"sites.csv": "编码,名称,经度\nA1,清源化工有限公司,1\n"}
    case = write_case(tmp_path, map_sites(fields=fields), rows)
    with pytest.raises(MappingError, match="“东”不合这里的 find"):
        case.run()


def test_hostile_cells_are_shown_as_text(tmp_path: Path) -> None:
    evil = "</td><script>alert(1)</script>{{ 7*7 }}"
    fields = "        ent_scale: 规模\n"
    rows = f"编码,名称,规模\nA1,清源化工有限公司,{evil}\n{evil},清源化工有限公司,\n"
    case = write_case(tmp_path, map_sites(fields=fields), {"sites.csv": rows})
    case.run()
    page = (case.out / "import-report.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "{{ 7*7 }}" in page


def test_a_declared_empty_column_that_has_content_stops_the_import(tmp_path: Path) -> None:
    mapping = map_sites(source="    empty_columns: [电话]\n")
    case = write_case(tmp_path, mapping, {"sites.csv": "编码,名称,电话\nA1,清源化工有限公司,55\n"})
    with pytest.raises(SourceError, match="第 2 行，列“电话”：映射写明此列全空，这里却有“55”"):
        case.run()


def test_a_column_both_used_and_declared_unused_stops_the_import(tmp_path: Path) -> None:
    mapping = map_sites(source="    unused: {名称: 不用}\n")
    case = write_case(tmp_path, mapping, {"sites.csv": "编码,名称\nA1,清源化工有限公司\n"})
    with pytest.raises(SourceError, match=r"把列“名称”列为不用，但 enterprise_profile\.ent_name"):
        case.run()


def test_the_summary_for_the_terminal_has_a_line_for_each_file_and_the_sum(
    province: tuple[Path, ImportReport],
) -> None:
    lines = province[1].format_summary().splitlines()
    assert lines[0] == "单位名单.csv：读入 9 行，放入 3，重复 1，未放入 5"
    assert len(lines) == 7 + 2
    assert lines[7].startswith("合计：读入 32 行 = 放入 17 + 重复 1 + 未放入 14；")
