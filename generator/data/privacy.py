"""Rules on personal data: in cells, in file names that cells hold, in the pictures they name.

A message never repeats what it found: reports are read by many and kept in build logs. It tells
the cell's SHA-256 instead, for the reviewed list of exceptions (`privacy-allow.csv`).

Source: 个人信息保护法（2021）第二十八条; rule R19 of the domain catalogue.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import polars as pl
from stdnum.cn import uscc as credit_code

from generator.data.catalog import Field
from generator.data.issue import Issue
from generator.data.load import Dataset, LoadedTable
from generator.data.personal import (
    SUSPECT_NUMBERS,
    SUSPECT_WORDS,
    PersonalSpan,
    find_identity,
    find_personal,
    is_identity_number,
    normalize_text,
)
from generator.data.picture_text import PictureText, read_picture_text
from generator.data.privacy_allow import (
    PICTURE_COLUMN,
    Permissions,
    check_permissions,
    hash_cell,
    is_list_empty,
    list_permissions,
)
from generator.data.rule import AnyRule, Finding, Rule, TableRule

_LONG_NUMBER: Final = r"\d(?:[ -]?\d){14}"
"""What an identity number has, and a credit code with its letters has not."""
_SUSPECT: Final = f"{SUSPECT_NUMBERS}|{SUSPECT_WORDS}"
_CREDIT_COLUMNS: Final = frozenset({"uscc"})
_CODE_COLUMNS_SUFFIX: Final = ("_code", "_no", "_id")


@dataclass(frozen=True, slots=True)
class PersonalCell:
    """A cell with personal data: where it is, its exact text, and what it holds."""

    loaded: LoadedTable
    index: int
    field: str
    cell: str
    spans: tuple[PersonalSpan, ...]

    @property
    def place(self) -> tuple[str, str, str]:
        """Table, column and hash, as the list of exceptions names it."""
        return (self.loaded.table.name, self.field, hash_cell(self.cell))


def find_personal_cells(dataset: Dataset, sieve: str = _SUSPECT) -> Iterator[PersonalCell]:
    """Every cell with personal data, the allowed ones too.

    `sieve` is what a text must have to be looked at; a narrower one is faster.
    """
    exempt = list_credit_codes(dataset)
    for loaded in dataset.tables.values():
        yield from _find_in_table(loaded, exempt, sieve)


def _find_in_table(
    loaded: LoadedTable, exempt: frozenset[str], sieve: str
) -> Iterator[PersonalCell]:
    references = {name for key in loaded.table.foreign_keys for name in key.fields}
    for field in loaded.table.fields:
        if not field.enum and (field.name not in references or loaded.table.name == "division"):
            yield from _find_in_column(loaded, field, exempt, sieve)


def _find_in_column(
    loaded: LoadedTable, field: Field, exempt: frozenset[str], sieve: str
) -> Iterator[PersonalCell]:
    if field.type in ("number", "integer"):
        wrong = pl.col(field.name).str.len_chars() >= _IDENTITY_LENGTH
    elif field.type == "string":
        wrong = pl.col(field.name).str.contains(_LONG_NUMBER if _is_code(field) else sieve)
    else:
        return
    rows = loaded.text.select(wrong.alias("#wrong")).to_series().arg_true().to_list()
    for index in rows:
        cell = str(loaded.text.item(index, field.name))
        normal = normalize_text(cell)
        if _is_code(field) or field.type != "string":
            # A register's number has its own form; only an identity number is one all the same.
            spans = tuple(span for span in find_identity(normal) if span.text not in exempt)
        else:
            spans = find_personal(normal, field.name, exempt)
        if spans:
            yield PersonalCell(loaded, index, field.name, cell, spans)


_IDENTITY_LENGTH: Final = 17


def _is_code(field: Field) -> bool:
    return bool(field.pattern) or field.name.endswith(_CODE_COLUMNS_SUFFIX) or bool(field.format)


def list_credit_codes(dataset: Dataset) -> frozenset[str]:
    """Credit codes of the registers that look like identity numbers and are not.

    Eighteen digits can pass both checks; what stands in a column of credit codes and passes
    GB 32100 is one, there and wherever else it is written.
    """
    return frozenset(
        code
        for name in dataset.tables
        for field in _CREDIT_COLUMNS.intersection(dataset.catalog.table(name).field_names)
        for code in dataset[name].text.get_column(field).unique().to_list()
        if len(code) == _IDENTITY_LENGTH + 1
        and code[:_IDENTITY_LENGTH].isdigit()
        and is_identity_number(code)
        and credit_code.is_valid(code)
    )


def list_exempt_numbers(dataset: Dataset) -> frozenset[str]:
    """What the finished site may hold: known credit codes and the numbers of allowed cells."""
    permissions = list_permissions(dataset)
    allowed: set[str] = set()
    if permissions:
        for found in find_personal_cells(dataset):
            if _is_allowed(permissions, found.place):
                allowed.update(span.text for span in found.spans)
    return list_credit_codes(dataset) | frozenset(allowed)


def _is_allowed(permissions: Permissions, place: tuple[str, str, str]) -> bool:
    table, column, sha256 = place
    return sha256 in permissions.get((table, column), frozenset())


@dataclass(frozen=True, slots=True)
class _Allowed:
    """What cells may hold, in order: numbers that are no person's, and cells that were reviewed."""

    credit_codes: tuple[str, ...]
    permissions: tuple[tuple[tuple[str, str], tuple[str, ...]], ...]


