"""A code that was computed from others says what the library's own would."""

from __future__ import annotations

import base64
import io
import random

import pytest
import zxingcpp
from PIL import Image

from generator.site.qr import QUIET_ZONE, CodeSeries

PREFIX = "https://huanjing.example/enterprise/"


def read_code(png: bytes) -> str:
    with Image.open(io.BytesIO(png)) as picture:
        picture.load()
        large = picture.convert("L").resize((picture.width * 4, picture.height * 4), 0)
    (found,) = zxingcpp.read_barcodes(large)
    assert found.format == zxingcpp.BarcodeFormat.QRCode
    return str(found.text)


@pytest.mark.parametrize("length", [1, 6, 18, 22, 40])
def test_codes_are_read_back_as_the_texts_they_were_made_of(length: int) -> None:
    series = CodeSeries(PREFIX, ".html", length)
    chance = random.Random(length)
    for _ in range(8):
        code = "".join(chance.choices("0123456789ABCDEFGHJKLMNPQRTUWXYabcz.-", k=length))
        assert read_code(series.png(code)) == f"{PREFIX}{code}.html"


def test_a_code_has_a_quiet_zone_and_no_dark_edge() -> None:
    series = CodeSeries(PREFIX, ".html", 22)
    with Image.open(io.BytesIO(series.png("9199010100127014UP001Y"))) as picture:
        assert picture.size == (series.size, series.size)
        pixels = picture.convert("L")
    for edge in range(QUIET_ZONE):
        assert {pixels.getpixel((edge, y)) for y in range(series.size)} == {255}
    assert pixels.getpixel((QUIET_ZONE, QUIET_ZONE)) == 0


def test_the_same_text_gives_the_same_bytes_in_whatever_order_codes_are_made() -> None:
    one, other = CodeSeries(PREFIX, ".html", 3), CodeSeries(PREFIX, ".html", 3)
    other.png("zzz")
    assert one.png("9a1") == other.png("9a1")
    url = one.data_url("9a1")
    assert base64.b64decode(url.removeprefix("data:image/png;base64,")) == one.png("9a1")


@pytest.mark.parametrize("code", ["", "12", "1234", "12环"])
def test_a_text_of_another_length_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="ASCII"):
        CodeSeries(PREFIX, ".html", 3).png(code)
