"""The public half of the sample: published figures, ledger, cases, bulletins, determinism.

Figures are counted here from the written CSV files with DuckDB, not with the generator's code.
"""

import csv
import hashlib
import re
from collections import Counter, defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
import pytest
from PIL import Image
from published_counts import COUNTS, VIEWS
from stdnum.cn import uscc as credit_code

from generator.data.sample.package import (
    SampleSummary,
    plan_sample,
    write_public_tables,
    write_sample,
)
from generator.errors import HuanjingError

ROOT = Path(__file__).parents[1]
DATASETS = ROOT / "datasets"
SEED = 20160703
DATA_DATE = "2016-07-03"

PUBLIC_TABLES = (
    "division", "industry", "pollutant", "standard_limit", "illegal_project", "ledger_event",
    "exposure_case", "bulletin", "district_target", "responsibility", "mirror", "correction",
    "duty_adoption",
)  # fmt: skip

FIGURES = [
    row
    for row in csv.DictReader((ROOT / "tests/published-figures.csv").open(encoding="utf-8"))
    if row["province"] in ("重庆", "浙江", "内蒙古")
]


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SampleSummary]:
    out = tmp_path_factory.mktemp("sample") / "out"
    return out, write_sample(out, scale=0.01, seed=SEED, schemas=DATASETS)


@pytest.fixture(scope="session")
def sample(written: tuple[Path, SampleSummary]) -> Path:
    return written[0]


