"""The real 2020 disclosure of Shanghai through the mapping that the repository keeps.

The data are not in the repository. Figures are those of the 12 files as they were collected.
"""

import os
from collections import Counter
from pathlib import Path

import pytest
from intake_cases import DATASETS

from generator.data.catalog import read_catalog
from generator.data.check import check_dataset
from generator.data.intake import ImportReport, run_import

REPOSITORY = Path(__file__).parent.parent
BESIDE = REPOSITORY.parent / "shared" / "real" / "shanghai-disclosure"
REAL = Path(os.environ.get("HUANJING_REAL_DATA", BESIDE))
MAPPING = DATASETS / "mappings" / "shanghai-disclosure.yml"

pytestmark = pytest.mark.skipif(
    not (REAL / "enterprise_detail.csv").is_file(),
    reason=(
        "the real Shanghai files are neither at ../shared/real/shanghai-disclosure beside the "
        "repository nor at the path in the environment variable HUANJING_REAL_DATA"
    ),
)

ROWS = {
    "enterprise_detail.csv": 548,
    "outlets.csv": 5564,
    "emission_items.csv": 13487,
    "discharge_modes.csv": 741,
    "facilities_generating.csv": 724,
    "facilities_treatment.csv": 360,
    "permits_construction.csv": 650,
    "permits_other.csv": 85,
    "emergency_plans.csv": 894,
    "manual_monitoring_water.csv": 288,
    "manual_monitoring_air.csv": 76,
    "manual_monitoring_noise.csv": 17,
}


@pytest.fixture(scope="module")
def shanghai(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ImportReport]:
    """The real folder, imported once."""
    out = tmp_path_factory.mktemp("shanghai") / "out"
    return out, run_import(MAPPING, [REAL], out, DATASETS)


def test_every_source_row_is_accounted_for(shanghai: tuple[Path, ImportReport]) -> None:
    files = {file.label: file for file in shanghai[1].files}
    assert {label: len(file.rows) for label, file in files.items()} == ROWS
    for file in files.values():
        counts = Counter(row.kind for row in file.rows)
        assert counts.total() == len(file.rows) == len({row.row for row in file.rows})
        assert all(row.failures for row in file.rows if row.kind == "rejected")
    assert sum(file.count("duplicate") for file in files.values()) == 250
    assert shanghai[1].rows_read == sum(ROWS.values())


def test_every_source_column_is_mapped_or_has_a_reason(
    shanghai: tuple[Path, ImportReport],
) -> None:
    for file in shanghai[1].files:
        for column in file.columns:
            assert column.status in ("mapped", "unused", "empty")
            assert column.uses or column.reason
            assert column.status != "empty" or column.filled == 0


def test_every_enterprise_has_its_row_and_the_package_passes_the_check(
    shanghai: tuple[Path, ImportReport],
) -> None:
    out, report = shanghai
    tables = {table.name: table.rows for table in report.tables}
    assert tables["enterprise_profile"] == 548
    assert min(tables[name] for name in ("exhaust_outlet", "self_monitor_plan")) > 3000
    checked, dataset = check_dataset(read_catalog(out))
    assert [issue for issue in checked.issues if issue.severity == "error"] == []
    assert dataset is not None
    codes = dataset["enterprise_profile"].text["site_code"].to_list()
    assert len(set(codes)) == 548
    assert all(code.startswith("L310000-") for code in codes)
