"""The register: 4,392 key polluters of the fictional province, the same at every scale.

The counts that the register must hold exactly stand in `_Quota`, county by county: how many
sites, how many long suspended (left out of the rate), how many not disclosed. Four bad counties
fall clearly below the 90 % line, one stands exactly on it, several are complete.

Source: published-figures.csv (河南: 4,392 enterprises, 550 long suspended, entry rate over 95 %).
"""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from generator.data.sample import codes, names
from generator.data.sample.disclosure_trade import Trade
from generator.data.sample.disclosure_trades import TRADES
from generator.data.sample.province import County, Province, Township

ENTERPRISE_TOTAL = 4392
SUSPENDED_TOTAL = 550
TWO_SITE_FIRMS = 12
_UNDISCLOSED_TARGET = 146  # 146 of 3,842 leaves 96.2 %
_COMPLETE_COUNTIES = 9
_BAD_RATES = (0.78, 0.82, 0.85, 0.87)  # of the worst counties; all clearly below 90 %
_FEWEST_SITES = 34

LONG_SUSPENDED = "长期停产"

# Tables a site may leave out without breaking a key or a rule of another table. Concentrations
# name outlets, so outlet tables are never left out; exceedances and penalties explain other
# rows (R05, R07), so neither are they.
OMISSIBLE_TABLES: tuple[str, ...] = (
    "credit_rating",
    "drill_event",
    "eia_acceptance",
    "emergency_plan",
    "exhaust_concentration",
    "exhaust_facility",
    "facility_abnormal",
    "facility_cost",
    "fugitive_emission",
    "hazardous_waste",
    "material_fuel",
    "noise",
    "online_monitor",
    "other_license",
    "product_capacity",
    "production_service",
    "risk_source",
    "self_monitor_plan",
    "solid_waste",
    "waste_storage",
    "wastewater_concentration",
    "wastewater_facility",
    "water_energy",
)

_SCALES: tuple[tuple[str | None, int, tuple[float, float]], ...] = (
    ("大型", 7, (2.2, 6.0)),
    ("中型", 26, (0.8, 2.4)),
    ("小型", 52, (0.15, 0.9)),
    ("微型", 12, (0.03, 0.18)),
    (None, 3, (0.1, 0.6)),
)
_STATUSES = (("在产", 906), ("停产", 42), ("季节性生产", 26), ("在建", 14), ("关闭", 12))

# What firms of a trade call themselves, where it is not the trade's own key.
_NAME_WORDS: dict[str, tuple[str, ...]] = {
    "供热": ("热力", "供热"),
    "钢铁": ("钢铁", "特钢"),
    "水泥": ("水泥", "建材"),
    "砖瓦": ("砖厂", "新型建材"),
    "炼化": ("石化",),
    "氮肥": ("化肥", "化工"),
    "化工原料": ("化工", "精细化工"),
    "农药": ("农化", "生物科技"),
    "煤矿": ("煤业", "煤矿"),
    "选矿": ("矿业",),
    "铅锌冶炼": ("冶炼", "有色金属"),
    "印染": ("印染", "染整", "纺织"),
    "造纸": ("纸业", "造纸"),
    "制革": ("制革", "皮革"),
    "原料药": ("制药", "药业"),
    "制剂": ("药业", "制药"),
    "酿酒": ("酒业",),
    "啤酒饮料": ("啤酒", "饮料"),
    "屠宰": ("肉联", "食品", "屠宰"),
    "乳品": ("乳业",),
    "淀粉味精": ("淀粉", "生物科技"),
    "植物油": ("粮油", "油脂"),
    "家具": ("家具", "家居"),
    "人造板": ("木业", "人造板"),
    "印刷包装": ("包装", "彩印"),
    "橡胶轮胎": ("橡胶", "轮胎"),
    "塑料": ("塑业", "塑料制品"),
    "汽车零部件": ("汽车零部件", "汽配"),
    "线路板": ("电子", "线路板"),
    "铅蓄电池": ("电源", "蓄电池"),
    "电镀": ("电镀", "表面处理"),
    "机械加工": ("机械", "精密机械"),
    "污水处理厂": ("水务", "污水处理"),
    "垃圾焚烧": ("环保能源",),
    "垃圾填埋": ("环卫", "固废处理"),
    "危废处置": ("环保科技", "危废处置"),
    "医院": ("医院",),
    "养殖": ("生猪养殖",),
}


