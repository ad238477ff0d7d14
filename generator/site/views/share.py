"""What the share card of each issue and each case says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from generator.domain.bulletin import MEASURES
from generator.domain.exposure import Case, Issue, group_by_division, tally_cases
from generator.domain.place import Gazetteer
from generator.site import routes
from generator.site.cards import Card
from generator.site.views.exposure_parts import MEASURE_TITLES, title_issue
from generator.site.views.text import format_amount, format_count
from generator.site.views.week_labels import MONEY_PLACES, format_fine


def share_cards(
    issues: Iterable[Issue], gazetteer: Gazetteer, site_name: str, demo: bool
) -> Iterator[Card]:
    """A card for each issue that has a case left, and for each case that is not withdrawn."""
    for issue in issues:
        standing = [case for case in issue.cases if case.withdrawal is None]
        if standing:
            yield _issue_card(issue, site_name, demo)
        for case in standing:
            yield _case_card(case, issue, gazetteer, site_name, demo)


def site_card(province: str, site_name: str, demo: bool) -> Card:
    """The card of every page that has none of its own: what the site is for."""
    return Card(
        route=routes.SITE_CARD,
        site_name=site_name,
        demo=demo,
        kicker="企业环境信息公开",
        title=f"{province}环境信息公开",
        line="查身边的企业、违法建设项目和每周曝光的案件",
        badges=("查企业", "查项目", "各地", "一周一曝光", "责任清单"),
        foot="每个数字都可以点开，看到组成它的记录",
    )


def _issue_card(issue: Issue, site_name: str, demo: bool) -> Card:
    tally = tally_cases(issue.cases)
    counties = len(group_by_division(issue.cases))
    return Card(
        route=routes.card_route(issue.iso_week),
        site_name=site_name,
        demo=demo,
        kicker=f"一周一曝光 {title_issue(issue)}",
        title=f"本期曝光 {format_count(tally.standing)} 起环境违法典型案件",
        line=f"涉及 {format_count(counties)} 个县（市、区），"
        f"已决定罚款 {format_amount(tally.fine, MONEY_PLACES)} 万元",
        badges=tuple(
            f"{MEASURE_TITLES[name]} {format_count(getattr(tally, name))}"
            for name in MEASURES
            if getattr(tally, name)
        ),
        foot="案情、图片、处理措施和四个“不放过”的进展，见本期页面",
    )


def _case_card(case: Case, issue: Issue, gazetteer: Gazetteer, site_name: str, demo: bool) -> Card:
    fine, unit = format_fine(case.fine)
    money = f"罚款 {fine} {unit}" if unit else f"罚款：{fine}"
    return Card(
        route=routes.card_route(case.case_no),
        site_name=site_name,
        demo=demo,
        kicker=f"一周一曝光 {title_issue(issue)}",
        title=case.ent_name,
        line=f"{gazetteer.full_name(case.division_code)} · {case.violation_type}",
        badges=case.measures,
        foot=f"{money} · 案件编号 {case.case_no}",
    )
