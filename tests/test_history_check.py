"""What was published stays published: each way of rewriting the past is refused with its place."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner
from git_dataset import commit_all, write_rows
from history_kit import (
    BASE,
    CORRECTION,
    OPEN_NO,
    OPEN_PROJECT,
    PROJECT,
    RECORD,
    altered,
    commit_base,
    event,
    extended,
    judge,
    only,
    without,
)
from package_factory import (
    LEDGER_NO,
    VALID_TABLES,
    Rows,
    make_events,
    write_package,
)

from generator.cli import main
from generator.data.catalog import read_catalog
from generator.data.check import check_dataset
from generator.data.history_check import add_history, check_history
from generator.data.revision import read_revision

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with the dataset in it, made once and copied for each test."""
    return commit_base(tmp_path_factory.mktemp("committed"))


@pytest.fixture
def datasets(committed: Path, tmp_path: Path) -> Path:
    shutil.copytree(committed, tmp_path / "repository")
    return tmp_path / "repository/datasets"


def test_an_unchanged_dataset_gives_nothing(datasets: Path) -> None:
    assert judge(datasets) == ()


def test_the_same_cells_written_with_quotes_and_in_another_order_are_no_edit(
    datasets: Path,
) -> None:
    path = datasets / "tables/ledger_event.csv"
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    quoted = [",".join(f'"{cell}"' for cell in line.split(",")) for line in reversed(lines)]
    path.write_text("\r\n".join([header, *quoted]) + "\r\n", encoding="utf-8")
    assert judge(datasets) == ()


