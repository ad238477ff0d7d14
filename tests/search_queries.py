"""Seeded queries of every kind, and the brute-force scan that says what each must find.

The scan is written from docs/search.md §3 alone: plain `in` over every folded text of every
record, and regular expressions for readings. It shares only the folding with the index writer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

from generator.site.search.fold import (
    fold_code,
    fold_text,
    list_readings,
    read_simplified_table,
)
from generator.site.search.records import OWNER_FIELDS, SearchRecord

QUOTES = re.compile('["“”„‟＂]')
FULL_WIDTH = {ord(c): ord(c) + 0xFEE0 for c in map(chr, range(0x21, 0x7F))}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A record's folded texts."""

    record: SearchRecord
    title: str
    owners: tuple[str, ...]
    others: tuple[str, ...]
    blob: str
    codes: tuple[str, ...]


class Scan:
    """Every record's folded texts, scanned whole for each query."""

    def __init__(self, records: Sequence[SearchRecord], districts: Mapping[str, str]) -> None:
        self.rows = [prepare(record, districts) for record in records]
        used = {record.district for record in records}
        whole = {fold_text(name) for code, name in districts.items() if code in used}
        names = {
            name.removeprefix(above) for name in whole for above in ("", *whole) if name != above
        }
        names = {name for name in names if len(name) > 1}
        self.district_names = sorted(
            names | {name[:-1] for name in names if len(name) > 2}, key=lambda n: (-len(n), n)
        )
        self.readings: dict[str, tuple[str, ...]] = {
            char: list_readings(char) for row in self.rows for char in row.title
        }

    def find(self, query: str) -> dict[str, int]:
        """Kind/id of every hit, with the sum of its ranks."""
        parts = split_query(query)
        found = self._find_all(parts)
        if not found and len(parts) == 1:
            for name in self.district_names:
                if parts[0].startswith(name) and len(parts[0]) > len(name):
                    return self._find_all([name, parts[0][len(name) :]])
        return found

    def _find_all(self, parts: Sequence[str]) -> dict[str, int]:
        if not parts:
            return {}
        candidates = self.rows
        ranks: dict[str, int] = {}
        for part in parts:
            pattern = self._compile_latin(part)
            code = read_code(part)
            kept = [
                row
                for row in candidates
                if part in row.blob
                or (pattern and pattern.search(row.title))
                or (code and any(c.startswith(code) for c in row.codes))
            ]
            for row in kept:
                key = f"{row.record.kind}/{row.record.id}"
                ranks[key] = ranks.get(key, 0) + rank_row(row, part, pattern)
            candidates = kept
        return {key: ranks[key] for key in (f"{r.record.kind}/{r.record.id}" for r in candidates)}

    def _compile_latin(self, part: str) -> re.Pattern[str] | None:
        """What a Latin part means in characters: every cut into syllables, and the initials."""
        if not re.fullmatch("[a-z]{2,}", part):
            return None
        by_reading: dict[str, set[str]] = {}
        for char, readings in self.readings.items():
            for reading in readings:
                by_reading.setdefault(reading, set()).add(char)

        @cache
        def cut(rest: str) -> str:
            options = []
            last = {c for r, chars in by_reading.items() if r.startswith(rest) for c in chars}
            if last:
                options.append(char_class(last))
            for reading in sorted(by_reading):
                if rest.startswith(reading) and len(reading) < len(rest):
                    tail = cut(rest[len(reading) :])
                    if tail:
                        options.append(char_class(by_reading[reading]) + tail)
            return f"(?:{'|'.join(options)})" if options else ""

        initials = [
            {c for r, chars in by_reading.items() if r[0] == letter for c in chars}
            for letter in part
        ]
        options = [cut(part)] if cut(part) else []
        if all(initials):
            options.append("".join(char_class(chars) for chars in initials))
        return re.compile("|".join(options)) if options else None


def char_class(chars: set[str]) -> str:
    return "[" + "".join(re.escape(c) for c in sorted(chars)) + "]"


