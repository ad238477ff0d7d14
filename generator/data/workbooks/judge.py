"""The check of the merged dataset, told at the cells of the workbook."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from generator.data.catalog import Catalog, Table
from generator.data.check import check_dataset
from generator.data.issue import Issue
from generator.data.messages import show_cell
from generator.data.workbooks.csv_file import Row
from generator.data.workbooks.districts import CORRECTIONS, District, find_district, find_path
from generator.data.workbooks.entries import CellFault
from generator.data.workbooks.faults import WorkbookError
from generator.data.workbooks.filled import FilledRow
from generator.data.workbooks.merge import Merge, MergedTable
from generator.data.workbooks.report import SheetIssue, make_issue

ReadRows = Callable[[str], Sequence[Row]]


def find_strayed(
    catalog: Catalog,
    read_held: ReadRows,
    code: str,
    merges: Sequence[Merge],
    merged: Mapping[str, MergedTable],
) -> Iterator[SheetIssue]:
    """New and changed rows that are not the district's."""

    def read_rows(name: str) -> Sequence[Row]:
        return merged[name].rows if name in merged else read_held(name)

    try:
        district = find_district(catalog, code, read_rows)
    except WorkbookError as error:
        raise WorkbookError(f"{error}（这个工作簿要删去自己的区划。）") from error
    for merge in merges:
        table = merge.sheet.table
        owned = district.owns(table)
        path = find_path(catalog, table)
        field = "target_key" if table.name == CORRECTIONS else path.field if path else ""
        if not field:
            continue
        column = table.field_names.index(field)
        known = _known_values(catalog, read_rows, table)
        for row in (*merge.updated.values(), *merge.added):
            text = row.cells[column]
            if owned(row.cells) or (known is not None and text not in known):
                continue
            yield _describe_stray(merge, row, column, district)


def _known_values(catalog: Catalog, read_rows: ReadRows, table: Table) -> frozenset[str] | None:
    """Values that another table has at all; others are told by the check as broken references."""
    path = find_path(catalog, table)
    if table.name == CORRECTIONS or path is None or path.table == table.name:
        return None
    target = catalog.table(path.table)
    place = target.field_names.index(path.reference)
    return frozenset(row[place] for row in read_rows(target.name))


def _describe_stray(merge: Merge, row: FilledRow, column: int, district: District) -> SheetIssue:
    table = merge.sheet.table
    fault = CellFault(
        "E-DISTRICT",
        "不是本区划的内容",
        show_cell(row.cells[column]),
        f"属于{district.name}（{district.code}）的内容",
        "请改正；别的区划的内容，请填在那个区划的工作簿里。",
    )
    issue = make_issue(table.relative_path, table.fields[column].title, fault)
    return SheetIssue(merge.sheet.marked.sheet, row.number, column, issue)


def check_merged(
    catalog: Catalog,
    merges: Sequence[Merge],
    merged: Mapping[str, MergedTable],
    found: Sequence[SheetIssue],
) -> Iterator[SheetIssue]:
    """The issues found so far, and those that the check has with the merged dataset."""
    yield from found
    told = {(item.sheet, item.row, item.column) for item in found}
    with tempfile.TemporaryDirectory(prefix="huanjing-") as folder:
        tables = []
        for table in catalog.tables:
            if table.name in merged:
                path = Path(folder) / f"{table.name}.csv"
                path.write_text(merged[table.name].text, encoding="utf-8", newline="")
                tables.append(replace(table, path=path))
            else:
                tables.append(table)
        report, _ = check_dataset(replace(catalog, tables=tuple(tables)))
    places = {merge.sheet.table.relative_path: _Places(merge, merged) for merge in merges}
    for issue in report.issues:
        item = _place_issue(issue, places)
        touched = issue.file in places and places[issue.file].is_touched(issue.row)
        if issue.severity != "error" and not touched:
            continue
        if item.sheet and (item.sheet, item.row, item.column) in told:
            continue
        yield item


class _Places:
    """Where the rows of a merged table stand in the workbook."""

    def __init__(self, merge: Merge, merged: Mapping[str, MergedTable]) -> None:
        table = merge.sheet.table
        self.sheet = merge.sheet.marked.sheet
        self.table = table
        changed = merged.get(table.name)
        if changed is None:
            came = {row.place: row.number for row in merge.sheet.rows if row.place is not None}
            self._sources: Sequence[int | None] = [
                came.get(at) for at in range(len(merge.file.rows))
            ]
        else:
            self._sources = changed.sources
        self._touched = {row.number for row in (*merge.updated.values(), *merge.added)}

    def find(self, row: int | None) -> int | None:
        """The sheet's row of the file's row; None if it has none."""
        at = -1 if row is None else row - 2
        return self._sources[at] if 0 <= at < len(self._sources) else None

    def is_touched(self, row: int | None) -> bool:
        """Whether the file's row is one that the workbook changes or adds."""
        return self.find(row) in self._touched


def _place_issue(issue: Issue, places: Mapping[str, _Places]) -> SheetIssue:
    place = places.get(issue.file)
    number = place.find(issue.row) if place else None
    if place is None or number is None:
        return SheetIssue("", None, None, issue)
    column = place.table.field_names.index(issue.field) if issue.field else None
    return SheetIssue(place.sheet, number, column, issue)
