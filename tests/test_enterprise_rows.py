import polars as pl
import pytest
from enterprise_dataset import read_real_catalog
from hypothesis import given
from hypothesis import strategies as st

from generator.domain.absence import Absence
from generator.site.views.packed_rows import (
    ABSENCE_MARKS,
    CELL_BREAK,
    HEADER_BREAK,
    ROW_BREAK,
    UNIT_END,
    UNIT_START,
    pack_cells,
    pack_header,
    pack_rows,
    plan_column,
)
from generator.site.views.text import format_cell
from generator.site.views.visible import reveal_controls

MARKS = {CELL_BREAK, ROW_BREAK, HEADER_BREAK, UNIT_START, UNIT_END, *ABSENCE_MARKS.values()}
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
    st.sampled_from(
        ["", "不适用", "不公开", "0", "0.50", "-1234567.8", "2016-05-03T08:00:00", "\n"]
    ),
    st.decimals(allow_nan=False, allow_infinity=False).map(lambda number: f"{number:f}"),
)


@pytest.mark.parametrize("kind", FIELDS)
@given(cells=st.lists(CELLS.filter(lambda text: not _has_surrogate(text)), min_size=1, max_size=20))
def test_a_column_packs_each_cell_as_it_would_be_shown_alone(kind: str, cells: list[str]) -> None:
    table, name = FIELDS[kind]
    field = read_real_catalog().table(table).field(name)
    packed = pack_rows(pl.DataFrame({name: cells}), [plan_column(field, 0, {})])
    for text, found in zip(cells, packed, strict=True):
        alone = format_cell(field, text)
        expected = ABSENCE_MARKS[alone] if isinstance(alone, Absence) else reveal_controls(alone)
        assert found == expected


@given(st.lists(st.text(max_size=9).filter(lambda text: not _has_surrogate(text)), min_size=2))
def test_no_cell_can_hold_a_mark_of_the_packing(cells: list[str]) -> None:
    field = read_real_catalog().table("enterprise_contact").field("env_dept")
    formats = [plan_column(field, place, {}) for place in range(len(cells))]
    (packed,) = pack_rows(pl.DataFrame([cells], orient="row"), formats)
    assert len(packed.split(CELL_BREAK)) == len(cells)
    shown = "".join(cell for cell in packed.split(CELL_BREAK) if cell not in MARKS)
    assert not MARKS & set(shown)


def test_code_words_stand_in_for_codes_and_leave_unknown_ones() -> None:
    field = read_real_catalog().table("exceedance").field("pollutant_code")
    formats = [plan_column(field, 0, {"w01018": "w01018 化学需氧量"})]
    rows = pl.DataFrame({"pollutant_code": ["w01018", "w99999", ""]})
    assert pack_rows(rows, formats) == ["w01018 化学需氧量", "w99999", "\x1a"]


def test_packed_header_and_cells_read_back() -> None:
    assert pack_header("昼间限值", "dB(A)") == f"昼间限值 {UNIT_START}dB(A){UNIT_END}"
    assert pack_header("监测点位", "") == "监测点位"
    assert pack_cells(["a", Absence.WITHHELD]) == f"a{CELL_BREAK}{ABSENCE_MARKS[Absence.WITHHELD]}"


def _has_surrogate(text: str) -> bool:
    return any(0xD800 <= ord(char) <= 0xDFFF for char in text)