@pytest.fixture(scope="session")
def database(sample: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for path in sorted((sample / "tables").glob("*.csv")):
        connection.execute(
            f"create table {path.stem} as select * from "
            f"read_csv('{path}', header=true, all_varchar=true, nullstr='\x01')"
        )
    for view in VIEWS:
        connection.execute(view)
    return connection


def read_rows(sample: Path, table: str) -> list[dict[str, str]]:
    with (sample / "tables" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def hash_tables(folder: Path) -> dict[str, str]:
    return {
        name: hashlib.sha256((folder / "tables" / f"{name}.csv").read_bytes()).hexdigest()
        for name in PUBLIC_TABLES
    }


def test_every_published_figure_has_a_count() -> None:
    assert {row["id"] for row in FIGURES} == set(COUNTS)


@pytest.mark.parametrize("figure", FIGURES, ids=[row["id"] for row in FIGURES])
def test_the_sample_reproduces_the_published_figure(
    database: duckdb.DuckDBPyConnection, figure: dict[str, str]
) -> None:
    row = database.execute(COUNTS[figure["id"]]).fetchone()
    assert row is not None
    published = Decimal(figure["value"])
    counted = Decimal(str(row[0])).quantize(published, rounding=ROUND_HALF_UP)
    assert counted == published


def test_the_whole_package_is_written(written: tuple[Path, SampleSummary]) -> None:
    out, summary = written
    assert len(summary.rows) == 47
    assert summary.rows["illegal_project"] == 14015
    assert summary.rows["enterprise_profile"] == 4392
    assert summary.pictures == 105
    assert len(list((out / "photos").glob("*.png"))) == 105
    assert (out / "tables/monitoring.parquet").is_file()
    assert len(list((out / "schemas").glob("*.json"))) == 47


@pytest.mark.parametrize("table", PUBLIC_TABLES)
def test_rows_are_sorted_by_a_unique_primary_key(sample: Path, table: str) -> None:
    rows = read_rows(sample, table)
    width = 3 if table == "standard_limit" else 2 if table in ("bulletin", "district_target") else 1
    keys = [tuple(row.values())[:width] for row in rows]
    assert keys == sorted(set(keys))


def test_every_ledger_history_obeys_the_state_machine(sample: Path) -> None:
    forward = {"": "排查", "排查": "登记", "登记": "整改", "整改": "消除", "消除": "销号"}
    projects = {row["ledger_no"]: row for row in read_rows(sample, "illegal_project")}
    histories: dict[str, list[dict[str, str]]] = defaultdict(list)
    for event in read_rows(sample, "ledger_event"):
        histories[event["ledger_no"]].append(event)
    assert histories.keys() == projects.keys()
    skipped = Counter[str]()
    rebounds = 0
    for number, events in histories.items():
        project = projects[number]
        state, last_day = "", "2015-01-01"
        for serial, event in enumerate(events, start=1):
            assert event["event_no"] == f"{number}/{serial:02d}"
            assert last_day <= event["event_date"] <= DATA_DATE
            last_day = event["event_date"]
            if event["stage"] == "退回":
                assert state in ("消除", "销号")
                rebounds += 1
                state = "整改"
                continue
            if state == "登记" and event["stage"] == "消除":
                assert project["batch"] == "淘汰关闭"
                skipped["整改"] += 1
            else:
                assert event["stage"] == forward[state]
            state = event["stage"]
            if state == "销号":
                assert event["evidence_ref"]
                assert event["verifier_agency"] not in ("", project["lead_agency"])
        assert project["stage"] == state
        assert project["closed_date"] == (last_day if state == "销号" else "")
    assert 200 < rebounds < 900
    assert skipped["整改"] > 1000


def test_open_projects_stand_in_every_stage_and_some_are_overdue(sample: Path) -> None:
    opened = [row for row in read_rows(sample, "illegal_project") if row["stage"] != "销号"]
    assert {row["stage"] for row in opened} == {"排查", "登记", "整改", "消除"}
    overdue = sum(row["deadline"] < DATA_DATE for row in opened)
    assert 200 < overdue < len(opened) - 200


def test_a_few_counties_close_clearly_less_than_the_rest(sample: Path) -> None:
    total, closed = Counter[str](), Counter[str]()
    for row in read_rows(sample, "illegal_project"):
        total[row["division_code"]] += 1
        closed[row["division_code"]] += row["stage"] == "销号"
    assert len(total) == 40
    rates = sorted(closed[code] / total[code] for code in total)
    assert rates[3] < 0.7
    assert rates[4] > 0.8


def test_the_ledger_letter_stays_when_the_batch_changes(sample: Path) -> None:
    letters = {"淘汰关闭": "T", "整顿规范": "Z", "完善备案": "B"}
    notes = {row["ledger_no"]: row for row in read_rows(sample, "ledger_event") if row["note"]}
    changed = [
        row
        for row in read_rows(sample, "illegal_project")
        if row["ledger_no"][7] != letters[row["batch"]]
    ]
    assert 10 < len(changed) < 300
    assert any("经复核调整" in notes.get(row["ledger_no"], {}).get("note", "") for row in changed)


def test_projects_of_registered_firms_agree_with_the_register(sample: Path) -> None:
    register = {row["site_code"]: row for row in read_rows(sample, "enterprise_profile")}
    own = [row for row in read_rows(sample, "illegal_project") if row["site_code"]]
    assert len(own) == 900
    for row in own:
        site = register[row["site_code"]]
        assert (row["uscc"], row["owner_name"]) == (site["uscc"], site["ent_name"])
        assert row["division_code"] == site["division_code"]
        assert row["industry_code"] == site["industry_code"]
    several = Counter(row["owner_name"] for row in read_rows(sample, "illegal_project"))
    assert sum(count > 1 for count in several.values()) > 300


def test_a_penalty_has_number_date_and_fine_or_none_of_them(sample: Path) -> None:
    numbers = Counter[str]()
    for row in read_rows(sample, "illegal_project"):
        given = [bool(row[name]) for name in ("penalty_no", "penalty_date", "fine")]
        assert len(set(given)) == 1
        if row["penalty_no"]:
            numbers[row["penalty_no"]] += 1
            assert float(row["fine"]) > 0
    assert set(numbers.values()) == {1}


def test_codes_in_the_sample_have_valid_check_characters(sample: Path) -> None:
    codes = {row["uscc"] for row in read_rows(sample, "illegal_project") if row["uscc"]}
    assert len(codes) > 5000
    assert all(credit_code.is_valid(code) for code in codes)


def test_divisions_form_a_tree_with_one_abolished_code(sample: Path) -> None:
    rows = {row["division_code"]: row for row in read_rows(sample, "division")}
    levels = Counter(row["level"] for row in rows.values() if not row["valid_to"])
    assert levels == {"省": 1, "市": 12, "县": 40, "乡": 1020}
    above = {"市": "省", "县": "市", "乡": "县"}
    for code, row in rows.items():
        if row["level"] != "省":
            assert rows[row["parent_code"]]["level"] == above[row["level"]]
        if row["level"] == "乡":
            assert len(code) == 9
            assert code.startswith(row["parent_code"])
    abolished = [row for row in rows.values() if row["valid_to"]]
    assert len(abolished) == 1
    assert rows[abolished[0]["successor_code"]]["level"] == "县"
    used = {row["division_code"] for row in read_rows(sample, "illegal_project")}
    assert abolished[0]["division_code"] not in used


def test_each_issue_has_eight_to_thirteen_cases_numbered_by_week(sample: Path) -> None:
    issues = Counter[str]()
    for row in read_rows(sample, "exposure_case"):
        issues[row["iso_week"]] += 1
        week = row["iso_week"].replace("-", "")
        assert row["case_no"] == f"BG{week}-{issues[row['iso_week']]:03d}"
    assert list(issues) == [f"2016-W{number}" for number in range(17, 27)]
    assert all(8 <= count <= 13 for count in issues.values())


def test_case_narratives_agree_with_their_own_cells(sample: Path) -> None:
    names = {row["division_code"]: row["division_name"] for row in read_rows(sample, "division")}
    open_cases = 0
    for row in read_rows(sample, "exposure_case"):
        if row["withdraw_reason"]:
            continue
        assert 60 <= len(row["facts"]) <= 220, row["facts"]
        assert row["ent_name"] in row["facts"]
        assert names[row["division_code"]] in row["facts"]
        assert "某" in row["facts"]
        assert bool(row["fine"]) == ("罚款" in row["measure_kind"])
        if row["fine"]:
            assert f"处罚款{row['fine']}万元" in row["facts"]
        days = [
            row[name]
            for name in ("cause_found_date", "duty_fixed_date", "case_filed_date", "rectified_date")
        ]
        known = [day for day in days if day]
        assert known == sorted(known)
        assert days == [*known, *[""] * (4 - len(known))]
        open_cases += not row["rectified_date"]
        if row["case_filed_date"]:
            year, week, _ = date.fromisoformat(row["case_filed_date"]).isocalendar()
            assert row["iso_week"] == f"{year}-W{week:02d}"
    assert 10 < open_cases < 70


def test_decided_cases_of_registered_firms_have_their_penalty_row(sample: Path) -> None:
    penalties = {row["decision_no"]: row for row in read_rows(sample, "penalty_rectification")}
    projects = {row["ledger_no"]: row for row in read_rows(sample, "illegal_project")}
    decided = by_project = 0
    for row in read_rows(sample, "exposure_case"):
        if row["decision_no"]:
            penalty = penalties[row["decision_no"]]
            for name in ("site_code", "violation_type", "measure_kind", "fine", "facts"):
                assert row[name] == penalty[name]
            decided += 1
        if row["ledger_no"]:
            project = projects[row["ledger_no"]]
            assert row["ent_name"] == project["owner_name"]
            assert row["violation_type"] == project["violation_type"]
            assert row["fine"] in ("", project["fine"])
            by_project += 1
    assert decided > 60
    assert by_project == 22


def test_the_withdrawn_case_keeps_nothing_but_its_number(sample: Path) -> None:
    withdrawn = [row for row in read_rows(sample, "exposure_case") if row["withdraw_reason"]]
    assert len(withdrawn) == 1
    row = withdrawn[0]
    assert row["facts"].startswith("（已撤回）")
    assert len(row["facts"]) >= 10
    for name in ("site_code", "ledger_no", "decision_no", "fine", "photo_ref", "photo_alt"):
        assert row[name] == ""
    entries = [
        entry
        for entry in read_rows(sample, "correction")
        if (entry["kind"], entry["target_key"]) == ("撤回", row["case_no"])
    ]
    assert len(entries) == 1
    assert entries[0]["resolved_date"]


def test_every_other_case_has_a_small_drawing_with_a_description(sample: Path) -> None:
    total = 0
    for row in read_rows(sample, "exposure_case"):
        if row["withdraw_reason"]:
            continue
        path = sample / row["photo_ref"]
        total += path.stat().st_size
        with Image.open(path) as image:
            assert (image.size, image.mode, image.format) == ((640, 400), "P", "PNG")
            assert not image.info.keys() & {"exif", "Author", "Software", "Creation Time"}
            assert len(image.getcolors(256) or []) > 6
        assert len(row["photo_alt"]) >= 15
    assert total < 900_000


def test_bulletins_cover_the_exposed_cases_of_every_county_week(sample: Path) -> None:
    columns = {
        "按日连续处罚": "daily_penalty",
        "查封扣押": "seizure",
        "限制生产": "limit_stop",
        "停产整治": "limit_stop",
        "移送行政拘留": "detention",
        "移送涉嫌犯罪": "crime_transfer",
    }
    needed: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for case in read_rows(sample, "exposure_case"):
        cell = needed[case["iso_week"], case["division_code"]]
        cell["cases_opened"] += 1
        cell["fine_total"] += round(float(case["fine"] or 0) * 10)
        for column in {columns[m] for m in case["measure_kind"].split("、") if m in columns}:
            cell[column] += 1
    rows = {(row["iso_week"], row["division_code"]): row for row in read_rows(sample, "bulletin")}
    assert len(rows) == 79 * 40
    assert len({week for week, _ in rows}) == 79
    assert ("2015-W53", "990101") in rows
    for key, cell in needed.items():
        for column, least in cell.items():
            factor = 10 if column == "fine_total" else 1
            assert float(rows[key][column]) * factor >= least - 1e-6, (key, column)
    for row in rows.values():
        cases = int(row["cases_opened"])
        assert all(int(row[column]) <= cases for column in set(columns.values()))
        assert cases or row["fine_total"] == "0"
        assert (row["eia_refused"] == "0") == (row["eia_refused_invest"] == "0")


def test_winter_weeks_have_fewer_cases_than_summer_weeks(
    database: duckdb.DuckDBPyConnection,
) -> None:
    def mean(first: str, last: str) -> float:
        row = database.execute(
            "select sum(cases_opened::int) / count(distinct iso_week) from bulletin "
            "where iso_week between ? and ?",
            (first, last),
        ).fetchone()
        assert row is not None
        return float(row[0])

    assert mean("2015-W04", "2015-W09") < 0.7 * mean("2015-W22", "2015-W30")


def test_targets_end_on_the_totals_of_register_and_ledger(sample: Path) -> None:
    ledger = Counter(row["division_code"] for row in read_rows(sample, "illegal_project"))
    listed = Counter(
        row["division_code"]
        for row in read_rows(sample, "enterprise_profile")
        if row["operating_status"] != "长期停产"
    )
    months: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in read_rows(sample, "district_target"):
        months[row["division_code"]].append(row)
    assert months.keys() == ledger.keys()
    for code, rows in months.items():
        assert len(rows) == 12
        assert [int(row["ledger_total"]) for row in rows] == sorted(
            int(row["ledger_total"]) for row in rows
        )
        assert int(rows[-1]["ledger_total"]) == ledger[code]
        assert int(rows[-1]["listed"]) == listed[code]
        assert (rows[-1]["closure_target"], rows[-1]["disclosure_floor"]) == ("95", "90")


def test_duties_name_only_known_violations_and_succeed_each_other(sample: Path) -> None:
    known = {row["violation_type"] for row in read_rows(sample, "penalty_rectification")} | {
        "未批先建", "批建不符", "未验先投", "久试不验", "无证排污", "不按证排污", "其他",
        "超总量排放",
    }  # fmt: skip
    bodies: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in read_rows(sample, "responsibility"):
        bodies[row["duty_no"][:3]].append(row)
        assert set(row["violation_types"].split("、")) - {""} <= known
    assert sorted(bodies) == [f"Z{number:02d}" for number in range(1, 44)]
    assert all(3 <= len(rows) <= 9 for rows in bodies.values())
    ended = [row for rows in bodies.values() for row in rows if row["valid_to"]]
    assert len(ended) >= 3
    for row in ended:
        later = [one["valid_from"] for one in bodies[row["duty_no"][:3]]]
        assert max(later) > row["valid_to"]


def test_corrections_point_at_rows_that_exist(sample: Path) -> None:
    rows = read_rows(sample, "correction")
    assert {row["kind"] for row in rows} == {"更正", "企业说明", "撤回", "异议未采纳"}
    for row in rows:
        targets = read_rows(sample, row["target_table"])
        width = row["target_key"].count("|") + 1
        assert row["target_key"] in {"|".join(list(one.values())[:width]) for one in targets}
        assert row["received_date"] <= (row["resolved_date"] or DATA_DATE) <= DATA_DATE


def test_mirrors_use_example_domains_only(sample: Path) -> None:
    rows = read_rows(sample, "mirror")
    assert len(rows) == 6
    assert all(re.fullmatch(r"https://hj\.[a-z]+\.example\.org/", row["base_url"]) for row in rows)


def test_no_text_holds_a_mobile_or_identity_number(sample: Path) -> None:
    mobile = re.compile(r"(?<![0-9A-Za-z])1[3-9][0-9]{9}(?![0-9])")
    identity = re.compile(r"[0-9]{17}[0-9Xx]")
    coded = {"uscc", "site_code", "target_key"}
    for table in PUBLIC_TABLES:
        for row in read_rows(sample, table):
            for name, text in row.items():
                if name not in coded:
                    assert not mobile.search(text), (table, name, text)
                    assert not identity.search(text), (table, name, text)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(
    sample: Path, tmp_path: Path
) -> None:
    first = hash_tables(sample)
    again, other = tmp_path / "again", tmp_path / "other"
    write_public_tables(again, plan_sample(SEED), seed=SEED, schemas=DATASETS)
    write_public_tables(other, plan_sample(7), seed=7, schemas=DATASETS)
    assert hash_tables(again) == first
    changed = {name for name, value in hash_tables(other).items() if value != first[name]}
    assert {"division", "illegal_project", "ledger_event", "exposure_case", "bulletin"} <= changed


def test_another_seed_reproduces_the_totals_too(tmp_path: Path) -> None:
    write_public_tables(tmp_path, plan_sample(7), seed=7, schemas=DATASETS)
    projects = read_rows(tmp_path, "illegal_project")
    assert Counter(row["violation_type"] for row in projects) == {
        "未批先建": 12641, "批建不符": 21, "未验先投": 1353,
    }  # fmt: skip
    fines: dict[str, Decimal] = defaultdict(Decimal)
    for row in projects:
        if row["fine"]:
            fines[row["owner_name"]] += Decimal(row["fine"])
    assert (len(fines), sum(fines.values())) == (701, Decimal("1933.9"))
    bulletins = read_rows(tmp_path, "bulletin")
    assert sum(Decimal(row["fine_total"]) for row in bulletins) == 67000
    assert sum(int(row["cases_opened"]) for row in bulletins) == 18164


def test_a_folder_with_foreign_files_is_refused_untouched(tmp_path: Path) -> None:
    note = tmp_path / "letter.txt"
    note.write_text("mine", encoding="utf-8")
    with pytest.raises(HuanjingError, match="不是数据集文件夹"):
        write_sample(tmp_path, scale=0.01, seed=SEED, schemas=DATASETS)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_missing_schemas_are_named(tmp_path: Path) -> None:
    with pytest.raises(HuanjingError, match=r"datapackage\.json"):
        write_sample(tmp_path / "out", scale=0.01, seed=SEED, schemas=tmp_path)
    assert not (tmp_path / "out").exists()
