import hashlib

from PIL import ImageFont

from generator.site.fonts import CHINESE_FONT, CHINESE_FONT_SHA256


def test_the_font_is_the_one_that_was_vendored():
    assert hashlib.sha256(CHINESE_FONT.read_bytes()).hexdigest() == CHINESE_FONT_SHA256


def test_the_font_is_known_by_its_name_and_its_licence_stands_beside_it():
    assert ImageFont.truetype(CHINESE_FONT, 20).getname()[0] == "WenQuanYi Micro Hei"
    licence = (CHINESE_FONT.parent / "LICENSE.txt").read_text(encoding="utf-8")
    assert "Apache License, Version 2.0" in licence
