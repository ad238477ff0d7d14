"""The search scripts and their style sheet, as they go into a site: without comments and spaces.

Types are written as comments, a third of the source. No text literal of the scripts may hold
`//` or `/*`; regular expressions stand after an opening bracket, a comma or an equals sign. The
browser tests run what comes out of here, not the source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

FOLDER = "assets/search/"

_BLOCK = re.compile(r"/\*.*?\*/", re.DOTALL)
_LINE = re.compile(r"(?:^|(?<=\s))//\s.*$", re.MULTILINE)


_LITERAL = re.compile(
    r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'"""
    r"""|(?<=[(,=])/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\n])+/"""
    r"""|(?<=[(,=] )/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\n])+/)"""
)
_NEEDLESS_BREAK = re.compile(r"(?<=[;{,(\[=+&|?:>])\n|\n(?=[})\].?:&|+*])")
"""Line ends beside a sign that cannot end or begin a statement."""

_SPACED = re.compile(r" ?([=+\-*/%&|<>?:,;(){}\[\]!]+) ?")


def compact_script(source: str) -> str:
    """The script without comments, indentation, empty lines and spaces around signs."""
    bare = strip_comments(source)
    pieces = _LITERAL.split(bare)
    # Every second piece is a text or a regular expression and stays as it is.
    for n in range(0, len(pieces), 2):
        pieces[n] = _NEEDLESS_BREAK.sub("", _SPACED.sub(r"\1", pieces[n]))
    return "".join(pieces)


def strip_comments(source: str) -> str:
    """The source without comments, indentation and empty lines."""
    bare = _LINE.sub("", _BLOCK.sub("", source))
    lines = (line.strip() for line in bare.splitlines())
    return "\n".join(line for line in lines if line) + "\n"


def build_assets(source: Path) -> Iterator[tuple[str, bytes]]:
    """The assets of `source` (templates/assets/search) as (site-relative path, content).

    The parts of the engine become one script, which pages load when it is first wanted.
    """
    parts = sorted((source / "engine").glob("*.js"))
    engine = "".join(compact_script(path.read_text("utf-8")) for path in parts)
    yield f"{FOLDER}engine.js", engine.encode()
    yield f"{FOLDER}search.css", strip_comments((source / "search.css").read_text("utf-8")).encode()
    yield f"{FOLDER}search.js", compact_script((source / "search.js").read_text("utf-8")).encode()
