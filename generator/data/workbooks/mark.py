"""The copy of a faulty workbook that goes back to the clerk, with every fault in its cell.

It is written anew from the text that was read, not by editing the file: nothing that came along
unseen goes back, and every text stays what it was. Rows stand where they stood.
"""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from generator.data.workbooks.districts import District
from generator.data.workbooks.filled import FilledSheet
from generator.data.workbooks.marker import Marker, digest_key
from generator.data.workbooks.report import SheetIssue, list_fault_line
from generator.data.workbooks.write import SheetContent, SheetLine, write_workbook

MARK_SUFFIX = "-有误"


def name_marked_copy(path: Path) -> Path:
    """Where the marked copy goes: beside the workbook; a marked copy is replaced by the next."""
    return path.with_name(f"{path.stem.removesuffix(MARK_SUFFIX)}{MARK_SUFFIX}.xlsx")


def write_marked_copy(
    district: District,
    marker: Marker,
    sheets: Sequence[FilledSheet],
    issues: Sequence[SheetIssue],
) -> bytes:
    """The workbook with its faults marked and listed on its first sheet."""
    marks: dict[tuple[str, int], dict[int, str]] = defaultdict(dict)
    for item in issues:
        if item.row is None or not item.sheet or item.issue.severity != "error":
            continue
        column = item.column or 0
        words = (
            f"{item.issue.title}。应为：{item.issue.expected}。{item.issue.cure}"
            f"［{item.issue.code}］"
        )
        told = marks[item.sheet, item.row]
        told[column] = f"{told[column]}\n{words}" if column in told else words
    contents = [_copy_sheet(sheet, marks) for sheet in sheets]
    faults = [list_fault_line(item) for item in issues]
    return write_workbook(district, contents, marker, faults)


def _copy_sheet(sheet: FilledSheet, marks: dict[tuple[str, int], dict[int, str]]) -> SheetContent:
    title = sheet.marked.sheet
    lines = [
        SheetLine(
            number=row.number,
            cells=row.cells,
            existing=digest_key(sheet.table, row.cells) in sheet.marked.rows,
            marks=marks.get((title, row.number), {}),
            kinds=row.kinds,
        )
        for row in sheet.rows
    ]
    return SheetContent(sheet.table, title, lines)
