"""Writes one table as the dataset's CSV: UTF-8, LF, minimal quoting, header first.

Rows are streamed: nothing but the row in hand is kept.
"""

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path


def write_table(
    out: Path, catalog_schema_fields: Sequence[str], name: str, rows: Iterable[Sequence[object]]
) -> int:
    """Write ``out/tables/<name>.csv`` and tell how many rows it has.

    Args:
        out: The dataset folder.
        catalog_schema_fields: The schema's field names in order; the header row.
        name: The table's name.
        rows: Cells in the order of the fields, rows sorted by primary key by the caller.

    Raises:
        ValueError: A row has more or fewer cells than there are fields.

    """
    path = out / "tables" / f"{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    width = len(catalog_schema_fields)
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
        writer.writerow(catalog_schema_fields)
        for row in rows:
            if len(row) != width:
                raise ValueError(f"{name}: row {count + 2} has {len(row)} cells, not {width}")
            writer.writerow(
                [cell if type(cell) is str or cell is None else format_cell(cell) for cell in row]
            )
            count += 1
    return count


def format_cell(cell: object) -> str:
    """The text of a cell: 是/否, shortest plain decimal, ISO date, or empty for None.

    Raises:
        TypeError: The value has no form in the dataset.

    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, float):
        return _format_number(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    raise TypeError(f"no cell form for {type(cell).__name__}")


def _format_number(value: float) -> str:
    text = repr(value)
    if "e" in text:
        text = format(Decimal(text), "f")
    return text[:-2] if text.endswith(".0") else text
