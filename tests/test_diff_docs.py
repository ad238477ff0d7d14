"""The documented structure of the JSON report is the one that is written."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FREE = {"fields", "key", "cells"}
"""Objects whose keys are the dataset's own field names."""


def find_keys(value: object, under: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if under not in FREE:
                yield key
            yield from find_keys(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from find_keys(inner, under)


def test_every_key_of_the_report_is_documented_and_no_other() -> None:
    report = json.loads((ROOT / "tests/changes/small.json").read_text(encoding="utf-8"))
    text = (ROOT / "docs/diff.md").read_text(encoding="utf-8").split("## JSON")[1]
    words = re.findall(r"`([a-z_]+)(?:\[\])?`", text)
    assert set(find_keys(report)) == set(words) - {"null"}


def test_the_guide_to_the_past_names_every_code_that_it_can_give() -> None:
    text = (ROOT / "docs/history.md").read_text(encoding="utf-8")
    source = "".join(
        (ROOT / "generator/data" / name).read_text(encoding="utf-8")
        for name in ("append_only.py", "tombstones.py")
    )
    codes = set(re.findall(r'"((?:R|E-|L-)[A-Z0-9]+)"', source))
    assert codes
    assert codes == set(re.findall(r"\b((?:R|E-|L-)[A-Z0-9]+)\b", text)) - {"REV"}
