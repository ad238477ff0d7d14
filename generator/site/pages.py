"""What a page is, before it has any markup."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Page:
    """One page to be rendered and spliced into the shell of its folder."""

    route: str
    """Site-relative address; also decides the shell, by its first folder."""
    kind: str
    """Template name under `templates/pages`."""
    title: str
    description: str
    """One sentence for search engines and link previews."""
    view: object
    """A frozen dataclass of `generator.site.views`; the template's contract."""
    card: str = ""
    """Address of the page's share card, which its view names too; empty for most pages."""
    facts: Mapping[str, object] = field(default_factory=dict)
    """Structured data of the page in schema.org's words; empty where its folder has some."""
