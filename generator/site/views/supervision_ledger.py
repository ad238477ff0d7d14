"""重庆: the ledger by place with pace and warnings, the assessment ranking, and penalties."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence

from generator.config import LedgerThresholds
from generator.data.load import Dataset
from generator.domain.ledger_supervision import (
    MONTH_DAYS,
    RECENT_DAYS,
    Judgement,
    LedgerTally,
    Verdict,
)
from generator.domain.place import Gazetteer
from generator.domain.project import Project, read_decimal
from generator.domain.ranking import RANKING_RULE, rank_items
from generator.domain.statistics import to_fen
from generator.domain.supervision import Supervision
from generator.site import routes
from generator.site.pages import Page
from generator.site.views.supervision_words import (
    CRUMB,
    Place,
    full_name_cell,
    list_places,
    name_cell,
    rank_text,
    share_text,
    take_value,
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
from generator.site.views.text import format_amount, format_count, format_wan

NOTHING = "无台账项目"
TakeCounts = Callable[[LedgerTally], Mapping[str, int]]
PACE_RULE = (
    "每周需销号：对每个还没有到的时限，用（该时限以前应销号而未销号的项目，含已逾期的）× 7 ÷ "
    f"剩余天数，进位取整，取其中最大的；每月需销号同样计算，一个月按 {MONTH_DAYS} 日。未销号的"
    f"全部已逾期时，为全部未销号数。近四周 = 近 {RECENT_DAYS} 日内销号的项目数。"
)
_TONES = {
    Verdict.FINE: "good",
    Verdict.WARNING: "warn",
    Verdict.SUPERVISION: "bad",
    Verdict.NO_PROJECTS: "plain",
}


def ledger_page(
    supervision: Supervision, gazetteer: Gazetteer, thresholds: LedgerThresholds
) -> Page:
    """Every prefecture and county: done, open, overdue, rebounds, target, pace, verdict."""
    province = supervision.tallies.province
    places = list(list_places(gazetteer))
    view = TablesView(
        crumbs=(CRUMB, ("台账督查", "")),
        title="违法违规建设项目台账督查",
        lead=f"台账 {format_count(province.total)} 个项目，"
        f"已销号 {format_count(province.closed)} 个，"
        f"整改率 {share_text(province.closed, province.total, NOTHING)}；"
        f"未销号 {format_count(province.open)} 个，其中逾期 {format_count(province.overdue)} 个；"
        f"要按时完成，每周需销号 {format_count(province.pace.weekly)} 个。",
        notes=(
            "整改率 = 已销号 ÷ 台账项目；没有台账项目的不计算。逾期：完成时限早于数据截止日而没有"
            "销号，时限当日不算。反弹：消除或销号以后又退回整改过的项目，退回后按未销号计。",
            "目标：区县考核目标表中、数据截止日以前最近一个已结束月份的销号率目标；应销号 = 目标 × "
            "台账项目，进位取整，市和全省为各区县之和。",
            PACE_RULE,
            _verdict_rule(thresholds),
        ),
        links=(
            PageLink("台账考核排名", routes.LEDGER_RANKING),
            PageLink("处罚情况", routes.PENALTIES),
            PageLink("信用记录", routes.OWNERS),
        ),
        sections=(
            _verdict_section(supervision, gazetteer),
            Section(
                "各地进度",
                "places",
                (
                    "点开区县，可以看到各乡镇（街道）的同样数字，和按违法类型、处置类别、领域的分列。",
                ),
                Table(
                    "各地整治进度",
                    (
                        Column("地区"),
                        Column("台账", "num", "个"),
                        Column("已销号", "num"),
                        Column("未销号", "num"),
                        Column("逾期", "num"),
                        Column("反弹", "num"),
                        Column("整改率", "num"),
                        Column("目标", "num"),
                        Column("应销号", "num"),
                        Column("还差", "num"),
                        Column("每周需销号", "num"),
                        Column("每月需销号", "num"),
                        Column("近四周", "num"),
                        Column("判定"),
                    ),
                    tuple(_place_row(supervision, place) for place in places),
                ),
            ),
            *_breakdowns(supervision, places),
        ),
    )
    return Page(
        routes.LEDGER,
        "tables",
        view.title,
        "各地违法违规建设项目的进度、预警和督办，附算法。",
        view,
    )


def _verdict_rule(thresholds: LedgerThresholds) -> str:
    return (
        f"督办：整改率低于目标达到 {thresholds.supervision_gap} 个百分点，或逾期项目达到台账的 "
        f"{thresholds.supervision_overdue}%。预警：不到督办，但整改率低于目标，"
        f"或逾期项目达到台账的 "
        f"{thresholds.warning_overdue}%。都用整数比较：恰好等于目标不算低于，恰好等于界线算达到。"
    )


def _verdict_section(supervision: Supervision, gazetteer: Gazetteer) -> Section:
    order = [Verdict.SUPERVISION, Verdict.WARNING]
    found = sorted(
        (
            (order.index(judgement.verdict), code, judgement)
            for code, judgement in supervision.judgements.items()
            if judgement.verdict in order
        ),
        key=lambda entry: entry[:2],
    )
    counts = Counter(judgement.verdict for _, _, judgement in found)
    return Section(
        f"督办 {counts[Verdict.SUPERVISION]} 个区县，预警 {counts[Verdict.WARNING]} 个区县",
        "verdicts",
        (),
        Table(
            "督办和预警的区县",
            (
                Column("区县"),
                Column("判定"),
                Column("原因", "wide"),
                Column("整改率", "num"),
                Column("目标", "num"),
                Column("还差", "num", "个"),
                Column("逾期", "num", "个"),
            ),
            tuple(
                make_row(
                    (
                        full_name_cell(gazetteer, code),
                        Cell(judgement.verdict.value, tone=_TONES[judgement.verdict]),
                        "；".join(judgement.reasons),
                        share_text(tally.closed, tally.total, NOTHING),
                        target_text(judgement),
                        judgement.short_of(tally),
                        Cell(
                            format_count(tally.overdue),
                            routes.district_projects_route(code),
                        ),
                    )
                )
                for _, code, judgement in found
                for tally in (supervision.tallies.counties[code],)
            ),
        ),
        "没有预警或督办的区县。",
    )


def target_text(judgement: Judgement) -> str:
    """The target in per cent, or that the month has none."""
    if judgement.target is None:
        return "未定"
    return f"{format_amount(judgement.target.per_cent, 2)}%"


def _place_row(supervision: Supervision, place: Place) -> TableRow:
    tally = take_value(supervision.tallies, place)
    judgements = [supervision.judgements[code] for code in place.counties]
    required = sum(judgement.required for judgement in judgements)
    judgement = judgements[0] if place.is_county else None
    return make_row(
        (
            place.name,
            tally.total,
            tally.closed,
            tally.open,
            tally.overdue,
            tally.rebounded,
            share_text(tally.closed, tally.total, NOTHING),
            target_text(judgement) if judgement else "",
            required,
            max(0, required - tally.closed),
            tally.pace.weekly,
            tally.pace.monthly,
            tally.recent,
            Cell(judgement.verdict.value, tone=_TONES[judgement.verdict]) if judgement else "",
        ),
        total=not place.is_county,
    )


def _breakdowns(supervision: Supervision, places: Sequence[Place]) -> tuple[Section, ...]:
    """Each place by violation type, batch and sector; words in the order of their numbers."""

    def section(heading: str, anchor: str, take: TakeCounts) -> Section:
        province = take(supervision.tallies.province)
        words = sorted(province, key=lambda word: (-province[word], word))
        return Section(
            heading,
            anchor,
            (),
            Table(
                f"各地台账项目{heading}（个）",
                (Column("地区"), *(Column(word, "num") for word in words), Column("合计", "num")),
                tuple(
                    make_row(
                        (
                            place.name,
                            *(take(tally).get(word, 0) for word in words),
                            tally.total,
                        ),
                        total=not place.is_county,
                    )
                    for place in places
                    for tally in (take_value(supervision.tallies, place),)
                ),
            ),
        )

    return (
        section("按违法类型", "types", lambda tally: tally.by_type),
        section("按处置类别", "batches", lambda tally: tally.by_batch),
        section("按行业领域", "sectors", lambda tally: tally.by_sector),
    )


def ledger_ranking_page(supervision: Supervision, gazetteer: Gazetteer) -> Page:
    """Prefectures and counties by closure rate."""

    def table(caption: str, tallies: Mapping[str, LedgerTally], *, counties: bool) -> Table:
        make_name = full_name_cell if counties else name_cell
        ranked = rank_items(tallies.items(), lambda item: item[1].share, lambda item: item[0])
        return Table(
            caption,
            (
                Column("地区"),
                Column("名次", "num"),
                Column("台账", "num", "个"),
                Column("已销号", "num", "个"),
                Column("整改率", "num"),
                Column("逾期", "num", "个"),
                Column("反弹", "num", "个"),
            ),
            tuple(
                make_row(
                    (
                        make_name(gazetteer, entry.item[0]),
                        rank_text(entry.rank),
                        entry.item[1].total,
                        entry.item[1].closed,
                        share_text(entry.item[1].closed, entry.item[1].total, NOTHING),
                        entry.item[1].overdue,
                        entry.item[1].rebounded,
                    )
                )
                for entry in ranked
            ),
        )

    view = TablesView(
        crumbs=(CRUMB, ("台账督查", routes.LEDGER), ("考核排名", "")),
        title="台账考核排名",
        lead="各市、各区县按整改率排名。",
        notes=(
            f"整改率 = 已销号 ÷ 台账项目。{RANKING_RULE}“{NOTHING}”的不排名。",
            "项目按所在区县计入：区划代码改了，两地的数字都跟着变。",
        ),
        links=(),
        sections=(
            Section(
                "各市排名",
                "prefectures",
                (),
                table("各市按整改率排名", supervision.tallies.prefectures, counties=False),
            ),
            Section(
                "各区县排名",
                "counties",
                (),
                table("各区县按整改率排名", supervision.tallies.counties, counties=True),
            ),
        ),
    )
    return Page(
        routes.LEDGER_RANKING, "tables", view.title, "各市、区县整改率的名次和并列规则。", view
    )


def penalties_page(
    supervision: Supervision,
    projects: Sequence[Project],
    dataset: Dataset,
    gazetteer: Gazetteer,
) -> Page:
    """Fines of the ledger and decisions against registered sites, by place."""
    decisions = _count_decisions(supervision, dataset)
    rows = []
    for place in list_places(gazetteer):
        tally = take_value(supervision.tallies, place)
        counted = [decisions[code] for code in place.counties if code in decisions]
        rows.append(
            make_row(
                (
                    place.name,
                    tally.penalised,
                    len(tally.fined_owners),
                    format_wan(tally.fine_fen),
                    sum(number for number, _ in counted),
                    format_wan(sum(fen for _, fen in counted)),
                ),
                total=not place.is_county,
            )
        )
    fined = defaultdict(list)
    for project in projects:
        if project.fine:
            fined[gazetteer.place_code(project.division_code)].append(project)
    province = supervision.tallies.province
    view = TablesView(
        crumbs=(CRUMB, ("台账督查", routes.LEDGER), ("处罚情况", "")),
        title="处罚情况",
        lead=f"台账中 {format_count(len(province.fined_owners))} 家单位受到行政处罚，罚款 "
        f"{format_wan(province.fine_fen)} 万元。",
        notes=(
            "台账处罚：违法违规建设项目台账中罚款金额大于 0 的项目。受罚单位按统一社会信用代码"
            "（没有代码的按名称）去重：一家单位在几地受罚，各地各计一次，合计只计一次。",
            f"处罚决定：{supervision.profile.table_count} 张表之一“环境违法处罚与整改”"
            "的记录数和罚款金额，只含登记在册的单位。"
            "两栏来自两张表，同一处罚可能两处都有，不能相加。",
        ),
        links=(PageLink("信用记录", routes.OWNERS, "同一单位在各处的记录"),),
        sections=(
            Section(
                "各地",
                "places",
                (),
                Table(
                    "各地处罚情况",
                    (
                        Column("地区"),
                        Column("台账受罚项目", "num", "个"),
                        Column("受罚单位", "num", "家"),
                        Column("台账罚款", "num", "万元"),
                        Column("处罚决定", "num", "件"),
                        Column("决定罚款", "num", "万元"),
                    ),
                    tuple(rows),
                ),
            ),
            *(
                Section(
                    f"{gazetteer.full_name(county.code)}"
                    f"（{format_count(len(fined[county.code]))} 个）",
                    f"c{county.code}",
                    (),
                    Table(
                        f"{gazetteer.full_name(county.code)}受罚项目",
                        (
                            Column("项目"),
                            Column("建设单位"),
                            Column("罚款", "num", "万元"),
                            Column("处罚日期", "nowrap"),
                        ),
                        tuple(
                            make_row(
                                (
                                    Cell(project.name, routes.project_route(project.ledger_no)),
                                    project.owner_name,
                                    format_wan(to_fen(project.fine)),
                                    project.penalty_date.isoformat()
                                    if project.penalty_date
                                    else "未报送",
                                )
                            )
                            for project in fined[county.code]
                        ),
                    ),
                )
                for county in gazetteer.counties
                if county.code in fined
            ),
        ),
    )
    return Page(
        routes.PENALTIES, "tables", view.title, "台账项目的罚款和处罚决定，按地方合计。", view
    )


def _count_decisions(supervision: Supervision, dataset: Dataset) -> Mapping[str, tuple[int, int]]:
    """By county: decisions against its sites, and their fines in 分."""
    counties = {site.site_code: site.county for site in supervision.sites}
    counts: dict[str, tuple[int, int]] = {}
    rows = dataset["penalty_rectification"].text.select("site_code", "fine").iter_rows()
    for site, fine in rows:
        number, fen = counts.get(counties[site], (0, 0))
        counts[counties[site]] = (number + 1, fen + to_fen(read_decimal(fine)))
    return counts
