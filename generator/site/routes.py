"""Where each record's page lives, relative to the site root.

Addresses are permanent: mirrors, citations and printed QR codes hold them, so they are made of
the register's own code alone, never of a name, a batch or a stage (docs/adr/0006-addresses.md).
Flat files, so that they open from a disk and need no server rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from generator.errors import RouteError

HOME = "index.html"
SEARCH = "search.html"
ENTERPRISES = "enterprise/index.html"
PROJECTS = "project/index.html"
DISTRICTS = "district/index.html"
WEEKS = "week/index.html"
CASES = "case/index.html"
CASES_BY_PLACE = "case/by-place.html"
CASES_BY_VIOLATION = "case/by-violation.html"
CASES_BY_MEASURE = "case/by-measure.html"
FOLLOW_UPS = "case/follow-up.html"
TRANSFERS = "case/transfers.html"
BULLETINS = "bulletin/index.html"
DUTIES = "duty/index.html"
FIGURES = "figure/index.html"
DICTIONARY = "dictionary/index.html"
DOWNLOADS = "download/index.html"
WITHDRAWN = "download/withdrawn.json"
CORRECTIONS = "correction/index.html"
KNOWN_PROBLEMS = "known-problems.html"
CHANGES = "change/index.html"
SITE_CARD = "card/site.png"
FEED = "feed.xml"
WEEK_FEED = "week/feed.xml"
SUPERVISION = "supervision/index.html"
DISPATCH = "supervision/dispatch.html"
MISSING = "supervision/missing.html"
IRREGULAR = "supervision/irregular.html"
LATE = "supervision/late.html"
SUSPENDED = "supervision/suspended.html"
NOTICES = "supervision/notices.html"
DISCLOSURE_RANKING = "supervision/ranking.html"
ASSESSMENT = "supervision/assessment.html"
ANNUAL_REPORT = "supervision/annual.html"
LEDGER = "supervision/ledger.html"
LEDGER_RANKING = "supervision/ledger-ranking.html"
PENALTIES = "supervision/penalties.html"
OWNERS = "owner/index.html"

_SAFE_CODE = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z.-]{0,70}[0-9A-Za-z])?")
# Windows refuses these names with any extension, and a mirror may well be IIS or a USB stick.
_RESERVED = {"con", "prn", "aux", "nul", *(f"{p}{n}" for p in ("com", "lpt") for n in range(10))}


def page_route(folder: str, code: str) -> str:
    """The address of the record `code` in `folder`, e.g. `project/990101-B-00001.html`.

    Raises:
        RouteError: The code is empty, has a character unsafe in a path, or is a name that
            Windows reserves.

    """
    if not _SAFE_CODE.fullmatch(code) or code.split(".")[0].lower() in _RESERVED:
        raise RouteError(
            f"编码 {code!r} 不能用作网页地址（{folder}/）：只能由字母、数字、点和连字符组成，"
            "至多 72 个字符，且不能是系统保留名。请更正数据中的编码。"
        )
    return f"{folder}/{code}.html"


def enterprise_route(site_code: str) -> str:
    """Page of a fixed pollution source, by its HJ 608 code."""
    return page_route("enterprise", site_code)


def project_route(ledger_no: str) -> str:
    """Page of a ledger project, by the number it got at registration."""
    return page_route("project", ledger_no)


def district_route(division_code: str) -> str:
    """Page of a prefecture or county, by its GB/T 2260 code."""
    return page_route("district", division_code)


def district_projects_route(division_code: str) -> str:
    """Full list of a county's ledger projects, one page that needs no script."""
    return page_route("district", f"{division_code}-projects")


def district_enterprises_route(division_code: str) -> str:
    """Full list of a county's enterprises, one page that needs no script."""
    return page_route("district", f"{division_code}-enterprises")


def week_route(iso_week: str) -> str:
    """Exposure issue of an ISO week, e.g. `week/2016-W26.html`."""
    return page_route("week", iso_week)


def bulletin_route(iso_week: str) -> str:
    """Enforcement bulletin of an ISO week."""
    return page_route("bulletin", iso_week)


def case_route(case_no: str) -> str:
    """Page of one exposed case."""
    return page_route("case", case_no)


def changes_route(iso_week: str) -> str:
    """What commits of an ISO week changed in the dataset."""
    return page_route("change", iso_week)


def district_feed_route(division_code: str) -> str:
    """Atom feed of a prefecture or county, beside its page."""
    return district_route(division_code).removesuffix(".html") + ".xml"


def duty_route(body_code: str) -> str:
    """Page of a responsible body, by the first part of its duty numbers (`Z05`)."""
    return page_route("duty", body_code)


def figure_route(figure_id: str) -> str:
    """Page of a published figure; the id's underscores become hyphens."""
    return page_route("figure", figure_id.replace("_", "-"))


def notice_route(key: str) -> str:
    """Page of a supervision notice, by year and division code: `2016-990101`."""
    return page_route("supervision", f"notice-{key}")


def notice_pdf_route(key: str) -> str:
    """The same notice, ready to print."""
    return notice_route(key).removesuffix("html") + "pdf"


def owner_route(key: str) -> str:
    """Credit record of an owner, by its credit code, else its smallest ledger number."""
    return page_route("owner", key)


def dictionary_route(table: str) -> str:
    """Data dictionary page of a table; the name's underscores become hyphens."""
    return page_route("dictionary", table.replace("_", "-"))


def root_of(route: str) -> str:
    """The relative way from a page back to the site root: empty, or `../` for each folder."""
    return "../" * route.count("/")


def find_collisions(routes: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Pairs of different addresses, or equal ones, that one case-blind file system would merge."""
    seen: dict[str, str] = {}
    collisions: list[tuple[str, str]] = []
    for route in routes:
        other = seen.setdefault(route.lower(), route)
        if other is not route:
            collisions.append((other, route))
    return tuple(collisions)


def district_pack_route(division_code: str) -> str:
    """The zip of a county's records, or of what the enterprises of a prefecture disclose."""
    page_route("download/district", division_code)
    return f"download/district/{division_code}.zip"


def table_route(table: str) -> str:
    """A whole table's CSV, byte for byte as in the dataset."""
    return f"download/tables/{table}.csv"


def card_route(code: str) -> str:
    """The share card of an issue (its ISO week) or of a case (its number)."""
    page_route("card", code)
    return f"card/{code}.png"
