"""The account of an import: what became of every row, column and cell.

`ImportReport.to_json` is the whole account; `report_page` shows its sums to a clerk.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from generator.data.catalog import Table
from generator.data.intake.columns import ColumnUse
from generator.data.intake.place import Candidate, Failure, Placement
from generator.data.intake.reasons import NO_CONTENT, NO_RULE
from generator.data.intake.rows import CleanFile
from generator.data.intake.tally import CellLog, RowRef

RowKind = Literal["placed", "duplicate", "rejected"]
FORMAT: Final = "huanjing-import-report"
LOOKED_UP: Final = "查找"
MERGED: Final = "并入"
MADE: Final = "成行"


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of a source row.

    `targets` are (table, key, how) of the rows it went into, `failures` why it could not go
    (or, for a placed row, what else was tried in vain), `same_as` the row it repeats.
    """

    row: int
    kind: RowKind
    targets: tuple[tuple[str, str, str], ...] = ()
    failures: tuple[Failure, ...] = ()
    same_as: RowRef | None = None


@dataclass(frozen=True, slots=True)
class FileReport:
    """The account of one source file."""

    source: str
    label: str
    sha256: str
    rows: tuple[RowOutcome, ...]
    columns: tuple[ColumnUse, ...]
    trimmed: int
    inner: int
    placeholders: tuple[tuple[str, str, int], ...]

    def count(self, kind: RowKind) -> int:
        """How many rows ended so."""
        return sum(outcome.kind == kind for outcome in self.rows)

    @property
    def partly(self) -> int:
        """How many placed rows were refused by a further table."""
        return sum(outcome.kind == "placed" and bool(outcome.failures) for outcome in self.rows)

    @property
    def merged(self) -> int:
        """How many placed rows are equal to, or fill, a row that another source row made."""
        return sum(
            outcome.kind == "placed" and any(how == MERGED for _, _, how in outcome.targets)
            for outcome in self.rows
        )

    def placed_into(self) -> Mapping[str, int]:
        """How many rows went into each table."""
        counts: Counter[str] = Counter()
        for outcome in self.rows:
            counts.update({table for table, _, _ in outcome.targets})
        return dict(sorted(counts.items()))

    def refusals(self, kind: RowKind) -> Mapping[tuple[str, str], tuple[int, ...]]:
        """(table, reason) → rows of the kind that failed for it, the most frequent first.

        A rejected row stands under each reason that it met.
        """
        found: dict[tuple[str, str], list[int]] = {}
        for outcome in self.rows:
            if outcome.kind == kind:
                for failure in outcome.failures:
                    rows = found.setdefault((failure.table, failure.reason), [])
                    if not rows or rows[-1] != outcome.row:
                        rows.append(outcome.row)
        ordered = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
        return {key: tuple(rows) for key, rows in ordered}


