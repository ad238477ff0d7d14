"""Rows of outlets, concentrations, annual totals and exceedances: tables 7 to 12."""

from collections.abc import Iterator, Mapping, Sequence
from math import cos, pi
from random import Random

from generator.data.sample.disclosure_depth import Depth, EpisodeKey, Row, group_episodes
from generator.data.sample.disclosure_months import Month
from generator.data.sample.disclosure_site import (
    REPORT_YEAR,
    Episode,
    Outlet,
    Series,
    Site,
    WaterOutlet,
    pollutant_name,
    round_figure,
)

# What goes wrong and what is done about it, by the pollutant that shows it.
_WATER_EVENTS = (
    ("进水水质波动，生化系统受冲击", "启用事故池，减少进水，投加菌种"),
    ("曝气风机故障，溶解氧不足", "修复风机，加密监测至达标"),
    ("污泥膨胀，二沉池出水浑浊", "排泥换泥，调整回流比"),
    ("车间清洗废水集中排放", "限产分批排放，增加药剂投加量"),
)
_NITROGEN_EVENTS = (
    ("低温致硝化菌活性下降", "提高污泥浓度，延长停留时间"),
    ("碳源投加泵故障，反硝化不足", "更换投加泵，恢复碳源投加"),
)
_PHOSPHORUS_EVENTS = (("除磷药剂投加中断", "修复加药泵，恢复投加并复测"),)
_METAL_EVENTS = (
    ("重金属捕集剂投加不足", "增加投加量，出水回流再处理"),
    ("车间废水分流不清，混入综合废水", "封堵错接管道，重新分质收集"),
)
_EVENTS_BY_POLLUTANT: Mapping[str, tuple[tuple[str, str], ...]] = {
    "w21003": _NITROGEN_EVENTS,
    "w21001": _NITROGEN_EVENTS,
    "w21011": _PHOSPHORUS_EVENTS,
    "a21026": (
        ("脱硫循环泵故障", "切换备用泵，恢复脱硫运行"),
        ("煤质波动，硫分升高", "降负荷运行，更换低硫煤"),
    ),
    "a21002": (
        ("启停炉期间烟温低，脱硝未投运", "烟温升高后投运脱硝，数据已达标"),
        ("喷氨系统堵塞", "清堵后恢复喷氨"),
    ),
    "a34013": (
        ("布袋破损，除尘效率下降", "更换破损滤袋，加强巡检"),
        ("清灰系统故障", "修复脉冲阀，压差恢复正常"),
    ),
}
_VAPOUR_EVENTS = (
    ("活性炭饱和未及时更换", "更换吸附材料并复测"),
    ("喷淋液酸碱度偏离", "更换喷淋液，加装在线酸碱度计"),
    ("集气罩风量不足", "调整风机频率，密闭产污工位"),
)
_UNEXPLAINED = 0.12  # share of events for which a firm has given no reason


def wastewater_outlet_rows(site: Site, depth: Depth) -> Iterator[Row]:
    """`wastewater_outlet`."""
    for outlet in depth.water(site):
        yield (
            site.code,
            outlet.code,
            outlet.name,
            outlet.longitude,
            outlet.latitude,
            outlet.mode,
            outlet.pattern,
            outlet.receiving_body,
            outlet.water_class,
            outlet.standard,
            outlet.online,
        )


def exhaust_outlet_rows(site: Site, depth: Depth) -> Iterator[Row]:
    """`exhaust_outlet`."""
    for outlet in depth.air(site):
        yield (
            site.code,
            outlet.code,
            outlet.name,
            outlet.outlet_class,
            outlet.longitude,
            outlet.latitude,
            outlet.height,
            outlet.diameter,
            outlet.temperature,
            outlet.standard,
            outlet.online,
        )


def wastewater_concentration_rows(site: Site, depth: Depth) -> Iterator[Row]:
    """`wastewater_concentration`: monthly, for outlets that discharge."""
    yield from _concentration_rows(site, depth, depth.water(site))


def exhaust_concentration_rows(site: Site, depth: Depth) -> Iterator[Row]:
    """`exhaust_concentration`: monthly, at the reference oxygen."""
    yield from _concentration_rows(site, depth, depth.air(site))


