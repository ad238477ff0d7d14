"""The report as SARIF 2.1.0, which code hosts and editors show at the lines themselves.

Source: OASIS SARIF 2.1.0 (2020-03-27) §3.13 (log), §3.14 (run), §3.27 (result), §3.30 (region).
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

from generator import __version__
from generator.data.issue import Issue, Severity
from generator.data.reports.context import (
    Records,
    ReportContext,
    find_record_key,
    locate_issue,
    read_issue_records,
)
from generator.data.reports.kinds import IssueKind, find_kind

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Final[Mapping[Severity, str]] = MappingProxyType(
    {"error": "error", "warning": "warning", "notice": "note"}
)


def format_sarif(context: ReportContext) -> str:
    """The log with one run: every kind that occurs as a rule, every issue as a result."""
    records = read_issue_records(context, context.issues)
    kinds = list(dict.fromkeys(find_kind(issue) for issue in context.issues))
    numbers = {kind: number for number, kind in enumerate(kinds)}
    prints = make_fingerprints(context, records)
    log = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "huanjing",
                        "semanticVersion": __version__,
                        "language": "zh-CN" if context.words.language == "zh" else "en",
                        "rules": [_describe_rule(context, kind) for kind in kinds],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [
                    {
                        "ruleId": issue.code,
                        "ruleIndex": numbers[find_kind(issue)],
                        "level": _LEVELS[issue.severity],
                        "message": {"text": context.words.sentence(issue)},
                        "locations": [_describe_location(context, issue, records)],
                        "partialFingerprints": {"huanjingRecord/v1": fingerprint},
                    }
                    for issue, fingerprint in zip(context.issues, prints, strict=True)
                ],
            }
        ],
    }
    return json.dumps(log, ensure_ascii=False, indent=1)


def _describe_rule(context: ReportContext, kind: IssueKind) -> dict[str, object]:
    chinese = context.words.language == "zh"
    rule: dict[str, object] = {
        "id": kind.code,
        "shortDescription": {"text": kind.title if chinese else kind.title_en},
        "fullDescription": {"text": kind.plain if chinese else f"{kind.expected_en}."},
        "defaultConfiguration": {"level": _LEVELS[kind.severity]},
    }
    if kind.source:
        # The name of a law or standard is Chinese in either language.
        rule["properties"] = {"source": kind.source if chinese else f"“{kind.source}”"}
    return rule


def _describe_location(context: ReportContext, issue: Issue, records: Records) -> dict[str, object]:
    place: dict[str, object] = {"artifactLocation": {"uri": quote(context.path(issue))}}
    region = locate_issue(issue, records)
    if region is not None:
        place["region"] = {
            "startLine": region.line,
            "startColumn": region.column,
            "endLine": region.end_line,
            "endColumn": region.end_column,
        }
    return {
        "physicalLocation": place,
        "logicalLocations": [{"fullyQualifiedName": context.words.place(issue)}],
    }


def make_fingerprints(context: ReportContext, records: Records) -> tuple[str, ...]:
    """For each issue a mark that stays the same while other rows come and go.

    Made of the kind, the file, the field and the record's key, and of the count of such issues
    before it, so that no two are alike.
    """
    seen: Counter[str] = Counter()
    prints = []
    for issue in context.issues:
        key = find_record_key(context, issue, records)
        parts = (issue.code, issue.title, issue.file, issue.field, key)
        name = "\x1e".join(parts)
        seen[name] += 1
        prints.append(hashlib.sha256(f"{name}\x1e{seen[name]}".encode()).hexdigest())
    return tuple(prints)
