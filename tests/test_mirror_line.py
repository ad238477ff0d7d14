"""The line and the server: each time the old site stands, and the error names the fault."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from fault_kit import CLIENTS, EDIT, mirror_of, standing, try_sync
from mirror_kit import (
    Centre,
    list_files,
    make_files,
    read_site,
)
from web_servers import Behaviour, run_faulty, run_nginx, send, send_file

from generator.mirror.manifest import MANIFEST
from generator.mirror.transfer import Limits


def on(part: str, answer: Callable[[BaseHTTPRequestHandler, Path], None]) -> Behaviour:
    def behave(handler: BaseHTTPRequestHandler, path: Path) -> bool:
        if part not in handler.path:
            return False
        answer(handler, path)
        return True

    return behave


def cut(handler: BaseHTTPRequestHandler, path: Path) -> None:
    content = path.read_bytes()
    start = 300 if handler.headers.get("Range") else 0
    headers = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"}
    body = content[:300] if not start else b""
    send(handler, 206 if start else 200, body, "application/gzip", headers, len(content) - start)


def endless(handler: BaseHTTPRequestHandler, path: Path) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/gzip")
    handler.end_headers()
    for _ in range(4000):
        handler.wfile.write(b'{"' + b"x" * 65_534)


def drip(handler: BaseHTTPRequestHandler, path: Path) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    for _ in range(80):
        handler.wfile.write(b"{")
        time.sleep(0.1)


def garble(handler: BaseHTTPRequestHandler, path: Path) -> None:
    send(handler, 200, b"\x1f\x8b" * (path.stat().st_size // 2 + 1), "application/gzip")


def swap_bytes(handler: BaseHTTPRequestHandler, path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    send(handler, 200, bytes(content), "application/gzip")


def error_page(handler: BaseHTTPRequestHandler, path: Path) -> None:
    send(handler, 200, b"<html>please log in</html>", "text/html")


def loop(handler: BaseHTTPRequestHandler, path: Path) -> None:
    send(handler, 302, b"", "text/plain", {"Location": handler.path})


def refuse(handler: BaseHTTPRequestHandler, path: Path) -> None:
    send(handler, 503, b"busy", "text/plain")


SERVER_FAULTS: tuple[tuple[str, str, Callable[[BaseHTTPRequestHandler, Path], None], str], ...] = (
    ("truncated", "targets/", cut, "传输中断"),
    ("endless", "targets/", endless, "超过"),
    ("dripping", "targets/", drip, "总时限"),
    ("wrong size", "targets/", garble, "超过|SHA-256|哈希"),
    ("wrong bytes", "targets/", swap_bytes, "SHA-256|哈希"),
    ("error page", "targets/", error_page, "网页|哈希"),
    ("redirect loop", "targets/", loop, "反复转向"),
    ("unavailable", "targets/", refuse, "503"),
)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("fault", SERVER_FAULTS, ids=lambda fault: fault[0])
@pytest.mark.parametrize("object_kind", ["note", "pack"])
def test_a_bad_answer_leaves_the_old_site(
    centre: Centre,
    client: str,
    object_kind: str,
    fault: tuple[str, str, Callable[[BaseHTTPRequestHandler, Path], None], str],
) -> None:
    centre.publish(make_files(edited=EDIT), deltas=0)
    part = "release.txt" if object_kind == "note" else "whole.tar.gz"
    limits = Limits(2.0, 0, 1.5)
    with run_faulty(centre.release, on(part, fault[2])) as url, standing(centre, client):
        code, message = try_sync(url, centre, client, limits)
    assert code in {10, 12}, message
    if client == "python":
        assert any(word in message for word in fault[3].split("|")), message
    with run_nginx(centre.release, centre.root / "nginx") as url:
        assert try_sync(url, centre, client)[0] == 0


@pytest.mark.parametrize(
    ("answer", "word"),
    [(error_page, "内容却不是元数据"), (endless, "超过"), (loop, "反复转向"), (cut, "传输中断")],
)
def test_bad_metadata_leaves_the_old_site(
    centre: Centre, answer: Callable[[BaseHTTPRequestHandler, Path], None], word: str
) -> None:
    centre.publish(make_files(edited=EDIT))
    with (
        run_faulty(centre.release, on("timestamp.json", answer)) as url,
        standing(centre, "python"),
    ):
        code, message = try_sync(url, centre, "python")
    assert code == 12
    assert word in message


def test_a_server_that_says_200_for_missing_files_does_not_stop_a_sync(centre: Centre) -> None:
    centre.publish(make_files(edited=EDIT))
    with run_faulty(centre.release, on("2.root.json", error_page)) as url:
        assert try_sync(url, centre, "python") == (0, "2 delta")


def test_a_server_that_does_not_exist_is_named(centre: Centre) -> None:
    with standing(centre, "python"):
        code, message = try_sync("http://127.0.0.1:9/", centre, "python")
    assert (code, "连不上 http://127.0.0.1:9/" in message) == (12, True)


def ignore_range(handler: BaseHTTPRequestHandler, path: Path) -> None:
    del handler.headers["Range"]
    send_file(handler, path)


def shift_range(handler: BaseHTTPRequestHandler, path: Path) -> None:
    content = path.read_bytes()
    headers = {"Content-Range": f"bytes 0-{len(content) - 1}/{len(content)}"}
    send(handler, 206 if handler.headers.get("Range") else 200, content, "x/y", headers)


def lie_about_range(handler: BaseHTTPRequestHandler, path: Path) -> None:
    content = path.read_bytes()
    wanted = handler.headers.get("Range")
    if not wanted:
        send_file(handler, path)
        return
    start = int(wanted.removeprefix("bytes=").rstrip("-"))
    headers = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"}
    send(handler, 206, b"\0" * (len(content) - start), "x/y", headers)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("answer", [send_file, ignore_range, shift_range, lie_about_range])
def test_a_cut_download_goes_on_or_starts_again(
    centre: Centre, client: str, answer: Callable[[BaseHTTPRequestHandler, Path], None]
) -> None:
    """However a server treats ranges, the next sync ends with the right bytes."""
    files = make_files(edited=EDIT)
    centre.publish(files, deltas=0)
    folder = mirror_of(centre, client)
    with run_faulty(centre.release, on("whole.tar.gz", cut)) as url, standing(centre, client):
        assert try_sync(url, centre, client, Limits(2.0, 0, 1.0))[0] == 12
    kept = [p for p in (folder / "state/downloads").rglob("*") if p.stat().st_size == 300]
    assert len(kept) == 1
    with run_faulty(centre.release, on("whole.tar.gz", answer)) as url:
        code, message = try_sync(url, centre, client)
        assert code == 0, message
    assert read_site(folder) == {**files, MANIFEST: list_files(files)}


def test_an_upstream_that_changes_in_mid_sync_gives_one_release_whole(centre: Centre) -> None:
    files = make_files(edited=EDIT)
    centre.publish(files, deltas=0)
    published: list[int] = []

    def publish_meanwhile(handler: BaseHTTPRequestHandler, path: Path) -> None:
        if not published:
            published.append(centre.publish(make_files(30), deltas=0).serial)
        send_file(handler, path)

    with run_faulty(centre.release, on("whole.tar.gz", publish_meanwhile)) as url:
        assert try_sync(url, centre, "python") == (0, "2 pack")
        assert read_site(centre.root / "m") == {**files, MANIFEST: list_files(files)}
        assert try_sync(url, centre, "python") == (0, "3 pack")


def test_mixed_releases_are_refused(centre: Centre) -> None:
    """A server behind a careless cache: the newest timestamp over the metadata of another."""
    other = centre.copy_to(centre.root.with_name("other"))
    centre.publish(make_files(edited=EDIT))
    other.publish(make_files(25))
    shutil.copy(other.release / "metadata/2.targets.json", centre.release / "metadata")
    shutil.copy(other.release / "metadata/2.snapshot.json", centre.release / "metadata")
    with run_nginx(centre.release, centre.root / "nginx") as url, standing(centre, "python"):
        code, message = try_sync(url, centre, "python")
    assert (code, "混用" in message) == (10, True)
    with (
        run_faulty(centre.release, on("release.txt", swap_bytes)) as url,
        standing(centre, "python"),
    ):
        assert try_sync(url, centre, "python")[0] in {10, 12}
