"""A site copied to a store: what is written, in which order, and what an interruption leaves."""

from __future__ import annotations

import datetime as dt
import json
import sys
import uuid
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator import cli
from generator.build import Summary
from generator.errors import StoreError
from generator.mirror.manifest import format_manifest, read_manifest
from generator.publish.output import SiteWriter
from generator.publish.stores import Store
from generator.publish.upload import UNFINISHED, Upload, upload_site

DAY = dt.date(2016, 7, 3)
FIRST = {"index.html": b"one", "week/2016-W26.html": b"week", "project/P1.html": b"project"}
SECOND = {"index.html": b"two", "project/P1.html": b"project", "project/P2.html": b"new"}


class CutError(Exception):
    """The line went dead."""


class WatchedStore(Store):
    """Notes what is done, and fails before the step of a given number."""

    def __init__(self, url: str, fails_at: int = 1000) -> None:
        super().__init__(url)
        self.steps: list[str] = []
        self._fails_at = fails_at

    def _note(self, step: str) -> None:
        if len(self.steps) == self._fails_at:
            raise CutError
        self.steps.append(step)

    def write(self, objects: Mapping[str, bytes]) -> None:
        for name, content in sorted(objects.items()):
            self._note(f"write {name}")
            super().write({name: content})

    def remove(self, names: Collection[str]) -> None:
        for name in sorted(names):
            self._note(f"remove {name}")
            super().remove({name})


def make_site(folder: Path, files: Mapping[str, bytes], host: bytes = b"host") -> Path:
    folder.mkdir()
    writer = SiteWriter(folder)
    for path, content in files.items():
        writer.write(path, content)
    writer.write("host.js", host)
    writer.write("manifest.json", format_manifest(writer.entries, DAY))
    return folder


@pytest.fixture(params=["memory", "file"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A store that does not exist yet, in memory or as a folder."""
    if request.param == "file":
        yield (tmp_path / "store").as_uri()
        return
    address = f"memory://{uuid.uuid4().hex}/site"
    yield address
    Store(address).remove_all()


def test_the_first_copy_holds_the_whole_site(url: str, tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", FIRST)
    assert upload_site(site, Store(url)) == Upload(3, 14, 0)
    store = Store(url)
    for path in ("host.js", "manifest.json", *FIRST):
        assert store.read(path) == (site / path).read_bytes()
    assert store.read(UNFINISHED) is None


def test_files_come_first_then_the_manifest_and_what_is_gone_goes_last(
    url: str, tmp_path: Path
) -> None:
    upload_site(make_site(tmp_path / "first", FIRST), Store(url))
    store = WatchedStore(url)
    upload_site(make_site(tmp_path / "second", SECOND), store)
    assert store.steps == [
        "write unfinished.json.new",
        "write project/P2.html",
        "write index.html",
        "write manifest.json.new",
        "remove week/2016-W26.html",
        "remove unfinished.json",
    ]


def test_a_site_that_stands_there_already_is_not_copied_again(url: str, tmp_path: Path) -> None:
    upload_site(make_site(tmp_path / "first", FIRST), Store(url))
    store = WatchedStore(url)
    assert upload_site(tmp_path / "first", store) == Upload(0, 0, 0)
    assert store.steps == []
    upload_site(make_site(tmp_path / "other", FIRST, host=b"another host"), store)
    assert store.steps == ["write host.js"]


def test_objects_of_others_are_left_alone(url: str, tmp_path: Path) -> None:
    Store(url).write({"robots-of-others.txt": b"theirs", "week/theirs.html": b"theirs"})
    upload_site(make_site(tmp_path / "first", FIRST), Store(url))
    upload_site(make_site(tmp_path / "second", SECOND), Store(url))
    assert Store(url).read("week/theirs.html") == b"theirs"
    assert Store(url).read("robots-of-others.txt") == b"theirs"


@pytest.mark.parametrize("step", range(6))
def test_wherever_a_copy_breaks_off_no_file_is_missing_and_the_next_mends_it(
    step: int, tmp_path: Path
) -> None:
    url = (tmp_path / "store").as_uri()
    first = make_site(tmp_path / "first", FIRST)
    second = make_site(tmp_path / "second", SECOND)
    upload_site(first, Store(url))
    with pytest.raises(CutError):
        upload_site(second, WatchedStore(url, fails_at=step))
    listed = read_manifest(Store(url).read("manifest.json") or b"")
    assert all(Store(url).read(entry.path) is not None for entry in listed)
    # Back to the former site: its manifest may stand there, and yet some of the files do not.
    upload_site(first, Store(url))
    assert list_files(tmp_path / "store") == list_files(first)


def list_files(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.name.endswith(".new")
    }


def test_a_list_of_unfinished_files_cannot_make_others_go(url: str, tmp_path: Path) -> None:
    paths = ["../above.html", "mirror.json", "week/old.html"]
    Store(url).write({"mirror.json": b"theirs", UNFINISHED: json.dumps(paths).encode()})
    Store(url).write({"week/old.html": b"ours"})
    upload_site(make_site(tmp_path / "first", FIRST), Store(url))
    assert Store(url).read("mirror.json") == b"theirs"
    assert Store(url).read("week/old.html") is None


@pytest.mark.parametrize("address", ["nonsense://bucket/site", "s3://bucket/site"])
def test_a_store_that_cannot_be_opened_is_named(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(StoreError, match=address):
        Store(address)


def test_a_password_in_an_address_is_shown_to_nobody() -> None:
    with pytest.raises(StoreError) as told:
        Store("ftp://clerk:secret@127.0.0.1:9/site")
    assert "ftp://***@127.0.0.1:9/site" in str(told.value)
    assert "secret" not in str(told.value)


def test_a_store_that_refuses_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"a file, not a folder")
    store = Store((tmp_path / "taken/site").as_uri())
    with pytest.raises(StoreError, match="写不了存储"):
        store.write({"index.html": b"page"})
    with pytest.raises(StoreError, match="读不了存储"):
        upload_site(make_site(tmp_path / "first", FIRST), store)


def test_a_build_is_uploaded_when_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = make_site(tmp_path / "site", FIRST)
    summary = Summary({}, {}, 5, 0, 14, {}, 1, 1.0, 0)
    monkeypatch.setattr(cli, "build_site", lambda *_: summary)
    url = (tmp_path / "store").as_uri()
    config = Path(__file__).resolve().parents[1] / "mkdocs.yml"
    done = CliRunner().invoke(
        cli.main, ["build", "--config", str(config), "--out", str(site), "--upload", url]
    )
    assert done.exit_code == 0, done.output
    assert "新写 3 个文件" in done.output
    assert Store(url).read("index.html") == b"one"
