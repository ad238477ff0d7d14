"""The written package: valid, the same bytes each time, whole or not at all."""

import json
from pathlib import Path

import polars as pl
import pytest
from intake_cases import DATASETS, FIXTURES, map_sites, write_case

from generator.data.catalog import read_catalog
from generator.data.check import check_dataset
from generator.data.intake import package, run_import
from generator.errors import OutputError

SITE_ROWS = "编码,名称\nA1,清源化工有限公司\n"
PROVINCE = FIXTURES / "province"


def read_tree(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by relative path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_package_passes_the_check_and_has_every_table(tmp_path: Path) -> None:
    out = tmp_path / "out"
    run_import(PROVINCE / "mapping.yml", [PROVINCE / "sources"], out, DATASETS)
    report, dataset = check_dataset(read_catalog(out))
    assert [issue for issue in report.issues if issue.severity == "error"] == []
    assert dataset is not None
    canonical = read_catalog(DATASETS)
    for table in canonical.tables:
        path = out / table.relative_path
        if table.format == "csv":
            header = path.read_text(encoding="utf-8").splitlines()[0]
            assert header == ",".join(table.field_names)
        else:
            frame = pl.read_parquet(path)
            assert (frame.height, tuple(frame.columns)) == (0, table.field_names)


def test_relaxed_fields_carry_their_reason_and_others_stay_strict(tmp_path: Path) -> None:
    out = tmp_path / "out"
    run_import(PROVINCE / "mapping.yml", [PROVINCE / "sources"], out, DATASETS)
    schema = json.loads((out / "schemas" / "wastewater_outlet.json").read_text(encoding="utf-8"))
    fields = {field["name"]: field for field in schema["fields"]}
    assert fields["standard_code"]["relaxed"] == "来源没有标准的限值"
    assert "required" not in fields["standard_code"]["constraints"]
    assert fields["outlet_code"]["constraints"] == {
        "required": True,
        "pattern": "(?:DW[0-9]{3}|WS[0-9]{3})",
    }
    assert "relaxed" not in fields["outlet_name"]
    assert fields["outlet_name"]["constraints"]["required"] is True
    assert [key["fields"] for key in schema["foreignKeys"]] == [["site_code"]]
    for name in ("noise", "bulletin", "wastewater_facility"):
        path = f"schemas/{name}.json"
        assert json.loads((out / path).read_text(encoding="utf-8")) == json.loads(
            (DATASETS / path).read_text(encoding="utf-8")
        )


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        run_import(PROVINCE / "mapping.yml", [PROVINCE / "sources"], tmp_path / name, DATASETS)
    assert read_tree(tmp_path / "one") == read_tree(tmp_path / "two")


def test_an_earlier_import_is_replaced_whole(tmp_path: Path) -> None:
    case = write_case(tmp_path, map_sites(), {"sites.csv": SITE_ROWS})
    case.run()
    (case.out / "stale.txt").write_text("旧", encoding="utf-8")
    (case.folder / "sites.csv").write_text("编码,名称\nA2,远山印染有限公司\n", encoding="utf-8")
    case.run()
    assert not (case.out / "stale.txt").exists()
    assert [row["site_code"] for row in case.read_table("enterprise_profile")] == ["L990102-A2"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mapping.yml", "out", "sources"]


def test_a_folder_with_other_content_is_refused_and_left_alone(tmp_path: Path) -> None:
    case = write_case(tmp_path, map_sites(), {"sites.csv": SITE_ROWS})
    case.out.mkdir()
    (case.out / "import-report.json").write_text("{}", encoding="utf-8")
    before = read_tree(tmp_path)
    with pytest.raises(OutputError, match="不是以前导入的结果"):
        case.run()
    assert read_tree(tmp_path) == before
    (case.out / "import-report.json").unlink()
    case.run()
    case.out.rename(tmp_path / "kept")
    case.out.write_text("文件", encoding="utf-8")
    with pytest.raises(OutputError, match="是一个文件"):
        case.run()


def test_a_failure_while_writing_leaves_the_earlier_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = write_case(tmp_path, map_sites(), {"sites.csv": SITE_ROWS})
    case.run()
    before = read_tree(tmp_path)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(package, "_write_empty_parquet", fail)
    with pytest.raises(OutputError, match="原有内容没有动"):
        case.run()
    assert read_tree(tmp_path) == before


def test_a_failure_while_swapping_puts_the_earlier_import_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = write_case(tmp_path, map_sites(), {"sites.csv": SITE_ROWS})
    case.run()
    before = read_tree(tmp_path)
    rename = Path.rename

    def fail_onto_out(self: Path, target: Path) -> Path:
        if Path(target) == case.out and not self.name.endswith("-old"):
            raise OSError(13, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_onto_out)
    with pytest.raises(OutputError, match="原有内容没有动"):
        case.run()
    monkeypatch.undo()
    assert read_tree(tmp_path) == before
