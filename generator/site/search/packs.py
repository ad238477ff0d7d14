"""Rows to show, in packs, and the labels that they share with the facet columns.

Source: docs/search.md §6
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from generator.site.search.numbering import (
    LEVEL,
    SERIAL_ROWS,
    Numbering,
    Series,
    choose_bucket,
    settle_by_hash,
)
from generator.site.search.records import (
    FACETS,
    KINDS,
    TEXT_FIELDS,
    VALUE_FIELDS,
    SearchRecord,
)
from generator.site.search.script import encode_small, render_script
from generator.site.search.wording import join_texts

LABEL_PLACES = 80
"""Places for a facet's labels in rows: one byte each. With more labels the next level follows."""

DERIVED_FACETS = frozenset({"kind", "year"})
"""Facets that rows tell otherwise."""

Labels = Mapping[str, Sequence[str]]


def read_facet(record: SearchRecord, facet: str) -> str:
    """The label of `record` under `facet`, empty when it has none."""
    if facet == "kind":
        return record.kind
    if facet == "year":
        return record.date[:4]
    if facet == "township":
        return record.township
    return record.facets.get(facet, "")


def list_labels(records: Sequence[SearchRecord]) -> dict[str, list[str]]:
    """The labels of every facet but township, in the order that codes count them."""
    labels: dict[str, list[str]] = {"kind": list(KINDS)}
    for facet in FACETS:
        if facet not in ("kind", "township"):
            labels[facet] = sorted({read_facet(r, facet) for r in records} - {""})
    return labels


def mark_labels(labels: Labels) -> dict[str, dict[str, str]]:
    """A character for each label of the facets that rows hold.

    It comes from the label, not from its place among the others: a new label changes no row.
    """
    return {
        facet: {
            label: encode_small(place)
            for label, place in settle_by_hash(labels[facet], LABEL_PLACES).items()
        }
        for facet in labels
        if facet not in DERIVED_FACETS
    }


def build_row_packs(
    records: Sequence[SearchRecord], numbering: Numbering, labels: Labels
) -> Iterator[tuple[str, bytes]]:
    """Packs of rows: what a result shows of each record."""
    marks = mark_labels(labels)
    packs: dict[str, list[tuple[int, SearchRecord]]] = defaultdict(list)
    for at, (part, place), record in zip(
        numbering.series_of, numbering.locals_, records, strict=True
    ):
        series = numbering.series[at]
        local = part * series.part_size + place
        packs[f"r-{series.name}-{_name_pack(series, local)}"].append((local, record))
    for name in sorted(packs):
        rows = sorted(packs[name], key=lambda row: row[0])
        towns = sorted({record.township for _, record in rows})
        town_codes = "".join(encode_small(towns.index(record.township)) for _, record in rows)
        facets = {
            facet: "".join(
                marks[facet].get(record.facets.get(facet, ""), " ") for _, record in rows
            )
            for facet in marks
        }
        yield name, render_script(name, {
            "n": _list_gaps([local for local, _ in rows]),
            "i": _list_ids(rows),
            "h": _list_kinds(rows),
            "u": {n: r.url for n, (_, r) in enumerate(rows) if r.url != f"{r.kind}/{r.id}.html"},
            "t": join_texts([r.title for _, r in rows]),
            "s": join_texts([_shorten(r.subtitle, r.title) for _, r in rows]),
            "o": _list_owned(rows),
            "w": [join_texts(towns), town_codes],
            "d": [count_days(r.date) for _, r in rows],
            "f": {n: r.fine for n, (_, r) in enumerate(rows) if r.fine is not None},
            "c": {n: r.rate for n, (_, r) in enumerate(rows) if r.rate is not None},
            "k": {facet: codes for facet, codes in facets.items() if codes.strip()},
        })  # fmt: skip


