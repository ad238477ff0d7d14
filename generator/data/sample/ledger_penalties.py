"""Fines on owners of illegal projects: 701 owners, 1,933.9 万元 together.

Source: published-figures.csv (重庆: owners penalised for not carrying out the three batches).
"""

import random
from collections.abc import Sequence
from typing import Final

PENALISED_OWNERS: Final = 701
FINES_TOTAL: Final = 19339  # thousand yuan: 1,933.9 万元
TWICE_FINED: Final = 36  # owners fined for two projects

_STEP = 5  # thousand yuan; decisions name half 万元
_LEAST = 5


def share_fines(rng: random.Random, count: int) -> list[int]:
    """That many fines in thousand yuan, whose sum is the published total."""
    weights = [rng.lognormvariate(0, 0.75) for _ in range(count)]
    scale = FINES_TOTAL / sum(weights)
    fines = [max(_LEAST, round(weight * scale / _STEP) * _STEP) for weight in weights]
    position = 0
    while abs(FINES_TOTAL - sum(fines)) >= _STEP:
        step = _STEP if sum(fines) < FINES_TOTAL else -_STEP
        if fines[position % count] + step >= _LEAST:
            fines[position % count] += step
        position += 7  # prime to the counts used, so that the mending is spread
    fines[-1] += FINES_TOTAL - sum(fines)
    return fines


def choose_penalised(
    rng: random.Random, owners_open: Sequence[int], owners_closed: Sequence[int]
) -> list[int]:
    """The owners to be fined: most of them have open projects, since that is what is fined."""
    chosen_open = rng.sample(list(owners_open), min(len(owners_open), PENALISED_OWNERS * 2 // 3))
    chosen_closed = rng.sample(list(owners_closed), PENALISED_OWNERS - len(chosen_open))
    return sorted(chosen_open + chosen_closed)
