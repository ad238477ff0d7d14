"""The sample's building blocks: names, codes, places, drawings and the table writer."""

import io
import random
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from PIL import Image
from stdnum.cn import uscc as credit_code

from generator.data.sample.codes import make_site_code, make_uscc
from generator.data.sample.names import firm_name
from generator.data.sample.pictures import describe_scene, draw_scene
from generator.data.sample.province import PROVINCE_BOX, make_province
from generator.data.sample.write import format_cell, write_table

SEED = 20160703


def test_counties_lie_inside_the_province_box() -> None:
    west, south, east, north = PROVINCE_BOX
    for county in make_province(SEED).counties:
        assert west + 0.2 < county.longitude < east - 0.2
        assert south + 0.2 < county.latitude < north - 0.2


def test_a_drawing_depends_on_scene_and_key_alone() -> None:
    first = draw_scene("outfall", "BG2016W17-001")
    assert draw_scene("outfall", "BG2016W17-001") == first
    assert draw_scene("outfall", "BG2016W17-002") != first
    assert "废水" in describe_scene("outfall", "BG2016W17-001")
    assert Image.open(io.BytesIO(first)).size == (640, 400)


def test_twenty_thousand_firm_names_are_distinct_without_numbers() -> None:
    rng = random.Random(5)
    counties = make_province(SEED).counties
    names: set[str] = set()
    draws = 0
    while len(names) < 20_000:
        names.add(firm_name(rng, rng.choice(counties).name, rng.choice(("化工", "纺织", "机械"))))
        draws += 1
    assert draws < 21_000
    assert not any(re.search(r"\d", name) for name in names)


def test_codes_follow_their_standards() -> None:
    rng = random.Random(1)
    for _ in range(200):
        code = make_uscc(rng, "990101")
        assert credit_code.is_valid(code)
        assert code[2:8] == "990101"
    assert re.fullmatch(re.escape(code) + r"002[A-Z]", make_site_code(code, 2))
    assert make_site_code(code)[-1] == make_site_code(code, 2)[-1]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""), ("不适用", "不适用"), (True, "是"), (False, "否"), (12, "12"), (5.0, "5"),
        (0.1, "0.1"), (1e-7, "0.0000001"), (2.5e16, "25000000000000000"),
        (date(2016, 7, 3), "2016-07-03"),
    ],
)  # fmt: skip
def test_a_cell_is_written_as_plain_text(cell: object, text: str) -> None:
    assert format_cell(cell) == text


def test_a_row_of_wrong_width_is_an_error_and_rows_are_streamed(tmp_path: Path) -> None:
    taken = []

    def rows() -> Iterator[tuple[object, ...]]:
        for number in range(3):
            taken.append(number)
            yield (number, 'a "b", c') if number < 2 else (number,)

    with pytest.raises(ValueError, match="row 4 has 1 cells, not 2"):
        write_table(tmp_path, ("id", "name"), "demo", rows())
    assert taken == [0, 1, 2]
    assert write_table(tmp_path, ("id", "name"), "demo", [(1, 'a "b", c')]) == 1
    assert (tmp_path / "tables/demo.csv").read_bytes() == b'id,name\n1,"a ""b"", c"\n'
