"""Rules on the disclosure tables about who and what may: codes, permits, approvals, dates."""

from collections.abc import Iterator
from datetime import date
from typing import Final

import polars as pl
from stdnum.cn import uscc as credit_code

from generator.data.disclosure_terms import find_change_due
from generator.data.load import Dataset
from generator.data.rule import Finding, Rule, find_where, with_index
from generator.data.workdays import add_workdays

_CREDIT_CODE_FORM: Final = r"\A[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}\z"
_MAIN_PART: Final = (
    r"(?:[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}"
    r"|H9[0-9]{6}[0-9A-Z]{9}[a-hj-np-z])"
)
"""A credit code, or what stands for one where a unit has none. Source: ADR 0002."""
_NATIONAL_SITE_FORM: Final = rf"\A{_MAIN_PART}[0-9]{{3}}[0-9A-Z]\z"
_CREDIT_CODE_LENGTH: Final = 18
_Q_TOLERANCE: Final = 0.001
_PENALTY_LIMIT_WORKDAYS: Final = 7
"""The term that the field of the decision's date names; some catalogues allow 20."""
_PLAN_LIFE_YEARS: Final = 3
_ROUNDING: Final = 1e-9
"""Slack for sums of decimals in binary floats."""


def find_wrong_credit_codes(dataset: Dataset) -> Iterator[Finding]:
    """Credit codes whose last character is not the check character of the other 17."""
    for name in ("enterprise_profile", "illegal_project"):
        if name not in dataset.tables:
            continue
        loaded = dataset[name]
        for index in find_where(loaded, pl.col("uscc").str.contains(_CREDIT_CODE_FORM)):
            code = loaded.values.item(index, "uscc")
            right = credit_code.calc_check_digit(code[:-1])
            if code[-1] != right:
                yield Finding(
                    loaded,
                    index,
                    "uscc",
                    expected=f"末位校验码与前 17 位相符（按前 17 位算得 {right}）",
                    cure="请对照营业执照核对全部 18 位，多半是录错了一位。",
                )


def find_foreign_site_codes(dataset: Dataset) -> Iterator[Finding]:
    """Sites and permits whose code does not begin with the firm's credit code."""
    profile = dataset["enterprise_profile"]
    # A credit code of the wrong form is told already, and so cannot be compared with.
    formed = pl.col("uscc").str.contains(rf"\A{_MAIN_PART}\z")
    national = pl.col("site_code").str.contains(_NATIONAL_SITE_FORM) & formed
    head = pl.col("site_code").str.head(_CREDIT_CODE_LENGTH)
    for index in find_where(profile, national & (head != pl.col("uscc"))):
        yield Finding(
            profile,
            index,
            "site_code",
            expected=f"前 18 位与统一社会信用代码 {profile.values.item(index, 'uscc')} 相同",
            cure="请核对两个代码，改正其中录错的一个。",
        )
    if "discharge_permit" not in dataset.tables:
        return
    permit = dataset["discharge_permit"]
    codes = (
        profile.values.filter(formed).select("site_code", "uscc").unique("site_code", keep="first")
    )
    joined = with_index(permit).join(codes, on="site_code", how="inner", maintain_order="left")
    wrong = joined.filter(
        pl.col("permit_no").str.contains(_NATIONAL_SITE_FORM)
        & (pl.col("permit_no").str.head(_CREDIT_CODE_LENGTH) != pl.col("uscc"))
    )
    for index, code in wrong.select("#index", "uscc").iter_rows():
        yield Finding(
            permit,
            index,
            "permit_no",
            expected=f"前 18 位与该单位的统一社会信用代码 {code} 相同",
            cure="请核对许可证编号和固定污染源代码。",
        )


