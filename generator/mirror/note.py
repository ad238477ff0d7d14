"""The release note: what a release says of itself, in lines that people and `sed` can read.

    huanjing-release 1
    serial 12
    date 2026-11-23T08:00:00Z
    valid-until 2026-12-07T08:00:00Z
    data-date 2016-07-03
    commit 0123456789abcdef0123456789abcdef01234567
    base-url https://hj.example.org/
    purge-before 9
    area whole 19963 332600000 <sha256 of its manifest.json>
    area 990100 3021 60123456 <sha256 of its manifest.json>

Numbers of an area: files that its manifest lists, and their bytes together. `purge-before`: every
snapshot with a smaller serial holds withdrawn records and must go.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from generator.mirror.faults import RefusedError

WHOLE = "whole"
NOTE = "release.txt"
MAX_BYTES = 64_000
_FIELDS = (
    ("serial", r"[1-9]\d{0,7}"),
    ("date", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
    ("valid-until", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
    ("data-date", r"\d{4}-\d\d-\d\d"),
    ("commit", r"[0-9a-f]{40}|-"),
    ("base-url", r"https?://[!-~]+/"),
    ("purge-before", r"\d{1,8}"),
)
_AREA = re.compile(r"area (whole|\d{6}) (\d{1,7}) (\d{1,13}) ([0-9a-f]{64})")
_TIME = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Area:
    """A site that can be mirrored: the whole, or what belongs to one division."""

    code: str
    files: int
    size_bytes: int
    manifest_sha256: str


@dataclass(frozen=True, slots=True)
class Note:
    """What a release says of itself; times in UTC."""

    serial: int
    date: dt.datetime
    valid_until: dt.datetime
    data_date: str
    commit: str
    base_url: str
    purge_before: int
    areas: Mapping[str, Area]

    def area(self, code: str) -> Area:
        """The area of that code.

        Raises:
            RefusedError: The release has none.

        """
        if code not in self.areas:
            known = "、".join(sorted(self.areas))
            raise RefusedError(f"第 {self.serial} 期没有区域 {code}；有的是：{known}。")
        return self.areas[code]


def format_time(moment: dt.datetime) -> str:
    """A moment as notes write it: UTC, whole seconds."""
    return moment.astimezone(dt.UTC).strftime(_TIME)


def parse_time(text: str) -> dt.datetime:
    """The moment that `format_time` wrote."""
    return dt.datetime.strptime(text, _TIME).replace(tzinfo=dt.UTC)


def format_note(note: Note) -> bytes:
    """The note's bytes."""
    values = (
        note.serial,
        format_time(note.date),
        format_time(note.valid_until),
        note.data_date,
        note.commit or "-",
        note.base_url,
        note.purge_before,
    )
    lines = ["huanjing-release 1"]
    lines += [f"{name} {value}" for (name, _), value in zip(_FIELDS, values, strict=True)]
    lines += [
        f"area {area.code} {area.files} {area.size_bytes} {area.manifest_sha256}"
        for _, area in sorted(note.areas.items(), key=lambda item: (item[0] != WHOLE, item[0]))
    ]
    return ("\n".join(lines) + "\n").encode()


def parse_note(content: bytes) -> Note:
    """What a note says.

    Raises:
        RefusedError: It is not of the form above, to the letter.

    """
    try:
        lines = content.decode("ascii").split("\n")
    except UnicodeDecodeError as fault:
        raise RefusedError(f"{NOTE} 不是发布说明（有非 ASCII 字节）。") from fault
    if lines[0] != "huanjing-release 1" or lines[-1] != "":
        raise RefusedError(f"{NOTE} 不是本程序认识的发布说明，首行是 {lines[0][:40]!r}。")
    values: list[str] = []
    for line, (name, form) in zip(lines[1:], _FIELDS, strict=False):
        key, _, value = line.partition(" ")
        if key != name or not re.fullmatch(form, value):
            raise RefusedError(f"{NOTE} 应有一行 {name}，写的却是 {line[:80]!r}。")
        values.append(value)
    areas = {}
    for line in lines[1 + len(_FIELDS) : -1]:
        found = _AREA.fullmatch(line)
        if found is None:
            raise RefusedError(f"{NOTE} 里这一行看不懂：{line[:80]!r}。")
        areas[found[1]] = Area(found[1], int(found[2]), int(found[3]), found[4])
    if len(values) != len(_FIELDS) or WHOLE not in areas:
        raise RefusedError(f"{NOTE} 不完整。")
    try:
        date, valid_until = parse_time(values[1]), parse_time(values[2])
    except ValueError as fault:
        raise RefusedError(f"{NOTE} 里的时刻不存在：{values[1]} 或 {values[2]}。") from fault
    return Note(
        serial=int(values[0]),
        date=date,
        valid_until=valid_until,
        data_date=values[3],
        commit="" if values[4] == "-" else values[4],
        base_url=values[5],
        purge_before=int(values[6]),
        areas=areas,
    )


def pack_target(area: str) -> str:
    """Name of an area's pack among the signed targets."""
    return f"pack/{area}.tar.gz"


def delta_target(area: str, serial: int) -> str:
    """Name of the delta that leads from `serial` to the release."""
    return f"delta/{area}/{serial}.tar.gz"
