"""Everything a build reads, as one digest: the same digest, the same site."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from generator.cache import Cache
from generator.config import Config
from generator.data.revision import RevisionError, list_commits


def describe_inputs(config: Config, cache: Cache) -> str:
    """A digest of settings, dataset and its commits, templates, hand-written pages, program."""
    files = [
        (name, path.relative_to(folder).as_posix(), cache.file_digest(path))
        for name, folder in (
            ("datasets", config.datasets),
            *(("templates", folder) for folder in config.templates),
            ("site_src", config.project / "site_src"),
        )
        for path in _list_files(folder)
    ]
    try:
        commits = list_commits(config.datasets)
    except RevisionError:
        commits = ()
    settings = cache.file_digest(config.project / "mkdocs.yml")
    return cache.key("inputs", config, settings, files, commits)


def _list_files(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*") if path.is_file())
