"""The register, the 33 disclosure tables and the automatic readings of the sample.

Everything is counted again from the written files, by other means than those that wrote them.
"""

import hashlib
import itertools
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from frictionless import Package
from stdnum.cn import uscc as uscc_number

from generator.data.sample.disclosure import (
    DISCLOSURE_TABLES,
    SUSPENDED_TABLES,
    make_tables,
    plan_sites,
    write_disclosure,
)
from generator.data.sample.exposure import CasePlan, plan_cases
from generator.data.sample.monitoring import make_readings, plan_series, write_monitoring
from generator.data.sample.province import PROVINCE_BOX, Province, division_rows, make_province
from generator.data.sample.reference import INDUSTRIES, POLLUTANTS, STANDARD_LIMITS
from generator.data.sample.register import Enterprise, make_register
from generator.data.sample.write import write_table

SEED = 2016
COMMITTED_SCALE = 0.05
DATASETS = Path(__file__).parents[1] / "datasets"
SCHEMAS = DATASETS / "schemas"
DATA_DATE = date(2016, 7, 3)
FLOOR = 90

LOG = "disclosure_record"
COVERING_KINDS = {"无此情形声明", "依法不公开"}


@dataclass(frozen=True, slots=True)
class Sample:
    """What was written, and what it was written from."""

    out: Path
    province: Province
    enterprises: list[Enterprise]
    cases: list[CasePlan]
    counts: Mapping[str, int]
    readings: int
    tables: Mapping[str, pl.DataFrame]

    def __getitem__(self, name: str) -> pl.DataFrame:
        """A table, every cell as its text."""
        return self.tables[name]


def _schema(name: str) -> dict[str, object]:
    document: dict[str, object] = json.loads((SCHEMAS / f"{name}.json").read_text("utf-8"))
    return document


def _field_names(name: str) -> list[str]:
    fields = _schema(name)["fields"]
    assert isinstance(fields, list)
    return [field["name"] for field in fields]


def _write(out: Path, seed: int = SEED) -> Sample:
    province = make_province(seed)
    enterprises = make_register(province, seed)
    cases = plan_cases(province, enterprises, seed)
    counts = write_disclosure(
        out, province, enterprises, cases, scale=COMMITTED_SCALE, seed=seed, schemas=SCHEMAS
    )
    readings = write_monitoring(out, enterprises, scale=COMMITTED_SCALE, seed=seed)
    references = {
        "division": division_rows(province),
        "industry": INDUSTRIES,
        "pollutant": POLLUTANTS,
        "standard_limit": STANDARD_LIMITS,
    }
    for name, rows in references.items():
        write_table(out, _field_names(name), name, rows)
    tables = {
        name: pl.read_csv(out / "tables" / f"{name}.csv", infer_schema=False).fill_null("")
        for name in (*DISCLOSURE_TABLES, *references)
    }
    return Sample(out, province, enterprises, cases, counts, readings, tables)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """The sample at the scale that is committed."""
    return _write(tmp_path_factory.mktemp("sample"))


def _covered(tables: Mapping[str, pl.DataFrame]) -> dict[str, set[str]]:
    """The tables in which each site has rows or a statement, counted from the files alone."""
    covered: dict[str, set[str]] = defaultdict(set)
    for name in DISCLOSURE_TABLES:
        for code in tables[name]["site_code"].unique():
            covered[code].add(name)
    statements = tables[LOG].filter(pl.col("change_type").is_in(list(COVERING_KINDS)))
    for code, name in statements.select("site_code", "table_name").iter_rows():
        covered[code].add(name)
    return covered


def _rates(sample: Sample) -> dict[str, tuple[int, int]]:
    """Disclosed and listed sites by county, long suspended ones left out."""
    covered = _covered(sample.tables)
    rates: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    profile = sample["enterprise_profile"]
    for code, division, status in profile.select(
        "site_code", "division_code", "operating_status"
    ).iter_rows():
        if status != "长期停产":
            rates[division][0] += covered[code] == set(DISCLOSURE_TABLES)
            rates[division][1] += 1
    return {division: (done, listed) for division, (done, listed) in rates.items()}


# Published figures of 河南


def test_the_tables_are_33_with_296_fields(sample: Sample) -> None:
    assert len(DISCLOSURE_TABLES) == len(set(DISCLOSURE_TABLES)) == 33
    assert sum(sample[name].width for name in DISCLOSURE_TABLES) == 296
    resources = json.loads((DATASETS / "datapackage.json").read_text("utf-8"))["resources"]
    assert [resource["name"] for resource in resources[:33]] == list(DISCLOSURE_TABLES)


