"""What all that make a share of a site are given, and what they give back.

A share writes into the staging folder of its workshop. When that is a folder of another machine,
the bytes of its files come back with it and are written by whoever takes them in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from generator.cache import Cache
from generator.errors import OutputError
from generator.publish.former import FormerSite
from generator.publish.output import SiteWriter, Written
from generator.publish.privacy_gate import PrivacyGate
from generator.site.page_keys import PageKeys
from generator.site.render import Renderer
from generator.site.shell import Shell


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where a share of a site is written, and what its pages are made with."""

    staging: Path = field(compare=False)
    templates: tuple[Path, ...]
    shells: Mapping[str, Shell] = field(compare=False)
    program: str
    """As in `Cache`."""
    exempt: Collection[str] = field(compare=False)
    """As in `PrivacyGate`."""
    state: str
    """Stands for the templates' texts and the shells."""

    def open_writer(self, former: FormerSite | None = None) -> SiteWriter:
        """A writer for one share of the site."""
        return SiteWriter(self.staging, PrivacyGate(self.exempt), former)

    def open_keys(self) -> PageKeys:
        """Keys of pages, which need no folder of kept results."""
        return _open_tools(self)[1]

    def open_renderer(self) -> Renderer:
        """The templates, compiled."""
        return _open_tools(self)[0]


@lru_cache(maxsize=1)
def _open_tools(workshop: Workshop) -> tuple[Renderer, PageKeys]:
    """What all shares that a process does have in common: to compile templates takes a while."""
    keys = PageKeys(workshop.templates, workshop.shells, Cache(None, workshop.program))
    return Renderer(*workshop.templates), keys


@dataclass(frozen=True, slots=True)
class Made:
    """A share of the site: its pages by kind, and its files."""

    pages: Counter[str]
    written: Written
    contents: tuple[bytes, ...] | None = None
    """Of the files, in their order, where they were written on another machine."""

    def take_into(self, writer: SiteWriter) -> Counter[str]:
        """Put the files on the list of the whole site; returns the pages.

        Raises:
            RouteError: Two shares wrote to one address.
            OutputError: A file is not what was written on the other machine, or the disk refuses.

        """
        if self.contents is None:
            writer.take_in(self.written)
            return self.pages
        for file, content in zip(self.written.files, self.contents, strict=True):
            # Written like any other, so the gate of this machine reads it too.
            if writer.write(file.path, content, file.key).sha256 != file.sha256:
                raise OutputError(
                    f"{file.path} 在途中损坏：与工作进程写出的不一致（SHA-256 不同）。"
                    "旧网站保持原样，请重试。"
                )
        return self.pages
