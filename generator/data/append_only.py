"""Tables that only grow: what was once on the main branch is not edited, removed or backdated.

A correction is the one row that may be completed: its 办结日期 is empty while the matter is
pending and may be filled once, which is told as a notice. Nothing that was said is changed by it.

Source: rule R20 of the domain catalogue; the ledger's state machine (ledger_rules).
"""

from collections.abc import Iterator
from typing import Final

import polars as pl

from generator.data.catalog import Field
from generator.data.issue import Issue, Severity, make_cell_issue, make_file_issue
from generator.data.ledger_rules import REBOUND, STAGES, describe_next, is_step
from generator.data.messages import show_cell
from generator.data.personal import mask_personal
from generator.data.table_pair import TablePair
from generator.data.table_text import ROW, join_key

APPEND_ONLY: Final = ("ledger_event", "correction", "disclosure_record")
REMOVED_TOLD: Final = 100
"""Removed rows told one by one in a table; a last issue says how many more there are."""

_COMPLETED_LATER: Final = {"correction": "resolved_date"}
"""The field of a row that may be empty at first and be filled once, with its date."""
_CURE: Final = "请恢复原来的内容；要改正的，另加一行，原来的一行留着。"


def find_rewritten_rows(pair: TablePair) -> Iterator[Issue]:
    """Cells of the base's rows that now say something else."""
    kept = pair.kept
    for field in pair.shared_fields:
        if field.name in pair.key:
            continue
        now, before = pl.col(field.name), pl.col(f"{field.name}#base")
        edited = kept.filter(now != before).select(
            ROW, join_key(pair.key).alias("#key"), before.alias("#old"), now.alias("#new")
        )
        for row, key, old, new in edited.iter_rows():
            yield _describe_edit(pair, field, row, key, old, new)


def is_completion(table: str, field: Field, old: str, new: str) -> bool:
    """Whether a change only fills what was left open when the row was published."""
    return is_open_cell(table, field, old) and new not in field.missing_values


def is_open_cell(table: str, field: Field, text: str) -> bool:
    """Whether a published row's cell was left open, to be filled once."""
    return text in field.missing_values and _COMPLETED_LATER.get(table) == field.name


def _describe_edit(pair: TablePair, field: Field, row: int, key: str, old: str, new: str) -> Issue:
    severity: Severity = "error"
    title, cure = "只增不改的记录被改动", _CURE
    if is_completion(pair.current.name, field, old, new):
        severity, title = "notice", "补填了办结日期"
        cure = "不必处理；办结日期只能从空补填一次，以后不能再改。"
    return make_cell_issue(
        "R20",
        title,
        pair.current,
        row,
        field,
        found=f"{_show_masked(new)}（主键 {key}，原为{_show_masked(old)}）",
        expected=f"与基准版本相同：{_show_masked(old)}" if severity == "error" else "补填日期",
        cure=cure,
        severity=severity,
    )


def _show_masked(text: str) -> str:
    """A cell as messages show it; reports are kept in build logs, so numbers of persons are not."""
    return show_cell(mask_personal(text))


def find_removed_rows(pair: TablePair) -> Iterator[Issue]:
    """The base's rows that are gone, and fields of theirs that are gone."""
    dropped = [name for name in pair.base.field_names if name not in pair.current.field_names]
    for name in dropped:
        yield make_file_issue(
            "R20",
            "只增不改的记录少了一个字段",
            pair.current,
            found=f"没有字段「{pair.base.field(name).title}」（{name}）",
            expected="以前公开的字段都留着",
            cure="请恢复这个字段。",
        )
    removed = pair.removed.select(ROW, join_key(pair.key).alias("#key"))
    for row, key in removed.head(REMOVED_TOLD).iter_rows():
        yield _describe_removal(pair, f"没有主键 {key} 的一行（基准版本第 {row} 行）")
    if removed.height > REMOVED_TOLD:
        more = removed.height - REMOVED_TOLD
        yield _describe_removal(pair, f"另有 {more} 行不见了（共 {removed.height} 行）")


def _describe_removal(pair: TablePair, found: str) -> Issue:
    return make_file_issue(
        "R20",
        "只增不改的记录被删去",
        pair.current,
        found=found,
        expected="以前公开的行都留着",
        cure="请从基准版本恢复这一行。",
    )


