"""Records that vanish and codes given again: refused, unless a withdrawal was decided."""

import json
import shutil
from pathlib import Path

import pytest
from git_dataset import commit_all, write_rows
from history_kit import (
    BASE,
    CORRECTION,
    OPEN_NO,
    RECORD,
    WITHDRAWAL,
    altered,
    commit_base,
    extended,
    judge,
    only,
    without,
)
from package_factory import (
    ENTERPRISE,
    SECOND_SITE_CODE,
    SITE_CODE,
    write_package,
)

from generator.data.catalog import read_catalog
from generator.data.history_check import check_history
from generator.data.revision import read_revision

REGISTERS = {
    "enterprise_profile": (1, SECOND_SITE_CODE),
    "illegal_project": (1, OPEN_NO),
    "exposure_case": (0, "BG2016W26-001"),
    "bulletin": (0, "2015-W53|990102"),
    "division": (3, "990102001"),
    "exceedance": (0, "CB2016-000001"),
    "wastewater_concentration": (0, f"{SITE_CODE}|DW001|w01018|2016-05"),
}


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with the dataset in it, made once and copied for each test."""
    return commit_base(tmp_path_factory.mktemp("committed"))


@pytest.fixture
def datasets(committed: Path, tmp_path: Path) -> Path:
    shutil.copytree(committed, tmp_path / "repository")
    return tmp_path / "repository/datasets"


@pytest.mark.parametrize("table", REGISTERS)
def test_a_vanished_record_is_refused_unless_a_withdrawal_was_decided(
    datasets: Path, table: str
) -> None:
    row, key = REGISTERS[table]
    tombstone = {**WITHDRAWAL, "target_table": table, "target_key": key}
    current = read_catalog(datasets)
    with read_revision(datasets, "HEAD") as base:
        write_rows(datasets, table, without(table, row))
        issue = only(check_history(base, current))
        assert (issue.code, issue.severity) == ("E-VANISHED", "error")
        assert issue.file == f"tables/{table}.csv"
        assert issue.found == f"没有主键 {key} 的记录（基准版本第 {row + 2} 行）"
        for undecided in (
            {"resolved_date": ""},
            {"resolved_date": "不适用"},
            {"kind": "更正"},
            {"target_key": "别的"},
            {"target_table": "noise"},
        ):
            write_rows(datasets, "correction", extended("correction", {**tombstone, **undecided}))
            assert only(check_history(base, current)).code == "E-VANISHED"
        write_rows(datasets, "correction", extended("correction", tombstone))
        assert check_history(base, current) == ()


def test_a_month_may_go_when_the_disclosure_log_says_why_and_a_register_may_not(
    datasets: Path,
) -> None:
    write_rows(datasets, "wastewater_concentration", without("wastewater_concentration", 0))
    write_rows(datasets, "exceedance", ())
    log = {**RECORD, "record_id": "GK2016-0009999", "change_type": "更正"}
    write_rows(
        datasets,
        "disclosure_record",
        extended(
            "disclosure_record",
            {**log, "table_name": "wastewater_concentration", "disclosed_date": "2016-06-30"},
            {**log, "record_id": "GK2016-0009998", "table_name": "exceedance",
             "disclosed_date": "2016-06-30"},
        ),
    )  # fmt: skip
    assert only(judge(datasets)).file == "tables/exceedance.csv"


def test_a_table_dropped_from_the_descriptor_does_not_escape(datasets: Path) -> None:
    path = datasets / "datapackage.json"
    descriptor = json.loads(path.read_text(encoding="utf-8"))
    gone = {"correction", "bulletin", "mirror"}
    descriptor["resources"] = [item for item in descriptor["resources"] if item["name"] not in gone]
    path.write_text(json.dumps(descriptor), encoding="utf-8")
    issues = judge(datasets)
    assert [(issue.code, issue.file) for issue in issues] == [
        ("E-VANISHED", "tables/bulletin.csv"),
        ("E-VANISHED", "tables/correction.csv"),
    ]


def rename_field(datasets: Path, table: str, old: str, new: str) -> None:
    for path in (datasets / f"schemas/{table}.json", datasets / f"tables/{table}.csv"):
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def test_a_field_dropped_from_a_ledger_does_not_escape(datasets: Path) -> None:
    rename_field(datasets, "ledger_event", "note", "remark")
    assert "「说明」（note）" in only(judge(datasets)).found


def test_a_renamed_key_field_does_not_escape(datasets: Path) -> None:
    rename_field(datasets, "exposure_case", "case_no", "case_number")
    issue = only(judge(datasets))
    assert (issue.code, issue.title) == ("E-VANISHED", "主键字段不见了")


def test_a_base_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    datasets = write_package(tmp_path / "d", BASE)
    good = (datasets / "tables/correction.csv").read_bytes()
    (datasets / "tables/correction.csv").write_bytes("编号\n".encode("gbk"))
    commit_all(tmp_path)
    (datasets / "tables/correction.csv").write_bytes(good)
    issue = only(judge(datasets))
    assert (issue.code, issue.severity, issue.file) == (
        "E-BASE", "warning", "tables/correction.csv",
    )  # fmt: skip


def test_a_code_given_to_another_record_is_a_warning(datasets: Path) -> None:
    write_rows(
        datasets,
        "illegal_project",
        altered("illegal_project", 1, owner_name="望江纸业有限公司", division_code="990103"),
    )
    issue = only(judge(datasets))
    assert (issue.code, issue.severity, issue.row) == ("E-REUSED", "warning", 3)
    assert "建设单位由“临川青石水泥有限公司”变为“望江纸业有限公司”" in issue.found


@pytest.mark.parametrize("cells", [{"owner_name": "新名称"}, {"division_code": "990103"}])
def test_a_renamed_owner_or_a_moved_project_alone_is_none(
    datasets: Path, cells: dict[str, str]
) -> None:
    write_rows(datasets, "illegal_project", altered("illegal_project", 1, **cells))
    assert judge(datasets) == ()


def test_the_number_of_a_withdrawn_and_removed_record_is_not_given_again(tmp_path: Path) -> None:
    tombstone = {**WITHDRAWAL, "target_table": "exposure_case", "target_key": "BG2016W26-001"}
    datasets = write_package(
        tmp_path / "d",
        {**BASE, "exposure_case": (), "correction": [CORRECTION, tombstone]},
    )
    commit_all(tmp_path)
    write_rows(datasets, "exposure_case", BASE["exposure_case"])
    issue = only(judge(datasets))
    assert (issue.code, issue.row) == ("E-REUSED", 2)
    assert "已撤回记录的编号" in issue.found


def test_a_withdrawn_record_may_lose_its_name_and_place(datasets: Path) -> None:
    write_rows(
        datasets,
        "enterprise_profile",
        [{**ENTERPRISE, "ent_name": "另一家有限公司", "division_code": "990103"},
         BASE["enterprise_profile"][1]],
    )  # fmt: skip
    assert only(judge(datasets)).code == "E-REUSED"
    write_rows(
        datasets,
        "correction",
        extended("correction", {**WITHDRAWAL, "target_table": "enterprise_profile",
                                "target_key": SITE_CODE}),
    )  # fmt: skip
    assert judge(datasets) == ()
