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

import numpy as np
import polars as pl
import pyarrow as pa
from pyarrow import csv as arrow_csv

BLOCK_SIZE: Final = 1 << 23  # bytes: large enough to spread the cost of a call, small to hold
_HEADER_SIZE: Final = 1 << 16  # bytes: more than any header has, little to read twice
_LINE_FEED: Final = ord("\n")


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
    """A chunk parted into plain lines and records with quotes.

    `plain` has the runs of plain lines as ranges of the chunk, so that no byte is copied.
    """

    plain: list[tuple[int, int]] = field(default_factory=list)
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
        self._place = stream.tell()
        self.labels = self._read_labels()
        """The cells of the header, as written."""

    def __iter__(self) -> Iterator[Block]:
        start = 0
        size = self._block_size
        while True:
            chunk, final = self._read_chunk(size)
            cut = _cut_chunk(chunk, final=final)
            self._place += cut.consumed
            if cut.count:
                text, odd_rows = _join_records(chunk, cut, self._names)
                yield Block(start, text, odd_rows)
                start += cut.count
            if final:
                return
            size = self._block_size if cut.consumed else size * 2

    def _read_chunk(self, size: int) -> tuple[bytes, bool]:
        """The next bytes that no record was cut from, and whether they are the last.

        A record that the chunk before ended in is read again: cheaper than to join the two.
        """
        self._stream.seek(self._place)
        chunk = self._stream.read(size)
        return chunk, len(chunk) < size

    def _read_labels(self) -> tuple[str, ...]:
        size = min(_HEADER_SIZE, self._block_size)
        while True:
            chunk, final = self._read_chunk(size)
            begin = len(codecs.BOM_UTF8) if chunk.startswith(codecs.BOM_UTF8) else 0
            lines = _Lines(chunk, begin, final=final)
            labels = _read_record(csv.reader(lines), lines)
            if not lines.exhausted or final:
                self._place += lines.position
                return labels or ()
            size *= 2


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
            cut.plain.append((cut.consumed, stop))
            cut.count += _count_lines(chunk, cut.consumed, stop)
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


def _count_lines(chunk: bytes, begin: int, end: int) -> int:
    # Four times as fast as bytes.count, and beside other threads.
    part = np.frombuffer(chunk, dtype=np.uint8, count=end - begin, offset=begin)
    return int(np.count_nonzero(part == _LINE_FEED)) + (not chunk.endswith(b"\n", begin, end))


def _join_records(
    chunk: bytes, cut: _Cut, names: list[str]
) -> tuple[pl.DataFrame, Mapping[int, tuple[str, ...]]]:
    """All records of a cut in file order, and those with too few or too many cells."""
    width = len(names)
    special = dict(cut.quoted)
    frame: pl.DataFrame | None = None
    if cut.plain:
        plain = _join_plain(chunk, cut.plain)
        frame, odd = _cut_plain_lines(plain, names, cut.count - len(special))
        if odd and special:
            places = [index for index in range(cut.count) if index not in cut.quoted]
            odd = {places[line]: cells for line, cells in odd.items()}
        special |= odd
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


def _join_plain(chunk: bytes, runs: Sequence[tuple[int, int]]) -> bytes | memoryview:
    """The plain lines of a chunk, each ending in a line feed alone."""
    view = memoryview(chunk)
    begin, end = runs[0]
    if len(runs) == 1 and chunk.find(b"\r", begin, end) < 0:
        return view[begin:end]
    plain = b"".join(view[begin:end] for begin, end in runs)
    if b"\r" not in plain:
        return plain
    if plain.count(b"\r") != plain.count(b"\r\n"):
        raise OutsideEnvelopeError("a carriage return that is no line end")
    return plain.replace(b"\r\n", b"\n")


_OddLines = dict[int, tuple[str, ...]]
"""The cells of lines with too few or too many of them, by line."""


def _cut_plain_lines(
    plain: bytes | memoryview, names: list[str], count: int
) -> tuple[pl.DataFrame | None, _OddLines]:
    """The cells of the lines with one cell for each field, and those of the others.

    Raises:
        OutsideEnvelopeError: pyarrow and Python's `csv` do not agree.

    """
    frame = _cut_even_lines(plain, names)
    if frame is not None and frame.height == count:
        return frame, {}
    try:
        str(plain, "utf-8")  # pyarrow prints to stderr when it is to hand over what is not
    except UnicodeDecodeError as error:
        raise OutsideEnvelopeError(str(error)) from error
    odd: _OddLines = {}
    frame = _cut_even_lines(plain, names, odd)
    if frame is not None and frame.height + len(odd) == count:
        return frame, odd
    even, odd = _part_odd_lines(bytes(plain), len(names))
    frame = _cut_even_lines(even, names) if even else None
    if count != len(odd) + (frame.height if frame is not None else 0):
        raise OutsideEnvelopeError("lines that pyarrow cuts otherwise")
    return frame, odd


def _cut_even_lines(
    plain: bytes | memoryview, names: list[str], odd: _OddLines | None = None
) -> pl.DataFrame | None:
    """The cells of lines that have one for each field.

    Lines that have not are put into `odd`; None is the answer if there is no
    such place. pyarrow passes over a blank line without a word, so that the
    count falls short and the numbers of odd lines are not to be trusted.
    """
    if plain[:3] == codecs.BOM_UTF8:  # in mid-file it belongs to a cell; pyarrow takes it away
        raise OutsideEnvelopeError("a byte order mark where a block begins")

    def put_aside(line: arrow_csv.InvalidRow) -> str:
        if odd is None:
            return "error"
        odd[line.number - 1] = tuple(line.text.split(","))
        return "skip"

    try:
        cut = arrow_csv.read_csv(
            pa.BufferReader(pa.py_buffer(plain)),
            read_options=arrow_csv.ReadOptions(
                column_names=names, use_threads=False, block_size=max(len(plain) + 1, 1 << 16)
            ),
            parse_options=arrow_csv.ParseOptions(
                quote_char=False,
                ignore_empty_lines=True,
                invalid_row_handler=None if odd is None else put_aside,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
            memory_pool=pa.system_memory_pool(),  # gives back what blocks of many sizes leave
        )
    except pa.ArrowInvalid as error:
        if "UTF8" in str(error):
            raise OutsideEnvelopeError(str(error)) from error
        return None
    frame = pl.from_arrow(cut)
    return frame if isinstance(frame, pl.DataFrame) else None


def _part_odd_lines(plain: bytes, width: int) -> tuple[bytes, _OddLines]:
    """The lines with one cell for each field, and the cells of the others by line."""
    lines = plain.split(b"\n")
    if not lines[-1]:
        lines.pop()
    commas = width - 1
    odd: _OddLines = {}
    even: list[bytes] = []
    for number, line in enumerate(lines):
        if line.count(b",") == commas and line:
            even.append(line)
            continue
        odd[number] = tuple(line.decode("utf-8").split(",")) if line else ()
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
