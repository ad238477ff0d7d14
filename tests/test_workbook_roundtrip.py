"""Out and back without loss: an unchanged workbook changes no byte, whatever the cells hold."""

import random
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from package_factory import ODD_CELLS, VALID_TABLES, Rows, read_field_names, write_package
from small_province import ROOT
from workbook_kit import DISTRICT, list_errors, make_case, read_bytes, take

from generator.data.catalog import read_catalog
from generator.data.workbooks import WorkbookError, export_workbooks
from generator.data.workbooks.csv_file import read_csv_file
from generator.data.workbooks.districts import find_district
from generator.data.workbooks.export import TableStore
from generator.data.workbooks.filled import find_marker, read_filled
from generator.data.workbooks.merge import apply_merge, merge_sheet
from generator.data.workbooks.parse import open_book

HOSTILE = (
    *ODD_CELLS,
    *("=1+1", "=cmd|' /C calc'!A0", "-5", "+5", "@SUM(1)", "'quoted", "00123", "0371", "1E5"),
    *(
        "_x000D_",
        "_x005F_x000D_",
        "_x0041_",
        "_xD83D_",
        "_x005F_x005F_x000D_",
        "__x000D__x000D_",
        "\ufffe甲\uffff",
        "x005F_",
        "a_x",
        "\x01\x1f",
        "\x0b",
        "\x7f",
    ),
    *(
        "<b>&amp;</b>",
        "]]>",
        "<!DOCTYPE a>",
        "  两端  ",
        "\t缩\t进",
        "行\n\n行",
        "回\r车",
        "\u2028",
    ),
    *(
        "TRUE",
        "FALSE",
        "#REF!",
        "12.50",
        "012",
        "0.10",
        "1234567890123456789",
        "0.1234567890123456",
    ),
    *(
        "1899-12-31",
        "1900-02-28",
        "1900-03-01",
        "9999-12-31",
        "0001-01-01",
        "\u202e反",
        "e\u0301",
        "𠮷",
    ),
    *("长" * 32_767, "42186", "-0", "-0.0", "100000000000000", "999999999999999.9"),
)
"""Texts that spreadsheets, XML or programs that read numbers tend to change."""


def merge_again(root: Path, path: Path) -> dict[str, str]:
    """Each table's text after the workbook's rows are merged, without any check."""
    catalog = read_catalog(root)
    store = TableStore(catalog)
    with open_book(path) as book:
        marker = find_marker(book)
        files = {item.name: store.read(item.name) for item in marker.tables}
        sheets, strangers = read_filled(book, catalog, marker, files)
    assert strangers == ()
    texts = {}
    for sheet in sheets:
        merge = merge_sheet(sheet, files[sheet.table.name], remove=True)
        assert not merge.changes, sheet.table.name
        assert merge.faults == [], sheet.table.name
        assert all(not row.notes for row in sheet.rows)
        texts[sheet.table.relative_path] = apply_merge(merge).text
    return texts


@pytest.mark.parametrize("district", ["990101", "990703", "991200"])
def test_every_table_of_the_real_dataset_comes_back_byte_for_byte(
    tmp_path: Path, district: str
) -> None:
    root = ROOT / "datasets"
    path = tmp_path / "all.xlsx"
    result = export_workbooks(root, ["all"], district, path)
    assert result.files[0][1] >= 40
    assert result.files[0][2] > 1_000
    texts = merge_again(root, path)
    assert len(texts) == result.files[0][1]
    for relative, text in texts.items():
        assert text.encode() == (root / relative).read_bytes(), relative


@pytest.mark.parametrize("table", ["industry", "standard_limit", "pollutant", "division"])
def test_tables_of_the_whole_province_come_back_byte_for_byte(tmp_path: Path, table: str) -> None:
    root = ROOT / "datasets"
    path = tmp_path / "table.xlsx"
    result = export_workbooks(root, [table], "990000", path)
    text = (root / "tables" / f"{table}.csv").read_bytes()
    assert result.files[0][2] == text.count(b"\n") - 1
    assert merge_again(root, path)[f"tables/{table}.csv"].encode() == text


def make_hostile(seed: int) -> dict[str, Rows]:
    """Rows of every kind of field, filled with odd cells; keys differ."""
    chance = random.Random(f"{seed}:hostile")
    tables = dict(VALID_TABLES)
    for name in ("enterprise_profile", "water_energy", "wastewater_outlet", "exposure_case"):
        first = VALID_TABLES[name][0]
        rows = []
        for number, odd in enumerate(chance.sample(HOSTILE, len(HOSTILE))):
            row = {field: chance.choice(HOSTILE[:-8]) for field in read_field_names(name)}
            row |= {"division_code": "990102"} if "division_code" in row else {}
            if name == "enterprise_profile":
                row |= {"site_code": f"K{number}{odd[:50]}"}
            elif name == "exposure_case":
                row |= {"case_no": f"{odd[:50]}#{number}"}
            else:
                row |= {"site_code": first["site_code"]}
                row |= {("report_year" if name == "water_energy" else "outlet_code"): f"{number}"}
            rows.append(row)
        own = [first] if name == "enterprise_profile" else []
        tables[name] = [*own, *rows]
    return tables


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_hostile_cells_come_back_byte_for_byte(tmp_path: Path, seed: int) -> None:
    root, path = make_case(tmp_path, make_hostile(seed))
    before = read_bytes(root)
    result = export_workbooks(root, ["all"], DISTRICT, path)
    assert result.files[0][2] > 4 * len(HOSTILE)
    for relative, text in merge_again(root, path).items():
        assert text.encode() == before[relative], relative


