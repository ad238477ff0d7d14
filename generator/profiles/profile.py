"""A profile: the law that says what is disclosed, sorted how, and by when.

Each is a TOML file beside this module, chosen by the setting `profile`. The tables themselves
are the dataset's; a profile says into which category each one falls and what its cadence is,
brings the schemas of tables that only its law asks for (`schemas/`), and gives the sentences in
which pages name the law. Adding a profile is adding a file.

Source: docs/adr/0036-profiles.md
"""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Final

from generator.errors import ConfigError

DEFAULT: Final = "order31-2014"


_SORTED_GROUPS: Final = ("disclosure", "supplement")
"""What a law may decide anew; another group is for the catalog to accept or to refuse."""


@dataclass(frozen=True, slots=True)
class Category:
    """One of the kinds of information that the law lists, with its tables in order."""

    number: int
    title: str
    short: str
    """For the axis of a chart."""
    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """By when something must be disclosed. Of each pair one is set, the other is 0 or empty."""

    first_days: int
    """Days from being listed to the first disclosure."""
    first_by: str
    """Or the day (`MM-DD`) of the following year by which it is due."""
    change_days: int
    """Days from a change to its disclosure."""
    change_workdays: int
    """Or working days."""
    change_tables: tuple[str, ...]
    """Tables whose changes have a term; empty stands for all."""

    def find_first_due(self, listed: dt.date) -> dt.date:
        """The last day in time for the first disclosure of a site listed on `listed`."""
        if self.first_by:
            return dt.date.fromisoformat(f"{listed.year + 1}-{self.first_by}")
        return listed + dt.timedelta(days=self.first_days)

    def has_change_term(self, table: str) -> bool:
        """Whether a change in `table` must be disclosed within a term of its own."""
        return not self.change_tables or table in self.change_tables


@dataclass(frozen=True, slots=True)
class Words:
    """Sentences and clauses in which pages name the law and its terms."""

    content_basis: str
    """What the annual report says of the law."""
    notice_basis: str
    """The law in a supervision notice, with the articles on contents and terms."""
    notice_counting: str
    """How a notice counts the first term."""
    first_rule: str
    """The first term, after an equals sign."""
    first_short: str
    """The first term in brackets."""
    late_rule: str
    """What counts as late, on the page of late disclosures."""
    late_formula: str
    """The same, as the formula of a figure."""
    category_count: str
    """How many categories there are, in words."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A law of disclosure with its tables, terms and words."""

    name: str
    law: str
    """In book-title marks."""
    bases: Mapping[str, str]
    """Heads in the data dictionary for the laws that tables name as their basis."""
    categories: tuple[Category, ...]
    own_tables: tuple[str, ...]
    """Tables that only this profile has; their schemas come with it."""
    cadence: str
    """When a table is due, unless `cadences` says otherwise; empty leaves the dataset's word."""
    cadences: Mapping[str, str]
    terms: Terms
    words: Words
    prose: Mapping[str, Mapping[str, str]]
    """Passages of a new project's hand-written pages, by file, with what to write instead."""

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the disclosure tables, in order."""
        return tuple(name for category in self.categories for name in category.tables)

    @property
    def table_count(self) -> int:
        """How many tables a site has to fill in or make a statement about."""
        return len(self.tables)

    def title_of(self, category: int) -> str:
        """The title of a category; empty for a number that the law does not have."""
        return next((c.title for c in self.categories if c.number == category), "")

    def short_titles(self) -> dict[int, str]:
        """The short title of each category by its number."""
        return {category.number: category.short for category in self.categories}

    def find_missing_tables(self, descriptor: Mapping[str, Any]) -> tuple[str, ...]:
        """Tables of this profile alone that a Data Package does not describe."""
        described = {_name(resource) for resource in descriptor.get("resources", ())}
        return tuple(name for name in self.own_tables if name not in described)

    def adapt(self, descriptor: Mapping[str, Any]) -> dict[str, Any]:
        """The descriptor of a Data Package with its tables sorted as this law sorts them.

        A table that only another law asks for becomes a supplement: its rows stay published, and
        nobody has to fill it in. Tables that no profile knows stay as they are described.
        """
        places = {
            name: (category.number, number)
            for number, (category, name) in enumerate(
                ((category, name) for category in self.categories for name in category.tables), 1
            )
        }
        foreign = {name for other in list_profiles() for name in read_profile(other).own_tables}
        adapted = [
            self._adapt_resource(resource, places, foreign)
            for resource in descriptor.get("resources", ())
        ]
        return {**descriptor, "resources": adapted}

    def _adapt_resource(
        self, resource: Any, places: Mapping[str, tuple[int, int]], foreign: set[str]
    ) -> Any:
        name = _name(resource)
        if name in places and resource.get("group") in _SORTED_GROUPS:
            category, number = places[name]
            basis = resource.get("legal_basis")
            changed = {"group": "disclosure", "category": category, "number": number}
            cadence = self.cadences.get(name, self.cadence)
            if cadence:
                changed["cadence"] = cadence
            if isinstance(basis, dict) and self.name in basis:
                changed["legal_basis"] = {self.name: basis[self.name], **basis}
            return {**resource, **changed}
        if name in foreign:
            kept = {k: v for k, v in resource.items() if k not in ("category", "number")}
            return {**kept, "group": "supplement"}
        return resource

    def own_resources(self) -> tuple[dict[str, Any], ...]:
        """Data Package resources of the tables that only this profile has."""
        document = _read_toml(self.name)
        return tuple({"name": name, **document["resources"][name]} for name in self.own_tables)

    def read_schema(self, table: str) -> dict[str, Any]:
        """The Table Schema of one of `own_tables`."""
        source = _folder() / "schemas" / f"{table}.json"
        schema: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
        return schema


def list_profiles() -> tuple[str, ...]:
    """Names of all profiles, in order."""
    names = (item.name for item in _folder().iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


@cache
def read_profile(name: str = DEFAULT) -> Profile:
    """The profile called `name`.

    Raises:
        ConfigError: There is none of this name.

    """
    if name not in list_profiles():
        raise ConfigError(f"没有口径 {name!r}；应为 {'、'.join(list_profiles())} 之一。")
    document = _read_toml(name)
    return Profile(
        name=name,
        law=document["law"],
        bases=document["bases"],
        categories=tuple(
            Category(number, item["title"], item["short"], tuple(item["tables"]))
            for number, item in enumerate(document["category"], start=1)
        ),
        own_tables=tuple(document.get("resources", ())),
        cadence=document["cadence"],
        cadences=document.get("cadences", {}),
        terms=Terms(**{**document["terms"], "change_tables": tuple(document["change_tables"])}),
        words=Words(**document["words"]),
        prose=document.get("prose", {}),
    )


def _folder() -> Traversable:
    return resources.files("generator.profiles")


def _read_toml(name: str) -> dict[str, Any]:
    return tomllib.loads((_folder() / f"{name}.toml").read_text(encoding="utf-8"))


def _name(resource: Any) -> str:
    name = resource.get("name") if isinstance(resource, Mapping) else None
    return name if isinstance(name, str) else ""
