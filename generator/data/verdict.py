"""Frictionless's verdict on a resource or a package, word for word, at column speed.

This is the core that is compared with `frictionless.validate`: same error
types, rows, fields, cells, notes and order. What this project refuses beyond
Frictionless (loose spellings, a header that hides what follows) is added
elsewhere and never seen here.

A file inside the envelope is read in blocks, and memory holds one block, the
rows that may be at fault and 8 bytes a row for each key. These rows are given
at the end to Frictionless's own row, handlers and error classes, with the
steps of its row stream. Everything outside the envelope (other dialects and
encodings, a header that differs, odd key types, bytes that are not UTF-8) goes
to `Resource.validate` as a whole.

Source: docs/adr/0003-checking.md
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO, Final

import polars as pl
from frictionless import FrictionlessException, Package, Resource, Schema
from frictionless.table.row import Row

from generator.data.blocks import BLOCK_SIZE, Block, BlockReader, OutsideEnvelopeError, read_ahead
from generator.data.cells import CellFault, CellJudge, describe_error
from generator.data.column import Column, read_columns
from generator.data.envelope import demand, find_envelope
from generator.data.key_tokens import TokenReader, hash_tokens, kind_of
from generator.data.row_errors import SILENT_ERRORS, create_handlers, read_row

ALL_ERRORS: Final = 1 << 62
"""Frictionless's limit of errors, put so high that it tells all."""
_HELD_BLOCKS: Final = 4
"""Blocks kept in case that rows of theirs are asked for; of a longer file none is."""
_FILES_AT_A_TIME: Final = 2


@dataclass(frozen=True, slots=True)
class _Reference:
    """A foreign key and the keys that its target has, as tokens."""

    resource: str
    fields: tuple[str, ...]
    reference_fields: tuple[str, ...]
    known: pl.DataFrame


@dataclass(slots=True)
class _Suspects:
    """The rows that Frictionless has to word."""

    frames: list[pl.DataFrame] = field(default_factory=list)
    odd_rows: dict[int, tuple[str, ...]] = field(default_factory=dict)
    broken: dict[int, set[int]] = field(default_factory=dict)
    """By row, the foreign keys (by number) that point at nothing."""

    def add(self, block: Block, rows: Collection[int]) -> None:
        """Takes over rows of a block, by their index in it."""
        if not rows:
            return
        chosen = block.text.with_row_index("#row", offset=block.start)
        whole = len(rows) == block.text.height
        self.frames.append(chosen if whole else chosen[sorted(rows)])
        for index, cells in block.odd_rows.items():
            self.odd_rows[block.start + index] = cells

    def lacks(self, rows: pl.Series) -> pl.Series:
        """Those of the rows, by their index in the file, that were not taken over."""
        for frame in self.frames:
            rows = rows.filter(~rows.is_in(frame.get_column("#row").implode()))
        return rows


class PackageJudge:
    """Frictionless's verdicts on the resources of a package.

    The keys that foreign keys point at are read once a package. Two files are
    judged at a time: one thread's Python runs beside the other's Polars.
    """

    def __init__(self, package: Package, block_size: int = BLOCK_SIZE) -> None:
        self._package = package
        self._block_size = block_size
        self._keys: dict[tuple[str, tuple[str, ...]], pl.DataFrame] = {}
        self._reading = Lock()

    def judge(self) -> Mapping[str, tuple[CellFault, ...]]:
        """The errors of every resource; of the package itself under an empty name."""
        try:
            self._package.to_descriptor(validate=True)
        except FrictionlessException as error:
            return {"": tuple(describe_error(item) for item in error.to_errors())}
        resources = self._package.resources
        # The longest first, so that no thread ends long before the other.
        longest = sorted(resources, key=_find_size, reverse=True)
        with ThreadPoolExecutor(_FILES_AT_A_TIME) as pool:
            judged = pool.map(self._judge_by_blocks, longest)
            by_resource = {id(item): faults for item, faults in zip(longest, judged, strict=True)}
        # Frictionless itself is not made for threads: what is left to it goes one by one.
        return {
            item.name or "": faults if faults is not None else judge_whole(item)
            for item in resources
            for faults in (by_resource[id(item)],)
        }

    def _judge_by_blocks(self, resource: Resource) -> tuple[CellFault, ...] | None:
        return judge_by_blocks(resource, self, self._block_size)

    def read_keys(self, resource: Resource, name: str, fields: tuple[str, ...]) -> pl.DataFrame:
        """The distinct keys of the resource called `name`, as tokens.

        Raises:
            OutsideEnvelopeError: The target cannot be read here.

        """
        place = (name or resource.name or "", fields)
        with self._reading:
            if place not in self._keys:
                target = resource if name in ("", resource.name) else self._find_target(name)
                self._keys[place] = _read_keys(target, fields, self._block_size)
            return self._keys[place]

    def _find_target(self, name: str) -> Resource:
        if not self._package.has_resource(name):
            raise OutsideEnvelopeError(f"no resource {name}")
        return self._package.get_resource(name)


