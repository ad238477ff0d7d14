"""The gram shards: leaves and their record lists for one family of texts.

There are two families. `t` holds titles, owners, short fields, and each distinct value of the
shared fields. `p` holds all texts of the records that have prose (narratives, page bodies): a
narrative has many different characters, and in shards of its own a changed case changes few files.

Source: docs/search.md §5
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from generator.site.search.bits import Tails, encode_lists, write_codes
from generator.site.search.numbering import EXTENTS_FROM
from generator.site.search.postings import (
    Leaves,
    Suffixes,
    compare_suffixes,
    cut_leaves,
    deepen_leaves,
    sort_suffixes,
)
from generator.site.search.script import render_script
from generator.site.search.shards import cut_shards, find_atoms, name_cuts
from generator.site.search.tags import Tags, write_tails

Ints = npt.NDArray[np.signedinteger]

TITLE_START: Final = 0
TITLE: Final = 1
OWNER: Final = 2
TEXT: Final = 3
VALUE: Final = 4
CLASSES: Final = 5

SHARD_BITS = 56_000.0
"""Estimated bits at which a shard is cut: about 4 KB on average when sent compressed."""

PROSE_SHARD_BITS = 36_000.0
"""The same for prose, whose shard every query loads beside the other."""

_NUMBER_BITS = 28

_USUAL_SPACE = 1 << 16
"""What weighing takes as the room of numbers: constant, since another one would move cuts."""

_LABEL_BITS = 14.0
"""What weighing takes a leaf's label to cost."""


@dataclass(frozen=True, slots=True)
class GramShards:
    """A family's finished files, its cuts as the meta file lists them, and what it was made of."""

    files: tuple[tuple[str, bytes], ...]
    cuts: tuple[str, ...]
    suffixes: Suffixes | None


def build_gram_shards(
    family: str,
    texts: Sequence[tuple[int, int, str]],
    order: Mapping[int, int],
    shard_bits: float,
    tags: Tags | None,
) -> GramShards:
    """Shards for `texts`, given as (class, number, folded text).

    `order` is the order of first characters. Without `tags` nothing stands behind the numbers.
    """
    if not texts:
        return GramShards((_render_empty(family),), (), None)
    suffixes = sort_suffixes(texts)
    shared = compare_suffixes(suffixes)
    leaves = cut_leaves(suffixes, shared)
    sizes = np.diff(leaves.starts)
    bits = _LABEL_BITS / sizes + np.log2(np.maximum(_USUAL_SPACE / sizes, 1.0)) + 1.5
    atoms = find_atoms(suffixes, np.repeat(bits, sizes), order, shard_bits)
    leaves = deepen_leaves(leaves, shared, atoms.least)
    begins = cut_shards(atoms, shard_bits)
    leaf_shards = np.searchsorted(
        np.array(begins, dtype=np.int64), atoms.of_row[leaves.starts[:-1]], side="right"
    )
    cuts = name_cuts(atoms, begins)
    files = tuple(_render_shards(family, suffixes, leaves, leaf_shards, cuts, tags))
    return GramShards(files, cuts, suffixes)


def name_shard(family: str, cut: str) -> str:
    """A shard's file name: from the gram it begins with, so that a new cut renames no other."""
    return f"{family}-{'-'.join(f'{ord(unit):x}' for unit in cut) or '0'}"


def _render_empty(family: str) -> tuple[str, bytes]:
    name = name_shard(family, "")
    return name, render_script(name, {"l": [""] * CLASSES, "b": "", "s": [0, 0, 0], "g": ["", ""]})


def _render_shards(
    family: str,
    suffixes: Suffixes,
    leaves: Leaves,
    leaf_shards: Ints,
    cuts: Sequence[str],
    tags: Tags | None,
) -> Iterator[tuple[str, bytes]]:
    """Each shard's (name, bytes)."""
    by_shard = np.argsort(leaf_shards, kind="stable")
    rank = np.empty_like(by_shard)
    rank[by_shard] = np.arange(len(by_shard))
    sizes = np.diff(leaves.starts)
    members = np.repeat(rank << _NUMBER_BITS, sizes)
    members |= suffixes.owners
    members.sort()
    members = members[np.append(True, members[1:] != members[:-1])]
    leaf_of = (members >> _NUMBER_BITS).astype(np.int32)
    numbers = (members & ((1 << _NUMBER_BITS) - 1)).astype(np.int32)
    del members
    heads = leaves.starts[:-1][by_shard]
    classes = suffixes.classes[heads]
    bounds = np.searchsorted(leaf_shards[by_shard], np.arange(len(cuts) + 2))
    sizes = np.bincount(leaf_of, minlength=len(by_shard))
    bits = _measure_bits(numbers, classes[leaf_of], leaf_shards[by_shard][leaf_of], len(cuts) + 1)
    shard_of = leaf_shards[by_shard]
    near = np.where(classes == VALUE, bits[2, shard_of], bits[0, shard_of])
    tails = Tails(np.zeros(len(numbers), dtype=np.int8), np.zeros(len(numbers), dtype=np.int8))
    tables: Mapping[int, list[str]] = {}
    if tags is not None:
        groups = np.where(classes[leaf_of] == VALUE, -1, shard_of[leaf_of])
        tails, tables = write_tails(tags, numbers, groups, len(cuts) + 1)
    del leaf_of
    codes = encode_lists(sizes, numbers, (near, bits[1, shard_of]), tails)
    del numbers, tails
    text = suffixes.text
    places, depths, of_class = suffixes.places[heads], leaves.depths[by_shard], classes
    for shard, cut in enumerate(("", *cuts)):
        low, high = int(bounds[shard]), int(bounds[shard + 1])
        labels: list[list[str]] = [[] for _ in range(CLASSES)]
        previous = [""] * CLASSES
        for place, depth, kind in zip(
            places[low:high].tolist(),
            depths[low:high].tolist(),
            of_class[low:high].tolist(),
            strict=True,
        ):
            gram = text[place : place + depth]
            labels[kind].append(_front_code(previous[kind], gram))
            previous[kind] = gram
        name = name_shard(family, cut)
        payload = {
            "l": ["".join(part) for part in labels],
            "b": write_codes(codes, low, high),
            "s": bits[:, shard].tolist(),
            "g": tables.get(shard, ["", ""]),
        }
        yield name, render_script(name, payload)


def _measure_bits(numbers: Ints, classes: Ints, shards: Ints, count: int) -> Ints:
    """Bits of the greatest number in each shard: of blocks, of extents, of values.

    Each shard has its own, so that a number longer than any before changes few shards.
    """
    bits = np.zeros((3, count), dtype=np.int64)
    far = numbers >= EXTENTS_FROM
    for row, chosen in enumerate((~far & (classes != VALUE), far, classes == VALUE)):
        greatest = np.zeros(count, dtype=np.int64)
        np.maximum.at(greatest, shards[chosen], numbers[chosen] - (EXTENTS_FROM if row == 1 else 0))
        bits[row] = np.frexp(greatest.astype(np.float64))[1]
    return bits


def _front_code(previous: str, gram: str) -> str:
    """A capital letter for how much `gram` shares with `previous`, then the rest of it."""
    shared = 0
    for a, b in zip(previous, gram, strict=False):
        if a != b:
            break
        shared += 1
    return chr(0x41 + shared) + gram[shared:]
