"""The report as annotations of the two common code hosts.

Source: GitHub Actions, workflow commands; GitLab, code quality report format.
"""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from generator.data.issue import Severity
from generator.data.issue_groups import IssueGroup, group_issues, name_rows
from generator.data.reports.context import (
    Records,
    ReportContext,
    locate_issue,
    read_issue_records,
)
from generator.data.reports.sarif import make_fingerprints

_COMMANDS: Final[Mapping[Severity, str]] = MappingProxyType(
    {"error": "error", "warning": "warning", "notice": "notice"}
)
_GITLAB_SEVERITIES: Final[Mapping[Severity, str]] = MappingProxyType(
    {"error": "major", "warning": "minor", "notice": "info"}
)
_ROWS_NAMED: Final = 12
"""Further rows named in an annotation; GitHub shows few annotations, so a group is one."""


def format_github(context: ReportContext) -> str:
    """Workflow commands, one for each group at its first place, naming the next rows."""
    groups = group_issues(context.issues)
    records = read_issue_records(context, (group.first for group in groups))
    return "".join(f"{_annotate(context, group, records)}\n" for group in groups)


def _annotate(context: ReportContext, group: IssueGroup, records: Records) -> str:
    issue = group.first
    properties = {"file": context.path(issue)}
    region = locate_issue(issue, records)
    if region is not None:
        properties |= {"line": str(region.line), "endLine": str(region.end_line)}
        if region.line == region.end_line and region.column < region.end_column:
            properties |= {"col": str(region.column), "endColumn": str(region.end_column)}
    properties["title"] = f"{issue.code} {context.words.title(issue)}"
    listed = ",".join(f"{name}={escape_property(value)}" for name, value in properties.items())
    text = f"{context.words.place(issue)}: {context.words.sentence(issue)}{_count(context, group)}"
    return f"::{_COMMANDS[issue.severity]} {listed}::{escape_message(text)}"


def _count(context: ReportContext, group: IssueGroup) -> str:
    if group.count == 1:
        return ""
    chinese = context.words.language == "zh"
    others = (issue.row for issue in group.issues[1:])
    rows, left = name_rows(others, _ROWS_NAMED, "、" if chinese else ", ")
    if chinese:
        return f"\n共 {group.count} 处；另见第 {rows} 行{' 等' if left else ''}。"
    more = " and more" if left else ""
    return f"\n{group.count} places in all; see also rows {rows}{more}."


def escape_message(text: str) -> str:
    """A workflow command's message; a line break would end the command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """A workflow command's property, in which colon and comma are marks too."""
    return escape_message(text).replace(":", "%3A").replace(",", "%2C")


def format_gitlab(context: ReportContext) -> str:
    """A list of findings; fingerprints stay while other rows come and go."""
    records = read_issue_records(context, context.issues)
    findings = []
    prints = make_fingerprints(context, records)
    for issue, fingerprint in zip(context.issues, prints, strict=True):
        region = locate_issue(issue, records)
        findings.append(
            {
                "description": f"{context.words.place(issue)}: {context.words.sentence(issue)}",
                "check_name": issue.code,
                "fingerprint": fingerprint,
                "severity": _GITLAB_SEVERITIES[issue.severity],
                "location": {
                    "path": context.path(issue),
                    "lines": {"begin": region.line if region is not None else 1},
                },
            }
        )
    return json.dumps(findings, ensure_ascii=False, indent=1)
