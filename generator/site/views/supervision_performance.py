"""河南: the ranking of prefectures, the assessment sheet and the annual report."""

from __future__ import annotations

import calendar
import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from generator.config import AssessmentWeights
from generator.data.load import Dataset
from generator.domain.disclosure import NO_LISTED_SITES, STATEMENT, WITHHOLDING, TableState
from generator.domain.disclosure_supervision import (
    Assessment,
    Standing,
    SupervisedSite,
    assess,
)
from generator.domain.dispatch import CHANGE, FIRST_DISCLOSURE, LOG, WITHDRAWAL
from generator.domain.place import Gazetteer
from generator.domain.ranking import RANKING_RULE, Ranked, rank_items
from generator.domain.supervision import Supervision
from generator.domain.supervision_figures import find_filings
from generator.site import routes
from generator.site.pages import Page
from generator.site.views.supervision_words import (
    CRUMB,
    SUSPENDED_RULE,
    full_name_cell,
    mark_text,
    name_cell,
    rank_text,
    rate_rule,
    rate_text,
    share_text,
)
from generator.site.views.tables import (
    Cell,
    Column,
    PageLink,
    Section,
    Table,
    TableRow,
    TablesView,
    make_row,
)
from generator.site.views.text import format_count

_LOG_KINDS = (FIRST_DISCLOSURE, CHANGE, "更正", STATEMENT, WITHHOLDING, WITHDRAWAL)


def ranking_page(supervision: Supervision, gazetteer: Gazetteer) -> Page:
    """Prefectures and counties by disclosure rate."""

    def table(caption: str, standings: Iterable[Standing], *, counties: bool) -> Table:
        make_name = full_name_cell if counties else name_cell
        ranked = rank_items(standings, lambda item: item.share, lambda item: item.code)
        return Table(
            caption,
            (
                Column("地区"),
                Column("名次", "num"),
                Column("应公开", "num", "家"),
                Column("已公开", "num", "家"),
                Column("公开率", "num"),
                Column("底线"),
                Column("录入率", "num"),
                Column("长期停产", "num", "家"),
            ),
            tuple(
                make_row(
                    (
                        make_name(gazetteer, entry.item.code),
                        rank_text(entry.rank),
                        entry.item.rate.listed,
                        entry.item.rate.disclosed,
                        rate_text(entry.item.rate),
                        Cell("低于底线", tone="bad")
                        if entry.item.rate.below(supervision.floor)
                        else "",
                        share_text(entry.item.entered, entry.item.owed, "—"),
                        entry.item.rate.suspended,
                    )
                )
                for entry in ranked
            ),
        )

    standings = supervision.standings
    view = TablesView(
        crumbs=(CRUMB, ("信息公开排名", "")),
        title="信息公开排名",
        lead=f"{gazetteer.province_name}各市、各区县按公开率排名。",
        notes=(
            RANKING_RULE + f"“{NO_LISTED_SITES}”的不排名。",
            rate_rule(supervision.floor, supervision.profile.table_count),
            SUSPENDED_RULE,
        ),
        links=(),
        sections=(
            Section(
                "各市排名",
                "prefectures",
                (),
                table("各市按公开率排名", standings.prefectures.values(), counties=False),
            ),
            Section(
                "各区县排名",
                "counties",
                (),
                table("各区县按公开率排名", standings.counties.values(), counties=True),
            ),
        ),
    )
    return Page(
        routes.DISCLOSURE_RANKING, "tables", view.title, "各市、区县公开率的名次和并列规则。", view
    )


