"""Rules on the text of cells: hidden characters that forge what is read.

Source: Unicode UTR 36 (security), UAX 9 (bidirectional text).
"""

from collections.abc import Iterator
from typing import Final

import polars as pl

from generator.data.catalog import Field
from generator.data.load import Dataset, LoadedTable
from generator.data.rule import AnyRule, Finding, TableRule, find_where

HIDDEN_CHARACTERS: Final = (
    r"[\x{00}-\x{1F}\x{7F}-\x{9F}\x{AD}\x{200B}-\x{200F}\x{2028}-\x{202E}\x{2060}-\x{206F}\x{FEFF}]"
)
"""Control, zero-width and bidirectional characters, as Polars's regex writes them."""

BIDIRECTIONAL: Final = r"[\x{202A}-\x{202E}\x{2066}-\x{2069}]"
"""Embeddings, overrides and isolates. Source: UAX 9 §2."""


def _need_nothing(_: Dataset) -> None:
    """These rules look at a table alone."""


def find_hidden_characters(loaded: LoadedTable, _: None) -> Iterator[Finding]:
    """Control and bidirectional characters in keys and names, where they forge what is read."""
    for field in loaded.table.fields:
        if _is_key_or_name(loaded, field):
            wrong = pl.col(field.name).str.contains(HIDDEN_CHARACTERS)
            for index in find_where(loaded, wrong):
                yield Finding(
                    loaded,
                    index,
                    field.name,
                    expected="没有看不见的控制字符、换行和文字方向字符",
                    cure="请重新录入这一格，不要从网页或文档粘贴。",
                )


def _is_key_or_name(loaded: LoadedTable, field: Field) -> bool:
    keys = {name for key in loaded.table.foreign_keys for name in key.fields}
    named = field.name.endswith(("_name", "_no", "_code", "_id")) or field.name in (
        "uscc",
        "legal_rep",
        "owner_name",
    )
    return field.type == "string" and (
        named or field.name in keys or field.name in loaded.table.primary_key
    )


def find_reordering_characters(loaded: LoadedTable, _: None) -> Iterator[Finding]:
    """Bidirectional controls in any other text, where they turn words or numbers around."""
    for field in loaded.table.fields:
        if field.type == "string" and not field.enum and not _is_key_or_name(loaded, field):
            for index in find_where(loaded, pl.col(field.name).str.contains(BIDIRECTIONAL)):
                yield Finding(
                    loaded,
                    index,
                    field.name,
                    expected="没有改变文字方向的字符（U+202A—U+202E、U+2066—U+2069）",
                    cure="请重新录入这一格，不要从网页或文档粘贴。",
                )


TEXT_RULES: Final[tuple[AnyRule, ...]] = (
    TableRule(
        "E-CONTROL", "含有看不见的字符", "error", "UTR 36", _need_nothing, find_hidden_characters
    ),
    TableRule(
        "E-CONTROL",
        "含有改变文字方向的字符",
        "error",
        "UTR 36",
        _need_nothing,
        find_reordering_characters,
    ),
)
