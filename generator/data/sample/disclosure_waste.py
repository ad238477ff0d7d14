"""Rows of noise, solid and hazardous waste and fugitive emissions: tables 13 to 16."""

from collections.abc import Iterator
from datetime import date
from random import Random

from generator.data.sample.disclosure_depth import Depth, Row
from generator.data.sample.disclosure_months import random_day
from generator.data.sample.disclosure_site import REPORT_YEAR, Site, round_figure

# Latest first: a small scale keeps the latest.
_QUARTERS = (
    (date(2016, 4, 5), date(2016, 6, 20)),
    (date(2016, 1, 6), date(2016, 3, 25)),
    (date(2015, 10, 8), date(2015, 12, 25)),
    (date(2015, 7, 3), date(2015, 9, 25)),
)
# GB 12348-2008: class, day limit, night limit in dB(A)
_ZONES = {"1": (55, 45), "2": (60, 50), "3": (65, 55), "4": (70, 55)}
_QUIET_TRADES = ("医院", "养殖", "垃圾填埋", "污水处理厂")


def has_noise(site: Site, seed: int) -> bool:
    """Whether the site measures boundary noise; remote farms and landfills often do not."""
    share = 0.4 if site.enterprise.trade.key in ("养殖", "垃圾填埋") else 0.88
    return site.producing and site.rng(seed, "has-noise").random() < share


def noise_rows(site: Site, depth: Depth) -> Iterator[Row]:
    """`noise`: four boundary points a quarter; points in order, dates in order."""
    if not has_noise(site, depth.seed):
        return
    rng = site.rng(depth.seed, "noise")
    quiet = site.enterprise.trade.key in _QUIET_TRADES
    zone = rng.choice(("1", "2", "2")) if quiet else rng.choice(("2", "3", "3", "3", "4"))
    day_limit, night_limit = _ZONES[zone]
    days = sorted(
        random_day(site.rng(depth.seed, f"noise-{number}"), *_QUARTERS[number])
        for number in range(depth.repeats(site, len(_QUARTERS)))
    )
    for point in range(1, len(depth.take(site, (1, 2, 3, 4))) + 1):
        for day in days:
            local = site.rng(depth.seed, f"noise-{point}-{day}")
            loud = 1.5 if local.random() < 0.02 else -local.uniform(0.4, 11)
            at_night = not (quiet and local.random() < 0.2)
            yield (
                site.code,
                f"N{point}",
                day,
                zone,
                round(day_limit + loud, 1),
                day_limit,
                round(night_limit + loud * local.uniform(0.5, 1), 1) if at_night else "不适用",
                night_limit if at_night else "不适用",
            )


def solid_waste_rows(site: Site, depth: Depth) -> Iterator[Row]:
    """`solid_waste`: what was generated is used, disposed of or stored, to the last digit."""
    if not site.producing:
        return
    rng = site.rng(depth.seed, "solid-waste")
    rows: list[Row] = []
    for code, name, yearly in depth.take(site, site.enterprise.trade.wastes):
        amount = yearly * site.enterprise.size * rng.uniform(0.6, 1.2)
        used, disposed, stored = _split_amount(rng, amount, (0.75, 0.2, 0.05))
        rows.append(
            (
                site.code,
                REPORT_YEAR,
                code,
                name,
                round(used + disposed + stored, 1),
                used,
                disposed,
                stored,
                rng.choice(("外售综合利用", "建材企业利用", "厂内利用", "送填埋场处置", None)),
            )
        )
    yield from sorted(rows, key=lambda row: str(row[2]))


def hazardous_waste_rows(site: Site, depth: Depth) -> Iterator[Row]:
    """`hazardous_waste`: taken by a licensed firm of the province, the rest in store."""
    if not site.producing:
        return
    rng = site.rng(depth.seed, "hazardous-waste")
    own_plant = site.enterprise.trade.key == "危废处置"
    rows: list[Row] = []
    for code, yearly in depth.take(site, site.enterprise.trade.hazardous):
        amount = max(0.4, yearly * site.enterprise.size * rng.uniform(0.5, 1.3))
        moved, stored, own = _split_amount(
            rng, amount, (0.1, 0.1, 0.8) if own_plant else (0.92, 0.08, 0.0)
        )
        receiver, license_no = rng.choice(depth.receivers)
        secret = rng.random() < 0.01
        rows.append(
            (
                site.code,
                REPORT_YEAR,
                code,
                f"HW{code[-2:]}",
                round(moved + stored + own, 1),
                0,
                own,
                moved,
                stored,
                "不公开" if secret else receiver if moved else "不适用",
                "不公开" if secret else license_no if moved else "不适用",
            )
        )
    yield from sorted(rows, key=lambda row: str(row[2]))


def fugitive_rows(site: Site, depth: Depth) -> Iterator[Row]:
    """`fugitive_emission`: boundary readings by area, quarterly."""
    if not site.producing:
        return
    for number, source in enumerate(site.enterprise.trade.fugitives, start=1):
        if number > len(depth.take(site, site.enterprise.trade.fugitives)):
            return
        days = sorted(
            random_day(site.rng(depth.seed, f"fugitive-{quarter}"), *_QUARTERS[quarter])
            for quarter in range(depth.repeats(site, len(_QUARTERS)))
        )
        for day in days:
            local = site.rng(depth.seed, f"fugitive-{number}-{day}")
            share = local.uniform(1.02, 1.3) if local.random() < 0.01 else local.uniform(0.1, 0.9)
            yield (
                site.code,
                f"WZ{number:03d}",
                source.pollutant,
                day,
                source.process,
                source.measure,
                round_figure(source.limit * share, 2),
                source.limit,
            )


def _split_amount(
    rng: Random, amount: float, shares: tuple[float, float, float]
) -> tuple[float, float, float]:
    """Three parts of an amount in tonnes, near the shares, each to a tenth of a tonne."""
    first = round(amount * shares[0] * rng.uniform(0.9, 1.05), 1)
    third = round(amount * shares[2] * rng.uniform(0.4, 1.3), 1)
    return first, max(0.0, round(amount - first - third, 1)), third
