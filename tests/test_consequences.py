"""Consequences of a change, recounted from the rows by other means."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from change_set import MOVED_CASE, OVERDUE, SILENT_SITES, STRUCK_OFF, apply_change
from click.testing import CliRunner
from git_dataset import commit_all
from small_province import read

from generator.cli import main
from generator.config import Config, read_config
from generator.data.catalog import read_catalog
from generator.domain.consequences import BECAME_BELOW, TallyMove
from generator.site.change_json import format_json
from generator.site.change_markdown import format_markdown
from generator.site.consequences import ChangeReport, Consequences, Side, compare_sides

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = Path(__file__).parent / "changes"
DATA_DATE = "2016-07-03"


@pytest.fixture(scope="module")
def config() -> Config:
    return read_config(ROOT / "mkdocs.yml")


@pytest.fixture(scope="module")
def before(small_datasets: Path) -> Path:
    return small_datasets


@pytest.fixture(scope="module")
def after(before: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return apply_change(before, tmp_path_factory.mktemp("changed") / "datasets")


@pytest.fixture(scope="module")
def report(before: Path, after: Path, config: Config) -> ChangeReport:
    return compare_sides(make_side("旧", before), make_side("新", after), config)


@pytest.fixture(scope="module")
def found(report: ChangeReport) -> Consequences:
    assert report.consequences is not None, report.skipped
    return report.consequences


def make_side(label: str, datasets: Path) -> Side:
    return Side(label, "", read_catalog(datasets))


def table(datasets: Path, name: str) -> pl.DataFrame:
    return read(datasets / "tables" / f"{name}.csv")


def test_the_rows_that_changed_are_those_of_the_change_and_no_others(
    report: ChangeReport,
) -> None:
    counts = {
        diff.name: (diff.added_count, diff.changed_count, diff.removed_count)
        for diff in report.tables
    }
    assert counts == {
        "enterprise_contact": (0, 0, SILENT_SITES),
        "emergency_plan": (0, 1, 0),
        "illegal_project": (0, 2, 0),
        "ledger_event": (1, 0, 0),
        "exposure_case": (0, 1, 0),
        "bulletin": (0, 1, 0),
    }


def test_figures_move_as_a_recount_of_the_rows_says(
    found: Consequences, before: Path, after: Path
) -> None:
    moves = {move.figure_id: move for move in found.figures}
    for figure_id, count in (
        ("cq.projects.overdue", count_overdue),
        ("cq.projects.done", count_closed),
        ("cq.projects.open", lambda rows: rows.height - count_closed(rows)),
    ):
        sides = [count(table(side, "illegal_project")) for side in (before, after)]
        assert sides[0] != sides[1]
        assert [moves[figure_id].old, moves[figure_id].new] == [str(side) for side in sides]
    fines = [
        sum(Decimal(cell) for cell in table(side, "bulletin")["fine_total"]) / 10_000
        for side in (before, after)
    ]
    fine = moves["zj.enforcement.fines"]
    assert [Decimal(fine.old or ""), Decimal(fine.new or "")] == fines
    assert [(part.key, part.title) for part in fine.parts] == [("990101", "望澜区")]
    assert moves["ha.below_floor"].old == "1"
    assert moves["ha.below_floor"].new == "2"
    assert "zj.cases" not in moves
    assert "cq.projects.total" not in moves


def count_overdue(projects: pl.DataFrame) -> int:
    late = (pl.col("deadline") < DATA_DATE) & (pl.col("stage") != "销号")
    return projects.filter(late).height


def count_closed(projects: pl.DataFrame) -> int:
    return projects.filter(pl.col("stage") == "销号").height


def test_a_county_that_falls_below_the_floor_is_named(found: Consequences) -> None:
    (move,) = found.rates
    assert (move.division_code, move.crossing) == ("990201", BECAME_BELOW)
    assert (move.old.disclosed, move.new.disclosed) == (69, 69 - SILENT_SITES)
    assert move.old.listed == move.new.listed == 69


def test_a_case_moved_to_another_county_moves_both_tallies(
    found: Consequences, before: Path, after: Path
) -> None:
    moved = {move.division_code: dict_of(move) for move in found.exposures}
    assert set(moved) == {"990101", "990201"}
    case = table(before, "exposure_case").row(
        by_predicate=pl.col("case_no") == MOVED_CASE, named=True
    )
    assert case["iso_week"] == "2016-W22"
    assert {move.iso_week for move in found.exposures} == {"2016-W22"}
    for code in moved:
        sides = [count_cases(table(side, "exposure_case"), code) for side in (before, after)]
        assert moved[code]["listed"] == tuple(str(side) for side in sides)
    assert moved["990101"]["listed"] == ("1", "0")
    assert moved["990201"]["listed"] == ("0", "1")


def count_cases(cases: pl.DataFrame, division: str) -> int:
    week = pl.col("iso_week") == "2016-W22"
    return cases.filter(week & (pl.col("division_code") == division)).height


def dict_of(move: TallyMove) -> Mapping[str, tuple[str, str]]:
    return {item.key: (item.old or "0", item.new or "0") for item in move.columns}


def test_the_bulletin_total_of_the_week_moves(
    found: Consequences, before: Path, after: Path
) -> None:
    (move,) = found.bulletins
    assert (move.iso_week, move.division_code) == ("2016-W26", "")
    sums = [
        sum(
            Decimal(cell)
            for cell in table(side, "bulletin").filter(iso_week="2016-W26")["fine_total"]
        )
        for side in (before, after)
    ]
    (fine,) = move.columns
    assert [Decimal(fine.old or ""), Decimal(fine.new or "")] == sums


def test_projects_that_became_overdue_or_closed_are_named(found: Consequences) -> None:
    assert [(move.ledger_no, move.kind) for move in found.projects] == [
        (OVERDUE, "变为逾期"),
        (STRUCK_OFF, "销号"),
    ]


def test_a_warning_that_appears_is_told_by_its_record(found: Consequences, after: Path) -> None:
    changes = {change.code: change for change in found.issues}
    assert set(changes) == {"R17"}
    old_plan = table(after, "emergency_plan").filter(filing_date="2010-01-04")["plan_id"].to_list()
    assert [place.key for place in changes["R17"].appeared] == old_plan
    assert changes["R17"].gone == ()
    assert changes["R17"].new_count == changes["R17"].old_count + 1


def test_the_pages_are_those_whose_files_differ_in_two_whole_builds(
    found: Consequences, small_site: Path, after: Path, tmp_path: Path
) -> None:
    """The honest recount: build both sites and compare every page byte for byte."""
    site = tmp_path / "site"
    result = CliRunner().invoke(
        main,
        ["build", "--config", str(ROOT / "mkdocs.yml"), "--datasets", str(after), "--out",
         str(site)],
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    old, new = (
        {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*.html")}
        for root in (small_site, site)
    )
    assert found.pages.added == tuple(sorted(new.keys() - old.keys()))
    assert found.pages.removed == tuple(sorted(old.keys() - new.keys()))
    differ = {route for route in old.keys() & new.keys() if old[route] != new[route]}
    differ -= {"download/index.html"}  # it prints checksums, so any change of data changes it
    assert found.pages.changed == tuple(sorted(differ))
    assert f"project/{STRUCK_OFF}.html" in differ


def test_rendering_every_page_finds_the_same(
    report: ChangeReport, before: Path, after: Path, config: Config
) -> None:
    rendered = compare_sides(
        make_side("旧", before), make_side("新", after), config, render_all=True
    )
    assert rendered == report


def test_the_other_way_round_gives_the_opposite(
    found: Consequences, before: Path, after: Path, config: Config
) -> None:
    back = compare_sides(make_side("新", after), make_side("旧", before), config).consequences
    assert back is not None
    assert back.pages.changed == found.pages.changed
    assert [(m.ledger_no, m.kind) for m in back.projects] == [
        (OVERDUE, "不再逾期"),
        (STRUCK_OFF, "退回"),
    ]
    assert [(m.old, m.new) for m in back.figures] == [(m.new, m.old) for m in found.figures]
    assert back.rates[0].crossing == "回到底线"
    assert [len(change.gone) for change in back.issues] == [1]


GOLDEN_FOLDERS = ("case/", "project/", "week/")
"""Pages in the goldens; which other lists a change reaches is held by the two whole builds."""


def test_the_report_is_the_golden_one(report: ChangeReport, found: Consequences) -> None:
    """HUANJING_GOLDEN=1 writes the goldens anew, to be reviewed as a diff."""
    chosen = tuple(route for route in found.pages.changed if route.startswith(GOLDEN_FOLDERS))
    shown = replace(report, consequences=replace(found, pages=replace(found.pages, changed=chosen)))
    for name, text in (
        ("small.md", format_markdown(shown)),
        ("small.json", format_json(shown)),
    ):
        path = GOLDEN / name
        if os.environ.get("HUANJING_GOLDEN"):
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8"), name


def test_a_side_that_fails_the_check_keeps_its_rows_and_says_why(
    before: Path, config: Config, tmp_path: Path
) -> None:
    broken = tmp_path / "datasets"
    shutil.copytree(before, broken)
    path = broken / "tables/bulletin.csv"
    text = path.read_text(encoding="utf-8")
    header, first, rest = text.split("\n", 2)
    cells = first.split(",")
    path.write_text("\n".join([header, ",".join([*cells[:2], "许多", *cells[3:]]), rest]))
    report = compare_sides(make_side("旧", before), make_side("新", broken), config)
    assert report.consequences is None
    assert report.skipped == ("新 没有通过检查，共 1 处错误（E-TYPE 1 处）。",)
    assert [(diff.name, diff.changed_count) for diff in report.tables] == [("bulletin", 1)]
    text = format_markdown(report)
    assert "没有计算影响" in text
    assert "E-TYPE 1 处" in text
    assert "<code>许多</code>" in text
    document = json.loads(format_json(report))
    assert document["consequences"] is None
    assert document["skipped"] == list(report.skipped)


def run_diff(datasets: Path, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(
        main,
        ["diff", "--config", str(ROOT / "mkdocs.yml"), "--datasets", str(datasets), *arguments],
    )
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_the_command_compares_commits_and_the_working_tree(
    before: Path, after: Path, report: ChangeReport, tmp_path: Path
) -> None:
    datasets = tmp_path / "datasets"
    shutil.copytree(before, datasets)
    first = commit_all(tmp_path)
    code, output = run_diff(datasets, "HEAD")
    assert code == 0
    assert "两个版本的数据完全相同" in output
    shutil.rmtree(datasets)
    shutil.copytree(after, datasets)
    code, text = run_diff(datasets, first, "--format", "json")
    assert code == 0
    working = json.loads(text)
    assert working["old"] == {"revision": first, "commit": first}
    assert working["new"] == {"revision": None, "commit": None}
    second = commit_all(tmp_path)
    out = tmp_path / "diff.json"
    assert run_diff(datasets, "HEAD~1", "HEAD", "--format", "json", "--output", str(out)) == (0, "")
    committed = json.loads(out.read_text(encoding="utf-8"))
    assert committed["new"] == {"revision": "HEAD", "commit": second}
    expected = json.loads(format_json(report))
    for document in (working, committed):
        assert document["tables"] == expected["tables"]
        assert document["consequences"] == expected["consequences"]


def test_a_wrong_revision_or_output_is_one_line(before: Path, tmp_path: Path) -> None:
    datasets = tmp_path / "datasets"
    shutil.copytree(before, datasets)
    code, output = run_diff(datasets, "HEAD")
    assert (code, output.count("\n")) == (1, 1)
    assert "不在 git 仓库里" in output
    commit_all(tmp_path)
    code, output = run_diff(datasets, "nothing")
    assert (code, output.count("\n")) == (1, 1)
    code, output = run_diff(datasets, "HEAD", "--output", str(tmp_path / "no/such/folder.md"))
    assert (code, output.count("\n")) == (1, 1)
    assert "写不了" in output
