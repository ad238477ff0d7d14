"""Rows of `penalty_rectification`, table 31: what the other tables give cause for.

An exceedance, a total above the permitted one, a project without approval or acceptance and
tables kept back each lead to a decision now and then; exposed cases bring their own rows.

Source: 水污染防治法 (2008) arts 72-75; 大气污染防治法 (2015) art. 99; 固体废物污染环境防治法
arts 68, 75; 建设项目环境保护管理条例 (1998) art. 28; MEP Orders 28 to 31.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from generator.data.sample.disclosure_depth import Row
from generator.data.sample.disclosure_months import DATA_DATE, random_day
from generator.data.sample.disclosure_projects import Project
from generator.data.sample.disclosure_site import Site
from generator.data.sample.exposure import CasePlan

_FIRST_DECISION = date(2015, 1, 12)


@dataclass(frozen=True, slots=True)
class _Script:
    violation: str
    facts: str
    basis: str
    measures: tuple[str, ...]
    fine: tuple[float, float]  # 万元


_WATER_EXCESS = "《中华人民共和国水污染防治法》第七十四条第一款"
_AIR_EXCESS = "《中华人民共和国大气污染防治法》第九十九条第二项"
_DAILY_BASIS = "《中华人民共和国环境保护法》第五十九条"
_DAILY_MEASURES = "责令改正、罚款、按日连续处罚"
_OVER_TOTAL = _Script(
    "超总量排放",
    "{bureau}核查{firm}2015年度排放台账，主要污染物年排放量超过核定总量控制指标。",
    "《中华人民共和国环境保护法》第六十条",
    ("责令改正、罚款、限制生产", "罚款、限制生产", "责令改正、罚款、停产整治"),
    (5, 30),
)
_UNDISCLOSED = _Script(
    "未依法公开环境信息",
    "{firm}列入重点排污单位名录后，未按规定期限公开全部环境信息，经提醒仍有表格未报送。",
    "《企业事业单位环境信息公开办法》第十六条",
    ("责令改正、罚款", "警告、责令改正"),
    (0.5, 3),
)
_UNAPPROVED = _Script(
    "未批先建",
    "{firm}“{project}”未取得环境影响评价审批文件即开工建设，主体工程已建成。",
    "《中华人民共和国环境影响评价法》第三十一条",
    ("责令停止建设、罚款", "责令停止建设、罚款、恢复原状"),
    (2, 20),
)
_UNACCEPTED = _Script(
    "未验先投",
    "{firm}“{project}”需要配套建设的环境保护设施未经验收，主体工程已投入生产。",
    "《建设项目环境保护管理条例》第二十八条",
    ("责令改正、罚款", "罚款、停产整治"),
    (1, 10),
)
_OTHERS: tuple[_Script, ...] = (
    _Script(
        "设施不正常运行",
        "{bureau}检查发现{firm}生产期间部分污染防治设施未开启，运行记录与用电量不符。",
        "《中华人民共和国水污染防治法》第七十三条；《中华人民共和国大气污染防治法》第九十九条",
        ("责令改正、罚款", "责令改正、罚款、查封扣押"),
        (2, 20),
    ),
    _Script(
        "危险废物违法",
        "{firm}危险废物贮存场所未设置识别标志，部分废物露天堆放，转移联单填写不全。",
        "《中华人民共和国固体废物污染环境防治法》第七十五条",
        ("责令改正、罚款", "责令改正、罚款、移送行政拘留"),
        (1, 20),
    ),
    _Script(
        "固体废物违法",
        "{firm}工业固体废物堆场未采取防扬散、防流失、防渗漏措施，雨后有渗水外流。",
        "《中华人民共和国固体废物污染环境防治法》第六十八条",
        ("责令改正、罚款",),
        (1, 10),
    ),
    _Script(
        "无证排污",
        "{firm}排污许可证到期后未办理延续手续，仍继续排放污染物。",
        "《中华人民共和国大气污染防治法》第九十九条第一项",
        ("责令改正、罚款", "罚款、停产整治"),
        (5, 20),
    ),
    _Script(
        "逃避监管排污",
        "{bureau}夜间突击检查，发现{firm}通过临时软管将未经处理的废水排入雨水沟。",
        "《中华人民共和国环境保护法》第六十三条第三项；《中华人民共和国水污染防治法》第七十五条",
        ("责令改正、罚款、查封扣押、移送行政拘留", "罚款、移送行政拘留"),
        (5, 20),
    ),
    _Script(
        "监测数据造假",
        "{firm}自动监控设备采样管被接入稀释水，监测数据明显低于现场比对结果。",
        "《中华人民共和国环境保护法》第六十三条第三项",
        ("责令改正、罚款、移送行政拘留", "责令改正、罚款、移送涉嫌犯罪"),
        (5, 30),
    ),
    _Script(
        "其他",
        "{firm}未按规定建立环境管理台账，拒不提供近期监测报告。",
        "《中华人民共和国环境保护法》第五十五条",
        ("警告、责令改正", "责令改正、罚款"),
        (0.5, 5),
    ),
)
_OTHER_WEIGHTS = (30, 22, 16, 10, 8, 3, 11)


def penalty_rows(
    sites: Sequence[Site],
    projects: Mapping[str, Sequence[Project]],
    cases: Sequence[CasePlan],
    seed: int,
) -> list[Row]:
    """All decisions sorted by number: those of exposed cases as planned, others numbered here.

    Numbers count within county and year from 1; cases of 2016 stand above them.
    """
    drafts = sorted(
        (draft for site in sites for draft in _draft_site(site, projects[site.code], seed)),
        key=lambda row: (row[8], row[1], row[2]),
    )
    county_names = {site.code: site.enterprise.county.short_name for site in sites}
    taken = {case.penalty.decision_no for case in cases if case.penalty is not None}
    serials: Counter[str] = Counter()
    rows: list[Row] = []
    for draft in drafts:
        scope = f"{county_names[draft[1]]}环罚〔{draft[8].year}〕"
        serials[scope] += 1
        while f"{scope}{serials[scope]}号" in taken:
            serials[scope] += 1
        rows.append((f"{scope}{serials[scope]}号", *draft[1:]))
    for case in cases:
        one = case.penalty
        if one is not None:
            rows.append(
                (
                    one.decision_no,
                    one.site_code,
                    one.violation_type,
                    one.facts,
                    one.legal_basis,
                    one.measure_kind,
                    one.fine,
                    one.authority,
                    one.decision_date,
                    one.rectify_deadline,
                    one.rectify_status,
                )
            )
    return sorted(rows, key=lambda row: str(row[0]))


_Draft = tuple[str, str, str, str, str, str, object, str, date, object, str]


def _draft_site(site: Site, projects: Sequence[Project], seed: int) -> Iterator[_Draft]:
    if site.enterprise.suspended:
        return
    rng = site.rng(seed, "penalty")
    if site.over_total:
        yield _draft(site, rng, _OVER_TOTAL, random_day(rng, date(2016, 2, 20), date(2016, 5, 30)))
    if site.episodes and rng.random() < 0.45:
        yield _draft_excess(site, rng)
    if not site.enterprise.disclosed and rng.random() < 0.5:
        first = date(site.enterprise.listed_date.year, 6, 20)
        yield _draft(site, rng, _UNDISCLOSED, random_day(rng, first, DATA_DATE))
    for project in projects:
        if project.acceptance is not None or project.status != "已投产" or rng.random() > 0.4:
            continue
        script = _UNAPPROVED if project.approved is None else _UNACCEPTED
        day = random_day(rng, _FIRST_DECISION, DATA_DATE)
        yield _draft(site, rng, script, day, project=project.name)
    if rng.random() < 0.02 + 0.05 * (1 - site.enterprise.county.discipline):
        script = rng.choices(_OTHERS, _OTHER_WEIGHTS)[0]
        yield _draft(site, rng, script, random_day(rng, _FIRST_DECISION, DATA_DATE))


def _draft_excess(site: Site, rng: Random) -> _Draft:
    episode = max(site.episodes, key=lambda one: one.ratio)
    one = episode.series
    water = one.outlet_code.startswith("DW")
    unit = "毫克/升" if water else "毫克/立方米"
    facts = (
        f"{site.enterprise.county.bureau}监测发现，{site.enterprise.name}{one.outlet_code}排放口"
        f"{one.pollutant_name}浓度{episode.value:g}{unit}，超过限值{one.limit:g}{unit}，"
        f"超标{episode.ratio:g}倍。"
    )
    decided = max(
        _FIRST_DECISION, min(episode.day + timedelta(days=rng.randint(20, 75)), DATA_DATE)
    )
    basis = _WATER_EXCESS if water else _AIR_EXCESS
    if episode.ratio > 0.5 and rng.random() < 0.15:
        # Total = original fine × days (Measures on daily penalties art. 19).
        original, days = rng.choice((1.5, 2.0, 3.0, 5.0)), rng.randint(5, 20)
        facts += (
            f"责令改正后复查仍超标，自责令改正次日起按日连续处罚{days}日，"
            f"原处罚数额{original:g}万元，合计{original * days:g}万元。"
        )
        total = original * days
        script = _Script("超标排放", facts, _DAILY_BASIS, (_DAILY_MEASURES,), (total, total))
        return _draft(site, rng, script, decided, literal=True)
    measures = ("责令改正、罚款", "罚款、限制生产" if episode.ratio > 0.5 else "责令改正、罚款")
    script = _Script("超标排放", facts, basis, measures, (1.5, 25))
    return _draft(site, rng, script, decided, literal=True)


def _draft(
    site: Site,
    rng: Random,
    script: _Script,
    day: date,
    *,
    project: str = "",
    literal: bool = False,
) -> _Draft:
    measure = rng.choice(script.measures)
    low, high = script.fine
    fine = round(low * (high / low) ** rng.random(), 1) if "罚款" in measure else None
    decided = _to_workday(day)
    deadline = decided + timedelta(days=rng.choice((10, 15, 20, 30, 60, 90)))
    bureau = site.enterprise.county.bureau
    facts = (
        script.facts
        if literal
        else script.facts.format(bureau=bureau, firm=site.enterprise.name, project=project)
    )
    return (
        "",
        site.code,
        script.violation,
        facts,
        script.basis,
        measure,
        fine,
        bureau,
        decided,
        deadline,
        _rectify_status(rng, deadline),
    )


def _to_workday(day: date) -> date:
    """The day, or the Friday before a weekend."""
    return day - timedelta(days=max(0, day.weekday() - 4))


def _rectify_status(rng: Random, deadline: date) -> str:
    if deadline > DATA_DATE:
        return rng.choice(("整改中", "整改中", "整改中", "已整改待核查", "未整改"))
    return rng.choices(
        ("已销号", "已整改待核查", "整改中", "未整改", "已撤销决定"), (74, 13, 7, 5, 1)
    )[0]
