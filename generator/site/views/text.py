"""Values become text, once: every number, rate and amount on any page is formatted here."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from generator.data.catalog import Field
from generator.domain.absence import Absence, read_absence
from generator.domain.project import FEN_PER_WAN

_GROUPED_TYPES = frozenset({"number", "integer"})


@lru_cache(maxsize=65536)
def group_digits(text: str) -> str:
    """A plain decimal with its thousands grouped; its own digits after the point are kept.

    Measured values keep the precision they were reported with: `0.50` stays `0.50`.
    """
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, point, fraction = digits.partition(".")
    if not whole.isdigit() or len(whole) <= 3:
        return text
    return f"{sign}{int(whole):,}{point}{fraction}"


def format_cell(field: Field, text: str) -> str | Absence:
    """What a table shows for a cell: its own words, grouped digits, or why there is none."""
    absence = read_absence(text)
    if absence is not None and text in field.missing_values:
        return absence
    if field.type in _GROUPED_TYPES:
        return group_digits(text)
    if field.type == "datetime":
        return text.replace("T", " ")
    return text


def format_count(count: int) -> str:
    """A whole number with its thousands grouped."""
    return f"{count:,}"


def format_rate(part: int, whole: int, places: int = 2) -> str:
    """`part` of `whole` in per cent, half up, computed on integers.

    12596 of 14015 prints 89.88 (89.875… rounds half up).

    Raises:
        ZeroDivisionError: `whole` is 0; a rate of nothing has no value, say so instead.

    """
    if whole == 0:
        raise ZeroDivisionError("a rate of nothing")
    step = Decimal(1).scaleb(-places)
    return str((Decimal(part) * 100 / Decimal(whole)).quantize(step, rounding=ROUND_HALF_UP))


def format_amount(amount: Decimal | float, places: int = 1) -> str:
    """An amount of money in its unit, grouped, with trailing zeros after the point dropped."""
    step = Decimal(1).scaleb(-places)
    rounded = Decimal(str(amount)).quantize(step, rounding=ROUND_HALF_UP)
    text = f"{rounded:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def format_wan(fen: int, places: int = 4) -> str:
    """Whole 分 as an amount in 万元."""
    return format_amount(fen / FEN_PER_WAN, places)
