"""Words for issues: what a cell should hold, how to mend it, and how issues are shown.

Everything here is read by a clerk who knows the table and not the program:
Chinese, with the place in the file first and the cure last.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Protocol

from generator.data.catalog import Field
from generator.data.issue import Issue, Severity
from generator.data.issue_groups import EXAMPLES, group_issues, name_rows
from generator.data.personal import mask_personal

FOUND_SHOWN_CHARS: Final = 60
"""Longer cells are cut in messages, so that one runaway cell does not fill the screen."""

_RUNS_NAMED: Final = 12
"""Runs of rows that a group names behind its examples."""
SEVERITY_WORDS: Final[Mapping[Severity, str]] = MappingProxyType(
    {"error": "错误", "warning": "提醒", "notice": "说明"}
)

_KNOWN_PATTERNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "uscc": "统一社会信用代码 18 位，由数字和大写字母组成（不用 I、O、Z、S、V），"
        "例如 91990102MA3XABCD19",
        "site_code": "固定污染源代码 22 位：18 位统一社会信用代码 + 3 位顺序号 + 1 位大写字母，"
        "例如 91990102MA3XABCD19001P；没有国家编码的写 L + 6 位区划代码 + - + 本地编号",
        "permit_no": "许可证编号 22 位：18 位统一社会信用代码 + 3 位顺序号 + 1 位大写字母",
        "division_code": "6 位行政区划代码（乡镇、街道为 9 位），例如 990102",
        "parent_code": "6 位行政区划代码，例如 990100",
        "industry_code": "国民经济行业代码，2 至 4 位数字，前面可带门类字母，例如 C2614 或 2614",
        "ledger_no": "6 位区划代码 + 类别字母（T 淘汰关闭、Z 整顿规范、B 完善备案）+ 5 位顺序号，"
        "例如 990102-Z-00001",
        "event_no": "台账编号 + / + 2 位顺序号，例如 990102-Z-00001/01",
        "case_no": "BG + 年份 + W + 2 位周次 + - + 3 位顺序号，例如 BG2016W26-001",
        "iso_week": "年份 + -W + 2 位周次，例如 2016-W26",
        "public_phone": "区号-座机（可带分机）或 400、800 电话，例如 0999-6123456；不填手机",
        "photo_ref": "photos/ 加小写字母、数字、连字符组成的文件名，扩展名 png、jpg 或 webp",
        "cas_no": "CAS 号，例如 7664-41-7",
        "hw_code": "危险废物代码 8 位数字，例如 900-214-08",
        "hw_category": "HW 加 2 位数字，例如 HW08",
    }
)

_TYPE_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "integer": "整数，例如 12",
        "number": "数字，例如 12.5；不带单位、千分号和汉字",
        "date": "日期，写作 年-月-日，例如 2016-07-03",
        "datetime": "时间，写作 年-月-日T时:分:秒，例如 2016-07-03T08:00:00",
        "year": "4 位年份，例如 2016",
        "yearmonth": "年月，写作 年-月，例如 2016-05",
    }
)

_STRING_FORMATS: Final[Mapping[str, str]] = MappingProxyType(
    {"email": "电子邮箱，例如 hb@example.cn", "uri": "完整网址，以 http:// 或 https:// 开头"}
)

_CHARACTERS = re.compile(r"(\[([^\]\\^]+)\](?:\{([0-9]+)(?:,([0-9]+))?\})?)")
_KINDS = re.compile(r".-.|.")
_KIND_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {"0-9": "数字", "A-Z": "大写字母", "a-z": "小写字母"}
)
_SIMPLE_PIECE = re.compile(r"\[([^\]\\]+)\](?:\{([0-9]+)(?:,([0-9]+))?\})?|([A-Za-z/.\-]+)")


def describe_type(field: Field) -> str:
    """What kind of value the field holds, with an example."""
    if field.type == "boolean":
        return " 或 ".join((*field.true_values, *field.false_values))
    if field.type == "string":
        return _STRING_FORMATS.get(field.format, "文字")
    return _TYPE_WORDS.get(field.type, field.type)


def describe_enum(field: Field) -> str:
    """The words that the field allows."""
    return "只能填：" + "、".join(field.enum)


def describe_range(field: Field) -> str:
    """The bounds of the field, with its unit."""
    unit = f" {field.unit}" if field.unit and len(field.unit) <= 8 else ""
    low, high = (show_number(bound) for bound in (field.minimum, field.maximum))
    if low and high:
        return f"{low} 至 {high}{unit}"
    return f"不小于 {low}{unit}" if low else f"不大于 {high}{unit}"


def describe_length(field: Field) -> str:
    """How many characters the field takes."""
    low, high = field.min_length, field.max_length
    if low is not None and high is not None:
        return f"{low} 至 {high} 个字"
    return f"至少 {low} 个字" if low is not None else f"至多 {high} 个字"


def describe_pattern(field: Field) -> str:
    """The form that the field's pattern demands, in words where it is known."""
    if field.name in _KNOWN_PATTERNS:
        return _KNOWN_PATTERNS[field.name]
    return describe_form(field.pattern)


def describe_form(pattern: str) -> str:
    """The form that a pattern demands, in words where it is a simple one."""
    words = _find_listed_words(pattern)
    if words:
        return f"下列词语之一，几个之间用顿号“、”分开：{'、'.join(words)}"
    example = make_example(pattern)
    if example:
        return f"写法如 {example}（规则 {pattern}）"
    return _describe_characters(pattern) or f"符合规则 {pattern}"


