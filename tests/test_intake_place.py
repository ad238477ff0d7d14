"""Rows into tables: every way of the mapping file, and keys that do not hold."""

from pathlib import Path

import pytest
from intake_cases import DATASETS, FIXTURES, map_sites, write_case

from generator.data.intake import ImportReport, run_import
from generator.data.intake.report import RowOutcome

PROVINCE = FIXTURES / "province"

PERMITS = """\
  other_license:
    - source: permits
      fields:
        license_no: 号
        site_code: {template: "L990102-{编码}"}
        license_kind: {constant: 其他}
        license_content: 内容
        issue_date: 日期
        valid_to: 止
"""
PERMIT_RELAX = "  other_license.issue_authority, license_status: {required: false, reason: 无}\n"
PERMIT_SOURCE = "  permits:\n    file: permits.csv\n    encoding: utf-8\n"
SITE_ROWS = "编码,名称\nA1,清源化工有限公司\n"


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ImportReport]:
    """The invented example, imported once."""
    out = tmp_path_factory.mktemp("province") / "out"
    report = run_import(PROVINCE / "mapping.yml", [PROVINCE / "sources"], out, DATASETS)
    return out, report


def outcomes(report: ImportReport, label: str) -> dict[int, RowOutcome]:
    """The rows of a file by number."""
    file = next(item for item in report.files if item.label == label)
    return {outcome.row: outcome for outcome in file.rows}


@pytest.mark.parametrize("golden", sorted((PROVINCE / "expected").iterdir()), ids=lambda p: p.stem)
def test_the_example_gives_the_expected_table(
    province: tuple[Path, ImportReport], golden: Path
) -> None:
    assert (province[0] / "tables" / golden.name).read_bytes() == golden.read_bytes()


def test_an_exact_duplicate_names_the_row_it_repeats(
    province: tuple[Path, ImportReport],
) -> None:
    rows = outcomes(province[1], "单位名单.csv")
    assert rows[4].kind == "duplicate"
    assert rows[4].same_as == ("单位名单.csv", 2)


def test_a_rejected_row_names_reason_column_and_value(
    province: tuple[Path, ImportReport],
) -> None:
    rows = outcomes(province[1], "单位名单.csv")
    assert {number: row.kind for number, row in rows.items() if number > 5} == dict.fromkeys(
        range(6, 11), "rejected"
    )
    assert rows[6].failures[0].reason == "单位已注销"
    assert (rows[7].failures[0].column, rows[7].failures[0].value) == ("区县", "戊县")
    assert "固定污染源代码”没有值" in rows[8].failures[0].reason
    assert rows[9].failures[0].value == "L990100-A1（已有：单位名单.csv 第 2 行）"
    assert rows[10].failures[0].reason == "整行没有内容"


def test_one_row_may_go_into_many_rows_and_be_refused_in_part(
    province: tuple[Path, ImportReport],
) -> None:
    waste = outcomes(province[1], "固废.csv")
    assert [target[1] for target in waste[2].targets] == [
        "L990100-A1、2016、SW02",
        "L990100-A1、2016、SW03",
    ]
    assert waste[3].kind == "placed"
    assert waste[3].failures[0].value == "污泥"
    water = outcomes(province[1], "水质.csv")
    assert water[4].kind == "rejected"
    assert "在表 wastewater_outlet 里没有" in water[4].failures[0].reason
    assert water[6].failures[0].reason == "本行没有监测值"


def test_a_row_used_by_a_lookup_counts_as_placed_and_an_unused_one_says_why(
    province: tuple[Path, ImportReport],
) -> None:
    modes = outcomes(province[1], "排放方式.csv")
    assert modes[2].targets == (("wastewater_outlet", "L990100-A1、DW001", "查找"),)
    assert [modes[n].failures[0].reason for n in (3, 4)] == [
        "查到了对应的记录，但本行没有可以放入的内容",
        "没有对应的排放口",
    ]


def test_a_reference_to_a_site_that_is_not_there_rejects_the_row(
    province: tuple[Path, ImportReport],
) -> None:
    outlet = outcomes(province[1], "排放口.csv")[5]
    assert outlet.kind == "rejected"
    assert outlet.failures[0].value == "L990100-A9"


def test_cells_that_do_not_convert_are_listed_with_value_and_reason(
    province: tuple[Path, ImportReport],
) -> None:
    listed = {(cell.target, cell.value): cell for cell in province[1].cells}
    assert listed["enterprise_profile.uscc", "718312345"].rows == (5,)
    assert "9 位" in listed["enterprise_profile.uscc", "718312345"].reason
    assert "不是日期" in listed["enterprise_profile.start_date", "2012/7/1"].reason
    assert ("enterprise_profile.key_class", "废水,土壤") in listed
    assert ("wastewater_outlet.standard_code", "二级") in listed
    assert [(cell.target, cell.value) for cell in province[1].nothing] == [
        ("wastewater_outlet.discharge_mode", "间歇")
    ]


