"""Reading the `convert:` list of a mapping file into conversions."""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Final, Literal, cast

from generator.data.intake.convert import (
    CheckUscc,
    DateForm,
    HalfWidth,
    Integer,
    MapEach,
    MapValue,
    Number,
    OneLine,
    Pattern,
    ReadDate,
    RemoveSpaces,
    Replace,
    Scale,
    Step,
    Substitute,
    UpperCase,
    read_date_form,
)
from generator.data.intake.nodes import NodeReader
from generator.data.intake.yamltext import Node

ValueMaps = Mapping[str, Mapping[str, str]]

_PLAIN_NUMBER: Final = Number(".", "", (), "refuse", "refuse", {})

_BARE: Final[Mapping[str, Step]] = {
    "halfwidth": HalfWidth(),
    "upper": UpperCase(),
    "one_line": OneLine(),
    "remove_spaces": RemoveSpaces(),
    "number": _PLAIN_NUMBER,
    "integer": Integer(),
    "uscc": CheckUscc(),
}


def read_steps(reader: NodeReader, node: Node, where: str, maps: ValueMaps) -> tuple[Step, ...]:
    """The conversions in their order; faults go to the reader."""
    found: list[Step] = []
    for position, item in enumerate(reader.read_list(node, where), 1):
        step = _read_step(reader, item, f"{where}[{position}]", maps)
        if step is not None:
            found.append(step)
    return tuple(found)


def _read_step(reader: NodeReader, node: Node, where: str, maps: ValueMaps) -> Step | None:
    known = "、".join((*_BARE, *_READERS))
    if isinstance(node.content, str):
        if node.content in _BARE:
            return _BARE[node.content]
        reader.complain(node, where, f"不认得的转换“{node.content}”；可用的转换：{known}")
        return None
    pairs = reader.read_pairs(node, where)
    if len(pairs) != 1:
        if isinstance(node.content, Mapping):
            reader.complain(node, where, "每一步转换只写一个名称")
        return None
    name, options = next(iter(pairs.items()))
    if name not in _READERS:
        reader.complain(node, where, f"不认得的转换“{name}”；可用的转换：{known}")
        return None
    return _READERS[name](reader, options, f"{where}.{name}", maps)


def _read_number(reader: NodeReader, node: Node, where: str, _maps: ValueMaps) -> Step:
    keys = reader.read_keys(
        node, where, ("decimal", "thousands", "units", "range", "below", "words")
    )
    decimal = (
        reader.read_choice(keys["decimal"], f"{where}.decimal", (".", ","))
        if ("decimal" in keys)
        else "."
    )
    thousands = (
        reader.read_choice(keys["thousands"], f"{where}.thousands", (",", ""))
        if ("thousands" in keys)
        else ""
    )
    if decimal == "," and thousands == ",":
        reader.complain(node, where, "小数点和千位分隔不能都是逗号")
    units = reader.read_texts(keys["units"], f"{where}.units") if "units" in keys else ()
    span = (
        reader.read_choice(keys["range"], f"{where}.range", ("refuse", "low", "high"))
        if ("range" in keys)
        else "refuse"
    )
    below = (
        reader.read_choice(keys["below"], f"{where}.below", ("refuse", "limit", "empty"))
        if ("below" in keys)
        else "refuse"
    )
    words = _read_map_of_texts(reader, keys["words"], f"{where}.words") if "words" in keys else {}
    return Number(
        decimal,
        thousands,
        tuple(sorted(units, key=len, reverse=True)),
        cast(Literal["refuse", "low", "high"], span),
        cast(Literal["refuse", "limit", "empty"], below),
        words,
    )


def _read_date(
    part: Literal["date", "yearmonth", "year"],
) -> Callable[[NodeReader, Node, str, ValueMaps], Step]:
    def read(reader: NodeReader, node: Node, where: str, _maps: ValueMaps) -> Step:
        forms: list[DateForm] = []
        for text in reader.read_texts(node, where):
            form = read_date_form(text)
            if form is None:
                reader.complain(
                    node,
                    where,
                    f"不认得的日期写法“{text}”；例如 YYYY-MM-DD、YYYY年M月D日、"
                    "DD-MM-YYYY、YYYY-MM-DD hh:mm、epoch_ms+08:00",
                )
            else:
                forms.append(form)
        if not forms:
            reader.complain(node, where, "至少写一种日期写法")
        return ReadDate(tuple(forms), part)

    return read


