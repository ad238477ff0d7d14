import re

import pytest

from generator.site.charts.months import HEIGHT, WIDTH, plot_months


def count_moves(path: str) -> int:
    return path.count("M")


def test_the_line_breaks_at_a_gap_and_the_gap_gets_a_block() -> None:
    plot = plot_months([10, 20, None, 30, 40], [50] * 5)
    assert count_moves(plot.line) == 2
    assert plot.line.count("L") == 2
    assert count_moves(plot.gaps) == 1
    assert count_moves(plot.dots) == 4


def test_a_lonely_month_between_gaps_is_still_seen_as_a_dot() -> None:
    plot = plot_months([None, 20, None], [50, 50, 50])
    assert plot.line == ""
    assert count_moves(plot.dots) == 1
    assert count_moves(plot.gaps) == 2


def test_a_mean_above_its_limit_is_a_cross_and_one_at_it_a_dot() -> None:
    plot = plot_months([60, 50], [50, 50])
    assert plot.crosses.count("l") == 2  # two strokes
    assert count_moves(plot.dots) == 1


def test_the_limit_steps_where_it_changes_and_lasts_through_gaps() -> None:
    plot = plot_months([1, None, 1, 1], [50, None, 50, 20])
    assert plot.limit.count("V") == 1
    assert plot.limit.endswith(f"H{WIDTH - 4}")
    same = plot_months([1, None, 1, 1], [50, None, 50, 50])
    assert re.fullmatch(r"M4 \d+H316", same.limit)


def test_a_higher_value_stands_higher_and_nothing_leaves_the_plot() -> None:
    plot = plot_months([0, 100, 250], [80, 80, 80])
    heights = [int(y) for y in re.findall(r"[ML]\d+ (\d+)", plot.line)]
    assert heights[0] > heights[1] > heights[2] >= 0
    assert heights[0] == HEIGHT - 16  # zero lies on the base line


def test_no_values_at_all_is_one_block_for_each_month_and_no_limit() -> None:
    plot = plot_months([None, None], [None, None])
    assert (plot.line, plot.dots, plot.crosses, plot.limit) == ("", "", "", "")
    assert count_moves(plot.gaps) == 2


def test_values_of_zero_do_not_divide_by_zero() -> None:
    assert plot_months([0, 0], [0, 0]).line == "M82 96L238 96"


def test_a_peak_rises_from_the_mean_and_only_months_over_the_limit_have_a_triangle() -> None:
    plot = plot_months([10, 20, None], [50, 50, 50], [50, 80, None], [False, True, False])
    assert count_moves(plot.peaks) == 2
    assert count_moves(plot.alarms) == 1
    # A maximum exactly on the limit has a peak and no triangle; the limit is drawn at its height.
    tip = re.findall(r"V(\d+)", plot.peaks)[0]
    assert plot.limit.startswith(f"M4 {tip}")


def test_a_month_whose_only_reading_is_its_mean_has_no_peak() -> None:
    assert plot_months([10], [50], [10], [False]).peaks == ""


def test_maxima_that_do_not_fit_the_values_are_refused() -> None:
    with pytest.raises(ValueError, match="maximum for each value"):
        plot_months([1.0, 2.0], [None, None], [1.0], [False])


@pytest.mark.parametrize(("values", "limits"), [([], []), ([1.0], [])])
def test_a_plot_without_months_or_with_odd_limits_is_refused(
    values: list[float], limits: list[float]
) -> None:
    with pytest.raises(ValueError, match="as many limits"):
        plot_months(values, limits)
