"""Under which law a province discloses: tables, categories, terms and words follow the setting."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from package_factory import SITE_CODE, VALID_TABLES, write_package
from small_province import ROOT, cut_province

from generator.cli import main
from generator.config import read_config
from generator.data.catalog import read_catalog
from generator.data.check import check_dataset
from generator.data.disclosure_terms import find_change_due
from generator.domain.timeliness import read_timeliness
from generator.errors import ConfigError, DatasetError
from generator.profiles.profile import Profile, list_profiles, read_profile
from generator.starter.project import Province, create_project

ORDER_31 = read_profile("order31-2014")
ORDER_24 = read_profile("order24-2021")
DESCRIPTOR = json.loads((ROOT / "datasets/datapackage.json").read_text(encoding="utf-8"))


def test_the_committed_dataset_is_described_as_the_default_profile_sorts_it() -> None:
    """So that nothing of a site changes where the setting is left out."""
    adapted = read_profile().adapt(DESCRIPTOR)
    assert json.dumps(adapted) == json.dumps(DESCRIPTOR)
    disclosed = [r for r in DESCRIPTOR["resources"] if r["group"] == "disclosure"]
    assert [r["name"] for r in sorted(disclosed, key=lambda r: r["number"])] == [*ORDER_31.tables]
    assert (ORDER_31.table_count, len(ORDER_31.categories)) == (33, 6)


@pytest.mark.parametrize("name", list_profiles())
def test_a_profile_names_each_table_once_and_brings_the_schemas_of_its_own(name: str) -> None:
    profile = read_profile(name)
    assert len(set(profile.tables)) == profile.table_count
    described = {resource["name"] for resource in DESCRIPTOR["resources"]}
    assert set(profile.tables) - described == set(profile.own_tables)
    for resource in profile.own_resources():
        assert name in resource["legal_basis"]
        fields = profile.read_schema(resource["name"])["fields"]
        assert all(field["title"] and field["description"] for field in fields)
    assert set(profile.cadences) | set(profile.terms.change_tables) <= set(profile.tables)
    terms = profile.terms
    assert bool(terms.first_days) != bool(terms.first_by)
    assert bool(terms.change_days) != bool(terms.change_workdays)


def test_order_24_keeps_all_33_tables_and_adds_what_article_12_asks_for_besides() -> None:
    assert set(ORDER_24.tables) - set(ORDER_31.tables) == {
        "carbon_emission",
        "environmental_tax",
        "pollution_insurance",
    }
    assert set(ORDER_31.tables) <= set(ORDER_24.tables)
    assert [c.title for c in ORDER_24.categories][3] == "碳排放信息"
    for resource in ORDER_24.adapt(DESCRIPTOR)["resources"]:
        if resource["group"] == "disclosure":
            law, words = next(iter(resource["legal_basis"].items()))
            assert law == "order24-2021"
            title = ORDER_24.title_of(resource["category"])
            assert title in words, resource["name"]


def test_prose_that_a_profile_rewrites_stands_in_the_hand_written_pages() -> None:
    for name, pairs in ORDER_24.prose.items():
        text = (ROOT / "site_src" / name).read_text(encoding="utf-8")
        for found, instead in pairs.items():
            assert found in text, (name, found)
            assert instead not in text


def test_terms_are_counted_as_each_law_counts_them() -> None:
    listed = dt.date(2024, 3, 29)
    assert ORDER_31.terms.find_first_due(listed) == dt.date(2024, 6, 27)
    assert ORDER_24.terms.find_first_due(listed) == dt.date(2025, 3, 15)
    changed = dt.date(2024, 9, 27)  # a Friday; the Sunday is worked, then a week is off
    assert find_change_due(ORDER_31.terms, changed) == dt.date(2024, 10, 27)
    assert find_change_due(ORDER_24.terms, changed) == dt.date(2024, 10, 10)
    assert find_change_due(ORDER_24.terms, dt.date(2030, 1, 1)) is None
    assert ORDER_31.terms.has_change_term("noise")
    assert ORDER_24.terms.has_change_term("discharge_permit")
    assert not ORDER_24.terms.has_change_term("noise")


@pytest.fixture(scope="module")
def order_24(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new project under Order 24 with two counties' records, one site whole."""
    project = tmp_path_factory.mktemp("order24") / "p"
    create_project(project, Province("示例省", "990000"), ORDER_24)
    cut = cut_province(project.parent / "cut")
    for path in [*(cut / "tables").iterdir()]:
        shutil.copy(path, project / "datasets/tables")
    shutil.copytree(cut / "photos", project / "datasets/photos")
    return project


