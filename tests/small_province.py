"""A few counties cut out of the committed dataset: whole in every respect, and quick to build."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl

COUNTIES = ("990101", "990201")
ROOT = Path(__file__).resolve().parents[1]

Edit = Callable[[pl.DataFrame], pl.DataFrame]


def cut_province(
    out: Path,
    counties: tuple[str, ...] = COUNTIES,
    edits: Mapping[str, Edit] | None = None,
    source: Path = ROOT / "datasets",
) -> Path:
    """A dataset folder with the rows of the given counties; `edits` change tables on the way."""
    shutil.copytree(source / "schemas", out / "schemas")
    shutil.copy(source / "datapackage.json", out)
    (out / "tables").mkdir()
    frames = {path.stem: read(path) for path in sorted((source / "tables").glob("*.csv"))}
    sites = kept(frames["enterprise_profile"], "division_code", counties, "site_code")
    projects = kept(frames["illegal_project"], "division_code", counties, "ledger_no")
    cases = kept(frames["exposure_case"], "division_code", counties, "case_no")
    records = sites | projects | cases
    for name, frame in frames.items():
        chosen = frame
        if name in {"bulletin", "district_target", "exposure_case", "illegal_project"}:
            chosen = frame.filter(pl.col("division_code").is_in(counties))
        elif "site_code" in frame.columns:
            chosen = frame.filter(pl.col("site_code").is_in(list(sites)))
        elif "ledger_no" in frame.columns:
            chosen = frame.filter(pl.col("ledger_no").is_in(list(projects)))
        elif name == "correction":
            first = pl.col("target_key").str.split("|").list.first()
            chosen = frame.filter(first.is_in(list(records)))
        if edits and name in edits:
            chosen = edits[name](chosen)
        write(chosen, out / "tables" / f"{name}.csv")
    readings = pl.read_parquet(source / "tables/monitoring.parquet")
    readings.filter(pl.col("site_code").is_in(list(sites))).write_parquet(
        out / "tables/monitoring.parquet"
    )
    shutil.copytree(source / "photos", out / "photos")
    return out


def read(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema=False).fill_null("")


def write(frame: pl.DataFrame, path: Path) -> None:
    empty_cells = pl.when(pl.all() == "").then(None).otherwise(pl.all()).name.keep()
    frame.select(empty_cells).write_csv(path, quote_style="necessary", line_terminator="\n")


def kept(frame: pl.DataFrame, column: str, values: tuple[str, ...], key: str) -> set[str]:
    return set(frame.filter(pl.col(column).is_in(values))[key])


def set_first(column: str, text: str) -> Edit:
    """An edit that writes `text` into the first row of a column."""

    def edit(frame: pl.DataFrame) -> pl.DataFrame:
        first = pl.int_range(pl.len()) == 0
        return frame.with_columns(
            pl.when(first).then(pl.lit(text)).otherwise(pl.col(column)).alias(column)
        )

    return edit
