"""Folding, splitting and readings: the shared vectors, on both sides."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from search_corpus import district_names, make_corpus
from search_queries import Scan, read_code, split_query
from search_site import Served, make_files, open_browser

from generator.site.search.fold import (
    fold_code,
    fold_text,
    list_readings,
    read_simplified_table,
    select_simplified_pairs,
)
from generator.site.search.records import SearchRecord

VECTORS = json.loads((Path(__file__).parent / "vectors" / "search.json").read_text("utf-8"))


def make_record(title: str, number: int) -> SearchRecord:
    return SearchRecord(
        id=f"r-{number}",
        kind="page",
        url=f"page/r-{number}.html",
        title=title,
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


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    """A page whose index holds the vectors' titles, and so their characters."""
    titles = [title for title, _, _ in VECTORS["reading"]] + ["污水处理环保厂"]
    records = [make_record(title, n) for n, title in enumerate(titles)]
    served = Served(make_files(records, {}))
    with open_browser() as browser:
        page = browser.new_page()
        page.goto(served.url + "blank.html")
        page.evaluate("() => huanjing.loadEngine().then(() => huanjing.core.start())")
        yield page
    served.close()


@pytest.mark.parametrize(("text", "folded"), VECTORS["fold"])
def test_python_folds_as_the_vectors_say(text: str, folded: str) -> None:
    assert fold_text(text) == folded
    assert fold_text(folded) == folded


def test_the_browser_folds_as_the_vectors_say(page: Any) -> None:
    written = "".join(text for text, _ in VECTORS["fold"])
    pairs = [pair for pair in read_simplified_table().items() if pair[0] in written]
    page.evaluate("pairs => pairs.forEach(([a, b]) => huanjing.core.simplified.set(a, b))", pairs)
    texts = [text for text, _ in VECTORS["fold"]]
    assert page.evaluate("texts => texts.map(huanjing.core.fold)", texts) == [
        folded for _, folded in VECTORS["fold"]
    ]


def test_the_browser_folds_every_character_of_the_plane_as_python_does(page: Any) -> None:
    # Characters that this Python's Unicode tables do not know yet may differ in a newer browser.
    chars = [
        c for c in map(chr, range(0x20, 0xFFFF)) if unicodedata.category(c) not in ("Cn", "Cs")
    ]
    theirs = page.evaluate("chars => chars.map(huanjing.core.fold)", chars)
    # Without the table of simplified forms, which a query loads when it is wanted.
    table = read_simplified_table()
    mine = [fold_text(char) for char in chars]
    differing = [
        char
        for char, a, b in zip(chars, mine, theirs, strict=True)
        if a != b and "".join(table.get(c, c) for c in b) != a
    ]
    assert differing == []


def test_the_browser_splits_queries_as_the_vectors_say(page: Any) -> None:
    for text, parts in VECTORS["split"]:
        assert split_query(text) == parts
        assert page.evaluate("q => huanjing.core.splitQuery(q)", text) == parts


def test_both_sides_read_codes_as_the_vectors_say(page: Any) -> None:
    for text, code in VECTORS["code"]:
        assert read_code(fold_text(text)) == code
        assert page.evaluate("t => huanjing.core.codeOf(huanjing.core.fold(t))", text) == code


def test_both_sides_match_readings_as_the_vectors_say(page: Any) -> None:
    scan = Scan([make_record(title, n) for n, (title, _, _) in enumerate(VECTORS["reading"])], {})
    for title, part, rank in VECTORS["reading"]:
        pattern = scan._compile_latin(part)
        found = pattern.search(title) if pattern else None
        assert (0 if not found else 2 if pattern and pattern.match(title) else 3) == rank, (
            title,
            part,
        )
        row = {"title": title, "texts": []}
        assert (
            page.evaluate("([row, part]) => huanjing.core.rankRow(row, part)", [row, part]) == rank
        )


def test_a_code_folds_to_its_letters_and_digits() -> None:
    assert fold_code("990101－Ｔ－00012") == "990101t00012"


def test_only_traditional_forms_of_corpus_characters_are_sent() -> None:
    pairs = select_simplified_pairs("污处")
    assert pairs["處"] == "处"
    assert set(pairs.values()) <= {"污", "处"}


def test_every_han_character_of_the_corpus_has_a_reading() -> None:
    chars = {c for record in make_corpus() for c in fold_text(record.title) if "一" <= c <= "龥"}
    assert district_names()
    assert [c for c in chars if not list_readings(c)] == []
