"""Cells from bytes, and typed values from cells."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from package_factory import DATASETS, SITE_CODE, VALID_TABLES, add_row, alter_row, write_package

from generator.data.catalog import read_catalog
from generator.data.check import check_dataset
from generator.data.load import Dataset, UndecodableError, read_records, type_table


def load(root: Path) -> Dataset:
    report, dataset = check_dataset(read_catalog(root))
    assert dataset is not None, report.issues
    return dataset


def test_text_keeps_every_cell_as_written_and_values_are_typed(tmp_path: Path) -> None:
    tables = alter_row("wastewater_concentration", avg_conc="060.50", max_conc="不公开")
    dataset = load(write_package(tmp_path, tables))
    loaded = dataset["wastewater_concentration"]
    assert loaded.table.name == "wastewater_concentration"
    assert set(loaded.text.dtypes) == {pl.String}
    assert loaded.text.item(0, "avg_conc") == "060.50"
    assert loaded.text.item(0, "max_conc") == "不公开"
    assert loaded.values.item(0, "avg_conc") == 60.5
    assert loaded.values.item(0, "max_conc") is None
    assert loaded.values.item(0, "sample_count") == 31
    assert loaded.values.schema["sample_count"] == pl.Int64
    assert loaded.values.item(0, "period") == "2016-05"


def test_dates_years_and_booleans_have_their_types(tmp_path: Path) -> None:
    dataset = load(write_package(tmp_path, VALID_TABLES))
    assert dataset["discharge_permit"].values.item(0, "valid_to") == date(2018, 1, 5)
    assert dataset["annual_emission"].values.item(0, "report_year") == 2015
    assert dataset["wastewater_outlet"].values.item(0, "online_monitored") is True


def test_an_empty_cell_a_word_of_absence_and_zero_stay_four_different_things(
    tmp_path: Path,
) -> None:
    tables = alter_row("water_energy", power_use="", coal_use="不适用", gas_use="不公开")
    tables = {**tables, "water_energy": [{**tables["water_energy"][0], "energy_tce": "0"}]}
    loaded = load(write_package(tmp_path, tables))["water_energy"]
    fields = ("power_use", "coal_use", "gas_use", "energy_tce")
    assert loaded.text.select(fields).row(0) == ("", "不适用", "不公开", "0")
    assert loaded.values.select(fields).row(0) == (None, None, None, 0.0)


def test_a_word_that_is_an_allowed_value_is_not_missing(tmp_path: Path) -> None:
    loaded = load(write_package(tmp_path, VALID_TABLES))["wastewater_outlet"]
    assert loaded.values.item(0, "water_class") == "不适用"


def test_an_empty_table_has_all_its_typed_columns(tmp_path: Path) -> None:
    loaded = load(write_package(tmp_path, VALID_TABLES))["noise"]
    assert loaded.text.height == 0
    assert loaded.values.schema["day_value"] == pl.Float64
    assert loaded.values.schema["monitor_date"] == pl.Date
    assert loaded.text.columns == list(loaded.table.field_names)


def test_rows_stay_in_file_order(tmp_path: Path) -> None:
    tables = add_row("disclosure_record", record_id="GK2015-0000009")
    loaded = load(write_package(tmp_path, tables))["disclosure_record"]
    assert loaded.text.get_column("record_id").to_list() == ["GK2016-0000001", "GK2015-0000009"]


def test_quoted_commas_quotes_and_line_breaks_are_part_of_the_cell(tmp_path: Path) -> None:
    text = '第一行，"引文",\n第二行'
    loaded = load(write_package(tmp_path, alter_row("exposure_case", reply=text)))["exposure_case"]
    assert loaded.text.item(0, "reply") == text
    assert loaded.values.item(0, "reply") == text
    assert loaded.text.item(0, "site_code") == SITE_CODE


@pytest.mark.parametrize(
    ("content", "byte", "row", "guess"),
    [
        pytest.param(b"a,b\n1,\xc4\xe3\n", 7, 2, "GBK", id="GBK"),
        pytest.param(b"\xef\xbb\xbfa,b\n1,2\n3,\xff\n", 14, 3, "", id="a bad byte behind a BOM"),
        pytest.param("a,b\n".encode("utf-16"), 1, 1, "UTF-16", id="UTF-16"),
    ],
)
def test_bytes_that_are_not_utf8_are_placed_and_guessed(
    content: bytes, byte: int, row: int, guess: str
) -> None:
    with pytest.raises(UndecodableError) as caught:
        read_records(content, ["a", "b"])
    assert (caught.value.byte, caught.value.row, caught.value.guess) == (byte, row, guess)


def test_a_quotation_mark_left_open_is_found_at_its_record() -> None:
    records = read_records(b'a,b\n1,2\n3,"4\n5,6\n', ["a", "b"])
    assert records.open_quote_row == 3
    assert read_records(b'a,b\n1,5" pipe\n', ["a", "b"]).open_quote_row is None
    assert read_records(b'a,b\n1,"x ""y"" z"\n', ["a", "b"]).open_quote_row is None


def test_a_cell_in_no_canonical_spelling_is_never_given_a_wrong_value() -> None:
    table = read_catalog(DATASETS).table("water_energy")
    odd = ["1e3", "１２", "1_000", "NaN", " 7", "1,000", "0x1F", "--1", "1.2.3", ""]
    text = pl.DataFrame(
        {name: odd if name == "fresh_water" else ["1"] * len(odd) for name in table.field_names}
    )
    values = type_table(table, text).values
    assert values.get_column("fresh_water").to_list() == [None] * len(odd)


def test_a_large_file_is_cut_the_same_in_blocks() -> None:
    """More than one 8 MB block, so that a row stands across a border."""
    rows = [f"{number},{'字' * 40}{number}" for number in range(90_000)]
    records = read_records(("a,b\n" + "\n".join(rows) + "\n").encode(), ["a", "b"])
    assert records.text.height == 90_000
    assert records.text.row(70_001) == ("70001", "字" * 40 + "70001")
    assert records.text.row(-1) == ("89999", "字" * 40 + "89999")
