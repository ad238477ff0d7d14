"""The clerk's guide to workbooks knows every option, every code and every limit."""

import re
from pathlib import Path

import pytest

from generator.cli import import_, workbook
from generator.data.append_only import APPEND_ONLY
from generator.data.catalog import read_catalog
from generator.data.workbooks.guard import DEFAULT_LIMITS, EXCEL_CELL_CHARS
from generator.data.workbooks.layout import CODES_SHEET, FAULTS_SHEET, GUIDE_SHEET

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "docs/workbook.md").read_text(encoding="utf-8")
SOURCES = "".join(
    path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "generator/data/workbooks").glob("*.py"))
)


def test_the_guide_explains_every_code_of_its_own() -> None:
    codes = set(re.findall(r'"(E-[A-Z]+)"', SOURCES))
    assert len(codes) == 10
    assert codes == set(re.findall(r"^\| `(E-[A-Z]+)`", GUIDE, re.MULTILINE))


@pytest.mark.parametrize("name", ["datasets", "out", "district", "remove", "workbook"])
def test_the_guide_names_every_option(name: str) -> None:
    options = {word for option in (*import_.params, *workbook.params) for word in option.opts}
    assert f"--{name}" in options
    assert f"--{name}" in GUIDE
    assert set(re.findall(r"--[a-z]+", GUIDE)) <= options


def test_the_guide_states_the_limits_and_names_in_force() -> None:
    assert f"{DEFAULT_LIMITS.rows:,} 行" in GUIDE
    assert f"{DEFAULT_LIMITS.cells:,} 个" in GUIDE
    assert f"{EXCEL_CELL_CHARS:,} 个字" in GUIDE
    for name in (CODES_SHEET, FAULTS_SHEET, GUIDE_SHEET):
        assert f"“{name}”" in GUIDE
    catalog = read_catalog(ROOT / "datasets")
    for name in APPEND_ONLY:
        assert f"`{name}`" in GUIDE
        assert catalog.has_table(name)