def _find_size(resource: Resource) -> int:
    """Bytes of the resource's file; 0 where there is no plain one."""
    path = Path(resource.normpath) if resource.normpath and not resource.remote else None
    return path.stat().st_size if path is not None and path.is_file() else 0


def judge_package(
    package: Package, block_size: int = BLOCK_SIZE
) -> Mapping[str, tuple[CellFault, ...]]:
    """What `package.validate(limit_errors=ALL_ERRORS)` reports, by resource."""
    return PackageJudge(package, block_size).judge()


def judge_by_blocks(
    resource: Resource, keys: PackageJudge, block_size: int = BLOCK_SIZE
) -> tuple[CellFault, ...] | None:
    """What `resource.validate(limit_errors=ALL_ERRORS)` reports, in its order.

    None where only Frictionless itself can say. The resource is closed, and
    has been validated as a descriptor with the package of `keys`.
    """
    try:
        path, schema = find_envelope(resource)
        judge = _ResourceJudge(schema, _read_references(resource, schema, keys))
        return judge.judge(path, block_size)
    except (OutsideEnvelopeError, FrictionlessException):
        return None


def judge_whole(resource: Resource) -> tuple[CellFault, ...]:
    """Frictionless's verdict from Frictionless alone."""
    report = resource.validate(limit_errors=ALL_ERRORS)
    return tuple(describe_error(error) for task in report.tasks for error in task.errors)


def _read_references(
    resource: Resource, schema: Schema, keys: PackageJudge
) -> tuple[_Reference, ...]:
    if not schema.foreign_keys:
        return ()
    columns = {column.name: column for column in read_columns(schema)}
    references = []
    for key in schema.foreign_keys:
        target_name, target_fields = key["reference"]["resource"], key["reference"]["fields"]
        fields = tuple(key["fields"])
        demand(set(fields) <= set(columns), "a foreign key of fields that are not there")
        known = keys.read_keys(resource, target_name, tuple(target_fields))
        own_kinds = [kind_of(columns[name]) for name in fields]
        demand(own_kinds == _kinds_of(known), "keys of two kinds")
        references.append(_Reference(target_name, fields, tuple(target_fields), known))
    return tuple(references)


def _kinds_of(known: pl.DataFrame) -> list[str]:
    return [name.rpartition(":")[2] for name in known.columns]


def _read_keys(target: Resource, fields: tuple[str, ...], block_size: int) -> pl.DataFrame:
    path, schema = find_envelope(target)
    columns = {column.name: column for column in read_columns(schema)}
    demand(set(fields) <= set(columns), "a key of fields that are not there")
    reader = TokenReader([columns[name] for name in fields])
    titles = [f"{number}:{kind_of(columns[name])}" for number, name in enumerate(fields)]
    found = pl.DataFrame(schema=dict.fromkeys(titles, pl.String))
    with path.open("rb") as stream:
        for block in _open_blocks(stream, schema, block_size):
            tokens = reader.read(block.text)
            tokens.columns = titles
            found = pl.concat([found, tokens.unique()])
    filled = pl.any_horizontal(pl.col(title).is_not_null() for title in titles)
    return found.filter(filled).unique()


