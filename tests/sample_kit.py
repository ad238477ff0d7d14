"""The disclosure sample, written once at the committed scale and read back as text."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from generator.data.sample.disclosure import (
    DISCLOSURE_TABLES,
    write_disclosure,
)
from generator.data.sample.exposure import CasePlan, plan_cases
from generator.data.sample.monitoring import write_monitoring
from generator.data.sample.province import Province, division_rows, make_province
from generator.data.sample.reference import INDUSTRIES, POLLUTANTS, STANDARD_LIMITS
from generator.data.sample.register import Enterprise, make_register
from generator.data.sample.write import write_table

SEED = 2016
COMMITTED_SCALE = 0.05
DATASETS = Path(__file__).parents[1] / "datasets"
SCHEMAS = DATASETS / "schemas"
DATA_DATE = date(2016, 7, 3)
FLOOR = 90

LOG = "disclosure_record"
COVERING_KINDS = {"无此情形声明", "依法不公开"}


@dataclass(frozen=True, slots=True)
class Sample:
    """What was written, and what it was written from."""

    out: Path
    province: Province
    enterprises: list[Enterprise]
    cases: list[CasePlan]
    counts: Mapping[str, int]
    readings: int
    tables: Mapping[str, pl.DataFrame]

    def __getitem__(self, name: str) -> pl.DataFrame:
        """A table, every cell as its text."""
        return self.tables[name]


def read_schema(name: str) -> dict[str, object]:
    """The committed schema of a table."""
    document: dict[str, object] = json.loads((SCHEMAS / f"{name}.json").read_text("utf-8"))
    return document


def field_names(name: str) -> list[str]:
    """The columns of a table, as its schema orders them."""
    fields = read_schema(name)["fields"]
    assert isinstance(fields, list)
    return [field["name"] for field in fields]


def write_sample(out: Path, seed: int = SEED) -> Sample:
    """Writes the sample of a seed into `out` and reads its tables back."""
    province = make_province(seed)
    enterprises = make_register(province, seed)
    cases = plan_cases(province, enterprises, seed)
    counts = write_disclosure(
        out, province, enterprises, cases, scale=COMMITTED_SCALE, seed=seed, schemas=SCHEMAS
    )
    readings = write_monitoring(out, enterprises, scale=COMMITTED_SCALE, seed=seed)
    references = {
        "division": division_rows(province),
        "industry": INDUSTRIES,
        "pollutant": POLLUTANTS,
        "standard_limit": STANDARD_LIMITS,
    }
    for name, rows in references.items():
        write_table(out, field_names(name), name, rows)
    tables = {
        name: pl.read_csv(out / "tables" / f"{name}.csv", infer_schema=False).fill_null("")
        for name in (*DISCLOSURE_TABLES, *references)
    }
    return Sample(out, province, enterprises, cases, counts, readings, tables)


def numbers(table: pl.DataFrame, *fields: str) -> pl.DataFrame:
    """The table with these columns as numbers; an empty cell becomes null."""
    return table.with_columns(pl.col(field).cast(pl.Float64, strict=False) for field in fields)
