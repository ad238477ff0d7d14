"""The weekly bulletin: 79 weeks by 40 counties, exact to every published sum.

Each figure is spread over the county-weeks as whole units, so sums are exact by construction.
A county-week covers at least its exposed cases with their measures and fines, no measure is
counted more often than there are cases, and no fine or refusal stands without its number.

Source: published-figures.csv (浙江: enforcement 2015-01 to 2016-06 and its hundred days, weeks
2016-W17 to W26; 重庆: refused EIA projects and their investment).
"""

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from generator.data.sample.exposure import CasePlan
from generator.data.sample.province import County, Province
from generator.data.sample.weeks import BULLETIN_WEEKS, EXPOSURE_WEEKS, week_monday

CASES_TOTAL: Final = 18164
CASES_HUNDRED_DAYS: Final = 6333
CASES_YEAR_BEFORE: Final = 2445  # 6,333 is 159 % more
FINES_TOTAL: Final = 670_000  # thousand yuan: 6.7 亿元
MEASURE_TOTALS: Final[Mapping[str, int]] = MappingProxyType(
    {"按日连续处罚": 65, "查封扣押": 1661, "限产停产": 822}
)
# Transfers in the hundred days are 333, in the same weeks of 2015 208 (60 % more): 行政拘留 + 犯罪.
TRANSFER_TOTALS: Final[Mapping[str, tuple[int, int, int]]] = MappingProxyType(
    {"移送行政拘留": (150, 95, 529), "移送涉嫌犯罪": (183, 113, 619)}
)
EIA_REFUSED: Final = 249
EIA_REFUSED_INVEST: Final = 324_900  # 万元: 32.49 亿元

_YEAR_BEFORE_WEEKS: Final = frozenset(f"2015-W{number}" for number in range(17, 27))

_COUNTED_AS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "按日连续处罚": "按日连续处罚",
        "查封扣押": "查封扣押",
        "限制生产": "限产停产",
        "停产整治": "限产停产",
        "移送行政拘留": "移送行政拘留",
        "移送涉嫌犯罪": "移送涉嫌犯罪",
    }
)
_COLUMNS = ("按日连续处罚", "查封扣押", "限产停产", "移送行政拘留", "移送涉嫌犯罪")

# Share of a normal week by calendar month: few cases in deep winter and around the holidays.
_SEASON = (0.62, 0.45, 0.85, 1.0, 1.1, 1.15, 1.1, 1.05, 1.1, 0.95, 1.1, 1.2)


@dataclass(slots=True)
class _Cell:
    """A county-week being filled; fine in thousand yuan, investment in 万元."""

    week: str
    county: County
    weight: float
    exposed: int = 0
    cases: int = 0
    fine: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    invest: int = 0


def bulletin_rows(
    province: Province, cases: Sequence[CasePlan], seed: int
) -> Iterator[tuple[object, ...]]:
    """The rows of ``bulletin``, sorted by week and county; fines in 万元."""
    rng = random.Random(f"{seed}:bulletin:all")
    cells = _make_cells(rng, province)
    _cover_exposures(cells, cases)
    _spread_cases(rng, cells)
    for measure, total in MEASURE_TOTALS.items():
        _spread_measure(rng, cells, measure, total)
    for measure, totals in TRANSFER_TOTALS.items():
        for group, total in zip(_split_cells(cells), totals, strict=True):
            _spread_measure(rng, group, measure, total)
    _spread_fines(rng, cells)
    _spread_refusals(rng, cells)
    for cell in cells:
        yield (
            cell.week,
            cell.county.code,
            cell.cases,
            cell.fine / 10,
            *(cell.counts[column] for column in _COLUMNS),
            cell.refused,
            float(cell.invest),
        )


