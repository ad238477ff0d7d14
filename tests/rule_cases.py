"""For every rule a dataset that breaks it at exactly one cell."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from package_factory import (
    DIVISIONS,
    LEDGER_NO,
    SECOND_SITE_CODE,
    SITE_CODE,
    VALID_TABLES,
    Rows,
    add_row,
    alter_row,
    make_events,
    write_package,
)

from generator.data.catalog import read_catalog
from generator.data.check import CheckReport, check_dataset

Tables = Mapping[str, Rows]
Found = tuple[str, str, int | None, str]


def check(root: Path, tables: Tables) -> CheckReport:
    """What the check says of a dataset with these tables."""
    report, dataset = check_dataset(read_catalog(write_package(root, tables)))
    assert (dataset is not None) == report.valid
    return report


def places(report: CheckReport) -> list[Found]:
    """Rule, file, row and field of each finding."""
    return [
        (issue.code, issue.file.removeprefix("tables/"), issue.row, issue.field)
        for issue in report.issues
    ]


def ledger(*stages: str, stage: str = "", closed: str = "", batch: str = "整顿规范") -> Tables:
    """The valid dataset with the project's events through the given stages."""
    project = {"stage": stage or stages[-1], "closed_date": closed, "batch": batch}
    tables = alter_row("illegal_project", **project)
    return {**tables, "ledger_event": make_events(LEDGER_NO, *stages)}


def event(number: int, **cells: str) -> Tables:
    """The valid dataset with cells of one ledger event changed."""
    return alter_row("ledger_event", number - 1, **cells)


def penalty(decided: str, disclosed: str) -> Tables:
    """The valid dataset with a decision of one date, first disclosed on another."""
    decision = {
        "decision_no": "示环罚〔2015〕1号",
        "site_code": SITE_CODE,
        "violation_type": "超标排放",
        "facts": "总排口化学需氧量超过排放标准。",
        "legal_basis": "水污染防治法第七十四条",
        "measure_kind": "责令改正、罚款",
        "fine": "5",
        "authority": "示范市环境保护局",
        "decision_date": decided,
        "rectify_deadline": "不适用",
        "rectify_status": "整改中",
    }
    record = {
        **VALID_TABLES["disclosure_record"][0],
        "record_id": "GK2015-0000002",
        "table_name": "penalty_rectification",
        "change_type": "首次公开",
        "occurred_date": decided,
        "disclosed_date": disclosed,
    }
    records = (*VALID_TABLES["disclosure_record"], record)
    return {
        **VALID_TABLES,
        "penalty_rectification": (decision,),
        "disclosure_record": records,
    }


@dataclass(frozen=True, slots=True)
class Case:
    """A dataset that breaks one rule, and the cell where that is told."""

    name: str
    tables: Tables
    code: str
    file: str
    row: int
    field: str
    severity: str = "error"


