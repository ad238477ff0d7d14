"""The last look at a finished site: what passes, what stops it, what it never says aloud."""

from __future__ import annotations

import io
import json
import shutil
import time
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from generator.cli import main
from generator.publish.output import SiteWriter
from generator.publish.privacy_gate import PrivacyError, PrivacyGate, find_numbers

ROOT = Path(__file__).resolve().parents[1]
IDENTITY = "990102199003071233"  # invented division, right check digit
WRONG_CHECK = "990102199003071230"


def leaks(route: str, content: bytes, *exempt: str) -> list[str]:
    gate = PrivacyGate(exempt)
    gate.inspect(route, content)
    return [leak.route for leak in gate.leaks]


def picture(extension: str, exif: str = "", comment: str = "") -> bytes:
    """A small picture that says something in its metadata."""
    made, text = io.BytesIO(), PngInfo()
    tags = Image.Exif()
    if exif:
        tags[0x010E] = exif
    if comment:
        text.add_text("Comment", comment, zip=True)
    kind = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}[extension]
    options = {"pnginfo": text} if extension == "png" else {}
    Image.new("RGB", (4, 4)).save(made, kind, exif=tags, **options)
    return made.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        f"<td>{IDENTITY}</td>",
        f"证号{IDENTITY}。",
        IDENTITY,
        f"990102201612310019,{IDENTITY},1",
        "0" * 40 + f" {IDENTITY}",
        "99010219900301006x",
    ],
)
@pytest.mark.parametrize("route", ["case/a.html", "assets/search/r-0.js", "data/figures.json"])
def test_an_identity_number_in_any_text_file_is_found(route: str, content: str) -> None:
    assert leaks(route, content.encode()) == [route]


@pytest.mark.parametrize(
    "content",
    [
        f"<td>{WRONG_CHECK}</td>",
        f"{IDENTITY}0",
        f"1{IDENTITY}",
        "990102199002301236",
        "91990102MA3XABCD19001P",
        "2016-07-03 13812345678",
        "",
        "9" * 17,
    ],
)
def test_other_numbers_pass(content: str) -> None:
    assert leaks("case/a.html", content.encode()) == []


@given(before=st.binary(max_size=40), after=st.binary(max_size=40), padding=st.integers(0, 64))
def test_a_number_is_found_wherever_it_stands(before: bytes, after: bytes, padding: int) -> None:
    left = before.rstrip(b"0123456789") + b" " * padding
    right = after.lstrip(b"0123456789")
    assert IDENTITY in list(find_numbers(left + IDENTITY.encode() + right))


def test_an_exempt_number_passes() -> None:
    assert leaks("case/a.html", IDENTITY.encode(), IDENTITY) == []


@pytest.mark.parametrize("extension", ["png", "jpg", "webp"])
def test_an_identity_number_in_a_pictures_exif_is_found(extension: str) -> None:
    route = f"photos/a.{extension}"
    assert leaks(route, picture(extension, exif=f"ID {IDENTITY}")) == [route]
    assert leaks(route, picture(extension, exif="clean")) == []


def test_compressed_png_text_is_read() -> None:
    assert leaks("photos/a.png", picture("png", comment=IDENTITY)) == ["photos/a.png"]


def test_an_identity_number_in_a_file_name_is_found_whatever_the_kind() -> None:
    for route in (f"photos/{IDENTITY}.png", f"download/{IDENTITY}.parquet"):
        assert leaks(route, b"") == [route]


def test_members_of_a_zip_are_read() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", "a\n1\n")
        archive.writestr("b.csv", f"a\n{IDENTITY}\n")
    assert leaks("download/x.zip", made.getvalue()) == ["download/x.zip/b.csv"]


def test_a_broken_zip_is_refused() -> None:
    with pytest.raises(PrivacyError, match=r"x\.zip"):
        PrivacyGate().inspect("download/x.zip", b"PK nonsense")


def test_a_number_across_the_border_of_two_blocks_is_found(tmp_path: Path) -> None:
    for offset in range(20):
        source = tmp_path / "a.csv"
        source.write_bytes(b"," * ((1 << 20) - offset) + IDENTITY.encode() + b",")
        gate = PrivacyGate()
        gate.inspect_file("download/a.csv", source)
        assert [leak.route for leak in gate.leaks] == ["download/a.csv"], offset


@pytest.mark.parametrize(
    "words",
    ["举报请找张三，手机 138 1234 5678", f"证号 {IDENTITY[:6]} {IDENTITY[6:14]} {IDENTITY[14:]}"],
)
def test_a_hand_written_page_is_read_by_every_rule(words: str) -> None:
    gate = PrivacyGate()
    gate.inspect_page("about.html", f"<p>{words}</p>".encode())
    assert [leak.route for leak in gate.leaks] == ["about.html"]


def test_the_refusal_names_every_place_and_masks_every_number() -> None:
    gate = PrivacyGate()
    gate.inspect(f"photos/{IDENTITY}.png", b"")
    gate.inspect("case/a.html", IDENTITY.encode())
    with pytest.raises(PrivacyError) as refusal:
        gate.close()
    message = str(refusal.value)
    assert "case/a.html" in message
    assert "旧网站保持原样" in message
    assert "990*************33" in message
    assert IDENTITY[4:12] not in message


def test_a_clean_site_passes() -> None:
    gate = PrivacyGate()
    gate.inspect("index.html", b"<p>1</p>")
    gate.close()


def test_the_writer_shows_every_file_to_the_gate(tmp_path: Path) -> None:
    gate = PrivacyGate()
    (tmp_path / "site").mkdir()
    writer = SiteWriter(tmp_path / "site", gate)
    (tmp_path / "site/about.html").write_text(IDENTITY)
    writer.adopt()
    writer.write("a.html", IDENTITY.encode())
    (tmp_path / "b.csv").write_text(IDENTITY)
    writer.copy("b.csv", tmp_path / "b.csv")
    assert [leak.route for leak in gate.leaks] == ["about.html", "a.html", "b.csv"]


def test_a_hundred_megabytes_of_pages_cost_less_than_a_second() -> None:
    page = ("<td>2016-07-03</td><td>91990102MA3XABCD19001P</td><p>公开信息</p>\n" * 300).encode()
    gate, begin = PrivacyGate(), time.process_time()
    for number in range(100_000_000 // len(page)):
        gate.inspect(f"case/{number}.html", page)
    assert time.process_time() - begin < 1.0
    assert gate.leaks == ()


def test_a_leak_of_a_hand_written_page_stops_the_build_and_the_old_site_stays(
    tmp_path: Path, small_datasets: Path
) -> None:
    for name in ("mkdocs.yml", "site_src", "templates"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    about = tmp_path / "site_src/about.md"
    about.write_text(f"{about.read_text(encoding='utf-8')}\n\n证号 {IDENTITY}\n", encoding="utf-8")
    old = tmp_path / "site"
    old.mkdir()
    (old / "manifest.json").write_text(json.dumps({"files": []}))
    command = ["build", "--config", str(tmp_path / "mkdocs.yml"), "--datasets"]
    result = CliRunner().invoke(main, [*command, str(small_datasets), "--out", str(old)])
    assert result.exit_code == 1
    assert "about.html" in result.output
    assert IDENTITY not in result.output
    assert [path.name for path in old.iterdir()] == ["manifest.json"]
    assert not (tmp_path / ".site-staging").exists()
