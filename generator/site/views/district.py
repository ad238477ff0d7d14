"""Districts: the province table, a page for each prefecture and county, and the full lists.

The lists are plain tables of every record, so that whoever has no script still reaches every page.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.data.catalog import Catalog
from generator.domain.disclosure import (
    NO_LISTED_SITES,
    Rate,
)
from generator.domain.duty import Adoption, Body
from generator.domain.duty_results import TypeState
from generator.domain.exposure import Case
from generator.domain.place import County, Gazetteer, Prefecture
from generator.domain.project import Project
from generator.domain.statistics import Frames
from generator.domain.supervision import Supervision
from generator.site import routes
from generator.site.pages import Page
from generator.site.views.chart import Chart
from generator.site.views.district_counts import CountTable, count_tables
from generator.site.views.district_ledger import describe_progress, township_table
from generator.site.views.district_lists import (
    EnterpriseEntry,
    enterprise_list_page,
    group_by,
    project_list_page,
)
from generator.site.views.district_rows import (
    DistrictRow,
    Tallies,
    count_rate,
    district_row,
    division_row,
)
from generator.site.views.duty_chain import ChainSources, ChainView, make_chain
from generator.site.views.ledger_charts import funnel_chart
from generator.site.views.matrix_charts import district_matrix_chart
from generator.site.views.place_charts import (
    clearance_measure,
    disclosure_measure,
    ranking_chart,
)
from generator.site.views.supervision_ledger import PACE_RULE
from generator.site.views.tables import Table
from generator.site.views.text import format_count, format_wan

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Headline:
    """A number with its unit, and where the rows that make it are."""

    title: str
    value: str
    unit: str
    route: str


@dataclass(frozen=True, slots=True)
class DistrictGroup:
    """A prefecture with its counties."""

    total: DistrictRow
    rows: tuple[DistrictRow, ...]


@dataclass(frozen=True, slots=True)
class DistrictListView:
    """What `pages/district-list.html.jinja` sees."""

    province: str
    floor: int
    table_count: int
    """Tables that a site has to answer."""
    total: DistrictRow
    groups: tuple[DistrictGroup, ...]
    charts: tuple[Chart, ...]


@dataclass(frozen=True, slots=True)
class CaseLine:
    """An exposed case in a list."""

    week: str
    title: str
    route: str
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class DistrictView:
    """What `pages/district.html.jinja` sees; `counties` is empty on a county's page."""

    crumbs: tuple[tuple[str, str], ...]
    name: str
    code: str
    verdict: str
    """Whether the place keeps to the floor, in some words."""
    rate_sentence: str
    below: bool
    floor: int
    headlines: tuple[Headline, ...]
    counties: tuple[DistrictRow, ...]
    charts: tuple[Chart, ...]
    tables: tuple[CountTable, ...]
    progress: tuple[tuple[str, str], ...]
    """How the ledger stands against target and deadlines; empty without a project."""
    pace_rule: str
    townships: Table | None
    cases: tuple[CaseLine, ...]
    projects_route: str
    enterprises_route: str
    pack_route: str
    feed_route: str
    chain: ChainView


@dataclass(frozen=True, slots=True)
class DistrictSources:
    """All that the district pages are made of."""

    gazetteer: Gazetteer
    frames: Frames
    projects: Sequence[Project]
    enterprises: Sequence[EnterpriseEntry]
    cases: Sequence[Case]
    supervision: Supervision
    floor: int
    as_of: dt.date
    bodies: Sequence[Body]
    adoptions: Sequence[Adoption]
    catalog: Catalog
    charts: tuple[Chart, ...]
    """Of the whole province, for the table of all divisions."""


def district_pages(sources: DistrictSources) -> Iterator[Page]:
    """The province table, then each prefecture, each county and each county's two lists."""
    gazetteer = sources.gazetteer
    tallies = Tallies(sources.frames)
    yield Page(
        routes.DISTRICTS,
        "district-list",
        "各地",
        f"{gazetteer.province_name}各市、区县的环境信息公开率和违法违规建设项目整治进度",
        district_list_view(sources),
    )
    projects = group_by(
        sources.projects, lambda project: gazetteer.place_code(project.division_code)
    )
    enterprises = group_by(
        sources.enterprises, lambda entry: gazetteer.place_code(entry.division_code)
    )
    cases = group_by(sources.cases, lambda case: case.division_code)
    for prefecture in gazetteer.prefectures:
        yield _prefecture_page(sources, tallies, prefecture, cases)
        for county in prefecture.counties:
            yield _county_page(sources, tallies, prefecture, county, cases.get(county.code, []))
            yield project_list_page(
                gazetteer, prefecture, county, projects.get(county.code, []), sources.as_of
            )
            yield enterprise_list_page(
                prefecture,
                county,
                enterprises.get(county.code, []),
                sources.catalog.profile.table_count,
            )


