"""What is offered for download, with size and checksum, and how it is to be cited.

Made when all files are written, so that what is said of a file is true of its bytes.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from generator.config import Config
from generator.mirror.manifest import Entry
from generator.site.routes import DOWNLOADS

MEDIA_TYPES: Final[Mapping[str, str]] = {
    "csv": "text/csv",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
    "zip": "application/zip",
}
_OFFERED: Final = re.compile(r"(?:download/.*\.(?:csv|json|parquet|zip)|data/.*\.json)")


@dataclass(frozen=True, slots=True)
class Edition:
    """The dataset as a work: what it is called, who gives it, which state of it this is."""

    title: str
    description: str
    publisher: str
    licence: str
    licence_url: str
    data_date: dt.date
    commit: str
    """Git commit that the dataset was built from; empty where it is not known."""
    base: str
    """The province's own address, which ends in `/`; empty where it is not known."""

    @property
    def version(self) -> str:
        """Data date and commit, as people name a state of the dataset."""
        return self.data_date.isoformat() + (f"+{self.commit[:12]}" if self.commit else "")

    @property
    def url(self) -> str:
        """Where the dataset is offered."""
        return self.base + DOWNLOADS


def describe_edition(
    descriptor: Mapping[str, Any], config: Config, data_date: dt.date, commit: str
) -> Edition:
    """The edition that is being built."""
    licence = next(iter(cast("list[dict[str, str]]", descriptor.get("licenses", []))), {})
    return Edition(
        title=str(descriptor.get("title", config.site_name)),
        description=str(descriptor.get("description", "")),
        publisher=config.host.get("sponsor", config.site_name),
        licence=licence.get("title", licence.get("name", "")),
        licence_url=licence.get("path", ""),
        data_date=data_date,
        commit=commit,
        base=config.canonical,
    )


def select_offers(entries: Iterable[Entry]) -> Mapping[str, Entry]:
    """Of all files of a site those that are data, by address."""
    return {entry.path: entry for entry in entries if _OFFERED.fullmatch(entry.path)}


def cite_gb7714(edition: Edition) -> str:
    """A reference as Chinese works print it; the reader adds the day of the visit.

    Source: GB/T 7714-2015 §4.6 (electronic resources), document type DS/OL.
    """
    where = f" {edition.url}." if edition.base else ""
    return (
        f"{edition.publisher}. {edition.title}[DS/OL]. 版本 {edition.version}. "
        f"({edition.data_date.isoformat()})[引用日期].{where}"
    )


def cite_bibtex(edition: Edition) -> str:
    """The same for BibTeX."""
    fields = {
        "author": f"{{{edition.publisher}}}",
        "title": f"{{{edition.title}}}",
        "year": str(edition.data_date.year),
        "version": edition.version,
        "note": edition.licence,
        **({"url": edition.url} if edition.base else {}),
    }
    lines = "".join(f"  {name} = {{{_quote(text)}}},\n" for name, text in fields.items())
    return f"@misc{{huanjing-{edition.data_date.isoformat()},\n{lines}}}\n"


def _quote(text: str) -> str:
    """A text without what TeX reads as a command; braces may stay, they are balanced or gone."""
    plain = text if text.count("{") == text.count("}") else re.sub(r"[{}]", "", text)
    return re.sub(r"([#$%&_])", r"\\\1", plain.replace("\\", "/"))
