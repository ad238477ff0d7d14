"""One page of every kind of the built site: a large one, which has the most to go wrong."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

PATTERNS: Final[Mapping[str, str]] = {
    "bulletin": "bulletin/2*.html",
    "bulletin-list": "bulletin/index.html",
    "case": "case/BG*.html",
    "case-list": "case/index.html",
    "change": "change/2*.html",
    "change-list": "change/index.html",
    "correction-list": "correction/index.html",
    "dictionary": "dictionary/[!i]*.html",
    "dictionary-list": "dictionary/index.html",
    "district": "district/[0-9][0-9][0-9][0-9][0-9][0-9].html",
    "district-enterprises": "district/*-enterprises.html",
    "district-list": "district/index.html",
    "district-projects": "district/*-projects.html",
    "download-list": "download/index.html",
    "duty": "duty/[!i]*.html",
    "duty-list": "duty/index.html",
    "enterprise": "enterprise/9*.html",
    "figure": "figure/[!i]*.html",
    "figure-list": "figure/index.html",
    "follow-up": "case/follow-up.html",
    "gallery": "case/by-*.html",
    "home": "index.html",
    "known-problems": "known-problems.html",
    "list": "project/index.html",
    "notice": "supervision/notice-*.html",
    "project": "project/9*.html",
    "search": "search.html",
    "supervision": "supervision/index.html",
    "tables": "owner/*.html",
    "transfers": "case/transfers.html",
    "week": "week/2*.html",
    "week-list": "week/index.html",
}
"""Where the pages of each kind lie."""
HAND_WRITTEN: Final = "guide.html"
LARGE: Final = 80_000
"""Bytes; pages above it only repeat rows, and a checker needs seconds for each."""


def one_of_each(site: Path) -> dict[str, str]:
    """Kind and route of a large page of each kind, and of one hand-written page."""
    found = {"hand-written": HAND_WRITTEN}
    for kind, pattern in PATTERNS.items():
        pages = sorted((page.stat().st_size, page.as_posix()) for page in site.glob(pattern))
        if pages:
            fitting = [page for size, page in pages if size <= LARGE] or [pages[0][1]]
            found[kind] = Path(fitting[-1]).relative_to(site).as_posix()
    return found
