"""How much of a site's plan a scale keeps.

At scale 1.0 everything; below, fewer months, outlets and repeats, never none: a table that has
rows of a site at one scale has rows of it at every scale. A few showcase sites keep a full year
at any scale, so that their pages show what a complete record looks like.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TypeVar

from generator.data.sample.disclosure_months import Month
from generator.data.sample.disclosure_site import (
    AirOutlet,
    Episode,
    Outlet,
    Series,
    Site,
    WaterOutlet,
)

SHOWCASE_SITES = 40
_SHOWCASE_MONTHS = 12

Row = tuple[object, ...]
Item = TypeVar("Item")
SomeOutlet = TypeVar("SomeOutlet", WaterOutlet, AirOutlet)
EpisodeKey = tuple[str, str, Month]


@dataclass(frozen=True, slots=True)
class Depth:
    """The scale, the seed, the showcase sites and the firms that take hazardous waste."""

    scale: float
    seed: int
    showcase: frozenset[str]
    receivers: tuple[tuple[str, str], ...]  # name, licence number

    def take(self, site: Site, items: Sequence[Item]) -> Sequence[Item]:
        """The first of the items, their number growing with the square root of the scale."""
        if site.code in self.showcase:
            return items
        return items[: max(1, round(len(items) * min(1.0, sqrt(self.scale))))]

    def water(self, site: Site) -> list[WaterOutlet]:
        """The waste water outlets written at this scale, those with an exceedance among them."""
        return self._outlets(site, site.water)

    def air(self, site: Site) -> list[AirOutlet]:
        """The stacks written at this scale, those with an exceedance among them."""
        return self._outlets(site, site.air)

    def series(self, site: Site, outlet: Outlet) -> list[Series]:
        """The pollutants of an outlet written at this scale, exceeded ones among them."""
        exceeded = {episode.series for episode in site.episodes}
        taken = self.take(site, sorted(outlet.series, key=lambda one: one.rank))
        return [one for one in outlet.series if one in taken or one in exceeded]

    def months(self, site: Site) -> list[Month]:
        """The latest months of a site, as many as the scale allows, with that of an episode.

        The month that holds the latest exceedance is always kept: the concentration above the
        limit and the exceedance row then stand beside each other at every scale.
        """
        if not site.months:
            return []
        keep = max(1, int(len(site.months) * min(1.0, self.scale)))
        if site.code in self.showcase:
            keep = max(keep, min(_SHOWCASE_MONTHS, len(site.months)))
        kept = set(site.months[-keep:])
        if site.episodes:
            latest = max(episode.day for episode in site.episodes)
            kept.add(Month(latest.year, latest.month))
        return sorted(kept)

    def repeats(self, site: Site, number: int) -> int:
        """How many of a number of repeated rows (quarters, years) to write; at least one."""
        if site.code in self.showcase:
            return number
        return max(1, round(number * min(1.0, self.scale)))

    def draws(self, site: Site, draw: float) -> bool:
        """Whether an optional extra row is written, given a draw between 0 and 1.

        Extras thin out faster than the scale: small samples spend their rows on the tables.
        """
        return site.code in self.showcase or draw < self.scale**1.3

    def _outlets(self, site: Site, outlets: Sequence[SomeOutlet]) -> list[SomeOutlet]:
        exceeded: Collection[str] = {episode.series.outlet_code for episode in site.episodes}
        taken = {outlet.code for outlet in self.take(site, outlets)}
        return [one for one in outlets if one.code in taken or one.code in exceeded]


def group_episodes(site: Site) -> Mapping[EpisodeKey, Sequence[Episode]]:
    """The episodes of a site by outlet, pollutant and month."""
    result: dict[EpisodeKey, list[Episode]] = {}
    for episode in site.episodes:
        key = (
            episode.series.outlet_code,
            episode.series.pollutant_code,
            Month(episode.day.year, episode.day.month),
        )
        result.setdefault(key, []).append(episode)
    return result
