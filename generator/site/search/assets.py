"""The search scripts and their style sheet, as they go into a site: small.

Types are written as comments, a third of the source, and names are long because people read them.
The browser tests run what comes out of here, not the source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

import minify

from generator.errors import HuanjingError

FOLDER = "assets/search/"
STYLE = FOLDER + "search.css"

_OLDEST_SCRIPT = 2018
"""The edition of ECMAScript that the scripts may use: nothing newer is written for brevity."""


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


def compact_style(source: str) -> str:
    """A style sheet without comments and needless space.

    Raises:
        SearchAssetError: `source` is no valid style sheet.

    """
    try:
        small: str = minify.string("text/css", source)
    except minify.MinifyError as fault:
        raise SearchAssetError(f"样式表有语法错误：{fault}；请改正后重新生成") from fault
    return f"{small}\n"


def build_assets(files: Mapping[str, Path]) -> Iterator[tuple[str, bytes]]:
    """The assets made of `files` (templates/assets/search) as (site-relative path, content).

    The parts of the engine become one script, which pages load when it is first wanted.
    """
    parts = sorted(name for name in files if PurePosixPath(name).match("engine/*.js"))
    engine = "".join(files[name].read_text("utf-8") for name in parts)
    yield f"{FOLDER}engine.js", compact_script(engine).encode()
    yield STYLE, compact_style(files["search.css"].read_text("utf-8")).encode()
    yield f"{FOLDER}search.js", compact_script(files["search.js"].read_text("utf-8")).encode()
