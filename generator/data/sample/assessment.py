"""Assessment targets of the counties, registered mirrors, and the public log of corrections.

Source: published-figures.csv (河南: the 90 % line); domain catalogue section 4.
"""

import random
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import Final, Protocol

from generator.data.sample.exposure import WITHDRAW_REASON, CasePlan
from generator.data.sample.ledger import Project
from generator.data.sample.parties import RegisteredSite
from generator.data.sample.province import Province
from generator.data.sample.weeks import BULLETIN_WEEKS, DATA_DAY, EXPOSURE_WEEKS, week_monday

DISCLOSURE_FLOOR: Final = 90

# Month and the share of the ledger that must be closed by its end, %.
_CLOSURE_TARGETS: Final = (
    ("2015-07", 10), ("2015-08", 15), ("2015-09", 22), ("2015-10", 30), ("2015-11", 38),
    ("2015-12", 50), ("2016-01", 54), ("2016-02", 58), ("2016-03", 66), ("2016-04", 75),
    ("2016-05", 85), ("2016-06", 95),
)  # fmt: skip

_NOTE_TARGETS: Final = 24


class ListedSite(RegisteredSite, Protocol):
    """A registered site with the day it was put on the list."""

    @property
    def listed_date(self) -> date:
        """Day of the key polluter list that names it."""

    @property
    def suspended(self) -> bool:
        """Whether it is long suspended and so need not disclose."""


def district_target_rows(
    province: Province, enterprises: Sequence[ListedSite], projects: Sequence[Project]
) -> Iterator[tuple[object, ...]]:
    """The rows of ``district_target``: twelve months by county, sorted by county and month.

    ``listed`` counts the sites that must disclose (without the long suspended),
    ``ledger_total`` the projects found, both at the month's end.
    """
    listed: dict[str, list[date]] = {county.code: [] for county in province.counties}
    found: dict[str, list[date]] = {county.code: [] for county in province.counties}
    for site in enterprises:
        if not site.suspended:
            listed[site.county.code].append(site.listed_date)
    for project in projects:
        found[project.county.code].append(project.found_date)
    for county in province.counties:
        sites, ledger = sorted(listed[county.code]), sorted(found[county.code])
        for period, target in _CLOSURE_TARGETS:
            end = _month_end(period)
            yield (
                county.code,
                period,
                bisect_right(sites, end),
                bisect_right(ledger, end),
                target,
                DISCLOSURE_FLOOR,
            )


def mirror_rows(province: Province) -> Iterator[tuple[object, ...]]:
    """The rows of ``mirror``: four prefectures and two counties, on example domains only."""
    hosts = (
        (province.prefectures[0].code, "云岚市环境保护局", "yunlan", 3),
        (province.prefectures[2].code, "泽宁市环境保护局", "zening", 3),
        (province.prefectures[5].code, "澄原市人民政府办公室", "chengyuan", 7),
        (province.prefectures[7].code, "梧岭市环境保护局", "wuling", 7),
        (province.counties[4].code, "临澜区环境保护局", "linlan", 7),
        (province.counties[29].code, "墨川区人民政府办公室", "mochuan", 14),
    )
    for number, (code, sponsor, label, lag) in enumerate(hosts, start=1):
        yield (
            f"JX{number:02d}",
            code,
            f"https://hj.{label}.example.org/",
            f"{code}{number:04d}",
            f"示ICP备160{code[2:]}号-1",
            f"示公网安备{code}0200{number:04d}号",
            sponsor,
            f"0990-58{number:02d}0{code[2:4]}",
            lag,
        )


