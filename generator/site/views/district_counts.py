"""Projects of a place counted by what they are and how far they have come."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.domain.project import STAGES
from generator.site.views.text import format_count

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class CountTable:
    """A count of projects by two words: rows by columns, with totals."""

    caption: str
    row_title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def count_tables(projects: pd.DataFrame) -> tuple[CountTable, ...]:
    """Projects by type, batch and sector, each by stage; nothing where there is no project."""
    if projects.empty:
        return ()
    return tuple(
        _cross_count(projects, column, title)
        for column, title in (
            ("violation_type", "违法类型"),
            ("batch", "处置类别"),
            ("sector", "行业领域"),
        )
    )


def _cross_count(projects: pd.DataFrame, column: str, title: str) -> CountTable:
    """Projects by the words of `column` and stage; the word with most projects comes first."""
    counts = Counter(zip(projects[column], projects["stage"], strict=True))
    overdue = Counter(projects.loc[projects["overdue"], column])
    by_word = {str(word): [counts[word, stage] for stage in STAGES] for word, _ in counts}
    rows = [
        (word, [*by_word[word], sum(by_word[word]), overdue[word]])
        for word in sorted(by_word, key=lambda word: (-sum(by_word[word]), word))
    ]
    rows.append(("合计", [sum(numbers) for numbers in zip(*(row for _, row in rows), strict=True)]))
    return CountTable(
        f"按{title}和阶段",
        title,
        (*STAGES, "合计", "其中逾期"),
        tuple((word, tuple(format_count(number) for number in row)) for word, row in rows),
    )
