"""Markdown reports: data stays data, lists are cut with exact counts, a comment has room."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.data.diff import ChangedRow, FieldChange, Row, TableDiff
from generator.site.change_markdown import COMMENT_CHARS, KEYS_SHOWN, format_markdown
from generator.site.consequences import ChangeReport
from generator.site.markdown_cells import CELL_CHARS, escape, quote, quote_change

HOSTILE = (
    "甲|乙",
    "`rm -rf`",
    "``` 围栏",
    "</code><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "@maintainer",
    "@org/team",
    "a@b.cn",
    "#123",
    "org/repo#1",
    "![图](http://x.cn/a.png)",
    "[点](javascript:alert(1))",
    "http://evil.example",
    "WWW.evil.example",
    "**粗** _斜_ ~~删~~",
    "| --- |",
    "\n\n## 标题",
    "尾\\",
    "&lt;b&gt;",
    ":smile: $x$ {{ 7*7 }}",
    "零\u200b宽\u202e反",
    "<!-- -->",
)


def make_report(*tables: TableDiff) -> ChangeReport:
    return ChangeReport("HEAD", "0" * 40, "工作区", "", tables, None, ("没有算。",))


def make_table(
    changed: tuple[ChangedRow, ...] = (), added: tuple[Row, ...] = (), note: str = ""
) -> TableDiff:
    return TableDiff(
        name="noise", title="厂界噪声", key=("no",), key_titles=("编号",),
        titles={"no": "编号", "text": "说明"}, added=added, removed=(), changed=changed,
        added_count=len(added), removed_count=0, changed_count=len(changed), note=note,
    )  # fmt: skip


def changed_row(key: str, old: str, new: str) -> ChangedRow:
    return ChangedRow((key,), (FieldChange("text", "说明", old, new),))


def strip_known_markup(text: str) -> str:
    return re.sub(r"</?code>|<br>|<!-- -->|&#[0-9]+;", "", text)


@pytest.mark.parametrize("cell", HOSTILE)
def test_a_hostile_cell_is_neither_markup_nor_mention_nor_a_new_column(cell: str) -> None:
    report = make_report(
        make_table((changed_row(cell, "旧", cell),), (Row((cell,), (("text", cell),)),))
    )
    text = format_markdown(report)
    rest = re.sub(r"(?m)^#{2,3} ", "", strip_known_markup(text))
    assert not set(rest) & set("<>`@*_[]\\&$#")
    assert not re.search(r"(?i)https?://|www\.", rest)
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in rows} == {3, 5}
    assert not re.search(r"[\u200b\u202e]", text)


@given(
    st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Nd"]), max_size=CELL_CHARS)
)
def test_what_is_quoted_reads_back_as_it_was(cell: str) -> None:
    shown = quote(cell)
    if not cell:
        assert shown == "（空）"
        return
    assert shown.startswith("<code>")
    assert shown.endswith("</code>")
    back = unescape(shown.removeprefix("<code>").removesuffix("</code>").replace("<!-- -->", ""))
    spelled = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in cell)
    assert back == spelled
    assert not re.search(r"[<>|`@\\\n\r*_\[\]]", escape(cell).replace("<!-- -->", ""))


def test_a_long_cell_is_cut_with_its_length() -> None:
    assert quote("字" * 75) == f"<code>{'字' * CELL_CHARS}</code>…（共 75 字）"


def test_of_two_long_cells_the_place_where_they_differ_is_shown() -> None:
    old, new = "同" * 200 + "甲" + "尾" * 5, "同" * 200 + "乙" + "尾" * 5
    shown = quote_change(old, new)
    assert "甲尾尾" in shown
    assert "乙尾尾" in shown
    assert shown.count("同") == 20


def test_numbers_of_persons_are_starred() -> None:
    identity = "11010519491231002X"
    row = changed_row("K1", f"联系人身份证{identity}，手机13912345678" + "字" * 60, "（已删去）")
    text = format_markdown(make_report(make_table((row,))))
    assert identity not in text
    assert "13912345678" not in text
    assert "110&#42;" in text


def test_equal_changes_are_one_line_with_the_number_of_rows() -> None:
    rows = tuple(changed_row(f"R{number:03d}", "整改", "消除") for number in range(300))
    odd = changed_row("R999", "整改", "销号")
    text = format_markdown(make_report(make_table((*rows, odd))))
    lines = [line for line in text.splitlines() if "整改" in line]
    assert len(lines) == 2
    assert f"R{KEYS_SHOWN - 1:03d}" in lines[0]
    assert f"R{KEYS_SHOWN:03d}" not in lines[0]
    assert "等 300 行" in lines[0]
    assert "R999" in lines[1]
    assert "修改 301 行" in text


def test_a_long_list_is_cut_and_the_rest_is_counted() -> None:
    rows = tuple(changed_row(f"R{number:03d}", "旧", f"新{number}") for number in range(50))
    added = tuple(Row((f"A{number:03d}",), (("text", "x"),)) for number in range(33))
    text = format_markdown(make_report(make_table(rows, added)))
    assert "另有 30 行修改未列出。" in text
    assert "另有 13 行新增未列出。" in text
    assert text.count("<code>A0") == 20


def test_the_worst_report_fits_into_one_comment() -> None:
    wide = tuple(
        ChangedRow(
            (f"K{number}",),
            tuple(FieldChange(f"f{i}", "题" * 40, "|" * 500, f"@{number}" * 300)
                  for i in range(25)),
        )
        for number in range(400)
    )  # fmt: skip
    text = format_markdown(make_report(*[make_table(wide)] * 46))
    assert len(text) <= COMMENT_CHARS
    assert text.count("修改 400 行") == 46
    assert "没有算。" in text


def test_two_equal_states_say_so_and_nothing_else() -> None:
    text = format_markdown(make_report())
    assert text.endswith("两个版本的数据完全相同。\n")
    assert "影响" not in text


def test_a_table_that_could_not_be_compared_says_why() -> None:
    text = format_markdown(make_report(make_table(note="新版本的文件读不出来。")))
    assert "新版本的文件读不出来。" in text
