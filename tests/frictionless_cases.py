"""Tables on which the fast check and Frictionless must agree.

Three sources: what Frictionless's wheel ships in its `__spec__` folders (its
data files are not shipped, so: the parameters of its field tests, and every
table and byte string written out in its tests), and files made at random.
"""

import ast
import csv
import importlib
import io
import json
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import frictionless
from frictionless import Package, Resource
from hypothesis import strategies as st
from package_factory import ODD_CELLS

from generator.data.blocks import BLOCK_SIZE, OutsideEnvelopeError
from generator.data.catalog import CSV_CONTROL
from generator.data.envelope import find_envelope
from generator.data.verdict import ALL_ERRORS, judge_package

SPEC = Path(frictionless.__file__).parent


@dataclass(frozen=True)
class Case:
    """Tables of a package: bytes and schema by name."""

    tables: Mapping[str, tuple[bytes, Mapping[str, Any]]]


Outcome = Any
"""Errors by table in Frictionless's order, or the exception that ended the check."""


def write_case(case: Case, folder: Path) -> dict[str, Any]:
    """Writes a case's files; gives the package's descriptor."""
    for name, (content, _) in case.tables.items():
        (folder / f"{name}.csv").write_bytes(content)
    return {
        "name": "case",
        "resources": [
            {
                "name": name,
                "path": f"{name}.csv",
                "format": "csv",
                "encoding": "utf-8",
                "dialect": {"header": True, "csv": dict(CSV_CONTROL)},
                "schema": schema,
            }
            for name, (_, schema) in case.tables.items()
        ],
    }


def read_package(descriptor: Mapping[str, Any], folder: Path) -> Package:
    """A fresh package: validating changes one."""
    return Package.from_descriptor(json.loads(json.dumps(descriptor)), basepath=str(folder))


def judge_by_frictionless(package: Package) -> Outcome:
    """Every error of `validate`: type, row, field, cell and note."""
    try:
        report = package.validate(limit_errors=ALL_ERRORS)
    except Exception as error:
        return type(error).__name__
    if report.errors:
        return {"": [_read_error(error) for error in report.errors]}
    return {task.name: [_read_error(error) for error in task.errors] for task in report.tasks}


def _read_error(error: Any) -> tuple[str, int, int, str, str]:
    return (
        error.type,
        getattr(error, "row_number", None) or 1,
        getattr(error, "field_number", None) or 0,
        getattr(error, "cell", None) or getattr(error, "label", None) or "",
        error.note,
    )


def judge_by_blocks(package: Package, block_size: int = BLOCK_SIZE) -> Outcome:
    """The same from the fast check."""
    try:
        verdict = judge_package(package, block_size)
    except Exception as error:
        return type(error).__name__
    return {
        name: [(item.type, item.row, item.field_number, item.cell, item.note) for item in faults]
        for name, faults in verdict.items()
    }


def count_fast_resources(package: Package) -> int:
    """How many resources lie inside the envelope and are judged by blocks."""
    return sum(_is_inside(resource) for resource in package.resources)


def _is_inside(resource: Resource) -> bool:
    try:
        find_envelope(resource)
    except OutsideEnvelopeError:
        return False
    return True


def write_csv(rows: Sequence[Sequence[object]], line_end: str = "\n") -> bytes:
    """Rows as CSV with as few quotes as can be."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=line_end).writerows(rows)
    return out.getvalue().encode("utf-8", "surrogatepass")


# What the wheel ships


def find_field_cases() -> Iterator[Case]:
    """The cells of Frictionless's field tests, one table for each way of reading."""
    for module in _import_specs("frictionless.fields.__spec__"):
        kind = module.__name__.rpartition("test_")[2]
        ways: dict[str, list[str]] = {}
        for function in vars(module).values():
            for mark in getattr(function, "pytestmark", ()):
                if mark.name == "parametrize" and "source" in str(mark.args[0]):
                    for values in mark.args[1]:
                        _note_way(ways, str(mark.args[0]), values)
        for way, cells in ways.items():
            field = {"name": "cell", "type": kind, **json.loads(way)}
            rows = [["id", "cell"], *([number, cell] for number, cell in enumerate(cells))]
            fields = [{"name": "id", "type": "integer"}, field]
            yield Case({"main": (write_csv(rows), {"fields": fields})})
            required = {**field, "constraints": {"required": True}}
            keyed = {"fields": [fields[0], required], "primaryKey": ["cell"]}
            yield Case({"main": (write_csv([*rows, rows[1]]), keyed)})


