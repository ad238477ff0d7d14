"""Small datasets, workbooks made from them, and clerks who fill them."""

from collections.abc import Mapping
from pathlib import Path

import openpyxl
from package_factory import VALID_TABLES, Rows, write_package

from generator.data.workbooks import ImportOutcome, export_workbooks, import_workbook

DISTRICT = "990102"

Cells = Mapping[str, object]
"""Values by place, such as 企业基本信息!C3; None empties a cell."""


def make_case(tmp_path: Path, tables: Mapping[str, Rows] | None = None) -> tuple[Path, Path]:
    """A dataset folder, and where its workbook goes."""
    root = write_package(tmp_path / "datasets", VALID_TABLES if tables is None else tables)
    return root, tmp_path / "填报.xlsx"


def make_filled(
    tmp_path: Path,
    names: tuple[str, ...],
    cells: Cells,
    tables: Mapping[str, Rows] | None = None,
    district: str = DISTRICT,
) -> tuple[Path, Path]:
    """A dataset folder and a workbook of it with some cells filled."""
    root, path = make_case(tmp_path, tables)
    export_workbooks(root, names, district, path)
    fill(path, cells)
    return root, path


def fill(path: Path, cells: Cells) -> None:
    """Writes the cells and saves the workbook anew, as a spreadsheet program does."""
    book = openpyxl.load_workbook(path)
    for place, value in cells.items():
        sheet, _, cell = place.partition("!")
        book[sheet][cell].value = value
        if isinstance(value, str):
            book[sheet][cell].data_type = "s"
    book.save(path)


def delete_row(path: Path, sheet: str, row: int) -> None:
    """Deletes a row, as a clerk does who has taken off the protection."""
    book = openpyxl.load_workbook(path)
    book[sheet].delete_rows(row)
    book.save(path)


def take(path: Path, root: Path, *, remove: bool = False) -> ImportOutcome:
    """Imports the workbook into the dataset itself."""
    return import_workbook(path, root, remove=remove)


def list_errors(outcome: ImportOutcome) -> list[tuple[str, str]]:
    """Place and code of each error, in order."""
    return [
        (item.place, item.issue.code) for item in outcome.issues if item.issue.severity == "error"
    ]


def read_bytes(root: Path) -> dict[str, bytes]:
    """Every file of a dataset by its path."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }
