"""The search scripts and their style sheet, as they go into a site: without comments.

Types are written as comments, a third of the source. The scripts keep three rules that make
leaving comments out a matter of lines: a comment stands on its own lines, or is a `/** … */` of
one line, or follows code as ` // …`; and no text literal holds one of these marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

FOLDER = "assets/search/"

_BLOCK = re.compile(r"/\*.*?\*/", re.DOTALL)
_LINE = re.compile(r"(?:^|(?<=\s))//\s.*$", re.MULTILINE)


def strip_comments(source: str) -> str:
    """The script without comments, indentation and empty lines."""
    bare = _LINE.sub("", _BLOCK.sub("", source))
    lines = (line.strip() for line in bare.splitlines())
    return "\n".join(line for line in lines if line) + "\n"


def build_assets(source: Path) -> Iterator[tuple[str, bytes]]:
    """The assets of `source` (templates/assets/search) as (site-relative path, content).

    The parts of the engine become one script, which pages load when it is first wanted.
    """
    parts = sorted((source / "engine").glob("*.js"))
    engine = "".join(strip_comments(path.read_text("utf-8")) for path in parts)
    yield f"{FOLDER}engine.js", engine.encode()
    for name in ("search.css", "search.js"):
        yield f"{FOLDER}{name}", strip_comments((source / name).read_text("utf-8")).encode()
