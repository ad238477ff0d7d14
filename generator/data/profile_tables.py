"""The tables that only one profile has, put beside those that every dataset has."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Final

from generator.data.catalog import CSV_CONTROL
from generator.data.json_file import write_json
from generator.profiles.profile import Profile

_CSV_RESOURCE: Final = {
    "format": "csv",
    "mediatype": "text/csv",
    "encoding": "utf-8",
    "dialect": {"header": True, "csv": dict(CSV_CONTROL)},
}


def copy_descriptions(source: Path, folder: Path, profile: Profile) -> None:
    """Write `datapackage.json` and `schemas/` of `source` into `folder`, and what `profile` adds.

    Tables that `source` describes already stay as they are described there.

    Raises:
        OSError: The disk refuses.

    """
    shutil.copytree(source / "schemas", folder / "schemas")
    document = json.loads((source / "datapackage.json").read_bytes())
    missing = profile.find_missing_tables(document)
    for resource in profile.own_resources():
        name = resource["name"]
        if name in missing:
            write_json(folder / f"schemas/{name}.json", profile.read_schema(name))
            document["resources"].append(
                {
                    "name": name,
                    "title": resource["title"],
                    "description": resource["description"],
                    "path": f"tables/{name}.csv",
                    "schema": f"schemas/{name}.json",
                    **_CSV_RESOURCE,
                    "legal_basis": resource["legal_basis"],
                }
            )
    write_json(folder / "datapackage.json", profile.adapt(document))
