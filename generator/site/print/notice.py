"""Supervision notices as PDF: the words of their pages, laid out for A4."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos

from generator.site.print.line_breaks import break_lines
from generator.site.print.small_font import SUBSTITUTE, cut_font
from generator.site.views.supervision_notice import MissingUnit, NoticeView

_FONT: Final = "hei"
_MARGIN_MM: Final = 22
_TOP_MM: Final = 24
_BODY_PT: Final = 12
_TABLE_PT: Final = 9
_LINE: Final = 1.6
"""Line height in font sizes."""
_PT_MM: Final = 25.4 / 72
_TABLE_LINE_MM: Final = _TABLE_PT * _PT_MM * 1.4
_PADDING_MM: Final = 1.0
_INDENT: Final = "　　"
_DEMO: Final = "演示数据，单位均为虚构"
_ORDERS: Final = "现督办如下："
_UNITS_PART: Final = "附件一　缺报单位和所缺的表（{} 家）"
_FILINGS_PART: Final = "附件二　立案清单（{} 家）"
_FIELDS_PART: Final = "附件三　所缺各表的录入事项（{} 张表）"
_RULES_PART: Final = "依据和算法"
_FILINGS_NOTE: Final = (
    "超过首次公开期限仍未报齐的单位。列入清单是移交执法核查的线索，不是处罚决定。"
)
_NO_FILINGS: Final = "没有超过期限的单位。"
_NOTHING: Final = "无"
_PAGE: Final = "第 {} 页，共 {} 页"


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    width_mm: float
    align: Align = Align.L


_UNIT_COLUMNS: Final = (
    _Column("序号", 11, Align.R),
    _Column("单位", 51),
    _Column("区县", 18),
    _Column("所缺的表", 52),
    _Column("缺录项", 14, Align.R),
    _Column("期限", 20),
)
_FILING_COLUMNS: Final = (
    _Column("序号", 11, Align.R),
    _Column("单位", 71),
    _Column("区县", 18),
    _Column("列入名录", 32),
    _Column("期限", 20),
    _Column("缺表", 14, Align.R),
)
_FIELD_COLUMNS: Final = (
    _Column("表", 38),
    _Column("缺报家数", 17, Align.R),
    _Column("必填事项", 62),
    _Column("选填事项", 49),
)
_OWN_WORDS: Final = (
    _INDENT, _DEMO, _ORDERS, _UNITS_PART, _FILINGS_PART, _FIELDS_PART, _RULES_PART, _FILINGS_NOTE,
    _NO_FILINGS, _NOTHING, _PAGE,
    *(column.title for column in (*_UNIT_COLUMNS, *_FILING_COLUMNS, *_FIELD_COLUMNS)),
)  # fmt: skip
"""Every word that is not the view's."""


class _Paper(FPDF):
    """A4 with a running title from the second page on, and page numbers."""

    def __init__(self, view: NoticeView, font: Path) -> None:
        super().__init__("portrait", "mm", "A4")
        self._running = f"{view.title}　{view.number}"
        self._mark = _DEMO if view.demo else ""
        self.set_margins(_MARGIN_MM, _TOP_MM, _MARGIN_MM)
        self.set_auto_page_break(True, margin=_TOP_MM)
        self.add_font(_FONT, fname=font)
        # The boxes are right already; measuring every glyph anew takes most of the time.
        self.fonts[_FONT].ttfont.recalcBBoxes = False  # type: ignore[union-attr]

    def header(self) -> None:
        """The running title; the first page has its own."""
        words = "　".join(filter(None, (self._running if self.page_no() > 1 else "", self._mark)))
        if words:
            self.set_font(_FONT, size=_TABLE_PT)
            self.set_y(12)
            self.cell(0, 5, words, align=Align.C)
        self.set_y(_TOP_MM)

    def footer(self) -> None:
        """第 n 页，共 N 页."""
        self.set_font(_FONT, size=_TABLE_PT)
        self.set_y(-16)
        self.cell(0, 5, _PAGE.format(self.page_no(), self.str_alias_nb_pages), align=Align.C)


def format_notices(views: Sequence[NoticeView]) -> tuple[bytes, ...]:
    """Each notice as a PDF; the same view gives the same bytes, whatever the others are."""
    if not views:
        return ()
    with TemporaryDirectory() as folder:
        font = Path(folder) / "small.ttf"
        cut_font([*_OWN_WORDS, *(str(astuple(view)) for view in views)], font)
        return tuple(_format_notice(view, font) for view in views)


def _format_notice(view: NoticeView, font: Path) -> bytes:
    paper = _Paper(view, font)
    issued = dt.date.fromisoformat(view.issued)
    # The day it speaks of, not the day of the build.
    paper.set_creation_date(dt.datetime(issued.year, issued.month, issued.day, tzinfo=dt.UTC))
    paper.set_title(f"{view.title} {view.number}")
    paper.set_author(view.issuer)
    paper.set_lang("zh-CN")
    paper.set_producer("Huanjing")
    writer = _Writer(paper)
    paper.add_page()
    writer.write_line(view.title, 20, Align.C)
    writer.write_line(view.number, _BODY_PT, Align.C)
    writer.skip()
    writer.write_text(view.addressee)
    for paragraph in view.paragraphs:
        writer.write_text(_INDENT + paragraph)
    writer.write_text(_INDENT + _ORDERS)
    for number, demand in enumerate(view.demands, start=1):
        writer.write_text(f"{_INDENT}{number}. {demand}")
    writer.skip()
    writer.write_line(view.issuer, _BODY_PT, Align.R)
    writer.write_line(view.issued, _BODY_PT, Align.R)
    _write_units(writer, view.units)
    _write_filings(writer, view.filings)
    writer.start_part(_FIELDS_PART.format(len(view.tables)))
    writer.write_table(
        _FIELD_COLUMNS,
        [
            (table.title, table.units, table.required, table.optional or _NOTHING)
            for table in view.tables
        ],
    )
    writer.start_part(_RULES_PART)
    for number, rule in enumerate(view.rules, start=1):
        writer.write_text(f"{number}. {rule}", _TABLE_PT + 1)
    return bytes(paper.output())


