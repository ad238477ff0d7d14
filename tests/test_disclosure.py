import pytest
from enterprise_dataset import (
    OTHER,
    SISTER,
    SITE,
    make_dataset,
    make_profile,
    make_record,
    read_real_catalog,
)

from generator.cache import digest
from generator.data.load import Dataset
from generator.domain.disclosure import (
    NO_SITES,
    Rate,
    SiteDisclosure,
    TableState,
    rate_by_county,
    rate_by_prefecture,
    read_disclosure,
    sum_rates,
)

NOISE = {"site_code": SITE, "point_no": "N1", "monitor_date": "2016-03-01"}


def state_of(dataset: Dataset, table: str, site: str = SITE) -> tuple[TableState, int, str]:
    names = [item.name for item in dataset.catalog.disclosure]
    found = read_disclosure(dataset)[site]
    place = names.index(table)
    return found.states[place], found.counts[place], found.declared[place]


def settle(dataset_site: str, leave_out: str = "") -> list[dict[str, str]]:
    """Statements of no such case for every table but the profile and `leave_out`."""
    catalog = read_real_catalog()
    return [
        make_record(1000 + number, table.name, "无此情形声明", "2016-01-05", dataset_site)
        for number, table in enumerate(catalog.disclosure)
        if table.name not in {"enterprise_profile", leave_out}
    ]


def test_rows_in_a_table_count_as_given_whatever_the_log_says() -> None:
    dataset = make_dataset(
        {
            "enterprise_profile": [make_profile()],
            "noise": [NOISE, NOISE | {"point_no": "N2"}],
            "disclosure_record": [make_record(1, "noise", "无此情形声明", "2016-04-01")],
        }
    )
    assert state_of(dataset, "noise") == (TableState.GIVEN, 2, "")


def test_a_statement_of_no_such_case_is_not_applicable_with_its_date() -> None:
    dataset = make_dataset(
        {
            "enterprise_profile": [make_profile()],
            "disclosure_record": [make_record(1, "noise", "无此情形声明", "2016-04-01")],
        }
    )
    assert state_of(dataset, "noise") == (TableState.NOT_APPLICABLE, 0, "2016-04-01")
    assert state_of(dataset, "exceedance") == (TableState.MISSING, 0, "")


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ("依法不公开", TableState.WITHHELD),
        ("无此情形声明", TableState.NOT_APPLICABLE),
        ("撤回", TableState.MISSING),
        ("首次公开", TableState.MISSING),
    ],
)
def test_the_latest_row_of_the_log_decides(later: str, expected: TableState) -> None:
    dataset = make_dataset(
        {
            "enterprise_profile": [make_profile()],
            # The later row stands first in the file: only its date may count.
            "disclosure_record": [
                make_record(1, "noise", later, "2016-05-02"),
                make_record(2, "noise", "无此情形声明", "2016-04-01"),
            ],
        }
    )
    assert state_of(dataset, "noise")[0] is expected


def test_of_two_rows_of_one_day_the_higher_number_decides() -> None:
    records = [
        make_record(7, "noise", "依法不公开", "2016-04-01"),
        make_record(3, "noise", "无此情形声明", "2016-04-01"),
    ]
    dataset = make_dataset({"enterprise_profile": [make_profile()], "disclosure_record": records})
    assert state_of(dataset, "noise")[0] is TableState.WITHHELD


def test_any_row_in_the_log_makes_the_log_itself_given() -> None:
    dataset = make_dataset(
        {
            "enterprise_profile": [make_profile(), make_profile(OTHER)],
            "disclosure_record": [make_record(1, "noise", "首次公开", "2016-04-01")],
        }
    )
    assert state_of(dataset, "disclosure_record") == (TableState.GIVEN, 1, "")
    assert state_of(dataset, "disclosure_record", OTHER) == (TableState.MISSING, 0, "")


