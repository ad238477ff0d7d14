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

from generator.site.search.numbering import EXTENTS_FROM

Ints = npt.NDArray[np.signedinteger]


@dataclass(frozen=True, slots=True)
class Tails:
    """Bits written behind each number: parallel values and lengths."""

    values: Ints
    lengths: Ints


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


def encode_lists(sizes: Ints, numbers: Ints, bits: tuple[Ints, Ints], tails: Tails) -> Codes:
    """Codes of number lists laid end to end, each ascending and without repeats.

    `sizes` are their lengths (at least 1), `numbers` their members one after another: first those
    of blocks, then those of extents, each with gaps of their own, since extents are sparse.
    `bits` gives for each list the bits of the greatest number that there may be, of blocks and of
    extents: with the count it gives the Rice parameter. `tails` follow the numbers.
    """
    starts = np.cumsum(sizes) - sizes
    far = numbers >= EXTENTS_FROM
    far_sizes = np.add.reduceat(far.astype(np.int64), starts) if len(sizes) else sizes
    before = np.empty_like(numbers)
    before[1:] = numbers[:-1]
    before[starts] = -1
    opens = far & (before < EXTENTS_FROM)
    before[opens] = EXTENTS_FROM - 1
    gaps = numbers - before - 1
    near_k = _choose_parameters(bits[0], sizes - far_sizes)
    far_k = _choose_parameters(bits[1], far_sizes)
    k = np.where(far, np.repeat(far_k, sizes), np.repeat(near_k, sizes))
    total = len(sizes) + len(numbers)
    head = starts + np.arange(len(sizes))
    tail = np.ones(total, dtype=bool)
    tail[head] = False
    values = np.empty(total, dtype=np.int64)
    significant = np.empty(total, dtype=np.int16)
    lengths = np.empty(total, dtype=np.int32)
    width = _bit_lengths(sizes)
    values[head], significant[head] = (sizes << width) | far_sizes, 2 * width
    lengths[head] = 3 * width - 1
    values[tail] = (np.int64(1) << k) | (gaps & ((np.int64(1) << k) - 1))
    significant[tail] = k + 1
    lengths[tail] = (gaps >> k) + 1 + k
    # One number alone has no gap to spare: it stands in as many bits as the greatest needs.
    alone = np.where(far, np.repeat(far_sizes, sizes), np.repeat(sizes - far_sizes, sizes)) == 1
    plain = np.where(far, np.repeat(bits[1], sizes), np.repeat(bits[0], sizes))
    at = np.flatnonzero(tail)[alone]
    values[at], significant[at], lengths[at] = gaps[alone], plain[alone], plain[alone]
    values[tail] = (values[tail] << tails.lengths) | tails.values
    significant[tail] += tails.lengths
    lengths[tail] += tails.lengths
    return Codes(values, significant, lengths, np.cumsum(sizes + 1))


def _choose_parameters(bits: Ints, sizes: Ints) -> Ints:
    """Rice parameters for so many numbers of so many bits."""
    spread = ((np.int64(11) << bits) >> 4) // np.maximum(sizes, 1)
    return np.maximum(_bit_lengths(spread) - 1, 0)


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
