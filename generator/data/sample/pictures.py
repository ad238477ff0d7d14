"""Draws the pictures of exposed cases: flat, wordless scenes, each a small palette PNG.

What is drawn and what the alternative text says come from the same seeded choices, so that
they cannot disagree. No metadata is written; the same scene and key give the same bytes.
"""

import io
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from PIL import Image, ImageDraw

WIDTH: Final = 640  # px
HEIGHT: Final = 400  # px

_NUMERALS = "零一二三四五六七八九"
_Color = tuple[int, int, int]

_SKIES: tuple[tuple[str, _Color], ...] = (
    ("晴天", (188, 216, 235)),
    ("阴天", (196, 203, 208)),
    ("黄昏", (240, 206, 170)),
    ("夜色中", (58, 70, 98)),
)
_WALLS: tuple[tuple[str, _Color], ...] = (
    ("灰色", (150, 156, 162)),
    ("米色", (214, 198, 166)),
    ("蓝色", (104, 142, 178)),
    ("砖红色", (176, 104, 84)),
)
_GROUND: _Color = (150, 160, 118)
_BARE: _Color = (184, 160, 124)
_DARK: _Color = (64, 68, 74)
_WATER: _Color = (112, 162, 186)
_FOUL: _Color = (92, 84, 62)
_TREE: _Color = (84, 126, 80)
_TRUNK: _Color = (112, 84, 62)
_PAPER: _Color = (246, 244, 236)
_SEAL: _Color = (204, 62, 52)


@dataclass(frozen=True, slots=True)
class _Look:
    """The seeded choices that both the drawing and its description use."""

    sky_word: str
    sky: _Color
    wall_word: str
    wall: _Color
    count: int
    trees: int
    shift: int


def describe_scene(scene: str, key: str) -> str:
    """The alternative text of a scene, telling what the drawing shows.

    Raises:
        KeyError: There is no such scene.

    """
    return _SCENES[scene][0](_choose_look(key))


