"""Pictures of cases as they are published: their sizes, their silence, and hostile ones."""

import io
import struct
import zlib
from functools import cache
from pathlib import Path

import pytest
from PIL import ExifTags, Image, ImageDraw, PngImagePlugin

from generator.cache import NO_CACHE, Cache
from generator.data.picture_file import MAX_BYTES, PictureError, open_picture
from generator.data.picture_text import read_picture_text
from generator.errors import HuanjingError
from generator.site.pictures import is_bare_png, make_files, plan_pictures, read_picture

WIDE = (2000, 1250)


def draw(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    """A scene with edges and a slope of colour, as a photograph has."""
    picture = Image.linear_gradient("L").resize(size).convert(mode)
    pen = ImageDraw.Draw(picture)
    for step in range(0, size[0], 40):
        pen.line((step, 0, size[0] - step, size[1]), width=3, fill=step % 255)
    return picture


def encode(picture: Image.Image, name: str = "JPEG", **options: object) -> bytes:
    made = io.BytesIO()
    picture.save(made, name, **options)
    return made.getvalue()


@cache
def camera_file(orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "zhang san"
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.IFD.GPSInfo] = {ExifTags.GPS.GPSLatitudeRef: "N", ExifTags.GPS.GPSLatitude: 30.5}
    return encode(draw(WIDE), exif=exif, comment=b"a comment", quality=92)


def test_a_camera_picture_comes_out_without_position_words_or_profile():
    content = camera_file()
    assert read_picture_text(content).has_position
    _, files = make_files(content, "photos/a.jpg")
    assert len(files) == 4
    for route, made in files.items():
        told = read_picture_text(made)
        assert not told.has_position, route
        assert not any("zhang" in piece or "comment" in piece for piece in told.pieces), route
        with Image.open(io.BytesIO(made)) as picture:
            assert not picture.getexif(), route
            assert "icc_profile" not in picture.info, route


def test_text_chunks_of_a_png_are_dropped():
    words = PngImagePlugin.PngInfo()
    words.add_text("Author", "zhang san")
    words.add_itxt("XML:com.adobe.xmp", "<x>GPSLatitude</x>")
    content = encode(draw((300, 200)), "PNG", pnginfo=words)
    assert not is_bare_png(content)
    _, files = make_files(content, "photos/a.png")
    assert is_bare_png(files["photos/a.png"])


def test_words_behind_the_end_of_a_png_are_dropped():
    content = encode(Image.new("P", (30, 20)), "PNG")
    assert is_bare_png(content)
    assert not is_bare_png(content + b"zhang san")
    assert make_files(content + b"zhang san", "photos/a.png")[1]["photos/a.png"][-8:-4] == b"IEND"


def test_the_orientation_is_applied_before_it_is_dropped():
    sizes, files = make_files(camera_file(orientation=6), "photos/a.jpg")
    assert (sizes["full"].width, sizes["full"].height) == (1250, 2000)
    assert Image.open(io.BytesIO(files["photos/a.jpg"])).size == (1250, 2000)


def test_a_large_picture_has_two_widths_in_two_formats_and_is_never_enlarged():
    sizes, files = make_files(encode(draw(WIDE), quality=92), "photos/a.jpg")
    shapes = {route: Image.open(io.BytesIO(made)) for route, made in files.items()}
    assert {route: (p.format, p.size) for route, p in shapes.items()} == {
        "photos/a.jpg": ("JPEG", (1600, 1000)),
        "photos/a_jpg.webp": ("WEBP", (1600, 1000)),
        "photos/a_jpg_640.jpg": ("JPEG", (640, 400)),
        "photos/a_jpg_640.webp": ("WEBP", (640, 400)),
    }
    assert sizes["shown"].route == "photos/a_jpg_640.jpg"
    assert sum(map(len, files.values())) < 3 * len(encode(draw(WIDE), quality=92))


def test_a_small_picture_stays_one_file_of_its_own_size():
    content = encode(draw((320, 200), "L").convert("P"), "PNG")
    sizes, files = make_files(content, "photos/a.png")
    assert files == {"photos/a.png": content}
    assert sizes["full"] == sizes["shown"]
    assert (sizes["full"].width, sizes["full"].height) == (320, 200)


def test_an_old_phone_gets_another_format_of_a_webp_picture():
    sizes, files = make_files(encode(draw((500, 300)), "WEBP"), "photos/a.webp")
    assert sorted(files) == ["photos/a.webp", "photos/a_webp.jpg"]
    assert sizes["shown"].route == "photos/a_webp.jpg"
    assert sizes["webp_full"].route == "photos/a.webp"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_can_be_published(mode: str):
    picture = Image.new(mode, (1000, 500)) if mode == "I;16" else draw((1000, 500)).convert(mode)
    sizes, files = make_files(encode(picture, "PNG"), "photos/a.png")
    assert (sizes["full"].width, sizes["full"].height) == (1000, 500)
    assert all(Image.open(io.BytesIO(made)).width in (640, 1000) for made in files.values())


def test_a_cmyk_picture_of_a_print_shop_comes_out_in_rgb():
    _, files = make_files(encode(draw((500, 300)).convert("CMYK")), "photos/a.jpg")
    assert Image.open(io.BytesIO(files["photos/a.jpg"])).mode == "RGB"


def test_two_pictures_that_differ_in_kind_alone_share_no_file():
    png, jpg = (
        set(make_files(encode(draw(WIDE), name), f"photos/a.{extension}")[1])
        for name, extension in (("PNG", "png"), ("JPEG", "jpg"))
    )
    assert not png & jpg


def test_the_same_bytes_come_out_twice():
    assert make_files(camera_file(), "photos/a.jpg") == make_files(camera_file(), "photos/a.jpg")


def bomb(side: int) -> bytes:
    """A PNG of a few bytes that claims to be huge."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("content", "extension", "words"),
    [
        (bomb(9_000), "png", "像素"),
        (bomb(60_000), "png", "过大"),
        (b"\0" * (MAX_BYTES + 1), "jpg", "MB"),
        (encode(draw(WIDE))[:9_000], "jpg", "不完整"),
        (encode(draw((300, 200)), "PNG")[:300], "png", "不完整"),
        (encode(draw((300, 200)), "PNG"), "jpg", "不是 jpg"),
        (b"<svg onload=alert(1)>", "webp", "不是 webp"),
    ],
    ids=["bomb", "larger bomb", "huge file", "half", "half png", "another kind", "no picture"],
)
def test_a_picture_that_cannot_be_used_is_refused_in_words(
    content: bytes, extension: str, words: str
):
    with pytest.raises(PictureError, match=words):
        open_picture(content, extension)


def test_a_refusal_names_the_file(tmp_path: Path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/a.jpg").write_bytes(b"no picture")
    with pytest.raises(HuanjingError, match=r"图片 photos/a\.jpg 无法使用：内容不是 jpg 图片"):
        plan_pictures(["photos/a.jpg"], tmp_path, NO_CACHE)
    with pytest.raises(HuanjingError, match=r"photos/b\.jpg 无法读取"):
        plan_pictures(["photos/b.jpg"], tmp_path, NO_CACHE)


def test_a_warm_build_takes_pictures_from_the_cache_and_notices_another_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    photo = tmp_path / "photos/a.jpg"
    photo.parent.mkdir()
    photo.write_bytes(encode(draw((900, 600))))
    first = plan_pictures(["photos/a.jpg"], tmp_path, Cache(tmp_path / "cache"))
    contents = make_files(photo.read_bytes(), "photos/a.jpg")[1]

    with monkeypatch.context() as patch:
        patch.setattr("generator.site.pictures.make_files", None)
        cache = Cache(tmp_path / "cache")
        assert plan_pictures(["photos/a.jpg"], tmp_path, cache) == first
        for route in first["photos/a.jpg"].routes:
            assert read_picture("photos/a.jpg", route, tmp_path, cache) == contents[route]

    photo.write_bytes(encode(draw((500, 300))))
    again = plan_pictures(["photos/a.jpg"], tmp_path, Cache(tmp_path / "cache"))
    assert again["photos/a.jpg"].full.width == 500
    assert again["photos/a.jpg"].key != first["photos/a.jpg"].key
