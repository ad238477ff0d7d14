"""河南: daily dispatch, those who are missing, irregular, late or suspended."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from generator.data.catalog import Catalog
from generator.data.issue import Issue
from generator.data.load import Dataset
from generator.data.reports import find_kind
from generator.domain.disclosure import TableState
from generator.domain.disclosure_supervision import SupervisedSite
from generator.domain.place import Gazetteer
from generator.domain.supervision import Supervision
from generator.domain.timeliness import LateEntry
from generator.site import routes
from generator.site.pages import Page
from generator.site.views.supervision_words import (
    CRUMB,
    SUSPENDED_RULE,
    change_text,
    full_name_cell,
    list_places,
    rate_rule,
    rate_text,
    share_text,
    take_value,
)
from generator.site.views.tables import (
    Cell,
    Column,
    Section,
    Table,
    TableRow,
    TablesView,
    make_row,
)
from generator.site.views.text import format_count

_LATE_RULE = "R15"
"""Late disclosures have a page of their own."""
_WEEK = 7
RowMaker = Callable[[SupervisedSite], TableRow]


@dataclass(frozen=True, slots=True)
class Irregularity:
    """What the check's rules say of one site: each kind with its number of rows."""

    site: SupervisedSite
    kinds: tuple[tuple[str, int], ...]


def find_irregular(
    problems: Sequence[Issue], dataset: Dataset, supervision: Supervision
) -> tuple[Irregularity, ...]:
    """Listed sites with a warning on a row of theirs, late disclosures aside, by code."""
    names = {table.relative_path: table.name for table in dataset.catalog.disclosure}
    owners: dict[str, pl.Series] = {}
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for issue in problems:
        if (
            issue.severity == "warning"
            and issue.code != _LATE_RULE
            and issue.row is not None
            and issue.file in names
        ):
            if issue.file not in owners:
                owners[issue.file] = dataset[names[issue.file]].text.get_column("site_code")
            found[owners[issue.file][issue.row - 2]][issue.title] += 1
    return tuple(
        Irregularity(site, tuple(sorted(found[site.site_code].items())))
        for site in supervision.sites
        if site.site_code in found and not site.suspended
    )


def dispatch_page(supervision: Supervision, gazetteer: Gazetteer) -> Page:
    """The daily table: who has disclosed, and what changed since yesterday and a week ago."""
    dispatch = supervision.dispatch
    rows = []
    for place in list_places(gazetteer):
        standing = take_value(supervision.standings, place)
        below = standing.rate.below(supervision.floor)
        rows.append(
            make_row(
                (
                    place.name,
                    standing.rate.listed,
                    standing.rate.disclosed,
                    rate_text(standing.rate),
                    Cell("低于底线", tone="bad") if below else "",
                    change_text(dispatch.change(place.counties, 1)),
                    change_text(dispatch.change(place.counties, _WEEK)),
                    share_text(standing.entered, standing.owed, "—"),
                ),
                total=not place.is_county,
            )
        )
    everywhere = [county.code for county in gazetteer.counties]
    listed = supervision.standings.province.rate.listed
    days = []
    for back in range(len(dispatch.days) - 1):
        day = dispatch.days[-1 - back]
        count = dispatch.count(everywhere, back)
        change = count - dispatch.count(everywhere, back + 1)
        days.append(
            make_row(
                (
                    day.isoformat(),
                    count,
                    share_text(count, listed, "—"),
                    change_text(change),
                    dispatch.entries[day],
                )
            )
        )
    today = dispatch.days[-1]
    view = TablesView(
        crumbs=(CRUMB, ("日调度", "")),
        title="信息公开日调度",
        lead=f"{today.isoformat()}，{gazetteer.province_name}应公开 {format_count(listed)} 家，"
        f"已公开 {format_count(supervision.standings.province.rate.disclosed)} 家，"
        f"较前一日 {change_text(dispatch.change(everywhere, 1))} 家，"
        f"近 7 日 {change_text(dispatch.change(everywhere, _WEEK))} 家。",
        notes=(
            rate_rule(supervision.floor, supervision.profile.table_count),
            "信息录入率 = 已录入的表数（有数据、声明无此情形或依法不公开）÷ 应录入的表数"
            f"（应公开单位数 × {supervision.profile.table_count}）。",
            "过去各日的家数由公开记录倒推：某日以后才有“首次公开”、“无此情形声明”或“依法不公开”"
            "记录的表，视为当日未报送；某日以后“撤回”或“变更”、“更正”的表，视为当日已在；"
            "其余的表视为当日与今天相同。",
            f"公开记录说不清的：应公开单位已录入的 {format_count(dispatch.answered)} 张次表中，"
            f"有 {format_count(dispatch.undated)} 张次没有首次公开的记录，倒推时只能当作一直都在，"
            "所以过去各日的家数是上限，增加数是下限；名录没有逐日的历史，各日都按今天的名单计算。",
        ),
        links=(),
        sections=(
            Section(
                "各地",
                "places",
                (),
                Table(
                    f"{today.isoformat()} 各地信息公开情况",
                    (
                        Column("地区"),
                        Column("应公开", "num", "家"),
                        Column("已公开", "num", "家"),
                        Column("公开率", "num"),
                        Column("底线"),
                        Column("较前一日", "num", "家"),
                        Column("近 7 日", "num", "家"),
                        Column("录入率", "num"),
                    ),
                    tuple(rows),
                ),
            ),
            Section(
                "近 14 日",
                "days",
                (
                    "“公开记录”是当日公开的首次公开、变更、更正、声明等全部记录条数，含长期停产单位。",
                ),
                Table(
                    f"{gazetteer.province_name}近 14 日",
                    (
                        Column("日期", "nowrap"),
                        Column("已公开", "num", "家"),
                        Column("公开率", "num"),
                        Column("较前一日", "num", "家"),
                        Column("公开记录", "num", "条"),
                    ),
                    tuple(days),
                ),
            ),
        ),
    )
    return _page(routes.DISPATCH, view, "各市、区县每日的应公开、已公开、公开率和增减，附算法。")


