"""Views become markup, once.

With `site.row_markup`, which makes the rows of long tables, the only place where data meets HTML.
Autoescape is on, an unknown name in a template is an error, and a value can enter markup in two
ways only: as text of an element or inside a quoted attribute. Data never passes through Markdown
or through MkDocs' own templates, whose autoescape is off.
"""

from __future__ import annotations

import re
from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import Any

import markupsafe
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, escape

from generator.domain.absence import Absence
from generator.site.pages import Page
from generator.site.routes import root_of
from generator.site.row_markup import ABSENCE_MARKS, Rows

_INCLUDE = re.compile(r"""\{%-?\s*include\s+"([^"]+)"\s*-?%\}\n?""")


def _escape_slowly(text: str) -> str:
    return str(escape(text))


escape_text: Callable[[str], str] = getattr(markupsafe, "_escape_inner", _escape_slowly)
"""What `escape` does to a text, without wrapping the result: a fifth of the time of a page."""


class Renderer:
    """Turns pages into body markup with the templates of some folders, the first that has one.

    Template names are page kinds: a page of kind `project` is rendered by
    `pages/project.html.jinja`, which sees `view`, and `root`, the way back to the site root.
    """

    def __init__(self, *templates: Path) -> None:
        self._environment = _Environment(templates)

    def render_body(self, page: Page) -> str:
        """The page's own markup, without the shell.

        Raises:
            jinja2.TemplateError: The template uses a name that the view does not have.

        """
        template = self._environment.get_template(f"pages/{page.kind}.html.jinja")
        return template.render(view=page.view, root=root_of(page.route))


class _Printing(CodeGenerator):
    """Compiles every `{{ value }}` to one call, which escapes, instead of three."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:  # noqa: ARG002
        self.write("environment.print_value(")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:  # noqa: ARG002
        self.write(")")


class _Environment(Environment):
    """Our templates: always escaping, strict, and `once` for what many pages have in common."""

    code_generator_class = _Printing

    def __init__(self, templates: tuple[Path, ...]) -> None:
        super().__init__(
            loader=_InliningLoader(templates),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=False,
            auto_reload=False,
        )
        self.filters["once"] = _Once()
        self._loaded: dict[str, Template] = {}
        self._words: dict[Absence, Markup] = {}
        words = self.get_template("absence.html.jinja")
        for absence in Absence:
            shown = words.render(absence=absence).strip()
            self._words[absence] = Markup(shown)  # noqa: S704 own template

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 as in the base class
    ) -> Template:
        """The template, which every page asks for anew where it imports macros."""
        if not isinstance(name, str) or globals:
            return super().get_template(name, parent, globals)
        template = self._loaded.get(name)
        if template is None:
            template = self._loaded[name] = super().get_template(name, parent)
        return template

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The names that a template always sees, in a plain dict: each page copies them."""
        return {**self.globals, **(d or {})}

    def print_value(self, value: object) -> str:
        """What stands in a page for a value."""
        kind = type(value)
        if kind is str:
            return escape_text(value)  # type: ignore[arg-type]  # its type is str
        if kind is Markup:
            return value  # type: ignore[return-value]  # its type is Markup, which is a str
        if kind is int:
            return str(value)
        if isinstance(value, Rows):
            rows = str(value)
            for absence, mark in ABSENCE_MARKS.items():
                rows = rows.replace(mark, self._words[absence])
            return rows
        if isinstance(value, Absence):
            return self._words[value]
        return escape(value)


class _InliningLoader(FileSystemLoader):
    """Puts what a template includes in its place when it is compiled, not for every page."""

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        """The template's text without any include."""
        source, filename, is_current = super().get_source(environment, template)

        def inline(match: re.Match[str]) -> str:
            return self.get_source(environment, match.group(1))[0]

        return _INCLUDE.sub(inline, source), filename, is_current


class _Once:
    """`{{ record|once(macro, …) }}`: what the macro makes of this very record, made one time."""

    def __init__(self) -> None:
        self._made: dict[tuple[object, ...], tuple[object, Markup]] = {}

    def __call__(self, record: object, macro: Callable[..., Markup], *texts: str) -> Markup:
        # The record goes by identity, which costs nothing to look up; it is kept alive beside it.
        key = (macro, id(record), *texts)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = (record, macro(record, *texts))
        return made[1]
