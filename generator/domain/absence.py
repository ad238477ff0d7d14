"""Why there is no value: three different answers, none of which is zero."""

from __future__ import annotations

from enum import Enum
from typing import Final


class Absence(Enum):
    """What stands where a value would stand; the member's value is the word that is printed.

    Source: 《企业事业单位环境信息公开办法》 arts. 6 and 9; the words are the
    `missingValues` of every schema in `datasets/schemas`.
    """

    NOT_REPORTED = "未报送"
    NOT_APPLICABLE = "不适用"
    WITHHELD = "不公开"

    @property
    def meaning(self) -> str:
        """What a reader may take from it, in some words."""
        return _MEANINGS[self]


_MEANINGS: Final = {
    Absence.NOT_REPORTED: "应当报而没有报，不代表没有排放、没有问题",
    Absence.NOT_APPLICABLE: "企业声明没有这种情形",
    Absence.WITHHELD: "有这项内容，依法不能公开",
}


def read_absence(text: str) -> Absence | None:
    """The absence that a cell's text states, or None where the cell holds a value."""
    if text == "":
        return Absence.NOT_REPORTED
    if text == "不适用":
        return Absence.NOT_APPLICABLE
    if text == "不公开":
        return Absence.WITHHELD
    return None
