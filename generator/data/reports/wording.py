"""An issue's words in the reader's language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Protocol

from generator.data.catalog import Catalog, Field
from generator.data.issue import Issue, Severity
from generator.data.messages import SEVERITY_WORDS, format_place
from generator.data.report_choices import Language
from generator.data.reports.english import describe_expected
from generator.data.reports.found import translate_found
from generator.data.reports.kinds import find_kind

_SEVERITIES_EN: Final[Mapping[Severity, str]] = MappingProxyType(
    {"error": "Error", "warning": "Warning", "notice": "Notice"}
)


class Words(Protocol):
    """How a report speaks."""

    @property
    def language(self) -> Language:
        """The language of all its words."""

    def severity(self, severity: Severity) -> str:
        """The severity's name."""

    def place(self, issue: Issue) -> str:
        """File, row, column and field."""

    def title(self, issue: Issue) -> str:
        """What is wrong."""

    def found(self, issue: Issue) -> str:
        """What stands there; empty where it cannot be told in this language."""

    def expected(self, issue: Issue) -> str:
        """What should stand there."""

    def cure(self, issue: Issue) -> str:
        """What to do."""

    def sentence(self, issue: Issue) -> str:
        """Title, found, expected and cure as running text, without the place."""

    def field(self, issue: Issue) -> str:
        """The field's name for people."""


@dataclass(frozen=True, slots=True)
class ChineseWords:
    """The words that an issue carries itself."""

    language: Language = "zh"

    def severity(self, severity: Severity) -> str:
        """The severity's name."""
        return SEVERITY_WORDS[severity]

    def place(self, issue: Issue) -> str:
        """File, row, column and field."""
        return format_place(issue)

    def title(self, issue: Issue) -> str:
        """What is wrong."""
        return issue.title

    def found(self, issue: Issue) -> str:
        """What stands there."""
        return issue.found.strip(" ：")

    def expected(self, issue: Issue) -> str:
        """What should stand there."""
        return issue.expected

    def cure(self, issue: Issue) -> str:
        """What to do."""
        return issue.cure

    def sentence(self, issue: Issue) -> str:
        """Title, found, expected and cure as running text."""
        return f"{issue.title}。现为{issue.found}；应为：{issue.expected}。{issue.cure}"

    def field(self, issue: Issue) -> str:
        """The field's title."""
        return issue.field_title


class EnglishWords:
    """The words of the register, with what the field's schema says in place of a general one."""

    language: Language = "en"

    def __init__(self, catalog: Catalog) -> None:
        self._fields: dict[tuple[str, str], Field] = {
            (table.relative_path, field.name): field
            for table in catalog.tables
            for field in table.fields
        }

    def severity(self, severity: Severity) -> str:
        """The severity's name."""
        return _SEVERITIES_EN[severity]

    def place(self, issue: Issue) -> str:
        """File, row, column and field."""
        parts = [issue.file]
        if issue.row is not None:
            parts.append(f"row {issue.row}")
        if issue.column:
            parts.append(f"column {issue.column} ({issue.field})")
        return ", ".join(parts)

    def title(self, issue: Issue) -> str:
        """What is wrong."""
        return find_kind(issue).title_en

    def found(self, issue: Issue) -> str:
        """What stands there; empty where the Chinese sentence has no English form."""
        return translate_found(issue.found)

    def expected(self, issue: Issue) -> str:
        """What should stand there, from the field's schema where that says more."""
        field = self._fields.get((issue.file, issue.field))
        special = describe_expected(issue.code, field) if field is not None else ""
        return special or find_kind(issue).expected_en

    def cure(self, issue: Issue) -> str:
        """What to do."""
        return find_kind(issue).cure_en

    def sentence(self, issue: Issue) -> str:
        """Title, found, expected and cure as running text."""
        found = self.found(issue)
        told = f" Found: {found}." if found else ""
        return f"{self.title(issue)}.{told} Expected: {self.expected(issue)}. {self.cure(issue)}"

    def field(self, issue: Issue) -> str:
        """The field's name."""
        return issue.field


_MAKERS: Final[Mapping[Language, Callable[[Catalog], Words]]] = MappingProxyType(
    {"zh": lambda _: ChineseWords(), "en": EnglishWords}
)


def choose_words(language: Language, catalog: Catalog) -> Words:
    """The words of a language."""
    return _MAKERS[language](catalog)