def annual_emission_rows(site: Site, depth: Depth) -> Iterator[Row]:
    """`annual_emission`: totals of the year against the permitted ones.

    Only a site planned as over its total is above the permitted amount; it has exceedances, and
    `penalty_rectification` gives it a decision.
    """
    started = site.enterprise.start_date
    if not site.producing or started is None or started.year > REPORT_YEAR:
        return
    rng = site.rng(depth.seed, "annual")
    totals: dict[tuple[str, str], float] = {}
    for outlet in (*depth.water(site), *depth.air(site)):
        if isinstance(outlet, WaterOutlet) and outlet.mode == "不外排":
            continue
        # t/d over 330 days in mg/L; m³/h over 7,200 h in mg/m³: both in tonnes a year
        volume = outlet.flow * 330e-6 if isinstance(outlet, WaterOutlet) else outlet.flow * 7.2e-6
        medium = "水" if isinstance(outlet, WaterOutlet) else "大气"
        for one in depth.take(site, sorted(outlet.series, key=lambda one: one.rank)):
            key = (medium, one.pollutant_code)
            totals[key] = totals.get(key, 0.0) + volume * one.limit * one.level
    for order, (medium, code) in enumerate(sorted(totals)):
        actual = round_figure(totals[(medium, code)] * rng.uniform(0.85, 1.1))
        margin = rng.uniform(1.08, 1.9)
        if site.over_total and order == 0:
            margin = rng.uniform(0.74, 0.95)
        yield (
            site.code,
            REPORT_YEAR,
            medium,
            code,
            pollutant_name(code),
            actual,
            round_figure(actual * margin),
            "排污许可证副本" if rng.random() < 0.3 else None,
            rng.choice(("自动监测", "手工监测", "产排污系数", "物料衡算")),
        )


def exceedance_rows(site: Site, depth: Depth) -> Iterator[Row]:
    """`exceedance`: every episode; the number is given when all sites are known."""
    for episode in site.episodes:
        one = episode.series
        rng = site.rng(depth.seed, f"exceedance-{one.pollutant_code}-{episode.day}")
        cause, measure = rng.choice(_possible_events(one.pollutant_code))
        explained = rng.random() >= _UNEXPLAINED
        yield (
            "",
            site.code,
            one.outlet_code,
            one.pollutant_code,
            episode.day,
            episode.value,
            one.limit,
            episode.ratio,
            cause if explained else None,
            measure if explained else None,
        )


def _possible_events(pollutant_code: str) -> tuple[tuple[str, str], ...]:
    if pollutant_code in _EVENTS_BY_POLLUTANT:
        return _EVENTS_BY_POLLUTANT[pollutant_code]
    if pollutant_code.startswith("w201"):
        return _METAL_EVENTS
    return _WATER_EVENTS if pollutant_code.startswith("w") else _VAPOUR_EVENTS


def month_rng(seed: int, site_code: str, one: Series, month: Month) -> Random:
    """The random source of one series in one month; its first draw is `draw_mean`'s.

    A month's figures do not depend on which other months a scale writes.
    """
    return Random(f"{seed}:month:{site_code}{one.outlet_code}{one.pollutant_code}{month}")


def draw_mean(rng: Random, one: Series, month: Month) -> float:
    """The month's mean without exceedances; higher in winter, always below the limit."""
    season = 1 + 0.12 * cos(2 * pi * (month.number - 1) / 12)
    return min(one.limit * 0.94, one.limit * one.level * season * rng.uniform(0.85, 1.15))


def _concentration_rows(site: Site, depth: Depth, outlets: Sequence[Outlet]) -> Iterator[Row]:
    months = depth.months(site)
    episodes = group_episodes(site)
    for outlet in outlets:
        if isinstance(outlet, WaterOutlet) and outlet.mode == "不外排":
            continue
        for one in depth.series(site, outlet):
            for month in months:
                yield _concentration_row(site, depth.seed, one, month, episodes)


def _concentration_row(
    site: Site,
    seed: int,
    one: Series,
    month: Month,
    episodes: Mapping[EpisodeKey, Sequence[Episode]],
) -> Row:
    rng = month_rng(seed, site.code, one, month)
    average = draw_mean(rng, one, month)
    exceeded = episodes.get((one.outlet_code, one.pollutant_code, month), ())
    samples = rng.randint(560, 718) if one.online else rng.choice((1, 1, 2, 4))
    samples = max(samples, len(exceeded))
    highest = min(one.limit, average * rng.uniform(1.06, 1.5))
    if exceeded:
        highest = max(episode.value for episode in exceeded)
        average += (highest - average) * len(exceeded) / samples
    elif samples == 1:
        highest = average
    average = round_figure(average)
    highest = max(average, highest if exceeded else min(one.limit, round_figure(highest)))
    return (
        site.code,
        one.outlet_code,
        one.pollutant_code,
        str(month),
        one.pollutant_name,
        average,
        highest,
        one.limit,
        samples,
        len(exceeded),
    )
