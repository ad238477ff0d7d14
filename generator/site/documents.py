"""Documents that lie beside their pages, ready to print."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generator.config import Config
from generator.domain.library import Library
from generator.site import routes
from generator.site.views.supervision_notice import NoticeView, notice_views


def notice_documents(library: Library, config: Config) -> tuple[tuple[str, NoticeView], ...]:
    """Address and words of every supervision notice."""
    views = notice_views(
        library.supervision, library.dataset.catalog, library.gazetteer, demo=config.demo
    )
    return tuple((routes.notice_pdf_route(key), view) for key, view in views)


def print_notices(documents: Sequence[tuple[str, NoticeView]]) -> Iterator[tuple[str, bytes]]:
    """The documents as PDF."""
    if documents:
        # Imported late: a build that has nothing to print saves a fifth of a second.
        from generator.site.print.notice import format_notices

        printed = format_notices([view for _, view in documents])
        yield from zip((route for route, _ in documents), printed, strict=True)
