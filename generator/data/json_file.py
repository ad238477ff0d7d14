"""JSON files that people read and edit, written alike."""

from __future__ import annotations

import json
from pathlib import Path


def write_json(path: Path, document: object, indent: int | None = 2) -> None:
    """Write the document as UTF-8 with a line feed at its end; its folder is made.

    Raises:
        OSError: The disk refuses.

    """
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document, ensure_ascii=False, indent=indent)
    path.write_text(f"{text}\n", encoding="utf-8", newline="\n")
