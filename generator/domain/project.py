"""The ledger of illegal construction projects: 排查 → 登记 → 整改 → 消除 → 销号.

Source: 重庆 “四清四治” ledger; `domain/catalogue.md` state machine (docs/ledger rules R-L).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

import polars as pl

from generator.data.load import Dataset, LoadedTable, ReplacedTables
from generator.domain.correction import read_corrections
from generator.domain.pool import Pool

STAGES: Final = ("排查", "登记", "整改", "消除", "销号")
CLOSED: Final = "销号"
REBOUND: Final = "退回"
FEN_PER_WAN: Final = 1_000_000
"""分 in 万元."""


@dataclass(frozen=True, slots=True)
class LedgerEvent:
    """One dated step of a project; `stage` may also be 退回, which leads back to 整改."""

    event_no: str
    stage: str
    event_date: dt.date
    evidence_ref: str
    verifier_agency: str
    note: str


@dataclass(frozen=True, slots=True)
class Project:
    """A ledger project with its whole history; texts exactly as reported."""

    ledger_no: str
    name: str
    owner_name: str
    uscc: str
    site_code: str
    division_code: str
    township_code: str
    address: str
    industry_code: str
    sector: str
    violation_type: str
    batch: str
    stage: str
    deadline: dt.date
    closed_date: dt.date | None
    lead_agency: str
    responsible_post: str
    penalty_no: str
    penalty_date: dt.date | None
    fine: Decimal | None
    """万元; None where no fine is recorded, which is not a fine of 0."""
    events: tuple[LedgerEvent, ...]
    withdrawal: str = ""
    """Day and reason of a decided 撤回; then number, district and counts are all that is left."""

    @property
    def withdrawn(self) -> bool:
        """Whether the record was taken back."""
        return bool(self.withdrawal)

    @property
    def closed(self) -> bool:
        """Whether the project is struck off the ledger (整改完成)."""
        return self.stage == CLOSED

    @property
    def rebounds(self) -> int:
        """How often the project was sent back to 整改."""
        return sum(event.stage == REBOUND for event in self.events)

    def overdue(self, as_of: dt.date) -> bool:
        """Whether the deadline has passed on `as_of` and the project is not struck off."""
        return not self.closed and self.deadline < as_of

    @property
    def owner_key(self) -> str:
        """What tells owners apart: the credit code, or the name where none was reported."""
        return self.uscc or self.owner_name


def read_projects(dataset: Dataset) -> tuple[Project, ...]:
    """Every ledger project with its events in order, sorted by ledger number.

    Of a withdrawn one no later stage gets a name, an address, a decision or a step to print.
    """
    withdrawn = {
        entry.target_key: f"本项目的信息已于 {entry.resolved} 撤回：{entry.reason}"
        for entry in read_corrections(dataset)
        if entry.is_withdrawal and entry.target_table == "illegal_project"
    }
    keep = Pool()
    events = _read_events(dataset, keep)
    ledger = dataset["illegal_project"]
    dates = ledger.values.select("deadline", "closed_date", "penalty_date")
    projects = [
        Project(
            ledger_no=row["ledger_no"],
            name=row["project_name"],
            owner_name=keep(row["owner_name"]),
            uscc=keep(row["uscc"]),
            site_code=keep(row["site_code"]),
            division_code=keep(row["division_code"]),
            township_code=keep(row["township_code"]),
            address=row["address"],
            industry_code=keep(row["industry_code"]),
            sector=keep(row["sector"]),
            violation_type=keep(row["violation_type"]),
            batch=keep(row["batch"]),
            stage=keep(row["stage"]),
            deadline=keep(deadline),
            closed_date=keep(closed_date),
            lead_agency=keep(row["lead_agency"]),
            responsible_post=keep(row["responsible_post"]),
            penalty_no=row["penalty_no"],
            penalty_date=penalty_date,
            fine=read_decimal(row["fine"]),
            events=tuple(events.get(row["ledger_no"], ())),
        )
        for row, (deadline, closed_date, penalty_date) in zip(
            ledger.text.iter_rows(named=True), dates.iter_rows(), strict=True
        )
    ]
    return tuple(
        _take_back(project, withdrawn[project.ledger_no])
        if project.ledger_no in withdrawn
        else project
        for project in sorted(projects, key=lambda project: project.ledger_no)
    )


def cut_ledger(dataset: Dataset, ledger_nos: Collection[str]) -> Dataset:
    """The dataset with these projects alone in its ledger."""
    own = pl.col("ledger_no").is_in(sorted(ledger_nos))
    cut = {}
    for name in ("illegal_project", "ledger_event"):
        loaded = dataset[name]
        chosen = loaded.text.select(own).to_series()
        cut[name] = LoadedTable(
            loaded.table, loaded.text.filter(chosen), loaded.values.filter(chosen)
        )
    return Dataset(dataset.catalog, ReplacedTables(dataset.tables, cut))


def _take_back(project: Project, withdrawal: str) -> Project:
    return replace(
        project,
        name="（项目已撤回）",
        # Its own, lest withdrawn projects look like those of one firm.
        owner_name=f"（{project.ledger_no} 已撤回）",
        uscc="",
        site_code="",
        township_code="",
        address="",
        lead_agency="",
        responsible_post="",
        penalty_no="",
        penalty_date=None,
        fine=None,
        events=(),
        withdrawal=withdrawal,
    )


def read_decimal(text: str) -> Decimal | None:
    """The exact amount in a checked cell, or None where the cell holds no number."""
    return Decimal(text) if text and text not in {"不适用", "不公开"} else None


def _read_events(dataset: Dataset, keep: Pool) -> Mapping[str, Sequence[LedgerEvent]]:
    table = dataset["ledger_event"]
    by_project: dict[str, list[LedgerEvent]] = defaultdict(list)
    columns = ("event_no", "ledger_no", "stage", "evidence_ref", "verifier_agency", "note")
    for (event_no, ledger_no, stage, evidence, verifier, note), event_date in zip(
        table.text.select(columns).iter_rows(), table.values["event_date"], strict=True
    ):
        by_project[ledger_no].append(
            LedgerEvent(
                event_no,
                keep(stage),
                keep(event_date),
                keep(evidence),
                keep(verifier),
                keep(note),
            )
        )
    for events in by_project.values():
        events.sort(key=lambda event: event.event_no)
    return by_project
