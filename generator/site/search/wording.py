"""Columns of Chinese texts in few bytes: two ASCII characters for each Chinese one.

UTF-8 takes three bytes for a Chinese character, of which a server's compression sees the first
and half of the second again and again. Written by their places in the GBK table, as HZ once did
for mail, rows take an eighth less when sent compressed. Browsers read GBK by themselves.

Source: docs/search.md §6
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from generator.site.search.postings import STOCK_PHRASES

SWITCH: Final = "\x7f"
"""Begins and ends a run of Chinese characters."""

SEPARATOR: Final = " "
"""Between texts, within a run or outside."""

_PHRASE_ROW: Final = "x"
"""First character of a stock phrase: the rows of the table end below it."""

_AWKWARD: Final = str.maketrans({'"': "¡", "\\": "¢", "'": "£"})
"""Characters that a string literal would escape."""

_RESERVED = re.compile(r"[\x00-\x20\x7f¡¢£]")
_PIECES = re.compile(
    f"({'|'.join(sorted(STOCK_PHRASES, key=lambda phrase: (-len(phrase), phrase)))})"
)


def join_texts(texts: Sequence[str]) -> str | list[str]:
    """All texts as one string, or as they are where one of them has a character with a meaning."""
    if any(_RESERVED.search(text) for text in texts):
        return list(texts)
    written: list[str] = []
    inside = False
    for n, text in enumerate(texts):
        if n:
            written.append(SEPARATOR)
        for piece in _PIECES.split(text):
            if piece in STOCK_PHRASES:
                units = [_PHRASE_ROW + chr(0x21 + STOCK_PHRASES.index(piece)).translate(_AWKWARD)]
            else:
                units = [_write_char(char) for char in piece]
            for unit in units:
                if (len(unit) == 2) is not inside:
                    written.append(SWITCH)
                    inside = not inside
                written.append(unit)
    return "".join(written)


@cache
def _write_char(char: str) -> str:
    """Two ASCII characters for a Chinese one of the table, else the character itself."""
    try:
        code = b"" if char.isascii() else char.encode("gbk")
    except UnicodeEncodeError:
        return char
    if len(code) != 2 or code[1] < 0xA1 or not (code[0] == 0xA3 or 0xB0 <= code[0] <= 0xF7):
        return char
    return "".join(chr(byte - 0x80) for byte in code).translate(_AWKWARD)
