"""Files that change while they are read: nothing is published, and nothing wrong is remembered."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from small_province import COUNTIES, ROOT, cut_province
from test_build import fingerprint

from generator.build import CheckFailedError, build_site
from generator.config import Config, read_config
from generator.errors import HuanjingError
from generator.publish.former import cache_folder

PROFILE = "tables/enterprise_profile.csv"


class Meddler:
    """Does something when a stage of the build begins."""

    def __init__(self, stage: str, act: Callable[[], object]) -> None:
        self.stage, self.act = stage, act

    def start(self, title: str) -> None:
        if title == self.stage:
            self.act()

    def finish(self, title: str, seconds: float) -> None:
        pass


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `data` and the finished `out/site` of one county."""
    root = tmp_path_factory.mktemp("inputs")
    cut_province(root / "data", COUNTIES[:1])
    (root / "out").mkdir()
    build_site(configure(root), root / "out/site", Meddler("", lambda: None))
    return root


def configure(root: Path) -> Config:
    return replace(read_config(ROOT / "mkdocs.yml"), datasets=root / "data")


def rename_first(root: Path, name: str) -> None:
    path = root / "data" / PROFILE
    head, first, rest = path.read_text(encoding="utf-8").split("\n", 2)
    cells = first.split(",")
    cells[head.split(",").index("ent_name")] = name
    path.write_text("\n".join([head, ",".join(cells), rest]), encoding="utf-8")


@pytest.mark.parametrize("stage", ["检查数据", "生成页面"])
def test_a_table_that_changes_meanwhile_ends_the_build_and_is_named(
    built: Path, tmp_path: Path, stage: str
) -> None:
    root = tmp_path / "copy"
    shutil.copytree(built, root)
    old = fingerprint(root / "out/site")
    rename_first(root, "第一次改名的厂")
    meddler = Meddler(stage, lambda: rename_first(root, "第二次改名的厂"))
    with pytest.raises(HuanjingError, match=f"datasets/{PROFILE}") as told:
        build_site(configure(root), root / "out/site", meddler)
    assert "旧网站保持原样" in str(told.value)
    assert fingerprint(root / "out/site") == old
    assert not [path for path in cache_folder(root / "out/site").rglob("*") if path.is_file()]
    # As it was when the build began: nothing may be left that was read of the other state.
    rename_first(root, "第一次改名的厂")
    build_site(configure(root), root / "out/site", Meddler("", lambda: None))
    build_site(configure(root), tmp_path / "clean/site", Meddler("", lambda: None))
    assert fingerprint(root / "out/site") == fingerprint(tmp_path / "clean/site")


def test_a_table_that_is_still_being_written_is_told_as_that_and_not_as_faults_of_the_data(
    built: Path, tmp_path: Path
) -> None:
    root = tmp_path / "copy"
    shutil.copytree(built, root)
    path = root / "data" / PROFILE
    whole = path.read_bytes()

    def write_half() -> None:
        path.write_bytes(whole[: len(whole) // 2])

    rename_first(root, "改名的厂")
    with pytest.raises(HuanjingError, match="有文件被改动") as told:
        build_site(configure(root), root / "out/site", Meddler("检查数据", write_half))
    assert not isinstance(told.value, CheckFailedError)
