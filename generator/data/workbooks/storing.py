"""Files put in place whole: workbooks, and the tables that an import changes."""

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from generator.data.workbooks.csv_file import CsvFile
from generator.data.workbooks.faults import WorkbookError
from generator.data.workbooks.merge import MergedTable


def check_target(datasets: Path, out: Path) -> None:
    """Returns if a merged dataset may be written to the folder.

    Raises:
        WorkbookError: It holds something, or lies inside the dataset that is copied.

    """
    if out.resolve().is_relative_to(datasets.resolve()):
        raise WorkbookError(f"{out} 在数据集文件夹里面。--out 请写别处的新文件夹。")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise WorkbookError(f"{out} 已有别的内容。--out 请写一个新的文件夹，或空文件夹。")


def put_in_place(
    datasets: Path,
    out: Path | None,
    files: Mapping[str, CsvFile],
    merged: Mapping[str, MergedTable],
) -> None:
    """Writes the changed tables into the dataset, or into a copy of it at `out`.

    Raises:
        WorkbookError: A file cannot be written, or is no longer what was read; those written
            before it are put back.

    """
    if out is None:
        _replace_tables(datasets, files, merged)
        return
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise WorkbookError(f"不能写入 {out.parent}（{error.strerror}）。") from error
    try:
        shutil.copytree(datasets, fresh, dirs_exist_ok=True)
        fresh.chmod(0o755)
        _replace_tables(fresh, files, merged)
        if out.exists():
            out.rmdir()
        fresh.rename(out)
    except OSError as error:
        raise WorkbookError(f"不能写入 {out}（{error.strerror}）。原有内容没有动。") from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _replace_tables(
    root: Path, files: Mapping[str, CsvFile], merged: Mapping[str, MergedTable]
) -> None:
    done: list[str] = []
    try:
        for name, table in merged.items():
            path = root / files[name].table.relative_path
            _refuse_moved(files[name], path)
            write_file(path, table.text.encode("utf-8"))
            done.append(name)
    except WorkbookError:
        for name in done:
            path = root / files[name].table.relative_path
            write_file(path, files[name].content())
        raise


def _refuse_moved(file: CsvFile, path: Path) -> None:
    """Someone else may have written the table while it was being checked."""
    try:
        held = path.read_bytes()
    except OSError as error:
        raise WorkbookError(
            f"{file.table.relative_path}：读不出来（{error.strerror}）。"
        ) from error
    if held != file.content():
        raise WorkbookError(
            f"{file.table.relative_path}：导入的同时，别的程序改了这个文件。没有改动，请再导入一次。"
        )


def write_file(path: Path, content: bytes) -> None:
    """Writes the file in one move: whole or not at all.

    Raises:
        WorkbookError: It cannot be written.

    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise WorkbookError(
            f"不能写入 {path}（{error.strerror}）。请检查权限和磁盘空间。"
        ) from error
