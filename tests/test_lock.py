"""One build at a time for each output folder, whatever becomes of the other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from package_factory import VALID_TABLES, write_package
from small_province import ROOT

from generator.cli import main
from generator.errors import OutputError
from generator.publish.lock import lock_output

HOLD = """
import sys, time
from pathlib import Path
from generator.publish.lock import lock_output
with lock_output(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_second_build_into_the_same_folder_is_told_to_wait(tmp_path: Path) -> None:
    with (
        lock_output(tmp_path / "site"),
        pytest.raises(OutputError, match="另一个 huanjing build 正在生成"),
        lock_output(tmp_path / "site"),
    ):
        raise AssertionError("two builds at once")
    with lock_output(tmp_path / "site"):
        pass


def test_builds_into_other_folders_are_not_kept_away(tmp_path: Path) -> None:
    with lock_output(tmp_path / "one"), lock_output(tmp_path / "other"):
        pass


def test_the_command_leaves_the_other_build_and_its_site_alone(tmp_path: Path) -> None:
    data = write_package(tmp_path / "data", VALID_TABLES)
    out = tmp_path / "out/site"
    staging = tmp_path / "out/.site-staging"
    staging.mkdir(parents=True)
    (staging / "index.html").write_text("half", encoding="utf-8")
    command = [
        "build", "--config", str(ROOT / "mkdocs.yml"), "--datasets", str(data), "--out", str(out)
    ]  # fmt: skip
    with lock_output(out):
        result = CliRunner().invoke(main, command)
    assert result.exit_code == 1, result.output
    assert "另一个 huanjing build 正在生成" in result.output
    assert (staging / "index.html").read_text(encoding="utf-8") == "half"
    assert not out.exists()


def test_a_lock_ends_with_its_process_even_after_kill_9(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "site")], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    with holder.stdout:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(OutputError), lock_output(tmp_path / "site"):
            pass
        holder.kill()
        holder.wait()
    with lock_output(tmp_path / "site"):
        pass


def test_a_folder_that_cannot_be_made_is_for_the_build_to_tell(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with lock_output(tmp_path / "file/site"):
        pass
