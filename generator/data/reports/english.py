"""What a field's schema expects, in English."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from generator.data.catalog import Field
from generator.data.messages import make_example, show_number

_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "integer": "a whole number such as 12",
        "number": "a number such as 12.5, without unit, thousands separators or words",
        "date": "a date as year-month-day, such as 2016-07-03",
        "datetime": "a time such as 2016-07-03T08:00:00",
        "year": "a year of four digits, such as 2016",
        "yearmonth": "a month as year-month, such as 2016-05",
        "string": "text",
    }
)
_FORMATS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "email": "an e-mail address such as hb@example.cn",
        "uri": "a whole web address that begins with http:// or https://",
    }
)


def describe_expected(code: str, field: Field) -> str:
    """What the field takes as far as the issue's code is about its schema; else empty."""
    describe = _DESCRIBERS.get(code)
    return describe(field) if describe is not None else ""


def _describe_type(field: Field) -> str:
    if field.type == "boolean":
        return " or ".join(f"“{word}”" for word in (*field.true_values, *field.false_values))
    if field.type == "string":
        return _FORMATS.get(field.format, "text")
    return _TYPES.get(field.type, field.type)


def _describe_enum(field: Field) -> str:
    return "one of " + ", ".join(f"“{word}”" for word in field.enum)


def _describe_pattern(field: Field) -> str:
    example = make_example(field.pattern)
    return (f"written like {example}; " if example else "") + f"the pattern “{field.pattern}”"


def _describe_range(field: Field) -> str:
    low, high = show_number(field.minimum), show_number(field.maximum)
    if low and high:
        return f"a number from {low} to {high}"
    return f"a number not below {low}" if low else f"a number not above {high}"


def _describe_length(field: Field) -> str:
    low, high = field.min_length, field.max_length
    if low is not None and high is not None:
        return f"{low} to {high} characters"
    return f"at least {low} characters" if low is not None else f"at most {high} characters"


def _describe_any(field: Field) -> str:
    if field.enum:
        return _describe_enum(field)
    return _describe_pattern(field) if field.pattern else _describe_type(field)


_DESCRIBERS: Final[Mapping[str, Callable[[Field], str]]] = MappingProxyType(
    {
        "E-TYPE": _describe_type,
        "E-FORM": _describe_type,
        "E-ENUM": _describe_enum,
        "E-PATTERN": _describe_pattern,
        "E-RANGE": _describe_range,
        "E-LENGTH": _describe_length,
        "E-REQUIRED": _describe_any,
    }
)