def assessment_page(
    supervision: Supervision,
    gazetteer: Gazetteer,
    irregular_sites: frozenset[str],
    weights: AssessmentWeights,
) -> Page:
    """The assessment sheet (考核表): marks of prefectures and counties."""
    by_prefecture: dict[str, list[SupervisedSite]] = defaultdict(list)
    by_county: dict[str, list[SupervisedSite]] = defaultdict(list)
    for site in supervision.sites:
        by_prefecture[site.prefecture].append(site)
        by_county[site.county].append(site)

    def table(
        caption: str,
        standings: Mapping[str, Standing],
        sites: Mapping[str, Sequence[SupervisedSite]],
        *,
        counties: bool,
    ) -> Table:
        make_name = full_name_cell if counties else name_cell
        marks = [
            marked
            for code, standing in standings.items()
            if (
                marked := assess(
                    standing,
                    sites.get(code, ()),
                    supervision.timeliness,
                    irregular_sites,
                    weights,
                )
            )
            is not None
        ]
        ranked = rank_items(marks, lambda item: item.total, lambda item: item.standing.code)
        return Table(
            caption,
            (
                Column("地区"),
                Column("名次", "num"),
                Column("得分", "num", "分"),
                Column("公开率得分", "num"),
                Column("已公开/应公开", "num", "家"),
                Column("及时率得分", "num"),
                Column("及时/有时限", "num", "条"),
                Column("规范率得分", "num"),
                Column("规范/应公开", "num", "家"),
            ),
            tuple(
                _mark_row(entry, make_name(gazetteer, entry.item.standing.code)) for entry in ranked
            ),
        )

    standings = supervision.standings
    view = TablesView(
        crumbs=(CRUMB, ("考核表", "")),
        title="信息公开考核表",
        lead=f"满分 100 分：公开率 {weights.disclosure} 分，及时率 {weights.timely} 分，"
        f"规范率 {weights.regular} 分。",
        notes=(
            "公开率得分 = 已公开单位数 ÷ 应公开单位数 × 分值；及时率得分 = 按时的公开记录数 ÷ "
            "有时限的公开记录数 × 分值，没有有时限的记录的得满分；规范率得分 = 没有被检查规则提醒的"
            "单位数 ÷ 应公开单位数 × 分值。各项不取舍相加，印出时保留两位小数。",
            RANKING_RULE + f"“{NO_LISTED_SITES}”的不考核。",
            SUSPENDED_RULE,
        ),
        links=(
            PageLink("缺报单位", routes.MISSING, "公开率扣分的由来"),
            PageLink("逾期公开", routes.LATE, "及时率扣分的由来"),
            PageLink("填报不规范的单位", routes.IRREGULAR, "规范率扣分的由来"),
        ),
        sections=(
            Section(
                "各市",
                "prefectures",
                (),
                table("各市考核得分", standings.prefectures, by_prefecture, counties=False),
            ),
            Section(
                "各区县",
                "counties",
                (),
                table("各区县考核得分", standings.counties, by_county, counties=True),
            ),
        ),
    )
    return Page(
        routes.ASSESSMENT,
        "tables",
        view.title,
        "各市、区县信息公开的考核得分和每一分的算法。",
        view,
    )


def _mark_row(entry: Ranked[Assessment], name: Cell) -> TableRow:
    marked = entry.item
    rate = marked.standing.rate
    return make_row(
        (
            name,
            rank_text(entry.rank),
            mark_text(marked.total),
            mark_text(marked.disclosure_mark),
            f"{format_count(rate.disclosed)}/{format_count(rate.listed)}",
            mark_text(marked.timely_mark),
            f"{format_count(marked.timed - marked.late)}/{format_count(marked.timed)}",
            mark_text(marked.regular_mark),
            f"{format_count(rate.listed - marked.irregular)}/{format_count(rate.listed)}",
        )
    )


