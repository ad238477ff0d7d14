"""The 106 exposed cases of ten weekly issues, 一周一曝光.

Cases of registered enterprises come with the penalty row that the disclosure table 31 must
hold, so that decision numbers agree; cases of ledger projects take their penalty from the
ledger; one case was withdrawn and keeps nothing but its number.

Source: published-figures.csv (浙江: 10 issues, 106 cases); 四个不放过 (cause found, duty fixed,
case dealt with, rectified).
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from generator.data.sample.exposure_scripts import (
    DAILY_PENALTY_SCRIPT,
    PROJECT_FACTS,
    PROJECT_LAW,
    REPLIES,
    REPLIES_BY_TYPE,
    SCRIPTS,
    Script,
)
from generator.data.sample.ledger import Project
from generator.data.sample.names import masked_person
from generator.data.sample.parties import RegisteredSite
from generator.data.sample.pictures import describe_scene
from generator.data.sample.province import County, Province
from generator.data.sample.weeks import DATA_DAY, EXPOSURE_WEEKS, week_monday

CASE_TOTAL: Final = 106
PROJECT_CASES: Final = 22
DAILY_PENALTY_CASES: Final = 2

DECISION_SERIAL_START: Final = 301
"""Decision numbers of exposed cases, …环罚〔2016〕301号 and up, county by county; other penalty
rows of 2016 stay below this serial."""

_FEWEST_A_WEEK, _MOST_A_WEEK = 8, 13

# GB/T 4754 prefixes of the firms that a kind of violation fits
_TRADES_BY_MEDIA: dict[str, tuple[str, ...]] = {
    "水": ("03", "13", "14", "15", "17", "19", "22", "26", "27", "3360", "3972", "4620", "83"),
    "大气": ("20", "21", "25", "26", "29", "30", "31", "32", "44", "7723", "7724"),
    "固废": ("25", "26", "27", "31", "32", "33", "34", "36", "38", "39", "42", "7724"),
    "任意": ("06", "08", "1", "2", "3", "42", "44"),
}

WITHDRAWN_TEXT: Final = "（已撤回）本案信息已依法撤回，不再公开。"
WITHDRAW_REASON: Final = "行政处罚决定经复议被依法撤销，按规定撤回公开信息。"


@dataclass(frozen=True, slots=True)
class CasePenalty:
    """A row of ``penalty_rectification``, fields in the schema's order; fine in 万元."""

    decision_no: str
    site_code: str
    violation_type: str
    facts: str
    legal_basis: str
    measure_kind: str
    fine: float | None
    authority: str
    decision_date: date
    rectify_deadline: date | None
    rectify_status: str


