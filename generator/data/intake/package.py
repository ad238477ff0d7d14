"""Writing the imported Data Package: whole or not at all.

Everything is written into a temporary folder beside the target and renamed; a failure leaves the
target as it was. An existing target is replaced only if it is empty or an earlier import's.
"""

import csv
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, cast

import pyarrow as pa
import pyarrow.parquet as pq

from generator.data.catalog import Catalog, Field, Table
from generator.data.intake.mapping import PackageText
from generator.data.intake.place import Candidate
from generator.data.intake.report import FORMAT, ImportReport
from generator.data.intake.report_page import render_report
from generator.data.json_file import write_json
from generator.errors import OutputError

REPORT_JSON: Final = "import-report.json"
REPORT_PAGE: Final = "import-report.html"


def check_target(out: Path) -> None:
    """Nothing where `out` may be written.

    Raises:
        OutputError: `out` is a file, or a folder with something that no import wrote.

    """
    if not out.exists():
        return
    if not out.is_dir():
        raise OutputError(f"输出位置 {out} 是一个文件；请换一个文件夹。")
    if not any(out.iterdir()):
        return
    try:
        earlier = json.loads((out / REPORT_JSON).read_text(encoding="utf-8"))
        recognised = isinstance(earlier, dict) and earlier.get("format") == FORMAT
    except (OSError, ValueError):
        recognised = False
    if not recognised:
        raise OutputError(
            f"输出文件夹 {out} 里已有别的内容，不是以前导入的结果，没有动它。请换一个空文件夹。"
        )


def write_package(
    out: Path,
    catalog: Catalog,
    tables: Mapping[str, Table],
    rows: Mapping[str, Sequence[Candidate]],
    package: PackageText,
    report: ImportReport,
) -> None:
    """The package at `out`, with the report in JSON and HTML.

    Raises:
        OutputError: `out` holds something else, or cannot be written.

    """
    check_target(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise OutputError(f"不能写入 {out.parent}（{error.strerror}）。") from error
    try:
        fresh.chmod(0o755)
        _write_all(fresh, catalog, tables, rows, package, report)
        _swap(fresh, out)
    except OSError as error:
        raise OutputError(f"写 {out} 时出错（{error.strerror}），原有内容没有动。") from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _swap(fresh: Path, out: Path) -> None:
    if not out.exists():
        fresh.rename(out)
        return
    old = fresh.with_name(f"{fresh.name}-old")
    out.rename(old)
    try:
        fresh.rename(out)
    except OSError:
        old.rename(out)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _write_all(
    folder: Path,
    catalog: Catalog,
    tables: Mapping[str, Table],
    rows: Mapping[str, Sequence[Candidate]],
    package: PackageText,
    report: ImportReport,
) -> None:
    write_json(folder / "datapackage.json", _describe(catalog, package))
    schema_paths = {
        str(resource["name"]): str(resource["schema"])
        for resource in cast(list[dict[str, object]], catalog.descriptor["resources"])
    }
    for name, table in tables.items():
        write_json(folder / schema_paths[name], table.schema)
        path = folder / table.relative_path
        path.parent.mkdir(parents=True, exist_ok=True)
        if table.format == "parquet":
            _write_empty_parquet(path, table)
        else:
            _write_csv(path, table, rows.get(name, ()))
    write_json(folder / REPORT_JSON, report.to_json(), indent=None)
    page = render_report(report)
    (folder / REPORT_PAGE).write_text(page, encoding="utf-8", newline="\n")


def _describe(catalog: Catalog, package: PackageText) -> dict[str, object]:
    return {
        **catalog.descriptor,
        "name": package.name,
        "title": package.title,
        "description": package.description,
    }


def _write_csv(path: Path, table: Table, rows: Sequence[Candidate]) -> None:
    ordered = sorted(
        ([row.values.get(name, "") for name in table.field_names] for row in rows),
        key=lambda cells: [cells[table.field_names.index(name)] for name in table.primary_key],
    )
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(table.field_names)
        writer.writerows(ordered)


def _write_empty_parquet(path: Path, table: Table) -> None:
    schema = pa.schema([pa.field(field.name, _arrow_type(field)) for field in table.fields])
    pq.write_table(schema.empty_table(), path, compression="zstd")


def _arrow_type(field: Field) -> "pa.DataType":
    return {
        "number": pa.float64(),
        "integer": pa.int64(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
        "datetime": pa.timestamp("us"),
    }.get(field.type, pa.string())
