"""The rows of a source, cleaned, with exact duplicates and refused rows set aside."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from generator.data.intake.cells import clean_cell
from generator.data.intake.mapping import Condition, MappingFile
from generator.data.intake.sources import SourceFile
from generator.data.intake.tally import CellKey, CellLog, CleaningLog, RowRef


@dataclass(frozen=True, slots=True)
class Row:
    """A cleaned row: its place and its cells by column name."""

    ref: RowRef
    cells: Mapping[str, str]


@dataclass(slots=True)
class CleanFile:
    """A file's rows ready for the rules, and what became of the others."""

    file: SourceFile
    rows: list[Row] = field(default_factory=list)
    duplicates: dict[int, RowRef] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)
    filled: dict[str, int] = field(default_factory=dict)
    cleaning: CleaningLog = field(default_factory=CleaningLog)


def clean_files(files: Sequence[SourceFile], cells: CellLog) -> list[CleanFile]:
    """Every file cleaned; duplicates are looked for within each source, whose files may be many."""
    seen: dict[str, dict[tuple[str, ...], RowRef]] = {}
    return [_clean_file(file, seen.setdefault(file.source.name, {}), cells) for file in files]


def _clean_file(file: SourceFile, seen: dict[tuple[str, ...], RowRef], cells: CellLog) -> CleanFile:
    source = file.source
    result = CleanFile(file, filled=dict.fromkeys(file.header, 0))
    for label_row, column in sorted(file.uncached):
        cells.note(CellKey(file.label, column, "", "", "公式没有存下结果，按空白处理"), label_row)
    for number, raw in zip(file.numbers, file.rows, strict=True):
        if not any(cell.strip() for cell in raw):
            result.refused[number] = "整行没有内容"
            continue
        cleaned = _clean_row(result, raw)
        if source.drop_duplicates:
            first = seen.setdefault(raw, RowRef(file.label, number))
            if first != (file.label, number):
                result.duplicates[number] = first
                continue
        reason = next(
            (
                refusal.reason
                for refusal in source.refusals
                if hold_all(refusal.conditions, cleaned)
            ),
            "",
        )
        if reason:
            result.refused[number] = reason
            continue
        result.rows.append(Row(RowRef(file.label, number), cleaned))
    return result


def _clean_row(result: CleanFile, raw: tuple[str, ...]) -> dict[str, str]:
    source, log = result.file.source, result.cleaning
    cleaned: dict[str, str] = {}
    for column, cell in zip(result.file.header, raw, strict=True):
        text = cell
        if cell:
            text = clean_cell(cell)
            if text != cell:
                if text == cell.strip("\ufeff\u200b\u3000\u00a0 \t\r\n"):
                    log.trimmed += 1
                else:
                    log.inner += 1
            if text in source.placeholders and column not in source.keep_text:
                log.placeholders[(column, text)] += 1
                text = ""
            elif text:
                result.filled[column] += 1
        cleaned[column] = text
    return cleaned


def hold_all(conditions: Sequence[Condition], cells: Mapping[str, str]) -> bool:
    """Whether every condition holds for the row's cells."""
    return all(condition.holds(cells) for condition in conditions)


def find_column_faults(mapping: MappingFile, files: Sequence[SourceFile]) -> Iterator[str]:
    """Columns that the mapping names and a file lacks, or declares empty and a file fills."""
    for file in files:
        source = file.source
        named = [
            *(("unused", name) for name in source.unused),
            *(("empty_columns", name) for name in source.empty_columns),
            *(("keep_text", name) for name in sorted(source.keep_text)),
            *(
                ("reject", item.column)
                for refusal in source.refusals
                for item in refusal.conditions
            ),
        ]
        for key, name in dict.fromkeys(named):
            if name not in file.header:
                yield (
                    f"{file.label}：没有列“{name}”（{mapping.file_name} 的 "
                    f"sources.{source.name}.{key} 写了它）。表头有：{'、'.join(file.header)}。"
                )
        for name in source.empty_columns:
            if name not in file.header:
                continue
            position = file.header.index(name)
            for number, row in zip(file.numbers, file.rows, strict=True):
                if row[position].strip():
                    yield (
                        f"{file.label} 第 {number} 行，列“{name}”：映射写明此列全空，"
                        f"这里却有“{row[position].strip()[:40]}”。请写明怎样使用这一列。"
                    )
                    break
