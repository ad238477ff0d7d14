"""Filled workbooks: rows go in by key, and faults come back at their cells."""

from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from package_factory import (
    LEDGER_NO,
    SECOND_SITE_CODE,
    SITE_CODE,
    VALID_TABLES,
    alter_row,
    write_package,
)
from workbook_kit import (
    DISTRICT,
    delete_row,
    fill,
    list_errors,
    make_case,
    make_filled,
    read_bytes,
    take,
)

from generator.cli import main
from generator.data.workbooks import WorkbookError, export_workbooks, import_workbook
from generator.data.workbooks import storing as storing_module

SITES = "企业基本信息"
EVENTS = "台账阶段事件"
TABLE = "tables/enterprise_profile.csv"


def test_a_changed_cell_changes_its_record_and_no_other_byte(tmp_path: Path) -> None:
    root, path = make_filled(tmp_path, ("all",), {f"{SITES}!C3": "临川恒诚新材料有限公司"})
    before = read_bytes(root)
    outcome = take(path, root)
    assert list_errors(outcome) == []
    expected = before[TABLE].replace(
        "临川恒诚化工有限公司".encode(), "临川恒诚新材料有限公司".encode()
    )
    assert read_bytes(root) == {**before, TABLE: expected}
    assert "企业基本信息：更新 1 行，新增 0 行，删除 0 行。" in outcome.format_summary()
    assert take(path, root).valid
    assert read_bytes(root) == {**before, TABLE: expected}


def test_a_new_row_stands_where_its_key_belongs(tmp_path: Path) -> None:
    cells = {
        f"废水排放口!{letter}4": value
        for letter, value in zip(
            "ABCDEFGHIJK",
            (
                *(SITE_CODE, "DW000", "雨水, 总口", 113.61, 34.72, "直接排放", "连续稳定"),
                *("清河", "不适用", "GB 8978-1996 一级", "否"),
            ),
            strict=True,
        )
    }
    root, path = make_filled(tmp_path, ("wastewater_outlet",), cells)
    before = read_bytes(root)["tables/wastewater_outlet.csv"].splitlines(keepends=True)
    outcome = take(path, root)
    assert list_errors(outcome) == []
    after = (root / "tables/wastewater_outlet.csv").read_bytes().splitlines(keepends=True)
    line = f'{SITE_CODE},DW000,"雨水, 总口",113.61,34.72,直接排放,连续稳定,清河,不适用,'
    assert after == [before[0], f"{line}GB 8978-1996 一级,否\n".encode(), before[1]]


def test_every_fault_is_told_at_its_cell_and_nothing_is_written(tmp_path: Path) -> None:
    cells = {
        f"{SITES}!D3": "甲" * 201,
        f"{SITES}!F4": "123456",
        f"{SITES}!H3": "很远",
        f"{SITES}!J3": 371,
        f"{SITES}!K4": "巨型",
        f"{SITES}!M3": 42554.5,
        f"{SITES}!N4": None,
        f"{SITES}!Q4": "旁注",
        f"{SITES}!C9": "没有编号的公司",
    }
    root, path = make_filled(tmp_path, ("enterprise_profile",), cells)
    before = read_bytes(root)
    outcome = take(path, root)
    errors = list_errors(outcome)
    for place, code in (
        ("D3", "E-LENGTH"),
        ("F4", "E-FK"),
        ("H3", "E-TYPE"),
        ("J3", "E-DIGITS"),
        ("K4", "E-ENUM"),
        ("M3", "E-TYPE"),
        ("N4", "E-REQUIRED"),
        ("Q4", "E-EXTRA"),
        ("A9", "E-REQUIRED"),
        ("B9", "E-REQUIRED"),
    ):
        assert (f"{SITES}!{place}", code) in errors, place
    assert len(set(errors)) == len(errors)
    places = [item.row for item in outcome.issues if item.sheet]
    assert places == sorted(places)
    summary = outcome.format_summary()
    assert f"错误 {SITES}!K4「单位规模」：不在可选范围内。现为“巨型”；应为：只能填：大型" in summary
    assert f"有 {len(errors)} 处错误，数据集没有改动。" in summary
    assert read_bytes(root) == before


