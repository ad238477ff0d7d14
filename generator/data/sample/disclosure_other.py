"""Rows of self-monitoring plans and credit ratings: tables 30 and 32."""

from collections.abc import Iterator
from datetime import date

from generator.data.sample.disclosure_depth import Depth, Row
from generator.data.sample.disclosure_months import random_day
from generator.data.sample.disclosure_site import Site, WaterOutlet
from generator.data.sample.province import PROVINCE_NAME

_METHODS = {
    "w01018": "GB 11914-1989",
    "w01012": "GB 11901-1989",
    "w21003": "HJ 535-2009",
    "w21001": "HJ 636-2012",
    "w21011": "GB 11893-1989",
    "w22001": "HJ 637-2012",
    "w21016": "HJ 484-2009",
    "w23002": "HJ 503-2009",
    "w20117": "GB 7467-1987",
    "a21026": "HJ/T 57-2000",
    "a21002": "HJ 693-2014",
    "a34013": "GB/T 16157-1996",
    "a24088": "HJ/T 38-1999",
    "a21024": "HJ/T 27-1999",
}
_METAL_METHOD, _GAS_METHOD = "HJ 700-2014", "HJ 584-2010"
_AGENCIES = (
    "自行承担",
    "自行承担",
    "示例省清测检测有限公司",
    "云岚碧源检测有限公司",
    "临霁正测检测公司",
)
_GRADES = (
    ("诚信(绿)", 22, (90, 98)),
    ("良好(蓝)", 55, (75, 89)),
    ("警示(黄)", 15, (60, 74)),
    ("不良(红)", 6, (40, 59)),
    ("严重失信(黑)", 2, (12, 39)),
)
_RATING_DAYS = {2015: date(2016, 5, 1), 2014: date(2015, 5, 1), 2013: date(2014, 5, 1)}


def self_monitor_rows(site: Site, depth: Depth) -> Iterator[Row]:
    """`self_monitor_plan`: key monitored plants by outlet and pollutant, year by year.

    Source: Order 31 art. 9, last paragraph (state-monitored enterprises).
    """
    rng = site.rng(depth.seed, "self-monitor")
    share = {"大型": 1.0, "中型": 0.8, "小型": 0.25}.get(site.enterprise.scale or "", 0.05)
    if not site.producing or rng.random() > share:
        return
    agency = rng.choice(_AGENCIES)
    for year in (2015, 2016)[-depth.repeats(site, 2) :]:
        if year < site.enterprise.listed_date.year:
            continue
        # Codes sort stacks (DA) before waste water outlets (DW).
        for outlet in (*depth.air(site), *depth.water(site)):
            if isinstance(outlet, WaterOutlet) and outlet.mode == "不外排":
                continue
            for one in depth.series(site, outlet):
                yield (
                    site.code,
                    year,
                    outlet.code,
                    one.pollutant_code,
                    "自动" if one.online else "手工",
                    _METHODS.get(
                        one.pollutant_code,
                        _METAL_METHOD if one.pollutant_code.startswith("w") else _GAS_METHOD,
                    ),
                    "连续" if one.online else "每月" if outlet.code == "DW001" else "每季度",
                    agency,
                )


def credit_rows(site: Site, depth: Depth) -> Iterator[Row]:
    """`credit_rating`: one a year for rated firms; exceedances pull the grade down."""
    rng = site.rng(depth.seed, "credit")
    share = 0.95 if site.enterprise.scale in ("大型", "中型") else 0.6
    if site.enterprise.status == "在建" or rng.random() > share:
        return
    years = sorted(_RATING_DAYS)[-depth.repeats(site, len(_RATING_DAYS)) :]
    for year in years:
        local = site.rng(depth.seed, f"credit-{year}")
        weights = [weight for _, weight, _ in _GRADES]
        if any(episode.day.year == year for episode in site.episodes):
            weights = [0, 20, 50, 25, 5]
        grade, _, bounds = local.choices(_GRADES, weights)[0]
        unrated = local.random() < 0.02
        by_province = site.enterprise.scale == "大型"
        published = random_day(local, _RATING_DAYS[year], _RATING_DAYS[year].replace(day=31))
        yield (
            site.code,
            year,
            "未评级" if unrated else grade,
            "不适用" if unrated else local.randint(*bounds),
            f"{PROVINCE_NAME}环境保护厅"
            if by_province
            else f"{site.enterprise.county.prefecture_name}环境保护局",
            published,
        )
