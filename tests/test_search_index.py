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
from search_dataset import read_committed
from search_site import TEMPLATES

from generator.site.search.assets import build_assets
from generator.site.search.bits import Tails, encode_lists, write_codes
from generator.site.search.frequent import FREQUENT_CUTS, is_frequent, list_frequent
from generator.site.search.index import build_index
from generator.site.search.numbering import (
    BLOCK,
    EXTENTS_FROM,
    PLACED_ROWS,
    choose_bucket,
    settle_by_hash,
)
from generator.site.search.postings import STOCK_PHRASES
from generator.site.search.records import SearchRecord, SearchRecordError
from generator.site.search.shards import order_text
from generator.template_files import list_template_files

MOST_FILES_OF_A_CHANGE = 40
MOST_FILES = 500


def read_payload(script: bytes) -> Any:
    match = re.fullmatch(r"huanjing\.shard\('[\w.-]+',\d+,'(.*)'\);\n", script.decode(), re.DOTALL)
    assert match
    return json.loads(match[1].replace("\\'", "'").replace("\\\\", "\\"))


@pytest.fixture(scope="module")
def committed(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[tuple[SearchRecord, ...], dict[str, str]]:
    return read_committed(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def records(committed: tuple[tuple[SearchRecord, ...], dict[str, str]]) -> list[SearchRecord]:
    return list(committed[0])


@pytest.fixture(scope="module")
def districts(committed: tuple[tuple[SearchRecord, ...], dict[str, str]]) -> dict[str, str]:
    return committed[1]


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


def test_the_index_takes_its_share_of_the_files_a_host_allows(index: dict[str, bytes]) -> None:
    assert len(index) <= MOST_FILES


@pytest.mark.parametrize("kind", ["project", "enterprise", "case", "township", "field", "page"])
def test_a_record_added_or_withdrawn_changes_at_most_forty_files_and_leaves_nothing(
    records: list[SearchRecord], districts: dict[str, str], index: dict[str, bytes], kind: str
) -> None:
    at = Random(f"withdraw:{kind}").choice([n for n, r in enumerate(records) if r.kind == kind])
    rest = dict(build_index([*records[:at], *records[at + 1 :]], districts))
    assert 1 < count_changes(index, rest) <= MOST_FILES_OF_A_CHANGE
    if kind in ("enterprise", "case"):
        gone = records[at].id.encode()
        assert any(gone in data for data in index.values())
        assert not any(gone in data for data in rest.values())


def test_a_ledger_entry_that_needs_a_new_block_changes_at_most_forty_files(
    records: list[SearchRecord], districts: dict[str, str], index: dict[str, bytes]
) -> None:
    project = Random("add").choice([r for r in records if r.kind == "project"])
    ledger = [r for r in records if r.kind == "project" and r.district == project.district]
    serial = (max(int(r.id[-5:]) for r in ledger) // BLOCK + 1) * BLOCK
    code = f"{project.district}-Z-{serial:05d}"
    added = dataclasses.replace(
        project,
        id=code,
        url=f"project/{code}.html",
        title="年产3500吨活性炭再生项目",
        codes=(code,),
        facets={**project.facets, "sector": "从未有过的行业"},
    )
    changed = dict(build_index([*records, added], districts))
    assert 1 < count_changes(index, changed) <= MOST_FILES_OF_A_CHANGE


def test_a_record_that_needs_one_more_pack_changes_at_most_forty_files(
    records: list[SearchRecord], districts: dict[str, str]
) -> None:
    place = next(r.district for r in records if r.kind == "enterprise")
    placed = [r for r in records if r.district == place and r.kind != "project"]
    spare = len(placed) % PLACED_ROWS
    others = [r for r in records if r not in placed[:spare]]
    full = dict(build_index(others, districts))
    changed = dict(build_index([*others, placed[0]], districts))
    assert len(changed) == len(full) + 1
    assert count_changes(full, changed) <= MOST_FILES_OF_A_CHANGE


def test_one_more_bucket_splits_one_and_leaves_the_others() -> None:
    for count in range(1, 70):
        moved = {
            choose_bucket(n, count) for n in range(3000)
            if choose_bucket(n, count) != choose_bucket(n, count + 1)
        }  # fmt: skip
        assert len(moved) == 1
        assert {choose_bucket(n, count) for n in range(3000)} == set(range(count))


def test_a_key_that_settles_later_moves_no_key_but_the_one_in_its_place() -> None:
    keys = [f"key-{n}" for n in range(300)]
    before = settle_by_hash(keys, 1024)
    moved = [
        sum(before[key] != place for key, place in after.items() if key in before)
        for after in (settle_by_hash([*keys, f"new-{n}"], 1024) for n in range(60))
    ]
    assert sum(count == 0 for count in moved) > 30
    assert max(moved) <= 3
    crowded = settle_by_hash(keys, 64)
    assert len(set(crowded.values())) == 300
    assert settle_by_hash(reversed(keys), 64) == crowded


def test_the_index_of_a_province_is_built_within_five_seconds(
    records: list[SearchRecord], districts: dict[str, str]
) -> None:
    # Processor time, since other work may share the machine.
    begun = time.process_time()
    size = sum(len(data) for _, data in build_index(records, districts))
    assert size > 1_000_000
    assert time.process_time() - begun < 5


def test_every_text_that_the_page_takes_for_frequent_has_a_list() -> None:
    # The page sees from the cuts alone that a text is frequent: none may be missing.
    random = Random("cuts")
    letters = "有限公司项目甲乙丙丁"
    heads = ("", "甲", "有限公司", "建设项目", "有限公司年产")
    cuts = {random.choice(heads) + "".join(random.choices(letters, k=3)) for _ in range(120)}
    order = {ord(char): n for n, char in enumerate(letters)}
    ordered = sorted(cuts, key=lambda cut: order_text(cut, order))
    keys = [order_text(cut, order) for cut in ordered]
    listed = list_frequent(ordered, order)
    texts = {
        text[a:b] for text in (*cuts, *STOCK_PHRASES) for a in range(9) for b in range(a + 1, 10)
    }
    frequent = {text for text in texts - {""} if is_frequent(text, keys, order)}
    assert frequent == set(listed)
    assert {"有限", "公司", "司"} <= frequent
    assert sum(cut.startswith("有限") for cut in cuts) > FREQUENT_CUTS


def test_a_shard_holds_no_more_than_a_query_should_read(index: dict[str, bytes]) -> None:
    shards = {name: len(gzip.compress(data, 6)) for name, data in index.items() if "/t-" in name}
    assert max(shards.values()) < 12 * 1024


def test_number_lists_come_back_from_their_bits() -> None:
    random = Random("lists")
    lists = []
    for _ in range(40):
        near = random.sample(range(1 << 16), random.choice((0, 1, 2, 9, 700)))
        far = random.sample(range(1 << 19), random.choice((0, 1, 5)) if near else 1)
        lists.append((sorted(near), sorted(far)))
    sizes = np.array([len(near) + len(far) for near, far in lists])
    numbers = np.array(
        [n for near, far in lists for n in (*near, *(EXTENTS_FROM + f for f in far))]
    )
    # Behind every number stands its place's remainder, in as many bits as it is great.
    tails = Tails(np.ones(len(numbers), dtype=np.int64), 1 + numbers % 3)
    codes = encode_lists(sizes, numbers, (np.full(40, 16), np.full(40, 19)), tails)
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
        far = take(width + 1)
        for wanted, count, bits_ in zip(expected, (size - far, far), (16, 19), strict=True):
            first = 0 if bits_ == 16 else EXTENTS_FROM
            if count == 1:
                assert [take(bits_)] == wanted
                assert zeros() == (first + wanted[0]) % 3
                continue
            k = max((((11 << bits_) >> 4) // max(count, 1)).bit_length() - 1, 0)
            number, found = -1, []
            for _ in range(count):
                high = zeros()
                number += 1 + (high << k | take(k))
                found.append(number)
                assert zeros() == (first + number) % 3
            assert found == wanted


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
        dataclasses.replace(good, id="h", fields=(("motto", "甲"),)),
    ]
    with pytest.raises(SearchRecordError) as refused:
        list(build_index(bad, {}))
    lines = str(refused.value).splitlines()
    assert len(lines) == 8
    for fault in (
        "page/a",
        "planet",
        "990999",
        "page/d",
        "colour",
        "javascript:",
        "2016-7-3",
        "motto",
    ):
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
    assert title[1 : title.index("{")] in read_payload(rows)["t"]
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
    assets = dict(build_assets(list_template_files((TEMPLATES,), "assets/search")))
    scripts = [data for name, data in assets.items() if name.endswith(".js")]
    assert len(scripts) == 2
    assert sum(len(gzip.compress(data, 9)) for data in scripts) < 15 * 1024
    assert all(b"/*" not in data for data in scripts)