def find_backdated_events(pair: TablePair) -> Iterator[Issue]:
    """New ledger events dated before the last event that their project had."""
    yield from _find_backdated(
        pair,
        "event_date",
        ("ledger_no",),
        "L-DATE",
        "事件日期倒退",
        "这个项目在基准版本里最后一个事件的日期",
    )


def find_backdated_disclosures(pair: TablePair) -> Iterator[Issue]:
    """New disclosure records dated before the last one of the same site and table."""
    yield from _find_backdated(
        pair,
        "disclosed_date",
        ("site_code", "table_name"),
        "R20",
        "公开日期倒退",
        "基准版本里同一单位、同一张表最后一次公开的日期",
    )


def find_backdated_corrections(pair: TablePair) -> Iterator[Issue]:
    """New corrections received before the last one of the same record."""
    yield from _find_backdated(
        pair,
        "received_date",
        ("target_table", "target_key"),
        "R20",
        "收到日期倒退",
        "基准版本里同一条记录最后一次更正、说明或撤回的收到日期",
    )


def _find_backdated(
    pair: TablePair, column: str, owner: tuple[str, ...], code: str, title: str, limit: str
) -> Iterator[Issue]:
    names = {field.name for field in pair.shared_fields}
    if not names.issuperset({column, *owner}):
        return
    # Dates are compared as text: the check lets only 2016-07-03 pass, and a date of another form
    # is told by the check. A missing word is no date.
    field = pair.current.field(column)
    dated = pl.col(column).str.contains(r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\z")
    last = (
        pair.base_text.filter(dated)
        .group_by(list(owner), maintain_order=True)
        .agg(pl.col(column).max().alias("#last"))
    )
    late = (
        pair.added.filter(dated)
        .join(last, on=list(owner), how="inner", maintain_order="left")
        .filter(pl.col(column) < pl.col("#last"))
    )
    for row, key, day, before in late.select(
        ROW, join_key(pair.key).alias("#key"), column, "#last"
    ).iter_rows():
        yield make_cell_issue(
            code,
            title,
            pair.current,
            row,
            field,
            found=f"{show_cell(day)}（主键 {key}）",
            expected=f"不早于 {before}（{limit}）",
            cure="请核对日期；补报过去的事，写补报当天的日期，在说明里讲清。",
        )


def find_broken_steps(events: TablePair, projects: pl.DataFrame) -> Iterator[Issue]:
    """New events that the machine does not allow from the last stage the base had.

    An event of the base that was rewritten to make room does not help: the walk begins at what
    the base said.

    Args:
        events: The ledger's events.
        projects: The present ledger with `ledger_no` and `batch`.

    """
    wanted = {"event_no", "ledger_no", "stage"}
    if not wanted.issubset({field.name for field in events.shared_fields}):
        return
    last = (
        events.base_text.sort("ledger_no", "event_no")
        .group_by("ledger_no", maintain_order=True)
        .agg(pl.col("stage").last().alias("#last"))
    )
    batches = projects.select("ledger_no", "batch").unique("ledger_no", keep="first")
    walked = (
        events.added.sort("ledger_no", "event_no")
        .join(last, on="ledger_no", how="inner", maintain_order="left")
        .with_columns(
            pl.col("stage").shift(1).over("ledger_no").fill_null(pl.col("#last")).alias("#before"),
            (pl.int_range(pl.len()).over("ledger_no") == 0).alias("#first"),
        )
        .join(batches, on="ledger_no", how="left", maintain_order="left")
    )
    before, stage = pl.col("#before"), pl.col("stage")
    rebound = (stage == REBOUND) & before.is_in([STAGES[3], STAGES[4]])
    allowed = is_step(before, stage).fill_null(value=False) | rebound
    known = before.is_in([*STAGES, REBOUND]) & stage.is_in([*STAGES, REBOUND])
    field = events.current.field("stage")
    for row, key, found, previous, first in (
        walked.filter(known & ~allowed)
        .select(ROW, "event_no", "stage", "#before", "#first")
        .iter_rows()
    ):
        origin = "基准版本里最后一个阶段是" if first else "前一个新事件是"
        yield make_cell_issue(
            "L-ORDER" if found != REBOUND else "L-REBOUND",
            "台账阶段跳步或倒退" if found != REBOUND else "退回的起点不对",
            events.current,
            row,
            field,
            found=f"{show_cell(found)}（主键 {key}，{origin}“{previous}”）",
            expected=describe_next(previous) if found != REBOUND else "只能从“消除”或“销号”退回",
            cure="请补报跳过的阶段；往回退的，先报一条“退回”。",
        )
