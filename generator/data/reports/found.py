"""What was found, in English.

A message says in Chinese what stands in a file. Where that is the cell itself,
it is quoted; the rest are a few fixed turns, which are told here one by one.
"""

import re
from collections.abc import Sequence
from typing import Final

_CELL: Final = r"(空|“.*”(?:（共 \d+ 字）)?)"
_QUOTED: Final = re.compile(r"(“[^”]*”)")
_LENGTH: Final = re.compile(r"（共 (\d+) 字）")
_CHINESE: Final = re.compile(r"[\u3001-\u9fff\uff00-\uffef]")

_TURNS: Final[Sequence[tuple[re.Pattern[str], str]]] = tuple(
    (re.compile(chinese, re.DOTALL), english)
    for chinese, english in (
        (r"(“[^”]*”)之后(“[^”]*”)", r"{2} behind {1}"),
        (_CELL, r"{1}"),
        (rf"{_CELL}，与第 (\d+) 行相同", r"{1}, the same as row {2}"),
        (rf"{_CELL}（本格 SHA-256 ([0-9a-f]{{64}})）", r"{1} (SHA-256 of this cell: {2})"),
        (rf"{_CELL}，这是一条已撤回记录的编号", r"{1}, the number of a withdrawn record"),
        (rf"{_CELL}（主键 (.*)，原为{_CELL}）", r"{1} (key “{2}”; it was {3})"),
        (
            rf"{_CELL}（主键 (.*)，基准版本里最后一个阶段是{_CELL}）",
            r"{1} (key “{2}”; the last stage of the base revision is {3})",
        ),
        (
            rf"{_CELL}（主键 (.*)，前一个新事件是{_CELL}）",
            r"{1} (key “{2}”; the new event before it is {3})",
        ),
        (rf"{_CELL}（主键 (.*)）", r"{1} (key “{2}”)"),
        (r"空行", "an empty row"),
        (r" ?(\d+) 列", r"{1} cells"),
        (r"首行 (.*)", r"the header “{1}”"),
        (r"共 (\d+) 行，以上只列前 (\d+) 行", r"{1} rows, of which the first {2} are listed"),
        (
            r"第 (\d+) 个字节不合 UTF-8，看起来是 (\S+) 编码",
            r"byte {1} is not UTF-8; it looks like {2}",
        ),
        (r"第 (\d+) 个字节不合 UTF-8", r"byte {1} is not UTF-8"),
        (r"一个空字节（NUL）", "a NUL byte"),
        (
            r"只有开头的英文双引号，以后各行都被并入这一格",
            "an opening quotation mark alone; all lines behind it became part of this cell",
        ),
        (r"找不到这个文件", "no such file"),
        (r"没有任何内容", "nothing"),
        (r"读取出错", "an error while reading"),
        (r"不是完好的 Parquet 文件（(.*)）", r"no sound Parquet file ({1})"),
        (r"列类型 (\S+)", r"the column type {1}"),
        (r"没有字段「.*」（(\w+)）", r"no field {1}"),
        (
            r"没有字段.*，(\d+) 条记录无法与以前对应",
            r"no field of the old key; {1} records cannot be matched with what they were",
        ),
        (
            r"datapackage\.json 不再列出表 (\w+)（原有 (\d+) 行）",
            r"datapackage.json lists {1} no more (it had {2} rows)",
        ),
        (
            r"基准版本里这个文件的编码、首行或引号有错",
            "the base revision's file has a wrong encoding, header or quotation mark",
        ),
        (r"GPS 位置", "a GPS position"),
        (r"\S+?(“[0-9*Xx]+”)", r"the number {1}"),
    )
)

_HEADER_ITEMS: Final[Sequence[tuple[re.Pattern[str], str]]] = (
    (re.compile(r"(\w+)「[^」]*」（应在 ([A-Z]+) 列）"), r"\1 (column \2)"),
    (re.compile(r"([A-Z]+) 列现为(“[^”]*”)（应为(“[^”]*”)）"), r"column \1 is \2 (should be \3)"),
    (re.compile(r"([A-Z]+) 列(“[^”]*”|空)"), r"column \1 \2"),
)
_HEADER_WORDS: Final = (
    ("字段次序为 ", "the order "), ("不认识 ", "unknown: "), ("缺少 ", "missing: "),
    ("多出 ", "surplus: "), ("空", "without a name"), ("、", ", "), ("，", "; "),
)  # fmt: skip


def translate_found(found: str) -> str:
    """The English of what was found; empty where a Chinese sentence has none."""
    for pattern, english in _TURNS:
        match = pattern.fullmatch(found)
        if match:
            return english.format("", *map(_name_cell, match.groups()))
    return _translate_header(found.strip(" ："))


def _name_cell(text: str) -> str:
    return "an empty cell" if text == "空" else _LENGTH.sub(r" (\1 characters)", text)


def _translate_header(found: str) -> str:
    for pattern, english in _HEADER_ITEMS:
        found = pattern.sub(english, found)
    parts = _QUOTED.split(found)
    for number in range(0, len(parts), 2):
        for chinese, english in _HEADER_WORDS:
            parts[number] = parts[number].replace(chinese, english)
        if _CHINESE.search(parts[number]):
            return ""
    return "".join(parts)
