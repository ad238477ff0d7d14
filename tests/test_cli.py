"""The command as people meet it: words, exit codes, never a traceback."""

from __future__ import annotations

import json
import shutil
import threading
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.cli import main

ROOT = Path(__file__).resolve().parents[1]


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, list(words))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def test_every_command_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in main.commands:
        assert f"huanjing {name}" in readme


def test_a_folder_without_settings_is_a_plain_message(tmp_path: Path) -> None:
    code, printed = run("build", "--config", str(tmp_path / "mkdocs.yml"))
    assert code == 1
    assert "找不到配置文件" in printed


def test_check_passes_the_committed_datasets() -> None:
    code, printed = run("check", "--config", str(ROOT / "mkdocs.yml"))
    assert code == 0
    assert "错误 tables/" not in printed


def test_the_summary_is_json_with_its_figures(small_site: Path) -> None:
    summary = json.loads(small_site.with_suffix(".json").read_text(encoding="utf-8"))
    assert summary["pages"]["project"] > 100
    assert summary["rows"]["illegal_project"] == summary["pages"]["project"]
    assert summary["files"] > sum(summary["pages"].values())
    assert summary["peak_memory_mb"] > 0


def test_serving_nothing_says_what_to_do(tmp_path: Path) -> None:
    code, printed = run("serve", "--site", str(tmp_path))
    assert code == 1
    assert "huanjing build" in printed


def test_serve_listens_on_this_machine_only(
    small_site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import http.server

    opened: list[http.server.ThreadingHTTPServer] = []
    real = http.server.ThreadingHTTPServer.serve_forever

    def serve_once(server: http.server.ThreadingHTTPServer, poll_interval: float = 0.5) -> None:
        opened.append(server)
        thread = threading.Thread(target=real, args=(server, 0.01), daemon=True)
        thread.start()
        host, port = server.server_address[:2]
        assert host == "127.0.0.1"
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/index.html") as answer:
            assert "演示数据" in answer.read().decode()
        server.shutdown()

    monkeypatch.setattr(http.server.ThreadingHTTPServer, "serve_forever", serve_once)
    assert run("serve", "--site", str(small_site), "--port", "0")[0] == 0
    assert opened


def test_a_sample_is_not_written_over_other_things(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_bytes(b"years of work")
    code, printed = run("sample", "--scale", "0.01", "--out", str(tmp_path))
    assert code == 1
    assert "错误" in printed
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]


def test_an_unexplained_column_is_refused_unless_it_is_allowed(tmp_path: Path) -> None:
    province = ROOT / "tests/intake/province"
    shutil.copytree(province / "sources", tmp_path / "sources")
    source = tmp_path / "sources/固废.csv"
    head, *rows = source.read_text(encoding="utf-8").splitlines()
    lines = [f"{head},谁也没说明的列", *(f"{row},x" for row in rows)]
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    words = ("import", "--mapping", str(province / "mapping.yml"), "--out", str(tmp_path / "out"))
    code, printed = run(*words, str(tmp_path / "sources"))
    assert code == 1
    assert "谁也没说明的列" in printed
    assert not (tmp_path / "out").exists()
    assert run(*words, "--allow-unmapped", str(tmp_path / "sources"))[0] == 0
    assert (tmp_path / "out/datapackage.json").is_file()