def _write_units(writer: _Writer, units: Sequence[MissingUnit]) -> None:
    writer.paper.add_page()
    writer.start_part(_UNITS_PART.format(len(units)), top=True)
    writer.write_table(
        _UNIT_COLUMNS,
        [
            (
                unit.number,
                f"{unit.name}\n{unit.site_code}",
                unit.county,
                "、".join(unit.tables),
                unit.fields,
                unit.deadline,
            )
            for unit in units
        ],
    )


def _write_filings(writer: _Writer, filings: Sequence[MissingUnit]) -> None:
    writer.start_part(_FILINGS_PART.format(len(filings)))
    writer.write_text(_FILINGS_NOTE, _TABLE_PT + 1)
    if not filings:
        writer.write_text(_NO_FILINGS)
        return
    writer.write_table(
        _FILING_COLUMNS,
        [
            (
                str(number),
                unit.name,
                unit.county,
                unit.listed,
                unit.deadline,
                str(len(unit.tables)),
            )
            for number, unit in enumerate(filings, start=1)
        ],
    )


class _Writer:
    """Sets texts and tables on a paper, breaking lines as Chinese is broken."""

    def __init__(self, paper: FPDF) -> None:
        self.paper = paper
        self._known = frozenset(paper.fonts[_FONT].cmap)  # type: ignore[union-attr]
        self._size_pt = 0.0
        self._widths: dict[str, float] = {}

    def skip(self) -> None:
        """An empty line."""
        self.paper.ln(_BODY_PT * _PT_MM * _LINE)

    def write_line(self, text: str, size_pt: float, align: Align) -> None:
        """One line of its own."""
        self._use(size_pt)
        height = size_pt * _PT_MM * _LINE
        shown = self._printable(text)
        self.paper.cell(0, height, shown, align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def write_text(self, text: str, size_pt: float = _BODY_PT) -> None:
        """A paragraph over as many lines and pages as it needs."""
        self._use(size_pt)
        for line in self._break(text, self.paper.epw):
            self.write_line(line, size_pt, Align.L)

    def start_part(self, heading: str, *, top: bool = False) -> None:
        """A heading that does not stand alone at the foot of a page."""
        if not top:
            self.skip()
            if self.paper.will_page_break(40):
                self.paper.add_page()
        self.write_line(heading, 14, Align.L)
        self.paper.ln(1)

    def write_table(self, columns: Sequence[_Column], rows: Sequence[Sequence[str]]) -> None:
        """A table whose head stands on every page, and whose rows are never torn.

        Drawn line by line: fpdf2's own tables measure every cell several times over.
        """
        self._use(_TABLE_PT)
        head = [[column.title] for column in columns]
        self._write_row(columns, head, filled=True)
        for cells in rows:
            broken = [
                self._break(text, column.width_mm - 2 * _PADDING_MM)
                for column, text in zip(columns, cells, strict=True)
            ]
            if self.paper.will_page_break(_row_height(broken)):
                self.paper.add_page()
                self._use(_TABLE_PT)
                self._write_row(columns, head, filled=True)
            self._write_row(columns, broken, filled=False)

    def _write_row(
        self, columns: Sequence[_Column], cells: Sequence[Sequence[str]], *, filled: bool
    ) -> None:
        paper, height = self.paper, _row_height(cells)
        top, left = paper.get_y(), paper.l_margin
        if filled:
            paper.set_fill_color(235, 240, 238)
        for column, lines in zip(columns, cells, strict=True):
            paper.rect(left, top, column.width_mm, height, style="DF" if filled else "D")
            for number, line in enumerate(lines):
                room = column.width_mm - 2 * _PADDING_MM
                shift = room - self._measure(line) if column.align is Align.R else 0.0
                base = top + _PADDING_MM + (number + 0.75) * _TABLE_LINE_MM
                paper.text(left + _PADDING_MM + shift, base, line)
            left += column.width_mm
        paper.set_xy(paper.l_margin, top + height)

    def _use(self, size_pt: float) -> None:
        if size_pt != self._size_pt:
            self._size_pt, self._widths = size_pt, {}
        self.paper.set_font(_FONT, size=size_pt)

    def _break(self, text: str, width_mm: float) -> list[str]:
        return [
            line
            for paragraph in self._printable(text).split("\n")
            for line in break_lines(paragraph, self._measure, width_mm)
        ]

    def _measure(self, text: str) -> float:
        width = self._widths.get(text)
        if width is None:
            width = self._widths[text] = self.paper.get_string_width(text)
        return width

    def _printable(self, text: str) -> str:
        """The text with a mark for each character that the font does not have."""
        return "".join(
            char if char == "\n" or ord(char) in self._known else SUBSTITUTE for char in text
        )


def _row_height(cells: Sequence[Sequence[str]]) -> float:
    return max(len(lines) for lines in cells) * _TABLE_LINE_MM + 2 * _PADDING_MM
