"""What crawlers and finders of faults ask for: robots.txt, sitemaps, security.txt.

    robots.txt                   everything may be read; where the sitemaps are
    sitemap.xml                  the list of sitemaps
    sitemap/pages.xml            pages of the whole province
    sitemap/990100.xml           pages of a prefecture's districts, enterprises and projects
    .well-known/security.txt     whom to tell of a fault in the site itself

Sitemaps hold the province's own addresses, which pages name as canonical ones: a mirror's copy of
them leads to the province. Without the setting `canonical` there are none. A page's `lastmod` is
the day of its record's newest entry in the dataset; pages made of many records have none.

Source: RFC 9309 (robots.txt); sitemaps.org protocol 0.9; RFC 9116 (security.txt).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from generator.config import SecurityContact
from generator.domain.library import Library
from generator.mirror.manifest import SECURITY
from generator.site import routes

ROBOTS: Final = "robots.txt"
SITEMAP: Final = "sitemap.xml"
_PROVINCE: Final = "pages"
_MOST_URLS: Final = 50_000
"""Source: sitemaps.org protocol, “Sitemap file format”."""
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE: Final = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def format_robots(canonical: str) -> bytes:
    """Who may read what: everybody everything."""
    sitemap = f"Sitemap: {canonical}{SITEMAP}\n" if canonical else ""
    return f"User-agent: *\nDisallow:\n{sitemap}".encode()


def format_security(
    contact: SecurityContact, data_date: dt.date, canonical: str
) -> Iterator[tuple[str, bytes]]:
    """Route and content of security.txt, if somebody is named.

    It expires so many days after the data date: a site that nobody cares for says so by itself.
    """
    if not contact.address:
        return
    expires = data_date + dt.timedelta(days=contact.days)
    lines = [
        f"Contact: {contact.address}",
        f"Expires: {expires.isoformat()}T00:00:00+08:00",
        "Preferred-Languages: zh, en",
        *([f"Canonical: {canonical}{SECURITY}"] if canonical else []),
    ]
    yield SECURITY, ("\n".join(lines) + "\n").encode()


def build_sitemaps(
    pages: Iterable[str], library: Library, canonical: str
) -> Iterator[tuple[str, bytes]]:
    """Route and content of the sitemaps of all `pages`; none without a canonical address."""
    if not canonical:
        return
    placed = _place_pages(library)
    days = _list_days(library)
    hidden = {routes.project_route(p.ledger_no) for p in library.projects if p.withdrawn}
    hidden |= {routes.case_route(c.case_no) for c in library.cases if c.withdrawal is not None}
    hidden |= {
        routes.enterprise_route(record.key)
        for record in library.standing.withdrawn
        if record.table == "enterprise_profile"
    }
    parts: dict[str, list[str]] = defaultdict(list)
    for route in sorted(set(pages) - hidden):
        day = days.get(route, "")
        told = f"<lastmod>{day}</lastmod>" if day else ""
        line = f"<url><loc>{canonical}{route}</loc>{told}</url>\n"
        parts[placed.get(route, _PROVINCE)].append(line)
    names = []
    for place in sorted(parts):
        lines = parts[place]
        for start in range(0, len(lines), _MOST_URLS):
            name = f"sitemap/{place}{f'-{start // _MOST_URLS + 1}' if start else ''}.xml"
            names.append(name)
            listed = "".join(lines[start : start + _MOST_URLS])
            yield name, f"{_HEAD}<urlset {_NAMESPACE}>\n{listed}</urlset>\n".encode()
    index = "".join(f"<sitemap><loc>{canonical}{name}</loc></sitemap>\n" for name in names)
    yield SITEMAP, f"{_HEAD}<sitemapindex {_NAMESPACE}>\n{index}</sitemapindex>\n".encode()


def _place_pages(library: Library) -> Mapping[str, str]:
    """The prefecture of each page that belongs to one."""
    gazetteer = library.gazetteer
    placed: dict[str, str] = {}
    for prefecture in gazetteer.prefectures:
        placed[routes.district_route(prefecture.code)] = prefecture.code
        for county in prefecture.counties:
            for find_route in (
                routes.district_route,
                routes.district_projects_route,
                routes.district_enterprises_route,
            ):
                placed[find_route(county.code)] = prefecture.code
    profile = library.dataset["enterprise_profile"].text.select("site_code", "division_code")
    records = [(routes.enterprise_route(site), code) for site, code in profile.iter_rows()]
    records += [(routes.project_route(p.ledger_no), p.division_code) for p in library.projects]
    for route, division in records:
        placed[route] = gazetteer.parents.get(gazetteer.place_code(division), _PROVINCE)
    return placed


def _list_days(library: Library) -> Mapping[str, str]:
    """The day of the newest entry about each enterprise and project that has one."""
    days: dict[str, str] = {}
    disclosed = library.dataset["disclosure_record"].text.group_by("site_code").max()
    for site, day in disclosed.select("site_code", "disclosed_date").iter_rows():
        days[routes.enterprise_route(site)] = day
    for project in library.projects:
        if project.events:
            days[routes.project_route(project.ledger_no)] = project.events[
                -1
            ].event_date.isoformat()
    return days
