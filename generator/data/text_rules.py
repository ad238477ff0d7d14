"""Rules on the text of cells: hidden characters and personal data.

A message never repeats the personal data that it found: reports are read by
many and kept in build logs.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Final

import polars as pl
from stdnum.cn import ric as identity_number
from stdnum.cn import uscc as credit_code
from stdnum.exceptions import ValidationError

from generator.data.catalog import Field
from generator.data.load import Dataset, LoadedTable
from generator.data.rule import Finding, Rule, find_where

HIDDEN_CHARACTERS: Final = (
    r"[\x{00}-\x{1F}\x{7F}-\x{9F}\x{AD}\x{200B}-\x{200F}\x{2028}-\x{202E}\x{2060}-\x{206F}\x{FEFF}]"
)
"""Control, zero-width and bidirectional characters, as Polars's regex writes them."""

_LONG_NUMBER: Final = r"\d[\d\s-]{16,}[\dXx\u{FF38}\u{FF58}]"
_MOBILE_NUMBER: Final = r"1[\s-]?[3-9](?:[\s-]?\d){9}|１"
_IDENTITY = re.compile(
    r"(?<![0-9A-Za-z])[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
    r"[0-9]{3}[0-9Xx](?![0-9A-Za-z])"
)
_MOBILE = re.compile(r"(?<![0-9A-Za-z.-])(?:86)?1[3-9][0-9]{9}(?![0-9A-Za-z.])")
_SHOWN_DIGITS: Final = 3


def find_hidden_characters(dataset: Dataset) -> Iterator[Finding]:
    """Control and bidirectional characters in keys and names, where they forge what is read."""
    for loaded in dataset.tables.values():
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


def _is_free_text(loaded: LoadedTable, field: Field) -> bool:
    """A text that a person writes: no code, no word from a list."""
    keys = {name for key in loaded.table.foreign_keys for name in key.fields}
    return (
        field.type == "string"
        and not field.enum
        and not field.pattern
        and not field.format
        and field.name not in keys
    )


def _find_matching_cells(
    dataset: Dataset, prefilter: str
) -> Iterator[tuple[LoadedTable, int, str, str]]:
    """Free-text cells that may hold a number of the kind sought, with the digits made ASCII."""
    for loaded in dataset.tables.values():
        for field in loaded.table.fields:
            if not _is_free_text(loaded, field):
                continue
            for index in find_where(loaded, pl.col(field.name).str.contains(prefilter)):
                cell = unicodedata.normalize("NFKC", loaded.values.item(index, field.name))
                yield loaded, index, field.name, re.sub(r"(?<=[0-9])[ \-]+(?=[0-9Xx])", "", cell)


def _is_identity_number(text: str) -> bool:
    """Whether 18 characters are an identity number: a real birth date and the check character.

    python-stdnum's own `is_valid` raises KeyError on county codes that it does
    not know, so only its check character is used. Source: GB 11643-1999.
    """
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
        if identity_number.calc_check_digit(text) != text[17].upper():
            return False
    except (ValueError, ValidationError):
        return False
    return not credit_code.is_valid(text.upper())


def find_identity_numbers(dataset: Dataset) -> Iterator[Finding]:
    """Identity numbers with a valid check character in any free text."""
    for loaded, index, field, cell in _find_matching_cells(dataset, _LONG_NUMBER):
        for match in _IDENTITY.finditer(cell):
            if _is_identity_number(match.group()):
                yield Finding(
                    loaded,
                    index,
                    field,
                    expected="不含公民身份号码",
                    cure="请删去号码；个人信息不得公开。",
                    found=_mask(match.group()),
                )
                break


def find_mobile_numbers(dataset: Dataset) -> Iterator[Finding]:
    """What looks like a mobile number in free text; 7.8 % of random 11-digit numbers do."""
    for loaded, index, field, cell in _find_matching_cells(dataset, _MOBILE_NUMBER):
        match = _MOBILE.search(cell)
        if match:
            yield Finding(
                loaded,
                index,
                field,
                expected="不含个人手机号码",
                cure="是手机号码的请删去，改留单位座机；不是的不必处理。",
                found=_mask(match.group()),
            )


def _mask(number: str) -> str:
    return f"“{number[:_SHOWN_DIGITS]}{'*' * (len(number) - _SHOWN_DIGITS)}”"


TEXT_RULES: Final[tuple[Rule, ...]] = (
    Rule("E-CONTROL", "含有看不见的字符", "error", "UTR 36", (), find_hidden_characters),
    Rule("R19", "含有公民身份号码", "error", "个人信息保护法第二十八条", (), find_identity_numbers),
    Rule("R19", "疑似含有手机号码", "warning", "个人信息保护法第四条", (), find_mobile_numbers),
)
