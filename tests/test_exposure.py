import datetime as dt
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path

import pytest
from public_package import CASES, load_tables, make_case

from generator.domain.absence import Absence
from generator.domain.exposure import (
    MEASURE_GROUPS,
    Case,
    group_by_division,
    list_photos,
    read_cases,
    read_issues,
    tally_cases,
)

WITHDRAWN = make_case(
    "BG2016W26-004",
    ent_name="旧名旧厂",
    facts="旧事：某日执法检查发现旧厂偷排废水若干吨。",
    photo_alt="旧图",
    reply="旧话",
    withdraw_reason="处罚决定经复议撤销。",
)


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, ...]:
    return read_cases(load_tables(tmp_path_factory.mktemp("cases") / "set"))


def test_cases_come_by_number_whatever_the_order_of_the_rows(tmp_path: Path):
    dataset = load_tables(tmp_path / "set", exposure_case=tuple(reversed(CASES)))
    numbers = [case.case_no for case in read_cases(dataset)]
    assert numbers == sorted(row["case_no"] for row in CASES)


def test_issues_are_numbered_by_rank_of_their_weeks(cases: tuple[Case, ...]):
    issues = read_issues(reversed(cases))
    assert [(i.number, i.iso_week, len(i.cases)) for i in issues] == [
        (1, "2016-W25", 1),
        (2, "2016-W26", 3),
    ]


def test_tallies_equal_a_count_of_the_raw_rows(cases: tuple[Case, ...]):
    tally = tally_cases(cases)
    for group, words in MEASURE_GROUPS.items():
        by_hand = sum(any(w in row["measure_kind"].split("、") for w in words) for row in CASES)
        assert getattr(tally, group) == by_hand, group
    assert tally.fine == sum(Decimal(row["fine"] or "0") for row in CASES)
    assert (tally.listed, tally.withdrawn, tally.standing) == (4, 0, 4)
    assert tally.police_transfers == 2


def test_limited_and_stopped_production_in_one_case_count_once(cases: tuple[Case, ...]):
    case = next(case for case in cases if case.case_no == "BG2016W26-001")
    assert {"限制生产", "停产整治"} <= set(case.measures)
    assert tally_cases([case]).limit_stop == 1


def test_a_fine_of_zero_is_not_an_undecided_fine(cases: tuple[Case, ...]):
    fines = {case.case_no: case.fine for case in cases}
    assert fines["BG2016W26-003"] == Decimal(0)
    assert fines["BG2016W26-002"] is Absence.NOT_REPORTED


def test_a_fine_that_is_not_published_stays_apart_from_an_undecided_one(tmp_path: Path):
    dataset = load_tables(
        tmp_path / "set", exposure_case=(make_case("BG2016W26-001", fine="不公开"),)
    )
    (case,) = read_cases(dataset)
    assert case.fine is Absence.WITHHELD
    assert tally_cases([case]).fine == 0


def test_a_case_moved_to_another_county_moves_both_tallies(tmp_path: Path):
    moved = [dict(row) for row in CASES]
    moved[1]["division_code"] = "990103"
    before = group_by_division(read_cases(load_tables(tmp_path / "a")))
    after = group_by_division(read_cases(load_tables(tmp_path / "b", exposure_case=moved)))
    assert tally_cases(before["990102"]).limit_stop == 2
    assert tally_cases(after["990102"]).limit_stop == 1
    assert tally_cases(before["990103"]).limit_stop == 0
    assert tally_cases(after["990103"]).limit_stop == 1
    assert tally_cases(after["990103"]).detention == 1


def test_follow_ups_keep_their_order_and_open_ones_have_no_date(cases: tuple[Case, ...]):
    steps = [(step.title, step.done) for step in cases[0].follow_ups]
    assert steps == [
        ("原因查清", dt.date(2016, 6, 20)),
        ("责任落实", None),
        ("案件严查", None),
        ("整改到位", None),
    ]


def test_a_withdrawn_case_keeps_nothing_but_number_week_and_reason(tmp_path: Path):
    dataset = load_tables(tmp_path / "set", exposure_case=(*CASES, WITHDRAWN))
    case = read_cases(dataset)[-1]
    assert (case.case_no, case.iso_week) == ("BG2016W26-004", "2016-W26")
    assert case.withdrawal is not None
    assert case.withdrawal.reason == "处罚决定经复议撤销。"
    left = str({key: value for key, value in asdict(case).items() if key != "withdrawal"})
    for word in ("旧", "990102", "罚款", "超标", "photos"):
        assert word not in left


def test_a_withdrawn_case_counts_as_listed_only(tmp_path: Path):
    cases = read_cases(load_tables(tmp_path / "set", exposure_case=(*CASES, WITHDRAWN)))
    tally, without = tally_cases(cases), tally_cases(cases[:-1])
    assert (tally.listed, tally.withdrawn, tally.standing) == (5, 1, 4)
    assert tally.fine == without.fine
    assert len(group_by_division(cases)["990102"]) == 2
    assert "photos/bg2016w26-004.png" not in list_photos(cases)
    assert "photos/bg2016w26-001.png" in list_photos(cases)


def test_a_resolved_withdrawal_in_the_log_strips_the_case_and_dates_it(tmp_path: Path):
    entry = {
        "correction_no": "GZ2016-00001",
        "target_table": "exposure_case",
        "target_key": "BG2016W26-001",
        "kind": "撤回",
        "received_date": "2016-06-29",
        "public_reason": "法院判决撤销处罚。",
    }
    pending = read_cases(load_tables(tmp_path / "a", correction=(entry,)))[1]
    assert pending.withdrawal is None
    resolved = entry | {"resolved_date": "2016-07-01"}
    case = read_cases(load_tables(tmp_path / "b", correction=(resolved,)))[1]
    assert case.withdrawal is not None
    assert case.withdrawal.reason == "法院判决撤销处罚。"
    assert case.withdrawal.date == dt.date(2016, 7, 1)
    assert case.ent_name == ""
