"""The sample keeps the rules of the catalogue, and breaks those that the public should see broken.

Everything is counted again from the written files.
"""

import re
from collections import Counter

import polars as pl
from sample_kit import COVERING_KINDS, DATA_DATE, LOG, Sample, numbers
from stdnum.cn import uscc as uscc_number

from generator.data.sample.province import PROVINCE_BOX


def test_credit_and_site_codes_check_and_agree(sample: Sample) -> None:  # R01, R02
    profile = sample["enterprise_profile"]
    assert all(uscc_number.is_valid(code) for code in profile["uscc"].unique())
    assert (profile["site_code"].str.slice(0, 18) == profile["uscc"]).all()
    permits = sample["discharge_permit"]
    assert (permits["permit_no"].str.slice(0, 18) == permits["site_code"].str.slice(0, 18)).all()
    sites_of = Counter(profile["uscc"])
    assert 12 <= sum(count == 2 for count in sites_of.values()) <= 14
    assert max(sites_of.values()) == 2


def test_coordinates_stand_in_the_province(sample: Sample) -> None:  # R03
    west, south, east, north = PROVINCE_BOX
    for name in ("enterprise_profile", "wastewater_outlet", "exhaust_outlet"):
        table = numbers(sample[name], "longitude", "latitude")
        assert table["longitude"].is_between(west, east).all()
        assert table["latitude"].is_between(south, north).all()


def test_water_and_air_codes_keep_to_their_tables(sample: Sample) -> None:  # R04
    for name, outlet, pollutant in (
        ("wastewater_concentration", "DW", "w"),
        ("exhaust_concentration", "DA", "a"),
    ):
        assert sample[name]["outlet_code"].str.starts_with(outlet).all()
        assert sample[name]["pollutant_code"].str.starts_with(pollutant).all()
    for outlet, pollutant in (
        sample["exceedance"].select("outlet_code", "pollutant_code").unique().iter_rows()
    ):
        assert (outlet[:2], pollutant[0]) in {("DW", "w"), ("DA", "a")}
    for medium, code in sample["annual_emission"].select("medium", "pollutant_code").iter_rows():
        assert (medium, code[0]) in {("水", "w"), ("大气", "a")}


def test_concentrations_agree_with_exceedances(sample: Sample) -> None:  # R05
    events: Counter[tuple[str, ...]] = Counter(
        (*row[:3], row[3][:7])
        for row in sample["exceedance"]
        .select("site_code", "outlet_code", "pollutant_code", "occur_date")
        .iter_rows()
    )
    above = 0
    for name in ("wastewater_concentration", "exhaust_concentration"):
        table = numbers(
            sample[name], "avg_conc", "max_conc", "limit_conc", "sample_count", "exceed_count"
        )
        assert (table["max_conc"] >= table["avg_conc"]).all()
        assert (table["exceed_count"] <= table["sample_count"]).all()
        for row in table.iter_rows(named=True):
            key = (row["site_code"], row["outlet_code"], row["pollutant_code"], row["period"])
            assert row["exceed_count"] == events[key]
            assert (row["max_conc"] > row["limit_conc"]) == (row["exceed_count"] >= 1)
            above += row["max_conc"] > row["limit_conc"]
    assert above > 300


def test_exceed_ratios_follow_from_value_and_limit(sample: Sample) -> None:  # R06
    table = numbers(sample["exceedance"], "measured_value", "limit_value", "exceed_ratio")
    ratio = table["measured_value"] / table["limit_value"] - 1
    assert ((ratio - table["exceed_ratio"]).abs() <= 0.01).all()
    assert (table["exceed_ratio"] > 0).all()
    assert not table["pollutant_code"].eq("w01001").any()


def test_totals_above_the_permitted_ones_have_their_evidence(sample: Sample) -> None:  # R07
    table = numbers(sample["annual_emission"], "actual_total", "permitted_total")
    over = set(table.filter(pl.col("actual_total") > pl.col("permitted_total"))["site_code"])
    assert 20 <= len(over) <= 150
    penalties = sample["penalty_rectification"].filter(pl.col("violation_type") == "超总量排放")
    assert over <= set(penalties["site_code"])
    assert over <= set(sample["exceedance"]["site_code"])


def test_waste_balances_and_hazard_digits_hold(sample: Sample) -> None:  # R08, R09
    solid = numbers(sample["solid_waste"], "generated", "utilized", "disposed", "stored")
    rest = solid["generated"] - solid["utilized"] - solid["disposed"] - solid["stored"]
    assert (rest.abs() < 0.01).all()
    parts = ("self_utilized", "self_disposed", "transferred", "stored")
    hazardous = numbers(sample["hazardous_waste"], "generated", *parts)
    rest = hazardous["generated"] - sum(hazardous[part] for part in parts)
    assert (rest.abs() < 0.01).all()
    assert (hazardous["hw_code"].str.slice(-2) == hazardous["hw_category"].str.slice(-2)).all()


