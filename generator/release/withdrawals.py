"""The signed list of withdrawn records, and which kept snapshots must go for them.

    huanjing-withdrawn 1
    12 exposure_case BG2016W19-008 2016-05-22

The number is the release from which on the record is gone: every snapshot before it still holds
the record's text, on its page, in lists, in the search index and in downloads, and is removed as a
whole wherever it is kept. The reason stands on the record's own page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from generator.release.areas import read_table

WITHDRAWN = "withdrawn.txt"
_HEAD = "huanjing-withdrawn 1"
_WITHDRAWAL = "撤回"


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
    """Every decided withdrawal of the site's data; those not seen before begin at `serial`.

    Raises:
        ReleaseError: The site lacks the table of corrections.

    """
    known: Mapping[tuple[str, str, str], int] = {
        (item.table, item.key, item.day): item.serial for item in former
    }
    found = {
        (row["target_table"], row["target_key"], row["resolved_date"])
        for row in read_table(site, "correction")
        if row["kind"] == _WITHDRAWAL and row["resolved_date"]
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
