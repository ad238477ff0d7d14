"""Every published number, defined once: its words, formula, value and the rows that make it.

The home page, the figure pages, `data/figures.json` and the tests all read this registry, so one
number cannot have two values. The ids and published values are those of the four provinces'
own reports (tests/published-figures.csv).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from generator.config import Campaign
from generator.data.catalog import Catalog
from generator.domain.duty import Adoption, Body
from generator.domain.project import FEN_PER_WAN
from generator.domain.statistics import Frames
from generator.domain.weeks import find_week, list_weeks, week_a_year_before

if TYPE_CHECKING:
    import pandas as pd

FEN_PER_YI = 10_000 * FEN_PER_WAN
"""分 in 亿元."""
ADOPTED = "已印发"


@dataclass(frozen=True, slots=True)
class FigureSources:
    """All that figures are counted from."""

    frames: Frames
    catalog: Catalog
    disclosure_rows: Mapping[str, int]
    """Rows of each of the 33 tables."""
    readings: int
    township_codes: tuple[str, ...]
    bodies: tuple[Body, ...]
    adoptions: tuple[Adoption, ...]
    campaign: Campaign
    floor: int


@dataclass(frozen=True, slots=True)
class Part:
    """What one place or group gives to a figure. `key` is a division code or a plain word."""

    key: str
    value: int | Decimal


@dataclass(frozen=True, slots=True)
class Figure:
    """A published number with what a reader needs to check it."""

    figure_id: str
    model: str
    """The province whose practice it follows."""
    title: str
    unit: str
    formula: str
    value: int | Decimal
    part_title: str
    """What the parts are by: 区县, 表, 周 …"""
    parts: tuple[Part, ...]
    query: str
    """Filter of the project list that shows exactly the rows, empty where there is none."""


def compute_figures(sources: FigureSources) -> tuple[Figure, ...]:
    """All figures, in the order of the registry.

    A register without a single row gives no figures at all: nothing was reported, and a 0 would
    claim that there is nothing.
    """
    frames = sources.frames
    return (
        *(_ledger_figures(frames.projects) if len(frames.projects) else ()),
        *(_place_figures(sources) if sources.township_codes else ()),
        *_disclosure_figures(sources),
        *(_exposure_figures(frames.cases) if len(frames.cases) else ()),
        *(_bulletin_figures(frames.bulletin, sources.campaign) if len(frames.bulletin) else ()),
        *(_duty_figures(sources.bodies, sources.adoptions) if sources.bodies else ()),
    )


def _ledger_figures(projects: pd.DataFrame) -> Iterator[Figure]:
    closed = projects["closed"]

    def count(
        figure_id: str, title: str, formula: str, mask: pd.Series[bool] | None, query: str
    ) -> Figure:
        rows = projects if mask is None else projects[mask]
        return Figure(
            figure_id, "重庆", title, "家", formula, len(rows), "区县", _by_county(rows), query
        )

    yield count(
        "cq.projects.total",
        "清理环保违法违规建设项目",
        "违法违规建设项目台账的全部记录数",
        None,
        "",
    )
    for suffix, kind in (
        ("unapproved", "未批先建"),
        ("deviating", "批建不符"),
        ("unaccepted", "未验先投"),
    ):
        yield count(
            f"cq.projects.{suffix}",
            f"其中{kind}",
            f"台账中违法类型为“{kind}”的记录数",
            projects["violation_type"] == kind,
            f"violation_type={kind}",
        )
    yield count(
        "cq.projects.done", "完成整治", "台账中最后一个阶段为“销号”的记录数", closed, "stage=销号"
    )
    yield Figure(
        "cq.projects.done_rate",
        "重庆",
        "整改率",
        "%",
        "完成整治 ÷ 清理总数 × 100，保留两位小数，四舍五入",
        _rate(int(closed.sum()), len(projects), 2),
        "区县",
        tuple(
            Part(str(county), _rate(int(group["closed"].sum()), len(group), 2))
            for county, group in projects.groupby("county", sort=True)
        ),
        "",
    )
    yield count(
        "cq.projects.open",
        "正在整治",
        "清理总数减去完成整治",
        ~closed,
        "stage=排查&stage=登记&stage=整改&stage=消除",
    )
    yield count(
        "cq.projects.overdue",
        "逾期未销号",
        "完成时限早于数据截止日、且没有销号的记录数",
        projects["overdue"],
        "overdue=已逾期",
    )
    for suffix, batch in (
        ("closed", "淘汰关闭"),
        ("regularised", "整顿规范"),
        ("filed", "完善备案"),
    ):
        yield count(
            f"cq.batch.{suffix}",
            batch,
            f"已销号、处置类别为“{batch}”的记录数",
            closed & (projects["batch"] == batch),
            f"batch={batch}&stage=销号",
        )
    sectors = projects.groupby("sector", sort=True).size()
    yield Figure(
        "cq.sectors",
        "重庆",
        "清理范围领域",
        "类",
        "台账中出现的不同行业领域数",
        len(sectors),
        "行业领域",
        tuple(Part(str(sector), int(number)) for sector, number in sectors.items()),
        "",
    )
    penalised = projects[projects["penalised"]]
    yield Figure(
        "cq.penalised.firms",
        "重庆",
        "未落实三个一批受行政处罚企业",
        "家",
        "台账中罚款金额大于 0 的不同建设单位数（按统一社会信用代码，没有代码的按名称）；"
        "一家单位在多个区县受罚时，各区县分别计一次，合计只计一次",
        penalised["owner"].nunique(),
        "区县",
        tuple(
            Part(str(county), int(group["owner"].nunique()))
            for county, group in penalised.groupby("county", sort=True)
        ),
        "",
    )
    yield Figure(
        "cq.penalised.fines",
        "重庆",
        "处罚金额",
        "万元",
        "台账中各项目罚款金额之和",
        _in_unit(int(penalised["fine_fen"].sum()), FEN_PER_WAN),
        "区县",
        tuple(
            Part(str(county), _in_unit(int(group["fine_fen"].sum()), FEN_PER_WAN))
            for county, group in penalised.groupby("county", sort=True)
        ),
        "",
    )


def _place_figures(sources: FigureSources) -> Iterator[Figure]:
    import pandas as pd  # late, as in domain.statistics

    counties = pd.Series([code[:6] for code in sources.township_codes], dtype=str)
    yield Figure(
        "cq.townships",
        "重庆",
        "设立环保机构的乡镇（街道）",
        "个",
        "行政区划表中现行的乡级区划数",
        len(counties),
        "区县",
        tuple(Part(str(c), int(n)) for c, n in counties.value_counts().sort_index().items()),
        "",
    )


def _disclosure_figures(sources: FigureSources) -> Iterator[Figure]:
    disclosure = sources.catalog.disclosure
    tables = sources.catalog.profile.table_count
    enterprises = sources.frames.enterprises

    def figure(
        figure_id: str,
        title: str,
        unit: str,
        formula: str,
        value: int | Decimal,
        part_title: str,
        parts: tuple[Part, ...],
    ) -> Figure:
        return Figure(figure_id, "河南", title, unit, formula, value, part_title, parts, "")

    yield figure(
        "ha.tables", "环境信息公开目录表格", "张", "数据字典中公开目录的表数", len(disclosure),
        "表", tuple(Part(table.title, len(table.fields)) for table in disclosure),
    )  # fmt: skip
    yield figure(
        "ha.fields", "录入事项", "项", f"{tables} 张表的字段数之和",
        sum(len(table.fields) for table in disclosure),
        "表", tuple(Part(table.title, len(table.fields)) for table in disclosure),
    )  # fmt: skip
    categories = sorted({table.category for table in disclosure})
    yield figure(
        "ha.categories", "应公开信息大类", "类", f"{tables} 张表所属的不同类别数",
        len(categories), "类别",
        tuple(
            Part(f"第{number}类", sum(len(t.fields) for t in disclosure if t.category == number))
            for number in categories
        ),
    )  # fmt: skip
    yield figure(
        "ha.enterprises", "纳入信息公开对象的企业事业单位", "家", "企业基本信息表的记录数",
        len(enterprises), "区县", _by_county(enterprises),
    )  # fmt: skip
    suspended = enterprises[enterprises["suspended"]]
    yield figure(
        "ha.suspended", "其中长期停产企业", "家",
        "企业基本信息表中生产状态为“长期停产”的记录数；单独列出，不计入公开率",
        len(suspended), "区县", _by_county(suspended),
    )  # fmt: skip
    rows = sum(sources.disclosure_rows.values())
    yield figure(
        "ha.rows", "手工录入信息", "条", f"{tables} 张表的记录数之和", rows, "表",
        tuple(
            Part(table.title, sources.disclosure_rows.get(table.name, 0)) for table in disclosure
        ),
    )  # fmt: skip
    yield figure(
        "ha.readings", "重点污染源自动监控信息", "条", "自动监测数据表的记录数", sources.readings,
        "表", (Part("自动监测数据", sources.readings),),
    )  # fmt: skip
    listed = enterprises[enterprises["listed"]]
    if len(listed):
        yield figure(
            "ha.entry_rate", "信息录入率和公开率", "%",
            f"{tables} 张表都有数据或依法声明的单位数 ÷ 应公开单位数（不含长期停产）× 100",
            _rate(int(listed["disclosed"].sum()), len(listed), 2), "区县",
            tuple(
                Part(str(county), _rate(int(group["disclosed"].sum()), len(group), 2))
                for county, group in listed.groupby("county", sort=True)
            ),
        )  # fmt: skip
    yield figure(
        "ha.notice_line", "公开率低于此线即下达督办通知书", "%",
        "设置中的公开率底线；比较时用整数：已公开单位数 × 100 < 底线 × 应公开单位数",
        sources.floor, "设置", (Part("disclosure_floor", sources.floor),),
    )  # fmt: skip
    below = [
        str(county)
        for county, group in listed.groupby("county", sort=True)
        if int(group["disclosed"].sum()) * 100 < sources.floor * len(group)
    ]
    yield figure(
        "ha.below_floor", "公开率低于底线的区县", "个",
        "已公开单位数 × 100 < 底线 × 应公开单位数 的区县数；恰好等于底线不算低于",
        len(below), "区县", tuple(Part(county, 1) for county in below),
    )  # fmt: skip


def _exposure_figures(cases: pd.DataFrame) -> Iterator[Figure]:
    by_week = cases.groupby("iso_week", sort=True).size()
    parts = tuple(Part(str(week), int(number)) for week, number in by_week.items())
    yield Figure(
        "zj.batches",
        "浙江",
        "一周一曝光批次",
        "批",
        "有曝光案件的周数",
        len(by_week),
        "周",
        parts,
        "",
    )
    yield Figure(
        "zj.cases", "浙江", "曝光环境违法典型案件", "起",
        "曝光案件表的记录数；撤回的案件仍计入，并标明已撤回", len(cases), "周", parts, "",
    )  # fmt: skip


def _bulletin_figures(bulletin: pd.DataFrame, campaign: Campaign) -> Iterator[Figure]:
    span = "全部通报周"

    def total(
        figure_id: str, title: str, unit: str, column: str, words: str, divisor: int = 1
    ) -> Figure:
        def measure(group: pd.DataFrame) -> int | Decimal:
            amount = int(group[column].sum())
            return amount if divisor == 1 else _in_unit(amount, divisor)

        return Figure(
            figure_id, figure_id_model(figure_id), title, unit,
            f"{span}各区县通报“{words}”之和", measure(bulletin), "区县",
            tuple(Part(str(c), measure(g)) for c, g in bulletin.groupby("county", sort=True)), "",
        )  # fmt: skip

    yield total(
        "cq.eia.refused", "暂缓或不予审批环评项目", "个", "eia_refused", "暂缓或不予审批环评项目数"
    )
    yield total(
        "cq.eia.refused_invest", "暂缓或不予审批涉及投资", "亿元", "eia_invest_fen",
        "暂缓或不予审批项目涉及投资", FEN_PER_YI,
    )  # fmt: skip
    yield total("zj.enforcement.cases", "查处环境违法案件", "件", "cases_opened", "立案数")
    yield total("zj.enforcement.fines", "罚款", "亿元", "fine_fen", "罚款合计", FEN_PER_YI)
    yield total("zj.daily_penalty", "按日连续处罚", "件", "daily_penalty", "按日连续处罚")
    yield total("zj.seizure", "查封扣押", "件", "seizure", "查封扣押")
    yield total("zj.limit", "限产停产", "件", "limit_stop", "限产停产")
    yield total("zj.detention", "移送行政拘留", "件", "detention", "移送行政拘留")
    yield total("zj.crime", "移送涉嫌环境污染犯罪", "件", "crime_transfer", "移送涉嫌犯罪")
    yield from _campaign_figures(bulletin, campaign)


def _campaign_figures(bulletin: pd.DataFrame, campaign: Campaign) -> Iterator[Figure]:
    weeks = tuple(list_weeks(find_week(campaign.start), find_week(campaign.end)))
    earlier = [week.code for week in map(week_a_year_before, weeks) if week is not None]
    now = bulletin[bulletin["iso_week"].isin([week.code for week in weeks])]
    before = bulletin[bulletin["iso_week"].isin(earlier)]
    span = f"{campaign.title}（{weeks[0].code} 至 {weeks[-1].code} 各周）"
    for suffix, column, title in (
        ("cases", "cases_opened", "立案"),
        ("transfers", "transfers", "移送公安"),
    ):
        current, base = int(now[column].sum()), int(before[column].sum())
        by_week = now.groupby("iso_week", sort=True)[column].sum()
        parts = tuple(Part(str(week), int(number)) for week, number in by_week.items())
        words = "立案数" if suffix == "cases" else "移送行政拘留与移送涉嫌犯罪"
        yield Figure(
            f"zj.hundred_days.{suffix}", "浙江", f"{campaign.title}{title}", "件",
            f"{span}各区县“{words}”之和", current, "周", parts, "",
        )  # fmt: skip
        if base:
            yield Figure(
                f"zj.hundred_days.{suffix}_yoy", "浙江", f"{campaign.title}{title}同比", "%",
                f"（{span}之和 {current} − 上年同样各周之和 {base}）÷ {base} × 100，取整",
                _rate(current - base, base, 0), "年",
                (Part("上年同期", base), Part("本年", current)), "",
            )  # fmt: skip


def _duty_figures(bodies: tuple[Body, ...], adoptions: tuple[Adoption, ...]) -> Iterator[Figure]:
    parts = sorted({body.part for body in bodies})

    def count(figure_id: str, title: str, kind: str) -> Figure:
        chosen = [body for body in bodies if body.kind == kind]
        return Figure(
            figure_id, "内蒙古", title, "个", f"责任清单中主体类别为“{kind}”的不同主体数",
            len(chosen), "主体", tuple(Part(body.name, 1) for body in chosen), "",
        )  # fmt: skip

    yield Figure(
        "nm.parts", "内蒙古", "职责文件部分", "个", "责任清单的不同部分数", len(parts), "部分",
        tuple(Part(part, sum(body.part == part for body in bodies)) for part in parts), "",
    )  # fmt: skip
    yield count("nm.party_departments", "党委职能部门", "党委部门")
    yield count("nm.government_departments", "政府部门及直属单位", "政府部门")
    yield Figure(
        "nm.leagues", "内蒙古", "盟市", "个", "责任清单配套文件表的记录数", len(adoptions), "盟市",
        tuple(Part(adoption.division_code, 1) for adoption in adoptions), "",
    )  # fmt: skip
    adopted = [adoption for adoption in adoptions if adoption.status == ADOPTED]
    yield Figure(
        "nm.leagues_adopted", "内蒙古", "已制定配套文件的盟市", "个",
        "责任清单配套文件表中制定情况为“已印发”的记录数", len(adopted), "盟市",
        tuple(Part(adoption.division_code, 1) for adoption in adopted), "",
    )  # fmt: skip


def figure_id_model(figure_id: str) -> str:
    """The province whose report a figure id comes from."""
    return {"cq": "重庆", "ha": "河南", "zj": "浙江", "nm": "内蒙古"}[figure_id[:2]]


def _by_county(rows: pd.DataFrame) -> tuple[Part, ...]:
    sizes = rows.groupby("county", sort=True).size()
    return tuple(Part(str(county), int(number)) for county, number in sizes.items())


def _rate(part: int, whole: int, places: int) -> Decimal:
    step = Decimal(1).scaleb(-places)
    return (Decimal(part) * 100 / Decimal(whole)).quantize(step, rounding=ROUND_HALF_UP)


def _in_unit(fen: int, divisor: int) -> Decimal:
    return Decimal(fen) / Decimal(divisor)
