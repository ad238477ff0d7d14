"""The disclosure log, table 33: first disclosures, changes, and statements for empty tables.

A listed site owes each of the 33 tables rows, a 无此情形声明 or a 依法不公开. Statements follow
from what the tables hold, so that a site is disclosed exactly when the register says so.

Source: MEP Order 31 art. 11: 90 days after the list, 30 days after a change.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from random import Random

from generator.data.sample.disclosure_depth import Depth, Row
from generator.data.sample.disclosure_months import DATA_DATE, random_day
from generator.data.sample.disclosure_site import Site

LOG_TABLE = "disclosure_record"
_FIRST, _CHANGE, _CORRECTION = "首次公开", "变更公开", "更正"
_NOT_APPLICABLE, _WITHHELD = "无此情形声明", "依法不公开"
_WITHHELD_SHARE = 0.006  # of sites, with a trade secret in products or materials
_CHANGE_SHARE = 0.45  # of tables with rows, changed since the first disclosure

Entry = tuple[str, str, str, date, date]  # site, table, kind, occurred, disclosed


def withheld_tables(site: Site, seed: int) -> frozenset[str]:
    """The tables a site lawfully keeps back; it declares them in the log."""
    rng = site.rng(seed, "withheld")
    if not site.enterprise.disclosed or rng.random() >= _WITHHELD_SHARE:
        return frozenset()
    return frozenset(rng.choice((("product_capacity",), ("product_capacity", "material_fuel"))))


def record_rows(
    sites: Sequence[Site],
    tables: Sequence[str],
    covered: Mapping[str, Collection[str]],
    penalties: Sequence[Row],
    depth: Depth,
) -> Iterator[Row]:
    """`disclosure_record`, numbered by disclosure date and so sorted by its key.

    Args:
        sites: All sites of the register.
        tables: The 33 tables in catalogue order.
        covered: The tables that hold rows of a site, by site code.
        penalties: The rows of `penalty_rectification`; each is logged.
        depth: What the scale keeps; small scales log few first disclosures and changes.

    """
    entries: list[Entry] = []
    for site in sites:
        entries.extend(_site_entries(site, tables, covered[site.code], depth))
    entries.extend(_penalty_entries(penalties, depth.seed))
    entries.sort(key=lambda entry: (entry[4], entry[0], entry[1], entry[2], entry[3]))
    serial, year = 0, 0
    for site_code, table, kind, occurred, disclosed in entries:
        serial = serial + 1 if disclosed.year == year else 1
        year = disclosed.year
        yield (f"GK{year}-{serial:07d}", site_code, table, kind, occurred, disclosed)


def _site_entries(
    site: Site, tables: Sequence[str], covered: Collection[str], depth: Depth
) -> Iterator[Entry]:
    rng = site.rng(depth.seed, "statements")
    listed = site.enterprise.listed_date
    day = _first_day(site, rng)
    stated = _statement_day(site, rng)
    withheld = withheld_tables(site, depth.seed)
    logged = 0
    for table in tables:
        if table == LOG_TABLE:
            continue
        # Drawn for every table, so that what is logged of one does not depend on the others.
        draws = rng.random(), rng.random(), rng.random()
        if table in covered:
            if table != "penalty_rectification" and depth.draws(site, draws[0]):
                yield (site.code, table, _FIRST, listed, day)
                logged += 1
            if depth.draws(site, draws[1]) and draws[2] < _CHANGE_SHARE:
                yield _change_entry(site, table, day, rng)
        elif not site.enterprise.suspended and table not in site.enterprise.missing_tables:
            kind = _WITHHELD if table in withheld else _NOT_APPLICABLE
            made = stated if draws[0] < 0.8 else min(DATA_DATE, stated + timedelta(days=2))
            yield (site.code, table, kind, stated - timedelta(days=int(draws[1] * 9)), made)
            logged += 1
    if not logged:
        yield (site.code, "enterprise_profile", _FIRST, listed, day)


def _first_day(site: Site, rng: Random) -> date:
    """The day of the first disclosure: within 90 days, later in careless counties."""
    delay = rng.randint(14, 88)
    if rng.random() < 0.02 + 0.12 * (1 - site.enterprise.county.discipline):
        delay = rng.randint(91, 190)
    return min(DATA_DATE, site.enterprise.listed_date + timedelta(days=delay))


def _statement_day(site: Site, rng: Random) -> date:
    """The day on which a site declares its empty tables, renewed at the turn of the year."""
    first = site.enterprise.listed_date + timedelta(days=20)
    if first.year == 2015 and rng.random() < 0.6:
        return random_day(rng, date(2016, 1, 11), date(2016, 3, 31))
    return random_day(rng, first, first + timedelta(days=60))


def _change_entry(site: Site, table: str, first: date, rng: Random) -> Entry:
    occurred = random_day(rng, first, DATA_DATE - timedelta(days=2))
    delay = rng.randint(1, 29)
    if rng.random() < 0.015 + 0.1 * (1 - site.enterprise.county.discipline):
        delay = rng.randint(31, 75)
    kind = _CHANGE if rng.random() < 0.93 else _CORRECTION
    return (site.code, table, kind, occurred, min(DATA_DATE, occurred + timedelta(days=delay)))


def _penalty_entries(penalties: Sequence[Row], seed: int) -> Iterator[Entry]:
    """A log row for each decision: within seven working days, a few later."""
    for row in penalties:
        decided = row[8]
        if not isinstance(decided, date):
            raise TypeError(f"{row[0]}: decision date {decided!r} is not a date")
        rng = Random(f"{seed}:penalty-log:{row[0]}")
        delay = rng.choice((1, 2, 3, 4, 5, 6, 7)) if rng.random() < 0.95 else rng.randint(13, 40)
        disclosed = min(DATA_DATE, decided + timedelta(days=delay))
        yield (str(row[1]), "penalty_rectification", _FIRST, decided, disclosed)
