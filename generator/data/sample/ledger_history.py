"""The life of a ledger project as a list of events that obeys the state machine.

排查 → 登记 → 整改 → 消除 → 销号, forward by one; 退回 leads from 消除 or 销号 back to 整改;
淘汰关闭 may skip 整改. Dates never decrease and fall on working weekdays up to the data date.

Source: domain catalogue section 5, ledger state machine.
"""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

STAGES: Final = ("排查", "登记", "整改", "消除", "销号")
REBOUND: Final = "退回"

FIRST_SCAN: Final = date(2015, 1, 5)
LAST_EVENT: Final = date(2016, 6, 30)  # the last working day of the month before the data date

_REBOUND_NOTES = (
    "现场复核发现设备恢复生产，退回整改",
    "群众举报复产，核查属实，退回整改",
    "佐证材料与现场不符，退回整改",
    "污染治理设施未稳定运行，退回整改",
    "停产不到位，生产线未断电，退回整改",
)
_CLEARED_NOTES = {
    "淘汰关闭": ("生产设备已拆除", "已断水断电、清空原料", "厂房已腾退", "已注销营业执照"),
    "整顿规范": ("环评文件已补批", "治理设施已建成", "已通过竣工环保验收"),
    "完善备案": ("已出具备案意见", "现状评估报告已备案", "备案材料齐全"),
}


@dataclass(frozen=True, slots=True)
class LedgerEvent:
    """One entry of a project's history."""

    stage: str
    day: date
    evidence_ref: str | None
    verifier_agency: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class HistoryPlan:
    """How a history is to run.

    Attributes:
        batch: 淘汰关闭, 整顿规范 or 完善备案; decides the notes and whether 整改 may be skipped.
        stage: Where it stands on the data date.
        rebounds: Whether it was once sent back.
        scan: Day of 排查.
        end: Latest day of the last event.
        letter: County's short name, the head of evidence numbers.
        verifiers: Agencies that may verify; never the lead agency.
        reclassified: The batch at registration, when it differs from ``batch``.

    """

    batch: str
    stage: str
    rebounds: bool
    scan: date
    end: date
    letter: str
    verifiers: tuple[str, ...]
    reclassified: str | None


def to_weekday(day: date) -> date:
    """The day itself, or the Friday before a weekend; keeps the order of days."""
    return day - timedelta(days=max(0, day.weekday() - 4))


def write_history(rng: random.Random, plan: HistoryPlan, serial: int) -> tuple[LedgerEvent, ...]:
    """The events of one project in order; ``serial`` numbers its evidence within the county."""
    stages = _list_stages(rng, plan)
    days = _spread_days(rng, plan, len(stages))
    verifier = rng.choice(plan.verifiers)
    events = []
    for number, (stage, day) in enumerate(zip(stages, days, strict=True)):
        evidence = None
        if stage in ("消除", "销号"):
            kind = "销" if stage == "销号" else "核"
            suffix = f"-{number}" if stages.count(stage) > 1 else ""
            evidence = f"{plan.letter}环{kind}〔{day.year}〕{serial:04d}{suffix}号"
        events.append(
            LedgerEvent(
                stage=stage,
                day=day,
                evidence_ref=evidence,
                verifier_agency=verifier if stage in ("销号", REBOUND) else None,
                note=_write_note(rng, plan, stage),
            )
        )
    return tuple(events)


def _list_stages(rng: random.Random, plan: HistoryPlan) -> list[str]:
    reached = STAGES.index(plan.stage)
    skips = plan.batch == "淘汰关闭" and plan.stage != "整改" and rng.random() < 0.6
    stages = [stage for stage in STAGES[: reached + 1] if not (skips and stage == "整改")]
    if not plan.rebounds:
        return stages
    from_closed = rng.random() < 0.35
    if plan.stage == "整改":
        # Sent back and not yet cleared again.
        return [*stages, "消除", *(["销号"] if from_closed else []), REBOUND]
    cleared = stages.index("消除") + 1
    return [*stages[:cleared], *(["销号"] if from_closed else []), REBOUND, *stages[cleared - 1 :]]


def _spread_days(rng: random.Random, plan: HistoryPlan, count: int) -> list[date]:
    registered = min(plan.scan + timedelta(days=rng.randint(0, 21)), plan.end)
    days = [plan.scan, registered][:count]
    span = (plan.end - registered).days
    inner = sorted(rng.randint(0, span) for _ in range(count - len(days) - 1))
    days += [registered + timedelta(days=offset) for offset in inner]
    if count > len(days):
        days.append(plan.end)
    return [to_weekday(day) for day in days]


def _write_note(rng: random.Random, plan: HistoryPlan, stage: str) -> str | None:
    if stage == REBOUND:
        return rng.choice(_REBOUND_NOTES)
    if stage == "登记" and plan.reclassified is not None:
        return f"登记时列为{plan.reclassified}，经复核调整为{plan.batch}"
    if stage == "消除" and rng.random() < 0.4:
        return rng.choice(_CLEARED_NOTES[plan.batch])
    return None
