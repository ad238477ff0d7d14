"""What a page's head tells those who find it elsewhere: crawlers, chats, search engines.

Canonical address, link preview and structured data need absolute addresses, which a site that
works anywhere does not have: they name the province's own address, on mirrors too, so that copies
do not compete with it. Without the setting `canonical` only the words of the preview are told.

Structured data is a data block: browsers neither run it nor hold it against the content policy.

Source: RFC 6596; The Open Graph protocol, basic metadata; schema.org BreadcrumbList;
HTML Standard §4.12.1, data blocks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Final

from generator.site.pages import Page
from generator.site.routes import HOME, SITE_CARD

_CONTEXT: Final = "https://schema.org"


@dataclass(frozen=True, slots=True)
class Heads:
    """The heads of the pages of one folder."""

    canonical: str = ""
    """The province's own address, which ends in `/`; empty where it is not known."""
    trail: str = ""
    """Structured data of the folder's pages up to a page's name; empty where they have none."""

    def write(self, page: Page) -> str:
        """Elements to stand in the head of `page`, each on a line of its own."""
        parts = []
        if self.canonical:
            parts.append(f'<link rel="canonical" href="{self.canonical}{page.route}">\n')
        if self.canonical or page.card:
            parts.append(self._preview(page))
        if page.facts:
            parts.append(format_block(page.facts))
        elif self.trail and not page.route.endswith("/" + HOME):
            name = format_text(page.title)
            parts.append(f"{self.trail}{name}}}]}}{self._firm(page, name)}]}}</script>\n")
        return "".join(parts)

    def _preview(self, page: Page) -> str:
        """What a chat shows of a link; a page without a card of its own has the site's.

        The page's own description stands in its head already, where previews find it.
        """
        told = f'<meta property="og:title" content="{escape(page.title)}">\n'
        if page.card:
            told += f'<meta property="og:description" content="{escape(page.description)}">\n'
        kind = "article" if page.card else "website"
        told += f'<meta property="og:type" content="{kind}">\n'
        if self.canonical:
            card = self.canonical + (page.card or SITE_CARD)
            told += (
                f'<meta property="og:url" content="{self.canonical}{page.route}">\n'
                f'<meta property="og:image" content="{card}">\n'
            )
        return told

    def _firm(self, page: Page, name: str) -> str:
        if page.kind != "enterprise":
            return ""
        code = page.route.rpartition("/")[2].removesuffix(".html")
        return f',{{"@type":"Organization","name":{name},"identifier":"{code}"}}'


NO_HEADS: Final = Heads()


def plan_heads(canonical: str, folder: str, sections: Mapping[str, str]) -> Heads:
    """The heads of a folder's pages; `sections` are the titles of the lists that lead to them."""
    section = f"{folder}/{HOME}"
    if not canonical or section not in sections:
        return Heads(canonical)
    steps = [("首页", HOME), (sections[section], section)]
    listed = ",".join(
        f'{{"@type":"ListItem","position":{place},"name":{format_text(title)},'
        f'"item":"{canonical}{route}"}}'
        for place, (title, route) in enumerate(steps, 1)
    )
    trail = (
        f'<script type="application/ld+json">{{"@context":"{_CONTEXT}","@graph":['
        f'{{"@type":"BreadcrumbList","itemListElement":[{listed},'
        f'{{"@type":"ListItem","position":3,"name":'
    )
    return Heads(canonical, trail)


def format_block(facts: Mapping[str, object]) -> str:
    """Structured data as an element."""
    text = format_text({"@context": _CONTEXT, **facts})
    return f'<script type="application/ld+json">{text}</script>\n'


def format_text(value: object) -> str:
    """A value as JSON that cannot end the element around it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")
