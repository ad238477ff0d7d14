"""Cleaning a source cell's text, and testing a field's text against its constraints."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Final

from generator.data.catalog import Field
from generator.data.intake.reasons import ILL_FORMED
from generator.data.messages import describe_form

_BLANKS: Final = " \t\r\n\u00a0\u2002\u2003\u2009\u200b\u3000\ufeff"
_INNER: Final = re.compile("[\t\u00a0\u2002\u2003\u2009\u3000]+|\u200b|\ufeff")
_CONTROL: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_URI: Final = re.compile(r"https?://[^\s/?#]+[^\s]*")
_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


def clean_cell(text: str) -> str:
    """The text without blanks around it; inner tabs and no-break spaces are one blank.

    Line ends inside a cell become LF and stay, since texts have paragraphs.
    """
    if text.isascii() and text.isalnum():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _INNER.sub(lambda match: "" if match[0] in "\u200b\ufeff" else " ", text.strip(_BLANKS))


def find_cell_fault(field: Field, text: str) -> str:
    """Why the text cannot stand in the field; empty where it can (an empty text always can)."""
    if not text or text in field.missing_values:
        return ""
    if _CONTROL.search(text):
        return "含有控制字符"
    find_fault = _TYPE_FAULTS.get(field.type)
    fault = find_fault(text) if find_fault else ""
    if field.type == "boolean" and text not in (*field.true_values, *field.false_values):
        fault = f"应为 {'、'.join((*field.true_values, *field.false_values))} 之一"
    if fault:
        return fault
    if field.enum and text not in field.enum:
        return f"应为 {'、'.join(field.enum)} 之一"
    if field.pattern and not re.fullmatch(field.pattern, text):
        return f"{ILL_FORMED}（应当：{describe_form(field.pattern)}）"
    if field.format == "uri" and not _URI.fullmatch(text):
        return "不是以 http:// 或 https:// 开头的网址"
    if field.format == "email" and not _EMAIL.fullmatch(text):
        return "不是电子邮箱"
    if field.min_length is not None and len(text) < field.min_length:
        return f"太短：{len(text)} 字，至少 {field.min_length} 字"
    if field.max_length is not None and len(text) > field.max_length:
        return f"太长：{len(text)} 字，至多 {field.max_length} 字"
    return _find_bound_fault(field, text)


def _find_bound_fault(field: Field, text: str) -> str:
    if field.minimum is not None and float(text) < field.minimum:
        return f"小于下限 {field.minimum:g}"
    if field.maximum is not None and float(text) > field.maximum:
        return f"大于上限 {field.maximum:g}"
    return ""


def _find_date_fault(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        return "不是日期（应为 2016-05-01 这样的写法）"
    return "" if len(text) == 10 else "不是日期（应为 2016-05-01 这样的写法）"


def _find_datetime_fault(text: str) -> str:
    try:
        datetime.strptime(text, "%Y-%m-%dT%H:%M:%S")
    except ValueError:
        return "不是时间（应为 2016-05-01T08:00:00 这样的写法）"
    return ""


def _pattern_fault(pattern: str, message: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)
    return lambda text: "" if compiled.fullmatch(text) else message


_TYPE_FAULTS: Final[Mapping[str, Callable[[str], str]]] = {
    "number": _pattern_fault(r"-?[0-9]+(?:\.[0-9]+)?", "不是数"),
    "integer": _pattern_fault(r"-?[0-9]+", "不是整数"),
    "year": _pattern_fault(r"[0-9]{4}", "不是年份"),
    "yearmonth": _pattern_fault(r"[0-9]{4}-(?:0[1-9]|1[0-2])", "不是年月"),
    "date": _find_date_fault,
    "datetime": _find_datetime_fault,
}