def test_the_marked_copy_shows_each_fault_and_keeps_every_text(tmp_path: Path) -> None:
    cells = {
        f"{SITES}!C3": "=1+1",
        f"{SITES}!D3": "第一行\n第二行",
        f"{SITES}!H3": "很远",
        f"{SITES}!J4": 371,
        f"{SITES}!Q4": "旁注",
    }
    root, path = make_filled(tmp_path, ("enterprise_profile",), cells)
    outcome = take(path, root)
    assert outcome.marked == tmp_path / "填报-有误.xlsx"
    book = openpyxl.load_workbook(outcome.marked)
    sheet = book[SITES]
    given = openpyxl.load_workbook(path)[SITES]
    for row in (3, 4):
        for column in range(1, 18):
            new, old = sheet.cell(row, column), given.cell(row, column)
            assert new.value == old.value, new.coordinate
            bad = f"{SITES}!{new.coordinate}" in dict(list_errors(outcome))
            assert (new.fill.fgColor.rgb == "FFFFC7CE") is bad, new.coordinate
            assert (new.comment is not None) is bad
    assert sheet["C3"].data_type == "s"
    assert "数字，例如 12.5" in sheet["H3"].comment.text
    assert "开头的 0 可能丢了" in sheet["J4"].comment.text
    listed = [row[0] for row in book["问题清单"].iter_rows(min_row=2, values_only=True)]
    assert listed == [item.place for item in outcome.issues]
    assert f"{SITES}!H3" in listed
    again = take(outcome.marked, root)
    assert list_errors(again) == list_errors(outcome)
    assert again.marked == outcome.marked


def test_a_mended_marked_copy_is_taken(tmp_path: Path) -> None:
    root, path = make_filled(tmp_path, ("enterprise_profile",), {f"{SITES}!H3": "很远"})
    marked = take(path, root).marked
    assert marked is not None
    fill(marked, {f"{SITES}!H3": 113.5})
    assert take(marked, root).valid
    assert b",113.5," in (root / TABLE).read_bytes()


def test_rows_deleted_in_the_workbook_stay_until_removal_is_asked_for(tmp_path: Path) -> None:
    root, path = make_filled(tmp_path, ("enterprise_profile",), {})
    delete_row(path, SITES, 4)
    before = read_bytes(root)
    outcome = take(path, root)
    assert outcome.valid
    assert (
        f"有 1 行在工作簿里被删掉，数据集里没有删除：{SECOND_SITE_CODE}" in outcome.format_summary()
    )
    assert read_bytes(root) == before
    removed = take(path, root, remove=True)
    assert list_errors(removed) == []
    lines = before[TABLE].splitlines(keepends=True)
    assert (root / TABLE).read_bytes() == b"".join(lines[:2])
    assert "删除 1 行" in removed.format_summary()


def test_a_removal_that_leaves_others_without_their_record_is_refused(tmp_path: Path) -> None:
    root, path = make_filled(tmp_path, ("enterprise_profile",), {})
    delete_row(path, SITES, 3)
    before = read_bytes(root)
    outcome = take(path, root, remove=True)
    places = [place for place, code in list_errors(outcome) if code == "E-FK"]
    assert "tables/wastewater_outlet.csv 第 2 行" in places
    assert read_bytes(root) == before


