"""Figures recomputed from the CSV files by DuckDB, which shares no code with the generator."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[1]
TABLES = ROOT / "datasets/tables"

QUERIES = {
    "cq.projects.total": "select count(*) from illegal_project",
    "cq.projects.unapproved": (
        "select count(*) from illegal_project where violation_type='未批先建'"
    ),
    "cq.projects.overdue": (
        "select count(*) from illegal_project where stage<>'销号' and deadline < '2016-07-03'"
    ),
    "cq.projects.done": (
        "select count(*) from (select ledger_no, arg_max(stage, event_no) s from ledger_event "
        "group by 1) where s='销号'"
    ),
    "cq.batch.filed": (
        "select count(*) from illegal_project where stage='销号' and batch='完善备案'"
    ),
    "cq.sectors": "select count(distinct sector) from illegal_project",
    "cq.penalised.firms": (
        "select count(distinct coalesce(uscc, owner_name)) from illegal_project "
        "where try_cast(fine as decimal(18,4)) > 0"
    ),
    "cq.penalised.fines": "select sum(try_cast(fine as decimal(18,4))) from illegal_project",
    "cq.townships": "select count(*) from division where level='乡' and valid_to is null",
    "ha.enterprises": "select count(*) from enterprise_profile",
    "ha.suspended": "select count(*) from enterprise_profile where operating_status='长期停产'",
    "zj.batches": "select count(distinct iso_week) from exposure_case",
    "zj.enforcement.cases": "select sum(cast(cases_opened as int)) from bulletin",
    "zj.enforcement.fines": "select sum(cast(fine_total as decimal(18,4)))/10000 from bulletin",
    "zj.seizure": "select sum(cast(seizure as int)) from bulletin",
    "zj.hundred_days.cases": (
        "select sum(cast(cases_opened as int)) from bulletin "
        "where iso_week between '2016-W17' and '2016-W26'"
    ),
    "nm.leagues_adopted": "select count(*) from duty_adoption where status='已印发'",
}


@pytest.fixture(scope="module")
def tables() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for path in sorted(TABLES.glob("*.csv")):
        connection.execute(
            f"create view {path.stem} as select * from read_csv('{path}', all_varchar=true)"
        )
    return connection


@pytest.fixture(scope="module")
def figures(site: Path) -> dict[str, dict[str, object]]:
    document = json.loads((site / "data/figures.json").read_text(encoding="utf-8"))
    return {figure["id"]: figure for figure in document["figures"]}


@pytest.mark.parametrize("figure_id", sorted(QUERIES))
def test_a_figure_equals_an_independent_query(
    tables: duckdb.DuckDBPyConnection, figures: dict[str, dict[str, object]], figure_id: str
) -> None:
    row = tables.execute(QUERIES[figure_id]).fetchone()
    assert row is not None
    assert Decimal(str(figures[figure_id]["value"])) == Decimal(str(row[0]))


def test_the_disclosure_rate_equals_an_independent_count(
    tables: duckdb.DuckDBPyConnection, figures: dict[str, dict[str, object]]
) -> None:
    descriptor = json.loads((ROOT / "datasets/datapackage.json").read_text(encoding="utf-8"))
    names = [r["name"] for r in descriptor["resources"] if r["group"] == "disclosure"]
    assert len(names) == 33
    given = " union ".join(
        f"select distinct site_code, '{name}' as t from {name}" for name in names
    )
    row = tables.execute(
        f"""
        with given as ({given}),
        stated as (select distinct site_code, table_name as t from disclosure_record
                   where change_type in ('无此情形声明', '依法不公开')),
        answered as (select * from given union select * from stated),
        complete as (select site_code from answered group by 1 having count(*) >= 33)
        select count(*) filter (site_code in (select site_code from complete)), count(*)
        from enterprise_profile where operating_status <> '长期停产'
        """
    ).fetchone()
    assert row is not None
    rate = (Decimal(row[0]) * 100 / Decimal(row[1])).quantize(Decimal("0.01"))
    assert Decimal(str(figures["ha.entry_rate"]["value"])) == rate


def test_parts_that_claim_to_add_up_do(figures: dict[str, dict[str, object]]) -> None:
    for figure_id in (
        "cq.projects.total",
        "zj.cases",
        "zj.seizure",
        "ha.enterprises",
        "cq.townships",
    ):
        parts = figures[figure_id]["parts"]
        assert isinstance(parts, dict)
        total = sum((Decimal(value) for value in parts.values()), Decimal(0))
        assert total == Decimal(str(figures[figure_id]["value"]))
