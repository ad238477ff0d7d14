"""The engine in a real browser against a brute-force scan of the same records."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Mapping
from random import Random
from statistics import median
from typing import Any

import pandas as pd
import pytest
from search_corpus import district_names, make_corpus
from search_dataset import read_committed
from search_queries import Scan, make_queries
from search_site import AFRESH, NUMBERS, Served, ask, make_files, open_browser

from generator.site.search.columns import name_key
from generator.site.search.packs import read_facet
from generator.site.search.records import FACETS, SearchRecord

QUERIES = {"committed": 2000, "invented": 400}
COLD_QUERIES = 180


class Bench:
    """One corpus: its records by key, the scan, and a page that searches it."""

    def __init__(
        self,
        records: list[SearchRecord],
        districts: Mapping[str, str],
        count: int,
        page: Any,
        served: Served,
    ) -> None:
        self.records = {f"{r.kind}/{r.id}": r for r in records}
        self.districts = districts
        self.scan = Scan(records, districts)
        self.queries = make_queries(records, districts, count)
        self.page = page
        self.served = served
        self.keys: dict[int, str] = dict(page.evaluate(NUMBERS))

    def ask(self, requests: list[dict[str, Any]], counts: list[str] | None) -> list[dict[str, Any]]:
        answers = ask(self.page.evaluate, requests, counts)
        for answer in answers:
            answer["ids"] = [self.keys[number] for number in answer["numbers"]]
        return answers

    def label(self, key: str, facet: str) -> str:
        record = self.records[key]
        district = self.districts.get(record.district, "")
        if facet == "district":
            return district
        if facet == "township":
            return district + record.township if record.township else ""
        return read_facet(record, facet)


@pytest.fixture(scope="module", params=["invented", "committed"])
def bench(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bench]:
    if request.param == "committed":
        committed, districts = read_committed(tmp_path_factory.mktemp("cache"))
        records = list(committed)
    else:
        records, districts = make_corpus(), dict(district_names())
    served = Served(make_files(records, districts))
    with open_browser() as browser:
        page = browser.new_page()
        page.goto(served.url + "blank.html")
        yield Bench(records, districts, QUERIES[request.param], page, served)
    served.close()


def order_year(record: SearchRecord) -> int:
    """The year that counts in the order of hits; 9999 for what stands at any time."""
    return 9999 if record.kind == "project" else int(record.date[:4] or 9999)


def test_every_query_finds_what_the_scan_finds_in_the_order_of_the_ranks(bench: Bench) -> None:
    answers = bench.ask([{"q": query, "size": 10} for _, query in bench.queries], [])
    for (kind, query), answer in zip(bench.queries, answers, strict=True):
        wanted = bench.scan.find(query)
        assert set(answer["ids"]) == set(wanted), (kind, query)
        assert len(answer["ids"]) == len(wanted) == answer["total"], (kind, query)
        order = [(wanted[key], -order_year(bench.records[key])) for key in answer["ids"]]
        assert order == sorted(order), (kind, query)
    assert median(answer["took"] for answer in answers) < 20


def test_a_frequent_text_is_answered_from_its_own_list_as_the_scan_answers_it(
    bench: Bench,
) -> None:
    texts = ["公司", "限公", "司", "项目", "目", "产", "镇"]
    for route, data in bench.served.files.items():
        if "/search/l-" in route:
            texts += re.findall(r'"([^\x00-\x7f]{1,8})":\[', gzip.decompress(data).decode())
    listed = len(texts) > 7  # A small corpus may have no text that fills so many shards.
    bench.served.requests.clear()
    bench.page.evaluate(AFRESH, bench.served.url + "assets/search/search.js")
    answers = bench.ask([{"q": text, "size": 10} for text in texts], ["kind", "year"])
    assert listed is any("/search/l-" in route for route, _ in bench.served.requests)
    for text, answer in zip(texts, answers, strict=True):
        wanted = bench.scan.find(text)
        assert set(answer["ids"]) == set(wanted), text
        ranks = [wanted[key] for key in answer["ids"]]
        assert ranks == sorted(ranks), text
        for facet in ("kind", "year"):
            counts = {c["value"]: c["count"] for c in answer["facets"][facet]}
            labels = [bench.label(key, facet) for key in wanted]
            assert counts == {label: labels.count(label) for label in {*labels} - {""}}, text


def test_facet_counts_equal_a_groupby_under_any_filters(bench: Bench) -> None:
    random = Random("facets")
    facets = ["district", *FACETS]
    requests: list[dict[str, Any]] = []
    for _, query in bench.queries[:160:2]:
        keys = sorted(bench.scan.find(query))
        filters: dict[str, list[str]] = {}
        for facet in random.sample(facets, random.choice((0, 1, 2, 3))):
            labels = sorted({bench.label(key, facet) for key in keys} - {""})
            if labels:
                filters[facet] = random.sample(labels, min(len(labels), random.choice((1, 2))))
        requests.append({"q": query, "filters": filters, "size": 1})
    answers = bench.ask(requests, None)
    for request, answer in zip(requests, answers, strict=True):
        keys = list(bench.scan.find(request["q"]))
        frame = pd.DataFrame(
            [[bench.label(key, facet) for facet in facets] for key in keys], columns=facets
        )

        def keep(
            except_facet: str, frame: pd.DataFrame = frame, request: Any = request
        ) -> pd.DataFrame:
            for facet, labels in request["filters"].items():
                if facet != except_facet:
                    frame = frame[frame[facet].isin(labels)]
            return frame

        assert answer["total"] == len(keep("")), request
        for facet, counts in answer["facets"].items():
            kept = keep(facet)
            sizes = kept[kept[facet] != ""].groupby(facet).size().to_dict()
            assert {c["value"]: c["count"] for c in counts} == sizes, (request, facet)
        assert set(answer["facets"]) >= set(facets) - {"township"}


def test_the_list_without_a_query_is_whole_and_sorts_by_every_key(bench: Bench) -> None:
    projects = {key: r for key, r in bench.records.items() if r.kind == "project"}
    district = bench.districts[next(iter(projects.values())).district]
    requests = [
        {"filters": {"kind": ["project"], "district": [district]}, "sort": sort, "size": 50}
        for sort in ("", "date", "fine", "name")
    ]
    plain, by_date, by_fine, by_name = bench.ask(requests, [])
    wanted = {k for k, r in projects.items() if bench.districts[r.district] == district}
    for answer in (plain, by_date, by_fine, by_name):
        assert set(answer["ids"]) == wanted
    dates = [projects[key].date for key in by_date["ids"]]
    assert dates == sorted(dates, reverse=True)
    fines = [projects[key].fine for key in by_fine["ids"]]
    given = [fine for fine in fines if fine is not None]
    assert given == sorted(given, reverse=True)
    assert fines == given + [None] * (len(fines) - len(given))
    keys = [name_key(projects[key].title) for key in by_name["ids"]]
    assert keys == sorted(keys)
    whole = bench.ask([{"filters": {"kind": ["project"]}, "size": 50}], [])[0]
    assert whole["total"] == len(projects)
    firms = bench.ask([{"filters": {"kind": ["enterprise"]}, "sort": "rate", "size": 50}], [])[0]
    rates = [bench.records[key].rate for key in firms["ids"]]
    assert rates == sorted(rates, key=lambda rate: (rate is None, rate))


def test_a_whole_code_and_a_name_of_one_record_lead_straight_to_it(bench: Bench) -> None:
    random = Random("exact")
    titles = [row.title for row in bench.scan.rows]
    entities = [r for r in bench.records.values() if r.kind in ("project", "enterprise")]
    single = [row.record for row in bench.scan.rows if titles.count(row.title) == 1][:2000]
    codes = [code for r in bench.records.values() for code in r.codes]
    for record in random.sample(entities, 20):
        code = random.choice(record.codes)
        same = codes.count(code)
        if same == 1:
            answer = bench.ask([{"q": code.lower()}], [])[0]
            assert answer["exact"] == f"{record.kind}/{record.id}"
    for record in random.sample(single, 20):
        answer = bench.ask([{"q": " " + record.title + "　"}], [])[0]
        if len(answer["parts"]) == 1:
            assert answer["exact"] == f"{record.kind}/{record.id}"
    assert bench.ask([{"q": "有限公司"}], [])[0]["exact"] is None


def test_a_cold_query_stays_under_forty_kilobytes_and_twelve_requests_at_the_median(
    bench: Bench,
) -> None:
    costs: list[tuple[int, int]] = []
    page = bench.page.context.browser.new_page()
    page.goto(bench.served.url + "blank.html")
    for _, query in bench.queries[:COLD_QUERIES]:
        page.evaluate(AFRESH, bench.served.url + "assets/search/search.js")
        bench.served.requests.clear()
        # What the page of results shows at first; see docs/search.md §7 for the other facets.
        ask(
            page.evaluate,
            [{"q": query, "size": 10, "lean": True}],
            counts=["district", "township", "kind", "year"],
        )
        data = [size for route, size in bench.served.requests if "/search/" in route]
        costs.append((sum(data), len(data)))
    page.close()
    print(median(size for size, _ in costs) / 1024, median(count for _, count in costs))
    assert median(size for size, _ in costs) <= 40 * 1024
    assert median(count for _, count in costs) <= 12


def test_near_forms_are_offered_with_their_totals(bench: Bench) -> None:
    near = bench.page.evaluate(
        "() => huanjing.loadEngine().then(e => e.findNear(['污水处理厂龘']))"
    )
    assert {"q": "污水处理厂", "total": len(bench.scan.find("污水处理厂"))} in near
    near = bench.page.evaluate(
        "() => huanjing.loadEngine().then(e => e.findNear(['龘龘', '污水']))"
    )
    assert near == [{"q": "污水", "total": len(bench.scan.find("污水"))}]
