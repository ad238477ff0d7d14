"""河南 督办通知书: the list of notices and the filing list, and a page for each notice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from generator.data.catalog import Catalog
from generator.data.catalog import Table as DataTable
from generator.domain.disclosure_supervision import Notice, NoticeItem
from generator.domain.place import Gazetteer
from generator.domain.supervision import Supervision
from generator.domain.supervision_figures import find_filings
from generator.site import routes
from generator.site.pages import Page
from generator.site.views.supervision_words import (
    CRUMB,
    SUSPENDED_RULE,
    full_name_cell,
    rate_rule,
    rate_text,
)
from generator.site.views.tables import Cell, Column, Section, Table, TablesView, make_row
from generator.site.views.text import format_count


@dataclass(frozen=True, slots=True)
class MissingTable:
    """A table that somebody lacks, with its fields."""

    title: str
    route: str
    units: str
    """How many sites lack it."""
    required: str
    """Titles of the fields that must be filled in."""
    optional: str


@dataclass(frozen=True, slots=True)
class MissingUnit:
    """A site of the notice with what it lacks."""

    number: str
    name: str
    route: str
    site_code: str
    county: str
    tables: tuple[str, ...]
    fields: str
    """Entry items of those tables together."""
    listed: str
    deadline: str
    filed: bool


@dataclass(frozen=True, slots=True)
class NoticeView:
    """What `pages/notice.html.jinja` and the printed notice say, word for word the same."""

    crumbs: tuple[tuple[str, str], ...]
    number: str
    title: str
    addressee: str
    paragraphs: tuple[str, ...]
    demands: tuple[str, ...]
    issuer: str
    issued: str
    units: tuple[MissingUnit, ...]
    filings: tuple[MissingUnit, ...]
    tables: tuple[MissingTable, ...]
    rules: tuple[str, ...]
    demo: bool
    pdf_route: str
    district_route: str


def notices_page(supervision: Supervision, gazetteer: Gazetteer) -> Page:
    """All notices, and all sites past their deadline."""
    filings = find_filings(supervision)
    duties = supervision.timeliness.duties
    view = TablesView(
        crumbs=(CRUMB, ("督办通知书", "")),
        title="督办通知书",
        lead=f"公开率低于 {supervision.floor}% 的市和区县各下达一份，"
        f"现有 {len(supervision.notices)} 份；超过期限仍未报齐的单位"
        f" {format_count(len(filings))} 家，列入立案清单。",
        notes=(
            rate_rule(supervision.floor, supervision.profile.table_count),
            "编号 = 年份 + 行政区划代码：同一地方一年一份，别处增减不影响它的编号。"
            "公开率回到底线以上，通知书即撤下。",
        ),
        links=(),
        sections=(
            Section(
                "通知书",
                "notices",
                (),
                Table(
                    "督办通知书",
                    (
                        Column("编号", "nowrap"),
                        Column("受文地方"),
                        Column("应公开", "num", "家"),
                        Column("已公开", "num", "家"),
                        Column("公开率", "num"),
                        Column("达到底线还差", "num", "家"),
                        Column("缺报单位", "num", "家"),
                        Column("立案清单", "num", "家"),
                        Column("打印"),
                    ),
                    tuple(
                        make_row(
                            (
                                Cell(notice.number, routes.notice_route(notice.key)),
                                full_name_cell(gazetteer, notice.code),
                                notice.standing.rate.listed,
                                notice.standing.rate.disclosed,
                                rate_text(notice.standing.rate),
                                notice.short,
                                len(notice.items),
                                len(notice.filings),
                                Cell("PDF", routes.notice_pdf_route(notice.key)),
                            )
                        )
                        for notice in supervision.notices
                    ),
                ),
                "没有公开率低于底线的地方，没有督办通知书。",
            ),
            Section(
                "立案清单",
                "filings",
                (
                    "全省超过首次公开期限仍未报齐的应公开单位，含公开率在底线以上的地方。"
                    f"期限 = {supervision.profile.words.first_rule}，期限当日不算超过。"
                    "列入清单是移交执法核查的线索，不是处罚决定。",
                    SUSPENDED_RULE,
                ),
                Table(
                    "立案清单",
                    (
                        Column("单位"),
                        Column("区县"),
                        Column("缺表", "num", "张"),
                        Column("期限", "nowrap"),
                    ),
                    tuple(
                        make_row(
                            (
                                Cell(site.name, routes.enterprise_route(site.site_code)),
                                full_name_cell(gazetteer, site.county),
                                len(site.missing),
                                duties[site.site_code].deadline.isoformat(),
                            )
                        )
                        for site in sorted(filings, key=lambda site: (site.county, site.site_code))
                    ),
                ),
                "没有超过期限仍未报齐的单位。",
            ),
        ),
    )
    return Page(
        routes.NOTICES, "tables", view.title, "公开率低于底线的地方收到的通知书，和立案清单。", view
    )


def notice_views(
    supervision: Supervision, catalog: Catalog, gazetteer: Gazetteer, *, demo: bool
) -> Iterator[tuple[str, NoticeView]]:
    """Each notice's key and what it says."""
    for notice in supervision.notices:
        yield notice.key, _view(notice, catalog, gazetteer, demo=demo)


