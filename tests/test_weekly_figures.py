"""Follow-ups, transfers and supervision results of the whole site against the CSV files.

The numbers are read from the finished pages and counted again by DuckDB.
"""

import csv
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from PIL import Image
from selectolax.lexbor import LexborHTMLParser

ROOT = Path(__file__).resolve().parents[1]
TABLES = ROOT / "datasets" / "tables"
STEPS = ("cause_found_date", "duty_fixed_date", "case_filed_date", "rectified_date")


@pytest.fixture(scope="module")
def rows() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for name in ("exposure_case", "illegal_project", "responsibility", "division"):
        path = TABLES / f"{name}.csv"
        connection.execute(
            f"create table {name} as select * from read_csv('{path}', all_varchar=true)"
        )
    connection.execute(
        "create view standing as from exposure_case where coalesce(withdraw_reason, '') = ''"
    )
    connection.execute(
        "create view ledger as select p.*, d.parent_code as prefecture, stage <> '销号' as open, "
        "stage <> '销号' and deadline < '2016-07-03' as overdue "
        "from illegal_project p join division d using (division_code)"
    )
    return connection


def count(rows: duckdb.DuckDBPyConnection, query: str) -> list[tuple[int, ...]]:
    return [tuple(int(value or 0) for value in row) for row in rows.execute(query).fetchall()]


def read_page(site: Path, route: str) -> LexborHTMLParser:
    return LexborHTMLParser((site / route).read_bytes())


def read_numbers(tree: LexborHTMLParser, selector: str) -> list[tuple[int, ...]]:
    return [
        tuple(int(cell.text().replace(",", "")) for cell in row.css("td.hj-num"))
        for row in tree.css(selector)
    ]


def test_open_follow_ups_equal_the_cases(site: Path, rows: duckdb.DuckDBPyConnection) -> None:
    opened = ", ".join(f"count(*) filter (coalesce({step}, '') = '')" for step in STEPS)
    closed = " and ".join(f"coalesce({step}, '') <> ''" for step in STEPS)
    query = f"select count(*), {opened}, count(*) filter ({closed}) from standing"
    page = read_page(site, "case/follow-up.html")
    assert read_numbers(page, "tfoot tr") == count(rows, query)
    by_issue = count(rows, f"{query} group by iso_week order by iso_week desc")
    assert read_numbers(page, "table.hj-sticky tbody tr") == by_issue


def test_transfers_equal_the_cases_by_week_and_by_place(
    site: Path, rows: duckdb.DuckDBPyConnection
) -> None:
    def has(word: str) -> str:
        return f"list_contains(string_split(measure_kind, '、'), '{word}')"

    detention, crime = has("移送行政拘留"), has("移送涉嫌犯罪")
    query = (
        f"select count(*) filter ({detention}), count(*) filter ({crime}), "
        f"count(*) filter ({detention}) + count(*) filter ({crime}) "
        f"from standing where {detention} or {crime}"
    )
    page = read_page(site, "case/transfers.html")
    assert read_numbers(page, "tfoot tr") == count(rows, query) * 2
    by_week = count(rows, f"{query} group by iso_week order by iso_week desc")
    by_place = count(rows, f"{query} group by division_code order by division_code")
    assert read_numbers(page, "table.hj-sticky tbody tr") == by_week + by_place


@pytest.mark.parametrize("body", ["Z06", "Z28"])
def test_supervision_results_equal_ledger_and_cases(
    site: Path, rows: duckdb.DuckDBPyConnection, body: str
) -> None:
    kinds = (
        "select distinct unnest(string_split(violation_types, '、')) from responsibility "
        f"where duty_no like '{body}-%' and duty_role in ('牵头', '监管') "
        "and valid_from <= '2016-07-03' and coalesce(valid_to, '9999') >= '2016-07-03' "
        "and violation_types is not null"
    )
    ledger = (
        "select prefecture, count(*) total, count(*) filter (open) left_open, "
        "count(*) filter (overdue) late, 0 exposed "
        f"from ledger where violation_type in ({kinds}) group by 1"
    )
    exposed = (
        "select d.parent_code, 0, 0, 0, count(*) from standing s "
        "join division d using (division_code) "
        f"where s.violation_type in ({kinds}) group by 1"
    )
    query = (
        "select sum(total), sum(left_open), sum(late), sum(exposed) "
        f"from ({ledger} union all {exposed})"
    )
    page = read_page(site, f"duty/{body}.html")
    assert read_numbers(page, "tfoot tr") == count(rows, query)
    by_league = count(rows, f"{query} group by prefecture order by prefecture")
    assert read_numbers(page, "table.hj-sticky tbody tr") == by_league


def test_a_districts_chain_equals_its_ledger(site: Path, rows: duckdb.DuckDBPyConnection) -> None:
    found = rows.execute(
        "select violation_type, count(*) filter (open), count(*) filter (overdue) "
        "from ledger where division_code = '990101' group by 1"
    ).fetchall()
    chain = read_page(site, "district/990101.html").css_first("dl.hj-chain")
    shown = {
        term.text(): "".join(term.next.next.css_first("p").text().split())
        for term in chain.css("dt")
    }
    assert len(found) >= 2
    for kind, left, late in found:
        assert f"台账项目未销号{left}个，其中逾期{late}个" in shown[kind]


def test_every_standing_case_and_issue_has_a_card_and_a_picture_and_no_other(
    site: Path, rows: duckdb.DuckDBPyConnection
) -> None:
    cases = {row[0] for row in rows.execute("select case_no from standing").fetchall()}
    weeks = {row[0] for row in rows.execute("select distinct iso_week from standing").fetchall()}
    shared = {"site"}  # of all pages that have none of their own
    assert {path.stem for path in (site / "card").iterdir()} == cases | weeks | shared
    gone = rows.execute("select case_no from exposure_case except select case_no from standing")
    withdrawn = [row[0] for row in gone.fetchall()]
    assert withdrawn
    shown = {path.stem.upper() for path in (site / "photos").iterdir()}
    for case_no in withdrawn:
        assert case_no.upper() not in shown
        assert not (site / "card" / f"{case_no}.png").exists()
    for path in (site / "card").iterdir():
        assert path.stat().st_size < 60_000
        with Image.open(path) as card:
            assert card.size == (1200, 630)


def test_the_archive_of_bulletins_prints_every_published_figure_of_its_province(
    site: Path,
) -> None:
    with (ROOT / "tests" / "published-figures.csv").open(encoding="utf-8", newline="") as file:
        published = [row for row in csv.DictReader(file) if row["id"].startswith("zj.")]
    pages = {name: read_page(site, f"{name}/index.html") for name in ("bulletin", "week")}
    words = {name: "".join(page.css_first("main").text().split()) for name, page in pages.items()}
    assert len(published) == 13
    for row in published:
        number = f"{Decimal(row['value']):,}"
        if row["id"] in {"zj.batches", "zj.cases"}:
            unit = {"批": "期", "起": "起案件"}[row["unit"]]
            assert f"{number}{unit}" in words["week"], row
        elif row["id"].endswith("_yoy"):
            assert f"同比+{number}%" in words["bulletin"], row
        else:
            assert f"{number}{row['unit']}" in words["bulletin"], row
    for definition in ("移送公安机关=移送行政拘留+移送涉嫌犯罪", "÷2,445×100%=159.02%"):
        assert definition in words["bulletin"]
