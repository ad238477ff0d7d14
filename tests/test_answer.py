"""The card at the top of an entity's page: the verdict, and what it rests on."""

from __future__ import annotations

import datetime as dt

import pytest
from test_project_pages import make_project

from generator.domain.enterprise_links import OwnedProject
from generator.site.views.answer import (
    AnswerCard,
    AnswerPart,
    EnterpriseRecord,
    answer_for_enterprise,
    answer_for_project,
)

AS_OF = dt.date(2016, 7, 3)
PLACE = AnswerPart("云岭市清溪区", "district/990101.html")
LATE = OwnedProject(make_project("整改", deadline=dt.date(2016, 6, 30)), True, True)
IN_TIME = OwnedProject(make_project("整改", deadline=dt.date(2016, 9, 30)), False, True)


def record(**changes: object) -> EnterpriseRecord:
    values: dict[str, object] = {
        "what": "化工企业", "place": PLACE, "suspended": False, "missing": 0, "exceedances": 0,
        "penalties": (), "projects": (), "cases": 0,
    }  # fmt: skip
    return EnterpriseRecord(**{**values, **changes})  # type: ignore[arg-type]


def read(card: AnswerCard, title: str) -> str:
    [line] = [line for line in card.lines if line.title == title]
    return "；".join(part.text for part in line.parts)


@pytest.mark.parametrize(
    ("changes", "state", "tone"),
    [
        ({}, "没有问题记录", "good"),
        ({"missing": 2}, "有没了结的问题", "bad"),
        ({"projects": (LATE,)}, "有没了结的问题", "bad"),
        ({"projects": (IN_TIME,)}, "有正在整改的问题", "warn"),
        ({"penalties": ("整改中",)}, "有正在整改的问题", "warn"),
        ({"penalties": ("已销号", "已撤销决定")}, "有过问题记录，都已办结", "plain"),
        ({"exceedances": 3}, "有过问题记录，都已办结", "plain"),
        ({"missing": 9, "suspended": True}, "长期停产，没有没了结的问题", "plain"),
        ({"projects": (LATE,), "suspended": True}, "有没了结的问题", "bad"),
    ],
)
def test_what_is_unfinished_decides_the_verdict(
    changes: dict[str, object], state: str, tone: str
) -> None:
    card = answer_for_enterprise(record(**changes))
    assert (card.state, card.tone) == (state, tone)


def test_unfinished_matters_lead_to_their_records_and_name_what_is_due() -> None:
    card = answer_for_enterprise(
        record(missing=2, projects=(IN_TIME, LATE), penalties=("未整改", "已销号"), cases=1)
    )
    assert read(card, "没了结的") == (
        "2 张表未报送；1 个违法项目逾期没有销号；1 个违法项目正在整治；1 件处罚还没有整改到位"
    )
    assert read(card, "有过的") == "2 件行政处罚；1 次被曝光"
    assert "最早的时限 2016-06-30" in read(card, "接下来")
    anchors = [part.route for line in card.lines for part in line.parts if part.route]
    assert anchors[1:5] == ["#matrix", "#projects", "#projects", "#penalties"]


def test_an_empty_record_is_not_called_innocence() -> None:
    card = answer_for_enterprise(record())
    assert read(card, "有过的") == "没有记录（不等于没有发生）"


@pytest.mark.parametrize(
    ("stage", "coming"),
    [
        ("排查", "登记在册"),
        ("登记", "2016-09-30 前完成"),
        ("整改", "消除违法状态"),
        ("消除", "另一家单位核查"),
    ],
)
def test_a_project_says_what_comes_next(stage: str, coming: str) -> None:
    project = make_project(stage, deadline=dt.date(2016, 9, 30))
    card = answer_for_project(project, stage, "warn", PLACE, AS_OF)
    assert coming in read(card, "接下来")


def test_a_late_project_that_fell_back_says_both() -> None:
    project = make_project("整改", "消除", "退回", stage="整改", deadline=dt.date(2016, 6, 30))
    card = answer_for_project(project, "整改中，已逾期", "bad", PLACE, AS_OF)
    assert "没有按时完成" in read(card, "什么问题")
    assert "反弹 1 次" in read(card, "什么问题")


def test_a_withdrawn_project_says_only_why() -> None:
    project = make_project("排查", withdrawal="本项目的信息已于 2016-07-01 撤回：决定被撤销")
    card = answer_for_project(project, "排查", "warn", PLACE, AS_OF)
    assert card.state == "已撤回"
    assert [line.title for line in card.lines] == ["为什么"]
