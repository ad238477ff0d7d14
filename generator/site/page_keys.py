"""Keys of pages: where data meets template, a digest of both.

A page's key stands for its view, its template with all that this includes, the shell of its
folder, and the program. The same key gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from pathlib import Path

from jinja2 import Environment, meta

from generator.cache import Cache, digest
from generator.errors import HuanjingError
from generator.site.pages import Page
from generator.site.shell import Shell
from generator.template_files import find_template_file

_EVERYWHERE = "absence.html.jinja"
"""Its words are put into every template by the renderer."""


class PageKeys:
    """Makes the keys of one build's pages."""

    def __init__(
        self, templates: tuple[Path, ...], shells: Mapping[str, Shell], cache: Cache
    ) -> None:
        self._cache = cache
        self._shells = {folder: digest(shell) for folder, shell in shells.items()}
        self._kinds: dict[str, str] = {}
        self._read = lru_cache(maxsize=None)(partial(_read_template, templates))

    def key_of(self, page: Page) -> str:
        """The key of a page whose view is at hand."""
        told = (page.title, page.description, page.view, page.card, page.facts)
        return self.key_for(page.kind, page.route, told)

    def key_for(self, kind: str, route: str, content: object) -> str:
        """The key of the page `route`, all of whose data is in `content` or its digest."""
        if kind not in self._kinds:
            self._kinds[kind] = digest(_read_closure(self._read, kind))
        shell = self._shells[route.rpartition("/")[0]]
        return self._cache.key("page", self._kinds[kind], shell, kind, route, content)


def _read_closure(
    read: Callable[[str], tuple[str, tuple[str, ...]]], kind: str
) -> tuple[tuple[str, str], ...]:
    """Name and text of the kind's template and of all that it includes, imports or extends."""
    found: dict[str, str] = {}
    waiting = [f"pages/{kind}.html.jinja", _EVERYWHERE]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name], others = read(name)
            waiting.extend(others)
    return tuple(sorted(found.items()))


def _read_template(templates: tuple[Path, ...], name: str) -> tuple[str, tuple[str, ...]]:
    """A template's text and the names of those that it refers to."""
    source = find_template_file(templates, name).read_text(encoding="utf-8")
    names = tuple(meta.find_referenced_templates(Environment(autoescape=True).parse(source)))
    if None in names:
        raise HuanjingError(
            f"模板 {name} 用变量引入别的模板，无法判断哪些网页受影响。请写明模板名。"
        )
    return source, tuple(name for name in names if name is not None)