def _list_allowed(dataset: Dataset) -> _Allowed:
    permissions = list_permissions(dataset)
    return _Allowed(
        tuple(sorted(list_credit_codes(dataset))),
        tuple((place, tuple(sorted(permissions[place]))) for place in sorted(permissions)),
    )


def find_identity_numbers(loaded: LoadedTable, allowed: _Allowed) -> Iterator[Finding]:
    """Identity numbers, in text, in codes and in number columns."""
    return _tell_cells(loaded, allowed, lambda span: span.kind == "identity", SUSPECT_NUMBERS)


def find_sure_personal_data(loaded: LoadedTable, allowed: _Allowed) -> Iterator[Finding]:
    """Mobiles, cards and home addresses that their column or the words in front give away."""
    return _tell_cells(loaded, allowed, lambda span: span.kind != "identity" and span.sure)


def find_likely_personal_data(loaded: LoadedTable, allowed: _Allowed) -> Iterator[Finding]:
    """What looks like a mobile, a card, a home address or a full name, without more."""
    return _tell_cells(loaded, allowed, lambda span: not span.sure)


def _tell_cells(
    loaded: LoadedTable,
    allowed: _Allowed,
    take: Callable[[PersonalSpan], bool],
    sieve: str = _SUSPECT,
) -> Iterator[Finding]:
    permissions = {place: frozenset(hashes) for place, hashes in allowed.permissions}
    for found in _find_in_table(loaded, frozenset(allowed.credit_codes), sieve):
        if not _is_allowed(permissions, found.place):
            yield from _tell_cell(found, take)


def judge_permissions(dataset: Dataset) -> Iterator[Issue]:
    """The faults of the list of exceptions itself."""
    if is_list_empty(dataset.catalog.root):
        return
    used = {found.place for found in find_personal_cells(dataset)}
    used |= {
        _picture_place(loaded, index)
        for loaded, index, text in _read_pictures(dataset)
        if text.has_position or find_in_picture(text)
    }
    yield from check_permissions(dataset, frozenset(used))


def _tell_cell(found: PersonalCell, take: Callable[[PersonalSpan], bool]) -> Iterator[Finding]:
    span = next((span for span in found.spans if take(span)), None)
    if span is not None:
        yield Finding(
            found.loaded,
            found.index,
            found.field,
            expected=f"不含{KIND_WORDS[span.kind]}",
            cure=_CURES[span.sure],
            found=f"“{span.masked}”（本格 SHA-256 {hash_cell(found.cell)}）",
        )


