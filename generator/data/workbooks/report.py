"""What an import of a workbook found and did, in words for a clerk."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from generator.data.issue import Issue, column_letter
from generator.data.messages import SEVERITY_WORDS, format_issue
from generator.data.workbooks.csv_file import Row
from generator.data.workbooks.entries import CellFault

_KEYS_SHOWN = 10
_CELLS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class SheetIssue:
    """A fault or a remark at a place of the workbook.

    `row` and `column` count from 1 and 0; None where the whole sheet or row is meant. `sheet` is
    empty where the place is in the dataset, outside the workbook.
    """

    sheet: str
    row: int | None
    column: int | None
    issue: Issue

    @property
    def place(self) -> str:
        """Such as 企业基本信息!C17; the dataset's file and row outside the workbook."""
        if not self.sheet:
            return self.issue.file + (f" 第 {self.issue.row} 行" if self.issue.row else "")
        if self.row is None:
            return self.sheet
        if self.column is None:
            return f"{self.sheet} 第 {self.row} 行"
        return f"{self.sheet}!{column_letter(self.column + 1)}{self.row}"


@dataclass(frozen=True, slots=True)
class TableChange:
    """What became of a table: rows updated, added, removed, and those told of only."""

    title: str
    rows: int
    updated: int
    added: int
    removed: int
    kept: Sequence[Row]
    gone: Sequence[Row]

    @property
    def changes(self) -> bool:
        """Whether the table's file changes."""
        return bool(self.updated or self.added or self.removed)


def make_issue(table_file: str, title: str, fault: CellFault) -> Issue:
    """A cell's fault as an issue; its place is the workbook's, not a file's."""
    return Issue(
        code=fault.code,
        severity="error",
        file=table_file,
        row=None,
        column="",
        field="",
        field_title=title,
        found=fault.found,
        expected=fault.expected,
        cure=fault.cure,
        title=fault.title,
    )


def format_sheet_issue(item: SheetIssue) -> str:
    """One line: place, field, kind, what was found, what is expected, the cure, the code."""
    if not item.sheet:
        return format_issue(item.issue)
    issue = item.issue
    field = f"「{issue.field_title}」" if issue.field_title else ""
    return (
        f"{SEVERITY_WORDS[issue.severity]} {item.place}{field}：{issue.title}。"
        f"现为{issue.found}；应为：{issue.expected}。{issue.cure}［{issue.code}］"
    )


def list_fault_line(item: SheetIssue) -> tuple[str, ...]:
    """The issue as a line of the marked copy's list."""
    issue = item.issue
    return (
        item.place,
        issue.field_title,
        issue.title,
        issue.found,
        issue.expected,
        issue.cure,
        issue.code,
    )


def format_changes(changes: Sequence[TableChange]) -> Iterator[str]:
    """A line for each table that changes or has rows to tell of."""
    for change in changes:
        if change.changes:
            yield (
                f"{change.title}：更新 {change.updated} 行，新增 {change.added} 行，"
                f"删除 {change.removed} 行。"
            )
        if change.kept:
            yield (
                f"{change.title}：有 {len(change.kept)} 行在工作簿里被删掉，数据集里没有删除："
                f"{_show_keys(change.kept)}。确实要删的，请加 --remove 再导入一次。"
            )
        if change.gone:
            yield (
                f"{change.title}：有 {len(change.gone)} 行已从数据集删去，没有加回："
                f"{_show_keys(change.gone)}。"
            )


def _show_keys(keys: Sequence[Row]) -> str:
    shown = "、".join(" / ".join(key) for key in keys[:_KEYS_SHOWN])
    return f"{shown} 等" if len(keys) > _KEYS_SHOWN else shown


def format_notes(notes: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    """What was understood in another spelling: a line for each kind of each sheet.

    `notes` has sheet, cell and what was done.
    """
    ordered = sorted(notes, key=lambda note: (note[0], note[2]))
    for (sheet, words), group in groupby(ordered, key=lambda note: (note[0], note[2])):
        cells = [cell for _, cell, _ in group]
        more = f" 等 {len(cells)} 格" if len(cells) > _CELLS_SHOWN else ""
        yield f"说明 {sheet}：{words}：{'、'.join(cells[:_CELLS_SHOWN])}{more}。"