def test_the_register_holds_4392_enterprises_of_which_550_are_long_suspended(
    sample: Sample,
) -> None:
    profile = sample["enterprise_profile"]
    assert profile.height == 4392
    assert profile["operating_status"].eq("长期停产").sum() == 550


def test_the_provincial_rate_is_over_95_percent(sample: Sample) -> None:
    rates = _rates(sample)
    done, listed = (sum(pair[i] for pair in rates.values()) for i in (0, 1))
    assert listed == 3842
    assert 95 * listed < 100 * done < 97 * listed


def test_counties_stand_below_on_and_above_the_floor(sample: Sample) -> None:
    rates = _rates(sample)
    assert len(rates) == 40
    below = [pair for pair in rates.values() if pair[0] * 100 < FLOOR * pair[1]]
    assert 3 <= len(below) <= 4
    assert all(done * 100 < 88 * listed for done, listed in below)
    assert sum(done * 100 == FLOOR * listed for done, listed in rates.values()) == 1
    assert sum(done == listed for done, listed in rates.values()) >= 5


def test_the_files_disclose_exactly_the_sites_that_the_register_calls_disclosed(
    sample: Sample,
) -> None:
    covered = _covered(sample.tables)
    for enterprise in sample.enterprises:
        if enterprise.suspended:
            continue
        missing = set(DISCLOSURE_TABLES) - covered[enterprise.site_code]
        assert missing == set(enterprise.missing_tables)
        assert enterprise.disclosed == (not missing)
        assert len(missing) <= 6


@pytest.mark.parametrize("seed", [1, 7, 20160703])
def test_the_register_keeps_its_totals_for_any_seed(seed: int) -> None:
    enterprises = make_register(make_province(seed), seed)
    active = [one for one in enterprises if not one.suspended]
    assert (len(enterprises), len(active)) == (4392, 3842)
    assert 0.95 < sum(one.disclosed for one in active) / len(active) < 0.97
    rates: dict[str, list[bool]] = defaultdict(list)
    for one in active:
        rates[one.county.code].append(one.disclosed)
    below = [done for done in rates.values() if sum(done) * 100 < FLOOR * len(done)]
    assert 3 <= len(below) <= 4
    assert sum(sum(done) * 100 == FLOOR * len(done) for done in rates.values()) == 1


def test_long_suspended_sites_give_their_profile_and_contact_and_hardly_more(
    sample: Sample,
) -> None:
    suspended = {one.site_code for one in sample.enterprises if one.suspended}
    for name in DISCLOSURE_TABLES:
        found = suspended & set(sample[name]["site_code"])
        if name in ("enterprise_profile", "enterprise_contact"):
            assert found == suspended
        elif name not in SUSPENDED_TABLES:
            assert not found, name
    statements = sample[LOG].filter(pl.col("change_type").is_in(list(COVERING_KINDS)))
    assert not suspended & set(statements["site_code"])


# Schemas and keys


@pytest.mark.parametrize("name", DISCLOSURE_TABLES)
def test_a_header_is_the_schema_and_keys_are_unique_and_sorted(sample: Sample, name: str) -> None:
    table = sample[name]
    assert table.columns == _field_names(name)
    assert table.height == sample.counts[name] > 0
    key = _schema(name)["primaryKey"]
    assert isinstance(key, list)
    keys = table.select(key).rows()
    assert len(set(keys)) == len(keys)
    assert keys == sorted(keys)


@pytest.mark.parametrize("name", DISCLOSURE_TABLES)
def test_every_foreign_key_finds_its_row(sample: Sample, name: str) -> None:
    foreign_keys = _schema(name).get("foreignKeys", [])
    assert isinstance(foreign_keys, list)
    assert foreign_keys
    for foreign in foreign_keys:
        target = sample[foreign["reference"]["resource"]].select(foreign["reference"]["fields"])
        cells = sample[name].select(foreign["fields"])
        assert set(cells.rows()) <= set(target.rows()), foreign


@pytest.mark.parametrize(
    "name", ["penalty_rectification", "other_license", "exceedance", "facility_abnormal"]
)
def test_frictionless_itself_finds_a_table_valid(sample: Sample, name: str) -> None:
    needed = {name, "enterprise_profile", "division", "industry", "pollutant"}
    descriptor = json.loads((DATASETS / "datapackage.json").read_text("utf-8"))
    resources = []
    for resource in descriptor["resources"]:
        if resource["name"] in needed:
            resources.append(resource | {"schema": _schema(resource["name"])})
    package = Package.from_descriptor(
        {"name": "sample", "resources": resources}, basepath=str(sample.out)
    )
    report = package.get_resource(name).validate()
    assert report.valid, report.flatten(["rowNumber", "fieldName", "note"])[:5]
    assert report.tasks[0].stats["rows"] == sample.counts[name]


