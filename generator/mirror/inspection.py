"""What an inspection of government sites would find fault with, before the inspectors do.

The indicators are those of 国办秘函〔2019〕19号 as counties report them: an unreachable site, a
home page or columns that are not updated, empty columns, dead links, missing footer items. Each
finding has the indicator's name, what was found, and whether it fails the host.

Source: domain facts 6 (government site rules).
"""

from __future__ import annotations

import datetime as dt
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from generator.mirror.faults import NetworkError
from generator.mirror.host import IDENTITY
from generator.mirror.links import LINKING, find_targets
from generator.mirror.manifest import HOST, MANIFEST, read_data_date
from generator.mirror.store import Store, read_trace
from generator.mirror.transfer import Limits, Transfer

HOME_DAYS = 14
"""A home page must be updated within two weeks."""
ANSWER_S = 15.0
"""Seconds after which a page counts as unreachable."""
_REQUIRED = ("sponsor", "contact", "site_id_code", "icp_no", "psb_no")
_DATED = re.compile(r"(\d{4})-W(\d{2})\.html")
_WEEKLY = ("week", "bulletin")
_SHOWN = 5
_MAX_PAGE_BYTES = 5_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One indicator."""

    title: str
    fails: bool
    found: str


def inspect_site(folder: Path, today: dt.date, url: str = "") -> tuple[Finding, ...]:
    """Every indicator with what was found.

    Args:
        folder: A mirror's folder, or a site.
        today: The day to judge by.
        url: Where the site is served, to measure how fast it answers; may be empty.

    """
    site = Store(folder).find_current() or folder
    pages = {
        path.relative_to(site).as_posix(): path
        for path in sorted(site.rglob("*"))
        if path.is_file()
    }
    return (
        _find_dead_links(pages),
        _find_empty_columns(pages),
        *_find_stale(site, pages, today),
        _find_missing_identity(site),
        *([_measure(url)] if url else []),
    )


def _find_dead_links(pages: dict[str, Path]) -> Finding:
    dead: list[str] = []
    count = 0
    for name, path in pages.items():
        if name.endswith(LINKING):
            for target in find_targets(name, path.read_bytes()):
                count += 1
                if target not in pages:
                    dead.append(f"{name} → {target}")
    shown = "；".join(dead[:_SHOWN])
    return Finding(
        "死链",
        bool(dead),
        f"{count:,} 个站内链接，{len(dead):,} 个打不开" + (f"：{shown}" if dead else ""),
    )


def _find_empty_columns(pages: dict[str, Path]) -> Finding:
    """A column is a folder with a list of its own; an empty one has nothing but the list."""
    columns = [name for name in pages if name.count("/") == 1 and name.endswith("/index.html")]
    empty = [
        column
        for column in columns
        if not any(
            other != column and other.startswith(column.removesuffix("index.html"))
            for other in pages
        )
        and b"<td" not in pages[column].read_bytes()
        and b"<li" not in _main_of(pages[column].read_bytes())
    ]
    return Finding(
        "空白栏目",
        bool(empty),
        f"{len(columns)} 个栏目，{len(empty)} 个空白" + "".join(f"，{e}" for e in empty),
    )


def _main_of(content: bytes) -> bytes:
    return content.partition(b"<main")[2].partition(b"</main>")[0]


def _find_stale(site: Path, pages: dict[str, Path], today: dt.date) -> Iterator[Finding]:
    day = dt.date.fromisoformat(read_data_date((site / MANIFEST).read_bytes()))
    age = (today - day).days
    yield Finding(
        "首页更新", age > HOME_DAYS, f"数据截至 {day}，距今 {age} 天；应不超过 {HOME_DAYS} 天"
    )
    for folder in _WEEKLY:
        weeks = [
            dt.date.fromisocalendar(int(found[1]), int(found[2]), 7)
            for name in pages
            if name.startswith(f"{folder}/")
            and (found := _DATED.fullmatch(name.removeprefix(f"{folder}/")))
        ]
        if weeks:
            age = (today - max(weeks)).days
            yield Finding(
                f"栏目更新 {folder}/", age > HOME_DAYS,
                f"最近一期到 {max(weeks)}，距今 {age} 天；应不超过 {HOME_DAYS} 天",
            )  # fmt: skip
    until = read_trace(site).get("valid_until")
    if isinstance(until, str):
        stale = until[:10] < today.isoformat()
        yield Finding("镜像落后", stale, f"这一期的有效期到 {until[:10]}")


def _find_missing_identity(site: Path) -> Finding:
    path = site / HOST
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    found = re.search(r"window\.huanjingHost = (\{.*?\})\s*;\s*(?:window|$)", text, re.DOTALL)
    try:
        identity = json.loads(found[1]) if found else {}
    except ValueError:
        identity = {}
    missing = [IDENTITY[name] for name in _REQUIRED if not identity.get(name)]
    return Finding("页脚信息", bool(missing), f"缺少{'、'.join(missing)}" if missing else "齐全")


def _measure(url: str) -> Finding:
    """Load the home page and what it needs, one after the other, as an old browser would."""
    begin = time.monotonic()
    root = url.rstrip("/") + "/"
    transfer = Transfer(Limits(deadline_s=4 * ANSWER_S, silence_s=ANSWER_S))
    try:
        page = transfer.read(root, _MAX_PAGE_BYTES)
        for target in find_targets("index.html", page):
            if not target.endswith((".html", ".xml")):
                transfer.read(root + target, _MAX_PAGE_BYTES)
    except NetworkError as fault:
        return Finding("可用性", True, str(fault))
    seconds = time.monotonic() - begin
    return Finding(
        "可用性", seconds > ANSWER_S,
        f"首页连同样式和脚本 {transfer.tally.requests} 次请求、"
        f"{transfer.tally.bytes / 1000:,.0f} KB，用 {seconds:.1f} 秒；应不超过 {ANSWER_S:g} 秒",
    )  # fmt: skip
