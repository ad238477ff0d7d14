"""Which files of the site an area's mirror holds, and how its pages lead to the rest.

An area is a division and all below it. Its site has its own records, districts and downloads, and
everything that speaks of the province as a whole: the home page, lists, figures, weekly issues,
the whole search index. What belongs to other divisions, and the tables of the whole province, stay
with the province: links to them are rewritten to its address (docs/adr/0016-areas.md).
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from generator.errors import ReleaseError
from generator.mirror.links import LINKING, redirect_links
from generator.mirror.manifest import OWN_FILES, Entry

_TABLES = "download/tables/"
_SNAPSHOT = "snapshot.js"
_REGISTERS = {
    "enterprise": ("enterprise_profile", "site_code"),
    "project": ("illegal_project", "ledger_no"),
    "case": ("exposure_case", "case_no"),
    "card": ("exposure_case", "case_no"),
}
"""Folder of pages, and the table and key that say where each of its records is."""
_DIVISION_FILE = re.compile(r"(\d{6})(?!\d)")


@dataclass(frozen=True, slots=True)
class Geography:
    """Where the records of a site are."""

    divisions: Mapping[str, str]
    """Names by code."""
    successors: Mapping[str, str]
    records: Mapping[str, Mapping[str, str]]
    """Division by record, by folder of pages."""
    mirrored: tuple[str, ...]
    """Divisions that have registered mirrors."""

    def list_areas(self) -> tuple[str, ...]:
        """Codes of the prefectures, and of other divisions with mirrors of their own."""
        prefectures = {
            code
            for code in self.divisions
            if len(code) == 6 and code.endswith("00") and not code.endswith("0000")
            if code not in self.successors
        }
        return tuple(sorted(prefectures | set(self.mirrored)))

    def find_division(self, path: str) -> str:
        """Division that a file belongs to; empty for what concerns the whole province."""
        folder, _, name = path.rpartition("/")
        stem = name.rpartition(".")[0]
        code = self.records.get(folder, {}).get(stem, "")
        if not code and folder:
            found = _DIVISION_FILE.match(stem)
            code = found[1] if found and found[1] in self.divisions else ""
        return "" if code.endswith("0000") else code


def read_geography(site: Path) -> Geography:
    """Where the records of a built site are, from the tables it offers for download.

    Raises:
        ReleaseError: The site lacks one of the tables.

    """
    divisions, successors = {}, {}
    for row in _read_rows(site, "division"):
        divisions[row["division_code"]] = row["division_name"]
        if row["successor_code"]:
            successors[row["division_code"]] = row["successor_code"]
    records = {
        folder: {
            row[key]: successors.get(row["division_code"], row["division_code"])
            for row in _read_rows(site, table)
        }
        for folder, (table, key) in _REGISTERS.items()
    }
    mirrored = tuple(row["division_code"] for row in _read_rows(site, "mirror"))
    return Geography(divisions, successors, records, mirrored)


def is_within(code: str, area: str) -> bool:
    """Whether a division is the area or lies in it; what has no division is in every area."""
    return not code or code.startswith(area.removesuffix("00").removesuffix("00"))


def select_entries(
    entries: tuple[Entry, ...], geography: Geography, area: str
) -> tuple[Entry, ...]:
    """The entries of the whole that an area holds."""
    return tuple(
        entry
        for entry in entries
        if not entry.path.startswith(_TABLES)
        and is_within(geography.find_division(entry.path), area)
    )


def adapt_files(
    site: Path, entries: tuple[Entry, ...], geography: Geography, area: str, base_url: str
) -> Iterator[tuple[Entry, bytes]]:
    """Files of an area whose bytes differ from the whole site's, with their new content."""
    inside = {entry.path for entry in entries} | OWN_FILES
    for entry in entries:
        if entry.path == _SNAPSHOT:
            content = (site / entry.path).read_bytes()
            yield entry, content + _describe_area(geography, area, base_url)
        elif entry.path.endswith(LINKING):
            content = (site / entry.path).read_bytes()
            adapted = redirect_links(entry.path, content, inside.__contains__, base_url)
            if adapted != content:
                yield entry, adapted


def _describe_area(geography: Geography, area: str, base_url: str) -> bytes:
    facts = {
        "base": base_url,
        "name": geography.divisions.get(area, area),
        "prefix": area.removesuffix("00").removesuffix("00"),
    }
    text = json.dumps(facts, sort_keys=True).replace("<", "\\u003c")
    return f"window.huanjingArea = {text};\n".encode()


def _read_rows(site: Path, table: str) -> Iterator[Mapping[str, str]]:
    path = site / _TABLES / f"{table}.csv"
    if not path.is_file():
        raise ReleaseError(f"{site} 不是完整的网站：缺少 {_TABLES}{table}.csv。请重新生成网站。")
    yield from csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline=""))
