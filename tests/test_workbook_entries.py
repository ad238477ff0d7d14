"""What a sheet's cell means for a field: taken only where certain, told where respelled."""

import pytest
from package_factory import DATASETS

from generator.data.catalog import Field, read_catalog
from generator.data.workbooks.entries import read_entry
from generator.data.workbooks.parse import CellKind, RawCell

CATALOG = read_catalog(DATASETS)


def field_of(place: str) -> Field:
    table, _, name = place.partition(".")
    return CATALOG.table(table).field(name)


CODE = "enterprise_profile.division_code"
INDUSTRY = "enterprise_profile.industry_code"
PHONE = "enterprise_contact.public_phone"
NUMBER = "production_service.output_value"
WHOLE = "production_service.employees"
YEAR = "production_service.report_year"
DAY = "enterprise_profile.start_date"
MONTH = "wastewater_concentration.period"
TEXT = "enterprise_profile.address"
YES = "wastewater_outlet.online_monitored"
ENUM = "industry.edition"

TAKEN = [
    (NUMBER, "number", "12.5", "12.5", ""),
    (NUMBER, "text", "12.5", "12.5", "文本格式的数字"),
    (NUMBER, "text", "１２．５", "12.5", "全角"),
    (NUMBER, "text", " 12.5　", "12.5", "空白"),
    (NUMBER, "text", "不适用", "不适用", ""),
    (WHOLE, "number", "7", "7", ""),
    (YEAR, "number", "2015", "2015", ""),
    (YEAR, "text", "２０１５", "2015", "全角"),
    (DAY, "date", "2016-07-03", "2016-07-03", ""),
    (DAY, "text", "2016-07-03", "2016-07-03", ""),
    (DAY, "text", "2016/7/3", "2016-07-03", "年-月-日"),
    (DAY, "text", "2016年7月3日", "2016-07-03", "年-月-日"),
    (DAY, "text", "2016.7.3", "2016-07-03", "年-月-日"),
    (DAY, "text", "２０１６-07-03", "2016-07-03", "全角"),
    (MONTH, "text", "2016-05", "2016-05", ""),
    (MONTH, "text", "2016年5月", "2016-05", "年-月"),
    (MONTH, "date", "2016-05-01", "2016-05", "1 日"),
    (CODE, "number", "990102", "990102", "数字格式的代码"),
    (CODE, "text", "９９０１０２", "990102", "全角"),
    (ENUM, "number", "2011", "2011", "数字格式的代码"),
    (PHONE, "text", "０９９９－６１２３４５６", "0999-6123456", "全角"),
    (YES, "boolean", "TRUE", "是", "逻辑值"),
    (YES, "boolean", "FALSE", "否", "逻辑值"),
    (TEXT, "text", "=1+1", "=1+1", ""),
    (TEXT, "text", "１号路", "１号路", ""),
    (TEXT, "text", " 甲路\n", "甲路", "空白"),
    # Not certain, and not for the sheet to say: the check names the fault with the field's rule.
    (NUMBER, "text", "1,000", "1,000", ""),
    (NUMBER, "text", "12 mg/L", "12 mg/L", ""),
    (WHOLE, "number", "7.5", "7.5", ""),
    (DAY, "text", "2016-02-30", "2016-02-30", ""),
    (DAY, "text", "3/7/2016", "3/7/2016", ""),
    (DAY, "text", "20160703", "20160703", ""),
    (MONTH, "text", "2016-13", "2016-13", ""),
]

REFUSED = [
    (NUMBER, "formula", "=A1+B1", "E-FORMULA"),
    (TEXT, "formula", '=HYPERLINK("http://x")', "E-FORMULA"),
    (NUMBER, "error", "#REF!", "E-FORMULA"),
    (NUMBER, "percent", "0.5", "E-PERCENT"),
    (NUMBER, "boolean", "TRUE", "E-TYPE"),
    (NUMBER, "date", "2016-07-03", "E-TYPE"),
    (TEXT, "boolean", "FALSE", "E-TYPE"),
    (TEXT, "date", "2016-07-03", "E-TYPE"),
    (TEXT, "number", "12", "E-DIGITS"),
    (INDUSTRY, "number", "371", "E-DIGITS"),
    (INDUSTRY, "number", "26", "E-DIGITS"),
    ("enterprise_profile.uscc", "number", "919901020000000000", "E-DIGITS"),
    (WHOLE, "number", "1234567890123456", "E-DIGITS"),
    (PHONE, "number", "4001234567.5", "E-DIGITS"),
    (DAY, "number", "42554", "E-TYPE"),
    (DAY, "date", "2016-07-03T08:00:00", "E-TYPE"),
    (MONTH, "date", "2016-05-02", "E-TYPE"),
    (YEAR, "date", "2015-01-01", "E-TYPE"),
]


@pytest.mark.parametrize(("place", "kind", "shown", "text", "note"), TAKEN)
def test_a_certain_cell_is_taken_and_a_respelling_is_told(
    place: str, kind: CellKind, shown: str, text: str, note: str
) -> None:
    entry = read_entry(field_of(place), RawCell(kind, shown), None)
    assert entry.fault is None
    assert entry.text == text
    assert (note in entry.note) if note else entry.note == ""


@pytest.mark.parametrize(("place", "kind", "shown", "code"), REFUSED)
def test_an_uncertain_cell_is_a_fault_that_keeps_its_text(
    place: str, kind: CellKind, shown: str, code: str
) -> None:
    entry = read_entry(field_of(place), RawCell(kind, shown), None)
    assert entry.fault is not None
    assert entry.fault.code == code
    assert entry.fault.cure.startswith("请")
    assert entry.text == shown


@pytest.mark.parametrize(
    ("place", "kind", "shown", "old"),
    [
        (NUMBER, "number", "12.5", "12.50"),
        (NUMBER, "text", "12.5", "12.50"),
        (YEAR, "number", "2015", "2015.0"),
        (TEXT, "text", "  甲  ", "  甲  "),
        (DAY, "text", "2016/7/3", "2016/7/3"),
        (NUMBER, "text", " 7", " 7"),
        (CODE, "text", "９９０１０２", "９９０１０２"),
    ],
)
def test_a_cell_that_says_the_same_keeps_the_old_spelling(
    place: str, kind: CellKind, shown: str, old: str
) -> None:
    entry = read_entry(field_of(place), RawCell(kind, shown), old)
    assert (entry.text, entry.note, entry.fault) == (old, "", None)


def test_a_blank_cell_is_empty() -> None:
    assert read_entry(field_of(NUMBER), None, "12").text == ""
