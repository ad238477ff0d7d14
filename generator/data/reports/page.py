"""The report as one HTML page that a clerk can read, print and pass on.

It stands alone: its style is inside, it runs no script and loads nothing. Each group of equal
faults shows an extract of its table with row numbers and column letters, the wrong cell marked.
Cells reach the page through Jinja's autoescape only, with the numbers of persons masked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from generator.data.catalog import Table
from generator.data.issue import Issue, Severity, column_letter
from generator.data.issue_groups import IssueGroup, count_severities, group_issues, name_rows
from generator.data.personal import mask_personal
from generator.data.reports.context import (
    Records,
    ReportContext,
    letter_position,
    read_issue_records,
)

_GROUPS_SHOWN: Final = 300
"""A page of thousands is not read; the JSON report has all."""
_ROWS_NAMED: Final = 60
_COLUMNS_AROUND: Final = 2
_CELL_CHARS: Final = 60

_LABELS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "zh": {
            "lang": "zh-CN", "title": "数据检查报告", "passed": "检查通过，没有发现问题。",
            "places": "处", "found": "现为", "expected": "应为", "cure": "怎么办",
            "row": "行", "rows": "涉及的行", "more": "另有 {} 行", "summary": "合计",
            "extract": "表格摘录，出错的单元格有底色和“✕”", "place": "位置",
            "cut": "另有 {} 类问题未列出，先改以上各条，再检查一次。",
        },
        "en": {
            "lang": "en", "title": "Data check report", "passed": "The check found no issues.",
            "places": "places", "found": "Found", "expected": "Expected",
            "cure": "What to do", "row": "Row", "rows": "Rows", "more": "{} more rows",
            "summary": "In all", "place": "Place",
            "extract": "Extract of the table; the wrong cell is shaded and has a ✕",
            "cut": "{} more kinds are not listed; mend these and check again.",
        },
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ExtractCell:
    """A cell of an extract; `bad` marks the one that the issue is about."""

    text: str
    bad: bool


@dataclass(frozen=True, slots=True)
class ExtractRow:
    """A row of an extract with its number in the table."""

    row: int
    cells: tuple[ExtractCell, ...]


@dataclass(frozen=True, slots=True)
class Extract:
    """A few rows and columns of a table: (letter, name) of each column, then the rows."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[ExtractRow, ...]


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group of equal faults as the page shows it."""

    severity: Severity
    severity_word: str
    code: str
    title: str
    place: str
    count: int
    expected: str
    """What all of them should hold; empty where it differs."""
    examples: tuple[tuple[str, str, str], ...]
    """Place, found and expected of the first few; none where the extract says it all."""
    cure: str
    rows: str
    more: int
    extract: Extract | None


def format_html(context: ReportContext) -> str:
    """The page's HTML."""
    groups = group_issues(context.issues)
    shown = groups[:_GROUPS_SHOWN]
    records = read_issue_records(context, (i for group in shown for i in group.examples))
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    counts = count_severities(context.issues)
    return environment.get_template("report.html.jinja").render(
        labels=_LABELS[context.words.language],
        dataset=context.catalog.title,
        totals=[
            (severity, context.words.severity(severity), count)
            for severity, count in counts.items()
            if count
        ],
        groups=[_view_group(context, group, records) for group in shown],
        cut=len(groups) - len(shown),
    )


def _view_group(context: ReportContext, group: IssueGroup, records: Records) -> GroupView:
    words, first = context.words, group.first
    comma = "、" if words.language == "zh" else ", "
    rows, more = name_rows((issue.row for issue in group.issues), _ROWS_NAMED, comma)
    field = f" · {first.column} {words.field(first)}" if first.field else ""
    expected = {words.expected(issue) for issue in group.issues}
    extract = _cut_extract(context, group, records)
    told = len(expected) == 1 and extract is not None and _shows_what_was_found(group)
    return GroupView(
        severity=first.severity,
        severity_word=words.severity(first.severity),
        code=first.code,
        title=words.title(first),
        place=f"{first.file}{field}",
        count=group.count,
        expected=words.expected(first) if len(expected) == 1 else "",
        examples=()
        if told
        else tuple(
            (words.place(issue), words.found(issue), words.expected(issue))
            for issue in group.examples
        ),
        cure=words.cure(first),
        rows=rows,
        more=more,
        extract=extract,
    )


def _shows_what_was_found(group: IssueGroup) -> bool:
    """Whether the issues found nothing but what their cells show."""
    return all(
        issue.column and (issue.found == "空" or (issue.found[:1] + issue.found[-1:] == "“”"))
        for issue in group.examples
    )


def _cut_extract(context: ReportContext, group: IssueGroup, records: Records) -> Extract | None:
    table = context.find_table(group.first)
    if table is None:
        return None
    positions = _choose_columns(table, group.first)
    rows = []
    for issue in group.examples:
        record = records.get((issue.file, issue.row or 0))
        if record is None:
            continue
        bad = letter_position(issue.column) if issue.column else None
        cells = (
            ExtractCell(
                _show(record.cells[position]) if position < len(record.cells) else "",
                bad=position == bad or bad is None,
            )
            for position in positions
        )
        rows.append(ExtractRow(record.row, tuple(cells)))
    if not rows:
        return None
    chinese = context.words.language == "zh"
    columns = (
        (
            column_letter(position + 1),
            table.fields[position].title if chinese else table.fields[position].name,
        )
        for position in positions
    )
    return Extract(tuple(columns), tuple(rows))


def _choose_columns(table: Table, issue: Issue) -> list[int]:
    """The primary key, by which a clerk knows the row, and the wrong cell with its neighbours."""
    chosen = {table.field_names.index(name) for name in table.primary_key}
    if issue.column:
        bad = letter_position(issue.column)
        around = range(bad - _COLUMNS_AROUND, bad + _COLUMNS_AROUND + 1)
        chosen.update(position for position in around if 0 <= position < len(table.fields))
    else:
        chosen.update(range(min(len(table.fields), 2 * _COLUMNS_AROUND + 2)))
    return sorted(chosen)


def _show(cell: str) -> str:
    masked = mask_personal(cell)
    spelled = "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in masked)
    return spelled if len(spelled) <= _CELL_CHARS else f"{spelled[:_CELL_CHARS]}…"
