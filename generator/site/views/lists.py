"""The search page and the two whole lists: places for the search script, and the way without it.

Without script the same pages lead to each county's full list, so every record stays reachable.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from generator.domain.place import Gazetteer
from generator.site import routes
from generator.site.pages import Page
from generator.site.views.chart import Chart


@dataclass(frozen=True, slots=True)
class CountyLink:
    """A county's full list."""

    name: str
    route: str


@dataclass(frozen=True, slots=True)
class PlaceGroup:
    """A prefecture with its counties' lists."""

    name: str
    route: str
    counties: tuple[CountyLink, ...]


@dataclass(frozen=True, slots=True)
class ListView:
    """What `pages/list.html.jinja` and `pages/search.html.jinja` see."""

    title: str
    kind: str
    """The record kind that the list shows; empty on the search page, which shows all."""
    sentence: str
    groups: tuple[PlaceGroup, ...]
    charts: tuple[Chart, ...] = ()


def list_pages(gazetteer: Gazetteer, project_charts: tuple[Chart, ...] = ()) -> Iterator[Page]:
    """The search page, then the lists of enterprises and of projects with their charts."""
    yield Page(
        routes.SEARCH,
        "search",
        "搜索",
        "查企业、项目、案件、地名、责任和数据字典",
        ListView(
            "搜索",
            "",
            "搜索需要浏览器脚本。没有脚本时，从下面的名单同样可以找到全部记录。",
            (),
        ),
    )
    yield Page(
        routes.ENTERPRISES,
        "list",
        "企业名单",
        "纳入环境信息公开的全部企业事业单位，可按地区、公开情况筛选、排序、下载",
        ListView(
            "企业名单",
            "enterprise",
            "纳入环境信息公开的全部企业事业单位。",
            _group(gazetteer, "enterprise"),
        ),
    )
    yield Page(
        routes.PROJECTS,
        "list",
        "项目名单",
        "清理整治的全部违法违规建设项目，可按地区、违法类型、阶段筛选、排序、下载",
        ListView(
            "项目名单",
            "project",
            "清理整治的全部违法违规建设项目。",
            _group(gazetteer, "project"),
            project_charts,
        ),
    )


def _group(gazetteer: Gazetteer, kind: str) -> tuple[PlaceGroup, ...]:
    find_list = (
        routes.district_enterprises_route
        if kind == "enterprise"
        else routes.district_projects_route
    )
    return tuple(
        PlaceGroup(
            prefecture.name,
            routes.district_route(prefecture.code),
            tuple(
                CountyLink(county.name, find_list(county.code)) for county in prefecture.counties
            ),
        )
        for prefecture in gazetteer.prefectures
    )
