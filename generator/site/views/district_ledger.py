"""A district's ledger against its target and deadlines, and the same for each township."""

from __future__ import annotations

from collections.abc import Sequence

from generator.domain.ledger_supervision import Judgement, LedgerTally
from generator.domain.place import County
from generator.domain.supervision import Supervision
from generator.site.views.supervision_ledger import NOTHING, target_text
from generator.site.views.supervision_words import share_text
from generator.site.views.tables import Column, Table, TableRow, make_row
from generator.site.views.text import format_count

_NO_TOWNSHIP = "未填报乡镇"


def describe_progress(
    tally: LedgerTally, judgements: Sequence[Judgement]
) -> tuple[tuple[str, str], ...]:
    """Facts about a place whose counties have these judgements; none without a project."""
    if not tally.total:
        return ()
    required = sum(judgement.required for judgement in judgements)
    single = judgements[0] if len(judgements) == 1 else None
    return (
        *(((("判定", _verdict_text(single))),) if single else ()),
        ("整改率", share_text(tally.closed, tally.total, NOTHING)),
        *((("目标", target_text(single)),) if single else ()),
        (
            "按目标应销号",
            f"{format_count(required)} 个，还差 {format_count(max(0, required - tally.closed))} 个",
        ),
        ("未销号", f"{format_count(tally.open)} 个，其中逾期 {format_count(tally.overdue)} 个"),
        ("反弹", f"{format_count(tally.rebounded)} 个项目，退回 {format_count(tally.rebounds)} 次"),
        (
            "要按时完成",
            f"每周需销号 {format_count(tally.pace.weekly)} 个，"
            f"每月需销号 {format_count(tally.pace.monthly)} 个",
        ),
        ("近四周销号", f"{format_count(tally.recent)} 个"),
        (
            "台账处罚",
            f"{format_count(tally.penalised)} 个项目，"
            f"{format_count(len(tally.fined_owners))} 家单位",
        ),
    )


def _verdict_text(judgement: Judgement) -> str:
    reasons = "；".join(judgement.reasons)
    return f"{judgement.verdict.value}（{reasons}）" if reasons else judgement.verdict.value


def township_table(county: County, supervision: Supervision) -> Table | None:
    """Every township of the county, with what was reported without one last."""
    if not county.townships:
        return None
    whole = supervision.tallies.counties[county.code]
    types = sorted(whole.by_type, key=lambda word: (-whole.by_type[word], word))
    batches = sorted(whole.by_batch, key=lambda word: (-whole.by_batch[word], word))

    def row(name: str, code: str, tally: LedgerTally | None, *, total: bool = False) -> TableRow:
        if tally is None:
            return make_row((name, code, *((0,) * (7 + len(types) + len(batches))), NOTHING, ""))
        sectors = sorted(tally.by_sector.items(), key=lambda pair: (-pair[1], pair[0]))
        return make_row(
            (
                name,
                code,
                tally.total,
                tally.closed,
                tally.open,
                tally.overdue,
                tally.rebounded,
                tally.pace.weekly,
                tally.pace.monthly,
                *(tally.by_type.get(word, 0) for word in types),
                *(tally.by_batch.get(word, 0) for word in batches),
                share_text(tally.closed, tally.total, NOTHING),
                "" if total else "、".join(f"{word} {number}" for word, number in sectors),
            ),
            total=total,
        )

    places = supervision.townships
    known = [(township.name, township.code) for township in county.townships]
    names = {code for _, code in known}
    # Codes that are no township in force are not lost from the sum.
    others = sorted(code for place, code in places if place == county.code and code not in names)
    rows = [row(name, code, places.get((county.code, code))) for name, code in known]
    rows += [
        row(f"其他代码 {code}" if code else _NO_TOWNSHIP, code or "—", places[county.code, code])
        for code in others
    ]
    rows.append(row("合计", "", whole, total=True))
    return Table(
        "各乡镇（街道）的台账项目（个）",
        (
            Column("名称"),
            Column("代码", "nowrap"),
            Column("项目", "num"),
            Column("已销号", "num"),
            Column("未销号", "num"),
            Column("逾期", "num"),
            Column("反弹", "num"),
            Column("每周需销号", "num"),
            Column("每月需销号", "num"),
            *(Column(word, "num") for word in (*types, *batches)),
            Column("整改率", "num"),
            Column("行业领域", "wide"),
        ),
        tuple(rows),
    )
