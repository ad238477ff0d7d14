"""A search index served to a real browser, for the search tests and the search benchmark."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from playwright.sync_api import Browser, sync_playwright

from generator.site.search.assets import build_assets
from generator.site.search.index import build_index
from generator.site.search.records import SearchRecord
from generator.template_files import list_template_files

TEMPLATES = Path(__file__).parent.parent / "templates"
POLICY = "default-src 'none'; script-src 'self' file:; style-src 'self' file:"

PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}"><title>检索</title>
<link rel="stylesheet" href="{root}assets/search/search.css">
<script src="{root}assets/search/search.js" defer></script></head><body>
<header><form class="hj-search" role="search" action="{root}search.html">
<label for="hj-q">查</label><input id="hj-q" name="q" type="search"></form></header>
<main class="md-typeset">{body}</main></body></html>"""


def render_pages() -> dict[str, bytes]:
    """The search page, both lists and a target page, as the shell would dress them."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    finder = environment.get_template("search_macros.html.jinja").module
    bodies = {
        "search.html": environment.get_template("search.html.jinja").render(root=""),
        "project/index.html": str(finder.finder("../", kind="project")),  # type: ignore[attr-defined]
        "enterprise/index.html": str(finder.finder("../", kind="enterprise")),  # type: ignore[attr-defined]
        "blank.html": "",
    }
    return {
        route: PAGE.format(policy=POLICY, root="../" * route.count("/"), body=body).encode()
        for route, body in bodies.items()
    }


def make_files(records: Sequence[SearchRecord], districts: Mapping[str, str]) -> dict[str, bytes]:
    """A whole small site: index, assets and the pages that search."""
    return {
        **dict(build_index(records, districts)),
        **dict(build_assets(list_template_files((TEMPLATES,), "assets/search"))),
        **render_pages(),
    }


BLANK = gzip.compress("<!doctype html><title>记录</title>".encode())


class Served:
    """Files over HTTP under a base path, compressed as a plain server would, and what was asked."""

    def __init__(self, files: Mapping[str, bytes], base: str = "/") -> None:
        self.files = {base + route: gzip.compress(data, 6) for route, data in files.items()}
        self.requests: list[tuple[str, int]] = []
        served = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                route = self.path.split("?")[0]
                data = served.files.get(route)
                if data is None and route.endswith(".html"):
                    data = BLANK  # A record's own page, which these tests do not make.
                served.requests.append((route, len(data or b"")))
                self.send_response(200 if data else 404)
                self.send_header("Content-Length", str(len(data or b"")))
                self.send_header("Cache-Control", "no-store")
                if data:
                    kind = route.rpartition(".")[2]
                    types = {"js": "text/javascript", "css": "text/css"}
                    self.send_header("Content-Encoding", "gzip")
                    self.send_header(
                        "Content-Type", f"{types.get(kind, 'text/html')}; charset=utf-8"
                    )
                self.end_headers()
                self.wfile.write(data or b"")

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}{base}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def open_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


FIND = """async ([queries, counts]) => {
  const engine = await huanjing.loadEngine();
  const answers = [];
  for (const request of queries) {
    const begun = performance.now();
    const found = await engine.search(Object.assign({counts}, request));
    const took = performance.now() - begun;
    answers.push({total: found.total, took, numbers: request.lean ? [] : found.numbers,
      facets: found.facets, parts: found.parts, readAs: found.readAs,
      exact: found.exact && found.exact.kind + "/" + found.exact.id});
  }
  return answers;
}"""


AFRESH = """async (src) => {
  const script = document.createElement("script");
  script.src = src;
  const loaded = new Promise((resolve) => { script.onload = resolve; });
  document.head.append(script);
  await loaded;
  await huanjing.loadEngine();
}"""
"""Starts the scripts anew, with nothing of the index read yet."""

NUMBERS = """async () => {
  const engine = await huanjing.loadEngine();
  const found = await engine.search({filters: {}, counts: [], size: 1});
  const rows = await engine.readRows(found.numbers);
  return rows.map(r => [r.number, r.kind + "/" + r.id]);
}"""
"""Kind and id of every record by its number."""


def ask(
    evaluate: Callable[..., Any],
    requests: Sequence[Mapping[str, object]],
    counts: Sequence[str] | None = (),
    batch: int = 100,
) -> list[dict[str, Any]]:
    """The engine's answers, in batches so that no call runs long."""
    answers: list[dict[str, Any]] = []
    for at in range(0, len(requests), batch):
        chosen = None if counts is None else list(counts)
        answers += evaluate(FIND, [list(requests[at : at + batch]), chosen])
    return answers
