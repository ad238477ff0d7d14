"""Everything a build reads, as one digest: the same digest, the same site."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from generator.cache import Cache
from generator.config import Config
from generator.data.revision import RevisionError, list_commits
from generator.errors import HuanjingError

_TOLD: Final = 5


File = tuple[str, str, str]
"""What a file is for, its path below the folder of that, and its SHA-256."""


def list_inputs(config: Config, cache: Cache) -> tuple[File, ...]:
    """Every file that a build reads: dataset, templates, hand-written pages, settings."""
    return (
        *(
            (name, path.relative_to(folder).as_posix(), cache.file_digest(path))
            for name, folder in (
                ("datasets", config.datasets),
                *(("templates", folder) for folder in config.templates),
                ("site_src", config.project / "site_src"),
            )
            for path in _list_files(folder)
        ),
        ("settings", "mkdocs.yml", cache.file_digest(config.project / "mkdocs.yml")),
    )


def describe_inputs(config: Config, cache: Cache) -> str:
    """A digest of the files, the dataset's commits, the settings and the program."""
    try:
        commits = list_commits(config.datasets)
    except RevisionError:
        commits = ()
    return cache.key("inputs", config, list_inputs(config, cache), commits)


def confirm_inputs(config: Config, cache: Cache, cache_folder: Path) -> None:
    """See that what was read is what `cache` has digests of, from before it was read.

    Whatever was kept of files that changed meanwhile is thrown away with all other kept results:
    it may stand under the digest of a file that it was not made of.

    Raises:
        HuanjingError: Files have changed since; they are named.

    """
    now = Cache(cache_folder, cache.program)
    differing = {*list_inputs(config, cache)} ^ {*list_inputs(config, now)}
    changed = sorted({file[:2] for file in differing})
    if not changed:
        return
    now.prune()
    named = "、".join(f"{name}/{path}" for name, path in changed[:_TOLD])
    more = f"等 {len(changed)} 个文件" if len(changed) > _TOLD else ""
    raise HuanjingError(
        f"生成网站的时候，有文件被改动：{named}{more}。读到的可能是新旧各半，没有发布；"
        "旧网站保持原样。请等文件写完，再运行一次。"
    )


def _list_files(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*") if path.is_file())
