import datetime as dt
from pathlib import Path

import pytest
from public_package import DATA_DATE, DUTIES, load_tables, make_duty

from generator.domain.duty import (
    PARTS,
    Body,
    find_successors,
    group_by_part,
    index_violation_types,
    read_adoptions,
    read_bodies,
)


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
