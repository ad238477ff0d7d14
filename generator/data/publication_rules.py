"""Rules on what becomes a page: divisions, weeks, addresses, pictures, corrections."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

import polars as pl

from generator.data.load import Dataset, LoadedTable
from generator.data.picture_file import (
    MAX_BYTES,
    MAX_PIXELS,
    PICTURE_FORMATS,
    PictureError,
    open_picture,
)
from generator.data.rule import Finding, Rule, find_where, with_index

_LEVELS: Final = {
    ("enterprise_profile", "division_code"): ("县",),
    ("illegal_project", "division_code"): ("县",),
    ("illegal_project", "township_code"): ("乡",),
    ("exposure_case", "division_code"): ("市", "县"),
    ("bulletin", "division_code"): ("市", "县"),
    ("district_target", "division_code"): ("市", "县"),
    ("responsibility", "division_code"): ("省", "市", "县"),
    ("duty_adoption", "division_code"): ("市",),
    ("mirror", "division_code"): ("省", "市", "县"),
}
"""The levels of division that each field may name."""

_PAGE_CODES: Final = {
    "enterprise_profile": "site_code",
    "illegal_project": "ledger_no",
    "exposure_case": "case_no",
    "division": "division_code",
}
"""The fields that addresses are made of; a code is a file name and must stay one everywhere."""
_SAFE_CODE: Final = r"\A[0-9A-Za-z](?:[0-9A-Za-z.-]{0,70}[0-9A-Za-z])?\z"
_RESERVED_NAMES: Final = r"(?i)\A(?:con|prn|aux|nul|com[0-9]|lpt[0-9]|index)(?:\..*)?\z"

_CASE_WEEK = re.compile(r"BG([0-9]{4})W([0-9]{2})-[0-9]{3}")
_ISO_WEEK = re.compile(r"([0-9]{4})-W([0-9]{2})")


def find_wrong_division_levels(dataset: Dataset) -> Iterator[Finding]:
    """Divisions of another level than the field asks for, and townships of another county."""
    divisions = (
        dataset["division"]
        .values.select(
            pl.col("division_code").alias("#code"), pl.col("level").alias("#level"), "parent_code"
        )
        .unique("#code", keep="first")
    )
    for (name, field), levels in _LEVELS.items():
        if name not in dataset.tables:
            continue
        loaded = dataset[name]
        joined = with_index(loaded).join(
            divisions, left_on=field, right_on="#code", how="inner", maintain_order="left"
        )
        wrong = joined.filter(~pl.col("#level").is_in(list(levels)))
        for index, level in wrong.select("#index", "#level").iter_rows():
            yield Finding(
                loaded,
                index,
                field,
                expected=f"{'、'.join(levels)}级的区划代码（这是{level}级）",
                cure="请改为相应级别的代码。",
            )
        if field == "township_code":
            known = joined.join(divisions, left_on="parent_code", right_on="#code", how="semi")
            yield from _find_foreign_townships(loaded, known)


def _find_foreign_townships(loaded: LoadedTable, joined: pl.DataFrame) -> Iterator[Finding]:
    wrong = joined.filter(
        (pl.col("#level") == "乡") & (pl.col("parent_code") != pl.col("division_code"))
    )
    for index, parent in wrong.select("#index", "parent_code").iter_rows():
        yield Finding(
            loaded,
            index,
            "township_code",
            expected=f"属于本行区县 {loaded.text.item(index, 'division_code')}（它属于 {parent}）",
            cure="请核对区县代码和乡镇代码。",
        )


def find_expired_divisions(dataset: Dataset) -> Iterator[Finding]:
    """Enterprises in a division that has been abolished."""
    abolished = (
        dataset["division"]
        .values.filter(pl.col("valid_to").is_not_null())
        .select("division_code", pl.col("valid_to").alias("#ended"), "successor_code")
    )
    loaded = dataset["enterprise_profile"]
    wrong = with_index(loaded).join(
        abolished, on="division_code", how="inner", maintain_order="left"
    )
    for index, ended, successor in wrong.select("#index", "#ended", "successor_code").iter_rows():
        yield Finding(
            loaded,
            index,
            "division_code",
            expected=f"现行的区划代码（它已于 {ended} 废止"
            + (f"，由 {successor} 继任）" if successor else "）"),
            cure="请改为现行代码。",
        )


def _has_week(year: int, week: int) -> bool:
    """Whether the ISO year has this week: 2015 and 2020 have a 53rd. Source: ISO 8601."""
    try:
        date.fromisocalendar(year, week, 1)
    except ValueError:
        return False
    return True


def find_impossible_weeks(dataset: Dataset) -> Iterator[Finding]:
    """Weeks that their year does not have, and case numbers of another week."""
    for name in ("exposure_case", "bulletin"):
        if name not in dataset.tables:
            continue
        loaded = dataset[name]
        weeks = loaded.values.get_column("iso_week").unique(maintain_order=True).drop_nulls()
        wrong = [week for week in weeks.to_list() if not _is_week(week)]
        for index in find_where(loaded, pl.col("iso_week").is_in(wrong)):
            yield Finding(
                loaded,
                index,
                "iso_week",
                expected="这一年里有的周次（多数年份 52 周，2015、2020 年有第 53 周）",
                cure="请按 ISO 周历核对年份和周次；1 月 1 日可能属于上一年的最后一周。",
            )
    if "exposure_case" not in dataset.tables:
        return
    cases = dataset["exposure_case"]
    for index, (number, week) in enumerate(cases.values.select("case_no", "iso_week").iter_rows()):
        parts = _CASE_WEEK.fullmatch(number or "")
        if parts and week and f"{parts[1]}-W{parts[2]}" != week:
            yield Finding(
                cases,
                index,
                "case_no",
                expected=f"与期次 {week} 相同的年份和周次",
                cure="请改正案件编号或期次。",
            )


def _is_week(text: str) -> bool:
    parts = _ISO_WEEK.fullmatch(text)
    # A week of another form is the pattern's fault, not this rule's.
    return parts is None or _has_week(int(parts[1]), int(parts[2]))


def find_unsafe_addresses(dataset: Dataset) -> Iterator[Finding]:
    """Codes that cannot be a file name, or that differ from another's only in letter case."""
    for name, field in _PAGE_CODES.items():
        if name not in dataset.tables:
            continue
        loaded = dataset[name]
        code = pl.col(field)
        unsafe = ~code.str.contains(_SAFE_CODE) | code.str.contains(_RESERVED_NAMES)
        for index in find_where(loaded, unsafe):
            yield Finding(
                loaded,
                index,
                field,
                expected="只含字母、数字、点和连字符，首尾为字母或数字，至多 72 个字符",
                cure="请改用登记系统里的代码。",
            )
        folded = code.str.to_lowercase()
        twins = with_index(loaded).select("#index", code.alias("#code"), folded.alias("#folded"))
        twins = twins.drop_nulls().with_columns(
            pl.col("#code").first().over("#folded").alias("#first"),
            pl.col("#index").first().over("#folded").alias("#row"),
        )
        clashing = twins.filter(pl.col("#code") != pl.col("#first"))
        for index, first, row in clashing.select("#index", "#first", "#row").iter_rows():
            yield Finding(
                loaded,
                index,
                field,
                expected=f"与第 {row + 2} 行的“{first}”不只是大小写不同（两者的页面地址会相同）",
                cure="请核对两个代码，改正录错的一个。",
            )