def run(project: Path, *arguments: str) -> str:
    done = CliRunner().invoke(main, [*arguments, "--config", str(project / "mkdocs.yml")])
    assert done.exit_code == 0, done.output
    return done.output


def test_a_province_under_order_24_checks_and_builds_in_the_words_of_its_law(
    order_24: Path,
) -> None:
    config = read_config(order_24 / "mkdocs.yml")
    assert config.profile == ORDER_24
    site = first_site(order_24)
    add_rows(
        order_24, "carbon_emission", f"{site},2021,全厂,合计,1200.5,合计,核算指南2021,是,不适用"
    )
    add_rows(order_24, "environmental_tax", f"{site},2021,大气污染物,二氧化硫,1.2,1.2,")
    add_rows(
        order_24, "pollution_insurance", f"BX-1,{site},示例保险公司,500,2021-01-01,2021-12-31,0"
    )
    run(order_24, "check")
    run(order_24, "build", "--out", str(order_24 / "site"))

    def read(route: str) -> str:
        return (order_24 / "site" / route).read_text(encoding="utf-8")

    page = read(f"enterprise/{site}.html")
    assert "1,200.5" in page
    assert "第十二条第（四）项：碳排放信息" in page
    assert "36 张公开表" in page
    for category in ORDER_24.categories:
        assert category.title in page, category
    assert "首次公开期限 = 列入名单次年的 3 月 15 日" in read("supervision/missing.html")
    assert "五个工作日" in read("supervision/late.html")
    annual = read("supervision/annual.html")
    assert "八项信息的公开情况" in annual
    assert "生态环境部令第 24 号" in annual
    assert "第4类 碳排放信息" in read("dictionary/index.html")
    published = json.loads(read("download/datapackage.json"))
    assert {r["name"]: r.get("category") for r in published["resources"]}["carbon_emission"] == 4
    old = "33 张公开表|33 张表(都|中|之一|没有)|共 33 张|× 33"
    for path in sorted((order_24 / "site").rglob("*.html")):
        if path.name != "law.html":
            assert not re.search(old, path.read_text(encoding="utf-8")), path


def first_site(project: Path) -> str:
    rows = (project / "datasets/tables/enterprise_profile.csv").read_text(encoding="utf-8")
    return rows.splitlines()[1].split(",")[0]


def add_rows(project: Path, table: str, row: str) -> None:
    with (project / f"datasets/tables/{table}.csv").open("a", encoding="utf-8") as file:
        file.write(row + "\n")


