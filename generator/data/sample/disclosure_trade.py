"""What each trade makes, uses, discharges and treats: the knowledge behind the sample's rows.

Quantities are typical for a medium plant; a site multiplies them by its own size. Industry codes
are GB/T 4754-2011, pollutant and standard codes those of `reference`. Nothing here is random.

Source: GB/T 4754-2011; the emission standards named; the national hazardous waste list of 2016.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Product:
    """One product line of a trade; `yearly` in `unit` for a medium plant."""

    name: str
    unit: str
    yearly: float
    process: str


@dataclass(frozen=True, slots=True)
class Material:
    """A raw material or fuel; `yearly` in `unit`; sulphur and ash in percent for coal."""

    name: str
    kind: str
    unit: str
    yearly: float
    toxic: str = ""
    sulfur: float = 0.0
    ash: float = 0.0


@dataclass(frozen=True, slots=True)
class AirPoint:
    """A kind of stack: pollutants, the standard they answer to, and its treatment steps."""

    name: str
    main: bool
    pollutants: tuple[str, ...]
    standard: str
    height: float  # m
    flow: float  # m³/h
    temperature: int  # ℃
    steps: tuple[tuple[str, str], ...]  # (facility type, process)


@dataclass(frozen=True, slots=True)
class Fugitive:
    """An area source: process, control measure, pollutant and boundary limit in mg/m³."""

    process: str
    measure: str
    pollutant: str
    limit: float


@dataclass(frozen=True, slots=True)
class Risk:
    """A risk substance; stock and threshold in tonnes."""

    unit: str
    substance: str
    cas: str
    stock: float
    threshold: float


@dataclass(frozen=True, slots=True)
class Trade:
    """Everything the row makers need to know about one line of business."""

    key: str
    industry: str
    weight: int
    content: str
    process: str
    products: tuple[Product, ...]
    materials: tuple[Material, ...]
    water: tuple[str, ...]
    water_standard: str
    water_daily: float  # t/d
    treatment: str
    air: tuple[AirPoint, ...]
    wastes: tuple[tuple[str, str, float], ...]  # (code, name, t/a)
    hazardous: tuple[tuple[str, float], ...]  # (code, t/a)
    fugitives: tuple[Fugitive, ...]
    risks: tuple[Risk, ...]
    classes: tuple[str, ...]
    output: float  # 万元/a
    staff: int


COAL_BOILER = "GB 13271-2014 表2"
GENERAL_AIR = "GB 16297-1996 表2"
KILN = "GB 9078-1996 二级"

SO2, NOX, DUST = "a21026", "a21002", "a34013"
NMHC, AMMONIA, H2S, HCL = "a24088", "a21001", "a21028", "a21024"
COD, NH3N, TN, TP, SS = "w01018", "w21003", "w21001", "w21011", "w01012"

BAG = ("除尘", "布袋除尘")
ESP = ("除尘", "静电除尘")
WET_S = ("脱硫", "石灰石-石膏法")
ALKALI = ("脱硫", "双碱法")
SNCR = ("脱硝", "SNCR")
SCR = ("脱硝", "SCR")
CARBON = ("VOCs治理", "活性炭吸附")
RTO = ("VOCs治理", "蓄热燃烧")
ACID = ("其他", "碱液喷淋")

BOILER = AirPoint("锅炉烟囱", True, (DUST, SO2, NOX), COAL_BOILER, 45, 40000, 110, (BAG, ALKALI))
BIOMASS_BOILER = AirPoint(
    "生物质锅炉排气筒", False, (DUST, SO2, NOX), COAL_BOILER, 25, 9000, 120, (BAG,)
)
COAL = Material("原煤", "燃料", "t", 12000, "", 0.62, 18.4)
BIOMASS = Material("生物质颗粒", "燃料", "t", 1900, "", 0.05, 3.1)
NATURAL_GAS = Material("天然气", "燃料", "万m³", 260)
OIL_WASTE = ("900-249-08", 1.8)
PACKING_WASTE = ("900-041-49", 2.4)
DUST_YARD = Fugitive("原料堆场", "防风抑尘网、洒水", "a34001", 1.0)
PLANT_VOC = Fugitive("生产车间", "密闭、负压收集", NMHC, 4.0)
PLANT_NH3 = Fugitive("污水处理站", "加盖收集", AMMONIA, 1.5)
PLANT_H2S = Fugitive("污水处理站", "加盖、喷洒除臭剂", H2S, 0.06)
DIESEL = Risk("油罐区", "柴油", "68334-30-5", 30, 2500)
NH3_TANK = Risk("氨罐区", "液氨", "7664-41-7", 6, 5)
ACID_TANK = Risk("酸罐区", "硫酸", "7664-93-9", 14, 10)
HCL_TANK = Risk("酸罐区", "盐酸", "7647-01-0", 5, 7.5)
HYPO = Risk("药剂间", "次氯酸钠", "7681-52-9", 2, 5)
SOLVENT = Risk("溶剂库", "甲苯", "108-88-3", 6, 10)
METHANOL = Risk("甲醇罐区", "甲醇", "67-56-1", 18, 10)
GAS_PIPE = Risk("天然气管线", "甲烷", "74-82-8", 0.3, 10)

SLUDGE = ("SW07", "污水处理污泥", 600.0)
SLAG = ("SW03", "炉渣", 1500.0)
ASH = ("SW02", "粉煤灰", 4200.0)
GYPSUM = ("SW06", "脱硫石膏", 2600.0)


def stack(
    name: str,
    pollutants: tuple[str, ...],
    standard: str,
    steps: tuple[tuple[str, str], ...],
    *,
    main: bool = True,
    height: float = 25,
    flow: float = 30000,
    temperature: int = 60,
) -> AirPoint:
    """An `AirPoint` with the usual height, flow and temperature of a process vent."""
    return AirPoint(name, main, pollutants, standard, height, flow, temperature, steps)
