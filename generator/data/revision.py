"""A dataset as it stood at a git revision.

Files are taken as git stores them (`git cat-file`), not as a checkout or `git archive` would write
them, so that no attribute of the repository changes a byte. Git runs with a list of arguments,
never through a shell, and a revision that could be read as an option is refused before.

Pictures are left out unless they are asked for: only the check of a whole dataset opens them.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Final

from generator.errors import DatasetError
from generator.profiles.profile import Profile

if TYPE_CHECKING:
    from generator.data.catalog import Catalog

_REVISION: Final = re.compile(r"[\w@][\w./@{}~^+-]*")
_REVISION_CHARS: Final = 200
_PICTURES: Final = (".png", ".jpg", ".webp")
_COPY_BYTES: Final = 1 << 20
_PLAIN_FILES: Final = ("100644", "100755")
"""Modes of a tree entry that are files; links and submodules are not followed."""
_OWN_VARIABLES: Final = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
"""Set inside a git hook, where they would point git away from the dataset's folder."""


class RevisionError(DatasetError):
    """A revision is not there, or the dataset's folder is not kept in git."""


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A file of a revision: its path below the dataset's folder, and git's name of its bytes."""

    path: str
    blob: str


def find_commit(datasets: Path, rev: str) -> str:
    """The full id of the commit that `rev` names, for the repository of the dataset's folder.

    Raises:
        RevisionError: `rev` is not the form of a revision or names no commit, or the folder is
            not in a git repository.

    """
    if len(rev) > _REVISION_CHARS or ".." in rev or not _REVISION.fullmatch(rev):
        raise RevisionError(
            f"版本 {rev[:_REVISION_CHARS]!r} 的写法不对。请写提交号、分支名或标签，"
            "例如 main、HEAD~1、3cfcbeb。"
        )
    _find_repository(datasets)
    found = _run_git(datasets, "rev-parse", "--verify", "--quiet", f"{rev}^{{commit}}")
    commit = found.stdout.decode("ascii", "replace").strip()
    if found.returncode != 0 or not commit:
        raise RevisionError(
            f"git 仓库里没有版本 {rev}。请核对提交号、分支名或标签；"
            "持续集成里请取回完整历史（git fetch --unshallow）。"
        )
    return commit


@contextmanager
def read_revision(
    datasets: Path, rev: str, profile: Profile | None = None, *, pictures: bool = False
) -> Iterator[Catalog]:
    """The catalog of the dataset in `datasets` as it stood at `rev`; its files live in the `with`.

    The files are written to a temporary folder, which is removed at the end. `profile` is as in
    `read_catalog`; `pictures` says whether those are written too.

    Raises:
        RevisionError: As `find_commit`, or the revision does not have this dataset.
        DatasetError: Its descriptor or a schema was unreadable at that revision.

    """
    from generator.data.catalog import read_catalog  # Frictionless, which commits do without

    commit = find_commit(datasets, rev)
    files = _list_files(datasets, commit)
    if not any(file.path == "datapackage.json" for file in files):
        raise RevisionError(
            f"版本 {rev}（{commit[:7]}）里没有这个数据集：文件夹 {datasets.name} 里没有"
            " datapackage.json。请选数据集已经提交的版本。"
        )
    with tempfile.TemporaryDirectory(prefix="huanjing-revision-") as folder:
        root = Path(folder)
        wanted = [file for file in files if pictures or not file.path.endswith(_PICTURES)]
        write_files(datasets, wanted, root)
        try:
            catalog = read_catalog(root, profile)
        except DatasetError as fault:
            raise DatasetError(f"版本 {rev}（{commit[:7]}）的数据集：\n{fault}") from fault
        yield catalog


def list_commits(datasets: Path) -> tuple[tuple[str, dt.date], ...]:
    """Every commit of the main line that touched the dataset's folder, with its committer's day.

    The oldest first. A merge counts as one commit: what it brought to the main line.

    Raises:
        RevisionError: The folder is not in a git repository, or that has no commit.

    """
    _find_repository(datasets)
    found = _run_git(
        datasets, "log", "--first-parent", "--reverse", "--format=%H %cs", "HEAD", "--", "."
    )
    if found.returncode != 0:
        raise RevisionError("git 仓库里还没有提交。请先提交数据集。")
    lines = (line.split() for line in found.stdout.decode("ascii", "replace").splitlines())
    return tuple((commit, dt.date.fromisoformat(day)) for commit, day in lines)


def is_shallow(datasets: Path) -> bool:
    """Whether the repository is a clone whose older commits were left behind."""
    found = _run_git(datasets, "rev-parse", "--is-shallow-repository")
    return found.stdout.strip() == b"true"


def list_changed_files(
    datasets: Path, commit: str
) -> tuple[tuple[TreeFile | None, TreeFile | None], ...]:
    """The plain files of the dataset that differ between a commit and its first parent, by path.

    A file that was not there before, or is not any more, is None on that side.

    Raises:
        RevisionError: The commit or its parent is not in the repository.

    """
    found = _run_git(
        datasets, "diff-tree", "-r", "-z", "--no-renames", "--relative", f"{commit}^1", commit,
        "--", ".",
    )  # fmt: skip
    if found.returncode != 0:
        raise RevisionError(f"git 读不出提交 {commit[:7]} 的改动。请用 git fsck 检查仓库是否完整。")
    parts = found.stdout.split(b"\0")
    changed: list[tuple[TreeFile | None, TreeFile | None]] = []
    for head, name in zip(parts[::2], parts[1::2], strict=False):
        old_mode, new_mode, old_blob, new_blob, _ = head.decode("ascii").lstrip(":").split()
        path = name.decode("utf-8", "replace")
        changed.append(
            (
                TreeFile(path, old_blob) if old_mode in _PLAIN_FILES else None,
                TreeFile(path, new_blob) if new_mode in _PLAIN_FILES else None,
            )
        )
    return tuple(pair for pair in changed if any(pair))


def _find_repository(datasets: Path) -> None:
    if not datasets.is_dir():
        raise RevisionError(f"找不到数据集文件夹：{datasets}。请检查 --datasets 的路径。")
    found = _run_git(datasets, "rev-parse", "--is-inside-work-tree")
    if found.returncode == 0 and found.stdout.strip() == b"true":
        return
    words = found.stderr.decode("utf-8", "replace")
    if "dubious ownership" in words:
        raise RevisionError(
            f"git 拒绝读取 {datasets}：文件夹属于另一个用户。"
            "请用 git config --global --add safe.directory 登记这个仓库。"
        )
    raise RevisionError(
        f"数据集文件夹 {datasets} 不在 git 仓库里，没有以前的版本可比。请在仓库里运行。"
    )


def _list_files(datasets: Path, commit: str) -> tuple[TreeFile, ...]:
    """Every plain file of the dataset's folder at a commit, by path."""
    listed = _run_git(datasets, "ls-tree", "-r", "-z", commit)
    if listed.returncode != 0:
        raise RevisionError(f"git 读不出提交 {commit[:7]} 的文件。请用 git fsck 检查仓库是否完整。")
    files: list[TreeFile] = []
    for entry in listed.stdout.split(b"\0"):
        head, _, name = entry.partition(b"\t")
        mode, _, rest = head.decode("ascii", "replace").partition(" ")
        path = name.decode("utf-8", "replace")
        pure = PurePosixPath(path)
        # Git refuses to make such names, but a tree can be forged.
        if mode in _PLAIN_FILES and not pure.is_absolute() and ".." not in pure.parts:
            files.append(TreeFile(path, rest.rpartition(" ")[2]))
    return tuple(sorted(files, key=lambda file: file.path))


