"""Named conversions: what each accepts, and that it refuses the rest."""

import re
from decimal import Decimal

import pytest

from generator.data.intake.convert import (
    CheckUscc,
    HalfWidth,
    Integer,
    MapEach,
    MapValue,
    NotConvertible,
    Number,
    OneLine,
    Pattern,
    ReadDate,
    RemoveSpaces,
    Replace,
    SaysNothing,
    Scale,
    Step,
    Substitute,
    UpperCase,
    apply_steps,
    read_date_form,
)

PLAIN = Number(".", "", (), "refuse", "refuse", {})
LOOSE = Number(".", ",", ("mg/L", "倍"), "high", "limit", {"ND": "", "痕量": "0"})
COMMA = Number(",", "", (), "low", "empty", {})


@pytest.mark.parametrize(
    ("step", "text", "expected"),
    [
        (PLAIN, "12.50", "12.50"),
        (PLAIN, "-3", "-3"),
        (PLAIN, "１２．５", "12.5"),
        (LOOSE, "2.0mg/L", "2.0"),
        (LOOSE, "3 mg/L", "3"),
        (LOOSE, "50倍", "50"),
        (LOOSE, "1,234,567.8", "1234567.8"),
        (LOOSE, "6~9", "9"),
        (LOOSE, "6～9", "9"),
        (LOOSE, "＜0.06", "0.06"),
        (LOOSE, "痕量", "0"),
        (COMMA, "1,5", "1.5"),
        (COMMA, "6~9", "6"),
        (Integer(), "０１２", "12"),
        (Scale(Decimal("0.001")), "250", "0.25"),
        (Scale(Decimal(10000)), "1.5", "15000"),
        (HalfWidth(), "３Ｍ　（上海）", "3M (上海)"),
        (UpperCase(), "ws001", "WS001"),
        (OneLine(), "甲\n 乙\t丙", "甲 乙 丙"),
        (RemoveSpaces(), "1 次 / 月", "1次/月"),
        (Replace((("一", "-"), ("--", "-"))), "2010一1", "2010-1"),
        (Substitute(re.compile(r"^(\D+)(\d+)$"), r"\2\1"), "AB12", "12AB"),
        (Pattern(re.compile(r"高(\d+)米"), "list"), "排气筒高15米", "15"),
        (Pattern(re.compile(r"(\d+)/(?P<value>\d+)"), "list"), "3/4", "4"),
        (Pattern(re.compile(r"\d+"), "list"), "第7号", "7"),
    ],
)
def test_a_value_in_an_allowed_form_is_converted(step: Step, text: str, expected: str) -> None:
    assert step.apply(text) == expected


@pytest.mark.parametrize(
    ("step", "text", "word"),
    [
        (PLAIN, "1,5", "不是数"),
        (PLAIN, "1,234", "不是数"),
        (PLAIN, "2.0mg/L", "不是数"),
        (PLAIN, "1e3", "不是数"),
        (PLAIN, "ND", "不是数"),
        (PLAIN, "6~9", "范围"),
        (PLAIN, "<0.06", "上限"),
        (LOOSE, "1,23", "不是数"),
        (LOOSE, "2.0mg/m3", "不是数"),
        (COMMA, "1.5", "小数点"),
        (Integer(), "1.0", "不是整数"),
        (Scale(Decimal(2)), "甲", "不是数"),
        (Pattern(re.compile("^a$"), "list"), "b", "认不出"),
        (CheckUscc(), "718312345", "18 位，这里是 9 位"),
        (CheckUscc(), "91990102MA0TE5T010", "校验码不对"),
        (CheckUscc(), "9199010甲MA0TE5T016", "不是统一社会信用代码"),
    ],
)
def test_a_value_in_another_form_is_refused_with_its_reason(
    step: Step, text: str, word: str
) -> None:
    with pytest.raises(NotConvertible, match=word):
        step.apply(text)


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (LOOSE, "ND"),
        (COMMA, "≤0,06"),
        (Pattern(re.compile("a"), "empty"), "b"),
        (MapValue({"甲": "乙"}, "", "empty", ""), "丙"),
    ],
)
def test_a_value_declared_to_say_nothing_is_told_from_a_bad_one(step: Step, text: str) -> None:
    with pytest.raises(SaysNothing):
        step.apply(text)


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("YYYY-MM-DD", "2016-05-01", "2016-05-01"),
        ("YYYY年M月D日", "2016年5月1日", "2016-05-01"),
        ("DD-MM-YYYY", "01-05-2016", "2016-05-01"),
        ("YYYYMMDD", "20160501", "2016-05-01"),
        ("YYYY-MM-DD hh:mm", "2016-05-01 9:30", "2016-05-01"),
        ("epoch_ms+08:00", "1608825600000", "2020-12-25"),
    ],
)
def test_a_date_is_read_in_the_form_that_is_named(form: str, text: str, expected: str) -> None:
    found = read_date_form(form)
    assert found is not None
    assert ReadDate((found,), "date").apply(text) == expected
    assert ReadDate((found,), "yearmonth").apply(text) == expected[:7]
    assert ReadDate((found,), "year").apply(text) == expected[:4]


def test_a_date_in_no_named_form_or_that_never_was_is_refused() -> None:
    form = read_date_form("YYYY-MM-DD")
    assert form is not None
    for text in ("2016/05/01", "2016-02-30", "01-05-2016", "2016-05-01 09:30", "２０１６-05-01"):
        with pytest.raises(NotConvertible, match="不是日期"):
            ReadDate((form,), "date").apply(text)


@pytest.mark.parametrize("form", ["MM-DD", "YYYY", "YYYY-MM-M-DD", "上周", "epoch_ms"])
def test_a_date_form_without_day_month_and_year_is_no_form(form: str) -> None:
    assert read_date_form(form) is None


def test_a_value_map_lists_keeps_or_defaults_what_it_does_not_know() -> None:
    values = {"废水": "水"}
    with pytest.raises(NotConvertible, match="对照表“类别”里没有"):
        MapValue(values, "“类别”", "list", "").apply("土壤")
    assert MapValue(values, "", "keep", "").apply("土壤") == "土壤"
    assert MapValue(values, "", "default", "其他").apply("土壤") == "其他"
    each = MapEach(
        ",", "、", MapValue({"废水": "水", "污水": "水", "废气": "大气"}, "", "list", "")
    )
    assert each.apply("废水, 废气,污水,") == "水、大气"
    with pytest.raises(NotConvertible):
        each.apply("废水,土壤")


def test_a_right_credit_code_passes_unchanged_and_a_small_letter_does_not() -> None:
    assert CheckUscc().apply("91350100M000100Y43") == "91350100M000100Y43"
    with pytest.raises(NotConvertible, match="小写"):
        CheckUscc().apply("91350100m000100y43")


def test_steps_follow_each_other_and_stop_at_an_empty_text() -> None:
    assert apply_steps((HalfWidth(), PLAIN, Scale(Decimal(2))), "１．５") == "3"
    assert apply_steps((Replace((("甲", ""),)), PLAIN), "甲") == ""
