"""Index data as scripts: what a `<script src>` can load from any server and from a folder."""

from __future__ import annotations

import json
import re
import zlib

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")

_SMALL_FIRST, _SMALL_END, _LARGE_FIRST = 0x23, 0x7F, 0x4E00


def encode_small(number: int) -> str:
    """One character for a small number: a column is a string that compresses well."""
    first = _SMALL_FIRST if number < _SMALL_END - _SMALL_FIRST else _LARGE_FIRST
    return chr(first + number)


def render_script(name: str, payload: object) -> bytes:
    """A script that hands `payload` to the page under `name`, with a checksum over its JSON.

    The JSON travels as one string literal: the page verifies it before parsing, and no data is
    ever evaluated as code.
    """
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    # Half of a character outside the basic plane, where a gram was cut: not valid UTF-8.
    text = _LONE_SURROGATE.sub(lambda m: f"\\u{ord(m[0]):04x}", _join_pairs(text))
    checksum = zlib.crc32(text.encode("utf-16-le"))
    literal = text.replace("\\", "\\\\").replace("'", "\\'")
    literal = literal.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return f"huanjing.shard('{name}',{checksum},'{literal}');\n".encode()


def _join_pairs(text: str) -> str:
    """Surrogate pairs made whole again."""
    if not _LONE_SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
