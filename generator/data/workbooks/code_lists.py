"""Lists of codes for drop-downs: what the reference columns may hold, with the names beside."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from generator.data.catalog import Field, Table
from generator.data.workbooks.csv_file import Row
from generator.data.workbooks.districts import DIVISIONS, District, find_path


@dataclass(frozen=True, slots=True)
class CodeList:
    """Codes in order with their names; `absences` are the words that stand for no code.

    `strict` where a sheet may refuse other codes: the list is all there is, and no other sheet of
    the workbook can add to it.
    """

    title: str
    entries: tuple[tuple[str, str], ...]
    absences: tuple[str, ...]
    strict: bool


def list_codes(district: District, table: Table) -> Iterator[tuple[Field, CodeList]]:
    """The code lists of the table's references of one column."""
    for key in table.foreign_keys:
        if len(key.fields) == 1:
            target = district.catalog.table(key.table)
            field = table.field(key.fields[0])
            yield field, _make_list(district, field, target, key.reference_fields[0])


def _make_list(district: District, field: Field, target: Table, reference: str) -> CodeList:
    place = target.field_names.index(reference)
    name_place = _find_name(target, reference)
    local = find_path(district.catalog, target) is not None
    owned = district.owns(target) if local else _owns_all
    above = set(district.above) if target.name == DIVISIONS and field.name != reference else set()
    pattern = re.compile(field.pattern) if field.pattern else None
    found: dict[str, str] = {}
    for row in district.read_rows(target.name):
        code = row[place]
        fits = code and (pattern is None or pattern.fullmatch(code))
        if fits and code not in found and (owned(row) or code in above):
            found[code] = row[name_place] if name_place is not None else ""
    absences = () if field.required else tuple(word for word in field.missing_values if word)
    return CodeList(target.title, tuple(sorted(found.items())), absences, strict=not local)


def _owns_all(_row: Row) -> bool:
    return True


def _find_name(table: Table, code: str) -> int | None:
    """The column that tells best what a code means: the first name."""
    for position, field in enumerate(table.fields):
        if field.name.endswith("_name") and field.name != code:
            return position
    return None
