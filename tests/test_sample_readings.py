"""The automatic readings of the sample, and how they agree with what was reported."""

from collections import Counter

import polars as pl
import pytest
from sample_kit import Sample, field_names, numbers


@pytest.fixture(scope="session")
def readings(sample: Sample) -> pl.DataFrame:
    """The readings of the committed scale."""
    return pl.read_parquet(sample.out / "tables" / "monitoring.parquet")


def test_readings_are_sorted_unique_and_of_monitored_outlets(
    sample: Sample, readings: pl.DataFrame
) -> None:
    key = ["site_code", "outlet_code", "pollutant_code", "reading_time"]
    assert readings.columns == field_names("monitoring")
    assert readings.height == sample.readings
    assert readings.select(key).is_unique().all()
    assert readings.select(key).equals(readings.select(key).sort(key))
    assert 150 <= readings["site_code"].n_unique() <= 250
    monitored = set()
    for name in ("wastewater_outlet", "exhaust_outlet"):
        table = sample[name].filter(pl.col("online_monitored") == "是")
        monitored |= set(table.select("site_code", "outlet_code").iter_rows())
    assert set(readings.select("site_code", "outlet_code").unique().iter_rows()) <= monitored
    assert set(readings["pollutant_code"]) <= set(sample["pollutant"]["pollutant_code"])
    series = readings.group_by("site_code").agg(pl.col("pollutant_code", "outlet_code").n_unique())
    assert series["pollutant_code"].is_between(1, 3).all()


def test_readings_have_gaps_and_every_mark(readings: pl.DataFrame) -> None:
    marks = Counter(readings["status"])
    assert set(marks) == {"正常", "停产", "校准", "故障"}
    assert min(marks.values()) > 200
    series = readings.group_by("site_code", "outlet_code", "pollutant_code").agg(
        pl.len().alias("rows"),
        (pl.col("reading_time").max() - pl.col("reading_time").min()).dt.total_days().alias("days"),
    )
    assert (series["rows"] <= series["days"] + 1).all()
    assert (series["rows"] < series["days"] + 1).mean() > 0.5  # type: ignore[operator]


def test_valid_readings_above_the_limit_are_the_reported_exceedances(
    sample: Sample, readings: pl.DataFrame
) -> None:
    compared = (
        pl.when(pl.col("outlet_code").str.starts_with("DW"))
        .then(pl.col("measured"))
        .otherwise(pl.col("converted"))
    )
    valid = readings.filter(pl.col("status") == "正常").with_columns(compared.alias("compared"))
    above = valid.filter(pl.col("compared") > pl.col("limit_value"))
    assert above.height >= 30
    events = {
        (*row[:4], float(row[4]))
        for row in sample["exceedance"]
        .select("site_code", "outlet_code", "pollutant_code", "occur_date", "measured_value")
        .iter_rows()
    }
    for row in above.select(
        "site_code",
        "outlet_code",
        "pollutant_code",
        pl.col("reading_time").dt.date().cast(str),
        "compared",
    ).iter_rows():
        assert row in events


def test_conversion_turns_raw_values_both_ways(readings: pl.DataFrame) -> None:
    gas = readings.filter(
        pl.col("outlet_code").str.starts_with("DA") & (pl.col("status") == "正常")
    )
    raw = gas["measured"] > gas["limit_value"]
    converted = gas["converted"] > gas["limit_value"]
    assert (raw & ~converted).sum() > 20
    assert (~raw & converted).sum() >= 1
    marked = readings.filter(pl.col("status") != "正常")
    assert marked["converted"].is_null().all()
    assert (marked["measured"] > marked["limit_value"]).any()


def test_monthly_means_of_readings_agree_with_the_concentration_tables(
    sample: Sample, readings: pl.DataFrame
) -> None:
    months = (
        readings.filter(pl.col("status") == "正常")
        .with_columns(
            pl.col("reading_time").dt.strftime("%Y-%m").alias("period"),
            pl.coalesce("converted", "measured").alias("value"),
        )
        .group_by("site_code", "outlet_code", "pollutant_code", "period")
        .agg(pl.col("value").mean(), pl.len().alias("days"))
        .filter(pl.col("days") >= 25)
    )
    both = pl.concat([sample["wastewater_concentration"], sample["exhaust_concentration"]]).join(
        months, on=["site_code", "outlet_code", "pollutant_code", "period"]
    )
    both = numbers(both, "avg_conc").filter(pl.col("exceed_count") == "0")
    assert both.height > 300
    assert ((both["value"] / both["avg_conc"] - 1).abs() < 0.2).all()