def find_missing_pictures(dataset: Dataset) -> Iterator[Finding]:
    """Pictures that are not in the dataset, or that cannot be shown: see `open_picture`."""
    cases = dataset["exposure_case"]
    root = dataset.catalog.root
    for index in find_where(cases, pl.col("photo_ref").is_not_null()):
        reference = cases.values.item(index, "photo_ref")
        path = (root / reference).resolve()
        extension = path.suffix.removeprefix(".")
        if extension not in PICTURE_FORMATS or not path.is_relative_to(root):
            continue
        if not path.is_file():
            yield Finding(
                cases,
                index,
                "photo_ref",
                expected="数据集的 photos 文件夹里有这个文件",
                cure="请放入图片，或改正文件名（大小写也要相同）。",
            )
            continue
        try:
            open_picture(path.read_bytes(), extension)
        except PictureError as fault:
            yield Finding(
                cases,
                index,
                "photo_ref",
                expected=f"一张完整的 {extension} 图片，至多 {MAX_PIXELS // 10_000} 万像素、"
                f"{MAX_BYTES // 1_000_000} MB；{fault}",
                cure="请重新导出图片，过大的先缩小。",
            )


def find_undescribed_pictures(dataset: Dataset) -> Iterator[Finding]:
    """Pictures without alternative text."""
    cases = dataset["exposure_case"]
    blank = pl.col("photo_alt").fill_null("").str.strip_chars() == ""
    for index in find_where(cases, pl.col("photo_ref").is_not_null() & blank):
        yield Finding(
            cases,
            index,
            "photo_alt",
            expected="用一句话说明图片内容",
            cure="请补填，供看不见图片的人使用。",
        )


