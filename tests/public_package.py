"""A small dataset of exposures, bulletins and duties that a test can alter, and its pages."""

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path

from package_factory import SITE_CODE, VALID_TABLES, Rows, write_package
from PIL import Image

from generator.cache import NO_CACHE
from generator.config import Campaign
from generator.data.catalog import read_catalog
from generator.data.check import check_dataset, format_report
from generator.data.load import Dataset
from generator.domain.bulletin import read_bulletin_rows
from generator.domain.correction import find_targets, read_corrections
from generator.domain.duty import read_adoptions, read_bodies
from generator.domain.exposure import list_photos, read_cases
from generator.domain.place import read_gazetteer
from generator.site.pages import Page
from generator.site.pictures import plan_pictures
from generator.site.render import Renderer
from generator.site.views.bulletin import bulletin_pages
from generator.site.views.correction import correction_pages
from generator.site.views.duty import duty_pages
from generator.site.views.exposure import exposure_pages

TEMPLATES = Path(__file__).parent.parent / "templates"
DATA_DATE = dt.date(2016, 7, 3)
CAMPAIGN = Campaign("百日专项行动", dt.date(2016, 6, 20), dt.date(2016, 7, 3))

DIVISIONS: Rows = (
    *VALID_TABLES["division"],
    {"division_code": "990103", "division_name": "河东县", "parent_code": "990100", "level": "县"},
    {"division_code": "990200", "division_name": "望海市", "parent_code": "990000", "level": "市"},
    {"division_code": "990201", "division_name": "滨海区", "parent_code": "990200", "level": "县"},
)


def make_case(case_no: str, **cells: str) -> dict[str, str]:
    """A case that stands, in 江北区, with its week taken from its number."""
    return {
        "case_no": case_no,
        "iso_week": f"{case_no[2:6]}-{case_no[6:9]}",
        "division_code": "990102",
        "ent_name": "临川恒诚化工有限公司",
        "violation_type": "超标排放",
        "facts": "2016年6月执法检查时，总排口化学需氧量超过排放标准百分之十。",
        "measure_kind": "罚款、责令改正",
        "fine": "5",
        "cause_found_date": "2016-06-20",
        "photo_ref": f"photos/{case_no.lower()}.png",
        "photo_alt": "厂区排污口的示意图",
    } | cells


def make_bulletin(week: str, division_code: str = "990102", **cells: str) -> dict[str, str]:
    """A county's week with nothing done but what `cells` say."""
    columns = (
        "cases_opened", "fine_total", "daily_penalty", "seizure", "limit_stop", "detention",
        "crime_transfer", "eia_refused", "eia_refused_invest",
    )  # fmt: skip
    return {"iso_week": week, "division_code": division_code} | dict.fromkeys(columns, "0") | cells


def make_duty(duty_no: str, **cells: str) -> dict[str, str]:
    """A clause of the provincial environment department, in force since 2016."""
    return {
        "duty_no": duty_no,
        "body_name": "示例省环境保护厅",
        "body_kind": "政府部门",
        "part": "政府部门及直属单位",
        "division_code": "990000",
        "duty_text": "对全省环境保护工作实施统一监督管理。",
        "duty_role": "监管",
        "legal_basis": "《中华人民共和国环境保护法》第十条",
        "violation_types": "超标排放",
        "valid_from": "2016-01-01",
    } | cells


CASES: Rows = (
    make_case("BG2016W25-001", measure_kind="查封扣押、停产整治", fine="12.5"),
    make_case(
        "BG2016W26-001", measure_kind="限制生产、停产整治、移送行政拘留", site_code=SITE_CODE
    ),
    make_case("BG2016W26-002", division_code="990103", measure_kind="移送涉嫌犯罪", fine=""),
    make_case("BG2016W26-003", division_code="990201", measure_kind="警告", fine="0"),
)
"""Two issues: one case in 2016-W25, three counties in 2016-W26."""