def _note_way(ways: dict[str, list[str]], names: str, values: Any) -> None:
    values = getattr(values, "values", values)
    values = values() if callable(values) else values
    given = dict(zip((name.strip() for name in names.split(",")), values, strict=False))
    options = given.get("options", {})
    way = {"format": given.get("format", "default"), **options}
    try:
        key = json.dumps(way, sort_keys=True)
    except TypeError:
        return
    ways.setdefault(key, []).append(str(given["source"]))


def _import_specs(name: str) -> Iterator[Any]:
    package = importlib.import_module(name)
    for item in sorted(pkgutil.iter_modules(package.__path__), key=lambda module: module.name):
        yield importlib.import_module(f"{name}.{item.name}")


def find_literal_cases() -> Iterator[Case]:
    """Every table, byte string and package written out in a test of the wheel."""
    for path in sorted(SPEC.glob("**/__spec__/**/test_*.py")):
        for item in ast.parse(path.read_text(encoding="utf-8")).body:
            values = [value for node in ast.walk(item) for value in _read_literal(node)]
            schemas = [value for value in values if _is_schema(value)]
            for value in values:
                yield from _make_literal_cases(value, schemas)


def _read_literal(node: ast.AST) -> Iterator[Any]:
    if isinstance(node, ast.List | ast.Dict | ast.Constant):
        try:
            yield ast.literal_eval(node)
        except (ValueError, TypeError, SyntaxError):
            return


def _is_schema(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("fields"), list)
        and all(isinstance(item, dict) and "name" in item for item in value["fields"])
        and bool(value["fields"])
    )


def _is_table(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) > 1
        and all(isinstance(row, list) for row in value)
        and bool(value[0])
        and all(isinstance(cell, str) for cell in value[0])
    )


def _make_literal_cases(value: Any, schemas: Sequence[Any]) -> Iterator[Case]:
    if isinstance(value, dict) and isinstance(value.get("resources"), list):
        tables = {
            item["name"]: (write_csv(item["data"]), item["schema"])
            for item in value["resources"]
            if isinstance(item, dict)
            and _is_table(item.get("data"))
            and _is_schema(item.get("schema"))
            and isinstance(item.get("name"), str)
        }
        if tables:
            yield Case(tables)
    elif _is_table(value):
        named = {"fields": [{"name": str(name), "type": "any"} for name in value[0]]}
        typed = {"fields": [{"name": str(name), "type": "integer"} for name in value[0]]}
        for schema in (*schemas, named, typed):
            yield Case({"main": (write_csv(value), schema)})
    elif isinstance(value, bytes) and (b"," in value or b"\n" in value):
        names = value.decode("latin-1").splitlines()[0].split(",")
        named = {"fields": [{"name": name, "type": "string"} for name in names]}
        for schema in (*schemas, named):
            yield Case({"main": (value, schema)})


# Made at random

