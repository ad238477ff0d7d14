"""Gives every record a number that stays the same when other records come and go.

Postings name records by number, so a number that moves changes files, and a rule that moves many
changes all of them. Therefore no number depends on how many records there are:

* Ledger entries count in *blocks* of 64 serials. A block has a home in a table of fixed size, by
  a hash of its series and its place in it; a longer ledger takes new homes and moves no old one.
* Other records lie in *extents*, one for each district, each at the place that a hash of its code
  points to. An extent has room for ten times a usual district, and its home is fixed likewise.
* Where two want one place, the one that comes first by another hash has it. When tables fill up,
  the next level continues them; nothing is ever laid out anew.

Numbers are private to the index: addresses and links use codes.

Source: docs/search.md §4
"""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from generator.site.search.records import SearchRecord

BLOCK = 64
"""Serials in a block."""

BLOCK_HOMES = 1 << 9
"""Homes for blocks on a level: a province's ledgers fill half of them."""

EXTENT = 1 << 11
"""Places in an extent. A district has about a hundred records without a serial, so one added
record in forty moves an older one."""

EXTENT_HOMES = 1 << 7
"""Homes for extents on a level: a province of fifty districts fills half of them."""

EXTENTS_FROM = 1 << 26
"""Numbers from here on belong to extents, those below to blocks."""

LEVEL = 1 << 20
"""Serials on a level of a ledger: one more than a serial of six digits can be."""

SERIAL_ROWS = 176
"""Serials in a row pack."""

PLACED_ROWS = 100
"""Records in an average row pack of other records: their rows are longer."""

SERIAL_KINDS = frozenset({"project"})
"""Kinds whose codes end in a ledger's serial."""

PROBES = 8
"""Places tried on a level before the next one."""

_SERIAL = re.compile(r".+-(\d{1,6})")


@dataclass(frozen=True, slots=True)
class Series:
    """Records that are numbered together: a district's ledger, or its other records.

    `parts` are its blocks (those of level n begin at `n * LEVEL // BLOCK`) or its extents, in
    order, and `steps` how far each one's home is from where its hash points. `packs` is how many
    row packs a series of places has, 0 for a ledger.
    """

    name: str
    district: str
    serial: bool
    parts: tuple[int, ...]
    steps: tuple[int, ...]
    packs: int

    @property
    def part_size(self) -> int:
        """Numbers in each part."""
        return BLOCK if self.serial else EXTENT


@dataclass(frozen=True, slots=True)
class Numbering:
    """What each record is called, by the record's index.

    `numbers` are those of the postings, `series_of` places in `series`, and `locals_` pairs of a
    part of that series and a place in the part.
    """

    series: tuple[Series, ...]
    numbers: tuple[int, ...]
    series_of: tuple[int, ...]
    locals_: tuple[tuple[int, int], ...]


def settle(wanted: Mapping[str, int], capacity: int) -> dict[str, int]:
    """A place for each key, near the one that its hash points to, on the first level with room.

    Keys settle in the order of the ranks in `wanted`, and within a rank of another hash. So a new
    key moves an older one only when it takes its place and comes before it. Places of level n
    begin at `n * capacity`.
    """
    places: dict[str, int] = {}
    taken: set[int] = set()
    order = sorted((rank, _hash(f"order {key}"), key) for key, rank in wanted.items())
    for _, _, key in order:
        level, probe = 0, 0
        at = _point(key, 0)
        place = at % capacity
        while place in taken:
            probe += 1
            if probe == min(PROBES, capacity):
                level, probe = level + 1, 0
                at = _point(key, level)
            place = level * capacity + (at + probe) % capacity
        taken.add(place)
        places[key] = place
    return places


def count_steps(key: str, place: int, capacity: int) -> int:
    """How far from where its hash points a key settled: eight for each level, and the probes."""
    level = place // capacity
    return level * PROBES + (place - _point(key, level)) % capacity


def _point(key: str, level: int) -> int:
    """Where a key wants to settle on a level, before the capacity is considered."""
    return _hash(f"{level} {key}" if level else key)


def _hash(text: str) -> int:
    """CRC-32 of the UTF-16 units, which the browser computes too."""
    return zlib.crc32(text.encode("utf-16-le"))


