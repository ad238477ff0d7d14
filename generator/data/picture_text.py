"""What a picture says besides what it shows: EXIF, position, XMP, comments, PNG text.

Source: EXIF 2.32 (Exif and GPS directories), PNG 1.2 §11.3.4 (tEXt, zTXt, iTXt), XMP Part 3.
"""

import io
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from PIL import ExifTags, Image

from generator.data.picture_file import MAX_PIXELS

PICTURE_EXTENSIONS: Final = frozenset({"png", "jpg", "webp", "avif"})
_SKIPPED_ENTRIES: Final = frozenset({"icc_profile", "exif", "transparency", "gamma", "dpi"})
"""Entries without words, and EXIF, which is read by its tags."""
_LONGEST_PIECE: Final = 100_000
"""Characters read of one entry; a caption is shorter, and a bomb must not fill the memory."""
_PRINTED_RUN = re.compile(rb"[\x20-\x7e\x80-\xff]{8,}")


@dataclass(frozen=True, slots=True)
class PictureText:
    """The words in a picture's metadata, and whether it says where it was taken."""

    pieces: tuple[str, ...]
    has_position: bool


def read_picture_text(content: bytes) -> PictureText:
    """The metadata of a picture file; of a file that is no picture, its printed runs."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content)) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise Image.DecompressionBombError
                # PNG text may stand behind the pixels, and is read only with them.
                picture.load()
                pieces = [*_list_words(picture)]
                position = bool(picture.getexif().get_ifd(ExifTags.IFD.GPSInfo))
                return PictureText(tuple(pieces), position or _names_position(pieces))
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        runs = [run.decode("utf-8", "replace") for run in _PRINTED_RUN.findall(content)]
        return PictureText(tuple(runs), has_position=False)


def _list_words(picture: Image.Image) -> Iterator[str]:
    for key, value in sorted(picture.info.items(), key=lambda item: str(item[0])):
        if key not in _SKIPPED_ENTRIES:
            yield f"{key}: {_read_piece(value)}"
    exif = picture.getexif()
    for directory in (exif, exif.get_ifd(ExifTags.IFD.Exif)):
        for _, value in sorted(directory.items()):
            yield _read_piece(value)


def _read_piece(value: object) -> str:
    if isinstance(value, bytes):
        # EXIF comments name their encoding in eight bytes; Windows writes its titles as UTF-16.
        text = value.removeprefix(b"ASCII\0\0\0").removeprefix(b"UNICODE\0")[:_LONGEST_PIECE]
        try:
            plain = text.rstrip(b"\0").decode("utf-8")
        except UnicodeDecodeError:
            return text.decode("utf-16-le", "replace")
        return text.decode("utf-16-le", "replace") if "\0" in plain else plain
    return _mend_letters(str(value)[:_LONGEST_PIECE])


def _mend_letters(text: str) -> str:
    """UTF-8 that was read as Latin-1, which is how Pillow reads the ASCII entries of EXIF."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _names_position(pieces: list[str]) -> bool:
    return any("GPSLatitude" in piece for piece in pieces)
