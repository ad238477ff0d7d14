"""A change report for people: Markdown that stands as a comment on a pull request.

Data enters through `markdown_cells.quote` alone. Long lists are cut, with the exact number of
what is left out, until the text fits into one comment; the JSON form has everything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from generator.data.diff import ChangedRow, FieldChange, Row, TableDiff
from generator.site.consequence_markdown import write_consequences
from generator.site.consequences import ChangeReport
from generator.site.markdown_cells import escape, quote, quote_change, write_grid
from generator.site.views.text import format_count

COMMENT_CHARS: Final = 60_000
"""GitHub refuses comments above 65,536 characters."""
LIST_LIMITS: Final = (20, 8, 3, 1, 0)
"""Entries of a list that are shown; the first that makes the report fit is taken."""
KEYS_SHOWN: Final = 5
"""Records named for a group of equal changes."""
FIELDS_SHOWN: Final = 8
"""Fields shown of one changed or added row."""

_NOTHING: Final = "—"


def format_markdown(report: ChangeReport) -> str:
    """The report as Markdown, cut to the size of one comment."""
    text = ""
    for limit in LIST_LIMITS:
        text = "\n".join(_write_report(report, limit)) + "\n"
        if len(text) <= COMMENT_CHARS:
            break
    return text


def _write_report(report: ChangeReport, limit: int) -> Iterator[str]:
    yield "## 数据变更"
    yield ""
    yield f"{_name_side(report.old_label, report.old_commit)} → " + _name_side(
        report.new_label, report.new_commit
    )
    yield ""
    if report.is_empty:
        yield "两个版本的数据完全相同。"
        return
    yield from _write_summary(report.tables)
    for table in report.tables:
        yield from _write_table(table, limit)
    yield "## 影响"
    yield ""
    if report.consequences is None:
        yield "没有计算影响："
        yield ""
        yield from (f"- {escape(reason)}" for reason in report.skipped)
        return
    yield from write_consequences(report.consequences, limit)


def _name_side(label: str, commit: str) -> str:
    return f"{quote(label)}（{commit[:7]}）" if commit else quote(label)


def _write_summary(tables: Sequence[TableDiff]) -> Iterator[str]:
    yield from write_grid(
        ("表", "新增", "修改", "删除"),
        (
            (
                f"{escape(table.title)} {quote(table.name)}",
                format_count(table.added_count),
                format_count(table.changed_count),
                format_count(table.removed_count),
            )
            for table in tables
        ),
    )


def _write_table(table: TableDiff, limit: int) -> Iterator[str]:
    yield f"### {escape(table.title)}"
    yield ""
    if table.note:
        yield escape(table.note)
        yield ""
    if table.changed:
        yield from _write_changed(table, limit)
    for word, rows, count in (
        ("新增", table.added, table.added_count),
        ("删除", table.removed, table.removed_count),
    ):
        if rows:
            yield from _write_rows(table, word, rows, count, limit)


def _write_changed(table: TableDiff, limit: int) -> Iterator[str]:
    groups = _group_changes(table.changed)
    shown = groups[:limit]
    yield f"修改 {format_count(table.changed_count)} 行："
    yield ""
    if shown:
        yield from write_grid(
            ("记录", "字段：原值 → 新值"),
            ((_show_keys([row.key for row in rows]), _show_changes(changes))
             for changes, rows in shown),
        )  # fmt: skip
    rest = table.changed_count - sum(len(rows) for _, rows in shown)
    if rest:
        yield f"另有 {format_count(rest)} 行修改未列出。"
        yield ""


def _group_changes(
    changed: Sequence[ChangedRow],
) -> list[tuple[tuple[FieldChange, ...], list[ChangedRow]]]:
    """Rows of equal changes together, in the order of their first row."""
    groups: dict[tuple[FieldChange, ...], list[ChangedRow]] = {}
    for row in changed:
        groups.setdefault(row.changes, []).append(row)
    return list(groups.items())


def _show_keys(keys: Sequence[tuple[str, ...]]) -> str:
    shown = "<br>".join(quote("|".join(key)) for key in keys[:KEYS_SHOWN])
    more = f"<br>等 {format_count(len(keys))} 行" if len(keys) > KEYS_SHOWN else ""
    return shown + more


def _show_changes(changes: Sequence[FieldChange]) -> str:
    shown = "<br>".join(
        f"{escape(item.title)}：{quote_change(item.old, item.new)}"
        for item in changes[:FIELDS_SHOWN]
    )
    rest = len(changes) - FIELDS_SHOWN
    return shown + (f"<br>另有 {rest} 个字段" if rest > 0 else "")


def _write_rows(
    table: TableDiff, word: str, rows: Sequence[Row], count: int, limit: int
) -> Iterator[str]:
    yield f"{word} {format_count(count)} 行："
    yield ""
    shown = rows[:limit]
    if shown:
        yield from write_grid(
            ("记录", "内容"),
            ((quote("|".join(row.key)), _show_cells(table, row)) for row in shown),
        )
    if count > len(shown):
        yield f"另有 {format_count(count - len(shown))} 行{word}未列出。"
        yield ""


def _show_cells(table: TableDiff, row: Row) -> str:
    cells = [(name, text) for name, text in row.cells if name not in table.key]
    shown = "<br>".join(
        f"{escape(table.titles[name])}：{quote(text)}" for name, text in cells[:FIELDS_SHOWN]
    )
    rest = len(cells) - FIELDS_SHOWN
    return (shown or _NOTHING) + (f"<br>另有 {rest} 个字段" if rest > 0 else "")
