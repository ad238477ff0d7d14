"""Characters that would change how the text around them looks are shown, not obeyed.

Autoescape stops markup; it does not stop a right-to-left override from turning a file name
around, or a zero-width space from making two names look like one.
"""

from __future__ import annotations

import unicodedata

_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def reveal_controls(text: str) -> str:
    """`text` with control, format and bidirectional characters written as `⟨U+202E⟩`.

    Line breaks and tabs become spaces, as HTML would show them; everything else stays.
    """
    if text.isprintable():
        return text
    return "".join(_reveal(char) for char in text)


def _reveal(char: str) -> str:
    if char in "\n\r\t":
        return " "
    if unicodedata.category(char) in _HIDDEN_CATEGORIES:
        return f"⟨U+{ord(char):04X}⟩"
    return char