def _read_map(reader: NodeReader, node: Node, where: str, maps: ValueMaps) -> MapValue:
    if isinstance(node.content, str):
        return _find_map(reader, node, where, maps, "list", "")
    keys = reader.read_keys(node, where, ("name", "values", "else"))
    otherwise, default = "list", ""
    if "else" in keys:
        rest = keys["else"]
        if isinstance(rest.content, str):
            otherwise = reader.read_choice(rest, f"{where}.else", ("list", "empty", "keep"))
        else:
            inner = reader.read_keys(rest, f"{where}.else", ("default",), ("default",))
            if "default" in inner:
                otherwise = "default"
                default = reader.read_filled(inner["default"], f"{where}.else.default")
    if ("name" in keys) == ("values" in keys):
        reader.complain(node, where, "写 name（值对照表的名称）或 values（对照），两者只写一个")
        return _map_value({}, "", "list", "")
    if "values" in keys:
        values = _read_map_of_texts(reader, keys["values"], f"{where}.values")
        return _map_value(values, "", otherwise, default)
    return _find_map(reader, keys["name"], f"{where}.name", maps, otherwise, default)


def _find_map(
    reader: NodeReader, node: Node, where: str, maps: ValueMaps, otherwise: str, default: str
) -> MapValue:
    name = reader.read_text(node, where)
    if name not in maps:
        reader.complain(node, where, f"maps 里没有名为“{name}”的值对照表")
    return _map_value(maps.get(name, {}), name, otherwise, default)


def _map_value(values: Mapping[str, str], name: str, otherwise: str, default: str) -> MapValue:
    shown = f"“{name}”" if name else ""
    kind = cast(Literal["list", "empty", "keep", "default"], otherwise)
    return MapValue(values, shown, kind, default)


def _read_map_each(reader: NodeReader, node: Node, where: str, maps: ValueMaps) -> Step:
    keys = reader.read_keys(node, where, ("separator", "join", "map"), ("separator", "join", "map"))
    separator = (
        reader.read_text(keys["separator"], f"{where}.separator") if ("separator" in keys) else ""
    )
    if not separator:
        reader.complain(node, where, "separator 不能为空")
    joiner = reader.read_text(keys["join"], f"{where}.join") if "join" in keys else ""
    value_map = (
        _read_map(reader, keys["map"], f"{where}.map", maps)
        if ("map" in keys)
        else _map_value({}, "", "list", "")
    )
    return MapEach(separator or ",", joiner, value_map)


def _read_pattern(reader: NodeReader, node: Node, where: str, _maps: ValueMaps) -> Step:
    if isinstance(node.content, str):
        return Pattern(reader.read_pattern(node, where), "list")
    keys = reader.read_keys(node, where, ("find", "else", "like"), ("find",))
    otherwise = (
        reader.read_choice(keys["else"], f"{where}.else", ("list", "empty"))
        if ("else" in keys)
        else "list"
    )
    pattern = reader.read_pattern(keys.get("find", Node(node.line, "x")), f"{where}.find")
    like = reader.read_text(keys["like"], f"{where}.like") if "like" in keys else ""
    if like and not pattern.search(like):
        reader.complain(keys["like"], f"{where}.like", f"“{like}”不合这里的 find")
    return Pattern(pattern, cast(Literal["list", "empty"], otherwise), like)


def _read_replace(reader: NodeReader, node: Node, where: str, _maps: ValueMaps) -> Step:
    return Replace(tuple(_read_map_of_texts(reader, node, where).items()))


def _read_substitute(reader: NodeReader, node: Node, where: str, _maps: ValueMaps) -> Step:
    keys = reader.read_keys(node, where, ("find", "by"), ("find", "by"))
    pattern = reader.read_pattern(keys.get("find", Node(node.line, "x")), f"{where}.find")
    by = reader.read_text(keys["by"], f"{where}.by") if "by" in keys else ""
    try:
        pattern.sub(by, "")
    except Exception:
        reader.complain(node, where, f"by 里引用了没有的分组：{by}")
        by = ""
    return Substitute(pattern, by)


def _read_scale(reader: NodeReader, node: Node, where: str, _maps: ValueMaps) -> Step:
    text = reader.read_text(node, where)
    try:
        factor = Decimal(text)
    except InvalidOperation:
        factor = Decimal(1)
        reader.complain(node, where, f"应为一个数，这里是“{text}”")
    if not factor.is_finite():
        reader.complain(node, where, f"应为一个数，这里是“{text}”")
        factor = Decimal(1)
    return Scale(factor)


def _read_map_of_texts(reader: NodeReader, node: Node, where: str) -> Mapping[str, str]:
    pairs = reader.read_pairs(node, where)
    return {key: reader.read_text(value, f"{where}.{key}") for key, value in pairs.items()}


_READERS: Final[Mapping[str, Callable[[NodeReader, Node, str, ValueMaps], Step]]] = {
    "number": _read_number,
    "date": _read_date("date"),
    "yearmonth": _read_date("yearmonth"),
    "year": _read_date("year"),
    "map": _read_map,
    "map_each": _read_map_each,
    "pattern": _read_pattern,
    "replace": _read_replace,
    "substitute": _read_substitute,
    "scale": _read_scale,
}