@dataclass(frozen=True, slots=True)
class Enterprise:
    """One site of the register, with what the disclosure tables need to know about it."""

    site_code: str
    uscc: str
    name: str
    former_name: str | None
    legal_rep: str
    county: County
    township: Township
    address: str
    longitude: float
    latitude: float
    industry_code: str
    trade: Trade
    scale: str | None
    size: float  # 1.0 is a medium plant of the trade
    key_class: str
    start_date: date | None
    status: str
    listed_date: date
    disclosed: bool
    missing_tables: tuple[str, ...]  # neither rows nor a statement

    @property
    def suspended(self) -> bool:
        """Whether the site is long suspended and so outside the disclosure rate."""
        return self.status == LONG_SUSPENDED


@dataclass(slots=True)
class _Quota:
    county: County
    sites: int
    suspended: int = 0
    undisclosed: int = 0

    @property
    def active(self) -> int:
        return self.sites - self.suspended


def make_register(province: Province, seed: int) -> list[Enterprise]:
    """All 4,392 sites, sorted by site code; nothing in them depends on the scale."""
    quotas = _plan_quotas(province, seed)
    result: list[Enterprise] = []
    taken_names: set[str] = set()
    taken_codes: set[str] = set()
    for quota in quotas:
        favoured = random.Random(f"{seed}:register-favoured:{quota.county.code}").sample(TRADES, 4)
        weights = [trade.weight * (4 if trade in favoured else 1) for trade in TRADES]
        for number in range(quota.sites):
            rng = random.Random(f"{seed}:register:{quota.county.code}:{number}")
            suspended = number < quota.suspended
            undisclosed = 0 <= number - quota.suspended < quota.undisclosed
            result.append(
                _make_enterprise(
                    rng, quota.county, weights, suspended, undisclosed, taken_names, taken_codes
                )
            )
    _join_two_site_firms(result, seed)
    return sorted(result, key=lambda enterprise: enterprise.site_code)


