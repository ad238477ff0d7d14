"""A dataset kept in a real git repository, for tests of what changes between commits."""

import subprocess
from pathlib import Path

from package_factory import Rows, write_table


def run_git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [
            "git", "-C", str(folder), "-c", "user.name=测试", "-c", "user.email=test@example.cn",
            "-c", "commit.gpgsign=false", "-c", "core.autocrlf=false", *arguments,
        ],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout.strip()


def commit_all(folder: Path, message: str = "数据") -> str:
    """Commit everything below `folder`, making it a repository if need be; the commit's id."""
    if not (folder / ".git").exists():
        run_git(folder, "init", "-q", "-b", "main")
    run_git(folder, "add", "-A")
    run_git(folder, "commit", "-q", "--allow-empty", "-m", message)
    return run_git(folder, "rev-parse", "HEAD")


def write_rows(datasets: Path, table: str, rows: Rows) -> None:
    """Replace a table's rows."""
    write_table(datasets / "tables" / f"{table}.csv", table, rows)
