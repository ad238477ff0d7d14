"""Geometry of the charts: nothing, one, all gaps, zero, on the line, and what must not overlap."""

import datetime as dt
import itertools
import re
from fractions import Fraction

import pytest

from generator.domain.disclosure import TableState
from generator.site.charts.bars import Bar, draw_bars
from generator.site.charts.drawing import WIDTH, Drawing, Shape, measure_text, shorten
from generator.site.charts.funnel import FunnelBlock, FunnelStep, draw_funnel
from generator.site.charts.matrix import Share, draw_shares, mark_states, place_cells
from generator.site.charts.tiles import Spot, Tile, draw_tiles, lay_out
from generator.site.charts.timeline import draw_timeline
from generator.site.charts.trend import choose_ticks, draw_columns, draw_line

GIVEN, NONE, WITHHELD, MISSING = TableState


def path_of(drawing: Drawing, kind: str) -> str:
    return "".join(shape.path for shape in drawing.shapes if shape.kind == kind)


def boxes(path: str) -> list[tuple[int, int, int, int]]:
    """Left, top, width and height of every rectangle in a path."""
    found = re.findall(r"M(-?\d+) (-?\d+)h(\d+)v(\d+)h-\d+z", path)
    return [(int(x), int(y), int(w), int(h)) for x, y, w, h in found]


def test_words_that_do_not_fit_are_cut_with_a_sign() -> None:
    assert shorten("望澜区", 37) == "望澜区"
    cut = shorten("一个很长很长的地名", 60)
    assert cut.endswith("…")
    assert measure_text(cut) <= 60


def test_divisions_stand_where_the_settings_draw_them_and_the_rest_below_by_code() -> None:
    grid = [[".", "990100", "990200"], ["990300", ".", "."]]
    spots = lay_out(["990500", "990100", "990300", "990200", "990400"], grid, 2)
    assert {spot.code: (spot.column, spot.row) for spot in spots} == {
        "990100": (1, 0), "990200": (2, 0), "990300": (0, 1), "990400": (0, 2), "990500": (1, 2),
    }  # fmt: skip


def test_a_grid_of_other_places_leaves_no_holes() -> None:
    grid = [[".", ".", "."], [".", "990100", "110101"]]
    assert lay_out(["990100"], grid, 7) == (Spot("990100", 0, 0),)


def test_without_a_grid_the_tiles_stand_by_code() -> None:
    spots = lay_out(["3", "1", "2"], [], 2)
    assert spots == (Spot("1", 0, 0), Spot("2", 1, 0), Spot("3", 0, 1))


def make_tile(code: str, group: str, step: int = 1, *, marked: bool = False) -> Tile:
    return Tile(code, group, f"地{code}", "90.00", f"地{code}：90%", f"{code}.html", step, marked)


def test_tiles_do_not_overlap_and_neighbours_of_other_groups_are_parted() -> None:
    tiles = {code: make_tile(code, code[0]) for code in ("11", "12", "21", "22")}
    drawing = draw_tiles("图", "述", tiles, lay_out(list(tiles), [["11", "12", "21", "22"]], 4))
    squares = [boxes(part.shapes[0].path)[0] for part in drawing.parts]
    for (x, _, width, _), (right, *_rest) in itertools.pairwise(squares):
        assert x + width < right
    assert squares[-1][0] + squares[-1][2] <= WIDTH
    assert path_of(drawing, "border").count("M") == 1
    assert [part.route for part in drawing.parts] == ["11.html", "12.html", "21.html", "22.html"]


def test_a_tile_below_the_line_has_a_triangle_and_one_without_value_is_open() -> None:
    tiles = {"1": make_tile("1", "1", 0, marked=True), "2": make_tile("2", "2", -1)}
    first, second = draw_tiles("图", "述", tiles, lay_out(["1", "2"], [], 2)).parts
    assert [shape.kind for shape in first.shapes] == ["step0", "mark"]
    assert [shape.kind for shape in second.shapes] == ["none"]


def test_no_tiles_are_an_empty_image() -> None:
    drawing = draw_tiles("图", "述", {}, ())
    assert (drawing.parts, drawing.shapes) == ((), ())
    assert drawing.height == 1


