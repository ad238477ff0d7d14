"""The loaded province: everything the pages are made of, read from the dataset once.

Separate from the build and from the site: a plain frozen value that stages are given.
Enterprises with their rows are not in it, since they would not fit in memory at full size;
`domain.enterprise.iter_enterprises` yields them one at a time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from generator.cache import NO_CACHE, Cache
from generator.config import Config
from generator.data.commits import NO_HISTORY, History
from generator.data.data_date import find_latest_date
from generator.data.load import Dataset
from generator.domain.bulletin import BulletinRow, read_bulletin_rows
from generator.domain.changes import ChangeLog, read_changes
from generator.domain.correction import Correction, Target, find_targets, read_corrections
from generator.domain.disclosure import SiteDisclosure, read_disclosure
from generator.domain.duty import Adoption, Body, read_adoptions, read_bodies
from generator.domain.enterprise_links import Registers
from generator.domain.exposure import Case, Issue, read_cases, read_issues
from generator.domain.figures import Figure, FigureSources, compute_figures
from generator.domain.monitoring import MonitoringSummary, read_monitoring
from generator.domain.place import Gazetteer, read_gazetteer
from generator.domain.project import Project, read_projects
from generator.domain.standing import Standing, find_standing, stand_readings
from generator.domain.statistics import Frames, build_frames
from generator.domain.supervision import Supervision, read_supervision
from generator.domain.supervision_figures import supervision_figures


@dataclass(frozen=True, slots=True)
class Library:
    """All records but the enterprises' rows, and the figures counted from them."""

    loaded: Dataset
    """The dataset as it was checked, withdrawn rows and all; no page shows a row of it."""
    standing: Standing
    dataset: Dataset
    """`standing.pages`."""
    data_date: dt.date
    gazetteer: Gazetteer
    industries: Mapping[str, str]
    """Industry name by code."""
    projects: tuple[Project, ...]
    disclosures: Mapping[str, SiteDisclosure]
    cases: tuple[Case, ...]
    issues: tuple[Issue, ...]
    bulletin: tuple[BulletinRow, ...]
    bodies: tuple[Body, ...]
    adoptions: tuple[Adoption, ...]
    corrections: tuple[Correction, ...]
    targets: Mapping[str, Target]
    """What each correction points at, by its number."""
    changes: ChangeLog
    """What commits changed in the dataset; empty where it has no history."""
    monitoring: MonitoringSummary
    registers: Registers
    frames: Frames
    figures: tuple[Figure, ...]
    supervision: Supervision


def build_library(
    loaded: Dataset, config: Config, cache: Cache = NO_CACHE, history: History = NO_HISTORY
) -> Library:
    """The province as of its data date, with the changes that `history` tells."""
    data_date = config.data_date or find_latest_date(loaded)
    corrections = read_corrections(loaded)
    standing = find_standing(loaded, corrections)
    dataset = standing.pages
    gazetteer = read_gazetteer(dataset)
    projects = read_projects(dataset)
    disclosures = read_disclosure(dataset)
    cases = read_cases(dataset)
    bodies = read_bodies(dataset, data_date)
    adoptions = read_adoptions(dataset)
    changes = read_changes(history, loaded, corrections)
    monitoring = read_monitoring(
        dataset.catalog.table("monitoring").path,
        cache,
        partial(stand_readings, standing=standing),
        standing.token,
    )
    frames = build_frames(dataset, gazetteer, projects, disclosures, cases, data_date)
    figures = compute_figures(
        FigureSources(
            frames=frames,
            catalog=dataset.catalog,
            disclosure_rows={
                table.name: dataset[table.name].text.height for table in dataset.catalog.disclosure
            },
            readings=monitoring.readings,
            township_codes=tuple(
                township.code for county in gazetteer.counties for township in county.townships
            ),
            bodies=bodies,
            adoptions=adoptions,
            campaign=config.campaign,
            floor=config.disclosure_floor,
        )
    )
    supervision = read_supervision(
        dataset, gazetteer, projects, disclosures, cases, config, data_date
    )
    return Library(
        loaded=loaded,
        standing=standing,
        dataset=dataset,
        data_date=data_date,
        gazetteer=gazetteer,
        industries=dict(
            dataset["industry"].text.select("industry_code", "industry_name").iter_rows()
        ),
        projects=projects,
        disclosures=disclosures,
        cases=cases,
        issues=read_issues(cases),
        bulletin=read_bulletin_rows(dataset),
        bodies=bodies,
        adoptions=adoptions,
        corrections=corrections,
        targets=find_targets(loaded, corrections),
        changes=changes,
        monitoring=monitoring,
        registers=Registers(
            projects,
            cases,
            corrections,
            bodies,
            gazetteer,
            changes,
            supervision.owners.keys_of_sites,
        ),
        frames=frames,
        figures=(*figures, *supervision_figures(supervision)),
        supervision=supervision,
    )
