"""The fictional province: 1 province, 12 prefectures, 40 counties, 1,020 townships.

Prefecture and county names are invented and stay the same for every seed, since codes and
addresses of pages are read by people; townships, positions and discipline follow the seed.

Source: GB/T 2260 (code structure); 重庆 published 1,020 townships with environmental bodies.
"""

import random
from dataclasses import dataclass

from generator.data.sample.names import township_names

PROVINCE_CODE = "990000"
PROVINCE_NAME = "示例省"
DATA_DATE = "2016-07-03"  # the last day of 2016-W26, on which the sample ends

# west, south, east, north in degrees; every coordinate of the sample lies inside
PROVINCE_BOX = (104.8, 32.6, 111.2, 37.4)

TOWNSHIP_TOTAL = 1020
_FEWEST_TOWNSHIPS = 13
_BAD_COUNTIES = 4
_VALID_FROM = "2010-01-01"

_LAYOUT: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("云岚市", ("望澜区", "星渚区", "麓宁县", "茗岭县")),
    ("青埠市", ("临澜区", "鹭渚区", "霁州市", "瀛川县")),
    ("泽宁市", ("雁泽区", "芦渚区", "枫泽县", "沐原县")),
    ("临霁市", ("望霁区", "璧川区", "珩川县", "漪川县")),
    ("松渚市", ("鹤渚区", "柳屿县", "樟渡县")),
    ("澄原市", ("曦原区", "粟原县", "枣原县")),
    ("嘉渡市", ("桃渡区", "春渡县", "槐渡市")),
    ("梧岭市", ("雾岭区", "黛山县", "榆屏县")),
    ("渌川市", ("墨川区", "溯川县", "楠川县")),
    ("汐阳市", ("昭渚区", "靖渚县", "湄渚县")),
    ("衡渚市", ("景渚区", "锦渚县", "绮川县")),
    ("朔屏市", ("宛屏区", "昭屏县", "霜原县")),
)


@dataclass(frozen=True, slots=True)
class Township:
    """A township, town or street office; ``code`` has nine digits."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class County:
    """A county, district or county-level city with its townships.

    ``discipline`` (0 to 1) is how well the county reports and closes; a few are clearly bad.
    """

    code: str
    name: str
    prefecture_code: str
    prefecture_name: str
    longitude: float
    latitude: float
    townships: tuple[Township, ...]
    discipline: float

    @property
    def short_name(self) -> str:
        """The name without 区, 县 or 市, as it stands in document numbers."""
        return self.name[:-1]

    @property
    def bureau(self) -> str:
        """The county's environmental protection bureau, the usual deciding authority."""
        return f"{self.name}环境保护局"


@dataclass(frozen=True, slots=True)
class Prefecture:
    """A prefecture-level city, one of the 12 leagues of the responsibility section."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Province:
    """The whole division tree; counties in order of their codes."""

    code: str
    name: str
    prefectures: tuple[Prefecture, ...]
    counties: tuple[County, ...]


def make_province(seed: int) -> Province:
    """The province of a seed: fixed codes and names, seeded townships and discipline."""
    rng = random.Random(f"{seed}:province:all")
    prefectures = tuple(
        Prefecture(f"99{number:02d}00", name) for number, (name, _) in enumerate(_LAYOUT, start=1)
    )
    seats = [
        (prefecture, f"{prefecture.code[:4]}{number:02d}", name)
        for prefecture, (_, names) in zip(prefectures, _LAYOUT, strict=True)
        for number, name in enumerate(names, start=1)
    ]
    sizes = _share_townships(rng, len(seats))
    names = township_names(rng, TOWNSHIP_TOTAL)
    bad = set(rng.sample(range(len(seats)), _BAD_COUNTIES))
    counties = []
    taken = 0
    for index, (prefecture, code, name) in enumerate(seats):
        own_names = names[taken : taken + sizes[index]]
        taken += sizes[index]
        longitude, latitude = _place_county(rng, int(prefecture.code[2:4]) - 1, int(code[4:]) - 1)
        discipline = rng.uniform(0.3, 0.5) if index in bad else rng.uniform(0.8, 0.98)
        counties.append(
            County(
                code=code,
                name=name,
                prefecture_code=prefecture.code,
                prefecture_name=prefecture.name,
                longitude=longitude,
                latitude=latitude,
                townships=_name_townships(code, name, own_names),
                discipline=round(discipline, 3),
            )
        )
    return Province(PROVINCE_CODE, PROVINCE_NAME, prefectures, tuple(counties))


def division_rows(province: Province) -> list[tuple[str | None, ...]]:
    """The rows of ``division``, sorted by code, with one abolished county-level code.

    The abolished code stands for a district merged into the first county in 2013; no
    current record uses it.
    """
    first = province.counties[0]
    rows: list[tuple[str | None, ...]] = [
        (province.code, province.name, None, "省", _VALID_FROM, None, None)
    ]
    for prefecture in province.prefectures:
        rows.append(
            (prefecture.code, prefecture.name, province.code, "市", _VALID_FROM, None, None)
        )
    for county in province.counties:
        rows.append(
            (county.code, county.name, county.prefecture_code, "县", _VALID_FROM, None, None)
        )
        for township in county.townships:
            rows.append((township.code, township.name, county.code, "乡", _VALID_FROM, None, None))
    rows.append(
        (
            f"{first.prefecture_code[:4]}81",
            "澜门区",
            first.prefecture_code,
            "县",
            _VALID_FROM,
            "2013-06-30",
            first.code,
        )
    )
    return sorted(rows, key=lambda row: str(row[0]))


def _share_townships(rng: random.Random, counties: int) -> list[int]:
    sizes = [_FEWEST_TOWNSHIPS] * counties
    weights = [rng.uniform(0.4, 2.0) for _ in range(counties)]
    for index in rng.choices(
        range(counties), weights, k=TOWNSHIP_TOTAL - _FEWEST_TOWNSHIPS * counties
    ):
        sizes[index] += 1
    return sizes


def _place_county(rng: random.Random, prefecture: int, county: int) -> tuple[float, float]:
    # Prefectures stand on a grid of four by three, counties on the corners of their cell.
    column, row = prefecture % 4, prefecture // 4
    longitude = 105.8 + column * 1.5 + (-0.35, 0.35, -0.35, 0.35)[county]
    latitude = 33.4 + row * 1.5 + (0.3, 0.3, -0.3, -0.3)[county]
    return (
        round(longitude + rng.uniform(-0.12, 0.12), 4),
        round(latitude + rng.uniform(-0.12, 0.12), 4),
    )


def _name_townships(county_code: str, county_name: str, names: list[str]) -> tuple[Township, ...]:
    # GB/T 10114: 001-099 streets, 100-199 towns, 200-399 townships. Districts have more streets.
    urban = county_name.endswith("区")
    streets = round(len(names) * (0.5 if urban else 0.15))
    towns = round(len(names) * (0.4 if urban else 0.6))
    result = []
    for index, name in enumerate(names):
        if index < streets:
            result.append(Township(f"{county_code}{index + 1:03d}", f"{name}街道"))
        elif index < streets + towns:
            result.append(Township(f"{county_code}{100 + index - streets:03d}", f"{name}镇"))
        else:
            number = 200 + index - streets - towns
            result.append(Township(f"{county_code}{number:03d}", f"{name}乡"))
    return tuple(result)
