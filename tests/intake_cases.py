"""Small import cases: a mapping text and source files in a temporary folder, run like a user."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from generator.data.intake import ImportReport, run_import

DATASETS = Path(__file__).parent.parent / "datasets"
FIXTURES = Path(__file__).parent / "intake"

HEAD = """\
mapping: "1"
package: {name: huanjing-test, title: 测试数据包}
placeholders: ["-", 无]
"""

RELAX = """\
relax:
  enterprise_profile.uscc, legal_rep, industry_code, key_class, operating_status, address:
    {required: false, reason: 来源没有这一项}
  enterprise_profile.longitude, latitude, division_code: {required: false, reason: 来源没有这一项}
"""

DIVISIONS = """\
  division:
    - rows:
        - {division_code: "990000", division_name: 示例省, level: 省}
        - {division_code: "990100", division_name: 甲市, parent_code: "990000", level: 市}
        - {division_code: "990102", division_name: 乙区, parent_code: "990100", level: 县}
"""

SITES = """\
  enterprise_profile:
    - source: sites
      fields:
        site_code: {template: "L990102-{编码}"}
        ent_name: 名称
"""


@dataclass(frozen=True, slots=True)
class Case:
    """A case on disk and where its package goes."""

    mapping: Path
    folder: Path
    out: Path

    def run(self, *, allow_unmapped: bool = False) -> ImportReport:
        """Import the whole folder."""
        return run_import(
            self.mapping, [self.folder], self.out, DATASETS, allow_unmapped=allow_unmapped
        )

    def read_table(self, name: str) -> list[dict[str, str]]:
        """Rows of a written table."""
        path = self.out / "tables" / f"{name}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


def write_case(tmp_path: Path, mapping: str, files: Mapping[str, str | bytes]) -> Case:
    """The case's files on disk."""
    folder = tmp_path / "sources"
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        data = content if isinstance(content, bytes) else dedent(content).encode()
        (folder / name).write_bytes(data)
    path = tmp_path / "mapping.yml"
    path.write_text(mapping, encoding="utf-8")
    return Case(path, folder, tmp_path / "out")


def map_sites(
    *, source: str = "", fields: str = "", tables: str = "", relax: str = "", maps: str = ""
) -> str:
    """A mapping of `sites.csv` (编码, 名称, …) with more lines for each part."""
    return (
        HEAD
        + "sources:\n  sites:\n    file: sites.csv\n    encoding: utf-8\n"
        + source
        + maps
        + RELAX
        + relax
        + "tables:\n"
        + DIVISIONS
        + SITES
        + fields
        + tables
    )
