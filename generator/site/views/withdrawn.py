"""The tombstones of records that were taken back and have no page of their own kind any more.

Cases and projects make their own; an enterprise, a body without a duty left and a week without a
row left get this one, since an address that was published stays.

Source: docs/adr/0006-addresses.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from generator.domain.correction import KEY_SEPARATOR
from generator.domain.library import Library
from generator.domain.standing import Withdrawn
from generator.site import routes
from generator.site.pages import Page

_BODY_LENGTH: Final = 3  # Z05 of Z05-002


@dataclass(frozen=True, slots=True)
class WithdrawnView:
    """What `pages/withdrawn.html.jinja` sees."""

    table: str
    key: str
    facts: tuple[tuple[str, str], ...]
    log_route: str


def withdrawn_pages(library: Library) -> Iterator[Page]:
    """A tombstone at every address that a withdrawal would leave empty."""
    reasons = {
        (entry.target_table, entry.target_key): entry.reason
        for entry in library.corrections
        if entry.is_withdrawal
    }
    done: set[str] = set()
    for record in library.standing.withdrawn:
        route = _find_empty_route(record, library)
        if route and route not in done:
            done.add(route)
            yield _make_page(record, route, reasons.get((record.table, record.key), ""), library)


def _find_empty_route(record: Withdrawn, library: Library) -> str:
    """The address of the page that is no more; empty where there is none."""
    first = record.key.partition(KEY_SEPARATOR)[0]
    if record.table == "enterprise_profile":
        return routes.enterprise_route(first)
    if record.table == "responsibility":
        body = first[:_BODY_LENGTH]
        return "" if any(b.code == body for b in library.bodies) else routes.duty_route(body)
    if record.table == "bulletin":
        stands = any(row.iso_week == first for row in library.bulletin)
        return "" if stands else routes.bulletin_route(first)
    return ""


def _make_page(record: Withdrawn, route: str, reason: str, library: Library) -> Page:
    table = library.dataset.catalog.table(record.table).title
    return Page(
        route,
        "withdrawn",
        f"{record.key}：已撤回",
        f"“{table}”里编号 {record.key} 的记录已撤回，原有内容不再公开。",
        WithdrawnView(
            table=table,
            key=record.key,
            facts=(("撤回理由", reason), ("撤回日期", record.day)),
            log_route=routes.CORRECTIONS,
        ),
    )
