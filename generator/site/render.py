"""Views become markup, once.

The only place where data meets HTML. Autoescape is on, an unknown name in a template is an error,
and a value can enter markup in two ways only: as text of an element or inside a quoted
attribute. Data never passes through Markdown or through MkDocs' own templates, whose autoescape
is off.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from generator.domain.absence import Absence
from generator.site.pages import Page
from generator.site.routes import root_of

_WEB_SCHEMES = frozenset({"http", "https"})


def checked_url(text: str) -> str:
    """The address when it is a plain web address, else the empty string.

    Only absolute http and https addresses with a host pass, so that no cell can smuggle in
    `javascript:`, `data:` or a path into the site.
    """
    candidate = text.strip()
    if any(ord(char) < 33 or char in "\\\"'<>`" for char in candidate):
        return ""
    try:
        parts = urlsplit(candidate)
    except ValueError:
        return ""
    if parts.scheme.lower() not in _WEB_SCHEMES or not parts.hostname or "@" in parts.netloc:
        return ""
    return candidate


class Renderer:
    """Turns pages into body markup with the templates of one folder.

    Template names are page kinds: a page of kind `project` is rendered by
    `pages/project.html.jinja`, which sees `view`, and `root`, the way back to the site root.
    """

    def __init__(self, templates: Path) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(templates),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=False,
            auto_reload=False,
        )
        self._environment.filters["checked_url"] = checked_url
        words = self._environment.get_template("absence.html.jinja")
        marks = {
            absence: Markup(words.render(absence=absence).strip())  # noqa: S704 own template
            for absence in Absence
        }
        self._environment.finalize = _absence_marker(marks)
        self._templates: dict[str, Template] = {}

    def render_body(self, page: Page) -> str:
        """The page's own markup, without the shell.

        Raises:
            jinja2.TemplateError: The template uses a name that the view does not have.

        """
        template = self._templates.get(page.kind)
        if template is None:
            template = self._environment.get_template(f"pages/{page.kind}.html.jinja")
            self._templates[page.kind] = template
        return template.render(view=page.view, root=root_of(page.route))


def _absence_marker(marks: dict[Absence, Markup]) -> Callable[[object], object]:
    """A Jinja `finalize` that prints an Absence as its marked word and leaves the rest alone."""

    def mark(value: object) -> object:
        return marks[value] if type(value) is Absence else value

    return mark