def test_blanks_and_placeholders_are_cleaned_and_counted(
    province: tuple[Path, ImportReport],
) -> None:
    sites = next(file for file in province[1].files if file.label == "单位名单.csv")
    assert (sites.trimmed, sites.inner) == (1, 1)
    assert sites.placeholders == (("编码", "-", 1),)


def test_constants_and_made_up_keys_are_told(province: tuple[Path, ImportReport]) -> None:
    report = province[1]
    assert [(item.target, item.text) for item in report.generated] == [
        ("other_license.license_no", "{种类}-{wrybh}-{=issue_date|year}-{#:03}")
    ]
    assert ("other_license.license_kind", "其他") in {
        (item.target, item.text) for item in report.constants
    }
    assert ("division", "映射文件里写定的 4 行") in {
        (item.target, item.text) for item in report.constants
    }


def run_permits(
    tmp_path: Path, rows: str, *, merge: bool = False
) -> tuple[list[dict[str, str]], list[str]]:
    """Written licences and the outcome of each permit row."""
    tables = PERMITS + ("      same_key: merge\n" if merge else "")
    mapping = map_sites(source=PERMIT_SOURCE, tables=tables, relax=PERMIT_RELAX)
    files = {"sites.csv": SITE_ROWS, "permits.csv": f"号,编码,内容,日期,止\n{rows}"}
    case = write_case(tmp_path, mapping, files)
    report = case.run()
    kinds = [
        f"{row.kind} {row.targets[0][2] if row.targets else ''}".strip()
        for row in report.files[1].rows
    ]
    return case.read_table("other_license"), kinds


def test_equal_rows_become_one_and_contradicting_rows_are_rejected(tmp_path: Path) -> None:
    rows = "1,A1,甲,2016-01-01,\n1,A1,甲,2016-01-01,\n1,A1,乙,2016-01-01,\n"
    written, kinds = run_permits(tmp_path, rows)
    assert [row["license_content"] for row in written] == ["甲"]
    assert kinds == ["placed 成行", "placed 并入", "rejected"]


def test_merging_fills_gaps_but_never_contradicts(tmp_path: Path) -> None:
    rows = "1,A1,甲,2016-01-01,\n1,A1,甲,2016-01-01,2018-01-01\n1,A1,甲,2016-01-01,2019-01-01\n"
    written, kinds = run_permits(tmp_path, rows, merge=True)
    assert [row["valid_to"] for row in written] == ["2018-01-01"]
    assert kinds == ["placed 成行", "placed 并入", "rejected"]
    written, kinds = run_permits(tmp_path, rows)
    assert kinds == ["placed 成行", "rejected", "rejected"]


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [
        ("longitude", "200", "大于上限 136"),
        ("longitude", "十", "不是数"),
        ("latitude", "-1", "小于下限 3"),
        ("ent_scale", "巨型", "应为 大型、中型"),
        ("uscc", "123", "写法不合"),
        ("former_name", "名" * 201, "太长：201 字，至多 200 字"),
        ("start_date", "2016-13-01", "不是日期"),
        ("start_date", "20160501", "不是日期"),
        ("address", "路", "太短：1 字，至少 4 字"),
        ("former_name", "甲\u202e乙", "控制字符"),
    ],
)
def test_a_value_that_breaks_a_field_constraint_is_listed_and_left_empty(
    tmp_path: Path, field: str, value: str, word: str
) -> None:
    mapping = map_sites(fields=f"        {field}: 值\n")
    case = write_case(
        tmp_path, mapping, {"sites.csv": f"编码,名称,值\nA1,清源化工有限公司,{value}\n"}
    )
    report = case.run()
    assert case.read_table("enterprise_profile")[0][field] == ""
    (cell,) = report.cells
    assert (cell.value, cell.rows) == (value, (2,))
    assert word in cell.reason


def test_a_value_that_breaks_a_required_field_rejects_the_row(tmp_path: Path) -> None:
    case = write_case(
        tmp_path, map_sites(), {"sites.csv": "编码,名称\nA1,短名\nA 2,清源化工有限公司\n"}
    )
    report = case.run()
    reasons = [row.failures[0] for row in report.files[0].rows]
    assert [failure.column for failure in reasons] == ["名称", "编码"]
    assert "单位名称”：太短：2 字" in reasons[0].reason
    assert "固定污染源代码”：写法不合" in reasons[1].reason
    assert case.read_table("enterprise_profile") == []


def test_an_optional_reference_to_nothing_is_emptied_and_listed(tmp_path: Path) -> None:
    mapping = map_sites(fields="        division_code: 区\n        industry_code: 业\n")
    case = write_case(
        tmp_path, mapping, {"sites.csv": "编码,名称,区,业\nA1,清源化工有限公司,990102,2614\n"}
    )
    report = case.run()
    row = case.read_table("enterprise_profile")[0]
    assert (row["division_code"], row["industry_code"]) == ("990102", "")
    assert [(c.target, c.value) for c in report.cells] == [
        ("enterprise_profile.industry_code", "2614")
    ]