def notice_pages(views: Iterator[tuple[str, NoticeView]]) -> Iterator[Page]:
    """A page for each notice."""
    for key, view in views:
        yield Page(
            routes.notice_route(key),
            "notice",
            f"{view.title} {view.number}",
            view.paragraphs[0],
            view,
        )


def _view(notice: Notice, catalog: Catalog, gazetteer: Gazetteer, *, demo: bool) -> NoticeView:
    name = gazetteer.full_name(notice.code)
    words = catalog.profile.words
    rate = notice.standing.rate
    lacking = sum(len(item.site.missing) for item in notice.items)
    units = {
        item.site.site_code: _unit(number, item, catalog.disclosure, gazetteer)
        for number, item in enumerate(notice.items, start=1)
    }
    missing = sorted({place for item in notice.items for place in item.site.missing})
    return NoticeView(
        crumbs=(CRUMB, ("督办通知书", routes.NOTICES), (notice.number, "")),
        number=notice.number,
        title="环境信息公开督办通知书",
        addressee=f"{name}环境保护局：",
        paragraphs=(
            f"截至 {notice.issued.isoformat()}，{name}应公开环境信息的企业事业单位 "
            f"{format_count(rate.listed)} 家（长期停产 {format_count(rate.suspended)} 家单独列出，"
            f"不计在内），已公开 {format_count(rate.disclosed)} 家，公开率 {rate_text(rate)}，"
            f"低于 {notice.floor}% 的底线（{format_count(rate.disclosed)} × 100 = "
            f"{format_count(rate.disclosed * 100)}，小于 {notice.floor} × "
            f"{format_count(rate.listed)} = {format_count(notice.floor * rate.listed)}）。",
            f"尚有 {format_count(len(notice.items))} 家单位缺报 {format_count(lacking)} 张次表"
            f"（附件一），再有 {format_count(notice.short)} 家报齐，公开率才达到底线。"
            f"其中 {format_count(len(notice.filings))} 家已超过首次公开期限，"
            "列入立案清单（附件二）。",
        ),
        demands=(
            f"督促附件一所列单位于 {notice.reply_by.isoformat()} 前补齐所缺各表；确无此情形的，"
            "作“无此情形声明”；依法不能公开的，说明依据。",
            "对附件二所列单位逐家核查，违反《中华人民共和国环境保护法》第六十二条的，依法处理，"
            "并公告。",
            f"于 {notice.reply_by.isoformat()} 前书面报告办理结果。"
            "公开率、及时率、规范率计入信息公开考核表。",
        ),
        issuer=f"{gazetteer.province_name}环境保护厅",
        issued=notice.issued.isoformat(),
        units=tuple(units.values()),
        filings=tuple(units[item.site.site_code] for item in notice.filings),
        tables=tuple(
            _table(
                catalog.disclosure[place],
                sum(place in item.site.missing for item in notice.items),
            )
            for place in missing
        ),
        rules=(
            f"依据：{words.notice_basis}",
            rate_rule(notice.floor, catalog.profile.table_count),
            words.notice_counting,
            "编号由年份和行政区划代码组成。",
        ),
        demo=demo,
        pdf_route=routes.notice_pdf_route(notice.key),
        district_route=routes.district_route(notice.code),
    )


def _unit(
    number: int, item: NoticeItem, tables: tuple[DataTable, ...], gazetteer: Gazetteer
) -> MissingUnit:
    missing = [tables[place] for place in item.site.missing]
    return MissingUnit(
        number=str(number),
        name=item.site.name,
        route=routes.enterprise_route(item.site.site_code),
        site_code=item.site.site_code,
        county=gazetteer.name(item.site.county),
        tables=tuple(table.title for table in missing),
        fields=format_count(sum(len(table.fields) for table in missing)),
        listed=item.duty.listed.isoformat() + ("" if item.duty.dated else "（最迟）"),
        deadline=item.duty.deadline.isoformat(),
        filed=item.filed,
    )


def _table(table: DataTable, units: int) -> MissingTable:
    titles: Mapping[bool, list[str]] = {
        required: [field.title for field in table.fields if field.required is required]
        for required in (True, False)
    }
    return MissingTable(
        table.title,
        routes.dictionary_route(table.name),
        format_count(units),
        "、".join(titles[True]),
        "、".join(titles[False]),
    )
