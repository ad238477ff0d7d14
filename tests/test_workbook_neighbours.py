"""A clerk's workbook leaves alone what others wrote since, and what other districts hold."""

from pathlib import Path

from package_factory import (
    ENTERPRISE,
    SECOND_SITE_CODE,
    SITE_CODE,
    VALID_TABLES,
)
from workbook_kit import (
    list_errors,
    make_filled,
    read_bytes,
    take,
)

SITES = "企业基本信息"
TABLE = "tables/enterprise_profile.csv"
THIRD = "91990102MA3XABCD3F"

NEIGHBOURS = {
    **VALID_TABLES,
    "division": (
        *VALID_TABLES["division"],
        {
            "division_code": "990103",
            "division_name": "江南区",
            "parent_code": "990100",
            "level": "县",
        },
    ),
    "enterprise_profile": (
        VALID_TABLES["enterprise_profile"][0],
        {**VALID_TABLES["enterprise_profile"][1], "division_code": "990103"},
    ),
}
"""The second site lies in another district."""


def test_an_edit_since_the_workbook_was_made_is_not_overwritten(tmp_path: Path) -> None:
    root, path = make_filled(tmp_path, ("enterprise_profile",), {f"{SITES}!C3": "改成甲公司"})
    table = root / TABLE
    table.write_bytes(table.read_bytes().replace("清河路一号".encode(), "清河路二号".encode()))
    before = read_bytes(root)
    outcome = take(path, root)
    assert set(list_errors(outcome)) == {
        (f"{SITES}!C3", "E-CONFLICT"),
        (f"{SITES}!G3", "E-CONFLICT"),
    }
    assert "别人改过这一行" in outcome.format_summary()
    assert read_bytes(root) == before


def test_rows_that_the_clerk_left_alone_keep_what_others_wrote(tmp_path: Path) -> None:
    root, path = make_filled(tmp_path, ("enterprise_profile",), {f"{SITES}!C4": "临川乙公司"})
    table = root / TABLE
    first, *rest = table.read_bytes().partition("张某".encode())
    table.write_bytes(first + "李某".encode() + rest[1])
    assert take(path, root).valid
    text = table.read_text(encoding="utf-8")
    assert "李某" in text
    assert "临川乙公司" in text


def test_rows_that_others_added_or_removed_are_left_so(tmp_path: Path) -> None:
    root, path = make_filled(tmp_path, ("enterprise_profile",), {})
    table = root / TABLE
    lines = table.read_bytes().splitlines(keepends=True)
    other = lines[1].replace(SITE_CODE[:18].encode(), THIRD.encode())
    table.write_bytes(lines[0] + lines[1] + other)
    held = table.read_bytes()
    outcome = take(path, root, remove=True)
    assert list_errors(outcome) == []
    assert table.read_bytes() == held
    assert f"有 1 行已从数据集删去，没有加回：{SECOND_SITE_CODE}" in outcome.format_summary()


def test_rows_of_another_district_are_refused(tmp_path: Path) -> None:
    moved = {f"{SITES}!F3": "990103"}
    root, path = make_filled(tmp_path, ("enterprise_profile",), moved, NEIGHBOURS)
    before = read_bytes(root)
    outcome = take(path, root)
    assert (f"{SITES}!F3", "E-DISTRICT") in list_errors(outcome)
    assert "属于江北区（990102）的内容" in outcome.format_summary()
    assert read_bytes(root) == before


def test_another_districts_record_cannot_be_entered_again(tmp_path: Path) -> None:
    names = list(ENTERPRISE)
    letters = dict(zip(names, "ABCEFGHIJLN", strict=True))
    row = {**ENTERPRISE, "site_code": SECOND_SITE_CODE, "ent_name": "冒名公司"}
    cells = {f"{SITES}!{letters[name]}4": row[name] for name in names}
    root, path = make_filled(tmp_path, ("enterprise_profile",), cells, NEIGHBOURS)
    errors = list_errors(take(path, root))
    assert (f"{SITES}!A4", "E-PK") in errors


def test_a_row_for_another_districts_site_is_refused(tmp_path: Path) -> None:
    cells = {
        "环境信息公开联系方式!A3": SECOND_SITE_CODE,
        "环境信息公开联系方式!B3": "安全环保部",
        "环境信息公开联系方式!D3": "0999-6123456",
        "环境信息公开联系方式!G3": "网站",
    }
    root, path = make_filled(tmp_path, ("enterprise_contact",), cells, NEIGHBOURS)
    assert list_errors(take(path, root)) == [("环境信息公开联系方式!A3", "E-DISTRICT")]
