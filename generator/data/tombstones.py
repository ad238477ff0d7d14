"""Records do not vanish, and their permanent codes are not given to others.

A record that is taken back keeps its row and its address; the site hides what it said when
`correction` has a decided 撤回 for it. A row of a disclosure table that is not a record of its
own (a month's concentration, say) may also go when the disclosure log of the same site and table
gained a 更正, 变更公开 or 撤回.

Source: docs/adr/0006-addresses.md (permanent addresses); rule R20 of the domain catalogue.
"""

from collections.abc import Iterator
from typing import Final

import polars as pl

from generator.data.issue import Issue, make_cell_issue, make_file_issue
from generator.data.messages import show_cell
from generator.data.table_pair import TablePair, UnpairedTable
from generator.data.table_text import ROW, join_key

VANISHED_TOLD: Final = 100
"""Vanished records told one by one in a table; a last issue says how many more there are."""
REFERENCE_LISTS: Final = ("industry", "pollutant", "standard_limit", "mirror")
"""Lists that follow a standard, or mirrors that come and go: nothing is published of a row."""
LOGGED_CHANGES: Final = ("更正", "变更公开", "撤回")

_IDENTITY: Final = {
    "enterprise_profile": ("ent_name", "division_code"),
    "illegal_project": ("owner_name", "division_code"),
    "exposure_case": ("ent_name", "division_code"),
    "division": ("division_name", "parent_code"),
    "responsibility": ("body_name", "duty_text"),
}
"""The two fields of a register that do not both change while the record stays the same one."""


def find_vanished_records(
    pair: TablePair, withdrawn: frozenset[tuple[str, str]], logged: pl.DataFrame | None
) -> Iterator[Issue]:
    """The base's records that are gone without a reason on record.

    Args:
        pair: A register or any other keyed table.
        withdrawn: Table and key of every record with a decided 撤回.
        logged: Site and table of the changes that the disclosure log gained; None where it
            cannot be read.

    """
    name = pair.base.name
    gone = pair.removed
    if logged is not None and not _is_register(pair) and "site_code" in gone.columns:
        explained = logged.filter(pl.col("table_name") == name).select("site_code")
        gone = gone.join(explained, on="site_code", how="anti", maintain_order="left")
    rows = [
        (row, key)
        for row, key in gone.select(ROW, join_key(pair.key).alias("#key")).iter_rows()
        if (name, key) not in withdrawn
    ]
    for row, key in rows[:VANISHED_TOLD]:
        yield _describe_vanished(pair, f"没有主键 {key} 的记录（基准版本第 {row} 行）")
    if len(rows) > VANISHED_TOLD:
        more = len(rows) - VANISHED_TOLD
        yield _describe_vanished(pair, f"另有 {more} 条记录不见了（共 {len(rows)} 条）")


def _is_register(pair: TablePair) -> bool:
    """Whether a row is a record with a code of its own, or stands outside the disclosure tables."""
    if pair.base.group != "disclosure":
        return True
    borrowed = {name for key in pair.base.foreign_keys for name in key.fields}
    return len(pair.key) == 1 and (
        pair.key[0] not in borrowed or pair.base.name == "enterprise_profile"
    )


def _describe_vanished(pair: TablePair, found: str) -> Issue:
    cure = "请恢复这一行；要撤下的，保留这一行，并在“更正、说明与撤回”表登记一条已办结的“撤回”。"
    if not _is_register(pair):
        cure = (
            "请恢复这一行；确需去掉的，在“信息公开与变更记录”表为该单位的这张表"
            "登记一条“更正”“变更公开”或“撤回”。"
        )
    return make_file_issue(
        "E-VANISHED",
        "已公开的记录不见了",
        pair.current,
        found=found,
        expected="公开过的记录一直都在，或有已办结的“撤回”说明理由",
        cure=cure,
    )


def find_lost_table(lost: UnpairedTable) -> Iterator[Issue]:
    """A table that is described no more, whose key was renamed, or whose base cannot be read."""
    if lost.base_rows is None:
        yield make_file_issue(
            "E-BASE",
            "基准版本的表读不出来",
            lost.current or lost.base,
            found="基准版本里这个文件的编码、首行或引号有错",
            expected="可以比较的基准版本",
            cure="这个表没有与以前比较；请改用另一个基准版本，或请人工核对。",
            severity="warning",
        )
    elif lost.lost_key:
        titles = "、".join(f"「{lost.base.field(name).title}」" for name in lost.lost_key)
        yield make_file_issue(
            "E-VANISHED",
            "主键字段不见了",
            lost.current or lost.base,
            found=f"没有字段{titles}，{lost.base_rows} 条记录无法与以前对应",
            expected="主键字段的名称不变",
            cure="请恢复这些字段。",
        )
    elif lost.base_rows:
        yield make_file_issue(
            "E-VANISHED",
            "整个表不见了",
            lost.base,
            found=f"datapackage.json 不再列出表 {lost.base.name}（原有 {lost.base_rows} 行）",
            expected="公开过的表一直都在",
            cure="请在 datapackage.json 里恢复这个表。",
        )


def find_reused_codes(
    pair: TablePair,
    withdrawn: frozenset[tuple[str, str]],
    withdrawn_before: frozenset[tuple[str, str]],
) -> Iterator[Issue]:
    """Codes that now stand for another record, or that a withdrawn and removed one had.

    Args:
        pair: A table; others than the registers give nothing.
        withdrawn: Table and key of every record with a decided 撤回 now.
        withdrawn_before: The same in the base.

    """
    name = pair.current.name
    fields = _IDENTITY.get(name, ())
    shared = {field.name for field in pair.shared_fields}
    if not fields or not shared.issuperset(fields) or len(pair.key) != 1:
        return
    key = pair.key[0]
    field = pair.current.field(key)
    expected = "一个编号始终只代表同一条记录"
    cure = "请给新记录另编一个号，旧记录照旧保留；确是同一条记录的不必处理。"
    changed = pl.all_horizontal(pl.col(item) != pl.col(f"{item}#base") for item in fields)
    others = pair.kept.filter(changed)
    for values in others.iter_rows(named=True):
        if (name, values[key]) in withdrawn:
            continue
        moves = "，".join(
            f"{pair.current.field(item).title}由{show_cell(values[f'{item}#base'])}"
            f"变为{show_cell(values[item])}"
            for item in fields
        )
        yield make_cell_issue(
            "E-REUSED",
            "编号可能被另一条记录占用",
            pair.current,
            values[ROW],
            field,
            found=f"{show_cell(values[key])}，{moves}",
            expected=expected,
            cure=cure,
            severity="warning",
        )
    for row, code in pair.added.select(ROW, key).iter_rows():
        if (name, code) in withdrawn_before:
            yield make_cell_issue(
                "E-REUSED",
                "编号可能被另一条记录占用",
                pair.current,
                row,
                field,
                found=f"{show_cell(code)}，这是一条已撤回记录的编号",
                expected=expected,
                cure=cure,
                severity="warning",
            )