def _plan_quotas(province: Province, seed: int) -> list[_Quota]:
    rng = random.Random(f"{seed}:register-quotas:all")
    weights = [len(c.townships) * rng.lognormvariate(0, 0.45) for c in province.counties]
    spread = ENTERPRISE_TOTAL - _FEWEST_SITES * len(weights)
    quotas = [
        _Quota(county, _FEWEST_SITES + extra)
        for county, extra in zip(province.counties, _apportion(spread, weights), strict=True)
    ]
    idle = _apportion(SUSPENDED_TOTAL, [q.sites * rng.uniform(0.6, 1.4) for q in quotas])
    for quota, count in zip(quotas, idle, strict=True):
        quota.suspended = count
    worst_first = sorted(quotas, key=lambda q: (q.county.discipline, q.county.code))
    bad, line, others = worst_first[:4], worst_first[4], worst_first[5:]
    for quota, rate in zip(bad, _BAD_RATES, strict=True):
        quota.undisclosed = quota.active - int(quota.active * rate)
    # The county on the line needs a number of active sites that ten divides; a big complete
    # county takes the difference in suspended sites, so that the totals stand.
    complete = sorted(others, key=lambda q: (-q.county.discipline, q.county.code))
    shift = line.active % 10
    line.suspended += shift
    max(
        complete[:_COMPLETE_COUNTIES], key=lambda q: (q.suspended, q.county.code)
    ).suspended -= shift
    line.undisclosed = line.active // 10
    rest = complete[_COMPLETE_COUNTIES:]
    left = _UNDISCLOSED_TARGET - sum(q.undisclosed for q in worst_first)
    shares = _apportion(left, [q.active * (1.02 - q.county.discipline) for q in rest])
    for quota, count in zip(rest, shares, strict=True):
        quota.undisclosed = min(count, quota.active // 16)
    return quotas


def _apportion(total: int, weights: list[float]) -> list[int]:
    """Whole shares of a total in proportion to weights, by largest remainder."""
    scale = total / sum(weights)
    shares = [int(weight * scale) for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (shares[i] - weights[i] * scale, i))
    for index in by_remainder[: total - sum(shares)]:
        shares[index] += 1
    return shares


def _make_enterprise(
    rng: random.Random,
    county: County,
    weights: list[int],
    suspended: bool,
    undisclosed: bool,
    taken_names: set[str],
    taken_codes: set[str],
) -> Enterprise:
    trade = rng.choices(TRADES, weights)[0]
    township = rng.choice(county.townships)
    word = rng.choice(_NAME_WORDS.get(trade.key, (trade.key,)))
    name = _draw_name(rng, county, township, word, taken_names)
    former = _draw_name(rng, county, township, word, taken_names) if rng.random() < 0.08 else None
    uscc = codes.make_uscc(rng, county.code)
    while uscc in taken_codes:
        uscc = codes.make_uscc(rng, county.code)
    taken_codes.add(uscc)
    scale, _, bounds = rng.choices(_SCALES, [weight for _, weight, _ in _SCALES])[0]
    size = round(bounds[0] * (bounds[1] / bounds[0]) ** rng.random(), 3)
    status = LONG_SUSPENDED if suspended else rng.choices(*_split(_STATUSES))[0]
    prefecture = random.Random(f"list-date:{county.prefecture_code}")
    year = 2016 if rng.random() < 0.12 and not suspended else 2015
    listed = date(year, 3, 20) + timedelta(days=prefecture.randrange(12))
    longitude, latitude = _place_near(rng, county)
    return Enterprise(
        site_code=codes.make_site_code(uscc),
        uscc=uscc,
        name=name,
        former_name=former,
        legal_rep=names.person_name(rng),
        county=county,
        township=township,
        address=names.street_address(rng, county.name, township.name),
        longitude=longitude,
        latitude=latitude,
        industry_code=trade.industry,
        trade=trade,
        scale=scale,
        size=size,
        key_class=_key_class(rng, trade),
        start_date=None if status == "在建" else _start_date(rng),
        status=status,
        listed_date=listed,
        disclosed=not suspended and not undisclosed,
        missing_tables=_draw_missing(rng) if undisclosed else (),
    )


def _draw_name(
    rng: random.Random, county: County, township: Township, word: str, taken: set[str]
) -> str:
    while True:
        place = township.name if rng.random() < 0.15 else county.name
        name = names.firm_name(rng, place, word)
        if name not in taken:
            taken.add(name)
            return name


def _split(pairs: tuple[tuple[str, int], ...]) -> tuple[list[str], list[int]]:
    return [value for value, _ in pairs], [weight for _, weight in pairs]


def _key_class(rng: random.Random, trade: Trade) -> str:
    classes = list(trade.classes)
    if trade.hazardous and "危险废物" not in classes and rng.random() < 0.25:
        classes.append("危险废物")
    if len(trade.risks) > 1 and "环境风险" not in classes and rng.random() < 0.3:
        classes.append("环境风险")
    return "、".join(classes)


def _start_date(rng: random.Random) -> date:
    # Most plants began after 1998; the square root thins out the early years.
    days = int((date(2015, 6, 30) - date(1986, 1, 1)).days * rng.random() ** 0.5)
    return date(1986, 1, 1) + timedelta(days=days)


def _place_near(rng: random.Random, county: County) -> tuple[float, float]:
    return (
        round(county.longitude + rng.triangular(-0.14, 0.14), 6),
        round(county.latitude + rng.triangular(-0.12, 0.12), 6),
    )


def _draw_missing(rng: random.Random) -> tuple[str, ...]:
    count = rng.choices((1, 2, 3, 4, 5, 6), (34, 26, 17, 11, 7, 5))[0]
    return tuple(sorted(rng.sample(OMISSIBLE_TABLES, count)))


def _join_two_site_firms(enterprises: list[Enterprise], seed: int) -> None:
    """Give a dozen firms a second plant: same credit code and representative, own address."""
    rng = random.Random(f"{seed}:register-two-sites:all")
    eligible = [
        index
        for index, enterprise in enumerate(enterprises)
        if not enterprise.suspended and enterprise.name.endswith("公司")
    ]
    chosen = rng.sample(eligible, TWO_SITE_FIRMS * 2)
    for first, second in zip(chosen[::2], chosen[1::2], strict=True):
        enterprises[second] = _as_second_plant(enterprises[first], enterprises[second], rng)


def _as_second_plant(first: Enterprise, second: Enterprise, rng: random.Random) -> Enterprise:
    suffix = rng.choice(("二厂", "东厂区", "新厂区", "分厂"))
    return Enterprise(
        site_code=codes.make_site_code(first.uscc, 2),
        uscc=first.uscc,
        name=f"{first.name}（{suffix}）",
        former_name=None,
        legal_rep=first.legal_rep,
        county=second.county,
        township=second.township,
        address=second.address,
        longitude=second.longitude,
        latitude=second.latitude,
        industry_code=first.industry_code,
        trade=first.trade,
        scale=first.scale,
        size=second.size,
        key_class=first.key_class,
        start_date=second.start_date,
        status=second.status,
        listed_date=second.listed_date,
        disclosed=second.disclosed,
        missing_tables=second.missing_tables,
    )
