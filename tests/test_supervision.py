"""Boundaries of disclosure and ledger supervision, on sites and projects made by hand."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from enterprise_dataset import (
    AS_OF,
    OTHER,
    SISTER,
    SITE,
    make_dataset,
    make_profile,
    make_project,
    make_record,
    read_real_catalog,
)

from generator.config import AssessmentWeights, LedgerThresholds, read_config
from generator.domain.disclosure import Rate, SiteDisclosure, TableState, read_disclosure
from generator.domain.disclosure_supervision import (
    Notice,
    Standing,
    SupervisedSite,
    assess,
    issue_notice,
    take_standing,
)
from generator.domain.dispatch import was_answered
from generator.domain.exposure import read_cases
from generator.domain.ledger_supervision import (
    LedgerTally,
    Pace,
    Target,
    Verdict,
    find_pace,
    judge,
    read_targets,
    tally_projects,
)
from generator.domain.owner import read_owners
from generator.domain.place import read_gazetteer
from generator.domain.project import read_projects
from generator.domain.ranking import rank_items
from generator.domain.supervision import Supervision, read_supervision
from generator.domain.timeliness import (
    Duty,
    Timeliness,
    latest_list_date,
    read_timeliness,
)
from generator.profiles.profile import read_profile

CONFIG = read_config(Path(__file__).parent.parent / "mkdocs.yml")
THRESHOLDS = LedgerThresholds(warning_overdue=5, supervision_overdue=10, supervision_gap=10)
NO_TIME = Timeliness((), (), {}, {})
DAY = dt.timedelta(days=1)
COUNTIES = (
    {"division_code": "990000", "division_name": "示例省", "level": "省"},
    {"division_code": "990100", "parent_code": "990000", "division_name": "临川市", "level": "市"},
    {"division_code": "990102", "parent_code": "990100", "division_name": "江北区", "level": "县"},
    {"division_code": "990103", "parent_code": "990100", "division_name": "江南区", "level": "县"},
)


def supervise(tables: Mapping[str, Sequence[Mapping[str, str]]]) -> Supervision:
    dataset = make_dataset({"division": COUNTIES} | dict(tables))
    gazetteer, projects = read_gazetteer(dataset), read_projects(dataset)
    owners = read_owners(dataset, projects, read_cases(dataset), gazetteer)
    return read_supervision(
        dataset, gazetteer, projects, read_disclosure(dataset), owners, CONFIG, AS_OF
    )


def answer_all(site: str, start: int, leave_out: str = "") -> list[dict[str, str]]:
    return [
        make_record(start + number, table.name, "无此情形声明", "2016-04-05", site)
        for number, table in enumerate(read_real_catalog().disclosure)
        if table.name not in {"enterprise_profile", leave_out}
    ]


def standing_of(rate: Rate) -> Standing:
    return Standing("990102", rate, rate.disclosed * 33, rate.listed * 33)


def notice_for(rate: Rate) -> Notice | None:
    return issue_notice(
        standing_of(rate), (), NO_TIME, is_county=True, floor=90, as_of=AS_OF, reply_days=15
    )


def make_sites(count: int, missing: int, *, suspended: int = 0) -> list[SupervisedSite]:
    def make(number: int) -> SupervisedSite:
        state = TableState.MISSING if number < missing else TableState.GIVEN
        return SupervisedSite(
            f"S{number:05d}", "某单位", "990102", "990100", number >= count,
            SiteDisclosure(f"S{number:05d}", (state,), (0,), ("",)),
        )  # fmt: skip

    return [make(number) for number in range(count + suspended)]


def test_8996_of_10000_gets_a_notice_that_asks_for_four_more() -> None:
    notice = notice_for(Rate(listed=10_000, suspended=0, disclosed=8_996))
    assert notice is not None
    assert notice.short == 4
    assert notice.number == "环督〔2016〕990102号"
    assert notice.reply_by == dt.date(2016, 7, 18)


def test_exactly_on_the_floor_there_is_no_notice() -> None:
    assert notice_for(Rate(listed=10_000, suspended=0, disclosed=9_000)) is None
    one_less = notice_for(Rate(listed=10_000, suspended=0, disclosed=8_999))
    assert one_less is not None
    assert one_less.short == 1


def test_where_nobody_is_listed_there_is_no_rate_no_rank_and_no_notice() -> None:
    empty, whole = standing_of(Rate(0, 3, 0)), replace(standing_of(Rate(4, 0, 4)), code="990103")
    assert empty.share is None
    assert notice_for(empty.rate) is None
    ranked = rank_items([empty, whole], lambda item: item.share, lambda item: item.code)
    assert [(entry.rank, entry.item.code) for entry in ranked] == [(1, "990103"), (None, "990102")]
    assert assess(empty, (), NO_TIME, frozenset(), AssessmentWeights(60, 20, 20)) is None


def test_equal_rates_share_a_rank_and_the_next_rank_is_skipped() -> None:
    shares = {"a": Fraction(9, 10), "b": Fraction(90, 100), "c": Fraction(1), "d": Fraction(8, 9)}
    ranked = rank_items(shares, shares.__getitem__, str)
    assert [(entry.rank, entry.item) for entry in ranked] == [
        (1, "c"),
        (2, "a"),
        (2, "b"),
        (4, "d"),
    ]


def test_rates_that_only_print_alike_do_not_tie() -> None:
    shares = {
        "a": Fraction(8_996, 10_000),
        "b": Fraction(9_000, 10_000),
        "c": Fraction(89_961, 10**5),
    }
    ranked = rank_items(shares, shares.__getitem__, str)
    assert [(entry.rank, entry.item) for entry in ranked] == [(1, "b"), (2, "c"), (3, "a")]


def test_a_suspended_site_is_counted_apart_everywhere() -> None:
    sites = make_sites(10, 1, suspended=3)
    sites[11] = replace(sites[11], disclosure=sites[0].disclosure)
    standing = take_standing("990102", sites)
    assert standing.rate == Rate(listed=10, suspended=3, disclosed=9)
    assert (standing.entered, standing.owed) == (9, 10)
    assert notice_for(standing.rate) is None


def test_a_suspended_site_is_in_no_notice_and_on_no_filing_list() -> None:
    found = supervise(
        {
            "enterprise_profile": [
                make_profile(),
                make_profile(OTHER, operating_status="长期停产"),
                make_profile(SISTER, operating_status="停产"),
            ],
            "disclosure_record": answer_all(SITE, 1, leave_out="noise"),
        }
    )
    (prefecture, county) = found.notices
    assert [notice.code for notice in found.notices] == ["990100", "990102"]
    assert [item.site.site_code for item in county.items] == [SITE, SISTER]
    assert county.filings == county.items
    assert prefecture.items == county.items
    assert set(found.timeliness.duties) == {SITE, SISTER}


def test_on_the_deadline_itself_nothing_is_past() -> None:
    deadline = read_profile().terms.find_first_due(dt.date(2016, 3, 31))
    assert deadline == dt.date(2016, 6, 29)
    duty = Duty(dt.date(2016, 3, 31), dated=True, deadline=deadline)
    assert not duty.passed(dt.date(2016, 6, 29))
    assert duty.passed(dt.date(2016, 6, 30))


def test_without_a_dated_entry_the_latest_lawful_list_date_counts() -> None:
    assert latest_list_date(dt.date(2016, 3, 30)) == dt.date(2015, 3, 31)
    assert latest_list_date(dt.date(2016, 3, 31)) == dt.date(2016, 3, 31)
    dataset = make_dataset(
        {
            "disclosure_record": [
                make_record(1, "enterprise_profile", "首次公开", "2016-04-20")
                | {"occurred_date": "2016-04-01"},
                # A penalty has its own time limits and says nothing about the list.
                make_record(2, "penalty_rectification", "首次公开", "2015-01-10", OTHER),
            ]
        }
    )
    duties = read_timeliness(dataset, [SITE, OTHER], AS_OF).duties
    assert duties == {
        SITE: Duty(dt.date(2016, 4, 1), dated=True, deadline=dt.date(2016, 6, 30)),
        OTHER: Duty(dt.date(2016, 3, 31), dated=False, deadline=dt.date(2016, 6, 29)),
    }


@pytest.mark.parametrize(
    ("kind", "days", "late"),
    [
        ("变更公开", 30, 0),
        ("变更公开", 31, 1),
        ("首次公开", 90, 0),
        ("首次公开", 92, 2),
        ("更正", 200, 0),
        ("无此情形声明", 200, 0),
    ],
)
def test_a_disclosure_is_late_from_the_day_after_its_limit(kind: str, days: int, late: int) -> None:
    occurred = dt.date(2015, 10, 1)
    row = make_record(1, "noise", kind, (occurred + days * DAY).isoformat())
    dataset = make_dataset({"disclosure_record": [row | {"occurred_date": occurred.isoformat()}]})
    found = read_timeliness(dataset, [SITE], AS_OF).late
    assert [entry.days_late for entry in found] == ([late] if late else [])


def test_an_entry_of_a_site_that_owes_nothing_is_not_late() -> None:
    row = make_record(1, "noise", "变更公开", "2016-06-01") | {"occurred_date": "2016-01-01"}
    dataset = make_dataset({"disclosure_record": [row]})
    assert read_timeliness(dataset, [OTHER], AS_OF).late == ()


@pytest.mark.parametrize(
    ("entries", "today", "before"),
    [
        ([(AS_OF, "首次公开")], True, False),
        ([(AS_OF, "无此情形声明")], True, False),
        ([(AS_OF, "变更公开")], True, True),
        ([(AS_OF, "撤回")], False, True),
        ([(AS_OF - 9 * DAY, "首次公开"), (AS_OF, "首次公开")], True, True),
        ([(AS_OF - 9 * DAY, "撤回"), (AS_OF, "首次公开")], True, False),
        ([(AS_OF - 9 * DAY, "首次公开")], True, True),
        ([(AS_OF - 9 * DAY, "首次公开")], False, False),
    ],
)
def test_yesterday_is_today_with_the_log_wound_back(
    entries: list[tuple[dt.date, str]], today: bool, before: bool
) -> None:
    assert was_answered(entries, AS_OF - DAY, today) is before
    assert was_answered(entries, AS_OF, today) is today


def test_the_site_whose_last_table_came_today_is_todays_change() -> None:
    found = supervise(
        {
            "enterprise_profile": [make_profile(), make_profile(OTHER), make_profile(SISTER)],
            "disclosure_record": [
                *answer_all(SITE, 1, leave_out="noise"),
                make_record(90, "noise", "无此情形声明", AS_OF.isoformat()),
                *answer_all(OTHER, 101),
                make_record(190, "noise", "无此情形声明", AS_OF.isoformat(), OTHER),
                make_record(290, "noise", "首次公开", AS_OF.isoformat(), SISTER),
            ],
        }
    ).dispatch
    assert found.count(("990102",), 0) == 2
    assert found.change(("990102",), 1) == 1
    assert found.change(("990102",), 7) == 1
    assert found.change(("990103",), 7) == 0
    assert found.entries[AS_OF] == 3


def test_what_the_log_cannot_date_is_counted_and_not_guessed() -> None:
    found = supervise(
        {
            "enterprise_profile": [make_profile()],
            "disclosure_record": answer_all(SITE, 1, leave_out="disclosure_record"),
        }
    ).dispatch
    # The profile and the log have rows, and no first entry says since when.
    assert (found.answered, found.undated) == (33, 2)


def test_an_assessment_adds_exact_shares() -> None:
    sites = make_sites(3, 1)
    standing = take_standing("990102", sites)
    timeliness = replace(NO_TIME, timed={"S00000": 7, "S99999": 5})
    marks = assess(
        standing, sites, timeliness, frozenset({"S00002"}), AssessmentWeights(60, 20, 20)
    )
    assert marks is not None
    assert (marks.timed, marks.late, marks.irregular) == (7, 0, 1)
    assert marks.total == Fraction(40) + 20 + Fraction(40, 3)


def tally_of(total: int, closed: int, overdue: int) -> LedgerTally:
    return replace(tally_projects((), AS_OF), total=total, closed=closed, overdue=overdue)


@pytest.mark.parametrize(
    ("closed", "overdue", "verdict"),
    [
        (190, 0, Verdict.FINE),  # 95 %, exactly on the target
        (189, 0, Verdict.WARNING),
        (200, 9, Verdict.FINE),
        (200, 10, Verdict.WARNING),  # 5 % overdue, exactly on the threshold
        (200, 19, Verdict.WARNING),
        (200, 20, Verdict.SUPERVISION),  # 10 %
        (171, 0, Verdict.WARNING),
        (170, 0, Verdict.SUPERVISION),  # exactly 10 points under the target
    ],
)
def test_thresholds_are_reached_exactly_on_them_and_a_target_is_kept(
    closed: int, overdue: int, verdict: Verdict
) -> None:
    target = Target("2016-06", Decimal(95))
    assert judge(tally_of(200, closed, overdue), target, THRESHOLDS).verdict is verdict


def test_required_closures_are_rounded_up_to_whole_projects() -> None:
    judgement = judge(tally_of(206, 195, 0), Target("2016-06", Decimal("95")), THRESHOLDS)
    assert judgement.required == 196
    assert judgement.short_of(tally_of(206, 195, 0)) == 1
    assert judgement.verdict is Verdict.WARNING
    assert judge(tally_of(206, 196, 0), judgement.target, THRESHOLDS).verdict is Verdict.FINE


def test_without_projects_or_targets_nothing_is_claimed() -> None:
    nothing = judge(tally_of(0, 0, 0), Target("2016-06", Decimal(95)), THRESHOLDS)
    assert (nothing.verdict, nothing.required) == (Verdict.NO_PROJECTS, 0)
    assert judge(tally_of(10, 0, 0), None, THRESHOLDS).verdict is Verdict.FINE
    zero = LedgerThresholds(0, 0, 0)
    assert judge(tally_of(10, 10, 0), Target("2016-06", Decimal(95)), zero).verdict is Verdict.FINE


def test_the_target_is_that_of_the_last_month_that_has_ended() -> None:
    rows = [
        {"division_code": "990102", "period": period, "closure_target": target}
        for period, target in (("2016-05", "85"), ("2016-06", "95"), ("2016-07", "99"))
    ]
    dataset = make_dataset({"district_target": rows})
    assert read_targets(dataset, dt.date(2016, 6, 29))["990102"].period == "2016-05"
    assert read_targets(dataset, dt.date(2016, 6, 30))["990102"].per_cent == 95
    assert read_targets(dataset, dt.date(2016, 5, 30)) == {}


def test_the_pace_meets_every_deadline() -> None:
    soon, later = AS_OF + 14 * DAY, AS_OF + 70 * DAY
    assert find_pace({later: 10}, AS_OF) == Pace(weekly=1, monthly=5)
    assert find_pace({soon: 5, later: 10}, AS_OF) == Pace(weekly=3, monthly=7)
    assert find_pace({soon: 1, later: 1_000}, AS_OF).weekly == 101
    # What is overdue is due by the next deadline.
    assert find_pace({AS_OF - DAY: 4, soon: 1}, AS_OF) == Pace(weekly=3, monthly=5)


def test_only_overdue_projects_are_due_at_once_and_none_need_no_pace() -> None:
    assert find_pace({AS_OF - DAY: 9}, AS_OF) == Pace(9, 9)
    assert find_pace({}, AS_OF) == Pace(0, 0)
    # Due on the day itself: not overdue, and to be closed today.
    assert find_pace({AS_OF: 2}, AS_OF) == Pace(2, 2)


def test_a_project_moved_to_another_district_moves_both_tallies() -> None:
    projects = [make_project(1), make_project(2), make_project(3, division_code="990103")]
    before = supervise({"illegal_project": projects}).tallies
    projects[1] = make_project(2, division_code="990103")
    after = supervise({"illegal_project": projects}).tallies
    assert (before.counties["990102"].total, before.counties["990103"].total) == (2, 1)
    assert (after.counties["990102"].total, after.counties["990103"].total) == (1, 2)
    assert before.counties["990102"].overdue - after.counties["990102"].overdue == 1
    assert after.counties["990103"].overdue - before.counties["990103"].overdue == 1
    assert before.province == after.province
    assert before.prefectures == after.prefectures


def test_a_rebound_reopens_the_project() -> None:
    steps = ["排查", "登记", "整改", "消除", "销号"]

    def events(stages: list[str]) -> list[dict[str, str]]:
        return [
            {
                "event_no": f"990102-Z-00001/{number:02d}",
                "ledger_no": "990102-Z-00001",
                "stage": stage,
                "event_date": f"2016-06-{number:02d}",
            }
            for number, stage in enumerate(stages, start=1)
        ]

    closed = make_project(1, stage="销号", closed_date="2016-06-06", deadline="2016-07-30")
    before = supervise({"illegal_project": [closed], "ledger_event": events(steps)})
    reopened = closed | {"stage": "整改", "closed_date": ""}
    after = supervise({"illegal_project": [reopened], "ledger_event": events([*steps, "退回"])})
    was, now = before.tallies.counties["990102"], after.tallies.counties["990102"]
    assert (was.closed, was.open, was.rebounded, was.recent) == (1, 0, 0, 1)
    assert (now.closed, now.open, now.rebounded, now.recent) == (0, 1, 1, 0)
    assert (was.pace.weekly, now.pace.weekly) == (0, 1)


def test_townships_add_up_to_their_county_and_a_missing_township_is_not_lost() -> None:
    projects = [
        make_project(1, township_code="990102001"),
        make_project(2, township_code="990102002", fine="1.5"),
        make_project(3),
    ]
    found = supervise({"illegal_project": projects})
    assert {place: tally.total for place, tally in found.townships.items()} == {
        ("990102", ""): 1,
        ("990102", "990102001"): 1,
        ("990102", "990102002"): 1,
    }
    county = found.tallies.counties["990102"]
    assert (county.total, county.penalised, county.fine_fen) == (3, 1, 1_500_000)


def test_an_owner_is_told_by_code_then_by_site_then_by_name_and_county() -> None:
    uscc = SITE[:18]
    projects = [
        make_project(1, uscc=uscc, owner_name="改名以前的厂"),
        make_project(2, site_code=SITE, division_code="990103"),
        make_project(3),
        make_project(4),
        make_project(5),
        make_project(6, division_code="990103"),
    ]
    found = supervise(
        {
            "illegal_project": projects,
            "enterprise_profile": [make_profile(), make_profile(SISTER)],
        }
    ).owners.owners
    assert [(owner.key, owner.uscc) for owner in found] == [
        (uscc, uscc),
        ("990102-Z-00003", ""),
    ]
    by_code, by_name = found
    assert [project.ledger_no[-1] for project in by_code.projects] == ["1", "2"]
    assert [site.site_code for site in by_code.sites] == [SITE, SISTER]
    assert [project.ledger_no[-1] for project in by_name.projects] == ["3", "4", "5"]


def test_two_projects_or_one_site_make_no_page() -> None:
    found = supervise(
        {
            "illegal_project": [make_project(1), make_project(2)],
            "enterprise_profile": [make_profile()],
        }
    )
    assert found.owners.owners == ()
    assert found.owners.by_project.keys() == {"990102-Z-00001", "990102-Z-00002"}
    assert found.owners.keys_of_sites == {}


def test_an_exposure_is_gathered_unless_it_is_withdrawn() -> None:
    def case(number: int, **cells: str) -> dict[str, str]:
        return {
            "case_no": f"BG2016W26-{number:03d}",
            "iso_week": "2016-W26",
            "division_code": "990102",
            "ent_name": "临川恒诚化工有限公司",
        } | cells

    found = supervise(
        {
            "illegal_project": [make_project(number) for number in (1, 2, 3)],
            "exposure_case": [
                case(1),
                case(2, withdraw_reason="事实有误"),
                case(3, ent_name="另一家", ledger_no="990102-Z-00002"),
                case(4, division_code="990103"),
            ],
        }
    ).owners.owners
    assert [case.case_no[-1] for case in found[0].cases] == ["1", "3"]