def prepare(record: SearchRecord, districts: Mapping[str, str]) -> Prepared:
    title = fold_text(record.title)
    texts = [(name, fold_text(text)) for name, text in record.fields]
    texts += [("township", fold_text(record.township))]
    texts += [("district_name", fold_text(districts.get(record.district, "")))]
    owners = tuple(text for name, text in texts if name in OWNER_FIELDS and text)
    others = tuple(text for name, text in texts if name not in OWNER_FIELDS and text)
    codes = tuple(fold_code(code) for code in record.codes)
    return Prepared(record, title, owners, others, "\n".join((title, *owners, *others)), codes)


def rank_row(row: Prepared, part: str, pattern: re.Pattern[str] | None) -> int:
    """1 the title or a whole code, 2 title begins, 3 inside the title, 4 owner, 5 other."""
    if row.title == part or (read_code(part) and read_code(part) in row.codes):
        return 1
    if row.title.startswith(part) or (pattern and pattern.match(row.title)):
        return 2
    if part in row.title or (pattern and pattern.search(row.title)):
        return 3
    return 4 if any(part in owner for owner in row.owners) else 5


def split_query(query: str) -> list[str]:
    parts: list[str] = []
    for n, piece in enumerate(QUOTES.split(query)):
        words = [piece] if n % 2 else piece.split()
        parts += [fold_text(word) for word in words]
    return list(dict.fromkeys(part for part in parts if part))


def read_code(part: str) -> str:
    code = part.replace("-", "")
    wanted = re.fullmatch("[0-9a-z-]+", part) and len(code) >= 4 and re.search("[0-9]", code)
    return code if wanted else ""


def make_queries(
    records: Sequence[SearchRecord], districts: Mapping[str, str], count: int, seed: int = 7
) -> list[tuple[str, str]]:
    """`count` (kind of query, query) pairs, the kinds by turns."""
    random = Random(f"{seed}:queries")
    entities = [r for r in records if r.kind in ("enterprise", "project")]
    simplified = read_simplified_table()
    traditional = {b: a for a, b in sorted(simplified.items(), reverse=True)}

    def piece(text: str, length: int) -> str:
        at = random.randrange(max(len(text) - length + 1, 1))
        return text[at : at + length]

    def inside(length: int) -> str:
        return piece(random.choice(entities).title, length)

    def two_parts() -> str:
        record = random.choice(entities)
        texts = [record.title, *(text for _, text in record.fields), districts[record.district]]
        return piece(record.title, 2) + " " + piece(random.choice(texts), random.choice((2, 3)))

    def folded() -> str:
        text = inside(random.randint(3, 6))
        way = random.randrange(6)
        if way == 0:
            return "".join(traditional.get(c, c) for c in text)
        if way == 1:
            return " ".join(text.upper().translate(FULL_WIDTH).split())
        if way == 2:
            return "“" + text[:1] + "\u3000" + text[1:] + "”"
        if way == 3:
            return "".join((list_readings(c) or (c,))[0] for c in text[:3])
        if way == 4:
            return "".join((list_readings(c) or (c,))[0][0] for c in text)
        return piece(random.choice(records).title, 8).lower()

    def code() -> str:
        return random.choice(random.choice(entities).codes)

    def nowhere() -> str:
        return random.choice((
            "".join(random.choice("龘靐麤爨齉籲") for _ in range(2)),
            inside(2) + "爨", inside(2) + inside(2)[::-1], "91990101" + "Z" * random.randint(2, 9),
        ))  # fmt: skip

    def long() -> str:
        return inside(random.randint(7, 22))

    def district_split() -> str:
        record = random.choice(entities)
        return districts[record.district][: random.choice((2, 3))] + piece(record.title, 2)

    def prose() -> str:
        running = [t for r in records for name, t in r.fields if name in ("narrative", "body")]
        return piece(random.choice(running), random.randint(2, 12))

    makers = {
        "one": lambda: inside(1),
        "two": lambda: inside(2),
        "three": lambda: inside(3),
        "four": lambda: inside(4),
        "two parts": two_parts,
        "code": code,
        "code prefix": lambda: code()[: random.randint(4, 14)],
        "folded": folded,
        "nowhere": nowhere,
        "long": long,
        "district split": district_split,
        "prose": prose,
    }
    kinds = list(makers)
    return [(kind, makers[kind]()) for kind in (kinds[n % len(kinds)] for n in range(count))]