def test_required_cells_are_filled_and_enums_and_patterns_hold(sample: Sample) -> None:
    for name in DISCLOSURE_TABLES:
        fields = _schema(name)["fields"]
        assert isinstance(fields, list)
        for field in fields:
            constraints = field.get("constraints", {})
            missing = field.get("missingValues", ["", "不适用", "不公开"])
            cells = set(sample[name][field["name"]].unique())
            where = f"{name}.{field['name']}"
            if constraints.get("required"):
                assert not cells & set(missing), where
            present = cells - set(missing)
            if "enum" in constraints:
                assert present <= set(constraints["enum"]), where
            if "pattern" in constraints:
                assert all(re.fullmatch(constraints["pattern"], cell) for cell in present), where
            if field["type"] in ("number", "integer"):
                assert all(re.fullmatch(r"-?\d+(\.\d+)?", cell) for cell in present), where
                low = constraints.get("minimum", float("-inf"))
                high = constraints.get("maximum", float("inf"))
                assert all(low <= float(cell) <= high for cell in present), where
            if "maxLength" in constraints:
                assert max(map(len, cells), default=0) <= constraints["maxLength"], where


# Rules of the catalogue, section 5


def _numbers(table: pl.DataFrame, *fields: str) -> pl.DataFrame:
    return table.with_columns(pl.col(field).cast(pl.Float64, strict=False) for field in fields)


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
        table = _numbers(sample[name], "longitude", "latitude")
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
        table = _numbers(
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
    table = _numbers(sample["exceedance"], "measured_value", "limit_value", "exceed_ratio")
    ratio = table["measured_value"] / table["limit_value"] - 1
    assert ((ratio - table["exceed_ratio"]).abs() <= 0.01).all()
    assert (table["exceed_ratio"] > 0).all()
    assert not table["pollutant_code"].eq("w01001").any()


def test_totals_above_the_permitted_ones_have_their_evidence(sample: Sample) -> None:  # R07
    table = _numbers(sample["annual_emission"], "actual_total", "permitted_total")
    over = set(table.filter(pl.col("actual_total") > pl.col("permitted_total"))["site_code"])
    assert 20 <= len(over) <= 150
    penalties = sample["penalty_rectification"].filter(pl.col("violation_type") == "超总量排放")
    assert over <= set(penalties["site_code"])
    assert over <= set(sample["exceedance"]["site_code"])


def test_waste_balances_and_hazard_digits_hold(sample: Sample) -> None:  # R08, R09
    solid = _numbers(sample["solid_waste"], "generated", "utilized", "disposed", "stored")
    rest = solid["generated"] - solid["utilized"] - solid["disposed"] - solid["stored"]
    assert (rest.abs() < 0.01).all()
    parts = ("self_utilized", "self_disposed", "transferred", "stored")
    hazardous = _numbers(sample["hazardous_waste"], "generated", *parts)
    rest = hazardous["generated"] - sum(hazardous[part] for part in parts)
    assert (rest.abs() < 0.01).all()
    assert (hazardous["hw_code"].str.slice(-2) == hazardous["hw_category"].str.slice(-2)).all()


def test_water_reuse_rates_follow_from_the_amounts(sample: Sample) -> None:  # R10
    table = _numbers(sample["water_energy"], "fresh_water", "reused_water", "reuse_rate")
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
    table = _numbers(sample["risk_source"], "max_stock", "threshold", "q_ratio")
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


# Penalties, absences, distributions


def test_penalties_hold_every_exposed_case_as_planned(sample: Sample) -> None:
    rows = {row["decision_no"]: row for row in sample["penalty_rectification"].to_dicts()}
    planned = [case.penalty for case in sample.cases if case.penalty is not None]
    assert len(planned) > 60
    for penalty in planned:
        row = rows[penalty.decision_no]
        assert row["site_code"] == penalty.site_code
        assert row["facts"] == penalty.facts
        assert row["measure_kind"] == penalty.measure_kind
        assert row["decision_date"] == penalty.decision_date.isoformat()
    assert 300 <= len(rows) <= 1200
    assert len(set(sample["penalty_rectification"]["violation_type"])) >= 10
    fined = sample["penalty_rectification"].filter(pl.col("measure_kind").str.contains("罚款"))
    assert (fined["fine"] != "").all()


def test_the_four_absences_all_occur(sample: Sample) -> None:
    cells: Counter[str] = Counter()
    for name in DISCLOSURE_TABLES:
        for column in sample[name].iter_columns():
            for word in ("", "不适用", "不公开", "0"):
                cells[word] += column.to_list().count(word)
    assert all(cells[word] > 10 for word in ("", "不适用", "不公开", "0"))
    kinds = Counter(sample[LOG]["change_type"])
    assert 5 <= kinds["依法不公开"] <= 80
    assert kinds["无此情形声明"] > 20_000


def test_sizes_have_a_long_tail_and_names_are_distinct(sample: Sample) -> None:
    profile = sample["enterprise_profile"]
    assert profile["ent_name"].is_unique().all()
    assert profile["industry_code"].n_unique() >= 40
    scales = Counter(profile["ent_scale"])
    assert scales["小型"] > scales["中型"] > scales["大型"] > 150
    assert profile["former_name"].str.len_chars().gt(4).sum() > 200
    staff = _numbers(sample["production_service"], "employees")["employees"].drop_nulls()
    assert staff.max() > 12 * staff.median()  # type: ignore[operator]


def test_outlets_answer_to_limits_of_their_standard(sample: Sample) -> None:
    limits = defaultdict(set)
    for standard, pollutant, _, value, _, _ in STANDARD_LIMITS:
        limits[(standard, pollutant)].add(float(value))
    for outlets, concentrations in (
        ("wastewater_outlet", "wastewater_concentration"),
        ("exhaust_outlet", "exhaust_concentration"),
    ):
        joined = sample[concentrations].join(
            sample[outlets].select("site_code", "outlet_code", "standard_code"),
            on=["site_code", "outlet_code"],
        )
        pairs = joined.select("standard_code", "pollutant_code", "limit_conc").unique()
        for standard, pollutant, limit in pairs.iter_rows():
            known = limits[(standard, pollutant)] or limits[("GB 8978-1996 第一类", pollutant)]
            assert float(limit) in known


# Automatic readings


@pytest.fixture(scope="session")
def readings(sample: Sample) -> pl.DataFrame:
    """The readings of the committed scale."""
    return pl.read_parquet(sample.out / "tables" / "monitoring.parquet")


def test_readings_are_sorted_unique_and_of_monitored_outlets(
    sample: Sample, readings: pl.DataFrame
) -> None:
    key = ["site_code", "outlet_code", "pollutant_code", "reading_time"]
    assert readings.columns == _field_names("monitoring")
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
    both = _numbers(both, "avg_conc").filter(pl.col("exceed_count") == "0")
    assert both.height > 300
    assert ((both["value"] / both["avg_conc"] - 1).abs() < 0.2).all()


# Sizes, determinism and scale


def test_the_committed_scale_stays_small(sample: Sample) -> None:
    tables = sample.out / "tables"
    assert sum((tables / f"{name}.csv").stat().st_size for name in DISCLOSURE_TABLES) <= 14_500_000
    assert (tables / "monitoring.parquet").stat().st_size <= 1_200_000


def _digests(out: Path) -> Iterator[tuple[str, str]]:
    for path in sorted((out / "tables").iterdir()):
        yield path.name, hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(
    sample: Sample, tmp_path: Path
) -> None:
    _write(tmp_path / "again")
    first, again = dict(_digests(sample.out)), dict(_digests(tmp_path / "again"))
    assert again == first
    other = _write(tmp_path / "other", seed=SEED + 1)
    changed = [name for name in DISCLOSURE_TABLES if not other[name].equals(sample[name])]
    assert changed == list(DISCLOSURE_TABLES)


def test_a_scale_changes_depth_and_never_what_is_disclosed(sample: Sample) -> None:
    sites = plan_sites(sample.enterprises, SEED)[::25]
    states = []
    for scale in (COMMITTED_SCALE, 1.0):
        covered: set[tuple[object, object]] = set()
        for name, rows in make_tables(sites, [], scale=scale, seed=SEED):
            at = _field_names(name).index("site_code")
            for row in rows:
                covered.add((row[at], name))
                if name == LOG and row[3] in COVERING_KINDS:
                    covered.add((row[at], row[2]))
        states.append(covered)
    assert states[0] == states[1]


def test_scale_one_has_500000_rows_and_5000000_readings(sample: Sample) -> None:
    step = 20
    sites = plan_sites(sample.enterprises, SEED)[::step]
    rows = sum(sum(1 for _ in table) for _, table in make_tables(sites, [], scale=1.0, seed=SEED))
    # A twentieth of the sites stands for all; 10 % of slack against the luck of the draw.
    assert rows * step * 0.9 > 500_000
    series = plan_series(sample.enterprises, scale=1.0, seed=SEED)
    first = list(itertools.islice(make_readings(sample.enterprises, scale=1.0, seed=SEED), step))
    assert len(series) * sum(table.num_rows for table in first) / step * 0.98 > 5_000_000
