"""What the tests of faults share: one sync by either client, and the old site that must stand."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from mirror_kit import Centre, read_site, run_shell, sync

from generator.mirror.faults import MirrorError
from generator.mirror.transfer import Limits

YEAR = dt.timedelta(days=365)
EDIT = {"990101-B-00003": "年产三千吨有机肥项目"}
CLIENTS = ("python", "shell")
"""Both go through the same table where it fits both."""


def mirror_of(centre: Centre, client: str) -> Path:
    return centre.root / ("m" if client == "python" else "s")


def try_sync(
    url: str, centre: Centre, client: str, limits: Limits | None = None, **options: object
) -> tuple[int, str]:
    """Exit code and message of one sync."""
    folder = mirror_of(centre, client)
    if client == "shell":
        seconds = str(int(limits.deadline_s)) if limits else "20"
        done = run_shell(url, folder, HUANJING_DEADLINE=seconds, HUANJING_FETCH="curl")
        return done.returncode, done.stderr + done.stdout
    try:
        outcome = sync(url, folder, limits=limits, **options)  # type: ignore[arg-type]
    except MirrorError as fault:
        return fault.exit_code, str(fault)
    return 0, f"{outcome.serial} {outcome.way}"


@contextlib.contextmanager
def standing(centre: Centre, client: str) -> Iterator[None]:
    """What is served is the same before and after, and still whole."""
    folder = mirror_of(centre, client)
    before, link = read_site(folder), (folder / "current").readlink()
    yield
    assert (folder / "current").readlink() == link
    assert read_site(folder) == before
