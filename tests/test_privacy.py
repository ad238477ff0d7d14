"""Personal data in cells, codes, pictures and file names; and the list of exceptions."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from package_factory import VALID_TABLES, Rows, alter_row, write_package
from PIL import ExifTags, Image

from generator.data.catalog import read_catalog
from generator.data.check import CheckReport, check_dataset, format_report
from generator.data.personal import (
    SUSPECT_NUMBERS,
    SUSPECT_WORDS,
    find_personal,
    mask_number,
    mask_personal,
    normalize_text,
)
from generator.data.picture_text import read_picture_text
from generator.data.privacy import list_exempt_numbers
from generator.data.privacy_allow import hash_cell

IDENTITY = "990102199003071233"  # invented division, right check character
BOTH = "911000197001010495"  # an identity number and a credit code at once
CARD = "6222020000000000018"  # invented, passes Luhn
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 8


def kinds(text: str, column: str = "") -> list[tuple[str, bool]]:
    return [(span.kind, span.sure) for span in find_personal(normalize_text(text), column)]


def check(root: Path, tables: Mapping[str, Rows]) -> CheckReport:
    report, _ = check_dataset(read_catalog(write_package(root, tables)))
    return report


def told(report: CheckReport) -> list[tuple[str, str, str, int | None, str]]:
    return [
        (issue.code, issue.severity, issue.file.removeprefix("tables/"), issue.row, issue.field)
        for issue in report.issues
    ]


def allow(
    root: Path, *rows: str, head: str = "table,column,sha256,reason,reviewer,expires"
) -> None:
    (root / "privacy-allow.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"公民身份号码{IDENTITY}。", [("identity", True)]),
        (f"ID{IDENTITY}", [("identity", True)]),
        ("９９０１０２ １９９００３０１ ００６Ｘ", [("identity", True)]),
        ("99010219900301006x", [("identity", True)]),
        (f"{IDENTITY[:6]}-{IDENTITY[6:14]}-{IDENTITY[14:]}", [("identity", True)]),
        (f"2016-07-03 {IDENTITY}", [("identity", True)]),
        ("身份证号：990102900307123", [("identity", True)]),
        ("编号990102900307123", []),
        ("990102199003071230", []),
        ("990102199002301236", []),
        (f"{IDENTITY}0", []),
        ("手机13812345678", [("mobile", True)]),
        ("联系人电话：138 1234 5678", [("mobile", True)]),
        ("+86 138-1234-5678", [("mobile", False)]),
        ("13812345678", [("mobile", False)]),
        ("产量13812345678.5吨", []),
        ("0999-13812345", []),
        (f"银行卡号{CARD}", [("bank", True)]),
        (CARD, [("bank", False)]),
        ("6222020000000000019", []),
        ("账号：120 4567 8901", [("bank", False)]),
        ("家住清河路三号", [("address", True)]),
        ("现住江北区清河小区", [("address", False)]),
        ("厂区位于江北区清河路三号", []),
        ("公民张三，", [("name", False)]),
        ("法定代表人李小四（在场）", [("name", False)]),
        ("公民张某，", []),
        ("负责人张某某。", []),
        ("当事人临川恒诚化工有限公司", []),
        ("负责人于2016年到场", []),
    ],
)
def test_personal_data_is_told_by_arithmetic_and_context(
    text: str, expected: list[tuple[str, bool]]
) -> None:
    assert kinds(text) == expected
    # What is found must pass the sieve that looks at whole columns.
    sieve = f"{SUSPECT_NUMBERS}|{SUSPECT_WORDS}"
    assert not expected or pl.Series([text]).str.contains(sieve).item()


def test_a_column_can_tell_what_a_number_is() -> None:
    assert kinds("13812345678", "contact") == [("mobile", True)]
    assert kinds(CARD, "bank_account") == [("bank", True)]
    assert kinds("清河小区二栋三室", "address") == [("address", False)]


@given(st.text(max_size=40))
def test_masking_never_fails_and_leaves_no_identity_number(text: str) -> None:
    masked = mask_personal(f"{text} {IDENTITY} {text}")
    assert IDENTITY not in masked
    assert not any(span.kind == "identity" for span in find_personal(normalize_text(masked)))


def test_a_mask_keeps_the_ends_and_the_length() -> None:
    assert mask_number(IDENTITY) == "990*************33"
    assert mask_number("张三") == "张*"
    assert mask_personal("普通的一句话 123") == "普通的一句话 123"


@pytest.mark.parametrize(
    ("tables", "severity", "place"),
    [
        (alter_row("exposure_case", facts=f"（{IDENTITY}）逃避检查"), "error", "facts"),
        (alter_row("illegal_project", penalty_no=IDENTITY), "error", "penalty_no"),
        (alter_row("exposure_case", reply="手机13812345678"), "error", "reply"),
        (alter_row("exposure_case", reply="13812345678"), "warning", "reply"),
        (alter_row("exposure_case", facts="当事人张三，拒绝检查"), "warning", "facts"),
        (alter_row("exposure_case", facts="业主李四家住清河路三号"), "error", "facts"),
    ],
    ids=["identity", "identity in a code", "mobile by context", "mobile", "name", "address"],
)
def test_a_cell_with_personal_data_is_told_with_its_severity(
    tmp_path: Path, tables: Mapping[str, Rows], severity: str, place: str
) -> None:
    (issue,) = check(tmp_path, tables).issues
    assert (issue.code, issue.severity, issue.row, issue.field) == ("R19", severity, 2, place)


def test_no_message_and_no_report_repeats_the_number(tmp_path: Path) -> None:
    report = check(tmp_path, alter_row("illegal_project", uscc=IDENTITY))
    codes = [issue.code for issue in report.issues]
    assert "R19" in codes
    assert "R01" in codes
    assert IDENTITY not in str(report)
    assert IDENTITY[6:14] not in format_report(report)


def test_a_credit_code_of_digits_alone_is_no_identity_number(tmp_path: Path) -> None:
    cases = alter_row("exposure_case", facts=f"{BOTH}逃避检查")["exposure_case"]
    tables = {**alter_row("illegal_project", uscc=BOTH), "exposure_case": cases}
    root = write_package(tmp_path, tables)
    report, dataset = check_dataset(read_catalog(root))
    assert told(report) == []
    assert dataset is not None
    assert list_exempt_numbers(dataset) == {BOTH}


def test_the_same_digits_outside_a_credit_code_column_are_one(tmp_path: Path) -> None:
    report = check(tmp_path, alter_row("exposure_case", facts=f"{BOTH}逃避检查"))
    assert told(report) == [("R19", "error", "exposure_case.csv", 2, "facts")]


def picture(**tags: str) -> bytes:
    exif = Image.Exif()
    if "artist" in tags:
        exif[0x013B] = tags["artist"]
    if "comment" in tags:
        exif[0x9C9C] = tags["comment"].encode("utf-16-le")
    if "position" in tags:
        exif[ExifTags.IFD.GPSInfo] = {ExifTags.GPS.GPSLatitudeRef: tags["position"]}
    made = io.BytesIO()
    Image.new("RGB", (4, 4)).save(made, "PNG", exif=exif)
    return made.getvalue()


def with_picture(root: Path, content: bytes, name: str = "a.png") -> Path:
    tables = alter_row("exposure_case", photo_ref=f"photos/{name}", photo_alt="厂门")
    write_package(root, tables)
    (root / "photos").mkdir()
    (root / "photos" / name).write_bytes(content)
    return root


@pytest.mark.parametrize(
    ("content", "title"),
    [
        (picture(artist=f"ID {IDENTITY}"), "图片信息里含有个人信息"),
        (picture(comment="门卫手机 13812345678"), "图片信息里含有个人信息"),
        (picture(position="N"), "图片带有拍摄位置"),
        (PNG + f" {IDENTITY} ".encode(), "图片信息里含有个人信息"),
    ],
    ids=["identity", "mobile", "position", "broken picture"],
)
def test_a_picture_with_personal_metadata_is_refused(
    tmp_path: Path, content: bytes, title: str
) -> None:
    report, dataset = check_dataset(read_catalog(with_picture(tmp_path, content)))
    found = [issue for issue in report.issues if issue.code == "R19"]
    assert [issue.title for issue in found] == [title]
    assert ("R19", "error", "exposure_case.csv", 2, "photo_ref") in told(report)
    assert dataset is None
    assert IDENTITY not in str(report)


def test_a_picture_without_metadata_passes(tmp_path: Path) -> None:
    report, _ = check_dataset(read_catalog(with_picture(tmp_path, picture(artist="宣传科"))))
    assert told(report) == []


def test_an_identity_number_in_a_file_name_is_refused(tmp_path: Path) -> None:
    root = with_picture(tmp_path, picture(), name=f"{IDENTITY}.png")
    report, _ = check_dataset(read_catalog(root))
    assert ("R19", "error", "exposure_case.csv", 2, "photo_ref") in told(report)
    assert IDENTITY not in str(report)


def test_a_giant_comment_is_read_in_part_only() -> None:
    text = read_picture_text(picture(artist="x" * 300_000))
    assert max(len(piece) for piece in text.pieces) <= 100_020


def refused(root: Path, cell: str) -> CheckReport:
    write_package(root, alter_row("exposure_case", facts=cell))
    report, _ = check_dataset(read_catalog(root))
    return report


def test_an_allowed_cell_passes_and_its_number_may_be_published(tmp_path: Path) -> None:
    cell = f"依法公告送达（{IDENTITY}）"
    report = refused(tmp_path, cell)
    assert hash_cell(cell) in report.issues[0].found  # the report tells what to enter
    allow(tmp_path, f"exposure_case,facts,{hash_cell(cell)},公告送达,王某,2999-12-31")
    report, dataset = check_dataset(read_catalog(tmp_path))
    assert told(report) == []
    assert dataset is not None
    assert list_exempt_numbers(dataset) == {IDENTITY}


def test_an_edited_cell_needs_a_new_review(tmp_path: Path) -> None:
    cell = f"依法公告送达（{IDENTITY}）"
    refused(tmp_path, cell + "。")
    allow(tmp_path, f"exposure_case,facts,{hash_cell(cell)},公告送达,王某,2999-12-31")
    report, _ = check_dataset(read_catalog(tmp_path))
    assert sorted(issue.code for issue in report.issues) == ["E-UNUSED", "R19"]


def test_an_entry_past_its_date_no_longer_allows(tmp_path: Path) -> None:
    cell = f"依法公告送达（{IDENTITY}）"
    refused(tmp_path, cell)
    allow(tmp_path, f"exposure_case,facts,{hash_cell(cell)},公告送达,王某,1999-01-01")
    report, dataset = check_dataset(read_catalog(tmp_path))
    assert {issue.code for issue in report.issues} == {"R19", "E-EXPIRED"}
    assert dataset is None


def test_an_entry_counts_on_its_last_day_by_the_data_and_not_by_a_clock(tmp_path: Path) -> None:
    cell = f"依法公告送达（{IDENTITY}）"
    refused(tmp_path, cell)
    entry = f"exposure_case,facts,{hash_cell(cell)},公告送达,王某"
    allow(tmp_path, f"{entry},1999-01-01")
    expired = check_dataset(read_catalog(tmp_path))[0].issues
    newest = expired[-1].expected.rpartition(" ")[2]
    for last_day, codes in ((newest, []), ("2000-01-01", ["E-EXPIRED", "R19"])):
        allow(tmp_path, f"{entry},{last_day}")
        report, _ = check_dataset(read_catalog(tmp_path))
        assert sorted(issue.code for issue in report.issues) == codes


def test_an_unused_entry_is_a_notice(tmp_path: Path) -> None:
    write_package(tmp_path, VALID_TABLES)
    allow(tmp_path, f"exposure_case,facts,{'0' * 64},公告送达,王某,2999-12-31")
    report, dataset = check_dataset(read_catalog(tmp_path))
    assert told(report) == [("E-UNUSED", "notice", "privacy-allow.csv", 2, "sha256")]
    assert dataset is not None


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("nowhere,facts,{},理由,王某,2999-12-31", "table"),
        ("exposure_case,nothing,{},理由,王某,2999-12-31", "column"),
        ("exposure_case,facts,abc,理由,王某,2999-12-31", "sha256"),
        ("exposure_case,facts,{},,王某,2999-12-31", "reason"),
        ("exposure_case,facts,{},理由, ,2999-12-31", "reviewer"),
        ("exposure_case,facts,{},理由,王某,永久", "expires"),
        ("exposure_case,facts", ""),
    ],
)
def test_a_miswritten_entry_is_an_error_at_its_column(tmp_path: Path, row: str, field: str) -> None:
    write_package(tmp_path, VALID_TABLES)
    allow(tmp_path, row.format("0" * 64))
    report, dataset = check_dataset(read_catalog(tmp_path))
    assert told(report) == [("E-ALLOW", "error", "privacy-allow.csv", 2, field)]
    assert dataset is None


def test_a_list_with_another_header_is_an_error(tmp_path: Path) -> None:
    write_package(tmp_path, VALID_TABLES)
    allow(tmp_path, head="表,列")
    report, _ = check_dataset(read_catalog(tmp_path))
    assert told(report) == [("E-ALLOW", "error", "privacy-allow.csv", 1, "")]
