"""The ledger of 14,015 illegal construction projects and their histories.

Every published total is drawn as an exact quota first (batch, state, violation type, fines);
places, owners and names are then given to the drafts, and histories are written to fit.

Source: published-figures.csv (重庆); domain catalogue section 5.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from generator.data.sample.ledger_history import (
    FIRST_SCAN,
    LAST_EVENT,
    HistoryPlan,
    LedgerEvent,
    to_weekday,
    write_history,
)
from generator.data.sample.ledger_owners import Owner, make_owners
from generator.data.sample.ledger_penalties import TWICE_FINED, choose_penalised, share_fines
from generator.data.sample.ledger_sectors import ProjectKind
from generator.data.sample.names import street_address
from generator.data.sample.parties import RegisteredSite
from generator.data.sample.province import County, Province, Township

PROJECT_TOTAL: Final = 14015
CLOSED_BY_BATCH: Final[Mapping[str, int]] = MappingProxyType(
    {"淘汰关闭": 2884, "整顿规范": 3668, "完善备案": 6044}
)
OPEN_BY_BATCH: Final[Mapping[str, int]] = MappingProxyType(
    {"淘汰关闭": 220, "整顿规范": 720, "完善备案": 479}
)
DEVIATING: Final = 21
UNACCEPTED: Final = 1353
BATCH_LETTERS: Final[Mapping[str, str]] = MappingProxyType(
    {"淘汰关闭": "T", "整顿规范": "Z", "完善备案": "B"}
)

_OPEN_STAGES = (("排查", 60), ("登记", 260), ("整改", 790), ("消除", 309))
_REBOUNDS_CLOSED = 290
_REBOUND_SHARE_OPEN = 0.16
_RECLASSIFIED_SHARE = 0.005
_UNKNOWN_TOWNSHIP_SHARE = 0.04

_DEADLINES = (
    date(2015, 6, 30),
    date(2015, 9, 30),
    date(2015, 12, 31),
    date(2016, 3, 31),
    date(2016, 6, 30),
    date(2016, 9, 30),
    date(2016, 12, 30),
)
_OVERDUE_DEADLINES = _DEADLINES[2:5]
_LATER_DEADLINES = (date(2016, 7, 29), date(2016, 9, 30), date(2016, 12, 30))

# Closings by month from 2015-04 to 2016-06: campaigns end with the year and the half-year.
_CLOSING_WEIGHTS = (1, 2, 4, 4, 5, 6, 7, 9, 16, 4, 3, 9, 10, 13, 17)


@dataclass(frozen=True, slots=True)
class Project:
    """One project of the ledger with its events; fine in 万元."""

    ledger_no: str
    county: County
    township: Township | None
    project_name: str
    owner_name: str
    uscc: str | None
    site_code: str | None
    industry_code: str
    sector: str
    address: str
    violation_type: str
    batch: str
    stage: str
    deadline: date
    lead_agency: str
    responsible_post: str
    closed_date: date | None
    penalty_no: str | None
    penalty_date: date | None
    fine: float | None
    events: tuple[LedgerEvent, ...]

    @property
    def found_date(self) -> date:
        """The day it was found (排查)."""
        return self.events[0].day

    @property
    def registered_date(self) -> date | None:
        """The day it was registered (登记), or None when it only has been found."""
        return self.events[1].day if len(self.events) > 1 else None


@dataclass(slots=True)
class _Draft:
    owner: Owner
    kind: ProjectKind
    batch: str = ""
    violation_type: str = ""
    stage: str = "销号"
    rebounds: bool = False
    scan: date = FIRST_SCAN
    end: date = LAST_EVENT
    fine: int | None = None  # thousand yuan
    ledger_no: str = ""
    first_batch: str = field(default="")


def make_ledger(
    province: Province, enterprises: Sequence[RegisteredSite], seed: int
) -> list[Project]:
    """All projects, sorted by ledger number."""
    rng = random.Random(f"{seed}:ledger:plan")
    drafts = [
        _Draft(owner, owner.kind)
        for owner in make_owners(province, enterprises, seed, PROJECT_TOTAL)
        for _ in range(owner.projects)
    ]
    rng.shuffle(drafts)
    _assign_batches(rng, drafts)
    _assign_violations(rng, drafts)
    for draft in drafts:
        _assign_days(rng, draft)
    _assign_fines(rng, drafts)
    _number_drafts(drafts)
    drafts.sort(key=lambda draft: draft.ledger_no)
    penalty_serials: dict[tuple[str, int], int] = {}
    return [_write_project(rng, draft, penalty_serials) for draft in drafts]


def project_rows(projects: Sequence[Project]) -> Iterator[tuple[object, ...]]:
    """The rows of ``illegal_project`` in the order given."""
    for project in projects:
        yield (
            project.ledger_no,
            project.county.code,
            project.township.code if project.township else None,
            project.project_name,
            project.owner_name,
            project.uscc,
            project.site_code,
            project.industry_code,
            project.sector,
            project.address,
            project.violation_type,
            project.batch,
            project.stage,
            project.deadline,
            project.lead_agency,
            project.responsible_post,
            project.closed_date,
            project.penalty_no,
            project.penalty_date,
            project.fine,
        )


def event_rows(projects: Sequence[Project]) -> Iterator[tuple[object, ...]]:
    """The rows of ``ledger_event``, event by event in the order of the projects."""
    for project in projects:
        for number, event in enumerate(project.events, start=1):
            yield (
                f"{project.ledger_no}/{number:02d}",
                project.ledger_no,
                event.stage,
                event.day,
                event.evidence_ref,
                event.verifier_agency,
                event.note,
            )


def _assign_batches(rng: random.Random, drafts: list[_Draft]) -> None:
    start = 0
    open_drafts = []
    for batch, closed in CLOSED_BY_BATCH.items():
        members = drafts[start : start + closed + OPEN_BY_BATCH[batch]]
        start += len(members)
        for draft in members:
            draft.batch = draft.first_batch = batch
        open_drafts += _draw_weighted(rng, members, OPEN_BY_BATCH[batch], _open_weight)
    stages = [stage for stage, count in _OPEN_STAGES for _ in range(count)]
    rng.shuffle(stages)
    for draft, stage in zip(open_drafts, stages, strict=True):
        draft.stage = stage
        draft.rebounds = stage == "整改" and rng.random() < _REBOUND_SHARE_OPEN
    closed_drafts = [draft for draft in drafts if draft.stage == "销号"]
    for draft in _draw_weighted(rng, closed_drafts, _REBOUNDS_CLOSED, _open_weight):
        draft.rebounds = True
    others = {"淘汰关闭": "整顿规范", "整顿规范": "完善备案", "完善备案": "整顿规范"}
    for draft in drafts:
        if rng.random() < _RECLASSIFIED_SHARE:
            draft.first_batch = others[draft.batch]


def _open_weight(draft: _Draft) -> float:
    return float((1.03 - draft.owner.county.discipline) ** 1.5)


def _draw_weighted(
    rng: random.Random, drafts: Sequence[_Draft], count: int, weight: Callable[[_Draft], float]
) -> list[_Draft]:
    # Efraimidis and Spirakis: the largest of u^(1/w) are a weighted sample without replacement.
    keys = [rng.random() ** (1 / weight(draft)) for draft in drafts]
    order = sorted(range(len(drafts)), key=keys.__getitem__, reverse=True)
    return [drafts[index] for index in sorted(order[:count])]


def _assign_violations(rng: random.Random, drafts: Sequence[_Draft]) -> None:
    for draft in drafts:
        draft.violation_type = "未批先建"
    # What is to be closed down hardly ever had an approval to deviate from.
    licensed = [draft for draft in drafts if draft.batch != "淘汰关闭"]
    chosen = rng.sample(licensed, DEVIATING + UNACCEPTED)
    for draft in chosen[:DEVIATING]:
        draft.violation_type = "批建不符"
    for draft in chosen[DEVIATING:]:
        draft.violation_type = "未验先投"


def _assign_days(rng: random.Random, draft: _Draft) -> None:
    if draft.stage == "销号":
        month = rng.choices(range(len(_CLOSING_WEIGHTS)), _CLOSING_WEIGHTS)[0] + 3
        first = date(2015 + month // 12, month % 12 + 1, 1)
        draft.end = first + timedelta(days=rng.randint(0, 29))
        latest = min(draft.end - timedelta(days=25), date(2016, 4, 29))
    elif draft.stage == "排查":
        draft.scan = to_weekday(date(2016, 5, 3) + timedelta(days=rng.randint(0, 55)))
        draft.end = draft.scan
        return
    else:
        draft.end = LAST_EVENT - timedelta(days=int(rng.triangular(0, 240, 20)))
        latest = draft.end - timedelta(days=40)
    span = (latest - FIRST_SCAN).days
    draft.scan = to_weekday(FIRST_SCAN + timedelta(days=int(span * rng.random() ** 1.2)))


def _assign_fines(rng: random.Random, drafts: Sequence[_Draft]) -> None:
    by_owner: dict[int, list[_Draft]] = {}
    for draft in drafts:
        if draft.owner.site is None and draft.stage != "排查":
            by_owner.setdefault(draft.owner.number, []).append(draft)
    has_open = {
        number for number, own in by_owner.items() if any(one.stage != "销号" for one in own)
    }
    chosen = choose_penalised(rng, sorted(has_open), sorted(by_owner.keys() - has_open))
    fined = []
    twice = 0
    for number in chosen:
        own = sorted(by_owner[number], key=lambda draft: draft.stage == "销号")
        fined.append(own[0])
        if len(own) > 1 and twice < TWICE_FINED:
            fined.append(own[1])
            twice += 1
    for draft, fine in zip(fined, share_fines(rng, len(fined)), strict=True):
        draft.fine = fine


def _number_drafts(drafts: Sequence[_Draft]) -> None:
    order = sorted(
        range(len(drafts)), key=lambda index: (drafts[index].owner.county.code, drafts[index].scan)
    )
    serials: dict[str, int] = {}
    for index in order:
        draft = drafts[index]
        code = draft.owner.county.code
        serials[code] = serials.get(code, 0) + 1
        draft.ledger_no = f"{code}-{BATCH_LETTERS[draft.first_batch]}-{serials[code]:05d}"


def _write_project(
    rng: random.Random, draft: _Draft, penalty_serials: dict[tuple[str, int], int]
) -> Project:
    owner = draft.owner
    county = owner.county
    township = rng.choice(county.townships) if owner.site is None else owner.site.township
    lead, post = _choose_lead(rng, county, township, owner.sector)
    verifiers = tuple(
        agency
        for agency in (
            f"{county.name}环境监察大队",
            f"{county.prefecture_name}环境监察支队",
            county.bureau,
        )
        if agency != lead
    )
    events = write_history(
        rng,
        HistoryPlan(
            batch=draft.batch,
            stage=draft.stage,
            rebounds=draft.rebounds,
            scan=draft.scan,
            end=draft.end,
            letter=county.short_name,
            verifiers=verifiers,
            reclassified=draft.first_batch if draft.first_batch != draft.batch else None,
        ),
        int(draft.ledger_no[-5:]),
    )
    closed = events[-1].day if draft.stage == "销号" else None
    penalty_no, penalty_date = _write_penalty(rng, draft, events, penalty_serials)
    known = owner.site is not None or rng.random() >= _UNKNOWN_TOWNSHIP_SHARE
    return Project(
        ledger_no=draft.ledger_no,
        county=county,
        township=township if known else None,
        project_name=_name_project(rng, draft.kind),
        owner_name=owner.name,
        uscc=owner.uscc,
        site_code=owner.site.site_code if owner.site else None,
        industry_code=draft.kind.industry,
        sector=owner.sector,
        address=(
            owner.site.address if owner.site else street_address(rng, county.name, township.name)
        ),
        violation_type=draft.violation_type,
        batch=draft.batch,
        stage=draft.stage,
        deadline=_choose_deadline(rng, draft, closed),
        lead_agency=lead,
        responsible_post=post,
        closed_date=closed,
        penalty_no=penalty_no,
        penalty_date=penalty_date,
        fine=draft.fine / 10 if draft.fine is not None else None,
        events=events,
    )


def _name_project(rng: random.Random, kind: ProjectKind) -> str:
    low, high = kind.capacity
    # Small capacities are far more frequent than large ones.
    steps = round((high - low) / kind.step * rng.random() ** 2.2)
    name = rng.choice(kind.names).format(n=low + steps * kind.step)
    if rng.random() < 0.06 and not name.endswith(("改项目", "扩建项目")):
        return f"{name}（{rng.choice(('一期', '二期', '扩建'))}）"
    return name


def _choose_lead(
    rng: random.Random, county: County, township: Township, sector: str
) -> tuple[str, str]:
    if rng.random() < 0.7:
        if township.name.endswith("街道"):
            return f"{county.name}{township.name}办事处", "街道办事处主任"
        head = "镇长" if township.name.endswith("镇") else "乡长"
        return f"{county.name}{township.name}人民政府", head
    bureaus = {
        "畜禽养殖": "农业局",
        "医疗机构": "卫生和计划生育委员会",
        "餐饮服务": "食品药品监督管理局",
        "汽车维修": "交通运输局",
        "加油加气站": "商务局",
        "矿产资源开发": "国土资源局",
        "房地产开发": "城乡建设委员会",
        "工业园区": "经济和信息化委员会",
        "工业企业": "经济和信息化委员会",
    }
    name = bureaus.get(sector)
    if name is None or rng.random() < 0.5:
        return county.bureau, "副局长"
    return f"{county.name}{name}", "副主任" if name.endswith("委员会") else "副局长"


def _choose_deadline(rng: random.Random, draft: _Draft, closed: date | None) -> date:
    if closed is not None:
        later = [day for day in _DEADLINES if day >= closed]
        earlier = [day for day in _DEADLINES if draft.scan < day < closed]
        if earlier and rng.random() < 0.12:
            return earlier[-1]
        return later[min(len(later) - 1, int(rng.random() * 1.5))]
    overdue = [day for day in _OVERDUE_DEADLINES if day > draft.scan]
    if overdue and rng.random() < 0.5 + 0.4 * (1 - draft.owner.county.discipline):
        return rng.choice(overdue)
    return rng.choice(_LATER_DEADLINES)


def _write_penalty(
    rng: random.Random,
    draft: _Draft,
    events: tuple[LedgerEvent, ...],
    serials: dict[tuple[str, int], int],
) -> tuple[str | None, date | None]:
    if draft.fine is None:
        return None, None
    start = events[1].day
    until = events[-1].day if draft.stage == "销号" else LAST_EVENT
    day = to_weekday(start + timedelta(days=rng.randint(0, max(0, (until - start).days))))
    county = draft.owner.county
    key = (county.code, day.year)
    serials[key] = serials.get(key, 0) + 1
    return f"{county.short_name}环建罚〔{day.year}〕{serials[key]}号", day