def district_list_view(sources: DistrictSources) -> DistrictListView:
    """The comparison of all divisions, which the home page shows in short."""
    gazetteer, floor = sources.gazetteer, sources.floor
    tallies = Tallies(sources.frames)
    return DistrictListView(
        province=gazetteer.province_name,
        floor=floor,
        table_count=sources.catalog.profile.table_count,
        total=district_row(
            f"{gazetteer.province_name}合计",
            "",
            tallies.all_enterprises,
            tallies.all_projects,
            floor,
        ),
        groups=tuple(
            DistrictGroup(
                division_row(tallies, "prefecture", prefecture.code, prefecture.name, floor),
                tuple(
                    division_row(tallies, "county", county.code, county.name, floor)
                    for county in prefecture.counties
                ),
            )
            for prefecture in gazetteer.prefectures
        ),
        charts=sources.charts,
    )


def _prefecture_page(
    sources: DistrictSources,
    tallies: Tallies,
    prefecture: Prefecture,
    cases: Mapping[str, Sequence[Case]],
) -> Page:
    inside = [case for county in prefecture.counties for case in cases.get(county.code, [])]
    view = _district_view(
        sources,
        name=prefecture.name,
        code=prefecture.code,
        is_county=False,
        crumbs=(("各地", routes.DISTRICTS), (prefecture.name, "")),
        enterprises=tallies.of("enterprises", "prefecture", prefecture.code),
        projects=tallies.of("projects", "prefecture", prefecture.code),
        counties=tuple(
            division_row(tallies, "county", county.code, county.name, sources.floor)
            for county in prefecture.counties
        ),
        progress=describe_progress(
            sources.supervision.tallies.prefectures[prefecture.code],
            [sources.supervision.judgements[county.code] for county in prefecture.counties],
        ),
        townships=None,
        cases=inside,
        types=tallies.types_of("prefecture", prefecture.code),
    )
    return _district_page(view, prefecture.name)


def _county_page(
    sources: DistrictSources,
    tallies: Tallies,
    prefecture: Prefecture,
    county: County,
    cases: Sequence[Case],
) -> Page:
    view = _district_view(
        sources,
        name=county.name,
        code=county.code,
        is_county=True,
        crumbs=(
            ("各地", routes.DISTRICTS),
            (prefecture.name, routes.district_route(prefecture.code)),
            (county.name, ""),
        ),
        enterprises=tallies.of("enterprises", "county", county.code),
        projects=tallies.of("projects", "county", county.code),
        counties=(),
        progress=describe_progress(
            sources.supervision.tallies.counties[county.code],
            [sources.supervision.judgements[county.code]],
        ),
        townships=township_table(county, sources.supervision),
        cases=cases,
        types=tallies.types_of("county", county.code),
    )
    return _district_page(view, sources.gazetteer.full_name(county.code))


def _district_page(view: DistrictView, full_name: str) -> Page:
    return Page(
        routes.district_route(view.code),
        "district",
        full_name,
        f"{full_name}的环境信息公开、违法违规建设项目整治、曝光案件和名单。{view.rate_sentence}",
        view,
    )


