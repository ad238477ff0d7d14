"""Twelve CSV files in the form of Shanghai's disclosure site, with invented sites.

The real rows are not in this repository; the form is what the mapping that we ship reads.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml
from stdnum.cn import uscc

FILES = {
    "enterprise_detail.csv": (
        "单位名称,注册号/统一社会信用代码,是否属上市公司,成立日期,经营范围,污染源名称,污染源编码,"
        "污染源类别,行业大类,所属小类,生产地址,行政区划,主管部门,是否已核发全国许可证,"
        "地理坐标(经度),地理坐标(纬度),生产周期,是否停产,"
        "是否日排放量100立方米以上的直排海污染源,生产情况简介,url_id"
    ),
    "outlets.csv": (
        "stExt1,stJd,stWd,stPfkmc,stUnitfyPfkbh,stPfkType,stPsqxlx,stId,stZzjgdm,stExt2,stExt3,"
        "stExt4,stExt5,stQymc,stWrybh,stYkzbh,stYkzyxq,stHxxyl,stAd,stSo2,stDyhw,stPrwsclc,"
        "stSnst,stPfkbh,stZxbzmc,stType,stFzjg,stFzrq,stHzjygm,stXmmc,stSpjg,stPwh,stTypeCode,"
        "stQzkPfkbh,stP,stN,stVoc,stKlw"
    ),
    "emission_items.csv": (
        "stJcpc,stHbbmbspCode,stSitename,stType,stJcff,stPfxzMin,jcxm_dw,stFxyq,stPfxz,stProject,"
        "stZzjgdm,stZsy,stId,stSitecode,stFfFrom,stWryCode"
    ),
    "discharge_modes.csv": (
        "stWryCode,stId,stZzjgdm,stType,stPortId,stPffs,stPfqx,stPortCode,stPortName"
    ),
    "facilities_generating.csv": (
        "stRemark,stName,stZzjgdm,stType,stTcrq,stCode,stXh,stId,stWryCode,stSjnl,stSccs"
    ),
    "facilities_treatment.csv": (
        "stName,stCwCode,stType,stClnl,stCwName,stTytj,stNyxfy,stGyfs,stRemark,stZzjgdm,stHppfrq,"
        "stId,stJgrq,stYdl,stSscrq,stXl,stWryCode"
    ),
    "permits_construction.csv": (
        "stZxbzmc,stType,stSo2,stPrwsclc,stWd,stP,stExt5,stExt4,stDyhw,stN,stExt3,stExt2,"
        "stPfkType,stPfkmc,stExt1,stQzkPfkbh,stXmmc,stAd,stJd,stWrybh,stSnst,stPfkbh,stYkzyxq,"
        "stYkzbh,stFzjg,stPwh,stFzrq,stVoc,stHzjygm,stUnitfyPfkbh,stSpjg,stKlw,stZzjgdm,stHxxyl,"
        "stTypeCode,stPsqxlx,stQymc,stId"
    ),
    "permits_other.csv": (
        "stZxbzmc,stType,stSo2,stPrwsclc,stWd,stP,stExt5,stExt4,stDyhw,stN,stExt3,stExt2,"
        "stPfkType,stPfkmc,stExt1,stQzkPfkbh,stXmmc,stAd,stJd,stWrybh,stSnst,stPfkbh,stYkzyxq,"
        "stYkzbh,stFzjg,stPwh,stFzrq,stVoc,stHzjygm,stUnitfyPfkbh,stSpjg,stKlw,stZzjgdm,stHxxyl,"
        "stTypeCode,stPsqxlx,stQymc,stId"
    ),
    "emergency_plans.csv": "url_id,stWrybh,filename,fileId",
    "manual_monitoring_water.csv": (
        "dataComment,stIspublic,stJcpc,stJcdCode,stJcsj,stWjxyy,stDatasource,stJcdName,stJclx,"
        "stDbqk,stPffs,flag,stJcxm,stBzxzMin,stZzjgdm,stJcnd,stBzxz,stId,stWryCode,jcxm_dw"
    ),
    "manual_monitoring_air.csv": (
        "dataComment,stIspublic,stJcpc,stJcdCode,stJcsj,stDatasource,stJcdName,jcxm_dw,stJclx,"
        "stDbqk,stPffs,flag,stJcxm,stBzxzMin,stZzjgdm,stWjcyy,stJcnd,stBzxz,stId,stWryCode"
    ),
    "manual_monitoring_noise.csv": (
        "dataComment,stIspublic,stJcpc,stJcdCode,stJcsj,stDatasource,stJcdName,jcxm_dw,stJclx,"
        "stDbqk,stPffs,stJcxm,flag,stBzxzMin,stZzjgdm,stWjcyy,stJcnd,stBzxz,stId,stJcsd,stWryCode"
    ),
}
"""The header of each file."""


def write_shanghai_like(folder: Path, sites: int = 3) -> Path:
    """The twelve files in `folder`, with an outlet, a plan and a reading for each of the sites."""
    folder.mkdir(parents=True)
    rows: dict[str, list[Mapping[str, str]]] = {name: [] for name in FILES}
    for number in range(1, sites + 1):
        code, mark = f"99000000{number}001", f"{number:032X}"
        credit = f"91310117{990000000 + number:09d}"
        rows["enterprise_detail.csv"].append({
            "单位名称": f"虚构第{number}机械有限公司",
            "注册号/统一社会信用代码": credit + uscc.calc_check_digit(credit + "0"),
            "经营范围": "机械零部件加工", "污染源名称": f"虚构第{number}机械有限公司",
            "污染源编码": code, "污染源类别": "废气,危废", "行业大类": "通用设备制造业",
            "所属小类": "机械零部件加工", "生产地址": f"虚构路{number}号", "行政区划": "松江区",
            "地理坐标(经度)": "121.23", "地理坐标(纬度)": "31.03", "url_id": str(number),
        })  # fmt: skip
        rows["outlets.csv"].append({
            "stPfkmc": "喷漆废气排放口", "stUnitfyPfkbh": "FQ001", "stPfkType": "AIR",
            "stId": mark, "stQymc": f"虚构第{number}机械有限公司", "stWrybh": code,
            "stPfkbh": "FQ001", "stTypeCode": "PWXK",
        })  # fmt: skip
        rows["emergency_plans.csv"].append({
            "url_id": str(number), "stWrybh": code,
            "filename": f"虚构第{number}机械有限公司突发环境事件应急预案.pdf", "fileId": mark,
        })  # fmt: skip
        rows["manual_monitoring_noise.csv"].append({
            "stIspublic": "1", "stJcpc": "季", "stJcdCode": "ZS001", "stJcsj": "2020-05-15",
            "stDatasource": "manual", "stJcdName": "厂界西面（昼间）", "jcxm_dw": "dB(A)",
            "stJcxm": "Leq实测值", "flag": "", "stBzxzMin": "0", "stJcnd": "57.1", "stBzxz": "65",
            "stId": mark, "stJcsd": "14:36-14:37", "stWryCode": code,
        })  # fmt: skip
    for name, header in FILES.items():
        _write(folder / name, header.split(","), rows[name])
    return folder


def _write(path: Path, header: list[str], rows: Iterable[Mapping[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, header, restval="")
        writer.writeheader()
        writer.writerows(rows)


def list_sources(mapping: Path) -> list[str]:
    """The files that a mapping names."""
    document = yaml.safe_load(mapping.read_text(encoding="utf-8"))
    return sorted(source["file"] for source in document["sources"].values())
