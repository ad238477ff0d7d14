"""Automatic readings as texts: a sentence, a plot and a table for each outlet and pollutant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from generator.data.load import Dataset
from generator.domain.absence import Absence
from generator.domain.enterprise import Enterprise
from generator.domain.monitoring import MonitoredMonth, MonitoredSeries
from generator.site.charts.months import MonthPlot, plot_months
from generator.site.row_markup import Cell, Rows, join_rows, mark_up_row
from generator.site.views.text import format_count, group_digits
from generator.site.views.visible import reveal_controls

_OUTLET_TABLES = ("wastewater_outlet", "exhaust_outlet")
_NO_VALID = "无有效数据"


@dataclass(frozen=True, slots=True)
class SeriesView:
    """One pollutant at one outlet."""

    title: str
    unit: str
    exceedances: int
    sentence: str
    description: str
    """What the plot shows, for those who do not see it."""
    plot: MonthPlot
    first_month: str
    last_month: str
    limit: str
    """The last known limit, for the label of its line; empty where none is known."""
    month_count: int
    rows: Rows
    """A row for each month: month, mean, limit, maximum, valid readings, exceedances."""


class MonitoringWording:
    """Names and units of pollutants."""

    def __init__(self, dataset: Dataset) -> None:
        rows = dataset["pollutant"].text.select("pollutant_code", "pollutant_name", "default_unit")
        self._pollutants: Mapping[str, tuple[str, str]] = {
            code: (reveal_controls(name), reveal_controls(unit))
            for code, name, unit in rows.iter_rows()
        }

    def show_series(self, enterprise: Enterprise) -> tuple[SeriesView, ...]:
        """Every series of the site, in order of outlet and pollutant."""
        if not enterprise.monitoring:
            return ()
        outlets: dict[str, str] = {}
        for name in _OUTLET_TABLES:
            rows = enterprise.tables[name]
            outlets |= zip(rows.column("outlet_code"), rows.column("outlet_name"), strict=True)
        return tuple(self._show(series, outlets) for series in enterprise.monitoring)

    def _show(self, series: MonitoredSeries, outlets: Mapping[str, str]) -> SeriesView:
        name, unit = self._pollutants.get(series.pollutant_code, (series.pollutant_code, ""))
        outlet = reveal_controls(outlets.get(series.outlet_code, ""))
        months = series.months
        known_limits = [month.limit for month in months if month.limit is not None]
        with_mean = [month for month in months if month.mean is not None]
        above = sum(
            month.mean is not None and month.limit is not None and month.mean > month.limit
            for month in months
        )
        sentence = _summarise(series, len(with_mean), above)
        limit = format_concentration(known_limits[-1]) if known_limits else ""
        return SeriesView(
            title=f"{series.outlet_code}{' ' + outlet if outlet else ''}：{name}",
            unit=unit,
            exceedances=series.exceedances,
            sentence=sentence,
            description=(
                f"{months[0].month} 至 {months[-1].month} 的月均浓度折线和每月最大值"
                + (f"，限值 {limit} {unit}" if limit else "")
                + f"。{sentence}数值见图下的表。"
            ),
            plot=plot_months(
                [month.mean for month in months],
                [month.limit for month in months],
                [month.maximum for month in months],
                [month.exceedances > 0 for month in months],
            ),
            first_month=months[0].month,
            last_month=months[-1].month,
            limit=limit,
            month_count=len(months),
            rows=join_rows(mark_up_row(_show_month(month)) for month in months),
        )


def format_concentration(value: float) -> str:
    """A concentration with the digits that mean something: `128`, `35.2`, `4.07`, `0.012`."""
    if value >= 1000:
        places = 0
    elif value >= 100:
        places = 1
    elif value >= 1:
        places = 2
    else:
        places = 4
    text = f"{value:.{places}f}"
    return group_digits(text.rstrip("0").rstrip(".") if "." in text else text)


def _summarise(series: MonitoredSeries, measured_months: int, above: int) -> str:
    """What the series says, in two short sentences."""
    total = len(series.months)
    gaps = total - measured_months
    parts = [f"{total} 个月中 {measured_months} 个月有有效数据"]
    if gaps:
        parts.append(f"{gaps} 个月没有")
    parts.append(f"{above} 个月的月均值高于限值" if above else "月均值均未超过限值")
    if not measured_months:
        parts = [f"{total} 个月都没有有效数据"]
    valid, exceedances = format_count(series.valid), format_count(series.exceedances)
    return f"{'，'.join(parts)}。有效读数 {valid} 个，其中超标 {exceedances} 个。"


def _show_month(month: MonitoredMonth) -> tuple[Cell, ...]:
    """One month as the table below a plot shows it."""
    if not month.readings:
        gap = Absence.NOT_REPORTED
        return month.month, gap, gap, gap, "0", "0"
    return (
        month.month,
        _NO_VALID if month.mean is None else format_concentration(month.mean),
        Absence.NOT_REPORTED if month.limit is None else format_concentration(month.limit),
        _NO_VALID if month.maximum is None else format_concentration(month.maximum),
        format_count(month.valid),
        format_count(month.exceedances),
    )
