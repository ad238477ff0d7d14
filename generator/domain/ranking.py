"""Ranks with ties: equals share a rank, and the ranks they fill up are skipped (1, 2, 2, 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, TypeVar

Item = TypeVar("Item")

RANKING_RULE = "名次按未取舍的比值排，相等的并列同一名次，其后的名次相应空出（1、2、2、4）。"
"""Printed beside every ranking."""


@dataclass(frozen=True, slots=True)
class Ranked(Generic[Item]):
    """An item with its rank from 1; None where it has nothing to be ranked by."""

    rank: int | None
    item: Item


def rank_items(
    items: Iterable[Item],
    measure: Callable[[Item], Fraction | None],
    order: Callable[[Item], str],
) -> tuple[Ranked[Item], ...]:
    """The items from the greatest measure down; those without one stand last, unranked.

    Measures are exact, so that two rates tie only when they are equal, not when they print alike.
    `order` decides who is named first among equals and has no say in the rank.
    """
    chosen = sorted(items, key=order)
    measured = [(value, item) for item in chosen if (value := measure(item)) is not None]
    # Stable: equals keep the order of their codes.
    measured.sort(key=lambda pair: pair[0], reverse=True)
    ranked: list[Ranked[Item]] = []
    for place, (value, item) in enumerate(measured, start=1):
        tied = place > 1 and measured[place - 2][0] == value
        ranked.append(Ranked(ranked[-1].rank if tied else place, item))
    ranked += [Ranked(None, item) for item in chosen if measure(item) is None]
    return tuple(ranked)
