"""Rows of category 3, control facilities and their running: tables 17 to 22."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from generator.data.sample.disclosure_depth import Depth, Row
from generator.data.sample.disclosure_months import random_day
from generator.data.sample.disclosure_site import REPORT_YEAR, Site, round_figure

_REMOVAL = {"除尘": (96.0, 99.9), "脱硫": (80.0, 97.0), "脱硝": (45.0, 88.0)}
_FACILITY_NAMES = {
    "除尘": "除尘设施",
    "脱硫": "脱硫设施",
    "脱硝": "脱硝设施",
    "VOCs治理": "有机废气治理设施",
    "除臭": "除臭设施",
    "其他": "废气净化设施",
}
_MAKERS = ("清源仪器 QY-300", "恒测科技 HC-2000", "蓝谱 LP-CEMS", "碧测 BC-600", "远见光电 YJ-8")
_OPERATORS = (
    "示例省清测环境服务有限公司",
    "云岚碧源监测服务有限公司",
    "自行运维",
    "临霁蓝谱运维有限公司",
)
_CAUSES = (
    "计划检修",
    "设备故障抢修",
    "更换滤料",
    "供电线路检修停电",
    "仪表失灵，切换手动运行",
    "主体工程停机同步停运",
)
_EXTRA = ("主体工程同步停产，无排放", "启用备用设施，达标排放", "降负荷运行，短时浓度升高", None)


@dataclass(frozen=True, slots=True)
class _Facility:
    code: str
    name: str
    kind: str
    process: str


def wastewater_facility_rows(site: Site, depth: Depth) -> Iterator[Row]:
    """`wastewater_facility`: one for each outlet."""
    for number, outlet in enumerate(depth.water(site), start=1):
        rng = site.rng(depth.seed, f"water-facility-{outlet.code}")
        load = rng.uniform(0.45, 0.95) if site.producing else 0.0
        yield (
            site.code,
            f"TW{number:03d}",
            "污水处理站" if number == 1 else f"{number}#污水处理设施",
            site.enterprise.trade.treatment,
            round_figure(outlet.flow * rng.uniform(1.1, 1.6), 2),
            round_figure(outlet.flow * 330 * load),
            _built_date(site, rng),
            _run_hours(site, rng),
            round(rng.uniform(72, 97.5), 1),
            _run_status(site, rng),
        )


def exhaust_facility_rows(site: Site, depth: Depth) -> Iterator[Row]:
    """`exhaust_facility`: one for each treatment step of each stack."""
    facilities = _list_air_facilities(site, depth)
    flows = [outlet.flow for outlet in depth.air(site) for _ in outlet.point.steps]
    for facility, flow in zip(facilities, flows, strict=True):
        if facility not in depth.take(site, facilities):
            continue
        rng = site.rng(depth.seed, f"air-facility-{facility.code}")
        yield (
            site.code,
            facility.code,
            facility.name,
            facility.kind,
            facility.process,
            round_figure(flow * 1.15, 2),
            _built_date(site, rng),
            _run_hours(site, rng),
            round(rng.uniform(*_REMOVAL.get(facility.kind, (60.0, 92.0))), 1),
            _run_status(site, rng),
        )


def waste_storage_rows(site: Site, depth: Depth) -> Iterator[Row]:
    """`waste_storage`: a store for hazardous waste, a yard for general waste."""
    rng = site.rng(depth.seed, "waste-storage")
    trade = site.enterprise.trade
    stores = []
    if trade.hazardous and rng.random() < 0.9:
        stores.append(("危废暂存间", "危险废物", trade.hazardous[0][1] / 4, "防渗地坪、导流沟"))
    if trade.wastes and rng.random() < 0.8:
        stores.append(("固废堆场", "一般工业固体废物", trade.wastes[0][2] / 20, "硬化、防雨棚"))
    for number, (name, kind, capacity, measure) in enumerate(depth.take(site, stores), start=1):
        yield (
            site.code,
            f"TS{number:03d}",
            name,
            kind,
            round_figure(max(1.0, capacity * site.enterprise.size), 2),
            measure,
            _built_date(site, rng),
            "在建" if site.enterprise.status == "在建" else "正常",
        )


def facility_abnormal_rows(site: Site, depth: Depth) -> Iterator[Row]:
    """`facility_abnormal`: shutdowns of facilities; the number is given when all are known."""
    rng = site.rng(depth.seed, "abnormal")
    facilities = [row[1] for row in wastewater_facility_rows(site, depth)]
    facilities += [row[1] for row in exhaust_facility_rows(site, depth)]
    if not facilities or not site.months or rng.random() > 0.16:
        return
    for _ in range(rng.choice((1, 1, 2, 3))):
        last = date(site.months[-1].year, site.months[-1].number, 28)
        day = random_day(rng, max(date(2015, 1, 5), site.enterprise.listed_date), last)
        start = datetime(
            day.year, day.month, day.day, rng.randrange(24), rng.choice((0, 15, 30, 40))
        )
        ended = start + timedelta(minutes=rng.choice((90, 150, 240, 480, 1440, 2880)))
        still_out = rng.random() < 0.03
        yield (
            "",
            site.code,
            rng.choice(facilities),
            start,
            None if still_out else ended,
            rng.choice(_CAUSES),
            rng.choice(_EXTRA),
            rng.random() < 0.9,
        )


def online_monitor_rows(site: Site, depth: Depth) -> Iterator[Row]:
    """`online_monitor`: one device for each monitored outlet."""
    # Device numbers sort stacks (DA) before waste water outlets (DW).
    for outlet in (*depth.air(site), *depth.water(site)):
        if not outlet.online:
            continue
        rng = site.rng(depth.seed, f"monitor-{outlet.code}")
        networked = random_day(rng, date(2009, 3, 1), date(2015, 11, 30))
        yield (
            site.code,
            f"{outlet.code}-{'CEMS' if outlet.code.startswith('DA') else 'WQ'}01",
            outlet.code,
            "、".join(one.pollutant_name for one in outlet.series if one.online),
            rng.choice(_MAKERS),
            networked,
            networked + timedelta(days=rng.randint(20, 160)) if rng.random() < 0.9 else None,
            rng.choice(_OPERATORS),
            round(100 - min(38.0, rng.expovariate(1 / 4.5)), 1),
        )


def facility_cost_rows(site: Site, depth: Depth) -> Iterator[Row]:
    """`facility_cost`: investment and running cost of the year, 万元."""
    rng = site.rng(depth.seed, "cost")
    size = site.enterprise.size

    def invest(applies: bool, typical: float) -> float:
        if not applies or rng.random() < 0.45:
            return 0.0
        return round_figure(typical * size * rng.lognormvariate(0, 0.7), 2)

    yield (
        site.code,
        REPORT_YEAR,
        invest(bool(site.water), 120),
        invest(bool(site.air), 160),
        invest(True, 18),
        round_figure(site.enterprise.trade.output * size * rng.uniform(0.002, 0.012), 2),
        rng.choice((None, None, None, 0, 20, 50, "不适用")),
    )


def _list_air_facilities(site: Site, depth: Depth) -> list[_Facility]:
    result: list[_Facility] = []
    for outlet in depth.air(site):
        for kind, process in outlet.point.steps:
            number = len(result) + 1
            result.append(
                _Facility(f"TA{number:03d}", f"{number}#{_FACILITY_NAMES[kind]}", kind, process)
            )
    return result


def _built_date(site: Site, rng: Random) -> object:
    started = site.enterprise.start_date
    if started is None:
        return None
    rebuilt = random_day(rng, date(2006, 1, 1), date(2016, 3, 31))
    return max(rebuilt, started) if rng.random() < 0.4 else started


def _run_hours(site: Site, rng: Random) -> int:
    if not site.producing:
        return 0
    hours = rng.choice((2400, 4800, 7200, 7200, 7680, 7920, 8000, 8300))
    return round(hours * 0.5) if site.enterprise.status != "在产" else hours


def _run_status(site: Site, rng: Random) -> str:
    status = site.enterprise.status
    if status in ("停产", "关闭"):
        return "停运"
    if status == "在建":
        return "在建"
    return rng.choices(("正常", "异常", "停运"), (96, 2, 2))[0]
