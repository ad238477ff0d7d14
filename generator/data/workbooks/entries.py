"""From a sheet's cells to the text of a table's cells, guessing nothing.

A cell that still says what was given out keeps the dataset's own spelling. Any other is taken
only where its meaning is certain; what was understood in another spelling is told. The rest is a
fault, or left as it is for the check, which knows the fields' rules.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from generator.data.catalog import Field
from generator.data.messages import describe_type, show_cell
from generator.data.workbooks.cell_text import NUMERIC_TYPES, canonical_cell
from generator.data.workbooks.parse import RawCell

_FULL_WIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_BLANKS: Final = " \t\r\n\u00a0\u2002\u2003\u2009\u200b\u3000\ufeff"
_NUMBER_TEXT = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_WHOLE = re.compile(r"-?[0-9]+")
_SAFE_DIGITS: Final = 15
_DATE_TEXT = re.compile(r"([0-9]{4})(?:-|/|\.|年)([0-9]{1,2})(?:-|/|\.|月)([0-9]{1,2})日?")
_MONTH_TEXT = re.compile(r"([0-9]{4})(?:-|/|\.|年)([0-9]{1,2})月?")
_PLAIN_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONGEST_CODE: Final = 24


@dataclass(frozen=True, slots=True)
class CellFault:
    """Why a cell cannot be taken: a code, a title, what was found and is expected, the cure."""

    code: str
    title: str
    found: str
    expected: str
    cure: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A cell as text for the table. `note` says which other spelling was understood."""

    text: str
    fault: CellFault | None = None
    note: str = ""


def read_entry(field: Field, raw: RawCell | None, old: str | None) -> Entry:
    """The text that a sheet's cell means for a field.

    Args:
        field: The cell's field.
        raw: The cell; None where it is blank.
        old: The dataset's text of the same cell as it was given out; None in a new row.

    """
    if raw is None:
        return Entry("")
    if raw.kind == "text" and raw.text == old:
        return Entry(raw.text)
    entry = _read(field, raw)
    same = old is not None and not entry.fault
    if same and canonical_cell(field, entry.text) == canonical_cell(field, str(old)):
        return Entry(str(old))
    return entry


def _read(field: Field, raw: RawCell) -> Entry:
    match raw.kind:
        case "formula":
            cure = "请复制这一格，在原处“选择性粘贴—数值”。"
            return _refuse(field, raw, "E-FORMULA", "写了公式", cure)
        case "error":
            return _refuse(field, raw, "E-FORMULA", "是错误值", "请改填实际的内容。")
        case "boolean":
            return _read_boolean(field, raw)
        case "percent":
            cure = "请把单元格格式改为“常规”，再填数字（单位见表头）。"
            return _refuse(field, raw, "E-PERCENT", "是百分比格式", cure)
        case "date":
            return _read_date(field, raw)
        case "number":
            return _read_number(field, raw)
    return _read_text(field, raw.text)


def _refuse(field: Field, raw: RawCell, code: str, title: str, cure: str) -> Entry:
    fault = CellFault(code, title, show_cell(raw.text), _describe(field), cure)
    return Entry(raw.text, fault)


def _describe(field: Field) -> str:
    return describe_type(field) if field.type != "string" else "文本格式的内容"


def _read_boolean(field: Field, raw: RawCell) -> Entry:
    words = field.true_values if raw.text == "TRUE" else field.false_values
    if field.type == "boolean" and words:
        return Entry(words[0], note=f"逻辑值读作“{words[0]}”")
    return _refuse(field, raw, "E-TYPE", "是逻辑值", "请改填实际的内容。")


def _read_date(field: Field, raw: RawCell) -> Entry:
    whole = bool(_PLAIN_DATE.fullmatch(raw.text))
    if field.type == "date" and whole:
        return Entry(raw.text)
    if field.type == "yearmonth" and whole and raw.text.endswith("-01"):
        return Entry(raw.text[:7], note="每月 1 日的日期读作月份")
    if field.type == "datetime":
        return Entry(raw.text if "T" in raw.text else f"{raw.text}T00:00:00")
    if field.type == "date":
        return _refuse(field, raw, "E-TYPE", "日期带了时间", "请只填日期，不带几点几分。")
    title = "被表格软件变成了日期"
    return _refuse(field, raw, "E-TYPE", title, "请把单元格格式改为“文本”后重新填写。")


