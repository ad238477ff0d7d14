"""The search index of a site: data scripts under `search/`, a pure function of the records.

Files (names without `search/` and `.js`):

    meta            series of numbers, labels, cuts; every query reads it
    t-…, p-…        gram shards: short texts and values, records with prose (`grams`)
    l-<n>           records of texts that many shards would have to be read for (`frequent`)
    v-<n>           records of each shared value (`values`)
    c-<n>           codes, by a hash of their first eight characters
    r-<series>-<n>  rows (`packs`)
    x-<series>      texts that rows do not show (`packs`)
    f-<g>, e-<g>    facets, sixty-four districts to a file (`columns`)
    y-<g>, s-<g>    townships and sort keys, twenty districts to a file (`columns`)
    fold            traditional to simplified characters

Source: docs/search.md
"""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator.site.search.columns import (
    FACET_DISTRICTS,
    FIRST_FACETS,
    SORT_DISTRICTS,
    build_columns,
    group_columns,
)
from generator.site.search.fold import (
    fold_code,
    fold_text,
    select_simplified_pairs,
)
from generator.site.search.frequent import FREQUENT_CUTS, build_frequent
from generator.site.search.grams import (
    OWNER,
    PROSE_SHARD_BITS,
    SHARD_BITS,
    TEXT,
    TITLE_START,
    VALUE,
    build_gram_shards,
)
from generator.site.search.numbering import (
    BLOCK,
    BLOCK_HOMES,
    EXTENT,
    EXTENT_HOMES,
    EXTENTS_FROM,
    LEVEL,
    PROBES,
    SERIAL_ROWS,
    Numbering,
    Series,
    choose_bucket,
    count_buckets,
    number_records,
)
from generator.site.search.packs import (
    build_row_packs,
    build_texts,
    list_bare,
    list_labels,
    mark_labels,
)
from generator.site.search.postings import STOCK_PHRASES
from generator.site.search.readings import group_readings, list_second, write_readings
from generator.site.search.records import (
    OWNER_FIELDS,
    PROSE_FIELDS,
    TEXT_FIELDS,
    VALUE_FIELDS,
    SearchRecord,
    check_records,
)
from generator.site.search.script import encode_small, render_script
from generator.site.search.tags import tag_records
from generator.site.search.values import ValueRecords, build_value_files, number_values

FOLDER = "search/"
FILE_CODES = 1_400
"""Codes in a file of codes: about 15 KB sent."""

CODE_KEY_LENGTH = 8
"""Leading characters that decide a code's file: in our codes they reach to the district."""


_TOWN_TAIL = re.compile("街道$|.$", re.DOTALL)
"""What too many townships end in: an address is entered from there on."""


def build_index(
    records: Sequence[SearchRecord], districts: Mapping[str, str]
) -> Iterator[tuple[str, bytes]]:
    """The whole index as (path relative to the site root, content), sorted by path.

    `districts` names every division code that records use. The order of `records` is of no
    account.

    Raises:
        SearchRecordError: a record cannot be indexed.

    """
    check_records(records, districts)
    ordered = sorted(records, key=lambda record: (record.kind, record.id))
    files = sorted(_build_files(ordered, districts), key=lambda file: f"{file[0]}.js")
    for name, content in files:
        yield f"{FOLDER}{name}.js", content


def _build_files(
    records: Sequence[SearchRecord], districts: Mapping[str, str]
) -> Iterator[tuple[str, bytes]]:
    numbering = number_records(records)
    labels = list_labels(records)
    used = sorted({record.district for record in records} | {""})
    readings = group_readings(fold_text(record.title) for record in records)
    order = {ord(char): n for n, char in enumerate("".join(chars for _, chars in readings))}

    tags = tag_records(records, numbering.numbers)
    texts = _collect_texts(records, numbering)
    values = number_values(texts.values)
    short_texts = [
        *texts.short, *((VALUE, number, text) for (_, text), number in values.numbers.items()),
    ]  # fmt: skip
    short = build_gram_shards("t", short_texts, order, SHARD_BITS, tags)
    frequent = build_frequent(short, order, values, texts.values, texts.addresses, tags)
    # There are so few shards of prose that all of them may change with one record.
    prose_numbers = sorted({number for _, number, _ in texts.prose})
    rank = {number: n for n, number in enumerate(prose_numbers)}
    ranked = [(kind, rank[number], text) for kind, number, text in texts.prose]
    long = build_gram_shards("p", ranked, order, PROSE_SHARD_BITS, None)
    code_keys, code_files = _build_code_files(records, numbering)
    chars = {char for _, _, text in (*short_texts, *texts.prose) for char in text}
    columns = group_columns(records, numbering, used)
    long_texts = tuple(build_texts(records, numbering))

    yield "meta", render_script("meta", {
        "first": len(FIRST_FACETS),
        "prose": [
            [b - a for a, b in zip((0, *prose_numbers), prose_numbers, strict=False)],
            tags.write(prose_numbers),
        ],
        "sizes": [
            BLOCK, EXTENT, SERIAL_ROWS, LEVEL, EXTENTS_FROM, BLOCK_HOMES, EXTENT_HOMES, PROBES,
            FREQUENT_CUTS, frequent.count,
        ],
        "groups": [FACET_DISTRICTS, SORT_DISTRICTS],
        "valueFiles": values.files,
        "districts": [
            [code, districts.get(code, ""), [
                [
                    s.name.replace(code or "province", "*"), s.packs,
                    "".join(map(encode_small, s.steps)), _name_parts(s),
                ]
                for s in numbering.series if s.district == code
            ]]
            for code in used
        ],
        "labels": labels,
        "marks": {
            facet: "".join(marks[label] for label in labels[facet])
            for facet, marks in mark_labels(labels).items()
        },
        "fields": TEXT_FIELDS,
        "readings": write_readings(readings),
        "second": list_second(readings),
        "phrases": list(STOCK_PHRASES),
        "t": "".join(front_code(short.cuts)),
        "p": "".join(front_code(long.cuts)),
        "codes": " ".join(front_code(code_keys)),
        "codeFiles": len(code_files),
        "bare": list_bare(numbering, (name for name, _ in long_texts)),
    })  # fmt: skip
    yield from short.files
    yield from long.files
    yield from frequent.files
    yield from build_value_files(values, texts.values, tags)
    yield from code_files
    yield from build_row_packs(records, numbering, labels)
    yield from long_texts
    yield from build_columns(columns, labels)
    pairs = select_simplified_pairs(chars)
    yield "fold", render_script("fold", ["".join(pairs), "".join(pairs.values())])


