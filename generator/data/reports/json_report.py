"""The report as JSON: groups of equal faults, and every issue in one list."""

import json
from typing import Final

from generator.data.issue import Issue
from generator.data.issue_groups import count_severities, group_issues
from generator.data.reports.context import ReportContext

VERSION: Final = 1


def format_json(context: ReportContext) -> str:
    """The report; `issues` keep file and row order, `groups` point at them by number."""
    numbers = {id(issue): number for number, issue in enumerate(context.issues)}
    counts = count_severities(context.issues)
    report = {
        "report": VERSION,
        "language": context.words.language,
        "valid": counts["error"] == 0,
        "counts": counts,
        "rows": dict(sorted(context.rows.items())),
        "groups": [
            {
                "code": group.first.code,
                "severity": group.first.severity,
                "title": context.words.title(group.first),
                "file": group.first.file,
                "field": group.first.field,
                "count": group.count,
                "issues": [numbers[id(issue)] for issue in group.issues],
            }
            for group in group_issues(context.issues)
        ],
        "issues": [_describe(context, issue) for issue in context.issues],
    }
    return json.dumps(report, ensure_ascii=False, indent=1)


def _describe(context: ReportContext, issue: Issue) -> dict[str, object]:
    words = context.words
    return {
        "code": issue.code,
        "severity": issue.severity,
        "file": issue.file,
        "row": issue.row,
        "column": issue.column,
        "field": issue.field,
        "field_title": words.field(issue),
        "title": words.title(issue),
        "found": words.found(issue),
        "expected": words.expected(issue),
        "cure": words.cure(issue),
    }
