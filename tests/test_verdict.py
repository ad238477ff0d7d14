"""The fast check must say what Frictionless says: types, rows, fields, cells, notes, order."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from frictionless import FrictionlessException
from frictionless_cases import (
    BLOCK_SIZES,
    Case,
    cases,
    count_fast_resources,
    find_field_cases,
    find_literal_cases,
    judge_by_blocks,
    judge_by_frictionless,
    read_package,
    write_case,
    write_csv,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.data import blocks, cells, column, key_tokens, verdict

FEW_ROWS = (cells._FEW_ROWS, 0)
"""Blocks of fewer rows are judged cell by cell, others by their distinct texts."""


def find_differences(
    items: Iterable[Case], folder: Path, small_block: int = 61
) -> tuple[int, int, list[Any]]:
    """Cases compared, tables judged by blocks, and the cases whose verdicts differ."""
    count = fast = 0
    differing: list[Any] = []
    for case in items:
        descriptor = write_case(case, folder)
        try:
            fast += count_fast_resources(read_package(descriptor, folder))
        except FrictionlessException:
            continue  # no package, so no verdict to compare
        expected = judge_by_frictionless(read_package(descriptor, folder))
        for block_size in (small_block, BLOCK_SIZES[-1]):
            count += 1
            got = judge_by_blocks(read_package(descriptor, folder), block_size)
            if got != expected:
                differing.append((case, block_size, got, expected))
    return count, fast, differing


def test_the_cells_of_frictionless_own_field_tests(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    count, fast, differing = find_differences(find_field_cases(), tmp_path)
    with capsys.disabled():
        print(f"\n{count} comparisons with Frictionless's field tests, {fast} tables by blocks")
    assert not differing, differing[0]
    assert count > 100
    assert fast > 50


def test_the_tables_written_out_in_frictionless_own_tests(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    count, fast, differing = find_differences(find_literal_cases(), tmp_path)
    with capsys.disabled():
        print(f"\n{count} comparisons with tables of Frictionless's tests, {fast} by blocks")
    assert not differing, differing[0]
    assert count > 300
    assert fast > 100


@settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(case=cases(), block_size=st.sampled_from(BLOCK_SIZES))
def test_files_made_at_random(
    tmp_path_factory: pytest.TempPathFactory, case: Case, block_size: int
) -> None:
    folder = tmp_path_factory.getbasetemp()
    descriptor = write_case(case, folder)
    expected = judge_by_frictionless(read_package(descriptor, folder))
    for few_rows in FEW_ROWS:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(cells, "_FEW_ROWS", few_rows)
            got = judge_by_blocks(read_package(descriptor, folder), block_size)
        assert got == expected


KEYED = {
    "fields": [
        {"name": "code", "type": "string", "constraints": {"pattern": "DW[0-9]{3}"}},
        {"name": "part", "type": "integer"},
        {"name": "value", "type": "number", "constraints": {"minimum": 0, "maximum": 100}},
        {"name": "note", "type": "string"},
    ],
    "primaryKey": ["code", "part"],
}
POINTING = {
    **KEYED,
    "foreignKeys": [{"fields": ["note"], "reference": {"resource": "target", "fields": ["code"]}}],
}


def make_known_cases() -> Iterator[Case]:
    """A few tables that hold one of each fault, over several small blocks."""
    target = [["code", "part", "value", "note"]]
    target += [[f"DW{number:03}", 1, number % 100, ""] for number in range(40)]
    rows: list[list[object]] = [[f"DW{number:03}", number % 7, 50, ""] for number in range(60)]
    yield Case({"main": (write_csv([target[0], *rows]), KEYED)})
    faulty = [*rows]
    faulty[20] = ["DW0200", 1, 50, ""]
    faulty[31] = ["DW031", 1, "100.000000000000001", ""]
    faulty[44] = ["DW044", 1, "101", ""]
    yield Case({"main": (write_csv([target[0], *faulty]), KEYED)})
    repeated = [*rows, ["DW003", "03", 1, ""], ["DW004", 5, 1, ""], ["DW005", "5.0", 1, ""]]
    yield Case({"main": (write_csv([target[0], *repeated]), KEYED)})
    quoted = [[*row[:3], 'one\ntwo,\n"three"'] for row in rows]
    quoted[33][2] = "-1"
    yield Case({"main": (write_csv([target[0], *quoted]), KEYED)})
    pointing = [[*row[:3], f"DW{number % 40:03}"] for number, row in enumerate(rows)]
    pointing[10][3], pointing[50][3] = "DW999", "nothing"
    tables = {
        "main": (write_csv([target[0], *pointing]), POINTING),
        "target": (write_csv(target), KEYED),
    }
    yield Case(tables)


@pytest.mark.parametrize("few_rows", FEW_ROWS, ids=["by cells", "by texts"])
def test_the_known_cases_agree_and_hold_faults(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, few_rows: int
) -> None:
    monkeypatch.setattr(cells, "_FEW_ROWS", few_rows)
    known = list(make_known_cases())
    count, fast, differing = find_differences(known, tmp_path)
    assert not differing, differing[0]
    assert (count, fast) == (10, 6)
    verdicts = []
    for case in known:
        descriptor = write_case(case, tmp_path)
        verdicts.append(judge_by_frictionless(read_package(descriptor, tmp_path))["main"])
    assert [len(errors) for errors in verdicts] == [0, 3, 2, 1, 2]


def accept_every_cell(_: column.Column) -> pl.Expr:
    return pl.lit(value=True)


def accept_at_the_bound(item: column.Column) -> pl.Expr:
    value = pl.col(item.name).cast(pl.Float64, strict=False)
    return column.prove_cell(item) | (value == 100) if item.type == "number" else pl.lit(value=True)


def point_by_colliding_hashes(tokens: list[pl.Series], known: pl.DataFrame) -> list[int]:
    hashes = key_tokens.hash_tokens([known.to_series(number) for number in range(known.width)])
    own = key_tokens.hash_tokens(tokens)
    return (~(own % 16).is_in((hashes % 16).implode())).arg_true().to_list()


def hash_with_the_place(tokens: list[pl.Series]) -> pl.Series:
    places = pl.int_range(len(tokens[0]), dtype=pl.UInt64, eager=True)
    return key_tokens.hash_tokens(tokens) + places


def number_rows_one_too_high(reader: blocks.BlockReader) -> Iterator[blocks.Block]:
    for block in READ_BLOCKS(reader):
        yield blocks.Block(block.start + (block.start > 0), block.text, block.odd_rows)


def end_blocks_inside_quotes(chunk: bytes, cut: Any, *, final: bool) -> bool:
    del final
    return CUT_QUOTED_RUN(chunk, cut, final=True)


READ_BLOCKS = blocks.BlockReader.__iter__
CUT_QUOTED_RUN = blocks._cut_quoted_run


@pytest.mark.parametrize("few_rows", FEW_ROWS, ids=["by cells", "by texts"])
@pytest.mark.parametrize(
    ("place", "name", "fault"),
    [
        pytest.param(cells, "prove_cell", accept_every_cell, id="a predicate that takes all"),
        pytest.param(cells, "prove_cell", accept_at_the_bound, id="a bound compared as a float"),
        pytest.param(verdict, "find_broken", point_by_colliding_hashes, id="a hash that collides"),
        pytest.param(verdict, "hash_tokens", hash_with_the_place, id="a hash that parts equals"),
        pytest.param(
            blocks.BlockReader, "__iter__", number_rows_one_too_high, id="a row number off by one"
        ),
        pytest.param(
            blocks, "_cut_quoted_run", end_blocks_inside_quotes, id="a block that ends in quotes"
        ),
    ],
)
def test_a_fault_planted_in_the_fast_path_is_found(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    place: Any,
    name: str,
    fault: Any,
    few_rows: int,
) -> None:
    monkeypatch.setattr(place, name, fault)
    monkeypatch.setattr(cells, "_FEW_ROWS", few_rows)
    assert find_differences(make_known_cases(), tmp_path)[2]


def test_keys_whose_hashes_collide_are_told_apart(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def collide(tokens: list[pl.Series]) -> pl.Series:
        return key_tokens.hash_tokens(tokens) % 2

    monkeypatch.setattr(verdict, "hash_tokens", collide)
    assert not find_differences(make_known_cases(), tmp_path)[2]


def test_the_tables_of_the_sample_have_frictionless_verdict(
    small_datasets: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every table that the generator writes, with its keys, once clean and once with faults."""
    descriptor = json.loads((small_datasets / "datapackage.json").read_text(encoding="utf-8"))
    tables: dict[str, tuple[bytes, Any]] = {}
    spoilt: dict[str, tuple[bytes, Any]] = {}
    for resource in descriptor["resources"]:
        if resource["format"] != "csv":
            continue
        schema = json.loads((small_datasets / resource["schema"]).read_text(encoding="utf-8"))
        lines = (small_datasets / resource["path"]).read_bytes().splitlines(keepends=True)[:250]
        tables[resource["name"]] = (b"".join(lines), schema)
        lines[1::13] = [line.replace(b"2", b"", 1) for line in lines[1::13]]
        spoilt[resource["name"]] = (b"".join([*lines, *lines[3:5]]), schema)
    count, fast, differing = find_differences([Case(tables), Case(spoilt)], tmp_path, 9_999)
    with capsys.disabled():
        print(f"\n{count} comparisons with packages of the sample, {fast} tables by blocks")
    assert not differing
    assert fast == 2 * len(tables)


