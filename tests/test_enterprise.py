import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from enterprise_dataset import (
    AS_OF,
    OTHER,
    SISTER,
    SITE,
    make_dataset,
    make_duty,
    make_profile,
    make_project,
    make_reading,
)
from package_factory import write_readings

from generator.domain.disclosure import read_disclosure
from generator.domain.enterprise import (
    Enterprise,
    cut_dataset,
    cut_registers,
    iter_enterprises,
)
from generator.domain.enterprise_links import read_registers
from generator.domain.monitoring import read_monitoring

Tables = Mapping[str, Sequence[Mapping[str, str]]]


def read_sites(tables: Tables, readings: Path = Path("none.parquet")) -> dict[str, Enterprise]:
    """Every site by code; some are also made of what is cut for them, and come out the same."""
    dataset = make_dataset(tables)
    disclosures, monitoring = read_disclosure(dataset), read_monitoring(readings)
    registers = read_registers(dataset)
    found = iter_enterprises(dataset, disclosures, monitoring, registers, AS_OF)
    sites = {enterprise.site_code: enterprise for enterprise in found}
    for share in (list(sites), *([site] for site in list(sites)[:5])):
        own = cut_registers(dataset, registers, share)
        cut = cut_dataset(dataset, own, share)
        for one in iter_enterprises(cut, disclosures, monitoring.cut(share), own, AS_OF, share):
            assert tell(one) == tell(sites[one.site_code])
    return sites


def tell(site: Enterprise) -> tuple[Enterprise, dict[str, list[tuple[str, ...]]]]:
    """What a site is, so that it can be compared."""
    return replace(site, tables={}), {name: rows.texts() for name, rows in site.tables.items()}


def test_sites_come_in_code_order_with_their_own_rows_in_file_order() -> None:
    def noise(site: str, point: str) -> dict[str, str]:
        return {"site_code": site, "point_no": point, "monitor_date": "2016-03-01"}

    sites = read_sites(
        {
            "enterprise_profile": [make_profile(OTHER), make_profile()],
            "noise": [noise(OTHER, "N1"), noise(SITE, "N2"), noise(OTHER, "N3"), noise(SITE, "N1")],
        }
    )
    assert list(sites) == [SITE, OTHER]
    assert sites[SITE].tables["noise"].column("point_no") == ["N2", "N1"]
    assert [row[1] for row in sites[OTHER].tables["noise"].texts()] == ["N1", "N3"]
    assert sites[OTHER].tables["noise"].records()[1]["point_no"] == "N3"
    assert len(sites[SITE].tables) == 33
    assert sites[SITE].tables["exceedance"].texts() == []
    assert sites[SITE].tables["exceedance"].column("exceed_id") == []


def test_rows_stay_with_their_sites_across_the_border_of_a_chunk() -> None:
    codes = [f"91990102MA{number:07d}X001P" for number in range(1100)]
    rows = [
        {"site_code": code, "report_year": "2015", "product_name": f"产品{code[10:17]}"}
        for code in codes
        if code[16:17] != "7"
    ]
    sites = read_sites(
        {"enterprise_profile": [make_profile(c) for c in codes], "product_capacity": rows}
    )
    assert len(sites) == 1100
    for code, enterprise in sites.items():
        expected = () if code[16:17] == "7" else (f"产品{code[10:17]}",)
        assert tuple(enterprise.tables["product_capacity"].column("product_name")) == expected


def test_the_names_behind_codes_and_the_places_above_are_found() -> None:
    site = read_sites({"enterprise_profile": [make_profile()]})[SITE]
    assert (site.county, site.prefecture, site.prefecture_code) == ("江北区", "临川市", "990100")
    assert site.industry == "有机化学原料制造"
    odd = read_sites(
        {"enterprise_profile": [make_profile(division_code="990100", industry_code="C99")]}
    )[SITE]
    assert (odd.county, odd.prefecture, odd.industry) == ("区划未明", "", "")


def test_a_project_is_linked_by_site_code_or_else_by_credit_code_and_says_which() -> None:
    sites = read_sites(
        {
            "enterprise_profile": [make_profile(), make_profile(SISTER), make_profile(OTHER)],
            "illegal_project": [
                make_project(1, site_code=SITE, uscc=SITE[:18]),
                make_project(2, site_code="不适用", uscc=SITE[:18]),
                make_project(3, uscc="不适用"),
            ],
        }
    )

    def links(site: str) -> list[tuple[str, bool]]:
        return [(owned.project.ledger_no[-1], owned.by_site) for owned in sites[site].projects]

    assert links(SITE) == [("1", True), ("2", False)]
    assert links(SISTER) == [("2", False)]
    assert links(OTHER) == []


@pytest.mark.parametrize(
    ("deadline", "stage", "overdue"),
    [
        ("2016-07-02", "整改", True),
        ("2016-07-03", "整改", False),
        ("2016-07-02", "销号", False),
    ],
)
def test_a_project_is_overdue_after_its_deadline_unless_struck_off(
    deadline: str, stage: str, overdue: bool
) -> None:
    project = make_project(1, site_code=SITE, deadline=deadline, stage=stage)
    site = read_sites({"enterprise_profile": [make_profile()], "illegal_project": [project]})[SITE]
    assert site.projects[0].overdue is overdue


def test_sister_sites_share_the_credit_code_and_leave_out_the_site_itself() -> None:
    sites = read_sites(
        {"enterprise_profile": [make_profile(), make_profile(SISTER), make_profile(OTHER)]}
    )
    assert [sister.site_code for sister in sites[SITE].sisters] == [SISTER]
    assert sites[OTHER].sisters == ()


