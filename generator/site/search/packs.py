"""Rows to show, in packs, and the labels that they share with the facet columns.

Source: docs/search.md §6
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from generator.site.search.numbering import Numbering
from generator.site.search.postings import STOCK_PHRASES
from generator.site.search.records import FACETS, KINDS, VALUE_FIELDS, SearchRecord
from generator.site.search.script import encode_small, render_script

ROW_TEXT_LENGTH = 400
"""Characters of a text that travels with its row; a longer one is read when it is wanted."""

_PRIVATE = re.compile("[\ue000-\ue0ff]")
_PHRASES = re.compile("|".join(sorted(STOCK_PHRASES, key=lambda phrase: (-len(phrase), phrase))))

Labels = Mapping[str, Sequence[str]]


def read_facet(record: SearchRecord, facet: str) -> str:
    """The label of `record` under `facet`, empty when it has none."""
    if facet == "kind":
        return record.kind
    if facet == "year":
        return record.date[:4]
    if facet == "township":
        return record.township
    return record.facets.get(facet, "")


def list_labels(records: Sequence[SearchRecord]) -> dict[str, list[str]]:
    """The labels of every facet but township, in the order that codes count them."""
    labels: dict[str, list[str]] = {"kind": list(KINDS)}
    for facet in FACETS:
        if facet not in ("kind", "township"):
            labels[facet] = sorted({read_facet(r, facet) for r in records} - {""})
    return labels


def build_row_packs(
    records: Sequence[SearchRecord], numbering: Numbering, labels: Labels, fields: Sequence[str]
) -> Iterator[tuple[str, bytes]]:
    """Packs of rows: what a result shows of each record."""
    codes = {f: {label: encode_small(n) for n, label in enumerate(labels[f])} for f in labels}
    packs: dict[str, list[tuple[int, SearchRecord]]] = defaultdict(list)
    bases = [series.base for series in numbering.series]
    for number, record in zip(numbering.numbers, records, strict=True):
        series = numbering.series[bisect_right(bases, number) - 1]
        local = number - series.base
        packs[f"r-{series.name}-{local // series.pack_span}"].append((local, record))
    for name in sorted(packs):
        rows = sorted(packs[name], key=lambda row: row[0])
        pack = {
            "n": _list_gaps([local for local, _ in rows]),
            "i": _list_ids(rows),
            "x": [_list_texts(r, fields) for _, r in rows],
            "u": {n: r.url for n, (_, r) in enumerate(rows) if r.url != f"{r.kind}/{r.id}.html"},
            "t": [r.title for _, r in rows],
            "s": [_shorten(r.subtitle, r.title) for _, r in rows],
            "w": [r.township for _, r in rows],
            "d": [count_days(r.date) for _, r in rows],
            "f": [r.fine for _, r in rows],
            "c": [r.rate for _, r in rows],
            "k": ["".join(codes[f].get(read_facet(r, f), " ") for f in labels) for _, r in rows],
        }  # fmt: skip
        text = json.dumps(pack, ensure_ascii=False, separators=(",", ":"))
        yield name, render_script(name, _abbreviate(text))


def _abbreviate(text: str) -> str:
    """`text` with each stock phrase as one private character, which takes a tenth off a pack.

    Texts that have private characters of their own stay as they are.
    """
    if _PRIVATE.search(text):
        return _PRIVATE.sub(lambda m: f"\\u{ord(m[0]):04x}", text)
    return _PHRASES.sub(lambda m: chr(0xE000 + STOCK_PHRASES.index(m[0])), text)


def count_days(iso: str) -> int:
    """Days from 2000-01-01 to an ISO date; 0 for an empty one, as no date is so old."""
    return date.fromisoformat(iso).toordinal() - date(2000, 1, 1).toordinal() if iso else 0


def build_long_texts(
    records: Sequence[SearchRecord], numbering: Numbering, fields: Sequence[str]
) -> Iterator[tuple[str, bytes]]:
    """The texts too long to travel with rows, a file for each district that has any."""
    packs: dict[str, dict[str, list[int | str]]] = defaultdict(dict)
    for number, record in sorted(zip(numbering.numbers, records, strict=True), key=lambda p: p[0]):
        texts = [(n, text) for n, text in record.fields if len(text) > ROW_TEXT_LENGTH]
        if texts:
            packs[record.district][str(number)] = [
                item for name, text in texts for item in (fields.index(name), text)
            ]
    for district in sorted(packs):
        name = f"x-{district or 'province'}"
        yield name, render_script(name, packs[district])


def _list_ids(rows: Sequence[tuple[int, SearchRecord]]) -> list[str] | str:
    """The ids; for a ledger's serials only what they begin with and the letter before each."""
    stem = rows[0][1].id[:-7]
    if all(record.id == f"{stem}{record.id[-7:-6]}-{place:05d}" for place, record in rows):
        return f"{stem}|" + "".join(record.id[-7] for _, record in rows)
    return [record.id for _, record in rows]


def _list_gaps(numbers: Sequence[int]) -> list[int]:
    return [b - a for a, b in zip((0, *numbers), numbers, strict=False)]


def _shorten(text: str, title: str) -> str | int:
    """`text`, or its length where the title begins with it, as with a project's owner."""
    return len(text) if text and text.isprintable() and title.startswith(text) else text


def _list_texts(record: SearchRecord, fields: Sequence[str]) -> list[int | str] | str:
    """Field code and text by turns, without values, whose files tell more.

    A text that is the subtitle is 0; the code -1 says that a long text lies elsewhere. The usual
    case, an owner that is the subtitle and an address, is the address alone.
    """
    flat: list[int | str] = []
    for name, text in record.fields:
        if name in VALUE_FIELDS or not text:
            continue
        if len(text) > ROW_TEXT_LENGTH:
            flat += [-1, ""]
        else:
            same = text == record.subtitle
            flat += [fields.index(name), 0 if same else _shorten(text, record.title)]
    usual = {"owner", "address"} <= set(fields) and flat[:3] == [
        fields.index("owner"), 0, fields.index("address"),
    ]  # fmt: skip
    return flat[3] if usual and len(flat) == 4 and isinstance(flat[3], str) else flat