def draw_scene(scene: str, key: str) -> bytes:
    """The PNG of a scene, 640 by 400 pixels.

    Raises:
        KeyError: There is no such scene.

    """
    look = _choose_look(key)
    image = Image.new("RGB", (WIDTH, HEIGHT), look.sky)
    draw = ImageDraw.Draw(image)
    _SCENES[scene][1](draw, look)
    buffer = io.BytesIO()
    palette = image.quantize(colors=64, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    palette.save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def _choose_look(key: str) -> _Look:
    rng = random.Random(f"picture:{key}")
    sky_word, sky = rng.choice(_SKIES)
    wall_word, wall = rng.choice(_WALLS)
    return _Look(
        sky_word, sky, wall_word, wall, rng.randint(2, 4), rng.randint(1, 3), rng.randint(-40, 40)
    )


def _count_word(count: int) -> str:
    return "两" if count == 2 else _NUMERALS[count]


def _shade(color: _Color, factor: float) -> _Color:
    red, green, blue = (min(255, round(part * factor)) for part in color)
    return red, green, blue


def _draw_ground(draw: ImageDraw.ImageDraw, top: int, color: _Color = _GROUND) -> None:
    # Hills behind, then the ground in two bands: gives depth without any texture.
    hill = _shade(color, 0.86)
    draw.polygon(
        [(0, top), (120, top - 46), (260, top - 8), (420, top - 58), (640, top)], fill=hill
    )
    draw.rectangle((0, top, WIDTH, HEIGHT), fill=color)
    draw.rectangle((0, top + (HEIGHT - top) * 2 // 3, WIDTH, HEIGHT), fill=_shade(color, 0.93))


def _draw_trees(draw: ImageDraw.ImageDraw, look: _Look, base: int) -> None:
    for number in range(look.trees):
        x = 560 - number * 46 + look.shift // 4
        draw.rectangle((x - 4, base - 34, x + 4, base), fill=_TRUNK)
        draw.ellipse((x - 24, base - 84, x + 24, base - 26), fill=_TREE)
        draw.ellipse((x - 14, base - 80, x + 10, base - 50), fill=_shade(_TREE, 1.15))


def _draw_hall(draw: ImageDraw.ImageDraw, look: _Look, left: int, base: int, width: int) -> None:
    top = base - 110
    draw.rectangle((left, top, left + width, base), fill=look.wall)
    step = width // 4
    for number in range(4):
        x = left + number * step
        draw.polygon([(x, top), (x, top - 34), (x + step, top)], fill=_shade(look.wall, 0.8))
    for number in range(5):
        x = left + 16 + number * (width - 24) // 5
        draw.rectangle((x, top + 26, x + 24, top + 52), fill=_shade(look.sky, 1.05))
        draw.line((x + 12, top + 26, x + 12, top + 52), fill=_DARK)
    draw.rectangle((left + width - 60, base - 50, left + width - 20, base), fill=_DARK)


def _draw_smoke(draw: ImageDraw.ImageDraw, x: int, y: int) -> None:
    for number in range(6):
        radius = 13 + number * 7
        gray = 96 + number * 14
        center_x, center_y = x + number * 26, y - number * 19
        draw.ellipse(
            (center_x - radius, center_y - radius, center_x + radius, center_y + radius),
            fill=(gray, gray, gray + 4),
        )


def _draw_chimney(draw: ImageDraw.ImageDraw, look: _Look) -> None:
    _draw_ground(draw, 300)
    for number in range(look.count):
        x = 120 + number * 84 + look.shift // 2
        top = 96 + (number % 2) * 26
        _draw_smoke(draw, x + 9, top - 12)
    for number in range(look.count):
        x = 120 + number * 84 + look.shift // 2
        top = 96 + (number % 2) * 26
        draw.polygon([(x, top), (x + 18, top), (x + 24, 300), (x - 6, 300)], fill=(178, 172, 166))
        draw.rectangle((x - 1, top + 10, x + 19, top + 24), fill=_SEAL)
        draw.rectangle((x - 2, top + 44, x + 20, top + 58), fill=_SEAL)
    _draw_hall(draw, look, 80, 330, 330)
    _draw_trees(draw, look, 336)


def _describe_chimney(look: _Look) -> str:
    return (
        f"{look.sky_word}，{look.wall_word}厂房后有{_count_word(look.count)}根烟囱正在冒出灰色浓烟，"
        f"厂房右侧有{_count_word(look.trees)}棵树"
    )


def _draw_outfall(draw: ImageDraw.ImageDraw, look: _Look) -> None:
    _draw_ground(draw, 190)
    _draw_hall(draw, look, 60 + look.shift // 2, 220, 240)
    draw.polygon([(0, 270), (640, 236), (640, 400), (0, 400)], fill=_WATER)
    for number in range(6):
        y = 300 + number * 16
        draw.line(
            (40 + number * 70, y, 130 + number * 70, y - 4), fill=_shade(_WATER, 1.15), width=3
        )
    x = 300 + look.shift
    draw.polygon([(x - 6, 246), (x + 40, 246), (x + 150, 400), (x - 120, 400)], fill=_FOUL)
    draw.polygon([(x + 4, 262), (x + 30, 262), (x + 80, 400), (x - 50, 400)], fill=(112, 100, 74))
    draw.rectangle((x - 70, 214, x + 30, 250), fill=(132, 136, 140))
    draw.ellipse((x + 12, 212, x + 46, 252), fill=_DARK)
    draw.ellipse((x + 18, 220, x + 40, 246), fill=_FOUL)
    _draw_trees(draw, look, 232)


def _describe_outfall(look: _Look) -> str:
    return (
        f"{look.sky_word}，河岸边一根灰色排水管向河中排出深褐色废水，河面已被染色，"
        f"岸上是{look.wall_word}厂房和{_count_word(look.trees)}棵树"
    )


def _draw_heap(draw: ImageDraw.ImageDraw, look: _Look) -> None:
    _draw_ground(draw, 250, _BARE)
    for number in range(look.count):
        left = 30 + number * 120 + look.shift // 2
        height = 88 + (number * 37) % 60
        color = _shade((126, 118, 108), 1 - number * 0.07)
        draw.polygon(
            [(left, 340), (left + 84, 340 - height), (left + 130, 346 - height), (left + 214, 340)],
            fill=color,
        )
        draw.polygon(
            [
                (left + 84, 340 - height),
                (left + 130, 346 - height),
                (left + 214, 340),
                (left + 118, 340),
            ],
            fill=_shade(color, 0.85),
        )
        for dot in range(7):
            x, y = left + 40 + dot * 21, 330 - (dot * 29) % 40
            draw.rectangle((x, y, x + 8, y + 5), fill=_shade(color, 1.25))
    draw.line((0, 356, 640, 366), fill=_FOUL, width=9)
    _draw_trees(draw, look, 290)


def _describe_heap(look: _Look) -> str:
    return (
        f"{look.sky_word}，空地上露天堆着{_count_word(look.count)}堆灰褐色固体废物，没有覆盖和围挡，"
        f"前方有一道污水沟，右侧有{_count_word(look.trees)}棵树"
    )


def _draw_sealed(draw: ImageDraw.ImageDraw, look: _Look) -> None:
    draw.rectangle((0, 0, WIDTH, HEIGHT), fill=_shade(look.wall, 0.75))
    draw.rectangle((0, 300, WIDTH, HEIGHT), fill=(122, 118, 112))
    for number in range(9):
        draw.line((number * 80, 0, number * 80, 300), fill=_shade(look.wall, 0.68), width=2)
    for number in range(look.count):
        left = 40 + number * 148 + look.shift // 4
        draw.rectangle((left, 150, left + 118, 322), fill=(92, 122, 116))
        draw.rectangle((left + 12, 166, left + 60, 206), fill=(52, 66, 66))
        draw.ellipse((left + 74, 168, left + 104, 198), fill=(214, 206, 180))
        draw.line((left + 89, 183, left + 98, 174), fill=_SEAL, width=3)
        draw.rectangle((left + 20, 322, left + 98, 334), fill=_DARK)
        # Two crossed paper strips with a red stamp: the seal of an administrative seizure.
        draw.line((left + 4, 214, left + 114, 312), fill=_PAPER, width=18)
        draw.line((left + 114, 214, left + 4, 312), fill=_PAPER, width=18)
        draw.ellipse((left + 47, 251, left + 71, 275), outline=_SEAL, width=4)


def _describe_sealed(look: _Look) -> str:
    return (
        f"{look.wall_word}车间内，{_count_word(look.count)}台停止运转的设备上贴有交叉封条，"
        "封条中央盖有红色印章"
    )


def _draw_construction(draw: ImageDraw.ImageDraw, look: _Look) -> None:
    _draw_ground(draw, 310, _BARE)
    left = 70 + look.shift // 2
    top = 310 - look.count * 52
    for floor in range(look.count):
        y = 310 - floor * 52
        draw.rectangle((left, y - 8, left + 260, y), fill=(170, 170, 168))
        for column in range(5):
            x = left + 4 + column * 61
            draw.rectangle((x, y - 52, x + 9, y - 8), fill=(148, 148, 146))
    draw.rectangle((left, top - 8, left + 260, top), fill=(170, 170, 168))
    mast = 430 + look.shift // 2
    draw.rectangle((mast, 70, mast + 12, 316), fill=(226, 172, 52))
    draw.rectangle((mast - 230, 84, mast + 90, 94), fill=(226, 172, 52))
    draw.polygon([(mast + 6, 48), (mast - 90, 86), (mast + 70, 86)], outline=(190, 140, 40))
    draw.line((mast - 190, 94, mast - 190, 128), fill=_DARK, width=2)
    draw.rectangle((mast - 206, 128, mast - 174, 138), fill=(128, 92, 64))
    for number in range(9):
        x = number * 74
        draw.rectangle(
            (x, 340, x + 70, 378), fill=(88, 140, 168) if number % 2 else (222, 226, 228)
        )
    _draw_trees(draw, look, 318)


def _describe_construction(look: _Look) -> str:
    return (
        f"{look.sky_word}，建到{_count_word(look.count)}层框架的厂房工地上立着一台黄色塔吊，"
        "工地前有蓝白相间的围挡"
    )


def _draw_pools(draw: ImageDraw.ImageDraw, look: _Look) -> None:
    _draw_ground(draw, 180)
    _draw_hall(draw, look, 40 + look.shift // 2, 200, 220)
    for number in range(look.count):
        left = 30 + number * 150 + look.shift // 4
        draw.ellipse((left, 240, left + 140, 330), fill=(176, 176, 172))
        draw.ellipse((left + 8, 246, left + 132, 322), fill=(96, 92, 66))
        draw.ellipse((left + 34, 262, left + 74, 282), fill=(124, 118, 90))
        draw.line((left + 8, 284, left + 132, 284), fill=(210, 210, 206), width=5)
        draw.ellipse((left + 64, 278, left + 76, 290), fill=_DARK)
    _draw_trees(draw, look, 214)


def _describe_pools(look: _Look) -> str:
    return (
        f"{look.sky_word}，污水处理站里{_count_word(look.count)}座圆形水池水色深褐、刮泥机静止，"
        f"后方是{look.wall_word}厂房和{_count_word(look.trees)}棵树"
    )


def _draw_drums(draw: ImageDraw.ImageDraw, look: _Look) -> None:
    _draw_ground(draw, 210, _BARE)
    draw.rectangle((0, 130, WIDTH, 236), fill=look.wall)
    for y in range(142, 236, 16):
        draw.line((0, y, WIDTH, y), fill=_shade(look.wall, 0.9))
    draw.ellipse((60 + look.shift, 336, 430 + look.shift, 386), fill=(74, 66, 52))
    for number in range(look.count * 2):
        left = 50 + (number % look.count) * 96 + (number // look.count) * 40 + look.shift // 2
        base = 290 + (number // look.count) * 62
        color = (52, 92, 142) if number % 2 else (180, 76, 54)
        draw.rectangle((left, base - 84, left + 62, base), fill=color)
        draw.ellipse((left, base - 10, left + 62, base + 10), fill=color)
        draw.ellipse((left, base - 94, left + 62, base - 74), fill=_shade(color, 1.25))
        draw.line((left, base - 54, left + 62, base - 54), fill=_shade(color, 0.75), width=3)
        draw.line((left, base - 26, left + 62, base - 26), fill=_shade(color, 0.75), width=3)


def _describe_drums(look: _Look) -> str:
    return (
        f"{look.sky_word}，{look.wall_word}围墙前的泥地上露天摆放着"
        f"{_NUMERALS[look.count * 2]}只红色和蓝色油桶，地面有一片深色油污"
    )


def _draw_station(draw: ImageDraw.ImageDraw, look: _Look) -> None:
    _draw_ground(draw, 300)
    draw.polygon([(470, 60), (500, 60), (512, 316), (458, 316)], fill=(178, 172, 166))
    draw.rectangle((468, 80, 502, 96), fill=_SEAL)
    draw.rectangle((430, 176, 540, 184), fill=_DARK)
    left = 110 + look.shift // 2
    draw.line((left + 190, 214, 472, 172), fill=_DARK, width=6)
    draw.rectangle((left, 190, left + 210, 330), fill=look.wall)
    draw.rectangle((left - 10, 178, left + 220, 192), fill=_shade(look.wall, 0.75))
    draw.rectangle((left + 24, 232, left + 84, 330), fill=_DARK)
    for number in range(look.count):
        x = left + 100 + number * 27
        draw.rectangle((x, 222, x + 21, 300), fill=(222, 224, 220))
        draw.rectangle((x + 3, 230, x + 18, 246), fill=(74, 130, 96))
        draw.ellipse((x + 7, 256, x + 14, 263), fill=_SEAL)
    _draw_smoke(draw, 486, 46)


def _describe_station(look: _Look) -> str:
    return (
        f"{look.sky_word}，一座{look.wall_word}在线监测站房内有{_count_word(look.count)}台仪器，"
        "一根采样管从站房连到旁边正在冒烟的烟囱"
    )


def _draw_board(draw: ImageDraw.ImageDraw, look: _Look) -> None:
    _draw_ground(draw, 300)
    _draw_hall(draw, look, 60 + look.shift // 2, 310, 250)
    for number in range(12):
        draw.line((number * 58, 290, number * 58, 350), fill=_DARK, width=4)
    draw.line((0, 304, 640, 304), fill=_DARK, width=4)
    draw.line((0, 336, 640, 336), fill=_DARK, width=4)
    x = 390 + look.shift // 2
    draw.rectangle((x + 20, 250, x + 32, 366), fill=(120, 120, 120))
    draw.rectangle((x + 148, 250, x + 160, 366), fill=(120, 120, 120))
    draw.rectangle((x, 150, x + 180, 262), fill=(150, 150, 152))
    draw.rectangle((x + 10, 160, x + 170, 252), fill=(30, 32, 36))
    draw.ellipse((x + 160, 254, x + 166, 260), fill=_SEAL)


def _describe_board(look: _Look) -> str:
    return (
        f"{look.sky_word}，{look.wall_word}厂房前的围栏旁立着一块黑屏的信息公开电子屏，"
        "屏上没有任何内容"
    )


_SCENES: Mapping[
    str, tuple[Callable[[_Look], str], Callable[[ImageDraw.ImageDraw, _Look], None]]
] = MappingProxyType(
    {
        "chimney": (_describe_chimney, _draw_chimney),
        "outfall": (_describe_outfall, _draw_outfall),
        "heap": (_describe_heap, _draw_heap),
        "sealed": (_describe_sealed, _draw_sealed),
        "construction": (_describe_construction, _draw_construction),
        "pools": (_describe_pools, _draw_pools),
        "drums": (_describe_drums, _draw_drums),
        "station": (_describe_station, _draw_station),
        "board": (_describe_board, _draw_board),
    }
)
