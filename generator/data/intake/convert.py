"""Named conversions of one cell's text. Each says what it accepts; the rest is not converted.

A conversion gives text, or refuses: `NotConvertible` (listed in the report, the field stays
empty) or `SaysNothing` (the mapping declared that such a value tells nothing about the field).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Final, Literal, Protocol

from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError

from generator.data.intake.reasons import NOT_IN_MAP, NOT_READ

_FULL_WIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_PLAIN_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_GROUPED: Final = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")


class NotConvertible(Exception):  # noqa: N818 - an outcome, named after what happened
    """The value has no form that the conversion accepts; the text is the reason, in Chinese.

    `shown` is the value at fault where it is not the cell itself, such as a key looked up.
    """

    def __init__(self, reason: str, shown: str = "") -> None:
        super().__init__(reason)
        self.shown = shown


class SaysNothing(Exception):  # noqa: N818 - an outcome, named after what happened
    """The mapping says that this value tells nothing about the field."""


class Step(Protocol):
    """One conversion: `apply` gives the new text or raises one of the two refusals."""

    def apply(self, text: str) -> str:
        """The converted text."""


@dataclass(frozen=True, slots=True)
class HalfWidth:
    """Full-width letters, digits and signs become the ASCII ones (`３Ｍ` → `3M`)."""

    def apply(self, text: str) -> str:
        """The text in half-width forms."""
        return text.translate(_FULL_WIDTH)


@dataclass(frozen=True, slots=True)
class UpperCase:
    """Small Latin letters become capitals."""

    def apply(self, text: str) -> str:
        """The text in capitals."""
        return text.upper()


@dataclass(frozen=True, slots=True)
class OneLine:
    """Line breaks and runs of blanks become one blank."""

    def apply(self, text: str) -> str:
        """The text on one line."""
        return " ".join(text.split())


@dataclass(frozen=True, slots=True)
class RemoveSpaces:
    """Every blank goes."""

    def apply(self, text: str) -> str:
        """The text without blanks."""
        return "".join(text.split())


@dataclass(frozen=True, slots=True)
class Replace:
    """Plain texts are replaced, in the order written."""

    pairs: tuple[tuple[str, str], ...]

    def apply(self, text: str) -> str:
        """The text after every replacement."""
        for old, new in self.pairs:
            text = text.replace(old, new)
        return text


@dataclass(frozen=True, slots=True)
class MapValue:
    """A value map: text → text. `otherwise` says what becomes of a value outside it."""

    values: Mapping[str, str]
    name: str
    otherwise: Literal["list", "empty", "keep", "default"]
    default: str

    def apply(self, text: str) -> str:
        """The mapped value."""
        if text in self.values:
            return self.values[text]
        if self.otherwise == "keep":
            return text
        if self.otherwise == "default":
            return self.default
        if self.otherwise == "empty":
            raise SaysNothing
        raise NotConvertible(f"值对照表{self.name}{NOT_IN_MAP}")


@dataclass(frozen=True, slots=True)
class MapEach:
    """A list in one cell: each part goes through the value map, then they are joined again."""

    separator: str
    joiner: str
    value_map: MapValue

    def apply(self, text: str) -> str:
        """The mapped parts in their order, equal ones once."""
        parts = [part.strip() for part in text.split(self.separator)]
        mapped = [self.value_map.apply(part) for part in parts if part]
        return self.joiner.join(dict.fromkeys(mapped))


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a regular expression finds: its group `value`, else its first group, else the match."""

    pattern: re.Pattern[str]
    otherwise: Literal["list", "empty"]
    like: str = ""

    @property
    def shape(self) -> str:
        """What the texts look like: the mapping's example if it gives one, else the expression."""
        return f"应如“{self.like}”" if self.like else f"规则 {self.pattern.pattern}"

    def apply(self, text: str) -> str:
        """The part found."""
        match = self.pattern.search(text)
        if match is None:
            if self.otherwise == "empty":
                raise SaysNothing
            raise NotConvertible(f"{NOT_READ}（{self.shape}）")
        if "value" in match.groupdict():
            return match["value"] or ""
        return (match[1] if self.pattern.groups else match[0]) or ""


@dataclass(frozen=True, slots=True)
class Substitute:
    """A regular expression's matches are replaced."""

    pattern: re.Pattern[str]
    replacement: str

    def apply(self, text: str) -> str:
        """The text after the replacement."""
        return self.pattern.sub(self.replacement, text)


