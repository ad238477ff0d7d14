"""Entry workbooks: tables of a district as XLSX for clerks, and the filled workbook's way back.

Out: `export` picks a district's rows, `write` makes sheets of them, with drop-downs, notes and
locked keys, and a hidden marker sheet that remembers fields and rows as they were given out.
Back: `guard` looks at the container before anything is parsed, `parse` reads cells, `entries`
turns them into the text of a table's cells, `merge` puts rows into the dataset's CSV files, and
the whole merged dataset is checked before one byte of it is written.

Promise: a workbook that comes back unchanged changes no byte of the dataset; a faulty one changes
nothing, and comes back with every fault marked in its cell.
"""

from generator.data.workbooks.export import ExportResult, export_workbooks
from generator.data.workbooks.faults import WorkbookError
from generator.data.workbooks.importing import ImportOutcome, import_workbook

__all__ = [
    "ExportResult",
    "ImportOutcome",
    "WorkbookError",
    "export_workbooks",
    "import_workbook",
]
