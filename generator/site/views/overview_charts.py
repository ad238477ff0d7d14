"""The charts of the whole province, made once and shown on several overview pages."""

from __future__ import annotations

from dataclasses import dataclass

from generator.config import Config
from generator.domain.library import Library
from generator.site.views.chart import Chart
from generator.site.views.ledger_charts import funnel_chart
from generator.site.views.place_charts import (
    clearance_measure,
    disclosure_measure,
    ranking_chart,
    tile_chart,
)
from generator.site.views.trend_charts import (
    disclosure_trend_chart,
    exposure_chart,
    opened_chart,
)


@dataclass(frozen=True, slots=True)
class OverviewCharts:
    """What each overview page shows, in its order."""

    home: tuple[Chart, ...]
    districts: tuple[Chart, ...]
    projects: tuple[Chart, ...]
    weeks: tuple[Chart, ...]
    supervision: tuple[Chart, ...]


def make_overview_charts(library: Library, config: Config) -> OverviewCharts:
    """All of them; a chart of which there is nothing to show is left out."""
    supervision, gazetteer = library.supervision, library.gazetteer
    name = config.province
    rates = disclosure_measure(supervision, gazetteer, counties=False)
    county_rates = disclosure_measure(supervision, gazetteer, counties=True)
    closures = clearance_measure(supervision, gazetteer, counties=False)
    county_closures = clearance_measure(supervision, gazetteer, counties=True)
    funnel = funnel_chart(name, library.frames.projects)
    exposures = exposure_chart(library.issues)
    opened = opened_chart(library.bulletin)
    trend = disclosure_trend_chart(
        supervision.dispatch, supervision.standings.province.rate, supervision.floor
    )
    county_tiles = tile_chart(county_rates, name, config.tile_map, counties=True)
    county_ranking = ranking_chart(county_rates, f"{name}各区县")
    return OverviewCharts(
        home=_keep(
            tile_chart(rates, name, config.tile_map, counties=False),
            trend,
            funnel,
            exposures,
            ranking_chart(rates, f"{name}各市"),
        ),
        districts=_keep(
            county_tiles, county_ranking, ranking_chart(county_closures, f"{name}各区县")
        ),
        projects=_keep(funnel, ranking_chart(closures, f"{name}各市")),
        weeks=_keep(exposures, opened),
        supervision=_keep(
            county_tiles,
            tile_chart(county_closures, name, config.tile_map, counties=True),
            trend,
            funnel,
            county_ranking,
        ),
    )


def _keep(*charts: Chart | None) -> tuple[Chart, ...]:
    return tuple(chart for chart in charts if chart is not None)
