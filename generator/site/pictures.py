"""Pictures of cases as they are published: upright, of useful sizes, and silent about their origin.

What a camera writes beside the pixels (position, device, comments, colour profiles) is dropped; the
orientation and the colours that it stands for are applied first. A picture is shown in galleries at
640 pixels and kept at up to 1,600; it is never enlarged. WebP is made beside the old format, which
old phones need, unless the picture is so small that a second file would save nobody anything.

    photos/a.png              the picture itself, at the address that the table gives
    photos/a_png.webp         the same in WebP
    photos/a_png_640.jpg|png  for galleries, where the picture is larger than that
    photos/a_png_640.webp

No name of the dataset holds `_`, so these cannot meet another picture.

Source: docs/adr/0021-pictures.md
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from PIL import Image, ImageCms, ImageOps

from generator.cache import Cache, digest
from generator.data.picture_file import PICTURE_FORMATS, PictureError, open_picture
from generator.errors import HuanjingError

GALLERY_WIDTH: Final = 640
"""Pixels: a card of the gallery is at most 320 wide, on a screen of double density."""
FULL_WIDTH, FULL_HEIGHT = 1600, 2400
"""Pixels, the most that is published of a picture."""
SMALL_BYTES: Final = 20_000
"""A picture no larger than this stays one file: another request costs what WebP would save."""
_NEAR: Final = 1.25
"""A gallery size is made only where the full one is wider than this many times."""
_PNG_START: Final = b"\x89PNG\r\n\x1a\n"
_PNG_PIXELS: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
"""Chunks that say what the picture looks like. Source: PNG 1.2 §4."""
_JPEG_QUALITY: Final = 82
_WEBP_QUALITY: Final = 78


@dataclass(frozen=True, slots=True)
class Size:
    """A file of a picture."""

    route: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class PictureFiles:
    """The files of one picture."""

    key: str
    """Digest of what they were made from."""
    full: Size
    """The picture at its own address, in its own format."""
    shown: Size
    """What a page shows where WebP is unknown; may be `full`."""
    webp: tuple[Size, ...]
    """Narrow before wide; empty for a small picture."""

    @property
    def routes(self) -> tuple[str, ...]:
        """Every file once, by address."""
        return tuple(sorted({size.route for size in (self.full, self.shown, *self.webp)}))


def plan_pictures(photos: Iterable[str], root: Path, cache: Cache) -> Mapping[str, PictureFiles]:
    """The files of every picture, by its path in the dataset folder `root`.

    What the cache has of the same bytes is not made again.

    Raises:
        HuanjingError: A picture cannot be read.

    """
    return {photo: _plan_picture(photo, root, cache) for photo in photos}


def read_picture(photo: str, route: str, root: Path, cache: Cache) -> bytes:
    """The content of one of the picture's files.

    Raises:
        HuanjingError: The picture cannot be read.

    """
    kept = cache.load(_file_key(cache, _picture_key(photo, root, cache), route))
    return _make(photo, root)[1][route] if kept is None else kept


def _plan_picture(photo: str, root: Path, cache: Cache) -> PictureFiles:
    key = _picture_key(photo, root, cache)
    noted = cache.load(key)
    if noted is not None:
        return _read_note(key, noted)
    made, contents = _make(photo, root)
    for route, content in contents.items():
        cache.save(_file_key(cache, key, route), content)
    note = json.dumps({name: asdict(size) for name, size in made.items()}).encode()
    cache.save(key, note)
    return _read_note(key, note)


def _picture_key(photo: str, root: Path, cache: Cache) -> str:
    return cache.key("picture", photo, cache.file_digest(root / photo))


def _file_key(cache: Cache, key: str, route: str) -> str:
    return cache.key("picture file", key, digest(route))


def _read_note(key: str, note: bytes) -> PictureFiles:
    sizes = {name: Size(**size) for name, size in json.loads(note).items()}
    webp = (sizes[name] for name in ("webp_gallery", "webp_full") if name in sizes)
    return PictureFiles(key, sizes["full"], sizes["shown"], tuple(webp))


def _make(photo: str, root: Path) -> tuple[Mapping[str, Size], Mapping[str, bytes]]:
    try:
        content = (root / photo).read_bytes()
        return make_files(content, photo)
    except OSError as fault:
        raise HuanjingError(f"图片 {photo} 无法读取：{fault.strerror}。") from fault
    except PictureError as fault:
        raise HuanjingError(f"图片 {photo} 无法使用：{fault}。请重新导出图片。") from fault


def make_files(content: bytes, photo: str) -> tuple[Mapping[str, Size], Mapping[str, bytes]]:
    """The sizes of a picture by their use, and their content by address.

    The same bytes give the same files.

    Raises:
        PictureError: As for `open_picture`.

    """
    stem, _, extension = photo.rpartition(".")
    picture = _clean(open_picture(content, extension))
    full = _fit(picture, FULL_WIDTH, FULL_HEIGHT)
    bare = full is picture and extension == "png" and is_bare_png(content)
    own = {photo: content if bare else _encode(full, extension)}
    sizes = {"full": _size(photo, full)}
    shown, gallery = photo, full
    if full.width > GALLERY_WIDTH * _NEAR:
        gallery = _fit(full, GALLERY_WIDTH, FULL_HEIGHT)
        shown = f"{stem}_{extension}_{GALLERY_WIDTH}.{_choose_old_format(full)}"
    elif extension == "webp":
        shown = f"{stem}_{extension}.{_choose_old_format(full)}"
    if shown != photo:
        own[shown] = _encode(gallery, shown.rpartition(".")[2])
    sizes["shown"] = _size(shown, gallery)
    webp = _make_webp(photo, own, full, gallery)
    for name, (route, image, encoded) in webp.items():
        sizes[name] = _size(route, image)
        own[route] = encoded
    return sizes, own


def is_bare_png(content: bytes) -> bool:
    """Whether a PNG file is pixels and nothing else, so that there is nothing to take away.

    Such a file is published as it is: to encode it again would cost time and change nothing.
    """
    place = len(_PNG_START)
    kind = b""
    while kind != b"IEND":
        if place + 8 > len(content):
            return False
        length, kind = struct.unpack_from(">I4s", content, place)
        if kind not in _PNG_PIXELS:
            return False
        place += 12 + length  # length, kind and checksum take four bytes each
    return place == len(content)


def _make_webp(
    photo: str, own: Mapping[str, bytes], full: Image.Image, gallery: Image.Image
) -> Mapping[str, tuple[str, Image.Image, bytes]]:
    """WebP of both sizes; none where it saves nothing or there is little to be saved."""
    stem, _, extension = photo.rpartition(".")
    if extension != "webp" and gallery is full and len(own[photo]) <= SMALL_BYTES:
        return {}
    full_route = photo if extension == "webp" else f"{stem}_{extension}.webp"
    made = {"webp_full": (full_route, full, own.get(full_route) or _encode(full, "webp"))}
    if gallery is not full:
        route = f"{stem}_{extension}_{GALLERY_WIDTH}.webp"
        made["webp_gallery"] = (route, gallery, _encode(gallery, "webp"))
    old = sum(len(content) for route, content in own.items() if route != full_route)
    if extension != "webp" and sum(len(encoded) for _, _, encoded in made.values()) >= old:
        return {}
    return made


def _clean(picture: Image.Image) -> Image.Image:
    """The pixels alone: upright, in sRGB, as a palette, grey, RGB or RGBA."""
    profile = picture.info.get("icc_profile")
    upright = ImageOps.exif_transpose(picture)
    if upright.mode == "P" and "transparency" not in upright.info:
        clean = upright
    elif upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        clean = upright.convert("RGBA")
    elif upright.mode in ("1", "L"):
        clean = upright.convert("L")
    elif upright.mode.startswith("I"):
        clean = upright.convert("I").point(lambda level: level / 256).convert("L")
    else:
        clean = _to_srgb(upright, profile)
    if clean is picture:
        clean = picture.copy()
    clean.info = {}
    return clean


def _to_srgb(picture: Image.Image, profile: object) -> Image.Image:
    """RGB as its colour profile means it, since the profile itself is dropped."""
    if isinstance(profile, bytes) and picture.mode in ("RGB", "CMYK"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            mapped = ImageCms.profileToProfile(picture, source, target, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):
            mapped = None
        if mapped is not None:
            return mapped
    return picture.convert("RGB")


def _fit(picture: Image.Image, width: int, height: int) -> Image.Image:
    """The picture made smaller to fit; itself where it fits."""
    scale = min(width / picture.width, height / picture.height)
    if scale >= 1:
        return picture
    whole = picture.convert("RGB") if picture.mode == "P" else picture
    size = max(1, round(whole.width * scale)), max(1, round(whole.height * scale))
    return whole.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _choose_old_format(picture: Image.Image) -> str:
    return "jpg" if picture.mode in ("RGB", "L") else "png"


def _encode(picture: Image.Image, extension: str) -> bytes:
    buffer = io.BytesIO()
    if extension == "jpg":
        flat = picture
        if picture.mode not in ("RGB", "L"):
            whole = picture.convert("RGBA")
            flat = Image.new("RGB", picture.size, "white")
            flat.paste(whole, mask=whole.getchannel("A"))
        flat.save(buffer, "JPEG", quality=_JPEG_QUALITY, optimize=True, progressive=True)
    elif extension == "webp":
        palette = picture.mode == "P"
        whole = picture.convert("RGB") if palette else picture
        whole.save(buffer, "WEBP", quality=_WEBP_QUALITY, lossless=palette, method=4)
    else:
        picture.save(buffer, PICTURE_FORMATS[extension], optimize=True)
    return buffer.getvalue()


def _size(route: str, picture: Image.Image) -> Size:
    return Size(route, picture.width, picture.height)