BROKEN = (
    Case(
        "a wrong check character in a credit code",
        alter_row("illegal_project", uscc="91990102MA3XABCD18"),
        *("R01", "illegal_project.csv", 2, "uscc"),
    ),
    Case(
        "a site code of another firm",
        alter_row("enterprise_profile", 1, site_code="91990102MA3XABCD19002P"),
        *("R02", "enterprise_profile.csv", 3, "site_code"),
    ),
    Case(
        "a permit of another firm",
        alter_row("discharge_permit", permit_no=SECOND_SITE_CODE),
        *("R02", "discharge_permit.csv", 2, "permit_no"),
    ),
    Case(
        "a site in an abolished division",
        alter_row("division", 2, valid_to="2015-01-01"),
        *("R03", "enterprise_profile.csv", 2, "division_code", "warning"),
    ),
    Case(
        "an air pollutant at a wastewater outlet",
        add_row("exceedance", exceed_id="CB2016-000002", pollutant_code="a21026"),
        *("R04", "exceedance.csv", 3, "pollutant_code"),
    ),
    Case(
        "an air pollutant in a total for water",
        alter_row("annual_emission", pollutant_code="a21026"),
        *("R04", "annual_emission.csv", 2, "pollutant_code"),
    ),
    Case(
        "a maximum below its mean",
        alter_row("wastewater_concentration", max_conc="59.9"),
        *("R05", "wastewater_concentration.csv", 2, "max_conc"),
    ),
    Case(
        "more exceedances than samples",
        alter_row("wastewater_concentration", exceed_count="32"),
        *("R05", "wastewater_concentration.csv", 2, "exceed_count"),
    ),
    Case(
        "an excess that no count shows",
        alter_row("wastewater_concentration", exceed_count="0"),
        *("R05", "wastewater_concentration.csv", 2, "exceed_count"),
    ),
    Case(
        "an excess in a month without a record of it",
        alter_row("exceedance", occur_date="2016-06-01"),
        *("R05", "wastewater_concentration.csv", 2, "max_conc", "warning"),
    ),
    Case(
        "a wrong excess ratio",
        alter_row("exceedance", exceed_ratio="1.1"),
        *("R06", "exceedance.csv", 2, "exceed_ratio"),
    ),
    Case(
        "a total above the permitted one without a record",
        add_row("annual_emission", site_code=SECOND_SITE_CODE),
        *("R07", "annual_emission.csv", 3, "actual_total", "warning"),
    ),
    Case(
        "waste that went nowhere",
        alter_row("solid_waste", 1, stored="20"),
        *("R08", "solid_waste.csv", 3, "stored", "warning"),
    ),
    Case(
        "a waste code of another category",
        alter_row("hazardous_waste", hw_category="HW09"),
        *("R09", "hazardous_waste.csv", 2, "hw_code"),
    ),
    Case(
        "a wrong reuse rate",
        alter_row("water_energy", reuse_rate="76"),
        *("R10", "water_energy.csv", 2, "reuse_rate", "warning"),
    ),
    Case(
        "a project that runs without acceptance",
        {**VALID_TABLES, "eia_acceptance": ()},
        *("R11", "eia_approval.csv", 2, "build_status", "warning"),
    ),
    Case(
        "a project built without approval",
        alter_row("eia_approval", approval_date=""),
        *("R11", "eia_approval.csv", 2, "approval_date", "warning"),
    ),
    Case(
        "an acceptance before the approval",
        alter_row("eia_acceptance", accept_date="2011-09-01"),
        *("R11", "eia_acceptance.csv", 2, "accept_date", "warning"),
    ),
    Case(
        "a permit that ends before it begins",
        alter_row("discharge_permit", valid_to="2015-01-06"),
        *("R12", "discharge_permit.csv", 2, "valid_to"),
    ),
    Case(
        "a change disclosed after 31 days",
        alter_row("disclosure_record", disclosed_date="2016-06-01"),
        *("R15", "disclosure_record.csv", 2, "disclosed_date", "warning"),
    ),
    Case(
        "a penalty disclosed on the eighth working day, over a holiday with a make-up day",
        penalty("2015-09-30", "2015-10-16"),
        *("R14", "penalty_rectification.csv", 2, "decision_date", "warning"),
    ),
    Case(
        "a wrong Q value",
        alter_row("risk_source", q_ratio="0.669"),
        *("R16", "risk_source.csv", 2, "q_ratio"),
    ),
    Case(
        "an emergency plan more than three years old",
        alter_row("emergency_plan", filing_date="2013-05-30"),
        *("R17", "emergency_plan.csv", 2, "filing_date", "warning"),
    ),
    Case(
        "a 53rd week of a year with 52",
        alter_row("bulletin", iso_week="2016-W53"),
        *("R18", "bulletin.csv", 2, "iso_week"),
    ),
    Case(
        "a case number of another week",
        alter_row("exposure_case", case_no="BG2016W25-001"),
        *("R18", "exposure_case.csv", 2, "case_no"),
    ),
    Case(
        "an identity number in a narrative",
        alter_row("exposure_case", facts="（990102199003071230、990102199003071233）逃避检查。"),
        *("R19", "exposure_case.csv", 2, "facts"),
    ),
    Case(
        "an identity number in full-width digits with spaces",
        alter_row("exposure_case", reply="９９０１０２ １９９００３０１ ００６Ｘ"),
        *("R19", "exposure_case.csv", 2, "reply"),
    ),
    Case(
        "a mobile number in a reply",
        alter_row("exposure_case", reply="请拨打 139 1234 5678 联系。"),
        *("R19", "exposure_case.csv", 2, "reply", "warning"),
    ),
    Case(
        "an enterprise placed in a city instead of a county",
        alter_row("enterprise_profile", division_code="990100"),
        *("E-DIVISION", "enterprise_profile.csv", 2, "division_code"),
    ),
    Case(
        "a project placed in a county where a township is asked",
        alter_row("illegal_project", township_code="990102"),
        *("E-DIVISION", "illegal_project.csv", 2, "township_code"),
    ),
    Case(
        "a township of another county",
        {
            **alter_row("illegal_project", township_code="990103001"),
            "division": [
                *DIVISIONS,
                {**DIVISIONS[2], "division_code": "990103", "division_name": "江南区"},
                {**DIVISIONS[3], "division_code": "990103001", "parent_code": "990103"},
            ],
        },
        *("E-DIVISION", "illegal_project.csv", 2, "township_code"),
    ),
    Case(
        "an invisible character in a name",
        alter_row("illegal_project", owner_name="临川恒诚\u202e化工有限公司"),
        *("E-CONTROL", "illegal_project.csv", 2, "owner_name"),
    ),
    Case(
        "a line break in a name",
        alter_row("illegal_project", project_name="年产五百吨\n涂料项目"),
        *("E-CONTROL", "illegal_project.csv", 2, "project_name"),
    ),
    Case(
        "a picture that is not there",
        alter_row("exposure_case", photo_ref="photos/no-such.png", photo_alt="总排口"),
        *("E-PHOTO", "exposure_case.csv", 2, "photo_ref"),
    ),
    Case(
        "a picture that is not a picture",
        alter_row("exposure_case", photo_ref="photos/text.png", photo_alt="总排口"),
        *("E-PHOTO", "exposure_case.csv", 2, "photo_ref"),
    ),
    Case(
        "a picture that breaks off",
        alter_row("exposure_case", photo_ref="photos/half.png", photo_alt="总排口"),
        *("E-PHOTO", "exposure_case.csv", 2, "photo_ref"),
    ),
    Case(
        "a picture without alternative text",
        alter_row("exposure_case", photo_ref="photos/outlet.png"),
        *("E-ALT", "exposure_case.csv", 2, "photo_alt"),
    ),
    Case(
        "a correction of a record that is not there",
        alter_row("correction", target_key=f"{SITE_CODE}|DW001|w01018|2016-04"),
        *("E-TARGET", "correction.csv", 2, "target_key"),
    ),
    Case(
        "a correction of a table that is not there",
        alter_row("correction", target_table="waste_water"),
        *("E-TARGET", "correction.csv", 2, "target_table"),
    ),
    Case(
        "a disclosure record of no disclosure table",
        alter_row("disclosure_record", table_name="bulletin"),
        *("E-TABLE", "disclosure_record.csv", 2, "table_name"),
    ),
    Case(
        "a project that begins with its registration",
        ledger("登记", "整改"),
        *("L-START", "ledger_event.csv", 2, "stage"),
    ),
    Case(
        "a skipped stage",
        ledger("排查", "登记", "消除"),
        *("L-ORDER", "ledger_event.csv", 4, "stage"),
    ),
    Case(
        "a repeated stage",
        ledger("排查", "登记", "登记"),
        *("L-ORDER", "ledger_event.csv", 4, "stage"),
    ),
    Case(
        "a step back without a rebound",
        ledger("排查", "登记", "整改", "登记"),
        *("L-ORDER", "ledger_event.csv", 5, "stage"),
    ),
    Case(
        "a rebound straight to the end",
        ledger("排查", "登记", "整改", "消除", "退回", "销号", closed="2015-06-10"),
        *("L-ORDER", "ledger_event.csv", 7, "stage"),
    ),
    Case(
        "a rebound from rectification",
        ledger("排查", "登记", "整改", "退回", stage="整改"),
        *("L-REBOUND", "ledger_event.csv", 5, "stage"),
    ),
    Case(
        "a closure without evidence",
        event(5, evidence_ref=""),
        *("L-EVIDENCE", "ledger_event.csv", 6, "evidence_ref"),
    ),
    Case(
        "a closure without a verifier",
        event(5, verifier_agency="不公开"),
        *("L-VERIFIER", "ledger_event.csv", 6, "verifier_agency"),
    ),
    Case(
        "a closure verified by the leading agency",
        event(5, verifier_agency="江北区环境保护局"),
        *("L-VERIFIER", "ledger_event.csv", 6, "verifier_agency"),
    ),
    Case(
        "an event dated before the one in front of it",
        event(3, event_date="2015-02-09"),
        *("L-DATE", "ledger_event.csv", 4, "event_date"),
    ),
    Case(
        "a number left out of the run of events",
        event(5, event_no=f"{LEDGER_NO}/06"),
        *("L-NUMBER", "ledger_event.csv", 6, "event_no"),
    ),
    Case(
        "a stage behind its last event",
        alter_row("illegal_project", stage="消除"),
        *("L-STAGE", "illegal_project.csv", 2, "stage"),
    ),
    Case(
        "a project without any event",
        {**ledger("排查"), "ledger_event": ()},
        *("L-STAGE", "illegal_project.csv", 2, "stage"),
    ),
    Case(
        "a closing date other than that of the closure",
        alter_row("illegal_project", closed_date="2015-05-11"),
        *("L-CLOSED", "illegal_project.csv", 2, "closed_date"),
    ),
    Case(
        "a closed project without its closing date",
        alter_row("illegal_project", closed_date=""),
        *("L-CLOSED", "illegal_project.csv", 2, "closed_date"),
    ),
    Case(
        "an open project with a closing date",
        ledger("排查", "登记", closed="2015-02-10"),
        *("L-CLOSED", "illegal_project.csv", 2, "closed_date"),
    ),
)
