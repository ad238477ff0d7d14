"""Facets, townships and sort keys of all records, by groups of districts.

Facets are written by an adaptive binary range coder: the columns of 18,407 records then take
about 20 KB, against 34 KB as strings that the server compresses.

Source: docs/search.md §7
"""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator.site.search.fold import fold_text, list_readings
from generator.site.search.numbering import Numbering, Series
from generator.site.search.packs import count_days, read_facet
from generator.site.search.records import SearchRecord
from generator.site.search.script import encode_small, render_script

FACET_DISTRICTS = 64
"""Districts whose facets share a file: one file, and one request, serves a province of forty."""

SORT_DISTRICTS = 20
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
        self._tables: dict[tuple[int, ...], list[int]] = {}

    def write_number(self, context: tuple[int, ...], number: int, width: int) -> None:
        """`number` in `width` bits, the highest first, each in the context of those before."""
        table = self._tables.get(context)
        if table is None:
            # The chance and the count of every node by turns.
            table = self._tables[context] = [32768, 0] * (1 << width)
        low, high = self._low, self._high
        node = 1
        for place in range(width - 1, -1, -1):
            bit = number >> place & 1
            chance, seen = table[2 * node], table[2 * node + 1]
            middle = low + ((high - low) >> 16) * chance
            if bit:
                high = middle
                table[2 * node] = chance + ((65535 - chance) >> _SHIFTS[seen])
            else:
                low = middle + 1
                table[2 * node] = max(chance - (chance >> _SHIFTS[seen]), 64)
            table[2 * node + 1] = min(seen + 1, len(_SHIFTS) - 1)
            while (low ^ high) < 1 << 24:
                self._bytes.append(high >> 24)
                low = low << 8 & 0xFFFFFFFF
                high = high << 8 & 0xFFFFFFFF | 255
            node = node << 1 | bit
        self._low, self._high = low, high

    def finish(self) -> str:
        """All that was written, in base 64 without padding."""
        self._bytes += self._low.to_bytes(4, "big")
        return base64.b64encode(bytes(self._bytes)).decode("ascii").rstrip("=")


_SHIFTS = tuple(min((seen + 1).bit_length(), _RATE_LIMIT) for seen in range(1 << _RATE_LIMIT))
"""How many bits of the distance a chance keeps after so many bits in its context."""


@dataclass(frozen=True, slots=True)
class _Run:
    """A series and its records by part and place."""

    series: Series
    records: Mapping[tuple[int, int], SearchRecord]

    def in_order(self) -> Iterator[SearchRecord]:
        """The records in the order of their numbers."""
        return (self.records[at] for at in sorted(self.records))


@dataclass(frozen=True, slots=True)
class Columns:
    """The runs of every group of districts: by `FACET_DISTRICTS` and by `SORT_DISTRICTS`."""

    facet_groups: Mapping[int, Sequence[_Run]]
    sort_groups: Mapping[int, Sequence[_Run]]


def group_columns(
    records: Sequence[SearchRecord], numbering: Numbering, districts: Sequence[str]
) -> Columns:
    """Records by series and groups of `districts`, which are those in use, in order."""
    members: list[dict[tuple[int, int], SearchRecord]] = [{} for _ in numbering.series]
    for at, local, record in zip(numbering.series_of, numbering.locals_, records, strict=True):
        members[at][local] = record
    facets: dict[int, list[_Run]] = defaultdict(list)
    sorts: dict[int, list[_Run]] = defaultdict(list)
    for series, held in zip(numbering.series, members, strict=True):
        place = districts.index(series.district)
        facets[place // FACET_DISTRICTS].append(_Run(series, held))
        sorts[place // SORT_DISTRICTS].append(_Run(series, held))
    return Columns(facets, sorts)


def build_columns(
    columns: Columns, labels: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, bytes]]:
    """Files of facets, of townships and of sort keys."""
    for group, runs in columns.facet_groups.items():
        yield f"f-{group}", render_script(f"f-{group}", _encode_first(runs, labels))
        yield f"e-{group}", render_script(f"e-{group}", _encode_rest(runs, labels))
    for group, runs in columns.sort_groups.items():
        rows = [record for run in runs for record in run.in_order()]
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


@dataclass(frozen=True, slots=True)
class _Facet:
    """A facet's name, its place as a context, the bits of its codes, and each label's code."""

    name: str
    place: int
    width: int
    codes: Mapping[str, int]

    def encode(self, record: SearchRecord) -> int:
        """0 for no label, else 1 + the label's place."""
        label = read_facet(record, self.name)
        return self.codes[label] if label else 0


def _list_facets(labels: Mapping[str, Sequence[str]], first: bool) -> list[_Facet]:
    """The first facets or the others, in the order that the meta file lists them."""
    return [
        _Facet(
            name, 1 + n, len(given).bit_length(), {label: 1 + c for c, label in enumerate(given)}
        )
        for n, (name, given) in enumerate(labels.items())
        if (name in FIRST_FACETS) is first
    ]


def _encode_first(runs: Sequence[_Run], labels: Mapping[str, Sequence[str]]) -> str:
    """For every number of the series: whether a record has it, and its first facets."""
    coder = RangeCoder()
    facets = _list_facets(labels, True)
    kinds = facets[0].codes
    last = dict.fromkeys(FIRST_FACETS, 0)
    for run in runs:
        present = 1
        serial = int(run.series.serial)
        for part in run.series.parts:
            for place in range(run.series.part_size):
                record = run.records.get((part, place))
                coder.write_number((0, serial, present), int(record is not None), 1)
                present = int(record is not None)
                if record is None:
                    continue
                for facet in facets:
                    code = facet.encode(record)
                    # Neighbours are alike: a series has one kind of code, and one batch.
                    kind = 0 if facet.name == "kind" else kinds[record.kind]
                    coder.write_number((facet.place, kind, last[facet.name]), code, facet.width)
                    last[facet.name] = code
    return coder.finish()


def _encode_rest(runs: Sequence[_Run], labels: Mapping[str, Sequence[str]]) -> str:
    """The other facets of the records alone, in the order of their numbers."""
    coder = RangeCoder()
    facets = _list_facets(labels, False)
    kinds = {kind: 1 + n for n, kind in enumerate(labels["kind"])}
    for run in runs:
        for record in run.in_order():
            kind = kinds[record.kind]
            before = 0
            for facet in facets:
                code = facet.encode(record)
                # A stage tells much about the facet after it, whether it is overdue.
                coder.write_number((facet.place, kind, before), code, facet.width)
                before = code
    return coder.finish()


def name_key(title: str) -> str:
    """What sorting by name compares: the title's reading, cut short."""
    return "".join((list_readings(c) or (c,))[0] for c in fold_text(title))[:NAME_KEY_LENGTH]