def find_unaccepted_projects(dataset: Dataset) -> Iterator[Finding]:
    """Candidates for 未批先建 and 未验先投: shown as they are, not hidden as data errors."""
    approval, acceptance = dataset["eia_approval"], dataset["eia_acceptance"]
    accepted = acceptance.values.select("project_id", "accept_date").unique("project_id")
    running = with_index(approval).filter(pl.col("build_status") == "已投产")
    for index in sorted(
        running.join(accepted, on="project_id", how="anti").get_column("#index").to_list()
    ):
        yield Finding(
            approval,
            index,
            "build_status",
            expected="已投产的项目有竣工验收记录",
            cure="可能是未验先投：请补报验收，或列入台账。",
        )
    building = pl.col("build_status").is_in(["在建", "已建成", "已投产"])
    unapproved = building & pl.col("approval_date").is_null() & (pl.col("eia_type") != "登记表")
    for index in find_where(approval, unapproved):
        yield Finding(
            approval,
            index,
            "approval_date",
            expected="已开工的项目有审批日期",
            cure="可能是未批先建：请补报审批，或列入台账。",
        )
    approved = approval.values.select("project_id", "approval_date").unique("project_id")
    joined = with_index(acceptance).join(approved, on="project_id", maintain_order="left")
    early = joined.filter(pl.col("accept_date") < pl.col("approval_date"))
    for index, day in early.select("#index", "approval_date").iter_rows():
        yield Finding(
            acceptance,
            index,
            "accept_date",
            expected=f"不早于审批日期 {day}",
            cure="请核对审批日期和验收日期。",
        )


def find_reversed_permits(dataset: Dataset) -> Iterator[Finding]:
    """Permits that end before they begin."""
    loaded = dataset["discharge_permit"]
    for index in find_where(loaded, pl.col("valid_to") <= pl.col("valid_from")):
        yield Finding(
            loaded,
            index,
            "valid_to",
            expected=f"晚于有效期起 {loaded.text.item(index, 'valid_from')}",
            cure="请对照许可证正本改正日期。",
        )


def find_late_disclosures(dataset: Dataset) -> Iterator[Finding]:
    """Disclosures before the event, or of a change later than the law's days after it."""
    terms = dataset.catalog.profile.terms
    loaded = dataset["disclosure_record"]
    days = (pl.col("disclosed_date") - pl.col("occurred_date")).dt.total_days()
    late = days < 0
    within = "之后"
    if terms.change_days:
        late |= (pl.col("change_type") == "变更公开") & (days > terms.change_days)
        within = f"之后 {terms.change_days} 日以内"
    for index in find_where(loaded, late):
        yield Finding(
            loaded,
            index,
            "disclosed_date",
            expected=f"信息生成或变更（{loaded.text.item(index, 'occurred_date')}）{within}",
            cure="请核对日期；确属逾期的，按实际日期公开。",
        )


def find_late_interim_disclosures(dataset: Dataset) -> Iterator[Finding]:
    """Changes that the law wants disclosed within working days, and that came later."""
    terms = dataset.catalog.profile.terms
    if not terms.change_workdays:
        return
    loaded = dataset["disclosure_record"]
    changes = with_index(loaded).filter(pl.col("change_type") == "变更公开")
    columns = ("#index", "table_name", "occurred_date", "disclosed_date")
    for index, table, occurred, shown in changes.select(columns).iter_rows():
        due = find_change_due(terms, occurred) if terms.has_change_term(table) else None
        if due is not None and shown > due:
            yield Finding(
                loaded,
                index,
                "disclosed_date",
                expected=f"变更（{occurred}）之后 {terms.change_workdays} 个工作日内"
                f"（不迟于 {due}）",
                cure="请核对日期；确属逾期的，按实际日期披露。",
            )


def find_late_penalties(dataset: Dataset) -> Iterator[Finding]:
    """Penalty decisions that were first disclosed after the term in working days.

    A decision is known in the record of disclosures by its site and its date.
    One without a record there is not judged: rows are not missing by a date.
    """
    loaded = dataset["penalty_rectification"]
    disclosed = (
        dataset["disclosure_record"]
        .values.filter(
            (pl.col("table_name") == "penalty_rectification")
            & (pl.col("change_type") == "首次公开")
        )
        .group_by("site_code", pl.col("occurred_date").alias("decision_date"))
        .agg(pl.col("disclosed_date").min().alias("#disclosed"))
    )
    joined = with_index(loaded).join(
        disclosed, on=["site_code", "decision_date"], how="inner", maintain_order="left"
    )
    for index, decided, shown in joined.select("#index", "decision_date", "#disclosed").iter_rows():
        limit = add_workdays(decided, _PENALTY_LIMIT_WORKDAYS)
        if limit is not None and shown > limit:
            yield Finding(
                loaded,
                index,
                "decision_date",
                expected=f"作出决定后 {_PENALTY_LIMIT_WORKDAYS} 个工作日内（不迟于 {limit}）公开，"
                f"公开记录上是 {shown}",
                cure="请核对两个日期；确属逾期的，按实际日期公开。",
            )


