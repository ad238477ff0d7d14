"""The records of each shared value: an industry, a pollutant, a township's name.

A value's grams are indexed once and lead to its number; the number leads to its records here. So
a record that changes its industry changes one list, not one for each character of the name.

Source: docs/search.md §5
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from generator.site.search.bits import encode_lists, write_codes
from generator.site.search.numbering import (
    EXTENTS_FROM,
    choose_bucket,
    count_buckets,
    settle_by_hash,
)
from generator.site.search.script import render_script

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


def build_value_files(values: Values, records: ValueRecords) -> Iterator[tuple[str, bytes]]:
    """Value number to the field, the value and its records' list with its bits."""
    contents: list[dict[str, list[str | int]]] = [{} for _ in range(values.files)]
    for (field, text), number in sorted(values.numbers.items(), key=lambda item: item[1]):
        members = sorted(set(records[field, text]))
        near, far = _measure(members)
        codes = encode_lists(
            np.array([len(members)], dtype=np.int64),
            np.array(members, dtype=np.int64),
            (np.array([near]), np.array([far])),
        )
        bucket = choose_bucket(number, values.files)
        contents[bucket][str(number)] = [field, text, near, far, write_codes(codes, 0, 1)]
    for n, content in enumerate(contents):
        yield f"v-{n}", render_script(f"v-{n}", content)


def _measure(members: Sequence[int]) -> tuple[int, int]:
    """Bits of the greatest number of blocks and of extents."""
    near = max((number for number in members if number < EXTENTS_FROM), default=0)
    far = max((number - EXTENTS_FROM for number in members if number >= EXTENTS_FROM), default=0)
    return near.bit_length(), far.bit_length()
