"""Results of an earlier build stand while everything that was read for them is as it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from generator.cache import Cache
from generator.data.kept_work import KeptWork
from generator.data.reads import Reads


def open_work(folder: Path, reads: Reads, states: Mapping[str, str]) -> KeptWork:
    return KeptWork(Cache(folder, "program"), "ab" * 16, reads, lambda thing: states[thing])


def work_of(reads: Reads, *things: str, told: list[str]) -> Callable[[], list[str]]:
    def work() -> list[str]:
        for thing in things:
            reads.note(thing)
        told.append("worked")
        return [*things]

    return work


def build(folder: Path, states: Mapping[str, str], needs: object, *things: str) -> bool:
    """Whether a build over things in these states works anew."""
    reads, told = Reads(), list[str]()
    kept = open_work(folder, reads, states)
    assert kept.recall("name", needs, work_of(reads, *things, told=told)) == [*things]
    kept.close()
    return bool(told)


def test_work_is_done_again_only_where_something_that_it_read_changed(tmp_path: Path) -> None:
    before = {"table a": "1", "table b": "1"}
    assert build(tmp_path, before, None, "table a")
    assert not build(tmp_path, before, None, "table a")
    assert not build(tmp_path, {**before, "table b": "2"}, None, "table a")
    assert build(tmp_path, {**before, "table a": "2"}, None, "table a")


def test_work_is_done_again_where_it_needs_something_else(tmp_path: Path) -> None:
    assert build(tmp_path, {"table a": "1"}, ("one",), "table a")
    assert build(tmp_path, {"table a": "1"}, ("two",), "table a")
    assert not build(tmp_path, {"table a": "1"}, ("two",), "table a")


def test_reads_of_inner_work_are_its_own() -> None:
    reads = Reads()
    reads.note("unheard")
    with reads.begin() as outer:
        reads.note("first")
        with reads.begin() as inner:
            reads.note("second")
        reads.note("third")
    assert (outer, inner) == ({"first", "third"}, {"second"})


def test_what_a_build_did_not_ask_for_is_dropped(tmp_path: Path) -> None:
    assert build(tmp_path, {"table a": "1"}, None, "table a")
    open_work(tmp_path, Reads(), {"table a": "1"}).close()
    assert build(tmp_path, {"table a": "1"}, None, "table a")
