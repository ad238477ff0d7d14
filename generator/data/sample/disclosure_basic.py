"""Rows of category 1, basic information: tables 1 to 6 of the catalogue."""

from collections.abc import Iterator

from generator.data.sample.disclosure_depth import Depth, Row
from generator.data.sample.disclosure_site import REPORT_YEAR, Site, round_figure

_DEPARTMENTS = ("安全环保部", "环保科", "安环科", "生产技术部", "环境管理办公室", "综合办公室")
_POSTS = ("环保专员", "环保主管", "安环科负责人", "环境监督员", "值班室")
_CHANNELS = (
    "公开平台",
    "公开平台",
    "公开平台",
    "公开平台、信息公开栏",
    "网站、公开平台",
    "公开平台、电子屏",
)
# No public network of the period used 032x: the numbers cannot ring anywhere.
_FIRST_AREA_CODE = 320
# tonnes of standard coal a unit of coal (t), gas (万m³) and power (万kWh), GB/T 2589-2008
_COAL_TCE, _GAS_TCE, _POWER_TCE = 0.7143, 12.143, 1.229


def profile_rows(site: Site, depth: Depth) -> Iterator[Row]:
    """`enterprise_profile`: one row for every site, suspended ones too."""
    one = site.enterprise
    former = one.former_name
    if former is None and site.rng(depth.seed, "profile").random() < 0.2:
        former = "不适用"
    yield (
        site.code,
        one.uscc,
        one.name,
        former,
        one.legal_rep,
        one.county.code,
        one.address,
        one.longitude,
        one.latitude,
        one.industry_code,
        one.scale,
        one.key_class,
        one.start_date or "不适用",
        one.status,
    )


def contact_rows(site: Site, depth: Depth) -> Iterator[Row]:
    """`enterprise_contact`: a department's landline, never a person's number."""
    rng = site.rng(depth.seed, "contact")
    area = _FIRST_AREA_CODE + int(site.enterprise.county.prefecture_code[2:4]) - 1
    host = f"qy{int(site.enterprise.county.code) % 10000:04d}{rng.randrange(10000):04d}.example"
    own_site = rng.random() < 0.16
    yield (
        site.code,
        rng.choice(_DEPARTMENTS),
        rng.choice(_POSTS) if rng.random() < 0.8 else None,
        f"0{area}-{rng.randrange(2, 9)}{rng.randrange(10**6):06d}",
        f"huanbao@{host}" if rng.random() < 0.25 else None,
        f"http://www.{host}/huanbao/" if own_site else None,
        "网站、公开平台" if own_site else rng.choice(_CHANNELS),
    )


def production_rows(site: Site, depth: Depth) -> Iterator[Row]:
    """`production_service`: what the site does, one row a year."""
    rng = site.rng(depth.seed, "production")
    one = site.enterprise
    output: object = round_figure(one.trade.output * one.size * rng.uniform(0.7, 1.2))
    if rng.random() < 0.03:
        output = "不公开"
    if one.suspended and rng.random() < 0.4:
        return
    yield (
        site.code,
        REPORT_YEAR,
        one.trade.content,
        one.trade.process,
        output if site.producing else 0,
        _work_days(site, depth.seed),
        max(4, round(one.trade.staff * one.size * rng.uniform(0.8, 1.2))),
    )


def product_rows(site: Site, depth: Depth) -> Iterator[Row]:
    """`product_capacity`: design capacity and output of each product."""
    rng = site.rng(depth.seed, "product")
    one = site.enterprise
    days = _work_days(site, depth.seed)
    rows: list[Row] = []
    for product in depth.take(site, one.trade.products):
        capacity = round_figure(product.yearly * one.size, 2)
        # A plant seldom runs full; a few run above their approved capacity.
        load = rng.uniform(0.45, 0.98) if rng.random() < 0.97 else rng.uniform(1.01, 1.12)
        basis = "环评批复" if rng.random() < 0.4 else None
        rows.append(
            (
                site.code,
                REPORT_YEAR,
                product.name,
                product.process,
                product.unit,
                capacity,
                round_figure(capacity * load * min(1.0, days / 300)),
                basis,
            )
        )
    yield from sorted(rows, key=lambda row: str(row[2]))


def material_rows(site: Site, depth: Depth) -> Iterator[Row]:
    """`material_fuel`: raw materials and fuels; sulphur and ash where the fuel is coal."""
    rng = site.rng(depth.seed, "material")
    one = site.enterprise
    rows: list[Row] = []
    for material in depth.take(site, one.trade.materials):
        coal = material.ash > 0
        used = material.yearly * one.size * rng.uniform(0.6, 1.1) if site.producing else 0.0
        rows.append(
            (
                site.code,
                REPORT_YEAR,
                material.name,
                material.kind,
                material.unit,
                round_figure(used),
                material.toxic or None,
                round(material.sulfur * rng.uniform(0.8, 1.3), 2) if coal else None,
                round(material.ash * rng.uniform(0.85, 1.15), 1) if coal else None,
            )
        )
    yield from sorted(rows, key=lambda row: str(row[2]))


def water_energy_rows(site: Site, depth: Depth) -> Iterator[Row]:
    """`water_energy`: fresh and reused water, power, coal, gas and their sum in tce."""
    rng = site.rng(depth.seed, "water-energy")
    one = site.enterprise
    running = 1.0 if site.producing else 0.0
    daily = max(12.0, one.trade.water_daily * 1.25) * one.size
    fresh = round_figure(daily * 300 * rng.uniform(0.7, 1.1) * running)
    reused = round_figure(fresh * rng.choice((0, 0.1, 0.4, 1.2, 4, 9)) * rng.uniform(0.8, 1.1))
    rate = round(100 * reused / (fresh + reused), 1) if fresh + reused else None
    coal = gas = 0.0
    for material in one.trade.materials:
        if material.kind == "燃料" and material.ash > 10:
            coal = round_figure(material.yearly * one.size * rng.uniform(0.6, 1.1) * running)
        elif material.name == "天然气":
            gas = round_figure(material.yearly * one.size * rng.uniform(0.6, 1.1) * running)
    power = round_figure(one.trade.output * one.size * 0.022 * rng.uniform(0.5, 1.6) * running)
    total = coal * _COAL_TCE + gas * _GAS_TCE + power * _POWER_TCE
    yield (
        site.code,
        REPORT_YEAR,
        fresh,
        reused,
        rate,
        power,
        coal if coal or rng.random() < 0.5 else None,
        gas if gas or rng.random() < 0.5 else None,
        round_figure(total),
    )


def _work_days(site: Site, seed: int) -> int:
    rng = site.rng(seed, "work-days")
    days = rng.choice((240, 280, 300, 300, 310, 320, 330, 340, 350, 360, 365))
    if site.enterprise.status == "季节性生产":
        return rng.randint(90, 170)
    if site.enterprise.status in ("停产", "关闭"):
        return rng.randint(150, 290)
    return days if site.producing else 0
