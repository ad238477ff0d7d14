"""What stops the making or the reading of a workbook as a whole."""

from generator.errors import HuanjingError


class WorkbookError(HuanjingError):
    """The workbook cannot be made or read at all; one Chinese sentence with the cure."""