KIND_WORDS: Final = {
    "identity": "公民身份号码",
    "mobile": "个人手机号码",
    "bank": "银行卡号或账号",
    "address": "家庭住址",
    "name": "自然人姓名（写作“张某”）",
}
_CURES: Final = {
    True: "请删去；个人信息不得公开。经审核确可公开的，把表名、字段名和本格 SHA-256 "
    "登记到 privacy-allow.csv。",
    False: "是个人信息的请删去或隐去，不是的不必处理，也可登记到 privacy-allow.csv。",
}


def _read_pictures(dataset: Dataset) -> Iterator[tuple[LoadedTable, int, PictureText]]:
    """Each picture that a row names, with the first row that names it."""
    root = dataset.catalog.root
    seen: set[str] = set()
    for name in dataset.tables:
        if PICTURE_COLUMN not in dataset.catalog.table(name).field_names:
            continue
        loaded = dataset[name]
        for index, reference in enumerate(loaded.values.get_column(PICTURE_COLUMN).to_list()):
            if reference is None or reference in seen:
                continue
            seen.add(reference)
            path = (root / reference).resolve()
            if path.is_relative_to(root.resolve()) and path.is_file():
                yield loaded, index, read_picture_text(path.read_bytes())


def _picture_place(loaded: LoadedTable, index: int) -> tuple[str, str, str]:
    cell = str(loaded.text.item(index, PICTURE_COLUMN))
    return (loaded.table.name, PICTURE_COLUMN, hash_cell(cell))


def find_in_picture(text: PictureText) -> PersonalSpan | None:
    """The first personal number in a picture's metadata."""
    for piece in text.pieces:
        for span in find_personal(normalize_text(piece)):
            if span.kind in ("identity", "bank") or (span.kind == "mobile" and span.sure):
                return span
    return None


def find_words_in_pictures(dataset: Dataset) -> Iterator[Finding]:
    """Pictures whose metadata holds a number of a person."""
    for loaded, index, text in _read_unallowed_pictures(dataset):
        span = find_in_picture(text)
        if span is not None:
            yield Finding(
                loaded,
                index,
                PICTURE_COLUMN,
                expected="图片信息（EXIF、XMP、说明文字）里没有个人信息",
                cure="请去掉图片的附加信息后重新导出。",
                found=f"{KIND_WORDS[span.kind]}“{span.masked}”",
            )


def find_positions_in_pictures(dataset: Dataset) -> Iterator[Finding]:
    """Pictures that say where they were taken."""
    for loaded, index, text in _read_unallowed_pictures(dataset):
        if text.has_position:
            yield Finding(
                loaded,
                index,
                PICTURE_COLUMN,
                expected="图片信息里没有拍摄位置",
                cure="请去掉图片的位置信息后重新导出。",
                found="GPS 位置",
            )


def _read_unallowed_pictures(dataset: Dataset) -> Iterator[tuple[LoadedTable, int, PictureText]]:
    permissions = list_permissions(dataset)
    for loaded, index, text in _read_pictures(dataset):
        if not _is_allowed(permissions, _picture_place(loaded, index)):
            yield loaded, index, text


_LAW: Final = "个人信息保护法第二十八条"

PRIVACY_RULES: Final[tuple[AnyRule, ...]] = (
    TableRule("R19", "含有公民身份号码", "error", _LAW, _list_allowed, find_identity_numbers),
    TableRule("R19", "含有个人信息", "error", _LAW, _list_allowed, find_sure_personal_data),
    TableRule("R19", "疑似含有个人信息", "warning", _LAW, _list_allowed, find_likely_personal_data),
    Rule("R19", "图片信息里含有个人信息", "error", _LAW, (), find_words_in_pictures),
    Rule("R19", "图片带有拍摄位置", "error", _LAW, (), find_positions_in_pictures),
)
