"""Deltas: how a site becomes the next one, as copies out of the old files and new bytes.

A delta is a pack with two members:

    delta.txt      instructions, a line each
    literal.bin    the new bytes, one after the other in the order of the instructions

    huanjing-delta 1
    D project/990101-B-00009.html     the file is gone
    N week/2016-W27.html              a file begins; the lines after it make its content
    C 0 51230                         copy from the old file of the same name: offset, length
    L 187                             take so many bytes from literal.bin
    C 51241 880

Files not named stay as they are. `manifest.json` is a file like any other. An instruction holds
nothing of what the old file said, so a delta never carries a withdrawn text. A shell can follow
it with `tail -c` and `head -c` (`release/mirror.sh`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from generator.mirror.faults import RefusedError
from generator.mirror.manifest import MANIFEST, is_safe_path

INSTRUCTIONS = "delta.txt"
LITERAL = "literal.bin"
_HEAD = "huanjing-delta 1"
_MIN_COPY_BYTES = 32
MAX_STEPS = 200
"""Steps a file; with more of them it is cheaper to send it whole than to run a process a step."""
MAX_MANIFEST_STEPS = 4000
_STEP = re.compile(r"C (\d{1,10}) (\d{1,10})|L (\d{1,10})")


@dataclass(frozen=True, slots=True)
class Copy:
    """Bytes of the old file."""

    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Take:
    """The next bytes of the literals."""

    length: int


Step = Copy | Take


@dataclass(frozen=True, slots=True)
class Delta:
    """Files that go, and files that come with the steps that make them."""

    deleted: tuple[str, ...]
    files: Mapping[str, tuple[Step, ...]]


def plan_steps(old: bytes, new: bytes, max_steps: int = MAX_STEPS) -> tuple[list[Step], bytes]:
    """The steps that make `new` out of `old`, and the literals they take.

    Common beginnings and ends are copied, and in between lines that stand in both.
    """
    head = _common_prefix(old, new)
    tail = _common_prefix(old[head:][::-1], new[head:][::-1])
    steps: list[Step] = []
    literals: list[bytes] = []
    _append_copy(steps, 0, head)
    _plan_lines(old[head : len(old) - tail], new[head : len(new) - tail], head, steps, literals)
    _append_copy(steps, len(old) - tail, tail)
    if len(steps) > max_steps or sum(map(len, literals)) >= len(new):
        return [Take(len(new))], new
    return steps, b"".join(literals)


def _plan_lines(
    old: bytes, new: bytes, base: int, steps: list[Step], literals: list[bytes]
) -> None:
    lines: dict[bytes, int] = {}
    at = 0
    for line in old.splitlines(keepends=True):
        lines.setdefault(line, at)
        at += len(line)
    following = 0
    pending: list[bytes] = []
    for line in new.splitlines(keepends=True):
        if old.startswith(line, following) and following:
            start = following
        else:
            start = lines.get(line, -1) if len(line) >= _MIN_COPY_BYTES else -1
        if start < 0:
            pending.append(line)
            following = 0
            continue
        _append_take(steps, literals, pending)
        _append_copy(steps, base + start, len(line))
        following = start + len(line)
    _append_take(steps, literals, pending)


def _append_copy(steps: list[Step], offset: int, length: int) -> None:
    last = steps[-1] if steps else None
    if isinstance(last, Copy) and last.offset + last.length == offset:
        steps[-1] = Copy(last.offset, last.length + length)
    elif length:
        steps.append(Copy(offset, length))


def _append_take(steps: list[Step], literals: list[bytes], pending: list[bytes]) -> None:
    if pending:
        content = b"".join(pending)
        steps.append(Take(len(content)))
        literals.append(content)
        pending.clear()


def _common_prefix(one: bytes, other: bytes) -> int:
    low, high = 0, min(len(one), len(other))
    if one[:high] == other[:high]:
        return high
    while low + 1 < high:
        middle = (low + high) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle
    return low


def format_delta(delta: Delta) -> bytes:
    """The instructions' bytes."""
    lines = [_HEAD, *(f"D {path}" for path in delta.deleted)]
    for path, steps in delta.files.items():
        lines.append(f"N {path}")
        for step in steps:
            lines.append(
                f"C {step.offset} {step.length}" if isinstance(step, Copy) else f"L {step.length}"
            )
    return ("\n".join(lines) + "\n").encode("ascii")


def parse_delta(content: bytes) -> Delta:
    """What the instructions say.

    Raises:
        RefusedError: They are not of the form above, or name a file that a site may not hold.

    """
    lines = content.decode("ascii", "backslashreplace").split("\n")
    if lines[0] != _HEAD or lines[-1] != "":
        raise RefusedError(f"增量包的 {INSTRUCTIONS} 不是本程序认识的写法。")
    deleted: list[str] = []
    files: dict[str, tuple[Step, ...]] = {}
    steps: list[Step] = []
    current = ""
    for line in lines[1:-1]:
        kind, _, path = line.partition(" ")
        if kind in {"D", "N"}:
            if not is_safe_path(path) or path in files:
                raise RefusedError(f"增量包里的 {path!r} 不安全、类型不在允许之列或重复。")
            if current:
                files[current] = tuple(steps)
            steps, current = [], path if kind == "N" else ""
            if kind == "D":
                deleted.append(path)
            continue
        found = _STEP.fullmatch(line)
        if found is None or not current:
            raise RefusedError(f"增量包里这一行看不懂：{line[:80]!r}。")
        steps.append(Copy(int(found[1]), int(found[2])) if found[1] else Take(int(found[3])))
    if current:
        files[current] = tuple(steps)
    if MANIFEST in deleted:
        raise RefusedError(f"增量包要删去 {MANIFEST}。")
    return Delta(tuple(deleted), files)


def apply_steps(steps: Sequence[Step], old: bytes, literals: BinaryIO) -> bytes:
    """The new content; `literals` is read on from where the step before left it.

    Raises:
        RefusedError: A step reaches beyond the old content, or literals are wanting.

    """
    parts: list[bytes] = []
    for step in steps:
        if isinstance(step, Copy):
            part = old[step.offset : step.offset + step.length]
        else:
            part = literals.read(step.length)
        if len(part) != step.length:
            raise RefusedError("增量包与旧网站的文件对不上。")
        parts.append(part)
    return b"".join(parts)