_FIELDS: Sequence[Mapping[str, Any]] = (
    {"type": "string"},
    {"type": "string", "constraints": {"required": True}},
    {"type": "string", "constraints": {"enum": ["在产", "停产", "1"]}},
    {"type": "string", "constraints": {"minLength": 2, "maxLength": 4}},
    {"type": "string", "constraints": {"pattern": "DW[0-9]{3}"}},
    {"type": "string", "constraints": {"pattern": "a|b"}},
    {"type": "string", "constraints": {"pattern": "(?:水|大气)(?:、(?:水|大气))*"}},
    {"type": "string", "constraints": {"pattern": r"\d+.\w?", "required": True}},
    {"type": "string", "format": "email"},
    {"type": "string", "format": "uri"},
    {"type": "integer"},
    {"type": "integer", "constraints": {"minimum": 0, "maximum": 100}},
    {"type": "integer", "bareNumber": False},
    {"type": "integer", "constraints": {"enum": [1, 2, 100]}},
    {"type": "number"},
    {"type": "number", "constraints": {"minimum": 0, "maximum": 100, "required": True}},
    {"type": "number", "constraints": {"maximum": "99.5"}},
    {"type": "number", "decimalChar": ",", "groupChar": "_"},
    {"type": "boolean"},
    {"type": "boolean", "trueValues": ["是"], "falseValues": ["否"]},
    {"type": "date"},
    {"type": "date", "constraints": {"minimum": "2015-01-01"}},
    {"type": "date", "format": "%Y/%m/%d"},
    {"type": "datetime"},
    {"type": "year", "constraints": {"minimum": 2015}},
    {"type": "yearmonth"},
    {"type": "any"},
    {"type": "list"},
    {"type": "string", "missingValues": ["", "-", "x"]},
    {"type": "integer", "missingValues": []},
)
_CELLS = (
    *ODD_CELLS,
    *("", "", "a", "b", "ax", "xb", "1", "1", "2", "01", "1.0", "100", "-", "x", "DW001", "水"),
    *("2016-01-02", "2016-01-02T03:04:05Z", "2016/01/02", "是", "true", "在产", '"', "''", "1,5"),
    *("2016-01-02T03:04:05", "2016-01-02T03:04:60", "a.b@qy01.example", "http://qy01.example/a"),
)
_SPLICES = (b'"', b'""', b"\n", b"\n\n", b"\r", b"\r\n", b",", b"\xff", b"\xb9\xa4\xd2\xb5", b"\0")
BLOCK_SIZES = (7, 16, 61, 256, BLOCK_SIZE)


@st.composite
def _tables(draw: st.DrawFn, targets: Sequence[str] = ()) -> tuple[bytes, dict[str, Any]]:
    width = draw(st.integers(1, 4))
    names = [f"f{number}" for number in range(width)]
    kinds = draw(st.lists(st.sampled_from(_FIELDS), min_size=width, max_size=width))
    unique = draw(st.integers(0, 12))
    fields: list[dict[str, Any]] = []
    for number, (name, kind) in enumerate(zip(names, kinds, strict=True)):
        constraints = dict(kind.get("constraints", {}))
        if number == unique:
            constraints["unique"] = True
        fields.append({**kind, "name": name, "constraints": constraints})
    schema: dict[str, Any] = {"fields": fields}
    if draw(st.booleans()):
        schema["missingValues"] = draw(st.sampled_from([["", "不适用", "不公开"], [""], ["a"]]))
    if draw(st.booleans()):
        schema["primaryKey"] = names[: draw(st.integers(1, width))]
    if targets and draw(st.booleans()):
        fields_used = names[: draw(st.integers(1, min(2, width)))]
        reference = {"resource": draw(st.sampled_from(targets)), "fields": ["f0", "f1"]}
        reference["fields"] = reference["fields"][: len(fields_used)]
        schema["foreignKeys"] = [{"fields": fields_used, "reference": reference}]
    pool = st.sampled_from(draw(st.lists(st.sampled_from(_CELLS), min_size=2, max_size=9)))
    row = st.lists(pool, min_size=width, max_size=width)
    ragged = st.lists(pool, max_size=width + 2)
    rows = draw(st.lists(st.one_of(row, row, row, ragged), max_size=30))
    header = draw(st.sampled_from([names, names, names, names, names, [*names, "多"], names[::-1]]))
    content = write_csv([header, *rows], draw(st.sampled_from(["\n", "\n", "\r\n"])))
    if draw(st.integers(0, 9)) == 0:
        content = b"\xef\xbb\xbf" + content
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        place = draw(st.integers(0, len(content)))
        content = content[:place] + draw(st.sampled_from(_SPLICES)) + content[place:]
    if draw(st.integers(0, 9)) == 0:
        content = content.rstrip(b"\r\n")
    return content, schema


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Two tables of any types, constraints and keys, with cells of every kind of fault."""
    return Case({"main": draw(_tables(("target", ""))), "target": draw(_tables())})
