"""The index writer: the same bytes for the same records, few files for a small change."""

from __future__ import annotations

import dataclasses
import gzip
import json
import re
import time
from random import Random
from typing import Any

import numpy as np
import pytest
from search_corpus import district_names, make_corpus
from search_dataset import COMMITTED, DatasetRecords
from search_site import TEMPLATES

from generator.site.search.assets import build_assets
from generator.site.search.bits import encode_lists, write_codes
from generator.site.search.index import build_index
from generator.site.search.records import SearchRecord, SearchRecordError

MOST_FILES_OF_A_CHANGE = 40
MOST_FILES = 760


def read_payload(script: bytes) -> Any:
    match = re.fullmatch(r"huanjing\.shard\('[\w.-]+',\d+,'(.*)'\);\n", script.decode(), re.DOTALL)
    assert match
    return json.loads(match[1].replace("\\'", "'").replace("\\\\", "\\"))


@pytest.fixture(scope="module")
def records() -> list[SearchRecord]:
    return DatasetRecords().records if COMMITTED else make_corpus()


@pytest.fixture(scope="module")
def districts() -> dict[str, str]:
    return DatasetRecords().districts if COMMITTED else dict(district_names())


@pytest.fixture(scope="module")
def index(records: list[SearchRecord], districts: dict[str, str]) -> dict[str, bytes]:
    return dict(build_index(records, districts))


def count_changes(before: dict[str, bytes], after: dict[str, bytes]) -> int:
    return sum(before.get(name) != after.get(name) for name in before.keys() | after.keys())


def test_the_same_records_in_any_order_give_the_same_bytes(
    records: list[SearchRecord], districts: dict[str, str], index: dict[str, bytes]
) -> None:
    shuffled = records[:]
    Random("order").shuffle(shuffled)
    assert dict(build_index(shuffled, districts)) == index


def test_paths_come_sorted_and_are_safe_names(index: dict[str, bytes]) -> None:
    assert list(index) == sorted(index)
    assert all(re.fullmatch(r"search/[a-z0-9-]{1,60}\.js", path) for path in index)
    assert len({path.lower() for path in index}) == len(index)


def test_a_renamed_record_changes_at_most_forty_files(
    records: list[SearchRecord], districts: dict[str, str], index: dict[str, bytes]
) -> None:
    for kind in ("project", "enterprise", "case"):
        at = Random(f"rename:{kind}").choice([n for n, r in enumerate(records) if r.kind == kind])
        renamed = dataclasses.replace(
            records[at], title="云栈" + records[at].title[:-4] + "扩能工程"
        )
        changed = dict(build_index([*records[:at], renamed, *records[at + 1 :]], districts))
        assert 1 < count_changes(index, changed) <= MOST_FILES_OF_A_CHANGE, kind


def test_a_stage_change_touches_its_row_and_its_column_only(
    records: list[SearchRecord], districts: dict[str, str], index: dict[str, bytes]
) -> None:
    at = next(n for n, r in enumerate(records) if r.facets.get("stage") == "整改")
    moved = dataclasses.replace(records[at], facets={**records[at].facets, "stage": "消除"})
    changed = dict(build_index([*records[:at], moved, *records[at + 1 :]], districts))
    names = {name for name in index if index[name] != changed[name]}
    assert len(names) == 2
    assert {name.split("-")[0] for name in names} == {"search/r", "search/e"}


def test_a_withdrawn_record_changes_at_most_forty_files_and_leaves_nothing(
    records: list[SearchRecord], districts: dict[str, str], index: dict[str, bytes]
) -> None:
    for kind in ("project", "enterprise", "case"):
        at = Random(f"withdraw:{kind}").choice([n for n, r in enumerate(records) if r.kind == kind])
        rest = dict(build_index([*records[:at], *records[at + 1 :]], districts))
        assert 1 < count_changes(index, rest) <= MOST_FILES_OF_A_CHANGE, kind
        gone = records[at].id.encode()
        # A part of the ledger whose every number follows on is told by its first characters.
        assert any(gone in data for data in index.values()) or kind == "project"
        assert not any(gone in data for data in rest.values())


def test_an_added_project_changes_at_most_forty_files(
    records: list[SearchRecord], districts: dict[str, str], index: dict[str, bytes]
) -> None:
    project = Random("add").choice([r for r in records if r.kind == "project"])
    last = max(
        int(r.id[-5:]) for r in records if r.kind == "project" and r.district == project.district
    )
    added = dataclasses.replace(
        project,
        id=f"{project.district}-Z-{last + 1:05d}",
        url=f"project/{project.district}-new.html",
        title="年产3500吨活性炭再生项目",
        codes=(f"{project.district}-Z-{last + 1:05d}",),
    )
    changed = dict(build_index([*records, added], districts))
    assert 1 < count_changes(index, changed) <= MOST_FILES_OF_A_CHANGE


