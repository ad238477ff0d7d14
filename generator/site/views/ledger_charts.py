"""Charts of the ledger: the remediation funnel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from generator.domain.funnel import StageCounts, add_stages, count_stages
from generator.domain.project import CLOSED, STAGES
from generator.site.charts.funnel import FunnelBlock, FunnelStep, draw_funnel
from generator.site.views.chart import Chart
from generator.site.views.tables import Column, Table, make_row
from generator.site.views.text import format_count, format_rate

if TYPE_CHECKING:
    import pandas as pd

_ALL = "全部"


def funnel_chart(place: str, projects: pd.DataFrame) -> Chart | None:
    """How far the projects of `place` have come, by batch; None where there are none."""
    batches = count_stages(projects)
    if not batches:
        return None
    whole = add_stages(batches, _ALL)
    shown = (whole, *batches) if len(batches) > 1 else batches
    title = f"{place}整治漏斗：各处置类别的项目走到了哪一步"
    closed = whole.standing[STAGES.index(CLOSED)]
    reading = (
        f"台账 {format_count(whole.total)} 个项目，{format_count(closed)} 个走到了销号"
        f"（{format_rate(closed, whole.total)}%），"
        f"{format_count(whole.total - closed)} 个还在路上。"
    )
    return Chart(
        anchor="chart-funnel",
        title=title,
        reading=reading,
        drawing=draw_funnel(title, f"{reading}数字见图下的表。", [_block(item) for item in shown]),
        legend=(),
        notes=(
            "每一条是走到这一阶段或更远的项目数；退回整改的项目算在整改。各组各有自己的比例，"
            "最上面一条是这组的全部项目。",
        ),
        table=_table(place, shown),
    )


def _block(counts: StageCounts) -> FunnelBlock:
    return FunnelBlock(
        f"{counts.batch} {format_count(counts.total)} 个",
        tuple(
            FunnelStep(
                stage,
                reached,
                f"{format_count(reached)} · {format_rate(reached, counts.total, 1)}%",
            )
            for stage, reached in zip(STAGES, counts.reached, strict=True)
        ),
    )


def _table(place: str, shown: Sequence[StageCounts]) -> Table:
    return Table(
        f"{place}项目所到阶段（个）",
        (
            Column("处置类别"),
            Column("阶段"),
            Column("走到这一阶段或更远", "num"),
            Column("现在停在这一阶段", "num"),
        ),
        tuple(
            make_row((counts.batch, stage, reached, standing), total=counts.batch == _ALL)
            for counts in shown
            for stage, reached, standing in zip(
                STAGES, counts.reached, counts.standing, strict=True
            )
        ),
    )
