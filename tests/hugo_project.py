"""The entity pages of a province as a Hugo project: views as JSON, shell and templates alike.

What all sites share, the heads of the tables, is one data file, as somebody who knows Hugo would
lay it out: repeated in every page it would be two fifths of the JSON.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from html import unescape
from pathlib import Path
from typing import Any

from generator.domain.absence import Absence
from generator.site.pages import Page
from generator.site.routes import SITE_CARD
from generator.site.row_markup import ABSENCE_MARKS, Rows
from generator.site.shell import Shell
from generator.site.views.enterprise_tables import TableHead

TEMPLATES = Path(__file__).parent / "hugo"
ENTITIES = ("enterprise", "project")
_CODES = {"enterprise": "site_code", "project": "ledger_no"}
Heads = dict[str, dict[str, object]]
_PAGES_A_FILE = 256
_REUSE = re.compile(r'<section class="hj-reuse".*?</section>', re.DOTALL)
_WORDS = str.maketrans({mark: absence.value for absence, mark in ABSENCE_MARKS.items()})


def write_project(out: Path, pages: Iterable[Page], shells: Mapping[str, Shell]) -> int:
    """Write the project; returns the number of its pages."""
    shutil.copytree(TEMPLATES, out)
    count = 0
    by_kind: dict[str, list[Page]] = {kind: [] for kind in ENTITIES}
    files = dict.fromkeys(ENTITIES, 0)
    heads: Heads = {}

    def flush(kind: str) -> None:
        folder = out / "assets" / kind
        folder.mkdir(parents=True, exist_ok=True)
        records = [describe_page(page, heads) for page in by_kind[kind]]
        (folder / f"{files[kind]:04d}.json").write_text(
            json.dumps(records, ensure_ascii=False), encoding="utf-8"
        )
        files[kind] += 1
        by_kind[kind].clear()

    for page in pages:
        if page.kind not in ENTITIES:
            continue
        count += 1
        by_kind[page.kind].append(page)
        if len(by_kind[page.kind]) == _PAGES_A_FILE:
            flush(page.kind)
    for kind in ENTITIES:
        flush(kind)
        shell = shells[kind]
        base = (
            shell.head, "{{ .Title }}", shell.after_title, "{{ .Params.description }}",
            shell.after_description, _head(shell, kind), shell.after_head,
            '{{ block "main" . }}{{ end }}', shell.after_body, shell.tail,
        )  # fmt: skip
        (out / f"layouts/{kind}/baseof.html").write_text("".join(base), encoding="utf-8")
        page_file = out / f"layouts/{kind}/page.html"
        body = page_file.read_text(encoding="utf-8")
        page_file.write_text(f'{{{{ define "main" }}}}{body}{{{{ end }}}}', encoding="utf-8")
    (out / "data").mkdir()
    (out / "data/heads.json").write_text(json.dumps(heads, ensure_ascii=False), encoding="utf-8")
    return count


def _head(shell: Shell, kind: str) -> str:
    """The same head; the code of an enterprise's page is left out, to Hugo's advantage."""
    heads, code = shell.heads, f"{{{{ .Params.view.{_CODES[kind]} }}}}"
    link = f'<link rel="canonical" href="{heads.canonical}{kind}/{code}.html">\n'
    preview = (
        f'<meta property="og:title" content="{{{{ .Title }}}}">\n'
        '<meta property="og:type" content="website">\n'
        f'<meta property="og:url" content="{heads.canonical}{kind}/{code}.html">\n'
        f'<meta property="og:image" content="{heads.canonical}{SITE_CARD}">\n'
    )
    firm = f',{{"@type":"Organization","name":{{{{ .Title }}}},"identifier":"{code}"}}'
    trail = f"{heads.trail}{{{{ .Title }}}}}}]}}{firm * (kind == 'enterprise')}]}}</script>\n"
    return link + preview + trail


def describe_page(page: Page, heads: Heads) -> dict[str, object]:
    """A page's data as Hugo reads it: the same texts under the same names.

    Heads of tables are named by their anchor, and collected in `heads`.
    """
    return {
        "name": page.route.rpartition("/")[2].removesuffix(".html"),
        "title": page.title,
        "description": page.description,
        "view": _convert(page.view, heads),
    }


def _convert(value: object, heads: Heads) -> object:
    if isinstance(value, Absence):
        return value.value
    if isinstance(value, tuple | list):
        return [_convert(item, heads) for item in value]
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, TableHead):
        if value.anchor not in heads:
            heads[value.anchor] = _read_fields(value, heads)
        return value.anchor
    if isinstance(value, Rows):
        return read_rows(value)
    if is_dataclass(value) and not isinstance(value, type):
        return _read_fields(value, heads)
    return value if isinstance(value, str | int | bool) else None


def _read_fields(value: Any, heads: Heads) -> dict[str, object]:
    return {field.name: _convert(getattr(value, field.name), heads) for field in fields(value)}


def read_rows(rows: str) -> list[list[str]]:
    """The cells of finished table rows, or of a list of facts, as texts."""
    if "<dt>" in rows:
        found = [re.findall(r"<dd>(.*?)</dd>", rows)]
    else:
        found = [row.split("<td>")[1:] for row in rows.split("\n")]
    return [
        [unescape(re.sub(r"<[^>]*>", "", cell.translate(_WORDS))) for cell in row] for row in found
    ]


def read_text(html: str) -> str:
    """All words of a page's body, without markup and white space.

    The section with the code to print is left out: Hugo does not draw it (`_head`).
    """
    body = _REUSE.sub("", html[html.index("<body") :])
    return "".join(unescape(re.sub(r"<[^>]*>", "", body)).split())
