"""Atom feeds, one file a place and one for the province: news without an account or a server.

Addresses in a feed are relative to the feed itself, so that one file serves every mirror.

Source: RFC 4287 (Atom); RFC 4122 section 4.3 (name-based UUID); facts.md rows on alerts.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from generator.domain.exposure import Issue
from generator.domain.news import NewsItem
from generator.domain.place import Gazetteer
from generator.domain.weeks import parse_week
from generator.site import routes
from generator.site.views.exposure_parts import title_issue
from generator.site.views.record_links import EXPOSURE_WEEK, route_record
from generator.site.views.visible import reveal_controls

ITEMS: Final = 50
"""Entries of a feed, the newest: readers keep what they have seen, mirrors fetch it anew."""
_ATOM: Final = "http://www.w3.org/2005/Atom"
_NAMESPACE: Final = uuid.UUID("6f2a1c0e-2c55-5f0e-9d1c-3b0f6d1a7c42")
"""Under which the names of our items become UUIDs; changing it would show all of them again."""
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ZONE: Final = "T00:00:00+08:00"  # a day in the dataset is a day in China
_BEFORE_EVERYTHING: Final = dt.date(2015, 1, 1)
"""When a feed without entries was updated: Order 31 came into force, nothing happened yet."""


def build_feeds(
    news: Sequence[NewsItem], issues: Sequence[Issue], gazetteer: Gazetteer, publisher: str
) -> Iterator[tuple[str, bytes]]:
    """Route and content of every feed: the province's, each division's, and the weekly issues'.

    `news` is in the order in which it is shown, the newest first; `publisher` stands as author.
    """
    yield routes.FEED, _format(f"{publisher}：最新动态", routes.FEED, news, publisher)
    by_division: dict[str, list[NewsItem]] = defaultdict(list)
    for item in news:
        county = gazetteer.place_code(item.division_code) if item.division_code else ""
        if county:
            by_division[county].append(item)
            by_division[gazetteer.parents.get(county, "")].append(item)
    for prefecture in gazetteer.prefectures:
        for code in (prefecture.code, *(county.code for county in prefecture.counties)):
            route = routes.district_feed_route(code)
            title = f"{gazetteer.full_name(code)}：最新动态"
            yield route, _format(title, route, by_division[code], publisher)
    weekly = [_tell_issue(issue) for issue in reversed(issues)]
    yield routes.WEEK_FEED, _format("一周一曝光", routes.WEEK_FEED, weekly, publisher)


def _tell_issue(issue: Issue) -> NewsItem:
    standing = sum(case.withdrawal is None for case in issue.cases)
    return NewsItem(
        f"week/{issue.iso_week}",
        parse_week(issue.iso_week).end,
        f"一周一曝光 {title_issue(issue)}",
        f"本期曝光 {standing} 起环境违法典型案件。",
        EXPOSURE_WEEK,
        issue.iso_week,
        "",
    )


def _format(title: str, route: str, items: Sequence[NewsItem], publisher: str) -> bytes:
    shown = items[:ITEMS]
    feed = Element("feed", {"xmlns": _ATOM, "xml:lang": "zh-CN"})
    SubElement(feed, "title").text = title
    SubElement(feed, "id").text = _make_id(f"feed/{route}")
    newest = shown[0].day if shown else _BEFORE_EVERYTHING
    SubElement(feed, "updated").text = newest.isoformat() + _ZONE
    SubElement(SubElement(feed, "author"), "name").text = publisher
    root = routes.root_of(route)
    SubElement(feed, "link", {"rel": "self", "href": route.rpartition("/")[2]})
    SubElement(feed, "link", {"rel": "alternate", "href": f"{root}{_page_of_feed(route)}"})
    for item in shown:
        entry = SubElement(feed, "entry")
        SubElement(entry, "title").text = _fit(item.title)
        SubElement(entry, "id").text = _make_id(item.item_id)
        SubElement(entry, "updated").text = item.day.isoformat() + _ZONE
        page = route_record(item.owner_field, item.owner_key) or _page_of_feed(route)
        SubElement(entry, "link", {"rel": "alternate", "href": f"{root}{page}"})
        SubElement(entry, "summary").text = _fit(item.text)
    indent(feed, " ")
    content: bytes = tostring(feed, "utf-8", xml_declaration=True)
    return content + b"\n"


def _fit(text: str) -> str:
    """The text with hidden characters shown, and without those that XML 1.0 cannot hold."""
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", reveal_controls(text))


def _page_of_feed(route: str) -> str:
    """The page that shows what a feed tells of."""
    if route == routes.WEEK_FEED:
        return routes.WEEKS
    return routes.HOME if route == routes.FEED else route.removesuffix(".xml") + ".html"


def _make_id(name: str) -> str:
    return f"urn:uuid:{uuid.uuid5(_NAMESPACE, name)}"
