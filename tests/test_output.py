import datetime as dt
from pathlib import Path

import pytest

from generator.errors import OutputError, RouteError
from generator.mirror.manifest import Comparison, compare_folder, format_manifest, read_manifest
from generator.publish import output
from generator.publish.output import Entry, SiteWriter

DAY = dt.date(2016, 7, 3)


def publish(out: Path, files: dict[str, bytes]) -> None:
    staging = output.open_staging(out)
    writer = SiteWriter(staging)
    for route, content in files.items():
        writer.write(route, content)
    writer.write(output.MANIFEST, format_manifest(writer.entries, DAY))
    output.put_in_place(staging, out)


def test_a_site_appears_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    out = tmp_path / "site"
    publish(out, {"index.html": b"one", "project/a.html": b"two"})
    assert (out / "project/a.html").read_bytes() == b"two"
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_new_site_replaces_the_old_one_without_leftovers(tmp_path: Path) -> None:
    out = tmp_path / "site"
    publish(out, {"index.html": b"one", "project/old.html": b"old"})
    publish(out, {"index.html": b"two"})
    assert (out / "index.html").read_bytes() == b"two"
    assert not (out / "project").exists()


def test_a_folder_with_other_things_in_it_is_not_touched(tmp_path: Path) -> None:
    out = tmp_path / "site"
    out.mkdir()
    (out / "thesis.docx").write_bytes(b"years of work")
    with pytest.raises(OutputError, match="为免丢失"):
        output.open_staging(out)
    assert (out / "thesis.docx").read_bytes() == b"years of work"


def test_an_interrupted_switch_is_mended_from_the_previous_site(tmp_path: Path) -> None:
    out = tmp_path / "site"
    publish(out, {"index.html": b"old"})
    out.rename(tmp_path / ".site-previous")  # killed between the two renames
    output.discard(output.open_staging(out))
    assert (out / "index.html").read_bytes() == b"old"


def test_a_second_file_at_one_address_is_refused(tmp_path: Path) -> None:
    writer = SiteWriter(output.open_staging(tmp_path / "site"))
    writer.write("project/a.html", b"first")
    with pytest.raises(RouteError, match="争用"):
        writer.write("project/a.html", b"second")
    with pytest.raises(RouteError, match="争用"):
        writer.write("project/A.html", b"third")
    assert (writer.staging / "project/a.html").read_bytes() == b"first"


@pytest.mark.parametrize(
    "route",
    [
        "../escape.html", "/etc/passwd.html", "a//b.html", ".htaccess", "web.config",
        "a/.git/x.html", "a/b.php", "a\\b.html", "index", "a/b.html ",
        "a/b.html\n", "名.html", "CON/../x.html",
    ],
)  # fmt: skip
def test_an_unsafe_address_or_kind_is_refused(tmp_path: Path, route: str) -> None:
    writer = SiteWriter(output.open_staging(tmp_path / "site"))
    with pytest.raises(RouteError, match="没有写出"):
        writer.write(route, b"x")
    assert list(writer.staging.rglob("*")) == []


def test_the_manifest_lists_every_file_and_survives_bytes(tmp_path: Path) -> None:
    entries = (Entry("b.html", 3, "0" * 64), Entry("a/x.html", 0, "f" * 64))
    content = format_manifest(entries, DAY)
    assert read_manifest(content) == tuple(sorted(entries, key=lambda entry: entry.path))
    assert format_manifest(reversed(entries), DAY) == content


def test_missing_altered_and_extra_files_are_told_apart(tmp_path: Path) -> None:
    out = tmp_path / "site"
    publish(out, {"index.html": b"one", "a.html": b"two", "b.html": b"three"})
    assert compare_folder(out).is_same
    (out / "a.html").write_bytes(b"twO")
    (out / "b.html").unlink()
    (out / "c.html").write_bytes(b"new")
    assert compare_folder(out) == Comparison(
        missing=("b.html",), altered=("a.html",), extra=("c.html",)
    )


def test_files_of_others_are_taken_on_record(tmp_path: Path) -> None:
    writer = SiteWriter(output.open_staging(tmp_path / "site"))
    (writer.staging / "about.html").write_bytes(b"hand-written")
    assert writer.adopt() == 1
    assert [entry.path for entry in writer.entries] == ["about.html"]
    with pytest.raises(RouteError, match="争用"):
        writer.write("about.html", b"generated")


def test_a_full_disk_is_a_plain_message(tmp_path: Path) -> None:
    writer = SiteWriter(output.open_staging(tmp_path / "site"))
    (writer.staging / "project").write_bytes(b"a file where a folder should be")
    with pytest.raises(OutputError, match="无法写入 project/a"):
        writer.write("project/a.html", b"x")