def settle_by_hash(keys: Iterable[str], capacity: int) -> dict[str, int]:
    """Places for keys of one rank."""
    return settle(dict.fromkeys(keys, 0), capacity)


def choose_bucket(number: int, count: int) -> int:
    """Which of `count` buckets a number is in: one more bucket splits one and leaves the others.

    That is linear hashing: the buckets above the last power of two took half of what the bucket
    that much below them had.
    """
    whole = 1 << (count - 1).bit_length()
    bucket = number % whole
    return bucket if bucket < count else bucket - whole // 2


def count_buckets(entries: int, of_each: int) -> int:
    """Buckets for so many entries."""
    return max(1, -(-entries // of_each))


def number_records(records: Sequence[SearchRecord]) -> Numbering:
    """Number all records: ledgers by serial, others by hash, district by district."""
    members: dict[tuple[str, str, bool], list[int]] = defaultdict(list)
    for index, record in enumerate(records):
        serial = record.kind in SERIAL_KINDS and _SERIAL.fullmatch(record.id) is not None
        # The province itself has kinds with hundreds of records: each has an extent.
        name = record.kind if serial or not record.district else ""
        members[record.district, name, serial].append(index)

    located: dict[tuple[str, str, bool], dict[int, tuple[int, int]]] = {}
    for (district, name, serial), indexes in members.items():
        locate = _locate_serials if serial else _locate_places
        located[district, name, serial] = locate(records, indexes)
    # A ledger that grows by a block must not take the place of another's earlier one.
    homes = {
        serial: settle(
            {
                _name_part(key, part): part
                for key, places in located.items()
                if key[2] is serial
                for part in {part for part, _ in places.values()}
            },
            BLOCK_HOMES if serial else EXTENT_HOMES,
        )
        for serial in (True, False)
    }

    series: list[Series] = []
    numbers = [0] * len(records)
    series_of = [0] * len(records)
    locals_ = [(0, 0)] * len(records)
    for key, places in sorted(located.items()):
        district, name, serial = key
        parts = sorted({part for part, _ in places.values()})
        home_of = {part: homes[serial][_name_part(key, part)] for part in parts}
        steps = (
            count_steps(_name_part(key, part), home, BLOCK_HOMES if serial else EXTENT_HOMES)
            for part, home in home_of.items()
        )
        packs = 0 if serial else count_buckets(len(places), PLACED_ROWS)
        for index, (part, place) in places.items():
            size, first = (BLOCK, 0) if serial else (EXTENT, EXTENTS_FROM)
            numbers[index] = first + home_of[part] * size + place
            series_of[index] = len(series)
            locals_[index] = (part, place)
        series.append(Series(
            name=_name_series(key), district=district, serial=serial, parts=tuple(parts),
            steps=tuple(steps), packs=packs,
        ))  # fmt: skip
    return Numbering(tuple(series), tuple(numbers), tuple(series_of), tuple(locals_))


def _name_series(key: tuple[str, str, bool]) -> str:
    district, name, _ = key
    return f"{district or 'province'}{f'-{name}' if name else ''}"


def _name_part(key: tuple[str, str, bool], part: int) -> str:
    return f"{_name_series(key)}/{part}"


def _locate_serials(
    records: Sequence[SearchRecord], indexes: Sequence[int]
) -> dict[int, tuple[int, int]]:
    """Block and place by record.

    Parts of a ledger that count each by itself share serials: of two entries with one serial, the
    second by hash lies on the next level.
    """
    by_serial: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for index in indexes:
        code = records[index].id
        serial = int(code.rpartition("-")[2])
        by_serial[serial].append((_hash(code), index))
    return {
        index: ((level * LEVEL + serial) // BLOCK, serial % BLOCK)
        for serial, entries in by_serial.items()
        for level, (_, index) in enumerate(sorted(entries))
    }


def _locate_places(
    records: Sequence[SearchRecord], indexes: Sequence[int]
) -> dict[int, tuple[int, int]]:
    """Extent and place by record."""
    keys = {f"{records[index].kind}/{records[index].id}": index for index in indexes}
    places = settle_by_hash(keys, EXTENT)
    return {keys[key]: divmod(place, EXTENT) for key, place in places.items()}
