"""Lists of the records that hold a frequent text: what else many shards would have to be read for.

A text is frequent when so many cuts lie inside the grams that begin with it that a query for it
would read `FREQUENT_CUTS` shards more than one. The page sees that from the cuts, so there is no
directory of these texts. Each has one list for each rank, of all that the family `t` would find.

Source: docs/search.md §5
"""

from __future__ import annotations

import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from generator.site.search.bits import encode_lists, write_codes
from generator.site.search.grams import CLASSES, TITLE_START, VALUE, GramShards
from generator.site.search.numbering import choose_bucket, count_buckets
from generator.site.search.postings import END, STOCK_PHRASES, Suffixes
from generator.site.search.script import render_script
from generator.site.search.shards import list_inside, order_text
from generator.site.search.tags import Tags, write_tails
from generator.site.search.values import ValueRecords, Values, measure_lists

Ints = npt.NDArray[np.signedinteger]

FREQUENT_CUTS = 5
"""Cuts inside a text's grams from which on it has a list of its own."""

FILE_BYTES = 24_000
"""Base 64 in a file of lists."""

_INSIDE_TITLE, _OWNER, _OTHER = 3, 4, 5
"""Ranks; see docs/search.md §3."""


@dataclass(frozen=True, slots=True)
class Frequent:
    """The finished files and how many there are."""

    files: tuple[tuple[str, bytes], ...]
    count: int


@dataclass(frozen=True, slots=True)
class _Found:
    """A frequent text, its values, and its records by rank."""

    text: str
    values: list[int]
    lists: list[tuple[int, Ints]]


def list_beginnings(text: str) -> Iterator[tuple[str, int]]:
    """Where `text` may stand in grams: as it is, or behind so much of a stock phrase."""
    yield text, 0
    for phrase in STOCK_PHRASES:
        for skip in range(1, len(phrase)):
            rest = phrase[skip:]
            if rest.startswith(text):
                yield phrase, skip
            elif text.startswith(rest):
                yield phrase + text[len(rest) :], skip


def list_frequent(cuts: Sequence[str], order: Mapping[int, int]) -> list[str]:
    """All frequent texts: those that begin enough cuts, as they are or within a phrase."""
    candidates = set()
    for cut in cuts:
        skips = {0}
        for phrase in STOCK_PHRASES:
            if cut.startswith(phrase):
                skips |= set(range(1, len(phrase)))
        candidates |= {cut[a:b] for a in skips for b in range(a + 1, len(cut) + 1)}
    ordered = [order_text(cut, order) for cut in cuts]
    return sorted(text for text in candidates if is_frequent(text, ordered, order))


def is_frequent(text: str, cuts: Sequence[tuple[int, str]], order: Mapping[int, int]) -> bool:
    """Whether a text has a list of its own; `cuts` are given as `order_text` has them."""
    inside = {n for full, _ in list_beginnings(text) for n in list_inside(full, cuts, order)}
    return len(inside) >= FREQUENT_CUTS


def build_frequent(
    shards: GramShards,
    order: Mapping[int, int],
    values: Values,
    value_records: ValueRecords,
    addresses: Mapping[int, str],
    tags: Tags,
) -> Frequent:
    """The lists of all frequent texts of the family `t`.

    `addresses` are the folded ones of which the index holds only what follows the township.
    """
    frequent = list_frequent(shards.cuts, order)
    if not frequent or shards.suffixes is None:
        return Frequent((("l-0", render_script("l-0", {"g": ["", ""]})),), 1)
    bounds = np.searchsorted(shards.suffixes.classes, np.arange(CLASSES + 1)).tolist()
    by_number = {number: value for value, number in values.numbers.items()}
    towns = [text for field, text in by_number.values() if field == "township"]
    found = []
    for text in frequent:
        ranks, told = _rank_places(shards.suffixes, bounds, text)
        for number in told:
            ranks.append((_OTHER, np.array(value_records[by_number[number]], dtype=np.int64)))
        behind = _find_behind_towns(text, towns, value_records, addresses)
        ranks.append((_OTHER, np.array(behind, dtype=np.int64)))
        found.append(_Found(text, told, _merge_ranks(ranks)))
    return _render(found, tags)


