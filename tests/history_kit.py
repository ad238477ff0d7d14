"""A committed dataset, and ways to change it that a check of history may refuse."""

from collections.abc import Mapping
from pathlib import Path

from git_dataset import commit_all
from package_factory import (
    SECOND_SITE_CODE,
    VALID_TABLES,
    Rows,
    make_events,
    write_package,
)

from generator.data.catalog import read_catalog
from generator.data.history_check import check_history
from generator.data.issue import Issue
from generator.data.revision import read_revision

OPEN_NO = "990102-Z-00002"
PROJECT = dict(VALID_TABLES["illegal_project"][0])
OPEN_PROJECT = {
    **PROJECT,
    "ledger_no": OPEN_NO,
    "owner_name": "临川青石水泥有限公司",
    "site_code": SECOND_SITE_CODE,
    "stage": "整改",
    "closed_date": "",
}
RECORD = dict(VALID_TABLES["disclosure_record"][0])
CORRECTION = dict(VALID_TABLES["correction"][0])
WITHDRAWAL = {
    **CORRECTION,
    "correction_no": "GZ2016-00002",
    "kind": "撤回",
    "received_date": "2016-06-12",
    "resolved_date": "2016-06-20",
}
BASE: Mapping[str, Rows] = {
    **VALID_TABLES,
    "illegal_project": (PROJECT, OPEN_PROJECT),
    "ledger_event": (
        *VALID_TABLES["ledger_event"],
        *make_events(OPEN_NO, "排查", "登记", "整改"),
    ),
    "wastewater_concentration": (
        *VALID_TABLES["wastewater_concentration"],
        {**VALID_TABLES["wastewater_concentration"][0], "period": "2016-04"},
    ),
}


def commit_base(folder: Path) -> Path:
    """Makes `folder` a repository with the dataset `BASE` in it."""
    write_package(folder / "datasets", BASE)
    commit_all(folder)
    return folder


def judge(datasets: Path) -> tuple[Issue, ...]:
    """The history findings of the working files against the last commit."""
    with read_revision(datasets, "HEAD") as base:
        return check_history(base, read_catalog(datasets))


def altered(table: str, row: int, **cells: str) -> list[dict[str, str]]:
    """The rows of a table with some cells of one row changed."""
    rows = [dict(item) for item in BASE[table]]
    rows[row] |= cells
    return rows


def extended(table: str, *rows: Mapping[str, str]) -> list[Mapping[str, str]]:
    """The rows of a table and some more."""
    return [*BASE[table], *rows]


def without(table: str, row: int) -> list[Mapping[str, str]]:
    """The rows of a table but one."""
    return [item for position, item in enumerate(BASE[table]) if position != row]


def event(number: int, stage: str, day: str, **cells: str) -> dict[str, str]:
    """An event of the open project."""
    return {
        "event_no": f"{OPEN_NO}/{number:02d}",
        "ledger_no": OPEN_NO,
        "stage": stage,
        "event_date": day,
        **cells,
    }


def only(issues: tuple[Issue, ...]) -> Issue:
    """The one finding that there is."""
    assert len(issues) == 1, issues
    return issues[0]
