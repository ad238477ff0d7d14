"""Signatures, versions and time: each time the old site stands, and the error names the fault."""

from __future__ import annotations

import datetime as dt
import shutil
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from fault_kit import CLIENTS, EDIT, YEAR, mirror_of, standing, try_sync
from mirror_kit import (
    NOW,
    Centre,
    found_centre,
    make_files,
    sync,
)
from web_servers import run_faulty, run_nginx

from generator.mirror.faults import MirrorError


@pytest.mark.parametrize("client", CLIENTS)
def test_a_wrong_key_is_refused(centre: Centre, client: str) -> None:
    stranger = found_centre(centre.root.with_name("stranger"))
    stranger.publish(make_files(edited=EDIT), serial=2)
    with run_nginx(stranger.release, centre.root / "nginx") as url, standing(centre, client):
        code, message = try_sync(url, centre, client)
    assert code == 10
    assert "签名" in message


def test_a_wrong_fingerprint_is_refused(centre: Centre, tmp_path: Path) -> None:
    with run_nginx(centre.release, centre.root / "nginx") as url:
        with pytest.raises(MirrorError, match="指纹"):
            sync(url, tmp_path / "new", "0" * 64)
        with pytest.raises(MirrorError, match="该信任谁"):
            sync(url, tmp_path / "new")
    assert not (tmp_path / "new/current").exists()


@pytest.mark.parametrize("client", CLIENTS)
def test_an_expired_release_is_refused(centre: Centre, client: str) -> None:
    centre.publish(make_files(edited=EDIT), NOW - dt.timedelta(days=30), days=5)
    with run_nginx(centre.release, centre.root / "nginx") as url, standing(centre, client):
        code, message = try_sync(url, centre, client)
    assert code == 11
    assert "有效期" in message


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("lost", [(), ("metadata",), ("metadata", "evidence", "latest")])
def test_an_older_release_is_refused_whatever_state_is_lost(
    centre: Centre, client: str, lost: tuple[str, ...]
) -> None:
    old = centre.copy_to(centre.root.with_name("old"))
    centre.publish(make_files(edited=EDIT))
    with run_nginx(centre.release, centre.root / "nginx") as url:
        assert try_sync(url, centre, client)[0] == 0
    for name in lost:
        path = mirror_of(centre, client) / "state" / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    with run_nginx(old.release, centre.root / "nginx") as url, standing(centre, client):
        code, message = try_sync(url, centre, client)
    assert code == 10
    assert "旧" in message


@pytest.mark.parametrize("client", CLIENTS)
def test_a_serial_far_in_the_future_is_refused(centre: Centre, client: str) -> None:
    centre.publish(make_files(edited=EDIT), serial=90_000_000)
    with run_nginx(centre.release, centre.root / "nginx") as url, standing(centre, client):
        code, message = try_sync(url, centre, client)
    assert (code, "超前太多" in message) == (10, True)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("lost", ["", "metadata"])
def test_an_equal_serial_with_other_content_is_refused(
    centre: Centre, client: str, lost: str
) -> None:
    twin = centre.copy_to(centre.root.with_name("twin"))
    centre.publish(make_files(edited=EDIT))
    twin.publish(make_files(25), NOW - dt.timedelta(hours=1))
    with run_nginx(centre.release, centre.root / "nginx") as url:
        assert try_sync(url, centre, client)[0] == 0
    if lost:
        shutil.rmtree(mirror_of(centre, client) / "state" / lost, ignore_errors=True)
    with run_nginx(twin.release, centre.root / "nginx") as url, standing(centre, client):
        code, message = try_sync(url, centre, client)
    assert code == 10
    assert "内容不同" in message


@pytest.mark.parametrize("client", CLIENTS)
def test_a_clock_a_year_ahead_is_named(centre: Centre, client: str) -> None:
    """To a clock that runs a year ahead, a fresh release looks a year old."""
    centre.publish(make_files(edited=EDIT), NOW - YEAR)
    then = (NOW - YEAR).strftime("%a, %d %b %Y %H:%M:%S GMT")

    def tell_time(handler: BaseHTTPRequestHandler, path: Path) -> bool:
        handler.date_time_string = lambda *_: then  # type: ignore[method-assign]
        return False

    with run_faulty(centre.release, tell_time) as url, standing(centre, client):
        code, message = try_sync(url, centre, client)
    assert code == 11
    assert "时钟" in message
    if client == "python":
        assert "先校准本机时钟" in message


@pytest.mark.parametrize("client", CLIENTS)
def test_a_clock_a_year_behind_is_named(centre: Centre, client: str) -> None:
    """To a clock that runs a year behind, a fresh release comes from the future."""
    centre.publish(make_files(edited=EDIT), NOW + YEAR)
    with run_nginx(centre.release, centre.root / "nginx") as url, standing(centre, client):
        code, message = try_sync(url, centre, client)
    assert code == 11
    assert "时钟" in message
