"""Words and marks of the charts at their boundaries."""

import pandas as pd
import pytest

from generator.config import TileMap
from generator.domain.bulletin import BulletinRow, Tally
from generator.domain.disclosure import NO_LISTED_SITES, Rate
from generator.domain.dispatch import Dispatch
from generator.domain.exposure import Issue
from generator.site.views.ledger_charts import funnel_chart
from generator.site.views.place_charts import Measure, Measured, ranking_chart, tile_chart
from generator.site.views.tables import Table
from generator.site.views.trend_charts import (
    disclosure_trend_chart,
    exposure_chart,
    opened_chart,
)


def texts(table: Table) -> list[list[str]]:
    return [[str(cell.text) for cell in row.cells] for row in table.rows]


def make_measure(*pairs: tuple[int, int], floor: int | None = 90) -> Measure:
    places = tuple(
        Measured(f"99010{n}", f"甲{n}县", f"乙市甲{n}县", "990100", part, whole)
        for n, (part, whole) in enumerate(pairs, start=1)
    )
    return Measure("rate", "公开率", "应公开", "已公开", "家", NO_LISTED_SITES, floor, places)


def test_a_place_exactly_on_the_floor_is_not_marked_though_one_that_prints_alike_is() -> None:
    measure = make_measure((9, 10), (89999, 100000), (100, 100), (0, 0))
    chart = tile_chart(measure, "示例省", TileMap(), counties=True)
    kinds = [[shape.kind for shape in part.shapes] for part in chart.drawing.parts]
    assert kinds == [["step1"], ["step0", "mark"], ["step3"], ["none"]]
    values = [part.labels[1].text for part in chart.drawing.parts]
    assert values == ["90.00", "90.00", "100", "—"]
    assert chart.drawing.parts[1].words.endswith("低于底线 90%")
    assert chart.drawing.parts[3].words == "乙市甲4县：公开率，无应公开单位"
    assert chart.reading.endswith("1 个地方低于底线 90%。")


def test_a_ranking_goes_down_by_the_exact_share_and_ends_with_those_without() -> None:
    chart = ranking_chart(make_measure((1, 3), (0, 0), (333333, 1000000)), "某市")
    assert chart is not None
    assert [row[0] for row in texts(chart.table)] == ["乙市甲1县", "乙市甲3县", "乙市甲2县"]
    assert texts(chart.table)[2][1] == NO_LISTED_SITES
    assert ranking_chart(make_measure(), "某市") is None


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        (((0, 0),), "无应公开单位，没有公开率可以比较。"),
        (((1, 2),), "甲1县公开率 50.00%；1 个地方低于底线 90%。"),
        (((5, 5), (7, 7)), "2 个地方的公开率都是 100.00%；没有地方低于底线 90%。"),
        (((5, 5), (0, 7)), "公开率最高的是甲1县（100.00%），最低的是甲2县（0.00%）；"
                           "1 个地方低于底线 90%。"),
    ],
)  # fmt: skip
def test_what_a_comparison_says_of_none_one_equals_and_others(
    pairs: tuple[tuple[int, int], ...], words: str
) -> None:
    assert tile_chart(make_measure(*pairs), "省", TileMap(), counties=True).reading == words


def make_projects(*rows: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["batch", "stage"])


def test_a_funnel_counts_who_came_so_far_and_names_the_whole_only_of_several_batches() -> None:
    frame = make_projects(("甲", "排查"), ("甲", "整改"), ("甲", "销号"), ("乙", "销号"))
    chart = funnel_chart("某县", frame)
    assert chart is not None
    rows = texts(chart.table)
    assert [row[0] for row in rows[::5]] == ["全部", "乙", "甲"]
    assert [row[2:] for row in rows[:5]] == [
        ["4", "1"], ["3", "0"], ["3", "1"], ["2", "0"], ["2", "2"],
    ]  # fmt: skip
    single = funnel_chart("某县", make_projects(("甲", "排查")))
    assert single is not None
    assert [row[2] for row in texts(single.table)] == ["1", "0", "0", "0", "0"]
    assert funnel_chart("某县", make_projects()) is None


def test_weeks_without_a_bulletin_are_gaps_and_a_week_of_zero_is_zero() -> None:
    rows = [
        BulletinRow("2015-W53", "990101", Tally(cases_opened=2)),
        BulletinRow("2015-W53", "990102", Tally(cases_opened=3)),
        BulletinRow("2016-W02", "990101", Tally(cases_opened=0)),
    ]
    chart = opened_chart(rows)
    assert chart is not None
    assert texts(chart.table) == [["2015-W53", "5"], ["2016-W01", "没有通报"], ["2016-W02", "0"]]
    assert [entry.kind for entry in chart.legend] == ["gap"]
    assert opened_chart([]) is None


def test_weeks_between_issues_count_zero_exposures() -> None:
    chart = exposure_chart([Issue(1, "2016-W17", ()), Issue(2, "2016-W19", ())])
    assert chart is not None
    assert texts(chart.table) == [["2016-W17", "0"], ["2016-W18", "0"], ["2016-W19", "0"]]
    assert exposure_chart([]) is None


def test_where_nobody_is_listed_there_is_no_rate_to_follow() -> None:
    dispatch = Dispatch((), {}, {}, 0, 0, {})
    assert disclosure_trend_chart(dispatch, Rate(0, 3, 0), 90) is None
