import datetime as dt
import random
from pathlib import Path

import pytest
from enterprise_dataset import OTHER, SITE, make_reading
from package_factory import write_readings

from generator.domain.monitoring import MonitoringSummary, read_monitoring


def at(month: int, day: int = 1, hour: int = 0, year: int = 2016) -> dt.datetime:
    return dt.datetime(year, month, day, hour)


def read(tmp_path: Path, rows: list[dict[str, object]]) -> MonitoringSummary:
    path = tmp_path / "monitoring.parquet"
    write_readings(path, rows=rows)
    return read_monitoring(path)


def test_only_readings_marked_normal_make_the_mean(tmp_path: Path) -> None:
    rows = [
        make_reading(at(5, 1), 40.0),
        make_reading(at(5, 2), 60.0),
        make_reading(at(5, 3), 900.0, status="校准"),
        make_reading(at(5, 4), 0.0, status="停产"),
        make_reading(at(5, 5), None),
    ]
    (series,) = read(tmp_path, rows).series_of(SITE)
    (month,) = series.months
    assert (month.month, month.mean, month.maximum) == ("2016-05", 50.0, 60.0)
    assert (month.readings, month.valid, month.gaps) == (5, 2, 3)
    assert month.exceedances == 0


def test_exhaust_compares_converted_values_and_never_raw_ones(tmp_path: Path) -> None:
    gas = {"outlet": "DA001", "pollutant": "a21026"}
    rows = [
        make_reading(at(5, 1), 150.0, 80.0, **gas),  # raw above the limit: no exceedance
        make_reading(at(5, 2), 90.0, 120.0, **gas),  # converted above the limit: one
        make_reading(at(5, 3), 500.0, None, **gas),  # never converted: not valid
    ]
    (series,) = read(tmp_path, rows).series_of(SITE)
    assert (series.readings, series.valid, series.exceedances) == (3, 2, 1)
    assert series.months[0].mean == 100.0
    assert series.months[0].maximum == 120.0


def test_waste_water_compares_its_measured_value(tmp_path: Path) -> None:
    rows = [make_reading(at(5, 1), 130.0), make_reading(at(5, 2), 100.0)]
    (series,) = read(tmp_path, rows).series_of(SITE)
    assert series.exceedances == 1  # exactly at the limit is within it


def test_months_without_readings_stay_gaps_up_to_the_last_month_of_the_dataset(
    tmp_path: Path,
) -> None:
    rows = [
        make_reading(at(11, year=2015), 10.0),
        make_reading(at(2), 30.0),
        make_reading(at(4), 5.0, site=OTHER),
    ]
    summary = read(tmp_path, rows)
    assert summary.months == (
        "2015-11", "2015-12", "2016-01", "2016-02", "2016-03", "2016-04",
    )  # fmt: skip
    (series,) = summary.series_of(SITE)
    means = [month.mean for month in series.months]
    assert means == [10.0, None, None, 30.0, None, None]
    assert series.months[1].readings == 0
    assert series.months[1].limit is None


def test_a_month_with_readings_but_no_valid_one_has_no_mean(tmp_path: Path) -> None:
    (series,) = read(tmp_path, [make_reading(at(5), 7.0, status="故障")]).series_of(SITE)
    assert series.months[0].mean is None
    assert series.months[0].readings == 1


def test_series_come_by_outlet_and_pollutant_and_other_sites_stay_out(tmp_path: Path) -> None:
    rows = [
        make_reading(at(5), 1.0, pollutant="w21003"),
        make_reading(at(5), 1.0, outlet="DW002"),
        make_reading(at(5), 1.0),
        make_reading(at(5), 1.0, site=OTHER),
    ]
    summary = read(tmp_path, rows)
    keys = [(series.outlet_code, series.pollutant_code) for series in summary.series_of(SITE)]
    assert keys == [("DW001", "w01018"), ("DW001", "w21003"), ("DW002", "w01018")]
    assert summary.sites == (SITE, OTHER)
    assert summary.readings == 4
    assert summary.series_of("nobody") == ()


def test_the_order_of_readings_cannot_change_a_digit(tmp_path: Path) -> None:
    chance = random.Random("monitoring:order")
    rows = [
        make_reading(at(5, 1 + i % 28, i % 24), round(chance.random() * 1000, 3))
        for i in range(5_000)
    ]
    first = read(tmp_path, rows).series_of(SITE)
    chance.shuffle(rows)
    assert read(tmp_path, rows).series_of(SITE) == first


def test_the_strictest_limit_of_a_month_is_the_one_shown(tmp_path: Path) -> None:
    rows = [make_reading(at(5, 1), 70.0, limit=60.0), make_reading(at(5, 2), 70.0, limit=80.0)]
    (series,) = read(tmp_path, rows).series_of(SITE)
    assert series.months[0].limit == 60.0
    assert series.months[0].exceedances == 1


@pytest.mark.parametrize("exists", [True, False])
def test_a_dataset_without_readings_has_no_series(tmp_path: Path, exists: bool) -> None:
    summary = read(tmp_path, []) if exists else read_monitoring(tmp_path / "none.parquet")
    assert summary.series_of(SITE) == ()
    assert summary.months == ()
    assert summary.readings == 0
