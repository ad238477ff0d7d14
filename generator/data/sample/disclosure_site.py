"""One site as the row makers see it: outlets, pollutant series, exceedance episodes, facilities.

A site is planned once, from the seed and its own code, and is the same at every scale; tables,
concentrations, exceedances and automatic readings are all drawn from the same plan, so that
they agree. What a scale keeps of it is `disclosure_depth`'s business.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from generator.data.sample.disclosure_months import Month, list_months
from generator.data.sample.disclosure_trade import AirPoint
from generator.data.sample.province import County
from generator.data.sample.reference import POLLUTANTS, STANDARD_LIMITS
from generator.data.sample.register import Enterprise

REPORT_YEAR = 2015  # the last full year before the data date

_POLLUTANT_NAMES = {code: name for code, name, *_ in POLLUTANTS}
# GB 8978-1996 limits first-class pollutants at every workshop, whatever the outlet's standard.
_FIRST_CLASS = "GB 8978-1996 第一类"
# Of several conditions under one standard the first counts, which is the new plant's; special
# furnaces (W型火焰) are left out.
_LIMITS = {
    (standard, code): value
    for standard, code, condition, value, _, _ in reversed(STANDARD_LIMITS)
    if not condition.startswith("W型")
}
_MONITORED_POLLUTANTS = 3  # the leading ones of an outlet; the others are sampled by hand
_ULTRA_LOW = "超低排放（2015年方案）"
_RIVER_FIRST = "青白沙石柳清碧涟漪芦桃枫"
_RIVER_SECOND = "溪川水江河"


@dataclass(frozen=True, slots=True)
class Series:
    """One pollutant at one outlet; `level` is its usual mean as a share of the limit.

    `rank` is its place among the outlet's pollutants, the characteristic ones first.
    """

    outlet_code: str
    pollutant_code: str
    pollutant_name: str
    limit: float
    level: float
    online: bool
    rank: int


@dataclass(frozen=True, slots=True)
class Outlet:
    """What waste water and exhaust outlets have in common; `flow` is t/d or m³/h."""

    code: str
    name: str
    longitude: float
    latitude: float
    standard: str
    online: bool
    flow: float
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class WaterOutlet(Outlet):
    """A waste water outlet and where it leads."""

    mode: str
    pattern: str
    receiving_body: str
    water_class: str


@dataclass(frozen=True, slots=True)
class AirOutlet(Outlet):
    """A stack and the kind of point it serves."""

    point: AirPoint
    outlet_class: str
    height: float
    diameter: float
    temperature: int


@dataclass(frozen=True, slots=True)
class Episode:
    """An exceedance: a series above its limit on a day; `value` in the series' unit."""

    series: Series
    day: date
    value: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Site:
    """An enterprise with its plan; `months` are those it reports concentrations for."""

    enterprise: Enterprise
    water: tuple[WaterOutlet, ...]
    air: tuple[AirOutlet, ...]
    months: tuple[Month, ...]
    episodes: tuple[Episode, ...]
    over_total: bool

    @property
    def code(self) -> str:
        """The site code, first column of nearly every table."""
        return self.enterprise.site_code

    @property
    def producing(self) -> bool:
        """Whether anything ran in the reported year."""
        return self.enterprise.status not in ("在建", "长期停产")

    @property
    def outlets(self) -> tuple[Outlet, ...]:
        """Waste water outlets, then stacks."""
        return (*self.water, *self.air)

    def rng(self, seed: int, topic: str) -> random.Random:
        """The random source of one topic of this site."""
        return random.Random(f"{seed}:{topic}:{self.enterprise.site_code}")


def plan_site(enterprise: Enterprise, seed: int) -> Site:
    """The plan of a site, from the seed and the site's own code alone."""
    if enterprise.suspended:
        return Site(enterprise, (), (), (), (), False)
    rng = random.Random(f"{seed}:site:{enterprise.site_code}")
    water = _plan_water(enterprise, rng)
    air = _plan_air(enterprise, rng)
    months = _plan_months(enterprise, rng)
    series = [
        one
        for outlet in (*water, *air)
        for one in outlet.series
        if not (isinstance(outlet, WaterOutlet) and outlet.mode == "不外排")
    ]
    episodes = _plan_episodes(enterprise, series, months, rng)
    over_total = bool(episodes) and rng.random() < 0.12
    return Site(enterprise, water, air, months, episodes, over_total)


