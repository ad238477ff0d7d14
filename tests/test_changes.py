"""One cell changed, one commit later: history, week, feeds and numbers say so, and nothing else."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest
from git_dataset import run_git
from selectolax.lexbor import LexborHTMLParser
from small_province import ROOT, cut_province, read, write

from generator.build import Summary, build_site
from generator.cache import NO_CACHE, Cache
from generator.config import read_config
from generator.data.catalog import read_catalog
from generator.data.commits import ROWS_TOLD, read_history
from generator.domain.news import NewsItem
from generator.domain.place import Gazetteer
from generator.site.feeds import ITEMS, build_feeds

COUNTY = "990101"
ATOM = "{http://www.w3.org/2005/Atom}"


class Quiet:
    def start(self, title: str) -> None: ...

    def finish(self, title: str, seconds: float) -> None: ...


class Repository:
    """A project folder kept in git, whose dataset is one county."""

    def __init__(self, root: Path, datasets: Path, patch: pytest.MonkeyPatch) -> None:
        self.root, self.patch = root, patch
        shutil.copy(ROOT / "mkdocs.yml", root)
        shutil.copytree(ROOT / "site_src", root / "site_src")
        shutil.copytree(ROOT / "templates", root / "templates")
        shutil.copytree(datasets, root / "datasets")
        run_git(root, "init", "-q", "-b", "main")

    def commit(self, day: str) -> str:
        self.patch.setenv("GIT_COMMITTER_DATE", f"{day}T23:30:00+0800")
        run_git(self.root, "add", "datasets")
        run_git(self.root, "commit", "-q", "-m", "数据")
        return run_git(self.root, "rev-parse", "HEAD")[:10]

    def build(self, name: str) -> tuple[Path, Summary]:
        out = self.root / name / "site"
        out.parent.mkdir(exist_ok=True)
        summary = build_site(read_config(self.root / "mkdocs.yml"), out, Quiet())
        return out, summary

    def table(self, name: str) -> Path:
        return self.root / f"datasets/tables/{name}.csv"

    def set_cell(self, table: str, key: tuple[str, str], column: str, text: str) -> str:
        """Write one cell; what it said before."""
        frame = read(self.table(table))
        here = pl.col(key[0]) == key[1]
        old = str(frame.filter(here)[column][0])
        write(
            frame.with_columns(
                pl.when(here).then(pl.lit(text)).otherwise(pl.col(column)).alias(column)
            ),
            self.table(table),
        )
        return old


@pytest.fixture(scope="module")
def one_county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cut_province(tmp_path_factory.mktemp("county") / "datasets", (COUNTY,))


@pytest.fixture
def repository(one_county: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    return Repository(tmp_path, one_county, monkeypatch)


def hashes(site: Path) -> dict[str, str]:
    manifest = json.loads((site / "manifest.json").read_bytes())
    return {entry["path"]: entry["sha256"] for entry in manifest["files"]}


def text_of(page: Path) -> str:
    main = LexborHTMLParser(page.read_bytes()).css_first("main")
    assert main is not None
    return " ".join(main.text().split())


def parse_feed(content: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(content)  # noqa: S314 our own output


def read_feed(path: Path) -> list[tuple[str, str, str, str]]:
    """(id, day, title, summary) of each entry."""
    feed = parse_feed(path.read_bytes())
    return [
        tuple(entry.findtext(f"{ATOM}{name}", "") for name in ("id", "updated", "title", "summary"))
        for entry in feed.iter(f"{ATOM}entry")
    ]  # type: ignore[misc]


def test_a_changed_cell_shows_in_its_record_the_week_the_feeds_and_the_numbers_alone(
    repository: Repository,
) -> None:
    ledger = read(repository.table("illegal_project"))
    penalised = ledger.filter((pl.col("fine") != "") & (pl.col("site_code") == ""))
    number, name = (str(penalised[column][0]) for column in ("ledger_no", "project_name"))
    repository.commit("2016-06-20")
    before, _ = repository.build("out")
    old_hashes = hashes(before)
    old_feed = read_feed(before / f"district/{COUNTY}.xml")
    old = repository.set_cell("illegal_project", ("ledger_no", number), "fine", "77.77")
    commit = repository.commit("2016-06-29")

    after, _ = repository.build("out")

    record = text_of(after / f"project/{number}.html")
    assert "2016-06-29 修改" in record
    assert old in record
    assert "77.77" in record
    assert commit in record
    week = text_of(after / "change/2016-W26.html")
    assert "改动了 1 行" in week
    assert number in week
    assert "2016年第26周" in text_of(after / "change/index.html")
    for feed in (f"district/{COUNTY}.xml", "district/990100.xml", "feed.xml"):
        told = f"{name}：违法违规建设项目台账修改"
        new = [entry for entry in read_feed(after / feed) if entry[2] == told]
        assert [(entry[1], entry[3]) for entry in new] == [
            ("2016-06-29T00:00:00+08:00", f"罚款金额：{old} → 77.77。")
        ]
    assert {entry[0] for entry in old_feed} - {
        entry[0] for entry in read_feed(after / f"district/{COUNTY}.xml")
    } <= {old_feed[-1][0]}, "at most the last entry makes room"

    new_hashes = hashes(after)
    changed = {
        path
        for path in old_hashes.keys() | new_hashes.keys()
        if old_hashes.get(path) != new_hashes.get(path)
    }
    pages = {path for path in changed if path.endswith(".html")}
    assert pages == {
        f"project/{number}.html",
        "change/index.html",
        "change/2016-W26.html",
        f"district/{COUNTY}.html",
        "district/990100.html",
        "download/index.html",
        "figure/cq.penalised.fines.html",
        "figure/index.html",
        "supervision/index.html",
        "supervision/penalties.html",
    }
    rest = {path for path in changed - pages if not path.startswith("search/")}
    assert rest == {
        "feed.xml",
        f"district/{COUNTY}.xml",
        "district/990100.xml",
        "data/figures.json",
        "download/dcat.json",
        "download/tables/illegal_project.csv",
        "download/tables/illegal_project.json",
        "download/tables/illegal_project.parquet",
        f"download/district/{COUNTY}.zip",
        "sitemap/pages.xml",  # the week's page is new
    }


def test_an_enterprise_tells_what_changed_in_any_of_its_tables(repository: Repository) -> None:
    costs = read(repository.table("facility_cost")).filter(pl.col("run_cost") != "")
    site, year, old = costs.select("site_code", "report_year", "run_cost").row(0)
    repository.commit("2016-06-20")
    repository.build("out")
    frame = read(repository.table("facility_cost"))
    here = (pl.col("site_code") == site) & (pl.col("report_year") == year)
    new = pl.when(here).then(pl.lit("98765")).otherwise(pl.col("run_cost")).alias("run_cost")
    write(frame.with_columns(new), repository.table("facility_cost"))
    repository.commit("2016-06-30")
    out, _ = repository.build("out")
    page = LexborHTMLParser((out / f"enterprise/{site}.html").read_bytes())
    assert page.css_first("del").text() == old
    assert page.css_first("ins").text() == "98765"
    told = [path for path in sorted(out.rglob("*.html")) if "<ins>" in path.read_text("utf-8")]
    assert [path.relative_to(out).as_posix() for path in told] == [
        "change/2016-W26.html",
        f"enterprise/{site}.html",
    ]


def test_an_uncommitted_edit_is_no_history_and_a_new_commit_rebuilds(
    repository: Repository,
) -> None:
    number = str(read(repository.table("illegal_project"))["ledger_no"][0])
    repository.commit("2016-06-20")
    repository.set_cell("illegal_project", ("ledger_no", number), "address", "青石路1号")
    site, _ = repository.build("out")
    assert "还没有变更" in text_of(site / "change/index.html")
    _, again = repository.build("out")
    assert again.kept_files == again.files
    repository.commit("2016-06-21")
    site, _ = repository.build("out")
    assert "2016年第25周" in text_of(site / "change/index.html")
    cold, _ = repository.build("cold")
    assert hashes(cold) == hashes(site)


def test_values_of_withdrawn_records_and_personal_numbers_are_not_told_again(
    repository: Repository,
) -> None:
    cases = read(repository.table("exposure_case")).filter(pl.col("withdraw_reason") == "")
    case, other = (str(number) for number in cases["case_no"][:2])
    project = str(read(repository.table("illegal_project"))["ledger_no"][0])
    identity = "11010519491231002X"
    repository.set_cell("illegal_project", ("ledger_no", project), "address", f"某路 {identity}")
    repository.commit("2016-06-20")
    repository.set_cell("exposure_case", ("case_no", case), "facts", "某厂偷排被查，改写前。")
    repository.set_cell("illegal_project", ("ledger_no", project), "address", "某路1号")
    repository.set_cell("exposure_case", ("case_no", other), "reply", "改写前的说明。")
    repository.commit("2016-06-21")
    repository.set_cell("exposure_case", ("case_no", other), "withdraw_reason", "认定有误")
    withdrawal = {
        "correction_no": "GZ2016-00999",
        "target_table": "exposure_case",
        "target_key": case,
        "kind": "撤回",
        "received_date": "2016-06-27",
        "resolved_date": "2016-06-28",
        "public_reason": "当事人申请，经核实撤回。",
    }
    log = read(repository.table("correction"))
    more = pl.DataFrame([dict.fromkeys(log.columns, "") | withdrawal], schema=log.schema)
    write(pl.concat([log, more]).sort("correction_no"), repository.table("correction"))
    repository.commit("2016-06-28")

    site, _ = repository.build("out")

    told = {
        path.relative_to(site).as_posix(): word
        for path in sorted(site.rglob("*"))
        if path.suffix in {".html", ".xml", ".js", ".json"}
        for word in ("改写前", identity)
        if word in path.read_text(encoding="utf-8")
    }
    assert told == {}
    week = text_of(site / "change/2016-W25.html")
    assert "记录已撤回，改动的内容不再公开" in week
    assert "某路 110" in week
    assert "某路1号" in week


def test_a_table_that_first_appears_is_a_publication_and_not_a_change(
    repository: Repository,
) -> None:
    hidden = repository.table("mirror").read_bytes()
    repository.table("mirror").unlink()
    repository.commit("2016-06-20")
    repository.table("mirror").write_bytes(hidden)
    repository.commit("2016-06-21")
    history = read_history(read_catalog(repository.root / "datasets"), NO_CACHE)
    assert history.commits == ()
    assert history.begins == dt.date(2016, 6, 20)


def test_a_commit_too_large_to_tell_says_how_many_rows_it_changed(
    repository: Repository,
) -> None:
    repository.commit("2016-06-20")
    events = read(repository.table("ledger_event"))
    copies = ROWS_TOLD // events.height + 1
    many = pl.concat(
        [events.with_columns(pl.col("event_no") + f"-{copy}") for copy in range(copies)]
    )
    write(many, repository.table("ledger_event"))
    repository.commit("2016-06-21")
    (commit,) = read_history(
        read_catalog(repository.root / "datasets"), Cache(repository.root / "cache")
    ).commits
    (diff,) = commit.tables
    assert str(many.height + events.height) in diff.note
    assert diff.added == ()
    assert diff.added_count == many.height


def test_a_kept_comparison_equals_a_fresh_one(repository: Repository) -> None:
    repository.commit("2016-06-20")
    number = str(read(repository.table("illegal_project"))["ledger_no"][0])
    repository.set_cell("illegal_project", ("ledger_no", number), "address", '甲,"乙"\n丙')
    repository.commit("2016-06-21")
    catalog = read_catalog(repository.root / "datasets")
    cache = Cache(repository.root / "cache")
    first = read_history(catalog, cache)
    assert read_history(catalog, cache) == first == read_history(catalog, NO_CACHE)
    assert first.commits[0].tables[0].changed[0].changes[0].new == '甲,"乙"\n丙'


def test_a_folder_without_git_has_no_history(one_county: Path) -> None:
    assert read_history(read_catalog(one_county), NO_CACHE).begins is None


def test_a_clone_cut_short_says_that_its_history_is_not_whole(
    repository: Repository, tmp_path: Path
) -> None:
    repository.commit("2016-06-20")
    repository.set_cell("division", ("division_code", "990100"), "valid_from", "2014-01-01")
    repository.commit("2016-06-21")
    run_git(
        tmp_path, "clone", "-q", "--depth", "1", f"file://{repository.root}", str(tmp_path / "cut")
    )
    history = read_history(read_catalog(tmp_path / "cut/datasets"), NO_CACHE)
    assert not history.complete
    assert history.commits == ()


def test_feeds_are_valid_and_their_ids_stay(small_site: Path) -> None:
    feeds = [path for path in sorted(small_site.rglob("*.xml")) if "sitemap" not in str(path)]
    assert len(feeds) >= 54
    for path in feeds:
        feed = parse_feed(path.read_bytes())
        assert feed.tag == f"{ATOM}feed"
        for name in ("id", "title", "updated"):
            assert feed.findtext(f"{ATOM}{name}")
        assert feed.findtext(f"{ATOM}author/{ATOM}name")
        entries = read_feed(path)
        ids = [entry[0] for entry in entries]
        assert len(ids) == len(set(ids)) <= ITEMS
        days = [entry[1] for entry in entries]
        assert days == sorted(days, reverse=True)
        for day in (*days, feed.findtext(f"{ATOM}updated", "")):
            assert dt.datetime.fromisoformat(day).utcoffset() == dt.timedelta(hours=8)
        for link in feed.iter(f"{ATOM}link"):
            target = (path.parent / link.attrib["href"].partition("#")[0]).resolve()
            assert target.is_file(), (path, link.attrib)


def test_hostile_text_stays_text_in_a_feed() -> None:
    gazetteer = Gazetteer("990000", "示例省", (), {}, {}, frozenset())
    hostile = "</title><script>alert(1)</script>]]>&\x0b\u202e\ufffe"
    item = NewsItem("a/1", dt.date(2016, 7, 1), hostile, hostile, "ledger_no", "../../x", "")
    ((route, content), _) = build_feeds([item], [], gazetteer, "示例省")
    assert route == "feed.xml"
    entry = parse_feed(content).find(f"{ATOM}entry")
    assert entry is not None
    assert entry.findtext(f"{ATOM}title") == (
        "</title><script>alert(1)</script>]]>&⟨U+000B⟩⟨U+202E⟩\N{REPLACEMENT CHARACTER}"
    )
    link = entry.find(f"{ATOM}link")
    assert link is not None
    assert link.attrib["href"] == "index.html"


def test_one_items_id_is_the_same_for_ever() -> None:
    gazetteer = Gazetteer("990000", "示例省", (), {}, {}, frozenset())
    item = NewsItem("ledger_event/1", dt.date(2016, 7, 1), "a", "b", "", "", "")
    entry = parse_feed(next(build_feeds([item], [], gazetteer, "示例省"))[1]).find(f"{ATOM}entry")
    assert entry is not None
    assert entry.findtext(f"{ATOM}id") == "urn:uuid:51de55ca-4fb3-5c92-86f6-c072f56a9b92"
