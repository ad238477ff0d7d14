"""What tables a dataset has, read from its descriptor and schemas.

Layout on disk: `<root>/datapackage.json` names each table's file (`path`) and
its Table Schema (`schema`), both relative to the root. Nothing here opens a
table's rows: a missing table file is found by the check, with every other
fault of the rows, while a descriptor that cannot be read stops everything.

Faults are collected: one DatasetError lists all of them, a line each.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Final, Literal, cast

from frictionless import FrictionlessException, Schema

from generator.cache import NO_CACHE, Cache
from generator.errors import DatasetError
from generator.profiles.profile import Profile, read_profile

Group = Literal["disclosure", "supplement", "monitoring"]
TableFormat = Literal["csv", "parquet"]

DEFAULT_MISSING_VALUES: Final = ("",)
DEFAULT_TRUE_VALUES: Final = ("true", "True", "TRUE", "1")
DEFAULT_FALSE_VALUES: Final = ("false", "False", "FALSE", "0")
CSV_CONTROL: Final[Mapping[str, object]] = MappingProxyType(
    {"delimiter": ",", "quoteChar": '"', "doubleQuote": True, "skipInitialSpace": False}
)
"""The one CSV dialect of a dataset; Frictionless would otherwise guess it from 100 lines."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_GROUPS: Final = ("disclosure", "supplement", "monitoring")
_FORMATS: Final = ("csv", "parquet")
_NUMERIC_TYPES: Final = ("number", "integer", "year")


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a table, as its schema describes it.

    `minimum` and `maximum` are inclusive, in `unit`; lengths count characters.
    `format` is empty where the schema says nothing or `default`.
    """

    name: str
    title: str
    type: str
    description: str
    unit: str
    required: bool
    enum: tuple[str, ...]
    pattern: str
    minimum: float | None
    maximum: float | None
    min_length: int | None
    max_length: int | None
    format: str
    missing_values: tuple[str, ...]
    true_values: tuple[str, ...] = ()
    false_values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Fields whose values must stand as a key in another table (or in the same one)."""

    fields: tuple[str, ...]
    table: str
    reference_fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the dataset. `schema` is its raw Table Schema, for Frictionless."""

    name: str
    title: str
    description: str
    path: Path
    relative_path: str
    format: TableFormat
    group: Group
    category: int
    number: int
    cadence: str
    legal_basis: tuple[tuple[str, str], ...]
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]
    schema: Mapping[str, object] = field(default_factory=dict, compare=False, repr=False)

    def field(self, name: str) -> Field:
        """The field called `name`.

        Raises:
            KeyError: The table has no such field.

        """
        for candidate in self.fields:
            if candidate.name == name:
                return candidate
        raise KeyError(f"{self.name} has no field {name}")

    @property
    def field_names(self) -> tuple[str, ...]:
        """Names of the fields in file order."""
        return tuple(item.name for item in self.fields)


@dataclass(frozen=True, slots=True)
class Catalog:
    """Every table of a dataset, in the order of its descriptor, sorted by a law of disclosure."""

    root: Path
    title: str
    descriptor: Mapping[str, object]
    tables: tuple[Table, ...]
    profile: Profile = field(default_factory=read_profile, repr=False)

    def table(self, name: str) -> Table:
        """The table called `name`.

        Raises:
            KeyError: The dataset has no such table.

        """
        for candidate in self.tables:
            if candidate.name == name:
                return candidate
        raise KeyError(f"the dataset has no table {name}")

    def has_table(self, name: str) -> bool:
        """Whether the dataset describes a table of this name."""
        return any(table.name == name for table in self.tables)

    @property
    def disclosure(self) -> tuple[Table, ...]:
        """The disclosure tables in the order of their numbers."""
        chosen = (table for table in self.tables if table.group == "disclosure")
        return tuple(sorted(chosen, key=lambda table: table.number))


def read_catalog(root: Path, profile: Profile | None = None, cache: Cache = NO_CACHE) -> Catalog:
    """The tables that `<root>/datapackage.json` and its schemas describe, as `profile` sorts them.

    Without a profile the default one holds. Schemas that `cache` knows as sound are not judged
    again.

    Raises:
        DatasetError: The folder, the descriptor or a schema is missing or
            unreadable, or tables of the profile are missing; the text lists every fault found.

    """
    if not root.is_dir():
        raise DatasetError(f"找不到数据集文件夹：{root}。请检查 --datasets 的路径。")
    descriptor_path = root / "datapackage.json"
    if not descriptor_path.is_file():
        raise DatasetError(
            f"数据集文件夹 {root} 里没有 datapackage.json。请指定含有该文件的文件夹。"
        )
    descriptor = _read_json_object(descriptor_path, "datapackage.json")
    resources = descriptor.get("resources")
    if not isinstance(resources, list) or not resources:
        raise DatasetError('datapackage.json：没有列出任何表；"resources" 应为非空的列表。')
    chosen = profile or read_profile()
    descriptor = chosen.adapt(descriptor)
    resources = cast(list[object], descriptor["resources"])
    faults = [
        f"datapackage.json：没有表 {name}，口径 {chosen.name} 要有它。请用 huanjing new --profile "
        f"{chosen.name} 另开一个项目，把其中 datapackage.json 里的这一段、schemas/ 和 tables/ "
        "里的同名文件抄过来。"
        for name in chosen.find_missing_tables(descriptor)
    ]
    tables: list[Table] = []
    for position, resource in enumerate(resources, start=1):
        try:
            tables.append(_read_table(root, resource, position, cache))
        except DatasetError as error:
            faults.append(str(error))
    faults.extend(_find_name_faults(resources))
    if not faults:
        faults.extend(_find_reference_faults(tables))
    if faults:
        raise DatasetError("\n".join(faults))
    return Catalog(
        root=root.resolve(),
        title=_text(descriptor, "title"),
        descriptor=descriptor,
        tables=tuple(tables),
        profile=chosen,
    )


def _read_json_object(path: Path, shown: str) -> dict[str, object]:
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise DatasetError(
            f"{shown}：文件读不出来（{error.strerror}）。请检查文件权限。"
        ) from error
    except UnicodeDecodeError as error:
        raise DatasetError(
            f"{shown}：第 {error.start + 1} 个字节不是 UTF-8 编码。请另存为 UTF-8。"
        ) from error
    try:
        value = json.loads(content)
    except json.JSONDecodeError as error:
        raise DatasetError(
            f"{shown} 第 {error.lineno} 行第 {error.colno} 个字符：JSON 写法有错（{error.msg}）。"
            "请检查此处的引号、逗号和括号。"
        ) from error
    except RecursionError as error:
        raise DatasetError(f"{shown}：JSON 嵌套过深。请检查括号。") from error
    if not isinstance(value, dict):
        raise DatasetError(f"{shown}：最外层应为一个对象 {{…}}。")
    return cast(dict[str, object], value)


def _read_table(root: Path, resource: object, position: int, cache: Cache) -> Table:
    if not isinstance(resource, dict):
        raise DatasetError(f"datapackage.json：第 {position} 个表的说明应为一个对象 {{…}}。")
    name = resource.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise DatasetError(
            f"datapackage.json：第 {position} 个表的 name 为 {name!r}；"
            "应以小写字母开头，只含小写字母、数字和下划线，至多 60 个字符。"
        )
    faults: list[str] = []
    relative_path = _find_relative_path(root, resource, "path", name, faults)
    schema_path = _find_relative_path(root, resource, "schema", name, faults)
    table_format = _choose(resource, "format", _FORMATS, name, faults)
    group = _choose(resource, "group", _GROUPS, name, faults)
    if table_format == "csv":
        faults.extend(_find_dialect_faults(resource, name))
    schema: dict[str, object] = {}
    if schema_path:
        try:
            schema = _read_schema(root, schema_path, cache)
        except DatasetError as error:
            faults.append(str(error))
    if faults:
        raise DatasetError("\n".join(faults))
    return Table(
        name=name,
        title=_text(resource, "title") or name,
        description=_text(resource, "description"),
        path=root.resolve() / relative_path,
        relative_path=relative_path,
        format=cast(TableFormat, table_format),
        group=cast(Group, group),
        category=_whole_number(resource, "category") or 0,
        number=_whole_number(resource, "number") or 0,
        cadence=_text(resource, "cadence"),
        legal_basis=tuple(_read_legal_basis(resource.get("legal_basis"))),
        fields=tuple(_read_fields(schema)),
        primary_key=_names(schema.get("primaryKey")),
        foreign_keys=tuple(_read_foreign_keys(schema, name)),
        schema=schema,
    )


def _find_relative_path(
    root: Path, resource: Mapping[str, object], key: str, name: str, faults: list[str]
) -> str:
    """The path under `key`, or an empty text and one more fault."""
    value = resource.get(key)
    if not isinstance(value, str) or not value:
        faults.append(f"datapackage.json：表 {name} 没有 {key}；应写出相对于数据集文件夹的路径。")
        return ""
    pure = PurePosixPath(value)
    escapes = (
        pure.is_absolute()
        or ".." in pure.parts
        or "\\" in value
        or ":" in value
        or "\0" in value
        or not (root / pure).resolve().is_relative_to(root.resolve())
    )
    if escapes:
        faults.append(
            f"datapackage.json：表 {name} 的 {key} 为 {value!r}，指到数据集文件夹之外；"
            "应为文件夹以内的相对路径，例如 tables/表名.csv。"
        )
        return ""
    return pure.as_posix()


def _choose(
    resource: Mapping[str, object], key: str, words: Sequence[str], name: str, faults: list[str]
) -> str:
    value = resource.get(key)
    if isinstance(value, str) and value in words:
        return value
    faults.append(
        f"datapackage.json：表 {name} 的 {key} 为 {value!r}；应为 {'、'.join(words)} 之一。"
    )
    return ""


def _find_dialect_faults(resource: Mapping[str, object], name: str) -> Iterator[str]:
    """Whatever would make Frictionless read the file otherwise than the contract says."""
    encoding = resource.get("encoding")
    if not isinstance(encoding, str) or encoding.lower() not in ("utf-8", "utf8"):
        yield (
            f"datapackage.json：表 {name} 的 encoding 为 {encoding!r}；"
            "应写明 utf-8，否则 GBK 文件会被误认。"
        )
    dialect = resource.get("dialect", {})
    control = dialect.get("csv", {}) if isinstance(dialect, dict) else None
    if not isinstance(dialect, dict) or not isinstance(control, dict):
        yield f"datapackage.json：表 {name} 的 dialect 写法有错；应为一个对象 {{…}}。"
        return
    odd = {key: value for key, value in dialect.items() if key not in ("header", "csv")}
    odd |= {key: value for key, value in control.items() if CSV_CONTROL.get(key) != value}
    if dialect.get("header", True) is not True:
        odd["header"] = dialect["header"]
    if odd:
        yield (
            f"datapackage.json：表 {name} 的 dialect 含有 {'、'.join(sorted(map(str, odd)))}；"
            "各表一律为逗号分隔、双引号、首行为字段名。"
        )


def _read_schema(root: Path, relative_path: str, cache: Cache) -> dict[str, object]:
    path = root / relative_path
    if not path.is_file():
        raise DatasetError(f"{relative_path}：找不到表结构文件。请补上，或改正 datapackage.json。")
    schema = _read_json_object(path, relative_path)
    # Only sound schemas are kept, so there is nothing to say of one that is known.
    key = cache.key("sound schema", cache.file_digest(path))
    if cache.load(key) is None:
        _judge_schema(schema, relative_path)
        cache.save(key, b"")
    return schema


def _judge_schema(schema: dict[str, object], relative_path: str) -> None:
    """See that Frictionless and the check can work with it.

    Raises:
        DatasetError: They cannot.

    """
    try:
        checked = Schema.from_descriptor(schema)
        for item in checked.fields:
            # A bad pattern or bound is found only when the reader is made.
            item.create_cell_reader()
    except FrictionlessException as error:
        notes = [reason.note for reason in error.reasons] or [error.error.note]
        raise DatasetError(
            "\n".join(f"{relative_path}：不是合格的 Table Schema（{note}）。" for note in notes)
        ) from error
    except re.error as error:
        raise DatasetError(
            f"{relative_path}：pattern {error.pattern!r} 不是合格的正则表达式（{error.msg}）。"
        ) from error
    for item in checked.fields:
        if item.constraints.get("unique"):
            raise DatasetError(
                f"{relative_path}：字段 {item.name} 不能用 unique；请改用 primaryKey。"
            )
    if not checked.fields:
        raise DatasetError(f"{relative_path}：表结构没有任何字段。")


def _read_fields(schema: Mapping[str, object]) -> Iterator[Field]:
    table_missing = _strings(schema.get("missingValues"), DEFAULT_MISSING_VALUES)
    for raw in cast(list[dict[str, object]], schema["fields"]):
        constraints = cast(dict[str, object], raw.get("constraints", {}))
        kind = _text(raw, "type") or "string"
        numeric = kind in _NUMERIC_TYPES
        boolean = kind == "boolean"
        written_format = _text(raw, "format")
        yield Field(
            name=cast(str, raw["name"]),
            title=_text(raw, "title") or cast(str, raw["name"]),
            type=kind,
            description=_text(raw, "description"),
            unit=_text(raw, "unit"),
            required=constraints.get("required") is True,
            enum=_strings(constraints.get("enum"), ()),
            pattern=_text(constraints, "pattern"),
            minimum=_bound(constraints, "minimum") if numeric else None,
            maximum=_bound(constraints, "maximum") if numeric else None,
            min_length=_whole_number(constraints, "minLength"),
            max_length=_whole_number(constraints, "maxLength"),
            format="" if written_format == "default" else written_format,
            missing_values=_strings(raw.get("missingValues"), table_missing),
            true_values=_strings(raw.get("trueValues"), DEFAULT_TRUE_VALUES) if boolean else (),
            false_values=_strings(raw.get("falseValues"), DEFAULT_FALSE_VALUES) if boolean else (),
        )


def _read_foreign_keys(schema: Mapping[str, object], name: str) -> Iterator[ForeignKey]:
    for raw in cast(list[dict[str, object]], schema.get("foreignKeys", [])):
        reference = cast(dict[str, object], raw["reference"])
        yield ForeignKey(
            fields=_names(raw["fields"]),
            table=_text(reference, "resource") or name,
            reference_fields=_names(reference["fields"]),
        )


def _read_legal_basis(value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        yield from ((str(law), str(article)) for law, article in value.items())


def _find_name_faults(resources: Sequence[object]) -> Iterator[str]:
    """Two tables of one name, or two tables in one file."""
    for key, cure in (
        ("name", "每个表的 name 应各不相同"),
        ("path", "每个表应有自己的文件"),
    ):
        values = [item.get(key) for item in resources if isinstance(item, dict)]
        texts = [value for value in values if isinstance(value, str) and value]
        folded = [text.casefold() for text in texts]
        for text in dict.fromkeys(t for t in texts if folded.count(t.casefold()) > 1):
            yield f"datapackage.json：{key} {text!r} 出现了不止一次；{cure}。"


def _find_reference_faults(tables: Sequence[Table]) -> Iterator[str]:
    """Foreign keys to a table or a field that does not exist."""
    known = {table.name: set(table.field_names) for table in tables}
    for table in tables:
        for key in table.foreign_keys:
            if key.table not in known:
                yield (
                    f"datapackage.json：表 {table.name} 的字段 {'、'.join(key.fields)} "
                    f"引用表 {key.table}，但没有这个表。"
                )
                continue
            for name in key.reference_fields:
                if name not in known[key.table]:
                    yield (
                        f"datapackage.json：表 {table.name} 引用 {key.table}.{name}，"
                        "但没有这个字段。"
                    )
            if len(key.fields) != len(key.reference_fields):
                yield f"datapackage.json：表 {table.name} 引用 {key.table} 的字段个数前后不一。"


def _text(source: Mapping[str, object], key: str) -> str:
    value = source.get(key)
    return value if isinstance(value, str) else ""


def _whole_number(source: Mapping[str, object], key: str) -> int | None:
    value = source.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _bound(source: Mapping[str, object], key: str) -> float | None:
    value = source.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    return float(value)


def _strings(value: object, default: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else default


def _names(value: object) -> tuple[str, ...]:
    """Field names, which Table Schema allows as one text or as a list."""
    if isinstance(value, str):
        return (value,)
    return _strings(value, ())
