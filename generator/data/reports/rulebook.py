"""The rule book: every kind of issue with its code, severity, words in both languages, source."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from types import MappingProxyType
from typing import Final

from generator.data.messages import SEVERITY_WORDS
from generator.data.reports.kinds import IssueKind, read_kinds

_INTRODUCTION: Final = """# 检查规则 / Rules of the check

本页由 `huanjing rules` 按规则登记生成，测试保证它与程序一致。This page is made by `huanjing rules`.

`huanjing check --format text|json|sarif|github|gitlab|html [--lang zh|en] [--output FILE]`

| 形式 | 用途 |
| --- | --- |
| `text` | 屏幕上看：同类问题并成一条，先列错误 |
| `html` | 给填报人：每类问题附表格摘录，行号、列号俱全，出错的单元格有标记 |
| `json` | 给程序：`groups` 是同类问题，`issues` 是全部问题 |
| `sarif` | SARIF 2.1.0，供代码托管平台和编辑器逐行显示 |
| `github` | GitHub Actions 标注，每类问题一条 |
| `gitlab` | GitLab 代码质量报告，指纹不随别的行增减而变 |

退出码：有“错误”为 1，否则为 0。“提醒”“说明”不妨碍生成网站，公布在“已知数据问题”页。
行号指表格软件里的行号；单元格里有换行时，`sarif`、`github`、`gitlab` 给出的是文件里真正的行。
任何形式都不重复查到的个人信息，号码只留首尾几位。

## 个人信息的豁免

经审核可以公开的单元格登记在 `datasets/privacy-allow.csv`，
各列为 `table,column,sha256,reason,reviewer,expires`。
`sha256` 由报告给出（单元格全文的 SHA-256），内容一改就要重新审核；
`expires` 与数据里最新的日期相比，不看时钟。
"""

_UNCHECKED: Final = """## 没有检查的规则 / Rules that are not checked

- **R13**：按日连续处罚的总额等于原罚款乘以天数（环境保护主管部门实施按日连续处罚办法第十九条）。
  表里的 `fine` 只有累计总额，没有原罚款，也没有天数，三个数缺了两个，无从核对；
  要检查，先要在 `penalty_rectification` 里增加这两栏。
  *The total of a daily penalty is the original fine times the days: the table has the total alone.*
- **R14** 只查得到有公开记录的处罚决定：同一排污单位、日期与作出决定之日相同的“首次公开”。
  放假和调休写在 `generator/data/workdays.toml`，没有列出的年份不查。
  *R14 sees decisions with a record of disclosure, in years whose holidays are listed.*
"""

_SECTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {"E": "数据的形式 / Form", "R": "规则 / Rules", "L": "台账 / Ledger"}
)


def format_rulebook() -> str:
    """The rule book in Markdown."""
    lines = [_INTRODUCTION]
    kinds = sorted(read_kinds().values(), key=lambda kind: (_rank(kind), kind.code))
    for section, members in groupby(kinds, key=lambda kind: kind.code[0]):
        lines.append(f"## {_SECTIONS[section]}\n")
        for code, same in groupby(members, key=lambda kind: kind.code):
            lines += [f"### {code}\n", *_describe(tuple(same)), ""]
    return "\n".join([*lines, _UNCHECKED]).rstrip() + "\n"


def _rank(kind: IssueKind) -> int:
    return list(_SECTIONS).index(kind.code[0])


def _describe(kinds: tuple[IssueKind, ...]) -> Iterator[str]:
    for kind in kinds:
        source = f"依据：{kind.source}。" if kind.source else ""
        yield (
            f"- **{kind.title}**（{SEVERITY_WORDS[kind.severity]}）：{kind.plain}{source}  \n"
            f"  *{kind.title_en}* ({kind.severity}). "
            f"Expected: {kind.expected_en}. {kind.cure_en}"
        )
