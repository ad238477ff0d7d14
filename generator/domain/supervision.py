"""Both systems of supervision of a province, computed once: 河南 disclosure, 重庆 ledger."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from generator.config import Config
from generator.data.load import Dataset
from generator.domain.disclosure import SiteDisclosure
from generator.domain.disclosure_supervision import (
    Notice,
    Standing,
    SupervisedSite,
    issue_notice,
    read_supervised_sites,
    take_standing,
)
from generator.domain.dispatch import Dispatch, read_dispatch
from generator.domain.ledger_supervision import (
    Judgement,
    LedgerTally,
    judge,
    merge_tallies,
    read_targets,
    tally_projects,
)
from generator.domain.owner import OwnerRegister
from generator.domain.place import Gazetteer
from generator.domain.project import Project
from generator.domain.timeliness import Timeliness, read_timeliness
from generator.profiles.profile import Profile

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Levels(Generic[Value]):
    """A value for the province and for each of its divisions in force, by code."""

    province: Value
    prefectures: Mapping[str, Value]
    counties: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Supervision:
    """What supervision knows on `as_of`."""

    as_of: dt.date
    floor: int
    profile: Profile
    """The law whose terms and words hold."""
    sites: tuple[SupervisedSite, ...]
    standings: Levels[Standing]
    dispatch: Dispatch
    timeliness: Timeliness
    """Of the listed sites; those long suspended owe nothing."""
    notices: tuple[Notice, ...]
    """By code: a prefecture's before its counties'."""
    tallies: Levels[LedgerTally]
    townships: Mapping[tuple[str, str], LedgerTally]
    """By county and township code, which is empty where none was reported."""
    judgements: Mapping[str, Judgement]
    """By county."""
    owners: OwnerRegister


def read_supervision(
    dataset: Dataset,
    gazetteer: Gazetteer,
    projects: Sequence[Project],
    disclosures: Mapping[str, SiteDisclosure],
    owners: OwnerRegister,
    config: Config,
    as_of: dt.date,
) -> Supervision:
    """Everything supervision says of the dataset as of `as_of`."""
    sites = read_supervised_sites(dataset, disclosures, gazetteer)
    listed = {site.site_code: site.county for site in sites if not site.suspended}
    timeliness = read_timeliness(dataset, listed, as_of)
    groups = _group_levels(sites, gazetteer, lambda site: site.county)
    standings = Levels(
        take_standing(gazetteer.province_code, groups.province),
        {code: take_standing(code, inside) for code, inside in groups.prefectures.items()},
        {code: take_standing(code, inside) for code, inside in groups.counties.items()},
    )
    issued = [
        issue_notice(
            level[code], inside[code], timeliness,
            is_county=is_county, floor=config.disclosure_floor, as_of=as_of,
            reply_days=config.notice_reply_days,
        )
        for level, inside, is_county in (
            (standings.prefectures, groups.prefectures, False),
            (standings.counties, groups.counties, True),
        )
        for code in level
    ]  # fmt: skip
    townships = _tally_townships(projects, gazetteer, as_of)
    tallies = _sum_townships(townships, gazetteer, as_of)
    targets = read_targets(dataset, as_of)
    return Supervision(
        as_of=as_of,
        floor=config.disclosure_floor,
        profile=dataset.catalog.profile,
        sites=sites,
        standings=standings,
        dispatch=read_dispatch(dataset, disclosures, listed, as_of),
        timeliness=timeliness,
        notices=tuple(
            sorted((notice for notice in issued if notice is not None), key=lambda n: n.code)
        ),
        tallies=tallies,
        townships=townships,
        judgements={
            code: judge(tally, targets.get(code), config.thresholds)
            for code, tally in tallies.counties.items()
        },
        owners=owners,
    )


def _group_levels(
    items: Sequence[Value], gazetteer: Gazetteer, find_county: Callable[[Value], str]
) -> Levels[list[Value]]:
    by_county: dict[str, list[Value]] = defaultdict(list)
    for item in items:
        by_county[find_county(item)].append(item)
    return Levels(
        list(items),
        {
            prefecture.code: [i for c in prefecture.counties for i in by_county.get(c.code, [])]
            for prefecture in gazetteer.prefectures
        },
        {county.code: by_county.get(county.code, []) for county in gazetteer.counties},
    )


def _tally_townships(
    projects: Sequence[Project], gazetteer: Gazetteer, as_of: dt.date
) -> Mapping[tuple[str, str], LedgerTally]:
    inside: dict[tuple[str, str], list[Project]] = defaultdict(list)
    for project in projects:
        inside[gazetteer.place_code(project.division_code), project.township_code].append(project)
    return {place: tally_projects(inside[place], as_of) for place in sorted(inside)}


def _sum_townships(
    townships: Mapping[tuple[str, str], LedgerTally], gazetteer: Gazetteer, as_of: dt.date
) -> Levels[LedgerTally]:
    by_county: dict[str, list[LedgerTally]] = defaultdict(list)
    for (county, _), tally in townships.items():
        by_county[county].append(tally)
    counties = {
        county.code: merge_tallies(by_county.get(county.code, []), as_of)
        for county in gazetteer.counties
    }
    prefectures = {
        prefecture.code: merge_tallies((counties[c.code] for c in prefecture.counties), as_of)
        for prefecture in gazetteer.prefectures
    }
    return Levels(merge_tallies(prefectures.values(), as_of), prefectures, counties)
