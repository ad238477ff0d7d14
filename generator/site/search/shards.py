"""Which shard holds a gram: cut points that stay put when records come and go.

Grams are ordered by their first two characters, the first in order of its reading, so that all
characters read `wu` lie together and a pinyin query needs one or two shards. The order is cut in
halves until no part is heavier than `cap`. A cut falls where a hash is highest within the middle
fifth, not at the exact middle: the exact middle would wander with every record.

Source: docs/search.md §5
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

UNLISTED = 1 << 17
"""Order of a first character without a reading in the title table: this plus its code."""


def order_units(readings: Sequence[tuple[str, str]]) -> dict[int, int]:
    """Order of first characters, from (reading, characters) pairs as the meta file lists them."""
    return {ord(char): n for n, char in enumerate("".join(chars for _, chars in readings))}


def gram_keys(first_units: Ints, second_units: Ints, order: dict[int, int]) -> Ints:
    """Sortable numbers of grams: the order of the first character, then the second's code."""
    table = np.arange(1 << 16, dtype=np.int64) + UNLISTED
    for unit, place in order.items():
        table[unit] = place
    return (table[first_units] << 16) | second_units


def cut_shards(keys: Ints, grams: Ints, weights: npt.NDArray[np.float64], cap: float) -> list[int]:
    """Where in `keys` every shard but the first begins, ascending.

    `keys` are ascending and unique; `grams` names the same grams by their characters' codes
    alone, so that a cut does not depend on which other characters there are.
    """
    total = np.concatenate([[0.0], np.cumsum(weights)])
    cuts: list[int] = []

    def cut(begin: int, end: int) -> None:
        weight = total[end] - total[begin]
        if weight <= cap or end - begin < 2:
            return
        low = int(np.searchsorted(total, total[begin] + 0.4 * weight))
        high = int(np.searchsorted(total, total[begin] + 0.6 * weight, side="right"))
        window = list(range(max(low, begin + 1), min(high, end)))
        if not window:
            window = [min(max(low, begin + 1), end - 1)]
        # A character kept whole needs one shard for a one-character query.
        opening = [n for n in window if keys[n] >> 16 != keys[n - 1] >> 16]
        at = max(opening or window, key=lambda n: (zlib.crc32(b"%d" % grams[n]), n))
        cuts.append(at)
        cut(begin, at)
        cut(at, end)

    cut(0, len(keys))
    return sorted(cuts)
