"""The import report as one HTML page that a clerk can read and print."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from generator.data.intake.reasons import advise_on_row, advise_on_value
from generator.data.intake.report import CellReport, ImportReport

LONGEST_LIST: Final = 300
"""Values shown that say nothing; the JSON report has all. Pages of thousands are not read."""

FIRST_VALUES: Final = 8
"""Values of a group that are seen at once; a list behind them opens."""

MOST_VALUES: Final = 100
"""Values of a group in its list; the JSON report has all."""

MOST_ROWS: Final = 12
"""Row numbers shown of a group, enough to find examples."""


@dataclass(frozen=True, slots=True)
class CellGroup:
    """Values of one column that could not go into one field for one reason."""

    label: str
    column: str
    field: str
    reason: str
    cells: tuple[CellReport, ...]

    @property
    def count(self) -> int:
        """How many cells of the source these are."""
        return sum(len(cell.rows) for cell in self.cells)

    @property
    def cure(self) -> str:
        """What to do about them."""
        return advise_on_value(self.reason)


def group_cells(cells: Sequence[CellReport]) -> tuple[CellGroup, ...]:
    """The values by column, field and reason; what there is most of comes first."""
    found: dict[tuple[str, str, str, str], list[CellReport]] = {}
    for cell in cells:
        key = (cell.label, cell.column, cell.title or cell.target, cell.reason)
        found.setdefault(key, []).append(cell)
    groups = [
        CellGroup(*key, tuple(sorted(values, key=lambda cell: (-len(cell.rows), cell.value))))
        for key, values in found.items()
    ]
    return tuple(
        sorted(groups, key=lambda group: (-group.count, group.label, group.column, group.field))
    )


def render_report(report: ImportReport) -> str:
    """The page's HTML. Nothing from the sources gets in but through autoescape."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["rows"] = show_rows
    environment.filters["advise"] = advise_on_row
    environment.filters["n"] = lambda number: f"{number:,}"
    page = environment.get_template("report.html.jinja")
    silent = sorted(report.nothing, key=lambda cell: (-len(cell.rows), cell.label, cell.target))
    return page.render(
        report=report,
        groups=group_cells(report.cells),
        titles={table.name: table.title for table in report.tables},
        first_values=FIRST_VALUES,
        most_values=MOST_VALUES,
        cell_total=sum(len(cell.rows) for cell in report.cells),
        silent=silent[:LONGEST_LIST],
        silent_total=sum(len(cell.rows) for cell in report.nothing),
    )


def show_rows(rows: tuple[int, ...]) -> str:
    """The first row numbers, and how many there are where more."""
    shown = "、".join(str(row) for row in rows[:MOST_ROWS])
    return shown if len(rows) <= MOST_ROWS else f"{shown} 等 {len(rows):,} 行"
