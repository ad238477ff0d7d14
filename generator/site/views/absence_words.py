"""What the words for missing values mean, said below the table or list where they stand.

A word in a cell carries its meaning as a title, which a mouse and a screen reader find. A finger
and a key do not: for them the same words stand in a fold, once for each table that needs it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

from generator.domain.absence import Absence
from generator.site.row_markup import ABSENCE_MARKS, Rows


@dataclass(frozen=True, slots=True)
class AbsenceWords:
    """A question about some words, and the answer for each."""

    question: str
    meanings: tuple[tuple[str, str], ...]


def explain_cells(cells: Iterable[object]) -> AbsenceWords | None:
    """The words for absence among `cells`; None where there are none."""
    return _explain(frozenset(cell for cell in cells if isinstance(cell, Absence)))


def explain_rows(rows: Rows) -> AbsenceWords | None:
    """The same for finished rows of a table."""
    return _explain(frozenset(absence for absence, mark in ABSENCE_MARKS.items() if mark in rows))


@lru_cache(maxsize=16)
def _explain(found: Collection[Absence]) -> AbsenceWords | None:
    if not found:
        return None
    absences = [absence for absence in Absence if absence in found]
    words = "".join(f"“{absence.value}”" for absence in absences)
    return AbsenceWords(
        f"{words}是什么意思",
        tuple((absence.value, absence.meaning) for absence in absences),
    )
