"""Facets and sort keys of all records, five districts to a file.

Facets are written by an adaptive binary range coder: the columns of 18,407 records then take
about 20 KB, against 34 KB as strings that the server compresses.

Source: docs/search.md §7
"""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from generator.site.search.fold import fold_text, list_readings
from generator.site.search.numbering import Numbering, Series
from generator.site.search.packs import read_facet
from generator.site.search.records import SearchRecord
from generator.site.search.script import encode_small, render_script

GROUP_DISTRICTS = 14
"""Districts whose columns share a file: three files serve a province of forty."""

NAME_KEY_LENGTH = 16
"""Letters of a title's reading that sorting by name compares."""

_RATE_LIMIT = 6
"""How far a probability's adaptation slows down: each step moves it by 1/2 … 1/64."""


class RangeCoder:
    """Writes bits at the cost of how unexpected they are in their context.

    The coder is the carry-less 32-bit one of the lpaq family; every context starts at one half
    and adapts by 1/2, 1/3, … of the distance, no slower than `_RATE_LIMIT`.
    """

    def __init__(self) -> None:
        self._low, self._high = 0, 0xFFFFFFFF
        self._bytes = bytearray()
        self._chances: dict[tuple[int, ...], tuple[int, int]] = {}

    def write_bit(self, context: tuple[int, ...], bit: int) -> None:
        chance, seen = self._chances.get(context, (32768, 0))
        middle = self._low + ((self._high - self._low) >> 16) * chance
        if bit:
            self._high = middle
            chance += (65535 - chance) >> _shift(seen)
        else:
            self._low = middle + 1
            chance -= chance >> _shift(seen)
        self._chances[context] = (max(chance, 64), seen + 1)
        while (self._low ^ self._high) < 1 << 24:
            self._bytes.append(self._high >> 24)
            self._low = self._low << 8 & 0xFFFFFFFF
            self._high = self._high << 8 & 0xFFFFFFFF | 255

    def write_number(self, context: tuple[int, ...], number: int, width: int) -> None:
        """`number` in `width` bits, the highest first, each in the context of those before."""
        node = 1
        for place in range(width - 1, -1, -1):
            bit = number >> place & 1
            self.write_bit((*context, node), bit)
            node = node << 1 | bit

    def finish(self) -> str:
        """All that was written, in base 64 without padding."""
        self._bytes += self._low.to_bytes(4, "big")
        return base64.b64encode(bytes(self._bytes)).decode("ascii").rstrip("=")


def _shift(seen: int) -> int:
    """How many bits of the distance a chance keeps after `seen` bits in its context."""
    return 1 + min((seen + 1).bit_length() - 1, _RATE_LIMIT - 1)


def build_columns(
    records: Sequence[SearchRecord],
    numbering: Numbering,
    labels: Mapping[str, Sequence[str]],
    districts: Sequence[str],
) -> Iterator[tuple[str, bytes]]:
    """Facets, townships and sort keys: three files for every group of districts."""
    by_number = dict(zip(numbering.numbers, records, strict=True))
    groups: dict[int, list[Series]] = defaultdict(list)
    for series in numbering.series:
        groups[districts.index(series.district) // GROUP_DISTRICTS].append(series)
    for group, run in sorted(groups.items()):
        rows = [
            by_number[n]
            for series in run
            for n in range(series.base, series.base + series.capacity)
            if n in by_number
        ]
        facets = _encode_facets(run, by_number, labels)
        yield f"f-{group}", render_script(f"f-{group}", facets)
        towns = sorted({(r.district, r.township) for r in rows if r.township})
        codes = {town: encode_small(n) for n, town in enumerate(towns)}
        yield f"y-{group}", render_script(f"y-{group}", {
            "names": [[districts.index(district), name] for district, name in towns],
            "codes": "".join(codes.get((r.district, r.township), " ") for r in rows),
        })  # fmt: skip
        yield f"s-{group}", render_script(f"s-{group}", {
            "date": [_count_days(r.date) for r in rows],
            "fine": [r.fine for r in rows],
            "rate": [r.rate for r in rows],
            "name": [name_key(r.title) for r in rows],
        })  # fmt: skip


def _encode_facets(
    run: Sequence[Series],
    by_number: Mapping[int, SearchRecord],
    labels: Mapping[str, Sequence[str]],
) -> str:
    """For every number of the series: whether a record has it, and its facets' codes.

    A code is 0 for no label, else 1 + the label's place. Its context is the facet, the kind and
    the code before it.
    """
    coder = RangeCoder()
    code_of = {f: {label: n + 1 for n, label in enumerate(labels[f])} for f in labels}
    widths = {f: len(labels[f]).bit_length() for f in labels}
    for series in run:
        present = 1
        for number in range(series.base, series.base + series.capacity):
            record = by_number.get(number)
            coder.write_bit((0, int(series.serial), present), int(record is not None))
            present = int(record is not None)
            if record is None:
                continue
            before = kind = 0
            for place, facet in enumerate(labels):
                code = code_of[facet].get(read_facet(record, facet), 0)
                coder.write_number((1 + place, kind, before), code, widths[facet])
                before = code
                if facet == "kind":
                    kind = code
    return coder.finish()


def _count_days(iso: str) -> int | None:
    return date.fromisoformat(iso).toordinal() - date(2000, 1, 1).toordinal() if iso else None


def name_key(title: str) -> str:
    """What sorting by name compares: the title's reading, cut short."""
    return "".join((list_readings(c) or (c,))[0] for c in fold_text(title))[:NAME_KEY_LENGTH]
