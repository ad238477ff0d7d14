"""Why there is no value: three different answers, none of which is zero."""

from __future__ import annotations

from enum import Enum


class Absence(Enum):
    """What stands where a value would stand; the member's value is the word that is printed.

    Source: 《企业事业单位环境信息公开办法》 arts. 6 and 9; the words are the
    `missingValues` of every schema in `datasets/schemas`.
    """

    NOT_REPORTED = "未报送"
    NOT_APPLICABLE = "不适用"
    WITHHELD = "不公开"


def read_absence(text: str) -> Absence | None:
    """The absence that a cell's text states, or None where the cell holds a value."""
    if text == "":
        return Absence.NOT_REPORTED
    if text == "不适用":
        return Absence.NOT_APPLICABLE
    if text == "不公开":
        return Absence.WITHHELD
    return None