@pytest.mark.parametrize(
    ("table", "sheet", "cell", "value"),
    [
        ("ledger_event", EVENTS, "D3", "2015-01-09"),
        ("correction", "更正、说明与撤回", "G3", "改了理由。"),
        ("disclosure_record", "信息公开与变更记录", "F3", "2016-05-30"),
    ],
)
def test_append_only_tables_take_new_rows_and_no_edits(
    tmp_path: Path, table: str, sheet: str, cell: str, value: str
) -> None:
    root, path = make_filled(tmp_path, (table,), {f"{sheet}!{cell}": value})
    before = read_bytes(root)
    outcome = take(path, root)
    assert (f"{sheet}!{cell}", "E-APPEND") in list_errors(outcome)
    assert len([code for _, code in list_errors(outcome) if code == "E-APPEND"]) == 1
    assert read_bytes(root) == before


def test_a_pending_correction_is_completed_once(tmp_path: Path) -> None:
    sheet = "更正、说明与撤回"
    root, path = make_filled(tmp_path, ("correction",), {f"{sheet}!F3": "2016-06-20"})
    assert not openpyxl.load_workbook(path)[sheet]["F3"].protection.locked
    assert openpyxl.load_workbook(path)[sheet]["G3"].protection.locked
    outcome = take(path, root)
    assert list_errors(outcome) == []
    text = (root / "tables/correction.csv").read_text(encoding="utf-8")
    assert ",2016-06-10,2016-06-20,平均浓度录入有误。\n" in text
    export_workbooks(root, ["correction"], DISTRICT, path)
    assert openpyxl.load_workbook(path)[sheet]["F3"].protection.locked
    fill(path, {f"{sheet}!F3": "2016-06-21"})
    assert list_errors(take(path, root)) == [(f"{sheet}!F3", "E-APPEND")]


def test_append_only_rows_are_never_removed(tmp_path: Path) -> None:
    root, path = make_filled(tmp_path, ("correction",), {})
    delete_row(path, "更正、说明与撤回", 3)
    assert "没有删除" in take(path, root).format_summary()
    before = read_bytes(root)
    outcome = take(path, root, remove=True)
    assert [code for _, code in list_errors(outcome)] == ["E-APPEND"]
    assert "GZ2016-00001" in outcome.format_summary()
    assert read_bytes(root) == before


def test_an_event_is_added_to_a_ledger_in_its_order(tmp_path: Path) -> None:
    tables = {
        **alter_row("illegal_project", stage="消除", closed_date=""),
        "ledger_event": VALID_TABLES["ledger_event"][:4],
    }
    root, path = make_filled(
        tmp_path,
        ("illegal_project", "ledger_event"),
        {
            f"{EVENTS}!A7": f"{LEDGER_NO}/05",
            f"{EVENTS}!B7": LEDGER_NO,
            f"{EVENTS}!C7": "销号",
            f"{EVENTS}!D7": "2015年5月10日",
            f"{EVENTS}!E7": "ZL-05",
            f"{EVENTS}!F7": "临川市环境保护局",
            "违法违规建设项目台账!M3": "销号",
            "违法违规建设项目台账!Q3": "2015-05-10",
        },
        tables,
    )
    outcome = take(path, root)
    assert list_errors(outcome) == []
    whole = write_package(tmp_path / "whole", VALID_TABLES)
    for name in ("ledger_event", "illegal_project"):
        assert (root / f"tables/{name}.csv").read_bytes() == (
            whole / f"tables/{name}.csv"
        ).read_bytes()
    assert f"说明 {EVENTS}：日期的写法改成了 年-月-日：D7。" in outcome.format_summary()


def test_rules_across_tables_are_told_at_the_sheets_cell(tmp_path: Path) -> None:
    root, path = make_filled(
        tmp_path, ("ledger_event",), {f"{EVENTS}!{c}8": v for c, v in zip(
            "ABCD", (f"{LEDGER_NO}/06", LEDGER_NO, "登记", "2015-06-10"), strict=True
        )},
    )  # fmt: skip
    errors = list_errors(take(path, root))
    assert errors
    assert {place.partition("!")[0] for place, _ in errors} <= {
        EVENTS,
        "tables/illegal_project.csv 第 2 行",
    }
    assert any(place.startswith(f"{EVENTS}!") and place.endswith("8") for place, _ in errors)


