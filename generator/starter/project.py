"""Writes a new project folder: empty dataset with schemas, settings, prose, CI for three services.

Whatever is in it is the province's own from then on; nothing here is read again.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from string import Template
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from generator import __version__
from generator.config import find_resource
from generator.data.catalog import Table, read_catalog
from generator.data.json_file import write_json
from generator.data.profile_tables import copy_descriptions
from generator.errors import ConfigError, OutputError
from generator.profiles.profile import Profile, read_profile

_FILES: Final = {
    "README.md": "README.md",
    "mkdocs.yml": "mkdocs.yml",
    "gitignore": ".gitignore",
    "pre-commit-config.yaml": ".pre-commit-config.yaml",
    "github.yml": ".github/workflows/site.yml",
    "gitlab-ci.yml": ".gitlab-ci.yml",
    "gitee.yml": ".workflow/site.yml",
    "gitee-check.yml": ".workflow/check.yml",
    "publish.sh": "publish.sh",
    "templates.md": "templates/README.md",
}
"""Where each of our files goes in the new project."""
_PROVINCE_CODE: Final = re.compile(r"[1-9][0-9]0000")
_BEGIN: Final = "2015-01-01"
"""From when on the province is in force in the table of divisions: Order 31's first day."""
_STANDARDS: Final = ("industry", "pollutant", "standard_limit")
"""Lists that follow national standards: a new project begins with ours."""
_READING_TYPES: Final = {
    "string": pa.string(),
    "datetime": pa.timestamp("us"),
    "number": pa.float64(),
}


@dataclass(frozen=True, slots=True)
class Province:
    """Whose project it is."""

    name: str
    code: str
    """Six digits of GB/T 2260, ending in 0000."""


def create_project(
    out: Path, province: Province, profile: Profile | None = None
) -> tuple[Path, ...]:
    """The files of a new project in `out`, by path, relative to it.

    Its tables and words are those of `profile`, by default Order 31's.

    Raises:
        ConfigError: Name or code cannot be a province's.
        OutputError: `out` holds something already, or the disk refuses.

    """
    name = province.name.strip()
    if not name or not name.isprintable() or any(char in name for char in "'\"#:{}[]&*!|>%@`"):
        raise ConfigError(f"省（区、市）名 {province.name!r} 不能用。请写汉字名称，例如 示例省。")
    if not _PROVINCE_CODE.fullmatch(province.code):
        raise ConfigError(
            f"行政区划代码 {province.code!r} 不对：应是六位数字、以 0000 结尾，例如 410000。"
        )
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise OutputError(f"{out} 里已经有东西，没有动它。请换一个空文件夹。")
    chosen = profile or read_profile()
    try:
        out.mkdir(parents=True, exist_ok=True)
        _write_own_files(out, Province(name, province.code), chosen)
        _write_prose(find_resource("site_src", out), out / "site_src", chosen)
        shutil.copytree(find_resource("datasets", out) / "mappings", out / "mappings")
        _write_datasets(out, Province(name, province.code), chosen)
    except OSError as fault:
        raise OutputError(f"写不了 {out}：{fault.strerror}。请检查磁盘空间和权限。") from fault
    files = (path.relative_to(out) for path in out.rglob("*") if path.is_file())
    return tuple(sorted(files))


def _write_own_files(out: Path, province: Province, profile: Profile) -> None:
    folder = resources.files("generator.starter") / "files"
    for source, target in _FILES.items():
        text = (folder / source).read_text(encoding="utf-8")
        path = out / target
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            Template(text).substitute(province=province.name, profile=profile.name),
            encoding="utf-8",
            newline="\n",
        )
    (out / "requirements.txt").write_text(
        f"huanjing[build]=={__version__}\n", encoding="utf-8", newline="\n"
    )


def _write_prose(source: Path, target: Path, profile: Profile) -> None:
    """The hand-written pages, in the words of the profile's law."""
    shutil.copytree(source, target)
    for name, pairs in profile.prose.items():
        text = (target / name).read_text(encoding="utf-8")
        for found, instead in pairs.items():
            text = text.replace(found, instead)
        (target / name).write_text(text, encoding="utf-8", newline="\n")


def _write_datasets(out: Path, province: Province, profile: Profile) -> None:
    source = find_resource("datasets", out)
    target = out / "datasets"
    (target / "tables").mkdir(parents=True)
    copy_descriptions(source, target, profile)
    _name_package(target / "datapackage.json", province)
    for table in read_catalog(target, profile).tables:
        path = out / "datasets" / table.relative_path
        if table.format == "parquet":
            fields = [(field.name, _READING_TYPES[field.type]) for field in table.fields]
            pq.write_table(pa.schema(fields).empty_table(), path)
        elif table.name in _STANDARDS:
            shutil.copyfile(source / table.relative_path, path)
        else:
            rows = "\n".join(_list_rows(table, province))
            path.write_text(rows + "\n", encoding="utf-8", newline="\n")


def _name_package(path: Path, province: Province) -> None:
    """Give the descriptor the province's own name."""
    document = json.loads(path.read_bytes()) | {
        "name": f"huanjing-{province.code}",
        "title": f"{province.name}环境信息公开数据集",
        "description": f"{province.name}企业事业单位环境信息公开、违法违规建设项目台账、"
        "每周曝光与通报、环境保护责任清单。",
    }
    document.pop("version", None)
    write_json(path, document)


def _list_rows(table: Table, province: Province) -> Iterator[str]:
    """The header, and of the divisions the province itself."""
    yield ",".join(table.field_names)
    if table.name == "division":
        cells = {
            "division_code": province.code,
            "division_name": province.name,
            "level": "省",
            "valid_from": _BEGIN,
        }
        yield ",".join(cells.get(name, "") for name in table.field_names)
