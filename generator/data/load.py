"""Tables from bytes: decoded once, cut into cells once, typed once.

What is checked is what is loaded: a file's bytes are read one time, and the
check and the typed columns both come from the cells cut here.

A file is UTF-8 (a BOM is let pass), comma-separated, quoted with `"`. It is
cut by `blocks`; where its line ends leave that envelope, by Python's `csv`,
which is also Frictionless's.
"""

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

import polars as pl
import pyarrow as pa

from generator.data.blocks import BlockReader, OutsideEnvelopeError
from generator.data.catalog import Catalog, Table
from generator.data.held_frames import HeldFrame
from generator.data.reads import Reads

PLAIN_INTEGER = r"\A-?[0-9]{1,15}\z"
PLAIN_NUMBER = r"\A-?[0-9]{1,15}(?:\.[0-9]{1,15})?\z"
"""At most 15 digits each side: a 64-bit float then keeps every comparison but equality."""
PLAIN_YEAR = r"\A[0-9]{4}\z"
PLAIN_YEARMONTH = r"\A[0-9]{4}-(?:0[1-9]|1[0-2])\z"
PLAIN_DATE = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\z"
PLAIN_DATETIME = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}[T ](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\z"
_TYPED: Final = frozenset({"integer", "year", "number", "date", "datetime", "yearmonth", "boolean"})
"""Types whose values are more than their text; a yearmonth's must be well formed."""


Value = TypeVar("Value")
Frame = pl.DataFrame | HeldFrame
"""Columns, or what fetches them when they are asked for."""


class LoadedTable:
    """A table's rows as written and as typed."""

    __slots__ = ("_text", "_values", "table")

    def __init__(self, table: Table, text: Frame, values: Frame) -> None:
        self.table = table
        self._text = text
        self._values = values

    @property
    def text(self) -> pl.DataFrame:
        """Every cell as a String, "" where it is empty, rows in file order."""
        return self._text if isinstance(self._text, pl.DataFrame) else self._text()

    @property
    def values(self) -> pl.DataFrame:
        """Int64, Float64, Date, Datetime, Boolean or String columns.

        Null where the cell is a missing-value word; a year is Int64, a yearmonth a String such
        as "2016-05".
        """
        return self._values if isinstance(self._values, pl.DataFrame) else self._values()

    def select_text(self, *names: str) -> pl.DataFrame:
        """Some columns of `text`: of a large table, only they are read."""
        if isinstance(self._text, HeldFrame) and self._text.large:
            return self._text.scan().select(names).collect()
        return self.text.select(names)

    def slice_text(self, start: int, count: int) -> pl.DataFrame:
        """Some rows of `text`: of a large table, little more than they is read."""
        if isinstance(self._text, HeldFrame) and self._text.large:
            return self._text.scan().slice(start, count).collect()
        return self.text.slice(start, count)

    def filter_text(self, field: str, wanted: Sequence[str]) -> pl.DataFrame:
        """The rows of `text` whose `field` is among the `wanted`.

        Of a large table, little more is read than the stretch in which they lie.
        """
        chosen = self.select_text(field).get_column(field).is_in(list(wanted))
        places = chosen.arg_true()
        start, end = (places[0], places[-1] + 1) if len(places) else (0, 0)
        return self.slice_text(start, end - start).filter(chosen.slice(start, end - start))

    def read_values(self, names: Sequence[str]) -> pl.DataFrame:
        """Some columns of `values`, for once."""
        if isinstance(self._values, pl.DataFrame):
            return self._values.select(names)
        return self._values.scan().select(names).collect()

    def release_values(self) -> None:
        """Hold the values no longer if they can be fetched again."""
        if not isinstance(self._values, pl.DataFrame):
            self._values.release()


class TablesView(Mapping[str, Value]):
    """Loaded tables by name, of each of which something is shown."""

    def __init__(self, tables: Mapping[str, LoadedTable]) -> None:
        self._tables = tables

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def __contains__(self, name: object) -> bool:
        return name in self._tables


class NotedTables(TablesView[LoadedTable]):
    """Loaded tables; which of them are asked for is noted."""

    def __init__(
        self, tables: Mapping[str, LoadedTable], heights: Mapping[str, int], reads: Reads
    ) -> None:
        super().__init__(tables)
        self._heights = heights
        self._reads = reads

    def __getitem__(self, name: str) -> LoadedTable:
        self._reads.note(f"table {name}")
        return self._tables[name]

    def height(self, name: str) -> int:
        """The table's number of rows, which is less to depend on than the rows."""
        self._reads.note(f"height {name}")
        return self._heights[name]


class ReplacedTables(TablesView[LoadedTable]):
    """Tables of which some are replaced by what was made of them; noted as the others are."""

    def __init__(
        self, tables: Mapping[str, LoadedTable], replaced: Mapping[str, LoadedTable]
    ) -> None:
        super().__init__(tables)
        self._replaced = replaced

    def __getitem__(self, name: str) -> LoadedTable:
        loaded = self._tables[name]
        return self._replaced.get(name, loaded)

    def height(self, name: str) -> int:
        """The table's number of rows."""
        if name in self._replaced:
            return self[name].text.height
        return _find_height(self._tables, name)


def _find_height(tables: Mapping[str, LoadedTable], name: str) -> int:
    """Rows of a table, without asking for them where that can be spared."""
    if isinstance(tables, NotedTables | ReplacedTables):
        return tables.height(name)
    return tables[name].text.height


@dataclass(frozen=True, slots=True)
class Dataset:
    """The loaded tables of a catalog by name; `monitoring` stays on disk."""

    catalog: Catalog
    tables: Mapping[str, LoadedTable]
    reads: Reads = field(default_factory=Reads)
    """Notes which tables are asked for, where `tables` are `NotedTables`."""

    def __getitem__(self, name: str) -> LoadedTable:
        return self.tables[name]

    def height(self, name: str) -> int:
        """Rows of the table `name`."""
        return _find_height(self.tables, name)


class UndecodableError(Exception):
    """The bytes are not UTF-8. Carries where, and what they look like."""

    def __init__(self, byte: int, row: int, guess: str) -> None:
        super().__init__(f"byte {byte}, row {row}")
        self.byte = byte
        """Position of the first bad byte, counted from 1."""
        self.row = row
        """Line of the first bad byte, counted from 1."""
        self.guess = guess
        """The encoding that the bytes look like, or an empty text."""


@dataclass(frozen=True, slots=True)
class Records:
    """A file cut into cells.

    `labels` is the header. `text` has the table's fields as columns, short
    rows filled with "" and long rows cut. `odd_rows` has the cells of every
    row that has too few or too many, by its index in `text`. `open_quote_row`
    is the record in which a quotation mark is left open up to the end of file.
    """

    labels: tuple[str, ...]
    text: pl.DataFrame
    odd_rows: Mapping[int, tuple[str, ...]]
    open_quote_row: int | None = None


def read_records(content: bytes, names: Sequence[str]) -> Records:
    """The header and the cells of a CSV file whose fields are called `names`.

    Raises:
        UndecodableError: The bytes are not UTF-8.

    """
    body = content.removeprefix(codecs.BOM_UTF8)
    try:
        body.decode("utf-8")  # not kept: as text, a large table takes twice its bytes
    except UnicodeDecodeError as error:
        offset = len(content) - len(body)
        raise UndecodableError(
            byte=offset + error.start + 1,
            row=body.count(b"\n", 0, error.start) + 1,
            guess=_guess_encoding(content),
        ) from error
    try:
        return _join_blocks(BlockReader(io.BytesIO(body), names), names, body)
    except OutsideEnvelopeError:
        return _cut_by_csv(body, names)


def _guess_encoding(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "UTF-16"
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    return "GBK"


def _join_blocks(reader: BlockReader, names: Sequence[str], body: bytes) -> Records:
    """All blocks of a file as one table."""
    frames = [pl.DataFrame(schema=dict.fromkeys(names, pl.String))]
    odd: dict[int, tuple[str, ...]] = {}
    for block in reader:
        frames.append(block.text)
        odd.update((block.start + index, cells) for index, cells in block.odd_rows.items())
    text = pl.concat(frames, rechunk=True)
    if odd:
        text = text.fill_null("")
    return Records(reader.labels, text, odd, _find_open_quote(body))


def _cut_by_csv(body: bytes, names: Sequence[str]) -> Records:
    """The cells as Python's csv, and so Frictionless, cuts them."""
    width = len(names)
    reader = csv.reader(io.StringIO(body.decode("utf-8"), newline=""))
    labels = tuple(next(reader, []))
    rows: list[Sequence[str]] = []
    odd: dict[int, tuple[str, ...]] = {}
    for cells in reader:
        if len(cells) != width:
            odd[len(rows)] = tuple(cells)
            cells = [*cells, *("",) * (width - len(cells))][:width]
        rows.append(cells)
    columns: list[Sequence[str]] = list(zip(*rows, strict=True)) if rows else [()] * width
    text = pl.DataFrame(
        [
            pl.Series(name, column, dtype=pl.String)
            for name, column in zip(names, columns, strict=True)
        ]
    )
    return Records(labels, text, odd, _find_open_quote(body))


def _find_open_quote(body: bytes) -> int | None:
    """The record whose quotation mark is never closed, which swallows all that follows."""
    if body.count(b'"') % 2 == 0:
        return None
    record = 0
    try:
        for _ in csv.reader(io.StringIO(body.decode("utf-8"), newline=""), strict=True):
            record += 1
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            return record + 1
    return None


class TypedField(Protocol):
    """What typing a cell needs to know of a field."""

    @property
    def name(self) -> str:
        """The column."""

    @property
    def type(self) -> str:
        """Its Table Schema type."""

    @property
    def missing_values(self) -> tuple[str, ...]:
        """The words that stand for no value."""

    @property
    def true_values(self) -> tuple[str, ...]:
        """The words for true."""

    @property
    def false_values(self) -> tuple[str, ...]:
        """The words for false."""


def missing_mask(field: TypedField) -> pl.Expr:
    """True where the cell is one of the field's missing-value words."""
    return pl.col(field.name).is_in(list(field.missing_values))


def canonical_value(field: TypedField) -> pl.Expr:
    """The typed value of a cell in its one canonical spelling, otherwise null.

    Canonical spelling: numbers as plain decimals, dates as 2016-07-03, months
    as 2016-07, years with four digits. Everything is canonical for a string.
    """
    cell = pl.col(field.name)
    shown = pl.when(~missing_mask(field)).then(cell)
    match field.type:
        case "integer":
            return _matching(shown, PLAIN_INTEGER).cast(pl.Int64, strict=False)
        case "year":
            return _matching(shown, PLAIN_YEAR).cast(pl.Int64, strict=False)
        case "number":
            return _matching(shown, PLAIN_NUMBER).cast(pl.Float64, strict=False)
        case "date":
            day = _matching(shown, PLAIN_DATE).str.to_date("%Y-%m-%d", strict=False)
            return pl.when(day.dt.year() > 0).then(day)
        case "datetime":
            moment = _matching(shown, PLAIN_DATETIME).str.replace("T", " ", literal=True)
            second = moment.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False)
            return pl.when(second.dt.year() > 0).then(second)
        case "yearmonth":
            return _matching(shown, PLAIN_YEARMONTH)
        case "boolean":
            return (
                pl.when(cell.is_in(list(field.true_values)))
                .then(statement=True)
                .when(cell.is_in(list(field.false_values)))
                .then(statement=False)
                .otherwise(None)
            )
        case _:
            return shown


def _matching(shown: pl.Expr, pattern: str) -> pl.Expr:
    return pl.when(shown.str.contains(pattern)).then(shown)


def type_table(table: Table, text: pl.DataFrame) -> LoadedTable:
    """The table with its typed values beside its text.

    A column of texts none of which is a missing-value word is one column in
    both, and takes its memory once.
    """
    texts = [item for item in table.fields if item.type not in _TYPED]
    gaps = text.select(missing_mask(item).any().alias(item.name) for item in texts)
    whole = {name for name in gaps.columns if not gaps.item(0, name)}
    values = text.select(
        pl.col(item.name) if item.name in whole else canonical_value(item).alias(item.name)
        for item in table.fields
    )
    return LoadedTable(table=table, text=text, values=values)


def list_typed(table: Table) -> list[str]:
    """The fields whose values are no texts."""
    return [item.name for item in table.fields if item.type in _TYPED - {"yearmonth"}]


def release_memory() -> None:
    """Gives back to the system what was freed after the cutting of files."""
    pa.system_memory_pool().release_unused()


def find_line_of(content: bytes, mark: bytes) -> int:
    """The line, counted from 1, on which `mark` first stands in a file."""
    return content.count(b"\n", 0, content.index(mark)) + 1
