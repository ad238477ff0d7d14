"""The whole site of the committed datasets, read as a visitor, a mirror and a checker would."""

from __future__ import annotations

import csv
import itertools
import json
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from frictionless import Package
from selectolax.lexbor import LexborHTMLParser

from generator.mirror.manifest import compare_folder

TESTS = Path(__file__).resolve().parent
FILE_BUDGET = 20_000
"""A common limit of static hosts."""
COMMITTED_BUDGET_BYTES = 25_000_000
SCALE_ONE_ONLY = frozenset({"ha.rows", "ha.readings"})
"""Figures of the full-scale sample; the committed one is small in these two on purpose."""


@dataclass(frozen=True)
class PageFacts:
    """What one pass over a page's markup gives."""

    links: tuple[str, ...]
    ids: frozenset[str]
    doubled_ids: tuple[str, ...]
    faults: tuple[str, ...]
    levels: tuple[int, ...]
    demo: bool


def read_page(path: Path) -> PageFacts:
    tree = LexborHTMLParser(path.read_bytes())
    links: list[str] = []
    faults: list[str] = []
    ids: Counter[str] = Counter()
    levels: list[int] = []
    for node in tree.css("*"):
        attributes = node.attributes
        tag = node.tag or ""
        for name, value in attributes.items():
            if name == "id" and value:
                ids[value] += 1
            elif name in {"href", "src", "action"} and value is not None:
                links.append(value)
                outward = urlsplit(value).scheme not in {"", "tel"}
                canonical = tag == "link" and attributes.get("rel") == "canonical"
                code = tag == "img" and value.startswith("data:image/png;base64,")
                if canonical or code:
                    links.pop()
                elif outward and (tag != "a" or not value.startswith(("http://", "https://"))):
                    faults.append(f"{tag} {name}={value}")
            elif name == "style" or name.startswith("on"):
                faults.append(f"{tag} {name}")
        described = attributes.get("type") == "application/ld+json"
        if tag == "style" or (tag == "script" and not attributes.get("src") and not described):
            faults.append(f"inline {tag}")
        if tag == "img" and not attributes.get("alt"):
            faults.append("img without alt")
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            levels.append(int(tag[1]))
    doubled = tuple(name for name, count in ids.items() if count > 1)
    demo = tree.css_first(".hj-demo") is not None
    return PageFacts(tuple(links), frozenset(ids), doubled, tuple(faults), tuple(levels), demo)


@pytest.fixture(scope="session")
def pages(site: Path) -> dict[str, PageFacts]:
    return {
        path.relative_to(site).as_posix(): read_page(path) for path in sorted(site.rglob("*.html"))
    }


