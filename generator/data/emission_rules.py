"""Rules on the disclosure tables about quantities: concentrations, totals, waste, water."""

from collections.abc import Iterator
from typing import Final

import polars as pl

from generator.data.load import Dataset, LoadedTable
from generator.data.rule import Finding, Rule, find_where, with_index

_RATIO_TOLERANCE: Final = 0.01
_BALANCE_TOLERANCE: Final = 0.01
_REUSE_TOLERANCE_POINTS: Final = 0.5
_ROUNDING: Final = 1e-9
"""Slack for sums of decimals in binary floats."""
_PH_CODES: Final = ("w01001",)
"""pH is a range and not a maximum, so an excess ratio has no meaning. Source: HJ 525-2009."""


def find_mixed_media(dataset: Dataset) -> Iterator[Finding]:
    """Water pollutants at an exhaust outlet, air pollutants at a wastewater outlet."""
    for name in ("exceedance", "self_monitor_plan"):
        if name in dataset.tables:
            outlet = pl.col("outlet_code").str.head(2)
            letter = pl.col("pollutant_code").str.head(1)
            wrong = ((outlet == "DW") & (letter != "w")) | ((outlet == "DA") & (letter != "a"))
            yield from _tell_mixed_media(dataset[name], wrong)
    if "annual_emission" in dataset.tables:
        letter = pl.col("pollutant_code").str.head(1)
        medium = pl.col("medium")
        wrong = ((medium == "水") & (letter != "w")) | ((medium == "大气") & (letter != "a"))
        yield from _tell_mixed_media(dataset["annual_emission"], wrong)


def _tell_mixed_media(loaded: LoadedTable, wrong: pl.Expr) -> Iterator[Finding]:
    for index in find_where(loaded, wrong):
        yield Finding(
            loaded,
            index,
            "pollutant_code",
            expected="废水（DW、水）对 w 开头的污染物，废气（DA、大气）对 a 开头的污染物",
            cure="请核对排放口（或环境要素）和污染物代码。",
        )


_CONCENTRATION_TABLES: Final = ("wastewater_concentration", "exhaust_concentration")


def find_impossible_concentrations(dataset: Dataset) -> Iterator[Finding]:
    """Maxima below their mean, more exceedances than samples, an excess without a count."""
    for name in _CONCENTRATION_TABLES:
        if name not in dataset.tables:
            continue
        loaded = dataset[name]
        for index in find_where(loaded, pl.col("max_conc") < pl.col("avg_conc")):
            mean = loaded.text.item(index, "avg_conc")
            yield Finding(
                loaded,
                index,
                "max_conc",
                expected=f"不小于平均浓度 {mean}",
                cure="请核对最大值和平均值。",
            )
        for index in find_where(loaded, pl.col("exceed_count") > pl.col("sample_count")):
            count = loaded.text.item(index, "sample_count")
            yield Finding(
                loaded,
                index,
                "exceed_count",
                expected=f"不多于有效监测数据数 {count}",
                cure="请核对两个数。",
            )
        uncounted = _exceeds_limit() & (pl.col("exceed_count") == 0)
        for index in find_where(loaded, uncounted):
            yield Finding(
                loaded,
                index,
                "exceed_count",
                expected="最大浓度超过限值，超标数据数至少为 1",
                cure="请核对最大浓度、限值和超标数据数。",
            )


def _exceeds_limit() -> pl.Expr:
    return (pl.col("max_conc") > pl.col("limit_conc")) & ~pl.col("pollutant_code").is_in(
        list(_PH_CODES)
    )


def find_unrecorded_exceedances(dataset: Dataset) -> Iterator[Finding]:
    """Months whose maximum is above the limit without a row in `exceedance`."""
    recorded = dataset["exceedance"].values.select(
        "site_code",
        "outlet_code",
        "pollutant_code",
        pl.col("occur_date").dt.strftime("%Y-%m").alias("period"),
    )
    keys = recorded.columns
    for name in _CONCENTRATION_TABLES:
        if name not in dataset.tables:
            continue
        loaded = dataset[name]
        missing = with_index(loaded).filter(_exceeds_limit()).join(recorded, on=keys, how="anti")
        for index in sorted(missing.get_column("#index").to_list()):
            yield Finding(
                loaded,
                index,
                "max_conc",
                expected=f"不高于限值 {loaded.text.item(index, 'limit_conc')}，"
                "或在“超标排放情况”里有同一排放口、污染物、月份的记录",
                cure="请补报超标记录，或核对浓度。",
            )


def find_wrong_excess_ratios(dataset: Dataset) -> Iterator[Finding]:
    """Excess ratios other than measured ÷ limit - 1."""
    loaded = dataset["exceedance"]
    ratio = pl.col("measured_value") / pl.col("limit_value") - 1
    wrong = (
        (pl.col("limit_value") > 0)
        & ~pl.col("pollutant_code").is_in(list(_PH_CODES))
        & (
            ((pl.col("exceed_ratio") - ratio).abs() > _RATIO_TOLERANCE + _ROUNDING)
            | (pl.col("exceed_ratio") <= 0)
        )
    )
    for index in find_where(loaded, wrong):
        measured, limit = (
            loaded.values.item(index, name) for name in ("measured_value", "limit_value")
        )
        yield Finding(
            loaded,
            index,
            "exceed_ratio",
            expected=f"大于 0，等于 实测浓度 ÷ 限值 - 1（这里约为 {measured / limit - 1:.2f}）",
            cure="请核对实测浓度、限值和倍数；没有超标的不要列入本表。",
        )


