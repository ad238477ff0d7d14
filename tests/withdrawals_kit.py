"""Records of every kind taken back, and the words by which what is left of them is found."""

from __future__ import annotations

import gzip
import io
import json
import re
import tarfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from pypdf import PdfReader
from small_province import ROOT, Edit, read

PROJECT = "990101-B-00006"
CASE = "BG2016W20-005"
"""A case with a picture, taken back by the reason in its own row alone."""
ENTERPRISE = "91990101113012015F001U"
"""With automatic readings, and neither projects nor cases."""
BODY = "Z38"
WEEK = "2015-W01"
REASON = "处罚决定已被撤销。"
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_LEAST_WORD = 7  # characters: shorter cells stand in other rows too often to look for
_TABLES = ROOT / "datasets/tables"


def list_withdrawals() -> list[tuple[str, str]]:
    """Table and key of everything that `corrections` takes back."""
    duties = read(_TABLES / "responsibility.csv")["duty_no"]
    return [
        ("illegal_project", PROJECT),
        ("enterprise_profile", ENTERPRISE),
        *(("responsibility", duty) for duty in duties if duty.startswith(BODY)),
        ("bulletin", f"{WEEK}|990101"),
        ("bulletin", f"{WEEK}|990201"),
    ]


def take_back(corrections: pl.DataFrame) -> pl.DataFrame:
    """The log with a decided 撤回 for each, and words about an outlet of the enterprise."""
    rows = [
        {
            "correction_no": f"GZ2016-{90000 + number}", "target_table": table, "target_key": key,
            "kind": "撤回", "received_date": "2016-06-20", "resolved_date": "2016-06-22",
            "public_reason": "登记有误，依法撤回。",
        }
        for number, (table, key) in enumerate(list_withdrawals())
    ]  # fmt: skip
    quote = {
        "correction_no": "GZ2016-89999", "target_table": "noise", "kind": "更正",
        "target_key": _find_noise_key(), "received_date": "2016-05-20",
        "resolved_date": "2016-05-22", "public_reason": "原写昼间噪声八十八分贝，录入有误。",
    }  # fmt: skip
    return pl.concat([corrections, pl.DataFrame([quote, *rows]).select(corrections.columns)])


def _find_noise_key() -> str:
    schema = json.loads((ROOT / "datasets/schemas/noise.json").read_text(encoding="utf-8"))
    row = read(_TABLES / "noise.csv").row(
        by_predicate=(pl.col("site_code") == ENTERPRISE), named=True
    )
    return "|".join(str(row[name]) for name in schema["primaryKey"])


def state_reason(cases: pl.DataFrame) -> pl.DataFrame:
    """The cases, one of them with a reason for its withdrawal."""
    taken = pl.col("case_no") == CASE
    reason = pl.when(taken).then(pl.lit(REASON)).otherwise(pl.col("withdraw_reason"))
    return cases.with_columns(reason.alias("withdraw_reason"))


EDITS: Mapping[str, Edit] = {"correction": take_back, "exposure_case": state_reason}


def find_words(datasets: Path) -> dict[str, set[str]]:
    """By record, the cells of its rows and of its parts' that stand in no other row."""
    marks = {
        "project": {PROJECT}, "case": {CASE}, "enterprise": {ENTERPRISE},
        "duties": {key for table, key in list_withdrawals() if table == "responsibility"},
    }  # fmt: skip
    cells: dict[str, set[str]] = {name: set() for name in marks}
    others: list[str] = []
    for path in sorted((datasets / "tables").glob("*.csv")):
        if path.name == "correction.csv":
            continue
        for row in read(path).iter_rows():
            owner = next((name for name, keys in marks.items() if keys & set(row)), None)
            if path.name == "exposure_case.csv" and owner == "enterprise":
                owner = None
            if owner is None:
                others.append("\n".join(row))
            else:
                cells[owner] |= {cell for cell in row if len(cell) >= _LEAST_WORD}
    text = "\n".join(others)
    codes = set().union(*marks.values())
    return {
        name: {
            word
            for word in words - {REASON}
            if _CHINESE.search(word) and word not in text and word not in codes
        }
        for name, words in cells.items()
    } | {"log": {"八十八分贝"}}


@dataclass(frozen=True, slots=True)
class Found:
    """Where a word was found."""

    path: str
    word: str


def find_in(files: Iterable[Path], words: Iterable[str]) -> Iterator[Found]:
    """Every file that holds one of the words, however it is packed."""
    wanted = {word: word.encode() for word in words}
    for path in files:
        content = b"\n".join(_unfold(path.name, path.read_bytes()))
        for word, mark in wanted.items():
            if mark in content:
                yield Found(path.as_posix(), word)


def _unfold(name: str, content: bytes) -> Iterator[bytes]:
    """The plain contents of a file and of the files in it."""
    if name.endswith(".tar.gz"):
        with tarfile.open(fileobj=io.BytesIO(gzip.decompress(content))) as archive:
            for member in archive:
                file = archive.extractfile(member)
                if file is not None:
                    yield from _unfold(member.name, file.read())
    elif name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for inner in packed.namelist():
                yield from _unfold(inner, packed.read(inner))
    elif name.endswith(".pdf"):
        yield "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).encode()
    elif name.endswith(".parquet"):
        frame = pl.read_parquet(io.BytesIO(content))
        for column in frame.select(pl.col(pl.String, pl.Categorical, pl.Enum)):
            yield "\n".join(column.cast(pl.String).drop_nulls().unique().sort()).encode()
    else:
        yield content