def missing_page(supervision: Supervision, catalog: Catalog, gazetteer: Gazetteer) -> Page:
    """Listed sites with missing tables, counted by table and named by prefecture."""
    sites = [site for site in supervision.sites if not site.suspended and site.missing]
    listed = [site for site in supervision.sites if not site.suspended]
    tables = []
    for place, table in enumerate(catalog.disclosure):
        states = Counter(site.disclosure.states[place] for site in listed)
        lacking = states[TableState.MISSING]
        tables.append(
            make_row(
                (
                    Cell(table.title, routes.dictionary_route(table.name)),
                    *(states[state] for state in TableState),
                    lacking * len(table.fields),
                )
            )
        )
    duties = supervision.timeliness.duties
    count = catalog.profile.table_count

    def row(site: SupervisedSite) -> TableRow:
        duty = duties[site.site_code]
        titles = "、".join(catalog.disclosure[place].title for place in site.missing)
        return make_row(
            (
                Cell(site.name, routes.enterprise_route(site.site_code)),
                full_name_cell(gazetteer, site.county),
                len(site.missing),
                titles,
                f"{count - len(site.missing)}/{count}",
                duty.deadline.isoformat(),
                Cell("超过期限", tone="bad") if duty.passed(supervision.as_of) else "期限之内",
            )
        )

    columns = (
        Column("单位"),
        Column("区县"),
        Column("缺表", "num", "张"),
        Column("缺报的表", "wide"),
        Column("录入率", "num"),
        Column("首次公开期限", "nowrap"),
        Column("状态"),
    )
    view = TablesView(
        crumbs=(CRUMB, ("缺报单位", "")),
        title="缺报单位",
        lead=f"应公开的 {format_count(len(listed))} 家单位中，有 {format_count(len(sites))} 家"
        f"缺报，共缺 {format_count(sum(len(site.missing) for site in sites))} 张次表。",
        notes=(
            f"缺报：{count} 张表中至少有一张既没有数据，也没有“无此情形声明”或“依法不公开”的记录。"
            "“不适用”和“不公开”都不是缺报。",
            SUSPENDED_RULE,
            f"首次公开期限 = {supervision.profile.words.first_rule}，期限当日不算超过。"
            f"{_LISTING_RULE}",
        ),
        links=(),
        sections=(
            Section(
                "按表",
                "tables",
                ("缺报事项 = 缺报单位数 × 该表的录入事项数。点开表名，可以看到有哪些事项。",),
                Table(
                    f"{count} 张表各有多少单位公开、缺报",
                    (
                        Column("表"),
                        *(Column(state.value, "num", "家") for state in TableState),
                        Column("缺报事项", "num", "项"),
                    ),
                    tuple(tables),
                ),
            ),
            *_by_prefecture(sites, gazetteer, columns, row, "缺报单位", "家"),
        ),
    )
    return _page(routes.MISSING, view, f"{count} 张表没有报齐的单位：缺哪张表、期限到哪天。")