def test_twins_in_the_workbook_are_told_by_their_sheet_rows(tmp_path: Path) -> None:
    root, path = make_filled(tmp_path, ("enterprise_profile",), {f"{SITES}!A4": SITE_CODE})
    outcome = take(path, root)
    twins = [item for item in outcome.issues if item.issue.code == "E-PK"]
    assert [item.place for item in twins] == [f"{SITES}!A4"]
    assert "与第 3 行相同" in twins[0].issue.found


def test_a_workbook_of_another_district_or_schema_is_refused(tmp_path: Path) -> None:
    root, path = make_filled(tmp_path, ("enterprise_profile",), {})
    with pytest.raises(WorkbookError, match=r"是江北区（990102）的工作簿，不是 990103 的"):
        import_workbook(path, root, district="990103")
    schema = root / "schemas/enterprise_profile.json"
    text = schema.read_text(encoding="utf-8")
    schema.write_text(text.replace('"former_name"', '"old_name"'), encoding="utf-8")
    with pytest.raises(WorkbookError) as caught:
        import_workbook(path, root)
    assert "表结构改了" in str(caught.value)
    assert "“企业基本信息”取消了字段「曾用名」" in str(caught.value)
    assert "“企业基本信息”新增了字段「曾用名」" in str(caught.value)
    schema.write_text(text.replace('"maxLength": 200', '"maxLength": 250', 1), encoding="utf-8")
    with pytest.raises(WorkbookError, match=r"字段「\w+」要求变了"):
        import_workbook(path, root)


def test_a_district_that_the_dataset_lost_is_told(tmp_path: Path) -> None:
    root, path = make_filled(tmp_path, ("enterprise_profile",), {})
    table = root / "tables/division.csv"
    table.write_text(table.read_text("utf-8").replace("990102", "990108"), encoding="utf-8")
    with pytest.raises(WorkbookError, match="行政区划表里没有代码“990102”"):
        import_workbook(path, root)


def test_faults_that_were_in_the_dataset_before_stop_the_import_and_are_told(
    tmp_path: Path,
) -> None:
    tables = alter_row("bulletin", cases_opened="-1")
    root, path = make_filled(
        tmp_path, ("enterprise_profile",), {f"{SITES}!C3": "临川甲公司"}, tables
    )
    outcome = take(path, root)
    assert list_errors(outcome) == [("tables/bulletin.csv 第 2 行", "E-RANGE")]


def test_a_strangers_sheet_is_told_and_not_read(tmp_path: Path) -> None:
    root, path = make_case(tmp_path)
    export_workbooks(root, ["bulletin"], DISTRICT, path)
    book = openpyxl.load_workbook(path)
    book.create_sheet("草稿")["A1"] = "随手记"
    book.save(path)
    assert "工作表“草稿”不是制作时有的，没有导入" in take(path, root).format_summary()


def test_out_gets_the_merged_dataset_and_the_source_stays(tmp_path: Path) -> None:
    root, path = make_filled(tmp_path, ("enterprise_profile",), {f"{SITES}!C3": "临川甲公司"})
    before = read_bytes(root)
    out = tmp_path / "新"
    assert import_workbook(path, root, out=out).valid
    assert read_bytes(root) == before
    changed = {name: text for name, text in read_bytes(out).items() if text != before[name]}
    assert list(changed) == [TABLE]
    assert "临川甲公司".encode() in changed[TABLE]
    with pytest.raises(WorkbookError, match="已有别的内容"):
        import_workbook(path, root, out=out)
    with pytest.raises(WorkbookError, match="在数据集文件夹里面"):
        import_workbook(path, root, out=root / "新")
    assert sorted(item.name for item in tmp_path.iterdir()) == ["datasets", "填报.xlsx", "新"]