def correction_rows(
    enterprises: Sequence[RegisteredSite],
    projects: Sequence[Project],
    cases: Sequence[CasePlan],
    seed: int,
) -> Iterator[tuple[object, ...]]:
    """The rows of ``correction``, sorted by number, which is the order of receipt."""
    rng = random.Random(f"{seed}:correction:all")
    entries = [_withdraw_entry(rng, case) for case in cases if case.withdraw_reason is not None]
    # The last issues are too young for a statement to have been received and dealt with.
    published = [
        case
        for case in cases
        if case.withdraw_reason is None and case.iso_week <= EXPOSURE_WEEKS[-3]
    ]
    answered = [case for case in published if case.reply is not None] or published
    notes: tuple[Callable[[], _Entry], ...] = (
        lambda: _project_entry(rng, rng.choice(projects)),
        lambda: _case_entry(rng, rng.choice(published if rng.random() < 0.5 else answered)),
        lambda: _site_entry(rng, rng.choice(enterprises)),
        lambda: _bulletin_entry(rng, rng.choice(projects).county.code),
    )
    used: set[tuple[str, str]] = set()
    while len(used) < _NOTE_TARGETS:
        entry = notes[len(used) % len(notes)]()
        if entry[1:3] not in used:
            used.add(entry[1:3])
            entries.append(entry)
    serials: dict[int, int] = {}
    for received, table, key, kind, resolved, reason in sorted(entries):
        serials[received.year] = serials.get(received.year, 0) + 1
        number = f"GZ{received.year}-{serials[received.year]:05d}"
        yield number, table, key, kind, received, resolved, reason


_Entry = tuple[date, str, str, str, date | None, str]


def _withdraw_entry(rng: random.Random, case: CasePlan) -> _Entry:
    received = week_monday(case.iso_week) + timedelta(days=rng.randint(9, 16))
    resolved = received + timedelta(days=2)
    return received, "exposure_case", case.case_no, "撤回", resolved, WITHDRAW_REASON


def _project_entry(rng: random.Random, project: Project) -> _Entry:
    kind, reason = rng.choice(
        (
            ("更正", "台账地址录入有误，已按现场核查结果更正。"),
            ("更正", "牵头责任单位填报有误，已按责任分工文件更正。"),
            ("更正", "行业代码归类有误，已按国民经济行业分类更正。"),
            (
                "异议未采纳",
                "建设单位提出项目早于法律施行日期建成，经核查仍属违法建设，维持原记录。",
            ),
            ("企业说明", "建设单位说明已委托编制现状环境影响评估报告，正在办理备案。"),
        )
    )
    received = max(project.found_date, date(2015, 10, 8)) + timedelta(days=rng.randint(3, 60))
    return _close(rng, received, "illegal_project", project.ledger_no, kind, reason)


def _case_entry(rng: random.Random, case: CasePlan) -> _Entry:
    kind, reason = rng.choice(
        (
            ("异议未采纳", "企业认为处理过重，经复核事实清楚、程序合规，维持原公开内容。"),
            ("更正", "原文检查日期录入有误，已更正，其余事实不变。"),
        )
    )
    if case.reply is not None:
        kind, reason = "企业说明", "已收到企业书面说明，随案件一并公开。"
    received = week_monday(case.iso_week) + timedelta(days=rng.randint(7, 18))
    return _close(rng, received, "exposure_case", case.case_no, kind, reason)


def _site_entry(rng: random.Random, site: RegisteredSite) -> _Entry:
    kind, reason = rng.choice(
        (
            ("更正", "中心经纬度录入有误，已按排污口定位结果更正。"),
            ("更正", "生产地址门牌号变更，已更正。"),
            ("企业说明", "企业说明因设备检修阶段性停产，恢复生产后补充公开。"),
            ("异议未采纳", "企业申请移出重点排污单位名录，经核实仍符合筛选条件，不予采纳。"),
        )
    )
    received = date(2015, 7, 1) + timedelta(days=rng.randint(0, 350))
    return _close(rng, received, "enterprise_profile", site.site_code, kind, reason)


def _bulletin_entry(rng: random.Random, county_code: str) -> _Entry:
    week = rng.choice(BULLETIN_WEEKS[:-4])
    received = week_monday(week) + timedelta(days=rng.randint(8, 20))
    reason = "上报时漏计一起案件，已补录并更正当期通报数据。"
    return _close(rng, received, "bulletin", f"{week}|{county_code}", "更正", reason)


def _close(
    rng: random.Random, received: date, table: str, key: str, kind: str, reason: str
) -> _Entry:
    """The entry, received by the data date at the latest and pending when not yet resolved."""
    received = min(received, DATA_DAY - timedelta(days=rng.randint(2, 9)))
    resolved = received + timedelta(days=rng.randint(1, 14))
    return received, table, key, kind, resolved if resolved <= DATA_DAY else None, reason


def _month_end(period: str) -> date:
    year, month = int(period[:4]), int(period[5:])
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
