"""Charts that compare places: tile maps and rankings of disclosure and of clearance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from generator.config import TileMap
from generator.domain.disclosure import NO_LISTED_SITES
from generator.domain.place import Gazetteer
from generator.domain.ranking import rank_items
from generator.domain.supervision import Supervision
from generator.site import routes
from generator.site.charts.bars import Bar, draw_bars
from generator.site.charts.tiles import Tile, draw_tiles, lay_out
from generator.site.views.chart import Chart, LegendEntry
from generator.site.views.tables import Cell, Column, Table, make_row
from generator.site.views.text import format_count, format_rate

NO_PROJECTS: Final = "无台账项目"
_PREFECTURE_COLUMNS: Final = 4
_COUNTY_COLUMNS: Final = 7
_STEPS: Final = (90, 95, 100)
"""Per cents from which on a square is a shade darker; with a floor the first is the floor."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A place with `part` of `whole`; `whole` is 0 where there is nothing to measure."""

    code: str
    name: str
    full_name: str
    group: str
    part: int
    whole: int

    @property
    def share(self) -> Fraction | None:
        """The exact share; None of nothing."""
        return Fraction(self.part, self.whole) if self.whole else None


@dataclass(frozen=True, slots=True)
class Measure:
    """What is compared: its words, and the line below which a place is marked."""

    key: str
    title: str
    whole: str
    part: str
    unit: str
    nothing: str
    """Said where there is nothing to measure."""
    floor: int | None
    places: tuple[Measured, ...]


def disclosure_measure(
    supervision: Supervision, gazetteer: Gazetteer, *, counties: bool, inside: str = ""
) -> Measure:
    """The disclosure rates of prefectures or counties, or of the counties `inside` a prefecture."""
    levels = supervision.standings
    standings = levels.counties if counties else levels.prefectures
    return Measure(
        "rate", "公开率", "应公开", "已公开", "家", NO_LISTED_SITES, supervision.floor,
        tuple(
            _measured(gazetteer, code, standing.rate.disclosed, standing.rate.listed)
            for code, standing in standings.items()
            if not inside or gazetteer.parents.get(code) == inside
        ),
    )  # fmt: skip


def clearance_measure(
    supervision: Supervision, gazetteer: Gazetteer, *, counties: bool, inside: str = ""
) -> Measure:
    """The clearance rates, as `disclosure_measure`."""
    levels = supervision.tallies
    tallies = levels.counties if counties else levels.prefectures
    return Measure(
        "clearance", "整改率", "台账项目", "已销号", "个", NO_PROJECTS, None,
        tuple(
            _measured(gazetteer, code, tally.closed, tally.total)
            for code, tally in tallies.items()
            if not inside or gazetteer.parents.get(code) == inside
        ),
    )  # fmt: skip


def _measured(gazetteer: Gazetteer, code: str, part: int, whole: int) -> Measured:
    return Measured(
        code,
        gazetteer.name(code),
        gazetteer.full_name(code),
        gazetteer.parents.get(code, ""),
        part,
        whole,
    )


def tile_chart(measure: Measure, province: str, tile_map: TileMap, *, counties: bool) -> Chart:
    """The tile map of a measure."""
    grid = tile_map.counties if counties else tile_map.prefectures
    columns = _COUNTY_COLUMNS if counties else _PREFECTURE_COLUMNS
    tiles = {place.code: _tile(measure, place, counties) for place in measure.places}
    title = f"{province}各{'区县' if counties else '市'}{measure.title}方块图"
    reading = _read(measure)
    return Chart(
        anchor=f"chart-tiles-{measure.key}",
        title=title,
        reading=reading,
        drawing=draw_tiles(title, reading, tiles, lay_out(list(tiles), grid, columns)),
        legend=_tile_legend(measure, counties),
        notes=(
            "每个方块是一个地方，点开是那里的情况；方块的位置只表示大致方位，不是地图，"
            f"不表示边界和面积。方块里的数是{measure.title}（%）。",
        ),
        table=_table(measure, sorted(measure.places, key=lambda place: place.code)),
    )


def _tile(measure: Measure, place: Measured, counties: bool) -> Tile:
    marked = _is_marked(measure, place)
    value = _rate(place)
    words = f"{place.full_name if counties else place.name}：{measure.title}"
    if place.whole:
        words += (
            f" {value}%，{measure.whole} {format_count(place.whole)} {measure.unit}，"
            f"{measure.part} {format_count(place.part)} {measure.unit}"
        )
        words += f"，低于底线 {measure.floor}%" if marked else ""
    else:
        words += f"，{measure.nothing}"
    return Tile(
        code=place.code,
        group=place.group,
        name=place.name,
        value="100" if value == "100.00" else value or "—",
        words=words,
        route=routes.district_route(place.code),
        step=_shade(measure, place),
        marked=marked,
    )