def write_files(datasets: Path, files: Sequence[TreeFile], root: Path) -> None:
    """Write the files' bytes below `root`, streamed, since readings may be large.

    Raises:
        RevisionError: Git cannot give one of them.

    """
    with subprocess.Popen(  # noqa: S603 fixed program, checked arguments, no shell
        _git_arguments(datasets, "cat-file", "--batch"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_git_environment(),
    ) as git:
        if git.stdin is None or git.stdout is None:
            raise RevisionError("git 没有打开管道。请再试一次。")
        for file in files:
            # One name, then its answer: neither pipe can fill up while the other waits.
            git.stdin.write(file.blob.encode("ascii") + b"\n")
            git.stdin.flush()
            path = root / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            if not _copy_blob(git.stdout, path):
                git.kill()
                raise RevisionError(
                    f"git 读不出 {file.path} 的旧内容。请用 git fsck 检查仓库是否完整。"
                )
        git.stdin.close()


def _copy_blob(stream: IO[bytes], path: Path) -> bool:
    """Copy one answer of `git cat-file --batch` into a file; False where it has no such blob."""
    head = stream.readline().split()
    if len(head) != 3 or head[1] != b"blob":
        return False
    left = int(head[2])
    with path.open("wb") as out:
        while left:
            part = stream.read(min(left, _COPY_BYTES))
            if not part:
                return False
            out.write(part)
            left -= len(part)
    return stream.read(1) == b"\n"


def _run_git(datasets: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603 fixed program, checked arguments, no shell
            _git_arguments(datasets, *arguments),
            capture_output=True,
            stdin=subprocess.DEVNULL,
            env=_git_environment(),
            check=False,
        )
    except FileNotFoundError as fault:
        raise RevisionError("找不到 git 程序。与以前的版本比较要用 git，请先安装。") from fault


def _git_arguments(datasets: Path, *arguments: str) -> Sequence[str]:
    return ("git", "-C", str(datasets), *arguments)


def _git_environment() -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in _OWN_VARIABLES}
    return {**inherited, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
