"""What the search knows about one page of the site.

A page kind that wants to be found makes a `SearchRecord`; `docs/search.md` says for each kind what
its fields carry. Texts are the plain words of the page, before folding and before any markup.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from generator.errors import HuanjingError

KINDS: tuple[str, ...] = (
    "enterprise", "project", "case", "district", "township", "body", "duty", "week", "bulletin",
    "field", "page",
)  # fmt: skip
"""Every kind of record, in the order that the kind facet shows them."""

FACETS: tuple[str, ...] = (
    "kind", "year", "batch", "stage", "overdue", "completeness", "violation_type", "sector",
    "township",
)  # fmt: skip
"""Facets held in columns, in the order they are written, related ones side by side.
The district facet follows from a record's number and needs no column."""

OWNER_FIELDS = frozenset({"owner", "former_name", "short_name"})
"""Fields that name the unit behind the record: they rank above other fields."""

VALUE_FIELDS = frozenset({
    "township", "industry", "product", "pollutant", "sector", "duty_role",
})  # fmt: skip
"""Fields whose text many records share: indexed once for each distinct text, not each record."""

TEXT_FIELDS: tuple[str, ...] = (
    "owner", "address", "former_name", "short_name", "narrative", "body", "description",
)  # fmt: skip
"""Fields whose texts travel with rows, by the codes that rows give them."""

PROSE_FIELDS = frozenset({"narrative", "body"})
"""Fields of running text: indexed apart, so that a long text changes few files."""


_PAGE_ADDRESS = re.compile(r"(?:[A-Za-z0-9_-]+/)*[A-Za-z0-9._-]+\.html(?:#[A-Za-z0-9_.-]+)?")
_ISO_DATE = re.compile(r"20[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")


class SearchRecordError(HuanjingError):
    """A record cannot be indexed: an unknown kind, a repeated id, or an unusable part."""


@dataclass(frozen=True, slots=True)
class SearchRecord:
    """One findable page.

    `id` is the register's own code (ledger number, site code, case number, division code, …),
    unique within its kind. `url` is relative to the site root. `date` is ISO or empty. `fine` is
    in yuan. `rate` is the completeness in percent. `codes` are found by prefix, and a whole code
    leads straight to the page. `fields` holds (name, text) pairs; a name may repeat.
    `facets` holds facet name to label for the names in `FACETS` other than kind, year and
    township, which are taken from `kind`, `date` and `township`.
    """

    id: str
    kind: str
    url: str
    title: str
    subtitle: str
    district: str
    township: str
    fields: tuple[tuple[str, str], ...]
    facets: Mapping[str, str]
    date: str
    fine: int | None
    rate: int | None
    codes: tuple[str, ...]


def check_records(records: Sequence[SearchRecord], districts: Mapping[str, str]) -> None:
    """Refuse records that would make an ambiguous index.

    Raises:
        SearchRecordError: with every fault found, one a line.

    """
    faults: list[str] = []
    seen: set[tuple[str, str]] = set()
    derived = {"kind", "year", "township"}
    for record in records:
        where = f"检索记录 {record.kind}/{record.id}"
        if record.kind not in KINDS:
            faults.append(f"{where}：类别“{record.kind}”未定义；可用类别：{'、'.join(KINDS)}")
        if (record.kind, record.id) in seen:
            faults.append(f"{where}：编号重复；同一类别内编号必须唯一")
        seen.add((record.kind, record.id))
        if record.district and record.district not in districts:
            faults.append(f"{where}：区划代码“{record.district}”没有名称；请在区划表中补充")
        if not record.title.strip():
            faults.append(f"{where}：标题为空；每条记录必须有标题")
        if not _PAGE_ADDRESS.fullmatch(record.url):
            faults.append(
                f"{where}：网址“{record.url}”不是站内网页；应如 project/990101-T-00001.html"
            )
        if record.date and not _ISO_DATE.fullmatch(record.date):
            faults.append(f"{where}：日期“{record.date}”应为 2016-07-03 这样的形式，或者为空")
        unknown = sorted(set(record.facets) - set(FACETS) | set(record.facets) & derived)
        if unknown:
            faults.append(f"{where}：筛选项“{'、'.join(unknown)}”未定义")
        strange = sorted({name for name, _ in record.fields} - VALUE_FIELDS - set(TEXT_FIELDS))
        if strange:
            faults.append(f"{where}：文字“{'、'.join(strange)}”未定义")
    if faults:
        raise SearchRecordError("\n".join(faults))