def _open_blocks(stream: Any, schema: Schema, block_size: int) -> BlockReader:
    reader = BlockReader(stream, schema.field_names, block_size)
    labels = [label.strip() for label in reader.labels]
    demand(labels == schema.field_names, "a header that differs")
    return reader


class _ResourceJudge:
    """One pass over a file for its suspects, and Frictionless's word on them."""

    def __init__(self, schema: Schema, references: tuple[_Reference, ...]) -> None:
        columns = read_columns(schema)
        self._schema = schema
        self._references = references
        self._cells = CellJudge(columns)
        self._unique = tuple(item.name for item in schema.fields if item.constraints.get("unique"))
        self._primary = self._find_primary_key(columns)
        singles = [(name,) for name in self._unique]
        self._keys = [*singles, self._primary] if self._primary else singles
        named = {name for key in self._keys for name in key}
        named |= {name for reference in references for name in reference.fields}
        self._tokens = TokenReader([column for column in columns if column.name in named])

    def _find_primary_key(self, columns: Sequence[Column]) -> tuple[str, ...]:
        names = {column.name for column in columns}
        key = tuple(self._schema.primary_key)
        return key if set(key) <= names else ()

    def judge(self, path: Path, block_size: int) -> tuple[CellFault, ...]:
        suspects = _Suspects()
        hashes: list[list[pl.Series]] = [[] for _ in self._keys]
        held: list[Block] = []
        count = 0
        with path.open("rb") as stream:
            for block in self._read_blocks(stream, path, block_size):
                count += 1
                held = [*held, block] if count <= _HELD_BLOCKS else []
                rows = self._cells.judge(block.text, block.odd_rows).suspects
                suspects.add(block, rows | self._read_block_keys(block, suspects, hashes))
        repeated = suspects.lacks(find_repeated([pl.concat(parts) for parts in hashes if parts]))
        if len(repeated):
            self._fetch_rows(path, block_size, held, repeated, suspects)
        return tuple(self._word_rows(suspects))

    def _read_blocks(self, stream: BinaryIO, path: Path, block_size: int) -> Iterable[Block]:
        """The file's blocks, cut by a second thread where there is more than one."""
        blocks = _open_blocks(stream, self._schema, block_size)
        return read_ahead(blocks) if path.stat().st_size > block_size else blocks

    def _read_block_keys(
        self, block: Block, suspects: _Suspects, hashes: list[list[pl.Series]]
    ) -> set[int]:
        """Notes a block's key hashes and broken references; gives the rows at fault."""
        tokens = self._tokens.read(block.text)
        rows: set[int] = set()
        for names, parts in zip(self._keys, hashes, strict=True):
            hashed = hash_tokens([tokens[name] for name in names])
            parts.append(hashed)
            if names is self._primary and hashed.null_count():
                rows.update(hashed.is_null().arg_true())
        for number, reference in enumerate(self._references):
            broken = find_broken([tokens[name] for name in reference.fields], reference.known)
            rows.update(broken)
            for row in broken:
                suspects.broken.setdefault(block.start + row, set()).add(number)
        return rows

    def _fetch_rows(
        self,
        path: Path,
        block_size: int,
        held: Sequence[Block],
        rows: pl.Series,
        suspects: _Suspects,
    ) -> None:
        """Takes over rows whose key may stand in another row, if need be from the file again."""
        with path.open("rb") as stream:
            for block in held or self._read_blocks(stream, path, block_size):
                end = block.start + block.text.height
                inside = rows.filter((rows >= block.start) & (rows < end))
                suspects.add(block, (inside - block.start).to_list())

    def _word_rows(self, suspects: _Suspects) -> Iterator[CellFault]:
        """The errors of the suspects, by the steps of Frictionless's row stream."""
        if not suspects.frames:
            return
        handlers = create_handlers(self._schema)
        frame = pl.concat(suspects.frames).unique("#row", keep="first").sort("#row")
        unique: dict[str, dict[Any, int]] = {name: {} for name in self._unique}
        primary: dict[tuple[Any, ...], int] = {}
        for index, *cells in frame.iter_rows():
            row = read_row(list(suspects.odd_rows.get(index, cells)), handlers, index + 2)
            self._match_unique(row, unique)
            self._match_primary(row, primary)
            self._match_references(row, suspects.broken.get(index, frozenset()))
            for error in row.errors:
                yield describe_error(error)

    def _match_unique(self, row: Row, memory: dict[str, dict[Any, int]]) -> None:
        for name, seen in memory.items():
            cell = row[name]
            if cell is None:
                continue
            match = seen.get(cell)
            seen[cell] = row.row_number
            if match:
                note = f"the same as in the row at position {match}"
                row.errors.append(
                    SILENT_ERRORS.UniqueError.from_row(row, note=note, field_name=name)
                )

    def _match_primary(self, row: Row, memory: dict[tuple[Any, ...], int]) -> None:
        if not self._primary:
            return
        cells = tuple(row[name] for name in self._primary)
        if set(cells) == {None}:
            note = 'cells composing the primary keys are all "None"'
        else:
            match = memory.get(cells)
            memory[cells] = row.row_number
            if not match:
                return
            note = f"the same as in the row at position {match}"
        row.errors.append(SILENT_ERRORS.PrimaryKeyError.from_row(row, note=note))

    def _match_references(self, row: Row, broken: "set[int] | frozenset[int]") -> None:
        for number, reference in enumerate(self._references):
            cells = tuple(row[name] for name in reference.fields)
            if number not in broken:
                continue
            note = (
                f'for "{", ".join(reference.fields)}": '
                f'values "{", ".join(str(cell) for cell in cells)}" '
                f'not found in the lookup table "{reference.resource}" '
                f'as "{", ".join(reference.reference_fields)}"'
            )
            error = SILENT_ERRORS.ForeignKeyError.from_row(
                row,
                note=note,
                field_names=list(reference.fields),
                field_values=list(cells),
                reference_name=reference.resource,
                reference_field_names=list(reference.reference_fields),
            )
            row.errors.append(error)


