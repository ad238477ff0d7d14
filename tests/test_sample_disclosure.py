"""The register and the 33 disclosure tables of the sample.

Everything is counted again from the written files, by other means than those that wrote them.
"""

import hashlib
import itertools
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl
import pytest
from frictionless import Package
from sample_kit import (
    COMMITTED_SCALE,
    COVERING_KINDS,
    DATASETS,
    FLOOR,
    LOG,
    SEED,
    Sample,
    field_names,
    numbers,
    read_schema,
    write_sample,
)

from generator.data.sample.disclosure import (
    DISCLOSURE_TABLES,
    SUSPENDED_TABLES,
    make_tables,
    plan_sites,
)
from generator.data.sample.monitoring import make_readings, plan_series
from generator.data.sample.province import make_province
from generator.data.sample.reference import STANDARD_LIMITS
from generator.data.sample.register import make_register


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
    assert table.columns == field_names(name)
    assert table.height == sample.counts[name] > 0
    key = read_schema(name)["primaryKey"]
    assert isinstance(key, list)
    keys = table.select(key).rows()
    assert len(set(keys)) == len(keys)
    assert keys == sorted(keys)


@pytest.mark.parametrize("name", DISCLOSURE_TABLES)
def test_every_foreign_key_finds_its_row(sample: Sample, name: str) -> None:
    foreign_keys = read_schema(name).get("foreignKeys", [])
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
            resources.append(resource | {"schema": read_schema(resource["name"])})
    package = Package.from_descriptor(
        {"name": "sample", "resources": resources}, basepath=str(sample.out)
    )
    report = package.get_resource(name).validate()
    assert report.valid, report.flatten(["rowNumber", "fieldName", "note"])[:5]
    assert report.tasks[0].stats["rows"] == sample.counts[name]


def test_required_cells_are_filled_and_enums_and_patterns_hold(sample: Sample) -> None:
    for name in DISCLOSURE_TABLES:
        fields = read_schema(name)["fields"]
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
    staff = numbers(sample["production_service"], "employees")["employees"].drop_nulls()
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
    write_sample(tmp_path / "again")
    first, again = dict(_digests(sample.out)), dict(_digests(tmp_path / "again"))
    assert again == first
    other = write_sample(tmp_path / "other", seed=SEED + 1)
    changed = [name for name in DISCLOSURE_TABLES if not other[name].equals(sample[name])]
    assert changed == list(DISCLOSURE_TABLES)


def test_a_scale_changes_depth_and_never_what_is_disclosed(sample: Sample) -> None:
    sites = plan_sites(sample.enterprises, SEED)[::25]
    states = []
    for scale in (COMMITTED_SCALE, 1.0):
        covered: set[tuple[object, object]] = set()
        for name, rows in make_tables(sites, [], scale=scale, seed=SEED):
            at = field_names(name).index("site_code")
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
