"""A change of the dataset with all that follows from it: numbers, warnings, tallies, pages.

Each side is checked, counted and planned by the code that builds the site. Where one side cannot
be built from, the rows are still compared and the reason is given.
"""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

import polars as pl

from generator.config import Config
from generator.data.catalog import Catalog, read_catalog
from generator.data.check import CheckReport, check_dataset
from generator.data.diff import TableDiff, compare_catalogs
from generator.data.issue_changes import IssueChange, compare_issues
from generator.data.load import Dataset
from generator.data.revision import find_commit, read_revision
from generator.domain.consequences import (
    FigureMove,
    ProjectMove,
    RateMove,
    TallyMove,
    compare_bulletins,
    compare_exposures,
    compare_figures,
    compare_projects,
    compare_rates,
)
from generator.domain.library import build_library
from generator.errors import HuanjingError
from generator.site.page_changes import PageChanges, compare_pages
from generator.site.plan import plan_pages
from generator.site.render import Renderer

WORKING_TREE: Final = "工作区"
"""Label of the files as they lie in the folder, committed or not."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two states: what it is called, and the dataset."""

    label: str
    """As the user named it: a revision, or the working tree."""
    commit: str
    """Full commit id, empty for the working tree."""
    catalog: Catalog


@dataclass(frozen=True, slots=True)
class Consequences:
    """What the change does to the site. All lists hold only what differs."""

    old_date: str
    new_date: str
    """Data date of each side, ISO."""
    floor: int
    """Per cent; the line that disclosure rates are held to."""
    figures: tuple[FigureMove, ...]
    rates: tuple[RateMove, ...]
    issues: tuple[IssueChange, ...]
    exposures: tuple[TallyMove, ...]
    bulletins: tuple[TallyMove, ...]
    projects: tuple[ProjectMove, ...]
    pages: PageChanges


@dataclass(frozen=True, slots=True)
class ChangeReport:
    """The rows that differ, and the consequences or why there are none."""

    old_label: str
    old_commit: str
    new_label: str
    new_commit: str
    tables: tuple[TableDiff, ...]
    consequences: Consequences | None
    skipped: tuple[str, ...]
    """Why the consequences were not computed, a sentence each; empty where they were."""

    @property
    def is_empty(self) -> bool:
        """Whether the two states are the same in every row."""
        return not self.tables


@dataclass(frozen=True, slots=True)
class _Checked:
    report: CheckReport
    dataset: Dataset | None


def compare_revisions(
    config: Config, old_rev: str, new_rev: str | None, *, render_all: bool = False
) -> ChangeReport:
    """What differs between two git revisions of `config.datasets`, and what follows from it.

    Without `new_rev` the files as they lie in the folder are the new side.

    Raises:
        RevisionError: A revision is not there, or the folder is not kept in git.
        DatasetError: A descriptor or a schema is unreadable on one side.

    """
    with ExitStack() as stack:
        old = _open_side(stack, config, old_rev)
        if new_rev is None:
            new = Side(WORKING_TREE, "", read_catalog(config.datasets, config.profile))
        else:
            new = _open_side(stack, config, new_rev)
        return compare_sides(old, new, config, render_all=render_all)


def _open_side(stack: ExitStack, config: Config, rev: str) -> Side:
    commit = find_commit(config.datasets, rev)
    catalog = stack.enter_context(
        read_revision(config.datasets, commit, config.profile, pictures=True)
    )
    return Side(rev, commit, catalog)


def compare_sides(
    old: Side, new: Side, config: Config, *, render_all: bool = False
) -> ChangeReport:
    """What differs between two states of a dataset, and what follows from it.

    Both sides are judged by the settings of `config`. `render_all` renders every page of both
    sides instead of comparing what they are made of.
    """
    tables = compare_catalogs(old.catalog, new.catalog)
    consequences: Consequences | None = None
    skipped: tuple[str, ...] = ()
    if tables:
        before, after = (_Checked(*check_dataset(side.catalog)) for side in (old, new))
        if before.dataset is None or after.dataset is None:
            skipped = tuple(
                _describe_refusal(side.label, checked.report)
                for side, checked in ((old, before), (new, after))
                if checked.dataset is None
            )
        else:
            try:
                consequences = _find_consequences(
                    (before.report, before.dataset), (after.report, after.dataset), config,
                    render_all=render_all,
                )  # fmt: skip
            except HuanjingError as fault:
                skipped = (f"有一边生成不了网站：{fault}",)
            except (KeyError, pl.exceptions.PolarsError) as fault:
                # An older dataset may lack a table or a field that the pages are now made of.
                words = str(fault).splitlines()[0][:80]
                skipped = (f"有一边的表结构与现在的程序不符（缺少 {words}）。",)
    return ChangeReport(
        old_label=old.label,
        old_commit=old.commit,
        new_label=new.label,
        new_commit=new.commit,
        tables=tables,
        consequences=consequences,
        skipped=skipped,
    )


def _describe_refusal(label: str, report: CheckReport) -> str:
    counts = Counter(issue.code for issue in report.issues if issue.severity == "error")
    codes = "、".join(f"{code} {number} 处" for code, number in sorted(counts.items()))
    return f"{label} 没有通过检查，共 {counts.total()} 处错误（{codes}）。"


def _find_consequences(
    old: tuple[CheckReport, Dataset],
    new: tuple[CheckReport, Dataset],
    config: Config,
    *,
    render_all: bool,
) -> Consequences:
    before, after = (build_library(dataset, config) for _, dataset in (old, new))
    floor = config.disclosure_floor
    return Consequences(
        old_date=before.data_date.isoformat(),
        new_date=after.data_date.isoformat(),
        floor=floor,
        figures=compare_figures(before, after),
        rates=compare_rates(before, after, floor),
        issues=compare_issues(old, new),
        exposures=compare_exposures(before, after),
        bulletins=compare_bulletins(before, after),
        projects=compare_projects(before, after),
        pages=compare_pages(
            plan_pages(before, config, old[0].issues),
            plan_pages(after, config, new[0].issues),
            Renderer(*config.templates),
            render_all=render_all,
        ),
    )
