"""Packs: plain files in a gzipped ustar, in one canonical form, read with suspicion.

A pack is proven by its hash before it is opened; still it may fill no disk and leave no folder
if the centre's own machine was at fault. So the reader knows one kind of member, a regular file
with a safe name, and stops at the size that the signed note allows. Links, devices, sparse files
and pax or GNU extensions do not exist here. `tar -xzf` opens the same packs.
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from generator.mirror.faults import RefusedError

Member = tuple[str, int, Callable[[], BinaryIO]]
"""Name, size in bytes, and what opens the content."""
_BLOCK = 512
_CHUNK = 1 << 18
_OCTAL = re.compile(rb"[0-7]+[ \0]*")


def write_pack(members: Iterable[Member], out: BinaryIO) -> None:
    """Write members (name, size in bytes, opener) in the order given: same input, same bytes."""
    with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=out, mtime=0) as packed:
        for name, size, open_member in members:
            packed.write(_make_header(name, size))
            with open_member() as source:
                copied = 0
                while chunk := source.read(_CHUNK):
                    packed.write(chunk)
                    copied += len(chunk)
            if copied != size:
                raise ValueError(f"{name} has {copied} bytes, not {size}")
            packed.write(b"\0" * (-size % _BLOCK))
        packed.write(b"\0" * (2 * _BLOCK))


def read_pack(
    packed: BinaryIO, max_files: int, max_bytes: int, accepts: Callable[[str], bool]
) -> Iterator[tuple[str, int, Iterator[bytes]]]:
    """Name, size and content of each member; each content must be read before the next member.

    Raises:
        RefusedError: Anything but regular files with accepted and different names, more of them
            or more bytes than allowed, or a damaged archive.

    """
    seen: dict[str, str] = {}
    total = 0
    with gzip.GzipFile(fileobj=packed, mode="rb") as stream:
        while True:
            header = _read_exactly(stream, _BLOCK)
            if header == b"\0" * _BLOCK:
                break
            name, size = _parse_header(header)
            total += size
            if not accepts(name):
                raise RefusedError(f"数据包里的 {name!r} 不安全，或类型不在允许之列。")
            other = seen.setdefault(name.lower(), name)
            if other is not name:
                raise RefusedError(f"数据包里 {name!r} 与 {other!r} 重名（不分大小写）。")
            if len(seen) > max_files or total > max_bytes:
                raise RefusedError(
                    f"数据包展开后超过签名的大小"
                    f"（{max_files:,} 个文件，{max_bytes:,} 字节），已中断。"
                )
            yield name, size, _read_content(stream, size)
            _read_exactly(stream, -size % _BLOCK)


def _make_header(name: str, size: int) -> bytes:
    stem, prefix = name.encode("ascii"), b""
    if len(stem) > 100:
        cut = stem.rfind(b"/", 0, 156)
        prefix, stem = stem[:cut], stem[cut + 1 :]
        if cut < 1 or len(stem) > 100:
            raise ValueError(f"{name} is too long for a ustar header")
    fields = (
        stem.ljust(100, b"\0"),
        b"0000644\0" + b"0000000\0" * 2,
        b"%011o\0" % size,
        b"%011o\0" % 0,
        b" " * 8,
        b"0".ljust(101, b"\0"),
        b"ustar\00000".ljust(88, b"\0"),
        prefix.ljust(167, b"\0"),
    )
    header = b"".join(fields)
    return header[:148] + b"%06o\0 " % sum(header) + header[156:]


def _parse_header(header: bytes) -> tuple[str, int]:
    checksum = _read_octal(header[148:156])
    if sum(header[:148]) + 8 * 32 + sum(header[156:]) != checksum:
        raise RefusedError("数据包损坏：tar 头的校验和不对。")
    stem, prefix = (part.partition(b"\0")[0] for part in (header[:100], header[345:500]))
    name = (prefix + b"/" + stem if prefix else stem).decode("ascii", "backslashreplace")
    kind = header[156:157]
    if kind != b"0" or header[257:262] != b"ustar":
        raise RefusedError(
            f"数据包里的 {name!r} 不是普通文件（类型 {kind!r}）：链接、设备、目录都不接受。"
        )
    return name, _read_octal(header[124:136])


def _read_octal(field: bytes) -> int:
    if not _OCTAL.fullmatch(field):
        raise RefusedError("数据包损坏：tar 头里的数字不对。")
    return int(field.rstrip(b" \0"), 8)


def _read_content(stream: gzip.GzipFile, size: int) -> Iterator[bytes]:
    left = size
    while left:
        chunk = _read_exactly(stream, min(left, _CHUNK))
        left -= len(chunk)
        yield chunk


def _read_exactly(stream: gzip.GzipFile, size: int) -> bytes:
    try:
        content = stream.read(size)
    except (EOFError, gzip.BadGzipFile, zlib.error) as fault:
        raise RefusedError(f"数据包损坏：{fault}。") from fault
    if len(content) != size:
        raise RefusedError("数据包损坏：中途结束。")
    return content


def open_bytes(content: bytes) -> Callable[[], BinaryIO]:
    """An opener for `write_pack` of a member that is in memory."""
    return lambda: io.BytesIO(content)