def find_repeated(hashes: Sequence[pl.Series]) -> pl.Series:
    """The rows whose hash of some key stands in another row too; they may differ in the key."""
    rows = [pl.Series("#row", [], dtype=pl.UInt32)]
    for hashed in hashes:
        filled = hashed.drop_nulls()
        if filled.n_unique() < len(filled):
            doubles = filled.filter(filled.is_duplicated()).unique()
            rows.append(hashed.is_in(doubles.implode()).arg_true().alias("#row"))
    return pl.concat(rows).unique().sort()


def find_broken(tokens: Sequence[pl.Series], known: pl.DataFrame) -> list[int]:
    """The rows of a block whose key is not among the known ones; a missing key is none."""
    if len(tokens) == 1:
        found = tokens[0].is_in(known.to_series().implode(), nulls_equal=False)
        return (~found).arg_true().to_list()
    names = known.columns
    own = pl.DataFrame([part.alias(name) for part, name in zip(tokens, names, strict=True)])
    # Rows of one key mostly follow each other; the first of each run tells whether any is lost.
    begins = pl.any_horizontal(pl.all().ne_missing(pl.all().shift()))
    if _find_lost(own.filter(begins), known).is_empty():
        return []
    return _find_lost(own, known).to_list()


def _find_lost(own: pl.DataFrame, known: pl.DataFrame) -> pl.Series:
    names = known.columns
    lost = (
        own.lazy()
        .with_row_index("#row")
        .filter(pl.any_horizontal(pl.col(name).is_not_null() for name in names))
        .join(known.lazy(), on=names, how="anti", nulls_equal=True)
        .select(pl.col("#row").sort())
    )
    return lost.collect().to_series()