def test_sites_without_a_credit_code_are_no_sisters_of_each_other() -> None:
    sites = read_sites(
        {"enterprise_profile": [make_profile(uscc="不适用"), make_profile(OTHER, uscc="不适用")]}
    )
    assert sites[SITE].sisters == ()


def test_corrections_reach_the_site_through_any_record_of_it() -> None:
    def correction(number: int, table: str, key: str) -> dict[str, str]:
        return {
            "correction_no": f"GZ2016-{number:05d}",
            "target_table": table,
            "target_key": key,
            "kind": "企业说明",
            "received_date": "2016-03-01",
            "public_reason": "示例理由",
        }

    case = {"case_no": "BG2016W26-001", "iso_week": "2016-W26", "site_code": SITE}
    sites = read_sites(
        {
            "enterprise_profile": [make_profile(), make_profile(OTHER)],
            "illegal_project": [make_project(1, site_code=SITE)],
            "exposure_case": [case],
            "penalty_rectification": [{"decision_no": "江环罚〔2016〕1号", "site_code": SITE}],
            "correction": [
                correction(1, "enterprise_profile", SITE),
                correction(2, "illegal_project", "990102-Z-00001"),
                correction(3, "exposure_case", "BG2016W26-001"),
                correction(4, "penalty_rectification", "江环罚〔2016〕1号"),
                correction(5, "noise", f"{SITE}|N1|2016-03-01"),  # the row itself is gone
                correction(6, "bulletin", "2016-W26|990102"),
                correction(7, "unknown_table", SITE),
            ],
        }
    )
    assert [c.number[-1] for c in sites[SITE].corrections] == ["1", "2", "3", "4", "5"]
    assert sites[OTHER].corrections == ()


def test_a_withdrawn_exposure_leaves_the_site() -> None:
    case = {"case_no": "BG2016W26-001", "iso_week": "2016-W26", "site_code": SITE}
    stands = read_sites({"enterprise_profile": [make_profile()], "exposure_case": [case]})
    gone = read_sites(
        {
            "enterprise_profile": [make_profile()],
            "exposure_case": [case | {"withdraw_reason": "决定被撤销"}],
        }
    )
    assert [case.case_no for case in stands[SITE].cases] == ["BG2016W26-001"]
    assert gone[SITE].cases == ()


def test_responsible_are_leaders_general_supervisors_and_those_a_record_adds() -> None:
    duties = [
        make_duty("Z01-001", body_kind="政府", duty_role="领导"),
        make_duty("Z02-001", violation_types="超标排放"),
        make_duty("Z02-002", violation_types="未依法公开环境信息、未批先建"),
        make_duty("Z03-001", violation_types="超标排放"),
        make_duty("Z04-001", violation_types="未批先建"),
        make_duty("Z05-001", violation_types="未批先建", duty_role="配合"),
        make_duty("Z06-001", violation_types="未批先建", valid_to="2016-07-02"),
        make_duty("Z07-001", violation_types="未批先建", valid_from="2016-07-04"),
        make_duty("Z08-001", violation_types="未批先建", division_code="990200"),
    ]
    tables = {"enterprise_profile": [make_profile()], "responsibility": duties}
    clean = read_sites(tables)[SITE]
    assert [(b.code, b.general) for b in clean.bodies] == [("Z01", True), ("Z02", True)]
    stained = read_sites(tables | {"illegal_project": [make_project(1, site_code=SITE)]})[SITE]
    assert [(b.code, b.general) for b in stained.bodies] == [
        ("Z01", True),
        ("Z02", True),
        ("Z04", False),
    ]
    assert stained.bodies[1].violation_types == ("超标排放", "未依法公开环境信息", "未批先建")
    assert stained.bodies[2].legal_basis == "依据Z04-001"


def test_a_site_has_its_own_series_and_a_suspended_one_says_so(tmp_path: Path) -> None:
    path = tmp_path / "monitoring.parquet"
    write_readings(path, rows=[make_reading(dt.datetime(2016, 5, 1), 7.0)])
    sites = read_sites(
        {
            "enterprise_profile": [
                make_profile(),
                make_profile(OTHER, operating_status="长期停产"),
            ]
        },
        path,
    )
    assert len(sites[SITE].monitoring) == 1
    assert not sites[SITE].long_suspended
    assert sites[OTHER].long_suspended
    assert sites[OTHER].monitoring == ()


def test_what_is_cut_for_a_site_speaks_of_no_other_firm() -> None:
    dataset = make_dataset(
        {
            "enterprise_profile": [make_profile(), make_profile(SISTER), make_profile(OTHER)],
            "illegal_project": [
                make_project(1, site_code=SITE),
                make_project(2, uscc=SITE[:18]),
                make_project(3, site_code=OTHER),
            ],
            "ledger_event": [
                {"event_no": f"E{number}", "ledger_no": f"990102-Z-{number:05d}"}
                for number in (1, 2, 3)
            ],
            "exposure_case": [
                {"case_no": "BG2016W26-001", "iso_week": "2016-W26", "site_code": SITE},
                {"case_no": "BG2016W26-002", "iso_week": "2016-W26", "site_code": OTHER},
            ],
            "noise": [{"site_code": SITE}, {"site_code": OTHER}],
        }
    )
    own = cut_registers(dataset, read_registers(dataset), [SITE])
    cut = cut_dataset(dataset, own, [SITE])
    assert {name: cut.height(name) for name in ("enterprise_profile", "illegal_project")} == {
        "enterprise_profile": 2,
        "illegal_project": 2,
    }
    assert cut["ledger_event"].text["event_no"].to_list() == ["E1", "E2"]
    assert cut["exposure_case"].text["case_no"].to_list() == ["BG2016W26-001"]
    assert cut["division"].text.equals(dataset["division"].text)
    for table in cut.tables.values():
        assert OTHER not in table.text.write_csv()
