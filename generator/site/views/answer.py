"""The answer first: what a thing is, where, in what state, what is wrong, and what comes next.

The card at the top of an entity's page, in words that need no figures from elsewhere: it changes
only with the entity's own records, or when a deadline of its own is passed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from generator.domain.enterprise_links import OwnedProject
from generator.domain.project import Project
from generator.site.views.text import format_count


@dataclass(frozen=True, slots=True)
class AnswerPart:
    """Some words of an answer; `route` is an address, `#` and an anchor, or empty."""

    text: str
    route: str = ""


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One question and what the records say to it."""

    title: str
    parts: tuple[AnswerPart, ...]


@dataclass(frozen=True, slots=True)
class AnswerCard:
    """What the macro `answer` shows."""

    state: str
    """The verdict in some words; never by colour alone."""
    tone: str
    """good, warn, bad or plain."""
    lines: tuple[AnswerLine, ...]


VIOLATIONS: Final = "guide.html#violations"
"""Hand-written: each type of violation in plain words, and what follows."""
_DONE_PENALTIES: Final = frozenset({"已销号", "已撤销决定"})
"""States of 整改 after which nothing more is due."""
_VIOLATIONS: Final = {
    "未批先建": "环评没有批准就开工",
    "批建不符": "建的和批的不一样",
    "未验先投": "环保设施没有验收就投产",
    "久试不验": "试生产到期仍不验收",
    "超标排放": "排放的浓度高于限值",
    "超总量排放": "排放的总量超过指标",
    "设施不正常运行": "治污设施停着、拆了或空转",
    "逃避监管排污": "用暗管、偷排等躲开监管",
    "监测数据造假": "篡改、伪造监测数据",
    "无证排污": "没有排污许可证就排污",
    "固体废物违法": "乱堆乱倒固体废物",
    "危险废物违法": "违法处置危险废物",
    "未依法公开环境信息": "应当公开的没有公开，或不真实",
}
"""What each type of violation is, in plain words; site_src/guide.md says what follows."""
_NEXT_STEP: Final = {
    "排查": "核实情况，属实的登记在册，定下责任单位和完成时限",
    "登记": "开始整改，在 {deadline} 前完成",
    "整改": "整改到位，在 {deadline} 前消除违法状态",
    "消除": "由另一家单位核查，通过后销号",
}


def explain_violation(violation_type: str) -> str:
    """The type, with what it means in brackets where the term does not say it by itself."""
    meaning = _VIOLATIONS.get(violation_type, "")
    return f"{violation_type}（{meaning}）" if meaning else violation_type


def answer_for_project(
    project: Project, status: str, tone: str, place: AnswerPart, as_of: dt.date
) -> AnswerCard:
    """The card of a ledger project; `status` and `tone` as lists show them."""
    if project.withdrawn:
        return AnswerCard(
            "已撤回", "plain", (AnswerLine("为什么", (AnswerPart(project.withdrawal),)),)
        )
    kind = AnswerPart(explain_violation(project.violation_type), VIOLATIONS)
    wrong = [f"按“{project.batch}”处置"]
    if project.overdue(as_of):
        wrong.append(f"应在 {project.deadline.isoformat()} 前完成，没有按时完成")
    if project.rebounds:
        wrong.append(f"整改后反弹 {project.rebounds} 次，曾退回整改")
    return AnswerCard(
        status,
        tone,
        (
            AnswerLine("是什么", (AnswerPart(f"{project.sector}的违法违规建设项目"),)),
            AnswerLine("在哪里", (place,)),
            AnswerLine("什么问题", (kind, *map(AnswerPart, wrong))),
            AnswerLine("接下来", (AnswerPart(_next_step(project), "#events"),)),
        ),
    )


def _next_step(project: Project) -> str:
    if project.closed and project.closed_date:
        return f"{project.closed_date.isoformat()} 已销号；问题反弹的，会退回整改"
    words = _NEXT_STEP.get(project.stage, "按台账办理")
    return words.format(deadline=project.deadline.isoformat())


@dataclass(frozen=True, slots=True)
class EnterpriseRecord:
    """What the verdict on a site is made of."""

    what: str
    place: AnswerPart
    suspended: bool
    missing: int
    """Tables that were due and not given."""
    exceedances: int
    """Reported exceedances and monitoring readings above the limit."""
    penalties: Collection[str]
    """The state of 整改 of each penalty."""
    projects: Collection[OwnedProject]
    cases: int


def answer_for_enterprise(record: EnterpriseRecord) -> AnswerCard:
    """The card of a site: unfinished matters first, then what is on its record."""
    open_projects = [owned.project for owned in record.projects if not owned.project.closed]
    overdue = sum(owned.overdue for owned in record.projects)
    unsettled = sum(state not in _DONE_PENALTIES for state in record.penalties)
    missing = 0 if record.suspended else record.missing
    wrong = [
        AnswerPart(f"{count} {words}", anchor)
        for count, words, anchor in (
            (missing, "张表未报送", "#matrix"),
            (overdue, "个违法项目逾期没有销号", "#projects"),
            (len(open_projects) - overdue, "个违法项目正在整治", "#projects"),
            (unsettled, "件处罚还没有整改到位", "#penalties"),
        )
        if count
    ]
    past = [
        AnswerPart(f"{format_count(count)} {words}", anchor)
        for count, words, anchor in (
            (record.exceedances, "次超标记录", "#monitoring"),
            (len(record.penalties), "件行政处罚", "#penalties"),
            (record.cases, "次被曝光", "#cases"),
        )
        if count
    ]
    state, tone = _judge(bool(missing or overdue), bool(wrong), bool(past), record.suspended)
    return AnswerCard(
        state,
        tone,
        (
            AnswerLine("是什么", (AnswerPart(record.what),)),
            AnswerLine("在哪里", (record.place,)),
            AnswerLine("没了结的", tuple(wrong) or (AnswerPart("没有"),)),
            AnswerLine(
                "有过的",
                tuple(past) or (AnswerPart("没有记录（不等于没有发生）", "absence.html"),),
            ),
            AnswerLine("接下来", (AnswerPart(_due_next(missing, open_projects, unsettled)),)),
        ),
    )


def _judge(late: bool, unsettled: bool, past: bool, suspended: bool) -> tuple[str, str]:
    if late:
        return "有没了结的问题", "bad"
    if unsettled:
        return "有正在整改的问题", "warn"
    if suspended:
        return "长期停产，没有没了结的问题", "plain"
    if past:
        return "有过问题记录，都已办结", "plain"
    return "没有问题记录", "good"


def _due_next(missing: int, projects: Collection[Project], unsettled: int) -> str:
    """What the firm, or those who supervise it, owe next."""
    due = []
    if missing:
        due.append(f"补报 {missing} 张表")
    if projects:
        first = min(project.deadline for project in projects).isoformat()
        due.append(f"完成项目整治（最早的时限 {first}）")
    if unsettled:
        due.append("完成整改，由环保部门核查")
    return "；".join(due) or "照常按期公开环境信息"
