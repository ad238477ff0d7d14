"""Which shard holds a gram: cut points that stay put when records come and go.

Grams are ordered by their characters, the first in order of its reading, so that all characters
read `wu` lie together and a pinyin query needs one or two shards. What is cut are *atoms*: all
grams that begin with the same two characters, or with more where two would be too many for a
shard. The order is cut in halves until no part is heavier than `cap`. A cut falls where a hash is
highest within the middle fifth, not at the exact middle: the exact middle would wander with every
record.

Source: docs/search.md §5
"""

from __future__ import annotations

import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from generator.site.search.postings import END, MAXIMUM_DEPTH, Suffixes

Ints = npt.NDArray[np.signedinteger]
Floats = npt.NDArray[np.float64]

UNLISTED = 1 << 17
"""Order of a first character without a reading in the title table: this plus its code."""

LONGEST_ATOM: Final = 10
"""Characters that tell an atom at most."""


@dataclass(frozen=True, slots=True)
class Atoms:
    """The atoms in order: their beginnings, weights, and how much each shares with the one before.

    `of_row` gives every row of the suffixes its atom, and `least` how long its leaf must be so
    that no leaf lies in two atoms.
    """

    prefixes: Sequence[str]
    weights: Floats
    shared: Sequence[int]
    of_row: Ints
    least: Ints


def order_text(text: str, order: Mapping[int, int]) -> tuple[int, str]:
    """What grams, atoms and cuts are sorted by; `order` is that of first characters."""
    return order.get(ord(text[0]), UNLISTED + ord(text[0])), text[1:]


def find_atoms(suffixes: Suffixes, weights: Floats, order: Mapping[int, int], cap: float) -> Atoms:
    """Atoms no heavier than `cap`, if longer beginnings can help; `weights` are those of rows."""
    places, classes, units = suffixes.places, suffixes.classes, suffixes.units
    keys = _gram_keys(units[places].astype(np.int64), units[places + 1].astype(np.int64), order)
    opens = np.ones(len(keys), dtype=bool)
    opens[1:] = (keys[1:] != keys[:-1]) | (classes[1:] != classes[:-1])
    starts = np.flatnonzero(opens)
    distinct, gram_of_run = np.unique(keys[starts], return_inverse=True)
    sums = np.bincount(gram_of_run, np.add.reduceat(weights, starts), len(distinct))
    run_of_row = np.cumsum(opens) - 1
    ends = np.append(starts[1:], len(keys))
    sample = np.empty(len(distinct), dtype=np.int64)
    sample[gram_of_run] = places[starts]
    firsts, seconds = units[sample].tolist(), units[sample + 1].tolist()
    child_of_row = np.zeros(len(keys), dtype=np.int64)
    least = np.full(len(keys), 2, dtype=np.int64)
    children: dict[int, list[tuple[str, float]]] = {}
    for gram in np.flatnonzero(sums > cap).tolist():
        runs = np.flatnonzero(gram_of_run == gram)
        rows = np.concatenate([np.arange(starts[run], ends[run]) for run in runs])
        found: list[tuple[str, float]] = []
        split = _Split(suffixes, weights, cap, child_of_row, least)
        for atom in split.walk(rows, chr(firsts[gram]) + chr(seconds[gram]), float(sums[gram])):
            found.append(atom)
        children[gram] = found
    prefixes: list[str] = []
    heavy: list[float] = []
    begins = np.empty(len(distinct), dtype=np.int64)
    plain = sums.tolist()
    for gram in range(len(distinct)):
        begins[gram] = len(prefixes)
        if gram in children:
            prefixes += [prefix for prefix, _ in children[gram]]
            heavy += [weight for _, weight in children[gram]]
        else:
            prefixes.append(chr(firsts[gram]) + chr(seconds[gram]))
            heavy.append(plain[gram])
    of_row = begins[gram_of_run][run_of_row] + child_of_row
    before = ["", *prefixes]
    common = [_count_shared(a, b) for a, b in zip(before, prefixes, strict=False)]
    return Atoms(prefixes, np.array(heavy), common, of_row, least)


def _gram_keys(first_units: Ints, second_units: Ints, order: Mapping[int, int]) -> Ints:
    """Sortable numbers of grams: the order of the first character, then the second's code."""
    table = np.arange(1 << 16, dtype=np.int64) + UNLISTED
    for unit, place in order.items():
        table[unit] = place
    return (table[first_units] << 16) | second_units


@dataclass(frozen=True, slots=True)
class _Split:
    """Splits a gram that is too heavy; numbers its atoms from 0 in `child_of_row`."""

    suffixes: Suffixes
    weights: Floats
    cap: float
    child_of_row: Ints
    least: Ints

    def walk(self, rows: Ints, prefix: str, weight: float) -> Iterator[tuple[str, float]]:
        """The atoms among `rows`, which all begin with `prefix`, in order."""
        count = 0
        waiting = [(rows, prefix, weight)]
        while waiting:
            rows, prefix, weight = waiting.pop()
            depth = len(prefix)
            if weight <= self.cap or depth >= LONGEST_ATOM or prefix[-1] == END:
                self.child_of_row[rows] = count
                self.least[rows] = depth
                count += 1
                yield prefix, weight
                continue
            units = self.suffixes.units[self.suffixes.places[rows] + depth]
            distinct, group = np.unique(units, return_inverse=True)
            sums = np.bincount(group, self.weights[rows])
            for n in reversed(range(len(distinct))):
                waiting.append((rows[group == n], prefix + chr(int(distinct[n])), float(sums[n])))


def _count_shared(a: str, b: str) -> int:
    shared = 0
    while shared < min(len(a), len(b)) and a[shared] == b[shared]:
        shared += 1
    return shared


def cut_shards(atoms: Atoms, cap: float) -> list[int]:
    """Which atoms every shard but the first begins with, ascending."""
    total = np.concatenate([[0.0], np.cumsum(atoms.weights)])
    shared = np.array(atoms.shared, dtype=np.int64)
    cuts: list[int] = []

    def cut(begin: int, end: int) -> None:
        weight = total[end] - total[begin]
        if weight <= cap or end - begin < 2:
            return
        low = int(np.searchsorted(total, total[begin] + 0.4 * weight))
        high = int(np.searchsorted(total, total[begin] + 0.6 * weight, side="right"))
        low, high = max(low, begin + 1), min(high, end)
        if low >= high:
            low = min(low, end - 1)
            high = low + 1
        # A character kept whole needs one shard for a one-character query.
        window = shared[low:high]
        opening = (np.flatnonzero(window == window.min()) + low).tolist()
        at = max(opening, key=lambda n: (_hash(atoms.prefixes[n]), n))
        cuts.append(at)
        cut(begin, at)
        cut(at, end)

    cut(0, len(atoms.prefixes))
    return sorted(cuts)


def _hash(prefix: str) -> int:
    return zlib.crc32(prefix.encode("utf-16-le", "surrogatepass"))


def name_cuts(atoms: Atoms, cuts: Sequence[int]) -> tuple[str, ...]:
    """What each shard begins with: as much of its first atom as tells it from the one before."""
    return tuple(atoms.prefixes[n][: atoms.shared[n] + 1] for n in cuts)


def list_inside(text: str, cuts: Sequence[tuple[int, str]], order: Mapping[int, int]) -> range:
    """The cuts inside the grams that begin with `text`: a query for it reads a shard more.

    `cuts` are given as `order_text` has them.
    """
    key = order_text(text, order)
    begin = bisect_right(cuts, key)
    return range(begin, bisect_left(cuts, (key[0], key[1] + "\uffff" * MAXIMUM_DEPTH)))
