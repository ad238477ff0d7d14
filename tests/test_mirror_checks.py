"""Looking after a mirror: verify, inspect, status, and the settings in docs/servers.md."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from mirror_kit import NOW, Centre, found_centre, make_files, sync, write_site
from web_servers import find_port, run_nginx

from generator.cli import main
from generator.mirror.verify import verify_folder
from generator.release.keys import rotate_online, rotate_root


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.mark.parametrize("mirror", ["m", "s"])
def test_a_sound_mirror_is_verified_without_network(centre: Centre, mirror: str) -> None:
    result = run("verify", centre.root / mirror)
    assert result.exit_code == 0, result.output
    assert "第 1 期，签名成立" in result.output
    assert f"{len(make_files())} 个文件，逐字节相同" in result.output


@pytest.mark.parametrize("mirror", ["m", "s"])
def test_missing_altered_and_extra_files_are_told_apart(centre: Centre, mirror: str) -> None:
    site = centre.root / mirror / "current"
    (site / "index.html").write_bytes(b"defaced")
    (site / "search.html").unlink()
    (site / "login.html").write_bytes(b"<form>")
    result = run("verify", centre.root / mirror)
    assert result.exit_code == 20
    for line in ("缺少\tsearch.html", "改动\tindex.html", "多出\tlogin.html"):
        assert line in result.output.splitlines()


@pytest.mark.parametrize("mirror", ["m", "s"])
def test_a_manifest_rewritten_to_fit_is_noticed(centre: Centre, mirror: str) -> None:
    files = {**make_files(), "index.html": b"defaced"}
    write_site((centre.root / mirror / "current").resolve(), files)
    result = run("verify", centre.root / mirror)
    assert result.exit_code == 10
    assert "清单被改过" in result.output


@pytest.mark.parametrize(
    ("mirror", "name"),
    [("m", "evidence/release.txt"), ("m", "evidence/targets.json"), ("s", "SHA256SUMS"),
     ("s", "allowed_signers"), ("s", "release.txt")],
)  # fmt: skip
def test_altered_evidence_is_refused(centre: Centre, mirror: str, name: str) -> None:
    path = centre.root / mirror / "state" / name
    path.write_bytes(path.read_bytes().replace(b"1", b"2", 1))
    assert run("verify", centre.root / mirror).exit_code == 10


def test_a_mirror_past_its_time_is_stale_and_still_whole(centre: Centre) -> None:
    later = NOW + dt.timedelta(days=15)
    assert not verify_folder(centre.root / "m", NOW).is_stale
    verdict = verify_folder(centre.root / "m", later)
    assert verdict.is_stale
    assert verdict.comparison.is_same


def test_a_copy_without_state_is_compared_with_its_own_manifest(tmp_path: Path) -> None:
    site = write_site(tmp_path / "usb", make_files())
    result = run("verify", site)
    assert result.exit_code == 0
    assert "没有签名可核对" in result.output
    assert run("verify", tmp_path).exit_code == 10


def test_evidence_outlives_exchanged_keys(centre: Centre, tmp_path: Path) -> None:
    rotate_online(centre.keys, centre.keys / "offline", NOW)
    rotate_root(centre.keys, centre.keys / "offline", NOW)
    centre.publish(make_files(21))
    with run_nginx(centre.release, tmp_path / "nginx") as url:
        assert sync(url, centre.root / "m").serial == 2
    result = run("verify", centre.root / "m")
    assert result.exit_code == 0, result.output
    assert "第 2 期，签名成立" in result.output


def test_an_inspection_names_what_an_inspector_would(tmp_path: Path) -> None:
    files = make_files()
    files["index.html"] += b'<a href="week/2016-W30.html">gone</a>'
    files["week/2016-W20.html"] = b"<p>old</p>"
    files["case/index.html"] = b"<main><p>nothing</p></main>"
    site = write_site(tmp_path / "site", files)
    result = run("inspect", site, "--today", "2016-07-05")
    assert result.exit_code == 1
    lines = {line.split("\t")[1]: line for line in result.output.splitlines()}
    assert "index.html → week/2016-W30.html" in lines["死链"]
    assert "case/index.html" in lines["空白栏目"]
    assert lines["首页更新"].startswith("合格")
    assert lines["栏目更新 week/"].startswith("不合格")
    assert "ICP 备案号" in lines["页脚信息"]


def test_a_mirror_with_its_own_identity_passes(centre: Centre, tmp_path: Path) -> None:
    identity = {
        "sponsor": "云岚市环境保护局", "contact": "0990-5801001", "site_id_code": "9901000001",
        "icp_no": "示ICP备1600100号-1", "psb_no": "示公网安备99010002000001号",
    }  # fmt: skip
    host = centre.root / "m/host.json"
    host.write_text(json.dumps(identity, ensure_ascii=False), encoding="utf-8")
    with run_nginx(centre.release, tmp_path / "n1") as url:
        assert sync(url, centre.root / "m").way == "unchanged"
        assert run("verify", centre.root / "m").exit_code == 0
        with run_nginx(centre.root / "m/current", tmp_path / "n2") as served:
            result = run("inspect", centre.root / "m", "--today", "2016-07-05", "--url", served)
        assert "不合格" not in result.output, result.output
        assert "3 次请求" in result.output
        assert result.exit_code == 0
        host.write_text('{"sponsor": "x", "phone": "1"}', encoding="utf-8")
        with pytest.raises(Exception, match="phone"):
            sync(url, centre.root / "m")


def test_status_tells_followers_laggards_and_impostors(centre: Centre, tmp_path: Path) -> None:
    for name in ("lag", "bad"):
        shutil.copytree(centre.root / "m", centre.root / name, symlinks=True)
    for path in sorted((centre.root / "bad/current/project").iterdir()):
        path.write_bytes(b"<h1>other</h1>")
    with (
        run_nginx(centre.release, tmp_path / "n0") as upstream,
        run_nginx(centre.root / "m/current", tmp_path / "n1") as good,
        run_nginx(centre.root / "lag/current", tmp_path / "n2") as lag,
        run_nginx(centre.root / "bad/current", tmp_path / "n3") as bad,
    ):
        centre.publish(make_files(21), NOW - dt.timedelta(days=9))
        assert sync(upstream, centre.root / "m").serial == 2
        rows = [("A", good), ("B", lag), ("C", bad), ("D", f"http://127.0.0.1:{find_port()}/")]
        table = tmp_path / "mirror.csv"
        table.write_text(
            "mirror_id,sponsor,base_url,max_lag_days\n"
            + "".join(f"{name},<b>{name}局</b>,{url},7\n" for name, url in rows),
            encoding="utf-8",
        )
        result = run(
            "status", "--mirrors", table, "--history", centre.root / "history",
            "--out", tmp_path / "status", "--sample", 40,
        )  # fmt: skip
    assert result.exit_code == 0, result.output
    found = json.loads((tmp_path / "status/status.json").read_text(encoding="utf-8"))
    states = {row["mirror_id"]: row for row in found["mirrors"]}
    assert {name: row["state"] for name, row in states.items()} == {
        "A": "正常", "B": "落后", "C": "内容不符", "D": "打不开",
    }  # fmt: skip
    assert (states["B"]["behind"], round(states["B"]["lag_days"])) == (1, 9)
    assert states["A"]["sampled"] == 40
    assert states["A"]["wrong"] == []
    assert all(path.startswith("project/") for path in states["C"]["wrong"])
    page = (tmp_path / "status/status.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;A局&lt;/b&gt;" in page
    assert "<b>" not in page


def test_a_release_without_keys_names_the_command_that_makes_them(tmp_path: Path) -> None:
    site = write_site(tmp_path / "site", make_files())
    arguments = ("release", site, "--out", tmp_path / "r", "--keys", tmp_path / "k")
    base = ("--base-url", "https://hj.example.org/")
    result = run(*arguments, *base)
    assert result.exit_code == 1
    assert f"huanjing keys {tmp_path / 'k'}" in result.output
    made = run("keys", tmp_path / "k")
    assert made.exit_code == 0
    fingerprint = re.search(r"[0-9a-f]{64}", made.output)
    assert fingerprint is not None
    done = run(*arguments, *base)
    assert done.exit_code == 0, done.output
    assert "第 1 期已发布" in done.output
    with run_nginx(tmp_path / "r", tmp_path / "nginx") as url:
        assert run("mirror", url, tmp_path / "m", "--trust", fingerprint[0]).exit_code == 0
    (site / "index.html").write_bytes(b"changed")
    assert "改动 1 个（index.html）" in run(*arguments, *base).output
    assert run("keys", tmp_path / "k").exit_code == 1


def test_equal_input_gives_an_equal_release(tmp_path: Path) -> None:
    one = found_centre(tmp_path / "one")
    two = one.copy_to(tmp_path / "two")
    for centre in (one, two):
        centre.publish(make_files())
        centre.publish(make_files(21))
    files = [
        {p.relative_to(c.release): p.read_bytes() for p in c.release.rglob("*") if p.is_file()}
        for c in (one, two)
    ]
    assert files[0] == files[1]