def find_lost_correction_targets(dataset: Dataset) -> Iterator[Finding]:
    """Corrections of a table or a record that does not exist.

    A composite key is written with its parts joined by `|`.
    """
    loaded = dataset["correction"]
    rows = loaded.values.select("target_table", "target_key")
    wanted = rows.get_column("target_table").unique(maintain_order=True).drop_nulls().to_list()
    known = {name: _read_keys(dataset[name]) for name in wanted if name in dataset.tables}
    for index, (name, key) in enumerate(rows.iter_rows()):
        if name is not None and not dataset.catalog.has_table(name):
            yield Finding(
                loaded,
                index,
                "target_table",
                expected="数据集里的表名，例如 illegal_project",
                cure="请改正表名。",
            )
        elif name in known and key is not None and key not in known[name]:
            yield Finding(
                loaded,
                index,
                "target_key",
                expected=f"“{dataset[name].table.title}”里已有的主键（几个字段的用 | 连接）",
                cure="请改正主键；撤回的记录要保留在原表里，由撤回一条来隐去。",
            )


def _read_keys(loaded: LoadedTable) -> frozenset[str]:
    joined = loaded.text.select(
        pl.concat_str([pl.col(name) for name in loaded.table.primary_key], separator="|")
    )
    return frozenset(joined.to_series().to_list())


def find_unknown_disclosed_tables(dataset: Dataset) -> Iterator[Finding]:
    """Disclosure records of a table that is not one of the disclosure tables."""
    loaded = dataset["disclosure_record"]
    names = [table.name for table in dataset.catalog.disclosure]
    for index in find_where(loaded, ~pl.col("table_name").is_in(names)):
        yield Finding(
            loaded,
            index,
            "table_name",
            expected=f"{len(names)} 张公开表之一的英文表名，例如 noise",
            cure="请对照数据字典改正。",
        )


PUBLICATION_RULES: Final[tuple[Rule, ...]] = (
    Rule(
        "E-DIVISION",
        "行政区划的级别不对",
        "error",
        "GB/T 2260",
        ("division",),
        find_wrong_division_levels,
    ),
    Rule(
        "R03",
        "行政区划已废止",
        "warning",
        "GB/T 2260",
        ("division", "enterprise_profile"),
        find_expired_divisions,
    ),
    Rule("R18", "期次与日历或编号不符", "error", "ISO 8601", (), find_impossible_weeks),
    Rule("E-ROUTE", "页面地址不可用或重复", "error", "地址设计", (), find_unsafe_addresses),
    Rule(
        "E-PHOTO",
        "图片缺失或损坏",
        "error",
        "一周一曝光",
        ("exposure_case",),
        find_missing_pictures,
    ),
    Rule(
        "E-ALT",
        "图片没有替代文字",
        "error",
        "GB/T 37668-2019",
        ("exposure_case",),
        find_undescribed_pictures,
    ),
    Rule(
        "E-TARGET",
        "更正的对象不存在",
        "error",
        "政府信息公开条例第四十一条",
        ("correction",),
        find_lost_correction_targets,
    ),
    Rule(
        "E-TABLE",
        "公开表名不对",
        "error",
        "企业事业单位环境信息公开办法第九条；企业环境信息依法披露管理办法第十二条",
        ("disclosure_record",),
        find_unknown_disclosed_tables,
    ),
)
