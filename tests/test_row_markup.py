import polars as pl
import pytest
from enterprise_dataset import read_real_catalog
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import escape

from generator.domain.absence import Absence
from generator.site.render import escape_text
from generator.site.row_markup import (
    ABSENCE_MARKS,
    join_rows,
    link_address,
    mark_up_cells,
    mark_up_facts,
    mark_up_row,
    mark_up_rows,
    mark_up_title,
    plan_column,
)
from generator.site.views.text import format_cell
from generator.site.views.visible import reveal_controls

HOSTILE = "</td><script>alert(1)</script>\"'&\x1a\x1c\x1d\u202e"
FIELDS = {
    "text": ("enterprise_contact", "env_dept"),
    "number": ("noise", "day_value"),
    "integer": ("production_service", "employees"),
    "date": ("noise", "monitor_date"),
    "datetime": ("facility_abnormal", "start_time"),
    "boolean": ("facility_abnormal", "reported"),
    "word that looks absent": ("drill_event", "event_level"),
}
CELLS = st.one_of(
    st.text(max_size=12),
    st.text("<>&\"'\x1a\x1c\x1d a1T-\u202e", max_size=8),
    st.sampled_from(
        ["", "不适用", "不公开", "0", "0.50", "-1234567.8", "2016-05-03T08:00:00", "\n", HOSTILE]
    ),
    st.decimals(allow_nan=False, allow_infinity=False).map(lambda number: f"{number:f}"),
).filter(lambda text: not _has_surrogate(text))


@pytest.mark.parametrize("kind", FIELDS)
@settings(deadline=None)
@given(cells=st.lists(CELLS, min_size=1, max_size=20))
def test_a_column_marks_up_each_cell_as_it_would_be_shown_alone(
    kind: str, cells: list[str]
) -> None:
    table, name = FIELDS[kind]
    field = read_real_catalog().table(table).field(name)
    found = mark_up_cells(pl.DataFrame({name: cells}), [plan_column(field, 0, {})])
    for text, markup in zip(cells, found.to_series().to_list(), strict=True):
        alone = format_cell(field, text)
        if isinstance(alone, Absence):
            assert markup == ABSENCE_MARKS[alone]
        else:
            assert markup == escape(reveal_controls(alone))


@settings(deadline=None)
@given(st.lists(CELLS, min_size=2))
def test_no_cell_holds_markup_or_the_mark_of_an_absence(cells: list[str]) -> None:
    field = read_real_catalog().table("enterprise_contact").field("env_dept")
    columns = [plan_column(field, place, {}) for place in range(len(cells))]
    rows = pl.DataFrame([cells], orient="row")
    (row,), (facts,) = (
        mark_up_rows(rows, columns),
        mark_up_facts(rows, columns, [("题", "")] * len(cells)),
    )
    found = row.removeprefix("<tr>").split("<td>")[1:]
    assert len(found) == len(cells)
    assert facts == "".join(f"<dt>题</dt><dd>{cell}</dd>\n" for cell in found)
    for cell in found:
        assert not set("<>\"'") & set(cell)
        assert cell in ABSENCE_MARKS.values() or not set(ABSENCE_MARKS.values()) & set(cell)


def test_code_words_stand_in_for_codes_and_leave_unknown_ones() -> None:
    field = read_real_catalog().table("exceedance").field("pollutant_code")
    columns = [plan_column(field, 0, {"w01018": "w01018 化学<需>氧量"})]
    rows = pl.DataFrame({"pollutant_code": ["w01018", "w9<", ""]})
    shown = [f"<tr><td>{cell}" for cell in ("w01018 化学&lt;需&gt;氧量", "w9&lt;", "\x1a")]
    assert mark_up_rows(rows, columns) == shown


def test_titles_rows_and_addresses_are_escaped() -> None:
    assert mark_up_title("昼间<限值", "") == "昼间&lt;限值"
    assert mark_up_title("限值", 'dB"') == '限值 <span class="hj-unit">dB&#34;</span>'
    assert mark_up_row(["<a>", Absence.WITHHELD]) == "<tr><td>&lt;a&gt;<td>\x1d"
    assert link_address("javascript:alert('1')") == "javascript:alert(&#39;1&#39;)"
    assert link_address("https://example.org/?a&b") == (
        '<a href="https://example.org/?a&amp;b" rel="nofollow noopener noreferrer">'
        "https://example.org/?a&amp;b</a>"
    )


def test_rows_that_go_astray_are_escaped() -> None:
    assert "<" not in escape(join_rows(["<tr><td>1"]))


@given(st.text())
def test_the_quick_escape_is_the_escape(text: str) -> None:
    assert escape_text(text) == str(escape(text))


def _has_surrogate(text: str) -> bool:
    return any(0xD800 <= ord(char) <= 0xDFFF for char in text)
