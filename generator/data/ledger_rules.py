"""The ledger's state machine: 排查 → 登记 → 整改 → 消除 → 销号.

Forward by one step only. `退回` sends a project from 消除 or 销号 back to 整改
(a rebound); after it the next event is 消除, or 整改 written out once more. A
project of batch 淘汰关闭 may go from 登记 to 消除. 销号 needs evidence and a
verifying agency other than the leading one. Dates never decrease. The project's
own `stage` and `closed_date` repeat its last event.

Events are numbered <ledger_no>/01, /02, … and stand in that order.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Final

import polars as pl

from generator.data.load import Dataset, LoadedTable
from generator.data.rule import Finding, Rule, find_where

STAGES: Final = ("排查", "登记", "整改", "消除", "销号")
REBOUND: Final = "退回"
SKIPPING_BATCH: Final = "淘汰关闭"
_TABLES: Final = ("illegal_project", "ledger_event")
_STEPS: Final = frozenset(pairwise(STAGES))


def order_events(dataset: Dataset) -> pl.DataFrame:
    """The events in order, each with its project's facts and its predecessor's.

    Columns: `#index` (row in ledger_event), the event's own columns, `batch`
    and `lead_agency` of the project, `previous_stage`, `previous_date`,
    `position` (from 1) within the project.
    """
    return _order_events(dataset["illegal_project"], dataset["ledger_event"])


@lru_cache(maxsize=1)  # eight rules want it
def _order_events(ledger: LoadedTable, events: LoadedTable) -> pl.DataFrame:
    projects = ledger.values.select("ledger_no", "batch", "lead_agency").unique(
        "ledger_no", keep="first"
    )
    return (
        events.values.with_row_index("#index")
        .filter(pl.col("ledger_no").is_not_null() & pl.col("event_no").is_not_null())
        .sort("ledger_no", "event_no")
        .with_columns(
            pl.col("stage").shift(1).over("ledger_no").alias("previous_stage"),
            pl.col("event_date").shift(1).over("ledger_no").alias("previous_date"),
            (pl.int_range(pl.len()).over("ledger_no") + 1).alias("position"),
        )
        .join(projects, on="ledger_no", how="left", maintain_order="left")
    )


def forget_order() -> None:
    """Hold the ordered events no longer: they take as much as the ledger twice."""
    _order_events.cache_clear()


def find_wrong_starts(dataset: Dataset) -> Iterator[Finding]:
    """Projects whose first event is not 排查."""
    events = order_events(dataset)
    wrong = events.filter((pl.col("position") == 1) & (pl.col("stage") != STAGES[0]))
    for index in wrong.get_column("#index").to_list():
        yield Finding(
            dataset["ledger_event"],
            index,
            "stage",
            expected="第一个事件为“排查”",
            cure="请补报此前的事件，或改正阶段。",
        )


def is_step(previous: pl.Expr, stage: pl.Expr) -> pl.Expr:
    """Whether the machine allows the step, 退回 left aside."""
    pair = previous + "→" + stage
    after_rebound = (previous == REBOUND) & stage.is_in([STAGES[2], STAGES[3]])
    skip = (pair == f"{STAGES[1]}→{STAGES[3]}") & (pl.col("batch") == SKIPPING_BATCH)
    return (
        pair.is_in([f"{first}→{second}" for first, second in sorted(_STEPS)]) | after_rebound | skip
    )


def find_wrong_steps(dataset: Dataset) -> Iterator[Finding]:
    """Events that skip a stage, repeat one or go back without 退回."""
    events = order_events(dataset)
    previous, stage = pl.col("previous_stage"), pl.col("stage")
    wrong = events.filter(
        # A word that is no stage is told already; what should follow it cannot be said.
        previous.is_in([*STAGES, REBOUND])
        & stage.is_in(list(STAGES))
        & ~is_step(previous, stage).fill_null(value=False)
    )
    for index, before in wrong.select("#index", "previous_stage").iter_rows():
        yield Finding(
            dataset["ledger_event"],
            index,
            "stage",
            expected=describe_next(before),
            cure="请补报跳过的阶段；往回退的，先报一条“退回”。",
        )


def describe_next(before: str) -> str:
    """What may follow a stage, in words."""
    if before == REBOUND:
        return "“退回”之后为“整改”或“消除”"
    if before == STAGES[-1]:
        return "“销号”之后没有事件，或为“退回”"
    following = STAGES[STAGES.index(before) + 1]
    return f"“{before}”之后为“{following}”"


def find_wrong_rebounds(dataset: Dataset) -> Iterator[Finding]:
    """退回 from a stage other than 消除 and 销号."""
    events = order_events(dataset)
    from_end = pl.col("previous_stage").is_in([STAGES[3], STAGES[4]])
    wrong = events.filter(
        (pl.col("stage") == REBOUND) & (pl.col("position") > 1) & ~from_end.fill_null(value=False)
    )
    for index, before in wrong.select("#index", "previous_stage").iter_rows():
        yield Finding(
            dataset["ledger_event"],
            index,
            "stage",
            expected="只能从“消除”或“销号”退回",
            cure="请删去这一条，或补报此前的“消除”“销号”。",
            found=f"“{before}”之后“{REBOUND}”",
        )


def find_unproven_closures(dataset: Dataset) -> Iterator[Finding]:
    """销号 without evidence."""
    loaded = dataset["ledger_event"]
    wrong = (pl.col("stage") == STAGES[4]) & pl.col("evidence_ref").is_null()
    for index in find_where(loaded, wrong):
        yield Finding(
            loaded,
            index,
            "evidence_ref",
            expected="销号要有佐证材料编号",
            cure="请补填佐证材料编号；没有佐证的不能销号。",
        )


def find_self_verified_closures(dataset: Dataset) -> Iterator[Finding]:
    """销号 verified by nobody or by the leading agency itself."""
    verifier, leader = pl.col("verifier_agency"), pl.col("lead_agency")
    wrong = order_events(dataset).filter(
        (pl.col("stage") == STAGES[4]) & (verifier.is_null() | (verifier == leader))
    )
    for index, lead in wrong.select("#index", "lead_agency").iter_rows():
        yield Finding(
            dataset["ledger_event"],
            index,
            "verifier_agency",
            expected=f"牵头责任单位（{lead or '未填'}）以外的核查单位",
            cure="请由另一单位核查后填写。",
        )


def find_decreasing_dates(dataset: Dataset) -> Iterator[Finding]:
    """Events dated before the event in front of them."""
    wrong = order_events(dataset).filter(pl.col("event_date") < pl.col("previous_date"))
    for index, before in wrong.select("#index", "previous_date").iter_rows():
        yield Finding(
            dataset["ledger_event"],
            index,
            "event_date",
            expected=f"不早于上一事件的日期 {before}",
            cure="请核对两个事件的日期和先后。",
        )


def find_wrong_event_numbers(dataset: Dataset) -> Iterator[Finding]:
    """Event numbers of another project, or out of the run that counts from 01."""
    right = pl.col("ledger_no") + "/" + pl.col("position").cast(pl.String).str.zfill(2)
    wrong = order_events(dataset).filter(pl.col("event_no") != right)
    for index, expected in wrong.select("#index", right.alias("#right")).iter_rows():
        yield Finding(
            dataset["ledger_event"],
            index,
            "event_no",
            expected=f"{expected}（台账编号 + / + 从 01 起的顺序号，不跳号）",
            cure="请改正事件编号或台账编号，补齐缺的事件。",
        )


def _last_events(dataset: Dataset) -> pl.DataFrame:
    """Each project's row index, stage and closed date beside its last event's."""
    last = (
        order_events(dataset)
        .group_by("ledger_no", maintain_order=True)
        .agg(
            pl.col("stage").last().alias("last_event"),
            pl.col("event_date").last().alias("last_date"),
        )
    )
    reached = pl.when(pl.col("last_event") == REBOUND).then(pl.lit(STAGES[2]))
    return (
        dataset["illegal_project"]
        .values.with_row_index("#index")
        .select("#index", "ledger_no", "stage", "closed_date")
        .join(last, on="ledger_no", how="left", maintain_order="left")
        .with_columns(reached.otherwise(pl.col("last_event")).alias("reached"))
    )


def find_wrong_project_stages(dataset: Dataset) -> Iterator[Finding]:
    """Projects without an event, or whose stage is not that of the last one."""
    rows = _last_events(dataset)
    wrong = rows.filter(pl.col("reached").is_null() | (pl.col("stage") != pl.col("reached")))
    for index, reached, last in wrong.select("#index", "reached", "last_date").iter_rows():
        yield Finding(
            dataset["illegal_project"],
            index,
            "stage",
            expected=f"与最后一个事件（{last}）的阶段“{reached}”相同"
            if reached
            else "台账阶段事件里至少有一条“排查”",
            cure="请补报事件，或改正当前阶段。",
        )


def find_wrong_closing_dates(dataset: Dataset) -> Iterator[Finding]:
    """Closing dates that are not the date of 销号, or stand where there was none."""
    rows = _last_events(dataset)
    closed = pl.col("reached") == STAGES[4]
    unequal = closed & (pl.col("closed_date").ne_missing(pl.col("last_date")))
    untimely = ~closed & pl.col("closed_date").is_not_null()
    wrong = rows.filter((unequal | untimely).fill_null(value=False))
    for index, reached, last in wrong.select("#index", "reached", "last_date").iter_rows():
        yield Finding(
            dataset["illegal_project"],
            index,
            "closed_date",
            expected=f"销号事件的日期 {last}" if reached == STAGES[4] else "尚未销号，留空",
            cure="请与台账阶段事件核对。",
        )


_SOURCE: Final = "环境保护违法违规建设项目清理整改台账的阶段规定"

LEDGER_RULES: Final[tuple[Rule, ...]] = (
    Rule("L-NUMBER", "事件编号不对", "error", _SOURCE, _TABLES, find_wrong_event_numbers),
    Rule("L-START", "台账不是从排查开始", "error", _SOURCE, _TABLES, find_wrong_starts),
    Rule("L-ORDER", "台账阶段跳步或倒退", "error", _SOURCE, _TABLES, find_wrong_steps),
    Rule("L-REBOUND", "退回的起点不对", "error", _SOURCE, _TABLES, find_wrong_rebounds),
    Rule("L-EVIDENCE", "销号没有佐证", "error", _SOURCE, _TABLES, find_unproven_closures),
    Rule("L-VERIFIER", "销号核查单位不合", "error", _SOURCE, _TABLES, find_self_verified_closures),
    Rule("L-DATE", "事件日期倒退", "error", _SOURCE, _TABLES, find_decreasing_dates),
    Rule("L-STAGE", "当前阶段与事件不符", "error", _SOURCE, _TABLES, find_wrong_project_stages),
    Rule("L-CLOSED", "销号日期与事件不符", "error", _SOURCE, _TABLES, find_wrong_closing_dates),
)