_LISTING_RULE = (
    "列入日期取该单位“首次公开”记录（行政处罚除外）中最早的信息生成日期；没有这种记录的，取名录最迟公布之日"
    "（数据截止日以前最近的 3 月 31 日），这是对单位最有利的算法。"
)


def irregular_page(
    irregular: Sequence[Irregularity],
    gazetteer: Gazetteer,
    problems: Sequence[Issue],
    table_count: int,
) -> Page:
    """Listed sites whose rows break a rule that does not hold back publication."""
    sites: Counter[str] = Counter()
    rows_of: Counter[str] = Counter()
    for item in irregular:
        for title, number in item.kinds:
            sites[title] += 1
            rows_of[title] += number
    firsts: dict[str, Issue] = {}
    for issue in problems:
        firsts.setdefault(issue.title, issue)
    by_site = {item.site.site_code: item for item in irregular}

    def row(site: SupervisedSite) -> TableRow:
        kinds = by_site[site.site_code].kinds
        return make_row(
            (
                Cell(site.name, routes.enterprise_route(site.site_code)),
                full_name_cell(gazetteer, site.county),
                sum(number for _, number in kinds),
                "；".join(f"{title} {number} 条" for title, number in kinds),
            )
        )

    view = TablesView(
        crumbs=(CRUMB, ("填报不规范", "")),
        title="填报不规范的单位",
        lead=f"有 {format_count(len(irregular))} 家应公开单位的记录被检查规则提醒，"
        f"共 {format_count(rows_of.total())} 条。",
        notes=(
            f"不规范：{table_count} 张表中该单位的记录被检查规则“提醒”（不妨碍公开，待核实）。"
            "变更公开不及时的另见“逾期公开”。提醒不等于违法，也可能是情况属实。",
            SUSPENDED_RULE,
        ),
        links=(),
        sections=(
            Section(
                "按规则",
                "rules",
                (),
                Table(
                    "各条规则涉及的单位",
                    (
                        Column("规则"),
                        Column("编号", "nowrap"),
                        Column("意思", "wide"),
                        Column("单位", "num", "家"),
                        Column("记录", "num", "条"),
                    ),
                    tuple(
                        make_row(
                            (
                                Cell(title, routes.KNOWN_PROBLEMS),
                                firsts[title].code,
                                find_kind(firsts[title]).plain,
                                sites[title],
                                rows_of[title],
                            )
                        )
                        for title in sorted(sites)
                    ),
                ),
                "没有单位被提醒。",
            ),
            *_by_prefecture(
                [item.site for item in irregular],
                gazetteer,
                (
                    Column("单位"),
                    Column("区县"),
                    Column("记录", "num", "条"),
                    Column("提醒", "wide"),
                ),
                row,
                "不规范单位",
                "家",
            ),
        ),
    )
    return _page(routes.IRREGULAR, view, "记录被检查规则提醒的单位：哪条规则，几条记录。")


