"""The import report as one HTML page that a clerk can read and print."""

from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from generator.data.intake.report import ImportReport

LONGEST_LIST: Final = 300
"""Cell groups shown of each kind; the JSON report has all. Pages of thousands are not read."""

MOST_ROWS: Final = 12
"""Row numbers shown of a group, enough to find examples."""


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
    environment.filters["n"] = lambda number: f"{number:,}"
    page = environment.get_template("report.html.jinja")
    by_count = sorted(report.cells, key=lambda cell: (-len(cell.rows), cell.label, cell.target))
    silent = sorted(report.nothing, key=lambda cell: (-len(cell.rows), cell.label, cell.target))
    return page.render(
        report=report,
        cells=by_count[:LONGEST_LIST],
        cell_total=sum(len(cell.rows) for cell in report.cells),
        silent=silent[:LONGEST_LIST],
        silent_total=sum(len(cell.rows) for cell in report.nothing),
    )


def show_rows(rows: tuple[int, ...]) -> str:
    """The first row numbers, and how many there are where more."""
    shown = "、".join(str(row) for row in rows[:MOST_ROWS])
    return shown if len(rows) <= MOST_ROWS else f"{shown} 等 {len(rows):,} 行"
