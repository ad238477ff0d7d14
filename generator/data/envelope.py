"""The envelope: the resources whose file can be judged by blocks.

A resource inside it is a plain UTF-8 file with commas, double quotes and a
header row, all of it declared. What a resource leaves open Frictionless would
guess; such a resource, and one that asks for more, is left to it whole.

Source: docs/adr/0003-checking.md
"""

import re
from pathlib import Path
from typing import Final

from frictionless import Detector, Resource, Schema
from frictionless.resources import TableResource

from generator.data.blocks import OutsideEnvelopeError

_PLAIN_NAME: Final = re.compile(r"[^\s^*#]")
_CONTROL: Final = {
    "delimiter": ",",
    "quote_char": '"',
    "double_quote": True,
    "skip_initial_space": False,
}
"""What a dialect must declare; Frictionless would guess what is left open."""


def find_envelope(resource: Resource) -> tuple[Path, Schema]:
    """The file and the schema of a resource that can be judged by blocks.

    Raises:
        OutsideEnvelopeError: The resource leaves something to be guessed, or
            asks for more than UTF-8, commas, double quotes and a header row.

    """
    if type(resource) is not TableResource:
        raise OutsideEnvelopeError("no plain table resource")
    schema = resource.schema
    demand(bool(schema.fields), "no schema")
    demand(not schema.has_defined("fields_match"), "fields matched otherwise")
    demand(len(set(schema.field_names)) == len(schema.fields), "field names that repeat")
    demand(all(map(_PLAIN_NAME.match, schema.field_names)), "field names that are Polars patterns")
    plain_file = (
        resource.path is not None
        and resource.data is None
        and not resource.remote
        and not resource.multipart
        and not resource.compression
        and not resource.innerpath
        and resource.format == "csv"
        and (resource.encoding or "").lower() in ("utf-8", "utf8")
    )
    demand(plain_file, "no plain file")
    counted = (resource.hash, resource.bytes, resource.fields, resource.rows)
    demand(not any(counted), "declared counts")
    demand(resource.detector == Detector(), "a detector of its own")
    demand(_has_plain_dialect(resource), "another dialect")
    path = Path(resource.normpath or "")
    demand(path.is_file(), "no file")
    return path, schema


def demand(holds: bool, reason: str) -> None:
    """Nothing if it holds.

    Raises:
        OutsideEnvelopeError: It does not; with the reason.

    """
    if not holds:
        raise OutsideEnvelopeError(reason)


def _has_plain_dialect(resource: Resource) -> bool:
    dialect = resource.dialect
    if set(dialect.list_defined()) - {"header", "controls", "custom"} or dialect.header is not True:
        return False
    controls = [control for control in dialect.controls if control.type == "csv"]
    if len(controls) != 1 or len(dialect.controls) != 1:
        return False
    control = controls[0]
    declared = set(control.list_defined()) - {"type", "schema", "custom"}
    return declared == set(_CONTROL) and all(
        getattr(control, name) == value for name, value in _CONTROL.items()
    )
