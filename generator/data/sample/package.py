"""Writes the whole sample: a Data Package of the fictional province.

The parts run in one fixed order, since later ones point at rows of earlier ones: province,
register, ledger, exposed cases, then bulletins and everything else. Big tables are streamed.
Files of an earlier sample in the same folder are overwritten; its leftover pictures are removed.
"""

import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.data.sample.assessment import (
    correction_rows,
    district_target_rows,
    mirror_rows,
)
from generator.data.sample.bulletins import bulletin_rows
from generator.data.sample.copies import multiply_entities
from generator.data.sample.disclosure import write_disclosure
from generator.data.sample.exposure import (
    CasePlan,
    case_rows,
    plan_cases,
    plan_project_cases,
)
from generator.data.sample.ledger import Project, event_rows, make_ledger, project_rows
from generator.data.sample.monitoring import write_monitoring
from generator.data.sample.pictures import draw_scene
from generator.data.sample.province import Province, division_rows, make_province
from generator.data.sample.reference import INDUSTRIES, POLLUTANTS, STANDARD_LIMITS
from generator.data.sample.register import Enterprise, make_register
from generator.data.sample.responsibilities import duty_adoption_rows, responsibility_rows
from generator.data.sample.write import write_table
from generator.errors import DatasetError

_DESCRIPTOR = "datapackage.json"


@dataclass(frozen=True, slots=True)
class SampleSummary:
    """What was written: rows of each table in the package's order, and pictures."""

    rows: dict[str, int]
    pictures: int


@dataclass(frozen=True, slots=True)
class SamplePlan:
    """Everything of the sample that does not depend on the scale, held in memory."""

    province: Province
    enterprises: tuple[Enterprise, ...]
    projects: tuple[Project, ...]
    cases: tuple[CasePlan, ...]


def write_sample(
    out: Path, *, scale: float, seed: int, schemas: Path, entities: int = 1
) -> SampleSummary:
    """Write descriptor, schemas, all tables and the case pictures of the sample.

    Args:
        out: The dataset folder; made if missing.
        scale: 1.0 is 500,000 rows in the 33 tables and 5,000,000 readings; the register, the
            ledger, cases, bulletins and responsibilities are whole at every scale.
        seed: Same seed, same bytes.
        schemas: A dataset folder: ``datapackage.json`` with ``schemas/`` beside it.
        entities: How many times the sites and projects are there, to see how a build grows.

    Raises:
        DatasetError: ``out`` has files but is no dataset folder, or ``schemas`` is none.

    """
    _refuse_foreign_folder(out)
    _copy_descriptor(schemas, out)
    plan = plan_sample(seed)
    rows = write_public_tables(out, plan, seed=seed, schemas=schemas)
    rows |= write_disclosure(
        out,
        plan.province,
        plan.enterprises,
        plan.cases,
        scale=scale,
        seed=seed,
        schemas=schemas / "schemas",
    )
    rows["monitoring"] = write_monitoring(out, plan.enterprises, scale=scale, seed=seed)
    if entities > 1:
        rows |= multiply_entities(out / "tables", entities)
    pictures = write_pictures(out, plan.cases)
    names = _read_table_names(schemas)
    return SampleSummary({name: rows[name] for name in names}, pictures)


def plan_sample(seed: int) -> SamplePlan:
    """Province, register, ledger and cases of a seed."""
    province = make_province(seed)
    enterprises = make_register(province, seed)
    projects = make_ledger(province, enterprises, seed)
    cases = plan_cases(province, enterprises, seed) + plan_project_cases(projects, seed)
    return SamplePlan(
        province,
        tuple(enterprises),
        tuple(projects),
        tuple(sorted(cases, key=lambda case: case.case_no)),
    )


def write_public_tables(out: Path, plan: SamplePlan, *, seed: int, schemas: Path) -> dict[str, int]:
    """Write the supplementary tables and tell how many rows each has.

    Raises:
        DatasetError: A schema is missing or unreadable.

    """
    tables: dict[str, Iterable[Sequence[object]]] = {
        "division": division_rows(plan.province),
        "industry": INDUSTRIES,
        "pollutant": POLLUTANTS,
        "standard_limit": STANDARD_LIMITS,
        "illegal_project": project_rows(plan.projects),
        "ledger_event": event_rows(plan.projects),
        "exposure_case": case_rows(plan.cases),
        "bulletin": bulletin_rows(plan.province, plan.cases, seed),
        "district_target": district_target_rows(plan.province, plan.enterprises, plan.projects),
        "responsibility": responsibility_rows(),
        "mirror": mirror_rows(plan.province),
        "correction": correction_rows(plan.enterprises, plan.projects, plan.cases, seed),
        "duty_adoption": duty_adoption_rows(plan.province),
    }
    return {
        name: write_table(out, _read_fields(schemas, name), name, rows)
        for name, rows in tables.items()
    }


def write_pictures(out: Path, cases: Sequence[CasePlan]) -> int:
    """Draw the pictures of the cases, remove those of an earlier sample, and count them."""
    folder = out / "photos"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {case.photo_ref: case for case in cases if case.photo_ref is not None}
    for path in sorted(folder.glob("bg*.png")):
        if f"photos/{path.name}" not in wanted:
            path.unlink()
    for ref, case in wanted.items():
        (out / ref).write_bytes(draw_scene(case.scene, case.case_no))
    return len(wanted)


def _refuse_foreign_folder(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise DatasetError(f"{out} 不是文件夹。请用 --out 换一个位置。")
    if out.is_dir() and any(out.iterdir()) and not (out / _DESCRIPTOR).is_file():
        raise DatasetError(
            f"{out} 里有别的文件，又没有 {_DESCRIPTOR}，不是数据集文件夹，未写入任何内容。"
            "请用 --out 指定空文件夹或已有的数据集文件夹。"
        )


def _copy_descriptor(schemas: Path, out: Path) -> None:
    descriptor = schemas / _DESCRIPTOR
    if not descriptor.is_file() or not (schemas / "schemas").is_dir():
        raise DatasetError(f"{schemas} 里没有 {_DESCRIPTOR} 和 schemas/ 文件夹，无法生成演示数据。")
    out.mkdir(parents=True, exist_ok=True)
    if out.resolve() == schemas.resolve():
        return
    (out / "schemas").mkdir(exist_ok=True)
    shutil.copyfile(descriptor, out / _DESCRIPTOR)
    for path in sorted((schemas / "schemas").glob("*.json")):
        shutil.copyfile(path, out / "schemas" / path.name)


def _read_table_names(schemas: Path) -> list[str]:
    descriptor = json.loads((schemas / _DESCRIPTOR).read_text(encoding="utf-8"))
    return [str(resource["name"]) for resource in descriptor["resources"]]


def _read_fields(schemas: Path, table: str) -> list[str]:
    path = schemas / "schemas" / f"{table}.json"
    try:
        schema = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise DatasetError(f"{path}：无法读取表结构（{fault}）。请恢复这个文件。") from fault
    return [str(field["name"]) for field in schema["fields"]]
