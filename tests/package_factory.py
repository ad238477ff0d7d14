"""Small datasets for tests: the real schemas, the rows a test gives, other tables header-only."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

DATASETS = Path(__file__).parent.parent / "datasets"

Rows = Sequence[Mapping[str, str]]

POLARS_TYPES: dict[str, pl.DataType] = {
    "string": pl.String(),
    "number": pl.Float64(),
    "datetime": pl.Datetime("us"),
}


ODD_CELLS = (
    *("", " ", "不适用", "不公开", "不适用 ", "0", "-0", "-1", "1", "1.0", "1e5", "1E-2", "+3"),
    *("1_000", "１２", "NaN", "Infinity", "-inf", " 7", "7 ", "007", ".5", "5.", "1,000", "0x1F"),
    *("100", "100.0", "100.000000000000001", "99.999999999999999", "366", "367", "-50", "136"),
    *("2016", "2014", "2015", "2100", "2101", "16", "０２０16", " 201", "2016.0", "9999", "-001"),
    *(
        "2016-05",
        "2016-5",
        "2016-13",
        "2016-00",
        "2016-05-01",
        "-2016-05",
        "２０１６-05",
        "2016-05 ",
    ),
    *("2016-07-03", "2016-7-3", "2016-02-30", "0000-01-01", "0001-01-01", "2016/07/03", "20160703"),
    *("是", "否", "true", "1", "是 ", "T", "yes", "DW001", "DW001\n", "DA001", "DW0011", "w01018"),
    *(
        "水、大气",
        "水、",
        "水、土壤、水",
        "HW08",
        "900-214-08",
        "a@b.cn",
        "a@",
        "http://x.cn/",
        "x.cn",
    ),
    *("javascript:alert(1)", "Ⅲ类", "在产", "在产 ", '引"号', "逗,号", "换\n行", "回\r\n车", "\t"),
    *(
        "字" * 3,
        "字" * 4,
        "字" * 100,
        "字" * 101,
        "字" * 500,
        "字" * 501,
        "😀" * 100,
        "e\u0301" * 50,
    ),
    *("91990102MA3XABCD19", "91990102MA3XABCD19001P", "L990102-A1", "990102", "990102-Z-00001"),
)
"""Cells at the edge of what some field takes: spellings, bounds, absences, separators."""


def read_field_names(table: str) -> list[str]:
    """The names of a table's fields, in file order."""
    schema = json.loads((DATASETS / "schemas" / f"{table}.json").read_text(encoding="utf-8"))
    return [field["name"] for field in schema["fields"]]


def write_package(root: Path, tables: Mapping[str, Rows] | None = None) -> Path:
    """A dataset in `root` with the given rows; fields left out are empty cells.

    The schemas and the descriptor are copied from `datasets/`; every other table
    has its header alone, and `monitoring` no readings.
    """
    given = tables or {}
    root.mkdir(parents=True, exist_ok=True)
    shutil.copy(DATASETS / "datapackage.json", root / "datapackage.json")
    shutil.copytree(DATASETS / "schemas", root / "schemas", dirs_exist_ok=True)
    (root / "tables").mkdir(exist_ok=True)
    descriptor = json.loads((root / "datapackage.json").read_text(encoding="utf-8"))
    for resource in descriptor["resources"]:
        name = resource["name"]
        if resource["format"] == "csv":
            write_table(root / resource["path"], name, given.get(name, ()))
        elif name not in given:
            write_readings(root / resource["path"], name)
    return root


def write_table(path: Path, table: str, rows: Rows) -> None:
    """A table's CSV file: its header and the given rows."""
    names = read_field_names(table)
    for row in rows:
        unknown = set(row) - set(names)
        assert not unknown, f"{table} has no field {unknown}"
    lines = [names, *([row.get(name, "") for name in names] for row in rows)]
    path.write_text("".join(_write_line(line) for line in lines), encoding="utf-8", newline="")


def write_readings(
    path: Path, table: str = "monitoring", rows: Sequence[Mapping[str, object]] = ()
) -> None:
    """A Parquet table with the types of its schema and the given rows."""
    schema = json.loads((DATASETS / "schemas" / f"{table}.json").read_text(encoding="utf-8"))
    types = {field["name"]: POLARS_TYPES[field["type"]] for field in schema["fields"]}
    columns = {name: [row.get(name) for row in rows] for name in types}
    pl.DataFrame(columns, schema=types).write_parquet(path)


def _write_line(cells: Sequence[str]) -> str:
    return ",".join(_quote(cell) for cell in cells) + "\n"


def _quote(cell: str) -> str:
    if any(mark in cell for mark in ',"\n\r'):
        return '"' + cell.replace('"', '""') + '"'
    return cell


# Rows that pass every check, for tests to alter. Invented places and firms.

DIVISIONS: Rows = (
    {"division_code": "990000", "division_name": "示例省", "level": "省"},
    {"division_code": "990100", "division_name": "临川市", "parent_code": "990000", "level": "市"},
    {"division_code": "990102", "division_name": "江北区", "parent_code": "990100", "level": "县"},
    {
        "division_code": "990102001",
        "division_name": "青石镇",
        "parent_code": "990102",
        "level": "乡",
    },
)