def late_page(supervision: Supervision, catalog: Catalog, gazetteer: Gazetteer) -> Page:
    """Logged disclosures that came after their time."""
    names = {site.site_code: site for site in supervision.sites}
    titles = {table.name: table.title for table in catalog.disclosure}
    timeliness = supervision.timeliness

    def section(heading: str, anchor: str, entries: Sequence[LateEntry], empty: str) -> Section:
        return Section(
            f"{heading}（{format_count(len(entries))} 条）",
            anchor,
            (),
            Table(
                heading,
                (
                    Column("单位"),
                    Column("区县"),
                    Column("表"),
                    Column("信息生成或变更", "nowrap"),
                    Column("公开", "nowrap"),
                    Column("超过", "num", "日"),
                    Column("记录编号", "nowrap"),
                ),
                tuple(
                    make_row(
                        (
                            Cell(
                                names[entry.site_code].name,
                                routes.enterprise_route(entry.site_code),
                            ),
                            full_name_cell(gazetteer, names[entry.site_code].county),
                            titles.get(entry.table_name, entry.table_name),
                            entry.occurred.isoformat(),
                            entry.disclosed.isoformat(),
                            entry.days_late,
                            entry.record_id,
                        )
                    )
                    for entry in entries
                ),
            ),
            empty,
        )

    timed = sum(timeliness.timed.values())
    late = len(timeliness.late)
    view = TablesView(
        crumbs=(CRUMB, ("逾期公开", "")),
        title="逾期公开",
        lead=f"有时限的公开记录 {format_count(timed)} 条，逾期 {format_count(late)} 条，"
        f"及时率 {share_text(timed - late, timed, '无记录')}。",
        notes=(
            catalog.profile.words.late_rule,
            "公开记录只记已经公开的事。变更以后一直没有公开的，数据里没有，这里数不出来，"
            "不等于没有；到期仍没有报送的表，见“缺报单位”。",
            SUSPENDED_RULE,
        ),
        links=(),
        sections=(
            section("变更公开逾期", "changes", timeliness.late_changes, "没有逾期的变更公开。"),
            section("首次公开逾期", "first", timeliness.late_first, "没有逾期的首次公开。"),
        ),
    )
    return _page(routes.LATE, view, "晚于期限才公开的记录：哪家单位、哪张表、晚了几日。")


def suspended_page(supervision: Supervision, gazetteer: Gazetteer) -> Page:
    """Sites long out of production, which are counted apart."""
    sites = [site for site in supervision.sites if site.suspended]

    def row(site: SupervisedSite) -> TableRow:
        states = Counter(site.disclosure.states)
        return make_row(
            (
                Cell(site.name, routes.enterprise_route(site.site_code)),
                full_name_cell(gazetteer, site.county),
                states[TableState.GIVEN],
            )
        )

    view = TablesView(
        crumbs=(CRUMB, ("长期停产", "")),
        title="长期停产单位",
        lead=f"名录中有 {format_count(len(sites))} 家长期停产单位，单独列出，不计入公开率。",
        notes=(SUSPENDED_RULE, "一般的“停产”和“季节性生产”不是长期停产，照常计入应公开单位。"),
        links=(),
        sections=_by_prefecture(
            sites,
            gazetteer,
            (Column("单位"), Column("区县"), Column("有数据的表", "num", "张")),
            row,
            "长期停产单位",
            "家",
        ),
    )
    return _page(routes.SUSPENDED, view, "长期停产单位名单和单独统计的规则。")


def _by_prefecture(
    sites: Sequence[SupervisedSite],
    gazetteer: Gazetteer,
    columns: tuple[Column, ...],
    make: RowMaker,
    what: str,
    unit: str,
) -> tuple[Section, ...]:
    groups: Mapping[str, list[SupervisedSite]] = _group(sites)
    return tuple(
        Section(
            f"{prefecture.name}（{format_count(len(groups[prefecture.code]))} {unit}）",
            f"p{prefecture.code}",
            (),
            Table(
                f"{prefecture.name}{what}",
                columns,
                tuple(
                    make(site)
                    for site in sorted(
                        groups[prefecture.code], key=lambda site: (site.county, site.site_code)
                    )
                ),
            ),
        )
        for prefecture in gazetteer.prefectures
        if prefecture.code in groups
    )


def _group(sites: Sequence[SupervisedSite]) -> Mapping[str, list[SupervisedSite]]:
    groups: dict[str, list[SupervisedSite]] = defaultdict(list)
    for site in sites:
        groups[site.prefecture].append(site)
    return dict(groups)


def _page(route: str, view: TablesView, description: str) -> Page:
    return Page(route, "tables", view.title, description, view)
