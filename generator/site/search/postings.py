"""From folded texts to *leaves*: short beginnings of text, each with the records that hold it.

Every place in every text starts one gram, and the gram is cut as soon as at most `LEAF_RECORDS`
records share it (or at the end of the text). So a query is either shorter than the leaves it
begins, and their records are its answer, or it runs past one leaf whose few records are then
compared with their stored text. That makes any substring of any length exact without positions.

Source: docs/search.md §5
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.signedinteger]
"""Of no more bytes than the numbers need: there is a row for every character of the province."""
Units = npt.NDArray[np.uint16]

LEAF_RECORDS = 10
"""Records at which a gram is cut: smaller leaves cost more index, larger ones more comparing."""

LEAF_SIZES = (4, LEAF_RECORDS, LEAF_RECORDS, LEAF_RECORDS, 4)
"""The same by class. Title beginnings: so few that exact titles are always among the rows
shown. Values: each brings a whole list of records with it."""

MAXIMUM_DEPTH = 16
"""Longest gram. Where thousands share 16 characters, more would tell little."""

STOCK_PHRASES: tuple[str, ...] = (
    "有限责任公司", "股份有限公司", "有限公司", "合作社", "养殖场", "加工厂", "加油站",
    "技术改造项目", "生产线项目", "建设项目", "改扩建项目", "扩建项目", "迁建项目", "技改项目",
    "机械制造", "汽车零部件", "环保科技", "电子科技", "塑料制品", "污水处理", "表面处理",
    "包装材料", "新材料", "再生资源", "农业开发", "房地产开发", "水泥制品", "建筑材料",
    "畜禽养殖", "专业合作社", "示例省",
    "工业集中区", "项目", "街道", "年产", "生产线", "年出栏", "养殖", "平方米", "立方米", "生猪",
    "家庭农场", "年加工", "汽车维修", "餐饮服务", "混凝土",
)  # fmt: skip
"""Words that names are full of. No gram begins inside one: a query that begins inside one is
looked up with the whole word before it. That leaves out a third of all places, and those that
would make the heaviest shards. The list only ever affects sizes, never results.
"""

END = "Z"
"""Marks the end of a text within a gram. Folded text has no capital letters."""

_STEPS = MAXIMUM_DEPTH // 4


@dataclass(frozen=True, slots=True)
class Suffixes:
    """All places of all texts, sorted by class and following text.

    `units` is every text one after another in UTF-16, each closed by `END` and zeros; `text` is
    the same with a character for each unit.
    `places`, `classes` and `owners` are parallel: where in `units`, of which class, whose.
    """

    units: Units
    text: str
    places: Ints
    classes: Ints
    owners: Ints


@dataclass(frozen=True, slots=True)
class Leaves:
    """`starts[i]:starts[i+1]` are leaf i's rows of a `Suffixes`; `depths[i]` its length."""

    starts: Ints
    depths: Ints


def sort_suffixes(texts: Sequence[tuple[int, int, str]]) -> Suffixes:
    """Sort every place of `texts`, given as (class, owner number, folded text).

    Class 0 holds the first place of each title only, and class 1 the others: see `index`.
    """
    closing = END + "\0" * MAXIMUM_DEPTH
    joined = closing.join(text for _, _, text in texts) + closing
    units = np.frombuffer(joined.encode("utf-16-le", "surrogatepass"), dtype="<u2").copy()
    lengths = np.array([_count_units(text) for _, _, text in texts], dtype=np.int64)
    step = lengths + len(closing)
    begins = np.cumsum(step) - step
    total = int(lengths.sum())
    text_of = np.repeat(np.arange(len(texts), dtype=np.int32), lengths)
    # How far each row's place is ahead of its row.
    ahead = (begins - np.cumsum(lengths) + lengths).astype(np.int32)
    places = np.arange(total, dtype=np.int32) + ahead[text_of]
    classes = np.array([c for c, _, _ in texts], dtype=np.int8)[text_of]
    owners = np.array([o for _, o, _ in texts], dtype=np.int32)[text_of]
    classes[(classes == 0) & (places > begins.astype(np.int32)[text_of])] = 1
    del text_of
    kept = ~_mark_phrase_insides(joined, len(units))[places]
    places, classes, owners = places[kept], classes[kept], owners[kept]
    order = _sort_places(units, places, classes)
    whole = joined if len(joined) == len(units) else "".join(map(chr, units.tolist()))
    return Suffixes(units, whole, places[order], classes[order], owners[order])


