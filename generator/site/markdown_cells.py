"""Data inside Markdown, inert.

Every character that could mean something to a Markdown reader is written as a number, so that a
text is neither markup nor HTML, nor a mention, a reference or a link, nor the end of its table
column. A cell stands in `<code>` besides, where no reader looks for any of these.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from typing import Final

from generator.data.personal import mask_personal

CELL_CHARS: Final = 60
"""Longer cells are cut, with the number of their characters."""
CONTEXT_CHARS: Final = 10
"""Kept in front of the place where two long cells begin to differ."""

_INERT: Final = re.compile(r"[^\W_]|[ \-./%;,，。；：（）、·“”‘’《》〔〕—…+→]")

_LINK_START: Final = re.compile(r"www\.", re.IGNORECASE)


def quote(text: str, limit: int = CELL_CHARS) -> str:
    """A cell as inert inline code, cut to `limit` characters; 空 where it is empty.

    Numbers of persons are starred: a comment outlives the row that was mended.
    """
    if not text:
        return "（空）"
    shown = mask_personal(text)
    more = f"…（共 {len(text)} 字）" if len(text) > limit else ""
    return f"<code>{escape(shown[:limit])}</code>{more}"


def quote_change(old: str, new: str) -> str:
    """A cell before and after; of long ones only the part in which they differ."""
    if max(len(old), len(new)) <= CELL_CHARS or not old or not new:
        return f"{quote(old)} → {quote(new)}"
    old, new = mask_personal(old), mask_personal(new)
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    start = max(alike - CONTEXT_CHARS, 0)
    skipped = "…" if start else ""
    return f"{skipped}{quote(old[start:])} → {skipped}{quote(new[start:])}"


def escape(text: str) -> str:
    """The text with every character written as a number that could mean something."""
    spelled = [_spell_character(char) for char in text]
    for found in _LINK_START.finditer(text):
        spelled[found.end() - 1] = f"&#{ord('.')};"
    return "".join(spelled)


def _spell_character(char: str) -> str:
    if not char.isprintable():
        return f"&#92;u{ord(char):04x}"
    if char in "@#":
        # Readers look for addresses, mentions and references after numbers are decoded; a
        # comment parts the text.
        return f"&#{ord(char)};<!-- -->"
    return char if _INERT.fullmatch(char) else f"&#{ord(char)};"


def write_grid(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table's lines and a blank one; cells are Markdown already."""
    yield f"| {' | '.join(header)} |"
    yield "|" + " --- |" * len(header)
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""