@dataclass(frozen=True, slots=True)
class CasePlan:
    """One exposed case and all it needs in other tables; fine in 万元.

    ``scene`` names its drawing and is empty when there is none; ``penalty`` is there only
    for registered enterprises whose case has been decided.
    """

    case_no: str
    iso_week: str
    county: County
    site_code: str | None
    ledger_no: str | None
    ent_name: str
    violation_type: str
    facts: str
    measure_kind: str
    decision_no: str | None
    fine: float | None
    cause_found_date: date | None
    duty_fixed_date: date | None
    case_filed_date: date | None
    rectified_date: date | None
    scene: str
    reply: str | None
    withdraw_reason: str | None
    penalty: CasePenalty | None

    @property
    def photo_ref(self) -> str | None:
        """Path of the drawing in the dataset folder."""
        return f"photos/{self.case_no.lower()}.png" if self.scene else None

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures one by one."""
        return tuple(self.measure_kind.split("、"))


@dataclass(frozen=True, slots=True)
class _Slot:
    """A numbered place in an issue: what kind of case stands there."""

    case_no: str
    week: str
    kind: str  # 企业, 按日, 项目 or 撤回


def plan_cases(
    province: Province, enterprises: Sequence[RegisteredSite], seed: int
) -> list[CasePlan]:
    """The cases of registered enterprises and the withdrawn one, sorted by number.

    `plan_project_cases` adds those of ledger projects; together they are 106.
    """
    rng = random.Random(f"{seed}:exposure:enterprises")
    active = [site for site in enterprises if site.status == "在产"]
    used: set[str] = set()
    serials = {county.code: DECISION_SERIAL_START for county in province.counties}
    plans = []
    for slot in _plan_slots(seed):
        if slot.kind == "项目":
            continue
        if slot.kind == "撤回":
            plans.append(_withdraw_case(rng, slot, province))
            continue
        script = DAILY_PENALTY_SCRIPT if slot.kind == "按日" else _choose_script(rng)
        site = _choose_site(rng, active, script, used)
        used.add(site.site_code)
        plan = _write_case(rng, slot, site, script, serials[site.county.code])
        serials[site.county.code] += plan.penalty is not None
        plans.append(plan)
    return plans


def plan_project_cases(projects: Sequence[Project], seed: int) -> list[CasePlan]:
    """The cases of ledger projects whose owners are not in the register, sorted by number."""
    rng = random.Random(f"{seed}:exposure:projects")
    used: set[str] = set()
    plans = []
    for slot in _plan_slots(seed):
        if slot.kind == "项目":
            plan = _write_project_case(rng, slot, projects, used)
            used.add(str(plan.ledger_no))
            plans.append(plan)
    return plans


def case_rows(cases: Sequence[CasePlan]) -> Iterator[tuple[object, ...]]:
    """The rows of ``exposure_case``, sorted by number."""
    for case in sorted(cases, key=lambda plan: plan.case_no):
        yield (
            case.case_no,
            case.iso_week,
            case.county.code,
            case.site_code,
            case.ledger_no,
            case.ent_name,
            case.violation_type,
            case.facts,
            case.measure_kind,
            case.decision_no,
            case.fine,
            case.cause_found_date,
            case.duty_fixed_date,
            case.case_filed_date,
            case.rectified_date,
            case.photo_ref,
            describe_scene(case.scene, case.case_no) if case.scene else None,
            case.reply,
            case.withdraw_reason,
        )


def _plan_slots(seed: int) -> list[_Slot]:
    rng = random.Random(f"{seed}:exposure:slots")
    counts = [CASE_TOTAL // len(EXPOSURE_WEEKS)] * len(EXPOSURE_WEEKS)
    for index in range(CASE_TOTAL - sum(counts)):
        counts[index] += 1
    for _ in range(12):
        giver, taker = rng.sample(range(len(counts)), 2)
        if counts[giver] > _FEWEST_A_WEEK and counts[taker] < _MOST_A_WEEK:
            counts[giver] -= 1
            counts[taker] += 1
    places = [
        (f"BG{week[:4]}{week[5:]}-{number:03d}", week)
        for week, count in zip(EXPOSURE_WEEKS, counts, strict=True)
        for number in range(1, count + 1)
    ]
    # The withdrawn case is an early one: a decision needs time to be set aside.
    withdrawn = rng.randrange(counts[0], sum(counts[:4]))
    others = rng.sample([i for i in range(CASE_TOTAL) if i != withdrawn], PROJECT_CASES + 2)
    kinds = {withdrawn: "撤回"}
    kinds |= dict.fromkeys(others[:DAILY_PENALTY_CASES], "按日")
    kinds |= dict.fromkeys(others[DAILY_PENALTY_CASES:], "项目")
    return [
        _Slot(case_no, week, kinds.get(index, "企业"))
        for index, (case_no, week) in enumerate(places)
    ]


def _choose_script(rng: random.Random) -> Script:
    return rng.choices(SCRIPTS, [script.weight for script in SCRIPTS])[0]


def _choose_site(
    rng: random.Random, active: Sequence[RegisteredSite], script: Script, used: set[str]
) -> RegisteredSite:
    prefixes = _TRADES_BY_MEDIA[script.media]
    while True:
        site = rng.choice(active)
        # Counties of weak discipline are exposed more often.
        if (
            site.site_code not in used
            and site.industry_code.startswith(prefixes)
            and rng.random() < 1.15 - site.county.discipline
        ):
            return site


def _write_case(
    rng: random.Random, slot: _Slot, site: RegisteredSite, script: Script, serial: int
) -> CasePlan:
    decided = week_monday(slot.week) + timedelta(days=rng.randint(0, 4))
    low, high, unit = script.amount
    amount = rng.randint(low, high)
    measure_kind = rng.choice(script.measures)
    fine = _draw_fine(rng, script.fine) if "罚款" in measure_kind else None
    if slot.kind == "按日" and fine is not None:
        fine = round(fine * amount, 1)
    pending = slot.kind == "企业" and slot.week >= EXPOSURE_WEEKS[-2] and rng.random() < 0.2
    if pending:
        measure_kind, fine = "责令改正、查封扣押", None
    inspected = decided - timedelta(days=amount + 1 if slot.kind == "按日" else rng.randint(9, 24))
    if slot.kind == "按日":
        inspected = decided - timedelta(days=rng.randint(4, 8))
    story = rng.choice(script.facts).format(
        day=_write_day(inspected),
        bureau=site.county.bureau,
        firm=site.name,
        person=masked_person(rng),
        amount=f"{amount}{unit}",
    )
    facts = story + _write_outcome(measure_kind, fine, pending)
    found, fixed = _order_days(rng, inspected, decided)
    deadline = decided + timedelta(days=rng.choice((10, 15, 20, 30)))
    rectified = _rectify_day(rng, decided, deadline) if not pending else None
    penalty = None
    if not pending:
        penalty = CasePenalty(
            decision_no=f"{site.county.short_name}环罚〔{decided.year}〕{serial}号",
            site_code=site.site_code,
            violation_type=script.violation_type,
            facts=facts,
            legal_basis=script.legal_basis,
            measure_kind=measure_kind,
            fine=fine,
            authority=site.county.bureau,
            decision_date=decided,
            rectify_deadline=deadline,
            rectify_status=_rectify_status(rng, rectified, deadline),
        )
    return CasePlan(
        case_no=slot.case_no,
        iso_week=slot.week,
        county=site.county,
        site_code=site.site_code,
        ledger_no=None,
        ent_name=site.name,
        violation_type=script.violation_type,
        facts=facts,
        measure_kind=measure_kind,
        decision_no=penalty.decision_no if penalty else None,
        fine=fine,
        cause_found_date=found,
        duty_fixed_date=None if pending else fixed,
        case_filed_date=None if pending else decided,
        rectified_date=rectified,
        scene=script.scene,
        reply=_write_reply(rng, script.violation_type) if rng.random() < 0.16 else None,
        withdraw_reason=None,
        penalty=penalty,
    )


def _write_project_case(
    rng: random.Random, slot: _Slot, projects: Sequence[Project], used: set[str]
) -> CasePlan:
    monday = week_monday(slot.week)
    sunday = monday + timedelta(days=6)

    def is_current(project: Project) -> bool:
        return (
            project.site_code is None
            and project.ledger_no not in used
            and project.owner_name.endswith(("公司", "厂", "场", "合作社"))
            and project.registered_date is not None
            and project.registered_date < monday - timedelta(days=30)
            and (project.closed_date is None or project.closed_date > sunday)
        )

    fined = [
        project
        for project in projects
        if project.penalty_date is not None
        and monday <= project.penalty_date <= sunday
        and is_current(project)
    ]
    if fined:
        project = rng.choice(fined)
    else:
        project = _draw_until(rng, projects, lambda one: one.penalty_no is None and is_current(one))
    measures, scene, _, _, law = PROJECT_LAW[project.violation_type]
    if project.fine is None:
        measures = measures.replace("、罚款", "")
    decided = project.penalty_date or monday + timedelta(days=rng.randint(0, 4))
    inspected = decided - timedelta(days=rng.randint(9, 24))
    found, fixed = _order_days(rng, inspected, decided)
    story = rng.choice(PROJECT_FACTS[project.violation_type]).format(
        day=_write_day(inspected),
        bureau=project.county.bureau,
        firm=project.owner_name,
        project=project.project_name,
        person=masked_person(rng),
    )
    return CasePlan(
        case_no=slot.case_no,
        iso_week=slot.week,
        county=project.county,
        site_code=None,
        ledger_no=project.ledger_no,
        ent_name=project.owner_name,
        violation_type=project.violation_type,
        facts=f"{story}依据{law}，{_write_outcome(measures, project.fine, False)}",
        measure_kind=measures,
        decision_no=None,
        fine=project.fine,
        cause_found_date=found,
        duty_fixed_date=fixed,
        case_filed_date=decided,
        rectified_date=project.closed_date,
        scene=scene,
        reply=None,
        withdraw_reason=None,
        penalty=None,
    )


def _withdraw_case(rng: random.Random, slot: _Slot, province: Province) -> CasePlan:
    return CasePlan(
        case_no=slot.case_no,
        iso_week=slot.week,
        county=rng.choice(province.counties),
        site_code=None,
        ledger_no=None,
        ent_name="（已撤回）",
        violation_type="其他",
        facts=WITHDRAWN_TEXT,
        measure_kind="责令改正",
        decision_no=None,
        fine=None,
        cause_found_date=None,
        duty_fixed_date=None,
        case_filed_date=None,
        rectified_date=None,
        scene="",
        reply=None,
        withdraw_reason=WITHDRAW_REASON,
        penalty=None,
    )


def _draw_until(
    rng: random.Random, projects: Sequence[Project], accept: Callable[[Project], bool]
) -> Project:
    while True:
        project = rng.choice(projects)
        if accept(project):
            return project


def _draw_fine(rng: random.Random, bounds: tuple[float, float]) -> float:
    low, high = bounds
    # Most fines stand near the lower bound.
    return round((low + (high - low) * rng.random() ** 2) * 2) / 2


def _write_day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _write_outcome(measure_kind: str, fine: float | None, pending: bool) -> str:
    if pending:
        return "现场已责令改正并查封扣押相关设施，案件正在进一步调查。"
    words = [f"处罚款{fine:g}万元" if word == "罚款" else word for word in measure_kind.split("、")]
    return f"处理结果：{'、'.join(words)}。"


def _write_reply(rng: random.Random, violation_type: str) -> str:
    if violation_type in REPLIES_BY_TYPE and rng.random() < 0.5:
        return REPLIES_BY_TYPE[violation_type]
    return rng.choice(REPLIES)


def _order_days(rng: random.Random, inspected: date, decided: date) -> tuple[date, date]:
    span = (decided - inspected).days
    first = rng.randint(1, max(1, span // 2))
    return inspected + timedelta(days=first), inspected + timedelta(days=rng.randint(first, span))


def _rectify_day(rng: random.Random, decided: date, deadline: date) -> date | None:
    day = decided + timedelta(days=rng.randint(6, (deadline - decided).days + 8))
    return day if day <= DATA_DAY and rng.random() < 0.9 else None


def _rectify_status(rng: random.Random, rectified: date | None, deadline: date) -> str:
    if rectified is not None:
        return "已销号" if rng.random() < 0.7 else "已整改待核查"
    return "未整改" if deadline < DATA_DAY and rng.random() < 0.5 else "整改中"
