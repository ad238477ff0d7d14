"""Frictionless's errors turned into issues that a clerk can act on."""

import re
from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import Final

from generator.data.catalog import Field, Table
from generator.data.cells import CellFault, CellVerdict, LooseCell
from generator.data.issue import Issue, column_letter, make_cell_issue, make_file_issue
from generator.data.messages import (
    describe_enum,
    describe_length,
    describe_pattern,
    describe_range,
    describe_type,
    show_cell,
)

_CONSTRAINT = re.compile(r'constraint "(\w+)"')
_BOUNDS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_LENGTHS: Final = ("minLength", "maxLength")
_LOOSE_CURES: Final = MappingProxyType(
    {
        "date": "请补足两位的月和日，去掉空格。",
        "yearmonth": "请把月份补足两位，去掉空格。",
        "year": "请用半角数字，去掉空格。",
    }
)


def describe_verdict(table: Table, verdict: CellVerdict) -> Iterator[Issue]:
    """The issues of a table's cells and rows."""
    ragged = {fault.row for fault in verdict.faults if fault.type in ("missing-cell", "extra-cell")}
    told: set[int] = set()
    for fault in verdict.faults:
        if fault.row in ragged:
            # One message for a ragged row: every cell behind the slip would be a fault too.
            if fault.row not in told:
                told.add(fault.row)
                same = [item for item in verdict.faults if item.row == fault.row]
                yield _describe_ragged(table, same)
            continue
        yield _describe_fault(table, fault)
    for cell in verdict.loose:
        yield _describe_loose(table, cell)


def _describe_ragged(table: Table, faults: Sequence[CellFault]) -> Issue:
    missing = sum(fault.type == "missing-cell" for fault in faults)
    extra = sum(fault.type == "extra-cell" for fault in faults)
    width = len(table.fields)
    found = width - missing + extra
    return make_file_issue(
        "E-ROW",
        "列数不对",
        table,
        row=faults[0].row,
        found=f" {found} 列",
        expected=f"{width} 列，与首行的字段一一对应",
        cure="请补上缺的逗号；单元格里有逗号的，给整格加上英文双引号。"
        if missing
        else "请删去多出的逗号；单元格里有逗号的，给整格加上英文双引号。",
    )


def _describe_fault(table: Table, fault: CellFault) -> Issue:
    if fault.type == "blank-row":
        return make_file_issue(
            "E-ROW",
            "空行",
            table,
            row=fault.row,
            found="空行",
            expected="每行一条记录",
            cure="请删去这一行。",
        )
    field = table.fields[fault.field_number - 1]
    code, title, expected, cure = _word_fault(fault, field)
    return make_cell_issue(
        code,
        title,
        table,
        fault.row,
        field,
        found=show_cell(fault.cell),
        expected=expected,
        cure=cure,
    )


def _word_fault(fault: CellFault, field: Field) -> tuple[str, str, str, str]:
    """Code, title, expected and cure of a cell error."""
    if fault.type == "type-error":
        return "E-TYPE", "类型不对", describe_type(field), "请改成这种写法。"
    named = _CONSTRAINT.search(fault.note)
    constraint = named.group(1) if named else ""
    if constraint == "required":
        words = "、".join(f"“{word}”" for word in field.missing_values if word)
        note = f"（空着或写{words}都算没有填）" if words else ""
        return "E-REQUIRED", "必填项没有填", f"{_describe_any(field)}{note}", "请补填。"
    if constraint == "enum":
        return "E-ENUM", "不在可选范围内", describe_enum(field), "请改成其中一个词，一字不差。"
    if constraint == "pattern":
        return "E-PATTERN", "写法不对", describe_pattern(field), "请对照原件核对后改正。"
    if constraint in _BOUNDS:
        return "E-RANGE", "超出范围", describe_range(field), "请核对数值和单位。"
    if constraint in _LENGTHS:
        return "E-LENGTH", "字数不对", describe_length(field), "请补全或精简。"
    return "E-CELL", "不合规定", fault.note, "请对照数据字典改正。"


def _describe_any(field: Field) -> str:
    if field.enum:
        return describe_enum(field)
    if field.pattern:
        return describe_pattern(field)
    return describe_type(field)


def _describe_loose(table: Table, cell: LooseCell) -> Issue:
    return make_cell_issue(
        "E-FORM",
        "写法不统一",
        table,
        cell.row,
        cell.field,
        found=show_cell(cell.cell),
        expected=describe_type(cell.field),
        cure=_LOOSE_CURES.get(
            cell.field.type, "请用半角数字和小数点，不用科学记数法、下划线、空格。"
        ),
    )


def describe_header(table: Table, labels: Sequence[str]) -> Iterator[Issue]:
    """The issues of a header that is not exactly the table's fields in order.

    `labels` are the header's cells, trimmed.
    """
    names = table.field_names
    listed = "首行依次为：" + ",".join(names)
    if sorted(labels) == sorted(names):
        places = [
            f"{column_letter(number)} 列现为“{label}”（应为“{name}”）"
            for number, (label, name) in enumerate(zip(labels, names, strict=True), start=1)
            if label != name
        ]
        yield make_file_issue(
            "E-HEADER",
            "首行字段的次序不对",
            table,
            row=1,
            found="：" + "，".join(places),
            expected=listed,
            cure="请把各列连同数据移到规定的次序。",
        )
        return
    missing = [name for name in names if name not in labels]
    surplus = [
        (number, label)
        for number, label in enumerate(labels, start=1)
        if label not in names or label in labels[: number - 1]
    ]
    if missing and not surplus:
        yield make_file_issue(
            "E-HEADER",
            "首行缺少字段",
            table,
            row=1,
            found="缺少 " + "、".join(_name_with_place(table, name) for name in missing),
            expected=listed,
            cure="请补上这几列。",
        )
    elif surplus and not missing:
        yield make_file_issue(
            "E-HEADER",
            "首行多出字段",
            table,
            row=1,
            found="多出 "
            + "、".join(
                f"{column_letter(number)} 列{show_cell(label)}" for number, label in surplus
            ),
            expected=listed,
            cure="请删去多出的列；重复的只留一列。",
        )
    else:
        yield make_file_issue(
            "E-HEADER",
            "首行字段名不对",
            table,
            row=1,
            found="不认识 "
            + "、".join(
                f"{column_letter(number)} 列{show_cell(label)}" for number, label in surplus
            )
            + "，缺少 "
            + "、".join(_name_with_place(table, name) for name in missing),
            expected=listed,
            cure="请把首行改成规定的字段名，一字不差。",
        )


def _name_with_place(table: Table, name: str) -> str:
    number = table.field_names.index(name) + 1
    return f"{name}「{table.field(name).title}」（应在 {column_letter(number)} 列）"
