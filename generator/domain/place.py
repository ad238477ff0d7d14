"""Divisions of the province: prefectures, counties and townships by GB/T 2260 code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from generator.data.load import Dataset

UNPLACED = "unplaced"
UNPLACED_COUNTY = "unplaced-county"
UNPLACED_NAME = "区划未明"
"""Stands for a prefecture and a county in one: records whose division code is empty, abolished,
or not a county's. They have lists like any other, so that no record is out of reach."""


@dataclass(frozen=True, slots=True)
class Township:
    """A township or street office, the level below the county (乡镇、街道)."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class County:
    """A county or district in force, with its townships sorted by code."""

    code: str
    name: str
    prefecture_code: str
    townships: tuple[Township, ...]


@dataclass(frozen=True, slots=True)
class Prefecture:
    """A prefecture-level division in force, with its counties sorted by code."""

    code: str
    name: str
    counties: tuple[County, ...]


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All divisions of a dataset.

    `names` also knows the abolished ones, since old records still carry their codes.
    """

    province_code: str
    province_name: str
    prefectures: tuple[Prefecture, ...]
    names: Mapping[str, str]
    parents: Mapping[str, str]
    county_codes: frozenset[str]
    """Codes of the counties in force."""

    def place_code(self, division_code: str) -> str:
        """The county under which a record with this code is listed."""
        return division_code if division_code in self.county_codes else UNPLACED_COUNTY

    @property
    def counties(self) -> tuple[County, ...]:
        """Every county in force, by code."""
        return tuple(county for prefecture in self.prefectures for county in prefecture.counties)

    def name(self, code: str) -> str:
        """The division's name, or the code itself where the table does not have it."""
        return self.names.get(code, code)

    def full_name(self, code: str) -> str:
        """Prefecture and county in one, as addresses begin (云岭市清溪区)."""
        parent = self.parents.get(code, "")
        if parent and parent not in {self.province_code, UNPLACED}:
            return self.name(parent) + self.name(code)
        return self.name(code)


def read_gazetteer(dataset: Dataset) -> Gazetteer:
    """The divisions in force (no `valid_to`), nested by parent code and sorted.

    Counties directly below the province, as in a municipality such as 重庆, are nested below a
    prefecture that stands for the province itself.
    """
    table = dataset["division"].text
    rows = sorted(
        table.select("division_code", "division_name", "parent_code", "level", "valid_to").rows()
    )
    names = {code: name for code, name, *_ in rows}
    parents = {code: parent for code, _, parent, *_ in rows}
    current = [(code, name, parent, level) for code, name, parent, level, end in rows if not end]

    def below(parent_code: str, wanted: str) -> list[tuple[str, str]]:
        return [
            (c, n) for c, n, parent, level in current if level == wanted and parent == parent_code
        ]

    townships: dict[str, list[Township]] = {}
    for code, name, parent, level in current:
        if level == "乡":
            townships.setdefault(parent, []).append(Township(code, name))
    province = next(((c, n) for c, n, _, level in current if level == "省"), ("", ""))
    above = [*([province] if below(province[0], "县") else []), *below(province[0], "市")]
    prefectures = tuple(
        Prefecture(
            code,
            name,
            tuple(
                County(county_code, county_name, code, tuple(townships.get(county_code, ())))
                for county_code, county_name in below(code, "县")
            ),
        )
        for code, name in above
    )
    county_codes = frozenset(
        county.code for prefecture in prefectures for county in prefecture.counties
    )
    if _find_used_codes(dataset) - county_codes:
        unplaced = County(UNPLACED_COUNTY, UNPLACED_NAME, UNPLACED, ())
        prefectures = (*prefectures, Prefecture(UNPLACED, UNPLACED_NAME, (unplaced,)))
        names |= {UNPLACED: UNPLACED_NAME, UNPLACED_COUNTY: UNPLACED_NAME}
        parents |= {UNPLACED_COUNTY: UNPLACED, UNPLACED: province[0]}
    return Gazetteer(province[0], province[1], prefectures, names, parents, county_codes)


def _find_used_codes(dataset: Dataset) -> frozenset[str]:
    """Division codes of the records that are listed by county."""
    return frozenset(
        code
        for table in ("enterprise_profile", "illegal_project")
        for code in dataset[table].text["division_code"].unique()
    )
