import datetime as dt
from pathlib import Path

import pytest
from package_factory import LEDGER_NO, SITE_CODE, Rows
from public_package import CASES, load_tables

from generator.domain.correction import (
    REMOVED,
    Correction,
    find_corrections,
    find_targets,
    find_withdrawn,
    read_corrections,
)


def make_entry(number: int, table: str, key: str, **cells: str) -> dict[str, str]:
    return {
        "correction_no": f"GZ2016-{number:05d}",
        "target_table": table,
        "target_key": key,
        "kind": "更正",
        "received_date": "2016-06-10",
        "public_reason": "录入有误，已经改正。",
    } | cells


WITHDRAWAL = make_entry(
    2, "exposure_case", "BG2016W26-001", kind="撤回", resolved_date="2016-06-20"
)
EARLIER = make_entry(1, "exposure_case", "BG2016W26-001", public_reason="原罚款五万元有误。")


def test_entries_come_by_number_and_pending_ones_have_no_date(tmp_path: Path):
    entries: Rows = (make_entry(2, "division", "990102"), make_entry(1, "division", "990103"))
    read = read_corrections(load_tables(tmp_path / "set", correction=entries))
    assert [entry.number for entry in read] == ["GZ2016-00001", "GZ2016-00002"]
    assert read[0].resolved is None
    assert find_corrections(read, "division", "990102") == (read[1],)


def test_older_entries_about_a_withdrawn_record_lose_their_words(tmp_path: Path):
    dataset = load_tables(tmp_path / "set", correction=(EARLIER, WITHDRAWAL))
    earlier, withdrawal = read_corrections(dataset)
    assert earlier.reason == REMOVED
    assert withdrawal.reason == "录入有误，已经改正。"
    assert find_withdrawn([earlier, withdrawal]) == {("exposure_case", "BG2016W26-001")}


def test_a_withdrawal_that_is_only_asked_for_removes_nothing(tmp_path: Path):
    pending = {key: cell for key, cell in WITHDRAWAL.items() if key != "resolved_date"}
    dataset = load_tables(tmp_path / "set", correction=(EARLIER, pending))
    assert read_corrections(dataset)[0].reason == "原罚款五万元有误。"


def test_a_reason_in_the_cases_own_row_removes_the_words_too(tmp_path: Path):
    cases = [dict(row) for row in CASES]
    cases[1]["withdraw_reason"] = "处罚决定经复议撤销。"
    dataset = load_tables(tmp_path / "set", correction=(EARLIER,), exposure_case=cases)
    assert read_corrections(dataset)[0].reason == REMOVED


TARGETS = {
    ("exposure_case", "BG2016W26-001"): ("case_no", "BG2016W26-001", ""),
    ("illegal_project", LEDGER_NO): ("ledger_no", LEDGER_NO, "年产五百吨涂料项目"),
    ("ledger_event", f"{LEDGER_NO}/01"): ("ledger_no", LEDGER_NO, ""),
    ("enterprise_profile", SITE_CODE): ("site_code", SITE_CODE, "临川恒诚化工有限公司"),
    ("annual_emission", f"{SITE_CODE}|2015|水|w01018"): (
        "site_code", SITE_CODE, "临川恒诚化工有限公司",
    ),
    ("bulletin", "2016-W26|990102"): ("iso_week", "2016-W26", ""),
    ("responsibility", "Z05-002"): ("duty_no", "Z05-002", "示例省环境保护厅"),
    ("pollutant", "w01018"): ("", "", ""),
}  # fmt: skip


def test_entries_lead_to_the_records_that_have_a_page(tmp_path: Path):
    entries = [make_entry(n, *target) for n, target in enumerate(TARGETS, start=1)]
    dataset = load_tables(tmp_path / "set", correction=entries)
    corrections = read_corrections(dataset)
    targets = find_targets(dataset, corrections)
    for entry in corrections:
        target = targets[entry.number]
        expected = TARGETS[entry.target_table, entry.target_key]
        assert (target.owner_field, target.owner_key, target.name) == expected
        assert target.table_title == dataset.catalog.table(entry.target_table).title


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("no_such_table", "1"),
        ("monitoring", "1"),
        ("enterprise_profile", "gone"),
        ("bulletin", "2016-W26"),
    ],
)
def test_an_entry_about_nothing_we_have_leads_nowhere(tmp_path: Path, table: str, key: str):
    entry = Correction(
        "GZ2016-00001", table, key, "更正", dt.date(2016, 6, 1), None, "录入有误，已经改正。"
    )
    target = find_targets(load_tables(tmp_path / "set"), [entry])[entry.number]
    assert (target.owner_field, target.owner_key, target.name) == ("", "", "")