def rank_monitored(sites: Sequence[Site], seed: int) -> list[Site]:
    """Running sites with automatic monitors, in the order in which scales take them up."""
    running = [
        site
        for site in sites
        if site.enterprise.status == "在产"
        and site.months
        and any(outlet.online for outlet in site.outlets)
    ]
    random.Random(f"{seed}:monitored:all").shuffle(running)
    return running


def find_limit(standard: str, pollutant_code: str) -> float | None:
    """The limit of a pollutant under a standard, mg/L or mg/m³; None where there is none."""
    limit = _LIMITS.get((standard, pollutant_code))
    if limit is None and pollutant_code.startswith("w"):
        limit = _LIMITS.get((_FIRST_CLASS, pollutant_code))
    return limit


def pollutant_name(code: str) -> str:
    """The pollutant's name in the reference table."""
    return _POLLUTANT_NAMES[code]


def round_figure(value: float, digits: int = 3) -> float:
    """The value to so many significant digits, as measuring reports print them."""
    return float(f"{value:.{digits}g}")


def _plan_water(enterprise: Enterprise, rng: random.Random) -> tuple[WaterOutlet, ...]:
    trade = enterprise.trade
    # A plant whose trade discharges little may have no outlet of its own.
    if not trade.water or (trade.water_daily < 100 and rng.random() < 0.45):
        return ()
    count = 2 if enterprise.scale == "大型" and rng.random() < 0.4 else 1
    return tuple(_plan_water_outlet(enterprise, rng, number) for number in range(1, count + 1))


def _plan_water_outlet(enterprise: Enterprise, rng: random.Random, number: int) -> WaterOutlet:
    trade = enterprise.trade
    code = f"DW{number:03d}"
    indirect = "间接" in trade.water_standard or "三级" in trade.water_standard
    mode = "间接排放" if indirect or rng.random() < 0.2 else "直接排放"
    if trade.water_daily < 700 and rng.random() < 0.06:
        mode = "不外排"
    online = rng.random() < _online_share(enterprise, "水" in trade.classes)
    longitude, latitude = _beside(enterprise, rng)
    return WaterOutlet(
        code=code,
        name="废水总排口"
        if number == 1
        else rng.choice(("生活污水排口", "车间排口", "清净下水口")),
        longitude=longitude,
        latitude=latitude,
        standard=trade.water_standard,
        online=online and mode != "不外排",
        flow=round_figure(trade.water_daily * enterprise.size * rng.uniform(0.6, 1.2)),
        series=_plan_series(enterprise, rng, code, trade.water, trade.water_standard, online),
        mode=mode,
        pattern=rng.choice(("连续稳定", "连续稳定", "连续不稳定", "间断稳定", "间断不稳定")),
        receiving_body={
            "直接排放": _name_river(enterprise.county, rng),
            "间接排放": f"{enterprise.county.short_name}污水处理厂",
            "不外排": "厂内回用",
        }[mode],
        water_class=rng.choice(("Ⅲ类", "Ⅲ类", "Ⅳ类", "Ⅳ类", "Ⅴ类"))
        if mode == "直接排放"
        else "不适用",
    )


def _plan_air(enterprise: Enterprise, rng: random.Random) -> tuple[AirOutlet, ...]:
    outlets: list[AirOutlet] = []
    most = {"大型": 3, "中型": 2}.get(enterprise.scale or "", 1)
    for point in enterprise.trade.air:
        if not point.main and rng.random() < 0.35:
            continue
        for copy in range(1, rng.randint(1, most) + 1):
            outlets.append(_plan_air_outlet(enterprise, rng, point, len(outlets) + 1, copy))
    return tuple(outlets)


def _plan_air_outlet(
    enterprise: Enterprise, rng: random.Random, point: AirPoint, number: int, copy: int
) -> AirOutlet:
    code = f"DA{number:03d}"
    standard = point.standard
    if standard == "GB 13223-2011 表1" and enterprise.scale == "大型":
        standard = _ULTRA_LOW
    online = point.main and rng.random() < _online_share(
        enterprise, "大气" in enterprise.trade.classes
    )
    longitude, latitude = _beside(enterprise, rng)
    flow = round_figure(point.flow * max(0.2, enterprise.size) * rng.uniform(0.7, 1.1))
    height = max(15, round(point.height * (0.7 + 0.3 * min(2, enterprise.size))))
    return AirOutlet(
        code=code,
        name=f"{copy}#{point.name}",
        longitude=longitude,
        latitude=latitude,
        standard=standard,
        online=online,
        flow=flow,
        series=_plan_series(enterprise, rng, code, point.pollutants, standard, online),
        point=point,
        outlet_class="主要排放口" if point.main else "一般排放口",
        height=height,
        diameter=round(max(0.3, (flow / 36000) ** 0.5), 2),
        temperature=point.temperature + rng.randint(-6, 9),
    )