def find_wrong_q_ratios(dataset: Dataset) -> Iterator[Finding]:
    """Q values other than stock ÷ threshold."""
    loaded = dataset["risk_source"]
    ratio = pl.col("max_stock") / pl.col("threshold")
    wrong = (pl.col("threshold") > 0) & (
        (pl.col("q_ratio") - ratio).abs() > _Q_TOLERANCE + _ROUNDING
    )
    for index in find_where(loaded, wrong):
        stock, threshold = (loaded.values.item(index, name) for name in ("max_stock", "threshold"))
        yield Finding(
            loaded,
            index,
            "q_ratio",
            expected=f"最大存在总量 ÷ 临界量，这里为 {stock / threshold:.4f}",
            cure="请核对存量、临界量和 Q 值。",
        )


def find_overdue_plans(dataset: Dataset) -> Iterator[Finding]:
    """A site's newest emergency plan, filed more than three years before the newest disclosure."""
    newest = dataset["disclosure_record"].values.get_column("disclosed_date").max()
    if not isinstance(newest, date):
        return
    loaded = dataset["emergency_plan"]
    rows = with_index(loaded).with_columns(
        pl.col("filing_date").max().over("site_code").alias("#newest")
    )
    limit = pl.col("#newest").dt.offset_by(f"{_PLAN_LIFE_YEARS}y")
    overdue = rows.filter((pl.col("filing_date") == pl.col("#newest")) & (limit < newest))
    for index in overdue.get_column("#index").to_list():
        yield Finding(
            loaded,
            index,
            "filing_date",
            expected=f"{newest} 以前三年之内备案或修订",
            cure="预案每三年至少修订一次，请督促修订并备案。",
        )


ENTERPRISE_RULES: Final[tuple[Rule, ...]] = (
    Rule(
        "R01",
        "统一社会信用代码的校验码不对",
        "error",
        "GB 32100-2015 附录 A",
        (),
        find_wrong_credit_codes,
    ),
    Rule(
        "R02",
        "代码与统一社会信用代码不符",
        "error",
        "HJ 608-2017",
        ("enterprise_profile",),
        find_foreign_site_codes,
    ),
    Rule(
        "R11",
        "审批、验收与建设状态不合",
        "warning",
        "环境影响评价法第二十五条",
        ("eia_approval", "eia_acceptance"),
        find_unaccepted_projects,
    ),
    Rule(
        "R12",
        "许可证有效期颠倒",
        "error",
        "排污许可管理条例第十四条",
        ("discharge_permit",),
        find_reversed_permits,
    ),
    Rule(
        "R15",
        "公开不及时",
        "warning",
        "企业事业单位环境信息公开办法第十一条",
        ("disclosure_record",),
        find_late_disclosures,
    ),
    Rule(
        "R21",
        "临时披露逾期",
        "warning",
        "企业环境信息依法披露管理办法第三章；国务院办公厅节假日安排通知",
        ("disclosure_record",),
        find_late_interim_disclosures,
    ),
    Rule(
        "R14",
        "处罚决定公开逾期",
        "warning",
        "生态环境行政处罚办法第六十五条；国务院办公厅节假日安排通知",
        ("penalty_rectification", "disclosure_record"),
        find_late_penalties,
    ),
    Rule("R16", "Q 值不符", "error", "HJ 941-2018", ("risk_source",), find_wrong_q_ratios),
    Rule(
        "R17",
        "应急预案逾期未修订",
        "warning",
        "企业事业单位突发环境事件应急预案备案管理办法",
        ("emergency_plan", "disclosure_record"),
        find_overdue_plans,
    ),
)
"""R13 is missing: the table of penalties has the total alone, neither original fine nor days."""
