"""Row differences between two states of a dataset."""

import json
import shutil
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from package_factory import VALID_TABLES, Rows, write_package, write_readings, write_table

from generator.data.catalog import read_catalog
from generator.data.diff import READINGS_LISTED, FieldChange, TableDiff, compare_catalogs

POLLUTANT = dict(VALID_TABLES["pollutant"][0])


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return write_package(tmp_path / "old", VALID_TABLES)


@pytest.fixture
def new(tmp_path: Path, old: Path) -> Path:
    shutil.copytree(old, tmp_path / "new")
    return tmp_path / "new"


def compare(old: Path, new: Path) -> tuple[TableDiff, ...]:
    return compare_catalogs(read_catalog(old), read_catalog(new))


def put(root: Path, table: str, rows: Rows) -> None:
    write_table(root / "tables" / f"{table}.csv", table, rows)


def test_equal_datasets_have_no_differences(old: Path, new: Path) -> None:
    assert compare(old, new) == ()


def test_another_spelling_of_the_same_cells_is_no_difference(old: Path, new: Path) -> None:
    path = new / "tables/pollutant.csv"
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    quoted = [",".join(f'"{cell}"' for cell in line.split(",")) for line in reversed(lines)]
    path.write_text("\ufeff" + "\r\n".join([header, *quoted]), encoding="utf-8")
    assert compare(old, new) == ()


def test_a_changed_cell_is_told_with_its_field_and_both_texts(old: Path, new: Path) -> None:
    rows = [dict(row) for row in VALID_TABLES["illegal_project"]]
    rows[0] |= {"deadline": "2016-09-30", "fine": "5"}
    put(new, "illegal_project", rows)
    (diff,) = compare(old, new)
    assert (diff.name, diff.title, diff.key) == (
        "illegal_project", "违法违规建设项目台账", ("ledger_no",),
    )  # fmt: skip
    assert (diff.added, diff.removed) == ((), ())
    (row,) = diff.changed
    assert row.key == ("990102-Z-00001",)
    assert row.changes == (
        FieldChange("deadline", "完成时限", "2016-06-30", "2016-09-30"),
        FieldChange("fine", "罚款金额", "", "5"),
    )


def test_a_changed_key_is_one_row_removed_and_one_added(old: Path, new: Path) -> None:
    rows = [dict(row) for row in VALID_TABLES["pollutant"]]
    rows[1]["pollutant_code"] = "a99999"
    put(new, "pollutant", rows)
    (diff,) = compare(old, new)
    assert [row.key for row in diff.removed] == [("a21026",)]
    assert [row.key for row in diff.added] == [("a99999",)]
    assert dict(diff.added[0].cells)["pollutant_name"] == "二氧化硫"
    assert diff.changed == ()


def test_rows_of_one_key_pair_in_their_order(old: Path, new: Path) -> None:
    put(old, "pollutant", [POLLUTANT, POLLUTANT])
    put(new, "pollutant", [POLLUTANT, {**POLLUTANT, "short_name": "二"}, POLLUTANT])
    (diff,) = compare(old, new)
    assert (diff.added_count, diff.changed_count, diff.removed_count) == (1, 1, 0)
    assert diff.changed[0].changes[0].new == "二"


def test_a_new_field_shows_as_what_was_filled_into_it(old: Path, new: Path) -> None:
    schema = new / "schemas/pollutant.json"
    described = json.loads(schema.read_text(encoding="utf-8"))
    described["fields"].append({"name": "remark", "title": "备注", "type": "string"})
    schema.write_text(json.dumps(described), encoding="utf-8")
    table = new / "tables/pollutant.csv"
    header, first, second = table.read_text(encoding="utf-8").splitlines()
    table.write_text(f"{header},remark\n{first},甲\n{second},\n", encoding="utf-8")
    (diff,) = compare(old, new)
    (row,) = diff.changed
    assert row.changes == (FieldChange("remark", "备注", "", "甲"),)
    (back,) = compare(new, old)
    assert back.changed[0].changes == (FieldChange("remark", "备注", "甲", ""),)