def _shade(measure: Measure, place: Measured) -> int:
    if not place.whole:
        return -1
    return sum(place.part * 100 >= line * place.whole for line in _lines(measure))


def _lines(measure: Measure) -> tuple[int, ...]:
    """The per cents at which the shades change."""
    if measure.floor is None:
        return _STEPS
    return measure.floor, (measure.floor + 100) // 2, 100


def _is_marked(measure: Measure, place: Measured) -> bool:
    return measure.floor is not None and place.part * 100 < measure.floor * place.whole


def _tile_legend(measure: Measure, counties: bool) -> tuple[LegendEntry, ...]:
    low, middle, high = _lines(measure)
    entries = [
        LegendEntry("step0", f"低于 {low}%"),
        LegendEntry("step1", f"{low}% 到不足 {middle}%"),
        LegendEntry("step2", f"{middle}% 到不足 {high}%"),
        LegendEntry("step3", "100%"),
    ]
    if any(not place.whole for place in measure.places):
        entries.append(LegendEntry("none", measure.nothing))
    if measure.floor is not None:
        entries.append(LegendEntry("mark", f"低于底线 {measure.floor}%"))
    if counties:
        entries.append(LegendEntry("border", "市与市之间"))
    return tuple(entries)


def ranking_chart(measure: Measure, where: str) -> Chart | None:
    """The places of a measure from the highest down; None where there are none to compare."""
    if not measure.places:
        return None
    ranked = rank_items(measure.places, lambda place: place.share, lambda place: place.code)
    places = [entry.item for entry in ranked]
    title = f"{where}{measure.title}排名"
    reading = _read(measure)
    legend = [LegendEntry("bar", measure.title)]
    if measure.floor is not None:
        legend += [
            LegendEntry("bar-marked", f"低于底线 {measure.floor}%"),
            LegendEntry("limit", f"底线 {measure.floor}%"),
        ]
    return Chart(
        anchor=f"chart-ranking-{measure.key}",
        title=title,
        reading=reading,
        drawing=draw_bars(
            title, f"{reading}由高到低排列，数字见图下的表。",
            [
                Bar(
                    place.name,
                    place.share,
                    f"{_rate(place)}%" if place.whole else measure.nothing,
                    _is_marked(measure, place),
                )
                for place in places
            ],
            measure.floor,
        ),
        legend=tuple(legend),
        notes=("横条从 0 到 100%；比值相等的按代码先后排。",),
        table=_table(measure, places),
        explore="ranking",
    )  # fmt: skip


def _read(measure: Measure) -> str:
    """The highest and the lowest, and how many lie below the line."""
    known = [place for place in measure.places if place.whole]
    if not known:
        return f"{measure.nothing}，没有{measure.title}可以比较。"
    share: Callable[[Measured], Fraction] = lambda place: Fraction(place.part, place.whole)  # noqa: E731
    ordered = sorted(known, key=lambda place: (-share(place), place.code))
    first, last = ordered[0], ordered[-1]
    if share(first) == share(last):
        words = (
            f"{first.name}{measure.title} {_rate(first)}%"
            if len(known) == 1
            else f"{len(known)} 个地方的{measure.title}都是 {_rate(first)}%"
        )
    else:
        best = [place.name for place in known if share(place) == share(first)]
        words = (
            f"{measure.title}最高的是{_name_some(best)}（{_rate(first)}%），"
            f"最低的是{last.name}（{_rate(last)}%）"
        )
    if measure.floor is None:
        return f"{words}。"
    below = sum(_is_marked(measure, place) for place in known)
    line = f"低于底线 {measure.floor}%"
    return f"{words}；{below} 个地方{line}。" if below else f"{words}；没有地方{line}。"


def _name_some(names: Sequence[str]) -> str:
    return f"{names[0]}等 {len(names)} 个地方" if len(names) > 1 else names[0]


def _rate(place: Measured) -> str:
    return format_rate(place.part, place.whole) if place.whole else ""


def _table(measure: Measure, places: Sequence[Measured]) -> Table:
    return Table(
        f"各地{measure.title}",
        (
            Column("地区"),
            Column(measure.title, "num", "%"),
            Column(measure.whole, "num", measure.unit),
            Column(measure.part, "num", measure.unit),
            *(() if measure.floor is None else (Column("底线"),)),
        ),
        tuple(
            make_row(
                (
                    Cell(place.full_name, routes.district_route(place.code)),
                    _rate(place) or measure.nothing,
                    place.whole,
                    place.part,
                    *(() if measure.floor is None else (_floor_cell(measure, place),)),
                )
            )
            for place in places
        ),
    )


def _floor_cell(measure: Measure, place: Measured) -> Cell:
    if _is_marked(measure, place):
        return Cell("低于底线", tone="bad")
    return Cell("不低于底线" if place.whole else "—")
