"""The search box, the page of results and the lists, as a reader meets them in a browser."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from search_corpus import district_names, make_corpus
from search_site import Served, make_files, open_browser

from generator.site.search.records import SearchRecord

HOSTILE = '"><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>{{7*7}}厂'


@pytest.fixture(scope="module")
def corpus() -> list[SearchRecord]:
    """Four districts of the invented corpus, and a record whose every text is hostile."""
    codes = sorted(district_names())[:4]
    records = [r for r in make_corpus() if r.district in codes or not r.district]
    hostile = SearchRecord(
        id="hostile",
        kind="page",
        url="page/hostile.html",
        title=HOSTILE,
        subtitle=HOSTILE,
        district="",
        township="",
        fields=(("body", "无害" + HOSTILE),),
        facets={},
        date="",
        fine=None,
        rate=None,
        codes=(),
    )
    return [*records, hostile]


@pytest.fixture(scope="module")
def files(corpus: list[SearchRecord]) -> dict[str, bytes]:
    return make_files(corpus, dict(district_names()))


@pytest.fixture(scope="module")
def served(files: dict[str, bytes]) -> Iterator[Served]:
    served = Served(files, base="/mirror/city/")
    yield served
    served.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with open_browser() as browser:
        yield browser


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(accept_downloads=True, viewport={"width": 1000, "height": 900})
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda m: faults.append(m.text) if "Content Security" in m.text else None)
    yield page
    context.close()
    assert faults == []


def wait(page: Any) -> str:
    """The summary line once the answer stands."""
    page.wait_for_function(
        "() => !document.querySelector('[data-huanjing-list]').hasAttribute('aria-busy')"
        " && document.querySelector('.hj-summary')"
    )
    return str(page.text_content(".hj-summary"))


def read_total(page: Any) -> int:
    match = re.search(r"共 ([\d,]+) 条", wait(page))
    return int(match[1].replace(",", "")) if match else 0


def test_results_are_links_with_the_words_marked(page: Any, served: Served) -> None:
    page.goto(served.url + "search.html?q=" + quote("污水处理"))
    assert read_total(page) > 10
    assert page.locator(".hj-results li").count() == 10
    links = page.eval_on_selector_all(".hj-results h3 a", "all => all.map(a => a.href)")
    assert all(link.startswith(served.url) and link.endswith(".html") for link in links)
    marks = set(page.locator(".hj-results h3 mark").all_text_contents())
    assert marks == {"污水处理"}


def test_filters_stand_in_the_address_and_back_undoes_them(page: Any, served: Served) -> None:
    page.goto(served.url + "search.html?q=" + quote("有限公司"))
    whole = read_total(page)
    first = page.locator(".hj-filters details", has_text="区县").locator("li").first
    count = int(first.locator(".hj-count").text_content().replace(",", ""))
    first.locator("input").check()
    page.wait_for_function("() => location.search.includes('district=')")
    assert read_total(page) == count < whole
    address = page.url
    page.go_back()
    page.wait_for_function("() => !location.search.includes('district=')")
    assert read_total(page) == whole
    page.go_forward()
    page.wait_for_function("() => location.search.includes('district=')")
    assert read_total(page) == count
    page.goto("about:blank")
    page.goto(address)
    assert read_total(page) == count
    assert page.locator(".hj-filters input:checked").count() == 1


def test_a_closed_facet_reads_its_counts_when_it_is_opened(page: Any, served: Served) -> None:
    page.goto(served.url + "project/index.html")
    total = read_total(page)
    served.requests.clear()
    page.locator(".hj-filters summary", has_text="当前阶段").click()
    page.wait_for_selector(".hj-filters details[open] :text('销号')")
    assert any("/search/e-" in route for route, _ in served.requests)
    stages = page.locator(".hj-filters details", has_text="当前阶段").locator(".hj-count")
    assert sum(int(text.replace(",", "")) for text in stages.all_text_contents()) == total


def test_the_list_pages_sorts_and_downloads_what_it_shows(
    page: Any, served: Served, corpus: list[SearchRecord]
) -> None:
    page.goto(served.url + "project/index.html")
    projects = [r for r in corpus if r.kind == "project"]
    assert read_total(page) == len(projects)
    assert page.locator("table tbody tr").count() == 50
    page.get_by_role("button", name="下一页").click()
    page.wait_for_function("() => location.search.includes('page=2')")
    assert "显示第 51–100 条" in wait(page)
    page.select_option("#hj-sort", "fine")
    page.wait_for_function("() => location.search.includes('sort=fine')")
    wait(page)
    stage = page.locator(".hj-filters summary", has_text="处置类别")
    stage.click()
    box = page.locator(".hj-filters li", has_text="淘汰关闭").locator("input")
    box.check()
    page.wait_for_function("() => location.search.includes('batch=')")
    kept = [r for r in projects if r.facets["batch"] == "淘汰关闭"]
    assert read_total(page) == len(kept)
    with page.expect_download() as download:
        page.get_by_role("button", name="下载这些记录（CSV）").click()
    data = Path(download.value.path()).read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in data
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert {row["编号"] for row in rows} == {r.id for r in kept}
    fines = [int(row["罚款（元）"]) for row in rows if row["罚款（元）"]]
    assert fines == sorted(fines, reverse=True)
    shown = page.locator("table tbody tr th").all_text_contents()
    assert [row["名称"] for row in rows][: len(shown)] == shown


def test_hostile_text_is_text_in_results_suggestions_and_queries(page: Any, served: Served) -> None:
    for query in ("onerror", "无害", HOSTILE, "<script>alert(1)</script>"):
        page.goto(served.url + "search.html?q=" + quote(query))
        wait(page)
        assert page.locator("main img, main script").count() == 0
    page.goto(served.url + "search.html?q=onerror")
    wait(page)
    assert page.text_content(".hj-results h3 a") == HOSTILE
    page.fill("header input[name=q]", "onerror")
    page.wait_for_selector("header .hj-suggest [role=option]")
    assert HOSTILE in page.text_content("header .hj-suggest [role=option]")
    assert page.evaluate("() => window.hacked") is None


def test_the_box_suggests_and_obeys_the_keyboard(page: Any, served: Served) -> None:
    page.goto(served.url + "blank.html")
    box = page.locator("header input[name=q]")
    assert box.get_attribute("role") == "combobox"
    box.fill("机械")
    page.wait_for_selector("header [role=listbox]:not([hidden]) [role=option]")
    assert box.get_attribute("aria-expanded") == "true"
    box.press("ArrowDown")
    box.press("ArrowDown")
    active = box.get_attribute("aria-activedescendant")
    chosen = page.locator(f"#{active}")
    assert chosen.get_attribute("aria-selected") == "true"
    assert page.locator("[role=option][aria-selected=true]").count() == 1
    box.press("ArrowUp")
    assert box.get_attribute("aria-activedescendant") != active
    box.press("Escape")
    assert box.get_attribute("aria-expanded") == "false"
    assert box.get_attribute("aria-activedescendant") is None
    box.fill("机械制造")
    page.wait_for_selector("header [role=listbox]:not([hidden]) [role=option] >> text=制造")
    box.press("ArrowDown")
    href = page.get_attribute("[role=option][aria-selected=true]", "data-href")
    with page.expect_navigation():
        box.press("Enter")
    assert page.url == href


def test_nothing_is_asked_while_an_input_method_composes(page: Any, served: Served) -> None:
    page.goto(served.url + "blank.html")
    box = page.locator("header input[name=q]")
    box.focus()
    page.wait_for_function("() => huanjing.engine")
    served.requests.clear()
    page.evaluate("""() => {
      const box = document.querySelector('header input[name=q]');
      box.dispatchEvent(new CompositionEvent('compositionstart'));
      box.value = 'jixie';
      box.dispatchEvent(new InputEvent('input', {isComposing: true}));
    }""")
    page.wait_for_timeout(400)
    assert served.requests == []
    box.press("Enter")
    assert page.url.endswith("blank.html")
    page.evaluate("""() => {
      const box = document.querySelector('header input[name=q]');
      box.value = '机械';
      box.dispatchEvent(new CompositionEvent('compositionend'));
    }""")
    page.wait_for_selector("header [role=listbox]:not([hidden]) [role=option]")


def test_a_whole_code_goes_straight_to_its_page(
    page: Any, served: Served, corpus: list[SearchRecord]
) -> None:
    record = next(r for r in corpus if r.kind == "project")
    page.goto(served.url + "blank.html")
    page.fill("header input[name=q]", record.codes[0].lower())
    with page.expect_navigation():
        page.press("header input[name=q]", "Enter")
    assert page.url == served.url + record.url
    page.goto(served.url + "search.html?q=" + record.codes[0])
    wait(page)
    assert page.get_attribute("[data-exact]", "href") == served.url + record.url


def test_no_result_says_what_was_tried_and_offers_near_forms(page: Any, served: Served) -> None:
    page.goto(served.url + "search.html?q=" + quote("污水处理龘"))
    assert "没有找到" in wait(page)
    assert "“污水处理龘”" in page.text_content(".hj-notes")
    page.click(".hj-notes a >> text=污水处理")
    page.wait_for_function("() => decodeURIComponent(location.search).endsWith('污水处理')")
    assert read_total(page) > 0


def test_a_missing_or_damaged_shard_gives_a_message_and_no_result(
    page: Any, files: dict[str, bytes]
) -> None:
    shards = [name for name in files if name.startswith("search/t-")]
    for damage in ("missing", "cut", "changed"):
        broken = dict(files)
        for name in shards:
            data = broken.pop(name)
            if damage == "cut":
                broken[name] = data[: len(data) // 2]
            elif damage == "changed":
                middle = len(data) // 2
                broken[name] = data[:middle] + data[middle:].replace(b"A", b"B", 1)
        served = Served(broken)
        page.goto(served.url + "blank.html")
        page.evaluate("() => window.addEventListener('error', (e) => e.preventDefault())")
        message = page.evaluate(
            "() => huanjing.loadEngine().then(e => e.search({q: '机械'}))"
            ".then(() => '', e => e.message)"
        )
        assert "缺失或损坏" in message, damage
        if damage != "cut":
            page.goto(served.url + "search.html?q=" + quote("机械"))
            wait(page)
            assert "缺失或损坏" in page.text_content("[role=alert]")
            assert page.locator(".hj-results li").count() == 0
        served.close()


def test_it_works_from_a_folder_without_a_server(
    page: Any, files: dict[str, bytes], tmp_path: Path
) -> None:
    for route, data in files.items():
        path = tmp_path / route
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    page.goto((tmp_path / "search.html").as_uri() + "?q=" + quote("污水"))
    assert read_total(page) > 10
    page.locator(".hj-filters details", has_text="区县").locator("input").first.check()
    page.wait_for_function("() => (location.search + location.hash).includes('district=')")
    filtered = read_total(page)
    page.reload()
    assert read_total(page) == filtered
    page.goto((tmp_path / "enterprise" / "index.html").as_uri())
    assert read_total(page) > 100
    links = page.eval_on_selector_all("table tbody a", "all => all.map(a => a.href)")
    assert all(link.startswith(tmp_path.as_uri()) for link in links)


def test_without_script_plain_links_lead_to_the_lists(browser: Any, served: Served) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(served.url + "search.html")
    assert not page.locator(".hj-finder").is_visible()
    routes = [link.get_attribute("href") for link in page.locator("main ul a").all()]
    assert {"project/index.html", "enterprise/index.html", "district/index.html"} <= set(routes)
    context.close()


def test_the_address_of_a_filtered_list_names_labels_a_reader_can_read(
    page: Any, served: Served
) -> None:
    page.goto(served.url + "enterprise/index.html")
    wait(page)
    first = page.locator(".hj-filters details", has_text="区县").locator("li").first
    name = first.locator("input").get_attribute("value")
    first.locator("input").check()
    page.wait_for_function("() => location.search")
    assert parse_qs(urlsplit(page.url).query) == {"district": [name]}
    wait(page)
    assert page.locator(".hj-filters summary", has_text="乡镇街道").count() == 1
