"""A warm build equals a cold one byte for byte, and does no more than it must."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from small_province import COUNTIES, ROOT, cut_province, read, write

from generator.build import Summary, build_site
from generator.cache import Cache
from generator.config import Config, read_config
from generator.domain.parts import Whole
from generator.mirror.manifest import compare_folder

ALL_TABLES = tuple(sorted(path.stem for path in (ROOT / "datasets/tables").glob("*.csv")))


class Quiet:
    def start(self, title: str) -> None: ...

    def finish(self, title: str, seconds: float) -> None: ...


class Project:
    """A project folder of its own, so that each of its files can be changed."""

    def __init__(self, root: Path, datasets: Path) -> None:
        self.root = root
        shutil.copy(ROOT / "mkdocs.yml", root / "mkdocs.yml")
        shutil.copytree(ROOT / "site_src", root / "site_src")
        shutil.copytree(ROOT / "templates", root / "templates")
        shutil.copytree(datasets, root / "datasets")
        self.site = root / "out" / "site"
        self.site.parent.mkdir()

    @property
    def config(self) -> Config:
        return read_config(self.root / "mkdocs.yml")

    def build(self) -> Summary:
        return build_site(self.config, self.site, Quiet())

    def build_cold(self) -> Path:
        """The same site by a build that knows nothing of an earlier one."""
        cold = self.root / "cold"
        shutil.rmtree(cold, ignore_errors=True)
        cold.mkdir()
        build_site(self.config, cold / "site", Quiet())
        return cold / "site"

    def table(self, name: str) -> Path:
        return self.root / f"datasets/tables/{name}.csv"

    def edit_text(self, path: str, old: str, new: str) -> None:
        file = self.root / path
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")


def hashes(site: Path) -> dict[str, str]:
    manifest = json.loads((site / "manifest.json").read_bytes())
    return {entry["path"]: entry["sha256"] for entry in manifest["files"]}


def assert_equal_to_cold(project: Project) -> None:
    assert compare_folder(project.site).is_same
    assert hashes(project.site) == hashes(project.build_cold())


@pytest.fixture(scope="module")
def one_county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cut_province(tmp_path_factory.mktemp("county") / "datasets", COUNTIES[:1])


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, one_county: Path) -> Project:
    """A project with a finished site; tests change it one after another, as a maintainer does."""
    project = Project(tmp_path_factory.mktemp("project"), one_county)
    project.build()
    return project


POINTERS = {"target_table", "target_key", "table_name"}
"""Text fields that name other records without being keys."""


def change_cell(project: Project, table: str, place: int) -> bool:
    """Change one text, or else one number, in a row of the table; False where it has none."""
    frame = read(project.table(table))
    if frame.is_empty():
        return False
    row = place % frame.height
    schema = json.loads((project.root / f"datasets/schemas/{table}.json").read_bytes())
    keys = {*schema.get("primaryKey", []), *POINTERS}
    keys.update(name for key in schema.get("foreignKeys", []) for name in key["fields"])
    for kind in ("string", "number", "integer"):
        for field in schema["fields"]:
            name, limits = field["name"], field.get("constraints", {})
            cell = frame.item(row, name)
            tied = name in keys or {"enum", "pattern"} & set(limits) or "format" in field
            if field["type"] != kind or tied or cell in {"", "不适用", "不公开"}:
                continue
            if kind == "string":
                changed = ("改" + cell)[: limits.get("maxLength", len(cell) + 1)]
            else:
                changed = cell + "1" if kind == "number" and "." in cell else str(int(cell) + 1)
            if changed != cell:
                column = frame.get_column(name).to_list()
                column[row] = changed
                write(frame.with_columns(pl.Series(name, column)), project.table(table))
                return True
    return False


# Tables in which every field is a key, a choice or a date.
FIXED = {"disclosure_record", "ledger_event"}


def test_a_changed_cell_of_every_table_gives_what_a_cold_build_gives(built: Project) -> None:
    for start in range(3):
        tables = ALL_TABLES[start::3]
        # Rows far apart, so that no page is renewed on account of another table.
        unchanged = {
            table for n, table in enumerate(tables) if not change_cell(built, table, 7 * n)
        }
        assert unchanged <= FIXED
        built.build()
    assert_equal_to_cold(built)


def remove_row(project: Project) -> None:
    path = project.table("noise")
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:-1]), encoding="utf-8")


def add_row(project: Project) -> None:
    path = project.table("noise")
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    cells = lines[-1].split(",")
    path.write_text("".join([*lines, ",".join([cells[0], "N99", *cells[2:]])]), encoding="utf-8")


def reverse_rows(project: Project) -> None:
    path = project.table("hazardous_waste")
    write(read(path).reverse(), path)


def rename_enterprise(project: Project) -> None:
    path = project.table("enterprise_profile")
    frame = read(path)
    names = frame.get_column("ent_name").to_list()
    write(frame.with_columns(pl.Series("ent_name", ["改名有限公司", *names[1:]])), path)


def retitle_column(project: Project) -> None:
    project.edit_text("datasets/schemas/noise.json", '"title": "', '"title": "改')


def retitle_table(project: Project) -> None:
    project.edit_text("datasets/datapackage.json", '"title": "排污许可', '"title": "改排污许可')


def drop_readings(project: Project) -> None:
    path = project.root / "datasets/tables/monitoring.parquet"
    readings = pl.read_parquet(path)
    readings.head(readings.height - 500).write_parquet(path)


def change_page_template(project: Project) -> None:
    project.edit_text("templates/pages/project.html.jinja", "办理记录", "办理经过")


def change_shared_template(project: Project) -> None:
    project.edit_text("templates/macros.html.jinja", "首页", "省首页")


def change_shell(project: Project) -> None:
    project.edit_text("templates/shell/main.html", "</body>", "<!-- changed --></body>")


def change_setting(project: Project) -> None:
    project.edit_text("mkdocs.yml", "demo: true", "demo: false")


def change_floor(project: Project) -> None:
    project.edit_text("mkdocs.yml", "disclosure_floor: 90", "disclosure_floor: 50")


def change_hand_written_page(project: Project) -> None:
    path = sorted((project.root / "site_src").glob("*.md"))[0]
    path.write_text(path.read_text(encoding="utf-8") + "\n补充一句。\n", encoding="utf-8")


def change_style(project: Project) -> None:
    path = project.root / "templates/assets/css/10-base.css"
    path.write_text(path.read_text(encoding="utf-8") + "\n.changed{top:0}\n", encoding="utf-8")


def swap_pictures(project: Project) -> None:
    shown = sorted((project.site / "photos").rglob("*.png"))[:2]
    first, second = (project.root / "datasets" / path.relative_to(project.site) for path in shown)
    one, other = first.read_bytes(), second.read_bytes()
    first.write_bytes(other)
    second.write_bytes(one)


@pytest.mark.parametrize(
    "change",
    [
        remove_row, add_row, reverse_rows, rename_enterprise, retitle_column, retitle_table,
        drop_readings, change_page_template, change_shared_template, change_shell, change_setting,
        change_floor, change_hand_written_page, change_style, swap_pictures,
    ],
)  # fmt: skip
def test_a_change_of_any_input_gives_what_a_cold_build_gives(
    built: Project, change: Callable[[Project], None]
) -> None:
    before = hashes(built.site)
    change(built)
    built.build()
    assert hashes(built.site) != before
    assert_equal_to_cold(built)


def test_without_a_change_nothing_is_written(built: Project) -> None:
    built.build()
    before = {path: path.stat().st_ino for path in built.site.rglob("*")}
    summary = built.build()
    assert {path: path.stat().st_ino for path in built.site.rglob("*")} == before
    assert summary.kept_files == summary.files
    assert list(summary.seconds) == ["核对输入"]


def test_a_stage_change_touches_few_files(built: Project) -> None:
    built.build()
    before, standing = hashes(built.site), inodes(built.site)
    path = built.table("illegal_project")
    frame = read(path)
    owners = frame.get_column("lead_agency").to_list()
    write(frame.with_columns(pl.Series("lead_agency", ["新的牵头单位", *owners[1:]])), path)
    built.build()
    after = hashes(built.site)
    changed = {route for route in after if before.get(route) != after[route]}
    assert 2 <= len(changed) <= 20
    rewritten = {r for r, inode in inodes(built.site).items() if standing.get(r) != inode}
    assert rewritten <= changed | {"manifest.json"}


def inodes(site: Path) -> dict[str, int]:
    return {
        path.relative_to(site).as_posix(): path.stat().st_ino
        for path in site.rglob("*")
        if path.is_file()
    }


def test_a_changed_template_renders_its_own_kind_of_page_only(built: Project) -> None:
    built.build()
    standing = inodes(built.site)
    built.edit_text("templates/pages/duty.html.jinja", "<h1>", '<h1 class="changed">')
    built.build()
    rewritten = {r for r, inode in inodes(built.site).items() if standing.get(r) != inode}
    assert rewritten - {"manifest.json"} == {
        route for route in standing if route.startswith("duty/") and route != "duty/index.html"
    }


@pytest.mark.parametrize("damage", ["cut", "swap", "flip", "empty"])
def test_a_damaged_cache_entry_counts_as_absent(built: Project, damage: str) -> None:
    built.build()
    entries = sorted((built.site.parent / ".site-cache").glob("*/*"))
    assert len(entries) > 100
    contents = [path.read_bytes() for path in entries]
    for n, path in enumerate(entries):
        content = contents[n]
        if damage == "cut":
            path.write_bytes(content[: len(content) // 2])
        elif damage == "swap":
            path.write_bytes(contents[n - 1])
        elif damage == "flip":
            path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        else:
            path.write_bytes(b"")
    change_style(built)
    built.build()
    assert_equal_to_cold(built)


def test_entries_of_an_older_build_do_no_harm(built: Project, tmp_path: Path) -> None:
    built.build()
    cache = built.site.parent / ".site-cache"
    shutil.copytree(cache, tmp_path / "older")
    assert change_cell(built, "illegal_project", 5)
    assert change_cell(built, "noise", 5)
    built.build()
    shutil.copytree(tmp_path / "older", cache, dirs_exist_ok=True)
    assert change_cell(built, "exposure_case", 5)
    built.build()
    assert_equal_to_cold(built)


def test_a_changed_row_reads_no_table_that_its_pages_do_not_show(
    built: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    built.build()
    made: list[str] = []
    make = Whole.make

    def note(whole: Whole, name: str, work: Callable[[], object]) -> object:
        made.append(name)
        return make(whole, name, work)

    monkeypatch.setattr(Whole, "make", note)
    assert change_cell(built, "enterprise_contact", 2)
    built.build()
    assert not {"frames", "figures", "supervision", "owners", "registers"} & set(made)


def test_a_page_that_somebody_edited_is_written_anew(built: Project) -> None:
    built.build()
    page = built.site / "index.html"
    sound = page.read_bytes()
    page.write_bytes(sound.replace(b"<h1>", b"<h2>"))
    (built.site / "extra.html").write_bytes(b"left behind")
    built.build()
    assert page.read_bytes() == sound
    assert compare_folder(built.site).is_same


def test_another_program_takes_nothing_over() -> None:
    assert Cache(None, "one").key("page", 1) != Cache(None, "other").key("page", 1)


def test_cached_bytes_come_back_only_under_their_own_key(tmp_path: Path) -> None:
    cache = Cache(tmp_path, "program")
    cache.save(cache.key("a"), b"content of a")
    assert Cache(tmp_path, "program").load(cache.key("a")) == b"content of a"
    assert Cache(tmp_path, "program").load(cache.key("b")) is None
    later = Cache(tmp_path, "program")
    later.save(later.key("b"), b"content of b")
    later.prune()
    assert later.load(later.key("a")) is None
    assert later.load(later.key("b")) == b"content of b"


@pytest.mark.parametrize("moment", [1.0, 1.8, 2.6, 3.4])
def test_a_killed_build_leaves_a_whole_site(built: Project, moment: float) -> None:
    built.build()
    before = hashes(built.site)
    change_cell(built, "enterprise_contact", 3)
    program = (
        "import sys; from pathlib import Path; from generator.build import build_site; "
        "from generator.config import read_config; from test_incremental import Quiet; "
        "build_site(read_config(Path(sys.argv[1])), Path(sys.argv[2]), Quiet())"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    build = subprocess.Popen(
        [sys.executable, "-c", program, str(built.root / "mkdocs.yml"), str(built.site)],
        env=environment,
    )
    try:
        build.wait(moment)
    except subprocess.TimeoutExpired:
        build.send_signal(signal.SIGKILL)
    build.wait()
    standing = built.site if built.site.is_dir() else built.site.parent / ".site-previous"
    assert compare_folder(standing).is_same
    if build.returncode:
        assert hashes(standing) == before or standing == built.site
    built.build()
    assert_equal_to_cold(built)
