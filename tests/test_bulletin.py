from decimal import Decimal
from pathlib import Path

import pytest
from public_package import BULLETINS, CASES, load_tables, make_bulletin

from generator.domain.bulletin import (
    BulletinRow,
    Tally,
    change_per_cent,
    compare_weeks,
    find_excess,
    find_year_before,
    group_by_prefecture,
    group_by_week,
    read_bulletin_rows,
    sum_rows,
    sum_weeks,
)
from generator.domain.exposure import read_cases
from generator.domain.place import read_gazetteer
from generator.domain.weeks import parse_week
from generator.site.views.week_labels import format_change


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> tuple[BulletinRow, ...]:
    return read_bulletin_rows(load_tables(tmp_path_factory.mktemp("rows") / "set"))


def test_every_column_of_the_sum_equals_the_raw_cells(rows: tuple[BulletinRow, ...]):
    total = sum_rows(rows)
    columns = {"fine_total": "fine"}
    for column in set(BULLETINS[0]) - {"iso_week", "division_code"}:
        by_hand = sum(Decimal(row[column]) for row in BULLETINS)
        assert getattr(total, columns.get(column, column)) == by_hand, column
    assert total.police_transfers == total.detention + total.crime_transfer == 5


def test_weeks_are_summed_with_both_ends_across_new_year(rows: tuple[BulletinRow, ...]):
    assert sum_weeks(rows, parse_week("2015-W26"), parse_week("2015-W53")).cases_opened == 3
    assert sum_weeks(rows, parse_week("2015-W53"), parse_week("2016-W25")).cases_opened == 10
    assert sum_weeks(rows, parse_week("2014-W01"), parse_week("2014-W52")) == Tally()


def test_fines_add_up_exactly_where_floats_would_not(tmp_path: Path):
    tenths = tuple(
        make_bulletin("2016-W26", code, fine_total="0.1", cases_opened="1")
        for code in ("990102", "990103", "990201")
    )
    dataset = load_tables(tmp_path / "set", bulletin=tenths, correction=())
    assert sum_rows(read_bulletin_rows(dataset)).fine == Decimal("0.3")


def test_prefecture_subtotals_add_up_to_the_week(tmp_path: Path):
    dataset = load_tables(tmp_path / "set")
    week = group_by_week(read_bulletin_rows(dataset))["2016-W26"]
    groups = group_by_prefecture(week, read_gazetteer(dataset))
    assert [(g.code, len(g.counties)) for g in groups] == [("990100", 2), ("990200", 1)]
    total = Tally()
    for group in groups:
        total = total + group.subtotal
    assert total == sum_rows(week)
    assert groups[0].subtotal.fine == Decimal("8.6")


def test_the_year_before_is_the_week_of_the_same_number(rows: tuple[BulletinRow, ...]):
    sums = {week: sum_rows(own) for week, own in group_by_week(rows).items()}
    assert find_year_before(sums, "2016-W25") == ("2015-W25", sums["2015-W25"])
    assert find_year_before(sums, "2015-W25") is None
    assert find_year_before(sums, "2015-W53") is None


def test_weeks_compare_only_when_all_had_a_bulletin_a_year_before(rows: tuple[BulletinRow, ...]):
    both = compare_weeks(rows, parse_week("2016-W25"), parse_week("2016-W26"))
    assert both.now.cases_opened == 15
    assert both.before is not None
    assert both.before.cases_opened == 6
    more = compare_weeks(rows, parse_week("2016-W24"), parse_week("2016-W26"))
    assert more.before is None


@pytest.mark.parametrize(
    ("now", "before", "places", "change"),
    [
        (6333, 2445, 0, "159"),
        (333, 208, 0, "60"),
        (3, 8, 1, "-62.5"),
        (1001, 2000, 0, "-50"),
        (1015, 1000, 0, "2"),
        (5, 0, 0, None),
    ],
)
def test_growth_is_exact_and_rounds_half_up(now: int, before: int, places: int, change: str | None):
    found = change_per_cent(now, before, places)
    assert (str(found) if found is not None else None) == change


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        (617, 244, "+152.9%"),
        (3, 5, "−40.0%"),
        (Decimal("0.35"), Decimal("0.1"), "+250.0%"),
        (4, 4, "持平"),
        (4, 0, "上年同期为0"),
        (0, 0, "上年同期为0"),
        (4, None, "无上年同期通报"),
    ],
)
def test_a_change_is_worded_even_where_there_is_none(
    now: int | Decimal, before: int | Decimal | None, words: str
):
    assert format_change(now, before) == words


def test_a_consistent_week_has_no_excess(tmp_path: Path):
    dataset = load_tables(tmp_path / "set")
    rows = group_by_week(read_bulletin_rows(dataset))["2016-W26"]
    cases = [case for case in read_cases(dataset) if case.iso_week == "2016-W26"]
    assert find_excess(rows, cases) == ()


def test_more_exposed_than_reported_is_named_by_county_and_column(tmp_path: Path):
    moved = [dict(row) for row in CASES]
    moved[1]["division_code"] = "990201"
    dataset = load_tables(tmp_path / "set", exposure_case=moved)
    rows = group_by_week(read_bulletin_rows(dataset))["2016-W26"]
    cases = [case for case in read_cases(dataset) if case.iso_week == "2016-W26"]
    found = {(e.division_code, e.column, e.exposed, e.reported) for e in find_excess(rows, cases)}
    assert found == {
        ("990201", "fine", Decimal(5), Decimal(0)),
        ("990201", "limit_stop", 1, 0),
        ("990201", "detention", 1, 0),
    }
