"""Supervision results: how the violations that a body answers for stand, area by area.

The ledger gives projects by violation type, of which those not closed are open and those past
their deadline overdue as of the data date; the exposure gives the cases that stand.

Source: frames of `domain.statistics`; duties in force by `domain.duty`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class TypeState:
    """A violation type in an area, or several types or areas added up."""

    total: int = 0
    """Ledger projects."""
    open: int = 0
    overdue: int = 0
    exposed: int = 0
    """Exposed cases that are not withdrawn."""

    def __add__(self, other: TypeState) -> TypeState:
        return TypeState(
            self.total + other.total,
            self.open + other.open,
            self.overdue + other.overdue,
            self.exposed + other.exposed,
        )


def count_types(
    projects: pd.DataFrame, cases: pd.DataFrame, area: str
) -> Mapping[tuple[str, str], TypeState]:
    """The state of every violation type in every area that has any.

    Args:
        projects: Ledger projects, of the province or of a part of it.
        cases: Exposed cases, of the same.
        area: Column of both that names the area, `prefecture` or `county`.

    Returns:
        States by area code and violation type.

    """
    keys = [area, "violation_type"]
    ledger = projects.assign(open=~projects["closed"]).groupby(keys, sort=True)
    counts = ledger.agg(total=("closed", "size"), open=("open", "sum"), overdue=("overdue", "sum"))
    states = {
        (str(code), str(kind)): TypeState(int(total), int(left), int(late))
        for code, kind, total, left, late in counts.reset_index().itertuples(index=False)
    }
    standing = cases[~cases["withdrawn"].astype(bool)]
    exposed = standing.groupby(keys, sort=True).size().reset_index(name="exposed")
    for code, kind, number in exposed.itertuples(index=False):
        key = str(code), str(kind)
        states[key] = states.get(key, TypeState()) + TypeState(exposed=int(number))
    return states
