"""The supervision pages of the whole site, against DuckDB over the CSV files and as documents."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from selectolax.lexbor import LexborHTMLParser

ROOT = Path(__file__).resolve().parents[1]
DATA_DATE = "date '2016-07-03'"

VIEWS = (
    """create view site as select *, operating_status = '长期停产' as suspended
    from enterprise_profile""",
    "create view listed as select * from site where not suspended",
    """create view stated as select site_code, table_name as t from (
        select site_code, table_name, max_by(change_type, disclosed_date || record_id) as last
        from disclosure_record group by all) where last in ('无此情形声明', '依法不公开')""",
    """create view lacking as
        select l.site_code, l.division_code, n.t from listed l cross join names n
        anti join (select * from given union select * from stated) a
        on a.site_code = l.site_code and a.t = n.t""",
    """create view rate as select l.division_code, count(*) as listed,
        count(*) filter (l.site_code not in (select site_code from lacking)) as disclosed
        from listed l group by 1""",
    """create view late as select r.* from disclosure_record r join listed using (site_code)
        where (change_type = '变更公开' and disclosed_date::date - occurred_date::date > 30)
        or (change_type = '首次公开' and table_name <> 'penalty_rectification'
            and disclosed_date::date - occurred_date::date > 90)""",
    """create view due as select l.site_code,
        coalesce(min(r.occurred_date::date), date '2016-03-31') + 90 as deadline
        from listed l left join disclosure_record r on r.site_code = l.site_code
        and r.change_type = '首次公开' and r.table_name <> 'penalty_rectification' group by 1""",
    f"""create view ledger as select *, stage = '销号' as closed, deadline::date as due,
        stage <> '销号' and deadline::date < {DATA_DATE} as overdue from illegal_project""",
    """create view verdict as select division_code, count(*) as total,
        count(*) filter (closed) as done, count(*) filter (overdue) as late,
        any_value(t.closure_target)::decimal(9, 4) as target,
        (target * total - done * 100 >= 10 * total or (late > 0 and late * 100 >= 10 * total))
            as supervised,
        not supervised and (done * 100 < target * total or (late > 0 and late * 100 >= 5 * total))
            as warned
        from ledger join district_target t using (division_code)
        where t.period = '2016-06' group by 1""",
    f"""create view pace as select division_code, max(need) as weekly from (
        select d.division_code, least(count(*), ceil(count(*) * 7 / (d.due - {DATA_DATE}))) as need
        from (select distinct division_code, due from ledger where not closed
              and due >= {DATA_DATE}) d
        join ledger o on o.division_code = d.division_code and not o.closed and o.due <= d.due
        group by d.division_code, d.due) group by 1""",
    """create view whole_pace as select max(need) as weekly from (
        select ceil(count(*) * 7 / (d.due - date '2016-07-03')) as need
        from (select distinct due from ledger where not closed and due >= date '2016-07-03') d
        join ledger o on not o.closed and o.due <= d.due group by d.due)""",
)

LANDING = {
    "ha.entry_rate": "select round(100.0 * sum(disclosed) / sum(listed), 2) from rate",
    "ha.entered_rate": (
        "select round(100.0 - 100.0 * (select count(*) from lacking) / (count(*) * 33), 2) "
        "from listed"
    ),
    "ha.enterprises": "select count(*) from site",
    "ha.suspended": "select count(*) from site where suspended",
    "ha.incomplete": "select count(distinct site_code) from lacking",
    "ha.late": "select count(*) from late",
    "ha.filings": (
        "select count(*) from due where deadline < date '2016-07-03' "
        "and site_code in (select site_code from lacking)"
    ),
    "ha.below_floor": "select count(*) from rate where disclosed * 100 < 90 * listed",
    "ha.notices": (
        "select (select count(*) from rate where disclosed * 100 < 90 * listed) + (select count(*) "
        "from (select left(division_code, 4), sum(disclosed) d, sum(listed) l from rate group by 1)"
        " where d * 100 < 90 * l)"
    ),
    "cq.projects.total": "select count(*) from ledger",
    "cq.projects.done": "select count(*) from ledger where closed",
    "cq.projects.done_rate": (
        "select round(100.0 * count(*) filter (closed) / count(*), 2) from ledger"
    ),
    "cq.projects.open": "select count(*) from ledger where not closed",
    "cq.projects.overdue": "select count(*) from ledger where overdue",
    "cq.projects.rebounded": (
        "select count(distinct ledger_no) from ledger_event where stage = '退回'"
    ),
    "cq.pace": "select weekly from whole_pace",
    "cq.supervision.warned": "select count(*) from verdict where warned",
    "cq.supervision.supervised": "select count(*) from verdict where supervised",
    "cq.penalised.firms": (
        "select count(distinct coalesce(uscc, owner_name)) from ledger "
        "where fine::decimal(12, 4) > 0"
    ),
    "cq.penalised.fines": "select sum(fine::decimal(12, 4)) from ledger where fine is not null",
    "cq.owners": """with sites as (select uscc, division_code, site_code from enterprise_profile),
        owned as (select coalesce(p.uscc, s.uscc, p.owner_name || '/' || p.division_code) as owner
                  from illegal_project p left join sites s using (site_code))
        select count(distinct owner) from (
            select owner from owned group by 1 having count(*) >= 3
            union select uscc from sites group by 1 having count(*) >= 2)""",
}


@pytest.fixture(scope="module")
def tables() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    names = []
    for path in sorted((ROOT / "datasets/tables").glob("*.csv")):
        connection.execute(
            f"create view {path.stem} as select * from read_csv('{path}', all_varchar=true)"
        )
    document = (ROOT / "datasets/datapackage.json").read_text(encoding="utf-8")
    connection.execute(
        "create table resource as select unnest(from_json(?::json -> 'resources', "
        '\'[{"name":"VARCHAR","group":"VARCHAR"}]\'), recursive := true)',
        [document],
    )
    connection.execute(
        "create view names as select name as t from resource where \"group\" = 'disclosure'"
    )
    names = [row[0] for row in connection.execute("select t from names").fetchall()]
    assert len(names) == 33
    connection.execute(
        "create view given as "
        + " union all ".join(
            f"select distinct site_code, '{name}' as t from {name}" for name in names
        )
    )
    for view in VIEWS:
        connection.execute(view)
    return connection


def read(site: Path, route: str) -> LexborHTMLParser:
    return LexborHTMLParser((site / route).read_bytes())


def read_table(site: Path, route: str, caption: str) -> list[list[str]]:
    for table in read(site, route).css("table"):
        head = table.css_first("caption")
        if head is not None and head.text().strip() == caption:
            return [
                [cell.text().strip() for cell in row.css("th, td")] for row in table.css("tbody tr")
            ]
    raise AssertionError(f"{route} has no table {caption}")


def number(text: str) -> Decimal:
    return Decimal(text.replace(",", "").replace("−", "-").rstrip("%"))


def rows_of(tables: duckdb.DuckDBPyConnection, query: str) -> list[tuple[object, ...]]:
    return tables.execute(query).fetchall()


@pytest.fixture(scope="module")
def names(tables: duckdb.DuckDBPyConnection) -> Mapping[str, str]:
    """Names of the counties in force by code; they are all different in the sample."""
    found = dict(
        tables.execute(
            "select division_code, division_name from division where level = '县' "
            "and valid_to is null"
        ).fetchall()
    )
    assert len(set(found.values())) == len(found) == 40
    return found


def test_every_figure_of_the_landing_page_equals_an_independent_query(
    tables: duckdb.DuckDBPyConnection, site: Path
) -> None:
    page = read(site, "supervision/index.html")
    printed = {cell.attributes["id"]: number(cell.text()) for cell in page.css("td.hj-num[id]")}
    assert set(printed) == set(LANDING)
    counted = {
        figure: Decimal(str(rows_of(tables, query)[0][0])) for figure, query in LANDING.items()
    }
    assert printed == counted


def test_the_daily_table_equals_the_rows_of_every_county(
    tables: duckdb.DuckDBPyConnection, site: Path, names: Mapping[str, str]
) -> None:
    rows = read_table(site, "supervision/dispatch.html", "2016-07-03 各地信息公开情况")
    printed = {row[0]: (int(row[1]), int(row[2])) for row in rows if row[0] in names.values()}
    counted = {
        names[str(code)]: (listed, disclosed)
        for code, listed, disclosed in rows_of(tables, "select * from rate")
    }
    assert printed == counted
    assert len(rows) == 1 + 12 + 40


def test_the_change_since_yesterday_is_what_the_log_gained(
    tables: duckdb.DuckDBPyConnection, site: Path, names: Mapping[str, str]
) -> None:
    # A complete site was not complete yesterday when a table of it got its first entry today.
    query = """select l.division_code, count(distinct l.site_code) from listed l
        join disclosure_record r using (site_code)
        where l.site_code not in (select site_code from lacking)
        and r.disclosed_date > '{since}' and r.disclosed_date <= '2016-07-03'
        and r.change_type in ('首次公开', '无此情形声明', '依法不公开')
        and not exists (from disclosure_record e where e.site_code = r.site_code
            and e.table_name = r.table_name and e.disclosed_date <= '{since}') group by 1"""
    rows = read_table(site, "supervision/dispatch.html", "2016-07-03 各地信息公开情况")
    for column, since in ((5, "2016-07-02"), (6, "2016-06-26")):
        gained = {names[str(c)]: n for c, n in rows_of(tables, query.format(since=since))}
        printed = {row[0]: int(number(row[column])) for row in rows if row[0] in names.values()}
        assert printed == {name: gained.get(name, 0) for name in names.values()}


def test_the_ledger_table_equals_the_rows_of_every_county(
    tables: duckdb.DuckDBPyConnection, site: Path, names: Mapping[str, str]
) -> None:
    rows = read_table(site, "supervision/ledger.html", "各地整治进度")
    printed = {
        row[0]: (
            *(int(number(row[column])) for column in (1, 2, 4, 8, 10)),
            row[13].lstrip("✓!✕ "),
        )
        for row in rows
        if row[0] in names.values()
    }
    counted = {
        names[str(code)]: (total, done, late, required, weekly, word)
        for code, total, done, late, required, weekly, word in rows_of(
            tables,
            """select division_code, total, done, late, ceil(target * total / 100)::int,
            coalesce(weekly, total - done)::int,
            case when supervised then '督办' when warned then '预警' else '正常' end
            from verdict left join pace using (division_code)""",
        )
    }
    assert printed == counted


def test_townships_of_a_district_page_equal_the_ledger(
    tables: duckdb.DuckDBPyConnection, site: Path
) -> None:
    rows = read_table(site, "district/990101.html", "各乡镇（街道）的台账项目（个）")
    printed = {row[1]: tuple(int(cell) for cell in row[2:6]) for row in rows[:-1] if row[2] != "0"}
    counted = {
        code: (total, done, total - done, late)
        for code, total, done, late in rows_of(
            tables,
            """select coalesce(township_code, '—'), count(*), count(*) filter (closed),
            count(*) filter (overdue) from ledger where division_code = '990101' group by 1""",
        )
    }
    assert printed == counted
    assert rows[-1][0] == "合计"


def test_the_list_of_the_missing_names_every_site_and_table(
    tables: duckdb.DuckDBPyConnection, site: Path
) -> None:
    page = read(site, "supervision/missing.html")
    printed = {
        row.css_first("th a").attributes["href"]: int(row.css("td")[1].text())
        for row in page.css("tbody tr")
        if "enterprise/" in (row.css_first("th a").attributes["href"] or "")
    }
    counted = {
        f"../enterprise/{code}.html": lacking
        for code, lacking in rows_of(tables, "select site_code, count(*) from lacking group by 1")
    }
    assert printed == counted


def test_the_irregular_are_the_listed_sites_that_the_rules_name(
    tables: duckdb.DuckDBPyConnection, site: Path
) -> None:
    page = read(site, "supervision/irregular.html")
    linked = {
        node.attributes["href"]
        for node in page.css("tbody th a")
        if "enterprise/" in (node.attributes["href"] or "")
    }
    overdue_plans = rows_of(
        tables,
        """select '../enterprise/' || site_code || '.html' from emergency_plan
        join listed using (site_code) group by site_code
        having max(filing_date::date) + interval 3 year < date '2016-07-03'""",
    )
    assert {str(row[0]) for row in overdue_plans} <= linked
    suspended = rows_of(
        tables, "select '../enterprise/' || site_code || '.html' from site where suspended"
    )
    assert not {str(row[0]) for row in suspended} & linked


def test_ranks_follow_the_rates_and_skip_after_ties(site: Path) -> None:
    rows = read_table(site, "supervision/ranking.html", "各区县按公开率排名")
    rates = [number(row[3]) * 10_000 / number(row[2]) for row in rows]
    ranks = [int(row[1]) for row in rows]
    assert rates == sorted(rates, reverse=True)
    assert ranks == [1 + sum(other > rate for other in rates) for rate in rates]
    assert ranks.count(1) > 1, "the sample has no tie to show"


def test_a_notice_names_its_sites_its_number_and_its_boundary(
    tables: duckdb.DuckDBPyConnection, site: Path
) -> None:
    page = read(site, "supervision/notice-2016-990101.html")
    text = re.sub(r"\s+", " ", page.css_first("main").text())
    assert "环督〔2016〕990101号" in text
    assert "82 × 100 = 8,200，小于 90 × 106 = 9,540" in text
    lacking = rows_of(
        tables, "select distinct site_code from lacking where division_code = '990101'"
    )
    assert all(str(row[0]) in text for row in lacking)
    assert f"附件一 缺报单位和所缺的表（{len(lacking)} 家）" in text


def test_exactly_those_below_the_floor_have_a_notice(
    tables: duckdb.DuckDBPyConnection, site: Path
) -> None:
    pages = {path.stem for path in (site / "supervision").glob("notice-*.html")}
    below = rows_of(
        tables,
        """select division_code from rate where disclosed * 100 < 90 * listed union all
        select left(division_code, 4) || '00' from rate group by 1
        having sum(disclosed) * 100 < 90 * sum(listed)""",
    )
    assert pages == {f"notice-2016-{row[0]}" for row in below}


def test_every_owner_page_lists_all_its_projects(
    tables: duckdb.DuckDBPyConnection, site: Path
) -> None:
    for (uscc,) in rows_of(
        tables,
        "select uscc from illegal_project where uscc is not null group by 1 having count(*) >= 3",
    ):
        page = read(site, f"owner/{uscc}.html")
        linked = {node.attributes["href"] for node in page.css("tbody th a")}
        own = rows_of(tables, f"select ledger_no from illegal_project where uscc = '{uscc}'")
        assert {f"../project/{row[0]}.html" for row in own} <= linked
