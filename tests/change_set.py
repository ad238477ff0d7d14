"""A small change of two counties that moves each kind of published number once."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import polars as pl
from small_province import Edit, read, write

OVERDUE = "990101-B-00014"
"""In 整改, due on 2016-07-29: its deadline moves into the past."""
STRUCK_OFF = "990101-B-00024"
"""In 消除, due on 2016-09-30: its 销号 is reported."""
MOVED_CASE = "BG2016W22-002"
"""Exposed under 990101, and now under 990201."""
SILENT_SITES = 7
"""Sites of 990201 whose contacts are taken out: 62 of 69 then disclose, 89.86 %."""


def apply_change(source: Path, out: Path) -> Path:
    """A copy of the dataset of two counties with the change made."""
    shutil.copytree(source, out)
    sites = read(source / "tables/enterprise_profile.csv")
    listed = (pl.col("division_code") == "990201") & (pl.col("operating_status") != "长期停产")
    silent = sites.filter(listed)["site_code"].sort().head(SILENT_SITES).to_list()
    edits: Mapping[str, Edit] = {
        "illegal_project": lambda frame: frame.with_columns(
            set_where("ledger_no", OVERDUE, "deadline", "2016-06-01"),
            set_where("ledger_no", STRUCK_OFF, "stage", "销号"),
            set_where("ledger_no", STRUCK_OFF, "closed_date", "2016-07-01"),
        ),
        "ledger_event": add_closure,
        "exposure_case": lambda frame: frame.with_columns(
            set_where("case_no", MOVED_CASE, "division_code", "990201")
        ),
        "bulletin": lambda frame: frame.with_columns(
            pl.when((pl.col("iso_week") == "2016-W26") & (pl.col("division_code") == "990101"))
            .then(pl.lit("1234.5"))
            .otherwise("fine_total")
            .alias("fine_total")
        ),
        "enterprise_contact": lambda frame: frame.filter(~pl.col("site_code").is_in(silent)),
        "emergency_plan": age_plan,
    }
    for table, edit in edits.items():
        path = out / "tables" / f"{table}.csv"
        write(edit(read(path)), path)
    return out


def set_where(key: str, value: str, column: str, text: str) -> pl.Expr:
    return pl.when(pl.col(key) == value).then(pl.lit(text)).otherwise(pl.col(column)).alias(column)


def add_closure(events: pl.DataFrame) -> pl.DataFrame:
    own = events.filter(pl.col("ledger_no") == STRUCK_OFF)
    last = own.tail(1).with_columns(
        event_no=pl.lit(f"{STRUCK_OFF}/{own.height + 1:02d}"),
        stage=pl.lit("销号"),
        event_date=pl.lit("2016-07-01"),
        evidence_ref=pl.lit("ZL-990101-1"),
        verifier_agency=pl.lit("示例省环境保护厅"),
        note=pl.lit("核查|通过 `<b>@all</b>` #1 www.example.cn"),
    )
    return pl.concat([events, last])


def age_plan(plans: pl.DataFrame) -> pl.DataFrame:
    """The only plan of a site, filed lately, becomes one of 2010."""
    lone = plans.filter(pl.len().over("site_code") == 1, pl.col("filing_date") > "2015-01-01")
    chosen = lone["plan_id"].sort()[0]
    return plans.with_columns(set_where("plan_id", chosen, "filing_date", "2010-01-04"))
