"""Which rows of which tables are a district's: its own, and those of the districts below it.

A table belongs by its reference to the divisions, or by its reference to a table that does
(an outlet by its enterprise, an event by its project). Corrections belong where the record they
correct does. Reference tables, such as the industries, belong to the whole province.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from generator.data.catalog import Catalog, Table
from generator.data.workbooks.csv_file import Row, key_places
from generator.data.workbooks.faults import WorkbookError

DIVISIONS: Final = "division"
CORRECTIONS: Final = "correction"
KEY_SEPARATOR: Final = "|"
"""Between the parts of a key in `correction.target_key`."""

ReadRows = Callable[[str], Sequence[Row]]


@dataclass(frozen=True, slots=True)
class Path:
    """How a table belongs: its field, and the table and field that it refers to."""

    field: str
    table: str
    reference: str


def find_path(catalog: Catalog, table: Table, seen: frozenset[str] = frozenset()) -> Path | None:
    """The way from a table to its district; None if it has none."""
    single = [key for key in table.foreign_keys if len(key.fields) == 1]
    if table.name == DIVISIONS:
        return Path(table.primary_key[0], DIVISIONS, table.primary_key[0])
    for key in single:
        if key.table == DIVISIONS:
            return Path(key.fields[0], DIVISIONS, key.reference_fields[0])
    for key in single:
        inner = seen | {table.name}
        if key.table not in inner and find_path(catalog, catalog.table(key.table), inner):
            return Path(key.fields[0], key.table, key.reference_fields[0])
    return None


@dataclass(slots=True)
class District:
    """A district of a dataset, to ask which rows are its own."""

    catalog: Catalog
    code: str
    name: str
    codes: frozenset[str]
    whole: bool
    """Whether it is the whole dataset's area, to which every row belongs."""
    above: tuple[str, ...]
    """Codes of the districts that it lies in, the nearest first."""
    read_rows: ReadRows
    _known: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    _keys: dict[str, frozenset[str]] = field(default_factory=dict)

    def covers(self, table: Table) -> bool:
        """Whether the table can have rows of this district."""
        return self.whole or table.name == CORRECTIONS or bool(find_path(self.catalog, table))

    def owns(self, table: Table) -> Callable[[Row], bool]:
        """A test for rows of the table."""
        if self.whole:
            return lambda _row: True
        if table.name == CORRECTIONS:
            return self._owns_correction(table)
        path = find_path(self.catalog, table)
        if path is None:
            return lambda _row: False
        place = table.field_names.index(path.field)
        if path.table == DIVISIONS:
            allowed = self.codes
        else:
            allowed = self._values(self.catalog.table(path.table), path.reference)
        return lambda row: row[place] in allowed

    def _values(self, table: Table, name: str) -> frozenset[str]:
        """The field's values in the district's rows."""
        if (table.name, name) not in self._known:
            place = table.field_names.index(name)
            owned = self.owns(table)
            self._known[table.name, name] = frozenset(
                row[place] for row in self.read_rows(table.name) if owned(row)
            )
        return self._known[table.name, name]

    def _owns_correction(self, table: Table) -> Callable[[Row], bool]:
        target_place = table.field_names.index("target_table")
        key_place = table.field_names.index("target_key")

        def owned(row: Row) -> bool:
            name = row[target_place]
            if name == CORRECTIONS or not self.catalog.has_table(name):
                return False
            return row[key_place] in self._joined_keys(self.catalog.table(name))

        return owned

    def _joined_keys(self, table: Table) -> frozenset[str]:
        if table.format != "csv":
            return frozenset()
        if table.name not in self._keys:
            places = key_places(table)
            owned = self.owns(table)
            self._keys[table.name] = frozenset(
                KEY_SEPARATOR.join(row[place] for place in places)
                for row in self.read_rows(table.name)
                if owned(row)
            )
        return self._keys[table.name]


def find_district(catalog: Catalog, code: str, read_rows: ReadRows) -> District:
    """The district of this code.

    Raises:
        WorkbookError: The divisions do not list the code.

    """
    if not catalog.has_table(DIVISIONS):
        raise WorkbookError("数据集没有“行政区划”表，不能按区划制作工作簿。")
    table = catalog.table(DIVISIONS)
    own, name, parent = (
        table.field_names.index(item) for item in ("division_code", "division_name", "parent_code")
    )
    rows = read_rows(DIVISIONS)
    parents = {row[own]: row[parent] for row in rows}
    if code not in parents:
        raise WorkbookError(
            f"行政区划表里没有代码“{code}”。请用县（市、区）的 6 位代码，例如 990101。"
        )
    children: dict[str, list[str]] = {}
    for child, above in parents.items():
        children.setdefault(above, []).append(child)
    codes = {code}
    waiting = [code]
    while waiting:
        fresh = [child for child in children.get(waiting.pop(), []) if child not in codes]
        codes.update(fresh)
        waiting.extend(fresh)
    above_codes: list[str] = []
    step = parents[code]
    while step in parents and step not in (*above_codes, code):
        above_codes.append(step)
        step = parents[step]
    return District(
        catalog=catalog,
        code=code,
        name=next(row[name] for row in rows if row[own] == code),
        codes=frozenset(codes),
        whole=not parents[code],
        above=tuple(above_codes),
        read_rows=read_rows,
    )
