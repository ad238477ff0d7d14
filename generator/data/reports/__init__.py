"""A check's report in every form: for people (text, HTML) and for machines (JSON, SARIF, CI).

All forms say the same: places, what was found, what is expected, the cure, in Chinese or English.
Numbers of persons are masked in every one of them.
"""

from generator.data.issue_groups import IssueGroup, group_issues
from generator.data.reports.forms import render_report
from generator.data.reports.kinds import IssueKind, find_kind, read_kinds
from generator.data.reports.rulebook import format_rulebook

__all__ = [
    "IssueGroup",
    "IssueKind",
    "find_kind",
    "format_rulebook",
    "group_issues",
    "read_kinds",
    "render_report",
]