def annual_page(
    supervision: Supervision, dataset: Dataset, gazetteer: Gazetteer, irregular: int
) -> Page:
    """The year's report up to the data date: what was listed, disclosed, late and supervised."""
    as_of, province = supervision.as_of, supervision.standings.province
    year_end = as_of == dt.date(as_of.year, 12, 31)
    span = f"{as_of.year} 年" if year_end else f"{as_of.year} 年（截至 {as_of.isoformat()}）"
    rate = province.rate
    incomplete = rate.listed - rate.disclosed
    counties = supervision.standings.counties.values()
    below = sum(standing.rate.below(supervision.floor) for standing in counties)
    view = TablesView(
        crumbs=(CRUMB, ("年度报告", "")),
        title=f"{as_of.year} 年企业事业单位环境信息公开年度报告",
        lead=f"{span}，{gazetteer.province_name}应公开单位 {format_count(rate.listed)} 家，"
        f"已公开 {format_count(rate.disclosed)} 家，公开率 {rate_text(rate)}；"
        f"长期停产 {format_count(rate.suspended)} 家单独列出。",
        notes=(rate_rule(supervision.floor, supervision.profile.table_count), SUSPENDED_RULE),
        links=(
            PageLink("日调度", routes.DISPATCH),
            PageLink("信息公开排名", routes.DISCLOSURE_RANKING),
            PageLink("考核表", routes.ASSESSMENT),
            PageLink("督办通知书", routes.NOTICES),
        ),
        sections=(
            Section(
                "一、总体情况",
                "overview",
                (),
                Table(
                    "总体情况",
                    (Column("事项"), Column("数", "num"), Column("单位")),
                    tuple(
                        make_row((Cell(title, route), value, unit))
                        for title, value, unit, route in (
                            ("纳入公开对象", rate.listed + rate.suspended, "家", routes.DISTRICTS),
                            ("应公开", rate.listed, "家", routes.DISPATCH),
                            ("已公开", rate.disclosed, "家", routes.DISPATCH),
                            ("缺报", incomplete, "家", routes.MISSING),
                            ("长期停产（单列）", rate.suspended, "家", routes.SUSPENDED),
                            ("填报不规范", irregular, "家", routes.IRREGULAR),
                            ("逾期公开", len(supervision.timeliness.late), "条", routes.LATE),
                            ("公开率低于底线的区县", below, "个", routes.DISCLOSURE_RANKING),
                            ("督办通知书", len(supervision.notices), "份", routes.NOTICES),
                            (
                                "列入立案清单",
                                len(find_filings(supervision)),
                                "家",
                                routes.NOTICES + "#filings",
                            ),
                        )
                    ),
                ),
            ),
            _category_section(supervision, dataset),
            _log_section(supervision, dataset),
            Section(
                "四、说明",
                "limits",
                (
                    supervision.profile.words.content_basis,
                    "本报告由数据集直接计算，数据截止日以后的情况不在其中；公开记录里没有的，"
                    "不等于没有发生。",
                ),
                None,
            ),
        ),
    )
    return Page(
        routes.ANNUAL_REPORT,
        "tables",
        view.title,
        "一年来的公开家数、各类信息、公开记录、督办和立案。",
        view,
    )


def _category_section(supervision: Supervision, dataset: Dataset) -> Section:
    tables, profile = dataset.catalog.disclosure, dataset.catalog.profile
    states: dict[int, Counter[TableState]] = defaultdict(Counter)
    for site in supervision.sites:
        if not site.suspended:
            for table, state in zip(tables, site.disclosure.states, strict=True):
                states[table.category][state] += 1
    return Section(
        "二、各类信息",
        "categories",
        ("单位是“张次”：一家应公开单位的一张表算一张次。",),
        Table(
            f"{profile.words.category_count}信息的公开情况（张次）",
            (
                Column("类别"),
                Column("表", "num", "张"),
                *(Column(state.value, "num") for state in TableState),
                Column("录入率", "num"),
            ),
            tuple(
                make_row(
                    (
                        profile.title_of(category),
                        sum(table.category == category for table in tables),
                        *(counts[state] for state in TableState),
                        share_text(
                            counts.total() - counts[TableState.MISSING], counts.total(), "—"
                        ),
                    )
                )
                for category, counts in sorted(states.items())
            ),
        ),
        NO_LISTED_SITES,
    )


def _log_section(supervision: Supervision, dataset: Dataset) -> Section:
    as_of = supervision.as_of
    log = dataset[LOG].values.filter(
        (pl.col("disclosed_date").dt.year() == as_of.year) & (pl.col("disclosed_date") <= as_of)
    )
    grouped = log.group_by(pl.col("disclosed_date").dt.month().alias("month"), "change_type").len()
    counts = {(month, kind): number for month, kind, number in grouped.iter_rows()}
    months = range(1, as_of.month + 1)

    def row(name: str, chosen: Sequence[int], *, total: bool = False) -> TableRow:
        numbers = [sum(counts.get((month, kind), 0) for month in chosen) for kind in _LOG_KINDS]
        return make_row((name, *numbers, sum(numbers)), total=total)

    last = calendar.monthrange(as_of.year, as_of.month)[1]
    running = "" if as_of.day == last else f"（至 {as_of.day} 日）"
    return Section(
        "三、公开记录",
        "log",
        ("按公开日期计；含长期停产单位的记录。",),
        Table(
            f"{as_of.year} 年各月公开记录（条）",
            (
                Column("月份", "nowrap"),
                *(Column(kind, "num") for kind in _LOG_KINDS),
                Column("合计", "num"),
            ),
            (
                *(
                    row(f"{month} 月{running if month == as_of.month else ''}", (month,))
                    for month in months
                ),
                row("合计", tuple(months), total=True),
            ),
        ),
    )
