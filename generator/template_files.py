"""Which template or asset is used: the province's own where it has one, else the generator's.

A province overrides one file by putting its own at the same relative path.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath


def list_template_files(folders: tuple[Path, ...], under: str = "") -> Mapping[str, Path]:
    """The files of `under` by path relative to it, sorted; of two, that of the earlier folder."""
    found: dict[str, Path] = {}
    for folder in reversed(folders):
        root = folder / under
        found |= {
            path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()
        }
    return dict(sorted(found.items(), key=lambda item: PurePosixPath(item[0])))


def find_template_file(folders: tuple[Path, ...], name: str) -> Path:
    """The file `name` of the first folder that has it.

    Raises:
        FileNotFoundError: None has it.

    """
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(name)