def test_a_table_that_one_side_lacks_is_all_added_or_all_removed(old: Path, new: Path) -> None:
    path = new / "datapackage.json"
    descriptor = json.loads(path.read_text(encoding="utf-8"))
    descriptor["resources"] = [
        item for item in descriptor["resources"] if item["name"] != "exposure_case"
    ]
    path.write_text(json.dumps(descriptor), encoding="utf-8")
    (gone,) = compare(old, new)
    assert (gone.name, gone.removed_count, gone.added_count) == ("exposure_case", 1, 0)
    (come,) = compare(new, old)
    assert (come.name, come.removed_count, come.added_count) == ("exposure_case", 0, 1)


def test_a_file_that_cannot_be_cut_is_noted_and_does_not_stop_the_rest(
    old: Path, new: Path
) -> None:
    (new / "tables/bulletin.csv").write_bytes("周\n".encode("gbk"))
    put(new, "pollutant", VALID_TABLES["pollutant"][:1])
    diffs = {diff.name: diff for diff in compare(old, new)}
    assert set(diffs) == {"bulletin", "pollutant"}
    assert diffs["bulletin"].note.startswith("新版本的文件读不出来")
    assert diffs["bulletin"].removed_count == 0
    assert diffs["pollutant"].removed_count == 1


def reading(number: int, measured: float) -> Mapping[str, object]:
    return {
        "site_code": "L990102-1",
        "outlet_code": "DW001",
        "pollutant_code": "w01018",
        "reading_time": datetime(2016, 5, 1) + timedelta(hours=number),
        "measured": measured,
        "status": "正常",
    }


def test_readings_are_compared_by_key_and_listed_up_to_a_limit(old: Path, new: Path) -> None:
    count = READINGS_LISTED + 30
    before = [reading(number, 1.5) for number in range(50)]
    after = [reading(number, 1.5 if number else 2.25) for number in range(3, 50 + count)]
    after.append(reading(1, 2.25))
    write_readings(old / "tables/monitoring.parquet", rows=before)
    write_readings(new / "tables/monitoring.parquet", rows=after)
    (diff,) = compare(old, new)
    assert (diff.added_count, diff.changed_count, diff.removed_count) == (count, 1, 2)
    assert (len(diff.added), len(diff.changed), len(diff.removed)) == (READINGS_LISTED, 1, 2)
    assert diff.changed[0].key[-1] == "2016-05-01T01:00:00"
    assert diff.changed[0].changes == (FieldChange("measured", "实测浓度", "1.5", "2.25"),)


CELLS = st.sampled_from(["", "1", "不适用", "甲|乙", '引"号', "换\n行", "a,b", "x\ry"])
ROWS = st.dictionaries(
    st.sampled_from(["w1", "w2", "w3", "W1", "w 1", "w,4"]), st.tuples(CELLS, CELLS), max_size=6
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(before=ROWS, after=ROWS)
def test_applying_the_differences_to_the_old_rows_gives_the_new_ones(
    old: Path, new: Path, before: dict[str, tuple[str, str]], after: dict[str, tuple[str, str]]
) -> None:
    for root, rows in ((old, before), (new, after)):
        put(
            root,
            "pollutant",
            [{"pollutant_code": key, "pollutant_name": name, "short_name": short}
             for key, (name, short) in rows.items()],
        )  # fmt: skip
    rebuilt = {key: list(cells) for key, cells in before.items()}
    fields = ["pollutant_name", "short_name"]
    for diff in compare(old, new):
        for row in diff.removed:
            del rebuilt[row.key[0]]
        for row in diff.added:
            assert row.key[0] not in rebuilt
            rebuilt[row.key[0]] = [dict(row.cells).get(field, "") for field in fields]
        for changed in diff.changed:
            assert changed.changes
            for change in changed.changes:
                cells = rebuilt[changed.key[0]]
                assert cells[fields.index(change.field)] == change.old != change.new
                cells[fields.index(change.field)] = change.new
    assert rebuilt == {key: list(cells) for key, cells in after.items()}
