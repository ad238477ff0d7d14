"""Style, scripts, pictures and the snapshot file: everything of a site that is not a page."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

from generator.site.search.assets import STYLE as SEARCH_STYLE
from generator.site.search.assets import build_assets as build_search_assets
from generator.site.search.assets import compact_script, compact_style
from generator.site.theme_style import keep_used_rules, read_theme_style
from generator.template_files import list_template_files

SERVED = frozenset({".css", ".js", ".svg", ".png", ".txt"})
"""What browsers ask for; type declarations beside the scripts are for the checker alone."""
CHART_SCRIPTS = frozenset({"charts/explore.js", "charts/save.js"})
"""Our own, served small; what stands beside them is of others and served as it is."""
STYLE_ROUTE = "assets/site.css"
SNAPSHOT_ROUTE = "snapshot.js"


def build_assets(*templates: Path) -> Iterator[tuple[str, bytes]]:
    """Route and content of every asset; all style sheets are one file.

    A phone paints nothing before it has them all, and each file costs it a connection: the theme's
    rules come first, ours over them, those of the search last.
    """
    files = list_template_files(templates, "assets")
    search = dict(build_search_assets(list_template_files(templates, "assets/search")))
    sheets = [path.read_text("utf-8") for name, path in files.items() if _is_sheet(name)]
    style = [keep_used_rules(read_theme_style()), *sheets, search.pop(SEARCH_STYLE).decode()]
    yield STYLE_ROUTE, compact_style("\n".join(style)).encode()
    for name, path in files.items():
        if path.suffix in SERVED and not name.startswith(("css/", "search/")):
            content = path.read_bytes()
            if name in CHART_SCRIPTS:
                content = compact_script(content.decode()).encode()
            yield f"assets/{name}", content
    yield from search.items()


def _is_sheet(name: str) -> bool:
    return name.startswith("css/") and name.endswith(".css") and name.count("/") == 1


def format_snapshot(data_date: dt.date, demo: bool) -> bytes:
    """The one file that speaks of the snapshot, read by pages at view time.

    Were the date in every page, a new snapshot would change all of them and every mirror would
    have to fetch the whole site again.
    """
    facts = {"dataDate": data_date.isoformat(), "demo": demo}
    return f"window.huanjingSnapshot = {json.dumps(facts)};\n".encode()
