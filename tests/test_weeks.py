import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.domain.weeks import (
    Week,
    count_weeks,
    find_week,
    list_weeks,
    parse_week,
    week_a_year_before,
    weeks_between,
)
from generator.errors import DatasetError
from generator.site.views.week_labels import label_days, label_week


def test_a_week_runs_from_monday_to_sunday():
    week = parse_week("2016-W26")
    assert (week.start, week.end) == (dt.date(2016, 6, 27), dt.date(2016, 7, 3))


def test_new_years_day_of_2016_belongs_to_week_53_of_2015():
    assert find_week(dt.date(2016, 1, 1)) == Week(2015, 53)
    assert parse_week("2015-W53").end == dt.date(2016, 1, 3)


def test_the_first_days_of_a_week_may_lie_in_the_year_before():
    assert parse_week("2015-W01").start == dt.date(2014, 12, 29)


@pytest.mark.parametrize(
    ("year", "weeks"), [(2015, 53), (2016, 52), (2019, 52), (2020, 53), (2026, 53)]
)
def test_long_years_have_53_weeks(year: int, weeks: int):
    assert count_weeks(year) == weeks


@pytest.mark.parametrize(
    "code", ["2016-W53", "2016-W00", "2016-26", "2016-W6", "2016-W26\n", "", "０２０１6-W26"]
)
def test_a_week_that_no_calendar_has_is_refused_by_name(code: str):
    with pytest.raises(DatasetError) as caught:
        parse_week(code)
    assert repr(code) in str(caught.value)


def test_weeks_are_listed_and_counted_across_a_long_year():
    first, last = parse_week("2015-W51"), parse_week("2016-W02")
    codes = [week.code for week in list_weeks(first, last)]
    assert codes == ["2015-W51", "2015-W52", "2015-W53", "2016-W01", "2016-W02"]
    assert weeks_between(first, last) == 4
    assert weeks_between(last, first) == -4
    assert list(list_weeks(last, first)) == []


def test_the_bulletin_years_have_79_weeks():
    assert len(list(list_weeks(parse_week("2015-W01"), parse_week("2016-W26")))) == 79


def test_week_53_has_no_week_a_year_before_in_a_short_year():
    assert week_a_year_before(parse_week("2020-W53")) is None
    assert week_a_year_before(parse_week("2016-W26")) == Week(2015, 26)


@given(st.dates(dt.date(1, 1, 8), dt.date(9999, 12, 20)))
def test_every_day_lies_in_the_week_found_for_it(day: dt.date):
    week = find_week(day)
    assert week.start <= day <= week.end
    assert parse_week(week.code) == week


def test_labels_name_both_years_where_a_week_crosses_new_year():
    assert label_week("2016-W26") == "2016年第26周"
    assert label_days("2016-W26") == "6月27日—7月3日"
    assert label_days("2015-W53") == "2015年12月28日—2016年1月3日"
