"""Changes of a sample province that the benchmark makes: what people do, and ten times as much."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
from small_province import read, write


def set_cell(table: str, column: str, value: str) -> Callable[[Path], None]:
    """A change of the first cell of a column that has a value."""

    def change(tables: Path) -> None:
        frame = read(tables / f"{table}.csv")
        cells = frame.get_column(column).to_list()
        cells[next(n for n, cell in enumerate(cells) if cell and cell != value)] = value
        write(frame.with_columns(pl.Series(column, cells)), tables / f"{table}.csv")

    return change


def advance_project(tables: Path) -> None:
    """A registered project begins its rectification: a new stage, and the event that says so."""
    ledger, events = read(tables / "illegal_project.csv"), read(tables / "ledger_event.csv")
    number = ledger.filter(pl.col("stage") == "登记").item(0, "ledger_no")
    own = events.filter(pl.col("ledger_no") == number)
    event = {
        **dict.fromkeys(events.columns, ""),
        "event_no": f"{number}/{own.height + 1:02d}",
        "ledger_no": number,
        "stage": "整改",
        "event_date": str(events.get_column("event_date").max()),
    }
    stage = pl.when(pl.col("ledger_no") == number).then(pl.lit("整改")).otherwise(pl.col("stage"))
    write(ledger.with_columns(stage.alias("stage")), tables / "illegal_project.csv")
    added = pl.DataFrame([event], schema=events.schema)
    write(pl.concat([events, added]), tables / "ledger_event.csv")


CHANGES: tuple[tuple[str, str, Callable[[Path], None]], ...] = (
    ("一行变动（公开表一格）", "", set_cell("enterprise_contact", "public_phone", "010-12345678")),
    ("项目进入下一阶段", "≤ 20 个文件，200 KB", advance_project),
    (
        "项目改名",
        "≤ 80 个文件，500 KB",
        set_cell("illegal_project", "project_name", "改了名字的项目"),
    ),
    ("企业改名", "", set_cell("enterprise_profile", "ent_name", "改了名字的企业")),
)


def multiply_readings(path: Path, copies: int) -> int:
    """Make the file hold its readings `copies` times, each 366 days earlier; gives their number."""
    source = pl.scan_parquet(path)
    moment = next(name for name, kind in source.collect_schema().items() if kind.is_temporal())
    parts = [
        source.with_columns(pl.col(moment).dt.offset_by(f"-{366 * copy}d"))
        for copy in range(copies)
    ]
    target = path.with_suffix(".many")
    pl.concat(parts).sink_parquet(target)
    target.replace(path)
    return int(pl.scan_parquet(path).select(pl.len()).collect().item())
