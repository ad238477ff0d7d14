"""A mapping file's faults: all at once, in Chinese, each with its line and key."""

from pathlib import Path

import pytest
from intake_cases import DATASETS, map_sites, write_case

from generator.data.catalog import Catalog, read_catalog
from generator.data.intake.faults import MappingError
from generator.data.intake.mapping_reading import read_mapping


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return read_catalog(DATASETS)


def read(tmp_path: Path, catalog: Catalog, text: str) -> str:
    """The message of the refusal."""
    path = tmp_path / "mapping.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MappingError) as caught:
        read_mapping(path, catalog)
    return str(caught.value)


FIELD = "        former_name: "


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ("        no_such: 名称\n", ("没有字段“no_such”",)),
        (FIELD + "{}\n", ("应写且只写一个来源",)),
        (FIELD + "{column: 名称, constant: 甲}\n", ("应写且只写一个来源",)),
        (FIELD + "{colum: 名称}\n", ("不认得的键“colum”", "column、columns")),
        (FIELD + "[名称]\n", ("应为一组“键: 值”，这里是列表",)),
        (FIELD + "{columns: [名称, 编码]}\n", ("columns 要和 join",)),
        (FIELD + "{column: 名称, join: 、}\n", ("join 只能和 columns",)),
        (FIELD + "{column: 名称, number_per: [编码]}\n", ("number_per 只能和 template",)),
        (FIELD + "{template: '甲{名称'}\n", ("花括号不成对",)),
        (FIELD + "{template: '{名称|upper}'}\n", ("不认得的 {名称|upper}",)),
        (FIELD + "{template: '{=address}'}\n", ("{=address} 不是这条规则写了的字段",)),
        (FIELD + "{template: '{=former_name}'}\n", ("互相引用",)),
        (FIELD + "{template: '{名称}', number_per: [编码]}\n", ("模板里却没有 {#}",)),
        (FIELD + "{template: '{#}', convert: [upper]}\n", ("带编号 {#} 的模板",)),
        (FIELD + "{column: 名称, convert: [halfwith]}\n", ("不认得的转换“halfwith”", "halfwidth")),
        (FIELD + "{column: 名称, convert: [{number: 1, upper: 2}]}\n", ("只写一个名称",)),
        (FIELD + "{column: 名称, convert: [{nummer: {}}]}\n", ("不认得的转换“nummer”",)),
        (FIELD + "{column: 名称, convert: [{map: 不存在}]}\n", ("没有名为“不存在”的值对照表",)),
        (FIELD + "{column: 名称, convert: [{map: {else: list}}]}\n", ("name", "values")),
        (
            FIELD + "{column: 名称, convert: [{map: {values: {甲: 乙}, else: drop}}]}\n",
            ("应为 list、empty、keep 之一，这里是“drop”",),
        ),
        (FIELD + "{column: 名称, convert: [{pattern: '('}]}\n", ("不是合格的正则表达式",)),
        (FIELD + "{column: 名称, convert: [{date: [MM-DD]}]}\n", ("不认得的日期写法“MM-DD”",)),
        (FIELD + "{column: 名称, convert: [{date: []}]}\n", ("至少写一种",)),
        (FIELD + "{column: 名称, convert: [{scale: 甲}]}\n", ("应为一个数",)),
        (
            FIELD + "{column: 名称, convert: [{number: {decimal: ',', thousands: ','}}]}\n",
            ("不能都是逗号",),
        ),
        (
            FIELD + "{column: 名称, convert: [{substitute: {find: a, by: '\\2'}}]}\n",
            ("没有的分组",),
        ),
        (FIELD + "{lookup: {source: 无此, match: {a: 名称}, value: b}}\n", ("没有“无此”",)),
        (FIELD + "{lookup: {match: {a: 名称}, value: b}}\n", ("两者只写一个",)),
        (
            FIELD + "{lookup: {table: noise, match: {point_no: 名称}, value: site_code}}\n",
            ("只能查写在前面的表",),
        ),
        (
            FIELD + "{lookup: {table: division, match: {名称: 名称}, value: level}}\n",
            ("表 division 没有字段“名称”",),
        ),
        ("      where: {名称: {like: 甲}}\n", ("不认得的键“like”",)),
        ("      each: {split: {column: 名称, separator: '', as: 部}}\n", ("不能为空",)),
        ("      same_key: first\n", ("应为 reject、merge 之一",)),
    ],
)
def test_a_faulty_rule_is_named_with_its_line_and_key(
    tmp_path: Path, catalog: Catalog, fields: str, words: tuple[str, ...]
) -> None:
    text = map_sites(fields=fields)
    message = read(tmp_path, catalog, text)
    for word in words:
        assert word in message
    assert "tables.enterprise_profile[1]" in message
    line = int(message.split("第 ")[1].split(" 行")[0])
    start = text.splitlines().index("  enterprise_profile:")
    assert start <= line - 1 <= len(text.splitlines())


