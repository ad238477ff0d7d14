"""One report, six forms."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol

from generator.data.catalog import Catalog
from generator.data.issue import Issue
from generator.data.report_choices import Form, Language
from generator.data.reports.annotations import format_github, format_gitlab
from generator.data.reports.context import ReportContext
from generator.data.reports.json_report import format_json
from generator.data.reports.page import format_html
from generator.data.reports.sarif import format_sarif
from generator.data.reports.text import format_text
from generator.data.reports.wording import choose_words

_FORMATTERS: Final[Mapping[Form, Callable[[ReportContext], str]]] = MappingProxyType(
    {
        "text": format_text,
        "json": format_json,
        "sarif": format_sarif,
        "github": format_github,
        "gitlab": format_gitlab,
        "html": format_html,
    }
)


class _Report(Protocol):
    @property
    def issues(self) -> tuple[Issue, ...]: ...

    @property
    def rows(self) -> Mapping[str, int]: ...


def render_report(
    report: _Report,
    catalog: Catalog,
    form: Form,
    language: Language = "zh",
    base: Path | None = None,
) -> str:
    """The report's text in one form, ending with a line break.

    Args:
        report: The issues, and each table's number of rows.
        catalog: The dataset that was checked; its files are read again for lines and extracts.
        form: One of FORMATS.
        language: One of LANGUAGES.
        base: The folder that paths for machines start from, the repository's root for CI. Paths
            start from the dataset's folder where that is not inside, so that no report names a
            place on the machine.

    """
    context = ReportContext(
        issues=report.issues,
        rows=report.rows,
        catalog=catalog,
        words=choose_words(language, catalog),
        prefix=_find_prefix(catalog.root, base),
    )
    text = _FORMATTERS[form](context)
    return text if text.endswith("\n") or not text else f"{text}\n"


def _find_prefix(root: Path, base: Path | None) -> str:
    """The way from `base` down to the dataset, with a slash behind it; empty if there is none."""
    if base is None:
        return ""
    try:
        inner = root.resolve().relative_to(base.resolve()).as_posix()
    except ValueError:
        return ""
    return "" if inner == "." else f"{inner}/"