def test_a_bar_is_as_long_as_its_share_and_a_marked_one_is_told_by_shape() -> None:
    bars = [
        Bar("甲", Fraction(1), "100.00%"),
        Bar("乙", Fraction(9, 10), "90.00%"),
        Bar("丙", Fraction(899, 1000), "89.90%", marked=True),
        Bar("丁", Fraction(0), "0.00%", marked=True),
        Bar("戊", None, "无应公开单位"),
    ]
    drawing = draw_bars("图", "述", bars, 90)
    (_, _, whole, _), (left, _, at_line, _) = boxes(path_of(drawing, "bar"))
    limit = int(re.findall(r"M(\d+)", path_of(drawing, "limit"))[0])
    assert left + at_line == limit
    assert at_line == round(whole * 0.9)
    assert [width for _, _, width, _ in boxes(path_of(drawing, "bar-marked"))] == [180, 1]
    assert path_of(drawing, "mark").count("M") == 2
    assert [label.text for label in drawing.labels if label.kind == "absent"] == ["无应公开单位"]


def test_bars_without_a_line_have_neither_line_nor_words_for_it() -> None:
    drawing = draw_bars("图", "述", [Bar("甲", Fraction(1, 2), "50%")], None)
    assert path_of(drawing, "limit") == ""
    assert not [label for label in drawing.labels if label.kind == "limit"]


def make_block(*counts: int) -> FunnelBlock:
    return FunnelBlock("批", tuple(FunnelStep(str(n), c, str(c)) for n, c in enumerate(counts)))


def test_a_funnel_narrows_in_proportion_around_one_middle() -> None:
    found = boxes(path_of(draw_funnel("图", "述", [make_block(100, 50, 0)]), "bar"))
    assert len(found) == 2
    (x, _, whole, _), (inner, _, half, _) = found
    assert half == whole // 2
    assert x + whole // 2 == inner + half // 2


def test_a_funnel_of_nothing_has_words_and_no_bars() -> None:
    drawing = draw_funnel("图", "述", [make_block(0, 0)])
    assert drawing.shapes == ()
    assert [label.text for label in drawing.labels] == ["批", "0", "0", "1", "0"]
    assert draw_funnel("图", "述", []).height == 1


@pytest.mark.parametrize(
    ("low", "high"), [(0, 0), (0, 1), (0, 7), (0, 767), (79.3, 96.2), (90, 90), (0, 1e6)]
)
def test_ticks_are_few_even_and_hold_the_values(low: float, high: float) -> None:
    ticks = choose_ticks(low, high)
    assert 2 <= len(ticks) <= 6
    assert ticks[0] <= low
    assert ticks[-1] >= high
    assert len({second - first for first, second in itertools.pairwise(ticks)}) == 1


WEEKS = [f"2016-W{number:02d}" for number in range(1, 6)]


def test_a_line_breaks_at_a_gap_and_the_gap_is_shown() -> None:
    drawing = draw_line("图", "述", WEEKS, [1, 2, None, 4, 5])
    assert path_of(drawing, "line").count("M") == 2
    assert path_of(drawing, "line").count("L") == 2
    assert len(boxes(path_of(drawing, "gap"))) == 1


def test_a_lonely_week_is_a_dot_even_where_weeks_are_dense() -> None:
    values: list[float | None] = [None] * 40 + [3] + [None] * 40
    drawing = draw_line("图", "述", [f"w{n}" for n in range(81)], values)
    assert path_of(drawing, "line") == ""
    assert path_of(drawing, "dot").count("M") == 1


def test_a_week_on_the_limit_is_a_dot_and_one_below_a_cross() -> None:
    drawing = draw_line("图", "述", WEEKS[:2], [90.0, 89.99], unit="%", limit=90)
    assert path_of(drawing, "dot").count("M") == 1
    assert path_of(drawing, "cross").count("l") == 2
    height = re.findall(r"M\d+ (\d+)", path_of(drawing, "limit"))[0]
    assert path_of(drawing, "dot").split()[1].startswith(height)


