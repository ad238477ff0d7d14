"""One page of every kind of the built site: the largest, which has the most to go wrong."""

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


def one_of_each(site: Path) -> dict[str, str]:
    """Kind and route of the largest page of each kind, and of one hand-written page."""
    found = {"hand-written": HAND_WRITTEN}
    for kind, pattern in PATTERNS.items():
        pages = sorted(site.glob(pattern))
        if pages:
            largest = max(pages, key=lambda page: (page.stat().st_size, page.name))
            found[kind] = largest.relative_to(site).as_posix()
    return found