BULLETINS: Rows = (
    make_bulletin("2015-W25", cases_opened="4", fine_total="10", detention="1"),
    make_bulletin("2015-W26", cases_opened="2", fine_total="0"),
    make_bulletin("2015-W53", cases_opened="1"),
    make_bulletin(
        "2016-W25", cases_opened="9", fine_total="31.25", seizure="2", limit_stop="1", detention="2"
    ),
    make_bulletin("2016-W26", cases_opened="3", fine_total="8.5", limit_stop="1", detention="1"),
    make_bulletin("2016-W26", "990103", cases_opened="1", fine_total="0.1", crime_transfer="1"),
    make_bulletin(
        "2016-W26", "990201", cases_opened="2", eia_refused="1", eia_refused_invest="4500"
    ),
)

DUTIES: Rows = (
    make_duty(
        "Z01-001", body_name="中共示例省委员会", body_kind="党委", part="党委", duty_role="领导"
    ),
    make_duty("Z05-001"),
    make_duty("Z05-002", duty_role="配合", violation_types="无证排污"),
    make_duty("Z05-003", valid_to="2016-03-31", violation_types="批建不符"),
    make_duty("Z05-004", valid_from="2016-04-01", violation_types="批建不符、未批先建"),
    make_duty("Z05-005", valid_from="2016-04-01", violation_types="不适用"),
    make_duty("Z05-006", valid_from="2017-01-01", violation_types="其他"),
)

ADOPTIONS: Rows = (
    {
        "division_code": "990100",
        "status": "已印发",
        "document_title": "临川市环境保护工作职责",
        "document_no": "临党发〔2016〕6号",
        "adopted_date": "2016-02-25",
    },
    {"division_code": "990200", "status": "起草中", "note": "正在征求意见"},
)

CORRECTIONS: Rows = (
    {
        "correction_no": "GZ2016-00001",
        "target_table": "exposure_case",
        "target_key": "BG2016W26-001",
        "kind": "企业说明",
        "received_date": "2016-06-30",
        "resolved_date": "2016-07-01",
        "public_reason": "企业称治理设施已经修复。",
    },
    {
        "correction_no": "GZ2016-00002",
        "target_table": "bulletin",
        "target_key": "2016-W26|990102",
        "kind": "更正",
        "received_date": "2016-07-02",
        "public_reason": "罚款合计重复计入一件，正在核实。",
    },
)

TABLES: Mapping[str, Rows] = {
    **VALID_TABLES,
    "division": DIVISIONS,
    "exposure_case": CASES,
    "bulletin": BULLETINS,
    "responsibility": DUTIES,
    "duty_adoption": ADOPTIONS,
    "correction": CORRECTIONS,
}


def load_tables(root: Path, **tables: Rows) -> Dataset:
    """The loaded dataset with some tables replaced; a fault of the check fails the test."""
    rows = {**TABLES, **tables}
    catalog = read_catalog(write_package(root, rows))
    (root / "photos").mkdir()
    for case in rows["exposure_case"]:
        if case["photo_ref"]:
            Image.new("RGB", (64, 40)).save(root / case["photo_ref"])
    report, dataset = check_dataset(catalog)
    assert dataset is not None, format_report(report)
    return dataset


def make_pages(dataset: Dataset, campaign: Campaign = CAMPAIGN) -> Iterator[Page]:
    """Every page of the exposure, the bulletin, the duties and the correction log."""
    gazetteer, cases = read_gazetteer(dataset), read_cases(dataset)
    corrections, rows = read_corrections(dataset), read_bulletin_rows(dataset)
    bodies, weeks = read_bodies(dataset, DATA_DATE), {row.iso_week for row in rows}
    pictures = plan_pictures(list_photos(cases), dataset.catalog.root, NO_CACHE)
    yield from exposure_pages(
        cases, gazetteer, corrections, bodies, weeks, DATA_DATE, "penalty", pictures=pictures
    )
    yield from bulletin_pages(rows, cases, gazetteer, campaign)
    yield from duty_pages(bodies, read_adoptions(dataset), gazetteer, DATA_DATE)
    yield from correction_pages(corrections, find_targets(dataset, corrections), cases)


def render_pages(pages: Iterator[Page]) -> dict[str, str]:
    """Body markup by address, with what the shell would add of the page: title, description."""
    renderer = Renderer(TEMPLATES)
    return {page.route: renderer.render_body(page) for page in pages}
