"""Completeness matrices: of one site, and of all sites of a district."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from generator.data.catalog import Catalog
from generator.domain.disclosure import TableState
from generator.domain.disclosure_supervision import SupervisedSite
from generator.site import routes
from generator.site.charts.matrix import Share, draw_shares, place_names
from generator.site.views.chart import Chart, LegendEntry
from generator.site.views.supervision_words import share_text
from generator.site.views.tables import Cell, Column, Table, make_row
from generator.site.views.text import format_count, format_rate


@dataclass(frozen=True, slots=True)
class MatrixFrame:
    """What the matrices of all sites share: how many tables, and the names of their rows."""

    sizes: tuple[int, ...]
    names: tuple[tuple[int, str], ...]
    """Base line and name of each category."""


def make_frame(catalog: Catalog) -> MatrixFrame:
    """The frame for the tables of a catalog."""
    sizes = _count_tables(catalog)
    names = zip(place_names(tuple(sizes.values())), sizes, strict=True)
    return MatrixFrame(tuple(sizes.values()), tuple(names))


def district_matrix_chart(
    place: str, sites: Sequence[SupervisedSite], catalog: Catalog
) -> Chart | None:
    """How many of the listed sites have answered each table; None where nobody is listed."""
    listed = [site for site in sites if not site.suspended]
    if not listed:
        return None
    states = [
        Counter(site.disclosure.states[position] for site in listed)
        for position in range(len(catalog.disclosure))
    ]
    shares = [Share(len(listed) - count[TableState.MISSING], len(listed)) for count in states]
    complete = sum(share.answered == share.owed for share in shares)
    worst = min(range(len(shares)), key=lambda position: shares[position].answered)
    title = f"{place}公开情况矩阵：{len(shares)} 张表"
    reading = f"{len(shares)} 张表中，{complete} 张的应公开单位都报齐了或说明了原因" + (
        f"；缺得最多的是{catalog.disclosure[worst].title}"
        f"（{format_rate(shares[worst].answered, shares[worst].owed)}%）。"
        if complete < len(shares)
        else "。"
    )
    return Chart(
        anchor="chart-matrix",
        title=title,
        reading=reading,
        drawing=draw_shares(title, f"{reading}数字见图下的表。", _count_tables(catalog), shares),
        legend=(
            LegendEntry("step2", "应公开单位都已公开或说明了原因"),
            LegendEntry("frame", "还有单位未报送，填到已报送的比例"),
        ),
        notes=(
            f"每个方块是一张表，次序同下表；数是 {format_count(len(listed))} 家应公开单位中"
            "已公开、声明不适用或依法不公开的百分比，只取整数部分，100 就是全部。",
        ),
        table=Table(
            f"{place} {catalog.profile.table_count} 张表的公开情况（家）",
            (
                Column("表"),
                *(Column(state.value, "num") for state in TableState),
                Column("录入率", "num"),
            ),
            tuple(
                make_row(
                    (
                        Cell(table.title, routes.dictionary_route(table.name)),
                        *(count[state] for state in TableState),
                        share_text(share.answered, share.owed, "—"),
                    )
                )
                for table, count, share in zip(catalog.disclosure, states, shares, strict=True)
            ),
        ),
    )


def _count_tables(catalog: Catalog) -> dict[str, int]:
    """The short name of each category with the number of its tables, in order."""
    counts = Counter(table.category for table in catalog.disclosure)
    titles = catalog.profile.short_titles()
    return {titles.get(number, f"第 {number} 类"): counts[number] for number in sorted(counts)}