@dataclass(frozen=True, slots=True)
class TableReport:
    """Rows of a table of the written package, and where they came from."""

    name: str
    title: str
    rows: int
    origins: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class CellReport:
    """Cells alike in everything but their row."""

    label: str
    column: str
    target: str
    title: str
    value: str
    reason: str
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MadeField:
    """A field whose text is not the source's own: a constant or a made-up key."""

    target: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class RelaxedField:
    """A constraint loosened in the written package."""

    target: str
    title: str
    change: str
    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The whole account."""

    mapping: str
    title: str
    files: tuple[FileReport, ...]
    ignored_files: tuple[tuple[str, str], ...]
    unexplained_files: tuple[str, ...]
    tables: tuple[TableReport, ...]
    cells: tuple[CellReport, ...]
    nothing: tuple[CellReport, ...]
    generated: tuple[MadeField, ...]
    constants: tuple[MadeField, ...]
    relaxed: tuple[RelaxedField, ...]

    def count(self, kind: RowKind) -> int:
        """How many rows of all files ended so."""
        return sum(file.count(kind) for file in self.files)

    @property
    def rows_read(self) -> int:
        """How many source rows were read."""
        return sum(len(file.rows) for file in self.files)

    def format_summary(self) -> str:
        """The sums as plain lines for a terminal, a line for each source file."""
        lines = [
            f"{file.label}：读入 {len(file.rows):,} 行，放入 {file.count('placed'):,}，"
            f"重复 {file.count('duplicate'):,}，未放入 {file.count('rejected'):,}"
            for file in self.files
        ]
        unexplained = [
            f"未说明的列：{file.label} 的“{column.name}”"
            for file in self.files
            for column in file.columns
            if column.status == "unexplained"
        ]
        unexplained.extend(f"未说明的来源文件：{name}" for name in self.unexplained_files)
        cells = sum(len(cell.rows) for cell in self.cells)
        return "\n".join(
            [
                *lines,
                *unexplained,
                f"合计：读入 {self.rows_read:,} 行 = 放入 {self.count('placed'):,}"
                f" + 重复 {self.count('duplicate'):,} + 未放入 {self.count('rejected'):,}；"
                f"没有转换成功的值 {cells:,} 个。",
                "原因和逐行清单见数据集文件夹里的 import-report.html 和 import-report.json。",
            ]
        )

    def to_json(self) -> dict[str, object]:
        """The account as plain JSON values; every row of every file is in it."""
        return {
            "format": FORMAT,
            "version": 1,
            "mapping": self.mapping,
            "title": self.title,
            "totals": {
                "rows": self.rows_read,
                "placed": self.count("placed"),
                "duplicate": self.count("duplicate"),
                "rejected": self.count("rejected"),
            },
            "tables": [
                {"name": t.name, "title": t.title, "rows": t.rows, "from": dict(t.origins)}
                for t in self.tables
            ],
            "files": [_file_json(file) for file in self.files],
            "ignored_files": dict(self.ignored_files),
            "unexplained_files": list(self.unexplained_files),
            "cells_not_converted": [_cell_json(cell) for cell in self.cells],
            "cells_saying_nothing": [_cell_json(cell) for cell in self.nothing],
            "generated": [
                {"field": f.target, "title": f.title, "template": f.text} for f in self.generated
            ],
            "constants": [
                {"field": f.target, "title": f.title, "value": f.text} for f in self.constants
            ],
            "relaxed": [
                {"field": f.target, "title": f.title, "change": f.change, "reason": f.reason}
                for f in self.relaxed
            ],
        }


def _cell_json(cell: CellReport) -> dict[str, object]:
    return {
        "file": cell.label,
        "column": cell.column,
        "field": cell.target,
        "value": cell.value,
        "reason": cell.reason,
        "count": len(cell.rows),
        "rows": list(cell.rows),
    }


def _file_json(file: FileReport) -> dict[str, object]:
    return {
        "source": file.source,
        "file": file.label,
        "sha256": file.sha256,
        "rows": len(file.rows),
        "placed": file.count("placed"),
        "placed_in_part": file.partly,
        "merged": file.merged,
        "duplicate": file.count("duplicate"),
        "rejected": file.count("rejected"),
        "placed_into": dict(file.placed_into()),
        "rejected_because": [
            {"table": table, "reason": reason, "count": len(rows)}
            for (table, reason), rows in file.refusals("rejected").items()
        ],
        "columns": [
            {
                "name": column.name,
                "status": column.status,
                "uses": list(column.uses),
                "reason": column.reason,
                "filled": column.filled,
            }
            for column in file.columns
        ],
        "cleaned": {
            "trimmed": file.trimmed,
            "blanks_inside": file.inner,
            "placeholders": [
                {"column": column, "value": value, "count": count}
                for column, value, count in file.placeholders
            ],
        },
        "row_list": [_row_json(outcome) for outcome in file.rows],
    }


def _row_json(outcome: RowOutcome) -> dict[str, object]:
    found: dict[str, object] = {"row": outcome.row, "outcome": outcome.kind}
    if outcome.targets:
        found["into"] = [list(target) for target in outcome.targets]
    if outcome.same_as is not None:
        found["same_as"] = list(outcome.same_as)
    if outcome.failures:
        found["because"] = [
            [failure.table, failure.column, failure.value, failure.reason]
            for failure in outcome.failures
        ]
    return found


class FileOutcomes:
    """Outcomes of rows, from candidates indexed once by the rows they came from."""

    def __init__(self, placement: Placement, tables: Mapping[str, Table]) -> None:
        self._placement = placement
        self._tables = tables
        self._targets: dict[RowRef, list[tuple[str, str, str]]] = {}
        self._late: dict[RowRef, list[Failure]] = {}
        for candidate in placement.candidates:
            self._index(candidate)

    def _index(self, candidate: Candidate) -> None:
        standing = candidate.into or candidate
        failure = candidate.failure or standing.failure
        if failure is not None:
            self._late.setdefault(candidate.ref, []).append(failure)
            return
        table = self._tables[candidate.table]
        key = "、".join(standing.values.get(name, "") for name in table.primary_key)
        how = MERGED if candidate.into else MADE
        self._targets.setdefault(candidate.ref, []).append((table.name, key, how))
        for ref in candidate.used:
            self._targets.setdefault(ref, []).append((table.name, key, LOOKED_UP))

    def list_rows(self, file: CleanFile) -> tuple[RowOutcome, ...]:
        """The outcome of every row of the file, in order."""
        return tuple(self._decide(file, number) for number in file.file.numbers)

    def _decide(self, file: CleanFile, number: int) -> RowOutcome:
        ref = RowRef(file.file.label, number)
        if number in file.duplicates:
            return RowOutcome(number, "duplicate", same_as=file.duplicates[number])
        if number in file.refused:
            refusal = Failure("", "", "", file.refused[number])
            return RowOutcome(number, "rejected", failures=(refusal,))
        failures = (
            *self._placement.failures.get(ref, ()),
            *self._late.get(ref, ()),
        )
        targets = tuple(dict.fromkeys(self._targets.get(ref, ())))
        # A row whose own rule refused it is not placed merely because another row looked at it.
        own = any(how != LOOKED_UP for _, _, how in targets)
        if own or (targets and not failures):
            return RowOutcome(number, "placed", targets=targets, failures=failures)
        if not failures:
            failures = (Failure("", "", "", self._explain(file, ref)),)
        return RowOutcome(number, "rejected", failures=failures)

    def _explain(self, file: CleanFile, ref: RowRef) -> str:
        if ref in self._placement.touched:
            return f"查到了对应的记录，但本行{NO_CONTENT}"
        if ref in self._placement.wanted:
            return f"规则拆分本行后{NO_CONTENT}"
        return file.file.source.otherwise or NO_RULE


def report_tables(
    tables: Mapping[str, Table], kept: Mapping[str, Sequence[Candidate]]
) -> tuple[TableReport, ...]:
    """Rows by table and file, for tables that have rows."""
    found: list[TableReport] = []
    for name, table in tables.items():
        rows = kept.get(name, ())
        if rows:
            counts = Counter(row.ref.label for row in rows)
            found.append(TableReport(name, table.title, len(rows), tuple(sorted(counts.items()))))
    return tuple(found)


def report_cells(log: CellLog, tables: Mapping[str, Table]) -> tuple[CellReport, ...]:
    """The log's cells with the titles of their fields, in a fixed order."""
    return tuple(
        CellReport(
            key.label,
            key.column,
            key.target,
            title_of(key.target, tables),
            key.value,
            key.reason,
            rows,
        )
        for key, rows in log.items()
    )


def title_of(target: str, tables: Mapping[str, Table]) -> str:
    """The Chinese title of `table.field`; empty where there is no such field."""
    table, _, name = target.partition(".")
    if table not in tables or name not in tables[table].field_names:
        return ""
    return f"{tables[table].title}·{tables[table].field(name).title}"