def _read_number(field: Field, raw: RawCell) -> Entry:
    digits = raw.text.lstrip("-").replace(".", "").lstrip("0")
    whole = bool(_WHOLE.fullmatch(raw.text))
    if whole and len(digits) > _SAFE_DIGITS:
        title = "数字太长，表格软件已丢失末尾的数位"
        cure = "请把单元格格式改为“文本”，对照原件重新填写。"
        return _refuse(field, raw, "E-DIGITS", title, cure)
    if field.type in NUMERIC_TYPES:
        return Entry(raw.text)
    if field.type in ("string", "boolean"):
        if _is_only_spelling(field, raw.text):
            return Entry(raw.text, note="数字格式的代码读作文本")
        title = "存成了数字，开头的 0 可能丢了"
        cure = "请把单元格格式改为“文本”，对照原件重新填写。"
        return _refuse(field, raw, "E-DIGITS", title, cure)
    cure = "请把单元格格式改为“日期”或“文本”后重新填写。"
    return _refuse(field, raw, "E-TYPE", "是数字，看不出是哪一天", cure)


def _is_only_spelling(field: Field, text: str) -> bool:
    """Whether the field takes these digits, and no others that a number would turn into them."""
    spellings = [text.zfill(width) for width in range(len(text), _LONGEST_CODE + 1)]
    if field.enum:
        return [item for item in dict.fromkeys(spellings) if item in field.enum] == [text]
    if not field.pattern or not _WHOLE.fullmatch(text):
        return False
    fitting = [item for item in dict.fromkeys(spellings) if re.fullmatch(field.pattern, item)]
    return fitting == [text]


def _read_text(field: Field, text: str) -> Entry:
    trimmed = text.strip(_BLANKS)
    note = "去掉了首尾的空白" if trimmed != text else ""
    if not trimmed or trimmed in field.missing_values:
        return Entry(trimmed, note=note)
    narrow = trimmed.translate(_FULL_WIDTH)
    if field.type in (*NUMERIC_TYPES, "date", "yearmonth", "datetime"):
        return _read_spelled(field, trimmed, narrow, note)
    wrong = (field.pattern and not re.fullmatch(field.pattern, trimmed)) or (
        field.enum and trimmed not in field.enum
    )
    if wrong and narrow != trimmed and _fits(field, narrow):
        return Entry(narrow, note="全角字符读作半角")
    return Entry(trimmed, note=note)


def _fits(field: Field, text: str) -> bool:
    if field.enum:
        return text in field.enum
    return bool(re.fullmatch(field.pattern, text))


def _read_spelled(field: Field, text: str, narrow: str, note: str) -> Entry:
    """Numbers and dates written as text."""
    if narrow != text:
        note = "全角字符读作半角"
    if field.type == "date" and (found := _DATE_TEXT.fullmatch(narrow)):
        spelled = _spell_date([int(part) for part in found.groups()])
        if spelled:
            other = spelled != narrow and not note
            return Entry(spelled, note="日期的写法改成了 年-月-日" if other else note)
    if field.type == "yearmonth" and (found := _MONTH_TEXT.fullmatch(narrow)):
        year, month = int(found[1]), int(found[2])
        if 1 <= month <= 12:
            spelled = f"{year:04d}-{month:02d}"
            other = spelled != narrow and not note
            return Entry(spelled, note="月份的写法改成了 年-月" if other else note)
    if field.type in NUMERIC_TYPES and not note:
        note = "文本格式的数字读作数" if _NUMBER_TEXT.fullmatch(narrow) else ""
    return Entry(narrow, note=note)


def _spell_date(parts: Sequence[int]) -> str:
    try:
        return date(parts[0], parts[1], parts[2]).isoformat()
    except ValueError:
        return ""
