"""Sections of a site: files that are made together, and taken over together.

What a section reads of the library is noted while it is made. While none of it changed, nor what
all sections depend on (settings, templates, shells, schemas, pictures, hand-written pages), its
files are those of the standing site, and nothing is read for it at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TypeVar

from generator.cache import Cache, digest
from generator.config import Config
from generator.data.commits import History
from generator.data.kept_checks import describe_read, describe_rest
from generator.data.kept_work import KeptWork
from generator.domain.library import CONTENT_PARTS, Library
from generator.publish.output import SiteWriter
from generator.site.shell import Shell

Pages = Counter[str]
"""Numbers of pages by kind."""
Result = TypeVar("Result")


class Sections:
    """Writes the sections of one build, or takes them over."""

    def __init__(
        self,
        writer: SiteWriter,
        library: Library,
        config: Config,
        history: History,
        shells: Mapping[str, Shell],
        cache: Cache,
    ) -> None:
        """`history` is what `library` was built with."""
        self._writer = writer
        self._library = library
        self._history = history
        self._cache = cache
        self._parts: dict[str, str] = {}
        sources = [
            (path.relative_to(folder).as_posix(), cache.file_digest(path))
            for folder in (*config.templates, config.project / "site_src")
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        ]
        rest = describe_rest(library.loaded.catalog, cache)
        shared = cache.key("sections", config, sources, digest(shells), rest)
        self._work = KeptWork(cache, shared, library.reads, self._describe)

    def write(self, name: str, needs: object, work: Callable[[], Pages]) -> Pages:
        """The pages of a section, which `work` writes unless they are taken over."""
        return self.give(name, needs, lambda: None, lambda _: work)()

    def give(
        self,
        name: str,
        needs: object,
        gather: Callable[[], Result],
        begin: Callable[[Result], Callable[[], Pages]],
    ) -> Callable[[], Pages]:
        """A section that `begin` has made elsewhere, of what `gather` reads of the library.

        What `begin` gives, and what comes back, is called to have the files taken in.
        """
        known = self._work.find(name, needs)
        if known is not None and self._writer.keep_same(known["files"]):
            return lambda: Counter(known["pages"])
        with self._library.reads.begin() as read:
            finish = begin(gather())

        def take() -> Pages:
            count = self._writer.count
            with self._library.reads.begin() as read_later:
                pages = finish()
            files = [(file.path, file.sha256) for file in self._writer.list_since(count)]
            result = {"pages": dict(pages), "files": files}
            self._work.note(name, needs, read | read_later, result)
            return pages

        return take

    def recall(self, name: str, work: Callable[[], Result]) -> Result:
        """What the work called `name` gives, which follows from what it reads of the library."""
        return self._work.recall(name, None, work)

    def close(self) -> None:
        """Keep for the next build what was found."""
        self._work.close()

    def _describe(self, thing: str) -> str:
        kind, _, name = thing.partition(" ")
        if kind == "history":
            history = self._history
            return digest(history.commits, history.begins, history.complete)
        if kind == "part":
            return self._describe_part(name)
        return describe_read(self._library.loaded, self._cache, thing)

    def _describe_part(self, name: str) -> str:
        """The state of a part of the library, which is made only where it may have changed."""
        if name not in self._parts:
            thing = f"part {name}"
            state: str | None = self._work.find(thing, None)
            if state is None:
                value = self._library.find(name)
                read = self._library.read_by[name]
                state = digest(
                    CONTENT_PARTS[name](value)
                    if name in CONTENT_PARTS
                    else [(one, self._describe(one)) for one in sorted(read)]
                )
                self._work.note(thing, None, read, state)
            self._parts[name] = state
        return self._parts[name]
