"""Rules on the 33 disclosure tables: codes, concentrations, waste, permits, dates."""

from collections.abc import Iterator
from datetime import date
from typing import Final

import polars as pl
from stdnum.cn import uscc as credit_code

from generator.data.load import Dataset, LoadedTable
from generator.data.rule import Finding, Rule, find_where, with_index

_CREDIT_CODE_FORM: Final = r"\A[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}\z"
_NATIONAL_SITE_FORM: Final = (
    r"\A[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}[0-9]{3}[A-Z]\z"
)
_CREDIT_CODE_LENGTH: Final = 18
_RATIO_TOLERANCE: Final = 0.01
_Q_TOLERANCE: Final = 0.001
_BALANCE_TOLERANCE: Final = 0.01
_REUSE_TOLERANCE_POINTS: Final = 0.5
_DISCLOSURE_LIMIT_DAYS: Final = 30
_PLAN_LIFE_YEARS: Final = 3
_ROUNDING: Final = 1e-9
"""Slack for sums of decimals in binary floats."""
_PH_CODES: Final = ("w01001",)
"""pH is a range and not a maximum, so an excess ratio has no meaning. Source: HJ 525-2009."""


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
    formed = pl.col("uscc").str.contains(_CREDIT_CODE_FORM)
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


def find_mixed_media(dataset: Dataset) -> Iterator[Finding]:
    """Water pollutants at an exhaust outlet, air pollutants at a wastewater outlet."""
    for name in ("exceedance", "self_monitor_plan"):
        if name in dataset.tables:
            outlet = pl.col("outlet_code").str.head(2)
            letter = pl.col("pollutant_code").str.head(1)
            wrong = ((outlet == "DW") & (letter != "w")) | ((outlet == "DA") & (letter != "a"))
            yield from _tell_mixed_media(dataset[name], wrong)
    if "annual_emission" in dataset.tables:
        letter = pl.col("pollutant_code").str.head(1)
        medium = pl.col("medium")
        wrong = ((medium == "水") & (letter != "w")) | ((medium == "大气") & (letter != "a"))
        yield from _tell_mixed_media(dataset["annual_emission"], wrong)


def _tell_mixed_media(loaded: LoadedTable, wrong: pl.Expr) -> Iterator[Finding]:
    for index in find_where(loaded, wrong):
        yield Finding(
            loaded,
            index,
            "pollutant_code",
            expected="废水（DW、水）对 w 开头的污染物，废气（DA、大气）对 a 开头的污染物",
            cure="请核对排放口（或环境要素）和污染物代码。",
        )


_CONCENTRATION_TABLES: Final = ("wastewater_concentration", "exhaust_concentration")


def find_impossible_concentrations(dataset: Dataset) -> Iterator[Finding]:
    """Maxima below their mean, more exceedances than samples, an excess without a count."""
    for name in _CONCENTRATION_TABLES:
        if name not in dataset.tables:
            continue
        loaded = dataset[name]
        for index in find_where(loaded, pl.col("max_conc") < pl.col("avg_conc")):
            mean = loaded.text.item(index, "avg_conc")
            yield Finding(
                loaded,
                index,
                "max_conc",
                expected=f"不小于平均浓度 {mean}",
                cure="请核对最大值和平均值。",
            )
        for index in find_where(loaded, pl.col("exceed_count") > pl.col("sample_count")):
            count = loaded.text.item(index, "sample_count")
            yield Finding(
                loaded,
                index,
                "exceed_count",
                expected=f"不多于有效监测数据数 {count}",
                cure="请核对两个数。",
            )
        uncounted = _exceeds_limit() & (pl.col("exceed_count") == 0)
        for index in find_where(loaded, uncounted):
            yield Finding(
                loaded,
                index,
                "exceed_count",
                expected="最大浓度超过限值，超标数据数至少为 1",
                cure="请核对最大浓度、限值和超标数据数。",
            )