def _describe_characters(pattern: str) -> str:
    """How many characters of which kinds, for a pattern such as [0-9A-Z][0-9A-Z-]{0,39}."""
    pieces = _CHARACTERS.findall(re.sub(r"\(\?:(.*)\)", r"\1", pattern))
    if not pieces or re.sub(r"\(\?:(.*)\)", r"\1", pattern) != "".join(p[0] for p in pieces):
        return ""
    kinds = dict.fromkeys(kind for piece in pieces for kind in _KINDS.findall(piece[1]))
    shown = "、".join(_KIND_WORDS.get(kind, f"“{kind}”") for kind in kinds)
    low = sum(int(piece[2] or 1) for piece in pieces)
    high = sum(int(piece[3] or piece[2] or 1) for piece in pieces)
    return f"{low} 至 {high} 个字符，只用{shown}" if high > low else f"{low} 个字符，只用{shown}"


def _find_listed_words(pattern: str) -> tuple[str, ...]:
    """The words of a pattern such as (?:(?:甲|乙)(?:、(?:甲|乙))*)."""
    found = re.fullmatch(r"\(\?:\(\?:([^()]+)\)\(\?:、\(\?:([^()]+)\)\)\*\)", pattern)
    if found and found.group(1) == found.group(2):
        return tuple(found.group(1).split("|"))
    return ()


def make_example(pattern: str) -> str:
    """A text that a simple pattern accepts, such as YS2016-000001; empty if it is not simple."""
    position, example = 0, ""
    while position < len(pattern):
        piece = _SIMPLE_PIECE.match(pattern, position)
        if piece is None:
            return ""
        classes, low, _, literal = piece.groups()
        if literal is not None:
            example += literal
        else:
            example += classes[0] * int(low or 1)
        position = piece.end()
    return example if re.fullmatch(pattern, example) else ""


def show_number(value: float | None) -> str:
    """A bound as people write it, without a needless .0; empty if there is none."""
    if value is None:
        return ""
    return str(int(value)) if value == int(value) else str(value)


def show_cell(text: str) -> str:
    """A cell as it is shown in a message: cut, control characters spelled out, persons masked."""
    masked = mask_personal(text)
    spelled = "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in masked)
    if len(spelled) > FOUND_SHOWN_CHARS:
        return f"“{spelled[:FOUND_SHOWN_CHARS]}…”（共 {len(text)} 字）"
    return f"“{spelled}”" if spelled else "空"


def format_place(issue: Issue) -> str:
    """Where an issue is: file, row, column letter and field title."""
    place = issue.file
    if issue.row is not None:
        place += f" 第 {issue.row} 行"
    if issue.column:
        place += f" {issue.column} 列"
    if issue.field_title:
        place += f"「{issue.field_title}」"
    return place


def format_issue(issue: Issue) -> str:
    """One line: place, kind, what was found, what is expected, the cure, the code."""
    return (
        f"{SEVERITY_WORDS[issue.severity]} {format_place(issue)}：{issue.title}。"
        f"现为{issue.found}；应为：{issue.expected}。{issue.cure}［{issue.code}］"
    )


class Report(Protocol):
    """Whatever has issues to show, such as a check's report."""

    @property
    def issues(self) -> tuple[Issue, ...]:
        """The issues in file and row order."""


def format_report(report: Report, limit: int = 50) -> str:
    """All issues in at most `limit` entries, equal faults read as one with three examples.

    Errors come first. The last line says how many of each severity there are,
    and how many kinds were left out.
    """
    issues = report.issues
    groups = [group.issues for group in group_issues(issues)]
    lines = [line for group in groups[:limit] for line in _format_group(group)]
    if len(groups) > limit:
        lines.append(f"……另有 {len(groups) - limit} 类问题未列出；先改以上各条，再检查一次。")
    lines.append(_format_totals(issues))
    return "\n".join(lines)


def _format_group(group: Sequence[Issue]) -> Iterator[str]:
    if len(group) <= EXAMPLES:
        yield from (format_issue(issue) for issue in group)
        return
    first = group[0]
    field = f" {first.column} 列「{first.field_title}」" if first.field else ""
    alike = len({issue.expected for issue in group}) == 1
    expected = f"应为：{first.expected}。" if alike else ""
    yield (
        f"{SEVERITY_WORDS[first.severity]} {first.file}{field}：{first.title}，"
        f"共 {len(group)} 处。{expected}{first.cure}［{first.code}］"
    )
    for issue in group[:EXAMPLES]:
        own = "" if alike else f"；应为：{issue.expected}"
        yield f"    第 {issue.row} 行：现为{issue.found}{own}"
    rest = group[EXAMPLES:]
    rows, more = name_rows((issue.row for issue in rest), _RUNS_NAMED, "、")
    yield f"    另有 {len(rest)} 处：第 {rows} 行{' 等' if more else ''}"


def _format_totals(issues: Sequence[Issue]) -> str:
    counts = {
        severity: sum(issue.severity == severity for issue in issues) for severity in SEVERITY_WORDS
    }
    if not issues:
        return "检查通过，没有发现问题。"
    return (
        "合计："
        + "，".join(
            f"{SEVERITY_WORDS[severity]} {count} 处" for severity, count in counts.items() if count
        )
        + "。"
    )
