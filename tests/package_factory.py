"""Small datasets for tests: the real schemas, the rows a test gives, other tables header-only."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

DATASETS = Path(__file__).parent.parent / "datasets"

Rows = Sequence[Mapping[str, str]]

POLARS_TYPES: dict[str, pl.DataType] = {
    "string": pl.String(),
    "number": pl.Float64(),
    "datetime": pl.Datetime("us"),
}


def read_field_names(table: str) -> list[str]:
    """The names of a table's fields, in file order."""
    schema = json.loads((DATASETS / "schemas" / f"{table}.json").read_text(encoding="utf-8"))
    return [field["name"] for field in schema["fields"]]


def write_package(root: Path, tables: Mapping[str, Rows] | None = None) -> Path:
    """A dataset in `root` with the given rows; fields left out are empty cells.

    The schemas and the descriptor are copied from `datasets/`; every other table
    has its header alone, and `monitoring` no readings.
    """
    given = tables or {}
    root.mkdir(parents=True, exist_ok=True)
    shutil.copy(DATASETS / "datapackage.json", root / "datapackage.json")
    shutil.copytree(DATASETS / "schemas", root / "schemas", dirs_exist_ok=True)
    (root / "tables").mkdir(exist_ok=True)
    descriptor = json.loads((root / "datapackage.json").read_text(encoding="utf-8"))
    for resource in descriptor["resources"]:
        name = resource["name"]
        if resource["format"] == "csv":
            write_table(root / resource["path"], name, given.get(name, ()))
        elif name not in given:
            write_readings(root / resource["path"], name)
    return root


def write_table(path: Path, table: str, rows: Rows) -> None:
    """A table's CSV file: its header and the given rows."""
    names = read_field_names(table)
    for row in rows:
        unknown = set(row) - set(names)
        assert not unknown, f"{table} has no field {unknown}"
    lines = [names, *([row.get(name, "") for name in names] for row in rows)]
    path.write_text("".join(_write_line(line) for line in lines), encoding="utf-8", newline="")


def write_readings(
    path: Path, table: str = "monitoring", rows: Sequence[Mapping[str, object]] = ()
) -> None:
    """A Parquet table with the types of its schema and the given rows."""
    schema = json.loads((DATASETS / "schemas" / f"{table}.json").read_text(encoding="utf-8"))
    types = {field["name"]: POLARS_TYPES[field["type"]] for field in schema["fields"]}
    columns = {name: [row.get(name) for row in rows] for name in types}
    pl.DataFrame(columns, schema=types).write_parquet(path)


def _write_line(cells: Sequence[str]) -> str:
    return ",".join(_quote(cell) for cell in cells) + "\n"


def _quote(cell: str) -> str:
    if any(mark in cell for mark in ',"\n\r'):
        return '"' + cell.replace('"', '""') + '"'
    return cell


# Rows that pass every check, for tests to alter. Invented places and firms.

DIVISIONS: Rows = (
    {"division_code": "990000", "division_name": "示例省", "level": "省"},
    {"division_code": "990100", "division_name": "临川市", "parent_code": "990000", "level": "市"},
    {"division_code": "990102", "division_name": "江北区", "parent_code": "990100", "level": "县"},
    {
        "division_code": "990102001",
        "division_name": "青石镇",
        "parent_code": "990102",
        "level": "乡",
    },
)

INDUSTRIES: Rows = (
    {"industry_code": "C2614", "industry_name": "有机化学原料制造", "edition": "2011"},
)

POLLUTANTS: Rows = (
    {
        "pollutant_code": "w01018",
        "pollutant_name": "化学需氧量",
        "short_name": "COD",
        "medium": "水",
        "default_unit": "mg/L",
    },
    {
        "pollutant_code": "a21026",
        "pollutant_name": "二氧化硫",
        "short_name": "SO2",
        "medium": "大气",
        "default_unit": "mg/m³",
    },
)
