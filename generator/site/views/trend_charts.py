"""Charts over weeks: exposed cases, cases opened, and the disclosure rate."""

from __future__ import annotations

from collections.abc import Sequence

from generator.domain.bulletin import BulletinRow
from generator.domain.disclosure import Rate
from generator.domain.dispatch import Dispatch
from generator.domain.exposure import Issue
from generator.domain.weeks import find_week, list_weeks, parse_week
from generator.site.charts.trend import draw_columns, draw_line
from generator.site.views.chart import Chart, LegendEntry
from generator.site.views.tables import Column, Table, make_row
from generator.site.views.text import format_count, format_rate


def exposure_chart(issues: Sequence[Issue]) -> Chart | None:
    """Exposed cases by week; a week between issues without one counts 0. None without an issue."""
    if not issues:
        return None
    counts = {
        issue.iso_week: sum(case.withdrawal is None for case in issue.cases) for issue in issues
    }
    weeks = [week.code for week in list_weeks(parse_week(min(counts)), parse_week(max(counts)))]
    values = [counts.get(week, 0) for week in weeks]
    most = max(values)
    title = "每周曝光案件"
    reading = (
        f"{weeks[0]} 到 {weeks[-1]} 共 {len(weeks)} 周，曝光 {format_count(sum(values))} 起，"
        f"最多的一周 {most} 起（{weeks[values.index(most)]}）。"
    )
    return Chart(
        anchor="chart-exposures",
        title=title,
        reading=reading,
        drawing=draw_columns(title, f"{reading}数字见图下的表。", weeks, values),
        legend=(),
        notes=("只数没有撤回的案件；没有曝光案件的周是 0。",),
        table=_table("每周曝光案件", "曝光案件", "起", weeks, [str(value) for value in values]),
        explore="columns",
    )


def opened_chart(rows: Sequence[BulletinRow]) -> Chart | None:
    """Cases opened in the whole province by week of the bulletin; None without a bulletin."""
    if not rows:
        return None
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.iso_week] = counts.get(row.iso_week, 0) + row.tally.cases_opened
    weeks = [week.code for week in list_weeks(parse_week(min(counts)), parse_week(max(counts)))]
    values = [counts.get(week) for week in weeks]
    missing = values.count(None)
    known = [value for value in values if value is not None]
    title = "每周立案查处的案件"
    reading = (
        f"{weeks[0]} 到 {weeks[-1]} 共 {len(weeks)} 周，立案查处 {format_count(sum(known))} 件，"
        f"最少的一周 {format_count(min(known))} 件，最多的一周 {format_count(max(known))} 件。"
    )
    return Chart(
        anchor="chart-opened",
        title=title,
        reading=reading,
        drawing=draw_line(title, f"{reading}数字见图下的表。", weeks, values),
        legend=(LegendEntry("gap", "没有通报的周"),) if missing else (),
        notes=("一周一通报各区县相加。没有通报的周留空，不连线。",),
        table=_table(
            "每周立案查处的案件", "立案查处", "件", weeks,
            ["没有通报" if value is None else format_count(value) for value in values],
        ),
        explore="line",
    )  # fmt: skip


def disclosure_trend_chart(dispatch: Dispatch, rate: Rate, floor: int) -> Chart | None:
    """The province's disclosure rate at the end of each week; None where nobody is listed."""
    if not rate.listed:
        return None
    weeks = [find_week(day).code for day in dispatch.weeks]
    counts = list(dispatch.weeks.values())
    title = "每周末的公开率"
    first, last = format_rate(counts[0], rate.listed), format_rate(counts[-1], rate.listed)
    reading = f"公开率从 {weeks[0]} 的 {first}% 变为 {weeks[-1]} 的 {last}%，底线是 {floor}%。"
    return Chart(
        anchor="chart-disclosure-trend",
        title=title,
        reading=reading,
        drawing=draw_line(
            title, f"{reading}数字见图下的表。", weeks,
            [count * 100 / rate.listed for count in counts], unit="%", limit=floor,
        ),
        legend=(LegendEntry("cross", f"低于底线 {floor}%"), LegendEntry("dot", "不低于底线")),
        notes=(
            "纵轴不从 0 开始。过去各周由公开记录倒推，按今天的名单计算；"
            "公开记录说不清的当作一直都在，所以过去的数是上限。",
        ),
        table=Table(
            "每周末的公开率",
            (
                Column("周", "nowrap"),
                Column("公开率", "num", "%"),
                Column("已公开", "num", "家"),
                Column("应公开", "num", "家"),
            ),
            tuple(
                make_row((week, format_rate(count, rate.listed), count, rate.listed))
                for week, count in zip(weeks, counts, strict=True)
            ),
        ),
        explore="line",
    )  # fmt: skip


def _table(
    caption: str, what: str, unit: str, weeks: Sequence[str], values: Sequence[str]
) -> Table:
    return Table(
        caption,
        (Column("周", "nowrap"), Column(what, "num", unit)),
        tuple(make_row(pair) for pair in zip(weeks, values, strict=True)),
    )
