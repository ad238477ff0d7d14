"""The supervision pages in order, and the landing page that leads to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator.config import Config
from generator.data.issue import Issue
from generator.domain.figures import Figure
from generator.domain.library import Library
from generator.site import routes
from generator.site.pages import Page
from generator.site.views.chart import Chart
from generator.site.views.figure import FigureLine, figure_line
from generator.site.views.owner import owner_pages
from generator.site.views.supervision_disclosure import (
    dispatch_page,
    find_irregular,
    irregular_page,
    late_page,
    missing_page,
    suspended_page,
)
from generator.site.views.supervision_ledger import (
    ledger_page,
    ledger_ranking_page,
    penalties_page,
)
from generator.site.views.supervision_notice import notice_pages, notice_views, notices_page
from generator.site.views.supervision_performance import (
    annual_page,
    assessment_page,
    ranking_page,
)
from generator.site.views.supervision_words import rate_rule
from generator.site.views.tables import PageLink

_DISCLOSURE_FIGURES = (
    "ha.entry_rate", "ha.entered_rate", "ha.enterprises", "ha.suspended", "ha.incomplete",
    "ha.late", "ha.filings", "ha.below_floor", "ha.notices",
)  # fmt: skip
_LEDGER_FIGURES = (
    "cq.projects.total", "cq.projects.done", "cq.projects.done_rate", "cq.projects.open",
    "cq.projects.overdue", "cq.projects.rebounded", "cq.pace", "cq.supervision.warned",
    "cq.supervision.supervised", "cq.penalised.firms", "cq.penalised.fines", "cq.owners",
)  # fmt: skip
_LEDGER_LINKS = (
    PageLink("台账督查", routes.LEDGER, "各地进度、目标、每周需销号，预警和督办"),
    PageLink("台账考核排名", routes.LEDGER_RANKING, "各市、各区县整改率的名次"),
    PageLink("处罚情况", routes.PENALTIES, "台账罚款和处罚决定"),
    PageLink("信用记录", routes.OWNERS, "一次违法，处处受限：同一单位在各处的记录"),
)


@dataclass(frozen=True, slots=True)
class SystemPart:
    """One of the systems: what it is, its numbers, and its pages."""

    title: str
    anchor: str
    model: str
    rule: str
    figures: tuple[FigureLine, ...]
    links: tuple[PageLink, ...]


@dataclass(frozen=True, slots=True)
class SupervisionView:
    """What `pages/supervision.html.jinja` sees."""

    data_date: str
    charts: tuple[Chart, ...]
    parts: tuple[SystemPart, ...]


def supervision_pages(
    library: Library,
    config: Config,
    problems: Sequence[Issue],
    charts: tuple[Chart, ...] = (),
) -> Iterator[Page]:
    """The landing page, 河南's pages, 重庆's pages, and the owners'."""
    supervision, gazetteer = library.supervision, library.gazetteer
    catalog = library.dataset.catalog
    irregular = find_irregular(problems, library.loaded, supervision)
    yield _landing_page(library, charts)
    yield dispatch_page(supervision, gazetteer)
    yield missing_page(supervision, catalog, gazetteer)
    yield irregular_page(irregular, gazetteer, problems, catalog.profile.table_count)
    yield late_page(supervision, catalog, gazetteer)
    yield suspended_page(supervision, gazetteer)
    yield notices_page(supervision, gazetteer)
    yield from notice_pages(notice_views(supervision, catalog, gazetteer, demo=config.demo))
    yield ranking_page(supervision, gazetteer)
    yield assessment_page(
        supervision,
        gazetteer,
        frozenset(item.site.site_code for item in irregular),
        config.assessment,
    )
    yield annual_page(supervision, library.dataset, gazetteer, len(irregular))
    yield ledger_page(supervision, gazetteer, config.thresholds)
    yield ledger_ranking_page(supervision, gazetteer)
    yield penalties_page(supervision, library.projects, library.dataset, gazetteer)
    yield from owner_pages(supervision.owners.owners, gazetteer, library.data_date)


def _landing_page(library: Library, charts: tuple[Chart, ...]) -> Page:
    by_id = {figure.figure_id: figure for figure in library.figures}
    tables = library.supervision.profile.table_count
    view = SupervisionView(
        data_date=library.data_date.isoformat(),
        charts=charts,
        parts=(
            SystemPart(
                "信息公开督查",
                "disclosure",
                "河南",
                rate_rule(library.supervision.floor, tables),
                _lines(by_id, _DISCLOSURE_FIGURES),
                _list_disclosure_links(tables),
            ),
            SystemPart(
                "违法违规建设项目台账督查",
                "ledger",
                "重庆",
                "整改率 = 已销号 ÷ 台账项目；逾期和每周需销号按数据截止日计算。",
                _lines(by_id, _LEDGER_FIGURES),
                _LEDGER_LINKS,
            ),
        ),
    )
    return Page(
        routes.SUPERVISION,
        "supervision",
        "监督",
        "信息公开督查和违法违规建设项目台账督查：日调度、督办通知书、预警、排名、考核和信用记录。",
        view,
    )


def _list_disclosure_links(tables: int) -> tuple[PageLink, ...]:
    """河南's pages; `tables` is how many a site has to answer."""
    return (
        PageLink("日调度", routes.DISPATCH, "各地应公开、已公开、公开率，较前一日、近 7 日的增减"),
        PageLink("缺报单位", routes.MISSING, f"{tables} 张表没有报齐的单位，缺哪张表"),
        PageLink("填报不规范的单位", routes.IRREGULAR, "记录被检查规则提醒的单位"),
        PageLink("逾期公开", routes.LATE, "晚于期限才公开的记录"),
        PageLink("长期停产单位", routes.SUSPENDED, "单独统计的单位和规则"),
        PageLink("督办通知书和立案清单", routes.NOTICES, "公开率低于底线的地方，可打印"),
        PageLink("信息公开排名", routes.DISCLOSURE_RANKING, "各市、各区县的名次"),
        PageLink("考核表", routes.ASSESSMENT, "公开率、及时率、规范率的得分"),
        PageLink("年度报告", routes.ANNUAL_REPORT, "一年来的情况"),
    )


def list_supervision_links(tables: int) -> tuple[PageLink, ...]:
    """The pages of both systems, for whoever looks for one by its name; `tables` as above."""
    return (*_list_disclosure_links(tables), *_LEDGER_LINKS)


def _lines(by_id: Mapping[str, Figure], names: Sequence[str]) -> tuple[FigureLine, ...]:
    return tuple(figure_line(by_id[name]) for name in names if name in by_id)
