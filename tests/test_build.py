"""The main job on small and on broken datasets."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from small_province import ROOT, cut_province

from generator.cli import main

CONFIG = str(ROOT / "mkdocs.yml")


def run_build(datasets: Path, out: Path) -> tuple[int, str]:
    result = CliRunner().invoke(
        main, ["build", "--config", CONFIG, "--datasets", str(datasets), "--out", str(out)]
    )
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def fingerprint(site: Path) -> dict[str, str]:
    return {
        path.relative_to(site).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(site.rglob("*"))
        if path.is_file()
    }


def test_the_same_input_gives_the_same_bytes_whatever_the_surroundings(
    small_datasets: Path, small_site: Path, tmp_path: Path
) -> None:
    out = tmp_path / "elsewhere" / "site"
    out.parent.mkdir()
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "77",
        "TZ": "Pacific/Chatham",
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "POLARS_MAX_THREADS": "1",
    }
    code = (
        "import os; os.umask(0o077); from generator.cli import main; "
        f"main(['build', '--config', {CONFIG!r}, '--datasets', {str(small_datasets)!r}, "
        f"'--out', {str(out)!r}, '--processes', '3'])"
    )
    subprocess.run(
        [sys.executable, "-c", code], check=True, env=environment, cwd=tmp_path, capture_output=True
    )
    assert fingerprint(out) == fingerprint(small_site)


def test_the_order_of_rows_in_a_file_does_not_reach_the_pages(
    small_site: Path, tmp_path: Path
) -> None:
    turned = cut_province(
        tmp_path / "datasets",
        edits={
            name: lambda frame: frame.reverse()
            for name in ("illegal_project", "enterprise_profile", "exposure_case", "bulletin")
        },
    )
    assert run_build(turned, tmp_path / "site")[0] == 0
    before, after = fingerprint(small_site), fingerprint(tmp_path / "site")
    changed = {route for route in before if before[route] != after.get(route)}
    assert {route for route in changed if route.endswith(".html")} == {
        "download/index.html"  # it prints the checksums of the files
    }


def remove_table(root: Path) -> None:
    (root / "tables/illegal_project.csv").unlink()


def write_gbk(root: Path) -> None:
    path = root / "tables/enterprise_contact.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))


def break_key(root: Path) -> None:
    path = root / "tables/enterprise_contact.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    site_code = lines[1].partition(",")[0]
    lines[1] = lines[1].replace(site_code, "9199999931058537N8001V")
    path.write_text("".join(lines), encoding="utf-8")


def name_unknown_district(root: Path) -> None:
    path = root / "tables/illegal_project.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    cells = lines[1].split(",")
    cells[1] = "119900"
    lines[1] = ",".join(cells)
    path.write_text("".join(lines), encoding="utf-8")


def repeat_address(root: Path) -> None:
    path = root / "tables/illegal_project.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines, lines[1]]), encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (remove_table, ["illegal_project.csv", "缺少文件"]),
        (write_gbk, ["enterprise_contact.csv", "UTF-8"]),
        (
            break_key,
            ["enterprise_contact.csv", "第 2 行", "固定污染源代码", "9199999931058537N8001V"],
        ),
        (name_unknown_district, ["illegal_project.csv", "第 2 行", "区县代码", "119900"]),
        (repeat_address, ["illegal_project.csv", "台账编号", "重复"]),
    ],
)
def test_a_broken_dataset_is_named_and_the_old_site_stays(
    small_datasets: Path, tmp_path: Path, spoil: Callable[[Path], None], named: list[str]
) -> None:
    datasets = tmp_path / "datasets"
    shutil.copytree(small_datasets, datasets)
    out = tmp_path / "site"
    out.mkdir()
    (out / "index.html").write_bytes(b"old")
    (out / "manifest.json").write_bytes(b"{}")
    spoil(datasets)
    code, printed = run_build(datasets, out)
    assert code == 1
    for words in named:
        assert words in printed
    assert "Traceback" not in printed
    assert "旧网站保持原样" in printed
    assert {path.name: path.read_bytes() for path in out.iterdir()} == {
        "index.html": b"old",
        "manifest.json": b"{}",
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".site-cache",
        "datasets",
        "site",
    ]


def test_all_errors_are_listed_not_only_the_first(small_datasets: Path, tmp_path: Path) -> None:
    datasets = tmp_path / "datasets"
    shutil.copytree(small_datasets, datasets)
    break_key(datasets)
    name_unknown_district(datasets)
    code, printed = run_build(datasets, tmp_path / "site")
    assert code == 1
    assert "9199999931058537N8001V" in printed
    assert "119900" in printed


def test_a_missing_dataset_folder_is_one_clear_error(tmp_path: Path) -> None:
    code, printed = run_build(tmp_path / "nowhere", tmp_path / "site")
    assert code == 1
    assert "nowhere" in printed
    assert "Traceback" not in printed


def test_a_crash_in_mid_build_leaves_the_old_site(
    small_datasets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "site"
    out.mkdir()
    (out / "index.html").write_bytes(b"old")
    (out / "manifest.json").write_bytes(b"{}")

    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("generator.stages.write_files", fail)
    with pytest.raises(MemoryError):
        run_build(small_datasets, out)
    assert (out / "index.html").read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == [".site-cache", "site"]


def test_one_changed_stage_changes_only_the_pages_that_show_it(
    small_site: Path, small_datasets: Path, tmp_path: Path
) -> None:
    import polars as pl
    from small_province import read

    ledger = read(small_datasets / "tables/illegal_project.csv")
    chosen = ledger.filter(pl.col("penalty_no") == "").sort("ledger_no").row(0, named=True)
    number = chosen["ledger_no"]

    def rename(frame: pl.DataFrame) -> pl.DataFrame:
        renamed = pl.when(pl.col("ledger_no") == number).then(pl.lit("新名称养殖场项目"))
        return frame.with_columns(renamed.otherwise(pl.col("project_name")).alias("project_name"))

    edited = cut_province(tmp_path / "datasets", edits={"illegal_project": rename})
    assert run_build(edited, tmp_path / "site")[0] == 0
    before, after = fingerprint(small_site), fingerprint(tmp_path / "site")
    changed = {r for r in before | after if before.get(r) != after.get(r) and r.endswith(".html")}
    owner = set(ledger.filter(pl.col("owner_name") == chosen["owner_name"])["ledger_no"])
    allowed = {f"project/{other}.html" for other in owner} | {
        f"district/{chosen['division_code']}-projects.html",
        f"enterprise/{chosen['site_code']}.html",
        "index.html",
        "download/index.html",
    }
    assert f"project/{number}.html" in changed
    assert changed <= allowed
