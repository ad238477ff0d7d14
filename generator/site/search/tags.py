"""What a list tells of each of its records beside the number: kind and year.

The order of results and the counts of the first view need no more than that and the district,
which follows from the number. So a query of many hits reads no column of all records. Each shard
lists its tags by how often they occur; behind every number the tag's place in that list stands in
unary.

Source: docs/search.md §5
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from generator.site.search.bits import Tails
from generator.site.search.numbering import EXTENTS_FROM
from generator.site.search.packs import read_facet
from generator.site.search.records import KINDS, SearchRecord
from generator.site.search.script import encode_small

Ints = npt.NDArray[np.signedinteger]

_YEARS = 128
"""Tags of a kind: a year's place after 1999, or 0 for none."""

_FIRST_YEAR = 1999


@dataclass(frozen=True, slots=True)
class Tags:
    """The tag of each record, parallel to its number, both by ascending number."""

    numbers: Ints
    tags: Ints

    def find(self, numbers: Ints) -> Ints:
        """The tags of records by their numbers."""
        return self.tags[np.searchsorted(self.numbers, numbers)]

    def write(self, numbers: Sequence[int]) -> str:
        """The signs of the records' tags, two characters each."""
        return "".join(map(_sign, self.find(np.array(numbers, dtype=np.int64)).tolist()))


def tag_records(records: Sequence[SearchRecord], numbers: Sequence[int]) -> Tags:
    """The tags of all records."""
    told = np.array([_tag(record) for record in records], dtype=np.int64)
    named = np.array(numbers, dtype=np.int64)
    order = np.argsort(named)
    return Tags(named[order], told[order])


def _tag(record: SearchRecord) -> int:
    year = read_facet(record, "year")
    return KINDS.index(record.kind) * _YEARS + (int(year) - _FIRST_YEAR if year else 0)


def _sign(tag: int) -> str:
    return encode_small(tag // _YEARS) + encode_small(tag % _YEARS)


def write_tails(
    tags: Tags, numbers: Ints, groups: Ints, count: int
) -> tuple[Tails, Mapping[int, list[str]]]:
    """The bits behind each number, and each group's two lists of tags: of blocks, of extents.

    `groups` are below `count` and parallel to `numbers`; a negative one is for numbers that are
    no records' and have nothing behind them. A list of one tag needs no bits.
    """
    chosen = np.flatnonzero(groups >= 0)
    distinct, dense = np.unique(tags.find(numbers[chosen]), return_inverse=True)
    lists = groups[chosen] * 2 + (numbers[chosen] >= EXTENTS_FROM)
    seen = np.bincount(lists * max(len(distinct), 1) + dense, minlength=2 * count * len(distinct))
    seen = seen.reshape(2 * count, len(distinct))
    by_use = np.argsort(-seen, axis=1, kind="stable")
    ranks = np.empty_like(by_use)
    np.put_along_axis(ranks, by_use, np.arange(len(distinct))[None, :], axis=1)
    sizes = (seen > 0).sum(axis=1)
    rank, size = ranks[lists, dense], sizes[lists]
    last = rank == size - 1
    values = np.zeros(len(numbers), dtype=np.int8)
    lengths = np.zeros(len(numbers), dtype=np.int16)
    values[chosen] = np.where(last, 0, 1)
    lengths[chosen] = np.where(last, rank, rank + 1)
    signs = [_sign(tag) for tag in distinct.tolist()]
    written = [
        "".join(signs[at] for at in row[:held])
        for row, held in zip(by_use.tolist(), sizes.tolist(), strict=True)
    ]
    return Tails(values, lengths), {n: written[2 * n : 2 * n + 2] for n in range(count)}
