"""Which pages differ between two states of the province.

The two plans are walked side by side. A page's bytes are made of its title, its description and
its view, so pages that are equal by value are the same page; two that differ are rendered to see
whether it shows. Pages wait for their counterpart only as long as the plans are out of step, so
that memory stays bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest

from generator.site.pages import Page
from generator.site.render import Renderer


@dataclass(frozen=True, slots=True)
class PageChanges:
    """Site-relative addresses, sorted."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]


def compare_pages(
    old: Iterable[Page], new: Iterable[Page], renderer: Renderer, *, render_all: bool = False
) -> PageChanges:
    """The pages that one plan has and the other lacks, and those whose bytes differ.

    With `render_all` every pair is rendered and compared, which is slower and trusts nothing.
    """
    changed: list[str] = []
    waiting_old: dict[str, Page] = {}
    waiting_new: dict[str, Page] = {}
    for one, other in zip_longest(old, new):
        for before, after in _pair(one, other, waiting_old, waiting_new):
            if (render_all or before != after) and _looks(before, renderer) != _looks(
                after, renderer
            ):
                changed.append(after.route)
    return PageChanges(
        added=tuple(sorted(waiting_new)),
        removed=tuple(sorted(waiting_old)),
        changed=tuple(sorted(changed)),
    )


def _pair(
    one: Page | None,
    other: Page | None,
    waiting_old: dict[str, Page],
    waiting_new: dict[str, Page],
) -> Iterator[tuple[Page, Page]]:
    """The pairs that the next page of each plan completes."""
    if one is not None:
        waiting_old[one.route] = one
    if other is not None:
        waiting_new[other.route] = other
    for page in (one, other):
        if page is not None and page.route in waiting_old and page.route in waiting_new:
            yield waiting_old.pop(page.route), waiting_new.pop(page.route)


def _looks(page: Page, renderer: Renderer) -> tuple[str, str, str]:
    """What of a page reaches its bytes."""
    return page.title, page.description, renderer.render_body(page)
