"""The part of Material's style sheet that our pages can use.

Of 137 KB, nine tenths dress the theme's own furniture (drawer, tabs, search, icons), which the
shells do not have; a phone would fetch and parse them before it may paint (docs/adr/0030). The
part is found anew from the installed theme at every build, so that an upgrade needs no hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files

_CLASSES = frozenset({"md-typeset", "admonition", "admonition-title"})
"""All classes of the theme that our markup, or Markdown, makes."""
_CLASS = re.compile(r"\.([\w-]+)")
_FURNITURE = re.compile(r"\[(?:dir|data-md|data-preview|id|role|align)|#|iframe|video|:is\(")
_COMMA = re.compile(r",(?![^(\[]*[)\]])")
_SET = re.compile(r"(--md-[\w-]+):")
_USED = re.compile(r"var\((--md-[\w-]+)")
_PIECE = re.compile(
    r"""(?:[^"'{};()]|"[^"]*"|'[^']*'|\((?:[^()"']|"[^"]*"|'[^']*'|\([^()]*\))*\))*"""
)


def read_theme_style() -> str:
    """The installed theme's whole style sheet."""
    folder = files("material").joinpath("templates/assets/stylesheets")
    sheets = sorted(
        (file for file in folder.iterdir() if re.fullmatch(r"main\..*\.css", file.name)),
        key=lambda file: file.name,
    )
    return "".join(sheet.read_text(encoding="utf-8") for sheet in sheets)


def keep_used_rules(sheet: str) -> str:
    """The rules of a minified style sheet that can match our pages, in their order.

    A rule stays for those of its selectors that name no class but ours; a custom property stays
    where a rule that stays reads it, straight or through another property.
    """
    rules = tuple(_select(sheet))
    wanted: set[str] = set()
    read = {name for _, _, body in rules for name in _read_outside_properties(body)}
    while read - wanted:
        wanted |= read
        read = {
            name
            for _, _, body in rules
            for declaration in _declarations(body)
            if (own := _SET.match(declaration)) and own.group(1) in wanted
            for name in _USED.findall(declaration)
        }
    return "".join(_write(*rule, wanted) for rule in rules)


def _select(sheet: str) -> Iterator[tuple[str, str, str]]:
    """(condition, selectors, body) of each rule that can match; the condition may be empty."""
    for prelude, body in _blocks(sheet):
        if prelude.startswith("@media"):
            for inner, inner_body in _blocks(body):
                if selectors := _ours(inner):
                    yield prelude, selectors, inner_body
        elif not prelude.startswith("@") and (selectors := _ours(prelude)):
            yield "", selectors, body


def _ours(selectors: str) -> str:
    """Those of the selectors that can match, or nothing."""
    return ",".join(
        selector
        for selector in _COMMA.split(selectors)
        if _CLASSES.issuperset(_CLASS.findall(selector)) and not _FURNITURE.search(selector)
    )


def _blocks(sheet: str) -> Iterator[tuple[str, str]]:
    """(prelude, body) of each block at the top of `sheet`; statements without a block are left."""
    start, at = 0, 0
    while at < len(sheet):
        at = _skip_text(sheet, at)
        if at == len(sheet):
            return
        if sheet[at] == "{":
            end = _end_of_block(sheet, at)
            yield sheet[start:at].strip(), sheet[at + 1 : end]
            at = end
        at += 1
        start = at


def _end_of_block(sheet: str, at: int) -> int:
    """Where the block closes that opens at `at`."""
    depth = 0
    while True:
        at = _skip_text(sheet, at)
        depth += {"{": 1, "}": -1}.get(sheet[at], 0)
        if depth == 0:
            return at
        at += 1


def _declarations(body: str) -> Iterator[str]:
    start, at = 0, 0
    while at < len(body):
        at = _skip_text(body, at)
        yield body[start:at]
        at += 1
        start = at


def _skip_text(sheet: str, at: int) -> int:
    """The next brace or semicolon that is not inside a string or brackets."""
    found = _PIECE.match(sheet, at)
    return found.end() if found else at


def _read_outside_properties(body: str) -> Iterator[str]:
    for declaration in _declarations(body):
        if not _SET.match(declaration):
            yield from _USED.findall(declaration)


def _write(condition: str, selectors: str, body: str, wanted: set[str]) -> str:
    kept = ";".join(
        declaration
        for declaration in _declarations(body)
        if not (own := _SET.match(declaration)) or own.group(1) in wanted
    )
    rule = f"{selectors}{{{kept}}}\n" if kept else ""
    return f"{condition}{{{rule}}}\n" if condition and rule else rule