def _rank_places(suffixes: Suffixes, bounds: Sequence[int], text: str) -> tuple[
    list[tuple[int, Ints]], list[int]
]:  # fmt: skip
    """(Rank, records) pairs for every place where `text` stands, and the values that hold it."""
    ranks: list[tuple[int, Ints]] = []
    values: set[int] = set()
    for full, skip in list_beginnings(text):
        for kind in range(CLASSES):
            rows = _find_rows(suffixes, bounds[kind], bounds[kind + 1], full)
            owners = suffixes.owners[rows]
            if kind == VALUE:
                values |= set(owners.tolist())
                continue
            # A place inside a phrase that begins the title does not begin the title.
            ranks.append((max(kind + 2, _INSIDE_TITLE) if skip else kind + 2, owners))
            if kind == TITLE_START and not skip:
                whole = _find_rows(suffixes, rows.start, rows.stop, full + END)
                ranks.append((1, suffixes.owners[whole]))
    return ranks, sorted(values)


def _find_rows(suffixes: Suffixes, low: int, high: int, prefix: str) -> slice:
    """The rows between two of one class whose texts begin with `prefix`."""
    places, text, length = suffixes.places, suffixes.text, len(prefix)

    def read(row: int) -> str:
        return text[places[row] : places[row] + length]

    rows = range(low, high)
    return slice(
        low + bisect_left(rows, prefix, key=read), low + bisect_right(rows, prefix, key=read)
    )


def _find_behind_towns(
    text: str,
    towns: Sequence[str],
    value_records: ValueRecords,
    addresses: Mapping[int, str],
) -> list[int]:
    """Records whose address holds `text` across the end of the township's name."""
    found: list[int] = []
    for town in towns:
        ends = range(max(len(town) - len(text) + 1, 0), len(town) - 1)
        if any(text.startswith(town[at:]) for at in ends):
            numbers = value_records["township", town]
            found += [number for number in numbers if text in addresses.get(number, "")]
    return found


def _merge_ranks(ranks: Sequence[tuple[int, Ints]]) -> list[tuple[int, Ints]]:
    """Each record once, under its best rank."""
    merged: list[tuple[int, Ints]] = []
    before = np.empty(0, dtype=np.int64)
    for rank in range(1, _OTHER + 1):
        held = [numbers for given, numbers in ranks if given == rank]
        numbers = np.setdiff1d(np.concatenate([*held, before[:0]]), before)
        if len(numbers):
            merged.append((rank, numbers))
            before = np.concatenate([before, numbers])
    return merged


def _render(found: Sequence[_Found], tags: Tags) -> Frequent:
    """Files by a hash of the texts, each with the tags of its lists."""
    lists = [numbers for entry in found for _, numbers in entry.lists]
    sizes = np.array([len(numbers) for numbers in lists], dtype=np.int64)
    members = np.concatenate([*lists, np.empty(0, dtype=np.int64)])
    places = np.repeat(np.arange(len(lists)), sizes)
    near, far = measure_lists(members, places, len(lists))
    # What the numbers take without their tags, which are known once the files are.
    plain = int(np.sum(sizes * np.log2(np.maximum((1 << 17) / np.maximum(sizes, 1), 2.0)))) // 6
    count = count_buckets(plain, FILE_BYTES)
    buckets = [
        choose_bucket(zlib.crc32(entry.text.encode("utf-16-le", "surrogatepass")), count)
        for entry in found
    ]
    of_list = [bucket for bucket, entry in zip(buckets, found, strict=True) for _ in entry.lists]
    groups = np.array(of_list, dtype=np.int64)[places]
    tails, tables = write_tails(tags, members, groups, count)
    codes = encode_lists(sizes, members, (near, far), tails)
    contents: list[dict[str, object]] = [{"g": tables[n]} for n in range(count)]
    at = 0
    for bucket, entry in zip(buckets, found, strict=True):
        written = []
        for rank, _ in entry.lists:
            written += [rank, int(near[at]), int(far[at]), write_codes(codes, at, at + 1)]
            at += 1
        contents[bucket][entry.text] = [entry.values, written]
    files = tuple(
        (f"l-{n}", render_script(f"l-{n}", content)) for n, content in enumerate(contents)
    )
    return Frequent(files, count)