INDUSTRIES: Rows = (
    {"industry_code": "C2614", "industry_name": "有机化学原料制造", "edition": "2011"},
)

POLLUTANTS: Rows = (
    {
        "pollutant_code": "w01018",
        "pollutant_name": "化学需氧量",
        "short_name": "COD",
        "medium": "水",
        "default_unit": "mg/L",
    },
    {
        "pollutant_code": "a21026",
        "pollutant_name": "二氧化硫",
        "short_name": "SO2",
        "medium": "大气",
        "default_unit": "mg/m³",
    },
)

CREDIT_CODE = "91990102MA3XABCD19"
SITE_CODE = f"{CREDIT_CODE}001P"
SECOND_CREDIT_CODE = "91990102MA3XABCD2C"
SECOND_SITE_CODE = f"{SECOND_CREDIT_CODE}001V"
LEDGER_NO = "990102-Z-00001"

ENTERPRISE: Mapping[str, str] = {
    "site_code": SITE_CODE,
    "uscc": CREDIT_CODE,
    "ent_name": "临川恒诚化工有限公司",
    "legal_rep": "张某",
    "division_code": "990102",
    "address": "江北区清河路一号",
    "longitude": "113.61",
    "latitude": "34.72",
    "industry_code": "C2614",
    "key_class": "水、大气",
    "operating_status": "在产",
}


def make_events(ledger_no: str, *stages: str) -> list[dict[str, str]]:
    """Events through the given stages, a month apart from 2015-01-10, closed as they should be."""
    events = []
    for number, stage in enumerate(stages, start=1):
        event = {
            "event_no": f"{ledger_no}/{number:02d}",
            "ledger_no": ledger_no,
            "stage": stage,
            "event_date": f"2015-{number:02d}-10",
        }
        if stage == "销号":
            event |= {"evidence_ref": f"ZL-{number:02d}", "verifier_agency": "临川市环境保护局"}
        events.append(event)
    return events


