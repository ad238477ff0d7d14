"""重庆 credit records: one page with everything on an owner, and the list of those pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from generator.domain.absence import Absence, read_absence
from generator.domain.owner import PROJECTS_FOR_A_PAGE, SITES_FOR_A_PAGE, Owner
from generator.domain.place import Gazetteer
from generator.domain.statistics import to_fen
from generator.site import routes
from generator.site.pages import Page
from generator.site.views.project import project_status
from generator.site.views.supervision_words import CRUMB, full_name_cell
from generator.site.views.tables import (
    Cell,
    Column,
    PageLink,
    Section,
    Table,
    TablesView,
    make_row,
)
from generator.site.views.text import format_amount, format_count, format_wan, group_digits

_GATHERING = (
    "归集规则：统一社会信用代码相同的为同一单位；台账项目没有代码的，随它所属的登记厂区；都没有的，"
    "名称完全相同并在同一区县的为同一单位。名称相同而代码不同的不归在一起。"
)
_MEANING = (
    "“一次违法，处处受限”：办理该单位任何一处的环保事项，都应一并查看它在各处的记录。本页只归集"
    "已经公开的记录，不是处罚决定，也不产生新的限制。"
)


def owner_pages(owners: Sequence[Owner], gazetteer: Gazetteer, as_of: dt.date) -> Iterator[Page]:
    """The list, then the page of each owner."""
    yield _list_page(owners, gazetteer, as_of)
    for owner in owners:
        view = _view(owner, gazetteer, as_of)
        yield Page(
            routes.owner_route(owner.key), "tables", f"{owner.name}的信用记录", view.lead, view
        )


def _list_page(owners: Sequence[Owner], gazetteer: Gazetteer, as_of: dt.date) -> Page:
    view = TablesView(
        crumbs=(CRUMB, ("信用记录", "")),
        title="信用记录",
        lead=f"{format_count(len(owners))} 家单位在几处有记录，各有一页。",
        notes=(
            _MEANING,
            f"有 {SITES_FOR_A_PAGE} 个以上登记厂区，或有 {PROJECTS_FOR_A_PAGE} 个以上台账项目的单位"
            "有自己的一页；其他单位的记录，在它的企业页面和项目页面上归集。",
            _GATHERING,
        ),
        links=(),
        sections=(
            Section(
                "单位",
                "owners",
                (),
                Table(
                    "有信用记录页的单位",
                    (
                        Column("单位"),
                        Column("统一社会信用代码", "nowrap"),
                        Column("厂区", "num", "个"),
                        Column("台账项目", "num", "个"),
                        Column("未销号", "num", "个"),
                        Column("逾期", "num", "个"),
                        Column("罚款", "num", "万元"),
                        Column("曝光", "num", "起"),
                    ),
                    tuple(
                        make_row(
                            (
                                Cell(owner.name, routes.owner_route(owner.key)),
                                owner.uscc or f"未报送（{gazetteer.full_name(owner.county)}）",
                                len(owner.sites),
                                len(owner.projects),
                                sum(not project.closed for project in owner.projects),
                                sum(project.overdue(as_of) for project in owner.projects),
                                format_wan(sum(to_fen(project.fine) for project in owner.projects)),
                                len(owner.cases),
                            )
                        )
                        for owner in owners
                    ),
                ),
                "没有单位在几处有记录。",
            ),
        ),
    )
    return Page(routes.OWNERS, "tables", view.title, "在几处有记录的单位，一家一页。", view)


def _view(owner: Owner, gazetteer: Gazetteer, as_of: dt.date) -> TablesView:
    names = {site.site_code: site.name for site in owner.sites}

    def site_cell(code: str) -> Cell:
        return Cell(names[code], routes.enterprise_route(code))

    identity = (
        f"统一社会信用代码 {owner.uscc}。"
        if owner.uscc
        else f"未报送统一社会信用代码，按名称在{gazetteer.full_name(owner.county)}归集。"
    )
    open_projects = sum(not project.closed for project in owner.projects)
    overdue = sum(project.overdue(as_of) for project in owner.projects)
    return TablesView(
        crumbs=(CRUMB, ("信用记录", routes.OWNERS), (owner.name, "")),
        title=owner.name,
        lead=f"{identity}登记厂区 {len(owner.sites)} 个，台账项目 {len(owner.projects)} 个"
        f"（未销号 {open_projects} 个，其中逾期 {overdue} 个），"
        f"处罚决定 {len(owner.penalties)} 件，"
        f"曝光 {len(owner.cases)} 起。",
        notes=(_MEANING, _GATHERING),
        links=(PageLink("报错、补充说明", "report.html"),),
        sections=(
            Section(
                "台账项目",
                "projects",
                (),
                Table(
                    "违法违规建设项目",
                    (
                        Column("项目"),
                        Column("区县"),
                        Column("违法类型"),
                        Column("处置类别"),
                        Column("时限", "nowrap"),
                        Column("状态"),
                        Column("反弹", "num", "次"),
                        Column("罚款", "num", "万元"),
                    ),
                    tuple(
                        make_row(
                            (
                                Cell(project.name, routes.project_route(project.ledger_no)),
                                full_name_cell(
                                    gazetteer, gazetteer.place_code(project.division_code)
                                ),
                                project.violation_type,
                                project.batch,
                                project.deadline.isoformat(),
                                Cell(status, tone=tone),
                                project.rebounds,
                                Absence.NOT_REPORTED
                                if project.fine is None
                                else format_amount(project.fine, 4),
                            )
                        )
                        for project in owner.projects
                        for status, tone in (project_status(project, as_of),)
                    ),
                ),
                "台账中没有该单位的项目。",
            ),
            Section(
                "登记厂区",
                "sites",
                (),
                Table(
                    "登记厂区",
                    (
                        Column("厂区"),
                        Column("固定污染源代码", "nowrap"),
                        Column("区县"),
                        Column("生产状态"),
                    ),
                    tuple(
                        make_row(
                            (
                                site_cell(site.site_code),
                                site.site_code,
                                full_name_cell(gazetteer, site.county),
                                site.status,
                            )
                        )
                        for site in owner.sites
                    ),
                ),
                "该单位没有登记厂区，不在信息公开名录中。",
            ),
            Section(
                "处罚决定",
                "penalties",
                (),
                Table(
                    "环境违法处罚与整改",
                    (
                        Column("决定书文号", "nowrap"),
                        Column("厂区"),
                        Column("违法行为"),
                        Column("处理措施", "wide"),
                        Column("罚款", "num", "万元"),
                        Column("日期", "nowrap"),
                        Column("整改"),
                    ),
                    tuple(
                        make_row(
                            (
                                penalty.decision_no,
                                site_cell(penalty.site_code),
                                penalty.violation_type,
                                penalty.measures,
                                read_absence(penalty.fine) or group_digits(penalty.fine),
                                penalty.decision_date,
                                penalty.rectify_status,
                            )
                        )
                        for penalty in owner.penalties
                    ),
                ),
                "各厂区没有公开的处罚决定。这不等于没有违法。",
            ),
            Section(
                "曝光",
                "cases",
                (),
                Table(
                    "一周一曝光",
                    (
                        Column("案件"),
                        Column("周", "nowrap"),
                        Column("违法行为"),
                        Column("措施", "wide"),
                    ),
                    tuple(
                        make_row(
                            (
                                Cell(case.ent_name, routes.case_route(case.case_no)),
                                case.iso_week,
                                case.violation_type,
                                "、".join(case.measures),
                            )
                        )
                        for case in owner.cases
                    ),
                ),
                "没有曝光该单位的案件。没有曝光不等于没有违法。",
            ),
            Section(
                "信用评价",
                "ratings",
                (),
                Table(
                    "企业环境信用评价",
                    (Column("厂区"), Column("年度", "nowrap"), Column("等级"), Column("评价部门")),
                    tuple(
                        make_row(
                            (
                                site_cell(rating.site_code),
                                rating.year,
                                rating.grade,
                                rating.authority,
                            )
                        )
                        for rating in owner.ratings
                    ),
                ),
                "没有公开的信用评价。",
            ),
        ),
    )
