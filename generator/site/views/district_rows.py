"""Divisions side by side: their records cut apart once, and a comparison row for each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.domain.disclosure import NO_LISTED_SITES, Rate
from generator.domain.duty_results import TypeState, count_types
from generator.domain.statistics import Frames
from generator.site import routes
from generator.site.views.text import format_count, format_rate

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class DistrictRow:
    """One division in a comparison table."""

    name: str
    route: str
    enterprises: str
    listed: str
    disclosed: str
    rate: str
    below: bool
    projects: str
    closed: str
    closed_rate: str
    open: str
    overdue: str


def district_row(
    name: str, route: str, enterprises: pd.DataFrame, projects: pd.DataFrame, floor: int
) -> DistrictRow:
    """The comparison row of whatever division the two frames hold."""
    rate = count_rate(enterprises)
    total, closed = len(projects), int(projects["closed"].sum())
    return DistrictRow(
        name=name,
        route=route,
        enterprises=format_count(len(enterprises)),
        listed=format_count(rate.listed),
        disclosed=format_count(rate.disclosed),
        rate=format_rate(rate.disclosed, rate.listed) + "%" if rate.listed else NO_LISTED_SITES,
        below=rate.below(floor),
        projects=format_count(total),
        closed=format_count(closed),
        closed_rate=format_rate(closed, total) + "%" if total else "无台账项目",
        open=format_count(total - closed),
        overdue=format_count(int(projects["overdue"].sum())),
    )


def count_rate(enterprises: pd.DataFrame) -> Rate:
    """The disclosure rate of the enterprises in the frame."""
    return Rate(
        listed=int(enterprises["listed"].sum()),
        suspended=int(enterprises["suspended"].sum()),
        disclosed=int(enterprises["disclosed"].sum()),
    )


class Tallies:
    """Frames cut by county and prefecture once, instead of a filter for each page."""

    def __init__(self, frames: Frames) -> None:
        self.all_projects = frames.projects
        self.all_enterprises = frames.enterprises
        self._cut = {
            (kind, level): dict(iter(frame.groupby(level, sort=False)))
            for kind, frame in (("projects", frames.projects), ("enterprises", frames.enterprises))
            for level in ("county", "prefecture")
        }
        self._types: dict[tuple[str, str], dict[str, TypeState]] = defaultdict(dict)
        for level in ("county", "prefecture"):
            states = count_types(frames.projects, frames.cases, level)
            for (code, kind), state in states.items():
                self._types[(level, code)][kind] = state

    def of(self, kind: str, level: str, code: str) -> pd.DataFrame:
        """The rows of `kind` in the division; no row where it has none."""
        whole = self.all_projects if kind == "projects" else self.all_enterprises
        found = self._cut[(kind, level)].get(code)
        return whole.iloc[:0] if found is None else found

    def types_of(self, level: str, code: str) -> Mapping[str, TypeState]:
        """How each type of violation stands in the division."""
        return self._types.get((level, code), {})


def division_row(tallies: Tallies, level: str, code: str, name: str, floor: int) -> DistrictRow:
    """The comparison row of the division `code`, which leads to its page."""
    return district_row(
        name,
        routes.district_route(code),
        tallies.of("enterprises", level, code),
        tallies.of("projects", level, code),
        floor,
    )
