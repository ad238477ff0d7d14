"""Opening a picture that came from outside: of the kind its name says, not too large, and whole.

A file of a few kilobytes can unpack to gigabytes, and half an upload can look like a picture: both
are refused here, in words, before anything else reads the pixels.
"""

from __future__ import annotations

import io
import warnings
from typing import Final

from PIL import Image, UnidentifiedImageError

from generator.errors import HuanjingError

MAX_BYTES: Final = 30_000_000
"""Larger than any camera's picture; the dataset is no archive of originals."""
MAX_PIXELS: Final = 50_000_000
"""The largest cameras of phones; about 200 MB unpacked."""
PICTURE_FORMATS: Final = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}
"""Pillow's name of the format that a file's extension stands for."""


class PictureError(HuanjingError):
    """A picture cannot be used; the message says why, without naming the file."""


def open_picture(content: bytes, extension: str) -> Image.Image:
    """The picture with its pixels, the first one of a moving picture.

    Raises:
        PictureError: The file is too large, no picture of the kind that its extension says,
            unpacks to too many pixels, or breaks off.

    """
    if len(content) > MAX_BYTES:
        raise PictureError(
            f"图片文件有 {len(content) / 1e6:.0f} MB，超过 {MAX_BYTES / 1e6:.0f} MB 的上限"
        )
    with warnings.catch_warnings():
        # Our own limit is lower than the one that Pillow warns at.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            picture = Image.open(io.BytesIO(content), formats=[PICTURE_FORMATS[extension]])
        except (UnidentifiedImageError, KeyError):
            raise PictureError(f"内容不是 {extension} 图片") from None
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            raise PictureError("图片损坏或展开后过大") from None
        if picture.width * picture.height > MAX_PIXELS:
            raise PictureError(
                f"图片有 {picture.width} × {picture.height} 像素，"
                f"超过 {MAX_PIXELS // 10_000} 万像素的上限"
            )
        try:
            picture.load()
        except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
            raise PictureError("图片不完整，可能在上传或复制时中断") from None
    return picture
