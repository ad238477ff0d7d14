"""The figure pages: each published number with its formula and the rows that make it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import quote

from generator.domain.figures import Figure
from generator.domain.place import Gazetteer
from generator.site import routes
from generator.site.pages import Page
from generator.site.views.text import format_amount, format_count


@dataclass(frozen=True, slots=True)
class PartRow:
    """One part of a figure, linked to its rows where a list of them exists."""

    title: str
    value: str
    route: str


@dataclass(frozen=True, slots=True)
class FigureView:
    """What `pages/figure.html.jinja` sees."""

    figure_id: str
    model: str
    title: str
    value: str
    unit: str
    formula: str
    part_title: str
    parts: tuple[PartRow, ...]
    adds_up: bool
    """False where the parts are rates or overlap, so that nobody adds them."""
    list_route: str


@dataclass(frozen=True, slots=True)
class FigureLine:
    """A figure in the index and on the home page."""

    figure_id: str
    title: str
    value: str
    unit: str
    formula: str
    route: str


@dataclass(frozen=True, slots=True)
class FigureGroup:
    """The figures of one province's practice."""

    model: str
    practice: str
    lines: tuple[FigureLine, ...]


@dataclass(frozen=True, slots=True)
class FigureListView:
    """What `pages/figure-list.html.jinja` sees."""

    data_date: str
    groups: tuple[FigureGroup, ...]


_PRACTICES = {
    "河南": "企业事业单位环境信息公开",
    "重庆": "环保违法违规建设项目清理整治",
    "浙江": "一周一曝光、一周一通报",
    "内蒙古": "党政同责、一岗双责",
}


def figure_pages(figures: Sequence[Figure], gazetteer: Gazetteer, as_of: dt.date) -> Iterator[Page]:
    """The index of all figures, then a page for each."""
    yield Page(
        routes.FIGURES,
        "figure-list",
        "数据口径",
        "本站每个公布数字的定义、算法，以及组成它的记录",
        FigureListView(
            as_of.isoformat(),
            tuple(
                FigureGroup(
                    model,
                    practice,
                    tuple(figure_line(figure) for figure in figures if figure.model == model),
                )
                for model, practice in _PRACTICES.items()
            ),
        ),
    )
    for figure in figures:
        value = format_value(figure.value)
        yield Page(
            routes.figure_route(figure.figure_id),
            "figure",
            f"{figure.title}：{value}{figure.unit}",
            f"{figure.title}的算法：{figure.formula}。",
            FigureView(
                figure.figure_id,
                figure.model,
                figure.title,
                value,
                figure.unit,
                figure.formula,
                figure.part_title,
                tuple(
                    PartRow(
                        _part_title(figure, part.key, gazetteer),
                        format_value(part.value),
                        _part_route(figure, part.key),
                    )
                    for part in figure.parts
                ),
                _adds_up(figure),
                f"{routes.PROJECTS}?{quote(figure.query, safe='=&')}" if figure.query else "",
            ),
        )


def figure_line(figure: Figure) -> FigureLine:
    """The figure as a line with a link to its page."""
    return FigureLine(
        figure.figure_id,
        figure.title,
        format_value(figure.value),
        figure.unit,
        figure.formula,
        routes.figure_route(figure.figure_id),
    )


def format_figures(figures: Sequence[Figure], as_of: dt.date) -> bytes:
    """`data/figures.json`: the same registry for machines, values as exact decimal text."""
    document = {
        "data_date": as_of.isoformat(),
        "figures": [
            {
                "id": figure.figure_id,
                "model": figure.model,
                "title": figure.title,
                "value": str(figure.value),
                "unit": figure.unit,
                "formula": figure.formula,
                "page": routes.figure_route(figure.figure_id),
                "parts": {part.key: str(part.value) for part in figure.parts},
            }
            for figure in figures
        ],
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def format_value(value: int | Decimal) -> str:
    """A figure's value as it is printed: grouped; a rate keeps its two places."""
    if isinstance(value, int):
        return format_count(value)
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent == -2:
        return f"{value:,f}"
    return format_amount(value, 4)


def _adds_up(figure: Figure) -> bool:
    return sum((Decimal(part.value) for part in figure.parts), Decimal(0)) == figure.value


def _part_title(figure: Figure, key: str, gazetteer: Gazetteer) -> str:
    if figure.part_title in {"区县", "盟市", "市、区县"}:
        return gazetteer.full_name(key)
    return key


def _part_route(figure: Figure, key: str) -> str:
    if figure.part_title == "周":
        folder = (
            routes.week_route
            if figure.figure_id in {"zj.batches", "zj.cases"}
            else routes.bulletin_route
        )
        return folder(key)
    if figure.part_title in {"盟市", "市、区县"}:
        return routes.district_route(key)
    if figure.part_title != "区县":
        return ""
    if figure.figure_id == "cq.townships":
        return routes.district_route(key) + "#townships"
    if figure.figure_id.startswith(("cq.supervision", "cq.pace")):
        return routes.district_route(key) + "#ledger"
    if figure.figure_id.startswith("ha."):
        return routes.district_enterprises_route(key)
    if figure.figure_id.startswith(("cq.projects", "cq.batch", "cq.penalised")):
        return routes.district_projects_route(key)
    return routes.BULLETINS