def find_unexplained_totals(dataset: Dataset) -> Iterator[Finding]:
    """Annual totals above the permitted one of a site without exceedance or penalty."""
    loaded = dataset["annual_emission"]
    over = with_index(loaded).filter(pl.col("actual_total") > pl.col("permitted_total") + _ROUNDING)
    for name in ("exceedance", "penalty_rectification"):
        over = over.join(dataset[name].values.select("site_code"), on="site_code", how="anti")
    for index in sorted(over.get_column("#index").to_list()):
        yield Finding(
            loaded,
            index,
            "actual_total",
            expected=f"不高于核定总量 {loaded.text.item(index, 'permitted_total')}，"
            "或该单位有超标记录、处罚记录",
            cure="请核对总量；确属超总量的，补报有关记录。",
        )


def find_unbalanced_waste(dataset: Dataset) -> Iterator[Finding]:
    """Waste whose opening stock and generation do not equal what became of it."""
    ways = {
        "solid_waste": ("waste_code", ("utilized", "disposed")),
        "hazardous_waste": ("hw_code", ("self_utilized", "self_disposed", "transferred")),
    }
    for name, (code, outlets) in ways.items():
        if name not in dataset.tables:
            continue
        loaded = dataset[name]
        opening = loaded.values.select(
            "site_code", pl.col("report_year") + 1, code, pl.col("stored").alias("#opening")
        ).unique(["site_code", "report_year", code], keep="first")
        rows = with_index(loaded).join(
            opening, on=["site_code", "report_year", code], how="inner", maintain_order="left"
        )
        source = pl.col("#opening") + pl.col("generated")
        gap = (source - pl.sum_horizontal(*outlets, "stored")).abs()
        known = pl.all_horizontal(pl.col(item).is_not_null() for item in (*outlets, "stored"))
        wrong = rows.filter(known & (gap > source * _BALANCE_TOLERANCE + _ROUNDING))
        for index, opened in wrong.select("#index", "#opening").iter_rows():
            yield Finding(
                loaded,
                index,
                "stored",
                expected=f"上年末贮存 {opened:g} + 产生量 = 各去向之和 + 年末贮存（误差 1% 以内）",
                cure="请核对本行各量和上一年的年末贮存量。",
            )


def find_wrong_waste_categories(dataset: Dataset) -> Iterator[Finding]:
    """Hazardous waste codes that end otherwise than their category."""
    loaded = dataset["hazardous_waste"]
    wrong = pl.col("hw_code").str.tail(2) != pl.col("hw_category").str.tail(2)
    for index in find_where(loaded, wrong):
        yield Finding(
            loaded,
            index,
            "hw_code",
            expected=f"末两位与类别 {loaded.text.item(index, 'hw_category')} 的数字相同",
            cure="请对照《国家危险废物名录》改正代码或类别。",
        )


def find_wrong_reuse_rates(dataset: Dataset) -> Iterator[Finding]:
    """Water reuse rates other than reused ÷ (fresh + reused)."""
    loaded = dataset["water_energy"]
    total = pl.col("fresh_water") + pl.col("reused_water")
    rate = pl.col("reused_water") / total * 100
    wrong = (total > 0) & (
        (pl.col("reuse_rate") - rate).abs() > _REUSE_TOLERANCE_POINTS + _ROUNDING
    )
    for index in find_where(loaded, wrong):
        fresh, reused = (
            loaded.values.item(index, name) for name in ("fresh_water", "reused_water")
        )
        yield Finding(
            loaded,
            index,
            "reuse_rate",
            expected="重复用水量 ÷（新鲜用水量 + 重复用水量），"
            f"这里约为 {reused / (fresh + reused) * 100:.1f}",
            cure="请核对两个用水量和重复利用率。",
        )


EMISSION_RULES: Final[tuple[Rule, ...]] = (
    Rule("R04", "排放口与污染物不属同一要素", "error", "HJ 608-2017", (), find_mixed_media),
    Rule("R05", "浓度数据前后矛盾", "error", "HJ 819-2017", (), find_impossible_concentrations),
    Rule(
        "R05",
        "超过限值而没有超标记录",
        "warning",
        "HJ 819-2017",
        ("exceedance",),
        find_unrecorded_exceedances,
    ),
    Rule("R06", "超标倍数不对", "error", "HJ 819-2017", ("exceedance",), find_wrong_excess_ratios),
    Rule(
        "R07",
        "超过核定总量而没有有关记录",
        "warning",
        "环境保护法第四十四条",
        ("annual_emission", "exceedance", "penalty_rectification"),
        find_unexplained_totals,
    ),
    Rule("R08", "固体废物收支不平", "warning", "HJ 1259-2022", (), find_unbalanced_waste),
    Rule(
        "R09",
        "危险废物代码与类别不符",
        "error",
        "国家危险废物名录",
        ("hazardous_waste",),
        find_wrong_waste_categories,
    ),
    Rule(
        "R10",
        "水重复利用率不符",
        "warning",
        "GB/T 7119",
        ("water_energy",),
        find_wrong_reuse_rates,
    ),
)