def _exceeds_limit() -> pl.Expr:
    return (pl.col("max_conc") > pl.col("limit_conc")) & ~pl.col("pollutant_code").is_in(
        list(_PH_CODES)
    )


def find_unrecorded_exceedances(dataset: Dataset) -> Iterator[Finding]:
    """Months whose maximum is above the limit without a row in `exceedance`."""
    recorded = dataset["exceedance"].values.select(
        "site_code",
        "outlet_code",
        "pollutant_code",
        pl.col("occur_date").dt.strftime("%Y-%m").alias("period"),
    )
    keys = recorded.columns
    for name in _CONCENTRATION_TABLES:
        if name not in dataset.tables:
            continue
        loaded = dataset[name]
        missing = with_index(loaded).filter(_exceeds_limit()).join(recorded, on=keys, how="anti")
        for index in sorted(missing.get_column("#index").to_list()):
            yield Finding(
                loaded,
                index,
                "max_conc",
                expected=f"不高于限值 {loaded.text.item(index, 'limit_conc')}，"
                "或在“超标排放情况”里有同一排放口、污染物、月份的记录",
                cure="请补报超标记录，或核对浓度。",
            )


def find_wrong_excess_ratios(dataset: Dataset) -> Iterator[Finding]:
    """Excess ratios other than measured ÷ limit - 1."""
    loaded = dataset["exceedance"]
    ratio = pl.col("measured_value") / pl.col("limit_value") - 1
    wrong = (
        (pl.col("limit_value") > 0)
        & ~pl.col("pollutant_code").is_in(list(_PH_CODES))
        & (
            ((pl.col("exceed_ratio") - ratio).abs() > _RATIO_TOLERANCE + _ROUNDING)
            | (pl.col("exceed_ratio") <= 0)
        )
    )
    for index in find_where(loaded, wrong):
        measured, limit = (
            loaded.values.item(index, name) for name in ("measured_value", "limit_value")
        )
        yield Finding(
            loaded,
            index,
            "exceed_ratio",
            expected=f"大于 0，等于 实测浓度 ÷ 限值 - 1（这里约为 {measured / limit - 1:.2f}）",
            cure="请核对实测浓度、限值和倍数；没有超标的不要列入本表。",
        )


def find_unexplained_totals(dataset: Dataset) -> Iterator[Finding]:
    """Annual totals above the permitted one of a site without exceedance or penalty."""
    loaded = dataset["annual_emission"]
    over = with_index(loaded).filter(pl.col("actual_total") > pl.col("permitted_total") + _ROUNDING)
    for name in ("exceedance", "penalty_rectification"):
        over = over.join(dataset[name].values.select("site_code"), on="site_code", how="anti")
    for index in sorted(over.get_column("#index").to_list()):
        yield Finding(
            loaded,
            index,
            "actual_total",
            expected=f"不高于核定总量 {loaded.text.item(index, 'permitted_total')}，"
            "或该单位有超标记录、处罚记录",
            cure="请核对总量；确属超总量的，补报有关记录。",
        )


def find_unbalanced_waste(dataset: Dataset) -> Iterator[Finding]:
    """Waste whose opening stock and generation do not equal what became of it."""
    ways = {
        "solid_waste": ("waste_code", ("utilized", "disposed")),
        "hazardous_waste": ("hw_code", ("self_utilized", "self_disposed", "transferred")),
    }
    for name, (code, outlets) in ways.items():
        if name not in dataset.tables:
            continue
        loaded = dataset[name]
        opening = loaded.values.select(
            "site_code", pl.col("report_year") + 1, code, pl.col("stored").alias("#opening")
        ).unique(["site_code", "report_year", code], keep="first")
        rows = with_index(loaded).join(
            opening, on=["site_code", "report_year", code], how="inner", maintain_order="left"
        )
        source = pl.col("#opening") + pl.col("generated")
        gap = (source - pl.sum_horizontal(*outlets, "stored")).abs()
        known = pl.all_horizontal(pl.col(item).is_not_null() for item in (*outlets, "stored"))
        wrong = rows.filter(known & (gap > source * _BALANCE_TOLERANCE + _ROUNDING))
        for index, opened in wrong.select("#index", "#opening").iter_rows():
            yield Finding(
                loaded,
                index,
                "stored",
                expected=f"上年末贮存 {opened:g} + 产生量 = 各去向之和 + 年末贮存（误差 1% 以内）",
                cure="请核对本行各量和上一年的年末贮存量。",
            )


