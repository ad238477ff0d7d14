"""The clerk's guide names every key and conversion of the mapping file, and its example works."""

import re
from pathlib import Path

import pytest
from intake_cases import DATASETS, write_case

from generator.data.intake import mapping_reading, rule_reading, steps

GUIDE = (DATASETS.parent / "docs" / "import.md").read_text(encoding="utf-8")

WORDS = sorted(
    {
        *mapping_reading._TOP,
        *mapping_reading._SOURCE,
        *mapping_reading._RELAX,
        *mapping_reading.ENCODINGS,
        *rule_reading._RULE,
        *rule_reading._VALUE,
        *steps._BARE,
        *steps._READERS,
        "matches", "not_matches", "not_in", "filled", "differs_from",
        "split", "unpivot", "label", "groups", "skip_empty", "match", "missing",
        "decimal", "thousands", "units", "range", "below", "words", "separator", "find", "by",
    }
)  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
def test_the_guide_explains_every_key(word: str) -> None:
    assert re.search(rf"(?<![a-z_-]){re.escape(word)}(?![a-z_-])", GUIDE)


def test_the_first_example_of_the_guide_imports(tmp_path: Path) -> None:
    example = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)[0]
    rows = (
        "编码,名称,区县,地址,经度,纬度,联系人\nA1,清源化工有限公司,乙区,青石路1号,100.1,40.2,某甲\n"
    )
    case = write_case(tmp_path, example, {"单位名单.csv": rows.encode("gb18030")})
    assert case.run().count("placed") == 1
    assert case.read_table("enterprise_profile")[0]["site_code"] == "L990100-A1"
