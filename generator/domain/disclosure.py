"""How complete each site's disclosure is, table by table, and the rates that follow from it.

A table of a site stands in exactly one of four states; they are never merged, since each asks
something else of the reader: look, believe the statement, accept the law, or demand the data.

Source: 《企业事业单位环境信息公开办法》 arts. 6, 9 and 13; domain rules “Disclosure rate and the
90 % line”.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

import polars as pl

from generator.data.catalog import Catalog, Table
from generator.data.load import Dataset
from generator.domain.pool import Pool

STATEMENT: Final = "无此情形声明"
WITHHOLDING: Final = "依法不公开"
LONG_SUSPENDED: Final = "长期停产"
NO_LISTED_SITES: Final = "无应公开单位"
"""Printed in place of a rate where no site is listed: neither 0 % nor 100 %."""

_LOG: Final = "disclosure_record"


class TableState(Enum):
    """What a site has done about one of the tables; the value is the word that is printed."""

    GIVEN = "已公开"
    NOT_APPLICABLE = "不适用"
    WITHHELD = "不公开"
    MISSING = "未报送"


@dataclass(frozen=True, slots=True)
class SiteDisclosure:
    """The state of every disclosure table of one site, in the catalog's order."""

    site_code: str
    states: tuple[TableState, ...]
    counts: tuple[int, ...]
    """Rows of each table; above 0 exactly where the state is GIVEN."""
    declared: tuple[str, ...]
    """ISO date of the statement where the state is NOT_APPLICABLE or WITHHELD, else empty."""

    @property
    def disclosed(self) -> bool:
        """Whether no table is missing.

        A table withheld by law counts as dealt with, like one stated as not applicable: the
        duty of art. 9 ends where art. 6 forbids publication.
        """
        return TableState.MISSING not in self.states

    def count_state(self, state: TableState) -> int:
        """How many tables stand in `state`."""
        return self.states.count(state)

    def describe(self) -> tuple[object, ...]:
        """What tells it from others, for a digest: words, since an enumeration encodes slowly."""
        return self.site_code, [state.value for state in self.states], self.counts, self.declared


@dataclass(frozen=True, slots=True)
class Rate:
    """Disclosed sites among those that must disclose; sites long out of production stand apart."""

    listed: int
    """Sites that must disclose, without the suspended ones."""
    suspended: int
    disclosed: int
    """Of `listed`, those with no table missing."""

    def below(self, floor: int) -> bool:
        """Whether the rate lies under `floor` per cent; an exact hit does not.

        Compared on integers: 8,996 of 10,000 prints as 90.0 % and is still below 90. Where
        nobody is listed there is no rate, and nothing lies below.
        """
        return self.disclosed * 100 < floor * self.listed

    def __add__(self, other: Rate) -> Rate:
        return Rate(
            self.listed + other.listed,
            self.suspended + other.suspended,
            self.disclosed + other.disclosed,
        )


NO_SITES: Final = Rate(0, 0, 0)


def read_disclosure(
    dataset: Dataset, recall: Callable[[Table], Mapping[str, int] | None] = lambda _: None
) -> Mapping[str, SiteDisclosure]:
    """The disclosure of every site in `enterprise_profile`, by site code, in code order.

    `recall` may know a table's rows by site.
    """
    catalog = dataset.catalog
    sites = sorted(dataset["enterprise_profile"].text.get_column("site_code").to_list())
    row_counts = [_count_rows(dataset, table, recall) for table in catalog.disclosure]
    declarations = _read_declarations(dataset[_LOG].text, catalog)
    nothing: dict[int, tuple[TableState, str]] = {}
    keep = Pool()
    found: dict[str, SiteDisclosure] = {}
    for site in sites:
        counts = tuple(rows.get(site, 0) for rows in row_counts)
        stated = declarations.get(site, nothing)
        states: list[TableState] = []
        declared: list[str] = []
        for position, count in enumerate(counts):
            if count:
                states.append(TableState.GIVEN)
                declared.append("")
            elif position in stated:
                state, day = stated[position]
                states.append(state)
                declared.append(keep(day))
            else:
                states.append(TableState.MISSING)
                declared.append("")
        found[site] = SiteDisclosure(site, tuple(states), counts, keep(tuple(declared)))
    return found


def rate_by_county(
    dataset: Dataset, disclosures: Mapping[str, SiteDisclosure]
) -> Mapping[str, Rate]:
    """The rate of every county in `division`, in code order; counties without a site included.

    A site whose division is not a county (a prefecture's own works) counts under that code.
    """
    counties = dataset["division"].text.filter(pl.col("level") == "县").get_column("division_code")
    rates: dict[str, Rate] = dict.fromkeys(counties.to_list(), NO_SITES)
    profile = dataset["enterprise_profile"].text
    for site, division, status in profile.select(
        "site_code", "division_code", "operating_status"
    ).iter_rows():
        if status == LONG_SUSPENDED:
            one = Rate(0, 1, 0)
        else:
            one = Rate(1, 0, int(disclosures[site].disclosed))
        rates[division] = rates.get(division, NO_SITES) + one
    return dict(sorted(rates.items()))


def rate_by_prefecture(dataset: Dataset, by_county: Mapping[str, Rate]) -> Mapping[str, Rate]:
    """The rates of counties summed under the prefecture above them, in code order."""
    division = dataset["division"].text
    parents = dict(division.select("division_code", "parent_code").iter_rows())
    levels = dict(division.select("division_code", "level").iter_rows())
    rates = {code: NO_SITES for code, level in sorted(levels.items()) if level == "市"}
    for code, rate in by_county.items():
        above = code if levels.get(code) == "市" else parents.get(code, "")
        if above in rates:
            rates[above] += rate
    return rates


def sum_rates(rates: Iterable[Rate]) -> Rate:
    """One rate for all: sums of sites, never a mean of percentages."""
    total = NO_SITES
    for rate in rates:
        total += rate
    return total


def _count_rows(
    dataset: Dataset, table: Table, recall: Callable[[Table], Mapping[str, int] | None]
) -> Mapping[str, int]:
    loaded = dataset[table.name]
    return recall(table) or dict(loaded.text.group_by("site_code").len().iter_rows())


def _read_declarations(
    log: pl.DataFrame, catalog: Catalog
) -> dict[str, dict[int, tuple[TableState, str]]]:
    """By site and position of the table, what its latest log row declares, and when.

    The latest row decides whatever its type: a statement that was later withdrawn (撤回), or
    followed by a disclosure whose rows are gone, declares nothing any more.
    """
    states = {STATEMENT: TableState.NOT_APPLICABLE, WITHHOLDING: TableState.WITHHELD}
    positions = {table.name: place for place, table in enumerate(catalog.disclosure)}
    latest = (
        log.sort("disclosed_date", "record_id")
        .unique(["site_code", "table_name"], keep="last", maintain_order=True)
        .filter(pl.col("change_type").is_in(list(states)))
        .select("site_code", "table_name", "change_type", "disclosed_date")
    )
    declarations: dict[str, dict[int, tuple[TableState, str]]] = {}
    for site, table, kind, day in latest.iter_rows():
        if table in positions:
            declarations.setdefault(site, {})[positions[table]] = (states[kind], day)
    return declarations
