"""The two-level check must say what Frictionless says, row by row and cell by cell."""

import csv
import io
import random
from pathlib import Path

import polars as pl
import pytest
from frictionless import Schema
from frictionless.resources import TableResource
from package_factory import DATASETS, ODD_CELLS

from generator.data.catalog import CSV_CONTROL, Catalog, Table, read_catalog
from generator.data.cells import judge_cells, judge_header
from generator.data.column import prove_cell, read_columns
from generator.data.load import read_records

Verdict = list[tuple[str, int, int]]


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return read_catalog(DATASETS)


def judge_by_frictionless(table: Table, path: Path) -> Verdict:
    """Types, rows and field numbers of Frictionless's errors, keys left aside."""
    schema = {
        key: value
        for key, value in table.schema.items()
        if key not in ("primaryKey", "foreignKeys")
    }
    resource = TableResource.from_descriptor(
        {
            "name": table.name,
            "path": path.name,
            "format": "csv",
            "encoding": "utf-8",
            "dialect": {"header": True, "csv": dict(CSV_CONTROL)},
            "schema": schema,
        },
        basepath=str(path.parent),
    )
    report = resource.validate(limit_errors=10**9)
    return sorted(
        (error.type, getattr(error, "row_number", 1), getattr(error, "field_number", 0))
        for error in report.tasks[0].errors
    )


def judge_by_columns(table: Table, content: bytes) -> Verdict:
    """The same from the two-level check."""
    records = read_records(content, table.field_names)
    faults = (*judge_header(table, records.labels), *judge_cells(table, records).faults)
    return sorted((fault.type, fault.row, fault.field_number) for fault in faults)


def write_csv(lines: list[list[str]], line_end: str = "\n") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=line_end).writerows(lines)
    return out.getvalue().encode("utf-8")


def pick_cell(chance: random.Random, table: Table, number: int) -> str:
    field = table.fields[number]
    if field.enum and chance.random() < 0.6:
        return chance.choice(field.enum)
    return chance.choice(ODD_CELLS)


def csv_table_names() -> list[str]:
    return [table.name for table in read_catalog(DATASETS).tables if table.format == "csv"]


@pytest.mark.parametrize("name", csv_table_names())
@pytest.mark.parametrize("seed", range(2))
def test_the_column_check_says_what_frictionless_says(
    catalog: Catalog, tmp_path: Path, name: str, seed: int
) -> None:
    chance = random.Random(f"{seed}:{name}")
    table = catalog.table(name)
    width = len(table.fields)
    lines = [list(table.field_names)]
    lines += [[pick_cell(chance, table, number) for number in range(width)] for _ in range(60)]
    if seed:  # ragged, blank and over-long rows, and the other line end
        for row in chance.sample(range(1, len(lines)), 8):
            lines[row] = lines[row][: chance.randrange(width + 1)]
        for row in chance.sample(range(1, len(lines)), 5):
            lines[row] = [*lines[row], "多余"]
        lines[7] = [""] * width
    content = write_csv(lines, "\r\n" if seed else "\n")
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    expected = judge_by_frictionless(table, path)
    assert judge_by_columns(table, content) == expected
    assert len(expected) > 30  # the cells above must really be refused


def test_a_file_without_quotes_is_cut_as_one_with_quotes(catalog: Catalog) -> None:
    table = catalog.table("pollutant")
    rows = [["w01018", "化学需氧量", "", "水", "mg/L"], ["a21026", " 二氧化硫", "SO2", "大气", "x"]]
    plain = write_csv([list(table.field_names), *rows])
    quoted = plain.replace(b"mg/L", b'"mg/L"')
    assert b'"' not in plain
    assert read_records(plain, table.field_names).text.rows() == [tuple(row) for row in rows]
    assert read_records(quoted, table.field_names).text.rows() == [tuple(row) for row in rows]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("a,b\n1,2\n\n3,4\n", id="blank line"),
        pytest.param("a,b\n1,2\n3\n", id="short row"),
        pytest.param("a,b\n1,2,3\n4,5\n", id="long row"),
        pytest.param("a,b\n\n\n", id="blank lines only"),
        pytest.param("a,b\n1,2", id="no line end"),
        pytest.param("a,b", id="header alone without line end"),
        pytest.param("a,b\n", id="header alone"),
        pytest.param("a\n1\n2\n", id="narrow header"),
        pytest.param("a,b\n1,\u2028\n\u0085,2\n", id="odd line separators"),
        pytest.param("a,b\n1,2\x0b\x0c\n\x1c,4\n", id="control characters"),
        pytest.param("\n1,2\n", id="blank header"),
    ],
)
def test_the_plain_cut_and_pythons_csv_agree(body: str) -> None:
    reader = csv.reader(io.StringIO(body, newline=""))
    labels, *rows = reader
    records = read_records(body.encode(), ["a", "b"])
    assert records.labels == tuple(labels)
    assert [records.odd_rows.get(i, row) for i, row in enumerate(records.text.rows())] == [
        tuple(row) for row in rows
    ]


def test_a_cell_that_is_proven_is_one_that_frictionless_accepts(catalog: Catalog) -> None:
    """The predicate is sound for every field of the dataset and every odd cell."""
    for table in catalog.tables:
        for column in read_columns(Schema.from_descriptor(dict(table.schema))):
            read = column.source.create_cell_reader()
            cells = [*ODD_CELLS, *table.field(column.name).enum]
            text = pl.DataFrame({column.name: cells})
            proven = text.select(prove_cell(column).alias("proven")).get_column("proven")
            for cell, is_proven in zip(cells, proven.to_list(), strict=True):
                if is_proven:
                    assert not read(cell)[1], (table.name, column.name, cell)
