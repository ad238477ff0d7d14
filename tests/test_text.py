from decimal import Decimal

import pytest

from generator.data.catalog import Field
from generator.domain.absence import Absence
from generator.site.views import text


def field(type_: str, missing: tuple[str, ...] = ("", "不适用", "不公开")) -> Field:
    return Field("x", "x", type_, "", "", False, (), "", None, None, None, None, "", missing)


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("0", "0"),
        ("", Absence.NOT_REPORTED),
        ("不适用", Absence.NOT_APPLICABLE),
        ("不公开", Absence.WITHHELD),
        ("0.50", "0.50"),
        ("1234567.80", "1,234,567.80"),
        ("-12345", "-12,345"),
        ("999", "999"),
    ],
)
def test_the_four_kinds_of_absence_and_zero_stay_apart(cell: str, shown: object) -> None:
    assert text.format_cell(field("number"), cell) == shown


def test_a_word_that_the_field_lists_as_a_value_is_no_absence() -> None:
    assert text.format_cell(field("string", ("",)), "不适用") == "不适用"


def test_codes_are_never_grouped_or_rounded() -> None:
    assert text.format_cell(field("string"), "0371") == "0371"
    assert text.format_cell(field("string"), "12345678") == "12345678"
    assert text.format_cell(field("year"), "2015") == "2015"


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (12596, 14015, "89.88"),
        (8996, 10000, "89.96"),
        (1, 3, "33.33"),
        (0, 7, "0.00"),
        (7, 7, "100.00"),
    ],
)
def test_rates_round_half_up_on_integers(part: int, whole: int, shown: str) -> None:
    assert text.format_rate(part, whole) == shown


def test_half_a_hundredth_rounds_up() -> None:
    assert text.format_rate(1, 800, 2) == "0.13"  # 0.125 exactly


def test_a_rate_of_nothing_has_no_value() -> None:
    with pytest.raises(ZeroDivisionError):
        text.format_rate(0, 0)


@pytest.mark.parametrize(
    ("amount", "shown"),
    [(Decimal("1933.9"), "1,933.9"), (Decimal("6.70"), "6.7"), (Decimal(100), "100"), (0.0, "0")],
)
def test_amounts_drop_idle_zeros_only_after_the_point(amount: Decimal | float, shown: str) -> None:
    assert text.format_amount(amount) == shown
