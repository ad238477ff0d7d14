"""Construction projects of all sites with their approvals and acceptances: tables 23 and 24.

Project numbers count within a county and a year, so the projects of all sites are planned
together; they are the same at every scale.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from generator.data.sample.disclosure_depth import Row
from generator.data.sample.disclosure_months import DATA_DATE, random_day
from generator.data.sample.disclosure_site import Site, round_figure
from generator.data.sample.province import PROVINCE_NAME
from generator.data.sample.register import Enterprise

_EXPANSIONS = (
    ("技术改造", "{product}生产线技术改造项目"),
    ("扩建", "{product}扩建项目"),
    ("改建", "锅炉改造项目"),
    ("技术改造", "污染防治设施提标改造项目"),
    ("扩建", "仓储及配套设施扩建项目"),
)
# EIA law in force 2003-09-01; the 1998 regulation brought approval of every project.
_FIRST_APPROVAL = date(1998, 12, 1)
_UNAPPROVED, _UNACCEPTED = 0.012, 0.035  # candidates of 未批先建 and 未验先投


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A completion acceptance of a project."""

    day: date
    authority: str
    document: str
    conclusion: str


@dataclass(frozen=True, slots=True)
class Project:
    """A construction project; `approved` None where no approval is on record."""

    number: str
    site_code: str
    name: str
    nature: str
    report: str
    document: str | None
    authority: str | None
    approved: date | None
    invest: float
    env_invest: float
    status: str
    acceptance: Acceptance | None


def plan_projects(sites: Sequence[Site], seed: int) -> Mapping[str, tuple[Project, ...]]:
    """The projects of every site by site code, numbered over county and year."""
    serials: Counter[str] = Counter()
    result: dict[str, tuple[Project, ...]] = {}
    for site in sites:
        rng = site.rng(seed, "projects")
        result[site.code] = tuple(_draw_projects(site.enterprise, rng, serials))
    return result


def approval_rows(projects: Sequence[Project]) -> Iterator[Row]:
    """`eia_approval`."""
    for one in projects:
        yield (
            one.number,
            one.site_code,
            one.name,
            one.nature,
            one.report,
            one.document,
            one.authority,
            one.approved,
            one.invest,
            one.env_invest,
            one.status,
        )


def acceptance_rows(projects: Sequence[Project]) -> Iterator[Row]:
    """`eia_acceptance`; the number is given when all sites are known.

    Acceptance by the owner came only in October 2017, so all are 行政验收.
    """
    for one in projects:
        if one.acceptance is not None:
            yield (
                "",
                one.number,
                one.site_code,
                "行政验收",
                one.acceptance.document,
                one.acceptance.authority,
                one.acceptance.day,
                one.acceptance.conclusion,
            )


def _draw_projects(enterprise: Enterprise, rng: Random, serials: Counter[str]) -> Iterator[Project]:
    started = enterprise.start_date
    if started is None:
        day = random_day(rng, date(2013, 6, 1), date(2016, 3, 1))
        yield _make_project(enterprise, rng, serials, "新建", "{product}项目", day, None)
        return
    if started > _FIRST_APPROVAL + timedelta(days=1000):
        day = started - timedelta(days=rng.randint(240, 900))
        yield _make_project(enterprise, rng, serials, "新建", "{product}项目", day, started)
    last = max(started, date(2007, 1, 1))
    for _ in range(rng.choices((0, 1, 2), (62, 30, 8))[0]):
        nature, title = rng.choice(_EXPANSIONS)
        day = random_day(rng, last, date(2015, 9, 30))
        built = day + timedelta(days=rng.randint(150, 700))
        yield _make_project(enterprise, rng, serials, nature, title, day, built)


def _make_project(
    enterprise: Enterprise,
    rng: Random,
    serials: Counter[str],
    nature: str,
    title: str,
    approved: date,
    started: date | None,
) -> Project:
    report = rng.choices(("报告书", "报告表", "登记表"), (35, 55, 10))[0]
    authority = _approver(enterprise, report)
    product = rng.choice(enterprise.trade.products)
    invest = round_figure(enterprise.trade.output * enterprise.size * rng.uniform(0.2, 1.4), 2)
    if nature != "新建":
        invest = round_figure(invest * 0.2, 2)
    unapproved = rng.random() < _UNAPPROVED
    status, acceptance = _finish(rng, enterprise, authority, started, unapproved)
    scope = f"{enterprise.county.code}-{approved.year}"
    serials[scope] += 1
    short = _short_authority(enterprise, report)
    return Project(
        number=f"P{scope}-{serials[scope]:05d}",
        site_code=enterprise.site_code,
        name=_title(title, product.name, product.yearly * enterprise.size, product.unit),
        nature=nature,
        report=report,
        document=None if unapproved else f"{short}环审〔{approved.year}〕{rng.randint(2, 380)}号",
        authority=None if unapproved else authority,
        approved=None if unapproved else approved,
        invest=invest,
        env_invest=round_figure(invest * rng.uniform(0.01, 0.14), 2),
        status=status,
        acceptance=acceptance,
    )


def _finish(
    rng: Random, enterprise: Enterprise, authority: str, started: date | None, unapproved: bool
) -> tuple[str, Acceptance | None]:
    if started is None or started > DATA_DATE:
        return rng.choices(("在建", "未开工", "停建"), (80, 14, 6))[0], None
    accepted = started + timedelta(days=rng.randint(40, 420))
    if unapproved or rng.random() < _UNACCEPTED or accepted > DATA_DATE:
        # In trial production within the year, or running without acceptance.
        return ("已建成" if accepted > DATA_DATE else "已投产"), None
    document = f"{enterprise.county.short_name}环验〔{accepted.year}〕{rng.randint(1, 260)}号"
    conclusion = "合格" if rng.random() < 0.93 else "整改后合格"
    return "已投产", Acceptance(accepted, authority, document, conclusion)


def _title(pattern: str, product: str, yearly: float, unit: str) -> str:
    if pattern != "{product}项目":
        return pattern.format(product=product)
    amount = round_figure(yearly, 2)
    text = f"{amount:.0f}" if amount >= 10 else f"{amount:g}"
    if unit.startswith("万") and amount >= 1:
        return f"年产{text}{unit}{product}项目"
    if amount >= 20000:
        return f"年产{amount / 10000:g}万{unit}{product}项目"
    return f"年产{text}{unit}{product}项目"


def _approver(enterprise: Enterprise, report: str) -> str:
    if report == "报告书":
        if enterprise.scale == "大型":
            return f"{PROVINCE_NAME}环境保护厅"
        return f"{enterprise.county.prefecture_name}环境保护局"
    return enterprise.county.bureau


def _short_authority(enterprise: Enterprise, report: str) -> str:
    if report == "报告书":
        return "示" if enterprise.scale == "大型" else enterprise.county.prefecture_name[:-1]
    return enterprise.county.short_name