def _plan_series(
    enterprise: Enterprise,
    rng: random.Random,
    outlet_code: str,
    pollutants: tuple[str, ...],
    standard: str,
    online: bool,
) -> tuple[Series, ...]:
    result = []
    for order, pollutant_code in enumerate(pollutants):
        limit = find_limit(standard, pollutant_code)
        if limit is None:
            raise ValueError(f"{enterprise.trade.key}: {standard} has no limit of {pollutant_code}")
        level = 0.12 + 0.68 * rng.betavariate(2.2, 2.6) * (
            1.12 - 0.2 * enterprise.county.discipline
        )
        result.append(
            Series(
                outlet_code,
                pollutant_code,
                _POLLUTANT_NAMES[pollutant_code],
                limit,
                level,
                online and order < _MONITORED_POLLUTANTS,
                order,
            )
        )
    return tuple(sorted(result, key=lambda one: one.pollutant_code))


def _plan_months(enterprise: Enterprise, rng: random.Random) -> tuple[Month, ...]:
    if enterprise.status == "在建":
        return ()
    first = Month(2016, 1) if enterprise.listed_date.year == 2016 else Month(2015, 1)
    if enterprise.listed_date.year == 2015 and enterprise.scale in ("大型", "中型"):
        first = Month(2013, 7)  # state-monitored plants published earlier than others
    last = Month(2016, 6)
    if enterprise.status in ("停产", "关闭"):
        last = rng.choice(list_months(Month(2015, 9), Month(2016, 3)))
    months = list_months(min(first, last), last)
    if enterprise.start_date is not None:
        began = Month(enterprise.start_date.year, enterprise.start_date.month)
        months = [month for month in months if month > began] or months[-1:]
    if enterprise.status == "季节性生产":
        months = [month for month in months if month.number in (1, 2, 3, 10, 11, 12)]
    return tuple(months)


def _plan_episodes(
    enterprise: Enterprise, series: list[Series], months: tuple[Month, ...], rng: random.Random
) -> tuple[Episode, ...]:
    """Days above the limit: seldom, more in careless counties; at most one a series and day."""
    # Monitored plants are seen at every hour, so more of their exceedances come to light.
    online = any(one.online for one in series)
    share = (0.2 if online else 0.07) + 0.28 * (1 - enterprise.county.discipline)
    if not series or not months or rng.random() > share:
        return ()
    episodes: dict[tuple[str, str, date], Episode] = {}
    for _ in range(rng.choices((1, 2, 3, 5), (52, 28, 14, 6))[0]):
        one = rng.choices(series, [4 if candidate.online else 1 for candidate in series])[0]
        # Recent months first: older events have often left the record.
        month = months[max(0, len(months) - 1 - int(rng.expovariate(1 / 6)))]
        day = date(month.year, month.number, rng.randint(1, 28))
        value = round_figure(one.limit * (1.04 + min(2.5, rng.expovariate(2.6))), 4)
        ratio = round(value / one.limit - 1, 2)
        episodes[(one.outlet_code, one.pollutant_code, day)] = Episode(one, day, value, ratio)
    return tuple(episodes[key] for key in sorted(episodes))


def _online_share(enterprise: Enterprise, in_class: bool) -> float:
    share = {"大型": 0.92, "中型": 0.62, "小型": 0.22}.get(enterprise.scale or "", 0.04)
    return share if in_class else share * 0.3


def _beside(enterprise: Enterprise, rng: random.Random) -> tuple[float, float]:
    return (
        round(enterprise.longitude + rng.uniform(-0.002, 0.002), 5),
        round(enterprise.latitude + rng.uniform(-0.002, 0.002), 5),
    )


def _name_river(county: County, rng: random.Random) -> str:
    local = random.Random(f"river:{county.code}:{rng.randrange(4)}")
    return local.choice(_RIVER_FIRST) + local.choice(_RIVER_SECOND[:3]) + "河"
