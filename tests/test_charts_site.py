"""Charts of the finished site: their numbers against the CSV files, and their scripts at work."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from selectolax.lexbor import LexborHTMLParser, LexborNode

ROOT = Path(__file__).resolve().parents[1]
TABLES = ROOT / "datasets/tables"
STAGES = ("排查", "登记", "整改", "消除", "销号")


def query(text: str) -> list[tuple[object, ...]]:
    """Rows of a query in which `{name}` is a table of the dataset, all cells as text."""

    def name(match: re.Match[str]) -> str:
        path = TABLES / f"{match[1]}.csv"
        return f"(from read_csv('{path}', all_varchar=true)) as {match[1]}"

    named = re.sub(r"\{(\w+)\}", name, text)
    return duckdb.sql(named).fetchall()


def find_chart(site: Path, route: str, anchor: str) -> LexborNode:
    chart = LexborHTMLParser((site / route).read_bytes()).css_first(f"figure#{anchor}")
    assert chart is not None, (route, anchor)
    return chart


def read_rows(chart: LexborNode) -> list[list[str]]:
    return [
        [cell.text().strip().replace(",", "") for cell in row.css("th, td")]
        for row in chart.css("tbody tr")
    ]


def drawn_words(chart: LexborNode, kind: str) -> list[str]:
    return [label.text().replace(",", "") for label in chart.css(f"svg text.hj-d-{kind}")]


def test_every_square_of_the_clearance_map_says_what_the_ledger_says(site: Path) -> None:
    counted = query(
        """select division_name, round(100.0 * count(*) filter (stage = '销号') / count(*), 2),
        count(*), count(*) filter (stage = '销号') from {illegal_project}
        join {division} using (division_code) group by division_code, division_name
        order by division_code"""
    )
    chart = find_chart(site, "supervision/index.html", "chart-tiles-clearance")
    rows = read_rows(chart)
    assert len(rows) == len(counted) == 40
    for row, (name, rate, total, closed) in zip(rows, counted, strict=True):
        assert row[0].endswith(str(name))
        assert (float(row[1]), int(row[2]), int(row[3])) == (rate, total, closed)
    said = {link.attributes["href"]: link.css_first("title").text() for link in chart.css("svg a")}
    for row, link in zip(rows, chart.css("tbody th a"), strict=True):
        words = said[link.attributes["href"]]
        assert words.replace(",", "").startswith(
            f"{row[0]}：整改率 {row[1]}%，台账项目 {row[2]} 个，已销号 {row[3]} 个"
        )
    shown = dict(zip(drawn_words(chart, "name"), drawn_words(chart, "value"), strict=True))
    for row in rows:
        assert shown[row[0][-3:]] == row[1].replace("100.00", "100")


def test_the_disclosure_map_equals_the_daily_table_and_marks_who_is_below(site: Path) -> None:
    daily = LexborHTMLParser((site / "supervision/dispatch.html").read_bytes())
    rates = {
        row.css_first("th").text().strip(): row.css("td")[2].text().strip()
        for row in daily.css("table")[0].css("tbody tr")
    }
    chart = find_chart(site, "index.html", "chart-tiles-rate")
    parts = chart.css("svg a")
    assert len(parts) == 12
    for part in parts:
        name, value = (label.text() for label in part.css("text"))
        assert float(value) == float(rates[name].rstrip("%"))
        below = "低于底线" in part.css_first("title").text()
        assert below == (float(value) < 90) == (part.css_first("path.hj-d-mark") is not None)


def test_the_funnel_equals_the_ledger_stage_by_stage(site: Path) -> None:
    standing = {
        (batch, stage): number
        for batch, stage, number in query(
            "select batch, stage, count(*) from {illegal_project} group by all"
        )
    }
    rows = read_rows(find_chart(site, "index.html", "chart-funnel"))
    assert len(rows) == 5 * (1 + len({batch for batch, _ in standing}))
    for batch, stage, reached, here in rows:
        batches = {b for b, _ in standing} if batch == "全部" else {batch}
        beyond = STAGES[STAGES.index(stage) :]
        assert int(here) == sum(int(str(standing.get((b, stage), 0))) for b in batches)
        assert int(reached) == sum(
            int(str(standing.get((b, s), 0))) for b in batches for s in beyond
        )
    chart = find_chart(site, "index.html", "chart-funnel")
    assert [value.split()[0] for value in drawn_words(chart, "value")] == [row[2] for row in rows]


def test_weekly_numbers_equal_bulletins_and_cases(site: Path) -> None:
    opened = query("select iso_week, sum(cases_opened::int) from {bulletin} group by 1 order by 1")
    assert [[week, str(number)] for week, number in opened] == read_rows(
        find_chart(site, "week/index.html", "chart-opened")
    )
    exposed = query(
        """select iso_week, count(*) from {exposure_case} where case_no not in (
        select target_key from {correction} where kind = '撤回' and resolved_date is not null)
        group by 1 order by 1"""
    )
    chart = find_chart(site, "week/index.html", "chart-exposures")
    assert [[week, str(number)] for week, number in exposed] == read_rows(chart)
    assert drawn_words(chart, "value") == [str(number) for _, number in exposed]


def test_the_trend_of_disclosure_ends_with_todays_rate_and_passes_through_known_days(
    site: Path,
) -> None:
    rows = read_rows(find_chart(site, "supervision/index.html", "chart-disclosure-trend"))
    daily = LexborHTMLParser((site / "supervision/dispatch.html").read_bytes())
    days = {
        row.css_first("th").text().strip(): int(row.css("td")[0].text().replace(",", ""))
        for row in daily.css("table")[1].css("tbody tr")
    }
    assert [row[0] for row in rows[-2:]] == ["2016-W25", "2016-W26"]
    assert int(rows[-1][2]) == days["2016-07-03"]
    assert int(rows[-2][2]) == days["2016-06-26"]
    assert len(rows) == 13
    for _, rate, disclosed, listed in rows:
        assert float(rate) == round(100 * int(disclosed) / int(listed) + 1e-9, 2)


def test_a_districts_matrix_counts_its_sites_table_by_table(site: Path) -> None:
    rows = read_rows(find_chart(site, "district/990101.html", "chart-matrix"))
    assert len(rows) == 33
    (given,) = query(
        """select count(distinct site_code) from {noise} join {enterprise_profile} using (site_code)
        where division_code = '990101' and operating_status <> '长期停产'"""
    )
    (listed,) = query(
        """select count(*) from {enterprise_profile}
        where division_code = '990101' and operating_status <> '长期停产'"""
    )
    noise = rows[12]
    assert int(noise[1]) == given[0]
    for row in rows:
        assert sum(int(cell) for cell in row[1:5]) == listed[0]
    chart = find_chart(site, "district/990101.html", "chart-matrix")
    assert [int(word) for word in drawn_words(chart, "cell")] == [
        int(100 - int(row[4]) * 100 / int(str(listed[0]))) for row in rows
    ]


def test_a_timeline_has_its_projects_steps_at_their_days(site: Path) -> None:
    ledger_no = "990101-B-00006"
    events = query(
        f"""select stage, event_date::date from {{ledger_event}}
        where ledger_no = '{ledger_no}' order by event_no"""
    )
    chart = find_chart(site, f"project/{ledger_no}.html", "chart-timeline")
    words = [label.text() for label in chart.css("svg text:not([class])")]
    assert words == [stage for stage, _ in events]
    path = chart.css_first("path.hj-d-dot").attributes["d"] or ""
    places = [int(x) for x in re.findall(r"M(\d+) ", path)]
    (row,) = query(f"select deadline::date from {{illegal_project}} where ledger_no='{ledger_no}'")
    deadline = row[0]
    days = [day for _, day in events if isinstance(day, dt.date)]
    assert isinstance(deadline, dt.date)
    span = (max(days[-1], deadline) - days[0]).days
    assert places == [14 + 292 * (day - days[0]).days // span for day in days]
    assert f"时限 {deadline}" in chart.text()


def test_a_series_is_drawn_from_the_readings(site: Path) -> None:
    readings = pl.read_parquet(TABLES / "monitoring.parquet").with_columns(
        pl.col("outlet_code").cast(pl.String), pl.col("pollutant_code").cast(pl.String)
    )
    water = readings.filter(
        pl.col("outlet_code").str.starts_with("DW") & (pl.col("status").cast(pl.String) == "正常")
    )
    over = water.filter(pl.col("measured") > pl.col("limit_value"))
    code, outlet, pollutant = over.select("site_code", "outlet_code", "pollutant_code").row(0)
    own = water.filter(
        (pl.col("site_code") == code)
        & (pl.col("outlet_code") == outlet)
        & (pl.col("pollutant_code") == pollutant)
    )
    months = (
        own.group_by(pl.col("reading_time").dt.strftime("%Y-%m").alias("month"))
        .agg(
            pl.col("measured").mean().alias("mean"),
            (pl.col("measured") > pl.col("limit_value")).any().alias("alarm"),
        )
        .sort("month")
    )
    order = sorted(
        readings.filter(pl.col("site_code") == code)
        .select("outlet_code", "pollutant_code")
        .unique()
        .rows()
    )
    page = LexborHTMLParser((site / f"enterprise/{code}.html").read_bytes())
    plot = page.css(".hj-series")[order.index((outlet, pollutant))].css_first("svg")
    line = plot.css_first(".hj-plot__line").attributes["d"] or ""
    heights = [int(y) for y in re.findall(r"[ML]\d+ (\d+)", line)]
    means = months["mean"].to_list()
    assert len(heights) == len(means)
    # A whole pixel of rounding; the scale is the same for all months.
    units = [(96 - y) / mean for y, mean in zip(heights, means, strict=True)]
    assert max(units) * min(means) - min(units) * min(means) <= 1.5
    alarms = plot.css_first(".hj-plot__alarm").attributes["d"] or ""
    assert alarms.count("M") == months["alarm"].sum() > 0


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 360, "height": 800}, accept_downloads=True)
    opened = context.new_page()
    opened.faults = []  # type: ignore[attr-defined]
    opened.on("console", lambda m: opened.faults.append(m.text))  # type: ignore[attr-defined]
    opened.on("pageerror", lambda e: opened.faults.append(str(e)))  # type: ignore[attr-defined]
    yield opened
    assert opened.faults == []  # type: ignore[attr-defined]
    context.close()


def save(page: Page, anchor: str, button: str) -> bytes:
    with page.expect_download() as download:
        page.locator(f"#{anchor}").get_by_role("button", name=button).click()
    return Path(download.value.path()).read_bytes()


def test_every_chart_is_saved_as_a_picture_with_its_colours_and_as_its_rows(
    page: Page, small_site: Path
) -> None:
    page.goto((small_site / "index.html").as_uri())
    rows = read_rows(find_chart(small_site, "index.html", "chart-funnel"))
    saved = save(page, "chart-funnel", "存数据 CSV").decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(saved)))[1:] == rows
    picture = save(page, "chart-tiles-rate", "存图 SVG").decode()
    assert picture.startswith("<svg ")
    assert "class=" not in picture
    assert "var(" not in picture
    assert "href=" not in picture
    assert 'fill="rgb(11, 93, 78)"' in picture


def test_plots_of_an_enterprise_and_a_project_are_saved_with_the_rows_beside_them(
    page: Page, small_site: Path
) -> None:
    monitored = next(
        path for path in sorted((small_site / "enterprise").glob("*.html"))
        if b"hj-plot__line" in path.read_bytes()
    )  # fmt: skip
    page.goto(monitored.as_uri())
    saved = save(page, "chart-matrix", "存数据 CSV").decode("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(saved)))) == 34
    page.goto(next(iter(sorted((small_site / "project").glob("9*.html")))).as_uri())
    rows = list(
        csv.reader(io.StringIO(save(page, "chart-timeline", "存数据 CSV").decode("utf-8-sig")))
    )
    assert rows[0][:2] == ["日期", "进入阶段"]
    assert rows[1][1] == "排查"


def test_a_trend_is_explored_by_keyboard_with_the_numbers_of_its_table(
    page: Page, small_site: Path
) -> None:
    page.goto((small_site / "week/index.html").as_uri())
    assert page.evaluate("typeof uPlot") == "undefined"
    chart = page.locator("#chart-opened")
    chart.get_by_role("button", name="逐点查看").click()
    readout = chart.locator(".hj-chart__readout")
    readout.wait_for()
    rows = read_rows(find_chart(small_site, "week/index.html", "chart-opened"))
    assert readout.inner_text() == f"{rows[-1][0]}：{rows[-1][1]} 件"
    page.keyboard.press("ArrowLeft")
    assert readout.inner_text() == f"{rows[-2][0]}：{rows[-2][1]} 件"
    page.keyboard.press("+")
    page.wait_for_timeout(100)
    assert readout.inner_text() == f"{rows[-2][0]}：{rows[-2][1]} 件"
    page.keyboard.press("Home")
    assert readout.inner_text() == f"{rows[0][0]}：{rows[0][1]} 件"
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_a_square_of_the_map_is_reached_and_followed_by_keyboard(
    page: Page, small_site: Path
) -> None:
    page.goto((small_site / "district/index.html").as_uri())
    link = page.get_by_role("list", name=re.compile("公开率方块图")).get_by_role("link").first
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/district/990\d\d\d\.html$"))


def test_without_script_the_pictures_and_their_tables_are_there(
    browser: Browser, small_site: Path
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 800})
    page = context.new_page()
    page.goto((small_site / "index.html").as_uri())
    chart = page.locator("#chart-funnel")
    assert chart.get_by_role("img").is_visible()
    assert chart.get_by_role("button").count() == 0
    chart.locator("summary").click()
    assert chart.get_by_role("table").is_visible()
    context.close()
