"""How far the ledger's projects have come: 排查 → 登记 → 整改 → 消除 → 销号, by batch.

A project stands at exactly one stage, and has come as far as every stage before it, whether or
not the ledger has a dated step for each: 登记 counts those that stand there and all beyond. A
project that was sent back (退回) stands at 整改 again and counts no further.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.domain.project import STAGES

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class StageCounts:
    """Projects of one batch by the stage at which they stand, in the order of `STAGES`."""

    batch: str
    standing: tuple[int, ...]

    @property
    def total(self) -> int:
        """All projects of the batch."""
        return sum(self.standing)

    @property
    def reached(self) -> tuple[int, ...]:
        """How many have come as far as each stage."""
        return tuple(sum(self.standing[place:]) for place in range(len(self.standing)))


def count_stages(projects: pd.DataFrame) -> tuple[StageCounts, ...]:
    """The batches by name; `projects` is a frame of `domain.statistics.Frames`."""
    counts = Counter(zip(projects["batch"], projects["stage"], strict=True))
    return tuple(
        StageCounts(batch, tuple(counts[batch, stage] for stage in STAGES))
        for batch in sorted({batch for batch, _ in counts})
    )


def add_stages(batches: Sequence[StageCounts], name: str) -> StageCounts:
    """All batches together, under `name`."""
    return StageCounts(
        name,
        tuple(sum(batch.standing[place] for batch in batches) for place in range(len(STAGES))),
    )