def find_wrong_waste_categories(dataset: Dataset) -> Iterator[Finding]:
    """Hazardous waste codes that end otherwise than their category."""
    loaded = dataset["hazardous_waste"]
    wrong = pl.col("hw_code").str.tail(2) != pl.col("hw_category").str.tail(2)
    for index in find_where(loaded, wrong):
        yield Finding(
            loaded,
            index,
            "hw_code",
            expected=f"末两位与类别 {loaded.text.item(index, 'hw_category')} 的数字相同",
            cure="请对照《国家危险废物名录》改正代码或类别。",
        )


def find_wrong_reuse_rates(dataset: Dataset) -> Iterator[Finding]:
    """Water reuse rates other than reused ÷ (fresh + reused)."""
    loaded = dataset["water_energy"]
    total = pl.col("fresh_water") + pl.col("reused_water")
    rate = pl.col("reused_water") / total * 100
    wrong = (total > 0) & (
        (pl.col("reuse_rate") - rate).abs() > _REUSE_TOLERANCE_POINTS + _ROUNDING
    )
    for index in find_where(loaded, wrong):
        fresh, reused = (
            loaded.values.item(index, name) for name in ("fresh_water", "reused_water")
        )
        yield Finding(
            loaded,
            index,
            "reuse_rate",
            expected="重复用水量 ÷（新鲜用水量 + 重复用水量），"
            f"这里约为 {reused / (fresh + reused) * 100:.1f}",
            cure="请核对两个用水量和重复利用率。",
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
    """Disclosures before the event, or more than 30 days after it."""
    loaded = dataset["disclosure_record"]
    days = (pl.col("disclosed_date") - pl.col("occurred_date")).dt.total_days()
    changes = pl.col("change_type").is_in(["变更公开"])
    late = (days < 0) | (changes & (days > _DISCLOSURE_LIMIT_DAYS))
    for index in find_where(loaded, late):
        yield Finding(
            loaded,
            index,
            "disclosed_date",
            expected=f"信息生成或变更（{loaded.text.item(index, 'occurred_date')}）之后 30 日以内",
            cure="请核对日期；确属逾期的，按实际日期公开。",
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
    Rule("R04", "排放口与污染物不属同一要素", "error", "HJ 608-2017", (), find_mixed_media),
    Rule("R05", "浓度数据前后矛盾", "error", "HJ 819-2017", (), find_impossible_concentrations),
    Rule(
        "R05",
        "超过限值而没有超标记录",
        "warning",
        "HJ 819-2017",
        ("exceedance",),
        find_unrecorded_exceedances,
    ),
    Rule("R06", "超标倍数不对", "error", "HJ 819-2017", ("exceedance",), find_wrong_excess_ratios),
    Rule(
        "R07",
        "超过核定总量而没有有关记录",
        "warning",
        "环境保护法第四十四条",
        ("annual_emission", "exceedance", "penalty_rectification"),
        find_unexplained_totals,
    ),
    Rule("R08", "固体废物收支不平", "warning", "HJ 1259-2022", (), find_unbalanced_waste),
    Rule(
        "R09",
        "危险废物代码与类别不符",
        "error",
        "国家危险废物名录",
        ("hazardous_waste",),
        find_wrong_waste_categories,
    ),
    Rule(
        "R10",
        "水重复利用率不符",
        "warning",
        "GB/T 7119",
        ("water_energy",),
        find_wrong_reuse_rates,
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
"""R13 and R14 need the original fine and a calendar of working days that no table holds."""
