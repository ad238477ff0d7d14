"""The settings in docs/servers.md, run as they stand there by the servers they are for."""

from __future__ import annotations

import contextlib
import gzip
import http.server
import os
import re
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from xml.etree import ElementTree

import pytest
from mirror_kit import Centre, found_mirrors, make_files
from web_servers import find_port

from generator.mirror.manifest import ALLOWED_EXTENSIONS

PAGE = Path(__file__).resolve().parents[1] / "docs/servers.md"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-cache",
}


def read_block(language: str, section: str, number: int = 0) -> str:
    text = PAGE.read_text(encoding="utf-8").partition(f"\n## {section}")[2].partition("\n## ")[0]
    found: str = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)[number]
    return found


def read_policy() -> str:
    found = re.search(r'Content-Security-Policy "([^"]+)"', read_block("nginx", "nginx"))
    assert found is not None
    return found[1].replace("$frames", "'self'")


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Centre:
    return found_mirrors(tmp_path_factory.mktemp("kits") / "centre")


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Message
    body: bytes


def ask(url: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> Answer:
    request = urllib.request.Request(url, headers=dict(headers or {}), method=method)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as fault:
        with fault:
            return Answer(fault.code, fault.headers, fault.read())


@contextlib.contextmanager
def run(command: list[str], port: int, work: Path, **surroundings: str) -> Iterator[str]:
    with (work / "log").open("wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, env={**os.environ, **surroundings}
        )
        try:
            for _ in range(400):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                assert process.poll() is None, (work / "log").read_text()
                time.sleep(0.02)
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.terminate()
            process.wait(10)


@contextlib.contextmanager
def run_documented_nginx(server: str, port: int, work: Path) -> Iterator[str]:
    work.mkdir()
    temporary = "".join(
        f"{name}_temp_path {work}/{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (work / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {work}/pid; events {{}}\n"
        f"http {{ access_log off; {temporary}\n{server} }}",
        encoding="utf-8",
    )
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    command = [nginx, "-c", str(work / "nginx.conf"), "-e", str(work / "error.log")]
    with run(command, port, work) as url:
        yield url


def nginx_server(centre: Centre, port: int, more: str) -> str:
    server = (
        read_block("nginx", "nginx")
        .replace("listen 80;", f"listen 127.0.0.1:{port};")
        .replace("/srv/huanjing/current", str(centre.root / "m/current"))
    )
    return server.rstrip().removesuffix("}") + more + "}\n"


def check_site(url: str) -> None:
    """What every server of a site must do."""
    page = ask(url)
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.headers["Content-Security-Policy"] == read_policy()
    assert {name: page.headers[name] for name in HEADERS} == HEADERS
    assert page.body == make_files()["index.html"]
    archive = ask(f"{url}download/district/990101.zip")
    assert archive.headers["Content-Type"] == "application/zip"
    packed = ask(f"{url}district/990101.html", {"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == make_files()["district/990101.html"]
    assert ask(f"{url}.htaccess").status in {403, 404}
    missing = ask(f"{url}project/none.html")
    assert (missing.status, missing.headers["X-Content-Type-Options"]) == (404, "nosniff")
    assert ask(url, method="POST").status in {403, 405}
    tag = page.headers["ETag"]
    assert ask(url, {"If-None-Match": tag}).status == 304


def check_release(url: str) -> None:
    """What every server of a release must do."""
    for pointer in ("plain/latest", "metadata/timestamp.json", "plain/allowed_signers"):
        assert ask(f"{url}release/{pointer}").headers["Cache-Control"] == "no-cache", pointer
    for kept in ("plain/1/SHA256SUMS", "metadata/1.root.json"):
        assert "immutable" in ask(f"{url}release/{kept}").headers["Cache-Control"], kept
    assert ask(f"{url}release/metadata/2.root.json").status == 404


def test_nginx_serves_a_site_and_a_release(centre: Centre, tmp_path: Path) -> None:
    port = find_port()
    release = read_block("nginx", "nginx", 1).replace("root /srv;", f"root {centre.root};")
    with run_documented_nginx(nginx_server(centre, port, release), port, tmp_path / "n") as url:
        check_site(url)
        check_release(url)


def test_nginx_sends_what_was_compressed_before(centre: Centre, tmp_path: Path) -> None:
    """Also to those who do not understand it, and never an old `host.js`."""
    folder = tmp_path / "huanjing"
    shutil.copytree(centre.root / "m", folder, symlinks=True)
    script = read_block("sh", "预压缩").replace("/srv/huanjing", str(folder))
    for _ in range(2):  # the second time there is nothing to do
        done = subprocess.run(["sh", "-euc", script], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    port = find_port()
    more = read_block("nginx", "预压缩").replace("/srv/huanjing", str(folder))
    server = nginx_server(Centre(tmp_path), port, more).replace(
        str(tmp_path / "m/current"), str(folder / "current")
    )
    with run_documented_nginx(server.replace("gzip on;", ""), port, tmp_path / "n") as url:
        for path in ("", "index.html", "assets/site.css", "download/tables/illegal_project.csv"):
            content = make_files()[path or "index.html"]
            packed = ask(url + path, {"Accept-Encoding": "gzip"})
            assert packed.headers["Content-Encoding"] == "gzip", path
            assert gzip.decompress(packed.body) == content
            assert packed.headers["Content-Security-Policy"] == read_policy()
            plain = ask(url + path)
            assert (plain.headers["Content-Encoding"], plain.body) == (None, content)
        assert ask(f"{url}host.js").body == (folder / "current/host.js").read_bytes()
        assert ask(f"{url}project/none.html").status == 404


@pytest.mark.skipif(shutil.which("caddy") is None, reason="Debian's caddy is not installed")
def test_caddy_serves_a_site_and_a_release(centre: Centre, tmp_path: Path) -> None:
    port = find_port()
    site, release = read_block("caddy", "Caddy"), read_block("caddy", "Caddy", 1)
    release = release.replace("/srv/release", str(centre.root / "release"))
    config = (
        site.replace("hj.example.org {", f"http://127.0.0.1:{port} {{")
        .replace("/srv/huanjing/current", str(centre.root / "m/current"))
        .replace("Cache-Control no-cache", "?Cache-Control no-cache")
        .replace("    file_server\n", f"{release}    file_server\n")
    )
    (tmp_path / "Caddyfile").write_text("{\n admin off\n}\n" + config, encoding="utf-8")
    homes = {
        "HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
    }
    command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(tmp_path / "Caddyfile")]
    with run(command, port, tmp_path, **homes) as url:
        check_site(url)
        check_release(url)
        assert ask(url).headers["Strict-Transport-Security"] == "max-age=31536000"
        assert ask(url).headers["Server"] is None
    # As it stands there, with a name and certificates, it is at least understood.
    (tmp_path / "whole").write_text(site, encoding="utf-8")
    adapted = subprocess.run(
        ["caddy", "adapt", "--adapter", "caddyfile", "--config", str(tmp_path / "whole")],
        capture_output=True, text=True, check=False, env={**os.environ, **homes},
    )  # fmt: skip
    assert adapted.returncode == 0, adapted.stderr


def test_the_iis_settings_hold_what_the_other_servers_have() -> None:
    root = ElementTree.fromstring(read_block("xml", "IIS"))  # noqa: S314 our own page
    assert (root.tag, root.get("path")) == ("location", "huanjing")
    server = root.find("system.webServer")
    assert server is not None
    headers = {
        item.get("name"): item.get("value")
        for item in server.findall("httpProtocol/customHeaders/add")
    }
    expected = {name: value for name, value in HEADERS.items() if name != "Cache-Control"}
    assert headers == expected | {
        "Content-Security-Policy": read_policy(), "Strict-Transport-Security": "max-age=31536000",
    }  # fmt: skip
    cache = server.find("staticContent/clientCache")
    assert cache is not None
    assert cache.get("cacheControlMode") == "DisableCache"
    maps = [item.get("fileExtension") for item in server.findall("staticContent/mimeMap")]
    assert sorted(str(name) for name in maps) == sorted(f".{name}" for name in ALLOWED_EXTENSIONS)
    verbs = [item.get("verb") for item in server.findall("security/requestFiltering/verbs/add")]
    assert verbs == ["GET", "HEAD"]
    assert [item.get("value") for item in server.findall("defaultDocument/files/add")] == [
        "index.html"
    ]


@dataclass(frozen=True, slots=True)
class Upload:
    path: str
    cache: str | None


@contextlib.contextmanager
def run_bucket() -> Iterator[tuple[str, dict[str, bytes], list[Upload]]]:
    """As much of WebDAV as rclone asks for: what is kept, and the uploads in their order."""
    kept: dict[str, bytes] = {}
    uploads: list[Upload] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def reply(self, status: int, body: str = "") -> None:
            content = body.encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Content-Type", "application/xml")
            self.end_headers()
            self.wfile.write(content)

        def do_PUT(self) -> None:
            path = self.path.strip("/")
            if self.headers.get("Transfer-Encoding") == "chunked":
                content = b""
                while size := int(self.rfile.readline(), 16):
                    content += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
            else:
                content = self.rfile.read(int(self.headers["Content-Length"]))
            kept[path] = content
            uploads.append(Upload(path, self.headers.get("Cache-Control")))
            self.reply(201)

        def do_DELETE(self) -> None:
            kept.pop(self.path.strip("/"), None)
            self.reply(204)

        def do_MKCOL(self) -> None:
            self.reply(201)

        def do_PROPFIND(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            path = self.path.strip("/")
            below = path + "/" if path else ""
            if path in kept:
                self.reply(207, _multistatus([_file(path, kept[path])]))
                return
            names = {name[len(below) :].partition("/") for name in kept if name.startswith(below)}
            if not names and path:
                self.reply(404)
                return
            items = [_folder(path)]
            for name in sorted({f"{below}{first}" for first, _, _ in names}):
                items.append(_file(name, kept[name]) if name in kept else _folder(name))
            self.reply(207, _multistatus(items))

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", kept, uploads
    finally:
        server.shutdown()
        server.server_close()


def _multistatus(items: list[str]) -> str:
    return f'<?xml version="1.0"?><d:multistatus xmlns:d="DAV:">{"".join(items)}</d:multistatus>'


def _file(path: str, content: bytes) -> str:
    return (
        f"<d:response><d:href>/{path}</d:href><d:propstat><d:prop><d:resourcetype/>"
        f"<d:getcontentlength>{len(content)}</d:getcontentlength>"
        "<d:getlastmodified>Mon, 04 Jul 2016 00:00:00 GMT</d:getlastmodified>"
        "</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
    )


def _folder(path: str) -> str:
    return (
        f"<d:response><d:href>/{path}/</d:href><d:propstat><d:prop>"
        "<d:resourcetype><d:collection/></d:resourcetype></d:prop>"
        "<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
    )


@pytest.mark.skipif(shutil.which("rclone") is None, reason="Debian's rclone is not installed")
def test_rclone_uploads_a_site_and_a_release_with_their_headers(
    centre: Centre, tmp_path: Path
) -> None:
    mirror = tmp_path / "huanjing"
    shutil.copytree(centre.root / "m", mirror, symlinks=True)
    site_commands, release_commands = (read_block("sh", "对象存储", n) for n in (0, 1))
    lines = [line for line in site_commands.splitlines() if not line.startswith("huanjing")]
    site_script = "\n".join(lines).replace("/srv/huanjing", str(mirror))
    with run_bucket() as (url, kept, uploads):
        surroundings = {
            "RCLONE_CONFIG_REMOTE_TYPE": "webdav", "RCLONE_CONFIG_REMOTE_URL": url,
            "RCLONE_CONFIG": str(tmp_path / "none.conf"), "NO_PROXY": "127.0.0.1",
        }  # fmt: skip
        kept["bucket/gone.html"] = b"of an earlier release"

        def upload(script: str) -> None:
            done = subprocess.run(
                ["sh", "-euc", script], cwd=centre.root, capture_output=True, text=True,
                check=False, env={**os.environ, **surroundings},
            )  # fmt: skip
            assert done.returncode == 0, done.stderr

        upload(site_script)
        served = mirror / "current"
        wanted = {
            f"bucket/{path.relative_to(served).as_posix()}": path.read_bytes()
            for path in served.rglob("*")
            if path.is_file()
        }
        assert kept == wanted
        assert {item.cache for item in uploads} == {"no-cache"}
        kept.clear()
        uploads.clear()
        upload(release_commands)
    released = {path.relative_to(centre.release).as_posix() for path in _files(centre.release)}
    assert {path.removeprefix("bucket/release/") for path in kept} == released
    cache = {item.path.removeprefix("bucket/release/"): item.cache for item in uploads}
    pointers = {path for path, value in cache.items() if value == "no-cache"}
    assert pointers == {
        "metadata/timestamp.json", "plain/latest", "plain/allowed_signers",
        "plain/allowed_signers.sig",
    }  # fmt: skip
    assert {str(value) for path, value in cache.items() if path not in pointers} == {
        "public, max-age=31536000, immutable"
    }
    last = [item.path.removeprefix("bucket/release/") for item in uploads[-len(pointers) :]]
    assert set(last) == pointers


def _files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]
