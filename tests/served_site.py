"""A built site on a plain web server with the headers of docs/servers.md, and a real browser."""

from __future__ import annotations

import functools
import http.server
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = "/usr/bin/chromium"


def read_policy() -> str:
    """The content policy as the nginx snippet sends it with a page that is not framed."""
    text = (ROOT / "docs/servers.md").read_text(encoding="utf-8")
    found = re.search(r'add_header Content-Security-Policy "([^"]+)"', text)
    assert found
    return found.group(1).replace("$frames", "'self'")


class _Handler(http.server.SimpleHTTPRequestHandler):
    policy = read_policy()

    def end_headers(self) -> None:
        """As the documented server answers."""
        self.send_header("Content-Security-Policy", self.policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Keep the test log clean."""


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """The address, with a slash at its end, of a server of `folder`."""
    handler = functools.partial(_Handler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()


@contextmanager
def open_chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield chromium
        chromium.close()


def find_excess(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    excess = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return max(int(excess), 0)
