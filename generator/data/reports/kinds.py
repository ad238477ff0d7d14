"""The register of issue kinds: what each means, in Chinese and in English.

Source: kinds.toml beside this module; its key is the permanent code with the Chinese title.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from generator.data.issue import Issue, Severity
from generator.data.rules import RULES

_FILE: Final = Path(__file__).parent / "kinds.toml"


@dataclass(frozen=True, slots=True)
class IssueKind:
    """One kind of issue.

    `plain` tells a citizen in Chinese what it means. `source` is the law or standard of a rule,
    empty for the form of the data, which the schemas demand.
    """

    code: str
    title: str
    title_en: str
    expected_en: str
    cure_en: str
    plain: str
    severity: Severity
    source: str


@cache
def read_kinds() -> Mapping[tuple[str, str], IssueKind]:
    """Every kind by code and Chinese title, in the register's order."""
    entries = tomllib.loads(_FILE.read_text(encoding="utf-8"))["kind"]
    rules = {(rule.code, rule.title): rule for rule in RULES}
    kinds: dict[tuple[str, str], IssueKind] = {}
    for entry in entries:
        key = (entry["code"], entry["title"])
        rule = rules.get(key)
        kinds[key] = IssueKind(
            code=entry["code"],
            title=entry["title"],
            title_en=entry["title_en"],
            expected_en=entry["expected_en"],
            cure_en=entry["cure_en"],
            plain=entry["plain"],
            severity=rule.severity if rule else entry.get("severity", "error"),
            source=rule.source if rule else "",
        )
    return MappingProxyType(kinds)


def find_kind(issue: Issue) -> IssueKind:
    """The kind of an issue; one that the register lacks is described by its code alone.

    A test holds every kind that the check can find to be in the register.
    """
    known = read_kinds().get((issue.code, issue.title))
    if known is not None:
        return known
    return IssueKind(
        code=issue.code,
        title=issue.title,
        title_en=f"Rule {issue.code} is broken",
        expected_en=f"Data that keeps rule {issue.code}",
        cure_en="See the data dictionary.",
        plain=f"{issue.title}。",
        severity=issue.severity,
        source="",
    )
