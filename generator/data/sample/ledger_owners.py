"""Who built the illegal projects: registered enterprises, and many small firms besides.

Source: 重庆 published 14,015 projects in 14 sectors; owners here are invented.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from generator.data.sample.codes import make_uscc
from generator.data.sample.ledger_sectors import (
    SECTOR_KINDS,
    SECTOR_WEIGHTS,
    ProjectKind,
    find_sector,
)
from generator.data.sample.names import firm_name
from generator.data.sample.parties import RegisteredSite
from generator.data.sample.province import County, Province

REGISTERED_PROJECTS: Final = (1,) * 640 + (2,) * 100 + (3,) * 20
"""Projects of each registered enterprise that has any: 900 together."""

SEVERAL_PROJECTS: Final = (2,) * 270 + (3,) * 80 + (4,) * 20
"""Projects of each unregistered owner that has more than one."""

_WITH_CREDIT_CODE = 0.62  # small workshops and farms often had none in 2015

# Projects that fit a plant of any industry: name, bounds of its number, step.
_EXPANSIONS: tuple[tuple[str, tuple[int, int], int], ...] = (
    ("{n}吨/年生产线技改项目", (500, 9000), 100),
    ("{n}平方米厂房扩建项目", (500, 9000), 100),
    ("新增{n}台（套）生产设备项目", (2, 60), 1),
    ("{n}平方米仓库及配套设施建设项目", (300, 6000), 100),
    ("{n}蒸吨/时锅炉改造项目", (2, 75), 1),
    ("日处理{n}吨污水处理站改造项目", (50, 3000), 50),
)


@dataclass(frozen=True, slots=True)
class Owner:
    """An owner and how many projects of one kind it has in one county."""

    number: int
    name: str
    county: County
    uscc: str | None
    site: RegisteredSite | None
    sector: str
    kind: ProjectKind
    projects: int


def make_owners(
    province: Province, enterprises: Sequence[RegisteredSite], seed: int, total: int
) -> Iterator[Owner]:
    """Owners with distinct names, whose projects are ``total`` together."""
    rng = random.Random(f"{seed}:ledger:owners")
    names = {site.name for site in enterprises}
    codes = {site.uscc for site in enterprises}
    number = 0
    left = total
    for site, projects in zip(_choose_sites(rng, enterprises), REGISTERED_PROJECTS, strict=True):
        number += 1
        left -= projects
        kind = _expand_kind(rng, site.industry_code)
        sector = find_sector(site.industry_code)
        yield Owner(number, site.name, site.county, site.uscc, site, sector, kind, projects)
    several = iter(SEVERAL_PROJECTS)
    weights = [len(county.townships) * rng.uniform(0.6, 1.5) for county in province.counties]
    sectors = [sector for sector, _ in SECTOR_WEIGHTS]
    sector_weights = [weight for _, weight in SECTOR_WEIGHTS]
    while left:
        number += 1
        projects = min(left, next(several, 1))
        left -= projects
        county = rng.choices(province.counties, weights)[0]
        sector = rng.choices(sectors, sector_weights)[0]
        kind = _choose_kind(rng, sector)
        name = _name_owner(rng, county, kind, names)
        uscc = None
        if rng.random() < _WITH_CREDIT_CODE:
            uscc = make_uscc(rng, county.code)
            while uscc in codes:
                uscc = make_uscc(rng, county.code)
            codes.add(uscc)
        yield Owner(number, name, county, uscc, None, sector, kind, projects)


def _choose_sites(
    rng: random.Random, enterprises: Sequence[RegisteredSite]
) -> list[RegisteredSite]:
    # Two sites may belong to one firm; an owner is a firm, so each credit code once.
    by_firm = {site.uscc: site for site in enterprises}
    return rng.sample([by_firm[uscc] for uscc in sorted(by_firm)], len(REGISTERED_PROJECTS))


def _choose_kind(rng: random.Random, sector: str) -> ProjectKind:
    kinds = SECTOR_KINDS[sector]
    # The first kinds of a sector are the common ones.
    return kinds[int(len(kinds) * rng.random() ** 1.5)]


def _expand_kind(rng: random.Random, industry_code: str) -> ProjectKind:
    """A kind whose industry is the enterprise's own, so that both records agree."""
    for kinds in SECTOR_KINDS.values():
        for kind in kinds:
            if kind.industry == industry_code:
                return kind
    name, capacity, step = rng.choice(_EXPANSIONS)
    return ProjectKind(industry_code, (), (name,), capacity, step)


def _name_owner(rng: random.Random, county: County, kind: ProjectKind, names: set[str]) -> str:
    while True:
        place = county.name if rng.random() < 0.7 else rng.choice(county.townships).name
        name = firm_name(rng, place, rng.choice(kind.trades))
        if name not in names:
            names.add(name)
            return name
