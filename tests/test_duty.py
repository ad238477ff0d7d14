import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from public_package import DATA_DATE, DUTIES, load_tables, make_duty, make_pages, render_pages

from generator.domain.duty import (
    PARTS,
    Body,
    find_first_day,
    find_successors,
    group_by_part,
    index_violation_types,
    list_changes,
    read_adoptions,
    read_bodies,
)
from generator.domain.duty_results import TypeState, count_types
from generator.domain.place import read_gazetteer
from generator.site.views.duty_chain import ChainSources, make_chain
from generator.site.views.exposure_parts import Link


@pytest.fixture(scope="module")
def bodies(tmp_path_factory: pytest.TempPathFactory) -> tuple[Body, ...]:
    return read_bodies(load_tables(tmp_path_factory.mktemp("duty") / "set"))


def test_clauses_gather_under_the_body_of_their_number(bodies: tuple[Body, ...]):
    assert [(b.code, b.name, len(b.duties)) for b in bodies] == [
        ("Z01", "中共示例省委员会", 1),
        ("Z05", "示例省环境保护厅", len(DUTIES) - 1),
    ]


def test_a_renamed_body_goes_by_its_newest_name(tmp_path: Path):
    renamed = make_duty("Z05-002", body_name="示例省生态环境厅", valid_from="2016-05-01")
    dataset = load_tables(tmp_path / "set", responsibility=(make_duty("Z05-001"), renamed))
    (body,) = read_bodies(dataset)
    assert body.name == "示例省生态环境厅"


def test_parts_stand_in_the_documents_order_even_when_empty(bodies: tuple[Body, ...]):
    parts = group_by_part(bodies)
    assert tuple(parts) == PARTS
    assert [len(members) for members in parts.values()] == [1, 0, 0, 1, 0]


def test_a_clause_is_in_force_on_its_first_and_last_day(bodies: tuple[Body, ...]):
    duty = bodies[1].duties[2]
    assert duty.number == "Z05-003"
    assert duty.in_force(dt.date(2016, 1, 1))
    assert duty.in_force(dt.date(2016, 3, 31))
    assert not duty.in_force(dt.date(2016, 4, 1))
    assert duty.expired(dt.date(2016, 4, 1))
    assert not duty.in_force(dt.date(2015, 12, 31))
    assert not duty.expired(dt.date(2015, 12, 31))


def test_the_successor_starts_the_next_day_and_shares_a_violation_type(bodies: tuple[Body, ...]):
    body = bodies[1]
    expired = body.duties[2]
    assert [duty.number for duty in find_successors(body, expired)] == ["Z05-004"]
    assert find_successors(body, body.duties[0]) == ()


def test_violation_types_lead_to_clauses_in_force_that_answer_for_them(bodies: tuple[Body, ...]):
    index = index_violation_types(bodies, DATA_DATE)
    found = {kind: [duty.number for _, duty in entries] for kind, entries in index.items()}
    # Z05-002 only helps, Z05-003 has expired, Z05-006 is not in force yet, Z01 leads as a whole.
    assert found == {
        "批建不符": ["Z05-004"],
        "未批先建": ["Z05-004"],
        "超标排放": ["Z05-001"],
    }


def test_other_violations_stand_last_in_the_index(bodies: tuple[Body, ...]):
    later = index_violation_types(bodies, dt.date(2017, 6, 1))
    assert list(later)[-1] == "其他"


def test_adoptions_tell_adopted_documents_from_drafts(tmp_path: Path):
    adopted, drafting = read_adoptions(load_tables(tmp_path / "set"))
    assert (adopted.division_code, adopted.status) == ("990100", "已印发")
    assert adopted.adopted_date == dt.date(2016, 2, 25)
    assert adopted.document_no == "临党发〔2016〕6号"
    assert (drafting.status, drafting.adopted_date, drafting.document_title) == ("起草中", None, "")


def read_list(root: Path, *rows: dict[str, str], as_of: dt.date = DATA_DATE) -> tuple[Body, ...]:
    return read_bodies(load_tables(root, responsibility=rows), as_of)


RENAMED = (
    make_duty("Z05-001"),
    make_duty("Z05-002", valid_to="2016-05-31"),
    make_duty("Z05-003", valid_from="2016-06-01", body_name="示例省生态环境厅"),
)
"""A body renamed on 1 June 2016, when one of its clauses was replaced too."""


def test_a_body_renamed_in_mid_year_keeps_both_names_with_their_days(tmp_path: Path):
    (body,) = read_list(tmp_path / "set", *RENAMED)
    assert body.name == "示例省生态环境厅"
    assert [(n.name, n.valid_from, n.valid_to) for n in body.names] == [
        ("示例省环境保护厅", dt.date(2016, 1, 1), dt.date(2016, 5, 31)),
        ("示例省生态环境厅", dt.date(2016, 6, 1), None),
    ]
    assert [duty.body_name for duty in body.duties] == ["示例省环境保护厅"] * 2 + [body.name]


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (dt.date(2016, 5, 31), "示例省环境保护厅"),
        (dt.date(2016, 6, 1), "示例省生态环境厅"),
        (dt.date(2015, 1, 1), "示例省生态环境厅"),
    ],
    ids=["the day before", "the day itself", "before the list"],
)
def test_a_body_goes_by_the_name_that_it_bore_on_the_data_date(
    tmp_path: Path, day: dt.date, name: str
):
    (body,) = read_list(tmp_path / "set", *RENAMED, as_of=day)
    assert body.name == name