VALID_TABLES: Mapping[str, Rows] = {
    "division": DIVISIONS,
    "industry": INDUSTRIES,
    "pollutant": POLLUTANTS,
    "standard_limit": (
        {
            "standard_code": "GB 8978-1996 一级",
            "pollutant_code": "w01018",
            "applies_to": "一切排污单位",
            "limit_value": "100",
            "limit_unit": "mg/L",
        },
    ),
    "enterprise_profile": (
        ENTERPRISE,
        {
            **ENTERPRISE,
            "site_code": SECOND_SITE_CODE,
            "uscc": SECOND_CREDIT_CODE,
            "ent_name": "临川青石水泥有限公司",
        },
    ),
    "wastewater_outlet": (
        {
            "site_code": SITE_CODE,
            "outlet_code": "DW001",
            "outlet_name": "总排口",
            "longitude": "113.61",
            "latitude": "34.72",
            "discharge_mode": "直接排放",
            "discharge_pattern": "连续稳定",
            "receiving_body": "清河",
            "water_class": "不适用",
            "standard_code": "GB 8978-1996 一级",
            "online_monitored": "是",
        },
    ),
    "wastewater_concentration": (
        {
            "site_code": SITE_CODE,
            "outlet_code": "DW001",
            "pollutant_code": "w01018",
            "period": "2016-05",
            "pollutant_name": "化学需氧量",
            "avg_conc": "60",
            "max_conc": "110",
            "limit_conc": "100",
            "sample_count": "31",
            "exceed_count": "1",
        },
    ),
    "exceedance": (
        {
            "exceed_id": "CB2016-000001",
            "site_code": SITE_CODE,
            "outlet_code": "DW001",
            "pollutant_code": "w01018",
            "occur_date": "2016-05-12",
            "measured_value": "110",
            "limit_value": "100",
            "exceed_ratio": "0.1",
        },
    ),
    "annual_emission": (
        {
            "site_code": SITE_CODE,
            "report_year": "2015",
            "medium": "水",
            "pollutant_code": "w01018",
            "pollutant_name": "化学需氧量",
            "actual_total": "12.5",
            "permitted_total": "12",
            "calc_method": "自动监测",
        },
    ),
    "solid_waste": (
        {
            "site_code": SITE_CODE,
            "report_year": "2015",
            "waste_code": "SW01",
            "waste_name": "冶炼废渣",
            "generated": "100",
            "utilized": "90",
            "disposed": "5",
            "stored": "5",
        },
        {
            "site_code": SITE_CODE,
            "report_year": "2016",
            "waste_code": "SW01",
            "waste_name": "冶炼废渣",
            "generated": "100",
            "utilized": "90",
            "disposed": "5",
            "stored": "10",
        },
    ),
    "hazardous_waste": (
        {
            "site_code": SITE_CODE,
            "report_year": "2015",
            "hw_code": "900-214-08",
            "hw_category": "HW08",
            "generated": "1.5",
            "self_utilized": "0",
            "self_disposed": "0",
            "transferred": "1",
            "stored": "0.5",
        },
    ),
    "water_energy": (
        {
            "site_code": SITE_CODE,
            "report_year": "2015",
            "fresh_water": "1000",
            "reused_water": "3000",
            "reuse_rate": "75",
        },
    ),
    "eia_approval": (
        {
            "project_id": "P990102-2012-00001",
            "site_code": SITE_CODE,
            "project_name": "年产一万吨助剂项目",
            "project_nature": "新建",
            "eia_type": "报告书",
            "approval_no": "临环审〔2012〕1号",
            "approval_date": "2012-03-01",
            "total_invest": "8000",
            "env_invest": "600",
            "build_status": "已投产",
        },
    ),
    "eia_acceptance": (
        {
            "accept_id": "YS2013-000001",
            "project_id": "P990102-2012-00001",
            "site_code": SITE_CODE,
            "accept_type": "行政验收",
            "accept_authority": "临川市环境保护局",
            "accept_date": "2013-09-01",
            "conclusion": "合格",
        },
    ),
    "discharge_permit": (
        {
            "permit_no": SITE_CODE,
            "site_code": SITE_CODE,
            "permit_kind": "重点管理",
            "change_type": "首次申请",
            "issue_authority": "临川市环境保护局",
            "issue_date": "2015-01-05",
            "valid_from": "2015-01-06",
            "valid_to": "2018-01-05",
            "main_pollutants": "化学需氧量",
            "permit_status": "有效",
        },
    ),
    "emergency_plan": (
        {
            "plan_id": "YA990102-2015-0001",
            "site_code": SITE_CODE,
            "plan_name": "突发环境事件应急预案",
            "plan_version": "2015 版",
            "risk_level": "一般",
            "filing_no": "990102-2015-001-L",
            "filing_authority": "江北区环境保护局",
            "filing_date": "2015-06-01",
        },
    ),
    "risk_source": (
        {
            "site_code": SITE_CODE,
            "unit_name": "储罐区",
            "substance": "盐酸",
            "cas_no": "7647-01-0",
            "max_stock": "5",
            "threshold": "7.5",
            "q_ratio": "0.667",
        },
    ),
    "disclosure_record": (
        {
            "record_id": "GK2016-0000001",
            "site_code": SITE_CODE,
            "table_name": "noise",
            "change_type": "变更公开",
            "occurred_date": "2016-05-01",
            "disclosed_date": "2016-05-31",
        },
    ),
    "illegal_project": (
        {
            "ledger_no": LEDGER_NO,
            "division_code": "990102",
            "township_code": "990102001",
            "project_name": "年产五百吨涂料项目",
            "owner_name": "临川恒诚化工有限公司",
            "uscc": CREDIT_CODE,
            "site_code": SITE_CODE,
            "industry_code": "C2614",
            "sector": "工业企业",
            "address": "青石镇工业路",
            "violation_type": "未批先建",
            "batch": "整顿规范",
            "stage": "销号",
            "deadline": "2016-06-30",
            "lead_agency": "江北区环境保护局",
            "responsible_post": "副局长",
            "closed_date": "2015-05-10",
        },
    ),
    "ledger_event": make_events(LEDGER_NO, "排查", "登记", "整改", "消除", "销号"),
    "exposure_case": (
        {
            "case_no": "BG2016W26-001",
            "iso_week": "2016-W26",
            "division_code": "990102",
            "site_code": SITE_CODE,
            "ledger_no": LEDGER_NO,
            "ent_name": "临川恒诚化工有限公司",
            "violation_type": "超标排放",
            "facts": "检查时总排口化学需氧量超过排放标准百分之十。",
            "measure_kind": "罚款、责令改正",
        },
    ),
    "bulletin": (
        {
            "iso_week": "2015-W53",
            "division_code": "990102",
            "cases_opened": "1",
            "fine_total": "5",
            "daily_penalty": "0",
            "seizure": "0",
            "limit_stop": "0",
            "detention": "0",
            "crime_transfer": "0",
            "eia_refused": "0",
            "eia_refused_invest": "0",
        },
    ),
    "correction": (
        {
            "correction_no": "GZ2016-00001",
            "target_table": "wastewater_concentration",
            "target_key": f"{SITE_CODE}|DW001|w01018|2016-05",
            "kind": "更正",
            "received_date": "2016-06-10",
            "public_reason": "平均浓度录入有误。",
        },
    ),
}
"""A small dataset without any issue: two sites, one project closed as it should be."""


def alter_row(table: str, row: int = 0, **cells: str) -> dict[str, Rows]:
    """VALID_TABLES with some cells of one row changed; `row` counts from 0."""
    rows = [dict(item) for item in VALID_TABLES[table]]
    rows[row] |= cells
    return {**VALID_TABLES, table: rows}


def add_row(table: str, **cells: str) -> dict[str, Rows]:
    """VALID_TABLES with a copy of a table's first row added, some of its cells changed."""
    rows = list(VALID_TABLES[table])
    return {**VALID_TABLES, table: [*rows, {**rows[0], **cells}]}
