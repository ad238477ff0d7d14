"""Datasets read back from git."""

import os
from pathlib import Path

import pytest
from git_dataset import commit_all, run_git, write_rows
from package_factory import VALID_TABLES, write_package

from generator.data.revision import RevisionError, find_commit, read_revision
from generator.errors import DatasetError


@pytest.fixture
def datasets(tmp_path: Path) -> Path:
    """A package two folders below the root of its repository, committed once."""
    root = write_package(tmp_path / "省级 数据" / "datasets", VALID_TABLES)
    (root / "photos").mkdir()
    (root / "photos/a.png").write_bytes(b"\x89PNG\r\n\x1a\n\0")
    commit_all(tmp_path)
    return root


def test_a_revision_gives_the_bytes_that_were_committed(datasets: Path) -> None:
    committed = {
        path.relative_to(datasets).as_posix(): path.read_bytes()
        for path in datasets.rglob("*")
        if path.is_file()
    }
    write_rows(datasets, "ledger_event", ())
    (datasets / "tables/noise.csv").unlink()
    with read_revision(datasets, "HEAD", pictures=True) as catalog:
        found = {
            path.relative_to(catalog.root).as_posix(): path.read_bytes()
            for path in catalog.root.rglob("*")
            if path.is_file()
        }
    assert found == committed


def test_the_temporary_folder_is_gone_afterwards_even_when_the_reader_fails(datasets: Path) -> None:
    with read_revision(datasets, "HEAD") as catalog:
        root = catalog.root
        assert root.is_dir()
    assert not root.exists()
    roots: list[Path] = []
    with pytest.raises(ZeroDivisionError):
        fail_while_reading(datasets, roots)
    assert not roots[0].exists()


def fail_while_reading(datasets: Path, roots: list[Path]) -> None:
    with read_revision(datasets, "HEAD") as catalog:
        roots.append(catalog.root)
        raise ZeroDivisionError


def test_pictures_are_left_out_unless_they_are_asked_for(datasets: Path) -> None:
    with read_revision(datasets, "HEAD") as catalog:
        assert not (catalog.root / "photos/a.png").exists()
        assert (catalog.root / "tables/noise.csv").exists()


def test_export_attributes_do_not_change_what_was_committed(tmp_path: Path) -> None:
    datasets = write_package(tmp_path / "datasets", VALID_TABLES)
    (tmp_path / ".gitattributes").write_text(
        "datasets/tables/correction.csv export-ignore\ndatasets/tables/*.csv export-subst\n"
    )
    (datasets / "tables/noise.csv").write_text("$Format:%H$\n", encoding="utf-8")
    commit_all(tmp_path)
    with read_revision(datasets, "HEAD") as catalog:
        assert (catalog.root / "tables/correction.csv").is_file()
        assert (catalog.root / "tables/noise.csv").read_text() == "$Format:%H$\n"


def test_links_in_the_tree_are_not_followed(tmp_path: Path) -> None:
    datasets = write_package(tmp_path / "datasets", VALID_TABLES)
    secret = tmp_path.parent / "secret.csv"
    secret.write_text("密", encoding="utf-8")
    noise = datasets / "tables/noise.csv"
    noise.unlink()
    noise.symlink_to(secret)
    commit_all(tmp_path)
    with read_revision(datasets, "HEAD") as catalog:
        assert not os.path.lexists(catalog.root / "tables/noise.csv")


@pytest.mark.parametrize("name", ["HEAD", "main", "v1.0", "HEAD~1", "特性/甲", "main^{commit}"])
def test_commits_are_found_by_every_common_name(datasets: Path, name: str) -> None:
    first = run_git(datasets, "rev-parse", "HEAD")
    run_git(datasets, "tag", "v1.0")
    run_git(datasets, "branch", "特性/甲")
    second = commit_all(datasets.parents[1])
    expected = first if name in {"v1.0", "HEAD~1", "特性/甲"} else second
    assert find_commit(datasets, name) == expected
    assert find_commit(datasets, expected[:9]) == expected


@pytest.mark.parametrize(
    "name",
    ["--help", "-n", "--output=/tmp/x", "", "a b", "main:datasets", "a..b", "a\nb", "$(id)",
     "`id`", "a;id", "a|id", "^main", "x" * 201, "main\0"],
)  # fmt: skip
def test_what_is_no_revision_is_refused_before_git_sees_it(datasets: Path, name: str) -> None:
    with pytest.raises(RevisionError, match="写法不对"):
        find_commit(datasets, name)


@pytest.mark.parametrize("name", ["nothing", "v9", "0123abcd", "HEAD~7"])
def test_an_unknown_revision_is_one_clear_error(datasets: Path, name: str) -> None:
    with pytest.raises(RevisionError, match=f"没有版本 {name}") as caught:
        find_commit(datasets, name)
    assert "\n" not in str(caught.value)


def test_a_blob_is_no_revision(datasets: Path) -> None:
    blob = run_git(datasets, "rev-parse", "HEAD:./datapackage.json")
    with pytest.raises(RevisionError, match="没有版本"):
        find_commit(datasets, blob)


def test_a_folder_outside_git_is_one_clear_error(tmp_path: Path) -> None:
    datasets = write_package(tmp_path / "datasets")
    with pytest.raises(RevisionError, match="不在 git 仓库里"), read_revision(datasets, "HEAD"):
        pass


def test_a_missing_folder_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(RevisionError, match="找不到数据集文件夹"):
        find_commit(tmp_path / "nothing", "HEAD")


def test_a_revision_without_the_dataset_says_so(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("x")
    commit_all(tmp_path)
    datasets = write_package(tmp_path / "datasets")
    with pytest.raises(RevisionError, match="没有这个数据集"), read_revision(datasets, "HEAD"):
        pass


def test_a_broken_descriptor_of_the_past_names_the_revision(datasets: Path) -> None:
    whole = (datasets / "datapackage.json").read_bytes()
    (datasets / "datapackage.json").write_text("{", encoding="utf-8")
    commit_all(datasets.parents[1])
    (datasets / "datapackage.json").write_bytes(whole)
    with (
        pytest.raises(DatasetError, match=r"版本 HEAD（[0-9a-f]{7}）的数据集"),
        read_revision(datasets, "HEAD"),
    ):
        pass


def test_variables_of_a_git_hook_do_not_lead_to_another_repository(
    datasets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    commit_all(other)
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git/index"))
    with read_revision(datasets, "HEAD") as catalog:
        assert catalog.has_table("ledger_event")


def test_a_machine_without_git_is_told_to_install_it(
    datasets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RevisionError, match="找不到 git 程序"):
        find_commit(datasets, "HEAD")
