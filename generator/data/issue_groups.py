"""Equal faults read as one: a thousand of a kind at one field are one entry with examples."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from generator.data.issue import Issue, Severity

SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "notice")
EXAMPLES: Final = 3
"""Places shown of a group: enough to see the pattern."""


@dataclass(frozen=True, slots=True)
class IssueGroup:
    """Issues of one kind at one field of one file, in the order of their rows."""

    issues: tuple[Issue, ...]

    @property
    def first(self) -> Issue:
        """The issue that tells what all have in common."""
        return self.issues[0]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.issues)

    @property
    def examples(self) -> tuple[Issue, ...]:
        """The first few."""
        return self.issues[:EXAMPLES]


def group_issues(issues: Sequence[Issue]) -> tuple[IssueGroup, ...]:
    """Errors first, then warnings and notices, each in the order of first sight."""
    groups: dict[tuple[str, ...], list[Issue]] = {}
    for issue in issues:
        # A fault of a whole file is told by what was found; one of cells by its field.
        telling = issue.found if issue.row is None else ""
        key = (issue.severity, issue.code, issue.title, issue.file, issue.field, telling)
        groups.setdefault(key, []).append(issue)
    ranked = sorted(groups.values(), key=lambda group: SEVERITIES.index(group[0].severity))
    return tuple(IssueGroup(tuple(group)) for group in ranked)


def count_severities(issues: Sequence[Issue]) -> dict[Severity, int]:
    """How many issues there are of each severity, the three always in the same order."""
    return {
        severity: sum(issue.severity == severity for issue in issues) for severity in SEVERITIES
    }


def name_rows(rows: Iterable[int | None], limit: int, comma: str) -> tuple[str, int]:
    """At most `limit` runs of rows, such as 5、14–1500, and how many rows are left out."""
    runs: list[tuple[int, int]] = []
    for row in sorted({row for row in rows if row is not None}):
        if runs and row == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], row)
        else:
            runs.append((row, row))
    named = comma.join(
        f"{first}–{last}" if first < last else f"{first}" for first, last in runs[:limit]
    )
    return named, sum(last - first + 1 for first, last in runs[limit:])