def build_texts(
    records: Sequence[SearchRecord], numbering: Numbering
) -> Iterator[tuple[str, bytes]]:
    """The texts that rows do not show, by districts and by series of the province, if any.

    For each series: the gaps of its records' places, the rest of each address after the township,
    and by index the other texts of the records that have more than that.
    """
    members: dict[str, dict[str, list[tuple[int, SearchRecord]]]] = defaultdict(dict)
    for at, (part, place), record in zip(
        numbering.series_of, numbering.locals_, records, strict=True
    ):
        series = numbering.series[at]
        local = part * series.part_size + place
        held = members[_name_texts(series)].setdefault(series.name, [])
        held.append((local, record))
    for name in sorted(members):
        payload = {}
        for series_name, held in sorted(members[name].items()):
            told = [(local, _list_texts(record)) for local, record in sorted(held, key=_first)]
            kept = [(local, address, rest) for local, (address, rest) in told if address or rest]
            if kept:
                payload[series_name] = [
                    _list_gaps([local for local, _, _ in kept]),
                    join_texts([address for _, address, _ in kept]),
                    {n: rest for n, (_, _, rest) in enumerate(kept) if rest},
                ]
        if payload:
            yield name, render_script(name, payload)


def _name_texts(series: Series) -> str:
    """The file of a series' texts."""
    return f"x-{series.district or series.name}"


def list_bare(numbering: Numbering, names: Iterable[str]) -> list[str]:
    """The districts and series of the province that have no file among `names`."""
    return sorted({_name_texts(s) for s in numbering.series} - set(names))


def _first(pair: tuple[int, SearchRecord]) -> int:
    return pair[0]


def _list_owned(rows: Sequence[tuple[int, SearchRecord]]) -> list[int] | int:
    """Which rows' subtitles are their owners, or 1 where all are."""
    owned = [n for n, (_, r) in enumerate(rows) if ("owner", r.subtitle) in r.fields]
    return 1 if len(owned) == len(rows) else owned


def _name_pack(series: Series, local: int) -> int:
    """The pack of a series that holds a record: runs of serials, or places by linear hashing."""
    return local // SERIAL_ROWS if series.serial else choose_bucket(local, series.packs)


def _list_kinds(rows: Sequence[tuple[int, SearchRecord]]) -> str:
    """A character for each row's kind, or one for all."""
    kinds = "".join(encode_small(KINDS.index(record.kind)) for _, record in rows)
    return kinds[0] if len(set(kinds)) == 1 else kinds


def count_days(iso: str) -> int:
    """Days from 2000-01-01 to an ISO date; 0 for an empty one, as no date is so old."""
    return date.fromisoformat(iso).toordinal() - date(2000, 1, 1).toordinal() if iso else 0


def _list_ids(rows: Sequence[tuple[int, SearchRecord]]) -> list[str] | str:
    """The ids; for a ledger's serials only what they begin with and the letter before each."""
    stem = rows[0][1].id[:-7]
    if all(record.id == f"{stem}{record.id[-7:-6]}-{place % LEVEL:05d}" for place, record in rows):
        return f"{stem}|" + "".join(record.id[-7] for _, record in rows)
    return [record.id for _, record in rows]


def _list_gaps(numbers: Sequence[int]) -> list[int]:
    return [b - a for a, b in zip((0, *numbers), numbers, strict=False)]


def _shorten(text: str, title: str) -> str:
    """`text`, or an exclamation mark where the title begins with it, as with a project's owner.

    How long it is follows after the mark; a text that begins with such a mark has one before it.
    """
    if text and title.startswith(text):
        return f"!{len(text)}"
    return f"!{text}" if text.startswith("!") else text


def _list_texts(record: SearchRecord) -> tuple[str, list[int | str]]:
    """The address without the township that it begins with, and field code and text of others.

    Values are left out, whose files tell more, and an owner that is the subtitle.
    """
    rest: list[int | str] = []
    shown = ""
    for name, text in record.fields:
        if name in VALUE_FIELDS or not text or (name == "owner" and text == record.subtitle):
            continue
        within = name == "address" and not shown and text.startswith(record.township)
        if within and text != record.township:
            shown = text[len(record.township) :]
        else:
            rest += [TEXT_FIELDS.index(name), text]
    return shown, rest