def test_line_ends_quotes_and_a_missing_last_line_end_are_kept(tmp_path: Path) -> None:
    root, path = make_case(tmp_path)
    table = root / "tables/enterprise_profile.csv"
    text = table.read_text(encoding="utf-8").replace("\n", "\r\n").removesuffix("\r\n")
    text = text.replace("临川恒诚化工有限公司", '"临川恒诚化工有限公司"')
    table.write_bytes(b"\xef\xbb\xbf" + text.encode())
    held = table.read_bytes()
    export_workbooks(root, ["enterprise_profile"], DISTRICT, path)
    assert merge_again(root, path)["tables/enterprise_profile.csv"].encode() == held


def test_a_workbook_saved_by_another_program_comes_back_byte_for_byte(tmp_path: Path) -> None:
    root, path = make_case(tmp_path)
    before = read_bytes(root)
    export_workbooks(root, ["all"], DISTRICT, path)
    openpyxl.load_workbook(path).save(path)
    outcome = take(path, root)
    assert list_errors(outcome) == []
    assert "没有要改的内容" in outcome.format_summary()
    assert read_bytes(root) == before


def test_rows_sorted_otherwise_in_the_sheet_change_nothing(tmp_path: Path) -> None:
    root, path = make_case(tmp_path)
    before = read_bytes(root)
    export_workbooks(root, ["ledger_event"], DISTRICT, path)
    book = openpyxl.load_workbook(path)
    sheet = book["台账阶段事件"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    for number, row in enumerate(reversed(rows), start=3):
        for column, value in enumerate(row, start=1):
            sheet.cell(number, column).value = value
    book.save(path)
    assert take(path, root).valid
    assert read_bytes(root) == before


def test_a_cell_longer_than_a_sheet_takes_is_named(tmp_path: Path) -> None:
    rows = [{**row, "address": "长" * 32_768} for row in VALID_TABLES["enterprise_profile"]]
    root, path = make_case(tmp_path, {**VALID_TABLES, "enterprise_profile": rows})
    with pytest.raises(WorkbookError) as caught:
        export_workbooks(root, ["all"], DISTRICT, path)
    assert "tables/enterprise_profile.csv 第 2 行「生产地址」" in str(caught.value)
    assert "32,768 个字" in str(caught.value)
    assert "第 3 行" in str(caught.value)
    assert not path.exists()


def test_characters_outside_the_basic_plane_count_twice(tmp_path: Path) -> None:
    rows = [{**row, "address": "𠮷" * 16_384} for row in VALID_TABLES["enterprise_profile"]]
    root, path = make_case(tmp_path, {**VALID_TABLES, "enterprise_profile": rows})
    with pytest.raises(WorkbookError, match="32,768 个字"):
        export_workbooks(root, ["enterprise_profile"], DISTRICT, path)


def test_twins_are_not_given_out(tmp_path: Path) -> None:
    twins = [*VALID_TABLES["enterprise_profile"], VALID_TABLES["enterprise_profile"][0]]
    root, path = make_case(tmp_path, {**VALID_TABLES, "enterprise_profile": twins})
    with pytest.raises(WorkbookError, match="第 4 行：主键与第 2 行相同"):
        export_workbooks(root, ["enterprise_profile"], DISTRICT, path)


def test_districts_share_out_every_row_of_the_real_dataset() -> None:
    catalog = read_catalog(ROOT / "datasets")
    store = TableStore(catalog)
    divisions = read_csv_file(catalog.table("division")).rows
    prefectures = [row[0] for row in divisions if row[3] == "市"]
    assert len(prefectures) == 12
    districts = [find_district(catalog, code, store.read_rows) for code in prefectures]
    for name in ("enterprise_profile", "ledger_event", "wastewater_concentration", "correction"):
        table = catalog.table(name)
        tests = [district.owns(table) for district in districts]
        owners = [sum(test(row) for test in tests) for row in store.read_rows(name)]
        assert set(owners) == {1}, name


def test_a_county_gets_its_own_rows_and_no_others(tmp_path: Path) -> None:
    root = ROOT / "datasets"
    path = tmp_path / "events.xlsx"
    export_workbooks(root, ["ledger_event"], "990101", path)
    projects = pl.read_csv(root / "tables/illegal_project.csv", infer_schema=False)
    own = projects.filter(pl.col("division_code") == "990101")["ledger_no"].to_list()
    events = pl.read_csv(root / "tables/ledger_event.csv", infer_schema=False)
    expected = events.filter(pl.col("ledger_no").is_in(own))["event_no"].to_list()
    sheet = openpyxl.load_workbook(path, read_only=True)["台账阶段事件"]
    assert [row[0] for row in sheet.iter_rows(min_row=3, values_only=True)] == expected
    assert len(expected) > 100


def test_an_empty_dataset_gives_sheets_without_rows(tmp_path: Path) -> None:
    divisions = {"division": VALID_TABLES["division"]}
    root = write_package(tmp_path / "datasets", divisions)
    result = export_workbooks(root, ["enterprise_profile"], DISTRICT, tmp_path / "a.xlsx")
    assert result.files == ((tmp_path / "a.xlsx", 1, 0),)
    before = read_bytes(root)
    assert take(tmp_path / "a.xlsx", root).valid
    assert read_bytes(root) == before