def test_tables_that_point_at_themselves_are_not_taken_for_each_other(tmp_path: Path) -> None:
    own = {"fields": ["code"], "reference": {"resource": "", "fields": ["code"]}}
    schema = {"fields": [{"name": "code", "type": "string"}], "foreignKeys": [own]}
    other = {**schema, "foreignKeys": [{**own, "fields": ["upper"]}]}
    other["fields"] = [*schema["fields"], {"name": "upper", "type": "string"}]
    tables = {"main": (b"code\na\n", schema), "target": (b"code,upper\nb,a\nc,b\n", other)}
    assert not find_differences([Case(tables)], tmp_path)[2]


def test_a_byte_order_mark_inside_a_file_stays_part_of_its_cell(tmp_path: Path) -> None:
    """Wherever a block begins: pyarrow would take the mark away there."""
    schema = {"fields": [{"name": "code", "type": "string", "constraints": {"pattern": "[a-z]+"}}]}
    for line in (1, 9, 30):
        lines = [b"code", *[b"abc"] * 40]
        lines[line] = b"\xef\xbb\xbfabc"
        case = Case({"main": (b"\n".join(lines), schema)})
        assert not find_differences([case], tmp_path, 16)[2]


def test_a_file_of_bad_rows_longer_than_a_fair_trial_is_told_whole(tmp_path: Path) -> None:
    schema = {"fields": [{"name": "number", "type": "integer"}, {"name": "day", "type": "date"}]}
    rows = [["number", "day"], *([f"n{row}", "2016-13-01"] for row in range(1200))]
    rows[700] = ["7", "2016-01-07"]
    count, _, differing = find_differences([Case({"main": (write_csv(rows), schema)})], tmp_path)
    assert (count, differing) == (2, [])