@pytest.fixture(scope="session")
def published() -> list[dict[str, str]]:
    with (TESTS / "published-figures.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def figures(site: Path) -> dict[str, dict[str, object]]:
    document = json.loads((site / "data/figures.json").read_text(encoding="utf-8"))
    return {figure["id"]: figure for figure in document["figures"]}


def test_every_record_has_its_page(
    pages: dict[str, PageFacts], site_summary: dict[str, object]
) -> None:
    kinds = site_summary["pages"]
    assert isinstance(kinds, dict)
    assert kinds["enterprise"] == 4_392
    assert kinds["project"] == 14_015
    assert kinds["case"] == 106
    assert kinds["week"] == 10
    assert kinds["district"] == 52
    assert kinds["duty"] == 43
    assert kinds["bulletin"] == 79
    folders = Counter(route.partition("/")[0] for route in pages if "/" in route)
    assert folders["enterprise"] == 4_392 + 1
    assert folders["project"] == 14_015 + 1


def test_the_site_keeps_the_file_budget(site: Path) -> None:
    assert sum(path.is_file() for path in site.rglob("*")) < FILE_BUDGET


def test_the_committed_datasets_keep_their_budget() -> None:
    files = [p for p in (TESTS.parent / "datasets").rglob("*") if p.is_file()]
    assert sum(path.stat().st_size for path in files) <= COMMITTED_BUDGET_BYTES


def test_every_published_figure_is_read_back_from_the_site(
    published: list[dict[str, str]], figures: dict[str, dict[str, object]]
) -> None:
    wrong = []
    for row in published:
        value = Decimal(str(figures[row["id"]]["value"]))
        if row["id"] in SCALE_ONE_ONLY:
            assert value > 0
            continue
        expected = Decimal(row["value"])
        if row["unit"].endswith("以上"):
            if value < expected:
                wrong.append((row["id"], value, expected))
        elif value != expected:
            wrong.append((row["id"], value, expected))
    assert wrong == []


def test_every_figure_is_printed_on_its_page_with_its_formula(
    site: Path, figures: dict[str, dict[str, object]]
) -> None:
    for figure in figures.values():
        text = LexborHTMLParser((site / str(figure["page"])).read_bytes()).css_first("main").text()
        assert str(figure["formula"]) in text
        number = Decimal(str(figure["value"]))
        assert f"{number:,f}".rstrip("0").rstrip(".") in text.replace(",", ",")


def test_no_link_and_no_fragment_is_broken(site: Path, pages: dict[str, PageFacts]) -> None:
    files = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    broken: list[tuple[str, str]] = []
    for route, facts in pages.items():
        for link in facts.links:
            target, fragment = resolve(route, link)
            if target is None:
                continue
            missing = target not in files
            if missing or (fragment and target in pages and fragment not in pages[target].ids):
                broken.append((route, link))
    assert broken[:20] == []


def resolve(route: str, link: str) -> tuple[str | None, str]:
    """The site file that a link of a page leads to, None for links out of the site."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return None, ""
    if not parts.path:
        return route, unquote(parts.fragment)
    assert not parts.path.startswith("/"), f"{route}: {link} is not relative"
    steps = route.split("/")[:-1]
    for step in unquote(parts.path).split("/"):
        if step == "..":
            assert steps, f"{route}: {link} leaves the site"
            steps.pop()
        elif step != ".":
            steps.append(step)
    return "/".join(steps), unquote(parts.fragment)


def test_no_page_has_inline_code_foreign_resources_or_speechless_pictures(
    pages: dict[str, PageFacts],
) -> None:
    faults = {route: facts.faults for route, facts in pages.items() if facts.faults}
    assert dict(list(faults.items())[:10]) == {}


def test_ids_are_unique_and_headings_in_order(pages: dict[str, PageFacts]) -> None:
    doubled = {route: facts.doubled_ids for route, facts in pages.items() if facts.doubled_ids}
    assert dict(list(doubled.items())[:10]) == {}
    wrong = [route for route, facts in pages.items() if not in_order(facts.levels)]
    assert wrong[:10] == []


def in_order(levels: tuple[int, ...]) -> bool:
    """One h1 first, and no level skipped on the way down."""
    if levels[:1] != (1,) or levels.count(1) != 1:
        return False
    return all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels))


def test_every_page_says_that_the_data_is_a_demonstration(pages: dict[str, PageFacts]) -> None:
    assert [route for route, facts in pages.items() if not facts.demo] == []


def test_every_record_is_reached_by_links_alone(pages: dict[str, PageFacts]) -> None:
    reached = set(walk(pages))
    assert sorted(set(pages) - reached)[:10] == []


def walk(pages: dict[str, PageFacts]) -> Iterator[str]:
    queue, seen = deque(["index.html"]), {"index.html"}
    while queue:
        route = queue.popleft()
        yield route
        for link in pages[route].links:
            target, _ = resolve(route, link)
            if target in pages and target not in seen:
                seen.add(target)
                queue.append(target)


def test_the_manifest_lists_exactly_what_is_there(site: Path) -> None:
    assert compare_folder(site).is_same


def test_only_the_snapshot_and_the_figure_index_speak_of_the_data_date(site: Path) -> None:
    assert "2016-07-03" in (site / "snapshot.js").read_text(encoding="utf-8")
    shell_parts = LexborHTMLParser((site / "about.html").read_bytes())
    footer = shell_parts.css_first("footer").text()
    assert "2016-07-03" not in footer


def test_whole_tables_are_offered_byte_for_byte_but_for_withdrawn_rows(site: Path) -> None:
    tables = sorted((TESTS.parent / "datasets/tables").iterdir())
    assert len(tables) == 47
    for table in tables:
        lines = table.read_bytes().splitlines(keepends=True)
        if table.name == "exposure_case.csv":
            lines = [line for line in lines if not line.startswith(b"BG2016W19-008,")]
            assert len(lines) == 106
        assert (site / "download/tables" / table.name).read_bytes() == b"".join(lines)


def test_the_downloaded_package_describes_its_tables_without_another_file(site: Path) -> None:
    package = Package(str(site / "download/datapackage.json"))
    datasets = TESTS.parent / "datasets"
    described = json.loads((datasets / "datapackage.json").read_bytes())
    assert package.resource_names == [resource["name"] for resource in described["resources"]]
    for resource in package.resources:
        schema = json.loads((datasets / f"schemas/{resource.name}.json").read_bytes())
        assert resource.schema.to_descriptor() == schema
    industry = package.get_resource("industry")
    assert industry.validate().valid
    assert len(industry.read_rows()) == 137


def test_the_summary_names_counts_seconds_and_memory(site_summary: dict[str, object]) -> None:
    assert set(site_summary) == {
        "pages", "rows", "files", "kept_files", "size_bytes", "seconds", "processes",
        "peak_memory_mb", "warnings",
    }  # fmt: skip
    seconds = site_summary["seconds"]
    assert isinstance(seconds, dict)
    assert list(seconds) == [
        "核对输入", "检查数据", "汇总统计", "页面外壳与手写页面", "核对变动", "生成页面",
        "下载与附件", "余下的部分", "文件清单", "切换",
    ]  # fmt: skip