def test_a_site_is_disclosed_only_when_no_table_is_missing() -> None:
    whole = make_dataset(
        {"enterprise_profile": [make_profile()], "disclosure_record": settle(SITE)}
    )
    assert read_disclosure(whole)[SITE].disclosed
    holed = make_dataset(
        {"enterprise_profile": [make_profile()], "disclosure_record": settle(SITE, "noise")}
    )
    found = read_disclosure(holed)[SITE]
    assert not found.disclosed
    assert found.count_state(TableState.MISSING) == 1
    assert len(found.states) == 33


def test_a_table_withheld_by_law_does_not_leave_a_site_undisclosed() -> None:
    states = (TableState.GIVEN, TableState.WITHHELD, TableState.NOT_APPLICABLE)
    assert SiteDisclosure(SITE, states, (1, 0, 0), ("", "2016-01-01", "2016-01-01")).disclosed


def test_8996_of_10000_is_below_ninety() -> None:
    assert Rate(listed=10_000, suspended=0, disclosed=8_996).below(90)


def test_exactly_ninety_is_not_below() -> None:
    assert not Rate(listed=10, suspended=0, disclosed=9).below(90)
    assert not Rate(listed=10_000, suspended=0, disclosed=9_000).below(90)
    assert Rate(listed=10_000, suspended=0, disclosed=8_999).below(90)


def test_where_nobody_is_listed_nothing_is_below() -> None:
    assert not Rate(listed=0, suspended=3, disclosed=0).below(90)


def test_long_suspended_sites_are_counted_apart_from_the_listed() -> None:
    dataset = make_dataset(
        {
            "enterprise_profile": [
                make_profile(),
                make_profile(OTHER, operating_status="长期停产"),
                make_profile(SISTER, operating_status="停产"),
            ],
            "disclosure_record": settle(SITE),
        }
    )
    rates = rate_by_county(dataset, read_disclosure(dataset))
    assert rates == {"990102": Rate(listed=2, suspended=1, disclosed=1)}


def test_a_county_without_sites_has_a_rate_of_nothing_and_sums_keep_every_site() -> None:
    divisions = [
        {"division_code": "990000", "division_name": "示例省", "level": "省"},
        {"division_code": "990100", "parent_code": "990000", "level": "市"},
        {"division_code": "990101", "parent_code": "990100", "level": "县"},
        {"division_code": "990102", "parent_code": "990100", "level": "县"},
        {"division_code": "990200", "parent_code": "990000", "level": "市"},
        {"division_code": "990201", "parent_code": "990200", "level": "县"},
    ]
    dataset = make_dataset(
        {
            "division": divisions,
            "enterprise_profile": [
                make_profile(),
                make_profile(OTHER, division_code="990201"),
                make_profile(SISTER, division_code="990200"),
            ],
            "disclosure_record": settle(OTHER),
        }
    )
    by_county = rate_by_county(dataset, read_disclosure(dataset))
    assert by_county["990101"] == NO_SITES
    by_prefecture = rate_by_prefecture(dataset, by_county)
    assert by_prefecture == {"990100": Rate(1, 0, 0), "990200": Rate(2, 0, 1)}
    assert sum_rates(by_county.values()) == sum_rates(by_prefecture.values()) == Rate(3, 0, 1)


def test_disclosures_that_differ_in_anything_are_told_apart() -> None:
    given, missing = TableState.GIVEN, TableState.MISSING
    different = [
        SiteDisclosure(SITE, (given, missing), (1, 0), ("", "")),
        SiteDisclosure(OTHER, (given, missing), (1, 0), ("", "")),
        SiteDisclosure(SITE, (given, TableState.WITHHELD), (1, 0), ("", "")),
        SiteDisclosure(SITE, (given, missing), (2, 0), ("", "")),
        SiteDisclosure(SITE, (given, missing), (1, 0), ("", "2016-01-05")),
    ]
    assert len({digest(one.describe()) for one in different}) == len(different)
