"""The import from mapping file to written package, as one sequence of named steps."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from generator.data.catalog import Catalog, Table, read_catalog
from generator.data.intake.columns import (
    explain_columns,
    find_missing_columns,
    list_column_uses,
    list_unexplained,
)
from generator.data.intake.faults import raise_mapping_faults, raise_source_faults
from generator.data.intake.mapping import MappingFile, Rule, list_constants, list_templates
from generator.data.intake.mapping_reading import read_mapping
from generator.data.intake.package import check_target, write_package
from generator.data.intake.place import Placement, place_rows
from generator.data.intake.relax import relax_tables
from generator.data.intake.report import (
    FileOutcomes,
    FileReport,
    ImportReport,
    MadeField,
    RelaxedField,
    report_cells,
    report_tables,
    title_of,
)
from generator.data.intake.rows import CleanFile, clean_files, find_column_faults
from generator.data.intake.settle import find_constant_faults, settle_keys
from generator.data.intake.sources import read_sources
from generator.data.intake.tally import CellLog
from generator.data.profile_tables import copy_descriptions
from generator.profiles.profile import Profile, read_profile


def run_import(
    mapping_path: Path,
    sources: Sequence[Path],
    out: Path,
    schemas: Path,
    *,
    profile: Profile | None = None,
    allow_unmapped: bool = False,
) -> ImportReport:
    """The account of the import; the package and both reports are at `out`.

    Args:
        mapping_path: The mapping file (`docs/import.md` explains its keys).
        sources: Source files, or folders of them.
        out: The package's folder: new, empty, or an earlier import's, which is replaced.
        schemas: The dataset folder with the canonical `datapackage.json`, or its `schemas`.
        profile: The law whose tables the package is to have, by default Order 31's.
        allow_unmapped: Columns and files that the mapping does not mention are reported as
            未说明 and do not stop the import.

    Raises:
        MappingError: The mapping file has faults; all are listed. Nothing is written.
        SourceError: Source files have faults; all are listed. Nothing is written.
        DatasetError: The schemas cannot be read.
        OutputError: `out` cannot be written.

    """
    check_target(out)
    root = schemas if (schemas / "datapackage.json").is_file() else schemas.parent
    catalog = _read_catalog(root, profile or read_profile())
    mapping = read_mapping(mapping_path, catalog)
    found = read_sources(mapping, sources, allow_unmapped)
    uses = list_column_uses(mapping)
    faults = [
        *find_column_faults(mapping, found.files),
        *find_missing_columns(mapping, found.files, uses),
    ]
    if not allow_unmapped:
        faults.extend(list_unexplained(found.files, uses))
    raise_source_faults(faults)

    tables = relax_tables(catalog, mapping.relaxations)
    cells, nothing = CellLog(), CellLog()
    files = clean_files(found.files, cells)
    placement = place_rows(mapping, tables, files, cells, nothing)
    kept = settle_keys(placement.candidates, tables, cells)
    raise_mapping_faults(list(find_constant_faults(placement.constants)))
    report = ImportReport(
        mapping=mapping.file_name,
        title=mapping.package.title,
        files=_report_files(files, placement, tables, uses),
        ignored_files=tuple(sorted(found.ignored.items())),
        unexplained_files=found.unexplained,
        tables=report_tables(tables, kept),
        cells=report_cells(cells, tables),
        nothing=report_cells(nothing, tables),
        generated=tuple(_list_generated(mapping, tables)),
        constants=tuple(_list_constants(mapping, tables)),
        relaxed=tuple(_list_relaxed(mapping, tables)),
    )
    write_package(out, catalog, tables, kept, mapping.package, report)
    return report


def _read_catalog(root: Path, profile: Profile) -> Catalog:
    """What the package is to hold; tables of the profile that `root` lacks are lent."""
    described = read_catalog(root)
    if described.profile == profile:
        return described
    if not profile.find_missing_tables(described.descriptor):
        return read_catalog(root, profile)
    with tempfile.TemporaryDirectory(prefix="huanjing-") as folder:
        copy_descriptions(root, Path(folder), profile)
        return read_catalog(Path(folder), profile)


def _report_files(
    files: Sequence[CleanFile],
    placement: Placement,
    tables: Mapping[str, Table],
    uses: Mapping[str, Mapping[str, tuple[str, ...]]],
) -> tuple[FileReport, ...]:
    outcomes = FileOutcomes(placement, tables)
    return tuple(
        FileReport(
            source=item.file.source.name,
            label=item.file.label,
            sha256=item.file.sha256,
            rows=outcomes.list_rows(item),
            columns=explain_columns(item.file, uses.get(item.file.source.name, {}), item.filled),
            trimmed=item.cleaning.trimmed,
            inner=item.cleaning.inner,
            placeholders=tuple(
                (column, word, count)
                for (column, word), count in sorted(item.cleaning.placeholders.items())
            ),
        )
        for item in files
    )


def _list_generated(mapping: MappingFile, tables: Mapping[str, Table]) -> Iterator[MadeField]:
    for rule in mapping.rows:
        if isinstance(rule, Rule):
            for name, value in rule.fields.items():
                target = f"{rule.table}.{name}"
                for template in list_templates(value):
                    if template.counts:
                        yield MadeField(target, title_of(target, tables), template.text)


def _list_constants(mapping: MappingFile, tables: Mapping[str, Table]) -> Iterator[MadeField]:
    for rule in mapping.rows:
        if isinstance(rule, Rule):
            for name, value in rule.fields.items():
                target = f"{rule.table}.{name}"
                for text in list_constants(value):
                    yield MadeField(target, title_of(target, tables), text)
        else:
            table = tables[rule.table]
            yield MadeField(rule.table, table.title, f"映射文件里写定的 {len(rule.rows)} 行")


def _list_relaxed(mapping: MappingFile, tables: Mapping[str, Table]) -> Iterator[RelaxedField]:
    words = {
        "pattern": "格式",
        "enum": "可选值",
        "minLength": "最短",
        "maxLength": "最长",
        "minimum": "下限",
        "maximum": "上限",
    }
    for item in mapping.relaxations:
        changes = [
            "改为选填" if name == "required" else f"{words[name]}改为 {value}"
            for name, value in item.constraints.items()
        ]
        if item.drop_foreign_key:
            changes.append("不再要求引用的行存在")
        target = f"{item.table}.{item.field}"
        yield RelaxedField(target, title_of(target, tables), "；".join(changes), item.reason)
