"""The signed list of withdrawn records, and which kept snapshots must go for them.

    huanjing-withdrawn 1
    12 exposure_case BG2016W19-008 2016-05-22

The number is the release from which on the record is gone: every snapshot before it still holds
the record's text, on its page, in lists, in the search index and in downloads, and is removed as a
whole wherever it is kept. The day is `-` where only the record's own row says that it is withdrawn.
The reason stands on the record's own page.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from generator.errors import ReleaseError

WITHDRAWN = "withdrawn.txt"
_PUBLISHED = "download/withdrawn.json"
_HEAD = "huanjing-withdrawn 1"


@dataclass(frozen=True, slots=True, order=True)
class Withdrawal:
    """A withdrawn record."""

    serial: int
    """The first release without it."""
    table: str
    key: str
    day: str


def find_withdrawals(
    site: Path, former: Iterable[Withdrawal], serial: int
) -> tuple[Withdrawal, ...]:
    """Every withdrawal that the site states; those not seen before begin at `serial`.

    Raises:
        ReleaseError: The site does not say what was withdrawn.

    """
    path = site / _PUBLISHED
    if not path.is_file():
        raise ReleaseError(f"{site} 不是完整的网站：缺少 {_PUBLISHED}。请重新生成网站。")
    known: Mapping[tuple[str, str, str], int] = {
        (item.table, item.key, item.day): item.serial for item in former
    }
    found = {
        (record["table"], record["key"], record["day"] or "-")
        for record in json.loads(path.read_text(encoding="utf-8"))["withdrawn"]
    }
    # One that was taken off the list again has still been withdrawn from older snapshots.
    return tuple(sorted(Withdrawal(known.get(key, serial), *key) for key in found | set(known)))


def format_withdrawals(withdrawals: Iterable[Withdrawal]) -> bytes:
    """The list's bytes."""
    lines = (f"{item.serial} {item.table} {item.key} {item.day}\n" for item in withdrawals)
    return f"{_HEAD}\n{''.join(lines)}".encode()


def parse_withdrawals(content: bytes) -> tuple[Withdrawal, ...]:
    """What `format_withdrawals` wrote."""
    rows = (line.split(" ") for line in content.decode().splitlines()[1:])
    return tuple(Withdrawal(int(serial), table, key, day) for serial, table, key, day in rows)
