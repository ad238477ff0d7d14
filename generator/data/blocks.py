"""A CSV file cut into blocks of records, as Python's `csv` and so Frictionless cuts it.

A line without a quotation mark that stands where a record begins is a whole
record, and its cells are what stands between the commas: those lines are cut
by pyarrow, many at a time. A record with a quotation mark is cut by Python's
`csv`, line by line until it is complete, so a block never ends inside quotes.
Lines with too few or too many cells are taken out and kept as they are.

Source: docs/adr/0003-checking.md
"""

import codecs
import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import BinaryIO, Final

import polars as pl
import pyarrow as pa
from pyarrow import csv as arrow_csv

BLOCK_SIZE: Final = 1 << 23  # bytes: large enough to spread the cost of a call, small to hold
FIRST_BLOCK_SIZE: Final = 1 << 17  # bytes: a taste, which tells a hopeless file early


class OutsideEnvelopeError(Exception):
    """The bytes cannot be cut by lines; only Python's `csv` over the whole file can say."""


@dataclass(frozen=True, slots=True)
class Block:
    """Records that follow each other in a file.

    `start` is the index of the first one, the record after the header being 0.
    `text` has the file's fields as columns; cells that a short record lacks are
    null, those that a long one has too many are left out. `odd_rows` has the
    cells of these records as they are, by their index in `text`.
    """

    start: int
    text: pl.DataFrame
    odd_rows: Mapping[int, tuple[str, ...]]


class _Lines(Iterator[str]):
    """The lines of a chunk from a position on, for `csv.reader`."""

    def __init__(self, chunk: bytes, position: int, *, final: bool) -> None:
        self.chunk = chunk
        self.position = position
        self.exhausted = False
        """Whether a line was asked for that the chunk does not have in full."""
        self._final = final

    def __next__(self) -> str:
        end = self.chunk.find(b"\n", self.position) + 1
        if not end and self._final and self.position < len(self.chunk):
            end = len(self.chunk)
        if not end:
            self.exhausted = True
            raise StopIteration
        line = self.chunk[self.position : end].decode("utf-8")
        self.position = end
        return line


@dataclass(slots=True)
class _Cut:
    """A chunk parted into plain lines and records with quotes."""

    plain: list[bytes] = field(default_factory=list)
    quoted: dict[int, tuple[str, ...]] = field(default_factory=dict)
    count: int = 0
    consumed: int = 0


class BlockReader:
    """The header of a CSV stream and its records in blocks.

    Args:
        stream: UTF-8 bytes; a BOM is let pass.
        names: The fields, which become the columns of each block.
        block_size: Bytes read at a time; a block grows beyond it only when one
            record is longer.

    Raises:
        OutsideEnvelopeError: The bytes are not UTF-8, or have line ends that
            only Python's `csv` tells apart. Also raised while iterating.

    """

    def __init__(
        self, stream: BinaryIO, names: Sequence[str], block_size: int = BLOCK_SIZE
    ) -> None:
        self._stream = stream
        self._names = list(names)
        self._block_size = block_size
        self._size = min(FIRST_BLOCK_SIZE, block_size)
        self._rest = b""
        self._ended = False
        self.labels = self._read_labels()
        """The cells of the header, as written."""

    def __iter__(self) -> Iterator[Block]:
        start = 0
        while self._rest or not self._ended:
            cut = _cut_chunk(self._rest, final=self._ended)
            self._rest = self._rest[cut.consumed :]
            if cut.count:
                text, odd_rows = _join_records(cut, self._names)
                yield Block(start, text, odd_rows)
                start += cut.count
            if not self._ended:
                self._read_more(grow=cut.consumed == 0)

    def _read_more(self, *, grow: bool) -> None:
        more = self._stream.read(max(self._size, len(self._rest) if grow else 0))
        self._size = self._block_size
        self._ended = not more
        self._rest += more

    def _read_labels(self) -> tuple[str, ...]:
        while True:
            self._read_more(grow=True)
            chunk = self._rest.removeprefix(codecs.BOM_UTF8)
            lines = _Lines(chunk, 0, final=self._ended)
            labels = _read_record(csv.reader(lines), lines)
            if not lines.exhausted or self._ended:
                self._rest = chunk[lines.position :]
                return labels or ()


def read_ahead(blocks: Iterable[Block]) -> Iterator[Block]:
    """The same blocks, each cut by a second thread while the one before it is judged."""
    remaining = iter(blocks)
    with ThreadPoolExecutor(max_workers=1) as pool:
        pending = pool.submit(next, remaining, None)
        while (block := pending.result()) is not None:
            pending = pool.submit(next, remaining, None)
            yield block


def _cut_chunk(chunk: bytes, *, final: bool) -> _Cut:
    """The complete records of a chunk; `consumed` is where the first incomplete one begins."""
    cut = _Cut()
    end = len(chunk) if final else chunk.rfind(b"\n") + 1
    while cut.consumed < end:
        quote = chunk.find(b'"', cut.consumed, end)
        stop = end if quote < 0 else max(cut.consumed, chunk.rfind(b"\n", 0, quote) + 1)
        if stop > cut.consumed:
            piece = chunk[cut.consumed : stop]
            cut.plain.append(piece)
            cut.count += _count_lines(piece)
            cut.consumed = stop
        if quote >= 0 and not _cut_quoted_run(chunk, cut, final=final):
            break
    return cut


