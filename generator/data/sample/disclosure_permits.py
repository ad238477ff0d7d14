"""Rows of discharge permits and other licences: tables 25 and 26."""

from collections.abc import Iterator
from datetime import date, timedelta

from generator.data.sample.disclosure_depth import Depth, Row
from generator.data.sample.disclosure_months import DATA_DATE, random_day
from generator.data.sample.disclosure_site import Site
from generator.data.sample.province import PROVINCE_NAME
from generator.data.sample.register import Enterprise

_PERMIT_SHARE = 0.58  # local permits; the national scheme began at the end of 2016
_DUTY_PERMIT_TRADES = ("热电", "造纸", "钢铁", "水泥", "焦化", "炼化")


def hazardous_license_no(enterprise: Enterprise) -> str:
    """The licence number of a firm that takes hazardous waste."""
    return f"示危证{enterprise.county.code}-{enterprise.site_code[8:13]}"


def permit_rows(site: Site, depth: Depth) -> Iterator[Row]:
    """`discharge_permit`: numbered by the site's own code, as HJ 608-2017 has it."""
    rng = site.rng(depth.seed, "permit")
    one = site.enterprise
    if one.status == "在建" or not site.outlets:
        return
    if one.trade.key not in _DUTY_PERMIT_TRADES and rng.random() > _PERMIT_SHARE:
        return
    issued = random_day(rng, date(2012, 9, 1), date(2016, 6, 1))
    valid_from = issued + timedelta(days=rng.choice((0, 0, 1, 15)))
    years = rng.choice((1, 3, 3, 5, 5))
    if issued.year < 2014:
        years = rng.choice((3, 5, 5))
    valid_to = valid_from.replace(year=valid_from.year + years, day=min(28, valid_from.day))
    status = "有效" if valid_to >= DATA_DATE else "过期"
    if one.status == "关闭":
        status = "注销"
    major = one.scale in ("大型", "中型")
    pollutants = sorted(
        {
            series.pollutant_code: series for outlet in site.outlets for series in outlet.series
        }.items()
    )
    yield (
        site.code,
        site.code,
        "重点管理" if major else "简化管理",
        "注销"
        if status == "注销"
        else rng.choice(("首次申请", "首次申请", "延续", "变更", "重新申请")),
        f"{one.county.prefecture_name}环境保护局" if major else one.county.bureau,
        issued,
        valid_from,
        valid_to,
        "、".join(series.pollutant_name for _, series in pollutants[:4]),
        status,
        None,
    )


def license_rows(site: Site, depth: Depth) -> Iterator[Row]:
    """`other_license`: hazardous waste business, radiation safety, outlets into rivers."""
    rng = site.rng(depth.seed, "license")
    one = site.enterprise
    if one.status == "在建":
        return
    issued = random_day(rng, date(2012, 1, 5), date(2016, 5, 20))
    until = issued.replace(year=issued.year + 5, day=min(28, issued.day))
    status = "有效" if until >= DATA_DATE else "过期"
    if one.trade.key == "危废处置":
        amount = round(16000 * one.size, -2)
        yield (
            hazardous_license_no(one),
            site.code,
            "危险废物经营",
            f"收集、贮存、处置HW08、HW12、HW17等类危险废物，规模{amount:.0f}吨/年",
            f"{PROVINCE_NAME}环境保护厅",
            issued,
            until,
            status,
        )
    elif one.trade.key == "医院" and rng.random() < 0.7:
        yield (
            f"示环辐证{one.county.code}-{site.code[8:13]}",
            site.code,
            "辐射安全",
            "使用Ⅲ类射线装置",
            f"{one.county.prefecture_name}环境保护局",
            issued,
            until,
            status,
        )
    elif any(outlet.mode == "直接排放" for outlet in site.water) and rng.random() < 0.16:
        yield (
            f"示河排{one.county.code}-{site.code[8:13]}",
            site.code,
            "入河排污口",
            f"同意在{site.water[0].receiving_body}设置入河排污口",
            f"{one.county.name}水务局",
            issued,
            None,
            "有效",
        )
