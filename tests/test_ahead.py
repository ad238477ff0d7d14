"""Tables judged on several cores beforehand: the check finds the same, in the cache."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from package_factory import VALID_TABLES, write_package

from generator.ahead import check_ahead
from generator.cache import NO_CACHE, Cache
from generator.data.catalog import read_catalog
from generator.data.check import CheckReport, check_dataset
from generator.data.load import Dataset
from generator.processes import Processes

INVALID = Path(__file__).parent / "packages_invalid"
FAULTS = sorted(path.name for path in INVALID.iterdir())


@pytest.fixture(scope="module")
def crew() -> Iterator[Processes]:
    with Processes(2) as processes:
        yield processes


def check_with_help(
    root: Path, crew: Processes, cache: Cache
) -> tuple[CheckReport, Dataset | None]:
    catalog = read_catalog(root)
    check_ahead(crew, catalog, cache)
    return check_dataset(catalog, cache)


def test_a_province_judged_beforehand_has_the_same_report_and_the_same_columns(
    small_datasets: Path, tmp_path: Path, crew: Processes
) -> None:
    alone, expected = check_dataset(read_catalog(small_datasets), NO_CACHE)
    report, found = check_with_help(small_datasets, crew, Cache(tmp_path, "program"))
    assert report == alone
    assert expected is not None
    assert found is not None
    assert [*found.tables] == [*expected.tables]
    for name in expected.tables:
        assert found[name].text.equals(expected[name].text), name
        assert found[name].values.equals(expected[name].values), name


def test_what_was_judged_beforehand_is_not_judged_again(
    small_datasets: Path, tmp_path: Path, crew: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog, cache = read_catalog(small_datasets), Cache(tmp_path, "program")
    check_ahead(crew, catalog, cache)

    def refuse(*_: object) -> None:
        raise AssertionError("a table was read again")

    monkeypatch.setattr("generator.data.check._check_table", refuse)
    monkeypatch.setattr("generator.data.check.check_readings", refuse)
    report, _ = check_dataset(catalog, cache)
    assert report.rows["monitoring"]
    assert report.rows["illegal_project"]


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_told_in_the_same_words_and_order(
    tmp_path: Path, fault: str, crew: Processes
) -> None:
    root = write_package(tmp_path / "data", VALID_TABLES)
    if (INVALID / fault / "tables").is_dir():
        shutil.copytree(INVALID / fault / "tables", root / "tables", dirs_exist_ok=True)
    expected = json.loads((INVALID / fault / "expected.json").read_text(encoding="utf-8"))
    for path in expected.get("without", ()):
        (root / path).unlink()
    alone = check_dataset(read_catalog(root), NO_CACHE)[0]
    assert alone.issues
    assert check_with_help(root, crew, Cache(tmp_path / "cache", "program"))[0] == alone


def test_helpers_that_leave_nothing_cost_time_alone(tmp_path: Path, crew: Processes) -> None:
    root = write_package(tmp_path / "data", VALID_TABLES)
    (tmp_path / "cache").write_text("no folder", encoding="utf-8")
    report, dataset = check_with_help(root, crew, Cache(tmp_path / "cache", "program"))
    assert report == check_dataset(read_catalog(root), NO_CACHE)[0]
    assert dataset is not None