def load(root: Path, profile: Profile) -> Path:
    """A small valid package as `profile` has it; its own tables have headers alone."""
    write_package(root, VALID_TABLES)
    descriptor = json.loads((root / "datapackage.json").read_text(encoding="utf-8"))
    template = next(r for r in descriptor["resources"] if r["name"] == "noise")
    for resource in profile.own_resources():
        name = resource["name"]
        schema = profile.read_schema(name)
        (root / f"schemas/{name}.json").write_text(json.dumps(schema), encoding="utf-8")
        header = ",".join(field["name"] for field in schema["fields"])
        (root / f"tables/{name}.csv").write_text(header + "\n", encoding="utf-8")
        paths = {"path": f"tables/{name}.csv", "schema": f"schemas/{name}.json"}
        descriptor["resources"].append({**template, **resource, **paths})
    (root / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    return root


def test_the_same_records_are_late_under_one_law_and_in_time_under_the_other(
    tmp_path: Path,
) -> None:
    root = load(tmp_path, ORDER_24)
    path = root / "tables/disclosure_record.csv"
    header = path.read_text(encoding="utf-8").splitlines()[0]
    site = SITE_CODE
    path.write_text(
        f"{header}\n"
        f"GK2016-0000001,{site},discharge_permit,变更公开,2016-04-05,2016-04-13\n"
        f"GK2016-0000002,{site},noise,变更公开,2016-01-05,2016-04-13\n",
        encoding="utf-8",
    )
    found = {}
    for profile in (ORDER_31, ORDER_24):
        report, dataset = check_dataset(read_catalog(root, profile))
        assert dataset is not None, report.issues
        warned = {(i.code, i.row) for i in report.issues if i.code in {"R15", "R21"}}
        late = read_timeliness(dataset, [site], dt.date(2016, 7, 3)).late
        found[profile.name] = warned, [(entry.record_id[-1], entry.days_late) for entry in late]
    assert found["order31-2014"] == ({("R15", 3)}, [("2", 69)])
    assert found["order24-2021"] == ({("R21", 2)}, [("1", 1)])


def test_a_dataset_without_the_tables_of_its_profile_is_told_which_to_add(tmp_path: Path) -> None:
    write_package(tmp_path, VALID_TABLES)
    with pytest.raises(DatasetError) as caught:
        read_catalog(tmp_path, ORDER_24)
    assert "carbon_emission" in str(caught.value)
    assert "huanjing new --profile order24-2021" in str(caught.value)


def test_a_table_that_only_another_law_asks_for_stays_published_and_is_owed_by_nobody(
    tmp_path: Path,
) -> None:
    catalog = read_catalog(load(tmp_path, ORDER_24), ORDER_31)
    assert catalog.table("carbon_emission").group == "supplement"
    assert [table.name for table in catalog.disclosure] == [*ORDER_31.tables]


def test_an_unknown_profile_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    path = tmp_path / "mkdocs.yml"
    path.write_text(settings.replace("    demo:", "    profile: order99\n    demo:"), "utf-8")
    with pytest.raises(ConfigError, match="order31-2014"):
        read_config(path)
    with pytest.raises(ConfigError, match="order24-2021"):
        read_profile("order99")


@pytest.mark.parametrize("chosen", ["option", "settings"])
def test_an_import_writes_the_tables_of_its_profile_too(
    chosen: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    shutil.copytree(ROOT / "datasets/schemas", project / "datasets/schemas")
    shutil.copy(ROOT / "datasets/datapackage.json", project / "datasets")
    monkeypatch.chdir(project)
    if chosen == "settings":
        (project / "site_src").mkdir()
        settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
        settings = re.sub(r"(?m)^( *)(datasets: .*)$", r"\1\2\n\1profile: order24-2021", settings)
        (project / "mkdocs.yml").write_text(settings, encoding="utf-8")
    source = ROOT / "tests/intake/province"
    arguments = ["import", "--mapping", f"{source}/mapping.yml", "--out", "../package"]
    arguments += ["--profile", ORDER_24.name] if chosen == "option" else []
    result = CliRunner().invoke(main, [*arguments, f"{source}/sources"])
    assert result.exit_code == 0, result.output
    report, dataset = check_dataset(read_catalog(tmp_path / "package", ORDER_24))
    assert dataset is not None, report.issues[:3]
    assert {table.name for table in dataset.catalog.disclosure} == set(ORDER_24.tables)


def test_an_import_without_a_profile_writes_what_it_always_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    source = ROOT / "tests/intake/province"
    arguments = ["import", "--mapping", f"{source}/mapping.yml", "--out", "package"]
    result = CliRunner().invoke(main, [*arguments, f"{source}/sources"])
    assert result.exit_code == 0, result.output
    names = [table.name for table in read_catalog(tmp_path / "package").tables]
    assert names == [resource["name"] for resource in DESCRIPTOR["resources"]]