def _cut_quoted_run(chunk: bytes, cut: _Cut, *, final: bool) -> bool:
    """Cuts records as long as they have quotes; False if the last one is incomplete."""
    lines = _Lines(chunk, cut.consumed, final=final)
    reader = csv.reader(lines)
    while cut.consumed < len(chunk):
        record = _read_record(reader, lines)
        if record is None or (lines.exhausted and not final):
            return False
        cut.quoted[cut.count] = record
        cut.count += 1
        cut.consumed = lines.position
        line_end = chunk.find(b"\n", cut.consumed) + 1 or len(chunk)
        if chunk.find(b'"', cut.consumed, line_end) < 0:
            break
    return True


def _read_record(reader: "Iterator[list[str]]", lines: _Lines) -> tuple[str, ...] | None:
    try:
        return tuple(next(reader))
    except StopIteration:
        return None
    except (UnicodeDecodeError, csv.Error) as error:
        raise OutsideEnvelopeError(f"byte {lines.position}: {error}") from error


def _count_lines(piece: bytes) -> int:
    return piece.count(b"\n") + (not piece.endswith(b"\n"))


def _join_records(
    cut: _Cut, names: list[str]
) -> tuple[pl.DataFrame, Mapping[int, tuple[str, ...]]]:
    """All records of a cut in file order, and those with too few or too many cells."""
    width = len(names)
    plain = cut.plain[0] if len(cut.plain) == 1 else b"".join(cut.plain)
    special = dict(cut.quoted)
    frame: pl.DataFrame | None = None
    if plain:
        if b"\r" in plain:
            if plain.count(b"\r") != plain.count(b"\r\n"):
                raise OutsideEnvelopeError("a carriage return that is no line end")
            plain = plain.replace(b"\r\n", b"\n")
        frame = _cut_even_lines(plain, names, cut.count - len(special))
        if frame is None:
            even, odd = _part_odd_lines(plain, width)
            places = [index for index in range(cut.count) if index not in cut.quoted]
            special |= {places[line]: cells for line, cells in odd.items()}
            frame = _cut_even_lines(even, names, cut.count - len(special)) if even else None
            if frame is None and even:
                raise OutsideEnvelopeError("lines that pyarrow cuts otherwise")
    if not special:
        return frame if frame is not None else _make_frame([], names), {}
    fitted = [_fit_cells(special[index], width) for index in sorted(special)]
    inserted = _make_frame(fitted, names)
    if frame is None:
        text = inserted
    else:
        odd_places = pl.Series("#place", sorted(special), dtype=pl.Int64)
        all_places = pl.int_range(cut.count, eager=True).alias("#place")
        places_of_frame = all_places.filter(~all_places.is_in(odd_places.implode()))
        text = (
            pl.concat([frame, inserted])
            .with_columns(pl.concat([places_of_frame, odd_places]))
            .sort("#place")
            .drop("#place")
        )
    return text, {index: cells for index, cells in special.items() if len(cells) != width}


def _cut_even_lines(plain: bytes, names: list[str], count: int) -> pl.DataFrame | None:
    """The cells of lines that all have one cell for each field; None if some have not.

    pyarrow refuses a line with too many or too few cells but lets a blank one
    pass; there the number of commas falls short.
    """
    width = len(names)
    if plain.count(b",") != (width - 1) * count or (width == 1 and _has_blank_line(plain)):
        return None
    options = arrow_csv.ReadOptions(
        column_names=names, use_threads=False, block_size=max(len(plain) + 1, 1 << 16)
    )
    try:
        cut = arrow_csv.read_csv(
            pa.BufferReader(plain),
            read_options=options,
            parse_options=arrow_csv.ParseOptions(quote_char=False, ignore_empty_lines=False),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        if "UTF8" in str(error):
            raise OutsideEnvelopeError(str(error)) from error
        return None
    if cut.num_rows != count:
        return None
    frame = pl.from_arrow(cut)
    return frame if isinstance(frame, pl.DataFrame) else None


def _has_blank_line(plain: bytes) -> bool:
    return plain.startswith(b"\n") or b"\n\n" in plain


def _part_odd_lines(plain: bytes, width: int) -> tuple[bytes, dict[int, tuple[str, ...]]]:
    """The lines with one cell for each field, and the cells of the others by line."""
    lines = plain.split(b"\n")
    if not lines[-1]:
        lines.pop()
    commas = width - 1
    odd: dict[int, tuple[str, ...]] = {}
    even: list[bytes] = []
    for number, line in enumerate(lines):
        if line.count(b",") == commas and line:
            even.append(line)
            continue
        try:
            odd[number] = tuple(line.decode("utf-8").split(",")) if line else ()
        except UnicodeDecodeError as error:
            raise OutsideEnvelopeError(str(error)) from error
    return b"\n".join([*even, b""]) if even else b"", odd


def _fit_cells(cells: Sequence[str], width: int) -> Sequence[str | None]:
    if len(cells) == width:
        return cells
    return [*cells, *(None,) * (width - len(cells))][:width]


def _make_frame(rows: Sequence[Sequence[str | None]], names: list[str]) -> pl.DataFrame:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    return pl.DataFrame(
        [
            pl.Series(name, column, dtype=pl.String)
            for name, column in zip(names, columns, strict=True)
        ]
    )
