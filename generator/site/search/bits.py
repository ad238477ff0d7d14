"""Number lists as bits: Elias gamma for a list's length, Golomb-Rice for its gaps.

A code is written as a run of zeros and then a number that begins with a one bit, so each is a
value, its significant bits and its length; that lets numpy lay all codes of an index at once.

Source: docs/search.md §5
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Codes:
    """Codes in writing order. `list_ends[i]` is where list i's codes end."""

    values: Ints
    significant: Ints
    lengths: Ints
    list_ends: Ints


def _bit_lengths(numbers: Ints) -> Ints:
    """`int.bit_length` for each number below 2**53."""
    return np.frexp(numbers.astype(np.float64))[1].astype(np.int64)


def encode_lists(sizes: Ints, numbers: Ints, spaces: Ints) -> Codes:
    """Codes of number lists laid end to end, each ascending and without repeats.

    `sizes` are their lengths (at least 1), `numbers` their members one after another, `spaces`
    for each list a power of two above its members: with the length it gives the Rice parameter.
    """
    starts = np.cumsum(sizes) - sizes
    before = np.empty_like(numbers)
    before[1:] = numbers[:-1]
    before[starts] = -1
    gaps = numbers - before - 1
    parameter = np.maximum(_bit_lengths((spaces * 11 >> 4) // sizes) - 1, 0)
    k = np.repeat(parameter, sizes)
    total = len(sizes) + len(numbers)
    head = starts + np.arange(len(sizes))
    tail = np.ones(total, dtype=bool)
    tail[head] = False
    values = np.empty(total, dtype=np.int64)
    significant = np.empty(total, dtype=np.int64)
    lengths = np.empty(total, dtype=np.int64)
    size_bits = _bit_lengths(sizes)
    values[head], significant[head], lengths[head] = sizes, size_bits, 2 * size_bits - 1
    values[tail] = (np.int64(1) << k) | (gaps & ((np.int64(1) << k) - 1))
    significant[tail] = k + 1
    lengths[tail] = (gaps >> k) + 1 + k
    return Codes(values, significant, lengths, np.cumsum(sizes + 1))


def write_codes(codes: Codes, first: int, last: int) -> str:
    """The codes of lists `first` up to but not including `last`, in base 64 without padding."""
    begin = int(codes.list_ends[first - 1]) if first else 0
    end = int(codes.list_ends[last - 1]) if last else 0
    part = slice(begin, end)
    ends = np.cumsum(codes.lengths[part])
    bits = np.zeros(int(ends[-1]) if len(ends) else 0, dtype=np.uint8)
    values, significant = codes.values[part], codes.significant[part]
    for place in range(int(significant.max()) if len(significant) else 0):
        live = significant > place
        bits[ends[live] - 1 - place] = (values[live] >> place) & 1
    return base64.b64encode(np.packbits(bits).tobytes()).decode("ascii").rstrip("=")
