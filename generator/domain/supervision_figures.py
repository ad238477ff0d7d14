"""The numbers of supervision in the registry of published figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal

from generator.domain.disclosure_supervision import Standing, SupervisedSite
from generator.domain.figures import Figure, Part, figure_id_model
from generator.domain.ledger_supervision import Verdict
from generator.domain.owner import PROJECTS_FOR_A_PAGE, SITES_FOR_A_PAGE
from generator.domain.supervision import Supervision


def supervision_figures(supervision: Supervision) -> tuple[Figure, ...]:
    """The figures, 河南's before 重庆's; a register without a row gives none."""
    return (
        *(_disclosure_figures(supervision) if supervision.standings.province.owed else ()),
        *(_ledger_figures(supervision) if supervision.tallies.province.total else ()),
    )


def find_filings(supervision: Supervision) -> tuple[SupervisedSite, ...]:
    """The filing list (立案清单): listed sites with missing tables after their deadline."""
    duties = supervision.timeliness.duties
    return tuple(
        site
        for site in supervision.sites
        if not site.suspended and site.missing and duties[site.site_code].passed(supervision.as_of)
    )


def _disclosure_figures(supervision: Supervision) -> Iterator[Figure]:
    standings, profile = supervision.standings, supervision.profile
    county_of = {site.site_code: site.county for site in supervision.sites}
    yield Figure(
        "ha.entered_rate", "河南", "信息录入率", "%",
        "已录入的表数（有数据、声明无此情形或依法不公开）÷ 应录入的表数"
        f"（应公开单位数 × {profile.table_count}）× 100，保留两位小数",
        _entered_rate(standings.province), "区县",
        tuple(
            Part(code, _entered_rate(standing))
            for code, standing in standings.counties.items()
            if standing.owed
        ),
        "",
    )  # fmt: skip
    incomplete = [site for site in supervision.sites if not site.suspended and site.missing]
    yield _count(
        "ha.incomplete", "缺报单位", "家",
        f"应公开单位（不含长期停产）中，{profile.table_count} 张表至少有一张没有数据、"
        "也没有声明的单位数",
        Counter(site.county for site in incomplete),
    )  # fmt: skip
    yield _count(
        "ha.filings", "超过期限仍未报齐、列入立案清单的单位", "家",
        f"缺报单位中，首次公开期限（{profile.words.first_short}）早于数据截止日的单位数；"
        "期限当日不算超过",
        Counter(site.county for site in find_filings(supervision)),
    )  # fmt: skip
    yield _count(
        "ha.late", "逾期公开记录", "条",
        profile.words.late_formula,
        Counter(county_of[entry.site_code] for entry in supervision.timeliness.late),
    )  # fmt: skip
    yield Figure(
        "ha.notices", "河南", "督办通知书", "份",
        f"公开率低于 {supervision.floor}% 的市和区县各一份；用整数比较，恰好等于不算低于",
        len(supervision.notices), "市、区县",
        tuple(Part(notice.code, 1) for notice in supervision.notices), "",
    )  # fmt: skip


def _ledger_figures(supervision: Supervision) -> Iterator[Figure]:
    counties = supervision.tallies.counties
    yield _count(
        "cq.projects.rebounded", "反弹项目", "家",
        "台账中至少退回整改过一次的记录数",
        {code: tally.rebounded for code, tally in counties.items()},
    )  # fmt: skip
    pace = supervision.tallies.province.pace
    yield Figure(
        "cq.pace", "重庆", "每周需销号", "个",
        "对每个未到的时限：（该时限前应销号的未销号项目，含已逾期的）× 7 ÷ 剩余天数，进位取整，"
        "取其中最大的；全部已逾期的，为全部未销号数",
        pace.weekly, "区县",
        tuple(Part(code, tally.pace.weekly) for code, tally in counties.items() if tally.total),
        "",
    )  # fmt: skip
    for suffix, title, verdict in (
        ("warned", "预警区县", Verdict.WARNING),
        ("supervised", "督办区县", Verdict.SUPERVISION),
    ):
        yield _count(
            f"cq.supervision.{suffix}", title, "个",
            f"按设置的界线判为“{verdict.value}”的区县数；督办的不再计入预警",
            {
                code: int(judgement.verdict is verdict)
                for code, judgement in supervision.judgements.items()
            },
        )  # fmt: skip
    owners = supervision.owners.owners
    yield Figure(
        "cq.owners", "重庆", "有信用记录页的单位", "家",
        f"有 {SITES_FOR_A_PAGE} 个以上登记厂区，或有 {PROJECTS_FOR_A_PAGE} 个以上台账项目的单位数"
        "（按统一社会信用代码，没有代码的按名称和区县）",
        len(owners), "归集方式",
        tuple(
            Part(words, number)
            for words, number in (
                ("按统一社会信用代码", sum(bool(owner.uscc) for owner in owners)),
                ("按名称和区县", sum(not owner.uscc for owner in owners)),
            )
        ),
        "",
    )  # fmt: skip


def _count(
    figure_id: str, title: str, unit: str, formula: str, by_county: Mapping[str, int]
) -> Figure:
    parts = tuple(_take_parts(sorted(by_county.items())))
    total = sum(by_county.values())
    return Figure(
        figure_id, figure_id_model(figure_id), title, unit, formula, total, "区县", parts, ""
    )


def _take_parts(counts: Iterable[tuple[str, int]]) -> Iterator[Part]:
    return (Part(code, number) for code, number in counts if number)


def _entered_rate(standing: Standing) -> Decimal:
    rate = Decimal(standing.entered) * 100 / Decimal(standing.owed)
    return rate.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
