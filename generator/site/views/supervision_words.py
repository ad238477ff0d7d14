"""Words that the supervision pages share: places, rates, rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from generator.domain.disclosure import NO_LISTED_SITES, Rate
from generator.domain.place import Gazetteer
from generator.domain.supervision import Levels, Value
from generator.site import routes
from generator.site.views.tables import Cell
from generator.site.views.text import format_rate

CRUMB = ("监督", routes.SUPERVISION)
SUSPENDED_RULE = (
    "生产状态为“长期停产”的单位单独统计：不计入应公开单位，不算缺报，也不算逾期；"
    "恢复生产后即重新计入。"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A division in a comparison: the province, a prefecture or a county."""

    name: Cell
    code: str
    counties: tuple[str, ...]
    """Codes of the counties inside; a county's own."""
    is_county: bool


def list_places(gazetteer: Gazetteer) -> Iterator[Place]:
    """The province, then each prefecture followed by its counties."""
    everywhere = tuple(county.code for county in gazetteer.counties)
    yield Place(Cell(f"{gazetteer.province_name}合计"), "", everywhere, False)
    for prefecture in gazetteer.prefectures:
        yield Place(
            name_cell(gazetteer, prefecture.code),
            prefecture.code,
            tuple(county.code for county in prefecture.counties),
            False,
        )
        for county in prefecture.counties:
            yield Place(name_cell(gazetteer, county.code), county.code, (county.code,), True)


def take_value(levels: Levels[Value], place: Place) -> Value:
    """The value of a place of `list_places`."""
    if not place.code:
        return levels.province
    return (levels.counties if place.is_county else levels.prefectures)[place.code]


def name_cell(gazetteer: Gazetteer, code: str) -> Cell:
    """A division's own name, linked to its page."""
    return Cell(gazetteer.name(code), routes.district_route(code))


def full_name_cell(gazetteer: Gazetteer, code: str) -> Cell:
    """Prefecture and county, linked to the county's page."""
    return Cell(gazetteer.full_name(code), routes.district_route(code))


def rate_rule(floor: int, tables: int) -> str:
    """The formula of the rate over so many tables, and its boundary, in one breath."""
    return (
        f"公开率 = {tables} 张表都有数据或依法声明的单位数 ÷ 应公开单位数（不含长期停产）。"
        f"已公开单位数 × 100 < {floor} × 应公开单位数的，低于 {floor}% 的底线；用整数比较，"
        "印出来是 90.00% 的也可能低于底线，恰好等于不算低于。"
        f"没有应公开单位的写“{NO_LISTED_SITES}”，不是 0，也不是 100%。"
    )


def rate_text(rate: Rate) -> str:
    """The rate in per cent, or that nobody is listed."""
    if not rate.listed:
        return NO_LISTED_SITES
    return f"{format_rate(rate.disclosed, rate.listed)}%"


def share_text(part: int, whole: int, nothing: str) -> str:
    """`part` of `whole` in per cent, or `nothing`'s words."""
    return f"{format_rate(part, whole)}%" if whole else nothing


def change_text(change: int) -> str:
    """A change with its sign: +3, −2, 0."""
    return f"+{change:,}" if change > 0 else f"−{-change:,}" if change < 0 else "0"


def mark_text(mark: Fraction) -> str:
    """Marks to two places, half up."""
    return format_rate(mark.numerator, mark.denominator * 100)


def rank_text(rank: int | None) -> str:
    """A rank, or that there is none."""
    return "不排名" if rank is None else str(rank)
