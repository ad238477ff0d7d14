"""The folding that both sides of the search apply to every text and every query.

The rules and their order are those of docs/search.md §2; `templates/assets/search/search.js`
carries the same rules, and both pass tests/vectors/search_fold.json.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from importlib import resources

# One-way classes of marks that people type for each other.
_OPENING = "([{<【〔〖「『《〈〘〚｛［（"
_CLOSING = ")]}>】〕〗」』》〉〙〛｝］）"
_DASHES = "-‐‑‒–—―−－﹣﹘~～〜﹏"
_DOTS = "·•‧・∙⋅"

# Removed altogether: spaces, controls, zero-width and bidirectional marks, quotation marks.
_REMOVED_RANGES: tuple[tuple[int, int], ...] = (
    (0x0000, 0x0020), (0x007F, 0x00A0), (0x00AD, 0x00AD), (0x061C, 0x061C), (0x1680, 0x1680),
    (0x180E, 0x180E), (0x2000, 0x200F), (0x2028, 0x202F), (0x205F, 0x206F), (0x3000, 0x3000),
    (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB),
    (0x0022, 0x0022), (0x0027, 0x0027), (0x0060, 0x0060), (0x00B4, 0x00B4), (0x2018, 0x201F),
    (0x2032, 0x2033), (0x301D, 0x301F),
)  # fmt: skip

# Single characters whose second reading people do type in place names and firm names.
SECOND_READINGS: Mapping[str, tuple[str, ...]] = {
    "重": ("zhong", "chong"), "长": ("chang", "zhang"), "行": ("xing", "hang"),
    "乐": ("le", "yue"), "都": ("dou", "du"), "朝": ("chao", "zhao"), "调": ("tiao", "diao"),
    "厦": ("sha", "xia"), "单": ("dan", "shan"), "解": ("jie", "xie"), "曾": ("ceng", "zeng"),
    "会": ("hui", "kuai"), "石": ("shi", "dan"), "率": ("lv", "shuai"), "盛": ("sheng", "cheng"),
}  # fmt: skip


@lru_cache(maxsize=1)
def read_simplified_table() -> Mapping[str, str]:
    """Traditional to simplified for single characters, first choice where OpenCC offers several.

    Source: OpenCC TSCharacters.txt as shipped in opencc-python-reimplemented (Apache-2.0).
    """
    text = (resources.files("opencc") / "dictionary" / "TSCharacters.txt").read_text("utf-8")
    table: dict[str, str] = {}
    for line in text.splitlines():
        traditional, _, choices = line.partition("\t")
        simplified = choices.split(" ")[0]
        if len(traditional) == 1 and len(simplified) == 1 and traditional != simplified:
            table[traditional] = simplified
    return table


@lru_cache(maxsize=1)
def _translation() -> dict[int, str | None]:
    """What becomes of a character after NFKC and lower-casing: one table for `str.translate`."""
    table: dict[int, str | None] = {ord(a): b for a, b in read_simplified_table().items()}
    for marks, plain in ((_OPENING, "("), (_CLOSING, ")"), (_DASHES, "-"), (_DOTS, "·")):
        table.update({ord(mark): plain for mark in marks})
    for first, last in _REMOVED_RANGES:
        table.update(dict.fromkeys(range(first, last + 1)))
    return table


def fold_text(text: str) -> str:
    """The folded form of `text`: what is indexed and what a query is compared with.

    Source: docs/search.md §2
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    # Character by character, because Greek final sigma depends on its place in a word.
    lowered = text.lower() if text.isascii() else "".join(map(str.lower, text))
    return lowered.translate(_translation())


def fold_code(code: str) -> str:
    """A code's folded form: folded text with nothing but its letters and digits left."""
    return "".join(c for c in fold_text(code) if c.isascii() and c.isalnum())


@lru_cache(maxsize=1)
def _pinyin_table() -> Mapping[int, str]:
    from pypinyin.pinyin_dict import pinyin_dict

    return dict(pinyin_dict)


@cache
def list_readings(char: str) -> tuple[str, ...]:
    """The toneless readings of one folded character, the usual one first; ü is written v.

    A Latin letter reads as itself; digits, marks and unknown characters have no reading.

    Source: pypinyin's single-character table (MIT), first reading, and `SECOND_READINGS`.
    """
    if "a" <= char <= "z":
        return (char,)
    if char in SECOND_READINGS:
        return SECOND_READINGS[char]
    marked = _pinyin_table().get(ord(char), "").split(",")[0]
    plain = unicodedata.normalize("NFD", marked).replace("u\u0308", "v")
    letters = "".join(c for c in plain if "a" <= c <= "z")
    return (letters,) if letters else ()


def select_simplified_pairs(corpus_chars: Iterable[str]) -> Mapping[str, str]:
    """The traditional characters whose simplified form occurs in the corpus.

    A query's other characters cannot match anything, so the browser need not know them.
    """
    present = set(corpus_chars)
    return {a: b for a, b in sorted(read_simplified_table().items()) if b in present}