def _name_parts(series: Series) -> list[int] | int:
    """The parts of a series, or 0 where they are the first ones."""
    return 0 if series.parts == tuple(range(len(series.parts))) else list(series.parts)


@dataclass(frozen=True, slots=True)
class _Texts:
    """Folded texts by class and number: short ones, shared values, those of prose's records.

    `addresses` are those of which `short` holds only what follows the township.
    """

    short: list[tuple[int, int, str]]
    values: ValueRecords
    prose: list[tuple[int, int, str]]
    addresses: dict[int, str]


def _collect_texts(records: Sequence[SearchRecord], numbering: Numbering) -> _Texts:
    """Every text that is searched, by the family that holds it."""
    texts = _Texts([], {}, [], {})
    for number, record in zip(numbering.numbers, records, strict=True):
        title = fold_text(record.title)
        town = fold_text(record.township)
        # All texts of a record with prose stand together: so that it changes few files.
        family = texts.prose if _has_prose(record) else texts.short
        family.append((TITLE_START, number, title))
        for name, text in (*record.fields, ("township", record.township)):
            folded = fold_text(text)
            if not folded:
                continue
            if name in VALUE_FIELDS:
                texts.values.setdefault((name, folded), []).append(number)
            # What the title holds is found as title, which ranks higher.
            elif folded not in title:
                # Places inside the township's name are found through the township.
                tail = _TOWN_TAIL.search(town)
                kind = OWNER if name in OWNER_FIELDS else TEXT
                if name == "address" and tail and folded.startswith(town):
                    texts.addresses[number] = folded
                    folded = folded[tail.start() :]
                family.append((kind, number, folded))
    return texts


def _has_prose(record: SearchRecord) -> bool:
    return any(name in PROSE_FIELDS and text for name, text in record.fields)


def _build_code_files(
    records: Sequence[SearchRecord], numbering: Numbering
) -> tuple[list[str], list[tuple[str, bytes]]]:
    """All code keys, and the files with the rest of each code and the records that bear it.

    A record in an extent is told by a negative number: -1 is the first.
    """
    by_key: dict[str, list[tuple[str, int]]] = defaultdict(list)
    count = 0
    for number, record in zip(numbering.numbers, records, strict=True):
        for code in _merge_codes({fold_code(code) for code in record.codes} - {""}):
            told = number if number < EXTENTS_FROM else EXTENTS_FROM - 1 - number
            by_key[code[:CODE_KEY_LENGTH]].append((code[CODE_KEY_LENGTH:], told))
            count += 1
    files: list[dict[str, list[str | int]]] = [{} for _ in range(count_buckets(count, FILE_CODES))]
    for key, entries in sorted(by_key.items()):
        bucket = choose_bucket(zlib.crc32(key.encode("utf-16-le")), len(files))
        flat = files[bucket].setdefault(key, [])
        entries.sort()
        for coded, (_, told) in zip(front_code(rest for rest, _ in entries), entries, strict=True):
            flat += [coded, told]
    return sorted(by_key), [
        (f"c-{n}", render_script(f"c-{n}", content)) for n, content in enumerate(files)
    ]


def _merge_codes(codes: Iterable[str]) -> list[str]:
    """Codes with those that begin another one told by a bar where they end.

    A site code begins with its firm's credit code; together they take half the room.
    """
    merged: list[str] = []
    for code in sorted(codes, reverse=True):
        longer = merged[-1].replace("|", "") if merged else ""
        if longer.startswith(code) and "|" not in merged[-1] and len(code) >= CODE_KEY_LENGTH:
            merged[-1] = f"{code}|{longer[len(code) :]}"
        else:
            merged.append(code)
    return merged


def front_code(codes: Iterable[str]) -> Iterator[str]:
    """Each code as a capital letter for how much it shares with the one before, and the rest."""
    previous = ""
    for code in codes:
        shared = 0
        while shared < min(len(code), len(previous), 25) and code[shared] == previous[shared]:
            shared += 1
        yield chr(0x41 + shared) + code[shared:]
        previous = code
