"""The columns that every bulletin table has, and how their numbers are written."""

from __future__ import annotations

from dataclasses import dataclass

from generator.domain.bulletin import MEASURES, Tally
from generator.site import routes
from generator.site.views.exposure_parts import MEASURE_TITLES, Link
from generator.site.views.text import format_amount, format_count
from generator.site.views.week_labels import MONEY_PLACES, label_week

COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("cases_opened", "立案", "件"),
    ("fine", "罚款", "万元"),
    *((name, MEASURE_TITLES[name], "件") for name in MEASURES),
    ("eia_refused", "暂缓或不予审批环评", "个"),
    ("eia_refused_invest", "涉及投资", "万元"),
)
"""Columns of every bulletin table: field of `Tally`, title, unit."""
_AMOUNTS = frozenset({"fine", "eia_refused_invest"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column's title and unit."""

    title: str
    unit: str


def describe_columns() -> tuple[Column, ...]:
    """Title and unit of each column, in order."""
    return tuple(Column(title, unit) for _, title, unit in COLUMNS)


def format_value(name: str, tally: Tally) -> str:
    """One column of a tally, grouped; amounts in 万元 exact to the yuan."""
    value = getattr(tally, name)
    return format_amount(value, MONEY_PLACES) if name in _AMOUNTS else format_count(value)


def format_values(tally: Tally) -> tuple[str, ...]:
    """Every column of a tally, in order."""
    return tuple(format_value(name, tally) for name, _, _ in COLUMNS)


def link_bulletin(code: str) -> Link:
    """A week by its name, leading to its bulletin."""
    return Link(label_week(code), routes.bulletin_route(code))