def test_a_write_that_fails_halfway_puts_the_first_table_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = {f"{SITES}!C3": "临川甲公司", "一周一通报!C3": 2}
    root, path = make_filled(tmp_path, ("enterprise_profile", "bulletin"), cells)
    before = read_bytes(root)
    real = storing_module.write_file

    def fail_late(target: Path, content: bytes) -> None:
        if target.name == "bulletin.csv":
            raise WorkbookError("不能写入 bulletin.csv（磁盘满）。")
        real(target, content)

    monkeypatch.setattr(storing_module, "write_file", fail_late)
    with pytest.raises(WorkbookError, match="磁盘满"):
        take(path, root)
    assert read_bytes(root) == before


def test_merged_cells_are_refused_since_they_hide_others(tmp_path: Path) -> None:
    root, path = make_filled(tmp_path, ("enterprise_profile",), {})
    book = openpyxl.load_workbook(path)
    book[SITES].merge_cells("G3:G4")
    book.save(path)
    with pytest.raises(WorkbookError, match=r"“企业基本信息”有合并的单元格（G3:G4）"):
        take(path, root)


def test_a_mass_of_faults_is_one_message(tmp_path: Path) -> None:
    root, path = make_case(tmp_path)
    export_workbooks(root, ["enterprise_profile"], DISTRICT, path)
    book = openpyxl.load_workbook(path)
    for row in range(5, 2_600):
        for column in range(1, 12):
            book[SITES].cell(row, column).value = "=A1"
    book.save(path)
    with pytest.raises(WorkbookError) as caught:
        take(path, root)
    assert "超过 20,000 格不能读入" in str(caught.value)
    assert "例如 A5：写了公式" in str(caught.value)


def test_the_commands_make_and_take_a_workbook(tmp_path: Path) -> None:
    root, _ = make_case(tmp_path)
    run = CliRunner().invoke
    folder = tmp_path / "表"
    options = ["--datasets", str(root), "--district", DISTRICT, "--out", str(folder)]
    made = run(main, ["workbook", "all", *options])
    assert made.exit_code == 0, made.output
    path = folder / f"enterprise_profile-{DISTRICT}.xlsx"
    assert f"{path}：1 张表，2 行" in made.output
    names = {item.stem.removesuffix(f"-{DISTRICT}") for item in folder.iterdir()}
    assert {"ledger_event", "correction", "mirror"} <= names
    assert not names & {"industry", "pollutant", "standard_limit", "monitoring"}
    taken = run(main, ["import", "--workbook", str(path), "--datasets", str(root)])
    assert taken.exit_code == 0, taken.output
    assert "江北区（990102）：工作簿与数据集一致" in taken.output
    fill(path, {f"{SITES}!H3": "很远"})
    faulty = run(main, ["import", "--workbook", str(path), "--datasets", str(root)])
    assert faulty.exit_code == 1
    assert f"错误 {SITES}!H3「中心经度」" in faulty.output
    for wrong in (
        ["import", "--workbook", str(path)],
        ["import", "--workbook", str(path), "--mapping", "m.yml", "--datasets", str(root)],
        ["import", "--mapping", "m.yml", "--out", "x"],
        ["import", "--mapping", "m.yml", "--out", "x", "--remove", str(path)],
    ):
        assert run(main, wrong).exit_code == 2, wrong


@pytest.mark.parametrize(
    ("names", "code", "words"),
    [
        (["no_such"], DISTRICT, "没有表“no_such”"),
        (["monitoring"], DISTRICT, "没有表“monitoring”"),
        (["industry"], DISTRICT, "由全省统一维护"),
        (["bulletin"], "123456", "没有代码“123456”"),
    ],
)
def test_a_table_or_district_that_is_not_there_is_told(
    tmp_path: Path, names: list[str], code: str, words: str
) -> None:
    root, path = make_case(tmp_path)
    with pytest.raises(WorkbookError, match=words):
        export_workbooks(root, names, code, path)
    assert not path.exists()
