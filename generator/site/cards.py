"""Share cards: what a link to an issue or a case looks like in a chat or on a wall.

Drawn from the records at build time, in the one font that the package carries, so that the same
records give the same bytes on every machine. A card holds nothing that the page it stands for does
not say, and nothing about the snapshot; a withdrawn case has none.

Colours are ramps of sixteen steps from a ground to a text colour in one palette: letters are smooth
and a card is some 15 KB.

Source: docs/adr/0022-share-cards.md
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from generator.site.fonts import CHINESE_FONT, CHINESE_FONT_SHA256
from generator.site.views.visible import reveal_controls

WIDTH, HEIGHT = 1200, 630
"""Pixels; the shape that link previews are cut to."""
_MARGIN: Final = 64
_BAND: Final = 104
_LINE_WIDTH: Final = WIDTH - 2 * _MARGIN
_STEPS: Final = 16
_BADGE: Final = 34

_PAPER, _INK, _SOFT, _BRAND, _MARK = (
    (255, 255, 255), (31, 42, 46), (90, 103, 108), (11, 93, 78), (255, 233, 168),
)  # fmt: skip
_RAMPS: Final = {
    "ink": (_PAPER, _INK),
    "soft": (_PAPER, _SOFT),
    "brand": (_PAPER, _BRAND),
    "band": (_BRAND, _PAPER),
    "mark": (_MARK, _INK),
}
"""Ground and text colour by name."""


@dataclass(frozen=True, slots=True)
class Card:
    """What stands on a card, from top to bottom."""

    route: str
    site_name: str
    demo: bool
    kicker: str
    title: str
    line: str
    badges: tuple[str, ...]
    foot: str

    @property
    def key_parts(self) -> tuple[object, ...]:
        """Everything that the picture is made of, the font too."""
        return (self, CHINESE_FONT_SHA256)


def draw_card(card: Card) -> bytes:
    """The card as a PNG file."""
    image = Image.new("P", (WIDTH, HEIGHT), _ground("ink"))
    image.putpalette(_palette())
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, WIDTH, _BAND), fill=_ground("band"))
    _write(image, (_MARGIN, 30), card.site_name, 40, "band")
    if card.demo:
        _write_box(image, WIDTH - _MARGIN, 26, "演示数据", 32)
    _write(image, (_MARGIN, 140), _cut(card.kicker, 34, _LINE_WIDTH), 34, "brand")
    y = 204
    for line in _wrap(reveal_controls(card.title), 62, _LINE_WIDTH, 2):
        _write(image, (_MARGIN, y), line, 62, "ink", stroke=1)
        y += 82
    _write(image, (_MARGIN, y + 8), _cut(card.line, 38, _LINE_WIDTH), 38, "soft")
    _write_badges(image, draw, card.badges, y + 84)
    draw.line((_MARGIN, 548, WIDTH - _MARGIN, 548), fill=_ground("soft") + 4, width=2)
    _write(image, (_MARGIN, 566), _cut(card.foot, 32, _LINE_WIDTH), 32, "soft")
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=4)
    return buffer.getvalue()


def _palette() -> list[int]:
    colours: list[int] = []
    for ground, text in _RAMPS.values():
        for step in range(_STEPS):
            for dark, light in zip(ground, text, strict=True):
                colours.append(dark + (light - dark) * step // (_STEPS - 1))
    return colours


def _ground(ramp: str) -> int:
    return list(_RAMPS).index(ramp) * _STEPS


@lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(CHINESE_FONT, size, layout_engine=ImageFont.Layout.BASIC)


def _width(text: str, size: int) -> float:
    return _font(size).getlength(text)


def _write(
    image: Image.Image, place: tuple[int, int], text: str, size: int, ramp: str, stroke: int = 0
) -> None:
    """Letters on the ramp's own ground, which the place must have."""
    if not text:
        return
    ground = _ground(ramp)
    width = min(int(_width(text, size)) + 4, WIDTH - place[0])
    mask = Image.new("L", (width, size + size // 3), 0)
    ImageDraw.Draw(mask).text((0, 0), text, fill=255, font=_font(size), stroke_width=stroke)
    image.paste(mask.point([ground + level * _STEPS // 256 for level in range(256)]), place)


def _write_box(image: Image.Image, right: int, y: int, text: str, size: int) -> None:
    width = int(_width(text, size))
    box = (right - width - 32, y, right, y + size + 20)
    ImageDraw.Draw(image).rectangle(box, fill=_ground("mark"))
    _write(image, (box[0] + 16, y + 8), text, size, "mark")


def _write_badges(
    image: Image.Image, draw: ImageDraw.ImageDraw, badges: Sequence[str], y: int
) -> None:
    x = _MARGIN
    for badge in _fit_badges(badges):
        width = _badge_width(badge)
        frame = (x, y, x + width, y + _BADGE + 24)
        draw.rectangle(frame, outline=_ground("brand") + _STEPS - 1, width=2)
        _write(image, (x + 16, y + 9), badge, _BADGE, "brand")
        x += width + 16


def _fit_badges(badges: Sequence[str]) -> tuple[str, ...]:
    """The words that fit beside each other; where some do not, the last says how many there are."""
    shown = tuple(map(reveal_controls, badges))
    for count in range(len(shown), 0, -1):
        words = shown if count == len(shown) else (*shown[:count], f"等 {len(shown)} 项")
        if sum(_badge_width(word) + 16 for word in words) - 16 <= _LINE_WIDTH:
            return words
    return ()


def _badge_width(badge: str) -> int:
    return int(_width(badge, _BADGE)) + 32


def _wrap(text: str, size: int, width: int, most: int) -> Iterator[str]:
    """The text in lines that fit; the last one is cut where there would be more than `most`."""
    rest = text
    for number in range(most):
        if not rest:
            return
        if number == most - 1:
            yield _cut(rest, size, width)
            return
        line = rest
        while _width(line, size) > width:
            line = line[:-1]
        yield line
        rest = rest[len(line) :]


def _cut(text: str, size: int, width: int) -> str:
    """The text with its control characters shown, cut to fit."""
    shown = reveal_controls(text)
    if _width(shown, size) <= width:
        return shown
    while shown and _width(shown + "……", size) > width:
        shown = shown[:-1]
    return shown + "……"