def test_changes_tell_a_renaming_a_replacement_an_end_and_a_beginning(tmp_path: Path):
    bodies = read_list(
        tmp_path / "set",
        *RENAMED,
        make_duty("Z06-001", body_name="示例省公安厅", valid_to="2016-03-31"),
        make_duty("Z06-002", body_name="示例省公安厅", valid_from="2016-04-15"),
    )
    found = [
        (
            change.day.isoformat(),
            change.body.code,
            change.new_name.name if change.new_name else "",
            [duty.number for duty in change.before],
            [duty.number for duty in change.after],
        )
        for change in list_changes(bodies, find_first_day(bodies))
    ]
    assert found == [
        ("2016-06-01", "Z05", "示例省生态环境厅", [], []),
        ("2016-06-01", "Z05", "", ["Z05-002"], ["Z05-003"]),
        ("2016-04-15", "Z06", "", [], ["Z06-002"]),
        ("2016-04-01", "Z06", "", ["Z06-001"], []),
    ]


def test_a_list_that_never_changed_has_no_changes(tmp_path: Path):
    bodies = read_list(tmp_path / "set", make_duty("Z05-001"), make_duty("Z06-001"))
    assert list_changes(bodies, find_first_day(bodies)) == ()
    assert find_first_day(()) is None


def test_both_names_and_both_clauses_stand_on_the_pages_with_their_days(tmp_path: Path):
    dataset = load_tables(tmp_path / "set", responsibility=RENAMED)
    bodies = render_pages(make_pages(dataset))
    own = "".join(bodies["duty/Z05.html"].split())
    assert "示例省环境保护厅（2016年1月1日至2016年5月31日）" in own
    assert "示例省生态环境厅（2016年6月1日起）" in own
    assert "当时名称</dt><dd>示例省环境保护厅" in own
    whole = "".join(bodies["duty/index.html"].split())
    assert "更名" in whole
    assert "条文更替" in whole
    assert "原名示例省环境保护厅，2016年1月1日至2016年5月31日" in whole


def frames(*projects: tuple[str, str, bool, bool]) -> pd.DataFrame:
    columns = ["county", "violation_type", "closed", "overdue"]
    return pd.DataFrame(list(projects), columns=columns).astype({"closed": bool, "overdue": bool})


def test_results_count_open_overdue_and_exposed_by_area_and_type():
    projects = frames(
        ("990101", "未批先建", True, False),
        ("990101", "未批先建", False, True),
        ("990101", "未验先投", False, False),
        ("990102", "未批先建", False, False),
    )
    cases = pd.DataFrame(
        [("990101", "未批先建", False), ("990101", "超标排放", False), ("", "", True)],
        columns=["county", "violation_type", "withdrawn"],
    )
    assert count_types(projects, cases, "county") == {
        ("990101", "未批先建"): TypeState(2, 1, 1, 1),
        ("990101", "未验先投"): TypeState(1, 1, 0, 0),
        ("990101", "超标排放"): TypeState(0, 0, 0, 1),
        ("990102", "未批先建"): TypeState(1, 1, 0, 0),
    }
    assert count_types(frames(), cases[cases["withdrawn"]], "county") == {}


def test_a_chain_names_who_leads_who_supervises_and_by_which_clause(tmp_path: Path):
    dataset = load_tables(
        tmp_path / "set",
        responsibility=(
            *DUTIES,
            make_duty("Z07-001", body_name="望海市环境保护局", division_code="990200"),
        ),
    )
    sources = ChainSources(
        read_bodies(dataset), read_adoptions(dataset), read_gazetteer(dataset), DATA_DATE
    )
    states = {"超标排放": TypeState(3, 2, 1, 1), "监测数据造假": TypeState(0, 0, 0, 1)}
    chain = make_chain(sources, "990102", ["990102"], states)
    assert [(line.body.text, [c.text for c in line.clauses]) for line in chain.leaders] == [
        ("中共示例省委员会", ["Z01-001"])
    ]
    row, unanswered = chain.rows
    assert [body.text for body in row.bodies] == ["示例省环境保护厅（监管，Z05-001）"]
    assert row.bodies[0].route == "duty/Z05.html#Z05-001"
    assert (row.open.text, row.overdue.text, row.exposed.text) == ("2", "1", "1")
    assert "overdue=%E5%B7%B2%E9%80%BE%E6%9C%9F" in row.overdue.route
    assert (unanswered.violation_type, unanswered.bodies) == ("监测数据造假", ())
    assert unanswered.open == Link("0", "")
    assert chain.adoption == "已印发：《临川市环境保护工作职责》（临党发〔2016〕6号）"
    seaside = make_chain(sources, "990201", ["990201"], states)
    assert [body.text for body in seaside.rows[0].bodies] == [
        "示例省环境保护厅（监管，Z05-001）", "望海市环境保护局（监管，Z07-001）",
    ]  # fmt: skip
    assert seaside.adoption == "起草中。正在征求意见。"
