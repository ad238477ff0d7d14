"""The search scripts and their style sheet, as they go into a site: small.

Types are written as comments, a third of the source, and names are long because people read them.
The browser tests run what comes out of here, not the source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import minify

from generator.errors import HuanjingError

FOLDER = "assets/search/"

_OLDEST_SCRIPT = 2018
"""The edition of ECMAScript that the scripts may use: nothing newer is written for brevity."""

_BLOCK = re.compile(r"/\*.*?\*/", re.DOTALL)


class SearchAssetError(HuanjingError):
    """A search script is no valid script."""


def compact_script(source: str) -> str:
    """The script without comments and needless space, and with short names for its own variables.

    Raises:
        SearchAssetError: `source` is no valid script.

    """
    minify.config({"js-version": _OLDEST_SCRIPT})
    try:
        small: str = minify.string("application/javascript", source)
    except minify.MinifyError as fault:
        raise SearchAssetError(f"检索脚本有语法错误：{fault}；请改正后重新生成") from fault
    return f"{small}\n"


def strip_comments(source: str) -> str:
    """A style sheet without comments, indentation and empty lines."""
    lines = (line.strip() for line in _BLOCK.sub("", source).splitlines())
    return "\n".join(line for line in lines if line) + "\n"


def build_assets(source: Path) -> Iterator[tuple[str, bytes]]:
    """The assets of `source` (templates/assets/search) as (site-relative path, content).

    The parts of the engine become one script, which pages load when it is first wanted.
    """
    parts = sorted((source / "engine").glob("*.js"))
    engine = "".join(path.read_text("utf-8") for path in parts)
    yield f"{FOLDER}engine.js", compact_script(engine).encode()
    yield f"{FOLDER}search.css", strip_comments((source / "search.css").read_text("utf-8")).encode()
    yield f"{FOLDER}search.js", compact_script((source / "search.js").read_text("utf-8")).encode()
