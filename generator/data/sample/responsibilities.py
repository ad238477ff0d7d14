"""Who is responsible for what: 43 bodies in five parts, and each league's adoption.

The bodies and duties follow the common division of work between provincial departments in
2015; names of bodies carry the fictional province, texts are written for the sample.

Source: published-figures.csv (内蒙古: 5 parts, 3 party and 36 government departments, 12
leagues of which 9 had adopted); 党政领导干部生态环境损害责任追究办法（试行） (2015).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from generator.data.sample.province import PROVINCE_CODE, Province
from generator.data.sample.responsibility_text import RESPONSIBILITY_TEXT

_VALID_FROM: Final = "2016-01-01"

_PART_KINDS = {
    "党委": "党委",
    "政府": "政府",
    "党委职能部门": "党委部门",
    "政府部门及直属单位": "政府部门",
    "审判检察机关": "司法机关",
}
_BASES = {
    "环保法": "《中华人民共和国环境保护法》",
    "水法": "《中华人民共和国水污染防治法》",
    "气法": "《中华人民共和国大气污染防治法》",
    "固法": "《中华人民共和国固体废物污染环境防治法》",
    "环评法": "《中华人民共和国环境影响评价法》",
    "追责": "《党政领导干部生态环境损害责任追究办法（试行）》",
    "三定": "部门主要职责内设机构和人员编制规定",
    "条例": "《建设项目环境保护管理条例》",
    "公开": "《企业事业单位环境信息公开办法》",
    "畜禽": "《畜禽规模养殖污染防治条例》",
    "危化": "《危险化学品安全管理条例》",
    "刑法": "《中华人民共和国刑法》",
    "行诉": "《中华人民共和国行政诉讼法》",
    "民诉": "《中华人民共和国民事诉讼法》",
    "水十条": "《水污染防治行动计划》",
    "气十条": "《大气污染防治行动计划》",
    "应急": "《突发环境事件应急管理办法》",
}


@dataclass(frozen=True, slots=True)
class _Duty:
    text: str
    role: str
    basis: str
    violations: str | None
    valid_from: str
    valid_to: str | None


@dataclass(frozen=True, slots=True)
class _Body:
    name: str
    part: str
    duties: tuple[_Duty, ...]


def responsibility_rows() -> Iterator[tuple[object, ...]]:
    """The rows of ``responsibility``, sorted by duty number."""
    for number, body in enumerate(_read_bodies(RESPONSIBILITY_TEXT), start=1):
        for serial, duty in enumerate(body.duties, start=1):
            yield (
                f"Z{number:02d}-{serial:03d}",
                body.name,
                _PART_KINDS[body.part],
                body.part,
                PROVINCE_CODE,
                duty.text,
                duty.role,
                duty.basis,
                duty.violations,
                duty.valid_from,
                duty.valid_to,
            )


def duty_adoption_rows(province: Province) -> Iterator[tuple[object, ...]]:
    """The rows of ``duty_adoption``: nine leagues have adopted, two draft, one has not begun."""
    dates = (
        "2016-02-25", "2016-03-11", "2016-03-18", "2016-03-30", "2016-04-12",
        "2016-04-28", "2016-05-16", "2016-05-31", "2016-06-20",
    )  # fmt: skip
    adopted = iter(dates)
    for index, prefecture in enumerate(province.prefectures):
        short = prefecture.name[:-1]
        if index in (4, 9):
            note = "已完成征求意见，待市委常委会审议" if index == 4 else "正在征求各县区意见"
            yield prefecture.code, "起草中", None, None, None, note
        elif index == 11:
            yield prefecture.code, "未启动", None, None, None, "尚未成立起草小组，已列入督办事项"
        else:
            day = next(adopted)
            title = f"{prefecture.name}党委、政府及有关部门环境保护工作职责"
            yield prefecture.code, "已印发", title, f"{short}党发〔2016〕{index + 6}号", day, None


def _read_bodies(text: str) -> Iterator[_Body]:
    """Bodies of the text table.

    ``# part`` opens a part, ``= name`` a body; every other line is a duty:
    role | text | basis word and article | violation types (may be missing) | from..to (ditto).
    """
    part = name = ""
    duties: list[_Duty] = []
    for line in text.strip().splitlines():
        if line.startswith(("# ", "= ")):
            if duties:
                yield _Body(name, part, tuple(duties))
                duties = []
            if line.startswith("# "):
                part = line[2:]
            else:
                name = line[2:]
        elif line:
            duties.append(_read_duty(line))
    yield _Body(name, part, tuple(duties))


def _read_duty(line: str) -> _Duty:
    cells = line.split("|") + [""] * 3
    role, text, basis, violations, valid = cells[:5]
    word, _, article = basis.partition(" ")
    valid_from, _, valid_to = valid.partition("..")
    return _Duty(
        text=text + "。",
        role=role,
        basis=_BASES[word] + article,
        violations=violations or None,
        valid_from=valid_from or _VALID_FROM,
        valid_to=valid_to or None,
    )