def _district_view(
    sources: DistrictSources,
    *,
    name: str,
    code: str,
    is_county: bool,
    crumbs: tuple[tuple[str, str], ...],
    enterprises: pd.DataFrame,
    projects: pd.DataFrame,
    counties: tuple[DistrictRow, ...],
    progress: tuple[tuple[str, str], ...],
    townships: Table | None,
    cases: Sequence[Case],
    types: Mapping[str, TypeState],
) -> DistrictView:
    row = district_row(name, "", enterprises, projects, sources.floor)
    rate = count_rate(enterprises)
    project_list = (
        routes.district_projects_route(code)
        if is_county
        else routes.district_route(code) + "#counties"
    )
    enterprise_list = (
        routes.district_enterprises_route(code)
        if is_county
        else routes.district_route(code) + "#counties"
    )
    return DistrictView(
        crumbs=crumbs,
        name=name,
        code=code,
        verdict=_judge(rate, row, sources.floor),
        rate_sentence=_rate_sentence(rate, row, sources.floor),
        below=row.below,
        floor=sources.floor,
        headlines=(
            Headline("纳入公开的企业事业单位", row.enterprises, "家", enterprise_list),
            Headline(
                "公开率",
                row.rate.removesuffix("%"),
                "%" if row.rate.endswith("%") else "",
                enterprise_list,
            ),
            Headline("违法违规建设项目", row.projects, "个", project_list),
            Headline(
                "已销号",
                row.closed,
                "个",
                project_list + ("#stage-5" if is_county and row.closed != "0" else ""),
            ),
            Headline("正在整治", row.open, "个", project_list),
            Headline("逾期未销号", row.overdue, "个", project_list),
            Headline(
                "处罚金额",
                format_wan(int(projects["fine_fen"].sum()), 2),
                "万元",
                project_list,
            ),
            Headline(
                "曝光案件", format_count(len(cases)), "起", routes.district_route(code) + "#cases"
            ),
        ),
        counties=counties,
        charts=_charts(sources, name, code, is_county=is_county, projects=projects),
        tables=count_tables(projects),
        progress=progress,
        pace_rule=PACE_RULE,
        townships=townships,
        cases=tuple(
            CaseLine(
                case.iso_week,
                case.ent_name if case.withdrawal is None else "（案件已撤回）",
                routes.case_route(case.case_no),
                case.withdrawal is not None,
            )
            for case in sorted(cases, key=lambda case: case.case_no, reverse=True)
        ),
        projects_route=routes.district_projects_route(code) if is_county else "",
        enterprises_route=routes.district_enterprises_route(code) if is_county else "",
        pack_route=routes.district_pack_route(code),
        feed_route=routes.district_feed_route(code),
        chain=make_chain(
            ChainSources(sources.bodies, sources.adoptions, sources.gazetteer, sources.as_of),
            code,
            [code] if is_county else _list_counties(sources.gazetteer, code),
            types,
        ),
    )


def _charts(
    sources: DistrictSources, name: str, code: str, *, is_county: bool, projects: pd.DataFrame
) -> tuple[Chart, ...]:
    """A prefecture compares its counties; everybody has a matrix and a funnel."""
    supervision, gazetteer = sources.supervision, sources.gazetteer
    inside = frozenset([code] if is_county else _list_counties(gazetteer, code))
    sites = [site for site in supervision.sites if site.county in inside]
    charts: list[Chart | None] = []
    if not is_county:
        charts = [
            ranking_chart(measure(supervision, gazetteer, counties=True, inside=code), name)
            for measure in (disclosure_measure, clearance_measure)
        ]
    charts += [
        district_matrix_chart(name, sites, sources.catalog),
        funnel_chart(name, projects),
    ]
    return tuple(chart for chart in charts if chart is not None)


def _list_counties(gazetteer: Gazetteer, code: str) -> list[str]:
    return [
        county.code
        for prefecture in gazetteer.prefectures
        if prefecture.code == code
        for county in prefecture.counties
    ]


def _judge(rate: Rate, row: DistrictRow, floor: int) -> str:
    if not rate.listed:
        return NO_LISTED_SITES
    if row.below:
        return f"公开率低于 {floor}% 的底线，需要督办"
    return f"公开率不低于 {floor}% 的底线"


def _rate_sentence(rate: Rate, row: DistrictRow, floor: int) -> str:
    if not rate.listed:
        return f"{NO_LISTED_SITES}。" + (
            f"另有长期停产单位 {rate.suspended} 家。" if rate.suspended else ""
        )
    verdict = f"低于 {floor}% 的底线" if row.below else f"不低于 {floor}% 的底线"
    return (
        f"应公开单位 {row.listed} 家，已公开 {row.disclosed} 家，公开率 {row.rate}，{verdict}；"
        f"长期停产 {format_count(rate.suspended)} 家单独列出。"
    )
