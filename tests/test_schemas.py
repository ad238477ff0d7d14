"""The landed Data Package: totals, texts for readers, keys, patterns, legal basis.

Everything is read from ``datasets/`` itself, so a schema that drifts from the
33 tables, 296 fields and six categories fails here first.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import frictionless
import pytest

DATASETS = Path(__file__).resolve().parents[1] / "datasets"
CHINESE = re.compile(r"[\u4e00-\u9fff]")

# Order 31 of 2014, article 9: fields by category, 296 together.
FIELDS_BY_CATEGORY = {1: 54, 2: 97, 3: 52, 4: 38, 5: 24, 6: 31}
TABLES_BY_CATEGORY = {1: 6, 2: 10, 3: 6, 4: 4, 5: 3, 6: 4}
CLAUSE = {1: "（一）", 2: "（二）", 3: "（三）", 4: "（四）", 5: "（五）", 6: "（六）"}

# The only numbers without a unit of their own: a ratio of two masses, and a
# limit whose unit stands in the next column of the same row.
UNITLESS = {("risk_source", "q_ratio"), ("standard_limit", "limit_value")}

Json = dict[str, Any]


def read_json(path: Path) -> Json:
    content: Json = json.loads(path.read_text(encoding="utf-8"))
    return content


PACKAGE = read_json(DATASETS / "datapackage.json")
RESOURCES: dict[str, Json] = {resource["name"]: resource for resource in PACKAGE["resources"]}
SCHEMAS: dict[str, Json] = {
    name: read_json(DATASETS / resource["schema"]) for name, resource in RESOURCES.items()
}
DISCLOSURE = [name for name, resource in RESOURCES.items() if resource["group"] == "disclosure"]
FIELDS = [(name, field) for name, schema in SCHEMAS.items() for field in schema["fields"]]
PATTERNS = [
    (name, field["name"], field["constraints"]["pattern"])
    for name, field in FIELDS
    if "pattern" in field.get("constraints", {})
]


def field_names(table: str) -> list[str]:
    return [field["name"] for field in SCHEMAS[table]["fields"]]


def find_field(table: str, name: str) -> Json:
    return next(field for field in SCHEMAS[table]["fields"] if field["name"] == name)


def split_alternatives(pattern: str) -> list[str]:
    """The pattern cut at each ``|`` outside groups, classes and escapes."""
    parts, depth, in_class, escaped = [""], 0, False, False
    for character in pattern:
        if not escaped and not in_class and depth == 0 and character == "|":
            parts.append("")
            continue
        parts[-1] += character
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif in_class:
            in_class = character != "]"
        elif character == "[":
            in_class = True
        elif character in "()":
            depth += 1 if character == "(" else -1
    return parts


def accepts(table: str, name: str, cell: str) -> bool:
    """Whether Frictionless itself takes the cell for this field."""
    schema = frictionless.Schema.from_descriptor(SCHEMAS[table])
    _, notes = schema.get_field(name).create_cell_reader()(cell)
    return not notes


# --- totals


def test_the_package_has_33_disclosure_tables_13_supplementary_ones_and_the_readings() -> None:
    groups = Counter(resource["group"] for resource in RESOURCES.values())
    assert groups == {"disclosure": 33, "supplement": 13, "monitoring": 1}


def test_the_disclosure_tables_have_296_fields_in_six_categories() -> None:
    tables: Counter[int] = Counter()
    fields: Counter[int] = Counter()
    for name in DISCLOSURE:
        category = RESOURCES[name]["category"]
        tables[category] += 1
        fields[category] += len(SCHEMAS[name]["fields"])
    assert tables == TABLES_BY_CATEGORY
    assert fields == FIELDS_BY_CATEGORY
    assert fields.total() == 296


def test_the_disclosure_tables_are_numbered_1_to_33_in_order_of_category() -> None:
    assert [RESOURCES[name]["number"] for name in DISCLOSURE] == list(range(1, 34))
    categories = [RESOURCES[name]["category"] for name in DISCLOSURE]
    assert all(before <= after for before, after in pairwise(categories))


def test_every_schema_file_belongs_to_exactly_one_resource() -> None:
    used = Counter(resource["schema"] for resource in RESOURCES.values())
    present = {f"schemas/{path.name}" for path in (DATASETS / "schemas").glob("*.json")}
    assert set(used) == present
    assert set(used.values()) == {1}
    assert len(RESOURCES) == len(PACKAGE["resources"])


# --- texts


@pytest.mark.parametrize(
    ("table", "field"), FIELDS, ids=[f"{table}.{field['name']}" for table, field in FIELDS]
)
def test_a_field_has_a_chinese_title_and_a_full_sentence(table: str, field: Json) -> None:
    title, description = field["title"], field["description"]
    assert CHINESE.search(title)
    assert CHINESE.search(description)
    assert description.endswith("。"), f"{table}.{field['name']} is not a sentence"
    assert description.removesuffix("。") != title, "the title said twice tells a clerk nothing"
    assert description == description.strip()


def test_every_number_has_its_unit() -> None:
    missing = {
        (table, field["name"])
        for table, field in FIELDS
        if field["type"] in ("number", "integer") and not field.get("unit")
    }
    assert missing == UNITLESS


def test_only_numbers_have_units() -> None:
    stray = [
        (table, field["name"])
        for table, field in FIELDS
        if "unit" in field and field["type"] not in ("number", "integer")
    ]
    assert stray == []


def test_the_package_says_that_it_is_a_demonstration_and_under_which_licence() -> None:
    assert "演示数据" in PACKAGE["description"]
    assert PACKAGE["version"] == "2016.07.03"
    (licence,) = PACKAGE["licenses"]
    assert licence["name"] == "CC-BY-4.0"
    assert licence["path"] == "https://creativecommons.org/licenses/by/4.0/"
    assert CHINESE.search(licence["title"])


@pytest.mark.parametrize("table", RESOURCES)
def test_a_resource_says_what_it_holds_and_how_often_it_is_renewed(table: str) -> None:
    resource = RESOURCES[table]
    for key in ("title", "description", "cadence"):
        assert CHINESE.search(resource[key]), key
    assert not re.search(r"[A-Za-z]{3,}", resource["cadence"]), "the cadence is for Chinese readers"


# --- legal basis


@pytest.mark.parametrize("table", DISCLOSURE)
def test_a_disclosure_table_names_its_clause_in_both_orders(table: str) -> None:
    resource = RESOURCES[table]
    basis = resource["legal_basis"]
    assert set(basis) == {"order31-2014", "order24-2021"}
    assert "第九条" in basis["order31-2014"]
    assert re.search(r"第十二条第（[一二三五六七]）项", basis["order24-2021"])
    # The self-monitoring plan alone rests on the last paragraph, not on a numbered item.
    expected = "第二款" if table == "self_monitor_plan" else f"第{CLAUSE[resource['category']]}项"
    assert expected in basis["order31-2014"]


@pytest.mark.parametrize("table", [name for name in RESOURCES if name not in DISCLOSURE])
def test_another_table_names_the_law_or_notice_it_rests_on(table: str) -> None:
    basis = RESOURCES[table]["legal_basis"]
    assert "《" in basis["other"]
    assert set(basis) <= {"order31-2014", "order24-2021", "other"}


# --- files


@pytest.mark.parametrize("table", RESOURCES)
def test_a_resource_declares_how_its_file_is_written(table: str) -> None:
    resource = RESOURCES[table]
    assert resource["path"] == f"tables/{table}.{resource['format']}"
    if table == "monitoring":
        assert resource["format"] == "parquet"
        return
    assert resource["encoding"] == "utf-8"
    assert resource["dialect"]["header"] is True
    assert resource["dialect"]["csv"] == {
        "delimiter": ",",
        "quoteChar": '"',
        "doubleQuote": True,
        "skipInitialSpace": False,
    }


@pytest.mark.parametrize("table", RESOURCES)
def test_a_schema_file_is_written_in_the_one_agreed_form(table: str) -> None:
    path = DATASETS / RESOURCES[table]["schema"]
    expected = json.dumps(SCHEMAS[table], ensure_ascii=False, indent=2) + "\n"
    assert path.read_bytes() == expected.encode("utf-8")


# --- Frictionless


@pytest.mark.parametrize("table", RESOURCES)
def test_frictionless_reads_the_schema_without_complaint(table: str) -> None:
    path = DATASETS / RESOURCES[table]["schema"]
    assert list(frictionless.Schema.metadata_validate(SCHEMAS[table])) == []
    assert frictionless.Schema.from_descriptor(str(path)).field_names == field_names(table)


def test_frictionless_reads_the_package_without_complaint() -> None:
    assert list(frictionless.Package.metadata_validate(PACKAGE)) == []
    package = frictionless.Package(str(DATASETS / "datapackage.json"))
    assert package.resource_names == list(RESOURCES)


def test_the_words_for_absence_are_the_same_in_every_table() -> None:
    for name, schema in SCHEMAS.items():
        assert schema["missingValues"] == ["", "不适用", "不公开"], name


def test_a_field_that_lists_not_applicable_keeps_it_as_a_word() -> None:
    listed = {
        (table, field["name"])
        for table, field in FIELDS
        if "不适用" in field.get("constraints", {}).get("enum", [])
    }
    assert listed == {("drill_event", "event_level"), ("wastewater_outlet", "water_class")}
    for table, name in listed:
        assert find_field(table, name)["missingValues"] == [""]
        assert accepts(table, name, "不适用")


def test_yes_and_no_are_the_only_booleans() -> None:
    booleans = [field for _, field in FIELDS if field["type"] == "boolean"]
    assert booleans
    for field in booleans:
        assert (field["trueValues"], field["falseValues"]) == (["是"], ["否"])


# --- keys


@pytest.mark.parametrize("table", RESOURCES)
def test_every_part_of_a_primary_key_is_a_required_field(table: str) -> None:
    key = SCHEMAS[table]["primaryKey"]
    assert key
    for name in key:
        assert find_field(table, name)["constraints"]["required"] is True


@pytest.mark.parametrize("table", RESOURCES)
def test_a_foreign_key_points_at_fields_that_exist(table: str) -> None:
    for key in SCHEMAS[table].get("foreignKeys", []):
        target = key["reference"]["resource"] or table
        assert target in RESOURCES
        assert len(key["fields"]) == len(key["reference"]["fields"])
        assert set(key["fields"]) <= set(field_names(table))
        assert set(key["reference"]["fields"]) <= set(field_names(target))
        # A row is found by the target's key or by the leading part of it.
        parts = len(key["reference"]["fields"])
        assert key["reference"]["fields"] == SCHEMAS[target]["primaryKey"][:parts]


@pytest.mark.parametrize("table", [name for name in DISCLOSURE if name != "enterprise_profile"])
def test_every_disclosure_table_hangs_on_the_register(table: str) -> None:
    wanted = {
        "fields": ["site_code"],
        "reference": {"resource": "enterprise_profile", "fields": ["site_code"]},
    }
    assert wanted in SCHEMAS[table]["foreignKeys"]


@pytest.mark.parametrize(
    ("table", "outlets"),
    [
        ("wastewater_concentration", "wastewater_outlet"),
        ("exhaust_concentration", "exhaust_outlet"),
    ],
)
def test_a_concentration_names_an_outlet_of_its_own_site(table: str, outlets: str) -> None:
    schema = SCHEMAS[table]
    assert schema["primaryKey"] == ["site_code", "outlet_code", "pollutant_code", "period"]
    pair = ["site_code", "outlet_code"]
    wanted = {"fields": pair, "reference": {"resource": outlets, "fields": pair}}
    assert wanted in schema["foreignKeys"]
    # DW001 exists at every site: a key on the outlet alone would prove nothing.
    assert all(key["fields"] != ["outlet_code"] for key in schema["foreignKeys"])


# --- patterns


@pytest.mark.parametrize(
    ("table", "name", "pattern"), PATTERNS, ids=[f"{table}.{name}" for table, name, _ in PATTERNS]
)
def test_a_pattern_is_safe_between_the_anchors_frictionless_adds(
    table: str, name: str, pattern: str
) -> None:
    """Frictionless matches ``^pattern$``: a bare ``a|b`` would accept ``ax``."""
    re.compile(pattern)
    assert split_alternatives(pattern) == [pattern], f"{table}.{name}: wrap the alternatives"
    assert not pattern.startswith("^")
    assert not pattern.endswith("$")


def test_the_splitter_sees_a_bare_alternative() -> None:
    assert split_alternatives("a|b") == ["a", "b"]
    assert split_alternatives("(?:a|b)") == ["(?:a|b)"]
    assert split_alternatives(r"[|]\|(?:c|d)|e") == [r"[|]\|(?:c|d)", "e"]


@pytest.mark.parametrize(
    ("table", "name", "cell", "accepted"),
    [
        ("enterprise_profile", "site_code", "91990101MA00000012001P", True),
        ("enterprise_profile", "site_code", "H9990101000000012a001P", True),
        ("enterprise_profile", "site_code", "H9990101745604650k0011", True),
        ("enterprise_profile", "site_code", "L990101-745604650001", True),
        # No credit code: the 18th character is lower-case, and neither i nor o.
        ("enterprise_profile", "site_code", "H9990101000000012i001P", False),
        ("enterprise_profile", "site_code", "H9990101000000012o001P", False),
        ("enterprise_profile", "site_code", "H9990101000000012a", False),
        ("enterprise_profile", "site_code", "x91990101MA00000012001P", False),
        ("enterprise_profile", "site_code", "91990101MA0000001I001P", False),
        ("enterprise_profile", "site_code", "L990101-../../etc", False),
        ("enterprise_profile", "uscc", "91990101MA00000012", True),
        ("enterprise_profile", "uscc", "H9990101000000012a", True),
        ("enterprise_profile", "uscc", "91990101MA0000001", False),
        ("enterprise_profile", "key_class", "水、大气", True),
        ("enterprise_profile", "key_class", "水,大气", False),
        ("enterprise_profile", "operating_status", "长期停产", True),
        ("enterprise_contact", "public_phone", "0990-1234567", True),
        ("enterprise_contact", "public_phone", "13900000000", False),
        ("self_monitor_plan", "outlet_code", "DW001x", False),
        ("disclosure_record", "change_type", "依法不公开", True),
        ("division", "division_code", "990101001", True),
        ("division", "division_code", "99010101", False),
        ("division", "level", "乡", True),
        ("exposure_case", "photo_ref", "photos/bg2016w26-001.png", True),
        ("exposure_case", "photo_ref", "photos/../secret.png", False),
        ("exposure_case", "measure_kind", "罚款、查封扣押", True),
        ("exposure_case", "measure_kind", "罚款查封扣押", False),
        ("bulletin", "iso_week", "2015-W53", True),
        ("bulletin", "iso_week", "2015-W54", False),
    ],
)
def test_frictionless_takes_and_refuses_what_the_catalogue_says(
    table: str, name: str, cell: str, accepted: bool
) -> None:
    assert accepts(table, name, cell) is accepted


# --- the mends of docs/adr/0002-catalogue-mends.md


def test_the_ledger_can_carry_every_figure_published_about_it() -> None:
    assert len(find_field("illegal_project", "sector")["constraints"]["enum"]) == 14
    wanted = {"township_code", "site_code", "sector", "penalty_no", "penalty_date", "fine"}
    assert wanted <= set(field_names("illegal_project"))
    assert find_field("illegal_project", "fine")["unit"] == "万元"


def test_an_exposure_follows_the_four_things_that_may_not_be_let_go() -> None:
    followed = {"cause_found_date", "duty_fixed_date", "case_filed_date", "rectified_date"}
    assert followed <= set(field_names("exposure_case"))


def test_the_responsibility_catalogue_has_five_parts_and_the_leagues_their_adoption() -> None:
    assert len(find_field("responsibility", "part")["constraints"]["enum"]) == 5
    assert SCHEMAS["duty_adoption"]["primaryKey"] == ["division_code"]
    assert "已印发" in find_field("duty_adoption", "status")["constraints"]["enum"]


def test_the_bulletin_counts_refused_projects_and_their_investment() -> None:
    assert find_field("bulletin", "eia_refused")["type"] == "integer"
    assert find_field("bulletin", "eia_refused_invest")["unit"] == "万元"