def _mark_phrase_insides(joined: str, length: int) -> npt.NDArray[np.bool_]:
    """True at every unit inside a stock phrase but at its first."""
    inside = np.zeros(length, dtype=bool)
    pattern = re.compile("|".join(sorted(STOCK_PHRASES, key=lambda phrase: (-len(phrase), phrase))))
    wide = length > len(joined)
    shift = 0
    last = 0
    for match in pattern.finditer(joined):
        if wide:  # Characters outside the basic plane are two units each.
            shift += sum(char > "\uffff" for char in joined[last : match.start()])
            last = match.start()
        inside[match.start() + shift + 1 : match.end() + shift] = True
    return inside


def _count_units(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _sort_places(units: Units, places: Ints, classes: Ints) -> Ints:
    """The order of rows by class and following text."""
    keys = [_pack_four(units, places + 4 * step) for step in reversed(range(_STEPS))]
    return np.lexsort((*keys, classes))


def _pack_four(units: Units, places: Ints) -> npt.NDArray[np.uint64]:
    """Four units from each place as one sortable number."""
    padded = np.concatenate([units, np.zeros(8, dtype=np.uint16)])
    shift = np.uint64(16)
    packed = padded[places].astype(np.uint64)
    for ahead in (1, 2, 3):
        packed <<= shift
        packed |= padded[places + ahead]
    return packed


@dataclass(frozen=True, slots=True)
class Shared:
    """For each row: the units it shares with the row before, and those to its `END` inclusive.

    Both count to `MAXIMUM_DEPTH` at most; rows of different classes share nothing.
    """

    same: Ints
    length: Ints


def compare_suffixes(suffixes: Suffixes) -> Shared:
    """What neighbours in the order of the suffixes have in common."""
    count = len(suffixes.places)
    same = np.zeros(count, dtype=np.int8)
    alive = np.ones(count, dtype=bool)
    alive[0] = False
    alive[1:] = suffixes.classes[1:] == suffixes.classes[:-1]
    padded = np.concatenate([suffixes.units, np.zeros(MAXIMUM_DEPTH, dtype=np.uint16)])
    length = np.full(count, MAXIMUM_DEPTH, dtype=np.int8)
    going = np.ones(count, dtype=bool)
    for depth in range(MAXIMUM_DEPTH):
        here = padded[suffixes.places + depth]
        alive[1:] &= here[1:] == here[:-1]
        same[alive & going] += 1
        ends = going & (here == ord(END))
        length[ends] = depth + 1
        going &= ~ends
    return Shared(same, length)


def cut_leaves(suffixes: Suffixes, shared: Shared) -> Leaves:
    """Cut the sorted suffixes into leaves of two units or more."""
    count = len(suffixes.places)
    same, length = shared.same, shared.length
    depths = np.zeros(count, dtype=np.int8)
    done = np.zeros(count, dtype=bool)
    leaf_start = np.zeros(count, dtype=bool)
    allowed = np.array(LEAF_SIZES, dtype=np.int8)[suffixes.classes]
    # Grams of one character would leave every query of two in doubt.
    for depth in range(2, MAXIMUM_DEPTH + 1):
        opens = same < np.minimum(depth, length)
        opens[0] = True
        starts = np.flatnonzero(opens)
        sizes = np.diff(np.append(starts, count))
        size_of = np.repeat(sizes, sizes)
        cut = ~done & ((size_of <= allowed) | (length <= depth) | (depth == MAXIMUM_DEPTH))
        depths[cut] = np.minimum(depth, length[cut])
        leaf_start |= cut & opens
        done |= cut
    return Leaves(np.append(np.flatnonzero(leaf_start), count), depths[leaf_start].astype(np.int64))


def deepen_leaves(leaves: Leaves, shared: Shared, least: Ints) -> Leaves:
    """The leaves, with those shorter than the `least` of their rows cut at that length."""
    sizes = np.diff(leaves.starts)
    wanted = np.minimum(least, shared.length)
    short = np.repeat(leaves.depths, sizes) < wanted
    depths = np.where(short, wanted, np.repeat(leaves.depths, sizes))
    opens = short & (shared.same < wanted)
    opens[leaves.starts[:-1]] = True
    return Leaves(np.append(np.flatnonzero(opens), len(opens)), depths[opens])
