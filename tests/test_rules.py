"""Each rule: a dataset that keeps it, and one change that breaks it at exactly one cell."""

import json
from pathlib import Path

import pytest
from package_factory import (
    VALID_TABLES,
    add_row,
    alter_row,
    write_package,
)
from PIL import Image
from rule_cases import BROKEN, Case, Tables, check, event, ledger, penalty, places

from generator.data.catalog import read_catalog
from generator.data.check import check_dataset
from generator.data.rules import RULES


def write_pictures(root: Path) -> None:
    (root / "photos").mkdir(parents=True)
    Image.new("P", (64, 40)).save(root / "photos" / "outlet.png")
    whole = (root / "photos" / "outlet.png").read_bytes()
    (root / "photos" / "half.png").write_bytes(whole[:60])
    (root / "photos" / "text.png").write_bytes("不是图片".encode())


def test_the_valid_dataset_keeps_every_rule(tmp_path: Path) -> None:
    report = check(tmp_path, VALID_TABLES)
    assert places(report) == []
    assert report.rows["enterprise_profile"] == 2


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case.name)
def test_a_broken_rule_is_told_at_its_cell_and_nowhere_else(tmp_path: Path, case: Case) -> None:
    write_pictures(tmp_path)
    report = check(tmp_path, case.tables)
    expected = [(case.code, case.file, case.row, case.field)]
    if case.code == "R03":
        expected.append((case.code, case.file, 3, case.field))
    assert places(report) == expected
    assert {issue.severity for issue in report.issues} == {case.severity}


def test_every_rule_has_a_case_that_breaks_it() -> None:
    told = {(case.code, case.severity) for case in BROKEN} | {("E-ROUTE", "error")}
    told |= {("R21", "warning")}  # which only another law knows: tests/test_profiles.py
    assert {(rule.code, rule.severity) for rule in RULES} == told


@pytest.mark.parametrize(
    "tables",
    [
        pytest.param(ledger("排查"), id="just found"),
        pytest.param(ledger("排查", "登记", "消除", batch="淘汰关闭"), id="closed down at once"),
        pytest.param(
            ledger("排查", "登记", "整改", "消除", "退回", stage="整改"), id="sent back from 消除"
        ),
        pytest.param(
            ledger(
                *("排查", "登记", "整改", "消除", "销号", "退回", "整改", "消除", "销号"),
                closed="2015-09-10",
            ),
            id="reopened and closed again",
        ),
        pytest.param(
            ledger("排查", "登记", "整改", "消除", "退回", "消除"), id="straight on after 退回"
        ),
        pytest.param(event(2, event_date="2015-01-10"), id="two events on one day"),
    ],
)
def test_a_lawful_course_of_the_ledger_passes(tmp_path: Path, tables: Tables) -> None:
    assert places(check(tmp_path, tables)) == []


def loosen_site_codes(root: Path) -> None:
    """Lets the schema take any site code, so that the rule behind it is seen."""
    path = root / "schemas" / "enterprise_profile.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    del schema["fields"][0]["constraints"]["pattern"]
    path.write_text(json.dumps(schema), encoding="utf-8")


def test_two_codes_that_differ_in_letter_case_alone_clash(tmp_path: Path) -> None:
    local = "H9990102AAAAAAAAAA"
    first = {"site_code": f"{local}a001P", "uscc": "91990102MA3XABCD19"}
    tables = add_row("enterprise_profile", **first)
    second = {**tables["enterprise_profile"][0], "site_code": f"{local}A001P"}
    tables["enterprise_profile"] = [*tables["enterprise_profile"], second]
    root = write_package(tmp_path, tables)
    loosen_site_codes(root)
    report, _ = check_dataset(read_catalog(root))
    assert places(report) == [("E-ROUTE", "enterprise_profile.csv", 5, "site_code")]
    assert "第 4 行" in report.issues[0].expected


@pytest.mark.parametrize(
    "code", ["../x", "a/b", "CON", "con.1", "a b", "末位", "x" * 73, "a.", "a-"]
)
def test_a_code_that_cannot_be_a_file_name_is_refused(tmp_path: Path, code: str) -> None:
    root = write_package(tmp_path, add_row("enterprise_profile", site_code=code))
    loosen_site_codes(root)
    report, _ = check_dataset(read_catalog(root))
    assert places(report) == [("E-ROUTE", "enterprise_profile.csv", 4, "site_code")]


@pytest.mark.parametrize(
    ("decided", "disclosed"),
    [
        pytest.param("2015-09-30", "2015-10-15", id="on the last day over National Day"),
        pytest.param("2016-02-05", "2016-02-19", id="on the last day over Spring Festival"),
        pytest.param("2014-12-29", "2015-03-01", id="in a year without a calendar"),
    ],
)
def test_a_penalty_disclosed_within_seven_working_days_passes(
    tmp_path: Path, decided: str, disclosed: str
) -> None:
    assert places(check(tmp_path, penalty(decided, disclosed))) == []


def test_a_message_never_repeats_the_personal_data_it_found(tmp_path: Path) -> None:
    report = check(tmp_path, alter_row("exposure_case", facts="990102199003071233 在场作证。"))
    assert [issue.code for issue in report.issues] == ["R19"]
    assert "19900307" not in str(report.issues)


def test_a_long_number_that_is_no_identity_number_passes(tmp_path: Path) -> None:
    """A wrong check digit, a credit code, a date that does not exist, a 20-digit number."""
    text = "990102199003071230 91990102MA3XABCD19 990102199002301236 99010219900307123300"
    assert places(check(tmp_path, alter_row("exposure_case", reply=text))) == []


def test_a_code_of_a_local_register_need_not_begin_with_the_credit_code(tmp_path: Path) -> None:
    assert places(check(tmp_path, add_row("enterprise_profile", site_code="L990102-A17"))) == []


def test_a_unit_without_a_credit_code_is_held_to_the_main_part_of_its_site_code(
    tmp_path: Path,
) -> None:
    """The H9 form has no check character of its own, but both codes must begin alike."""
    main = "H9990102AB12CD34Ea"
    unit = {"uscc": main, "site_code": f"{main}001X"}
    assert places(check(tmp_path / "right", add_row("enterprise_profile", **unit))) == []
    other = {**unit, "site_code": "H9990102AB12CD34Eb001X"}
    assert places(check(tmp_path / "wrong", add_row("enterprise_profile", **other))) == [
        ("R02", "enterprise_profile.csv", 4, "site_code")
    ]
