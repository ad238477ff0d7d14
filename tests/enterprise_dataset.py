"""Datasets in memory for tests of sites: the real catalog, the given rows, other tables empty."""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import polars as pl
from package_factory import DATASETS, DIVISIONS, INDUSTRIES, POLLUTANTS

from generator.data.catalog import Catalog, read_catalog
from generator.data.load import Dataset, type_table

AS_OF = dt.date(2016, 7, 3)
SITE = "91990102MA0000001X001P"
SISTER = "91990102MA0000001X002Q"
OTHER = "91990102MA0000002X001P"


def make_profile(site_code: str = SITE, **cells: str) -> dict[str, str]:
    """A row of `enterprise_profile`; `cells` replace its own."""
    row = {
        "site_code": site_code,
        "uscc": site_code[:18],
        "ent_name": "临川恒诚化工有限公司",
        "legal_rep": "方示例",
        "division_code": "990102",
        "address": "江北区青石镇工业路1号",
        "longitude": "113.1",
        "latitude": "34.5",
        "industry_code": "C2614",
        "ent_scale": "中型",
        "key_class": "水、大气",
        "start_date": "2009-05-01",
        "operating_status": "在产",
    }
    return row | cells


def make_record(number: int, table: str, kind: str, day: str, site: str = SITE) -> dict[str, str]:
    """A row of `disclosure_record`."""
    return {
        "record_id": f"GK2016-{number:07d}",
        "site_code": site,
        "table_name": table,
        "change_type": kind,
        "occurred_date": day,
        "disclosed_date": day,
    }


def make_project(number: int, **cells: str) -> dict[str, str]:
    """A row of `illegal_project`, open and due on 2016-07-02."""
    row = {
        "ledger_no": f"990102-Z-{number:05d}",
        "division_code": "990102",
        "project_name": f"示例项目{number}",
        "owner_name": "临川恒诚化工有限公司",
        "violation_type": "未批先建",
        "stage": "整改",
        "deadline": "2016-07-02",
    }
    return row | cells


def make_duty(number: str, **cells: str) -> dict[str, str]:
    """A row of `responsibility`: a province-wide duty in force."""
    row = {
        "duty_no": number,
        "body_name": f"主体{number[:3]}",
        "body_kind": "政府部门",
        "part": "政府部门及直属单位",
        "division_code": "990000",
        "duty_role": "监管",
        "legal_basis": f"依据{number}",
        "valid_from": "2016-01-01",
    }
    return row | cells


@cache
def read_real_catalog() -> Catalog:
    """The catalog of `datasets/`; reading it takes longer than a whole test."""
    return read_catalog(DATASETS)


def make_dataset(tables: Mapping[str, Sequence[Mapping[str, str]]]) -> Dataset:
    """The dataset with these rows, and the divisions, industries and pollutants of the factory."""
    catalog = read_real_catalog()
    rows = {"division": DIVISIONS, "industry": INDUSTRIES, "pollutant": POLLUTANTS} | dict(tables)
    loaded = {}
    for table in catalog.tables:
        if table.group == "monitoring":
            continue
        given = rows.pop(table.name, ())
        for row in given:
            assert set(row) <= set(table.field_names), (table.name, row)
        columns = {name: [row.get(name, "") for row in given] for name in table.field_names}
        text = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
        loaded[table.name] = type_table(table, text)
    assert not rows, f"no such tables: {list(rows)}"
    return Dataset(catalog, loaded)


def make_reading(
    when: dt.datetime,
    measured: float | None,
    converted: float | None = None,
    *,
    site: str = SITE,
    outlet: str = "DW001",
    pollutant: str = "w01018",
    limit: float = 100.0,
    status: str = "正常",
) -> dict[str, object]:
    """A row of `monitoring`."""
    return {
        "site_code": site,
        "outlet_code": outlet,
        "pollutant_code": pollutant,
        "reading_time": when,
        "measured": measured,
        "converted": converted,
        "limit_value": limit,
        "status": status,
    }


TEMPLATES = Path(__file__).parent.parent / "templates"
