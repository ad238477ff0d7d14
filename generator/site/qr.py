"""QR codes of thousands of addresses that differ in a few characters, at microseconds each.

For one version, one mask and one length, a code's modules are an affine map of the bits of its
text: placing bits, the Reed-Solomon remainder and the mask are all linear over GF(2) or constant.
So the library draws one code and, for each bit that may differ, one with this bit alone turned;
every other code is the exclusive or of some of these pictures. Pictures are kept as the lines of a
PNG, so that what comes out needs no more than compressing.

Source: ISO/IEC 18004:2015 §7; PNG specification §11.2.2 (greyscale, one bit a pixel).
"""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass, field
from typing import Final

import segno

QUIET_ZONE: Final = 4
"""Modules of light around a code. Source: ISO/IEC 18004:2015 §9.1"""
_MASK: Final = 2
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"


@dataclass(slots=True)
class CodeSeries:
    """Codes of texts of one length that begin and end alike."""

    prefix: str
    suffix: str
    length: int
    """Of what stands between the two, in ASCII characters."""
    version: int = field(init=False)
    size: int = field(init=False)
    """Pixels a side, with the quiet zone, one a module."""
    _first: str = field(init=False)
    _base: int = field(init=False)
    _turned: dict[tuple[int, str], int] = field(init=False, default_factory=dict)
    """Difference to `_base` by place and character."""
    _bits: dict[tuple[int, int], int] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._first = "0" * self.length
        code = segno.make_qr(self._text(self._first), error="m", boost_error=False, mode="byte")
        self.version = int(code.version)
        self.size = len(code.matrix) + 2 * QUIET_ZONE
        self._base = self._draw(self._first)

    def png(self, middle: str) -> bytes:
        """The code of the text with `middle` in its middle, as a PNG.

        Raises:
            ValueError: `middle` is not ASCII of the series' length.

        """
        if len(middle) != self.length or not middle.isascii():
            raise ValueError(f"{middle!r} is not {self.length} ASCII characters")
        lines = self._base
        for place, character in enumerate(middle):
            turned = self._turned.get((place, character))
            lines ^= self._turn(place, character) if turned is None else turned
        raw = lines.to_bytes(self.size * self._line_bytes)
        head = self.size.to_bytes(4) * 2 + b"\x01\x00\x00\x00\x00"
        return b"".join(
            (
                _SIGNATURE,
                _chunk(b"IHDR", head),
                _chunk(b"IDAT", zlib.compress(raw)),
                _chunk(b"IEND"),
            )
        )

    def data_url(self, middle: str) -> str:
        """The same as an address that holds the picture."""
        return "data:image/png;base64," + base64.b64encode(self.png(middle)).decode()

    @property
    def _line_bytes(self) -> int:
        return 1 + -(-self.size // 8)

    def _text(self, middle: str) -> str:
        return f"{self.prefix}{middle}{self.suffix}"

    def _turn(self, place: int, character: str) -> int:
        """What a character at a place changes in the picture of the first text."""
        difference, turned = ord(self._first[place]) ^ ord(character), 0
        for bit in range(7):
            if difference >> bit & 1:
                if (place, bit) not in self._bits:
                    other = chr(ord(self._first[place]) ^ 1 << bit)
                    text = self._first[:place] + other + self._first[place + 1 :]
                    self._bits[place, bit] = self._draw(text) ^ self._base
                turned ^= self._bits[place, bit]
        self._turned[place, character] = turned
        return turned

    def _draw(self, middle: str) -> int:
        """The library's picture: lines of a PNG, each led by its filter's number, as one number."""
        code = segno.make_qr(
            self._text(middle),
            error="m",
            boost_error=False,
            mode="byte",
            mask=_MASK,
            version=self.version,
        )
        padding = self._line_bytes * 8 - 8 - self.size
        lines = []
        for row in code.matrix_iter(border=QUIET_ZONE):
            light = "".join("0" if module else "1" for module in row)
            lines.append("0" * 8 + light + "0" * padding)
        return int("".join(lines), 2)


def _chunk(name: bytes, content: bytes = b"") -> bytes:
    """A chunk of a PNG."""
    check = zlib.crc32(name + content)
    return len(content).to_bytes(4) + name + content + check.to_bytes(4)
