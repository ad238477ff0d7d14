"""The report as text for a terminal."""

from collections.abc import Iterator
from typing import Final

from generator.data.issue_groups import (
    EXAMPLES,
    IssueGroup,
    count_severities,
    group_issues,
    name_rows,
)
from generator.data.messages import format_report
from generator.data.reports.context import ReportContext

GROUPS_LISTED: Final = 200
"""Groups of equal faults that are printed before the rest is only counted."""
_ROWS_NAMED: Final = 12


def format_text(context: ReportContext) -> str:
    """The report's lines; the Chinese ones are those of `messages.format_report`."""
    if context.words.language == "zh":
        return format_report(context, limit=GROUPS_LISTED)
    groups = group_issues(context.issues)
    lines = [line for group in groups[:GROUPS_LISTED] for line in _list_group(context, group)]
    if len(groups) > GROUPS_LISTED:
        lines.append(f"… and {len(groups) - GROUPS_LISTED} more kinds; mend these and check again.")
    return "\n".join([*lines, _sum_up(context)])


def _list_group(context: ReportContext, group: IssueGroup) -> Iterator[str]:
    words = context.words
    if group.count <= EXAMPLES:
        for issue in group.issues:
            severity = words.severity(issue.severity)
            yield f"{severity}: {words.place(issue)}: {words.sentence(issue)} [{issue.code}]"
        return
    first = group.first
    field = f", column {first.column} ({first.field})" if first.field else ""
    yield (
        f"{words.severity(first.severity)}: {first.file}{field}: {words.title(first)}, "
        f"{group.count} places. Expected: {words.expected(first)}. {words.cure(first)} "
        f"[{first.code}]"
    )
    for issue in group.examples:
        found = words.found(issue)
        yield f"    row {issue.row}" + (f": found {found}" if found else "")
    rest = group.issues[EXAMPLES:]
    rows, more = name_rows((issue.row for issue in rest), _ROWS_NAMED, ", ")
    yield f"    {len(rest)} more: rows {rows}{' and more' if more else ''}"


def _sum_up(context: ReportContext) -> str:
    counts = count_severities(context.issues)
    if not context.issues:
        return "The check found no issues."
    told = (f"{count} {severity}s" for severity, count in counts.items() if count)
    return "In all: " + ", ".join(told)
