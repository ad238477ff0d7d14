"""The consequences of a change, as sections of Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeVar

from generator.data.issue_changes import IssueChange, IssuePlace
from generator.data.messages import SEVERITY_WORDS
from generator.domain.consequences import FigureMove, Move, ProjectMove, RateMove, TallyMove
from generator.domain.disclosure import NO_LISTED_SITES, Rate
from generator.site.consequences import Consequences
from generator.site.markdown_cells import escape, quote, write_grid
from generator.site.page_changes import PageChanges
from generator.site.views.text import format_count, format_rate, group_digits

PARTS_SHOWN: Final = 5
"""Parts of a figure, and places of an issue, that are named."""

_NOTHING: Final = "—"
_Item = TypeVar("_Item")


def write_consequences(found: Consequences, limit: int) -> Iterator[str]:
    """The lines of all sections; at most `limit` entries in each list."""
    if found.old_date != found.new_date:
        yield f"数据截止日：{found.old_date} → {found.new_date}"
        yield ""
    yield from _write_section(
        "公布的数字", ("数字", "原值 → 新值", "变动的分项"), found.figures, _show_figure, limit
    )
    yield from _write_section(
        f"信息公开率（底线 {found.floor}%）",
        ("区县", "原公开率 → 新公开率", "与底线相比"),
        found.rates,
        _show_rate,
        limit,
    )
    yield from _write_section(
        "已知数据问题", ("问题", "处数", "出现", "消失"), found.issues, _show_issue, limit
    )
    yield from _write_section(
        "一周一曝光", ("期次", "地区", "变动"), found.exposures, _show_tally, limit
    )
    yield from _write_section(
        "一周一通报", ("期次", "地区", "变动"), found.bulletins, _show_tally, limit
    )
    yield from _write_section(
        "台账项目", ("台账编号", "项目", "变化"), found.projects, _show_project, limit
    )
    yield from _write_pages(found.pages, limit)


def _write_section(
    title: str,
    header: Sequence[str],
    items: Sequence[_Item],
    show: Callable[[_Item], Sequence[str]],
    limit: int,
) -> Iterator[str]:
    """A heading with the number of entries, and a table of the first ones."""
    yield f"### {title}：{f'{format_count(len(items))} 项变动' if items else '没有变动'}"
    yield ""
    if items[:limit]:
        yield from write_grid(header, (show(item) for item in items[:limit]))
    if len(items) > limit:
        yield f"另有 {format_count(len(items) - limit)} 项未列出。"
        yield ""


def _show_figure(move: FigureMove) -> Sequence[str]:
    value = _show_step(move.old, move.new)
    return (
        f"{escape(move.title)} {quote(move.figure_id)}",
        f"{value} {escape(move.unit)}" if move.unit else value,
        _show_moves(move.parts) or _NOTHING,
    )


def _show_moves(moves: Sequence[Move]) -> str:
    shown = "<br>".join(
        f"{escape(move.title)}：{_show_step(move.old, move.new)}" for move in moves[:PARTS_SHOWN]
    )
    rest = len(moves) - PARTS_SHOWN
    return shown + (f"<br>另有 {rest} 项" if rest > 0 else "")


def _show_step(old: str | None, new: str | None) -> str:
    before, after = (_NOTHING if text is None else group_digits(text) for text in (old, new))
    return before if before == after else f"{before} → {after}"


def _show_rate(move: RateMove) -> Sequence[str]:
    return (
        f"{escape(move.name)} {quote(move.division_code)}",
        f"{_spell_rate(move.old)} → {_spell_rate(move.new)}",
        move.crossing,
    )


def _spell_rate(rate: Rate) -> str:
    suspended = f"，另有长期停产 {format_count(rate.suspended)} 家" if rate.suspended else ""
    if not rate.listed:
        return NO_LISTED_SITES + suspended
    return (
        f"{format_rate(rate.disclosed, rate.listed)}%"
        f"（{format_count(rate.disclosed)}/{format_count(rate.listed)}{suspended}）"
    )


def _show_issue(change: IssueChange) -> Sequence[str]:
    return (
        f"{SEVERITY_WORDS[change.severity]} {escape(change.title)} {quote(change.code)}",
        f"{format_count(change.old_count)} → {format_count(change.new_count)}",
        _show_places(change.appeared),
        _show_places(change.gone),
    )


def _show_places(places: Sequence[IssuePlace]) -> str:
    shown = "<br>".join(
        f"{escape(place.table_title)} {quote(place.key)}" for place in places[:PARTS_SHOWN]
    )
    more = f"<br>共 {format_count(len(places))} 处" if len(places) > PARTS_SHOWN else ""
    return shown + more if places else _NOTHING


def _show_tally(move: TallyMove) -> Sequence[str]:
    return (
        quote(move.iso_week),
        escape(move.name),
        "<br>".join(
            f"{column.title}：{group_digits(column.old or '0')} → {group_digits(column.new or '0')}"
            for column in move.columns
        ),
    )


def _show_project(move: ProjectMove) -> Sequence[str]:
    return quote(move.ledger_no), quote(move.name), move.kind


def _write_pages(pages: PageChanges, limit: int) -> Iterator[str]:
    total = len(pages.added) + len(pages.removed) + len(pages.changed)
    yield f"### 网页：{f'{format_count(total)} 个变动' if total else '没有变动'}"
    yield ""
    for word, routes in (("新增", pages.added), ("改变", pages.changed), ("消失", pages.removed)):
        if not routes:
            continue
        folders = Counter(route.rpartition("/")[0] or "首页等" for route in routes)
        counted = "、".join(f"{name} {number}" for name, number in sorted(folders.items()))
        yield f"{word} {format_count(len(routes))} 个（{counted}）："
        yield ""
        yield from (f"- {quote(route, 120)}" for route in routes[:limit])
        if len(routes) > limit:
            yield f"- 另有 {format_count(len(routes) - limit)} 个未列出"
        yield ""
