"""Facets, townships and sort keys of all records, by groups of districts.

Facets are written by an adaptive binary range coder: the columns of 18,407 records then take
about 20 KB, against 34 KB as strings that the server compresses.

Source: docs/search.md §7
"""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from generator.site.search.fold import fold_text, list_readings
from generator.site.search.numbering import Numbering, Series
from generator.site.search.packs import count_days, read_facet
from generator.site.search.records import SearchRecord
from generator.site.search.script import encode_small, render_script

FACET_DISTRICTS = 64
"""Districts whose facets share a file: one file, and one request, serves a province of forty."""

SORT_DISTRICTS = 10
"""Districts whose townships and sort keys share a file."""

NAME_KEY_LENGTH = 16
"""Letters of a title's reading that sorting by name compares."""

FIRST_FACETS = ("kind", "year")
"""Facets that every page of results shows and its order needs. The others wait in files of their
own until a reader opens one of them.
"""

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
        """Code one bit with the chance that earlier bits of its context had."""
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
    first: Sequence[str],
) -> Iterator[tuple[str, bytes]]:
    """Files of facets, of townships and of sort keys.

    The first group's first facets travel in the meta file instead of a file of their own, since
    nearly every query reads both: a province then needs one request less.
    """
    by_number = dict(zip(numbering.numbers, records, strict=True))
    for group, facets in enumerate(first):
        if group:
            yield f"f-{group}", render_script(f"f-{group}", facets)
    for group, run in _group_series(numbering, districts, FACET_DISTRICTS):
        yield f"e-{group}", render_script(f"e-{group}", _encode_rest(run, by_number, labels))
    for group, run in _group_series(numbering, districts, SORT_DISTRICTS):
        rows = [
            by_number[n]
            for series in run
            for n in range(series.base, series.base + series.capacity)
            if n in by_number
        ]
        towns = sorted({(r.district, r.township) for r in rows if r.township})
        codes = {town: encode_small(n) for n, town in enumerate(towns)}
        yield f"y-{group}", render_script(f"y-{group}", {
            "names": [name for _, name in towns],
            "codes": "".join(codes.get((r.district, r.township), " ") for r in rows),
        })  # fmt: skip
        yield f"s-{group}", render_script(f"s-{group}", {
            "date": [count_days(r.date) or None for r in rows],
            "fine": [r.fine for r in rows],
            "rate": [r.rate for r in rows],
            "name": [name_key(r.title) for r in rows],
        })  # fmt: skip


def encode_first_facets(
    records: Sequence[SearchRecord],
    numbering: Numbering,
    labels: Mapping[str, Sequence[str]],
    districts: Sequence[str],
) -> list[str]:
    """The first facets of every group of districts, in order."""
    by_number = dict(zip(numbering.numbers, records, strict=True))
    return [
        _encode_first(run, by_number, labels)
        for _, run in _group_series(numbering, districts, FACET_DISTRICTS)
    ]


def _group_series(
    numbering: Numbering, districts: Sequence[str], size: int
) -> list[tuple[int, list[Series]]]:
    """The series of every `size` districts, with the group's number."""
    groups: dict[int, list[Series]] = defaultdict(list)
    for series in numbering.series:
        groups[districts.index(series.district) // size].append(series)
    return sorted(groups.items())


def _encode_first(
    run: Sequence[Series],
    by_number: Mapping[int, SearchRecord],
    labels: Mapping[str, Sequence[str]],
) -> str:
    """For every number of the series: whether a record has it, and its first facets."""
    coder = RangeCoder()
    kinds = labels["kind"]
    last = dict.fromkeys(FIRST_FACETS, 0)
    for series in run:
        present = 1
        for number in range(series.base, series.base + series.capacity):
            record = by_number.get(number)
            coder.write_bit((0, int(series.serial), present), int(record is not None))
            present = int(record is not None)
            if record is None:
                continue
            for facet in FIRST_FACETS:
                code = _encode_label(record, facet, labels)
                # Neighbours are alike: a series has one kind of code, and one batch.
                kind = 0 if facet == "kind" else 1 + kinds.index(record.kind)
                place, width = _describe_facet(facet, labels)
                coder.write_number((place, kind, last[facet]), code, width)
                last[facet] = code
    return coder.finish()


def _encode_rest(
    run: Sequence[Series],
    by_number: Mapping[int, SearchRecord],
    labels: Mapping[str, Sequence[str]],
) -> str:
    """The other facets of the records alone, in the order of their numbers."""
    coder = RangeCoder()
    for series in run:
        for number in range(series.base, series.base + series.capacity):
            if number not in by_number:
                continue
            record = by_number[number]
            kind = 1 + labels["kind"].index(record.kind)
            before = 0
            for facet in labels:
                if facet not in FIRST_FACETS:
                    code = _encode_label(record, facet, labels)
                    # A stage tells much about the facet after it, whether it is overdue.
                    place, width = _describe_facet(facet, labels)
                    coder.write_number((place, kind, before), code, width)
                    before = code
    return coder.finish()


def _encode_label(record: SearchRecord, facet: str, labels: Mapping[str, Sequence[str]]) -> int:
    """0 for no label, else 1 + the label's place."""
    label = read_facet(record, facet)
    return 1 + labels[facet].index(label) if label else 0


def _describe_facet(facet: str, labels: Mapping[str, Sequence[str]]) -> tuple[int, int]:
    """A facet's number as a context, and the bits of its codes."""
    return 1 + list(labels).index(facet), len(labels[facet]).bit_length()


def name_key(title: str) -> str:
    """What sorting by name compares: the title's reading, cut short."""
    return "".join((list_readings(c) or (c,))[0] for c in fold_text(title))[:NAME_KEY_LENGTH]
