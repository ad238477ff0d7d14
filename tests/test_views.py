"""The contract between views and templates, in both directions."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import re
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined

import generator.site.views as views
from generator.site.plan import FOLDERS
from generator.site.routes import root_of

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"


def view_classes() -> list[type]:
    found = []
    for module_info in pkgutil.iter_modules(views.__path__):
        module = importlib.import_module(f"generator.site.views.{module_info.name}")
        found += [
            value
            for value in vars(module).values()
            if isinstance(value, type)
            and dataclasses.is_dataclass(value)
            and value.__module__ == module.__name__
            and value.__name__.endswith(("View", "Row", "Line", "Card", "Group", "Link", "Step"))
        ]
    return sorted(found, key=lambda cls: (cls.__module__, cls.__qualname__))


@pytest.fixture(scope="module")
def markup() -> str:
    return "\n".join(
        path.read_text(encoding="utf-8") for path in sorted(TEMPLATES.rglob("*.jinja"))
    )


@pytest.mark.parametrize("cls", view_classes(), ids=lambda cls: cls.__qualname__)
def test_no_field_of_a_view_is_idle(cls: type, markup: str) -> None:
    source = Path(importlib.import_module(cls.__module__).__file__ or "").read_text(
        encoding="utf-8"
    )
    idle = []
    for field in dataclasses.fields(cls):
        used = re.search(rf"\.{field.name}\b", markup) or re.search(rf"\.{field.name}\b", source)
        if not used:
            idle.append(field.name)
    assert idle == []


@pytest.mark.parametrize("cls", view_classes(), ids=lambda cls: cls.__qualname__)
def test_views_are_frozen(cls: type) -> None:
    assert cls.__dataclass_params__.frozen  # type: ignore[attr-defined]


def test_every_template_compiles_and_escapes() -> None:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
    )
    environment.filters["once"] = str
    names = [name for name in environment.list_templates() if name.endswith(".jinja")]
    assert len(names) > 20
    for name in names:
        environment.get_template(name)
        source = (TEMPLATES / name).read_text(encoding="utf-8")
        trusted = re.findall(r"(.)\s*\|\s*safe", source)
        assert set(trusted) <= {'"'}, f"{name} trusts something other than its own literal"
        assert "autoescapefalse" not in source.replace(" ", ""), name


def test_every_attribute_that_holds_a_value_is_quoted() -> None:
    for path in sorted(TEMPLATES.rglob("*.jinja")):
        unquoted = re.findall(r"=\{\{", path.read_text(encoding="utf-8"))
        assert unquoted == [], path.name


def test_every_folder_of_pages_has_a_shell(site: Path) -> None:
    folders = {path.relative_to(site).parent.as_posix() for path in site.rglob("*.html")}
    assert {"" if folder == "." else folder for folder in folders} == set(FOLDERS)
    assert root_of("a/b.html") == "../"