def test_water_reuse_rates_follow_from_the_amounts(sample: Sample) -> None:  # R10
    table = numbers(sample["water_energy"], "fresh_water", "reused_water", "reuse_rate")
    table = table.filter(pl.col("reuse_rate").is_not_null())
    rate = 100 * table["reused_water"] / (table["fresh_water"] + table["reused_water"])
    assert table.height > 3000
    assert ((rate - table["reuse_rate"]).abs() <= 0.5).all()


def test_acceptances_follow_approvals_and_candidates_occur(sample: Sample) -> None:  # R11
    joined = sample["eia_acceptance"].join(
        sample["eia_approval"], on="project_id", suffix="_project", validate="m:1"
    )
    assert joined.height == sample["eia_acceptance"].height
    assert (joined["site_code"] == joined["site_code_project"]).all()
    approved = joined.filter(pl.col("approval_date") != "")
    assert (approved["approval_date"] <= approved["accept_date"]).all()
    running = sample["eia_approval"].filter(pl.col("build_status") == "已投产")
    accepted = set(sample["eia_acceptance"]["project_id"])
    unaccepted = set(running["project_id"]) - accepted
    assert 30 <= len(unaccepted) <= 400
    assert 5 <= sample["eia_approval"]["approval_date"].eq("").sum() <= 120


def test_permits_are_valid_only_while_the_data_date_is_inside(sample: Sample) -> None:  # R12
    permits = sample["discharge_permit"]
    assert (permits["valid_from"] < permits["valid_to"]).all()
    inside = permits["valid_to"] >= DATA_DATE.isoformat()
    valid = permits["permit_status"] == "有效"
    assert (inside | ~valid).all()
    assert (permits["valid_from"] <= DATA_DATE.isoformat()).all()
    assert {"有效", "过期", "注销"} == set(permits["permit_status"])


def test_disclosures_are_mostly_in_time_and_some_late(sample: Sample) -> None:  # R14, R15
    log = sample[LOG].with_columns(pl.col("occurred_date", "disclosed_date").str.to_date())
    days = (pl.col("disclosed_date") - pl.col("occurred_date")).dt.total_days()
    log = log.with_columns(days=days)
    assert (log["days"] >= 0).all()
    assert log["disclosed_date"].max() <= DATA_DATE  # type: ignore[operator]
    statements = log.filter(pl.col("change_type").is_in(list(COVERING_KINDS)))
    assert (statements["days"] <= 30).all()
    assert statements["disclosed_date"].n_unique() > 100
    first = log.filter(
        (pl.col("change_type") == "首次公开") & (pl.col("table_name") != "penalty_rectification")
    )
    assert 0 < (first["days"] > 90).mean() < 0.15  # type: ignore[operator]
    penalties = log.filter(
        (pl.col("change_type") == "首次公开") & (pl.col("table_name") == "penalty_rectification")
    )
    assert penalties.height == sample.counts["penalty_rectification"]
    assert 0 < (penalties["days"] > 12).mean() < 0.12  # type: ignore[operator]
    assert (log["record_id"].str.slice(2, 4) == log["disclosed_date"].dt.year().cast(str)).all()


def test_risk_ratios_follow_from_stock_and_threshold(sample: Sample) -> None:  # R16
    table = numbers(sample["risk_source"], "max_stock", "threshold", "q_ratio")
    assert ((table["max_stock"] / table["threshold"] - table["q_ratio"]).abs() <= 0.001).all()


def test_some_emergency_plans_are_overdue_for_revision(sample: Sample) -> None:  # R17
    plans = sample["emergency_plan"]
    assert (plans["plan_id"].str.slice(9, 4) == plans["filing_date"].str.slice(0, 4)).all()
    assert 0.05 < (plans["filing_date"] < "2013-07-03").mean() < 0.25  # type: ignore[operator]
    assert plans["filing_no"].is_unique().all()


def test_numbers_carry_the_year_of_their_dates(sample: Sample) -> None:  # R18
    for name, key, day in (
        ("exceedance", "exceed_id", "occur_date"),
        ("facility_abnormal", "record_id", "start_time"),
        ("drill_event", "event_id", "event_date"),
        ("eia_acceptance", "accept_id", "accept_date"),
    ):
        table = sample[name]
        assert (table[key].str.slice(2, 4) == table[day].str.slice(0, 4)).all(), name


def test_free_text_holds_no_mobile_numbers_and_no_representatives(sample: Sample) -> None:  # R19
    texts = {
        "penalty_rectification": "facts",
        "exceedance": "cause",
        "drill_event": "summary",
        "facility_abnormal": "cause",
    }
    representative = {one.site_code: one.legal_rep for one in sample.enterprises}
    for name, field in texts.items():
        for code, text in sample[name].select("site_code", field).iter_rows():
            assert not re.search(r"1[3-9]\d{9}|\d{17}", text)
            assert representative[code] not in text or len(representative[code]) < 3
    phones = sample["enterprise_contact"]["public_phone"]
    assert phones.str.contains(r"^03[23]\d-\d{7}$").all()
