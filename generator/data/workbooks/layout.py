"""How a table's sheet looks: its name, header words, notes and column widths."""

import re
from collections.abc import Collection
from typing import Final

from generator.data.catalog import Catalog, Field, Table
from generator.data.messages import (
    describe_enum,
    describe_length,
    describe_pattern,
    describe_range,
    describe_type,
)

GUIDE_SHEET: Final = "填写说明"
CODES_SHEET: Final = "代码表"
FAULTS_SHEET: Final = "问题清单"
OWN_SHEETS: Final = (GUIDE_SHEET, CODES_SHEET, FAULTS_SHEET)

HEADER_ROW: Final = 1
NAMES_ROW: Final = 2
"""The hidden row with the field names, by which columns are known when the sheet comes back."""
FIRST_DATA_ROW: Final = 3

SHEET_NAME_CHARS: Final = 31
_FORBIDDEN = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")
_NARROWEST: Final = 10
_WIDEST: Final = 40


def name_sheet(table: Table, taken: Collection[str]) -> str:
    """A sheet name from the table's title, unlike those taken."""
    plain = _FORBIDDEN.sub("", table.title).strip() or table.name
    folded = {name.casefold() for name in taken} | {"history"}
    name = plain[:SHEET_NAME_CHARS]
    number = 2
    while name.casefold() in folded:
        tail = f"（{number}）"
        name = plain[: SHEET_NAME_CHARS - len(tail)] + tail
        number += 1
    return name


def write_header(field: Field) -> str:
    """A column's heading: title, unit, and a star where it must be filled."""
    unit = f"（{field.unit}）" if field.unit else ""
    return f"{field.title}{unit}{'*' if field.required else ''}"


def write_note(catalog: Catalog, table: Table, field: Field, example: str) -> str:
    """What a heading's note tells: meaning, rules in words, an example."""
    lines = [field.description] if field.description else []
    rules = _describe_rules(field)
    lines.append(f"要求：{rules}。{'必填' if field.required else '选填'}。")
    words = [word for word in field.missing_values if word]
    if words and not field.required:
        lines.append(f"没有的填：{'、'.join(words)}；暂未掌握的留空。")
    for key in table.foreign_keys:
        if key.fields == (field.name,):
            title = catalog.table(key.table).title
            lines.append(f"须是“{title}”里已有的，可从“{CODES_SHEET}”选。")
    if field.name in table.primary_key:
        lines.append("本列用来识别一行，已有的行不能改。")
    if example and example.isprintable() and "例如" not in rules:
        shown = example if len(example) <= 40 else f"{example[:40]}…"
        lines.append(f"例如：{shown}")
    return "\n".join(lines)


def _describe_rules(field: Field) -> str:
    if field.enum:
        return describe_enum(field)
    if field.pattern:
        return describe_pattern(field)
    rules = [describe_type(field)]
    if field.minimum is not None or field.maximum is not None:
        rules.append(describe_range(field))
    if field.min_length is not None or field.max_length is not None:
        rules.append(describe_length(field))
    return "，".join(rules)


def column_width(field: Field) -> int:
    """A column's width in half-width characters."""
    header = sum(2 if ord(char) > 0x2E7F else 1 for char in write_header(field)) + 4
    least = {"date": 12, "number": 12, "string": 14}.get(field.type, _NARROWEST)
    if field.max_length is not None and field.max_length > 150:
        least = _WIDEST
    if field.name.endswith(("site_code", "uscc")):
        least = 26
    return max(least, min(header, _WIDEST))


def guide_lines(district: str, sheets: Collection[tuple[str, int, bool]]) -> list[str]:
    """The lines of the first sheet. `sheets` has names, numbers of rows, whether append-only."""
    return [
        f"{district} 环境信息填报工作簿",
        "",
        "怎样填",
        "1. 每张表一个工作表。第一行是栏目名称和单位，带 * 的必填；鼠标停在栏目名称上，"
        "会显示填写要求。",
        "2. 已有的内容都列出来了，要改就直接改；新的一行写在最下面，中间不必空行。",
        "3. 有下拉箭头的格，从下拉里选；代码只填代码本身，代码是什么意思见“代码表”。",
        "4. 灰色的格是已有行的编号，不能改。编号登记错了，请联系管理员。",
        "5. 日期写成 2016-07-03，月份写成 2016-05。数字只填数字，不带单位、千分号和汉字。",
        "6. 空着表示还没有报；确实没有的填“不适用”；依法不公开的填“不公开”；零就填 0。",
        "7. 不要写公式，不要改工作表的名称，不要加列、移列，不要合并单元格。从别处粘贴时，"
        "选“只粘贴数值”。",
        "8. 填好后保存为 .xlsx 交回。有错的话，会收到一份名为“……-有误.xlsx”的工作簿，"
        "错的格标成红色，改好后把那一份交回即可。",
        "9. 要删去整行，请在交回时说明；只在表里删掉，不会从网站上删除。",
        "",
        "本工作簿的表",
        *(
            f"· {name}：已有 {rows:,} 行{'；只能加新行，已有的行不能改' if only else ''}"
            for name, rows, only in sheets
        ),
    ]
