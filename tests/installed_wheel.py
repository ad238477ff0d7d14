"""The wheel as a province installs it: built from this checkout, in an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def install_wheel(folder: Path) -> dict[str, str]:
    """Environment variables under which `huanjing` is the wheel's, and only the wheel's.

    Its dependencies are those of the environment that runs the tests, by a path file; our own
    package is found in the new environment first.
    """
    _run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation",
         "--disable-pip-version-check", "-w", str(folder / "wheel"), str(ROOT))  # fmt: skip
    venv.create(folder / "env", with_pip=False)
    python = folder / "env/bin/python"
    (wheel,) = (folder / "wheel").glob("huanjing-*.whl")
    _run(sys.executable, "-m", "pip", "--python", str(python), "install", "-q", "--no-deps",
         "--disable-pip-version-check", str(wheel))  # fmt: skip
    (site,) = (folder / "env/lib").glob("python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment = kept | {"PATH": f"{folder / 'env/bin'}:{os.environ['PATH']}"}
    told = subprocess.run(
        [str(python), "-c", "import generator; print(generator.__file__)"],
        capture_output=True, text=True, check=True, env=environment, cwd=folder,
    )  # fmt: skip
    assert Path(told.stdout.strip()).is_relative_to(folder), told.stdout
    return environment


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
