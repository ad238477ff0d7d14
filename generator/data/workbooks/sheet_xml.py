"""Streams of a sheet's rows and of the shared strings, by expat, holding one piece at a time.

A tree of elements would hold a whole row, which a hostile file makes as long as it likes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Final
from xml.parsers import expat

LAST_COLUMN: Final = 16_384
"""Columns of a sheet, A to XFD. Source: Excel specifications and limits."""
STRINGS_LIMIT: Final = 2_500_000


@dataclass(slots=True)
class StoredCell:
    """A cell's XML: its type and style attributes, its value, and its formula if it has one."""

    type: str
    style: int
    value: str = ""
    formula: str | None = None


class _TextReader:
    """Collects the text of chosen elements; phonetic readings are no part of a cell's text."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._add
        self._text: list[str] = []
        self._taking = False
        self._phonetic = 0

    def _add(self, text: str) -> None:
        if self._taking:
            self._text.append(text)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "rPh":
            self._phonetic += 1
        self._taking = local in ("t", "v", "f") and not self._phonetic
        self._open(local, attributes)

    def _end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        if local == "rPh":
            self._phonetic -= 1
        self._taking = False
        self._close(local)

    def _open(self, local: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def _close(self, local: str) -> None:
        """An element ends."""

    def _take(self) -> str:
        text = "".join(self._text)
        self._text.clear()
        return text

    def finish(self) -> None:
        """Says that there is no more; raises ExpatError if something is left open."""
        self._parser.Parse(b"", True)


class SheetReader(_TextReader):
    """Rows of a sheet's XML, as they become whole."""

    def __init__(self) -> None:
        super().__init__()
        self._done: list[tuple[int, dict[int, StoredCell]]] = []
        self._row: dict[int, StoredCell] = {}
        self._number = 0
        self._column = -1
        self._cell: StoredCell | None = None
        self.merged = ""
        """The first range of merged cells, such as A3:A5; empty if there is none."""

    def feed(self, piece: bytes) -> Iterator[tuple[int, dict[int, StoredCell]]]:
        """The rows that end in the next piece."""
        self._parser.Parse(piece, False)
        yield from self._done
        self._done.clear()

    def _open(self, local: str, attributes: dict[str, str]) -> None:
        if local == "row":
            self._number = int(attributes.get("r", self._number + 1))
            self._row, self._column = {}, -1
        elif local == "c":
            reference = attributes.get("r", "")
            self._column = _read_column(reference) if reference else self._column + 1
            if not 0 <= self._column < LAST_COLUMN:
                raise ValueError(f"column of {reference!r}")
            self._cell = StoredCell(attributes.get("t", "n"), int(attributes.get("s", "0")))
        elif local in ("v", "f"):
            self._text.clear()
        elif local == "mergeCell" and not self.merged:
            self.merged = attributes.get("ref", "?")

    def _close(self, local: str) -> None:
        if local == "row":
            self._done.append((self._number, self._row))
            self._row = {}
        if self._cell is None:
            return
        if local == "f":
            self._cell.formula = self._take()
        elif local in ("v", "is"):
            self._cell.value = self._take()
        elif local == "c":
            self._row[self._column] = self._cell
            self._cell = None
            self._text.clear()


class _StringsReader(_TextReader):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def feed(self, piece: bytes) -> None:
        self._parser.Parse(piece, False)

    def _open(self, local: str, attributes: dict[str, str]) -> None:  # noqa: ARG002
        if local == "si":
            self._text.clear()

    def _close(self, local: str) -> None:
        if local == "si":
            self.found.append(self._take())
            if len(self.found) > STRINGS_LIMIT:
                raise ValueError("too many strings")


def read_strings(part: IO[bytes], piece_bytes: int) -> list[str]:
    """The workbook's shared strings, escapes still in them."""
    reader = _StringsReader()
    while piece := part.read(piece_bytes):
        reader.feed(piece)
    reader.finish()
    return reader.found


def _read_column(reference: str) -> int:
    """The column from 0 of a reference such as `AB12`."""
    column = 0
    for char in reference:
        if not "A" <= char <= "Z":
            break
        column = column * 26 + ord(char) - ord("A") + 1
    return column - 1