def test_a_refused_parent_takes_its_children_with_it(tmp_path: Path) -> None:
    mapping = map_sites(
        source=PERMIT_SOURCE,
        tables=PERMITS,
        relax=PERMIT_RELAX,
        fields="        division_code: 区\n",
    ).replace("longitude, latitude, division_code:", "longitude, latitude:")
    files = {
        "sites.csv": "编码,名称,区\nA1,清源化工有限公司,990109\n",
        "permits.csv": "号,编码,内容,日期,止\n1,A1,甲,2016-01-01,\n",
    }
    case = write_case(tmp_path, mapping, files)
    report = case.run()
    assert [row.kind for file in report.files for row in file.rows] == ["rejected", "rejected"]
    assert case.read_table("enterprise_profile") == case.read_table("other_license") == []


LOOKUP = """\
        former_name:
          lookup:
            source: names
            match: {码: 编码}
            value: 旧名
"""
NAMES = "  names:\n    file: names.csv\n    encoding: utf-8\n    otherwise: 没有这个单位\n"


@pytest.mark.parametrize(
    ("names", "expected", "word"),
    [
        ("A1,老厂\n", "老厂", ""),
        ("A1,老厂\nA1,老厂\nA1,\n", "老厂", ""),
        ("A1,老厂\nA1,新厂\n", "", "查到多行，取值不一"),
        ("A2,老厂\n", "", "查不到对应的行"),
    ],
)
def test_a_lookup_takes_one_clear_answer_or_none(
    tmp_path: Path, names: str, expected: str, word: str
) -> None:
    files = {"sites.csv": SITE_ROWS, "names.csv": f"码,旧名\n{names}"}
    case = write_case(tmp_path, map_sites(source=NAMES, fields=LOOKUP), files)
    report = case.run()
    assert case.read_table("enterprise_profile")[0]["former_name"] == expected
    assert [word in cell.reason for cell in report.cells] == ([True] if word else [])


def test_a_lookup_into_a_placed_table_finds_the_made_up_key(tmp_path: Path) -> None:
    tables = """\
  eia_approval:
    - source: permits
      where: {类: 环评}
      fields:
        project_id: {template: "P990102-{日期|year}-{#:05}"}
        site_code: {template: "L990102-{编码}"}
        project_name: 项目
        approval_date: 日期
  eia_acceptance:
    - source: permits
      where: {类: 验收}
      fields:
        accept_id: {template: "YS{日期|year}-{#:06}"}
        site_code: {template: "L990102-{编码}"}
        project_id:
          lookup:
            table: eia_approval
            match: {site_code: {template: "L990102-{编码}"}, project_name: 项目}
            value: project_id
        accept_date: 日期
"""
    relax = (
        "  eia_approval.project_nature, eia_type, total_invest, env_invest, build_status:"
        " {required: false, reason: 无}\n"
        "  eia_acceptance.project_id, accept_type, accept_authority, conclusion:"
        " {required: false, reason: 无}\n"
    )
    rows = (
        "类,编码,项目,日期\n环评,A1,扩建,2015-01-01\n环评,A1,新建,2015-02-01\n"
        "环评,A1,技改,2016-01-01\n验收,A1,新建,2016-05-01\n验收,A1,无批,2016-06-01\n"
        "环评,A1,坏日期,不详\n"
    )
    mapping = map_sites(source=PERMIT_SOURCE, tables=tables, relax=relax)
    case = write_case(tmp_path, mapping, {"sites.csv": SITE_ROWS, "permits.csv": rows})
    report = case.run()
    assert [row["project_id"] for row in case.read_table("eia_approval")] == [
        "P990102-2015-00001",
        "P990102-2015-00002",
        "P990102-2016-00001",
    ]
    assert [(row["accept_id"], row["project_id"]) for row in case.read_table("eia_acceptance")] == [
        ("YS2016-000001", "P990102-2015-00002"),
        ("YS2016-000002", ""),
    ]
    assert [row.kind for row in report.files[1].rows] == ["placed"] * 5 + ["rejected"]
    assert "取不出年份" in report.files[1].rows[5].failures[0].reason


def test_a_condition_may_compare_two_columns(tmp_path: Path) -> None:
    fields = "        former_name: {column: 别名, when: {别名: {differs_from: 名称}}}\n"
    rows = "编码,名称,别名\nA1,清源化工有限公司,清源化工有限公司\nA2,清源化工有限公司,清源厂\n"
    case = write_case(tmp_path, map_sites(fields=fields), {"sites.csv": rows})
    case.run()
    assert [r["former_name"] for r in case.read_table("enterprise_profile")] == ["", "清源厂"]
