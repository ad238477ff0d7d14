"""A province with several times the entities, to see how a build grows.

Sites and ledger projects stand in a written sample once; here they are written again under other
credit codes, numbers and names, with all their rows and readings. Places, cases, bulletins and
duties stay as they are. The first of each are the sample's own, byte for byte.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, Final

import polars as pl

from generator.data.sample.codes import is_uscc, make_site_code, shift_uscc

_CODE_STEP: Final = 11_317_073
"""Added to the eight digits of a body code; coprime to their number, so that none comes back."""
_USCC_LENGTH: Final = 18
_LEFT_OUT: Final = frozenset({"exposure_case", "correction"})
_NAMES: Final = ("ent_name", "owner_name", "project_name")
_SERIAL_AT: Final = {
    "accept_id": 7, "event_id": 7, "event_no": 9, "exceed_id": 7, "ledger_no": 9,
    "plan_id": 14, "project_id": 13, "record_id": 7,
}  # fmt: skip
"""Where in a record's number its serial begins: with a zero, which becomes the copy's digit."""
_FREE_SERIAL: Final = r"\A(.*[〕-])([0-9]+)(号?)\z"
_FREE: Final = ("decision_no", "license_no")
"""Numbers whose serial has no fixed width: a copy's gets five digits behind its own."""
_CODES: Final = ("site_code", "uscc", "permit_no")
_PARQUET = "monitoring.parquet"


def multiply_entities(tables: Path, times: int) -> dict[str, int]:
    """Make the sample in the folder `tables` hold its sites and projects `times` times, up to 10.

    Gives the number of rows of each table that grew. Memory holds one table at a time.

    Raises:
        ValueError: A serial of the sample leaves no digit for the copies.

    """
    frames = {path.stem: path for path in sorted(tables.glob("*.csv"))}
    profile, ledger = (_read(frames[name]) for name in ("enterprise_profile", "illegal_project"))
    sites = profile.get_column("site_code").to_list()
    codes = {site[:_USCC_LENGTH] for site in sites}
    codes.update(profile.get_column("uscc"), ledger.get_column("uscc"))
    maps = _map_codes(sites, sorted(filter(is_uscc, codes)), times - 1)
    grown: dict[str, int] = {}
    for name, path in frames.items():
        rows = _read(path)
        if name in _LEFT_OUT or not {"site_code", "ledger_no"} & set(rows.columns):
            continue
        with path.open("ab") as file:
            for copy, new in enumerate(maps, start=1):
                _write(_copy_rows(rows, new, copy), file)
        grown[name] = rows.height * times
    readings = pl.scan_parquet(tables / _PARQUET)
    parts = [readings, *(readings.with_columns(pl.col("site_code").replace(new)) for new in maps)]
    partial = tables / f"{_PARQUET}.new"
    pl.concat(parts).sink_parquet(partial)
    partial.replace(tables / _PARQUET)
    grown["monitoring"] = pl.scan_parquet(tables / _PARQUET).select(pl.len()).collect().item()
    return grown


def _map_codes(sites: list[str], codes: list[str], copies: int) -> list[Mapping[str, str]]:
    """For each copy its credit codes and site codes by those of the sample; all are distinct."""
    taken = set(codes)
    maps: list[Mapping[str, str]] = []
    for copy in range(1, copies + 1):
        new: dict[str, str] = {}
        for code in codes:
            shifted = shift_uscc(code, copy * _CODE_STEP)
            while shifted in taken:
                shifted = shift_uscc(shifted, 1)
            taken.add(shifted)
            new[code] = shifted
        for site in sites:
            uscc, serial = site[:_USCC_LENGTH], int(site[_USCC_LENGTH:-1])
            new[site] = make_site_code(new[uscc], serial)
        maps.append(new)
    return maps


def _copy_rows(rows: pl.DataFrame, new: Mapping[str, str], copy: int) -> pl.DataFrame:
    changed = [pl.col(name).replace(new) for name in _CODES if name in rows.columns]
    for name in _SERIAL_AT.keys() & set(rows.columns):
        at, number = _SERIAL_AT[name], pl.col(name)
        if not rows.filter(number != "").select((number.str.slice(at, 1) == "0").all()).item():
            raise ValueError(f"{name} has a serial without a leading zero")
        moved = pl.concat_str(number.str.head(at), pl.lit(str(copy)), number.str.slice(at + 1))
        changed.append(pl.when(number != "").then(moved).otherwise(number).alias(name))
    for name in set(_FREE) & set(rows.columns):
        prefix, serial, suffix = (pl.col(name).str.extract(_FREE_SERIAL, n) for n in (1, 2, 3))
        moved = pl.concat_str(prefix, pl.lit(str(copy)), serial.str.zfill(5), suffix)
        changed.append(moved.fill_null(pl.col(name)).alias(name))
    for name in set(_NAMES) & set(rows.columns):
        own = pl.format("{}（{}）", pl.col(name), pl.lit(copy + 1))
        changed.append(pl.when(pl.col(name) != "").then(own).otherwise(pl.lit("")).alias(name))
    return rows.with_columns(changed)


def _read(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema=False).fill_null("")


def _write(rows: pl.DataFrame, file: BinaryIO) -> None:
    cells = pl.when(pl.all() == "").then(None).otherwise(pl.all()).name.keep()
    text = rows.select(cells).write_csv(include_header=False, line_terminator="\n")
    file.write(text.encode())
