"""A filled workbook's way into the dataset, as named steps.

Nothing is written before the whole merged dataset has passed the check. The changed tables are
then put in place one by one, each in one move; if one cannot be, those before it are put back.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from generator.data.catalog import read_catalog
from generator.data.issue import column_letter
from generator.data.workbooks.districts import find_district
from generator.data.workbooks.export import TableStore
from generator.data.workbooks.faults import WorkbookError
from generator.data.workbooks.filled import find_marker, read_filled
from generator.data.workbooks.guard import DEFAULT_LIMITS, Limits, check_container
from generator.data.workbooks.judge import check_merged, find_strayed
from generator.data.workbooks.mark import name_marked_copy, write_marked_copy
from generator.data.workbooks.marker import Marker, check_schema
from generator.data.workbooks.merge import Merge, apply_merge, merge_sheet
from generator.data.workbooks.parse import open_book
from generator.data.workbooks.report import (
    SheetIssue,
    TableChange,
    format_changes,
    format_notes,
    format_sheet_issue,
    make_issue,
)
from generator.data.workbooks.storing import check_target, put_in_place, write_file

ISSUES_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What an import found and did. `marked` is the faulty workbook's marked copy."""

    district: str
    issues: tuple[SheetIssue, ...]
    changes: tuple[TableChange, ...]
    notes: tuple[tuple[str, str, str], ...]
    strangers: tuple[str, ...]
    marked: Path | None

    @property
    def valid(self) -> bool:
        """Whether the rows went into the dataset."""
        return not any(item.issue.severity == "error" for item in self.issues)

    def format_summary(self) -> str:
        """The whole outcome in lines for a terminal."""
        return "\n".join(self._list_lines())

    def _list_lines(self) -> Iterator[str]:
        shown = sorted(self.issues, key=lambda item: item.issue.severity != "error")
        yield from (format_sheet_issue(item) for item in shown[:ISSUES_SHOWN])
        if len(shown) > ISSUES_SHOWN:
            yield f"……另有 {len(shown) - ISSUES_SHOWN} 处未列出，都在标出错误的工作簿里。"
        yield from format_notes(self.notes)
        for name in self.strangers:
            yield f"说明 工作表“{name}”不是制作时有的，没有导入。"
        if not self.valid:
            count = sum(item.issue.severity == "error" for item in self.issues)
            yield f"有 {count} 处错误，数据集没有改动。"
            if self.marked is not None:
                yield f"错误已标在 {self.marked.name} 里，改好后导入那一份。"
            return
        yield from format_changes(self.changes)
        if not any(change.changes for change in self.changes):
            yield f"{self.district}：工作簿与数据集一致，没有要改的内容。"


def import_workbook(
    path: Path,
    datasets: Path,
    *,
    out: Path | None = None,
    remove: bool = False,
    district: str = "",
    limits: Limits = DEFAULT_LIMITS,
) -> ImportOutcome:
    """The outcome; the dataset holds the workbook's rows if it is valid.

    Args:
        path: The filled workbook.
        datasets: The dataset folder.
        out: A new or empty folder for the merged dataset; without it `datasets` itself changes.
        remove: Rows gone from the workbook are removed from the dataset too.
        district: If given, the code of the one district whose workbook is accepted.
        limits: What the workbook may be.

    Raises:
        WorkbookError: The workbook as a whole cannot be read or taken. Nothing is written.
        DatasetError: The dataset's descriptor or schemas cannot be read.

    """
    if out is not None:
        check_target(datasets, out)
    check_container(path, limits)
    catalog = read_catalog(datasets)
    store = TableStore(catalog)
    with open_book(path) as book:
        marker = find_marker(book)
        _check_district(path.name, marker, district)
        check_schema(path.name, marker, catalog)
        place = find_district(catalog, marker.district, store.read_rows)
        files = {item.name: store.read(item.name) for item in marker.tables}
        sheets, strangers = read_filled(book, catalog, marker, files)
    merges = [merge_sheet(sheet, files[sheet.table.name], remove=remove) for sheet in sheets]
    merged = {merge.sheet.table.name: apply_merge(merge) for merge in merges if merge.changes}
    issues = [
        *_list_cell_faults(merges),
        *find_strayed(catalog, store.read_rows, marker.district, merges, merged),
    ]
    issues = _sort_issues(marker, check_merged(catalog, merges, merged, issues))
    outcome = ImportOutcome(
        district=f"{place.name}（{place.code}）",
        issues=tuple(issues),
        changes=tuple(_describe_change(merge) for merge in merges),
        notes=tuple(_list_notes(merges)),
        strangers=strangers,
        marked=None,
    )
    if not outcome.valid:
        copy = name_marked_copy(path)
        write_file(copy, write_marked_copy(place, marker, sheets, issues))
        return replace(outcome, marked=copy)
    put_in_place(datasets, out, files, merged)
    return outcome


def _check_district(name: str, marker: Marker, wanted: str) -> None:
    if wanted and marker.district != wanted:
        raise WorkbookError(
            f"{name}：是{marker.district_name}（{marker.district}）的工作簿，不是 {wanted} 的。"
            "请核对文件，或改正 --district。"
        )


def _list_cell_faults(merges: Sequence[Merge]) -> Iterator[SheetIssue]:
    for merge in merges:
        table = merge.sheet.table
        placed = sorted(merge.faults, key=lambda item: (item.number or 0, item.column or 0))
        for item in placed:
            known = item.column is not None and item.column < len(table.fields)
            title = table.fields[item.column or 0].title if known else ""
            issue = make_issue(table.relative_path, title, item.fault)
            yield SheetIssue(merge.sheet.marked.sheet, item.number, item.column, issue)


def _sort_issues(marker: Marker, issues: Iterable[SheetIssue]) -> list[SheetIssue]:
    """The issues as a clerk walks through the workbook; those outside it come last."""
    order = {item.sheet: place for place, item in enumerate(marker.tables)}
    return sorted(
        issues,
        key=lambda item: (
            order.get(item.sheet, len(order)),
            item.row or 0,
            -1 if item.column is None else item.column,
        ),
    )


def _describe_change(merge: Merge) -> TableChange:
    return TableChange(
        title=merge.sheet.table.title,
        rows=len(merge.sheet.rows),
        updated=len(merge.updated),
        added=len(merge.added),
        removed=len(merge.removed),
        kept=tuple(merge.kept),
        gone=tuple(merge.gone),
    )


def _list_notes(merges: Sequence[Merge]) -> Iterator[tuple[str, str, str]]:
    for merge in merges:
        for row in merge.sheet.rows:
            for column, words in row.notes.items():
                cell = f"{column_letter(column + 1)}{row.number}"
                yield merge.sheet.marked.sheet, cell, words
