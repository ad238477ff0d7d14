"""What each site's page is made of, as one digest a site, without putting the sites together.

Half a million rows are digested a table at a time, and only tables whose file changed anew. What
`iter_enterprises` reads for a site must be named here: its own rows, its disclosure, its months
of monitoring, and its records in the other registers; and what all sites share.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

import polars as pl

from generator.cache import Cache, digest
from generator.data.kept_checks import describe_table_state
from generator.data.load import Dataset, LoadedTable
from generator.domain.disclosure import SiteDisclosure
from generator.domain.enterprise_links import Links, Registers
from generator.domain.monitoring import MonitoringSummary
from generator.domain.row_digests import digest_rows_by
from generator.domain.standing import Standing

_WORDS = ("division", "industry", "pollutant")
"""Tables whose words stand behind codes on every page."""


_SITE = "site_code"


def digest_enterprises(
    standing: Standing, linked: Mapping[str, LinkedSite], cache: Cache
) -> dict[str, str]:
    """By site code, a digest of everything that `iter_enterprises` and the page's view read."""
    dataset = standing.pages
    shared = cache.key(
        "enterprises",
        tuple(describe_table_state(dataset.catalog.table(name), cache) for name in _WORDS),
        tuple((table.name, table.title) for table in dataset.catalog.tables),
        tuple(
            (table.name, table.cadence, table.legal_basis, table.category, table.fields,
             table.primary_key, table.foreign_keys)
            for table in dataset.catalog.disclosure
        ),
        dataset.catalog.profile,
    )  # fmt: skip
    hashes = {site: hashlib.blake2b(shared.encode(), digest_size=16) for site in linked}
    for table in dataset.catalog.disclosure:
        state = standing.state_of(table.name, describe_table_state(table, cache))
        rows = digest_rows_by(partial(_read_text, dataset, table.name), _SITE, cache, state)
        for site, rows_digest in rows.items():
            if site in hashes:
                hashes[site].update(f"{table.name} {rows_digest}\n".encode())
    for site, site_hash in hashes.items():
        site_hash.update(linked[site].digest.encode())
    return {site: site_hash.hexdigest() for site, site_hash in hashes.items()}


def digest_table(loaded: LoadedTable, cache: Cache) -> None:
    """Leave in `cache` the digests of a table's rows by site, as if all of them stand."""
    state = describe_table_state(loaded.table, cache)
    digest_rows_by(lambda: loaded.text, _SITE, cache, state)


class LinkedSite(NamedTuple):
    """What a site is linked to, as a digest, and what finds it again."""

    digest: str
    ledger_nos: Sequence[str]
    """Of its projects."""
    owner_key: str


def digest_links(
    dataset: Dataset,
    disclosures: Mapping[str, SiteDisclosure],
    monitoring: MonitoringSummary,
    registers: Registers,
    as_of: dt.date,
) -> dict[str, LinkedSite]:
    """By site code, all of an enterprise but its own rows."""
    links = Links(dataset, registers, as_of)
    shared = digest(links.duties, monitoring.months)
    found: dict[str, LinkedSite] = {}
    for site, disclosure in disclosures.items():
        projects = links.projects_of(site)
        rest = digest(
            shared,
            disclosure.describe(),
            monitoring.rows_of(site),
            projects,
            links.cases_of(site),
            links.corrections_of(site),
            links.changes_of(site),
            links.sisters_of(site),
            links.owner_key_of(site),
        )
        ledger_nos = [owned.project.ledger_no for owned in projects]
        found[site] = LinkedSite(rest, ledger_nos, links.owner_key_of(site))
    return found


def _read_text(dataset: Dataset, table: str) -> pl.DataFrame:
    return dataset[table].text
