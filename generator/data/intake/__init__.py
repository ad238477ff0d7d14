"""Import: tables that others made become a Data Package of ours, by a mapping file.

The way of a row: `sources` reads files as text cells, `place` turns rows into candidates by the
mapping's rules, `settle` keeps those whose keys hold, `tally` says what became of every source
row, column and cell, and `package` writes the dataset with its report in one move.

Promise: nothing dropped in silence, nothing guessed. Every source row ends as placed, duplicate
or rejected; every source column as mapped, unused with a reason, or unexplained (which fails).
"""

from generator.data.intake.faults import MappingError, SourceError
from generator.data.intake.importing import run_import
from generator.data.intake.report import ImportReport

__all__ = ["ImportReport", "MappingError", "SourceError", "run_import"]
