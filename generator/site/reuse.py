"""What a page offers to those who point at it: a code for the printed sheet, and a card to embed.

The card is the top of the page itself (`id="embed"`): in a frame whose address ends in `#embed`,
the style sheet shows nothing else. No script, no further file; a browser too old for `:has` shows
the page from its card on. Both need the province's own address; without the setting there is
neither, and the page says nothing of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Final

from generator.site.pages import Page
from generator.site.qr import CodeSeries

EMBEDDED_KINDS: Final = frozenset({"enterprise", "district"})
"""Kinds of pages that have a card and a code."""
_HEIGHT: Final = 420  # pixels; the summary of an enterprise in a column 640 pixels wide


@dataclass(frozen=True, slots=True)
class Reuse:
    """What stands at the end of pages that can be embedded."""

    canonical: str = ""
    """The province's own address, which ends in `/`; empty where it is not known."""

    def write(self, page: Page) -> str:
        """The section to stand at the end of `page`; empty where it has none."""
        if not self.canonical or page.kind not in EMBEDDED_KINDS:
            return ""
        address = self.canonical + page.route
        folder, _, name = page.route.rpartition("/")
        code = name.removesuffix(".html")
        series = _open_series(f"{self.canonical}{folder}/", len(code))
        frame = (
            f'<iframe src="{address}#embed" title="{escape(page.title)}" width="100%" '
            f'height="{_HEIGHT}" loading="lazy"></iframe>'
        )
        return (
            '<section class="hj-reuse" aria-labelledby="reuse">\n<h2 id="reuse">引用和嵌入</h2>\n'
            f'<img class="hj-qr" src="{series.data_url(code)}" width="{3 * series.size}" '
            f'height="{3 * series.size}" alt="本页网址的二维码">\n'
            f'<p>本页网址：<a href="{address}">{address}</a></p>\n'
            '<details class="hj-fold"><summary>把本页的摘要放进别的网页</summary>\n'
            f'<pre class="hj-code" tabindex="0"><code>{escape(frame)}</code></pre>\n'
            "</details>\n</section>\n"
        )


NO_REUSE: Final = Reuse()


@lru_cache(maxsize=16)
def _open_series(prefix: str, length: int) -> CodeSeries:
    return CodeSeries(prefix, ".html", length)
