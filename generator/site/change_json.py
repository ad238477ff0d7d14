"""A change report for machines; the structure is documented in docs/diff.md."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Final

from generator.data.diff import ChangedRow, Row, TableDiff
from generator.domain.consequences import Move, RateMove, TallyMove
from generator.domain.disclosure import Rate
from generator.site.consequences import ChangeReport, Consequences

FORMAT: Final = "huanjing-diff/1"
"""Grows only when a reader of the old form would misread the new one."""


def format_json(report: ChangeReport) -> str:
    """The whole report, nothing cut, as indented JSON with a final newline."""
    document = {
        "format": FORMAT,
        "old": _show_side(report.old_label, report.old_commit),
        "new": _show_side(report.new_label, report.new_commit),
        "tables": [_show_table(table) for table in report.tables],
        "consequences": _show_consequences(report.consequences) if report.consequences else None,
        "skipped": list(report.skipped),
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _show_side(label: str, commit: str) -> Mapping[str, object]:
    """The revision as it was named; nulls for the working tree."""
    return {"revision": label if commit else None, "commit": commit or None}


def _show_table(table: TableDiff) -> Mapping[str, object]:
    return {
        "table": table.name,
        "title": table.title,
        "primary_key": list(table.key),
        "fields": dict(table.titles),
        "counts": {
            "added": table.added_count,
            "removed": table.removed_count,
            "changed": table.changed_count,
        },
        "added": [_show_row(table, row) for row in table.added],
        "removed": [_show_row(table, row) for row in table.removed],
        "changed": [_show_changed(table, row) for row in table.changed],
        "note": table.note,
    }


def _show_row(table: TableDiff, row: Row) -> Mapping[str, object]:
    return {"key": dict(zip(table.key, row.key, strict=True)), "cells": dict(row.cells)}


def _show_changed(table: TableDiff, row: ChangedRow) -> Mapping[str, object]:
    return {
        "key": dict(zip(table.key, row.key, strict=True)),
        "changes": [
            {"field": item.field, "title": item.title, "old": item.old, "new": item.new}
            for item in row.changes
        ],
    }


def _show_consequences(found: Consequences) -> Mapping[str, object]:
    return {
        "data_date": {"old": found.old_date, "new": found.new_date},
        "floor": found.floor,
        "figures": [
            {
                "id": move.figure_id,
                "title": move.title,
                "unit": move.unit,
                "old": move.old,
                "new": move.new,
                "part_title": move.part_title,
                "parts": _show_moves(move.parts),
            }
            for move in found.figures
        ],
        "rates": [_show_rate(move, found.floor) for move in found.rates],
        "issues": [asdict(change) for change in found.issues],
        "exposures": [_show_tally(move) for move in found.exposures],
        "bulletins": [_show_tally(move) for move in found.bulletins],
        "projects": [asdict(move) for move in found.projects],
        "pages": asdict(found.pages),
    }


def _show_moves(moves: Sequence[Move]) -> list[Mapping[str, object]]:
    return [asdict(move) for move in moves]


def _show_rate(move: RateMove, floor: int) -> Mapping[str, object]:
    return {
        "division_code": move.division_code,
        "name": move.name,
        "old": _count_rate(move.old, floor),
        "new": _count_rate(move.new, floor),
        "crossing": move.crossing,
    }


def _count_rate(rate: Rate, floor: int) -> Mapping[str, object]:
    return {
        "disclosed": rate.disclosed,
        "listed": rate.listed,
        "suspended": rate.suspended,
        "below": rate.below(floor),
    }


def _show_tally(move: TallyMove) -> Mapping[str, object]:
    return {
        "iso_week": move.iso_week,
        "division_code": move.division_code,
        "name": move.name,
        "columns": _show_moves(move.columns),
    }
