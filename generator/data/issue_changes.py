"""Which known issues of a dataset appear or go, told by record and not by row number.

A row that is put in moves every row below it: an issue is the same one when its kind, its table,
its record's key and its field are the same.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from generator.data.check import CheckReport
from generator.data.issue import Issue, Severity
from generator.data.load import Dataset


@dataclass(frozen=True, slots=True)
class IssuePlace:
    """The record and field that an issue is at."""

    table: str
    table_title: str
    key: str
    field_title: str
    found: str


@dataclass(frozen=True, slots=True)
class IssueChange:
    """One kind of issue: where it appeared and where it went away."""

    code: str
    severity: Severity
    title: str
    old_count: int
    new_count: int
    appeared: tuple[IssuePlace, ...]
    gone: tuple[IssuePlace, ...]


_Kind = tuple[str, Severity, str]


def compare_issues(
    old: tuple[CheckReport, Dataset], new: tuple[CheckReport, Dataset]
) -> tuple[IssueChange, ...]:
    """The kinds of issue that appear or go somewhere, by code and title."""
    before, after = (_place_issues(*side) for side in (old, new))
    changes: list[IssueChange] = []
    for kind in sorted(before.keys() | after.keys()):
        was, now = before.get(kind, []), after.get(kind, [])
        appeared, gone = tuple(_subtract(now, was)), tuple(_subtract(was, now))
        if appeared or gone:
            code, severity, title = kind
            changes.append(IssueChange(code, severity, title, len(was), len(now), appeared, gone))
    return tuple(changes)


def _place_issues(report: CheckReport, dataset: Dataset) -> dict[_Kind, list[IssuePlace]]:
    tables = {table.relative_path: table for table in dataset.catalog.tables}
    kinds: dict[_Kind, list[IssuePlace]] = {}
    for issue in report.issues:
        table = tables.get(issue.file)
        place = IssuePlace(
            table=table.name if table else issue.file,
            table_title=table.title if table else issue.file,
            key=_find_key(issue, dataset, table.name if table else ""),
            field_title=issue.field_title,
            found=issue.found,
        )
        kinds.setdefault((issue.code, issue.severity, issue.title), []).append(place)
    return kinds


def _find_key(issue: Issue, dataset: Dataset, name: str) -> str:
    """The key of the issue's row; a row of the readings, which are not loaded, by its number."""
    if issue.row is None:
        return ""
    loaded = dataset.tables.get(name)
    if loaded is None or not loaded.table.primary_key:
        return f"第 {issue.row} 行"
    index = issue.row - 2
    return "|".join(str(loaded.text.item(index, part)) for part in loaded.table.primary_key)


def _subtract(places: Sequence[IssuePlace], others: Sequence[IssuePlace]) -> Iterator[IssuePlace]:
    """The places that `others` does not have, each as often as it is missing there."""
    left = Counter(map(_identify, others))
    for place in sorted(places, key=lambda item: (item.table, item.key, item.field_title)):
        if left[_identify(place)]:
            left[_identify(place)] -= 1
        else:
            yield place


def _identify(place: IssuePlace) -> tuple[str, str, str]:
    return place.table, place.key, place.field_title
