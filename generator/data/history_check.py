"""The present dataset against an earlier one: what was published stays published.

Three tables only grow (append_only), no record vanishes and no code is used again (tombstones).
Cells are compared as text, so the comparison does not need either side to be valid; what is
wrong inside the present dataset is the check's to tell.

Source: rule R20 of the domain catalogue; docs/history.md.
"""

from collections.abc import Iterator
from typing import Final

import polars as pl

from generator.data.append_only import (
    APPEND_ONLY,
    find_backdated_corrections,
    find_backdated_disclosures,
    find_backdated_events,
    find_broken_steps,
    find_removed_rows,
    find_rewritten_rows,
)
from generator.data.catalog import Catalog
from generator.data.check import CheckReport
from generator.data.issue import Issue, sort_issues
from generator.data.table_pair import TablePair, pair_tables
from generator.data.table_text import read_text
from generator.data.tombstones import (
    LOGGED_CHANGES,
    REFERENCE_LISTS,
    find_lost_table,
    find_reused_codes,
    find_vanished_records,
)

WITHDRAWAL: Final = "撤回"

_BACKDATED: Final = {
    "ledger_event": find_backdated_events,
    "disclosure_record": find_backdated_disclosures,
    "correction": find_backdated_corrections,
}


def check_history(base: Catalog, current: Catalog) -> tuple[Issue, ...]:
    """Every place where the present dataset rewrites, removes or backdates what `base` said."""
    pairs: dict[str, TablePair] = {}
    issues: list[Issue] = []
    for pair in pair_tables(base, current):
        if isinstance(pair, TablePair):
            pairs[pair.base.name] = pair
        elif pair.base.name not in REFERENCE_LISTS:
            issues.extend(find_lost_table(pair))
    for name in APPEND_ONLY:
        if name in pairs:
            issues.extend(_check_append_only(pairs[name], current))
    issues.extend(_check_registers(base, current, pairs))
    return sort_issues(issues, [table.relative_path for table in current.tables])


def add_history(report: CheckReport, found: tuple[Issue, ...], current: Catalog) -> CheckReport:
    """The check's report with the issues of `check_history`.

    What the check told at the same cell with the same code is not told twice.
    """
    known = {(issue.code, issue.file, issue.row, issue.field) for issue in report.issues}
    new = [
        issue
        for issue in found
        if issue.row is None or (issue.code, issue.file, issue.row, issue.field) not in known
    ]
    files = [table.relative_path for table in current.tables]
    return CheckReport(issues=sort_issues([*report.issues, *new], files), rows=report.rows)


def _check_append_only(pair: TablePair, current: Catalog) -> Iterator[Issue]:
    yield from find_rewritten_rows(pair)
    yield from find_removed_rows(pair)
    yield from _BACKDATED[pair.base.name](pair)
    if pair.base.name == "ledger_event" and current.has_table("illegal_project"):
        projects = read_text(current.table("illegal_project"))
        if projects is not None and {"ledger_no", "batch"}.issubset(projects.columns):
            yield from find_broken_steps(pair, projects)


def _check_registers(
    base: Catalog, current: Catalog, pairs: dict[str, TablePair]
) -> Iterator[Issue]:
    withdrawn, before = _read_withdrawn(current), _read_withdrawn(base)
    logged = _find_logged_changes(pairs.get("disclosure_record"))
    for name, pair in pairs.items():
        if name in APPEND_ONLY or name in REFERENCE_LISTS:
            continue
        yield from find_vanished_records(pair, withdrawn, logged)
        yield from find_reused_codes(pair, withdrawn, before)


def _read_withdrawn(catalog: Catalog) -> frozenset[tuple[str, str]]:
    """Table and key of every record that a decided 撤回 took back."""
    wanted = {"target_table", "target_key", "kind", "resolved_date"}
    if not catalog.has_table("correction"):
        return frozenset()
    table = catalog.table("correction")
    text = read_text(table)
    if text is None or not wanted.issubset(text.columns):
        return frozenset()
    missing = list(table.field("resolved_date").missing_values)
    decided = (pl.col("kind") == WITHDRAWAL) & ~pl.col("resolved_date").is_in(missing)
    rows = text.filter(decided).select("target_table", "target_key").iter_rows()
    return frozenset((table_name, key) for table_name, key in rows)


def _find_logged_changes(log: TablePair | None) -> pl.DataFrame | None:
    """Site and table of the changes that the disclosure log gained since the base."""
    wanted = {"site_code", "table_name", "change_type"}
    if log is None or not wanted.issubset(log.added.columns):
        return None
    changes = log.added.filter(pl.col("change_type").is_in(list(LOGGED_CHANGES)))
    return changes.select("site_code", "table_name")
