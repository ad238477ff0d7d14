"""The last look before a site is switched to: no identity number in anything that was written.

Every file passes here once, while it is written; what has no seventeen digits in a row is left
alone at once. Hand-written pages, which no other check has read, are read with all rules
of `generator.data.personal`; pictures by their metadata; zip files by their members; file names
as they are. Parquet holds checked keys and numbers alone and is not read again, and the manifest
holds names, which have been read, and hashes.

Findings are collected; `close` raises them together, and the old site stays.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from generator.data.personal import (
    PersonalSpan,
    find_identity,
    find_personal,
    is_identity_number,
    mask_number,
    mask_personal,
    normalize_text,
)
from generator.data.picture_text import PICTURE_EXTENSIONS, read_picture_text
from generator.errors import HuanjingError

_ALL_DIGITS_ZERO: Final = bytes.maketrans(b"123456789", b"000000000")
_ZEROS = re.compile(rb"0+")
_RUN: Final = b"0" * 17
_NUMBER_LENGTH: Final = 18
_BLOCK_BYTES: Final = 1 << 20
_LONG_DIGITS = re.compile(rb"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9])")
_UNREAD_EXTENSIONS: Final = frozenset({"parquet", "ico"})
_ZIP_EXTENSIONS: Final = frozenset({"zip", "xlsx"})
_HASH_LISTS: Final = frozenset({"manifest.json"})
_TAG = re.compile(r"<[^>]*>")
_LEAKS_TOLD: Final = 20
_LARGEST_MEMBER: Final = 512 * 1024 * 1024  # bytes; more in one zip member is no table of ours
_KIND_WORDS: Final = {
    "identity": "公民身份号码",
    "mobile": "个人手机号码",
    "bank": "银行卡号或账号",
    "address": "家庭住址",
    "name": "自然人姓名",
}


class PrivacyError(HuanjingError):
    """The finished site holds personal data; the message names files and masks numbers."""


@dataclass(frozen=True, slots=True)
class Leak:
    """A file of the site and the personal data in it, masked."""

    route: str
    kind: str
    masked: str


class PrivacyGate:
    """Reads every file of a site as it is written.

    Args:
        exempt: Numbers that may stand in the site: credit codes that look like identity numbers,
            and the numbers of cells on the reviewed list.

    """

    def __init__(self, exempt: Collection[str] = ()) -> None:
        self._exempt = frozenset(exempt)
        self._leaks: dict[Leak, None] = {}

    @property
    def leaks(self) -> tuple[Leak, ...]:
        """What was found so far, in the order of writing."""
        return tuple(self._leaks)

    def take_in(self, leaks: Iterable[Leak]) -> None:
        """Count as found here what another gate of the same site found."""
        self._leaks.update(dict.fromkeys(leaks))

    def inspect(self, route: str, content: bytes) -> None:
        """Read one file that is about to be written."""
        self._inspect_name(route)
        extension = route.rpartition(".")[2]
        if extension in PICTURE_EXTENSIONS:
            self._inspect_picture(route, content)
        elif extension in _ZIP_EXTENSIONS:
            self._inspect_zip(route, content)
        elif extension not in _UNREAD_EXTENSIONS and route not in _HASH_LISTS:
            self._inspect_bytes(route, content)

    def inspect_page(self, route: str, content: bytes) -> None:
        """Read one hand-written page, in which people are looked for by every rule."""
        self.inspect(route, content)
        if route.endswith(".html"):
            words = _TAG.sub(" ", content.decode("utf-8", "replace"))
            for span in find_personal(normalize_text(words)):
                if span.sure:
                    self._tell(route, span)

    def inspect_file(self, route: str, source: Path) -> None:
        """Read one file that is about to be copied; large ones without loading them."""
        extension = route.rpartition(".")[2]
        if extension in _UNREAD_EXTENSIONS:
            self._inspect_name(route)
        elif extension in PICTURE_EXTENSIONS or extension in _ZIP_EXTENSIONS:
            self.inspect(route, source.read_bytes())
        else:
            self._inspect_name(route)
            with source.open("rb") as file:
                kept = b""
                while block := file.read(_BLOCK_BYTES):
                    self._inspect_bytes(route, kept + block)
                    kept = block[-2 * _NUMBER_LENGTH :]

    def close(self) -> None:
        """Let the site pass.

        Raises:
            PrivacyError: Something personal was found; every place is named.

        """
        if not self._leaks:
            return
        listed = [
            f"  {mask_personal(leak.route)}：{leak.kind}“{leak.masked}”"
            for leak in self.leaks[:_LEAKS_TOLD]
        ]
        if len(self._leaks) > _LEAKS_TOLD:
            listed.append(f"  ……另有 {len(self._leaks) - _LEAKS_TOLD} 处")
        raise PrivacyError(
            "生成的网站里有个人信息，没有发布，旧网站保持原样：\n"
            + "\n".join(listed)
            + "\n请从数据、图片信息、文件名或手写页面里删去，再生成一次。"
        )

    def _inspect_name(self, route: str) -> None:
        for span in find_identity(route):
            self._tell(route, span)

    def _inspect_picture(self, route: str, content: bytes) -> None:
        for piece in read_picture_text(content).pieces:
            for span in find_personal(normalize_text(piece)):
                if span.sure and span.kind != "address":
                    self._tell(route, span)

    def _inspect_zip(self, route: str, content: bytes) -> None:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                for member in archive.infolist():
                    self._inspect_name(f"{route}/{member.filename}")
                    if member.file_size <= _LARGEST_MEMBER:
                        self._inspect_bytes(f"{route}/{member.filename}", archive.read(member))
        except zipfile.BadZipFile as fault:
            raise PrivacyError(f"压缩包 {route} 不完整，无法检查。") from fault

    def _inspect_bytes(self, route: str, content: bytes) -> None:
        for number in find_numbers(content):
            if number not in self._exempt:
                self._leaks[Leak(route, _KIND_WORDS["identity"], mask_number(number))] = None

    def _tell(self, route: str, span: PersonalSpan) -> None:
        if span.text not in self._exempt:
            self._leaks[Leak(route, _KIND_WORDS[span.kind], span.masked)] = None


def find_numbers(content: bytes) -> Iterator[str]:
    """The identity numbers among the digits of a file, each as often as it stands there.

    With every digit written as 0 a run of digits is found by a plain search for zeros, at a
    gigabyte a second, where a regular expression reads a tenth of that.
    """
    zeros = content.translate(_ALL_DIGITS_ZERO)
    start = zeros.find(_RUN)
    while start >= 0:
        match = _LONG_DIGITS.match(content, start)
        if match is not None:
            number = match.group().decode("ascii").upper()
            if is_identity_number(number):
                yield number
        behind = _ZEROS.match(zeros, start)
        start = zeros.find(_RUN, behind.end() if behind else start + 1)