CLOSURE = {"evidence_ref": "ZL-05", "verifier_agency": "临川市环境保护局"}
LEGAL: Mapping[str, tuple[str, Callable[[], Rows]]] = {
    "the next stage of a project": (
        "ledger_event",
        lambda: extended("ledger_event", event(4, "消除", "2015-03-10")),
    ),
    "several stages up to the closure": (
        "ledger_event",
        lambda: extended(
            "ledger_event",
            event(4, "消除", "2015-04-10"),
            event(5, "销号", "2015-05-10", **CLOSURE),
        ),
    ),
    "a rebound and what follows it": (
        "ledger_event",
        lambda: extended(
            "ledger_event",
            event(4, "消除", "2015-04-10"),
            event(5, "退回", "2015-05-10"),
            event(6, "整改", "2015-06-10"),
        ),
    ),
    "the events of a new project, dated before everything": (
        "ledger_event",
        lambda: extended(
            "ledger_event",
            {**event(1, "排查", "2014-01-01"), "event_no": "990102-Z-00003/01",
             "ledger_no": "990102-Z-00003"},
        ),
    ),
    "a disclosure of the same table on the same day": (
        "disclosure_record",
        lambda: extended(
            "disclosure_record",
            {**RECORD, "record_id": "GK2016-0009999"},
        ),
    ),
    "an earlier disclosure of another table": (
        "disclosure_record",
        lambda: extended(
            "disclosure_record",
            {**RECORD, "record_id": "GK2016-0009999", "table_name": "exceedance",
             "occurred_date": "2015-01-01", "disclosed_date": "2015-01-02"},
        ),
    ),
    "a correction of another record": (
        "correction",
        lambda: extended(
            "correction",
            {**CORRECTION, "correction_no": "GZ2016-00002", "target_key": "别的",
             "received_date": "2016-01-01"},
        ),
    ),
    "a project whose deadline and fine change": (
        "illegal_project",
        lambda: altered("illegal_project", 1, deadline="2016-09-30", fine="3"),
    ),
    "an enterprise that moved": (
        "enterprise_profile",
        lambda: altered("enterprise_profile", 0, division_code="990103"),
    ),
    "a pollutant that is listed no more": (
        "pollutant",
        lambda: without("pollutant", 1),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", LEGAL, ids=list(LEGAL))
def test_legal_changes_pass(datasets: Path, case: str) -> None:
    table, rows = LEGAL[case]
    write_rows(datasets, table, rows())
    assert judge(datasets) == ()


def test_an_edited_ledger_event_is_refused_with_its_place_and_both_texts(datasets: Path) -> None:
    write_rows(datasets, "ledger_event", altered("ledger_event", 1, note="事后补写"))
    issue = only(judge(datasets))
    assert (issue.code, issue.severity) == ("R20", "error")
    assert (issue.file, issue.row, issue.field) == ("tables/ledger_event.csv", 3, "note")
    assert (issue.column, issue.field_title) == ("G", "说明")
    assert issue.found == f"“事后补写”（主键 {LEDGER_NO}/02，原为空）"
    assert issue.expected == "与基准版本相同：空"


@pytest.mark.parametrize(
    ("table", "row", "cells"),
    [
        ("ledger_event", 0, {"event_date": "2015-01-09"}),
        ("ledger_event", 4, {"verifier_agency": "别的单位"}),
        ("correction", 0, {"public_reason": "换了一个说法。"}),
        ("correction", 0, {"received_date": "2016-06-09"}),
        ("disclosure_record", 0, {"disclosed_date": "2016-05-30"}),
        ("disclosure_record", 0, {"change_type": "更正"}),
    ],
)
def test_every_field_of_the_three_ledgers_is_kept(
    datasets: Path, table: str, row: int, cells: dict[str, str]
) -> None:
    write_rows(datasets, table, altered(table, row, **cells))
    issue = only(judge(datasets))
    ((field, new),) = cells.items()
    old = BASE[table][row].get(field, "")
    assert (issue.code, issue.row, issue.field) == ("R20", row + 2, field)
    assert f"“{new}”" in issue.found
    assert f"原为“{old}”" in issue.found


def test_a_message_does_not_repeat_the_number_of_a_person(tmp_path: Path) -> None:
    identity = "11010519491231002X"
    noted = [dict(item) for item in BASE["ledger_event"]]
    noted[0]["note"] = f"身份证{identity}"
    datasets = write_package(tmp_path / "d", {**BASE, "ledger_event": noted})
    commit_all(tmp_path)
    write_rows(datasets, "ledger_event", BASE["ledger_event"])
    issue = only(judge(datasets))
    assert identity not in issue.found + issue.expected
    assert "110****" in issue.found


@pytest.mark.parametrize("table", ["ledger_event", "correction", "disclosure_record"])
def test_a_removed_row_of_a_ledger_is_refused_by_its_key(datasets: Path, table: str) -> None:
    write_rows(datasets, table, without(table, 0))
    issues = [issue for issue in judge(datasets) if issue.code == "R20"]
    key = {"ledger_event": "event_no", "correction": "correction_no"}.get(table, "record_id")
    assert f"没有主键 {BASE[table][0][key]} 的一行（基准版本第 2 行）" in only(tuple(issues)).found
    assert issues[0].file == f"tables/{table}.csv"


def test_a_renamed_key_is_a_removed_row(datasets: Path) -> None:
    write_rows(datasets, "correction", altered("correction", 0, correction_no="GZ2016-00009"))
    assert "GZ2016-00001" in only(judge(datasets)).found


def test_an_emptied_ledger_tells_a_hundred_rows_and_counts_the_rest(tmp_path: Path) -> None:
    records = [{**RECORD, "record_id": f"GK2016-{number:07d}"} for number in range(1, 251)]
    datasets = write_package(tmp_path / "d", {**BASE, "disclosure_record": records})
    commit_all(tmp_path)
    write_rows(datasets, "disclosure_record", ())
    issues = judge(datasets)
    assert len(issues) == 101
    assert any(issue.found == "另有 150 行不见了（共 250 行）" for issue in issues)


def test_the_date_on_which_a_correction_was_decided_may_be_filled_in_once(datasets: Path) -> None:
    write_rows(datasets, "correction", altered("correction", 0, resolved_date="2016-06-15"))
    issue = only(judge(datasets))
    assert (issue.severity, issue.field) == ("notice", "resolved_date")
    commit_all(datasets.parent)
    write_rows(datasets, "correction", altered("correction", 0, resolved_date="2016-06-16"))
    assert only(judge(datasets)).severity == "error"
    write_rows(datasets, "correction", BASE["correction"])
    assert only(judge(datasets)).severity == "error"


@pytest.mark.parametrize(
    ("stage", "expected"), [("销号", "“整改”之后为“消除”"), ("登记", "“整改”之后为“消除”")]
)
def test_a_skipped_or_repeated_stage_is_refused(datasets: Path, stage: str, expected: str) -> None:
    write_rows(datasets, "ledger_event", extended("ledger_event", event(4, stage, "2015-04-10")))
    issue = only(judge(datasets))
    assert (issue.code, issue.row, issue.field) == ("L-ORDER", 10, "stage")
    assert issue.expected == expected
    assert "基准版本里最后一个阶段是“整改”" in issue.found


def test_a_rebound_from_an_early_stage_is_refused(datasets: Path) -> None:
    write_rows(datasets, "ledger_event", extended("ledger_event", event(4, "退回", "2015-04-10")))
    assert only(judge(datasets)).code == "L-REBOUND"


def test_rewriting_the_last_stage_makes_no_room_for_a_skip(datasets: Path) -> None:
    """The dataset alone is in order; only the base tells that 登记 was jumped to 消除."""
    base_rows = [*VALID_TABLES["ledger_event"], *make_events(OPEN_NO, "排查", "登记")]
    write_rows(datasets, "ledger_event", base_rows)
    write_rows(datasets, "illegal_project", [PROJECT, {**OPEN_PROJECT, "stage": "登记"}])
    commit_all(datasets.parent)
    edited = [dict(item) for item in base_rows]
    edited[-1]["stage"] = "整改"
    write_rows(datasets, "ledger_event", [*edited, event(3, "消除", "2015-03-10")])
    issues = judge(datasets)
    assert {(issue.code, issue.row) for issue in issues} == {("R20", 8), ("L-ORDER", 9)}


def test_a_backdated_event_is_refused_with_the_last_date(datasets: Path) -> None:
    write_rows(datasets, "ledger_event", extended("ledger_event", event(4, "消除", "2015-03-09")))
    issue = only(judge(datasets))
    assert (issue.code, issue.row, issue.field) == ("L-DATE", 10, "event_date")
    assert issue.expected.startswith("不早于 2015-03-10")


def test_a_backdated_disclosure_of_the_same_table_is_refused(datasets: Path) -> None:
    late = {**RECORD, "record_id": "GK2016-0009999", "occurred_date": "2016-05-01"}
    write_rows(
        datasets,
        "disclosure_record",
        extended("disclosure_record", {**late, "disclosed_date": "2016-05-30"}),
    )
    issue = only(judge(datasets))
    assert (issue.code, issue.field, issue.title) == ("R20", "disclosed_date", "公开日期倒退")
    assert "2016-05-31" in issue.expected


def test_a_backdated_correction_of_the_same_record_is_refused(datasets: Path) -> None:
    write_rows(
        datasets,
        "correction",
        extended(
            "correction",
            {**CORRECTION, "correction_no": "GZ2016-00002", "received_date": "2016-06-09"},
        ),
    )
    assert only(judge(datasets)).title == "收到日期倒退"


def test_a_vanished_project_is_told_together_with_what_the_check_finds(datasets: Path) -> None:
    write_rows(datasets, "illegal_project", without("illegal_project", 1))
    catalog = read_catalog(datasets)
    report, _ = check_dataset(catalog)
    with read_revision(datasets, "HEAD") as base:
        whole = add_history(report, check_history(base, catalog), catalog)
    codes = {issue.code for issue in whole.issues if issue.severity == "error"}
    assert "E-VANISHED" in codes
    assert codes - {"E-VANISHED"} == {issue.code for issue in report.issues
                                      if issue.severity == "error"}  # fmt: skip
    assert not whole.valid
    assert whole.rows == report.rows


def test_what_the_check_already_told_is_not_told_twice(datasets: Path) -> None:
    write_rows(datasets, "ledger_event", extended("ledger_event", event(4, "销号", "2015-02-01")))
    catalog = read_catalog(datasets)
    report, _ = check_dataset(catalog)
    with read_revision(datasets, "HEAD") as base:
        found = check_history(base, catalog)
    assert {issue.code for issue in found} == {"L-ORDER", "L-DATE"}
    whole = add_history(report, found, catalog)
    assert whole.issues == report.issues


def run_check(datasets: Path, *options: str) -> tuple[int, str]:
    result = CliRunner().invoke(
        main,
        ["check", "--config", str(ROOT / "mkdocs.yml"), "--datasets", str(datasets), *options],
    )
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_the_command_refuses_a_rewritten_past_and_lets_an_honest_append_pass(
    datasets: Path,
) -> None:
    write_rows(datasets, "ledger_event", altered("ledger_event", 0, note="改写"))
    assert run_check(datasets)[0] == 0
    code, output = run_check(datasets, "--base", "HEAD")
    assert code == 1
    assert "tables/ledger_event.csv 第 2 行 G 列「说明」" in output
    assert "［R20］" in output
    write_rows(datasets, "ledger_event", extended("ledger_event", event(4, "消除", "2015-04-10")))
    write_rows(datasets, "illegal_project", altered("illegal_project", 1, stage="消除"))
    code, output = run_check(datasets, "--base", "HEAD")
    assert code == 0, output


@pytest.mark.parametrize("rev", ["nothing", "--help"])
def test_the_command_names_a_wrong_revision_in_one_line(datasets: Path, rev: str) -> None:
    code, output = run_check(datasets, f"--base={rev}")
    assert code == 1
    assert output.count("错误：") == 1
    assert "Traceback" not in output
