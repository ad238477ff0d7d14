"""Supervision notices as printed documents: text, fonts, pages, bytes."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from generator.site.print.line_breaks import break_lines
from generator.site.print.notice import format_notices
from generator.site.views.supervision_notice import MissingTable, MissingUnit, NoticeView


def make_unit(number: int, **changes: object) -> MissingUnit:
    unit = MissingUnit(
        number=str(number),
        name=f"临川恒诚第{number}化工有限公司",
        route="enterprise/x.html",
        site_code=f"91990102MA00{number:05d}X001P",
        county="江北区",
        tables=("厂界噪声", "水污染物排放浓度"),
        fields="18",
        listed="2016-03-31（最迟）",
        deadline="2016-06-29",
        filed=number % 2 == 0,
    )
    return replace(unit, **changes)  # type: ignore[arg-type]


def make_view(units: int = 3, **changes: object) -> NoticeView:
    listed = tuple(make_unit(number) for number in range(1, units + 1))
    view = NoticeView(
        crumbs=(),
        number="环督〔2016〕990102号",
        title="环境信息公开督办通知书",
        addressee="临川市江北区环境保护局：",
        paragraphs=("截至 2016-07-03，公开率 89.96%，低于 90% 的底线。" * 3,),
        demands=("补齐所缺各表。", "逐家核查。"),
        issuer="示例省环境保护厅",
        issued="2016-07-03",
        units=listed,
        filings=tuple(unit for unit in listed if unit.filed),
        tables=(MissingTable("厂界噪声", "", "3", "监测点位、监测日期", ""),),
        rules=("恰好等于不算低于。",),
        demo=True,
        pdf_route="supervision/notice-2016-990102.pdf",
        district_route="district/990102.html",
    )
    return replace(view, **changes)  # type: ignore[arg-type]


def read(view: NoticeView) -> tuple[PdfReader, list[str]]:
    (document,) = format_notices([view])
    reader = PdfReader(io.BytesIO(document))
    return reader, [page.extract_text() for page in reader.pages]


def squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_every_word_of_the_notice_can_be_read_back() -> None:
    view = make_view()
    text = squeeze("".join(read(view)[1]))
    for words in (
        view.title, view.number, view.addressee, *view.paragraphs, *view.demands, view.issuer,
        view.issued, *view.rules, "附件一缺报单位和所缺的表（3家）", "附件二立案清单（1家）",
        "附件三所缺各表的录入事项（1张表）", "监测点位、监测日期", "演示数据",
    ):  # fmt: skip
        assert squeeze(words) in text
    for unit in view.units:
        assert squeeze(unit.name) in text
        assert unit.site_code in text
    assert "〓" not in text


def test_the_font_is_embedded_as_a_subset() -> None:
    reader, _ = read(make_view())
    fonts: dict[str, DictionaryObject] = {}
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            whole = font.get_object()
            fonts[str(whole["/BaseFont"])] = whole["/DescendantFonts"][0].get_object()
    ((name, font),) = fonts.items()
    assert re.fullmatch(r"/[A-Z]{6}\+WenQuanYiMicroHei", name)
    assert len(font["/FontDescriptor"]["/FontFile2"].get_data()) > 10_000


def test_pages_are_numbered_and_carry_the_running_title_and_the_table_head() -> None:
    view = make_view(units=90)
    _, pages = read(view)
    assert len(pages) > 5
    for number, page in enumerate(pages, start=1):
        assert squeeze(f"第 {number} 页，共 {len(pages)} 页") in squeeze(page)
        assert view.number in squeeze(page)
    heads = [page for page in pages if "所缺的表" in page and "缺录项" in page]
    carried = [page for page in pages if re.search(r"91990102MA00\d{5}X001P", page)]
    assert len(carried) > 2
    assert carried == heads


def test_no_row_is_torn_and_none_is_lost_at_a_page_break() -> None:
    _, pages = read(make_view(units=90))
    found = [
        (number, code)
        for number, page in enumerate(pages)
        for code in re.findall(r"91990102MA00(\d{5})X001P", page)
    ]
    assert [int(code) for _, code in found] == list(range(1, 91))
    for number, page in enumerate(pages):
        names = re.findall(r"恒诚第(\d+)化工有限公司\s+91990102MA00(\d{5})X001P", page)
        codes = [code for place, code in found if place == number]
        assert [int(code) for _, code in names] == [int(code) for code in codes]
        assert all(int(name) == int(code) for name, code in names)


def test_the_same_notice_gives_the_same_bytes_whatever_the_others_say() -> None:
    one, other = make_view(), make_view(units=7, addressee="鑫淼垚犇骉县环境保护局：")
    (alone,) = format_notices([one])
    assert format_notices([one]) == (alone,)
    assert format_notices([other, one])[1] == alone


def test_the_document_is_dated_by_its_data_and_names_its_language() -> None:
    reader, _ = read(make_view())
    assert reader.metadata is not None
    assert reader.metadata.creation_date is not None
    assert reader.metadata.creation_date.date().isoformat() == "2016-07-03"
    assert reader.metadata.title == "环境信息公开督办通知书 环督〔2016〕990102号"
    assert reader.trailer["/Root"]["/Lang"] == "zh-CN"  # type: ignore[index]


def test_a_character_without_a_glyph_is_marked_and_not_dropped() -> None:
    text = "".join(read(make_view(addressee="\U0001f3edA\u0007厂："))[1])
    assert "〓A〓厂：" in text


def test_a_name_longer_than_its_cell_is_broken_and_whole() -> None:
    name = "超长" * 60
    view = make_view(units=1)
    view = replace(view, units=(replace(view.units[0], name=name),))
    assert name in squeeze("".join(read(view)[1]))


def test_no_notice_makes_no_document() -> None:
    assert format_notices([]) == ()


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("截至2016-07-03，公开", 11, ("截至", "2016-07-03，", "公开")),
        ("甲乙丙，丁", 3, ("甲乙", "丙，丁")),
        ("甲乙（丙）丁", 3, ("甲乙", "（丙）", "丁")),
        ("率89.96%低", 7, ("率89.96%", "低")),
        ("", 5, ("",)),
    ],
)
def test_lines_break_where_chinese_breaks(text: str, width: int, lines: tuple[str, ...]) -> None:
    assert break_lines(text, len, width) == lines


@given(st.text(alphabet="甲乙，。（）“”0123aB%- ", max_size=60), st.integers(1, 12))
def test_breaking_loses_nothing_but_spaces_at_line_ends(text: str, width: int) -> None:
    lines = break_lines(text, len, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(len(line) <= width for line in lines)
