"""How much of a site's plan a scale keeps.

At scale 1.0 everything; below, fewer months, outlets and repeats, never none: a table that has
rows of a site at one scale has rows of it at every scale. A few showcase sites keep a full year
at any scale, so that their pages show what a complete record looks like.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TypeVar

from generator.data.sample.disclosure_months import Month
from generator.data.sample.disclosure_site import Episode, Site

SHOWCASE_SITES = 60
_SHOWCASE_MONTHS = 12

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Depth:
    """The scale and the codes of the showcase sites."""

    scale: float
    showcase: frozenset[str]

    def take(self, site: Site, items: Sequence[Item]) -> Sequence[Item]:
        """The first of the items, their number growing with the square root of the scale."""
        if site.code in self.showcase:
            return items
        return items[: max(1, round(len(items) * min(1.0, sqrt(self.scale))))]

    def months(self, site: Site) -> Sequence[Month]:
        """The latest months of a site, as many as the scale allows, with those of an episode.

        A month that holds the latest exceedance is always kept: the concentration above the
        limit and the exceedance row then stand beside each other at every scale.
        """
        months = site.months
        if not months:
            return months
        keep = max(1, int(len(months) * min(1.0, self.scale)))
        if site.code in self.showcase:
            keep = max(keep, min(_SHOWCASE_MONTHS, len(months)))
        kept = set(months[-keep:])
        if site.episodes:
            latest = max(site.episodes, key=lambda episode: episode.day)
            kept.add(Month(latest.day.year, latest.day.month))
        return sorted(kept)

    def repeats(self, site: Site, number: int) -> int:
        """How many of a number of repeated rows (quarters, years) to write; at least one."""
        if site.code in self.showcase:
            return number
        return max(1, round(number * min(1.0, self.scale)))

    def draws(self, site: Site, share: float) -> bool:
        """Whether an optional extra row is written, given a draw between 0 and 1."""
        return site.code in self.showcase or share < self.scale


def month_episodes(site: Site) -> dict[tuple[str, str, Month], list[Episode]]:
    """The episodes of a site by outlet, pollutant and month."""
    result: dict[tuple[str, str, Month], list[Episode]] = {}
    for episode in site.episodes:
        key = (
            episode.series.outlet_code,
            episode.series.pollutant_code,
            Month(episode.day.year, episode.day.month),
        )
        result.setdefault(key, []).append(episode)
    return result
