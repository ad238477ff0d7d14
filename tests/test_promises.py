"""What docs/promises.md promises to those who build on addresses, manifests, tables and codes.

`tests/promises.json` is what was promised; code may add to it. An item that goes from it is a
breaking change: a new major version and a word in the CHANGELOG.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from generator.data.catalog import read_catalog
from generator.mirror import faults, manifest, note
from generator.site import routes

ROOT = Path(__file__).resolve().parents[1]
PROMISED: dict[str, Any] = json.loads((ROOT / "tests/promises.json").read_text(encoding="utf-8"))


def test_addresses_are_made_of_codes_as_they_always_were() -> None:
    for name, (code, route) in PROMISED["addresses"].items():
        assert getattr(routes, name)(code) == route


def test_published_addresses_are_all_still_there(site: Path) -> None:
    for route in PROMISED["pages"]:
        assert (site / route).is_file(), route


def test_the_manifest_keeps_its_keys(site: Path) -> None:
    document = json.loads((site / manifest.MANIFEST).read_text(encoding="utf-8"))
    assert set(PROMISED["manifest"]) <= set(document)
    (file, *_) = document["files"]
    assert set(PROMISED["manifest_file"]) <= set(file)


def test_a_note_of_the_first_version_is_read_by_every_later_one() -> None:
    text = "\n".join(PROMISED["note"]) + "\n"
    read = note.parse_note(text.encode())
    assert (read.serial, read.purge_before, sorted(read.areas)) == (12, 9, ["990100", "whole"])
    assert note.format_note(read) == text.encode()


def test_figures_keep_their_keys_and_numbers_their_ids(site: Path) -> None:
    document = json.loads((site / "data/figures.json").read_text(encoding="utf-8"))
    for figure in document["figures"]:
        assert set(PROMISED["figure"]) <= set(figure)
    assert set(PROMISED["figures"]) <= {figure["id"] for figure in document["figures"]}


def test_tables_only_ever_gain_fields_and_choices() -> None:
    catalog = read_catalog(ROOT / "datasets")
    for name, fields in PROMISED["tables"].items():
        table = catalog.table(name)
        assert list(table.primary_key) == fields["key"]
        for field_name, promise in fields["fields"].items():
            field = table.field(field_name)
            assert field.type == promise["type"], (name, field_name)
            assert set(promise.get("enum", ())) <= set(field.enum), (name, field_name)
            assert not field.required or promise["required"], (name, field_name)
        added = [field for field in table.fields if field.name not in fields["fields"]]
        assert not any(field.required for field in added), name


def test_exit_codes_keep_their_meaning() -> None:
    for name, code in PROMISED["exit_codes"].items():
        assert getattr(faults, name).exit_code == code
