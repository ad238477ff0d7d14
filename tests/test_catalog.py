"""Reading the descriptor and the schemas, and refusing what cannot be read."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from package_factory import DATASETS, write_package

from generator.cache import Cache
from generator.data import catalog as catalog_module
from generator.data.catalog import ForeignKey, read_catalog
from generator.errors import DatasetError
from generator.profiles.profile import read_profile

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_package(tmp_path / "datasets")


def change_descriptor(root: Path, change: Change) -> None:
    change_json(root / "datapackage.json", change)


def change_json(path: Path, change: Change) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def refusal(root: Path) -> str:
    with pytest.raises(DatasetError) as caught:
        read_catalog(root)
    return str(caught.value)


def test_the_landed_catalog_has_33_disclosure_tables_296_fields_and_six_categories() -> None:
    catalog = read_catalog(DATASETS)
    assert [table.number for table in catalog.disclosure] == list(range(1, 34))
    assert sum(len(table.fields) for table in catalog.disclosure) == 296
    assert {table.category for table in catalog.disclosure} == set(read_profile().short_titles())
    assert len(read_profile().categories) == 6
    assert len(catalog.tables) == 47


def test_a_field_carries_everything_its_schema_says() -> None:
    catalog = read_catalog(DATASETS)
    outlet = catalog.table("wastewater_outlet")
    assert outlet.primary_key == ("site_code", "outlet_code")
    assert outlet.field("longitude").minimum == 73
    assert outlet.field("longitude").maximum == 136
    assert outlet.field("longitude").unit == "°"
    assert outlet.field("water_class").missing_values == ("",)
    assert "不适用" in outlet.field("water_class").enum
    assert outlet.field("outlet_name").missing_values == ("", "不适用", "不公开")
    assert outlet.field("outlet_name").max_length == 100
    assert outlet.field("online_monitored").true_values == ("是",)
    assert outlet.field("outlet_code").pattern == "DW[0-9]{3}"
    assert outlet.field("outlet_code").required
    assert catalog.table("enterprise_contact").field("public_email").format == "email"
    assert outlet.path == (DATASETS / "tables" / "wastewater_outlet.csv").resolve()


def test_a_reference_to_the_table_itself_is_given_its_name() -> None:
    division = read_catalog(DATASETS).table("division")
    assert division.foreign_keys == (ForeignKey(("parent_code",), "division", ("division_code",)),)


def test_an_unknown_table_or_field_is_a_key_error() -> None:
    catalog = read_catalog(DATASETS)
    assert catalog.has_table("noise")
    assert not catalog.has_table("nose")
    with pytest.raises(KeyError, match="nose"):
        catalog.table("nose")
    with pytest.raises(KeyError, match="colour"):
        catalog.table("noise").field("colour")


def test_a_catalog_can_be_read_before_any_table_file_exists(root: Path) -> None:
    for path in (root / "tables").iterdir():
        path.unlink()
    assert len(read_catalog(root).tables) == 47


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    assert "找不到数据集文件夹" in refusal(tmp_path / "none")


def test_a_folder_without_a_descriptor_is_named(tmp_path: Path) -> None:
    assert "没有 datapackage.json" in refusal(tmp_path)


def test_broken_json_is_told_with_file_and_line(root: Path) -> None:
    path = root / "datapackage.json"
    path.write_text('{\n  "resources": [\n    {"name" "x"}\n  ]\n}', encoding="utf-8")
    assert "datapackage.json 第 3 行第 13 个字符" in refusal(root)


def test_a_descriptor_in_another_encoding_is_told_with_its_byte(root: Path) -> None:
    (root / "datapackage.json").write_bytes('{"title": "环境"}'.encode("gbk"))
    assert "第 12 个字节不是 UTF-8" in refusal(root)


@pytest.mark.parametrize("content", ["[]", "{}", '{"resources": []}', '{"resources": {}}'])
def test_a_descriptor_without_tables_is_refused(root: Path, content: str) -> None:
    (root / "datapackage.json").write_text(content, encoding="utf-8")
    assert "datapackage.json：" in refusal(root)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(lambda r: r.pop("path"), "没有 path", id="no path"),
        pytest.param(lambda r: r.update(path=["a.csv"]), "没有 path", id="path is a list"),
        pytest.param(lambda r: r.update(path="../a.csv"), "文件夹之外", id="path climbs out"),
        pytest.param(lambda r: r.update(path="tables/../../a"), "文件夹之外", id="path turns out"),
        pytest.param(lambda r: r.update(path="/etc/passwd"), "文件夹之外", id="absolute path"),
        pytest.param(lambda r: r.update(path="https://x.cn/a"), "文件夹之外", id="path is a URL"),
        pytest.param(lambda r: r.update(path="tables\\a.csv"), "文件夹之外", id="backslash"),
        pytest.param(lambda r: r.update(schema="../s.json"), "文件夹之外", id="schema climbs out"),
        pytest.param(lambda r: r.pop("schema"), "没有 schema", id="no schema"),
        pytest.param(lambda r: r.update(schema="schemas/no.json"), "找不到表结构", id="no file"),
        pytest.param(lambda r: r.update(name="企业"), "name 为", id="name in Chinese"),
        pytest.param(lambda r: r.update(format="xlsx"), "csv、parquet", id="another format"),
        pytest.param(lambda r: r.update(group="other"), "disclosure、", id="another group"),
        pytest.param(lambda r: r.pop("encoding"), "encoding", id="undeclared encoding"),
        pytest.param(lambda r: r.update(encoding="gbk"), "encoding", id="another encoding"),
        pytest.param(
            lambda r: r["dialect"]["csv"].update(delimiter=";"), "delimiter", id="another delimiter"
        ),
        pytest.param(lambda r: r["dialect"].update(header=False), "header", id="no header"),
        pytest.param(lambda r: r["dialect"].update(commentChar="#"), "commentChar", id="comments"),
    ],
)
def test_a_faulty_resource_is_refused_by_name(root: Path, change: Change, words: str) -> None:
    change_descriptor(root, lambda descriptor: change(descriptor["resources"][7]))
    text = refusal(root)
    assert words in text
    assert "exhaust_outlet" in text or "第 8 个表" in text or "schemas/no.json" in text


def test_a_link_that_leads_out_of_the_folder_is_refused(root: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("x", encoding="utf-8")
    (root / "tables" / "noise.csv").unlink()
    (root / "tables" / "noise.csv").symlink_to(tmp_path / "secret.csv")
    assert "文件夹之外" in refusal(root)


def test_two_tables_of_one_name_or_in_one_file_are_refused(root: Path) -> None:
    def change(descriptor: dict[str, Any]) -> None:
        descriptor["resources"][1]["name"] = "enterprise_profile"
        descriptor["resources"][3]["path"] = "tables/Production_service.csv"

    change_descriptor(root, change)
    text = refusal(root)
    assert "name 'enterprise_profile' 出现了不止一次" in text
    assert "path 'tables/production_service.csv' 出现了不止一次" in text


def test_all_faults_of_the_descriptor_and_the_schemas_are_told_at_once(root: Path) -> None:
    def change(descriptor: dict[str, Any]) -> None:
        del descriptor["resources"][0]["path"]
        del descriptor["resources"][0]["encoding"]
        descriptor["resources"][2]["schema"] = "schemas/none.json"

    change_descriptor(root, change)
    (root / "schemas" / "noise.json").write_text("{", encoding="utf-8")
    lines = refusal(root).splitlines()
    assert len(lines) == 4
    assert [part for part in ("path", "encoding", "none.json", "noise.json") if part in str(lines)]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(lambda s: s["fields"][0].update(type="text"), "text", id="unknown type"),
        pytest.param(lambda s: s.update(primaryKey=["nobody"]), "primary key", id="unknown key"),
        pytest.param(lambda s: s.pop("fields"), "noise.json", id="no fields"),
        pytest.param(lambda s: s["fields"].append(s["fields"][0]), "not unique", id="twice"),
        pytest.param(
            lambda s: s["fields"][0]["constraints"].update(unique=True),
            "请改用 primaryKey",
            id="unchecked constraint",
        ),
        pytest.param(
            lambda s: s["fields"][0]["constraints"].update(pattern="(["),
            "不是合格的正则表达式",
            id="broken pattern",
        ),
        pytest.param(
            lambda s: s["foreignKeys"][0]["reference"].update(resource="nowhere"),
            "没有这个表",
            id="reference to no table",
        ),
        pytest.param(
            lambda s: s["foreignKeys"][0]["reference"].update(fields=["nobody"]),
            "没有这个字段",
            id="reference to no field",
        ),
    ],
)
def test_a_schema_that_frictionless_refuses_is_refused_with_its_file(
    root: Path, change: Change, words: str
) -> None:
    change_json(root / "schemas" / "noise.json", change)
    text = refusal(root)
    assert words in text
    assert "noise" in text


def test_a_schema_known_as_sound_is_not_judged_again_and_a_changed_one_is(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[str] = []
    judge = catalog_module._judge_schema

    def note(schema: dict[str, object], shown: str) -> None:
        judged.append(shown)
        judge(schema, shown)

    monkeypatch.setattr(catalog_module, "_judge_schema", note)
    first = read_catalog(root, cache=Cache(tmp_path / "cache", "program"))
    assert len(judged) == len(first.tables)
    judged.clear()
    assert read_catalog(root, cache=Cache(tmp_path / "cache", "program")) == first
    assert judged == []
    change_json(root / "schemas" / "noise.json", lambda schema: schema.update(fields=[]))
    for _ in range(2):  # a fault is told as long as it stands
        with pytest.raises(DatasetError, match="noise"):
            read_catalog(root, cache=Cache(tmp_path / "cache", "program"))
    assert judged == ["schemas/noise.json"] * 2
    judged.clear()
    read_catalog(DATASETS, cache=Cache(tmp_path / "cache", "another program"))
    assert len(judged) == len(first.tables)
