"""Page shells: MkDocs and Material dress one page for each folder, we splice the rest in.

Why: MkDocs takes 81 s for 18,407 pages, splicing 3 s; and its template environment does not
escape (docs/adr/0001-shells.md). This is the only module that knows MkDocs. A thin plugin adds a
generated page full of sentinels for each folder, takes its finished HTML, and keeps MkDocs from
writing it. What MkDocs itself writes is the hand-written pages.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any, cast

from mkdocs.commands.build import build as build_mkdocs
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import MkDocsException
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page as MkDocsPage
from mkdocs.utils.templates import TemplateContext

from generator.config import Config
from generator.errors import ShellError
from generator.site.head import NO_HEADS, Heads, plan_heads
from generator.site.pages import Page
from generator.site.reuse import NO_REUSE, Reuse

TITLE = "hjsentineltitle"
DESCRIPTION = "hjsentineldescription"
HEAD = "hjsentinelhead"
BODY = "hjsentinelbody"
END = "hjsentinelend"
_SENTINELS = (TITLE, DESCRIPTION, HEAD, BODY, END)
_SHELL_PAGE = "zz-shell.md"


@dataclass(frozen=True, slots=True)
class Shell:
    """A finished page cut at its sentinels."""

    head: str
    after_title: str
    after_description: str
    after_head: str
    after_body: str
    tail: str
    heads: Heads = NO_HEADS
    """What is told of each page to those who find it elsewhere."""
    reuse: Reuse = NO_REUSE
    """What pages offer to those who point at them."""

    def splice(self, page: Page, body: str) -> bytes:
        """The whole page: title and description escaped here, the body as rendered."""
        return b"".join(
            (
                _encode(self.head),
                escape(page.title).encode(),
                _encode(self.after_title),
                escape(page.description).encode(),
                _encode(self.after_description),
                self.heads.write(page).encode(),
                _encode(self.after_head),
                body.encode(),
                _encode(self.after_body),
                self.reuse.write(page).encode(),
                _encode(self.tail),
            )
        )


@lru_cache(maxsize=128)
def _encode(part: str) -> bytes:
    """A part that thousands of pages have in common, encoded once."""
    return part.encode()


def cut_shell(html: str, folder: str, heads: Heads = NO_HEADS, reuse: Reuse = NO_REUSE) -> Shell:
    """The shell in a finished MkDocs page; `heads` and `reuse` as in `Shell`.

    Raises:
        ShellError: A sentinel is missing, doubled or out of order, so that splicing would lose
            or repeat content.

    """
    for sentinel in _SENTINELS:
        if html.count(sentinel) != 1:
            raise ShellError(
                f"页面外壳“{folder or '首页'}”中 {sentinel} 出现 "
                f"{html.count(sentinel)} 次，应为 1 次。"
                "请检查 templates/shell/main.html。"
            )
    if sorted(_SENTINELS, key=html.index) != list(_SENTINELS):
        raise ShellError(
            "页面外壳的顺序应为标题、说明、页头、正文、正文之后。请检查 templates/shell/main.html。"
        )
    head, after_title, after_description, after_head, after_body, tail = re.split(
        "|".join(f"{sentinel}\\n?" for sentinel in _SENTINELS), html
    )
    # Markdown wraps the lone sentinel in a paragraph, which may not hold our block elements.
    return Shell(
        head,
        after_title,
        after_description,
        after_head.rstrip().removesuffix("<p>"),
        after_body.removeprefix("</p>"),
        tail,
        heads,
        reuse,
    )


def build_shells(config: Config, folders: Iterable[str], out: Path) -> Mapping[str, Shell]:
    """One shell for each folder (the empty string is the root), and MkDocs' own pages in `out`.

    `out` is emptied by MkDocs first, so this runs before anything else is written there.

    Raises:
        ShellError: MkDocs refuses the configuration or a hand-written page, or a shell lacks a
            sentinel.

    """
    plugin = _ShellPlugin()
    plugin.folders = tuple(folders)
    plugin.demo = config.demo
    plugin.canonical = config.canonical
    plugin.tables = config.profile.table_count
    logging.getLogger("mkdocs").setLevel(logging.ERROR)
    try:
        mkdocs = load_config(
            str(config.project / "mkdocs.yml"), site_dir=str(out), strict=True, plugins=[]
        )
        mkdocs.plugins["huanjing-shells"] = plugin
        # Not `custom_dir`: that is a path in the settings, and ours may lie in the wheel.
        mkdocs.theme.dirs[:0] = [str(folder / "shell") for folder in config.templates]
        mkdocs.theme.static_templates = set()
        build_mkdocs(mkdocs)
    except MkDocsException as fault:
        raise ShellError(f"MkDocs 无法生成手写页面和页面外壳：{fault}") from fault
    _drop_empty_folders(out)
    sections = {item.route: item.title for item in config.menu}
    reuse = Reuse(config.canonical)
    return {
        folder: cut_shell(html, folder, plan_heads(config.canonical, folder, sections), reuse)
        for folder, html in sorted(plugin.pages.items())
    }


class _ShellPlugin(BasePlugin):  # type: ignore[type-arg,no-untyped-call]
    """Adds the sentinel pages, takes them back finished, and leaves out the theme's own files."""

    folders: tuple[str, ...] = ()
    demo: bool = True
    canonical: str = ""
    tables: int = 0

    def __init__(self) -> None:
        super().__init__()
        self.pages: dict[str, str] = {}

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Leave out all that is the theme's, and add one sentinel page for each folder."""
        for file in list(files):
            if not Path(file.abs_src_path or "").is_relative_to(config.docs_dir):
                files.remove(file)
        for folder in self.folders:
            source = f"{folder}/{_SHELL_PAGE}" if folder else _SHELL_PAGE
            content = f"---\ntitle: {TITLE}\ndescription: {DESCRIPTION}\n---\n{BODY}\n"
            files.append(File.generated(config, source, content=content))
        return files

    def on_page_context(
        self, context: TemplateContext, /, *, page: MkDocsPage, **_: Any
    ) -> TemplateContext:
        """Tell the shell template which folder it stands in and whether the data is a demo."""
        uri = page.file.dest_uri
        own = Page(uri, "", str(page.title or ""), str(page.meta.get("description", "")), None)
        cast("dict[str, Any]", context)["hj"] = {
            "folder": uri.rpartition("/")[0],
            "demo": self.demo,
            "tables": self.tables,
            "uri": uri,
            "end": END if _is_shell(page) else "",
            "head": HEAD if _is_shell(page) else Heads(self.canonical).write(own).rstrip(),
        }
        return context

    def on_post_page(self, output: str, /, *, page: MkDocsPage, **_: Any) -> str:
        """Keep sentinel pages for splicing; an empty answer stops MkDocs from writing them."""
        if not _is_shell(page):
            return output
        self.pages[page.file.src_uri.rpartition("/")[0]] = output
        return ""


def _is_shell(page: MkDocsPage) -> bool:
    return page.file.src_uri.rpartition("/")[2] == _SHELL_PAGE


def _drop_empty_folders(root: Path) -> None:
    """MkDocs makes a folder for each page it is told not to write."""
    for folder in sorted((p for p in root.rglob("*") if p.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
