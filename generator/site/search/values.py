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
from generator.site.search.numbering import SPARSENESS, choose_capacity, place_by_hash
from generator.site.search.script import render_script

FILE_RECORDS = 3_000
"""Records of a field's values, counted by value, that go into one file: about 3 KB sent."""

ValueRecords = dict[str, dict[str, list[int]]]
"""Field name, then folded value, then the numbers of its records."""


@dataclass(frozen=True, slots=True)
class ValueRun:
    """A field's value numbers: `capacity` of them in a row, spread over `files` files."""

    field: str
    base: int
    capacity: int
    files: int
    numbers: Mapping[str, int]


def plan_value_runs(values: ValueRecords) -> list[ValueRun]:
    """Numbers for every value, field by field, stable as those of records are."""
    runs: list[ValueRun] = []
    base = 0
    for field, by_text in sorted(values.items()):
        capacity = choose_capacity(SPARSENESS * len(by_text))
        places = place_by_hash(by_text, capacity)
        total = sum(map(len, by_text.values()))
        files = 1
        while total > files * FILE_RECORDS:
            files *= 2
        numbers = {text: base + place for text, place in sorted(places.items())}
        runs.append(ValueRun(field, base, capacity, files, numbers))
        base += capacity
    return runs


def build_value_files(
    run: ValueRun, records: Mapping[str, Sequence[int]], space: int
) -> Iterator[tuple[str, bytes]]:
    """A field's files: value number to the value and its records' list."""
    contents: list[dict[str, list[str]]] = [{} for _ in range(run.files)]
    for text, number in sorted(run.numbers.items(), key=lambda item: item[1]):
        members = np.array(sorted(set(records[text])), dtype=np.int64)
        sizes = np.array([len(members)], dtype=np.int64)
        codes = encode_lists(sizes, members, np.array([space], dtype=np.int64))
        contents[number % run.files][str(number - run.base)] = [text, write_codes(codes, 0, 1)]
    for n, content in enumerate(contents):
        name = f"v-{run.field.replace('_', '-')}-{n}"
        yield name, render_script(name, content)