@dataclass(frozen=True, slots=True)
class Number:
    """A plain decimal number. Every other form is refused unless the mapping allows it by name.

    `decimal` is `.` or `,`; `thousands` is `,` or empty; `units` are words allowed behind the
    number and dropped; `span` says which end of `6~9` is meant; `below` what `<0.06` means;
    `words` which words stand for no value (`ND`) or for a number.
    """

    decimal: str
    thousands: str
    units: tuple[str, ...]
    span: Literal["refuse", "low", "high"]
    below: Literal["refuse", "limit", "empty"]
    words: Mapping[str, str]

    def apply(self, text: str) -> str:
        """The number as plain decimal text."""
        if text in self.words:
            if not self.words[text]:
                raise SaysNothing
            return self.words[text]
        number = text.translate(_FULL_WIDTH).strip()
        if number.startswith(("<", "≤", "≦")):
            if self.below == "refuse":
                raise NotConvertible("是上限（小于某值），不是一个数")
            if self.below == "empty":
                raise SaysNothing
            number = number[1:].strip()
        for unit in self.units:
            if number.endswith(unit):
                number = number.removesuffix(unit).strip()
                break
        ends = re.split(r"\s*[~～–—至]\s*", number)
        if len(ends) == 2:
            if self.span == "refuse":
                raise NotConvertible("是一个范围，不是一个数")
            low, high = (self._plain(end) for end in ends)
            return low if self.span == "low" else high
        return self._plain(number)

    def _plain(self, number: str) -> str:
        if self.thousands and _GROUPED.fullmatch(number):
            number = number.replace(",", "")
        if self.decimal == ",":
            if "." in number:
                raise NotConvertible("不是数（小数点应为逗号）")
            number = number.replace(",", ".")
        if not _PLAIN_NUMBER.fullmatch(number):
            raise NotConvertible("不是数")
        return number


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number without sign or point."""

    def apply(self, text: str) -> str:
        """The number's digits."""
        number = text.translate(_FULL_WIDTH)
        if not re.fullmatch(r"[0-9]+", number):
            raise NotConvertible("不是整数")
        return str(int(number))


@dataclass(frozen=True, slots=True)
class Scale:
    """A number times a fixed factor: a change of unit."""

    factor: Decimal

    def apply(self, text: str) -> str:
        """The product as plain decimal text."""
        try:
            product = Decimal(text) * self.factor
        except InvalidOperation as error:
            raise NotConvertible("不是数，不能换算单位") from error
        plain = format(product, "f")
        return plain.rstrip("0").rstrip(".") if "." in plain else plain


@dataclass(frozen=True, slots=True)
class DateForm:
    """One way to write a date: a pattern with groups y, m, d, or milliseconds since 1970."""

    text: str
    pattern: re.Pattern[str]
    epoch_zone: timezone | None = None

    def read(self, text: str) -> date | None:
        """The date, or None where the text is not written in this form."""
        match = self.pattern.fullmatch(text)
        if match is None:
            return None
        if self.epoch_zone is not None:
            moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(text))
            return moment.astimezone(self.epoch_zone).date()
        try:
            return date(int(match["y"]), int(match["m"]), int(match["d"]))
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class ReadDate:
    """A date in one of the forms named; `part` keeps the day, the month or the year."""

    forms: tuple[DateForm, ...]
    part: Literal["date", "yearmonth", "year"]

    def apply(self, text: str) -> str:
        """The date as `2016-05-01`, `2016-05` or `2016`."""
        for form in self.forms:
            day = form.read(text)
            if day is not None:
                return day.isoformat()[: {"date": 10, "yearmonth": 7, "year": 4}[self.part]]
        shown = "、".join(form.text for form in self.forms)
        raise NotConvertible(f"不是日期（认得的写法：{shown}）")


@dataclass(frozen=True, slots=True)
class CheckUscc:
    """A unified social credit code with a right check character. Source: GB 32100-2015."""

    def apply(self, text: str) -> str:
        """The code unchanged."""
        try:
            checked = str(uscc.validate(text))
        except InvalidLength as error:
            raise NotConvertible(f"统一社会信用代码应为 18 位，这里是 {len(text)} 位") from error
        except InvalidChecksum as error:
            raise NotConvertible("统一社会信用代码的校验码不对") from error
        except ValidationError as error:
            raise NotConvertible("不是统一社会信用代码") from error
        if checked != text:
            raise NotConvertible("统一社会信用代码里有多余的字符或小写字母")
        return text


def read_date_form(text: str) -> DateForm | None:
    """The form that a mapping names, such as `YYYY年M月D日` or `epoch_ms+08:00`, else None."""
    epoch = re.fullmatch(r"epoch_ms([+-])([01][0-9]):([0-5][0-9])", text)
    if epoch:
        offset = timedelta(hours=int(epoch[2]), minutes=int(epoch[3]))
        zone = timezone(offset if epoch[1] == "+" else -offset)
        return DateForm(text, re.compile(r"[0-9]{1,14}"), zone)
    tokens = {
        "YYYY": r"(?P<y>[0-9]{4})",
        "MM": r"(?P<m>[0-9]{2})",
        "M": r"(?P<m>[0-9]{1,2})",
        "DD": r"(?P<d>[0-9]{2})",
        "D": r"(?P<d>[0-9]{1,2})",
        "hh": r"[0-9]{1,2}",
        "mm": r"[0-9]{2}",
        "ss": r"[0-9]{2}(?:\.[0-9]+)?",
    }
    parts = re.split(r"(YYYY|MM?|DD?|hh|mm|ss)", text)
    if not all(sum(part in pair for part in parts) == 1 for pair in _DATE_PARTS):
        return None
    pattern = "".join(tokens.get(part, re.escape(part)) for part in parts)
    return DateForm(text, re.compile(pattern))


_DATE_PARTS: Final = (("YYYY",), ("MM", "M"), ("DD", "D"))


def apply_steps(steps: Sequence[Step], text: str) -> str:
    """The text after every step; a step that leaves nothing ends it with an empty text.

    Raises:
        NotConvertible: A step refused the value.
        SaysNothing: A step found that the value tells nothing about the field.

    """
    for step in steps:
        if not text:
            return ""
        text = step.apply(text)
    return text
