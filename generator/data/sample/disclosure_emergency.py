"""Rows of category 5, emergency plans: tables 27 to 29."""

from collections.abc import Iterator
from datetime import date

from generator.data.sample.disclosure_depth import Depth, Row
from generator.data.sample.disclosure_months import random_day
from generator.data.sample.disclosure_site import Site, round_figure

_LEVEL_LETTERS = {"一般": "L", "较大": "M", "重大": "H"}
_DRILLS = (
    "污水处理站故障应急演练，检验事故池切换与报告程序",
    "危险废物泄漏处置桌面推演",
    "消防废水拦截与导排演练",
    "化学品泄漏堵漏与疏散演练",
    "停电状态下环保设施应急启动演练",
)
_INCIDENTS = (
    ("管道法兰泄漏，少量物料进入雨水沟，未出厂界", "关闭雨水阀，吸附收集，更换垫片"),
    ("暴雨致污水调节池溢流，部分废水进入沟渠", "启用事故池，投加药剂，沿程监测至达标"),
    ("车间短时起火，产生消防废水", "消防废水全部导入事故池，委托处置"),
)


def emergency_plan_rows(site: Site, depth: Depth) -> Iterator[Row]:
    """`emergency_plan`: plan and filing numbers are given when all sites are known."""
    rng = site.rng(depth.seed, "plan")
    one = site.enterprise
    share = 0.95 if "环境风险" in one.key_class else 0.78
    if rng.random() > share:
        return
    level = rng.choices(("一般", "较大", "重大"), (78, 18, 4))[0]
    if len(one.trade.risks) > 1 and one.size > 2:
        level = "重大" if rng.random() < 0.4 else "较大"
    # Filed for three years: about an eighth stand beyond their revision by the data date.
    filed = random_day(rng, date(2012, 9, 1), date(2013, 6, 28))
    if rng.random() > 0.13:
        filed = random_day(rng, date(2013, 8, 1), date(2016, 5, 31))
    authority = one.county.bureau if level == "一般" else f"{one.county.prefecture_name}环境保护局"
    yield (
        "",
        site.code,
        "突发环境事件应急预案",
        rng.choice(("第一版", "第一版", "第二版", "2015版")),
        level,
        _LEVEL_LETTERS[level],
        authority,
        filed,
        None,
    )


def risk_source_rows(site: Site, depth: Depth) -> Iterator[Row]:
    """`risk_source`: stock against threshold of each substance."""
    rng = site.rng(depth.seed, "risk")
    rows: list[Row] = []
    for risk in depth.take(site, site.enterprise.trade.risks):
        stock = round_figure(risk.stock * site.enterprise.size * rng.uniform(0.5, 1.4))
        rows.append(
            (
                site.code,
                risk.unit,
                risk.substance,
                risk.cas,
                stock,
                risk.threshold,
                round(stock / risk.threshold, 4),
            )
        )
    yield from sorted(rows, key=lambda row: (str(row[1]), str(row[2])))


def drill_event_rows(site: Site, depth: Depth) -> Iterator[Row]:
    """`drill_event`: yearly drills, rare incidents; the number is given when all are known."""
    rng = site.rng(depth.seed, "drill")
    if rng.random() < 0.5:
        first = max(date(2015, 2, 1), site.enterprise.listed_date)
        for number in range(depth.repeats(site, rng.choice((1, 1, 2)))):
            day = random_day(site.rng(depth.seed, f"drill-{number}"), first, date(2016, 6, 25))
            yield ("", site.code, "演练", day, "不适用", rng.choice(_DRILLS), None, None)
    incident = site.rng(depth.seed, "incident")
    if incident.random() < 0.008 and site.enterprise.trade.risks:
        summary, response = incident.choice(_INCIDENTS)
        yield (
            "",
            site.code,
            "突发环境事件",
            random_day(incident, date(2015, 4, 10), date(2016, 6, 20)),
            incident.choices(("一般", "较大"), (9, 1))[0],
            summary,
            response,
            round_figure(incident.uniform(0.5, 60), 2),
        )
