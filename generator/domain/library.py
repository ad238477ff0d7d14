"""The loaded province: everything the pages are made of, read from the dataset once.

Separate from the build and from the site, and never changed by them. Enterprises with their rows
are not in it, since they would not fit in memory at full size;
`domain.enterprise.iter_enterprises` yields them one at a time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from generator.cache import NO_CACHE, Cache
from generator.config import Config
from generator.data.catalog import Table
from generator.data.commits import NO_HISTORY, History
from generator.data.data_date import find_latest_date
from generator.data.kept_checks import describe_table_state
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
from generator.domain.owner import OwnerRegister, read_owners
from generator.domain.parts import Part, Whole
from generator.domain.place import Gazetteer, read_gazetteer
from generator.domain.project import Project, read_projects
from generator.domain.row_digests import recall_counts
from generator.domain.standing import Standing, find_standing, stand_readings
from generator.domain.statistics import Frames, build_frames
from generator.domain.supervision import Supervision, read_supervision
from generator.domain.supervision_figures import supervision_figures

CONTENT_PARTS: Final[Mapping[str, Callable[[Any], object]]] = {
    "data_date": lambda day: day,
    "disclosures": lambda disclosures: [one.describe() for one in disclosures.values()],
    "standing": Standing.describe,
}
"""Parts that read much of which little reaches them, and their content for a digest: what is made
of such a part stays as it is while that does."""


class Library(Whole):
    """All records but the enterprises' rows, and the figures counted from them.

    A part is read when it is first asked for: a build that changes little asks for few.
    """

    def __init__(
        self,
        loaded: Dataset,
        config: Config,
        cache: Cache = NO_CACHE,
        history: History = NO_HISTORY,
    ) -> None:
        """`loaded` is the dataset as it was checked, withdrawn rows and all."""
        super().__init__(loaded.reads)
        self.loaded = loaded
        self._config = config
        self._cache = cache
        self._history = history

    @Part
    def data_date(self) -> dt.date:
        """The day that the dataset speaks of."""
        return self._config.data_date or find_latest_date(self.loaded)

    @Part
    def standing(self) -> Standing:
        """What may be published of the dataset."""
        return find_standing(self.loaded, self.corrections)

    @property
    def dataset(self) -> Dataset:
        """The dataset that pages are made of."""
        return self.standing.pages

    @Part
    def gazetteer(self) -> Gazetteer:
        """The province's places."""
        return read_gazetteer(self.dataset)

    @Part
    def industries(self) -> Mapping[str, str]:
        """Industry name by code."""
        industries = self.dataset["industry"].text
        return dict(industries.select("industry_code", "industry_name").iter_rows())

    @Part
    def projects(self) -> tuple[Project, ...]:
        """The ledger."""
        return read_projects(self.dataset)

    @Part
    def disclosures(self) -> Mapping[str, SiteDisclosure]:
        """By site code."""
        return read_disclosure(self.dataset, self._recall_counts)

    def _recall_counts(self, table: Table) -> Mapping[str, int] | None:
        state = self.standing.state_of(table.name, describe_table_state(table, self._cache))
        return recall_counts("site_code", self._cache, state)

    @Part
    def cases(self) -> tuple[Case, ...]:
        """The exposed cases."""
        return read_cases(self.dataset)

    @Part
    def issues(self) -> tuple[Issue, ...]:
        """The weeks of 一周一曝光."""
        return read_issues(self.cases)

    @Part
    def bulletin(self) -> tuple[BulletinRow, ...]:
        """The rows of 一周一通报."""
        return read_bulletin_rows(self.dataset)

    @Part
    def bodies(self) -> tuple[Body, ...]:
        """Who is responsible for what."""
        return read_bodies(self.dataset, self.data_date)

    @Part
    def adoptions(self) -> tuple[Adoption, ...]:
        """Which places adopted the list of responsibilities."""
        return read_adoptions(self.dataset)

    @Part
    def corrections(self) -> tuple[Correction, ...]:
        """Corrections and withdrawals."""
        return read_corrections(self.loaded)

    @Part
    def targets(self) -> Mapping[str, Target]:
        """What each correction points at, by its number."""
        return find_targets(self.loaded, self.corrections)

    @Part
    def changes(self) -> ChangeLog:
        """What commits changed in the dataset; empty where it has no history."""
        self.reads.note("history")
        return read_changes(self._history, self.loaded, self.corrections)

    @Part
    def monitoring(self) -> MonitoringSummary:
        """Months of automatic readings."""
        self.reads.note("table monitoring")
        return read_monitoring(
            self.loaded.catalog.table("monitoring").path,
            self._cache,
            partial(stand_readings, standing=self.standing),
            self.standing.readings_token,
        )

    @Part
    def owners(self) -> OwnerRegister:
        """Owners with several records."""
        return read_owners(self.dataset, self.projects, self.cases, self.gazetteer)

    @Part
    def registers(self) -> Registers:
        """What enterprises are linked to."""
        return Registers(
            self.projects,
            self.cases,
            self.corrections,
            self.bodies,
            self.gazetteer,
            self.changes,
            self.owners.keys_of_sites,
        )

    @Part
    def frames(self) -> Frames:
        """One row a record, to count over."""
        return build_frames(
            self.dataset,
            self.gazetteer,
            self.projects,
            self.disclosures,
            self.cases,
            self.data_date,
        )

    @Part
    def supervision(self) -> Supervision:
        """Who has to be urged."""
        return read_supervision(
            self.dataset,
            self.gazetteer,
            self.projects,
            self.disclosures,
            self.owners,
            self._config,
            self.data_date,
        )

    @Part
    def figures(self) -> tuple[Figure, ...]:
        """The published figures."""
        counted = compute_figures(
            FigureSources(
                frames=self.frames,
                catalog=self.dataset.catalog,
                disclosure_rows={
                    table.name: self.dataset.height(table.name)
                    for table in self.dataset.catalog.disclosure
                },
                readings=self.monitoring.readings,
                township_codes=tuple(
                    township.code
                    for county in self.gazetteer.counties
                    for township in county.townships
                ),
                bodies=self.bodies,
                adoptions=self.adoptions,
                campaign=self._config.campaign,
                floor=self._config.disclosure_floor,
            )
        )
        return (*counted, *supervision_figures(self.supervision))


def build_library(
    loaded: Dataset, config: Config, cache: Cache = NO_CACHE, history: History = NO_HISTORY
) -> Library:
    """The province as of its data date, with the changes that `history` tells."""
    return Library(loaded, config, cache, history)