@pytest.mark.parametrize(
    ("relax", "word"),
    [
        ("  no_table.a: {required: false, reason: 因}\n", "没有名为“no_table”的表"),
        ("  noise.no_field: {required: false, reason: 因}\n", "没有字段“no_field”"),
        ("  noise.point_no: {required: false, reason: 因}\n", "是表 noise 的主键"),
        ("  noise.day_value: {required: false}\n", "缺少必需的键“reason”"),
        ("  noise.day_value: {required: true, reason: 因}\n", "应为 false"),
        ("  noise.day_value: {reason: 因}\n", "没有写明放宽什么"),
        ("  noise.day_value: {foreign_key: drop, reason: 因}\n", "不是表 noise 的外键"),
        ("  enterprise_profile.uscc: {required: false, reason: 因}\n", "已经放宽过"),
        ("  noise.day_value: {maximum: 很大, reason: 因}\n", "应为整数"),
    ],
)
def test_a_faulty_relaxation_is_named(
    tmp_path: Path, catalog: Catalog, relax: str, word: str
) -> None:
    assert word in read(tmp_path, catalog, map_sites(relax=relax))


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("{division_code: '990103', division_name: 丙区, level: 区}", "应为 省、市、县、乡 之一"),
        ("{division_code: 9901, division_name: 丙区, level: 县}", "写法不合"),
        ("{division_code: '990103', level: 县}", "必填字段 division_name（名称）没有值"),
        ("{division_code: '990103', name: 丙区, level: 县}", "没有字段“name”"),
    ],
)
def test_a_bad_row_written_in_the_mapping_is_a_fault_of_the_mapping(
    tmp_path: Path, catalog: Catalog, row: str, word: str
) -> None:
    text = map_sites().replace("    - rows:\n", f"    - rows:\n        - {row}\n", 1)
    message = read(tmp_path, catalog, text)
    assert word in message
    assert "tables.division[1].rows[1]" in message


def test_rows_written_in_the_mapping_must_have_keys_that_hold(tmp_path: Path) -> None:
    twice = "        - {division_code: '990102', division_name: 丁区, level: 县}\n"
    again = "        - {division_code: '990100', division_name: 甲市, parent_code: '990000', "
    mapping = map_sites().replace(
        "  enterprise_profile:\n    - source",
        f"{twice}{again}level: 市}}\n  enterprise_profile:\n    - source",
        1,
    )
    case = write_case(tmp_path, mapping, {"sites.csv": "编码,名称\nA1,清源化工有限公司\n"})
    with pytest.raises(MappingError) as caught:
        case.run()
    lines = str(caught.value).splitlines()
    assert len(lines) == 2
    assert "写定的第 4 行" in lines[0]
    assert "已有同一主键的行" in lines[0]
    assert "完全相同" in lines[1]
    assert not case.out.exists()


def test_every_fault_is_told_at_once(tmp_path: Path, catalog: Catalog) -> None:
    text = map_sites(
        source="    encodng: utf-8\n    unused: {电话: ''}\n",
        fields=FIELD + "{column: 名称, convert: [{map: 无此表}]}\n",
        relax="  noise.nothing: {required: false, reason: 因}\n",
        tables="  not_a_table:\n    - {source: sites, fields: {}}\n",
    )
    message = read(tmp_path, catalog, text)
    lines = message.splitlines()
    assert len(lines) == 5
    for word in ("encodng", "unused.电话：不能为空", "无此表", "noise.nothing", "not_a_table"):
        assert sum(word in line for line in lines) == 1
    assert all(line.startswith("mapping.yml 第 ") for line in lines)


def test_a_required_field_without_source_or_relaxation_is_told_before_any_row(
    tmp_path: Path, catalog: Catalog
) -> None:
    text = map_sites().replace("uscc, legal_rep,", "legal_rep,")
    message = read(tmp_path, catalog, text)
    assert "必填字段 uscc（统一社会信用代码）没有来源" in message
    assert "enterprise_profile.uscc: {required: false" in message


def test_a_source_that_no_rule_uses_must_say_why(tmp_path: Path, catalog: Catalog) -> None:
    extra = "  other:\n    file: other.csv\n    encoding: utf-8\n"
    text = map_sites(source=extra)
    assert "sources.other：没有规则使用这个来源" in read(tmp_path, catalog, text)
    (tmp_path / "mapping.yml").write_text(
        map_sites(source=extra + "    otherwise: 本目录没有这类表\n"), encoding="utf-8"
    )
    mapping = read_mapping(tmp_path / "mapping.yml", catalog)
    assert mapping.sources["other"].otherwise == "本目录没有这类表"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ("文件是空的",)),
        ("mapping: [1\n", ("YAML 写法有错", "第 2 行")),
        ("甲: 1\n甲: 2\n", ("键“甲”在第 1 行已经写过", "第 2 行")),
        ("a: &x {b: *x}\n", ("别名引用了自己",)),
        ("? [1, 2]\n: 3\n", ("键应为文字",)),
        ("只是文字\n", ("应为一组“键: 值”",)),
        ("mapping: '2'\n", ("应为 1 之一", "缺少必需的键“package”", "缺少必需的键“tables”")),
    ],
)
def test_a_file_that_is_no_mapping_is_refused(
    tmp_path: Path, catalog: Catalog, text: str, words: tuple[str, ...]
) -> None:
    message = read(tmp_path, catalog, text)
    for word in words:
        assert word in message


def test_a_missing_or_foreign_encoded_mapping_file_is_one_clear_error(
    tmp_path: Path, catalog: Catalog
) -> None:
    with pytest.raises(MappingError, match="找不到映射文件"):
        read_mapping(tmp_path / "none.yml", catalog)
    path = tmp_path / "gbk.yml"
    path.write_bytes("标题: 甲".encode("gb18030"))
    with pytest.raises(MappingError, match="不是 UTF-8 编码"):
        read_mapping(path, catalog)


def test_words_that_yaml_would_change_stay_as_written(tmp_path: Path, catalog: Catalog) -> None:
    maps = "maps:\n  codes:\n    no: 0371\n    2016-05-01: on\n"
    path = tmp_path / "mapping.yml"
    path.write_text(
        map_sites(maps=maps, fields=FIELD + "{column: 名称, convert: [{map: codes}]}\n"),
        encoding="utf-8",
    )
    mapping = read_mapping(path, catalog)
    step = mapping.rows[1].fields["former_name"].steps[0]  # type: ignore[union-attr]
    assert step.apply("no") == "0371"
    assert step.apply("2016-05-01") == "on"