def _make_cells(rng: random.Random, province: Province) -> list[_Cell]:
    sizes = {
        county.code: len(county.townships) * rng.lognormvariate(0, 0.45)
        for county in province.counties
    }
    cells = []
    for week in BULLETIN_WEEKS:
        season = _SEASON[_week_month(week) - 1] * rng.uniform(0.85, 1.15)
        cells += [
            _Cell(week, county, season * sizes[county.code] * rng.lognormvariate(0, 0.35))
            for county in province.counties
        ]
    return cells


def _week_month(week: str) -> int:
    # ISO 8601 counts a week to the month of its Thursday.
    return (week_monday(week) + timedelta(days=3)).month


def _split_cells(cells: Sequence[_Cell]) -> tuple[list[_Cell], list[_Cell], list[_Cell]]:
    """The hundred days, the same weeks of the year before, and the rest."""
    return (
        [cell for cell in cells if cell.week in EXPOSURE_WEEKS],
        [cell for cell in cells if cell.week in _YEAR_BEFORE_WEEKS],
        [cell for cell in cells if cell.week not in {*EXPOSURE_WEEKS, *_YEAR_BEFORE_WEEKS}],
    )


def _cover_exposures(cells: Sequence[_Cell], cases: Sequence[CasePlan]) -> None:
    by_key = {(cell.week, cell.county.code): cell for cell in cells}
    for case in cases:
        cell = by_key[case.iso_week, case.county.code]
        cell.exposed += 1
        cell.cases += 1
        cell.fine += round((case.fine or 0) * 10)
        for column in sorted({_COUNTED_AS[m] for m in case.measures if m in _COUNTED_AS}):
            cell.counts[column] += 1


def _spread_cases(rng: random.Random, cells: Sequence[_Cell]) -> None:
    rest = CASES_TOTAL - CASES_HUNDRED_DAYS - CASES_YEAR_BEFORE
    totals = (CASES_HUNDRED_DAYS, CASES_YEAR_BEFORE, rest)
    for group, total in zip(_split_cells(cells), totals, strict=True):
        weights = [cell.weight for cell in group]
        left = total - sum(cell.cases for cell in group)
        for cell in rng.choices(group, weights, k=left):
            cell.cases += 1


def _spread_measure(rng: random.Random, cells: Sequence[_Cell], measure: str, total: int) -> None:
    # Drawn without replacement from the cases themselves: a measure belongs to a case.
    tickets = [cell for cell in cells for _ in range(cell.cases - cell.exposed)]
    left = total - sum(cell.counts[measure] for cell in cells)
    for cell in rng.sample(tickets, left):
        cell.counts[measure] += 1


def _spread_fines(rng: random.Random, cells: Sequence[_Cell]) -> None:
    weights = [(cell.cases - cell.exposed) * rng.lognormvariate(0, 0.5) for cell in cells]
    left = FINES_TOTAL - sum(cell.fine for cell in cells)
    for cell, share in zip(cells, _share_units(left, weights), strict=True):
        cell.fine += share


def _spread_refusals(rng: random.Random, cells: Sequence[_Cell]) -> None:
    for cell in rng.choices(cells, [cell.weight for cell in cells], k=EIA_REFUSED):
        cell.refused += 1
    refusing = [cell for cell in cells if cell.refused]
    weights = [cell.refused * rng.lognormvariate(0, 0.8) for cell in refusing]
    # Every refused project is worth at least 50 万元.
    spare = EIA_REFUSED_INVEST - 50 * EIA_REFUSED
    for cell, share in zip(refusing, _share_units(spare, weights), strict=True):
        cell.invest = 50 * cell.refused + share


def _share_units(total: int, weights: Sequence[float]) -> list[int]:
    """Whole shares of a total in proportion to the weights, by largest remainder."""
    scale = total / sum(weights)
    shares = [int(weight * scale) for weight in weights]
    remainders = sorted(
        range(len(weights)), key=lambda i: weights[i] * scale - shares[i], reverse=True
    )
    for index in remainders[: total - sum(shares)]:
        shares[index] += 1
    return shares