@pytest.mark.parametrize("values", [[], [None], [None, None], [0], [7]])
def test_weeks_without_or_with_one_value_are_drawn_without_fault(values: list[int | None]) -> None:
    weeks = WEEKS[: len(values)]
    for drawing in (draw_line("图", "述", weeks, values), draw_columns("图", "述", weeks, values)):
        gaps = boxes(path_of(drawing, "gap"))
        assert len(gaps) == values.count(None)
        assert all(x + width <= WIDTH for x, _, width, _ in gaps)


def test_a_week_of_zero_is_a_stroke_on_the_axis_and_no_gap() -> None:
    drawing = draw_columns("图", "述", WEEKS[:2], [0, 4])
    assert path_of(drawing, "zero").count("M") == 1
    assert len(boxes(path_of(drawing, "bar"))) == 1
    assert path_of(drawing, "gap") == ""
    assert [label.text for label in drawing.labels if label.kind == "value"] == ["0", "4"]


def test_each_state_of_a_table_has_a_shape_of_its_own() -> None:
    marks = mark_states((GIVEN, NONE, WITHHELD, MISSING, GIVEN), (3, 2))
    assert marks.given.count("M") == 2
    assert marks.none_such.count("M") == 1
    assert marks.withheld.count("z") == 2
    assert marks.missing.count("l") == 2
    assert mark_states((), ()).given == ""


def test_squares_of_the_matrix_do_not_overlap_and_stay_inside() -> None:
    cells = place_cells((6, 12, 0, 4))
    assert len(set(cells)) == 22
    assert all(x + 23 <= WIDTH for x, _ in cells)


def test_only_a_complete_table_is_a_full_square_of_100() -> None:
    shares = [Share(10, 10), Share(999, 1000), Share(0, 10), Share(0, 0)]
    drawing = draw_shares("图", "述", {"基础信息": 4}, shares)
    assert [label.text for label in drawing.labels] == ["基础信息", "100", "99", "0"]
    assert len(boxes(path_of(drawing, "step2"))) == 1
    assert len(boxes(path_of(drawing, "frame"))) == 2
    assert [box[3] for box in boxes(path_of(drawing, "step1"))] == [23, 0]
    assert path_of(drawing, "none-such").count("M") == 1


DAY = dt.date(2016, 1, 1)


def days(number: int) -> dt.date:
    return DAY + dt.timedelta(days=number)


def test_a_timeline_closed_in_time_has_no_late_stretch() -> None:
    line = draw_timeline([(DAY, "排查"), (days(90), "销号")], days(90), days(90), overdue=False)
    assert line is not None
    assert line.late == ""
    assert line.deadline_text == "时限 2016-03-31"
    assert line.dots.count("M") == 2


def test_a_timeline_closed_late_says_by_how_many_days() -> None:
    line = draw_timeline([(DAY, "排查"), (days(100), "销号")], days(90), days(100), overdue=False)
    assert line is not None
    assert line.deadline_text.endswith("，晚 10 天销号")
    start, end = re.findall(r"M(\d+) \d+H(\d+)", line.late)[0]
    assert int(start) < int(end) <= WIDTH


def test_an_overdue_timeline_has_an_open_end_and_no_last_date() -> None:
    line = draw_timeline([(DAY, "排查"), (days(50), "退回")], days(90), None, overdue=True)
    assert line is not None
    assert line.open_end
    assert line.last == ""
    assert line.deadline_text.endswith("，已逾期")
    assert line.crosses.count("M") == 1
    assert f"H{WIDTH - 2}" in line.late


def test_a_timeline_of_one_day_and_one_of_nothing_do_not_divide_by_zero() -> None:
    line = draw_timeline([(DAY, "排查")], DAY, None, overdue=False)
    assert line is not None
    assert (line.first, line.last) == ("2016-01-01", "")
    assert draw_timeline([], DAY, None, overdue=False) is None


def test_steps_close_together_have_their_words_on_different_lines() -> None:
    line = draw_timeline([(days(n), "整改") for n in range(4)], days(400), None, overdue=False)
    assert line is not None
    assert len({y for _, y, _ in line.labels}) == 4
    assert all(14 <= x <= WIDTH - 14 for x, *_ in line.labels)


def test_drawings_have_no_shape_without_a_path() -> None:
    drawing = draw_line("图", "述", WEEKS, [None] * 5)
    assert all(isinstance(shape, Shape) and shape.path for shape in drawing.shapes)
