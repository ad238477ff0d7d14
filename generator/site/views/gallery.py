"""The gallery of all exposed cases, three times: by place, by violation and by measure.

Plain pages with an index of anchors, so that filtering needs no script.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator.domain.exposure import Case
from generator.domain.place import Gazetteer
from generator.site import routes
from generator.site.pages import Page
from generator.site.pictures import PictureFiles
from generator.site.views.exposure_parts import (
    Link,
    Picture,
    link_firm,
    link_place,
    make_picture,
)
from generator.site.views.text import format_count
from generator.site.views.week_labels import label_week

_WAYS = (
    (routes.CASES_BY_PLACE, "按地区"),
    (routes.CASES_BY_VIOLATION, "按违法类型"),
    (routes.CASES_BY_MEASURE, "按处理措施"),
)


@dataclass(frozen=True, slots=True)
class Tile:
    """A case in a group."""

    case: Link
    picture: Picture | None
    week: str
    line: str


@dataclass(frozen=True, slots=True)
class TileGroup:
    """The cases that share a place, a violation or a measure."""

    anchor: str
    title: Link
    count: str
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """One of the ways to sort the gallery; the page's own has no route."""

    title: str
    route: str


@dataclass(frozen=True, slots=True)
class GalleryView:
    """The gallery sorted one way."""

    title: str
    lead: str
    ways: tuple[Way, ...]
    groups: tuple[TileGroup, ...]
    list_route: str
    weeks_route: str


def gallery_pages(
    cases: Sequence[Case], gazetteer: Gazetteer, pictures: Mapping[str, PictureFiles]
) -> Iterator[Page]:
    """The three pages; a withdrawn case is on none of them."""
    standing = sorted(
        (case for case in cases if case.withdrawal is None),
        key=lambda case: case.case_no,
        reverse=True,
    )
    total = format_count(len(standing))
    by_place = _group(standing, lambda case: (case.division_code,))
    yield _page(
        0,
        f"{total} 起案件分布在 {format_count(len(by_place))} 个县（市、区），按行政区划代码排列。",
        tuple(
            _make_group(link_place(code, gazetteer), code, own, gazetteer, pictures)
            for code, own in sorted(by_place.items())
        ),
    )
    for number, words, sentence in (
        (1, _group(standing, lambda case: (case.violation_type,)), "每起案件有一种违法类型。"),
        (
            2,
            _group(standing, lambda case: case.measures),
            "一起案件可以有几项措施，所以会出现几次。",
        ),
    ):
        yield _page(
            number,
            f"{total} 起案件，{sentence}案件多的在前。",
            tuple(
                _make_group(Link(word, ""), str(place), own, gazetteer, pictures)
                for place, (word, own) in enumerate(
                    sorted(words.items(), key=lambda entry: (-len(entry[1]), entry[0])), start=1
                )
            ),
        )


def _group(
    cases: Sequence[Case], keys: Callable[[Case], Sequence[str]]
) -> Mapping[str, Sequence[Case]]:
    groups: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        for key in keys(case):
            groups[key].append(case)
    return groups


def _make_group(
    title: Link,
    code: str,
    cases: Sequence[Case],
    gazetteer: Gazetteer,
    pictures: Mapping[str, PictureFiles],
) -> TileGroup:
    return TileGroup(
        f"g-{code}",
        title,
        format_count(len(cases)),
        tuple(
            Tile(
                link_firm(case),
                make_picture(case, pictures),
                label_week(case.iso_week),
                f"{gazetteer.name(case.division_code)} · {case.violation_type}",
            )
            for case in cases
        ),
    )


def _page(number: int, lead: str, groups: tuple[TileGroup, ...]) -> Page:
    route, title = _WAYS[number]
    view = GalleryView(
        title=f"曝光案件（{title}）",
        lead=lead,
        ways=tuple(Way(other, "" if way == route else way) for way, other in _WAYS),
        groups=groups,
        list_route=routes.CASES,
        weeks_route=routes.WEEKS,
    )
    return Page(route, "gallery", view.title, f"全部曝光案件{title}排列，不用脚本。{lead}", view)
