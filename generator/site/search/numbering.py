"""Gives every record a small number that stays the same when other records come and go.

Postings name records by number, so a number that moves changes files. Three rules keep them still:

* A *series* is a run of numbers with room to spare: its capacity grows only by doubling.
* Codes that end in a serial (`990101-T-00012`) take that serial as their place in the series.
* Other codes take the place that a hash of the code points to, or the next free one.

Numbers are private to one build of the index: addresses and links use codes.

Source: docs/search.md §4
"""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from generator.site.search.records import SearchRecord

PACK_ROWS = 48
"""Records a row pack holds at most on average: 18,407 records make about 500 packs, which leaves
the whole site under the 20,000 files that common hosts allow."""

_SERIAL = re.compile(r"(.+)-(\d{1,6})")
SPARSENESS = 4
"""Places for each record without a serial. At 4, one new record in eight moves an older one."""

_MINIMUM_SERIALS = 16
"""A stem with fewer serials than this is not worth a series of its own."""


@dataclass(frozen=True, slots=True)
class Series:
    """A run of numbers from `base` to `base + capacity`, in row packs of `pack_span` numbers."""

    name: str
    district: str
    base: int
    capacity: int
    pack_span: int
    serial: bool


@dataclass(frozen=True, slots=True)
class Numbering:
    """`numbers[i]` is the number of the i-th record; `limit` is above every number."""

    series: tuple[Series, ...]
    numbers: tuple[int, ...]
    limit: int


def choose_capacity(needed: int) -> int:
    """The smallest power of two that holds `needed` places."""
    return 1 << max(needed - 1, 63).bit_length()


def place_by_hash(keys: Iterable[str], capacity: int) -> dict[str, int]:
    """Places for keys without a serial, the same for any order of `keys`.

    Keys settle in the order of a hash, each at the first free place from where another hash
    points to. So a new key moves an older one only when it takes its place and comes before it.
    """
    places: dict[str, int] = {}
    taken: set[int] = set()
    for _, key in sorted((zlib.crc32(f"order {key}".encode()), key) for key in keys):
        place = zlib.crc32(key.encode()) % capacity
        while place in taken:
            place = (place + 1) % capacity
        taken.add(place)
        places[key] = place
    return places


def _find_serials(records: Sequence[SearchRecord]) -> dict[tuple[str, str], dict[int, int]]:
    """Series of serials: (district, name) to the serial of each record's index.

    A district's ledger may count on across its parts (`-T-`, `-Z-`, `-B-`) or count each by
    itself; in the first case one series holds the whole ledger.
    """
    ledgers: dict[tuple[str, str], list[tuple[str, int, int]]] = defaultdict(list)
    for index, record in enumerate(records):
        match = _SERIAL.fullmatch(record.id)
        if match:
            ledgers[record.district, record.kind].append((match[1], int(match[2]), index))
    series: dict[tuple[str, str], dict[int, int]] = {}
    for (district, kind), entries in ledgers.items():
        parts: dict[str, dict[int, int]] = defaultdict(dict)
        whole = len({serial for _, serial, _ in entries}) == len(entries)
        for stem, serial, index in entries:
            parts["" if whole else stem][index] = serial
        for stem, serials in parts.items():
            unique = len(set(serials.values())) == len(serials)
            dense = max(serials.values()) < 4 * len(serials)
            if len(serials) >= _MINIMUM_SERIALS and unique and dense:
                series[district, f"{kind[:2]}-{stem}"] = serials
    return series


def number_records(records: Sequence[SearchRecord]) -> Numbering:
    """Number all records: by district, serial codes first, each series in its own run."""
    serial_series = _find_serials(records)
    numbered = {index for serials in serial_series.values() for index in serials}
    hashed: dict[str, list[int]] = defaultdict(list)
    for index, record in enumerate(records):
        if index not in numbered:
            hashed[record.district].append(index)

    plans: list[tuple[str, str, int, int, dict[int, int]]] = []
    for (district, name), serials in serial_series.items():
        capacity = choose_capacity(max(serials.values()) + 1)
        plans.append((district, name, capacity, PACK_ROWS, serials))
    for district, indexes in hashed.items():
        capacity = choose_capacity(SPARSENESS * len(indexes))
        keys = {f"{records[i].kind}/{records[i].id}": i for i in indexes}
        span = -(-capacity // -(-len(indexes) // PACK_ROWS))
        by_hash = {keys[key]: place for key, place in place_by_hash(keys, capacity).items()}
        plans.append((district, "", capacity, span, by_hash))

    series: list[Series] = []
    numbers = [0] * len(records)
    base = 0
    for district, name, capacity, span, by_index in sorted(plans, key=lambda plan: plan[:2]):
        series.append(
            Series(_name_series(district, name), district, base, capacity, span, bool(name))
        )
        for index, place in by_index.items():
            numbers[index] = base + place
        base += capacity
    return Numbering(tuple(series), tuple(numbers), base)


def _name_series(district: str, name: str) -> str:
    """A file-name-safe name for a series: it never depends on the other series."""
    safe = re.sub(r"[^a-z0-9]+", "-", name.lower())
    plain = safe if safe == name.lower() else f"{safe}-{zlib.crc32(name.encode()):08x}"
    if district and district in plain:
        return plain
    return f"{district or 'province'}-{plain}".rstrip("-")
