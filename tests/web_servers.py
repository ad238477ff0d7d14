"""Servers on loopback for the mirror tests: Debian's nginx, and one that misbehaves by script."""

from __future__ import annotations

import contextlib
import http.server
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

_CONFIG = """
daemon off; master_process off; pid {work}/pid; error_log {work}/error.log;
events {{ worker_connections 256; }}
http {{
  types {{ text/html html; text/css css; application/javascript js; application/json json;
           application/gzip gz; text/plain txt; }}
  default_type application/octet-stream;
  access_log {work}/access.log;
  log_format transferred "$bytes_sent $uri";
  access_log {work}/transferred.log transferred;
  client_body_temp_path {work}/t1; proxy_temp_path {work}/t2; fastcgi_temp_path {work}/t3;
  uwsgi_temp_path {work}/t4; scgi_temp_path {work}/t5;
  server {{ listen 127.0.0.1:{port}; root {root}; index index.html; {extra} }}
}}
"""


def find_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def run_nginx(root: Path, work: Path, extra: str = "") -> Iterator[str]:
    """Serve `root`; the access log is `work/access.log`."""
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    work.mkdir(parents=True, exist_ok=True)
    port = find_port()
    config = work / "nginx.conf"
    config.write_text(_CONFIG.format(work=work, port=port, root=root, extra=extra))
    process = subprocess.Popen(
        [nginx, "-c", str(config), "-e", str(work / "error.log")], stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.02)
        else:
            raise RuntimeError((work / "error.log").read_text())
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(10)


Behaviour = Callable[[http.server.BaseHTTPRequestHandler, Path], bool]
"""Answers a request by itself and says True, or leaves it to the honest server."""


@contextlib.contextmanager
def run_faulty(root: Path, misbehave: Behaviour) -> Iterator[str]:
    """Serve `root` honestly, with ranges, except where `misbehave` does."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.close_connection = True
            path = root / self.path.lstrip("/")
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                if not misbehave(self, path):
                    send_file(self, path)

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


def send_file(handler: http.server.BaseHTTPRequestHandler, path: Path) -> None:
    if not path.is_file():
        send(handler, 404, b"not found", "text/plain")
        return
    content = path.read_bytes()
    wanted = handler.headers.get("Range")
    if wanted:
        start = int(wanted.removeprefix("bytes=").rstrip("-"))
        headers = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"}
        send(handler, 206, content[start:], "application/octet-stream", headers)
    else:
        send(handler, 200, content, "application/octet-stream")


def send(
    handler: http.server.BaseHTTPRequestHandler,
    status: int,
    content: bytes,
    kind: str,
    headers: dict[str, str] | None = None,
    announced: int | None = None,
) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(content) if announced is None else announced))
    handler.send_header("Connection", "close")
    for name, value in (headers or {}).items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(content)