def test_the_index_of_a_province_is_built_within_five_seconds(
    records: list[SearchRecord], districts: dict[str, str]
) -> None:
    # Processor time, since other work may share the machine.
    begun = time.process_time()
    size = sum(len(data) for _, data in build_index(records, districts))
    assert size > 1_000_000
    assert time.process_time() - begun < 5


def test_number_lists_come_back_from_their_bits() -> None:
    random = Random("lists")
    space = 1 << 16
    lists = [sorted(random.sample(range(space), random.choice((1, 2, 9, 700)))) for _ in range(40)]
    sizes = np.array([len(numbers) for numbers in lists])
    codes = encode_lists(sizes, np.concatenate(lists), np.full(len(lists), space))
    text = write_codes(codes, 3, 31)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    bits = "".join(f"{alphabet.index(c):06b}" for c in text)
    at = 0

    def take(count: int) -> int:
        nonlocal at
        at += count
        return int(bits[at - count : at] or "0", 2)

    def zeros() -> int:
        nonlocal at
        begun = at
        at = bits.index("1", at) + 1
        return at - begun - 1

    for expected in lists[3:31]:
        width = zeros()
        size = 1 << width | take(width)
        k = max(((space * 11 >> 4) // size).bit_length() - 1, 0)
        number, found = -1, []
        for _ in range(size):
            high = zeros()
            number += 1 + (high << k | take(k))
            found.append(number)
        assert found == expected


def test_faulty_records_are_refused_all_at_once() -> None:
    good = SearchRecord(
        id="a",
        kind="page",
        url="page/a.html",
        title="甲",
        subtitle="",
        district="",
        township="",
        fields=(),
        facets={},
        date="",
        fine=None,
        rate=None,
        codes=(),
    )
    bad = [
        good,
        good,
        dataclasses.replace(good, id="b", kind="planet"),
        dataclasses.replace(good, id="c", district="990999"),
        dataclasses.replace(good, id="d", title=" "),
        dataclasses.replace(good, id="e", facets={"colour": "红"}),
        dataclasses.replace(good, id="f", url="javascript:alert(1)"),
        dataclasses.replace(good, id="g", date="2016-7-3"),
    ]
    with pytest.raises(SearchRecordError) as refused:
        list(build_index(bad, {}))
    lines = str(refused.value).splitlines()
    assert len(lines) == 7
    for fault in ("page/a", "planet", "990999", "page/d", "colour", "javascript:", "2016-7-3"):
        assert sum(fault in line for line in lines) == 1, fault


def test_hostile_text_stays_inside_its_string_literal() -> None:
    title = "甲');alert(1);//\\'</script>\u2028\"{{乙}}\ue003"
    record = SearchRecord(
        id="x",
        kind="page",
        url="page/x.html",
        title=title,
        subtitle="",
        district="",
        township="",
        fields=(("body", "丙" + title),),
        facets={},
        date="",
        fine=None,
        rate=None,
        codes=(),
    )
    files = dict(build_index([record], {}))
    rows = next(data for name, data in files.items() if name.startswith("search/r-"))
    assert json.loads(read_payload(rows))["t"] == [title]
    for data in files.values():
        assert data.count(b"\n") == 1
        assert "\u2028" not in data.decode()


def test_characters_of_two_units_do_not_break_a_shard() -> None:
    titles = ["𠮷野屋食品厂", "𠮷野𠮷", "野屋𠮷有限公司"]
    records = [
        SearchRecord(id=str(n), kind="page", url=f"page/{n}.html", title=title, subtitle="",
                     district="", township="", fields=(), facets={}, date="", fine=None, rate=None,
                     codes=())
        for n, title in enumerate(titles)
    ]  # fmt: skip
    shard = next(d for n, d in build_index(records, {}) if n.startswith("search/t-"))
    assert len(read_payload(shard)["l"]) == 5


def test_an_index_without_records_is_still_an_index() -> None:
    files = dict(build_index([], {}))
    assert "search/meta.js" in files


def test_the_scripts_of_a_page_stay_under_fifteen_kilobytes() -> None:
    assets = dict(build_assets(TEMPLATES / "assets" / "search"))
    scripts = [data for name, data in assets.items() if name.endswith(".js")]
    assert len(scripts) == 2
    assert sum(len(gzip.compress(data, 9)) for data in scripts) < 15 * 1024
    assert all(b"/*" not in data for data in scripts)
