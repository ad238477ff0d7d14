"""The records of each shared value: an industry, a pollutant, a township's name.

A value's grams are indexed once and lead to its number; the number leads to its records here. So
a record that changes its industry changes one list, not one for each character of the name.

Source: docs/search.md §5
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from generator.site.search.bits import encode_lists, write_codes
from generator.site.search.numbering import (
    EXTENTS_FROM,
    choose_bucket,
    count_buckets,
    settle_by_hash,
)
from generator.site.search.script import render_script
from generator.site.search.tags import Tags, write_tails

Ints = npt.NDArray[np.signedinteger]

FILE_RECORDS = 2_500
"""Records, counted for each of their values, that go into one file: about 5 KB sent."""

PLACES = 1 << 14
"""Places for values on a level: a province's two thousand leave most of them free."""

ValueRecords = dict[tuple[str, str], list[int]]
"""(Field name, folded value) to the numbers of its records."""


@dataclass(frozen=True, slots=True)
class Values:
    """The number of every value, and how many files tell their records."""

    numbers: Mapping[tuple[str, str], int]
    files: int


def number_values(values: ValueRecords) -> Values:
    """Numbers for all values, stable as those of records are."""
    places = settle_by_hash((f"{field}/{text}" for field, text in values), PLACES)
    numbers = {value: places["/".join(value)] for value in sorted(values)}
    total = sum(len(set(records)) for records in values.values())
    return Values(numbers, count_buckets(total, FILE_RECORDS))


def build_value_files(
    values: Values, records: ValueRecords, tags: Tags
) -> Iterator[tuple[str, bytes]]:
    """Value number to the field, the value and its records' list with its bits.

    Beside them stand the file's tags.
    """
    ordered = sorted(values.numbers.items(), key=lambda item: item[1])
    lists = [np.array(sorted(set(records[value])), dtype=np.int64) for value, _ in ordered]
    sizes = np.array([len(members) for members in lists], dtype=np.int64)
    members = np.concatenate([*lists, np.empty(0, dtype=np.int64)])
    near, far = measure_lists(members, np.repeat(np.arange(len(lists)), sizes), len(lists))
    buckets = [choose_bucket(number, values.files) for _, number in ordered]
    groups = np.repeat(np.array(buckets, dtype=np.int64), sizes)
    tails, tables = write_tails(tags, members, groups, values.files)
    codes = encode_lists(sizes, members, (near, far), tails)
    contents: list[dict[str, object]] = [{"g": tables[n]} for n in range(values.files)]
    for n, ((field, text), number) in enumerate(ordered):
        written = write_codes(codes, n, n + 1)
        contents[buckets[n]][str(number)] = [field, text, int(near[n]), int(far[n]), written]
    for bucket, content in enumerate(contents):
        yield f"v-{bucket}", render_script(f"v-{bucket}", content)


def measure_lists(members: Ints, groups: Ints, count: int) -> tuple[Ints, Ints]:
    """Bits of the greatest number of blocks and of extents in each of `count` lists."""
    measured = []
    for first, chosen in ((0, members < EXTENTS_FROM), (EXTENTS_FROM, members >= EXTENTS_FROM)):
        greatest = np.zeros(count, dtype=np.int64)
        np.maximum.at(greatest, groups[chosen], members[chosen] - first)
        measured.append(np.frexp(greatest.astype(np.float64))[1].astype(np.int64))
    return measured[0], measured[1]
